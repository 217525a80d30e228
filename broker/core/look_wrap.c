/*
 * look_wrap -- who made the wrap of a sealed part.
 */
#include <string.h>

#include "core/look.h"
#include "core/record.h"
#include "core/view.h"

#define TRAIL_PAGE 32

/* One wrap that is looked for. */
struct quest {
	uint64_t index;
	uint32_t part;
	const char *key_id;
	struct org by;
};

/* Did this record bring it?  The newest that did counts. */
static bool
brought(const struct quest *q, uint64_t index, const Keten__V1__Facts *f)
{
	if (index == q->index)
		return (true);
	if (f->rewrap == NULL || strcmp(f->rewrap->key_id, q->key_id) != 0)
		return (false);
	for (size_t i = 0; i < f->rewrap->n_parts; i++)
		if (f->rewrap->parts[i]->index == q->index &&
		    f->rewrap->parts[i]->part == q->part)
			return (true);
	return (false);
}

static MUST_CHECK enum err
look_at_record(struct txn *log, uint64_t index, struct quest *q)
{
	struct arena *a = store_scratch(log);
	size_t mark = arena_used(a);
	Keten__V1__RouteFacts *route = NULL;
	Keten__V1__Facts *f;
	struct record rec;
	enum err err = record_read(log, index, a, &rec);

	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, &route);
	if (err == ERR_OK && route != NULL && route->sender != NULL &&
	    brought(q, index, f))
		q->by = org_of(route->sender->partner);
	arena_rewind(a, mark);
	return (err == ERR_CONTENT_GONE ? ERR_OK : err);
}

enum err
look_maker(struct txn *view, struct txn *log, const struct refid *id,
    uint64_t index, uint32_t part, const char *key_id, struct org *by)
{
	struct quest q = { .index = index, .part = part, .key_id = key_id };
	struct view_trail page[TRAIL_PAGE];
	uint64_t from = index;
	size_t n;

	do {
		enum err err = view_trail(view, id, from, page, TRAIL_PAGE,
		    &n);

		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			from = page[i].index + 1;
			err = look_at_record(log, page[i].index, &q);
		}
		if (err != ERR_OK)
			return (err);
	} while (n == TRAIL_PAGE);
	*by = q.by;
	return (ERR_OK);
}
