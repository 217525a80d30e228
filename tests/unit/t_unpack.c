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

#include "help/types.h"
#include "keten/v1/statement.pb-c.h"
#include "wire/pb.h"
#include "wire/unpack.h"

#define DEEP 6

static const ProtobufCMessageDescriptor *
type_of(size_t i)
{
	return (types[i % n_types]);
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
	struct types_bytes b = { .p = calloc(1, 4 * TYPES_BYTES), .seed = 4711 };
	size_t passed = 0, n = 20000;

	(void)state;
	assert_non_null(b.p);
	for (size_t i = 0; i < n; i++) {
		const ProtobufCMessageDescriptor *d = type_of(i);

		b.len = 0;
		types_put(&b, d, (int)(i / n_types % DEEP));
		passed += same(d, slice_of(b.p, b.len), a);
	}
	/* The others are too deep, or had an enum's zero. */
	assert_in_range(passed, n / 20, n);
	free(b.p);
	arena_free(a);
}

/* The bytes may change after the pre-scan: then anything but harm may come. */
static void
test_bytes_that_were_never_looked_through_do_no_harm(void **state)
{
	struct arena *a = arena_new((size_t)32 << 20);
	struct arena *small = arena_new(4096);
	struct types_bytes b = { .p = calloc(1, 4 * TYPES_BYTES), .seed = 1867 };
	size_t made = 0, refused = 0;

	(void)state;
	assert_non_null(b.p);
	for (size_t i = 0; i < 40000; i++) {
		const ProtobufCMessageDescriptor *d = type_of(i);
		uint8_t *exact;

		b.len = 0;
		types_put(&b, d, (int)(i / n_types % DEEP));
		types_spoil(&b);
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
