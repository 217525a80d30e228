/*
 * survey -- reads a store for reports.
 */
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/record.h"
#include "core/sheet.h"
#include "core/survey.h"
#include "core/tally.h"
#include "core/view.h"
#include "trust/leaf.h"
#include "wire/envelope.h"
#include "wire/pb.h"

/* The largest record, unpacked. */
#define ARENA ((size_t)16 << 20)

/* Records between two looks at the clock. */
#define SOME 256

#define TRAIL_PAGE 64

/* An offer by its referral and number. */
struct offer_key {
	struct refid id;
	uint32_t number;
};

struct survey {
	struct txn *t;
	struct arena *a; /* of the record at hand */
	struct policy *policy;
	struct map *referrals; /* refid -> tally_about */
	struct map *offers;    /* offer_key -> org */
	struct tally tally;
	uint64_t first, end;   /* records of the month */
	uint64_t unread;
};

/* --- what is known around a record ------------------------------------------- */

static void
set_text(char *out, size_t cap, const char *text)
{
	size_t len = strlen(text);

	memset(out, 0, cap);
	memcpy(out, text, len < cap ? len : cap - 1);
}

static MUST_CHECK enum err
note_opening(struct survey *s, const struct refid *id,
    const Keten__V1__Facts *f)
{
	struct tally_about *about = map_add(s->referrals, id);

	if (about == NULL)
		return (ERR_NOMEM);
	set_text(about->code, sizeof(about->code), f->header->code);
	set_text(about->area, sizeof(about->area), f->header->area);
	about->submitted_ms = f->time_ms;
	return (ERR_OK);
}

static MUST_CHECK enum err
note_offers(struct survey *s, const Keten__V1__RouteFacts *route)
{
	struct offer_key key;
	struct org *to;

	for (size_t i = 0; route != NULL && i < route->n_changes; i++) {
		const Keten__V1__RouteChange *c = route->changes[i];

		memset(&key, 0, sizeof(key));
		if (c->n_offers > 0 &&
		    pb_refid(c->referral, &key.id) != ERR_OK)
			return (ERR_CORRUPT);
		for (size_t k = 0; k < c->n_offers; k++) {
			key.number = c->offers[k]->number;
			if ((to = map_add(s->offers, &key)) == NULL)
				return (ERR_NOMEM);
			*to = org_of(c->offers[k]->to);
		}
	}
	return (ERR_OK);
}

/* Remember what later records of the month do not say again. */
static MUST_CHECK enum err
note(struct survey *s, const Keten__V1__Facts *f,
    const Keten__V1__RouteFacts *route)
{
	struct refid id;
	enum err err = ERR_OK;

	if (f->change != NULL && f->change->version_before == 0 &&
	    f->header != NULL && pb_refid(f->change->referral, &id) == ERR_OK)
		err = note_opening(s, &id, f);
	return (err == ERR_OK ? note_offers(s, route) : err);
}

static MUST_CHECK enum err
read_facts(struct survey *s, uint64_t index, Keten__V1__Facts **f,
    Keten__V1__RouteFacts **route)
{
	struct record rec;
	enum err err = record_read(s->t, index, s->a, &rec);

	if (err == ERR_OK)
		err = record_check(&rec);
	if (err == ERR_OK)
		err = record_facts(&rec, s->a, f, route);
	return (err);
}

/* The referral began before the month: go through what it had until then. */
static MUST_CHECK enum err
look_back(struct survey *s, const struct refid *id)
{
	struct view_trail page[TRAIL_PAGE];
	size_t mark = arena_used(s->a), n = TRAIL_PAGE;
	uint64_t from = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK && n == TRAIL_PAGE && from < s->first) {
		err = view_trail(s->t, id, from, page, TRAIL_PAGE, &n);
		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			Keten__V1__Facts *f;
			Keten__V1__RouteFacts *route;

			from = page[i].index + 1;
			if (page[i].index >= s->first)
				break;
			err = read_facts(s, page[i].index, &f, &route);
			if (err == ERR_OK)
				err = note(s, f, route);
			arena_rewind(s->a, mark);
		}
	}
	return (err == ERR_CONTENT_GONE ? ERR_NOT_FOUND : err);
}

static enum err
about(void *cookie, const struct refid *id, struct tally_about *out)
{
	struct survey *s = cookie;
	struct tally_about *known = map_find(s->referrals, id);
	enum err err = ERR_OK;

	if (known == NULL) {
		err = look_back(s, id);
		known = map_find(s->referrals, id);
	}
	if (known == NULL)
		return (err == ERR_OK ? ERR_NOT_FOUND : err);
	*out = *known;
	return (ERR_OK);
}

static enum err
offer(void *cookie, const struct refid *id, uint32_t number, struct org *to)
{
	struct survey *s = cookie;
	struct offer_key key;
	struct org *known;
	enum err err = ERR_OK;

	memset(&key, 0, sizeof(key));
	key.id = *id;
	key.number = number;
	if ((known = map_find(s->offers, &key)) == NULL) {
		err = look_back(s, id);
		known = map_find(s->offers, &key);
	}
	if (known == NULL)
		return (err == ERR_OK ? ERR_NOT_FOUND : err);
	*to = *known;
	return (ERR_OK);
}

/* --- the records of a month ------------------------------------------------------ */

/* The first record that is not from before ${from_ms}: times never go back. */
static MUST_CHECK enum err
first_since(struct txn *t, int64_t from_ms, uint64_t *index)
{
	uint64_t low = 0, high = store_size(t);
	struct slice bytes;
	struct leaf leaf;
	enum err err;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if ((err = store_leaf(t, mid, &bytes)) != ERR_OK ||
		    (err = leaf_decode(bytes, &leaf)) != ERR_OK)
			return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
		if (leaf.time_ms < from_ms)
			low = mid + 1;
		else
			high = mid;
	}
	*index = low;
	return (ERR_OK);
}

static MUST_CHECK enum err
take(struct survey *s, uint64_t index)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *route;
	enum err err;

	arena_reset(s->a);
	err = read_facts(s, index, &f, &route);
	if (err == ERR_CONTENT_GONE) {
		s->unread++;
		return (ERR_OK);
	}
	if (err == ERR_OK)
		err = note(s, f, route);
	if (err == ERR_OK)
		err = tally_record(&s->tally, f, route);
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

static MUST_CHECK enum err
take_all(struct survey *s, const struct survey_progress *p)
{
	enum err err = ERR_OK;

	for (uint64_t i = s->first; i < s->end && err == ERR_OK; i++) {
		if ((i - s->first) % SOME == 0) {
			if (p != NULL && !p->at(p->cookie, i - s->first,
			    s->end - s->first))
				return (ERR_TIMEOUT);
			if (store_is_stale(s->t))
				err = store_renew(s->t);
		}
		if (err == ERR_OK)
			err = take(s, i);
	}
	return (err);
}

enum err
survey_policy(struct txn *t, uint64_t before, struct policy **policy)
{
	struct arena *a = arena_new(ARENA);
	struct envelope env;
	struct record rec;
	uint64_t at;
	enum err err = view_policy_before(t, before, &at);

	if (err == ERR_OK && a == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		err = record_read(t, at, a, &rec);
	if (err == ERR_OK)
		err = envelope_parse(a, rec.envelope, &env, NULL);
	if (err == ERR_OK)
		err = policy_read(env.body, policy);
	arena_free(a);
	return (err);
}

static MUST_CHECK enum err
begin(struct survey *s, const struct period *p)
{
	enum err err;

	s->a = arena_new(ARENA);
	s->referrals = map_new(sizeof(struct refid),
	    sizeof(struct tally_about));
	s->offers = map_new(sizeof(struct offer_key), sizeof(struct org));
	s->tally.figures = figures_new();
	s->tally.cookie = s;
	s->tally.about = about;
	s->tally.offer = offer;
	if (s->a == NULL || s->referrals == NULL || s->offers == NULL ||
	    s->tally.figures == NULL)
		return (ERR_NOMEM);
	if ((err = first_since(s->t, p->from_ms, &s->first)) != ERR_OK ||
	    (err = first_since(s->t, p->until_ms, &s->end)) != ERR_OK ||
	    (err = survey_policy(s->t, s->end, &s->policy)) != ERR_OK)
		return (err);
	s->tally.policy = s->policy;
	return (ERR_OK);
}

/* Say of ${report} which month it is, and its digest. */
static MUST_CHECK enum err
put_name(struct txn *t, const struct period *p, struct arena *a,
    Keten__V1__ReportFacts *report)
{
	uint8_t *digest = arena_alloc(a, 32);
	struct slice text;

	if (digest == NULL || arena_copy(a, slice_of(p->text, PERIOD_TEXT),
	    &text) != 0)
		return (ERR_NOMEM);
	report->period = pb_string((const char *)text.p);
	report->sha256 = pb_of(digest, 32);
	return (sheet_digest(store_origin(store_of(t)), p, report, digest));
}

static MUST_CHECK enum err
end(struct survey *s, const struct period *p, struct arena *a,
    Keten__V1__ReportFacts **report)
{
	enum err err = figures_publish(s->tally.figures, s->policy, a,
	    report);

	if (err != ERR_OK)
		return (err);
	/* Nor is this number exact; but one is not none. */
	(*report)->unread = (s->unread + s->tally.lost + FIGURES_BASE - 1) /
	    FIGURES_BASE * FIGURES_BASE;
	return (put_name(s->t, p, a, *report));
}

/* A month from before the log: nothing, and nothing to publish. */
static MUST_CHECK enum err
before_all(struct txn *t, const struct period *p, struct arena *a,
    Keten__V1__ReportFacts **report)
{
	Keten__V1__ReportFacts *empty;
	uint64_t until;
	enum err err = first_since(t, p->until_ms, &until);

	if (err != ERR_OK)
		return (err);
	if (until > 0)
		return (ERR_NOT_FOUND);
	empty = arena_zero(a, 1, sizeof(*empty));
	if (empty == NULL)
		return (ERR_NOMEM);
	keten__v1__report_facts__init(empty);
	*report = empty;
	return (put_name(t, p, a, empty));
}

enum err
survey_month(struct txn *t, uint32_t month,
    const struct survey_progress *progress, struct arena *a,
    Keten__V1__ReportFacts **report)
{
	struct survey s = { .t = t };
	struct period p;
	enum err err;

	if (!period_of_month(month, &p))
		return (ERR_MALFORMED);
	if ((err = before_all(t, &p, a, report)) != ERR_NOT_FOUND)
		return (err);
	err = begin(&s, &p);
	if (err == ERR_OK)
		err = take_all(&s, progress);
	if (err == ERR_OK)
		err = end(&s, &p, a, report);
	figures_free(s.tally.figures);
	policy_free(s.policy);
	map_free(s.referrals);
	map_free(s.offers);
	arena_free(s.a);
	return (err);
}

/* --- what was published ------------------------------------------------------------ */

/* The page that record ${index} holds. */
static MUST_CHECK enum err
read_page(struct txn *t, uint64_t index, uint32_t page, struct arena *a,
    Keten__V1__ReportFacts **report)
{
	Keten__V1__Facts *f;
	struct record rec;
	enum err err = record_read(t, index, a, &rec);

	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, NULL);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	if (f->access == NULL || f->access->report == NULL ||
	    f->access->report->page != page ||
	    f->access->report->pages > FIGURES_MAX / FIGURES_PAGE)
		return (ERR_CORRUPT);
	*report = f->access->report;
	return (ERR_OK);
}

/* All pages as one; the first has the words. */
static MUST_CHECK enum err
join(struct txn *t, uint64_t index, struct arena *a,
    Keten__V1__ReportFacts *whole)
{
	Keten__V1__ReportCell **cells = arena_zero(a,
	    (size_t)whole->pages * FIGURES_PAGE, sizeof(*cells));
	size_t n = 0;

	if (cells == NULL)
		return (ERR_NOMEM);
	for (uint32_t i = 0; i < whole->pages; i++) {
		Keten__V1__ReportFacts *page;
		enum err err = read_page(t, index + i, i, a, &page);

		if (err != ERR_OK)
			return (err);
		if (page->n_cells > FIGURES_PAGE)
			return (ERR_CORRUPT);
		for (size_t k = 0; k < page->n_cells; k++)
			cells[n++] = page->cells[k];
	}
	whole->cells = cells;
	whole->n_cells = n;
	return (ERR_OK);
}

enum err
survey_published(struct txn *t, uint32_t month, struct arena *a,
    Keten__V1__ReportFacts **report)
{
	struct period p;
	uint8_t digest[32];
	uint64_t index;
	enum err err;

	if (!period_of_month(month, &p))
		return (ERR_MALFORMED);
	err = view_report(t, month, &index);
	if (err == ERR_NOT_FOUND)
		return (before_all(t, &p, a, report));
	if (err == ERR_OK)
		err = read_page(t, index, 0, a, report);
	if (err == ERR_OK)
		err = join(t, index, a, *report);
	if (err == ERR_OK)
		err = sheet_digest(store_origin(store_of(t)), &p, *report,
		    digest);
	if (err == ERR_OK && ((*report)->sha256.len != 32 ||
	    memcmp((*report)->sha256.data, digest, 32) != 0))
		err = ERR_DIGEST;
	return (err);
}

/* --- pages -------------------------------------------------------------------------- */

uint32_t
survey_pages(const Keten__V1__ReportFacts *report)
{
	return (report->n_cells == 0 ? 1 : (uint32_t)
	    ((report->n_cells + FIGURES_PAGE - 1) / FIGURES_PAGE));
}

void
survey_page(const Keten__V1__ReportFacts *report, uint32_t i,
    Keten__V1__ReportFacts *page)
{
	size_t from = (size_t)i * FIGURES_PAGE;

	*page = *report;
	page->page = i;
	page->pages = survey_pages(report);
	page->cells = report->n_cells == 0 ? NULL : report->cells + from;
	page->n_cells = report->n_cells - from > FIGURES_PAGE ? FIGURES_PAGE
	    : report->n_cells - from;
	if (i > 0) {
		page->words = NULL;
		page->n_words = 0;
	}
}

bool
survey_same(const Keten__V1__ReportFacts *a, const Keten__V1__ReportFacts *b)
{
	if (a->n_cells != b->n_cells)
		return (false);
	for (size_t i = 0; i < a->n_cells; i++) {
		const Keten__V1__ReportCell *x = a->cells[i], *y = b->cells[i];

		if (strcmp(x->area, y->area) != 0 ||
		    strcmp(x->group, y->group) != 0 ||
		    x->family != y->family || strcmp(x->key, y->key) != 0 ||
		    x->n != y->n)
			return (false);
	}
	return (true);
}
