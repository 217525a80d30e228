/*
 * store_memory -- the tables of a scratch store.
 */
#include <assert.h>
#include <string.h>

#include "core/store_memory_in.h"

/* Pages of 350 branches each: more levels than any disk has room for. */
#define LEVELS_MAX 8

struct step {
	uint32_t page;
	size_t i; /* of the page below */
};

/* The pages from the root to a row. */
struct path {
	size_t n;
	struct step step[LEVELS_MAX];
};

/* A row, or where it would come. */
struct spot {
	uint32_t page;
	size_t i;
	bool exact;
};

/* --- pages -------------------------------------------------------------- */

static struct rowpage *
page_at(const struct store_memory *m, uint32_t page)
{
	return ((struct rowpage *)(void *)(m->base +
	    (uint64_t)page * ROWPAGE_SIZE));
}

static MUST_CHECK enum err
new_page(struct store_memory *m, unsigned int level, uint32_t *page)
{
	uint32_t got = m->unused;
	enum err err = ERR_OK;

	if (got != 0) {
		m->unused = page_at(m, got)->next;
	} else {
		if (store_memory_bytes(m) + ROWPAGE_SIZE > m->size)
			err = m->pages == UINT32_MAX ? ERR_FULL
						     : store_memory_grow(m);
		if (err != ERR_OK)
			return (err);
		got = m->pages++;
	}
	rowpage_init(page_at(m, got), level);
	*page = got;
	return (ERR_OK);
}

static void
free_page(struct store_memory *m, struct tree *tr, uint32_t page)
{
	struct rowpage *p = page_at(m, page);

	if (p->prev != 0)
		page_at(m, p->prev)->next = p->next;
	if (p->next != 0)
		page_at(m, p->next)->prev = p->prev;
	if (tr->recent == page)
		tr->recent = 0;
	p->next = m->unused;
	m->unused = page;
}

/* What the slots above the lowest level hold: a page. */
static uint32_t
page_below(const struct rowpage *p, size_t i)
{
	uint32_t page;

	memcpy(&page, rowpage_value(p, i).p, sizeof(page));
	return (page);
}

static struct slice
slice_of_page(const uint32_t *page)
{
	return (slice_of(page, sizeof(*page)));
}

/* --- finding ------------------------------------------------------------ */

/* From the root down, noting the way. */
static struct spot
descend(const struct store_memory *m, struct tree *tr, struct slice key,
    struct path *path)
{
	struct spot s = { .page = tr->root };
	const struct rowpage *p = page_at(m, s.page);

	path->n = 0;
	while (p->level > 0) {
		size_t i = rowpage_find(p, key, &s.exact);

		/* The first has an empty key: nothing is less. */
		if (!s.exact)
			i--;
		assert(i < p->n && path->n < LEVELS_MAX);
		path->step[path->n++] = (struct step){ s.page, i };
		s.page = page_below(p, i);
		p = page_at(m, s.page);
	}
	s.i = rowpage_find(p, key, &s.exact);
	tr->recent = s.page;
	return (s);
}

/* The page that was used last is often the right one: then there is no way. */
static struct spot
find(const struct store_memory *m, struct tree *tr, struct slice key,
    struct path *path)
{
	struct spot s = { .page = tr->recent };

	path->n = 0;
	if (s.page != 0) {
		const struct rowpage *p = page_at(m, s.page);

		s.i = rowpage_find(p, key, &s.exact);
		if (s.exact || (s.i > 0 && (s.i < p->n || p->next == 0)))
			return (s);
	}
	return (descend(m, tr, key, path));
}

/* The spot was found without a way, and now one is needed. */
static void
need_path(const struct store_memory *m, struct tree *tr, struct slice key,
    struct spot *s, struct path *path)
{
	if (path->n == 0)
		*s = descend(m, tr, key, path);
}

enum err
store_memory_get(struct store_memory *m, enum table table, struct slice key,
    struct slice *value)
{
	struct tree *tr = &m->tree[table];
	struct path path;
	struct spot s;

	if (key.len == 0)
		return (ERR_STORE);
	if (tr->root == 0)
		return (ERR_NOT_FOUND);
	s = find(m, tr, key, &path);
	if (!s.exact)
		return (ERR_NOT_FOUND);
	*value = rowpage_value(page_at(m, s.page), s.i);
	return (ERR_OK);
}

uint64_t
store_memory_count(const struct store_memory *m, enum table table)
{
	return (m->tree[table].count);
}

/* --- in order ----------------------------------------------------------- */

static MUST_CHECK enum err
stand_at(struct store_memory *m, struct tree *tr, uint32_t page, size_t i,
    struct slice *key, struct slice *value)
{
	const struct rowpage *p = page_at(m, page);

	tr->at = page;
	tr->i = (uint16_t)i;
	tr->has_changed = false;
	*key = rowpage_key(p, i);
	*value = rowpage_value(p, i);
	return (ERR_OK);
}

/* There is no such row, and nothing after it. */
static MUST_CHECK enum err
stand_nowhere(struct tree *tr)
{
	tr->at = 0;
	tr->has_changed = false;
	return (ERR_NOT_FOUND);
}

enum err
store_memory_seek(struct store_memory *m, enum table table,
    struct slice from, struct slice *key, struct slice *value)
{
	struct tree *tr = &m->tree[table];
	const struct rowpage *p;
	struct path path;
	struct spot s;

	if (tr->root == 0)
		return (stand_nowhere(tr));
	s = find(m, tr, from, &path);
	p = page_at(m, s.page);
	if (s.i < p->n)
		return (stand_at(m, tr, s.page, s.i, key, value));
	if (p->next == 0)
		return (stand_nowhere(tr));
	return (stand_at(m, tr, p->next, 0, key, value));
}

enum err
store_memory_next(struct store_memory *m, enum table table,
    struct slice *key, struct slice *value)
{
	struct tree *tr = &m->tree[table];
	const struct rowpage *p;

	if (tr->has_changed)
		return (ERR_STORE);
	if (tr->at == 0)
		return (ERR_NOT_FOUND);
	p = page_at(m, tr->at);
	if (tr->i + 1 < p->n)
		return (stand_at(m, tr, tr->at, tr->i + (size_t)1, key,
		    value));
	if (p->next == 0)
		return (stand_nowhere(tr));
	return (stand_at(m, tr, p->next, 0, key, value));
}

/* The lowest page that comes last. */
static uint32_t
last_page(const struct store_memory *m, const struct tree *tr)
{
	uint32_t page = tr->root;
	const struct rowpage *p = page_at(m, page);

	while (p->level > 0) {
		page = page_below(p, p->n - (size_t)1);
		p = page_at(m, page);
	}
	return (page);
}

enum err
store_memory_before(struct store_memory *m, enum table table,
    struct slice until, struct slice *key, struct slice *value)
{
	struct tree *tr = &m->tree[table];
	struct spot s = { 0 };
	struct path path;

	if (tr->root == 0)
		return (stand_nowhere(tr));
	if (until.len > 0) {
		s = find(m, tr, until, &path);
	} else {
		s.page = last_page(m, tr);
		s.i = page_at(m, s.page)->n;
	}
	if (s.i == 0) {
		s.page = page_at(m, s.page)->prev;
		if (s.page == 0)
			return (stand_nowhere(tr));
		s.i = page_at(m, s.page)->n;
	}
	return (stand_at(m, tr, s.page, s.i - 1, key, value));
}

/* --- writing ------------------------------------------------------------ */

static MUST_CHECK enum err insert(struct store_memory *m, struct tree *tr,
    struct path *path, struct spot s, struct slice key, struct slice value);

/* A second page behind ${page}. */
static MUST_CHECK enum err
new_right(struct store_memory *m, uint32_t page, uint32_t *right)
{
	struct rowpage *p = page_at(m, page), *r;
	enum err err = new_page(m, p->level, right);

	if (err != ERR_OK)
		return (err);
	r = page_at(m, *right);
	r->prev = page;
	r->next = p->next;
	if (p->next != 0)
		page_at(m, p->next)->prev = *right;
	p->next = *right;
	return (ERR_OK);
}

/*
 * Where to split for a row at ${s}.  Rows that come one behind the other, as
 * the numbers of a lane do, go on doing so: then leave full pages behind.
 */
static size_t
where_to_split(const struct rowpage *p, const struct spot *s, struct slice key,
    struct slice value)
{
	if (s->i > 0 && (s->i == p->n || p->newest + (size_t)1 == s->i))
		return (s->i);
	return (rowpage_half(p, s->i, key, value));
}

/*
 * The least key of the right page, as short as it can be and still greater
 * than all of the left one.  Further up it has to be the key itself: what lies
 * between the two is in the left page.
 */
static size_t
border_len(const struct rowpage *left, struct slice last, struct slice first)
{
	size_t n = 0;

	if (left->level > 0)
		return (first.len);
	while (n < last.len && n < first.len && last.p[n] == first.p[n])
		n++;
	return (n + 1);
}

/* Tell the level above that ${right} came; there may have been none. */
static MUST_CHECK enum err
add_above(struct store_memory *m, struct tree *tr, struct path *path,
    struct slice border, uint32_t left, uint32_t right)
{
	struct spot s = { .page = 0 };
	enum err err;

	if (path->n > 0) {
		s.page = path->step[path->n - 1].page;
		s.i = path->step[--path->n].i + 1;
		return (insert(m, tr, path, s, border, slice_of_page(&right)));
	}
	err = new_page(m, page_at(m, left)->level + 1u, &s.page);
	if (err != ERR_OK)
		return (err);
	rowpage_add(page_at(m, s.page), 0, slice_of("", 0),
	    slice_of_page(&left));
	rowpage_add(page_at(m, s.page), 1, border, slice_of_page(&right));
	tr->root = s.page;
	return (ERR_OK);
}

/* Above the lowest level the first slot is for all that is less, too. */
static void
open_front(struct rowpage *p)
{
	uint32_t below = page_below(p, 0);

	rowpage_remove(p, 0);
	rowpage_add(p, 0, slice_of("", 0), slice_of_page(&below));
}

/* Make two pages of one that has no room for the row at ${s}, and put it. */
static MUST_CHECK enum err
split(struct store_memory *m, struct tree *tr, struct path *path,
    struct spot s, struct slice key, struct slice value)
{
	struct rowpage *left = page_at(m, s.page), *r;
	size_t at = where_to_split(left, &s, key, value);
	uint8_t border[STORE_KEY_MAX];
	struct slice first;
	uint32_t right = 0;
	enum err err = new_right(m, s.page, &right);

	if (err != ERR_OK)
		return (err);
	r = page_at(m, right);
	rowpage_split(left, at, r);
	if (s.i < at || (s.i == at && r->n > 0 &&
			    rowpage_has_room(left, key, value)))
		rowpage_add(left, s.i, key, value);
	else
		rowpage_add(r, s.i - at, key, value);
	first = rowpage_key(r, 0);
	first.len = border_len(left, rowpage_key(left, left->n - (size_t)1),
	    first);
	memcpy(border, first.p, first.len);
	if (r->level > 0)
		open_front(r);
	return (add_above(m, tr, path, slice_of(border, first.len), s.page,
	    right));
}

static enum err
insert(struct store_memory *m, struct tree *tr, struct path *path,
    struct spot s, struct slice key, struct slice value)
{
	struct rowpage *p = page_at(m, s.page);

	if (!rowpage_has_room(p, key, value))
		return (split(m, tr, path, s, key, value));
	rowpage_add(p, s.i, key, value);
	return (ERR_OK);
}

/* The first row of a table. */
static MUST_CHECK enum err
begin_tree(struct store_memory *m, struct tree *tr)
{
	return (tr->root != 0 ? ERR_OK : new_page(m, 0, &tr->root));
}

enum err
store_memory_put(struct store_memory *m, enum table table, struct slice key,
    struct slice value)
{
	struct tree *tr = &m->tree[table];
	struct path path;
	struct spot s;
	enum err err;

	if (key.len == 0)
		return (ERR_STORE);
	err = begin_tree(m, tr);
	if (err != ERR_OK)
		return (err);
	tr->has_changed = true;
	s = find(m, tr, key, &path);
	if (s.exact && rowpage_change(page_at(m, s.page), s.i, value))
		return (ERR_OK);
	if (s.exact)
		rowpage_remove(page_at(m, s.page), s.i);
	else
		tr->count++;
	if (!rowpage_has_room(page_at(m, s.page), key, value))
		need_path(m, tr, key, &s, &path);
	return (insert(m, tr, &path, s, key, value));
}

enum err
store_memory_add(struct store_memory *m, enum table table, struct slice key,
    struct slice value)
{
	struct tree *tr = &m->tree[table];
	struct rowpage *p;
	bool exact;

	if (tr->root != 0) {
		p = page_at(m, last_page(m, tr));
		if (rowpage_find(p, key, &exact) < p->n)
			return (ERR_CORRUPT);
	}
	return (store_memory_put(m, table, key, value));
}

/* --- removing ----------------------------------------------------------- */

/* Let the level above forget the page that ${path} leads to. */
static void
remove_above(struct store_memory *m, struct tree *tr, struct path *path)
{
	struct step *up;
	struct rowpage *p;
	uint32_t below;

	if (path->n == 0) {
		tr->root = 0;
		return;
	}
	up = &path->step[--path->n];
	p = page_at(m, up->page);
	if (p->n == 1) {
		remove_above(m, tr, path);
		free_page(m, tr, up->page);
		return;
	}
	if (up->i > 0) {
		rowpage_remove(p, up->i);
		return;
	}
	/* What is less than the second still has to find its way. */
	below = page_below(p, 1);
	rowpage_remove(p, 1);
	if (!rowpage_change(p, 0, slice_of_page(&below)))
		assert(false); /* they are of one length */
}

/* Levels that do not branch any more. */
static void
lower_root(struct store_memory *m, struct tree *tr)
{
	while (tr->root != 0 && page_at(m, tr->root)->level > 0 &&
	    page_at(m, tr->root)->n == 1) {
		uint32_t old = tr->root;

		tr->root = page_below(page_at(m, old), 0);
		free_page(m, tr, old);
	}
}

/* Tell whether the page that ${path} leads to fits with the one after it. */
static bool
may_join(const struct store_memory *m, const struct path *path, uint32_t page)
{
	const struct rowpage *p = page_at(m, page);
	const struct step *up;

	if (path->n == 0 || p->next == 0)
		return (false);
	up = &path->step[path->n - 1];
	return (up->i + 1 < page_at(m, up->page)->n &&
	    rowpage_used(p) + rowpage_used(page_at(m, p->next)) <=
		ROWPAGE_SIZE / 2);
}

/* A page is nearly empty: let it go, or be one with the next. */
static void
shrink(struct store_memory *m, struct tree *tr, struct path *path,
    uint32_t page)
{
	struct rowpage *p = page_at(m, page);
	uint32_t next = p->next;

	if (p->n == 0) {
		remove_above(m, tr, path);
		free_page(m, tr, page);
	} else if (may_join(m, path, page)) {
		rowpage_join(p, page_at(m, next));
		path->step[path->n - 1].i++;
		remove_above(m, tr, path);
		free_page(m, tr, next);
	}
	lower_root(m, tr);
}

enum err
store_memory_del(struct store_memory *m, enum table table, struct slice key)
{
	struct tree *tr = &m->tree[table];
	struct path path;
	struct rowpage *p;
	struct spot s;

	if (key.len == 0)
		return (ERR_STORE);
	if (tr->root == 0)
		return (ERR_NOT_FOUND);
	s = find(m, tr, key, &path);
	if (!s.exact)
		return (ERR_NOT_FOUND);
	p = page_at(m, s.page);
	if (p->n == 1 || rowpage_used(p) < ROWPAGE_SIZE / 4)
		need_path(m, tr, key, &s, &path);
	rowpage_remove(p, s.i);
	tr->count--;
	tr->has_changed = true;
	if (rowpage_used(p) < ROWPAGE_SIZE / 4)
		shrink(m, tr, &path, s.page);
	return (ERR_OK);
}

/* Give back ${page} and all below it. */
static void
free_all(struct store_memory *m, struct tree *tr, uint32_t page)
{
	const struct rowpage *p = page_at(m, page);

	for (size_t i = 0; p->level > 0 && i < p->n; i++)
		free_all(m, tr, page_below(p, i));
	free_page(m, tr, page);
}

void
store_memory_clear(struct store_memory *m, enum table table)
{
	struct tree *tr = &m->tree[table];

	if (tr->root != 0)
		free_all(m, tr, tr->root);
	*tr = (struct tree){ .has_changed = true };
}
