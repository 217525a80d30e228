/*
 * t_unpack -- what comes out is what protobuf-c makes of the same bytes.
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
#include "wire/pbwire.h"
#include "wire/unpack.h"

#define BYTES 65536
#define DEEP 6

static const ProtobufCMessageDescriptor *const roots[] = {
	&keten__v1__statement__descriptor,
	&keten__v1__envelope__descriptor,
	&keten__v1__to_broker__descriptor,
	&keten__v1__from_broker__descriptor,
	&keten__v1__content__descriptor,
	&keten__v1__key_statement__descriptor,
	&keten__v1__policy__descriptor,
	&keten__v1__facts__descriptor,
	&keten__v1__route_facts__descriptor,
	&keten__v1__referral_state__descriptor,
};

#define N_ROOTS (sizeof(roots) / sizeof(roots[0]))

struct bytes {
	uint8_t *p;
	size_t len;
	uint64_t seed;
};

static uint64_t
next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(2685821657736338717));
}

static void
put_varint(struct bytes *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		b->p[b->len++] = (uint8_t)(n | 0x80);
	b->p[b->len++] = (uint8_t)n;
}

static void put_message(struct bytes *b, const ProtobufCMessageDescriptor *d,
    int deep);

/* A number that ${f} may hold: small, large, negative. */
static uint64_t
number_for(struct bytes *b, const ProtobufCFieldDescriptor *f)
{
	const ProtobufCEnumDescriptor *e = f->descriptor;
	uint64_t n = next(&b->seed) >> (next(&b->seed) % 64);

	if (f->type == PROTOBUF_C_TYPE_BOOL)
		return (n & 1);
	if (f->type == PROTOBUF_C_TYPE_UINT32 ||
	    f->type == PROTOBUF_C_TYPE_SINT32)
		return ((uint32_t)n);
	if (f->type == PROTOBUF_C_TYPE_INT32)
		return ((uint64_t)(int64_t)(int32_t)n);
	if (f->type == PROTOBUF_C_TYPE_ENUM)
		return ((uint64_t)e->values[n % e->n_values].value);
	return (n);
}

/* One member of ${f}; false: not of this type. */
static bool
put_member(struct bytes *b, const ProtobufCFieldDescriptor *f, int deep)
{
	static uint8_t inner[BYTES];
	struct bytes in = { .p = b->p + b->len + 8, .seed = next(&b->seed) };

	if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
		if (deep == 0)
			return (false);
		put_message(&in, f->descriptor, deep - 1);
	} else if (pbwire_type(f->type) == WIRE_VARINT &&
	    f->label == PROTOBUF_C_LABEL_REPEATED && (in.seed & 1) != 0) {
		/* A list of numbers in one piece, maybe of none. */
		for (uint64_t n = next(&b->seed) % 6; n > 0; n--) {
			in.seed = next(&b->seed);
			put_varint(&in, number_for(&in, f));
		}
	} else if (f->type == PROTOBUF_C_TYPE_STRING ||
	    f->type == PROTOBUF_C_TYPE_BYTES) {
		in.len = next(&b->seed) % 20;
		memset(in.p, 'a' + (int)(next(&b->seed) % 26), in.len);
	} else {
		put_varint(b, (uint64_t)f->id << 3);
		put_varint(b, number_for(b, f));
		return (true);
	}
	memcpy(inner, in.p, in.len);
	put_varint(b, (uint64_t)f->id << 3 | 2);
	put_varint(b, in.len);
	memcpy(b->p + b->len, inner, in.len);
	b->len += in.len;
	return (true);
}

/* Any fields of ${d}, in any order of those that are lists. */
static void
put_message(struct bytes *b, const ProtobufCMessageDescriptor *d, int deep)
{
	uint32_t oneof = 0;

	for (int round = 0; round < 2; round++)
		for (unsigned int i = 0; i < d->n_fields; i++) {
			const ProtobufCFieldDescriptor *f = &d->fields[i];
			bool list = f->label == PROTOBUF_C_LABEL_REPEATED;
			bool one = (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;

			if (b->len > BYTES / 4 || next(&b->seed) % 3 == 0 ||
			    (round > 0 && !list) || (one && oneof != 0))
				continue;
			if (put_member(b, f, deep) && one)
				oneof = f->id;
		}
}

/* The same bytes both ways; true if they passed the pre-scan. */
static bool
same(const ProtobufCMessageDescriptor *d, struct slice s, struct arena *a)
{
	struct prescan_limits lim = prescan_policy;
	ProtobufCMessage *ours = NULL, *theirs;
	struct slice packed, expected;
	struct prescan found;
	size_t mark;

	arena_reset(a);
	if (prescan_message(d, s, &lim, &found, NULL) != ERR_OK)
		return (false);
	theirs = protobuf_c_message_unpack(d, arena_protobuf(a), s.len, s.p);
	assert_non_null(theirs);
	mark = arena_used(a);
	ours = unpack_message(a, d, s);
	assert_non_null(ours);
	assert_int_equal(arena_used(a) - mark, found.memory);
	assert_int_equal(pb_pack(a, theirs, &expected), ERR_OK);
	assert_int_equal(pb_pack(a, ours, &packed), ERR_OK);
	assert_true(slice_eq(packed, expected));
	return (true);
}

static void
test_any_message_comes_out_as_protobuf_c_makes_it(void **state)
{
	struct arena *a = arena_new((size_t)32 << 20);
	struct bytes b = { .p = calloc(1, 4 * BYTES), .seed = 4711 };
	size_t passed = 0, n = 20000;

	(void)state;
	assert_non_null(b.p);
	for (size_t i = 0; i < n; i++) {
		const ProtobufCMessageDescriptor *d = roots[i % N_ROOTS];

		b.len = 0;
		put_message(&b, d, (int)(i / N_ROOTS % DEEP));
		passed += same(d, slice_of(b.p, b.len), a);
	}
	/* The others are too deep, or had an enum's zero. */
	assert_in_range(passed, n / 20, n);
	free(b.p);
	arena_free(a);
}

/* Change ${b} somewhere, or cut it off. */
static void
spoil(struct bytes *b)
{
	for (uint64_t n = next(&b->seed) % 3 + 1; n > 0 && b->len > 1; n--) {
		size_t at = (size_t)(next(&b->seed) % b->len);

		if (next(&b->seed) % 4 == 0)
			b->len = at + 1;
		else if (next(&b->seed) % 2 == 0)
			b->p[at] ^= (uint8_t)(1u << next(&b->seed) % 8);
		else
			b->p[at] = (uint8_t)next(&b->seed);
	}
}

/* The bytes may change after the pre-scan: then anything but harm may come. */
static void
test_bytes_that_were_never_looked_through_do_no_harm(void **state)
{
	struct arena *a = arena_new((size_t)32 << 20);
	struct arena *small = arena_new(4096);
	struct bytes b = { .p = calloc(1, 4 * BYTES), .seed = 1867 };
	size_t made = 0, refused = 0;

	(void)state;
	assert_non_null(b.p);
	for (size_t i = 0; i < 40000; i++) {
		const ProtobufCMessageDescriptor *d = roots[i % N_ROOTS];
		uint8_t *exact;

		b.len = 0;
		put_message(&b, d, (int)(i / N_ROOTS % DEEP));
		spoil(&b);
		/* A block of its own, so that reading past it shows. */
		exact = malloc(b.len + 1);
		assert_non_null(exact);
		memcpy(exact, b.p, b.len);
		arena_reset(a);
		arena_reset(small);
		if (unpack_message(a, d, slice_of(exact, b.len)) != NULL)
			made++;
		else
			refused++;
		(void)unpack_message(small, d, slice_of(exact, b.len));
		(void)same(d, slice_of(exact, b.len), a);
		free(exact);
	}
	assert_true(made > 1000 && refused > 1000);
	free(b.p);
	arena_free(a);
	arena_free(small);
}


static void
test_an_unknown_field_is_passed_over(void **state)
{
	static const uint8_t p[] = { 0xa2, 0x06, 0x01, 0x00, 0x08, 0x01 };
	struct arena *a = arena_new(65536);
	Keten__V1__Statement *st;

	(void)state;
	st = (Keten__V1__Statement *)(void *)unpack_message(a,
	    &keten__v1__statement__descriptor, slice_of(p, sizeof(p)));
	assert_non_null(st);
	assert_int_equal(st->version, 1);
	assert_int_equal(st->base.n_unknown_fields, 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_any_message_comes_out_as_protobuf_c_makes_it),
		cmocka_unit_test(
		    test_bytes_that_were_never_looked_through_do_no_harm),
		cmocka_unit_test(test_an_unknown_field_is_passed_over),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
