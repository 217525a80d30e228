/*
 * apply -- do to a referral in memory what travels and is stored of it.  The
 * way back is apply_diff.c.
 */
#include <string.h>

#include "life/apply.h"
#include "wire/pb.h"

/* Copy a code or area that has room for ${cap} bytes; false: too long. */
static bool
put_text(char *to, size_t cap, const char *from)
{
	size_t len = strlen(from);

	if (len >= cap)
		return (false);
	memset(to, 0, cap);
	memcpy(to, from, len);
	return (true);
}

/* A name that may be absent; false: there is something, but not a name. */
static bool
put_org(struct org *to, const char *from)
{
	*to = org_of(from);
	return (from[0] == '\0' || !org_is_none(to));
}

/* ---- one clock, one offer ---- */

static void
clock_from(const Keten__V1__TermChange *t, struct clock *c)
{
	memset(c, 0, sizeof(*c));
	c->running = t->state == APPLY_TERM_RUNNING;
	c->frozen = t->state == APPLY_TERM_FROZEN;
	c->since_ms = t->since_ms;
	c->at_ms = t->at_ms;
	c->left_ms = t->left_ms;
}

/* Set everything of ${o} but whom it is to. */
static void
offer_from(const Keten__V1__OfferChange *c, struct offer *o)
{
	o->number = (uint16_t)c->number;
	o->rung = (uint8_t)c->rung;
	o->epoch = c->epoch;
	o->state = (enum offer_state)c->state;
	o->reason = (enum reason)c->reason;
	o->asked = (c->marks & APPLY_ASKED) != 0;
	o->question_open = (c->marks & APPLY_QUESTION_OPEN) != 0;
	o->delivered = (c->marks & APPLY_DELIVERED) != 0;
	o->own_term = (c->marks & APPLY_OWN_TERM) != 0;
	memset(&o->clock, 0, sizeof(o->clock));
	if (c->term != NULL)
		clock_from(c->term, &o->clock);
}

static struct offer *
find_offer(struct referral *r, uint32_t number)
{
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].number == number)
			return (&r->offers[i]);
	return (NULL);
}

/* The names of an offer, if they are known here. */
static MUST_CHECK enum err
offer_names(struct offer *o, const Keten__V1__RouteChange *who)
{
	for (size_t i = 0; who != NULL && i < who->n_offers; i++) {
		const Keten__V1__OfferWho *w = who->offers[i];

		if (w->number != o->number)
			continue;
		if (!put_org(&o->to, w->to) || !put_org(&o->via, w->via))
			return (ERR_CORRUPT);
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
apply_offer(struct referral *r, const Keten__V1__OfferChange *c,
    const Keten__V1__RouteChange *who)
{
	struct offer *o = find_offer(r, c->number);

	if (c->number == 0 || c->number > UINT16_MAX || c->rung > UINT8_MAX ||
	    c->state <= 0 || c->state >= (int)OFFER__MAX)
		return (ERR_CORRUPT);
	if (o == NULL) {
		if (r->n_offers == REFERRAL_OFFERS_MAX)
			return (ERR_CORRUPT);
		o = &r->offers[r->n_offers++];
		memset(o, 0, sizeof(*o));
	}
	offer_from(c, o);
	return (offer_names(o, who));
}

/* ---- the fields, the header ---- */

static void
marks_to(struct referral *r, uint32_t marks)
{
	r->rung_asked = (marks & APPLY_RUNG_ASKED) != 0;
	r->rung_frozen = (marks & APPLY_RUNG_FROZEN) != 0;
	r->holder_asked = (marks & APPLY_HOLDER_ASKED) != 0;
	r->openable = (marks & APPLY_OPENABLE) != 0;
	r->unreadable = (marks & APPLY_UNREADABLE) != 0;
	r->erased = (marks & APPLY_ERASED) != 0;
	r->erases = (marks & APPLY_ERASES) != 0;
	r->person_part = (marks & APPLY_PERSON_PART) != 0;
	r->contains = (uint8_t)(marks / APPLY_CONTAINS % 8);
}

static MUST_CHECK enum err
apply_after(struct referral *r, const Keten__V1__After *f)
{
	if (f->next_rung > UINT8_MAX || f->last_offer > UINT16_MAX)
		return (ERR_CORRUPT);
	if (!put_org(&r->b, f->originator) || !put_org(&r->h, f->holder) ||
	    !put_org(&r->r, f->regisseur) || !put_org(&r->giver, f->giver) ||
	    !put_org(&r->custodian, f->custodian) ||
	    !put_text(r->reason, sizeof(r->reason), f->reason) ||
	    !put_text(r->outcome, sizeof(r->outcome), f->outcome))
		return (ERR_CORRUPT);
	/* A new epoch begins with an empty list of offers. */
	if (f->epoch != r->epoch)
		r->n_offers = 0;
	r->state = (enum state)f->state;
	r->before_wait = (enum state)f->before_wait;
	r->before_handover = (enum state)f->before_handover;
	r->ended_as = (enum state)f->ended_as;
	r->epoch = f->epoch;
	r->flags = f->flags;
	r->overdue = f->overdue;
	r->next_rung = (uint8_t)f->next_rung;
	marks_to(r, f->marks);
	r->last_offer = (uint16_t)f->last_offer;
	r->urgency = (enum urgency)f->urgency;
	r->units_done = f->units_done;
	r->units_total = f->units_total;
	r->accepted_ms = f->accepted_ms;
	r->completed_ms = f->completed_ms;
	r->pause_limit_ms = f->pause_limit_ms;
	r->changed_ms = f->changed_ms;
	r->ended_ms = f->ended_ms;
	return (ERR_OK);
}

static MUST_CHECK enum err
header_from(struct referral *r, const Keten__V1__FactsHeader *h)
{
	if (!put_org(&r->b, h->originator) || !put_org(&r->r, h->regisseur) ||
	    !put_org(&r->custodian, h->custodian) ||
	    !put_text(r->code, sizeof(r->code), h->code) ||
	    !put_text(r->area, sizeof(r->area), h->area) ||
	    !put_text(r->basis, sizeof(r->basis), h->basis))
		return (ERR_CORRUPT);
	if (h->parent.len != 0 &&
	    !refid_from(h->parent.data, h->parent.len, &r->parent))
		return (ERR_CORRUPT);
	r->kind = strncmp(r->code, "SIG", 3) == 0 ? KIND_SIGNAL : KIND_SERVICE;
	r->urgency = (enum urgency)h->urgency;
	r->discussed = (uint8_t)h->discussed;
	r->units = h->units;
	r->end_ms = h->end_ms;
	return (ERR_OK);
}

static MUST_CHECK enum err
take_names(char *const *names, size_t n, struct org *out, size_t max,
    uint8_t *count)
{
	if (n > max)
		return (ERR_CORRUPT);
	for (size_t i = 0; i < n; i++)
		if (!put_org(&out[i], names[i]))
			return (ERR_CORRUPT);
	*count = (uint8_t)n;
	return (ERR_OK);
}

enum err
apply_header(struct referral *r, const struct refid *id,
    const Keten__V1__FactsHeader *h, const Keten__V1__RouteFacts *route)
{
	referral_clear(r);
	r->id = *id;
	if (header_from(r, h) != ERR_OK)
		return (ERR_CORRUPT);
	if (route == NULL)
		return (ERR_OK);
	if (take_names(route->first, route->n_first, r->first,
		REFERRAL_FIRST_MAX, &r->n_first) != ERR_OK)
		return (ERR_CORRUPT);
	return (take_names(route->never, route->n_never, r->never,
	    REFERRAL_NEVER_MAX, &r->n_never));
}

/* ---- a change ---- */

static MUST_CHECK enum err
apply_term(struct referral *r, const Keten__V1__TermChange *t)
{
	if (t->term == TERM_NONE || t->term >= (uint32_t)TERM__MAX)
		return (ERR_CORRUPT);
	clock_from(t, &r->clocks[t->term]);
	return (ERR_OK);
}

static MUST_CHECK enum err
apply_parties(struct referral *r, char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct org o = org_of(names[i]);

		if (org_is_none(&o) || r->n_parties == REFERRAL_PARTIES_MAX)
			return (ERR_CORRUPT);
		r->parties[r->n_parties++] = o;
	}
	return (ERR_OK);
}

enum err
apply_change(struct referral *r, const Keten__V1__Change *c,
    const Keten__V1__RouteChange *who)
{
	if (c->after == NULL || c->referral.len != sizeof(r->id.b) ||
	    memcmp(c->referral.data, r->id.b, sizeof(r->id.b)) != 0 ||
	    c->version_before != r->version)
		return (ERR_CORRUPT);
	if (apply_after(r, c->after) != ERR_OK)
		return (ERR_CORRUPT);
	for (size_t i = 0; i < c->n_offers; i++)
		if (apply_offer(r, c->offers[i], who) != ERR_OK)
			return (ERR_CORRUPT);
	for (size_t i = 0; i < c->n_terms; i++)
		if (apply_term(r, c->terms[i]) != ERR_OK)
			return (ERR_CORRUPT);
	r->version = c->version_after;
	if (who == NULL)
		return (ERR_OK);
	if (!put_org(&r->giver, who->giver))
		return (ERR_CORRUPT);
	return (apply_parties(r, who->parties, who->n_parties));
}

/* ---- the stored form ---- */

static MUST_CHECK enum err
offers_from_state(const Keten__V1__ReferralState *s, struct referral *r)
{
	Keten__V1__RouteChange names;

	keten__v1__route_change__init(&names);
	names.offers = s->who;
	names.n_offers = s->n_who;
	for (size_t i = 0; i < s->n_offers; i++)
		if (apply_offer(r, s->offers[i], &names) != ERR_OK)
			return (ERR_CORRUPT);
	return (ERR_OK);
}

enum err
apply_from_state(const Keten__V1__ReferralState *s, struct referral *r)
{
	referral_clear(r);
	if (s->header == NULL || s->after == NULL ||
	    s->referral.len != sizeof(r->id.b))
		return (ERR_CORRUPT);
	memcpy(r->id.b, s->referral.data, sizeof(r->id.b));
	if (header_from(r, s->header) != ERR_OK ||
	    apply_after(r, s->after) != ERR_OK ||
	    offers_from_state(s, r) != ERR_OK)
		return (ERR_CORRUPT);
	for (size_t i = 0; i < s->n_terms; i++)
		if (apply_term(r, s->terms[i]) != ERR_OK)
			return (ERR_CORRUPT);
	if (apply_parties(r, s->parties, s->n_parties) != ERR_OK ||
	    take_names(s->never, s->n_never, r->never, REFERRAL_NEVER_MAX,
		&r->n_never) != ERR_OK ||
	    take_names(s->first, s->n_first, r->first, REFERRAL_FIRST_MAX,
		&r->n_first) != ERR_OK)
		return (ERR_CORRUPT);
	r->version = s->version;
	r->submitted_ms = s->submitted_ms;
	return (ERR_OK);
}
