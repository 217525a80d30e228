/*
 * t_pb -- protobuf out of an arena, and the small conversions around it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keten/v1/session.pb-c.h"
#include "wire/pb.h"

static void
test_fields_become_bytes_names_and_ids_or_are_refused(void **state)
{
	uint8_t id[16] = { 1, 2, 3, 4, 5, 6, 0x70, 0, 0x80 }, out[16] = { 9 };
	struct refid ref;
	struct org org;

	(void)state;
	assert_int_equal(pb_bytes(pb_of(id, 15), 16, out), ERR_MALFORMED);
	assert_int_equal(out[0], 9);
	assert_int_equal(pb_bytes(pb_of(id, 16), 16, out), ERR_OK);
	assert_memory_equal(out, id, 16);
	assert_int_equal(pb_refid(pb_of(id, 16), &ref), ERR_OK);
	assert_int_equal(pb_refid(pb_of(id, 0), &ref), ERR_MALFORMED);
	assert_int_equal(pb_org("thuiszorg-t", &org), ERR_OK);
	assert_string_equal(org.id, "thuiszorg-t");
	assert_int_equal(pb_org("Thuiszorg", &org), ERR_MALFORMED);
	assert_int_equal(pb_org("", &org), ERR_MALFORMED);
	assert_string_equal(pb_string(NULL), "");
	assert_true(slice_eq(pb_slice(pb_data(slice_str("x"))),
	    slice_str("x")));
}

static void
test_what_does_not_fit_is_not_packed(void **state)
{
	struct arena *a = arena_new(32), *big = arena_new(256);
	struct slice out = slice_str("blijft");
	uint8_t bytes[64] = { 7 };
	Keten__V1__Submit m, *back;

	(void)state;
	keten__v1__submit__init(&m);
	m.envelope = pb_of(bytes, sizeof(bytes));
	assert_int_equal(pb_pack(a, &m.base, &out), ERR_NOMEM);
	assert_true(slice_eq(out, slice_str("blijft")));
	assert_int_equal(pb_pack(big, &m.base, &out), ERR_OK);
	assert_int_equal(out.len, sizeof(bytes) + 2);
	assert_int_equal(pb_unpack(big, &keten__v1__submit__descriptor, out,
	    &prescan_session, &back), ERR_OK);
	assert_int_equal(back->envelope.data[0], 7);
	/* What was unpacked has bytes of its own. */
	assert_true(back->envelope.data < out.p ||
	    back->envelope.data >= out.p + out.len);
	arena_free(a);
	arena_free(big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_fields_become_bytes_names_and_ids_or_are_refused),
		cmocka_unit_test(test_what_does_not_fit_is_not_packed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
