/*
 * decide_tell -- who hears of a record, as what, and with which sealed parts.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

#define TOLD_MAX (REFERRAL_OFFERS_MAX * 2 + 16)

/* ---- sealed parts ---- */

/* What a delivery brings of the parts that were there already. */
enum older { OLDER_NONE, OLDER_NOTES, OLDER_ALL };

/* How badly somebody who begins needs a part; 0: not at all. */
static int
worth(Keten__V1__PartKind kind, enum older older)
{
	if (older == OLDER_NONE ||
	    (older == OLDER_NOTES && kind != KETEN__V1__PART_KIND__NOTE))
		return (0);
	return (kind == KETEN__V1__PART_KIND__PERSON ? 3
	    : kind == KETEN__V1__PART_KIND__NOTE     ? 2
						     : 1);
}

/*
 * Choose at most ${room} of the older parts: the person part first, then the
 * notes, then the texts, the newest of each.  What is left out can be asked
 * for (ContentQuery).
 */
static size_t
choose(struct decide_piece *had, size_t n, enum older older, size_t room)
{
	bool chosen[DECIDE_SENT_MAX + DECIDE_PIECES_MAX] = { false };
	size_t kept = 0;

	for (int rank = 3; rank > 0; rank--)
		for (size_t i = n; i-- > 0 && room > 0;)
			if (worth(had[i].kind, older) == rank) {
				chosen[i] = true;
				room--;
			}
	for (size_t i = 0; i < n; i++)
		if (chosen[i])
			had[kept++] = had[i];
	return (kept);
}

/* Of all there are, page by page: what was chosen of the pages before stands
 * again beside those of the next. */
static size_t
choose_all(const struct work *w, const struct refid *id, enum older older,
    size_t room, struct decide_piece *had)
{
	const struct decide_view *v = w->in->view;
	struct decide_piece last;
	size_t kept = 0, n = 0;

	do {
		n = v->pieces(v->cookie, id, n == 0 ? NULL : &last,
		    had + kept, DECIDE_PIECES_MAX);
		if (n > 0)
			last = had[kept + n - 1];
		kept = choose(had, kept + n, older, room);
	} while (n == DECIDE_PIECES_MAX);
	return (kept);
}

/* A list of references to sealed parts, being filled; there is room. */
static void
add_ref(struct work_sent *s, Keten__V1__PieceRef *room, uint64_t index,
    uint32_t part)
{
	Keten__V1__PieceRef *p = &room[s->n_pieces];

	keten__v1__piece_ref__init(p);
	p->index = index;
	p->part = part;
	s->pieces[s->n_pieces++] = p;
}

/*
 * The parts that go with a delivery about ${ref}: those of this record, if it
 * is the one that brought them, and older ones.  Whoever has no wrap of a part
 * does not get it; that is for the moment of delivery, since wraps may come
 * later.
 */
static MUST_CHECK enum err
gather(struct work *w, const struct work_ref *ref, enum older older,
    struct work_sent *s)
{
	const Keten__V1__Command *c = work_command(w);
	struct decide_piece had[DECIDE_SENT_MAX + DECIDE_PIECES_MAX];
	size_t own = c == NULL || ref != w->ref ? 0 : c->n_parts, n = 0;
	Keten__V1__PieceRef *room;

	if (older != OLDER_NONE && !ref->is_new)
		n = choose_all(w, &ref->before.id, older,
		    DECIDE_SENT_MAX - own, had);
	s->n_pieces = 0;
	if (n + own == 0)
		return (ERR_OK);
	room = arena_alloc(w->in->arena, DECIDE_SENT_MAX * sizeof(*room));
	s->pieces =
	    arena_alloc(w->in->arena, DECIDE_SENT_MAX * sizeof(room));
	if (room == NULL || s->pieces == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++)
		add_ref(s, room, had[i].index, had[i].part);
	for (size_t i = 0; i < own; i++)
		add_ref(s, room, w->in->index, (uint32_t)i);
	return (ERR_OK);
}

/* ---- one delivery ---- */

static bool
has_delivery(const Keten__V1__RouteFacts *rf, const struct work_sent *s)
{
	for (size_t i = 0; i < rf->n_deliveries; i++) {
		const Keten__V1__Sent *had = rf->deliveries[i];

		if (strcmp(had->partner, s->who.id) == 0 &&
		    memcmp(had->referral.data, s->about.b,
			sizeof(s->about.b)) == 0)
			return (true);
	}
	return (false);
}

/* The number of the next delivery there, after those of this record. */
static uint64_t
next_seq(const struct work *w, const struct org *who, const char *mailbox)
{
	const struct decide_view *v = w->in->view;
	const Keten__V1__RouteFacts *rf = w->d->route;

	for (size_t i = rf->n_deliveries; i-- > 0;)
		if (strcmp(rf->deliveries[i]->partner, who->id) == 0 &&
		    strcmp(rf->deliveries[i]->mailbox, mailbox) == 0)
			return (rf->deliveries[i]->seq + 1);
	return (v->last_seq(v->cookie, who, mailbox) + 1);
}

/* Room for ${n} more deliveries, in a list that grows by doubling. */
static MUST_CHECK enum err
make_room(struct work *w, size_t n)
{
	Keten__V1__RouteFacts *rf = w->d->route;
	size_t cap = w->cap_sent, need = rf->n_deliveries + n;
	Keten__V1__Sent **more;

	if (need <= cap)
		return (ERR_OK);
	while (cap < need)
		cap = cap == 0 ? 8 : 2 * cap;
	more = arena_alloc(w->in->arena, cap * sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	if (rf->n_deliveries > 0)
		memcpy(more, rf->deliveries, rf->n_deliveries * sizeof(*more));
	rf->deliveries = more;
	w->cap_sent = cap;
	return (ERR_OK);
}

static void
to_mailbox(struct work *w, const struct work_sent *s, const char *mailbox,
    Keten__V1__Sent *row)
{
	Keten__V1__RouteFacts *rf = w->d->route;

	keten__v1__sent__init(row);
	row->partner = pb_string(s->who.id);
	row->mailbox = pb_string(mailbox);
	row->seq = next_seq(w, &s->who, mailbox);
	row->role = s->role;
	row->offer = s->offer;
	row->referral = pb_of(s->about.b, sizeof(s->about.b));
	row->with = s->with;
	row->pieces = s->pieces;
	row->n_pieces = s->n_pieces;
	rf->deliveries[rf->n_deliveries++] = row;
}

enum err
work_send(struct work *w, const struct work_sent *s)
{
	const Keten__V1__PolicyPartner *p =
	    policy_partner(w->in->policy, &s->who);
	Keten__V1__Sent *rows;
	struct work_sent *keep;

	if (p == NULL || p->gone || has_delivery(w->d->route, s))
		return (ERR_OK);
	keep = arena_alloc(w->in->arena, sizeof(*keep));
	rows = arena_alloc(w->in->arena, p->n_mailboxes * sizeof(*rows));
	if (keep == NULL || rows == NULL ||
	    make_room(w, p->n_mailboxes) != ERR_OK)
		return (ERR_NOMEM);
	*keep = *s;
	for (size_t i = 0; i < p->n_mailboxes; i++)
		to_mailbox(w, keep, p->mailboxes[i], &rows[i]);
	return (ERR_OK);
}

/* ---- who it is to the referral ---- */

/* The newest offer to ${who} that this record knows; 0: none. */
static uint32_t
offer_of(const struct change *ch, const struct org *who)
{
	uint32_t best = 0;

	for (size_t i = 0; i < ch->after.n_offers; i++)
		if (org_eq(&ch->after.offers[i].to, who))
			best = ch->after.offers[i].number;
	for (size_t i = 0; i < ch->n_offers; i++)
		if (org_eq(&ch->offers[i].to, who) &&
		    ch->offers[i].number > best)
			best = ch->offers[i].number;
	return (best);
}

/* Was the offer made by this very record? */
static bool
is_fresh(const struct change *ch, uint32_t offer)
{
	for (size_t i = 0; i < ch->n_offers; i++)
		if (ch->offers[i].number == offer &&
		    ch->offers[i].was == OFFER_NONE)
			return (true);
	return (false);
}

static Keten__V1__DeliveryRole
role_of(const struct change *ch, const struct org *who, bool fresh)
{
	const struct referral *r = &ch->after;

	if (org_eq(who, &r->b))
		return (KETEN__V1__DELIVERY_ROLE__ORIGINATOR);
	if (org_eq(who, &r->h))
		return (KETEN__V1__DELIVERY_ROLE__HOLDER);
	if (org_eq(who, &r->r))
		return (KETEN__V1__DELIVERY_ROLE__REGISSEUR);
	if (fresh || referral_open_offer(r, who) != NULL)
		return (KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	return (KETEN__V1__DELIVERY_ROLE__FORMER);
}

/*
 * May ${who} see the route facts, and what was signed?  They say things of
 * every referral in the record, but first of the one that it is about.
 */
static bool
sees_route(const struct work *w, const struct org *who)
{
	const struct referral *r = &w->ref->ch.after;

	return (org_eq(who, &r->b) || org_eq(who, &r->h) ||
	    org_eq(who, &r->r));
}

/* The partner that the command itself names sees what was said of it. */
static bool
is_named(const struct work *w, const struct org *who)
{
	return (work_command(w) != NULL &&
	    strcmp(work_command(w)->to, who->id) == 0);
}

/* Does ${who} learn of it by its receipt, and has no other mailbox? */
static bool
has_receipt(const struct work *w, const struct org *who)
{
	const Keten__V1__PolicyPartner *p;

	if (w->st == NULL || !org_eq(who, &w->sender->partner))
		return (false);
	p = policy_partner(w->in->policy, who);
	return (p != NULL && p->n_mailboxes <= 1);
}

/* Does ${who} become holder or originator by this record?  Who submits is
 * both by its own word. */
static bool
takes(const struct work *w, const struct change *ch, const struct org *who)
{
	if (w->ref->is_new && org_eq(who, &ch->after.b))
		return (false);
	return ((ch->holder_changed && org_eq(who, &ch->after.h)) ||
	    (ch->b_changed && org_eq(who, &ch->after.b)));
}

static uint32_t
with_of(const struct work *w, const struct work_ref *ref,
    const struct work_sent *s, bool fresh)
{
	uint32_t with = fresh ? DECIDE_WITH_OFFER : 0;

	if (sees_route(w, &s->who))
		with |= DECIDE_WITH_ROUTE;
	if (w->st != NULL && (sees_route(w, &s->who) || is_named(w, &s->who)))
		with |= DECIDE_WITH_STATEMENT;
	/* R may never have heard of it before. */
	if (!ref->is_new && (fresh || takes(w, &ref->ch, &s->who) ||
				s->role == KETEN__V1__DELIVERY_ROLE__REGISSEUR))
		with |= DECIDE_WITH_OPENING;
	return (with);
}

static enum older
older_of(const struct work *w, const struct work_ref *ref,
    const struct work_sent *s, bool fresh)
{
	if (takes(w, &ref->ch, &s->who))
		return (OLDER_ALL);
	if (fresh || s->role == KETEN__V1__DELIVERY_ROLE__REGISSEUR)
		return (OLDER_NOTES);
	return (OLDER_NONE);
}

static MUST_CHECK enum err
tell_one(struct work *w, const struct work_ref *ref, const struct org *who)
{
	const struct change *ch = &ref->ch;
	struct work_sent s = { .who = *who, .about = ch->after.id };
	bool fresh;

	if (has_receipt(w, who) && !takes(w, ch, who))
		return (ERR_OK);
	s.offer = offer_of(ch, who);
	fresh = s.offer != 0 && is_fresh(ch, s.offer);
	s.role = role_of(ch, who, fresh);
	s.with = with_of(w, ref, &s, fresh);
	if (gather(w, ref, older_of(w, ref, &s, fresh), &s) != ERR_OK)
		return (ERR_NOMEM);
	return (work_send(w, &s));
}

/* ---- everybody ---- */

/* Is there a custodian that was none before? */
static bool
has_new_custodian(const struct work *w)
{
	const struct org *now = &w->ref->ch.after.custodian;

	return (!org_is_none(now) && (w->ref->is_new ||
	    !org_eq(now, &w->ref->before.custodian)));
}

/* A SUBMIT is also known to the custodian, who can open the person part; and
 * so is what was before to one that comes later. */
static MUST_CHECK enum err
tell_custodian(struct work *w)
{
	const struct referral *r = &w->ref->ch.after;
	struct work_sent s = { .who = r->custodian, .about = r->id,
		.role = KETEN__V1__DELIVERY_ROLE__CUSTODIAN };

	if (!has_new_custodian(w) || has_receipt(w, &s.who))
		return (ERR_OK);
	if (sees_route(w, &s.who))
		s.with = DECIDE_WITH_STATEMENT | DECIDE_WITH_ROUTE;
	if (!w->ref->is_new)
		s.with = (s.with & ~(uint32_t)DECIDE_WITH_STATEMENT) |
		    DECIDE_WITH_OPENING;
	if (gather(w, w->ref, OLDER_NONE, &s) != ERR_OK)
		return (ERR_NOMEM);
	return (work_send(w, &s));
}

/* ... and to whom it is copied. */
static MUST_CHECK enum err
tell_informed(struct work *w)
{
	const struct ladder *l = w->ref->ladder;
	struct work_sent s = { .about = w->ref->ch.after.id,
		.role = KETEN__V1__DELIVERY_ROLE__INFORMED };
	struct route_ask ask;

	work_ask(w, &w->ref->ch.after, &ask);
	for (size_t i = 0; route_inform(w->in->policy, &ask, l, i, &s.who);
	     i++)
		if (!org_is_none(&s.who) &&
		    !org_eq(&s.who, &w->ref->ch.after.b) &&
		    work_send(w, &s) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

/* The parent ended and leaves a live child behind: its B hears of it. */
struct left_behind {
	struct referral *child;
	enum err err;
};

static bool
tell_child(struct work *w, const struct refid *id, void *cookie)
{
	const struct decide_view *v = w->in->view;
	const struct referral *r = &w->ref->ch.after;
	struct left_behind *l = cookie;
	struct work_sent s = { .about = r->id };

	if (!v->referral(v->cookie, id, l->child) ||
	    !referral_is_live(l->child) || has_receipt(w, &l->child->b))
		return (true);
	/* Often the parent's own holder, in a mailbox that did not act. */
	s.who = l->child->b;
	s.role = role_of(&w->ref->ch, &s.who, false);
	s.with = with_of(w, w->ref, &s, false);
	if (referral_roles(&w->ref->before, &s.who) == 0)
		s.with |= DECIDE_WITH_OPENING;
	l->err = work_send(w, &s);
	return (l->err == ERR_OK);
}

static MUST_CHECK enum err
tell_children(struct work *w)
{
	struct left_behind l = { .err = ERR_OK };

	if ((w->ref->ch.tell & TELL_CHILDREN_B) == 0)
		return (ERR_OK);
	l.child = arena_alloc(w->in->arena, sizeof(*l.child));
	if (l.child == NULL)
		return (ERR_NOMEM);
	work_each_child(w, &w->ref->before.id, tell_child, &l);
	return (l.err);
}

enum err
work_tell_of(struct work *w, const struct work_ref *ref)
{
	struct org told[TOLD_MAX];
	size_t n = lifecycle_told(&ref->before, &ref->ch, told, TOLD_MAX);

	for (size_t i = 0; i < n && i < TOLD_MAX; i++)
		if (tell_one(w, ref, &told[i]) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

enum err
work_tell(struct work *w)
{
	if (work_tell_of(w, w->ref) != ERR_OK)
		return (ERR_NOMEM);
	if (tell_custodian(w) != ERR_OK ||
	    (w->ref->is_new && tell_informed(w) != ERR_OK))
		return (ERR_NOMEM);
	for (const struct work_ref *m = w->more; m != NULL; m = m->next)
		if (work_tell_of(w, m) != ERR_OK)
			return (ERR_NOMEM);
	return (tell_children(w));
}
