/*
 * t_envelope -- DSSE envelopes, single and in batches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keten/v1/session.pb-c.h"
#include "wire/envelope.h"
#include "wire/pb.h"

struct fixture {
	struct arena *a;
	struct signer *me;
	struct signer *other;
};

static int
set_up(void **state)
{
	static const uint8_t seeds[2][SIGN_SEED] = { { 1 }, { 2 } };
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->a = arena_new(8 << 20);
	f->me = sign_new(seeds[0]);
	f->other = sign_new(seeds[1]);
	assert_true(f->a != NULL && f->me != NULL && f->other != NULL);
	*state = f;
	return (0);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->a);
	sign_free(f->me);
	sign_free(f->other);
	free(f);
	return (0);
}

static void
test_every_kind_has_its_own_type_and_back(void **state)
{
	(void)state;
	assert_string_equal(envelope_type(ENVELOPE_COMMAND),
	    "application/vnd.keten.command.v1+protobuf");
	assert_string_equal(envelope_type(ENVELOPE_POLICY),
	    "application/vnd.keten.policy.v1+protobuf");
	assert_string_equal(envelope_type(ENVELOPE_NONE), "");
	assert_string_equal(envelope_type(ENVELOPE__MAX), "");
	for (int k = 1; k < ENVELOPE__MAX; k++)
		assert_int_equal(envelope_kind_of(slice_str(
		    envelope_type((enum envelope_kind)k))), k);
	assert_int_equal(envelope_kind_of(slice_str(BATCH_TYPE)),
	    ENVELOPE_NONE);
	assert_int_equal(envelope_kind_of(slice_str("")), ENVELOPE_NONE);
	assert_int_equal(envelope_kind_of(slice_str(
	    "application/vnd.keten.command.v1+protobuf ")), ENVELOPE_NONE);
	assert_true(envelope_has_number(ENVELOPE_CATALOGUE));
	assert_false(envelope_has_number(ENVELOPE_ACK));
	assert_false(envelope_has_number(ENVELOPE_KEY));
	assert_false(envelope_has_number(ENVELOPE_POLICY));
}

static void
test_what_is_signed_is_checked_and_read_back(void **state)
{
	struct fixture *f = *state;
	struct envelope env;
	struct slice s;

	for (int k = 1; k < ENVELOPE__MAX; k++) {
		assert_int_equal(envelope_make(f->a, (enum envelope_kind)k,
		    slice_str("lijf"), f->me, &s), ERR_OK);
		assert_int_equal(envelope_parse(f->a, s, &env, NULL), ERR_OK);
		assert_int_equal(env.kind, k);
		assert_true(slice_eq(env.body, slice_str("lijf")));
		assert_false(env.is_batch);
		assert_int_equal(envelope_check(&env, sign_public(f->me)),
		    ERR_OK);
		assert_int_equal(envelope_check(&env, sign_public(f->other)),
		    ERR_KEY_NOT_VALID);
		assert_int_equal(envelope_check_root(&env,
		    sign_public(f->other)), ERR_BAD_SIGNATURE);
	}
	assert_int_equal(envelope_make(f->a, ENVELOPE_NONE, slice_str("x"),
	    f->me, &s), ERR_NOT_FOUND);
}

static void
test_no_flipped_bit_passes(void **state)
{
	struct fixture *f = *state;
	struct slice s;
	uint8_t p[512];

	assert_int_equal(envelope_make(f->a, ENVELOPE_COMMAND,
	    slice_str("wie het is"), f->me, &s), ERR_OK);
	assert_true(s.len <= sizeof(p));
	for (size_t bit = 0; bit < 8 * s.len; bit++) {
		const size_t mark = arena_used(f->a);
		struct envelope env;

		memcpy(p, s.p, s.len);
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (envelope_parse(f->a, slice_of(p, s.len), &env, NULL) ==
		    ERR_OK)
			assert_int_not_equal(envelope_check(&env,
			    sign_public(f->me)), ERR_OK);
		arena_rewind(f->a, mark);
	}
}

static void
test_every_truncated_prefix_is_refused(void **state)
{
	struct fixture *f = *state;
	struct slice s;

	assert_int_equal(envelope_make(f->a, ENVELOPE_ACK, slice_str("lijf"),
	    f->me, &s), ERR_OK);
	for (size_t n = 0; n < s.len; n++) {
		struct envelope env;
		const char *rule = NULL;

		assert_int_equal(envelope_parse(f->a, slice_of(s.p, n), &env,
		    &rule), ERR_MALFORMED);
		assert_non_null(rule);
	}
}

/* Make a batch of ${n} with bodies "0", "1" ... and read envelope ${i}. */
static void
batch_of(struct fixture *f, size_t n, struct slice *out)
{
	enum envelope_kind *kind = arena_zero(f->a, n, sizeof(*kind));
	struct slice *body = arena_zero(f->a, n, sizeof(*body));
	uint16_t *number = arena_zero(f->a, n, sizeof(*number));

	assert_true(kind != NULL && body != NULL && number != NULL);
	for (size_t i = 0; i < n; i++) {
		number[i] = (uint16_t)i;
		body[i] = slice_of(&number[i], 2);
		kind[i] = i % 2 ? ENVELOPE_REWRAP : ENVELOPE_COMMAND;
	}
	assert_int_equal(envelope_make_batch(f->a, kind, body, n, f->me, out),
	    ERR_OK);
}

static void
test_batches_of_every_size_hold(void **state)
{
	struct fixture *f = *state;
	struct slice out[70];

	for (size_t n = 1; n <= 70; n++) {
		batch_of(f, n, out);
		for (size_t i = 0; i < n; i++) {
			struct envelope env;

			assert_int_equal(envelope_parse(f->a, out[i], &env,
			    NULL), ERR_OK);
			assert_int_equal(env.is_batch, n > 1);
			assert_int_equal(env.body.p[0], i);
			assert_int_equal(envelope_check(&env,
			    sign_public(f->me)), ERR_OK);
			assert_int_equal(envelope_check_path(&env), ERR_OK);
			env.root[31] ^= 1;
			assert_int_equal(envelope_check(&env,
			    sign_public(f->me)),
			    n > 1 ? ERR_BAD_SIGNATURE : ERR_OK);
		}
		arena_reset(f->a);
	}
}

static void
test_a_statement_is_bound_to_its_place_in_the_batch(void **state)
{
	struct fixture *f = *state;
	struct slice out[9];
	struct envelope env, was;

	batch_of(f, 9, out);
	assert_int_equal(envelope_parse(f->a, out[4], &env, NULL), ERR_OK);
	was = env;
	env.at = 5;
	assert_int_equal(envelope_check(&env, sign_public(f->me)),
	    ERR_BAD_SIGNATURE);
	env = was;
	env.n = 10;
	assert_int_equal(envelope_check(&env, sign_public(f->me)),
	    ERR_BAD_SIGNATURE);
	env = was;
	env.path[2][0] ^= 0x80;
	assert_int_equal(envelope_check(&env, sign_public(f->me)),
	    ERR_BAD_SIGNATURE);
	assert_int_equal(envelope_check_root(&env, sign_public(f->me)),
	    ERR_OK);
	env = was;
	env.type = slice_str(envelope_type(ENVELOPE_ERASE));
	assert_int_equal(envelope_check(&env, sign_public(f->me)),
	    ERR_BAD_SIGNATURE);
	/* The batch's signature is not one over the statement itself. */
	env = was;
	env.is_batch = false;
	assert_int_equal(envelope_check(&env, sign_public(f->me)),
	    ERR_BAD_SIGNATURE);
}

/* A well-shaped envelope in a structure, to be spoilt. */
static void
shape(Keten__V1__Envelope *m, Keten__V1__Batch *b, ProtobufCBinaryData *path)
{
	static const uint8_t zeros[64];

	keten__v1__envelope__init(m);
	keten__v1__batch__init(b);
	m->type = pb_string(envelope_type(ENVELOPE_COMMAND));
	m->body = pb_data(slice_str("x"));
	m->key_id = pb_of(zeros, 8);
	m->signature = pb_of(zeros, 64);
	m->batch = b;
	b->root = pb_of(zeros, 32);
	b->n = 5;
	b->at = 4;
	b->n_path = 1;
	b->path = path;
	path[0] = path[1] = pb_of(zeros, 32);
}

#define SPOILT(change, want) do { \
	Keten__V1__Envelope m; \
	Keten__V1__Batch b; \
	ProtobufCBinaryData path[17]; \
	struct envelope env; \
	struct slice s; \
	const char *rule = NULL; \
	shape(&m, &b, path); \
	change; \
	assert_int_equal(pb_pack(f->a, &m.base, &s), ERR_OK); \
	assert_int_equal(envelope_parse(f->a, s, &env, &rule), (want)); \
	assert_true((rule != NULL) == ((want) != ERR_OK)); \
} while (0)

static void
test_each_length_that_is_wrong_is_refused(void **state)
{
	struct fixture *f = *state;

	SPOILT((void)0, ERR_OK);
	SPOILT(m.type = pb_string("text/plain"), ERR_MALFORMED);
	SPOILT(m.type = pb_string(BATCH_TYPE), ERR_MALFORMED);
	SPOILT(m.body.len = 0, ERR_MALFORMED);
	SPOILT(m.key_id.len = 7, ERR_MALFORMED);
	SPOILT(m.signature.len = 63, ERR_MALFORMED);
	SPOILT(b.root.len = 31, ERR_MALFORMED);
	SPOILT(b.n = 0, ERR_MALFORMED);
	SPOILT(b.at = 5, ERR_MALFORMED);
	SPOILT(b.at = 3, ERR_MALFORMED);	/* that needs three hashes */
	SPOILT(b.n = BATCH_MAX + 1, ERR_MALFORMED);
	SPOILT(b.n_path = 0, ERR_MALFORMED);
	SPOILT(b.n_path = 2, ERR_MALFORMED);
	SPOILT(path[0].len = 16, ERR_MALFORMED);
	SPOILT((b.n = 1, b.at = 0, b.n_path = 0), ERR_OK);
}

static void
test_unknown_fields_in_an_envelope_are_refused(void **state)
{
	struct fixture *f = *state;
	struct envelope env;
	struct slice s;
	uint8_t p[512];

	assert_int_equal(envelope_make(f->a, ENVELOPE_ACK, slice_str("lijf"),
	    f->me, &s), ERR_OK);
	memcpy(p, s.p, s.len);
	p[s.len] = 0x38;
	p[s.len + 1] = 0x01;
	assert_int_equal(envelope_parse(f->a, slice_of(p, s.len), &env, NULL),
	    ERR_OK);
	assert_int_equal(envelope_parse(f->a, slice_of(p, s.len + 2), &env,
	    NULL), ERR_MALFORMED);
}

static void
test_batches_out_of_range_are_refused(void **state)
{
	struct fixture *f = *state;
	struct slice out;

	assert_int_equal(envelope_make_batch(f->a, NULL, NULL, 0, f->me, &out),
	    ERR_FULL);
	assert_int_equal(envelope_make_batch(f->a, NULL, NULL, BATCH_MAX + 1,
	    f->me, &out), ERR_FULL);
}

static void
test_each_failing_allocation_is_a_clean_error(void **state)
{
	struct fixture *f = *state;
	const enum envelope_kind kind[3] = { ENVELOPE_COMMAND,
	    ENVELOPE_COMMAND, ENVELOPE_COMMAND };
	const struct slice body[3] = { slice_str("a"), slice_str("b"),
	    slice_str("c") };
	struct slice out[3];
	struct envelope env = { .n = 77 };
	enum err err = ERR_NOMEM;

	for (size_t n = 1; err != ERR_OK; n++) {
		assert_true(n < 100);
		arena_fail_at(f->a, n);
		err = envelope_make_batch(f->a, kind, body, 3, f->me, out);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
	}
	err = ERR_NOMEM;
	for (size_t n = 1; err != ERR_OK; n++) {
		assert_true(n < 100);
		arena_fail_at(f->a, n);
		err = envelope_parse(f->a, out[2], &env, NULL);
		assert_true(err == ERR_OK ||
		    (err == ERR_NOMEM && env.n == 77));
	}
	arena_fail_at(f->a, 0);
	assert_int_equal(env.n, 3);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_kind_has_its_own_type_and_back),
		T(what_is_signed_is_checked_and_read_back),
		T(no_flipped_bit_passes),
		T(every_truncated_prefix_is_refused),
		T(batches_of_every_size_hold),
		T(a_statement_is_bound_to_its_place_in_the_batch),
		T(each_length_that_is_wrong_is_refused),
		T(unknown_fields_in_an_envelope_are_refused),
		T(batches_out_of_range_are_refused),
		T(each_failing_allocation_is_a_clean_error),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
