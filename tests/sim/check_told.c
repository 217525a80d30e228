/*
 * check_told -- who learns what: names in the facts, and deliveries.
 */
#include <stdio.h>
#include <string.h>

#include "wire/pb.h"
#include "world.h"

/* ---- names ---- */

/* B, R, the custodian, and whoever held it on the way. */
static bool
has_after(const Keten__V1__Change *c, const char *name)
{
	for (size_t i = 0; i < c->n_steps; i++)
		if (strcmp(c->steps[i]->holder, name) == 0)
			return (true);
	return (strcmp(c->after->originator, name) == 0 ||
	    strcmp(c->after->holder, name) == 0 ||
	    strcmp(c->after->regisseur, name) == 0 ||
	    strcmp(c->after->custodian, name) == 0);
}

/* Are the facts allowed to name ${name}? */
static bool
may_name(const Keten__V1__Facts *f, const char *name)
{
	if (f->change != NULL && has_after(f->change, name))
		return (true);
	for (size_t i = 0; i < f->n_children; i++)
		if (has_after(f->children[i], name))
			return (true);
	if (f->header != NULL && strcmp(f->header->to, name) == 0)
		return (true);
	return (f->rewrap != NULL && strcmp(f->rewrap->to, name) == 0);
}

static void
check_names(const struct world *w, struct slice facts)
{
	for (size_t i = 0; i < w->n_orgs; i++) {
		const char *name = w->orgs[i].id;

		if (memmem(facts.p, facts.len, name, strlen(name)) == NULL ||
		    may_name(w->facts, name))
			continue;
		printf("# %s\n", name);
		world_fail(w, "the facts name somebody else");
	}
}

/* ---- deliveries ---- */

static const Keten__V1__Change *
change_of(const struct world *w, const struct refid *id)
{
	const Keten__V1__Facts *f = w->facts;

	if (f->change != NULL &&
	    memcmp(f->change->referral.data, id->b, 16) == 0)
		return (f->change);
	for (size_t i = 0; i < f->n_children; i++)
		if (memcmp(f->children[i]->referral.data, id->b, 16) == 0)
			return (f->children[i]);
	return (NULL);
}

static bool
is_insider(const struct referral *r, const struct org *who)
{
	return (org_eq(who, &r->b) || org_eq(who, &r->h) ||
	    org_eq(who, &r->r));
}

static bool
has_role(const struct referral *r, const struct org *who,
    const Keten__V1__Sent *s)
{
	const struct offer *o = referral_offer(r, (uint16_t)s->offer);

	switch (s->role) {
	case KETEN__V1__DELIVERY_ROLE__ORIGINATOR:
		return (org_eq(who, &r->b));
	case KETEN__V1__DELIVERY_ROLE__HOLDER:
		return (org_eq(who, &r->h));
	case KETEN__V1__DELIVERY_ROLE__REGISSEUR:
		return (org_eq(who, &r->r));
	case KETEN__V1__DELIVERY_ROLE__CANDIDATE:
		return (o != NULL && org_eq(&o->to, who));
	case KETEN__V1__DELIVERY_ROLE__CUSTODIAN:
		return (org_eq(who, &r->custodian));
	case KETEN__V1__DELIVERY_ROLE__FORMER:
		return (!is_insider(r, who));
	case KETEN__V1__DELIVERY_ROLE__INFORMED:
		return (true);
	case KETEN__V1__DELIVERY_ROLE__DELIVERY_ROLE_UNSPECIFIED:
	case _KETEN__V1__DELIVERY_ROLE_IS_INT_SIZE:
		break;
	}
	return (false);
}

static void
check_pieces(const struct world *w, const struct world_ref *r,
    const Keten__V1__Sent *s)
{
	if (s->n_pieces > DECIDE_SENT_MAX)
		world_fail(w, "a delivery brings too many parts");
	for (size_t i = 0; i < s->n_pieces; i++) {
		bool found = false;

		for (size_t k = 0; k < r->n_pieces; k++)
			found = found ||
			    (r->pieces[k].index == s->pieces[i]->index &&
				r->pieces[k].part == s->pieces[i]->part);
		if (!found && r->n_pieces < WORLD_PIECES)
			world_fail(w, "a delivery brings another's part");
	}
}

/* The referral that the statement was about. */
static const struct world_ref *
main_one(const struct world *w)
{
	struct refid id;

	if (w->facts->change == NULL)
		return (world_find(w, &w->last.referral));
	memcpy(id.b, w->facts->change->referral.data, sizeof(id.b));
	return (world_find(w, &id));
}

static bool
is_named(const struct world *w, const Keten__V1__Sent *s)
{
	const Keten__V1__Facts *f = w->facts;

	return (f->header != NULL && strcmp(f->header->to, s->partner) == 0);
}

static void
check_one(const struct world *w, const Keten__V1__Sent *s)
{
	const struct world_ref *top = main_one(w), *r;
	struct org who = org_of(s->partner);
	struct refid id;

	memcpy(id.b, s->referral.data, sizeof(id.b));
	r = world_find(w, &id);
	if (r == NULL || top == NULL)
		world_fail(w, "a delivery about nothing");
	if (!has_role(&r->now, &who, s))
		world_fail(w, "a delivery in a role that is not so");
	if ((s->with & DECIDE_WITH_ROUTE) != 0 && !is_insider(&top->now, &who))
		world_fail(w, "the route is shown to somebody else");
	/* OFFER_MORE names its candidate in the statement only. */
	if ((s->with & DECIDE_WITH_STATEMENT) != 0 &&
	    !is_insider(&top->now, &who) && !is_named(w, s) &&
	    (s->with & DECIDE_WITH_OFFER) == 0)
		world_fail(w, "the statement is shown to somebody else");
	if ((s->with & DECIDE_WITH_OFFER) != 0 &&
	    s->role != KETEN__V1__DELIVERY_ROLE__CANDIDATE &&
	    change_of(w, &id) == NULL)
		world_fail(w, "an offer that was not made");
	check_pieces(w, r, s);
}

/* In how many mailboxes is ${who} told of ${id}? */
static size_t
told_of(const struct world *w, const struct org *who, const uint8_t *id)
{
	size_t n = 0;

	for (size_t i = 0; i < w->route->n_deliveries; i++) {
		const Keten__V1__Sent *s = w->route->deliveries[i];

		n += strcmp(s->partner, who->id) == 0 &&
		    memcmp(s->referral.data, id, 16) == 0;
	}
	return (n);
}

/* Whoever is told, is told once in each mailbox. */
static void
check_boxes(const struct world *w, const Keten__V1__Sent *s)
{
	struct org who = org_of(s->partner);
	const Keten__V1__PolicyPartner *p = policy_partner(w->policy, &who);

	if (told_of(w, &who, s->referral.data) != p->n_mailboxes)
		world_fail(w, "not once in each mailbox");
}

/* Must ${who} have heard of it: by a delivery, or by its receipt? */
static void
must_hear(const struct world *w, const struct org *who,
    const Keten__V1__Change *c, bool by_delivery)
{
	const Keten__V1__PolicyPartner *p = policy_partner(w->policy, who);
	bool acted = w->route->sender != NULL &&
	    strcmp(w->route->sender->partner, who->id) == 0;

	if (org_is_none(who) || p == NULL || p->gone)
		return;
	if (told_of(w, who, c->referral.data) == 0 && (!acted || by_delivery))
		world_fail(w, "somebody was not told");
}

/* New holder, B, and candidates of offers that were made or have ended. */
static void
check_change(const struct world *w, const Keten__V1__Change *c)
{
	struct refid id;
	const struct world_ref *r;
	bool moved = false;

	memcpy(id.b, c->referral.data, sizeof(id.b));
	r = world_find(w, &id);
	for (size_t i = 0; i < c->n_steps; i++) {
		moved = moved || c->steps[i]->from != c->steps[i]->to;
		if (c->steps[i]->event == KETEN__V1__EVENT__ACCEPT)
			must_hear(w, &r->now.h, c, true);
	}
	if (moved)
		must_hear(w, &r->now.b, c, false);
	if (moved && referral_is_live(&r->now))
		must_hear(w, &r->now.h, c, false);
	if (r->now.state == ST_ESCALATED && moved)
		must_hear(w, &r->now.r, c, false);
	for (size_t i = 0; i < c->n_offers; i++) {
		const struct offer *o =
		    referral_offer(&r->now, (uint16_t)c->offers[i]->number);

		if (o != NULL && c->n_steps > 0 &&
		    c->offers[i]->commit.len != 0)
			must_hear(w, &o->to, c, false);
	}
}

/* Deadlines moved: whose they are must have heard. */
static void
check_shift(const struct world *w, const Keten__V1__Change *c)
{
	const struct referral *r;
	struct refid id;

	if (c == NULL)
		return;
	memcpy(id.b, c->referral.data, sizeof(id.b));
	r = &world_find(w, &id)->now;
	if (r->state == ST_CLOSED)
		return;
	must_hear(w, &r->b, c, true);
	if (!referral_is_live(r))
		return;
	must_hear(w, &r->h, c, true);
	for (size_t i = 0; i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state))
			must_hear(w, &r->offers[i].to, c, true);
}

/* Who acted has its receipt; it is told only if it takes, or has more boxes. */
static void
check_actor(const struct world *w)
{
	struct org who;
	const Keten__V1__PolicyPartner *p;

	if (w->route->sender == NULL || w->facts->rewrap != NULL)
		return;
	who = org_of(w->route->sender->partner);
	p = policy_partner(w->policy, &who);
	for (size_t i = 0; i < w->route->n_deliveries; i++) {
		const Keten__V1__Sent *s = w->route->deliveries[i];

		if (strcmp(s->partner, who.id) == 0 && p->n_mailboxes == 1 &&
		    (w->facts->header != NULL ||
			(s->role != KETEN__V1__DELIVERY_ROLE__HOLDER &&
			    s->role != KETEN__V1__DELIVERY_ROLE__ORIGINATOR)))
			world_fail(w, "told what its receipt says");
	}
}

void
world_check_told(const struct world *w, struct slice facts)
{
	const Keten__V1__Facts *f = w->facts;

	check_names(w, facts);
	for (size_t i = 0; i < w->route->n_deliveries; i++) {
		check_one(w, w->route->deliveries[i]);
		check_boxes(w, w->route->deliveries[i]);
	}
	if (f->tick != NULL) {
		check_shift(w, f->change);
		return;
	}
	if (f->change != NULL)
		check_change(w, f->change);
	for (size_t i = 0; i < f->n_children; i++)
		check_change(w, f->children[i]);
	check_actor(w);
}
