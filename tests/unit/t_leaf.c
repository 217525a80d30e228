/*
 * Leaves, record hashes, running hashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trust/digest.h"
#include "trust/leaf.h"

static void
test_a_leaf_is_48_bytes_and_reads_back(void **state)
{
	struct leaf l = { .kind = LEAF_COMMAND,
		.time_ms = 0x0102030405060708 }, back;
	uint8_t out[LEAF_LEN];
	size_t len;
	char hex[2 * LEAF_LEN + 1];

	(void)state;
	memset(l.record, 0xab, 32);
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len), ERR_OK);
	assert_int_equal(len, LEAF_LEN);
	hex_encode(out, len, hex);
	assert_memory_equal(hex, "4b544e31010000000102030405060708abab", 36);
	assert_int_equal(leaf_decode(slice_of(out, len), &back), ERR_OK);
	assert_int_equal(back.kind, LEAF_COMMAND);
	assert_int_equal(back.time_ms, l.time_ms);
	assert_memory_equal(back.record, l.record, 32);
	assert_int_equal(back.clear.len, 0);
	assert_int_equal(leaf_length(out), LEAF_LEN);
	assert_string_equal(leaf_kind_name(LEAF_ERASE), "ERASE");
	assert_string_equal(leaf_kind_name((enum leaf_kind)77), "?");
}

static void
test_what_is_not_a_leaf_is_refused(void **state)
{
	struct leaf l = { .kind = LEAF_TICK, .time_ms = 1 }, back;
	uint8_t out[LEAF_LEN];
	size_t len;

	(void)state;
	assert_int_equal(leaf_encode(&l, out, 47, &len), ERR_FULL);
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len), ERR_OK);
	/* Every bit of the first nine bytes matters, but for the kind. */
	for (size_t bit = 0; bit < 72; bit++) {
		if (bit / 8 == 4)
			continue;
		if (bit / 8 == 8 && bit % 8 != 7)
			continue;
		out[bit / 8] ^= (uint8_t)(1 << (bit % 8));
		assert_int_equal(leaf_decode(slice_of(out, len), &back),
		    ERR_MALFORMED);
		out[bit / 8] ^= (uint8_t)(1 << (bit % 8));
	}
	out[4] = 0;
	assert_int_equal(leaf_decode(slice_of(out, len), &back),
	    ERR_MALFORMED);
	out[4] = LEAF_ANCHOR;
	assert_int_equal(leaf_decode(slice_of(out, len), &back),
	    ERR_MALFORMED);
	out[4] = LEAF_ERASE; /* which must have a clear body */
	assert_int_equal(leaf_decode(slice_of(out, len), &back),
	    ERR_MALFORMED);
	assert_int_equal(leaf_decode(slice_of(out, 47), &back),
	    ERR_MALFORMED);
	l.clear = slice_str("x");
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len),
	    ERR_MALFORMED);
	l.clear = slice_str("");
	l.time_ms = -1;
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len),
	    ERR_MALFORMED);
}

static void
test_an_erasure_lists_its_ranges_in_the_clear(void **state)
{
	static const struct leaf_range ranges[2] = { { 5, 2 }, { 7, 1 } };
	static const struct leaf_range wrong[2] = { { 5, 3 }, { 7, 1 } };
	struct leaf_erase e = { 2, 0x0102, 2, ranges }, back;
	struct leaf_range room[2];
	uint8_t clear[64], out[LEAF_LEN + 64];
	struct leaf l = { .kind = LEAF_ERASE }, leaf;
	size_t len, n;

	(void)state;
	assert_int_equal(leaf_erase_encode(&e, clear, 28, &len), ERR_FULL);
	assert_int_equal(leaf_erase_encode(&e, clear, 29, &len), ERR_OK);
	assert_int_equal(len, 29);
	l.clear = slice_of(clear, len);
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &n), ERR_OK);
	assert_int_equal(n, LEAF_LEN + 29);
	assert_int_equal(leaf_length(out), n);
	assert_int_equal(leaf_decode(slice_of(out, n), &leaf), ERR_OK);
	assert_int_equal(leaf_erase_decode(leaf.clear, room, 1, &back),
	    ERR_FULL);
	assert_int_equal(leaf_erase_decode(leaf.clear, room, 2, &back),
	    ERR_OK);
	assert_int_equal(back.level, 2);
	assert_int_equal(back.rule, 0x0102);
	assert_int_equal(back.n, 2);
	assert_int_equal(back.ranges[1].first, 7);
	assert_int_equal(back.ranges[0].count, 2);
	for (size_t cut = 0; cut < leaf.clear.len; cut++)
		assert_int_equal(leaf_erase_decode(
		    slice_of(leaf.clear.p, cut), room, 2, &back),
		    ERR_MALFORMED);

	e.ranges = wrong; /* they overlap */
	assert_int_equal(leaf_erase_encode(&e, clear, 64, &len),
	    ERR_MALFORMED);
	e.ranges = ranges;
	e.level = 3;
	assert_int_equal(leaf_erase_encode(&e, clear, 64, &len),
	    ERR_MALFORMED);
}

static void
test_a_record_hash_needs_only_digests(void **state)
{
	uint8_t salt[32], e[32], f[32], r[32], a[32], b[32], want[32];
	uint8_t whole[14 + 32 + 32 + 32], both[64];

	(void)state;
	memset(salt, 9, sizeof(salt));
	digest_of("envelope", 8, e);
	digest_of("facts", 5, f);
	digest_of("route", 5, r);
	leaf_record(salt, slice_str("envelope"), slice_str("facts"),
	    slice_str("route"), a);
	leaf_record_from(salt, e, f, r, b);
	assert_memory_equal(a, b, 32);

	/* The same by hand, as the agreement has it. */
	memcpy(both, f, 32);
	memcpy(both + 32, r, 32);
	memcpy(whole, "keten1/record\0", 14);
	memcpy(whole + 14, salt, 32);
	memcpy(whole + 46, e, 32);
	digest_of(both, 64, whole + 78);
	digest_of(whole, sizeof(whole), want);
	assert_memory_equal(a, want, 32);

	leaf_record(salt, slice_of(NULL, 0), slice_str("facts"),
	    slice_str("route"), b);
	assert_memory_not_equal(a, b, 32);
}

static void
test_the_running_hash_binds_order_and_number(void **state)
{
	uint8_t start[32] = { 0 }, one[32], two[32], h[32], k[32], g[32];

	(void)state;
	memset(one, 1, 32);
	memset(two, 2, 32);
	leaf_running(start, 1, one, h);
	leaf_running(h, 2, two, h);
	leaf_running(start, 1, two, k);
	leaf_running(k, 2, one, k);
	assert_memory_not_equal(h, k, 32);
	leaf_running(start, 1, one, g);
	leaf_running(g, 3, two, g);
	assert_memory_not_equal(h, g, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_leaf_is_48_bytes_and_reads_back),
		cmocka_unit_test(test_what_is_not_a_leaf_is_refused),
		cmocka_unit_test(
		    test_an_erasure_lists_its_ranges_in_the_clear),
		cmocka_unit_test(test_a_record_hash_needs_only_digests),
		cmocka_unit_test(
		    test_the_running_hash_binds_order_and_number),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
