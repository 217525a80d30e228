/*
 * tally -- from the records of a month to its figures.
 */
#include <string.h>

#include "base/area.h"
#include "core/tally.h"
#include "life/calendar.h"
#include "wire/pb.h"

#define FAMILY(name) KETEN__V1__REPORT_FAMILY__REPORT_##name
#define MS_PER_HOUR INT64_C(3600000)

/* One change, with what is known around it. */
struct seen {
	struct tally *t;
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route;
	const Keten__V1__Change *c;
	const Keten__V1__Step *step;
	struct refid id;
	struct tally_about about;
	struct figures_at at;
};

static MUST_CHECK enum err
count(struct seen *s, Keten__V1__ReportFamily family, const char *key)
{
	return (figures_add(s->t->figures, &s->at, family, key, 1));
}

/* Who sent the command; "" if nobody did. */
static const char *
sender(const struct seen *s)
{
	return (s->route == NULL || s->route->sender == NULL ? ""
	    : s->route->sender->partner);
}

/* The group of a header code, which may be a group itself. */
static const char *
group_of(const struct policy *p, const char *code)
{
	const Keten__V1__PolicyCode *c = policy_code(p, code);

	return (c == NULL ? code : c->group);
}

/* --- what is counted ------------------------------------------------------ */

/* Was somebody skipped who is not the originator itself? */
static bool
has_skips(const Keten__V1__RouteFacts *rf)
{
	for (size_t i = 0; i < rf->n_skips; i++)
		if (strcmp(rf->skips[i]->reason, "ORIGINATOR") != 0)
			return (true);
	return (false);
}

/* Straight to R because whoever could be asked had to be skipped. */
static MUST_CHECK enum err
count_submit(struct seen *s)
{
	const Keten__V1__FactsHeader *h = s->facts->header;
	const Keten__V1__RouteFacts *rf = s->route;
	enum err err = ERR_OK;

	if (h != NULL && h->units > 0 && h->payer[0] != '\0')
		err = figures_add(s->t->figures, &s->at, FAMILY(UNITS),
		    h->payer, h->units);
	if (err == ERR_OK && s->c->after != NULL && rf != NULL &&
	    s->c->after->state == KETEN__V1__STATE__ESCALATED &&
	    rf->n_never == 0 && has_skips(rf))
		err = count(s, FAMILY(UNOFFERED), "");
	return (err);
}

static MUST_CHECK enum err
count_accept(struct seen *s)
{
	return (s->step->row == 4 ? count(s, FAMILY(ACCEPTED), sender(s))
				  : ERR_OK);
}

static MUST_CHECK enum err
count_decline(struct seen *s)
{
	enum err err = count(s, FAMILY(DECLINED), s->step->reason);

	return (err == ERR_OK && s->step->row == 5
	    ? count(s, FAMILY(PASSED), sender(s)) : err);
}

static MUST_CHECK enum err
count_return(struct seen *s)
{
	return (count(s, FAMILY(RETURNED), sender(s)));
}

static uint32_t
hours_until(const struct seen *s, int64_t to_ms)
{
	int64_t ms = cal_elapsed(policy_calendar(s->t->policy), NULL,
	    CAL_WORK, s->about.submitted_ms, to_ms);

	return ((uint32_t)((ms + MS_PER_HOUR / 2) / MS_PER_HOUR));
}

static MUST_CHECK enum err
count_complete(struct seen *s)
{
	const Keten__V1__After *a = s->c->after;
	int64_t taken;
	enum err err;

	if (a == NULL)
		return (ERR_CORRUPT);
	err = count(s, FAMILY(OUTCOME), a->outcome);
	if (err != ERR_OK || strcmp(a->outcome, FIGURES_KNOWN) == 0)
		return (err);
	/* A successor never took it itself. */
	taken = a->accepted_ms != 0 ? a->accepted_ms : s->facts->time_ms;
	return (figures_lead(s->t->figures, &s->at, hours_until(s, taken),
	    hours_until(s, s->facts->time_ms)));
}

static MUST_CHECK enum err
count_fail(struct seen *s)
{
	return (count(s, FAMILY(FAILED), s->step->reason));
}

static const struct {
	Keten__V1__Event event;
	enum err (*count)(struct seen *s);
} counted[] = {
	{ KETEN__V1__EVENT__SUBMIT, count_submit },
	{ KETEN__V1__EVENT__ACCEPT, count_accept },
	{ KETEN__V1__EVENT__DECLINE, count_decline },
	{ KETEN__V1__EVENT__RETURN, count_return },
	{ KETEN__V1__EVENT__COMPLETE, count_complete },
	{ KETEN__V1__EVENT__FAIL, count_fail },
};

#define N_COUNTED (sizeof(counted) / sizeof(counted[0]))

static MUST_CHECK enum err
count_step(struct seen *s)
{
	for (size_t i = 0; i < N_COUNTED; i++)
		if (counted[i].event == s->step->event)
			return (counted[i].count(s));
	return (ERR_OK);
}

/* Offers of the ladder that nobody answered. */
static MUST_CHECK enum err
count_lapsed(struct seen *s)
{
	struct org to;
	enum err err = ERR_OK;

	for (size_t i = 0; i < s->c->n_offers && err == ERR_OK; i++) {
		const Keten__V1__OfferChange *o = s->c->offers[i];

		if (o->state != KETEN__V1__OFFER_STATE__OFFER_LAPSED ||
		    o->rung == RUNG_HANDOVER)
			continue;
		err = s->t->offer(s->t->cookie, &s->id, o->number, &to);
		if (err == ERR_OK)
			err = count(s, FAMILY(PASSED), to.id);
		else if (err == ERR_NOT_FOUND) {
			s->t->lost++;
			err = ERR_OK;
		}
	}
	return (err);
}

/* --- one change, one record -------------------------------------------------- */

/* Does it say anything that is counted?  Most records do not. */
static bool
is_of_use(const Keten__V1__Change *c)
{
	for (size_t i = 0; i < c->n_offers; i++)
		if (c->offers[i]->state ==
		    KETEN__V1__OFFER_STATE__OFFER_LAPSED)
			return (true);
	for (size_t i = 0; i < c->n_steps; i++)
		for (size_t k = 0; k < N_COUNTED; k++)
			if (counted[k].event == c->steps[i]->event)
				return (true);
	return (false);
}

static MUST_CHECK enum err
take_change(struct tally *t, const Keten__V1__Facts *facts,
    const Keten__V1__RouteFacts *route, const Keten__V1__Change *c)
{
	struct seen s = { .t = t, .facts = facts, .route = route, .c = c };
	enum err err;

	if (!is_of_use(c))
		return (ERR_OK);
	if (pb_refid(c->referral, &s.id) != ERR_OK)
		return (ERR_CORRUPT);
	err = t->about(t->cookie, &s.id, &s.about);
	if (err == ERR_NOT_FOUND) {
		t->lost++;
		return (ERR_OK);
	}
	s.at.area = s.about.area;
	s.at.group = group_of(t->policy, s.about.code);
	for (size_t i = 0; i < c->n_steps && err == ERR_OK; i++) {
		s.step = c->steps[i];
		err = count_step(&s);
	}
	return (err == ERR_OK ? count_lapsed(&s) : err);
}

/*
 * Somebody looked for it and found nobody.  Of what is protected only group and
 * municipality are told, whatever was looked for.
 */
static MUST_CHECK enum err
take_missing(struct tally *t, const Keten__V1__MissingFacts *m)
{
	struct figures_at at = { .area = m->area,
		.group = group_of(t->policy, m->code) };
	const Keten__V1__PolicyGroup *group = policy_group(t->policy,
	    at.group);
	char gm[AREA_MAX + 1];

	if (group == NULL || !group->protected_)
		return (figures_add_said(t->figures, &at, FAMILY(MISSING),
		    m->code, m->partner, 1));
	if (!area_municipality(m->area, gm))
		return (ERR_CORRUPT);
	at.area = gm;
	return (figures_add_said(t->figures, &at, FAMILY(MISSING), "",
	    m->partner, 1));
}

enum err
tally_record(struct tally *t, const Keten__V1__Facts *facts,
    const Keten__V1__RouteFacts *route)
{
	enum err err = ERR_OK;

	if (facts->missing != NULL)
		err = take_missing(t, facts->missing);
	if (err == ERR_OK && facts->change != NULL)
		err = take_change(t, facts, route, facts->change);
	for (size_t i = 0; i < facts->n_children && err == ERR_OK; i++)
		err = take_change(t, facts, route, facts->children[i]);
	return (err);
}
