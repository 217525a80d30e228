/*
 * export_csv -- the log as a table, one row for each record.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/csvout.h"
#include "audit/export.h"
#include "base/bytes.h"
#include "life/day.h"
#include "life/words.h"

/* One row in the making; texts that are not elsewhere stand in here. */
struct row {
	const struct walk *w;
	const struct walk_step *s;
	const struct walk_about *about; /* or NULL */
	char buf[80];
};

typedef const char *cell_fn(struct row *r);

static const char *
cell_index(struct row *r)
{
	(void)snprintf(r->buf, sizeof(r->buf), "%" PRIu64, r->s->index);
	return (r->buf);
}

/* By the clock of Amsterdam, as Excel reads it. */
static const char *
local_time(struct row *r, int64_t ms)
{
	int64_t in_day;
	struct cal_date d = day_to_date(day_of(ms, &in_day));
	int s = (int)(in_day / 1000);

	if (ms == 0)
		return ("");
	(void)snprintf(r->buf, sizeof(r->buf), "%02d-%02d-%04d %02d:%02d:%02d",
	    d.day, d.month, d.year, s / 3600, s / 60 % 60, s % 60);
	return (r->buf);
}

static const char *
cell_time(struct row *r)
{
	return (local_time(r, r->s->t.time_ms));
}

static const char *
cell_utc(struct row *r)
{
	return (r->s->has_leaf ? telling_iso(r->s->t.time_ms, r->buf) : "");
}

static const char *
cell_made(struct row *r)
{
	return (local_time(r, r->s->t.made_ms));
}

static const char *
cell_kind(struct row *r)
{
	return (r->s->has_leaf ? leaf_kind_name(r->s->t.kind) : "");
}

static const char *
cell_event(struct row *r)
{
	return (r->s->t.event);
}

static const char *
cell_what(struct row *r)
{
	return (r->s->t.what);
}

static const char *
cell_referral(struct row *r)
{
	return (refid_is_none(&r->s->t.referral)
		? "" : refid_text(&r->s->t.referral, r->buf));
}

static const char *
cell_partner(struct row *r)
{
	return (r->s->t.partner);
}

static const char *
cell_name(struct row *r)
{
	const struct policy *p = walk_policy(r->w);
	struct org who = org_of(r->s->t.partner);
	const Keten__V1__PolicyPartner *partner =
	    p == NULL ? NULL : policy_partner(p, &who);

	return (partner == NULL ? "" : partner->name);
}

static const char *
cell_device(struct row *r)
{
	return (r->s->t.device);
}

static const char *
cell_actor(struct row *r)
{
	return (r->s->t.actor);
}

static const char *
cell_role(struct row *r)
{
	return (walk_role(r->about, r->s->t.partner));
}

static const char *
cell_code(struct row *r)
{
	return (r->about == NULL ? "" : r->about->code);
}

static const char *
cell_area(struct row *r)
{
	return (r->about == NULL ? "" : r->about->area);
}

static const char *
cell_urgency(struct row *r)
{
	return (r->about == NULL ? "" : words_urgency_nl(r->about->urgency));
}

static const char *
cell_basis(struct row *r)
{
	return (r->about == NULL ? "" : r->about->basis);
}

static const char *
cell_covenant(struct row *r)
{
	struct org who = org_of(r->s->t.partner);

	return (r->about == NULL ? ""
		: walk_covenant(r->w, r->about, &who, r->s->t.time_ms));
}

static const char *
cell_state(struct row *r)
{
	const Keten__V1__Change *c = r->s->t.change;

	return (c == NULL || c->after == NULL ? ""
		: words_state((enum state)c->after->state));
}

static const char *
cell_holder(struct row *r)
{
	const Keten__V1__Change *c = r->s->t.change;

	return (c == NULL || c->after == NULL ? "" : c->after->holder);
}

static const char *
cell_reason(struct row *r)
{
	return (r->s->t.reason);
}

static const char *
cell_refused(struct row *r)
{
	return (r->s->t.refused);
}

static const char *
cell_hash(struct row *r)
{
	if (!r->s->has_leaf)
		return ("");
	hex_encode(r->s->t.leaf_hash, 32, r->buf);
	return (r->buf);
}

static const char *
cell_holds(struct row *r)
{
	return (r->s->verdict == VERDICT_WITNESSED ? "ja"
		: r->s->verdict == VERDICT_ERASURES ? "gewist"
		: r->s->verdict == VERDICT_MISSING ? "ontbreekt" : "nee");
}

static const struct column {
	const char *name;
	cell_fn *cell;
} columns[] = {
	{ "record", cell_index },
	{ "tijd", cell_time },
	{ "tijd utc", cell_utc },
	{ "soort", cell_kind },
	{ "handeling", cell_event },
	{ "omschrijving", cell_what },
	{ "verwijzing", cell_referral },
	{ "organisatie", cell_partner },
	{ "naam organisatie", cell_name },
	{ "rol", cell_role },
	{ "apparaat", cell_device },
	{ "functie", cell_actor },
	{ "tijd afzender", cell_made },
	{ "code", cell_code },
	{ "gebied", cell_area },
	{ "urgentie", cell_urgency },
	{ "grondslag", cell_basis },
	{ "convenant", cell_covenant },
	{ "toestand", cell_state },
	{ "houder", cell_holder },
	{ "reden", cell_reason },
	{ "geweigerd", cell_refused },
	{ "hash van het blad", cell_hash },
	{ "past bij het blad", cell_holds },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void
write_head(FILE *to)
{
	const char *cells[N_COLUMNS];

	csvout_begin(to);
	for (size_t i = 0; i < N_COLUMNS; i++)
		cells[i] = columns[i].name;
	csvout_row(to, cells, N_COLUMNS);
}

static void
write_row(FILE *to, const struct walk *w, const struct walk_step *s)
{
	const char *cells[N_COLUMNS];
	struct row rows[N_COLUMNS];

	for (size_t i = 0; i < N_COLUMNS; i++) {
		rows[i].w = w;
		rows[i].s = s;
		rows[i].about = refid_is_none(&s->t.referral)
		    ? NULL : walk_about(w, &s->t.referral);
		cells[i] = columns[i].cell(&rows[i]);
	}
	csvout_row(to, cells, N_COLUMNS);
}

enum err
export_csv(struct export *x)
{
	struct walk *w = NULL;
	struct walk_step s;
	enum err err = walk_new(x->txn, x->a->until, &w);

	if (err == ERR_OK)
		write_head(x->to);
	while (err == ERR_OK && (err = walk_next(w, &s)) == ERR_OK) {
		if (s.index < x->a->from)
			continue;
		x->worst = verdict_worse(x->worst, s.verdict);
		write_row(x->to, w, &s);
	}
	walk_free(w);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}
