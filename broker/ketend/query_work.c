/*
 * query_work -- questions about referrals: one, open work, all of them again.
 */
#include <string.h>

#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/outbox.h"
#include "ketend/query.h"
#include "ketend/reply.h"
#include "wire/pb.h"

#define PAGE 32
/* Sealed parts that one view names. */
#define PARTS_MAX 512
/* How far back the newest record is looked for that a candidate may see. */
#define LOOK_BACK 64

static bool
sees_all(const struct referral *r, const struct org *who)
{
	return (org_eq(&r->b, who) || org_eq(&r->h, who) ||
	    org_eq(&r->r, who));
}

static Keten__V1__DeliveryRole
role_of(const struct referral *r, const struct org *who)
{
	if (org_eq(&r->b, who))
		return (KETEN__V1__DELIVERY_ROLE__ORIGINATOR);
	if (org_eq(&r->h, who))
		return (KETEN__V1__DELIVERY_ROLE__HOLDER);
	if (org_eq(&r->r, who))
		return (KETEN__V1__DELIVERY_ROLE__REGISSEUR);
	if (referral_open_offer(r, who) != NULL)
		return (KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	if (org_eq(&r->custodian, who))
		return (KETEN__V1__DELIVERY_ROLE__CUSTODIAN);
	return (KETEN__V1__DELIVERY_ROLE__FORMER);
}

/* Take out what who is not B, H or R may not know: who else was asked. */
static void
strip(Keten__V1__ReferralState *s, const struct org *who)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_who; i++)
		if (strcmp(s->who[i]->to, who->id) == 0)
			s->who[n++] = s->who[i];
	s->n_who = n;
	s->after->giver = pb_string("");
	s->n_parties = 0;
	s->n_never = 0;
	s->n_first = 0;
	s->n_children = 0;
}

/* May ${who} see that this record exists: was it told, or did it act? */
static bool
was_told(const Keten__V1__RouteFacts *route, const struct org *who)
{
	if (route == NULL)
		return (false);
	if (route->sender != NULL &&
	    strcmp(route->sender->partner, who->id) == 0)
		return (true);
	for (size_t i = 0; i < route->n_deliveries; i++)
		if (strcmp(route->deliveries[i]->partner, who->id) == 0)
			return (true);
	return (false);
}

/* The newest of the last records that a candidate was told of. */
static enum err
newest_told(struct query *q, const struct refid *id, struct record *rec,
    bool *found)
{
	struct arena *a = q->b->turn->pack;
	struct view_trail trail[LOOK_BACK];
	Keten__V1__RouteFacts *route;
	Keten__V1__Facts *f;
	size_t n;
	enum err err;

	*found = false;
	err = view_trail_end(q->b->turn->txn, id, trail, LOOK_BACK, &n);
	if (err != ERR_OK)
		return (err);
	for (size_t i = 0; i < n && !*found; i++) {
		err = record_read(q->b->turn->txn, trail[i].index, a, rec);
		if (err == ERR_CONTENT_GONE)
			continue;
		if (err != ERR_OK ||
		    (err = record_facts(rec, a, &f, &route)) != ERR_OK)
			return (err);
		*found = was_told(route, &q->s->partner);
	}
	return (ERR_OK);
}

static enum err
put_record(struct query *q, const struct record_out *from, bool all,
    Keten__V1__Record **to)
{
	struct record_out *out = arena_zero(q->b->turn->pack, 1, sizeof(*out));
	Keten__V1__Record *r = arena_zero(q->b->turn->pack, 1, sizeof(*r));

	if (out == NULL || r == NULL)
		return (ERR_NOMEM);
	*out = *from;
	reply_record(out, all, r);
	*to = r;
	return (ERR_OK);
}

/* The record ${index}, unless it is erased. */
static enum err
put_index(struct query *q, uint64_t index, bool all, Keten__V1__Record **to)
{
	struct record_out out;
	struct slice envelope;
	enum err err;

	err = outbox_record(q->b, index, &out, &envelope);
	if (err == ERR_CONTENT_GONE)
		return (ERR_OK);
	return (err != ERR_OK ? err : put_record(q, &out, all, to));
}

/**
 * query_source(q, r, index, to):
 * Point ${to} at record ${index} of ${r}, if the asker may see it.
 */
enum err
query_source(struct query *q, const struct referral *r, uint64_t index,
    Keten__V1__Record **to)
{
	const struct org *who = &q->s->partner;
	struct arena *a = q->b->turn->pack;
	Keten__V1__RouteFacts *route = NULL;
	Keten__V1__Facts *f;
	struct record rec;
	enum err err;

	if (sees_all(r, who))
		return (put_index(q, index, true, to));
	err = record_read(q->b->turn->txn, index, a, &rec);
	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, &route);
	if (err == ERR_CONTENT_GONE || (err == ERR_OK &&
	    !was_told(route, who)))
		return (ERR_OK);
	return (err != ERR_OK ? err : put_index(q, index, false, to));
}

static enum err
put_newest(struct query *q, const struct refid *id, uint64_t index, bool all,
    Keten__V1__Record **to)
{
	struct record_out out;
	struct record rec;
	bool found;
	enum err err;

	if (all)
		return (put_index(q, index, true, to));
	err = newest_told(q, id, &rec, &found);
	if (err != ERR_OK || !found)
		return (err);
	reply_record_of(&rec, &out);
	return (put_record(q, &out, false, to));
}

static size_t
size_of(const Keten__V1__ReferralView *v)
{
	return (keten__v1__referral_view__get_packed_size(v));
}

/* Route facts are the one thing in a view that may be left out. */
static void
make_smaller(Keten__V1__ReferralView *v)
{
	static const struct slice nothing = { NULL, 0 };

	if (v->opening != NULL)
		v->opening->route_facts = pb_data(nothing);
	if (v->newest != NULL)
		v->newest->route_facts = pb_data(nothing);
}

/* What the asker may know of one referral; NULL if nothing. */
static enum err
make_view(struct query *q, const struct refid *id,
    const struct view_parts *want, Keten__V1__ReferralView **out)
{
	struct arena *a = q->b->turn->pack;
	const struct org *who = &q->s->partner;
	Keten__V1__ReferralState *state;
	Keten__V1__ReferralView *v;
	struct slice bytes;
	struct referral r;
	enum err err;
	bool all, more;

	*out = NULL;
	err = view_referral(q->b->turn->txn, id, &r);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	if (referral_roles(&r, who) == 0 && !org_eq(&r.custodian, who))
		return (ERR_OK);
	all = sees_all(&r, who);
	if ((v = arena_zero(a, 1, sizeof(*v))) == NULL)
		return (ERR_NOMEM);
	keten__v1__referral_view__init(v);
	if ((err = view_state(q->b->turn->txn, id, a, want, &state,
	    &more)) != ERR_OK)
		return (err);
	if (!all)
		strip(state, who);
	if ((err = pb_pack(a, &state->base, &bytes)) != ERR_OK ||
	    (err = put_index(q, state->opening_index, all, &v->opening)) !=
	    ERR_OK || (err = put_newest(q, id, state->newest_index, all,
	    &v->newest)) != ERR_OK)
		return (err);
	v->referral = state->referral;
	v->state = pb_data(bytes);
	v->role = role_of(&r, who);
	v->more_pieces = more;
	if (size_of(v) > QUERY_ROOM)
		make_smaller(v);
	*out = v;
	return (ERR_OK);
}

/**
 * query_referral(q):
 * Where one referral stands.
 */
enum err
query_referral(struct query *q)
{
	struct arena *a = q->b->turn->pack;
	Keten__V1__Referrals *out = arena_zero(a, 1, sizeof(*out));
	const Keten__V1__PieceRef *after = q->q->referral->after;
	struct view_parts want = { .max = PARTS_MAX };
	struct refid id;
	enum err err;

	if (out == NULL)
		return (ERR_NOMEM);
	keten__v1__referrals__init(out);
	out->referrals = arena_zero(a, 1, sizeof(*out->referrals));
	if (out->referrals == NULL)
		return (ERR_NOMEM);
	if (pb_refid(q->q->referral->referral, &id) != ERR_OK)
		return (query_no(q, ERR_MALFORMED, "referral is 16 bytes"));
	if (after != NULL) {
		want.behind = true;
		want.index = after->index;
		want.part = after->part;
	}
	if ((err = make_view(q, &id, &want, &out->referrals[0])) != ERR_OK)
		return (err);
	if (out->referrals[0] == NULL)
		return (query_no(q, ERR_UNKNOWN_REFERRAL, "geen betrokkene"));
	out->n_referrals = 1;
	q->answer.body_case = KETEN__V1__ANSWER__BODY_REFERRALS;
	q->answer.referrals = out;
	return (ERR_OK);
}

/* A page of what the asker has a part in, after ${after}. */
static enum err
list(struct query *q, const struct refid *after)
{
	struct arena *a = q->b->turn->pack;
	Keten__V1__Referrals *out = arena_zero(a, 1, sizeof(*out));
	struct refid *id = arena_zero(a, PAGE, sizeof(*id));
	const struct view_parts want = { .max = PARTS_MAX };
	size_t n = 0, bytes = 0, i;
	enum err err;

	if (out == NULL || id == NULL)
		return (ERR_NOMEM);
	keten__v1__referrals__init(out);
	out->referrals = arena_zero(a, PAGE, sizeof(*out->referrals));
	if (out->referrals == NULL)
		return (ERR_NOMEM);
	err = view_open_work(q->b->turn->txn, &q->s->partner, after, id, PAGE,
	    &n);
	for (i = 0; err == ERR_OK && i < n; i++) {
		Keten__V1__ReferralView *v;

		err = make_view(q, &id[i], &want, &v);
		if (err == ERR_NOMEM && bytes > 0) { /* the page is full */
			err = ERR_OK;
			break;
		}
		if (err != ERR_OK)
			return (err);
		if (v == NULL)
			continue;
		if (bytes > 0 && bytes + size_of(v) > QUERY_ROOM)
			break;
		bytes += size_of(v);
		out->referrals[out->n_referrals++] = v;
	}
	if (i > 0 && (i < n || n == PAGE))
		out->more_after = pb_of(id[i - 1].b, sizeof(id[i - 1].b));
	q->answer.body_case = KETEN__V1__ANSWER__BODY_REFERRALS;
	q->answer.referrals = out;
	return (err);
}

/**
 * query_open_work(q), query_resync(q):
 * What the asker has a part in: the first page; the page after a referral.
 */
enum err
query_open_work(struct query *q)
{
	return (list(q, NULL));
}

enum err
query_resync(struct query *q)
{
	struct refid after;

	if (q->q->resync->after.len == 0)
		return (list(q, NULL));
	if (pb_refid(q->q->resync->after, &after) != ERR_OK)
		return (query_no(q, ERR_MALFORMED, "after is 16 bytes"));
	return (list(q, &after));
}
