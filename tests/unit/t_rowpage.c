/*
 * One page of rows: in order, whatever comes, goes and changes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rowpage.h"

#define ROWS_MAX 400

/* The same rows, as anybody would keep them. */
struct row {
	uint8_t key[32];
	size_t key_len;
	uint8_t value[512];
	size_t len;
};

struct book {
	uint64_t seed;
	struct rowpage *page;
	size_t n;
	struct row row[ROWS_MAX];
};

static uint64_t
below(struct book *b, uint64_t n)
{
	uint64_t z = (b->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	return ((z ^ (z >> 31)) % n);
}

static struct book *
book_new(uint64_t seed)
{
	struct book *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->seed = seed;
	b->page = malloc(ROWPAGE_SIZE);
	assert_non_null(b->page);
	rowpage_init(b->page, 0);
	return (b);
}

static void
book_free(struct book *b)
{
	free(b->page);
	free(b);
}

static int
compare(const struct row *a, const struct row *b)
{
	size_t n = a->key_len < b->key_len ? a->key_len : b->key_len;
	int c = memcmp(a->key, b->key, n);

	return (c != 0 ? c : a->key_len < b->key_len ? -1
				 : a->key_len > b->key_len);
}

/* Keys that begin alike, are each other's beginning, or end with zeros. */
static void
some_row(struct book *b, struct row *r)
{
	static const uint8_t heads[4][8] = { "gemeente", "gemeent\0",
		"gem\0\0\0\0\0", "\0\0\0\0\0\0\0\0" };

	memset(r, 0, sizeof(*r));
	memcpy(r->key, heads[below(b, 4)], 8);
	r->key_len = 8 + below(b, 6);
	for (size_t i = 8; i < r->key_len; i++)
		r->key[i] = (uint8_t)below(b, 3);
	if (below(b, 5) == 0)
		r->key_len = 1 + below(b, 8);
	r->len = below(b, 20) == 0 ? below(b, sizeof(r->value)) : below(b, 30);
	memset(r->value, (int)below(b, 256), r->len);
}

static size_t
place(const struct book *b, const struct row *r)
{
	size_t i = 0;

	while (i < b->n && compare(&b->row[i], r) < 0)
		i++;
	return (i);
}

static void
same(const struct book *b)
{
	assert_int_equal(b->page->n, b->n);
	for (size_t i = 0; i < b->n; i++) {
		const struct row *r = &b->row[i];
		struct slice key = rowpage_key(b->page, i);
		struct slice value = rowpage_value(b->page, i);

		assert_true(slice_eq(key, slice_of(r->key, r->key_len)));
		assert_true(slice_eq(value, slice_of(r->value, r->len)));
	}
}

static void
put(struct book *b, const struct row *r)
{
	struct slice key = slice_of(r->key, r->key_len);
	struct slice value = slice_of(r->value, r->len);
	size_t i = place(b, r);
	bool exact;

	assert_int_equal(rowpage_find(b->page, key, &exact), i);
	assert_true(exact == (i < b->n && compare(&b->row[i], r) == 0));
	if (exact) {
		if (rowpage_change(b->page, i, value)) {
			assert_true(r->len <= b->row[i].len);
			b->row[i] = *r;
			return;
		}
		assert_true(r->len > b->row[i].len);
		rowpage_remove(b->page, i);
		memmove(&b->row[i], &b->row[i + 1],
		    (--b->n - i) * sizeof(*r));
	}
	if (b->n == ROWS_MAX || !rowpage_has_room(b->page, key, value))
		return;
	rowpage_add(b->page, i, key, value);
	memmove(&b->row[i + 1], &b->row[i], (b->n++ - i) * sizeof(*r));
	b->row[i] = *r;
}

static void
drop(struct book *b)
{
	size_t i;

	if (b->n == 0)
		return;
	i = below(b, b->n);
	rowpage_remove(b->page, i);
	memmove(&b->row[i], &b->row[i + 1], (--b->n - i) * sizeof(*b->row));
}

static void
test_rows_stay_in_order(void **state)
{
	struct row r;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct book *b = book_new(seed);

		for (int i = 0; i < 4000; i++) {
			/* Mostly more, at times mostly less. */
			if (below(b, 8) < (i / 500 % 2 == 0 ? 2u : 6u)) {
				drop(b);
			} else {
				some_row(b, &r);
				put(b, &r);
			}
			if (i % 100 == 0)
				same(b);
		}
		same(b);
		book_free(b);
	}
}

static void
test_room_is_what_all_rows_leave(void **state)
{
	struct book *b = book_new(77);
	size_t used = 0;
	struct row r;

	(void)state;
	assert_int_equal(rowpage_used(b->page), 0);
	for (int i = 0; i < 3000; i++) {
		some_row(b, &r);
		put(b, &r);
	}
	for (size_t i = 0; i < b->n; i++)
		used += 2 + b->row[i].key_len + b->row[i].len +
		    sizeof(struct rowpage_slot);
	assert_int_equal(rowpage_used(b->page), used);
	while (b->n > 0)
		drop(b);
	assert_int_equal(rowpage_used(b->page), 0);
	/* All of it is there again, wherever the rows lay. */
	assert_true(rowpage_has_room(b->page, slice_of(r.key, 0),
	    slice_of(r.key, ROWPAGE_SIZE - sizeof(struct rowpage) - 2 -
		sizeof(struct rowpage_slot))));
	some_row(b, &r);
	put(b, &r);
	same(b);
	book_free(b);
}

static void
test_two_pages_have_what_one_had(void **state)
{
	struct rowpage *right = malloc(ROWPAGE_SIZE);
	struct row r;

	(void)state;
	assert_non_null(right);
	for (uint64_t seed = 100; seed < 130; seed++) {
		struct book *b = book_new(seed);
		struct slice key, value;
		size_t at;
		bool exact;

		for (int i = 0; i < 2000; i++) {
			some_row(b, &r);
			put(b, &r);
		}
		key = slice_of(r.key, r.key_len);
		value = slice_of(r.value, r.len);
		at = rowpage_half(b->page, place(b, &r), key, value);
		assert_true(at > 0 && at < b->n);
		rowpage_init(right, 0);
		rowpage_split(b->page, at, right);
		assert_int_equal(b->page->n + right->n, b->n);
		assert_in_range(rowpage_used(b->page), ROWPAGE_SIZE / 4,
		    ROWPAGE_SIZE * 3 / 4);
		assert_in_range(rowpage_used(right), ROWPAGE_SIZE / 4,
		    ROWPAGE_SIZE * 3 / 4);
		for (size_t i = at; i < b->n; i++) {
			key = slice_of(b->row[i].key, b->row[i].key_len);
			assert_int_equal(rowpage_find(right, key, &exact),
			    i - at);
			assert_true(exact);
			assert_int_equal(rowpage_find(b->page, key, &exact), at);
			assert_false(exact);
		}
		rowpage_join(b->page, right);
		assert_int_equal(right->n, 0);
		same(b);
		book_free(b);
	}
	free(right);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_stay_in_order),
		cmocka_unit_test(test_room_is_what_all_rows_leave),
		cmocka_unit_test(test_two_pages_have_what_one_had),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
