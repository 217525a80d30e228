/*
 * reader -- a referral as this partner may know it.
 */
#include <stdio.h>
#include <string.h>

#include "life/lifecycle.h"
#include "life/words.h"
#include "sdk/reader.h"

static void
copy(char *out, size_t cap, const char *text)
{
	size_t n = strnlen(text, cap - 1);

	memcpy(out, text, n);
	out[n] = '\0';
}

/* ---- who are we in it? ---------------------------------------------------- */

static enum keten_role
role_of(const struct keten *k, const struct dossier *c)
{
	const struct org *self = &k->dev.partner;
	const struct referral *r = &c->r;

	if (org_eq(&r->b, self))
		return (KETEN_ORIGINATOR);
	if (org_eq(&r->h, self))
		return (KETEN_HOLDER);
	if (org_eq(&r->r, self))
		return (KETEN_REGISSEUR);
	if (referral_open_offer(r, self) != NULL)
		return (KETEN_CANDIDATE);
	if (org_eq(&r->custodian, self))
		return (KETEN_CUSTODIAN);
	return (c->role == KETEN_CANDIDATE || c->role == 0
		? KETEN_FORMER
		: (enum keten_role)c->role);
}

/* Our newest offer, open or not; NULL if we never had one. */
static const struct offer *
own_offer(const struct keten *k, const struct referral *r)
{
	const struct offer *best = referral_open_offer(r, &k->dev.partner);

	for (size_t i = 0; best == NULL && i < r->n_offers; i++) {
		const struct offer *o = &r->offers[r->n_offers - 1 - i];

		if (org_eq(&o->to, &k->dev.partner))
			best = o;
	}
	return (best);
}

static void
show_offer(const struct keten *k, const struct referral *r,
    struct keten_referral *out)
{
	const struct offer *o = own_offer(k, r);
	const struct clock *c;

	if (o == NULL)
		return;
	out->offer = o->number;
	copy(out->offer_state, sizeof(out->offer_state),
	    words_offer(o->state));
	if (!words_is_open(o->state))
		return;
	c = o->own_term ? &o->clock
	    : o->rung == RUNG_HANDOVER ? &r->clocks[TERM_HANDOVER]
				       : &r->clocks[TERM_OFFER];
	if (c->running)
		out->offer_until_ms = c->at_ms;
}

/* ---- terms ---------------------------------------------------------------- */

static void
show_next(const struct referral *r, struct keten_referral *out)
{
	enum term next = TERM_NONE;

	for (enum term t = TERM_NONE + 1; t < TERM__MAX; t++) {
		const struct clock *c = &r->clocks[t];

		if (c->running &&
		    (next == TERM_NONE || c->at_ms < r->clocks[next].at_ms))
			next = t;
	}
	if (next == TERM_NONE)
		return;
	out->next_ms = r->clocks[next].at_ms;
	copy(out->next_term, sizeof(out->next_term), words_term(next));
	copy(out->next_nl, sizeof(out->next_nl), words_term_nl(next));
}

/* ---- what may be done ----------------------------------------------------- */

/* The windows that the clock closes, as far as we know the terms. */
static void
look_around(const struct keten *k, const struct referral *r,
    struct around *a)
{
	const struct cal_terms *t;
	int64_t now = handle_broker_now(k);

	memset(a, 0, sizeof(*a));
	a->within_return = a->within_reopen = true;
	if (k->policy == NULL || r->urgency == URGENCY_NONE)
		return;
	t = policy_terms(k->policy);
	if (r->accepted_ms != 0)
		a->within_return = now < cal_deadline(
		    policy_calendar(k->policy), NULL, r->accepted_ms,
		    cal_term(t, CAL_TERM_RETURN, r->urgency));
	if (r->completed_ms != 0)
		a->within_reopen = now < cal_deadline(
		    policy_calendar(k->policy), NULL, r->completed_ms,
		    cal_term(t, CAL_TERM_REOPEN, r->urgency));
	a->holder_ended = policy_has_ended(k->policy, &r->h, now);
}

static void
show_may(const struct keten *k, const struct referral *r,
    struct keten_referral *out)
{
	enum event events[EV__MAX];
	struct around a;
	size_t n, len = 0;

	look_around(k, r, &a);
	n = lifecycle_may(r, &k->dev.partner, &a, events, EV__MAX);
	for (size_t i = 0; i < n; i++) {
		const char *name = words_event(events[i]);

		if (events[i] == EV_SUBMIT ||
		    len + strlen(name) + 2 > sizeof(out->may))
			continue;
		len += (size_t)snprintf(out->may + len,
		    sizeof(out->may) - len, "%s%s", len == 0 ? "" : " ",
		    name);
	}
}

/* ---- all of it ------------------------------------------------------------ */

static void
show_header(const struct keten *k, const struct dossier *c,
    struct keten_referral *out)
{
	const struct referral *r = &c->r;
	bool has_code = c->exact_code[0] != '\0';

	copy(out->code, sizeof(out->code), has_code ? c->exact_code : r->code);
	if (k->policy != NULL && out->code[0] != '\0')
		copy(out->code_nl, sizeof(out->code_nl),
		    policy_code_label(k->policy, out->code));
	copy(out->area, sizeof(out->area),
	    c->exact_area[0] != '\0' ? c->exact_area : r->area);
	out->urgency = (enum keten_urgency)r->urgency;
	copy(out->basis, sizeof(out->basis), r->basis);
	out->discussed = (enum keten_discussed)r->discussed;
	out->units = r->units;
	out->units_done = r->units_done;
	out->units_total = r->units_total;
	copy(out->frequency, sizeof(out->frequency), c->frequency);
	copy(out->payer, sizeof(out->payer), c->payer);
	out->end_ms = r->end_ms;
	if (!refid_is_none(&r->parent))
		(void)refid_text(&r->parent, out->parent);
}

void
reader_show(const struct keten *k, const struct dossier *c,
    struct keten_referral *out)
{
	const struct referral *r = &c->r;

	memset(out, 0, sizeof(*out));
	(void)refid_text(&r->id, out->id);
	out->role = role_of(k, c);
	copy(out->state, sizeof(out->state), words_state(r->state));
	copy(out->state_nl, sizeof(out->state_nl), words_state_nl(r->state));
	copy(out->fhir_status, sizeof(out->fhir_status), referral_fhir(r));
	show_header(k, c, out);
	out->version = r->version;
	out->epoch = r->epoch;
	copy(out->originator, sizeof(out->originator), r->b.id);
	copy(out->holder, sizeof(out->holder), r->h.id);
	copy(out->regisseur, sizeof(out->regisseur), r->r.id);
	copy(out->custodian, sizeof(out->custodian), r->custodian.id);
	show_offer(k, r, out);
	show_next(r, out);
	out->overdue = (r->flags & FLAG_OVERDUE) != 0;
	out->withdrawal_asked = (r->flags & FLAG_WITHDRAWAL) != 0;
	out->unread = (r->flags & FLAG_UNREAD) != 0;
	copy(out->outcome, sizeof(out->outcome), r->outcome);
	copy(out->reason, sizeof(out->reason), r->reason);
	show_may(k, r, out);
	out->submitted_ms = r->submitted_ms;
	out->changed_ms = r->changed_ms;
	out->newest_index = c->newest_index;
	out->openable = c->openable;
}

/* ---- finding -------------------------------------------------------------- */

enum err
reader_find(struct spool_txn *txn, const char *text, struct refid *id)
{
	struct refid begin, at;
	struct spool_key key, next;
	size_t digits;
	enum err err;

	if (!refid_begin(text, &begin, &digits) || digits < READER_DIGITS)
		return (ERR_MALFORMED);
	key = spool_key_of(begin.b, sizeof(begin.b));
	if ((err = spool_from(txn, SPOOL_REFERRAL, &key)) != ERR_OK)
		return (err);
	memcpy(at.b, key.b, sizeof(at.b));
	if (!refid_begins(&at, &begin, digits))
		return (ERR_NOT_FOUND);
	next = key;
	err = spool_after(txn, SPOOL_REFERRAL, &next);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	memcpy(id->b, next.b, sizeof(id->b));
	if (err == ERR_OK && refid_begins(id, &begin, digits))
		return (ERR_CONFLICT);
	*id = at;
	return (ERR_OK);
}

const char *
reader_trouble(enum err err)
{
	if (err == ERR_NOT_FOUND)
		return ("Deze verwijzing is hier niet bekend (keten inbox "
			"--all toont welke wel).");
	if (err == ERR_CONFLICT)
		return ("Met dit begin zijn er meer verwijzingen; geef er "
			"meer tekens van.");
	if (err == ERR_MALFORMED)
		return ("Dit is geen nummer van een verwijzing: geef het "
			"hele nummer of minstens de eerste 8 tekens.");
	return (NULL);
}
