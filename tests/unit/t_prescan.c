/*
 * t_prescan -- what is looked through before it is unpacked, and unpacking.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keten/v1/content.pb-c.h"
#include "keten/v1/facts.pb-c.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/policy.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "wire/pb.h"

#define STATEMENT &keten__v1__statement__descriptor
#define TO_BROKER &keten__v1__to_broker__descriptor
#define FROM_BROKER &keten__v1__from_broker__descriptor

/* xorshift64*: the same numbers everywhere, for a given seed. */
static uint64_t
next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(2685821657736338717));
}

static enum err
scan_as(const ProtobufCMessageDescriptor *d, const void *p, size_t len,
    const struct prescan_limits *limits)
{
	struct prescan found;
	const char *rule = NULL;
	enum err err = prescan_message(d, slice_of(p, len), limits, &found,
	    &rule);

	/* Whoever is refused hears why. */
	if (err != ERR_OK)
		assert_non_null(rule);
	return (err);
}

#define SCAN(d, lim, ...) \
	scan_as((d), (const uint8_t[]){ __VA_ARGS__ }, \
	sizeof((const uint8_t[]){ __VA_ARGS__ }), &(lim))
#define REFUSED(d, ...) \
	assert_int_equal(SCAN((d), prescan_statement, __VA_ARGS__), \
	ERR_MALFORMED)
#define TAKEN(d, ...) \
	assert_int_equal(SCAN((d), prescan_statement, __VA_ARGS__), ERR_OK)

/* A statement with something of everything. */
static struct slice
example(struct arena *a, size_t n_parts)
{
	static uint8_t zeros[64];
	static char key[] = "0123456789abcdef", *keys[16];
	Keten__V1__Statement st;
	Keten__V1__Command c;
	Keten__V1__Header h;
	Keten__V1__Part parts[32], *list[32];
	char *names[] = { key, key };
	struct slice out;

	keten__v1__statement__init(&st);
	keten__v1__command__init(&c);
	keten__v1__header__init(&h);
	for (size_t i = 0; i < 16; i++)
		keys[i] = key;
	for (size_t i = 0; i < n_parts; i++) {
		keten__v1__part__init(list[i] = &parts[i]);
		parts[i].kind = KETEN__V1__PART_KIND__TEXT;
		parts[i].sha256 = pb_of(zeros, 32);
		parts[i].length = 3072;
		parts[i].n_wrapped_for = i % 17;
		parts[i].wrapped_for = keys;
	}
	st.version = 1;
	st.origin = pb_string("keten.example/noord");
	st.lane = pb_of(zeros, 8);
	st.number = UINT64_MAX;
	st.made_ms = -1;
	st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	st.command = &c;
	c.event = KETEN__V1__EVENT__SUBMIT;
	c.header = &h;
	c.parts = list;
	c.n_parts = n_parts;
	h.code = pb_string("SIG-101");
	h.urgency = KETEN__V1__URGENCY__HIGH;
	h.first = names;
	h.n_first = 2;
	assert_int_equal(pb_pack(a, &st.base, &out), ERR_OK);
	return (out);
}

static void
test_what_we_make_ourselves_is_taken(void **state)
{
	struct arena *a = arena_new(1 << 20);
	Keten__V1__Statement *st;

	(void)state;
	for (size_t n = 0; n <= 32; n++) {
		struct slice s = example(a, n);

		assert_int_equal(pb_unpack(a, STATEMENT, s, &prescan_statement,
		    &st), ERR_OK);
		assert_int_equal(st->command->n_parts, n);
		assert_int_equal(st->number, UINT64_MAX);
		assert_int_equal(st->made_ms, -1);
		assert_string_equal(st->command->header->code, "SIG-101");
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_the_memory_foretold_is_the_memory_used(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct prescan found;
	Keten__V1__Statement *st;

	(void)state;
	for (size_t n = 0; n <= 32; n++) {
		struct slice s = example(a, n);
		size_t mark = arena_used(a);

		assert_int_equal(prescan_message(STATEMENT, s,
		    &prescan_statement, &found, NULL), ERR_OK);
		assert_int_equal(pb_unpack(a, STATEMENT, s, &prescan_statement,
		    &st), ERR_OK);
		assert_int_equal(arena_used(a) - mark, found.memory);
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_every_prefix_of_a_message_in_a_message_is_refused(void **state)
{
	struct arena *a = arena_new(1 << 20);
	uint8_t wrapped[8192];
	struct slice s = example(a, 3);
	size_t head = 0;

	(void)state;
	/* A cut between fields is a message; within a sub-message it is not. */
	wrapped[head++] = 0xa2;		/* Statement.command = 20 */
	wrapped[head++] = 0x01;
	assert_true(s.len < 8000 && s.len >= 128);
	wrapped[head++] = (uint8_t)(s.len & 0x7f) | 0x80;
	wrapped[head++] = (uint8_t)(s.len >> 7);
	memcpy(wrapped + head, s.p, s.len);
	for (size_t n = 1; n < head + s.len; n++)
		assert_int_equal(scan_as(STATEMENT, wrapped, n,
		    &prescan_statement), ERR_MALFORMED);
	arena_free(a);
}

static void
test_numbers_have_one_form(void **state)
{
	(void)state;
	TAKEN(STATEMENT, 0x08, 0x01);
	REFUSED(STATEMENT, 0x08, 0x81, 0x00);		/* too long */
	REFUSED(STATEMENT, 0x88, 0x00, 0x01);		/* a long tag */
	REFUSED(STATEMENT, 0x0a, 0x81, 0x00);		/* a long length */
	REFUSED(STATEMENT, 0x08);			/* no value */
	REFUSED(STATEMENT, 0x08, 0x80);			/* half a value */
	/* uint32 takes 32 bits, uint64 64 and no more. */
	TAKEN(STATEMENT, 0x08, 0xff, 0xff, 0xff, 0xff, 0x0f);
	REFUSED(STATEMENT, 0x08, 0x80, 0x80, 0x80, 0x80, 0x10);
	TAKEN(STATEMENT, 0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0x01);
	REFUSED(STATEMENT, 0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0x02);
	REFUSED(STATEMENT, 0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0x01);
	/* Receipt.repeat is a bool. */
	TAKEN(&keten__v1__receipt__descriptor, 0x20, 0x01);
	REFUSED(&keten__v1__receipt__descriptor, 0x20, 0x02);
}

static void
test_a_singular_field_comes_once(void **state)
{
	(void)state;
	REFUSED(STATEMENT, 0x08, 0x01, 0x08, 0x01);
	REFUSED(STATEMENT, 0x2a, 0x00, 0x2a, 0x00);
	REFUSED(STATEMENT, 0xa2, 0x01, 0x00, 0xa2, 0x01, 0x00);
}

static void
test_of_a_oneof_there_is_one(void **state)
{
	(void)state;
	TAKEN(STATEMENT, 0xa2, 0x01, 0x00);
	TAKEN(STATEMENT, 0xaa, 0x01, 0x00);
	REFUSED(STATEMENT, 0xa2, 0x01, 0x00, 0xaa, 0x01, 0x00);
	REFUSED(STATEMENT, 0xa2, 0x01, 0x00, 0x08, 0x01, 0xda, 0x01, 0x00);
}

static void
test_an_enum_is_one_of_its_values_and_not_zero(void **state)
{
	const ProtobufCMessageDescriptor *c = &keten__v1__command__descriptor;

	(void)state;
	TAKEN(c, 0x08, 0x01);
	TAKEN(c, 0x08, 0x23);
	REFUSED(c, 0x08, 0x00);
	REFUSED(c, 0x08, 0x7f);
	REFUSED(c, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0x01);
}

static void
test_lists_of_numbers_come_in_one_piece_or_one_by_one(void **state)
{
	const ProtobufCMessageDescriptor *e =
	    &keten__v1__catalogue_entry__descriptor;

	(void)state;
	TAKEN(e, 0x62, 0x02, 0x01, 0x04);	/* urgencies, packed */
	TAKEN(e, 0x60, 0x01, 0x60, 0x04);
	TAKEN(e, 0x60, 0x01, 0x62, 0x01, 0x04);
	REFUSED(e, 0x62, 0x02, 0x01, 0x00);
	REFUSED(e, 0x62, 0x02, 0x01, 0x05);
	REFUSED(e, 0x62, 0x02, 0x01, 0x81);
}

static void
test_types_are_those_of_the_fields(void **state)
{
	(void)state;
	REFUSED(STATEMENT, 0x0a, 0x00);			/* version as bytes */
	REFUSED(STATEMENT, 0x0d, 0x01, 0x00, 0x00, 0x00);
	REFUSED(STATEMENT, 0x09, 1, 0, 0, 0, 0, 0, 0, 0);
	REFUSED(STATEMENT, 0x10, 0x01);			/* origin as number */
	REFUSED(STATEMENT, 0x0b, 0x0c);			/* groups */
	REFUSED(STATEMENT, 0x0e, 0x01);			/* 6 and 7: nothing */
	REFUSED(STATEMENT, 0x0f, 0x01);
	REFUSED(STATEMENT, 0x00, 0x01);			/* field 0 */
	REFUSED(STATEMENT, 0xfa, 0xff, 0xff, 0xff, 0x7f, 0x00);
}

static void
test_unknown_fields_are_refused_in_what_is_signed_only(void **state)
{
	(void)state;
	REFUSED(STATEMENT, 0xa2, 0x06, 0x00);
	assert_int_equal(SCAN(TO_BROKER, prescan_session, 0xa2, 0x06, 0x00),
	    ERR_OK);
	assert_int_equal(SCAN(TO_BROKER, prescan_session, 0xa3, 0x06, 0xa4,
	    0x06), ERR_MALFORMED);
	assert_int_equal(SCAN(TO_BROKER, prescan_session, 0xa2, 0x06, 0x02,
	    0x00), ERR_MALFORMED);
}

static void
test_text_is_utf8_without_nul(void **state)
{
	static const char *const good[] = { "", "a", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x8f\xa0", "\xed\x9f\xbf",
		"\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xc3", "\xc0\xaf",
		"\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff", "a\xc3(" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(prescan_utf8(slice_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(prescan_utf8(slice_str(bad[i])));
	assert_false(prescan_utf8(slice_of("a\0b", 3)));
	REFUSED(STATEMENT, 0x12, 0x01, 0x00);
	REFUSED(STATEMENT, 0x12, 0x02, 0xc0, 0x80);
	TAKEN(STATEMENT, 0x12, 0x02, 0xc3, 0xa9);
}

/* ${n} times the field 0x?? with an empty message in it. */
static enum err
empty_messages(const ProtobufCMessageDescriptor *d, uint8_t tag, size_t n,
    const struct prescan_limits *limits)
{
	uint8_t *p = calloc(n, 2);
	enum err err;

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[2 * i] = tag;
	err = scan_as(d, p, 2 * n, limits);
	free(p);
	return (err);
}

static void
test_a_small_message_that_would_become_large_is_refused(void **state)
{
	const ProtobufCMessageDescriptor *content =
	    &keten__v1__content__descriptor;
	struct prescan_limits wide = prescan_content;

	(void)state;
	assert_int_equal(empty_messages(content, 0x0a, 32, &prescan_content),
	    ERR_OK);
	assert_int_equal(empty_messages(content, 0x0a, 33, &prescan_content),
	    ERR_MALFORMED);
	/* Without the other limits it is the memory that stops it. */
	wide.len = 1 << 20;
	wide.fields = wide.repeat = SIZE_MAX;
	assert_int_equal(empty_messages(content, 0x0a, 1 << 19, &wide),
	    ERR_TOO_BIG);
}

static void
test_limits_are_met_to_the_byte(void **state)
{
	struct prescan_limits lim = prescan_statement;
	struct arena *a = arena_new(1 << 20);
	struct slice s = example(a, 4);
	struct prescan found;

	(void)state;
	assert_int_equal(prescan_message(STATEMENT, s, &lim, &found, NULL),
	    ERR_OK);
	lim.len = s.len;
	lim.fields = found.fields;
	lim.memory = found.memory;
	lim.repeat = 4;
	lim.text = strlen("keten.example/noord");
	lim.depth = 3;
	assert_int_equal(scan_as(STATEMENT, s.p, s.len, &lim), ERR_OK);
	lim.len--;
	assert_int_equal(scan_as(STATEMENT, s.p, s.len, &lim), ERR_TOO_BIG);
	lim.len++, lim.fields--;
	assert_int_equal(scan_as(STATEMENT, s.p, s.len, &lim), ERR_MALFORMED);
	lim.fields++, lim.memory--;
	assert_int_equal(scan_as(STATEMENT, s.p, s.len, &lim), ERR_TOO_BIG);
	lim.memory++, lim.repeat--;
	assert_int_equal(scan_as(STATEMENT, s.p, s.len, &lim), ERR_MALFORMED);
	lim.repeat++, lim.text--;
	assert_int_equal(scan_as(STATEMENT, s.p, s.len, &lim), ERR_MALFORMED);
	lim.text++, lim.depth--;
	assert_int_equal(scan_as(STATEMENT, s.p, s.len, &lim), ERR_MALFORMED);
	arena_free(a);
}

/*
 * No message of ours lies within itself, so nesting is what a descriptor of
 * this test's own does: one that has itself for a field.
 */
static const ProtobufCMessageDescriptor nest_descriptor;
static const ProtobufCFieldDescriptor nest_fields[] = {
	{ .name = "nest", .id = 1, .label = PROTOBUF_C_LABEL_NONE,
	    .type = PROTOBUF_C_TYPE_MESSAGE,
	    .descriptor = &nest_descriptor },
};
static const ProtobufCMessageDescriptor nest_descriptor = {
	.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	.sizeof_message = sizeof(ProtobufCMessage) + sizeof(void *),
	.n_fields = 1,
	.fields = nest_fields,
};

static void
test_deep_nesting_is_refused_without_a_deep_stack(void **state)
{
	struct prescan_limits lim = prescan_statement;
	static uint8_t p[60000];
	size_t at = sizeof(p), len = 0;

	(void)state;
	lim.depth = 1000000;
	while (at > 8) {
		size_t rest = len;

		if (rest >= 0x4000)
			p[--at] = (uint8_t)(rest >> 14);
		if (rest >= 0x80)
			p[--at] = (uint8_t)((rest >> 7 & 0x7f) |
			    (rest >= 0x4000 ? 0x80 : 0));
		p[--at] = (uint8_t)((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0));
		p[--at] = 0x0a;
		len = sizeof(p) - at;
		if (len <= 2 * (PRESCAN_DEPTH_MAX - 1))
			assert_int_equal(scan_as(&nest_descriptor, p + at, len,
			    &lim), ERR_OK);
	}
	assert_int_equal(scan_as(&nest_descriptor, p + at, len, &lim),
	    ERR_MALFORMED);
}

/* No message type may lie within itself, and none may be too wide. */
static void
look_at(const ProtobufCMessageDescriptor *d, size_t depth)
{
	assert_true(depth <= PRESCAN_DEPTH_MAX);
	assert_true(d->n_fields <= PRESCAN_WIDTH_MAX);
	for (unsigned int i = 0; i < d->n_fields; i++)
		if (d->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			look_at(d->fields[i].descriptor, depth + 1);
}

static void
test_our_messages_fit_into_the_limits(void **state)
{
	(void)state;
	look_at(STATEMENT, 1);
	look_at(TO_BROKER, 1);
	look_at(FROM_BROKER, 1);
	look_at(&keten__v1__content__descriptor, 1);
	look_at(&keten__v1__key_statement__descriptor, 1);
	look_at(&keten__v1__policy__descriptor, 1);
	look_at(&keten__v1__facts__descriptor, 1);
	look_at(&keten__v1__referral_state__descriptor, 1);
}

static void
test_each_failing_allocation_is_a_clean_refusal(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct slice s = example(a, 20);
	Keten__V1__Statement *const none = NULL, *st = none;
	size_t mark = arena_used(a);
	enum err err = ERR_NOMEM;

	(void)state;
	for (size_t n = 1; err != ERR_OK; n++) {
		assert_true(n < 1000);
		arena_fail_at(a, n);
		err = pb_unpack(a, STATEMENT, s, &prescan_statement, &st);
		arena_fail_at(a, 0);
		if (err == ERR_OK)
			break;
		assert_int_equal(err, ERR_NOMEM);
		assert_null(st);
		assert_int_equal(arena_used(a), mark);
	}
	assert_int_equal(st->command->n_parts, 20);
	arena_free(a);
}

static void
test_a_full_arena_refuses_before_unpacking(void **state)
{
	struct arena *a = arena_new(1 << 16), *small = arena_new(512);
	struct slice s = example(a, 4);
	Keten__V1__Statement *st = NULL;
	const char *rule = NULL;

	(void)state;
	assert_int_equal(pb_unpack_why(small, STATEMENT, s, &prescan_statement,
	    &st, &rule), ERR_NOMEM);
	assert_non_null(rule);
	assert_null(st);
	assert_int_equal(arena_high(small), 0);
	arena_free(small);
	arena_free(a);
}

/* Change ${p} in one of the ways in which bytes go wrong. */
static size_t
mutate(uint8_t *p, size_t len, size_t cap, uint64_t *seed)
{
	for (uint64_t n = next(seed) % 4 + 1; n > 0 && len > 2; n--) {
		const size_t at = (size_t)(next(seed) % len);

		switch (next(seed) % 5) {
		case 0:
			p[at] ^= (uint8_t)(1u << next(seed) % 8);
			break;
		case 1:
			p[at] = (uint8_t)next(seed);
			break;
		case 2:
			len = at + 1;
			break;
		case 3:
			memmove(p + at, p + at + 1, --len - at);
			break;
		case 4:
			if (len < cap) {
				memmove(p + at + 1, p + at, len++ - at);
				p[at] = (uint8_t)next(seed);
			}
			break;
		}
	}
	return (len);
}

/*
 * Whatever passes the pre-scan unpacks, and in the memory it foretold; whatever
 * does not leaves nothing behind.
 */
static void
test_mutated_messages_never_crash_and_never_surprise(void **state)
{
	struct arena *a = arena_new(1 << 20), *b = arena_new(1 << 20);
	uint64_t seed = 20260427;
	uint8_t p[4096];
	size_t taken = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct slice s = example(a, next(&seed) % 6);
		struct prescan found;
		Keten__V1__Statement *st;
		size_t len;

		assert_true(s.len < sizeof(p));
		memcpy(p, s.p, s.len);
		len = mutate(p, s.len, sizeof(p), &seed);
		if (prescan_message(STATEMENT, slice_of(p, len),
		    &prescan_statement, &found, NULL) == ERR_OK) {
			taken++;
			assert_int_equal(pb_unpack(b, STATEMENT,
			    slice_of(p, len), &prescan_statement, &st),
			    ERR_OK);
			assert_int_equal(arena_used(b), found.memory);
		}
		arena_reset(a);
		arena_reset(b);
	}
	/* Both roads must have been walked. */
	assert_in_range(taken, 1000, 99000);
	arena_free(a);
	arena_free(b);
}

static void
test_noise_never_crashes_the_lenient_reader(void **state)
{
	struct arena *a = arena_new(1 << 21);
	uint64_t seed = 1867;
	uint8_t p[64];
	size_t taken = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		const size_t len = next(&seed) % sizeof(p);
		Keten__V1__FromBroker *m;
		struct prescan found;

		for (size_t j = 0; j < len; j++)
			p[j] = (uint8_t)(next(&seed) % 3 == 0 ?
			    next(&seed) : next(&seed) % 48);
		if (prescan_message(FROM_BROKER, slice_of(p, len),
		    &prescan_answer, &found, NULL) == ERR_OK) {
			taken++;
			assert_int_equal(pb_unpack(a, FROM_BROKER,
			    slice_of(p, len), &prescan_answer, &m), ERR_OK);
			assert_int_equal(arena_used(a), found.memory);
		}
		arena_reset(a);
	}
	assert_true(taken > 100);
	arena_free(a);
}

#define T(name) cmocka_unit_test(test_##name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_we_make_ourselves_is_taken),
		T(the_memory_foretold_is_the_memory_used),
		T(every_prefix_of_a_message_in_a_message_is_refused),
		T(numbers_have_one_form),
		T(a_singular_field_comes_once),
		T(of_a_oneof_there_is_one),
		T(an_enum_is_one_of_its_values_and_not_zero),
		T(lists_of_numbers_come_in_one_piece_or_one_by_one),
		T(types_are_those_of_the_fields),
		T(unknown_fields_are_refused_in_what_is_signed_only),
		T(text_is_utf8_without_nul),
		T(a_small_message_that_would_become_large_is_refused),
		T(limits_are_met_to_the_byte),
		T(deep_nesting_is_refused_without_a_deep_stack),
		T(our_messages_fit_into_the_limits),
		T(each_failing_allocation_is_a_clean_refusal),
		T(a_full_arena_refuses_before_unpacking),
		T(mutated_messages_never_crash_and_never_surprise),
		T(noise_never_crashes_the_lenient_reader),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
