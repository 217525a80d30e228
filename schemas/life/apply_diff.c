/*
 * apply -- the way back: from a referral in memory to what travels and is
 * stored of it.
 */
#include <string.h>

#include "life/apply.h"
#include "trust/digest.h"
#include "wire/pb.h"

/* ---- one clock, one offer ---- */

static void
clock_to(const struct clock *c, uint32_t term, Keten__V1__TermChange *t)
{
	keten__v1__term_change__init(t);
	t->term = term;
	t->state = c->running ? APPLY_TERM_RUNNING
	    : c->frozen	      ? APPLY_TERM_FROZEN
			      : APPLY_TERM_OFF;
	t->since_ms = c->since_ms;
	t->at_ms = c->at_ms;
	t->left_ms = c->left_ms;
}

static bool
clock_eq(const struct clock *a, const struct clock *b)
{
	return (a->running == b->running && a->frozen == b->frozen &&
	    a->since_ms == b->since_ms && a->at_ms == b->at_ms &&
	    a->left_ms == b->left_ms);
}

static uint32_t
offer_marks(const struct offer *o)
{
	return ((o->asked ? APPLY_ASKED : 0u) |
	    (o->question_open ? APPLY_QUESTION_OPEN : 0u) |
	    (o->delivered ? APPLY_DELIVERED : 0u) |
	    (o->own_term ? APPLY_OWN_TERM : 0u));
}

static bool
offer_eq(const struct offer *a, const struct offer *b)
{
	return (a->rung == b->rung && a->epoch == b->epoch &&
	    a->state == b->state && a->reason == b->reason &&
	    offer_marks(a) == offer_marks(b) &&
	    clock_eq(&a->clock, &b->clock));
}

static MUST_CHECK enum err
offer_to(struct arena *a, const struct offer *o, Keten__V1__OfferChange *c)
{
	keten__v1__offer_change__init(c);
	c->number = o->number;
	c->state = (Keten__V1__OfferState)o->state;
	c->rung = o->rung;
	c->epoch = o->epoch;
	c->marks = offer_marks(o);
	c->reason = (uint32_t)o->reason;
	if (!o->own_term)
		return (ERR_OK);
	c->term = arena_zero(a, 1, sizeof(*c->term));
	if (c->term == NULL)
		return (ERR_NOMEM);
	clock_to(&o->clock, TERM_MORE, c->term);
	return (ERR_OK);
}

static const struct offer *
find_const(const struct referral *r, uint32_t number)
{
	for (size_t i = 0; r != NULL && i < r->n_offers; i++)
		if (r->offers[i].number == number)
			return (&r->offers[i]);
	return (NULL);
}

/* ---- the fields, the header ---- */

static uint32_t
marks_of(const struct referral *r)
{
	return ((r->rung_asked ? APPLY_RUNG_ASKED : 0u) |
	    (r->rung_frozen ? APPLY_RUNG_FROZEN : 0u) |
	    (r->holder_asked ? APPLY_HOLDER_ASKED : 0u) |
	    (r->openable ? APPLY_OPENABLE : 0u) |
	    (r->unreadable ? APPLY_UNREADABLE : 0u) |
	    (r->erased ? APPLY_ERASED : 0u) |
	    (r->erases ? APPLY_ERASES : 0u) |
	    (r->person_part ? APPLY_PERSON_PART : 0u) |
	    r->contains * (uint32_t)APPLY_CONTAINS);
}

static MUST_CHECK enum err
after_to(struct arena *a, const struct referral *r, Keten__V1__After **out)
{
	Keten__V1__After *f = arena_zero(a, 1, sizeof(*f));

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__after__init(f);
	f->state = (Keten__V1__State)r->state;
	f->before_wait = (Keten__V1__State)r->before_wait;
	f->before_handover = (Keten__V1__State)r->before_handover;
	f->ended_as = (Keten__V1__State)r->ended_as;
	f->epoch = r->epoch;
	f->originator = pb_string(r->b.id);
	f->holder = pb_string(r->h.id);
	f->regisseur = pb_string(r->r.id);
	f->custodian = pb_string(r->custodian.id);
	f->flags = r->flags;
	f->overdue = r->overdue;
	f->next_rung = r->next_rung;
	f->marks = marks_of(r);
	f->last_offer = r->last_offer;
	f->urgency = (Keten__V1__Urgency)r->urgency;
	f->reason = pb_string(r->reason);
	f->outcome = pb_string(r->outcome);
	f->units_done = r->units_done;
	f->units_total = r->units_total;
	f->accepted_ms = r->accepted_ms;
	f->completed_ms = r->completed_ms;
	f->pause_limit_ms = r->pause_limit_ms;
	f->changed_ms = r->changed_ms;
	f->ended_ms = r->ended_ms;
	*out = f;
	return (ERR_OK);
}

enum err
apply_to_header(struct arena *a, const struct referral *r,
    Keten__V1__FactsHeader **out)
{
	Keten__V1__FactsHeader *h = *out;

	if (h == NULL) {
		h = arena_zero(a, 1, sizeof(*h));
		if (h == NULL)
			return (ERR_NOMEM);
		keten__v1__facts_header__init(h);
	}
	h->originator = pb_string(r->b.id);
	h->regisseur = pb_string(r->r.id);
	h->custodian = pb_string(r->custodian.id);
	if (!refid_is_none(&r->parent))
		h->parent = pb_of(r->parent.b, sizeof(r->parent.b));
	h->code = pb_string(r->code);
	h->area = pb_string(r->area);
	h->basis = pb_string(r->basis);
	h->urgency = (Keten__V1__Urgency)r->urgency;
	h->discussed = (Keten__V1__Discussed)r->discussed;
	h->units = r->units;
	h->end_ms = r->end_ms;
	*out = h;
	return (ERR_OK);
}

/* ---- the difference ---- */

void
apply_commit(const uint8_t blind[16], const struct org *to, uint8_t commit[32])
{
	static const char tag[] = "keten1/offer"; /* with its NUL */
	const struct slice parts[] = {
		slice_of(tag, sizeof(tag)),
		slice_of(blind, 16),
		slice_str(to->id),
	};

	digest_slices(parts, 3, commit);
}
static MUST_CHECK enum err
add_offer(struct arena *a, const struct offer *o, const uint8_t *blind,
    Keten__V1__Change *c, Keten__V1__RouteChange *who)
{
	Keten__V1__OfferChange *oc = arena_zero(a, 1, sizeof(*oc));
	Keten__V1__OfferWho *w;
	uint8_t *commit;

	if (oc == NULL || offer_to(a, o, oc) != ERR_OK)
		return (ERR_NOMEM);
	c->offers[c->n_offers++] = oc;
	if (blind == NULL)
		return (ERR_OK);

	w = arena_zero(a, 1, sizeof(*w));
	commit = arena_alloc(a, 32);
	if (w == NULL || commit == NULL)
		return (ERR_NOMEM);
	apply_commit(blind, &o->to, commit);
	oc->commit = pb_of(commit, 32);
	keten__v1__offer_who__init(w);
	w->number = o->number;
	w->to = pb_string(o->to.id);
	w->via = pb_string(o->via.id);
	w->blind = pb_of(blind, 16);
	who->offers[who->n_offers++] = w;
	return (ERR_OK);
}

static MUST_CHECK enum err
diff_offers(struct arena *a, const struct referral *before,
    const struct referral *after, const uint8_t (*blinds)[16],
    Keten__V1__Change *c, Keten__V1__RouteChange *who)
{
	size_t fresh = 0;

	c->offers = arena_zero(a, after->n_offers, sizeof(*c->offers));
	who->offers = arena_zero(a, after->n_offers, sizeof(*who->offers));
	if (c->offers == NULL || who->offers == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < after->n_offers; i++) {
		const struct offer *o = &after->offers[i];
		const struct offer *was = find_const(before, o->number);

		if (was != NULL && offer_eq(was, o))
			continue;
		if (add_offer(a, o, was == NULL ? blinds[fresh] : NULL, c,
			who) != ERR_OK)
			return (ERR_NOMEM);
		if (was == NULL)
			fresh++;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
diff_terms(struct arena *a, const struct referral *before,
    const struct referral *after, Keten__V1__Change *c)
{
	static const struct clock off;

	c->terms = arena_zero(a, TERM__MAX, sizeof(*c->terms));
	if (c->terms == NULL)
		return (ERR_NOMEM);
	for (uint32_t t = 1; t < (uint32_t)TERM__MAX; t++) {
		const struct clock *was =
		    before == NULL ? &off : &before->clocks[t];
		Keten__V1__TermChange *tc;

		if (clock_eq(was, &after->clocks[t]))
			continue;
		tc = arena_zero(a, 1, sizeof(*tc));
		if (tc == NULL)
			return (ERR_NOMEM);
		clock_to(&after->clocks[t], t, tc);
		c->terms[c->n_terms++] = tc;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
diff_parties(struct arena *a, const struct referral *before,
    const struct referral *after, Keten__V1__RouteChange *who)
{
	size_t had = before == NULL ? 0 : before->n_parties;

	who->parties = arena_zero(a, after->n_parties, sizeof(*who->parties));
	if (who->parties == NULL)
		return (ERR_NOMEM);
	for (size_t i = had; i < after->n_parties; i++)
		who->parties[who->n_parties++] =
		    pb_string(after->parties[i].id);
	return (ERR_OK);
}

enum err
apply_diff(struct arena *a, const struct referral *before,
    const struct referral *after, const uint8_t (*blinds)[16],
    Keten__V1__Change *c, Keten__V1__RouteChange *who)
{
	keten__v1__change__init(c);
	keten__v1__route_change__init(who);
	c->referral = pb_of(after->id.b, sizeof(after->id.b));
	who->referral = c->referral;
	who->giver = pb_string(after->giver.id);
	c->version_before = before == NULL ? 0 : before->version;
	c->version_after = after->version;
	if (after_to(a, after, &c->after) != ERR_OK ||
	    diff_offers(a, before, after, blinds, c, who) != ERR_OK ||
	    diff_terms(a, before, after, c) != ERR_OK)
		return (ERR_NOMEM);
	return (diff_parties(a, before, after, who));
}

/* ---- the stored form ---- */

/* Point ${out} at the ids of ${n} organisations, which are borrowed. */
static MUST_CHECK enum err
names_to(struct arena *a, const struct org *orgs, size_t n, char ***out,
    size_t *count)
{
	char **names = arena_zero(a, n, sizeof(*names));

	if (names == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++)
		names[i] = pb_string(orgs[i].id);
	*out = names;
	*count = n;
	return (ERR_OK);
}

static MUST_CHECK enum err
offers_to_state(struct arena *a, const struct referral *r,
    Keten__V1__ReferralState *s)
{
	s->offers = arena_zero(a, r->n_offers, sizeof(*s->offers));
	s->who = arena_zero(a, r->n_offers, sizeof(*s->who));
	if (s->offers == NULL || s->who == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < r->n_offers; i++) {
		Keten__V1__OfferChange *oc = arena_zero(a, 1, sizeof(*oc));
		Keten__V1__OfferWho *w = arena_zero(a, 1, sizeof(*w));

		if (oc == NULL || w == NULL ||
		    offer_to(a, &r->offers[i], oc) != ERR_OK)
			return (ERR_NOMEM);
		keten__v1__offer_who__init(w);
		w->number = r->offers[i].number;
		w->to = pb_string(r->offers[i].to.id);
		w->via = pb_string(r->offers[i].via.id);
		s->offers[i] = oc;
		s->who[i] = w;
	}
	s->n_offers = s->n_who = r->n_offers;
	return (ERR_OK);
}

enum err
apply_to_state(struct arena *a, const struct referral *r,
    Keten__V1__ReferralState *s)
{
	Keten__V1__Change terms;

	keten__v1__change__init(&terms);
	s->referral = pb_of(r->id.b, sizeof(r->id.b));
	s->version = r->version;
	s->submitted_ms = r->submitted_ms;
	if (apply_to_header(a, r, &s->header) != ERR_OK ||
	    after_to(a, r, &s->after) != ERR_OK ||
	    offers_to_state(a, r, s) != ERR_OK ||
	    diff_terms(a, NULL, r, &terms) != ERR_OK ||
	    names_to(a, r->parties, r->n_parties, &s->parties,
		&s->n_parties) != ERR_OK ||
	    names_to(a, r->never, r->n_never, &s->never, &s->n_never) !=
		ERR_OK ||
	    names_to(a, r->first, r->n_first, &s->first, &s->n_first) !=
		ERR_OK)
		return (ERR_NOMEM);
	s->after->giver = pb_string(r->giver.id);
	s->terms = terms.terms;
	s->n_terms = terms.n_terms;
	return (ERR_OK);
}
