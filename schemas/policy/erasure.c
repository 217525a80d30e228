/*
 * erasure -- when what a referral holds may be erased, and who may ask for it.
 */
#include <string.h>
#include <time.h>

#include "policy/erasure.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

const Keten__V1__PolicyRetention *
erasure_rule(const struct policy *p, uint32_t number)
{
	const Keten__V1__Policy *doc = policy_doc(p);

	for (size_t i = 0; i < doc->n_retention; i++)
		if (doc->retention[i]->rule == number)
			return (doc->retention[i]);
	return (NULL);
}

const char *
erasure_text(const struct policy *p, uint32_t number)
{
	const Keten__V1__PolicyRetention *r = erasure_rule(p, number);

	if (number == ERASURE_REQUEST)
		return ("op verzoek");
	if (number == ERASURE_AGAIN)
		return ("opnieuw, na het terugzetten van een reservekopie");
	if (number == ERASURE_OUTCOME)
		return ("gesloten met een uitkomst waarbij niets bewaard "
			"wordt");
	if (number == ERASURE_ERROR)
		return ("verkeerd ingevoerd");
	return (r == NULL ? "" : r->label);
}

static bool
has_ended(const struct referral *r)
{
	return (r->state != ST_NONE && !referral_is_live(r));
}

uint32_t
erasure_at_once(const struct policy *p, const struct referral *r)
{
	const Keten__V1__PolicyWord *w;

	if (r->state == ST_ENTERED_IN_ERROR)
		return (ERASURE_ERROR);
	if (r->state != ST_CLOSED || r->outcome[0] == '\0')
		return (0);
	w = policy_word(p, POLICY_OUTCOMES, r->outcome);
	return (w != NULL && w->erases ? (uint32_t)ERASURE_OUTCOME : 0);
}

bool
erasure_is_due(const struct policy *p, uint32_t number,
    const struct referral *r, int64_t at_ms)
{
	const Keten__V1__PolicyRetention *rule;

	if (!has_ended(r))
		return (false);
	if (number == ERASURE_REQUEST)
		return (true);
	if (number == ERASURE_ERROR || number == ERASURE_OUTCOME)
		return (erasure_at_once(p, r) == number);
	rule = policy_retention(p, 1, r->code);
	return (rule != NULL && rule->rule == number && r->ended_ms != 0 &&
	    at_ms >= r->ended_ms + (int64_t)rule->days * DAY_MS);
}

/* The question to the covenants: did it go to ${to} under one that ${who}
 * answers for? */
static bool
answers_for(const struct policy *p, const struct referral *r,
    const struct org *to, const struct org *who)
{
	const struct policy_ask ask = { .from = r->b, .to = *to,
		.code = r->code, .area = r->area, .basis = r->basis,
		.now_ms = r->submitted_ms };

	return (!org_is_none(to) && !org_eq(to, &r->b) &&
	    policy_controls(p, &ask, who));
}

bool
erasure_may_ask(const struct policy *p, const struct referral *r,
    const struct org *who)
{
	return (answers_for(p, r, &r->h, who) ||
	    answers_for(p, r, &r->r, who));
}

uint64_t
erasure_month(int64_t time_ms)
{
	time_t s = (time_t)(time_ms / 1000);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL)
		return (0);
	return ((uint64_t)(tm.tm_year + 1900) * 100 +
	    (uint64_t)(tm.tm_mon + 1));
}

int64_t
erasure_log_at(const Keten__V1__PolicyRetention *rule, int64_t time_ms)
{
	time_t s = (time_t)(time_ms / 1000);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL)
		return (INT64_MAX);
	tm.tm_mon++; /* timegm() knows what the thirteenth month is */
	tm.tm_mday = 1;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	return ((int64_t)timegm(&tm) * 1000 + (int64_t)rule->days * DAY_MS);
}
