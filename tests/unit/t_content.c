/*
 * t_content -- the content frame and the digests that bind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/content.h"
#include "wire/frame.h"
#include "wire/pb.h"

#define N 3

/* Three parts, sealed once for two keys, and what a statement says of them. */
struct fixture {
	struct arena *a;
	struct seal_key keys[2];
	struct seal_made made[N];
	struct content_piece pieces[N];
	Keten__V1__Part part[N];
	Keten__V1__Part *parts[N];
	char *wrapped_for[2];
	struct slice frame;
	size_t mark;
};

static void
seal_one(struct fixture *f, size_t i)
{
	static const Keten__V1__PartKind kind[N] = {
		KETEN__V1__PART_KIND__NOTE, KETEN__V1__PART_KIND__PERSON,
		KETEN__V1__PART_KIND__TEXT };
	const struct seal_public to[2] = { f->keys[0].pub, f->keys[1].pub };
	struct content_piece *p = &f->pieces[i];

	assert_int_equal(seal_make(slice_str("gordijnen dicht"),
	    slice_str("keten1|o|lwdb|ref|note|00"), to, 2, &f->made[i]),
	    ERR_OK);
	assert_int_equal(content_pack_sealed(f->a, &f->made[i].sealed,
	    &p->bytes, p->sha256), ERR_OK);
	p->part = (uint32_t)i;
	p->kind = kind[i];
	p->sealed = f->made[i].sealed;
	p->n_wraps = f->made[i].n_wraps;
	p->wraps = f->made[i].wraps;

	keten__v1__part__init(f->parts[i] = &f->part[i]);
	f->part[i].kind = p->kind;
	f->part[i].sha256 = pb_of(p->sha256, 32);
	f->part[i].length = (uint32_t)p->sealed.ciphertext.len;
	f->part[i].n_wrapped_for = 2;
	f->part[i].wrapped_for = f->wrapped_for;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->a = arena_new(4 << 20);
	assert_non_null(f->a);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(seal_key_new(&f->keys[i]), ERR_OK);
	for (size_t i = 0; i < N; i++)
		seal_one(f, i);
	for (size_t i = 0; i < 2; i++)
		f->wrapped_for[i] = f->made[0].wraps[i].key_id;
	assert_int_equal(content_pack(f->a, f->pieces, N, &f->frame), ERR_OK);
	f->mark = arena_used(f->a);
	*state = f;
	return (0);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N; i++)
		seal_made_fini(&f->made[i]);
	arena_free(f->a);
	free(f);
	return (0);
}

static enum err
parse(struct fixture *f, struct slice frame, struct content *c)
{
	const char *rule = NULL;
	enum err err;

	arena_rewind(f->a, f->mark);
	err = content_parse(f->a, frame, c, &rule);
	assert_true((rule != NULL) == (err != ERR_OK));
	return (err);
}

static enum err
check(struct fixture *f)
{
	struct content c;
	const char *rule = NULL;
	enum err err;

	assert_int_equal(parse(f, f->frame, &c), ERR_OK);
	err = content_check(&c, f->parts, N, &rule);
	assert_true((rule != NULL) == (err != ERR_OK));
	return (err);
}

static void
test_what_is_packed_is_read_back_and_opens(void **state)
{
	struct fixture *f = *state;
	struct content c;

	assert_int_equal(parse(f, f->frame, &c), ERR_OK);
	assert_int_equal(c.n, N);
	for (size_t i = 0; i < N; i++) {
		const struct content_piece *p = &c.pieces[i];
		struct seal_opened o;

		assert_true(slice_eq(p->bytes, f->pieces[i].bytes));
		assert_memory_equal(p->sha256, f->pieces[i].sha256, 32);
		assert_int_equal(p->n_wraps, 2);
		assert_int_equal(seal_open(&p->sealed,
		    content_wrap_for(p, f->wrapped_for[1]), &f->keys[1],
		    p->sealed.aad, &o), ERR_OK);
		assert_true(slice_eq(o.body, slice_str("gordijnen dicht")));
		assert_memory_equal(o.plain_commit, f->made[i].plain_commit,
		    32);
		seal_opened_fini(&o);
	}
	assert_null(content_wrap_for(&c.pieces[0], "0000000000000000"));
	assert_int_equal(check(f), ERR_OK);
}

static void
test_content_that_is_not_what_was_signed_is_refused(void **state)
{
	struct fixture *f = *state;
	Keten__V1__Part was = f->part[1];
	Keten__V1__Part *swap = f->parts[0];

	f->part[1].sha256 = pb_of(f->pieces[2].sha256, 32);
	assert_int_equal(check(f), ERR_DIGEST);
	f->part[1] = was;
	f->part[1].sha256.len = 0;
	assert_int_equal(check(f), ERR_DIGEST);
	f->part[1] = was;
	f->part[1].kind = KETEN__V1__PART_KIND__NOTE;
	assert_int_equal(check(f), ERR_DIGEST);
	f->part[1] = was;
	f->part[1].length = 15360;
	assert_int_equal(check(f), ERR_DIGEST);
	f->part[1] = was;
	f->parts[0] = f->parts[2];
	f->parts[2] = swap;
	assert_int_equal(check(f), ERR_DIGEST);
}

static void
test_wraps_for_others_than_signed_are_refused(void **state)
{
	struct fixture *f = *state;
	char *was = f->wrapped_for[0];

	f->wrapped_for[0] = f->wrapped_for[1];
	f->wrapped_for[1] = was;
	assert_int_equal(check(f), ERR_DIGEST);
	f->wrapped_for[1] = f->wrapped_for[0];
	f->wrapped_for[0] = was;
	assert_int_equal(check(f), ERR_OK);
	f->part[0].n_wrapped_for = 1;
	assert_int_equal(check(f), ERR_DIGEST);
}

static void
test_too_few_and_too_many_pieces_are_refused(void **state)
{
	struct fixture *f = *state;
	struct content c, none = { 0 };

	assert_int_equal(parse(f, f->frame, &c), ERR_OK);
	assert_int_equal(content_check(&c, f->parts, N - 1, NULL), ERR_DIGEST);
	assert_int_equal(content_check(&c, f->parts, 0, NULL), ERR_DIGEST);
	c.n--;
	assert_int_equal(content_check(&c, f->parts, N, NULL), ERR_DIGEST);
	assert_int_equal(content_check(&none, f->parts, N, NULL), ERR_DIGEST);
	assert_int_equal(content_check(&none, NULL, 0, NULL), ERR_OK);
}

static void
test_pieces_out_of_order_or_old_are_refused(void **state)
{
	struct fixture *f = *state;

	f->pieces[1].part = 2;
	assert_int_equal(content_pack(f->a, f->pieces, N, &f->frame), ERR_OK);
	f->mark = arena_used(f->a);
	assert_int_equal(check(f), ERR_DIGEST);
	f->pieces[1].part = 1;
	f->pieces[1].index = 7;
	assert_int_equal(content_pack(f->a, f->pieces, N, &f->frame), ERR_OK);
	f->mark = arena_used(f->a);
	assert_int_equal(check(f), ERR_DIGEST);
}

static void
test_every_truncated_prefix_is_refused(void **state)
{
	struct fixture *f = *state;
	size_t ends[N] = { 0 }, at = 0;
	Keten__V1__Content *m;

	/* A prefix that ends where a piece ends is a frame of fewer pieces. */
	assert_int_equal(pb_unpack(f->a, &keten__v1__content__descriptor,
	    f->frame, &prescan_content, &m), ERR_OK);
	for (size_t i = 0; i < N; i++)
		ends[i] = at += 3 + protobuf_c_message_get_packed_size(
		    &m->pieces[i]->base);
	assert_int_equal(at, f->frame.len);
	for (size_t n = 0; n < f->frame.len; n++) {
		struct content c;
		const enum err err = parse(f, slice_of(f->frame.p, n), &c);

		if (n == ends[0] || n == ends[1]) {
			assert_int_equal(err, ERR_OK);
			assert_int_equal(content_check(&c, f->parts, N, NULL),
			    ERR_DIGEST);
		} else
			assert_int_equal(err, ERR_MALFORMED);
	}
}

static void
test_no_flipped_bit_passes(void **state)
{
	struct fixture *f = *state;
	uint8_t *p = malloc(f->frame.len);

	/* Every bit of one piece would be 30,000; every seventh will do. */
	assert_non_null(p);
	for (size_t bit = 0; bit < 8 * f->frame.len; bit += 7) {
		struct content c;

		memcpy(p, f->frame.p, f->frame.len);
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (parse(f, slice_of(p, f->frame.len), &c) != ERR_OK)
			continue;
		/* Only a wrap's key material is not bound by a digest. */
		if (content_check(&c, f->parts, N, NULL) == ERR_OK) {
			bool differs = false;

			for (size_t i = 0; i < N; i++)
				differs |= memcmp(c.pieces[i].wraps,
				    f->pieces[i].wraps,
				    2 * sizeof(struct seal_wrap)) != 0;
			assert_true(differs);
		}
	}
	free(p);
}

static void
test_parts_of_another_shape_are_refused(void **state)
{
	struct fixture *f = *state;
	struct sealed s = f->made[0].sealed, out;
	uint8_t hash[32];
	struct slice bytes;

	s.protected = slice_str("{\"enc\":\"A256GCM\",\"zip\":\"DEF\"}");
	assert_int_equal(content_pack_sealed(f->a, &s, &bytes, hash), ERR_OK);
	assert_int_equal(content_parse_sealed(f->a, bytes, &out, NULL),
	    ERR_MALFORMED);
	s = f->made[0].sealed;
	s.ciphertext.len--;
	assert_int_equal(content_pack_sealed(f->a, &s, &bytes, hash), ERR_OK);
	assert_int_equal(content_parse_sealed(f->a, bytes, &out, NULL),
	    ERR_MALFORMED);
	assert_int_equal(content_parse_sealed(f->a, f->pieces[0].bytes, &out,
	    NULL), ERR_OK);
}

static void
test_wraps_of_another_shape_are_refused(void **state)
{
	struct fixture *f = *state;
	struct seal_wrap w[2] = { f->made[0].wraps[0], f->made[0].wraps[1] };
	struct content c;
	struct slice frame;

	f->pieces[0].wraps = w;
	w[0].key_id[3] = 'G';
	assert_int_equal(content_pack(f->a, f->pieces, 1, &frame), ERR_OK);
	f->mark = arena_used(f->a);
	assert_int_equal(parse(f, frame, &c), ERR_MALFORMED);
	w[0] = w[1];			/* one key twice */
	assert_int_equal(content_pack(f->a, f->pieces, 1, &frame), ERR_OK);
	f->mark = arena_used(f->a);
	assert_int_equal(parse(f, frame, &c), ERR_MALFORMED);
}

static void
test_what_does_not_fit_is_not_packed(void **state)
{
	struct fixture *f = *state;
	static uint8_t big[FRAME_PARTS_MAX];
	struct content_piece p[CONTENT_PIECES_MAX + 1];
	struct slice out;

	for (size_t i = 0; i <= CONTENT_PIECES_MAX; i++)
		p[i] = f->pieces[0];
	assert_int_equal(content_pack(f->a, p, CONTENT_PIECES_MAX + 1, &out),
	    ERR_TOO_BIG);
	p[0].bytes = slice_of(big, sizeof(big));
	assert_int_equal(content_pack(f->a, p, 1, &out), ERR_OK);
	assert_int_equal(content_pack(f->a, p, 2, &out), ERR_TOO_BIG);
	p[0].n_wraps = SEAL_WRAPS_MAX + 1;
	assert_int_equal(content_pack(f->a, p, 1, &out), ERR_TOO_BIG);
}

static void
test_a_rewrap_brings_one_wrap_for_each_part_it_names(void **state)
{
	struct fixture *f = *state;
	struct content_piece p = { .index = 12, .part = 1, .n_wraps = 1,
		.wraps = f->made[1].wraps };
	Keten__V1__RewrapPart part, *parts[2] = { &part, &part };
	Keten__V1__Rewrap r;
	struct content c;
	struct slice frame;

	keten__v1__rewrap__init(&r);
	keten__v1__rewrap_part__init(&part);
	part.index = 12;
	part.part = 1;
	r.parts = parts;
	r.n_parts = 1;
	r.key_id = f->wrapped_for[0];
	assert_int_equal(content_pack(f->a, &p, 1, &frame), ERR_OK);
	f->mark = arena_used(f->a);
	assert_int_equal(parse(f, frame, &c), ERR_OK);
	assert_int_equal(c.pieces[0].bytes.len, 0);
	assert_int_equal(content_check_rewrap(&c, &r, NULL), ERR_OK);
	r.key_id = f->wrapped_for[1];
	assert_int_equal(content_check_rewrap(&c, &r, NULL), ERR_DIGEST);
	r.key_id = f->wrapped_for[0];
	part.part = 0;
	assert_int_equal(content_check_rewrap(&c, &r, NULL), ERR_DIGEST);
	part.part = 1;
	r.n_parts = 2;
	assert_int_equal(content_check_rewrap(&c, &r, NULL), ERR_DIGEST);
	/* And it is no content of a command. */
	assert_int_equal(content_check(&c, f->parts, 1, NULL), ERR_DIGEST);
}

static void
test_a_piece_with_nothing_in_it_is_refused(void **state)
{
	struct fixture *f = *state;
	struct content_piece p = { .part = 0 };
	struct content c;
	struct slice frame;

	assert_int_equal(content_pack(f->a, &p, 1, &frame), ERR_OK);
	f->mark = arena_used(f->a);
	assert_int_equal(parse(f, frame, &c), ERR_MALFORMED);
	assert_int_equal(parse(f, slice_of(NULL, 0), &c), ERR_MALFORMED);
	p = f->pieces[0];
	p.kind = 0;
	assert_int_equal(content_pack(f->a, &p, 1, &frame), ERR_OK);
	f->mark = arena_used(f->a);
	assert_int_equal(parse(f, frame, &c), ERR_MALFORMED);
}

static void
test_each_failing_allocation_is_a_clean_error(void **state)
{
	struct fixture *f = *state;
	struct content c = { .n = 99 };
	struct slice out;
	enum err err = ERR_NOMEM;

	for (size_t n = 1; err != ERR_OK; n++) {
		arena_fail_at(f->a, n);
		err = content_pack(f->a, f->pieces, N, &out);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
	}
	err = ERR_NOMEM;
	for (size_t n = 1; err != ERR_OK; n++) {
		arena_rewind(f->a, f->mark);
		arena_fail_at(f->a, n);
		err = content_parse(f->a, f->frame, &c, NULL);
		assert_true(err == ERR_OK || (err == ERR_NOMEM && c.n == 99));
	}
	arena_fail_at(f->a, 0);
	assert_int_equal(c.n, N);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_packed_is_read_back_and_opens),
		T(content_that_is_not_what_was_signed_is_refused),
		T(wraps_for_others_than_signed_are_refused),
		T(too_few_and_too_many_pieces_are_refused),
		T(pieces_out_of_order_or_old_are_refused),
		T(every_truncated_prefix_is_refused),
		T(no_flipped_bit_passes),
		T(parts_of_another_shape_are_refused),
		T(wraps_of_another_shape_are_refused),
		T(what_does_not_fit_is_not_packed),
		T(a_rewrap_brings_one_wrap_for_each_part_it_names),
		T(a_piece_with_nothing_in_it_is_refused),
		T(each_failing_allocation_is_a_clean_error),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
