/*
 * ledger -- from a decision to a record of this turn.
 */
#include <string.h>

#include "core/vault.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/fresh.h"
#include "ketend/ledger.h"
#include "trust/digest.h"
#include "wire/pb.h"

/* Put new ones in the place of those that were used. */
static enum err
renew_blinds(struct broker *b)
{
	struct blinds *bl = &b->blinds;
	size_t n = bl->used;
	enum err err;

	err = vault_random(store_vault(b->store), bl->b,
	    n * sizeof(bl->b[0]));
	if (err == ERR_OK)
		bl->used = 0;
	return (err);
}

/**
 * ledger_in(b, in):
 * Fill ${in} for the next decision.
 */
enum err
ledger_in(struct broker *b, struct decide_in *in)
{
	struct turn *t = b->turn;
	enum err err;

	arena_reset(t->work);
	if ((err = renew_blinds(b)) != ERR_OK)
		return (err);
	/* A clock that is not trusted moves nothing on. */
	if (!b->clock_is_off && t->now_ms > t->leaf_ms)
		t->leaf_ms = t->now_ms;
	look_at(&b->look, t->txn);
	*in = (struct decide_in){
		.policy = b->policy,
		.view = &b->look.view,
		.arena = t->work,
		.now_ms = t->leaf_ms,
		.index = record_next_index(t->txn),
		.random = (const uint8_t (*)[16])b->blinds.b,
	};
	return (ERR_OK);
}

/* --- what is left for after the commit ---------------------------------------- */

static enum err
mark_deliveries(struct turn *t, const Keten__V1__RouteFacts *route)
{
	for (size_t i = 0; route != NULL && !t->all_told &&
	     i < route->n_deliveries; i++) {
		const Keten__V1__Sent *s = route->deliveries[i];

		if (t->n_marks == TURN_MARKS)
			return (ERR_NOMEM);
		t->mark[t->n_marks++] = (struct mark){ org_of(s->partner),
			org_of(s->mailbox), s->seq };
	}
	return (ERR_OK);
}

static void
want(struct made *m, const struct refid *id, const char *who, bool note_only)
{
	m->wants[m->n_wants++] =
	    (struct wants){ *id, org_of(who), note_only, false, false };
}

/* Who says that its wrap opens nothing wants another. */
static enum err
want_again(struct txn *txn, struct made *m, const struct decision *d)
{
	struct wants *w = &m->wants[m->n_wants++];
	struct referral r;
	enum err err = view_referral(txn, &d->referral, &r);

	if (err != ERR_OK)
		return (err);
	*w = (struct wants){ .referral = d->referral,
		.who = org_of(d->route->sender->partner), .again = true };
	w->note_only = !org_eq(&w->who, &r.b) && !org_eq(&w->who, &r.h);
	return (ERR_OK);
}

/* The new B and holder of what follows the referral of the record. */
static void
want_followers(struct made *m, const struct decision *d)
{
	struct refid id;

	for (size_t i = 0; i < d->facts->n_children; i++) {
		const Keten__V1__Change *c = d->facts->children[i];

		if (c->after == NULL || pb_refid(c->referral, &id) != ERR_OK)
			continue;
		want(m, &id, c->after->originator, false);
		want(m, &id, c->after->holder, false);
	}
}

static bool
is_succession(const Keten__V1__Change *c)
{
	return (c != NULL && c->after != NULL && c->n_steps > 0 &&
	    c->steps[0]->event == KETEN__V1__EVENT__SUCCEED);
}

/* A successor may open what its place opens (I5); R, the notes. */
static void
want_successors(struct made *m, const struct decision *d)
{
	const Keten__V1__Change *c = d->facts->change;

	if (!is_succession(c))
		return;
	want(m, &d->referral, c->after->originator, false);
	want(m, &d->referral, c->after->regisseur, true);
	if (c->after->custodian[0] != '\0')
		want(m, &d->referral, c->after->custodian, false);
}

/* Did this part come with a wrap for a key of ${who} that counts? */
static bool
is_wrapped_for(const struct broker *b, const Keten__V1__PartWraps *w,
    const char *who)
{
	const struct keyring_seal *k;

	for (size_t i = 0; i < w->n_key_ids; i++) {
		k = keyring_seal_by_id(b->keys, w->key_ids[i]);
		if (k != NULL && k->ended == KEYRING_NEVER &&
		    strcmp(k->partner.id, who) == 0)
			return (true);
	}
	return (false);
}

/* A SUBMIT whose notes have a wrap for ${who}: the usual case, seen without
 * asking the store. */
static bool
has_note(const struct broker *b, const struct decision *d, const char *who)
{
	const Keten__V1__Facts *f = d->facts;
	const Keten__V1__RouteFacts *route = d->route;
	bool has = false;

	if (f->change == NULL || f->change->version_before != 0)
		return (false);
	for (size_t i = 0; i < route->n_wraps; i++) {
		const Keten__V1__PartWraps *w = route->wraps[i];

		if (w->part >= f->n_parts || f->parts[w->part]->kind !=
		    KETEN__V1__PART_KIND__NOTE)
			continue;
		if (!is_wrapped_for(b, w, who))
			return (false);
		has = true;
	}
	return (has);
}

static enum err
want_wraps(const struct broker *b, struct made *m, const struct decision *d)
{
	struct turn *t = b->turn;
	const Keten__V1__RouteFacts *route = d->route;
	const Keten__V1__RewrapFacts *rewrap = d->facts->rewrap;
	bool got_some = rewrap != NULL && rewrap->n_parts > 0;
	size_t n = (size_t)d->wants_wrap + (size_t)got_some + (size_t)d->wants_again +
	    2 * d->facts->n_children +
	    (is_succession(d->facts->change) ? 3 : 0);
	struct refid id;

	for (size_t i = 0; route != NULL && i < route->n_changes; i++)
		n += route->changes[i]->n_offers;
	if (n == 0)
		return (ERR_OK);
	if ((m->wants = arena_zero(t->out, n, sizeof(*m->wants))) == NULL)
		return (ERR_NOMEM);
	if (got_some)
		m->wants[m->n_wants++] = (struct wants){ .poke = true,
			.referral = d->referral, .who = org_of(rewrap->to) };
	if (d->wants_wrap)
		want(m, &d->referral, d->wrap_for.id, false);
	want_followers(m, d);
	want_successors(m, d);
	for (size_t i = 0; route != NULL && i < route->n_changes; i++) {
		const Keten__V1__RouteChange *c = route->changes[i];

		if (pb_refid(c->referral, &id) != ERR_OK)
			continue;
		for (size_t j = 0; j < c->n_offers; j++)
			if (!has_note(b, d, c->offers[j]->to))
				want(m, &id, c->offers[j]->to, true);
	}
	return (d->wants_again ? want_again(t->txn, m, d) : ERR_OK);
}

/* B, H and R see who else was asked; so does who asks about nothing. */
static bool
sees_route(struct txn *txn, const struct decision *d, const struct org *sender)
{
	struct referral r;

	if (sender == NULL)
		return (false);
	if (d->facts->change != NULL && d->facts->change->after != NULL) {
		const Keten__V1__After *a = d->facts->change->after;

		return (strcmp(a->originator, sender->id) == 0 ||
		    strcmp(a->holder, sender->id) == 0 ||
		    strcmp(a->regisseur, sender->id) == 0);
	}
	if (refid_is_none(&d->referral) ||
	    view_referral(txn, &d->referral, &r) != ERR_OK)
		return (true);
	return (org_eq(&r.b, sender) || org_eq(&r.h, sender) ||
	    org_eq(&r.r, sender));
}

static enum err
note_refusal(struct turn *t, struct made *m, const struct decision *d)
{
	const Keten__V1__Refused *no = d->facts->refused;

	if (no == NULL)
		return (ERR_OK);
	m->err = d->err;
	m->current_version = no->current_version;
	m->rule = arena_text(t->out, slice_str(no->rule));
	m->call = arena_text(t->out, slice_str(no->call));
	return (m->rule == NULL || m->call == NULL ? ERR_NOMEM : ERR_OK);
}

/* --- writing -------------------------------------------------------------------- */

/* Would the change leave a live referral that nobody answers for? */
static bool
is_nobodys(const Keten__V1__Change *c)
{
	return (c != NULL && c->after != NULL &&
	    words_is_live((enum state)c->after->state) &&
	    c->after->holder[0] == '\0');
}

/* The promise of all promises: counted, so that an alarm can watch it. */
static void
count_nobodys(struct broker *b, const Keten__V1__Facts *f)
{
	b->metrics.without_holder += is_nobodys(f->change);
	for (size_t i = 0; i < f->n_children; i++)
		b->metrics.without_holder += is_nobodys(f->children[i]);
}

/**
 * ledger_write(b, d, with, made):
 * Append the decision ${d}.
 */
enum err
ledger_write(struct broker *b, const struct decision *d,
    const struct ledger_with *with, struct made **made)
{
	struct turn *t = b->turn;
	struct made *m = &t->made[t->n_made];
	struct record_in in = {
		.facts = d->facts,
		.route = d->route,
		.envelope = with->envelope,
		.owner = refid_is_none(&d->referral) ? NULL : &d->referral,
		.content = d->err == ERR_OK ? with->content : NULL,
	};
	enum err err;

	b->blinds.used = d->n_blinds;
	/* What it was decided on could not be read: then it means nothing. */
	if ((err = look_fault(&b->look)) != ERR_OK)
		return (err);
	if (t->n_made == TURN_MADE)
		return (ERR_NOMEM);
	memset(m, 0, sizeof(*m));
	m->envelope = with->envelope;
	err = record_append(t->txn, t->out, &in, &m->out);
	if (err != ERR_OK ||
	    (err = fresh_keep(t, m, in.content, d)) != ERR_OK ||
	    (err = mark_deliveries(t, d->route)) != ERR_OK ||
	    (err = want_wraps(b, m, d)) != ERR_OK ||
	    (err = note_refusal(t, m, d)) != ERR_OK)
		return (err);
	m->sees_route = sees_route(t->txn, d, with->sender);
	count_nobodys(b, d->facts);
	t->n_made++;
	t->has_written = true;
	if (made != NULL)
		*made = m;
	return (ERR_OK);
}

static enum err
write_own(struct broker *b, const struct decision *d)
{
	const struct ledger_with with = { .sender = NULL };

	return (ledger_write(b, d, &with, NULL));
}

/**
 * ledger_tick(b, why):
 * Decide and write the record of the broker's clock.
 */
enum err
ledger_tick(struct broker *b, Keten__V1__TickWhy why)
{
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_tick(&in, why, &d)) != ERR_OK)
		return (err);
	return (write_own(b, &d));
}

/**
 * ledger_access(b, what, why):
 * Decide and write the record of something being shown to the operator.
 */
enum err
ledger_access(struct broker *b, const char *what, const char *why)
{
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_access(&in, "ketenctl", what, why, NULL, &d)) != ERR_OK)
		return (err);
	return (write_own(b, &d));
}

/**
 * ledger_report(b, who, what, why, report):
 * Decide and write the record of a report.
 */
enum err
ledger_report(struct broker *b, const char *who, const char *what,
    const char *why, const Keten__V1__ReportFacts *report)
{
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_access(&in, who, what, why, report, &d)) != ERR_OK)
		return (err);
	return (write_own(b, &d));
}
