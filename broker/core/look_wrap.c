/*
 * look_wrap -- who made the wrap of a sealed part.
 */
#include "core/look.h"
#include "core/record.h"
#include "core/view.h"

enum err
look_maker(struct txn *view, struct txn *log, uint64_t index, uint32_t part,
    const char *key_id, struct org *by)
{
	struct arena *a = store_scratch(log);
	size_t mark = arena_used(a);
	Keten__V1__RouteFacts *route = NULL;
	Keten__V1__Facts *f;
	struct record rec;
	struct org maker = org_of("");
	uint64_t at = 0;
	enum err err = view_wrapped(view, index, part, key_id, &at);

	if (err == ERR_OK)
		err = record_read(log, at, a, &rec);
	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, &route);
	if (err == ERR_OK && route != NULL && route->sender != NULL)
		maker = org_of(route->sender->partner);
	arena_rewind(a, mark);
	if (err != ERR_OK && err != ERR_CONTENT_GONE)
		return (err);
	*by = maker;
	return (ERR_OK);
}
