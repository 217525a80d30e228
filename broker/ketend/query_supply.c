/*
 * query_supply -- questions of partners to the catalogue, page by page: the
 * entries, and who declined for want of room.
 */
#include <string.h>

#include "base/area.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/query.h"
#include "policy/supply.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* Rows looked at for one answer; a page may be shorter, or empty, and still
 * name a next one. */
#define SUPPLY_PAGE 64

static struct arena *
pack_of(const struct query *q)
{
	return (q->b->turn->pack);
}

/* The store has no room in its keys for any word at all. */
static bool
fits(const Keten__V1__CatalogueQuery *ask)
{
	const Keten__V1__CatalogueAt *at = ask->after;

	return (strlen(ask->service) <= STATEMENT_CODE_MAX &&
	    (at == NULL || (strlen(at->service) <= STATEMENT_CODE_MAX &&
		strlen(at->partner) <= ORG_MAX &&
		strlen(at->area) <= AREA_MAX)));
}

static enum err
put_more(struct query *q, const char *service, const char *partner,
    const char *area)
{
	struct arena *a = pack_of(q);
	Keten__V1__CatalogueAt *at = arena_zero(a, 1, sizeof(*at));

	if (at == NULL)
		return (ERR_NOMEM);
	keten__v1__catalogue_at__init(at);
	at->service = arena_text(a, slice_str(service));
	at->partner = arena_text(a, slice_str(partner));
	at->area = arena_text(a, slice_str(area));
	q->answer.catalogue->more_after = at;
	return (at->service == NULL || at->partner == NULL ||
	    at->area == NULL ? ERR_NOMEM : ERR_OK);
}

/* --- entries --------------------------------------------------------------- */

static bool
is_asked(const Keten__V1__CatalogueQuery *ask, const struct view_entry *e)
{
	return (strcmp(e->entry->status, SUPPLY_WITHDRAWN) != 0 &&
	    (ask->partner[0] == '\0' ||
		strcmp(ask->partner, e->partner.id) == 0) &&
	    supply_covers(e->entry, ask->area));
}

static enum err
put_entry(struct query *q, struct view_entry *e)
{
	Keten__V1__CatalogueAnswer *out = q->answer.catalogue;
	Keten__V1__CatalogueRow *row = arena_zero(pack_of(q), 1, sizeof(*row));

	if (row == NULL)
		return (ERR_NOMEM);
	keten__v1__catalogue_row__init(row);
	row->partner = e->partner.id;
	row->entry = e->entry;
	row->index = e->index;
	out->rows[out->n_rows++] = row;
	return (ERR_OK);
}

static enum err
list_entries(struct query *q, const Keten__V1__CatalogueQuery *ask,
    const struct view_at *after)
{
	Keten__V1__CatalogueAnswer *out = q->answer.catalogue;
	struct view_entry *e;
	size_t n = 0, bytes = 0, i;
	enum err err;

	e = arena_zero(pack_of(q), SUPPLY_PAGE, sizeof(*e));
	out->rows = arena_zero(pack_of(q), SUPPLY_PAGE, sizeof(*out->rows));
	if (e == NULL || out->rows == NULL)
		return (ERR_NOMEM);
	err = view_catalogue(q->b->turn->txn, ask->service, after, pack_of(q),
	    e, SUPPLY_PAGE, &n);
	for (i = 0; i < n && err == ERR_OK && bytes < QUERY_ROOM; i++)
		if (is_asked(ask, &e[i])) {
			bytes += keten__v1__catalogue_entry__get_packed_size(
			    e[i].entry);
			err = put_entry(q, &e[i]);
		}
	if (err == ERR_OK && i > 0 && (i < n || n == SUPPLY_PAGE))
		err = put_more(q, e[i - 1].entry->service,
		    e[i - 1].partner.id, "");
	return (err);
}

/* --- no room --------------------------------------------------------------- */

static enum err
put_shortage(struct query *q, const struct view_shortage *s)
{
	struct arena *a = pack_of(q);
	Keten__V1__CatalogueAnswer *out = q->answer.catalogue;
	Keten__V1__CatalogueShortage *row = arena_zero(a, 1, sizeof(*row));
	Keten__V1__Shortage *to = arena_zero(a, 1, sizeof(*to));

	if (row == NULL || to == NULL)
		return (ERR_NOMEM);
	keten__v1__catalogue_shortage__init(row);
	keten__v1__shortage__init(to);
	to->partner = pb_string(s->partner.id);
	to->service = pb_string(s->service);
	to->area = pb_string(s->area);
	to->reason = pb_string(s->reason);
	to->until_ms = s->until_ms;
	row->shortage = to;
	row->index = s->index;
	out->shortages[out->n_shortages++] = row;
	return (ERR_OK);
}

static enum err
add_shortage(struct query *q, const Keten__V1__CatalogueQuery *ask,
    const struct view_shortage *s)
{
	bool shows = false;
	enum err err;

	if ((ask->partner[0] != '\0' &&
		strcmp(ask->partner, s->partner.id) != 0) ||
	    (ask->area[0] != '\0' && !area_contains(ask->area, s->area) &&
		!area_contains(s->area, ask->area)))
		return (ERR_OK);
	err = view_shortage_shows(q->b->turn->txn, s, q->b->turn->now_ms,
	    &shows);
	return (err == ERR_OK && shows ? put_shortage(q, s) : err);
}

static enum err
list_shortages(struct query *q, const Keten__V1__CatalogueQuery *ask,
    const struct view_at *after)
{
	Keten__V1__CatalogueAnswer *out = q->answer.catalogue;
	struct view_shortage *s;
	size_t n = 0;
	enum err err;

	s = arena_zero(pack_of(q), SUPPLY_PAGE, sizeof(*s));
	out->shortages = arena_zero(pack_of(q), SUPPLY_PAGE,
	    sizeof(*out->shortages));
	if (s == NULL || out->shortages == NULL)
		return (ERR_NOMEM);
	err = view_shortages(q->b->turn->txn, ask->service, after, s,
	    SUPPLY_PAGE, &n);
	for (size_t i = 0; i < n && err == ERR_OK; i++)
		err = add_shortage(q, ask, &s[i]);
	if (err == ERR_OK && n == SUPPLY_PAGE)
		err = put_more(q, s[n - 1].service, s[n - 1].partner.id,
		    s[n - 1].area);
	return (err);
}

enum err
query_catalogue(struct query *q)
{
	const Keten__V1__CatalogueQuery *ask = q->q->catalogue;
	const Keten__V1__CatalogueAt *at = ask->after;
	Keten__V1__CatalogueAnswer *out;
	struct view_at after;

	if (!fits(ask))
		return (query_no(q, ERR_BAD_CODE, "zo lang is geen code"));
	if (ask->area[0] != '\0' && !area_is_valid(ask->area))
		return (query_no(q, ERR_BAD_AREA, "gebied: geen CBS-code"));
	out = arena_zero(pack_of(q), 1, sizeof(*out));
	if (out == NULL)
		return (ERR_NOMEM);
	keten__v1__catalogue_answer__init(out);
	out->now_ms = q->b->turn->now_ms;
	q->answer.body_case = KETEN__V1__ANSWER__BODY_CATALOGUE;
	q->answer.catalogue = out;
	if (at != NULL)
		after = (struct view_at){ .service = at->service,
			.partner = at->partner, .area = at->area };
	return (ask->shortages ?
	    list_shortages(q, ask, at == NULL ? NULL : &after) :
	    list_entries(q, ask, at == NULL ? NULL : &after));
}
