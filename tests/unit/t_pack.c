/*
 * t_pack -- what is written is what protobuf-c writes.
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
#include "wire/pack.h"
#include "wire/pb.h"

#define DEEP 7

static struct slice
as_protobuf_c(struct arena *a, const ProtobufCMessage *m)
{
	const size_t len = protobuf_c_message_get_packed_size(m);
	uint8_t *p = arena_alloc(a, len);

	assert_non_null(p);
	assert_int_equal(protobuf_c_message_pack(m, p), len);
	return (slice_of(p, len));
}

static void
check_same(struct arena *a, const ProtobufCMessage *m)
{
	struct slice expected = as_protobuf_c(a, m), out;
	size_t mark = arena_used(a);

	/* Not by the general way: that is protobuf-c's. */
	assert_true(pack_message(a, slice_of(NULL, 0), m, &out));
	assert_int_equal(arena_used(a) - mark, ARENA_ROUND(out.len));
	assert_true(slice_eq(out, expected));
}

static void
test_any_message_of_any_type_is_written_as_protobuf_c_writes_it(void **state)
{
	struct arena *a = arena_new((size_t)64 << 20);
	uint64_t seed = 20261122;

	(void)state;
	for (size_t i = 0; i < 300 * n_types; i++) {
		ProtobufCMessage *m = types_make(types[i % n_types], a, &seed,
		    (int)(i / n_types % DEEP));

		assert_non_null(m);
		check_same(a, m);
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_a_message_without_fields_is_no_bytes(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct slice out;

	(void)state;
	for (size_t i = 0; i < n_types; i++) {
		ProtobufCMessage *m = arena_alloc(a, types[i]->sizeof_message);

		types[i]->message_init(m);
		assert_int_equal(pb_pack(a, m, &out), ERR_OK);
		assert_int_equal(out.len, 0);
		arena_reset(a);
	}
	arena_free(a);
}

/* An envelope within what is sent, as long as is asked. */
static ProtobufCMessage *
make_long(struct arena *a, uint8_t *bytes, size_t len)
{
	Keten__V1__ToBroker *to = arena_alloc(a, sizeof(*to));
	Keten__V1__Submit *sub = arena_alloc(a, sizeof(*sub));

	keten__v1__to_broker__init(to);
	keten__v1__submit__init(sub);
	sub->envelope = pb_of(bytes, len);
	to->version = 1;
	to->body_case = KETEN__V1__TO_BROKER__BODY_SUBMIT;
	to->submit = sub;
	return (&to->base);
}

static void
test_every_length_takes_as_many_bytes_as_it_needs(void **state)
{
	static const size_t around[] = { 0, 120, 16370, 2097140 };
	struct arena *a = arena_new((size_t)8 << 20);
	uint8_t *bytes = calloc(1, 2097140 + 32);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
		for (size_t n = 0; n < 32; n++) {
			check_same(a, make_long(a, bytes, around[i] + n));
			arena_reset(a);
		}
	free(bytes);
	arena_free(a);
}

/* Whatever room there is: the bytes, or a refusal that leaves no trace. */
static void
try_room(const ProtobufCMessage *m, struct slice expected, size_t room)
{
	const struct slice before = slice_str("blijft");
	struct arena *a = arena_new(room + 16);
	uint8_t *kept = arena_alloc(a, 16), *rest;
	struct slice out = before;
	enum err err;

	memset(kept, 0x5a, 16);
	err = pb_pack(a, m, &out);
	assert_int_equal(err, expected.len <= arena_left(a) +
	    (err == ERR_OK ? ARENA_ROUND(expected.len) : 0) ? ERR_OK
	    : ERR_NOMEM);
	if (err == ERR_OK)
		assert_true(slice_eq(out, expected));
	else {
		assert_true(slice_eq(out, before));
		assert_int_equal(arena_used(a), 16);
		/* All that is left can still be had, and written. */
		rest = arena_alloc(a, arena_left(a));
		assert_non_null(rest);
		memset(rest, 1, arena_used(a) - 16);
	}
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(kept[i], 0x5a);
	arena_free(a);
}

static void
test_wherever_the_arena_is_full_it_stays_of_use(void **state)
{
	struct arena *a = arena_new((size_t)16 << 20);
	uint64_t seed = 4711;

	(void)state;
	for (size_t i = 0; i < 3 * n_types; i++) {
		ProtobufCMessage *m = types_make(types[i % n_types], a, &seed,
		    3);
		struct slice s = as_protobuf_c(a, m);

		for (size_t room = 0; room < s.len + 64 && room < 4096;
		    room += 16)
			try_room(m, s, room);
		for (size_t less = 0; less < 6; less++)
			if (s.len / 16 > less)
				try_room(m, s, (s.len / 16 - less) * 16);
		arena_reset(a);
	}
	arena_free(a);
}

/* Two types of this test's own: bytes and, last, the longest number, in a
 * message, so that there may be no room left when its length proves long. */
struct inner {
	ProtobufCMessage base;
	ProtobufCBinaryData bytes;
	uint64_t n;
};

struct outer {
	ProtobufCMessage base;
	struct inner *inner;
};

static void
no_fields(ProtobufCMessage *m)
{
	m->n_unknown_fields = 0;
}

static const ProtobufCFieldDescriptor inner_fields[] = {
	{ .id = 1, .label = PROTOBUF_C_LABEL_NONE,
	    .type = PROTOBUF_C_TYPE_BYTES,
	    .offset = offsetof(struct inner, bytes) },
	/* With a tag of two bytes. */
	{ .id = 16, .label = PROTOBUF_C_LABEL_NONE,
	    .type = PROTOBUF_C_TYPE_UINT64,
	    .offset = offsetof(struct inner, n) },
};
static const ProtobufCMessageDescriptor inner_type = {
	.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	.sizeof_message = sizeof(struct inner), .n_fields = 2,
	.fields = inner_fields, .message_init = no_fields,
};
static const ProtobufCFieldDescriptor outer_fields[] = {
	{ .id = 1, .label = PROTOBUF_C_LABEL_NONE,
	    .type = PROTOBUF_C_TYPE_MESSAGE, .descriptor = &inner_type,
	    .offset = offsetof(struct outer, inner) },
};
static const ProtobufCMessageDescriptor outer_type = {
	.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	.sizeof_message = sizeof(struct outer), .n_fields = 1,
	.fields = outer_fields, .message_init = no_fields,
};

static void
test_a_long_length_at_the_very_end_does_not_go_beyond_it(void **state)
{
	struct arena *a = arena_new(4096);
	uint8_t bytes[256] = { 9 };
	struct inner in = { .base.descriptor = &inner_type,
		.bytes.data = bytes, .n = UINT64_MAX };
	struct outer out = { .base.descriptor = &outer_type, .inner = &in };

	(void)state;
	for (size_t len = 90; len < sizeof(bytes); len++) {
		struct slice s;

		in.bytes.len = len;
		check_same(a, &out.base);
		s = as_protobuf_c(a, &out.base);
		for (size_t room = s.len / 16 - 1; room < s.len / 16 + 3;
		    room++)
			try_room(&out.base, s, 16 * room);
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_the_failing_allocation_is_a_clean_refusal(void **state)
{
	struct arena *a = arena_new(4096);
	struct slice out = slice_str("blijft");
	Keten__V1__ToBroker m;
	size_t mark = arena_used(a);

	(void)state;
	keten__v1__to_broker__init(&m);
	arena_fail_at(a, 1);
	assert_int_equal(pb_pack(a, &m.base, &out), ERR_NOMEM);
	assert_true(slice_eq(out, slice_str("blijft")));
	assert_int_equal(arena_used(a), mark);
	arena_fail_at(a, 0);
	assert_int_equal(pb_pack(a, &m.base, &out), ERR_OK);
	arena_free(a);
}

static void
test_a_refusal_wipes_what_was_written(void **state)
{
	struct arena *a = arena_new(256);
	uint8_t secret[512], *p = arena_alloc(a, 256);
	char *text = pb_string("0123456789abcdef0123456789abcdef");
	Keten__V1__PolicyPartner m;
	struct slice out;

	(void)state;
	memset(secret, 0x77, sizeof(secret));
	arena_reset(a);
	keten__v1__policy_partner__init(&m);
	m.n_mailboxes = 6;
	m.mailboxes = (char *[]){ text, text, text, text, text,
		(char *)secret };
	secret[511] = '\0';
	assert_int_equal(pb_pack(a, &m.base, &out), ERR_NOMEM);
	assert_ptr_equal(arena_alloc(a, 256), p);
	for (size_t i = 0; i < 256; i++)
		assert_int_equal(p[i], 0);
	arena_free(a);
}

static void
test_a_head_stands_in_front(void **state)
{
	struct arena *a = arena_new(1 << 16);
	uint8_t head[52], bytes[300] = { 1, 2, 3 };
	ProtobufCMessage *m = make_long(a, bytes, sizeof(bytes));
	struct slice alone, both;

	(void)state;
	memset(head, 0xc3, sizeof(head));
	assert_int_equal(pb_pack(a, m, &alone), ERR_OK);
	assert_int_equal(pb_pack_behind(a, slice_of(head, 52), m, &both),
	    ERR_OK);
	assert_int_equal(both.len, 52 + alone.len);
	assert_memory_equal(both.p, head, 52);
	assert_memory_equal(both.p + 52, alone.p, alone.len);
	arena_free(a);
}

static void
test_what_is_longer_than_it_may_be_is_too_big_whatever_room(void **state)
{
	struct arena *a = arena_new(4096), *small = arena_new(64);
	uint8_t bytes[300] = { 1 };
	ProtobufCMessage *m = make_long(a, bytes, sizeof(bytes));
	struct slice alone, out = slice_str("blijft");
	size_t mark;

	(void)state;
	assert_int_equal(pb_pack(a, m, &alone), ERR_OK);
	mark = arena_used(a);
	assert_int_equal(pb_pack_within(a, alone.len - 1, m, &out),
	    ERR_TOO_BIG);
	assert_int_equal(arena_used(a), mark);
	assert_int_equal(pb_pack_within(small, alone.len - 1, m, &out),
	    ERR_TOO_BIG);
	assert_int_equal(pb_pack_within(small, alone.len, m, &out), ERR_NOMEM);
	assert_true(slice_eq(out, slice_str("blijft")));
	assert_int_equal(arena_used(small), 0);
	assert_int_equal(pb_pack_within(a, alone.len, m, &out), ERR_OK);
	assert_true(slice_eq(out, alone));
	arena_free(small);
	arena_free(a);
}

static void
test_fields_that_are_not_known_go_the_general_way(void **state)
{
	struct arena *a = arena_new(4096);
	uint8_t byte = 7;
	ProtobufCMessageUnknownField field = { .tag = 100,
		.wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 1,
		.data = &byte };
	Keten__V1__ToBroker m;
	struct slice out;

	(void)state;
	keten__v1__to_broker__init(&m);
	m.version = 1;
	m.base.n_unknown_fields = 1;
	m.base.unknown_fields = &field;
	assert_false(pack_message(a, slice_of(NULL, 0), &m.base, &out));
	assert_int_equal(pb_pack(a, &m.base, &out), ERR_OK);
	assert_true(slice_eq(out, as_protobuf_c(a, &m.base)));
	assert_int_equal(out.p[out.len - 1], 7);
	arena_free(a);
}

#define T(name) cmocka_unit_test(test_##name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(any_message_of_any_type_is_written_as_protobuf_c_writes_it),
		T(a_message_without_fields_is_no_bytes),
		T(every_length_takes_as_many_bytes_as_it_needs),
		T(wherever_the_arena_is_full_it_stays_of_use),
		T(a_long_length_at_the_very_end_does_not_go_beyond_it),
		T(the_failing_allocation_is_a_clean_refusal),
		T(a_refusal_wipes_what_was_written),
		T(a_head_stands_in_front),
		T(what_is_longer_than_it_may_be_is_too_big_whatever_room),
		T(fields_that_are_not_known_go_the_general_way),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
