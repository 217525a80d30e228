/*
 * decide_tell -- who hears of a record, as what, and with which sealed parts.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

#define TOLD_MAX (REFERRAL_OFFERS_MAX * 2 + 16)

/* ---- sealed parts ---------------------------------------------------------- */

/* A list of references to sealed parts, being filled. */
struct refs {
	Keten__V1__PieceRef **list;
	size_t n;
	size_t cap;
};

static MUST_CHECK enum err
add_ref(struct work *w, struct refs *r, uint64_t index, uint32_t part)
{
	Keten__V1__PieceRef *p = arena_zero(w->in->arena, 1, sizeof(*p));

	if (p == NULL || r->n == r->cap)
		return (ERR_NOMEM);
	keten__v1__piece_ref__init(p);
	p->index = index;
	p->part = part;
	r->list[r->n++] = p;
	return (ERR_OK);
}

/*
 * The parts that go with a delivery: those of this record, and, for somebody
 * who begins (a new holder, a new candidate), the older ones: all of them, or
 * only the notes.  Whoever has no wrap of a part does not get it; that is for
 * the moment of delivery, since wraps may come later.
 */
static MUST_CHECK enum err
gather(struct work *w, const struct refid *id, bool older, bool notes_only,
    struct refs *out)
{
	const struct decide_view *v = w->in->view;
	const Keten__V1__Command *c = work_command(w);
	struct decide_piece had[DECIDE_PIECES_MAX];
	size_t n = older ? v->pieces(v->cookie, id, had, DECIDE_PIECES_MAX)
			 : 0;
	size_t own = c == NULL ? 0 : c->n_parts;

	if (n > DECIDE_PIECES_MAX)
		n = DECIDE_PIECES_MAX;
	out->n = 0;
	out->cap = n + own;
	out->list = arena_zero(w->in->arena, out->cap, sizeof(*out->list));
	if (out->list == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++) {
		if (notes_only && had[i].kind != KETEN__V1__PART_KIND__NOTE)
			continue;
		if (add_ref(w, out, had[i].index, had[i].part) != ERR_OK)
			return (ERR_NOMEM);
	}
	for (size_t i = 0; i < own; i++)
		if (add_ref(w, out, w->in->index, (uint32_t)i) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

/* ---- one delivery ----------------------------------------------------------- */

static bool
has_delivery(const Keten__V1__RouteFacts *rf, const struct org *who)
{
	for (size_t i = 0; i < rf->n_deliveries; i++)
		if (strcmp(rf->deliveries[i]->partner, who->id) == 0)
			return (true);
	return (false);
}

static MUST_CHECK enum err
to_mailbox(struct work *w, const struct org *who, const char *mailbox,
    const Keten__V1__Sent *like)
{
	const struct decide_view *v = w->in->view;
	Keten__V1__RouteFacts *rf = w->d->route;
	Keten__V1__Sent *s = arena_zero(w->in->arena, 1, sizeof(*s));
	Keten__V1__Sent **more = arena_zero(w->in->arena,
	    rf->n_deliveries + 1, sizeof(*more));

	if (s == NULL || more == NULL)
		return (ERR_NOMEM);
	*s = *like;
	s->partner = pb_string(who->id);
	s->mailbox = pb_string(mailbox);
	s->seq = v->last_seq(v->cookie, who, mailbox) + 1;
	if (rf->n_deliveries > 0)
		memcpy(more, rf->deliveries,
		    rf->n_deliveries * sizeof(*more));
	more[rf->n_deliveries++] = s;
	rf->deliveries = more;
	return (ERR_OK);
}

enum err
work_send(struct work *w, const struct org *who,
    Keten__V1__DeliveryRole role, uint32_t offer, uint32_t with,
    const struct refid *id, Keten__V1__PieceRef **pieces, size_t n)
{
	const Keten__V1__PolicyPartner *p =
	    policy_partner(w->in->policy, who);
	Keten__V1__Sent like = KETEN__V1__SENT__INIT;
	struct org *keep;

	if (p == NULL || p->gone || has_delivery(w->d->route, who))
		return (ERR_OK);
	keep = arena_zero(w->in->arena, 1, sizeof(*keep));
	if (keep == NULL)
		return (ERR_NOMEM);
	*keep = *who;
	like.role = role;
	like.offer = offer;
	like.with = with;
	like.referral = pb_of(id->b, sizeof(id->b));
	like.pieces = pieces;
	like.n_pieces = n;
	for (size_t i = 0; i < p->n_mailboxes; i++)
		if (to_mailbox(w, keep, p->mailboxes[i], &like) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

/* ---- who it is to the referral ----------------------------------------------- */

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
role_of(const struct change *ch, const struct org *who, uint32_t offer)
{
	const struct referral *r = &ch->after;

	if (org_eq(who, &r->b))
		return (KETEN__V1__DELIVERY_ROLE__ORIGINATOR);
	if (org_eq(who, &r->h))
		return (KETEN__V1__DELIVERY_ROLE__HOLDER);
	if (org_eq(who, &r->r))
		return (KETEN__V1__DELIVERY_ROLE__REGISSEUR);
	if (offer != 0 && (referral_open_offer(r, who) != NULL ||
			      is_fresh(ch, offer)))
		return (KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	return (KETEN__V1__DELIVERY_ROLE__FORMER);
}

static bool
sees_route(Keten__V1__DeliveryRole role)
{
	return (role == KETEN__V1__DELIVERY_ROLE__ORIGINATOR ||
	    role == KETEN__V1__DELIVERY_ROLE__HOLDER ||
	    role == KETEN__V1__DELIVERY_ROLE__REGISSEUR);
}

/* The partner that the command itself names sees what was said of it. */
static bool
is_named(const struct work *w, const struct org *who)
{
	return (work_command(w) != NULL &&
	    strcmp(work_command(w)->to, who->id) == 0);
}

static uint32_t
with_of(const struct work *w, const struct work_ref *ref,
    const struct org *who, Keten__V1__DeliveryRole role, bool fresh)
{
	uint32_t with = 0;

	if (sees_route(role))
		with |= DECIDE_WITH_ROUTE;
	if (w->st != NULL && (sees_route(role) || is_named(w, who)))
		with |= DECIDE_WITH_STATEMENT;
	if (!ref->is_new && (fresh ||
				role == KETEN__V1__DELIVERY_ROLE__REGISSEUR ||
				(ref->ch.holder_changed &&
				    org_eq(who, &ref->ch.after.h))))
		with |= DECIDE_WITH_OPENING;
	return (with);
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

static MUST_CHECK enum err
tell_one(struct work *w, const struct work_ref *ref, const struct org *who)
{
	const struct change *ch = &ref->ch;
	uint32_t offer = offer_of(ch, who);
	bool fresh = offer != 0 && is_fresh(ch, offer);
	bool takes = ch->holder_changed && org_eq(who, &ch->after.h);
	Keten__V1__DeliveryRole role = role_of(ch, who, offer);
	struct refs pieces;

	if (has_receipt(w, who) && !takes)
		return (ERR_OK);
	if (gather(w, &ch->after.id, (fresh || takes) && !ref->is_new,
		!takes, &pieces) != ERR_OK)
		return (ERR_NOMEM);
	return (work_send(w, who, role, offer,
	    with_of(w, ref, who, role, fresh), &ch->after.id, pieces.list,
	    pieces.n));
}

/* ---- everybody ----------------------------------------------------------------- */

/* A SUBMIT is also known to the custodian and to whom it is copied. */
static MUST_CHECK enum err
tell_beside(struct work *w)
{
	const struct work_ref *ref = w->ref;
	const struct referral *r = &ref->ch.after;
	struct refs pieces;

	if (!ref->is_new)
		return (ERR_OK);
	if (!org_is_none(&r->custodian)) {
		if (gather(w, &r->id, false, false, &pieces) != ERR_OK ||
		    work_send(w, &r->custodian,
			KETEN__V1__DELIVERY_ROLE__CUSTODIAN, 0,
			DECIDE_WITH_STATEMENT | DECIDE_WITH_ROUTE, &r->id,
			pieces.list, pieces.n) != ERR_OK)
			return (ERR_NOMEM);
	}
	for (size_t i = 0;; i++) {
		struct org o = route_inform(&ref->ladder, i);

		if (org_is_none(&o))
			return (ERR_OK);
		if (work_send(w, &o, KETEN__V1__DELIVERY_ROLE__INFORMED, 0, 0,
			&r->id, NULL, 0) != ERR_OK)
			return (ERR_NOMEM);
	}
}

/* The parent ended and leaves live children behind: their B hears of it. */
static MUST_CHECK enum err
tell_children(struct work *w)
{
	const struct decide_view *v = w->in->view;
	const struct referral *r = &w->ref->ch.after;
	struct referral *child;
	struct refid ids[WORK_MORE_MAX];
	size_t n;

	if ((w->ref->ch.tell & TELL_CHILDREN_B) == 0)
		return (ERR_OK);
	child = arena_zero(w->in->arena, 1, sizeof(*child));
	if (child == NULL)
		return (ERR_NOMEM);
	n = v->children(v->cookie, &r->id, ids, WORK_MORE_MAX);
	for (size_t i = 0; i < n && i < WORK_MORE_MAX; i++)
		if (v->referral(v->cookie, &ids[i], child) &&
		    referral_is_live(child) &&
		    work_send(w, &child->b,
			KETEN__V1__DELIVERY_ROLE__FORMER, 0, 0, &r->id, NULL,
			0) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

static MUST_CHECK enum err
tell_about(struct work *w, const struct work_ref *ref)
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
	if (tell_about(w, w->ref) != ERR_OK || tell_beside(w) != ERR_OK)
		return (ERR_NOMEM);
	for (size_t i = 0; i < w->n_more; i++)
		if (tell_about(w, w->more[i]) != ERR_OK)
			return (ERR_NOMEM);
	return (tell_children(w));
}
