/*
 * erased -- which whole records the log itself says are erased.
 */
#include <stdlib.h>

#include "core/erased.h"
#include "trust/leaf.h"

/* Leaves between two looks at the clock. */
#define LOOK 4096

struct erased {
	uint64_t until;
	size_t n;
	size_t cap;
	struct leaf_range *range; /* in order, apart from each other */
};

static MUST_CHECK enum err
add(struct erased *e, const struct leaf_range *r)
{
	if (e->n == e->cap) {
		size_t cap = e->cap == 0 ? 64 : 2 * e->cap;
		struct leaf_range *more =
		    realloc(e->range, cap * sizeof(*more));

		if (more == NULL)
			return (ERR_NOMEM);
		e->range = more;
		e->cap = cap;
	}
	e->range[e->n++] = *r;
	return (ERR_OK);
}

static MUST_CHECK enum err
add_leaf(struct erased *e, uint64_t index, struct slice clear)
{
	struct leaf_range *list = calloc(LEAF_ERASE_MAX, sizeof(*list));
	struct leaf_erase body;
	enum err err;

	if (list == NULL)
		return (ERR_NOMEM);
	err = leaf_erase_decode(clear, list, LEAF_ERASE_MAX, &body);
	if (err == ERR_OK && body.level == 2) {
		e->until = index;
		for (size_t i = 0; i < body.n && err == ERR_OK; i++)
			err = add(e, &body.ranges[i]);
	}
	free(list);
	return (err == ERR_OK || err == ERR_NOMEM ? err : ERR_CORRUPT);
}

static int
by_first(const void *a, const void *b)
{
	const struct leaf_range *x = a, *y = b;

	return (x->first < y->first ? -1 : x->first > y->first);
}

/* A look at the kind first: most leaves are none of these. */
static MUST_CHECK enum err
look(struct erased *e, struct txn *t, uint64_t index)
{
	struct slice bytes;
	struct leaf leaf;
	enum err err = store_leaf(t, index, &bytes);

	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	if (bytes.len < LEAF_LEN || bytes.p[4] != LEAF_ERASE)
		return (ERR_OK);
	if (leaf_decode(bytes, &leaf) != ERR_OK)
		return (ERR_CORRUPT);
	return (add_leaf(e, index, leaf.clear));
}

enum err
erased_load(struct txn *t, struct erased **out)
{
	struct erased *e = calloc(1, sizeof(*e));
	uint64_t size = store_size(t);
	enum err err = e == NULL ? ERR_NOMEM : ERR_OK;

	for (uint64_t i = 0; i < size && err == ERR_OK; i++) {
		if (i % LOOK == 0 && !store_is_turn(t) && store_is_stale(t))
			err = store_renew(t);
		if (err == ERR_OK)
			err = look(e, t, i);
	}
	if (err != ERR_OK) {
		erased_free(e);
		return (err);
	}
	if (e->n > 0)
		qsort(e->range, e->n, sizeof(e->range[0]), by_first);
	*out = e;
	return (ERR_OK);
}

void
erased_free(struct erased *e)
{
	if (e == NULL)
		return;
	free(e->range);
	free(e);
}

bool
erased_has(const struct erased *e, uint64_t index)
{
	size_t low = 0, high = e->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct leaf_range *r = &e->range[mid];

		if (index < r->first)
			high = mid;
		else if (index - r->first >= r->count)
			low = mid + 1;
		else
			return (true);
	}
	return (false);
}

uint64_t
erased_until(const struct erased *e)
{
	return (e->until);
}
