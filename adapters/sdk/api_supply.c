/*
 * api -- the catalogue: saying what one offers, and asking who does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "policy/supply.h"
#include "sdk/desk_asks.h"
#include "sdk/entry.h"
#include "sdk/handle.h"
#include "wire/pb.h"

/* ---- saying ------------------------------------------------------------------ */

int
keten_publish(struct keten *k, const struct keten_entry *e,
    const char *source, uint64_t *ticket)
{
	struct keten_order o = { .step = KETEN_PUBLISH, .source = source };
	char *json = entry_write(e);
	int rc;

	if (json == NULL)
		return (handle_err(k, ERR_NOMEM));
	o.text = json;
	rc = keten_order(k, &o, ticket);
	free(json);
	return (rc);
}

int
keten_missing(struct keten *k, const char *code, const char *area,
    const char *source, uint64_t *ticket)
{
	const struct keten_order o = { .step = KETEN_MISSING,
		.source = source, .code = code, .area = area };

	return (keten_order(k, &o, ticket));
}

/* ---- asking ------------------------------------------------------------------ */

/* What the broker answered, all pages of it; in the handle's arena. */
struct found {
	Keten__V1__CatalogueRow **rows;
	size_t n_rows;
	Keten__V1__CatalogueShortage **shortages;
	size_t n_shortages;
	int64_t now_ms; /* by the broker's clock */
};

/* More rows than any network has: the answer would be nonsense. */
#define FOUND_MAX 100000

/* The list of ${n} pointers with room for ${more} others; NULL: no memory, or
 * too many. */
static void *
grown(void *list, size_t n, size_t more)
{
	return (n + more > FOUND_MAX ? NULL
		: reallocarray(list, n + more + 1, sizeof(void *)));
}

static MUST_CHECK enum err
take_rows(struct found *f, const Keten__V1__CatalogueAnswer *page)
{
	Keten__V1__CatalogueRow **rows = grown(f->rows, f->n_rows,
	    page->n_rows);

	if (rows == NULL)
		return (ERR_NOMEM);
	f->rows = rows;
	for (size_t i = 0; i < page->n_rows; i++) {
		if (page->rows[i]->entry == NULL)
			return (ERR_DIGEST);
		rows[f->n_rows++] = page->rows[i];
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
take_shortages(struct found *f, const Keten__V1__CatalogueAnswer *page)
{
	Keten__V1__CatalogueShortage **list = grown(f->shortages,
	    f->n_shortages, page->n_shortages);

	if (list == NULL)
		return (ERR_NOMEM);
	f->shortages = list;
	for (size_t i = 0; i < page->n_shortages; i++) {
		if (page->shortages[i]->shortage == NULL)
			return (ERR_DIGEST);
		list[f->n_shortages++] = page->shortages[i];
	}
	return (ERR_OK);
}

/* Ask page after page; each must begin after the one before. */
static MUST_CHECK enum err
ask_pages(struct keten *k, const struct keten_search *s, bool shortages,
    int64_t end, struct found *f, const char **rule)
{
	Keten__V1__CatalogueQuery ask = KETEN__V1__CATALOGUE_QUERY__INIT;
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__FromBroker *reply;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_CATALOGUE;
	q.catalogue = &ask;
	ask.service = pb_string(s->code);
	ask.area = pb_string(s->area);
	ask.partner = pb_string(s->partner);
	ask.shortages = shortages;
	do {
		int64_t left = end - handle_mono();

		if (left <= 0)
			return (ERR_TIMEOUT);
		err = desk_ask(k, &q, (int)left, &reply, NULL);
		if (err_is_wire(err) && err != ERR_OK)
			*rule = reply->refusal->rule;
		if (err != ERR_OK)
			return (err);
		if (reply->answer->body_case !=
		    KETEN__V1__ANSWER__BODY_CATALOGUE)
			return (ERR_DIGEST);
		err = shortages ? take_shortages(f, reply->answer->catalogue)
				: take_rows(f, reply->answer->catalogue);
		f->now_ms = reply->answer->catalogue->now_ms;
		ask.after = reply->answer->catalogue->more_after;
	} while (err == ERR_OK && ask.after != NULL);
	return (err);
}

/* ---- showing ------------------------------------------------------------------ */

struct showing {
	struct keten *k;
	const struct keten_search *s;
	const struct found *f;
	int64_t now_ms;
	void (*each)(void *cookie, const struct keten_supply *row);
	void *cookie;
};

/* The shortages of the service of one partner, the newest for last. */
static void
put_declines(const struct showing *w, struct keten_supply *row)
{
	uint64_t newest = 0;

	for (size_t i = 0; i < w->f->n_shortages; i++) {
		const Keten__V1__CatalogueShortage *c = w->f->shortages[i];
		const Keten__V1__Shortage *s = c->shortage;

		if (strcmp(s->partner, row->partner) != 0 ||
		    strcmp(s->service, row->service) != 0 ||
		    (row->declined[0] != '\0' && c->index < newest))
			continue;
		newest = c->index;
		(void)snprintf(row->declined, sizeof(row->declined), "%s",
		    s->reason);
		(void)snprintf(row->declined_area, sizeof(row->declined_area),
		    "%s", s->area);
		row->declined_until_ms = s->until_ms;
	}
}

static bool
fits_person(const struct keten_search *s, const struct keten_entry *e)
{
	if (s->urgency != 0 && e->urgencies != 0 &&
	    (e->urgencies >> s->urgency & 1) == 0)
		return (false);
	return (s->age == 0 || (s->age >= e->age_from &&
	    (e->age_until == 0 || s->age <= e->age_until)));
}

static bool
fits(const struct keten_search *s, const struct keten_supply *row)
{
	if (s->open_now && !row->is_open)
		return (false);
	if (s->room && (!row->has_entry || row->declined[0] != '\0' ||
		row->entry.capacity != KETEN_HAS))
		return (false);
	return (!row->has_entry || fits_person(s, &row->entry));
}

static void
begin_row(const struct showing *w, const char *partner, const char *service,
    struct keten_supply *row)
{
	memset(row, 0, sizeof(*row));
	(void)snprintf(row->partner, sizeof(row->partner), "%s", partner);
	(void)snprintf(row->service, sizeof(row->service), "%s", service);
	(void)snprintf(row->service_nl, sizeof(row->service_nl), "%s",
	    keten_label(w->k, row->service));
	put_declines(w, row);
}

static MUST_CHECK enum err
show_entry(const struct showing *w, const Keten__V1__CatalogueRow *c)
{
	const struct policy *p = w->k->policy;
	struct keten_supply row;
	enum err err;

	begin_row(w, c->partner, c->entry->service, &row);
	row.has_entry = true;
	row.index = c->index;
	err = entry_show(w->k->a, c->entry, &row.entry);
	if (err != ERR_OK)
		return (err);
	row.is_open = p != NULL && supply_is_open(p, c->entry, w->now_ms);
	row.opens_ms = p == NULL ? 0
	    : supply_opens_ms(p, c->entry, w->now_ms);
	row.stale_ms = p == NULL ? 0 : supply_stale_ms(p, c->entry);
	row.is_stale = row.stale_ms != 0 && row.stale_ms <= w->now_ms;
	if (fits(w->s, &row))
		w->each(w->cookie, &row);
	return (ERR_OK);
}

static bool
has_entry(const struct found *f, const Keten__V1__Shortage *s)
{
	for (size_t i = 0; i < f->n_rows; i++)
		if (strcmp(f->rows[i]->partner, s->partner) == 0 &&
		    strcmp(f->rows[i]->entry->service, s->service) == 0)
			return (true);
	return (false);
}

/* Who has no entry and declined: once, however many areas that was in. */
static void
show_shortage(const struct showing *w, size_t i)
{
	const Keten__V1__Shortage *s = w->f->shortages[i]->shortage;
	struct keten_supply row;

	for (size_t j = 0; j < i; j++) {
		const Keten__V1__Shortage *t = w->f->shortages[j]->shortage;

		if (strcmp(t->partner, s->partner) == 0 &&
		    strcmp(t->service, s->service) == 0)
			return;
	}
	if (has_entry(w->f, s))
		return;
	begin_row(w, s->partner, s->service, &row);
	if (fits(w->s, &row))
		w->each(w->cookie, &row);
}

static MUST_CHECK enum err
search(struct keten *k, const struct keten_search *s, int timeout_ms,
    struct showing *w, struct found *f, const char **rule)
{
	int64_t end = handle_mono() + timeout_ms;
	enum err err = ask_pages(k, s, false, end, f, rule);

	if (err == ERR_OK)
		err = ask_pages(k, s, true, end, f, rule);
	if (err == ERR_OK && k->policy == NULL)
		err = handle_refresh(k);
	w->now_ms = f->now_ms;
	for (size_t i = 0; err == ERR_OK && i < f->n_rows; i++)
		err = show_entry(w, f->rows[i]);
	for (size_t i = 0; err == ERR_OK && i < f->n_shortages; i++)
		show_shortage(w, i);
	return (err);
}

int
keten_catalogue(struct keten *k, const struct keten_search *s, int timeout_ms,
    void (*each)(void *cookie, const struct keten_supply *row), void *cookie)
{
	size_t mark = arena_used(k->a);
	struct found f = { 0 };
	struct showing w = { .k = k, .s = s, .f = &f, .each = each,
		.cookie = cookie };
	const char *rule = NULL;
	enum err err;
	int rc;

	if (s->area != NULL && s->area[0] != '\0' && !area_is_valid(s->area))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef een gebied (area): een CBS-code zoals WK085501."));
	err = search(k, s, timeout_ms, &w, &f, &rule);
	if (err == ERR_OK)
		rc = 0;
	else if (err == ERR_DIGEST)
		rc = handle_fail(k, KETEN_ETRUST, "Wat de makelaar van de "
		    "sociale kaart laat zien kan niet kloppen. Bel beheer.");
	else if (err_is_wire(err))
		rc = handle_fail(k, KETEN_EREFUSED, "%s (%s)", err_text(err),
		    rule == NULL ? "" : rule);
	else
		rc = handle_err(k, err);
	free(f.rows);
	free(f.shortages);
	arena_rewind(k->a, mark);
	return (rc);
}
