/*
 * openlist -- what a regisseur has to keep an eye on now.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/noun.h"
#include "core/csvout.h"
#include "core/openlist.h"
#include "core/view.h"
#include "life/day.h"
#include "trust/leaf.h"

#define PAGE 256
#define HOUR_MS INT64_C(3600000)
#define AGE_TEXT 48

/* Why a referral is in the list; what is worst comes first. */
enum mark { UNCONFIRMED = 1, LATE = 2, OPEN = 4, UNREAD = 8, CLOSED = 16 };

static const struct {
	enum mark mark;
	const char *name;
	const char *label;
} marks[] = {
	{ UNCONFIRMED, "unconfirmed", "nog door niemand gezien" },
	{ LATE, "overdue", "te laat" },
	{ OPEN, "open", "open" },
	{ UNREAD, "unread", "uitkomst nog niet gelezen" },
	{ CLOSED, "closed_unread", "ongelezen gesloten" },
};

#define N_MARKS (sizeof(marks) / sizeof(marks[0]))

struct row {
	struct refid id;
	struct org holder;
	char group[REFERRAL_CODE];
	int64_t age_h;
	uint32_t marks;
};

/* An erasure that a mailbox did not confirm. */
struct await {
	struct refid id;
	struct org partner;
	int64_t age_h;
};

struct list {
	struct txn *t;
	const struct openlist_ask *ask;
	const struct survey_progress *progress;
	struct policy *policy;
	FILE *to;
	uint64_t seen;
	struct row *rows;
	size_t n, cap;
	struct await *awaits;
	size_t n_awaits, cap_awaits;
};

/* --- which ---------------------------------------------------------------------- */

/* What has a code that left the policy is overseen by who oversees every
 * group: nothing that is live falls out of everybody's sight. */
static bool
is_overseen(const struct list *l, const struct referral *r)
{
	bool is_known = policy_code(l->policy, r->code) != NULL ||
	    policy_group(l->policy, r->code) != NULL;

	return (org_is_none(&l->ask->who) || policy_oversees(l->policy,
	    &l->ask->who, is_known ? r->code : NULL, r->area));
}

static uint32_t
marks_of(const struct list *l, const struct referral *r)
{
	uint32_t m = 0;

	if (referral_is_live(r)) {
		m = OPEN;
		if (r->state == ST_ESCALATED)
			m |= UNCONFIRMED;
		if ((r->flags & FLAG_OVERDUE) != 0)
			m |= LATE;
	} else if (r->state == ST_CLOSED) {
		if ((r->flags & FLAG_UNREAD) != 0 && l->ask->now_ms -
		    r->changed_ms < OPENLIST_UNREAD_DAYS * DAY_MS)
			m = CLOSED;
	} else if (r->state != ST_ENTERED_IN_ERROR)
		m = UNREAD;
	return (m);
}

static int64_t
hours_since(const struct list *l, int64_t ms)
{
	return (l->ask->now_ms < ms ? 0 : (l->ask->now_ms - ms) / HOUR_MS);
}

static void *
more(void *list, size_t n, size_t *cap, size_t size)
{
	void *grown = list;

	if (n == *cap) {
		grown = realloc(list, (*cap == 0 ? PAGE : 2 * *cap) * size);
		if (grown != NULL)
			*cap = *cap == 0 ? PAGE : 2 * *cap;
	}
	return (grown);
}

/*
 * The group is what the list may say, never the code.  Of a protected code the
 * referral has only the group.  A code that the policy has no more has none:
 * what it was may be protected by now.
 */
static const char *
group_of(const struct policy *p, const char *code)
{
	const Keten__V1__PolicyCode *c = policy_code(p, code);

	if (c != NULL)
		return (c->group);
	return (policy_group(p, code) != NULL ? code : "");
}

/* For people. */
static const char *
group_text(const struct row *r)
{
	return (r->group[0] != '\0' ? r->group : "geen");
}

static MUST_CHECK enum err
take_referral(struct list *l, const struct refid *id)
{
	struct referral r;
	struct row *row;
	uint32_t m;
	enum err err = view_referral(l->t, id, &r);

	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	if ((m = marks_of(l, &r)) == 0 || !is_overseen(l, &r))
		return (ERR_OK);
	row = more(l->rows, l->n, &l->cap, sizeof(*row));
	if (row == NULL)
		return (ERR_NOMEM);
	l->rows = row;
	row += l->n++;
	memset(row, 0, sizeof(*row));
	row->id = *id;
	row->holder = r.h;
	(void)snprintf(row->group, sizeof(row->group), "%s",
	    group_of(l->policy, r.code));
	row->age_h = hours_since(l, r.submitted_ms);
	row->marks = m;
	return (ERR_OK);
}

/* Between two pages: how far, and is what is read still what is so? */
static MUST_CHECK enum err
pause_here(struct list *l)
{
	if (l->progress != NULL &&
	    !l->progress->at(l->progress->cookie, l->seen, 0))
		return (ERR_TIMEOUT);
	return (store_is_stale(l->t) ? store_renew(l->t) : ERR_OK);
}

static MUST_CHECK enum err
take_referrals(struct list *l)
{
	struct refid page[PAGE];
	size_t n = 0;
	enum err err;

	do {
		err = pause_here(l);
		if (err == ERR_OK)
			err = view_referrals(l->t,
			    l->seen == 0 ? NULL : &page[n - 1], page, PAGE,
			    &n);
		for (size_t i = 0; err == ERR_OK && i < n; i++)
			err = take_referral(l, &page[i]);
		l->seen += n;
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

static MUST_CHECK enum err
take_await(struct list *l, const struct view_await *w)
{
	struct await *a;
	struct referral r;
	struct slice bytes;
	struct leaf leaf;
	enum err err = view_referral(l->t, &w->referral, &r);

	if (err == ERR_NOT_FOUND || (err == ERR_OK && !is_overseen(l, &r)))
		return (ERR_OK);
	if (err != ERR_OK ||
	    (err = store_leaf(l->t, w->index, &bytes)) != ERR_OK ||
	    (err = leaf_decode(bytes, &leaf)) != ERR_OK)
		return (err);
	a = more(l->awaits, l->n_awaits, &l->cap_awaits, sizeof(*a));
	if (a == NULL)
		return (ERR_NOMEM);
	l->awaits = a;
	a[l->n_awaits++] = (struct await){ w->referral, w->partner,
		hours_since(l, leaf.time_ms) };
	return (ERR_OK);
}

static MUST_CHECK enum err
take_awaits(struct list *l)
{
	struct view_await page[PAGE];
	size_t n = 0;
	bool begun = false;
	enum err err;

	do {
		err = view_awaiting(l->t, begun ? &page[n - 1] : NULL, page,
		    PAGE, &n);
		begun = true;
		for (size_t i = 0; err == ERR_OK && i < n; i++)
			err = take_await(l, &page[i]);
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

/* What needs somebody first; then the oldest; ids last, so that the order is
 * always the same. */
static int
by_need(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint32_t p = x->marks & (~x->marks + 1), q = y->marks &
	    (~y->marks + 1);

	if (p != q)
		return (p < q ? -1 : 1);
	if (x->age_h != y->age_h)
		return (x->age_h > y->age_h ? -1 : 1);
	return (memcmp(&x->id, &y->id, sizeof(x->id)));
}

/* --- not looked at ------------------------------------------------------------------ */

static const char *const not_counted[] = {
	"wat de verwijzingen inhouden, en voor wie ze zijn: dat is verzegeld",
	"uitkomsten die langer dan 92 dagen geleden ongelezen gesloten zijn",
	"wat gewist is",
};
static const char not_away[] =
    "wie er nu te bereiken is: dat weet alleen een makelaar die draait";

#define N_NOT (sizeof(not_counted) / sizeof(not_counted[0]))

static const char *
nth_not(const struct list *l, size_t i)
{
	if (i < N_NOT)
		return (not_counted[i]);
	return (i == N_NOT && l->ask->away == NULL ? not_away : NULL);
}

/* --- text ------------------------------------------------------------------------------ */

static const char *
age_text(int64_t hours, char text[AGE_TEXT])
{
	(void)snprintf(text, AGE_TEXT, "%" PRId64 " d %" PRId64 " u", hours / 24,
	    hours % 24);
	return (text);
}

static void
text_row(const struct list *l, const struct row *r)
{
	char id[REFID_TEXT], age[AGE_TEXT];
	const char *between = "";

	(void)fprintf(l->to, "%s  %10s  %-24s %-8s", refid_text(&r->id, id),
	    age_text(r->age_h, age), r->holder.id, group_text(r));
	for (size_t i = 0; i < N_MARKS; i++)
		if ((r->marks & marks[i].mark) != 0) {
			(void)fprintf(l->to, "%s%s", between,
			    marks[i].label);
			between = ", ";
		}
	(void)fprintf(l->to, "\n");
}

/* Those with a device that is away, or those that never had one. */
static void
text_away(const struct list *l, bool has_device, const char *title)
{
	char age[AGE_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < l->ask->n_away; i++) {
		const struct openlist_away *a = &l->ask->away[i];

		if (a->has_device != has_device)
			continue;
		if (n++ == 0)
			(void)fprintf(l->to, "\n%s\n", title);
		if (has_device)
			(void)fprintf(l->to, "  %-24s %10s\n", a->partner.id,
			    age_text(hours_since(l, a->since_ms), age));
		else
			(void)fprintf(l->to, "  %s\n", a->partner.id);
	}
}

static void
write_text(const struct list *l)
{
	char when[CAL_TEXT], id[REFID_TEXT], age[AGE_TEXT];

	(void)fprintf(l->to, "Wat er open staat op %s%s%s\n\n"
	    "%-36s  %10s  %-24s %-8s%s\n", cal_text(l->ask->now_ms, when),
	    org_is_none(&l->ask->who) ? "" : ", voor ", l->ask->who.id,
	    "verwijzing", "leeftijd", "houder", "groep", "toestand");
	for (size_t i = 0; i < l->n; i++)
		text_row(l, &l->rows[i]);
	(void)fprintf(l->to, "%zu %s\n", l->n, noun_for(l->n, "verwijzing",
	    "verwijzingen"));
	text_away(l, true, "Niet te bereiken");
	text_away(l, false, "Doet nog niet mee: geen apparaat");
	if (l->n_awaits > 0)
		(void)fprintf(l->to, "\nGewist, nog niet bevestigd\n");
	for (size_t i = 0; i < l->n_awaits; i++)
		(void)fprintf(l->to, "  %s  %-24s %10s\n",
		    refid_text(&l->awaits[i].id, id), l->awaits[i].partner.id,
		    age_text(l->awaits[i].age_h, age));
	(void)fprintf(l->to, "\nNiet nagekeken\n");
	for (size_t i = 0; nth_not(l, i) != NULL; i++)
		(void)fprintf(l->to, "  - %s\n", nth_not(l, i));
}

/* --- JSON --------------------------------------------------------------------------------- */

static void
dump(const struct list *l, json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		(void)fprintf(l->to, "%s\n", text);
	free(text);
	json_decref(j);
}

static void
json_row(const struct list *l, const struct row *r)
{
	json_t *list = json_array();
	char id[REFID_TEXT];

	for (size_t i = 0; i < N_MARKS; i++)
		if ((r->marks & marks[i].mark) != 0)
			(void)json_array_append_new(list,
			    json_string(marks[i].name));
	dump(l, json_pack("{s:s, s:I, s:s, s:s, s:o}", "referral",
	    refid_text(&r->id, id), "age_hours", (json_int_t)r->age_h,
	    "holder", r->holder.id, "group", r->group, "marks", list));
}

static void
json_away(const struct list *l, const struct openlist_away *a)
{
	if (a->has_device)
		dump(l, json_pack("{s:s, s:I}", "unreachable", a->partner.id,
		    "age_hours", (json_int_t)hours_since(l, a->since_ms)));
	else
		dump(l, json_pack("{s:s}", "without_device", a->partner.id));
}

static void
write_json(const struct list *l)
{
	json_t *list = json_array();
	char id[REFID_TEXT];

	dump(l, json_pack("{s:s, s:i, s:s, s:I, s:s}", "report", "open",
	    "version", 1, "origin", store_origin(store_of(l->t)), "time_ms",
	    (json_int_t)l->ask->now_ms, "for", l->ask->who.id));
	for (size_t i = 0; i < l->n; i++)
		json_row(l, &l->rows[i]);
	for (size_t i = 0; i < l->ask->n_away; i++)
		json_away(l, &l->ask->away[i]);
	for (size_t i = 0; i < l->n_awaits; i++)
		dump(l, json_pack("{s:s, s:s, s:I}", "not_erased_by",
		    l->awaits[i].partner.id, "referral",
		    refid_text(&l->awaits[i].id, id), "age_hours",
		    (json_int_t)l->awaits[i].age_h));
	for (size_t i = 0; nth_not(l, i) != NULL; i++)
		(void)json_array_append_new(list, json_string(nth_not(l, i)));
	dump(l, json_pack("{s:o}", "not_looked_at", list));
}

/* --- a table -------------------------------------------------------------------------------- */

#define CELLS 6

static void
csv_row(const struct list *l, const char *what, const char *id,
    int64_t age_h, const char *who, const char *group, const char *mark)
{
	char age[AGE_TEXT];
	const char *cells[CELLS] = { what, id, age, who, group, mark };

	(void)snprintf(age, sizeof(age), "%" PRId64, age_h);
	csvout_row(l->to, cells, CELLS);
}

static void
csv_referral(const struct list *l, const struct row *r)
{
	char id[REFID_TEXT], text[160] = "";
	size_t len = 0;

	for (size_t i = 0; i < N_MARKS; i++)
		if ((r->marks & marks[i].mark) != 0)
			len += (size_t)snprintf(text + len,
			    sizeof(text) - len, "%s%s", len == 0 ? "" : ", ",
			    marks[i].label);
	csv_row(l, "verwijzing", refid_text(&r->id, id), r->age_h,
	    r->holder.id, group_text(r), text);
}

static void
csv_away(const struct list *l, const struct openlist_away *a)
{
	const char *cells[CELLS] = { "nog geen apparaat", NULL, NULL,
		a->partner.id, NULL, NULL };

	if (a->has_device)
		csv_row(l, "niet te bereiken", NULL, hours_since(l,
		    a->since_ms), a->partner.id, NULL, NULL);
	else
		csvout_row(l->to, cells, CELLS);
}

static void
write_csv(const struct list *l)
{
	static const char *const names[CELLS] = { "soort", "verwijzing",
		"leeftijd in uren", "houder of partner", "groep",
		"toestand" };
	char id[REFID_TEXT];

	csvout_begin(l->to);
	csvout_row(l->to, names, CELLS);
	for (size_t i = 0; i < l->n; i++)
		csv_referral(l, &l->rows[i]);
	for (size_t i = 0; i < l->ask->n_away; i++)
		csv_away(l, &l->ask->away[i]);
	for (size_t i = 0; i < l->n_awaits; i++)
		csv_row(l, "gewist, niet bevestigd",
		    refid_text(&l->awaits[i].id, id), l->awaits[i].age_h,
		    l->awaits[i].partner.id, NULL, NULL);
	for (size_t i = 0; nth_not(l, i) != NULL; i++) {
		const char *cells[CELLS] = { "niet nagekeken", NULL, NULL,
			NULL, NULL, nth_not(l, i) };

		csvout_row(l->to, cells, CELLS);
	}
}

/* --- all of it --------------------------------------------------------------------------------- */

static void
write_all(struct list *l)
{
	if (l->n > 0)
		qsort(l->rows, l->n, sizeof(*l->rows), by_need);
	if (l->ask->format == SHEET_JSON)
		write_json(l);
	else if (l->ask->format == SHEET_CSV)
		write_csv(l);
	else
		write_text(l);
}

enum err
openlist_write(struct txn *t, const struct openlist_ask *ask,
    const struct survey_progress *progress, char **text, size_t *len)
{
	struct list l = { .t = t, .ask = ask, .progress = progress };
	char *made = NULL;
	size_t n = 0;
	enum err err;

	err = survey_policy(t, UINT64_MAX, &l.policy);
	if (err == ERR_OK)
		err = take_referrals(&l);
	if (err == ERR_OK)
		err = take_awaits(&l);
	if (err == ERR_OK && (l.to = open_memstream(&made, &n)) == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		write_all(&l);
	if (l.to != NULL && (ferror(l.to) || fclose(l.to) != 0))
		err = ERR_NOMEM;
	free(l.rows);
	free(l.awaits);
	policy_free(l.policy);
	if (err != ERR_OK) {
		free(made);
		return (err);
	}
	*text = made;
	*len = n;
	return (ERR_OK);
}
