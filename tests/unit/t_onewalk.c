/*
 * t_onewalk -- one walk says and makes what two do.
 *
 * `t_onewalk N` tries N messages of each kind instead of some thousands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "help/types.h"
#include "keten/v1/policy.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "wire/onewalk.h"
#include "wire/pb.h"
#include "wire/unpack.h"

#define DEEP 6
#define ROOM ((size_t)4 << 20)

#define STATEMENT &keten__v1__statement__descriptor

static size_t n_tries = 30000;

/* What came of one message, one way or the other. */
struct outcome {
	enum err err;
	const char *rule;
	ProtobufCMessage *m;
	size_t used;
};

/* Two walks: what the one has to agree with. */
static void
two_walks(struct arena *a, const ProtobufCMessageDescriptor *d, struct slice s,
    const struct prescan_limits *limits, struct outcome *o)
{
	struct prescan found;

	*o = (struct outcome){ 0 };
	o->err = prescan_message(d, s, limits, &found, &o->rule);
	if (o->err != ERR_OK)
		return;
	o->rule = "geen geheugen";
	if (found.memory > arena_left(a)) {
		o->err = ERR_NOMEM;
		return;
	}
	o->m = unpack_message(a, d, s);
	assert_non_null(o->m);
	o->used = found.memory;
}

/* Hold one against the other; true if the bytes were taken. */
static bool
compare(struct arena *a, struct arena *b, const ProtobufCMessageDescriptor *d,
    struct slice s, const struct prescan_limits *limits)
{
	const size_t mark = arena_used(b);
	struct outcome two, one = { 0 };

	two_walks(a, d, s, limits, &two);
	one.err = pb_unpack_why(b, d, s, limits, &one.m, &one.rule);
	one.used = arena_used(b) - mark;
	assert_int_equal(one.err, two.err);
	assert_int_equal(one.used, two.used);
	if (one.err != ERR_OK) {
		assert_string_equal(one.rule, two.rule);
		assert_null(one.m);
		return (false);
	}
	assert_true(types_same(one.m, two.m));
	return (true);
}

/* Is it the one walk that takes it? */
static bool
takes_at_once(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s, const struct prescan_limits *limits)
{
	const size_t mark = arena_used(a);
	const bool made = onewalk_unpack(a, d, s, limits) != NULL;

	if (!made)
		assert_int_equal(arena_used(a), mark);
	arena_rewind(a, mark);
	return (made);
}

static const struct prescan_limits *
limits_of(size_t i)
{
	static const struct prescan_limits *const all[] = {
		&prescan_statement, &prescan_envelope, &prescan_session,
		&prescan_answer, &prescan_content, &prescan_policy,
		&prescan_stored, &prescan_policy, &prescan_stored,
		&prescan_answer };

	return (all[i % (sizeof(all) / sizeof(all[0]))]);
}

/* Limits that are met somewhere within a message like these. */
static struct prescan_limits
narrow(uint64_t *seed)
{
	return ((struct prescan_limits){
		.len = (size_t)types_throw(seed, 2000),
		.depth = (size_t)types_throw(seed, 12),
		.fields = (size_t)types_throw(seed, 100),
		.repeat = (size_t)types_throw(seed, 8),
		.text = (size_t)types_throw(seed, 60),
		.memory = (size_t)types_throw(seed, 8192),
		.unknown_ok = types_throw(seed, 2) == 0,
	});
}

struct bench {
	struct arena *a, *b, *small[8];
	struct types_bytes bytes;
	size_t taken, at_once;
};

static void
bench_init(struct bench *x, uint64_t seed)
{
	*x = (struct bench){ .a = arena_new(ROOM), .b = arena_new(ROOM),
		.bytes.seed = seed };
	x->bytes.p = calloc(1, 4 * TYPES_BYTES);
	assert_true(x->a != NULL && x->b != NULL && x->bytes.p != NULL);
	for (size_t i = 0; i < 8; i++)
		assert_non_null(x->small[i] = arena_new((size_t)64 << i));
}

static void
bench_fini(struct bench *x)
{
	arena_free(x->a);
	arena_free(x->b);
	for (size_t i = 0; i < 8; i++)
		arena_free(x->small[i]);
	free(x->bytes.p);
}

/* The bytes in a block of their own, so that reading past them shows. */
static void
try_exact(struct bench *x, const ProtobufCMessageDescriptor *d,
    const struct prescan_limits *limits)
{
	struct slice s = slice_of(malloc(x->bytes.len + 1), x->bytes.len);
	struct arena *small;
	uint8_t *p;

	memcpy(&p, &s.p, sizeof(p));
	assert_non_null(p);
	memcpy(p, x->bytes.p, s.len);
	p = realloc(p, s.len > 0 ? s.len : 1);
	assert_non_null(p);
	s.p = p;
	if (compare(x->a, x->b, d, s, limits)) {
		x->taken++;
		x->at_once += takes_at_once(x->b, d, s, limits);
	}
	/* The same where there is little room: equal arenas, same end. */
	arena_reset(x->a);
	small = x->small[types_throw(&x->bytes.seed, 8)];
	if (arena_left(small) < ROOM) {
		struct arena *same = arena_new(arena_left(small));

		(void)compare(same, small, d, s, limits);
		arena_free(same);
	}
	arena_reset(small);
	arena_reset(x->b);
	free(p);
}

static void
test_good_bytes_of_every_type_come_out_the_same(void **state)
{
	struct bench x;

	(void)state;
	bench_init(&x, 20261122);
	for (size_t i = 0; i < n_tries; i++) {
		const ProtobufCMessageDescriptor *d = types[i % n_types];

		x.bytes.len = 0;
		types_put(&x.bytes, d, (int)(i / n_types % DEEP));
		try_exact(&x, d, limits_of(i / 7));
	}
	/* Few are in a form that takes two walks. */
	assert_in_range(x.taken, n_tries / 2, n_tries);
	assert_in_range(x.at_once, x.taken * 6 / 10, x.taken);
	bench_fini(&x);
}

static void
test_spoilt_bytes_are_refused_for_the_same_reason(void **state)
{
	struct bench x;

	(void)state;
	bench_init(&x, 1867);
	for (size_t i = 0; i < n_tries; i++) {
		const ProtobufCMessageDescriptor *d = types[i % n_types];

		x.bytes.len = 0;
		types_put(&x.bytes, d, (int)(i / n_types % DEEP));
		types_spoil(&x.bytes);
		try_exact(&x, d, limits_of(i / 7));
	}
	assert_in_range(x.taken, n_tries / 50, n_tries * 9 / 10);
	assert_in_range(x.at_once, n_tries / 50, x.taken);
	bench_fini(&x);
}

static void
test_every_limit_is_met_at_the_same_byte(void **state)
{
	struct bench x;

	(void)state;
	bench_init(&x, 4711);
	for (size_t i = 0; i < n_tries; i++) {
		const ProtobufCMessageDescriptor *d = types[i % n_types];
		struct prescan_limits limits = narrow(&x.bytes.seed);

		x.bytes.len = 0;
		types_put(&x.bytes, d, (int)(i / n_types % DEEP));
		if (i % 3 == 0)
			types_spoil(&x.bytes);
		try_exact(&x, d, &limits);
	}
	assert_in_range(x.taken, n_tries / 50, n_tries * 9 / 10);
	bench_fini(&x);
}

static void
test_noise_is_noise_both_ways(void **state)
{
	struct bench x;

	(void)state;
	bench_init(&x, 31);
	for (size_t i = 0; i < n_tries; i++) {
		const size_t len = (size_t)types_throw(&x.bytes.seed, 48);

		for (size_t j = 0; j < len; j++)
			x.bytes.p[j] = (uint8_t)(
			    types_throw(&x.bytes.seed, 3) == 0
			    ? types_next(&x.bytes.seed) >> 8
			    : types_throw(&x.bytes.seed, 48));
		x.bytes.len = len;
		try_exact(&x, types[i % n_types], limits_of(i / 3));
	}
	assert_true(x.taken > 100);
	bench_fini(&x);
}

/* --- one by one ------------------------------------------------------------------ */

static bool
at_once(const ProtobufCMessageDescriptor *d, const void *p, size_t len,
    const struct prescan_limits *limits)
{
	struct arena *a = arena_new(4096), *b = arena_new(4096);
	const struct slice s = slice_of(p, len);
	const bool taken = takes_at_once(b, d, s, limits);

	if (taken != compare(a, b, d, s, limits))
		assert_false(taken);
	arena_free(a);
	arena_free(b);
	return (taken);
}

#define AT_ONCE(d, lim, ...) at_once((d), (const uint8_t[]){ __VA_ARGS__ }, \
	sizeof((const uint8_t[]){ __VA_ARGS__ }), &(lim))

static void
test_what_is_usual_takes_one_walk(void **state)
{
	const ProtobufCMessageDescriptor *e =
	    &keten__v1__catalogue_entry__descriptor;

	(void)state;
	assert_true(at_once(STATEMENT, NULL, 0, &prescan_statement));
	assert_true(AT_ONCE(STATEMENT, prescan_statement, 0x08, 0x01));
	assert_true(AT_ONCE(STATEMENT, prescan_statement, 0xa2, 0x01, 0x00));
	assert_true(AT_ONCE(STATEMENT, prescan_statement, 0x12, 0x02, 0xc3,
	    0xa9));
	/* Urgencies, in one piece and one by one. */
	assert_true(AT_ONCE(e, prescan_policy, 0x62, 0x02, 0x01, 0x04));
	assert_true(AT_ONCE(e, prescan_policy, 0x62, 0x00));
	assert_true(AT_ONCE(e, prescan_policy, 0x60, 0x01, 0x60, 0x04));
}

static void
test_what_is_not_is_left_to_two(void **state)
{
	const ProtobufCMessageDescriptor *e =
	    &keten__v1__catalogue_entry__descriptor;

	(void)state;
	/* Taken: a list in two parts, a field that is not known. */
	assert_false(AT_ONCE(e, prescan_policy, 0x60, 0x01, 0x62, 0x01, 0x04));
	assert_false(AT_ONCE(&keten__v1__to_broker__descriptor,
	    prescan_session, 0xa2, 0x06, 0x00));
	/* Refused. */
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0x08, 0x81, 0x00));
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0x88, 0x00, 0x01));
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0x08, 0x01, 0x08,
	    0x01));
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0x12, 0x01, 0x00));
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0x12, 0x05, 'a'));
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0xa2, 0x01, 0x00,
	    0xaa, 0x01, 0x00));
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0x00, 0x01));
	assert_false(AT_ONCE(STATEMENT, prescan_statement, 0x88));
	assert_false(AT_ONCE(e, prescan_policy, 0x62, 0x02, 0x01, 0x00));
	assert_false(AT_ONCE(e, prescan_policy, 0x62, 0x02, 0x01, 0x81));
}

/* Every tag that two bytes can be, known or not, with any kind of value. */
static void
test_every_tag_is_what_it_is_both_ways(void **state)
{
	static const uint8_t tails[][9] = { { 1 }, { 0 }, { 4, 1, 1, 1, 1 },
		{ 8, 1, 1, 1, 1, 1, 1, 1, 1 } };
	static const size_t lens[] = { 1, 1, 5, 9 };
	static const ProtobufCMessageDescriptor *const some[] = {
		STATEMENT, &keten__v1__to_broker__descriptor,
		&keten__v1__catalogue_entry__descriptor,
		&keten__v1__policy__descriptor };
	struct arena *a = arena_new(ROOM), *b = arena_new(ROOM);
	uint8_t p[11];

	(void)state;
	for (uint32_t tag = 0; tag < 0x4000; tag++)
		for (size_t i = 0; i < 16; i++) {
			size_t n = 0;

			if (tag >= 0x80)
				p[n++] = (uint8_t)(tag | 0x80);
			p[n++] = (uint8_t)(tag < 0x80 ? tag : tag >> 7);
			memcpy(p + n, tails[i % 4], 9);
			(void)compare(a, b, some[i / 4], slice_of(p,
			    n + lens[i % 4]), tag % 2 != 0 ? &prescan_policy
			    : &prescan_session);
			arena_reset(a);
			arena_reset(b);
		}
	arena_free(a);
	arena_free(b);
}

/* Text of every length with one byte changed, at every place. */
static void
test_one_bad_byte_is_found_wherever_it_stands(void **state)
{
	static const uint8_t bad[] = { 0x00, 0x80, 0xc3, 0xff };
	uint8_t p[64] = { 0x12 };

	(void)state;
	for (uint8_t len = 1; len < 40; len++)
		for (size_t at = 0; at < len; at++)
			for (size_t i = 0; i < sizeof(bad); i++) {
				p[1] = len;
				memset(p + 2, 'x', len);
				assert_true(at_once(STATEMENT, p, 2u + len,
				    &prescan_statement));
				p[2 + at] = bad[i];
				assert_false(at_once(STATEMENT, p, 2u + len,
				    &prescan_statement));
			}
}

#define T(name) cmocka_unit_test(test_##name)

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		T(good_bytes_of_every_type_come_out_the_same),
		T(spoilt_bytes_are_refused_for_the_same_reason),
		T(every_limit_is_met_at_the_same_byte),
		T(noise_is_noise_both_ways),
		T(what_is_usual_takes_one_walk),
		T(what_is_not_is_left_to_two),
		T(every_tag_is_what_it_is_both_ways),
		T(one_bad_byte_is_found_wherever_it_stands),
	};

	if (argc > 1)
		n_tries = (size_t)strtoul(argv[1], NULL, 10);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
