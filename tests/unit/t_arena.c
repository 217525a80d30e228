/*
 * t_arena -- the block of memory behind every message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/arena.h"

static void
test_what_is_asked_for_is_aligned_and_apart(void **state)
{
	struct arena *a = arena_new(1024);
	uint8_t *p = arena_alloc(a, 1), *q = arena_alloc(a, 17);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	assert_int_equal((uintptr_t)p % ARENA_ALIGN, 0);
	assert_int_equal((uintptr_t)q % ARENA_ALIGN, 0);
	assert_true(q >= p + 16);
	assert_int_equal(arena_used(a), 48);
	assert_int_equal(arena_left(a), 1024 - 48);
	arena_free(a);
}

static void
test_a_full_arena_refuses_and_keeps_what_it_has(void **state)
{
	struct arena *a = arena_new(64);
	uint8_t *p = arena_alloc(a, 48);

	(void)state;
	memset(p, 0x5a, 48);
	assert_null(arena_alloc(a, 17));
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_alloc(a, SIZE_MAX - 8));
	assert_null(arena_zero(a, SIZE_MAX / 2, 3));
	assert_non_null(arena_alloc(a, 16));
	assert_non_null(arena_alloc(a, 0));
	assert_null(arena_alloc(a, 1));
	assert_int_equal(p[47], 0x5a);
	arena_free(a);
}

static void
test_a_reset_wipes_what_was_used(void **state)
{
	struct arena *a = arena_new(256);
	uint8_t *p = arena_alloc(a, 100);

	(void)state;
	memset(p, 0xff, 100);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	assert_int_equal(arena_high(a), 112);
	assert_ptr_equal(arena_alloc(a, 100), p);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	arena_free(a);
}

static void
test_one_that_wipes_late_hands_out_what_it_took_back(void **state)
{
	struct arena *a = arena_new(256);
	uint8_t *p;

	(void)state;
	arena_wipe_late(a);
	p = arena_alloc(a, 100);
	memset(p, 0xff, 100);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	assert_int_equal(arena_high(a), 112);
	assert_ptr_equal(arena_alloc(a, 100), p);
	for (size_t i = 0; i < 100; i++)
#ifdef ARENA_FILL
		assert_int_equal(p[i], ARENA_FILL);
#else
		assert_int_equal(p[i], 0xff);
#endif
	arena_free(a);
}

static void
test_rewinding_takes_back_the_newest_only(void **state)
{
	struct arena *a = arena_new(256);
	uint8_t *p = arena_alloc(a, 16), *q;
	size_t mark = arena_used(a);

	(void)state;
	memset(p, 1, 16);
	q = arena_alloc(a, 32);
	memset(q, 2, 32);
	arena_rewind(a, mark);
	assert_int_equal(arena_used(a), mark);
	assert_int_equal(p[15], 1);
	assert_ptr_equal(arena_alloc(a, 32), q);
	assert_int_equal(q[0], 0);
	arena_rewind(a, 10000);
	assert_int_equal(arena_used(a), mark + 32);
	arena_free(a);
}

static void
test_copies_and_texts_are_whole(void **state)
{
	struct arena *a = arena_new(64);
	struct slice s;

	(void)state;
	assert_int_equal(arena_copy(a, slice_str("sleutel"), &s), 0);
	assert_true(slice_eq(s, slice_str("sleutel")));
	assert_string_equal(arena_text(a, slice_str("houder")), "houder");
	assert_string_equal(arena_text(a, slice_of(NULL, 0)), "");
	assert_null(arena_text(a, slice_of("", SIZE_MAX)));
	s = slice_str("blijft");
	assert_int_equal(arena_copy(a, slice_of(a, 4096), &s), -1);
	assert_true(slice_eq(s, slice_str("blijft")));
	arena_free(a);
}

static void
test_the_nth_allocation_and_all_after_it_fail_on_request(void **state)
{
	struct arena *a = arena_new(1024);

	(void)state;
	arena_fail_at(a, 3);
	assert_non_null(arena_alloc(a, 1));
	assert_non_null(arena_alloc(a, 1));
	assert_null(arena_alloc(a, 1));
	assert_null(arena_alloc(a, 1));
	arena_fail_at(a, 0);
	assert_non_null(arena_alloc(a, 1));
	arena_free(a);
}

static void
test_the_allocator_of_protobuf_draws_on_the_arena(void **state)
{
	struct arena *a = arena_new(64);
	ProtobufCAllocator *pb = arena_protobuf(a);
	void *p = pb->alloc(pb->allocator_data, 40);

	(void)state;
	assert_non_null(p);
	pb->free(pb->allocator_data, p);
	assert_int_equal(arena_used(a), 48);
	assert_null(pb->alloc(pb->allocator_data, 40));
	arena_free(a);
	arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_asked_for_is_aligned_and_apart),
		cmocka_unit_test(
		    test_a_full_arena_refuses_and_keeps_what_it_has),
		cmocka_unit_test(test_a_reset_wipes_what_was_used),
		cmocka_unit_test(
		    test_one_that_wipes_late_hands_out_what_it_took_back),
		cmocka_unit_test(test_rewinding_takes_back_the_newest_only),
		cmocka_unit_test(test_copies_and_texts_are_whole),
		cmocka_unit_test(
		    test_the_nth_allocation_and_all_after_it_fail_on_request),
		cmocka_unit_test(
		    test_the_allocator_of_protobuf_draws_on_the_arena),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
