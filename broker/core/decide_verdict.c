/*
 * decide_verdict -- what the policy says about a command.
 *
 * The life cycle asks for one verdict on everything it cannot see: codes,
 * areas, covenants, bases, reasons, dates.  One row for each event that has
 * such conditions; the row of the life cycle is named in the rule.
 */
#include <string.h>

#include "core/decide_work.h"

typedef enum err verdict_fn(struct work *w, const Keten__V1__Command *c,
    const char **rule);

/* Refuse with a rule. */
static enum err
no(const char **rule, enum err err, const char *text)
{
	*rule = text;
	return (err);
}

static bool
has_part(const Keten__V1__Command *c, Keten__V1__PartKind kind)
{
	for (size_t i = 0; i < c->n_parts; i++)
		if (c->parts[i]->kind == kind)
			return (true);
	return (false);
}

uint8_t
work_contains(const Keten__V1__Command *c)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < c->n_parts; i++)
		bits |= c->parts[i]->contains;
	return ((uint8_t)bits);
}

/* May everybody on the ladder get what the person part of a SUBMIT contains? */
static enum err
check_contains(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	unsigned contains = work_contains(c);
	struct route_ask ask;

	if (contains == 0)
		return (ERR_OK);
	work_ask(w, &w->ref->before, &ask);
	if ((contains & ~route_ladder_content(w->in->policy, &ask,
		w->ref->ladder)) == 0)
		return (ERR_OK);
	return (no(rule, ERR_NOT_ALLOWED,
	    "rij 1: wat er in het persoonsdeel staat (BSN, foto of medische "
	    "gegevens) mag volgens de convenanten niet iedereen krijgen bij "
	    "wie deze verwijzing kan komen"));
}

/* What only a request for a service carries. */
static enum err
check_service(struct work *w, const Keten__V1__Header *h, const char **rule)
{
	bool signal = policy_is_signal(w->in->policy, h->code);

	if (signal && (h->end_ms != 0 || h->units != 0 ||
			  h->payer[0] != '\0' || h->frequency[0] != '\0'))
		return (no(rule, ERR_NOT_ALLOWED,
		    "rij 1: een signaal heeft geen einddatum, aantal of "
		    "betaler"));
	if (h->end_ms != 0 && h->end_ms <= w->in->now_ms)
		return (no(rule, ERR_NOT_ALLOWED,
		    "rij 1: de einddatum is al voorbij"));
	if (h->payer[0] != '\0' &&
	    policy_word(w->in->policy, POLICY_PAYERS, h->payer) == NULL)
		return (no(rule, ERR_BAD_CODE,
		    "rij 1: deze betaler staat niet in het beleid"));
	return (ERR_OK);
}

static enum err
check_submit(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	const Keten__V1__Header *h = c->header;
	const Keten__V1__PolicyCode *code;
	const Keten__V1__PolicyWord *basis;
	struct work_ref *ref = w->ref;

	if (h == NULL || !ref->is_new)
		return (no(rule, ERR_NOT_ALLOWED,
		    "rij 1: deze verwijzing bestaat al"));
	if (ref->ladder == NULL || ref->ladder_err != ERR_OK)
		return (no(rule, ref->ladder_err, ref->ladder_rule));
	code = policy_code(w->in->policy, h->code);
	if (code != NULL && code->text_required && c->n_parts == 0)
		return (no(rule, ERR_NOT_ALLOWED,
		    "rij 1: bij deze code is een verzegelde tekst verplicht"));
	basis = policy_word(w->in->policy, POLICY_BASES, h->basis);
	if (!has_part(c, KETEN__V1__PART_KIND__PERSON) &&
	    (basis == NULL || !basis->anonymous))
		return (no(rule, ERR_NOT_ALLOWED,
		    "rij 1: alleen zonder persoonsgegevens kan het zonder "
		    "persoonsdeel (G-ANO)"));
	if (check_contains(w, c, rule) != ERR_OK)
		return (ERR_NOT_ALLOWED);
	return (check_service(w, h, rule));
}

static enum err
check_text(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	(void)w;
	if (!has_part(c, KETEN__V1__PART_KIND__TEXT))
		return (no(rule, ERR_NOT_ALLOWED,
		    "een vraag, antwoord of aanvulling heeft een "
		    "verzegelde tekst nodig"));
	return (ERR_OK);
}

static enum err
check_decline(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	if (policy_word(w->in->policy, POLICY_DECLINES, c->reason) == NULL)
		return (no(rule, ERR_BAD_CODE,
		    "rij 5 en 10: geef een reden uit de lijst AFW"));
	return (ERR_OK);
}

/*
 * An offer stays open when its candidate leaves the network that it came
 * through, by the terms it was made under; but the network's covenant covers
 * that one no longer, so that only one of its own lets it accept.
 */
static enum err
check_accept(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	const struct referral *r = &w->ref->before;
	const struct offer *o = c->offer > UINT16_MAX ? NULL :
	    referral_offer(r, (uint16_t)c->offer);
	const struct org *who = &w->sender->partner;
	struct route_ask ask;

	if (r->state != ST_OFFERED || o == NULL || org_is_none(&o->via) ||
	    policy_network_has(w->in->policy, &o->via, who))
		return (ERR_OK);
	work_ask(w, r, &ask);
	if (route_check_one(w->in->policy, &ask, who, NULL, rule) == ERR_OK)
		return (ERR_OK);
	return (no(rule, ERR_NOT_ALLOWED,
	    "rij 4: u bent geen lid meer van het netwerk dat dit aanbod "
	    "kreeg; wijs het af"));
}

/* A reason of the list that fits the event. */
static enum err
check_reason(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	if (!policy_reason_fits(w->in->policy, c->reason,
		words_event((enum event)c->event)))
		return (no(rule, ERR_BAD_CODE,
		    "geef een reden uit het beleid die bij deze stap past"));
	return (ERR_OK);
}

static enum err
check_pause(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	const struct referral *r = &w->ref->before;
	int64_t limit = r->pause_limit_ms != 0 ? r->pause_limit_ms
	    : work_deadline(w, w->ref, r, w->in->now_ms, CAL_TERM_PAUSE);

	if (c->until_ms <= w->in->now_ms || c->until_ms > limit)
		return (no(rule, ERR_NOT_ALLOWED,
		    "rij 15: de datum ligt na nu en binnen de langste "
		    "pauze"));
	return (check_reason(w, c, rule));
}

/* To EMERGENT only if somebody can take it now. */
static enum err
check_urgency(struct work *w, const Keten__V1__Command *c, const char **rule)
{
	struct referral *r;

	if (c->urgency != KETEN__V1__URGENCY__EMERGENT)
		return (ERR_OK);
	r = arena_alloc(w->in->arena, sizeof(*r));
	if (r == NULL)
		return (ERR_NOMEM);
	referral_copy(r, &w->ref->before);
	r->urgency = URGENCY_EMERGENT;
	if (work_ladder(w, w->ref, r, NULL) != ERR_OK)
		return (ERR_NOMEM);
	*rule = w->ref->ladder_rule;
	return (w->ref->ladder_err);
}

static enum err
check_target(struct work *w, const struct org *from, const char *basis,
    const char *to, const char **rule)
{
	struct route_ask ask;
	struct org target = org_of(to);

	if (org_is_none(&target) ||
	    policy_partner(w->in->policy, &target) == NULL)
		return (no(rule, ERR_UNKNOWN_PARTNER,
		    "de genoemde partner staat niet in het beleid"));
	work_ask(w, &w->ref->before, &ask);
	ask.from = *from;
	ask.basis = basis;
	ask.contains |= work_contains(work_command(w));
	ask.n_first = ask.n_never = 0;
	return (route_check_one(w->in->policy, &ask, &target, NULL, rule));
}

static enum err
check_hand_over(struct work *w, const Keten__V1__Command *c,
    const char **rule)
{
	enum err err = check_target(w, &w->sender->partner,
	    c->basis[0] != '\0' ? c->basis : w->ref->before.basis, c->to, rule);

	return (err != ERR_OK ? err : check_reason(w, c, rule));
}

static enum err
check_offer_more(struct work *w, const Keten__V1__Command *c,
    const char **rule)
{
	if (policy_is_protected(w->in->policy, w->ref->before.code))
		return (no(rule, ERR_NOT_ALLOWED,
		    "rij 7: een beschermde code gaat naar een partij "
		    "tegelijk"));
	return (check_target(w, &w->ref->before.b, w->ref->before.basis,
	    c->to, rule));
}

bool
work_may_follow(const struct work *w, const struct work_ref *ref,
    const struct org *old, const struct org *next)
{
	const struct referral *r = &ref->before;
	const struct offer *o = referral_open_offer(r, old);
	struct route_ask ask;
	const char *rule;

	if (o == NULL || org_is_none(next))
		return (false);
	work_ask(w, r, &ask);
	/* It is offered by whoever comes after who offered it. */
	if (o->rung == RUNG_HANDOVER)
		ask.from = r->h;
	ask.n_first = ask.n_never = 0;
	return (route_check_one(w->in->policy, &ask, next, NULL, &rule) ==
	    ERR_OK);
}

struct named {
	struct refid id;
	bool found;
};

static bool
is_named(struct work *w, const struct refid *child, void *cookie)
{
	struct named *n = cookie;

	(void)w;
	n->found = refid_eq(child, &n->id);
	return (!n->found);
}

/* UIT-03: passed on, to a child or to a coded party outside. */
static enum err
check_passed_on(struct work *w, const Keten__V1__Command *c,
    const char **rule)
{
	struct named named = { .found = false };

	if (c->outside[0] != '\0' &&
	    policy_word(w->in->policy, POLICY_OUTSIDES, c->outside) != NULL)
		return (ERR_OK);
	if (refid_from(c->child.data, c->child.len, &named.id))
		work_each_child(w, &w->ref->before.id, is_named, &named);
	if (named.found)
		return (ERR_OK);
	return (no(rule, ERR_NOT_ALLOWED,
	    "rij 25: UIT-03 noemt een vervolgverwijzing of een partij "
	    "buiten de keten"));
}

static enum err
check_complete(struct work *w, const Keten__V1__Command *c,
    const char **rule)
{
	const Keten__V1__PolicyWord *outcome =
	    policy_word(w->in->policy, POLICY_OUTCOMES, c->outcome);

	if (outcome == NULL)
		return (no(rule, ERR_BAD_CODE,
		    "rij 25: geef een uitkomst uit de lijst UIT"));
	return (outcome->names_target ? check_passed_on(w, c, rule) : ERR_OK);
}

/* ---- the person part ---- */

bool
work_took(const struct referral *r, const struct org *who)
{
	return (org_eq(who, &r->h) && referral_is_live(r) &&
	    r->state != ST_OFFERED && r->state != ST_ESCALATED);
}

/* Is ${who} on the ladder, or only not now because it is closed? */
static bool
is_asked(const struct ladder *l, const struct org *who)
{
	for (size_t i = 0; i < l->n_rungs; i++)
		for (size_t k = 0; k < l->rungs[i].n; k++)
			if (org_eq(&l->rungs[i].candidates[k], who))
				return (true);
	for (size_t i = 0; i < l->n_skips; i++)
		if (l->skips[i].why == ROUTE_WHY_CLOSED &&
		    org_eq(&l->skips[i].who, who))
			return (true);
	return (false);
}

/* May a person part come with a wrap for ${who}?  (I5) */
static bool
may_open(const struct work *w, const struct org *who)
{
	const struct referral *r = &w->ref->before;
	const struct ladder *l = w->ref->ladder;

	if (org_is_none(who) || org_eq(who, &r->b) ||
	    org_eq(who, &r->custodian) || work_took(r, who))
		return (true);
	return (w->ref->is_new && l != NULL && l->early && is_asked(l, who));
}

static enum err
check_person(const struct work *w, const Keten__V1__Command *c,
    const char **rule)
{
	const struct decide_view *v = w->in->view;

	for (size_t i = 0; i < c->n_parts; i++) {
		const Keten__V1__Part *p = c->parts[i];

		if (p->kind != KETEN__V1__PART_KIND__PERSON)
			continue;
		for (size_t k = 0; k < p->n_wrapped_for; k++) {
			struct org o =
			    v->key_owner(v->cookie, p->wrapped_for[k]);

			if (!may_open(w, &o))
				return (no(rule, ERR_NOT_ALLOWED,
				    "persoonsdeel: alleen voor de bron, de "
				    "bewaarder en wie de verwijzing aannam"));
		}
	}
	return (ERR_OK);
}

/* ---- all of them ---- */

static const struct {
	enum event event;
	verdict_fn *check;
} checks[] = {
	{ EV_SUBMIT, check_submit },
	{ EV_ACCEPT, check_accept },
	{ EV_ASK, check_text },
	{ EV_ANSWER, check_text },
	{ EV_DECLINE, check_decline },
	{ EV_OFFER_MORE, check_offer_more },
	{ EV_RETURN, check_decline },
	{ EV_PAUSE, check_pause },
	{ EV_SUPPLEMENT, check_text },
	{ EV_RAISE_URGENCY, check_urgency },
	{ EV_HAND_OVER, check_hand_over },
	{ EV_TAKE_OVER, check_reason },
	{ EV_COMPLETE, check_complete },
	{ EV_GIVE_UP, check_reason },
	{ EV_FAIL, check_reason },
	{ EV_MARK_ERROR, check_reason },
};

enum err
work_verdict(struct work *w, const char **rule)
{
	const Keten__V1__Command *c = work_command(w);
	enum err err = ERR_OK;

	*rule = NULL;
	/* Without a referral there is nothing to judge; the engine says so. */
	if (w->ref->is_new && (enum event)c->event != EV_SUBMIT)
		return (ERR_OK);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i].event == (enum event)c->event)
			err = checks[i].check(w, c, rule);
	return (err != ERR_OK ? err : check_person(w, c, rule));
}
