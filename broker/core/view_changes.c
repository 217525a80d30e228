/*
 * view_changes -- do to the referrals what a record says.
 */
#include <string.h>

#include "core/view_keep.h"
#include "life/apply.h"
#include "wire/pb.h"

/* B, R, H, custodian, and whoever else there was. */
#define NAMES_MAX (REFERRAL_PARTIES_MAX + 4)

/* --- terms -------------------------------------------------------------- */

/* Take ${c} if it runs and passes before the earliest so far. */
static void
earlier(struct view_due *due, const struct clock *c, enum term term,
    uint16_t offer)
{
	if (!c->running || (due->term != TERM_NONE && due->at_ms <= c->at_ms))
		return;
	due->at_ms = c->at_ms < 0 ? 0 : c->at_ms;
	due->term = term;
	due->offer = offer;
}

/* The earliest running term; of two at the same time, the lower number. */
static struct view_due
earliest(const struct referral *r)
{
	struct view_due due = { .referral = r->id, .term = TERM_NONE };

	for (int i = 1; i < TERM__MAX; i++)
		earlier(&due, &r->clocks[i], (enum term)i, 0);
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].own_term)
			earlier(&due, &r->offers[i].clock, TERM_MORE,
			    r->offers[i].number);
	return (due);
}

static MUST_CHECK enum err
change_due(struct txn *t, const struct referral *before,
    const struct referral *after)
{
	struct view_due was = earliest(before);
	struct view_due is = earliest(after);
	enum err err = ERR_OK;

	if (was.term == is.term && was.at_ms == is.at_ms &&
	    was.offer == is.offer)
		return (ERR_OK);
	if (was.term != TERM_NONE)
		err = row_due_del(t, &was);
	if (err == ERR_OK && is.term != TERM_NONE)
		err = row_due_put(t, &is);
	return (err);
}

/* --- who has work with it ----------------------------------------------- */

struct names {
	size_t n;
	const struct org *org[NAMES_MAX];
};

static bool
has_name(const struct names *names, const struct org *o)
{
	for (size_t i = 0; i < names->n; i++)
		if (org_eq(names->org[i], o))
			return (true);
	return (false);
}

static void
add_name(struct names *names, const struct org *o)
{
	if (!org_is_none(o) && !has_name(names, o))
		names->org[names->n++] = o;
}

/* Tell whether anybody finds ${r} in its list: it is there, and not final. */
static bool
is_listed(const struct referral *r)
{
	return (r->state != ST_NONE && r->state != ST_CLOSED &&
	    r->state != ST_ENTERED_IN_ERROR);
}

/* Everybody who finds ${r} in its list. */
static void
names_of(const struct referral *r, struct names *names)
{
	names->n = 0;
	if (!is_listed(r))
		return;
	add_name(names, &r->b);
	add_name(names, &r->r);
	add_name(names, &r->h);
	add_name(names, &r->custodian);
	for (size_t i = 0; i < r->n_parties; i++)
		add_name(names, &r->parties[i]);
}

static struct key
party_key(const struct org *o, const struct refid *id)
{
	struct key k = { 0 };

	key_text(&k, o->id);
	key_bytes(&k, id->b, sizeof(id->b));
	return (k);
}

/* Most changes leave everybody where they were. */
static bool
has_same_names(const struct referral *a, const struct referral *b)
{
	if (!is_listed(a) && !is_listed(b))
		return (true);
	return (is_listed(a) == is_listed(b) && org_eq(&a->b, &b->b) &&
	    org_eq(&a->r, &b->r) && org_eq(&a->h, &b->h) &&
	    org_eq(&a->custodian, &b->custodian) &&
	    a->n_parties == b->n_parties &&
	    memcmp(a->parties, b->parties,
		a->n_parties * sizeof(a->parties[0])) == 0);
}

static MUST_CHECK enum err
change_parties(struct txn *t, const struct referral *before,
    const struct referral *after)
{
	static const struct slice nothing = { (const uint8_t *)"", 0 };
	struct names was, is;
	enum err err = ERR_OK;

	if (has_same_names(before, after))
		return (ERR_OK);
	names_of(before, &was);
	names_of(after, &is);
	for (size_t i = 0; i < is.n && err == ERR_OK; i++) {
		struct key k = party_key(is.org[i], &after->id);

		if (!has_name(&was, is.org[i]))
			err = store_put(t, TABLE_PARTY, key_slice(&k), nothing);
	}
	for (size_t i = 0; i < was.n && err == ERR_OK; i++) {
		struct key k = party_key(was.org[i], &after->id);

		if (!has_name(&is, was.org[i]))
			err = store_del(t, TABLE_PARTY, key_slice(&k));
	}
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

static MUST_CHECK enum err
add_child(struct txn *t, const struct referral *r)
{
	static const struct slice nothing = { (const uint8_t *)"", 0 };
	struct key k = { 0 };

	if (refid_is_none(&r->parent))
		return (ERR_OK);
	key_bytes(&k, r->parent.b, sizeof(r->parent.b));
	key_bytes(&k, r->id.b, sizeof(r->id.b));
	return (store_put(t, TABLE_CHILD, key_slice(&k), nothing));
}

/* --- its row ------------------------------------------------------------ */

/* A change of a referral, which is in ${v->r} and becomes ${v->next}. */
struct change {
	const Keten__V1__Change *c;
	const Keten__V1__RouteChange *who;
	struct refid id;
	bool opening;
	struct view_recent *v;
	Keten__V1__ReferralState *state; /* not in a scratch store */
};

static const Keten__V1__RouteChange *
who_of(const struct view_in *in, const struct refid *id)
{
	const Keten__V1__RouteFacts *route = in->route;

	for (size_t i = 0; route != NULL && i < route->n_changes; i++) {
		ProtobufCBinaryData r = route->changes[i]->referral;

		if (r.len == sizeof(id->b) &&
		    memcmp(r.data, id->b, r.len) == 0)
			return (route->changes[i]);
	}
	return (NULL);
}

/* A state that has a header, and nothing else yet. */
static MUST_CHECK enum err
begin_state(const Keten__V1__FactsHeader *h, struct arena *a,
    struct change *ch)
{
	Keten__V1__ReferralState *s = arena_zero(a, 1, sizeof(*s));

	if (s == NULL)
		return (ERR_NOMEM);
	keten__v1__referral_state__init(s);
	/* A copy: the facts stay as they are. */
	s->header = arena_alloc(a, sizeof(*h));
	if (s->header == NULL)
		return (ERR_NOMEM);
	memcpy(s->header, h, sizeof(*h));
	ch->state = s;
	return (ERR_OK);
}

/* The referral does not exist: it begins with its header. */
static MUST_CHECK enum err
begin_referral(struct txn *t, const struct view_in *in, struct arena *a,
    struct change *ch)
{
	const Keten__V1__FactsHeader *h = in->facts->header;
	struct view_recent *v = NULL;
	enum err err = view_fresh(t, &ch->id, &v);

	if (err != ERR_OK)
		return (err);
	if (h == NULL || in->owner == NULL || ch->c->version_before != 0 ||
	    !refid_eq(in->owner, &ch->id))
		return (ERR_CORRUPT);
	ch->v = v;
	ch->opening = true;
	v->more.pair = in->pair;
	v->more.opening_index = in->index;
	if (apply_header(&v->next, &ch->id, h, in->route) != ERR_OK)
		return (ERR_CORRUPT);
	v->next.submitted_ms = in->time_ms;
	return (store_unpacks(t) ? view_keep_begin(v, h, store_kept(t))
				 : begin_state(h, a, ch));
}

static MUST_CHECK enum err
load_referral(struct txn *t, const struct view_in *in, struct arena *a,
    struct change *ch)
{
	struct view_recent *v;
	enum err err = view_recent(t, &ch->id, &v);

	if (err == ERR_NOT_FOUND && in->has_gaps && ch->c->version_before != 0)
		return (ERR_NOT_FOUND);
	if (err == ERR_NOT_FOUND)
		return (begin_referral(t, in, a, ch));
	if (err != ERR_OK)
		return (err);
	store_recent(t)->holds = false; /* it becomes ours, and changes */
	ch->v = v;
	ch->state = v->state;
	referral_copy(&v->next, &v->r);
	return (ERR_OK);
}

/* Find what opens the commitment to offer ${number}. */
static ProtobufCBinaryData
blind_of(uint32_t number, Keten__V1__OfferWho *const *who, size_t n)
{
	static const ProtobufCBinaryData none;

	for (size_t i = 0; i < n; i++)
		if (who[i]->number == number && who[i]->blind.len == 16)
			return (who[i]->blind);
	return (none);
}

/*
 * Make the state anew from the referral, but keep what only the state has: the
 * rest of the header, and what opens the commitments to the offers.
 */
static MUST_CHECK enum err
renew_state(struct arena *a, struct change *ch)
{
	Keten__V1__ReferralState *s = ch->state;
	Keten__V1__OfferWho **had = s->who;
	size_t n_had = s->n_who;
	enum err err = apply_to_state(a, &ch->v->next, s);

	if (err != ERR_OK)
		return (err);
	for (size_t i = 0; i < s->n_who; i++) {
		Keten__V1__OfferWho *w = s->who[i];

		if (ch->who != NULL)
			w->blind = blind_of(w->number, ch->who->offers,
			    ch->who->n_offers);
		if (w->blind.len == 0)
			w->blind = blind_of(w->number, had, n_had);
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
save_itself(struct txn *t, struct arena *a, struct change *ch)
{
	enum err err;

	if (store_unpacks(t))
		return (view_keep_put(t, ch->v, ch->who));
	err = renew_state(a, ch);
	return (err != ERR_OK ? err
		: row_referral_put(t, &ch->id, a, &ch->v->more, ch->state,
		      ch->v->row_len >= STORE_CHUNK));
}

/* Write everything that follows from the difference. */
static MUST_CHECK enum err
save_referral(struct txn *t, const struct view_in *in, struct arena *a,
    struct change *ch)
{
	struct view_recent *v = ch->v;
	enum err err;

	v->more.newest_index = in->index;
	memcpy(v->more.newest_leaf, in->leaf_hash, 32);
	err = save_itself(t, a, ch);
	if (err == ERR_OK)
		err = change_due(t, &v->r, &v->next);
	if (err == ERR_OK)
		err = change_parties(t, &v->r, &v->next);
	if (err == ERR_OK)
		err = view_change_ended(t, &v->r, &v->next);
	if (err == ERR_OK && ch->opening)
		err = add_child(t, &v->next);
	if (err != ERR_OK || !store_unpacks(t))
		return (err);
	/* The next record is often about the same one. */
	referral_copy(&v->r, &v->next);
	store_recent(t)->holds = true;
	return (ERR_OK);
}

static bool
is_owner(const struct view_in *in, const struct refid *id)
{
	return (in->owner != NULL && refid_eq(in->owner, id));
}

/* Note in the trail of ${id} that this record is about it. */
static MUST_CHECK enum err
add_trail(struct txn *t, const struct view_in *in, const struct refid *id)
{
	const Keten__V1__Facts *f = in->facts;
	struct view_trail trail = { 0 };
	struct key k = { 0 };

	if (f->n_parts > sizeof(trail.kinds))
		return (ERR_CORRUPT);
	/* Content belongs to the one whose record it is. */
	if (is_owner(in, id))
		for (size_t i = 0; i < f->n_parts; i++)
			trail.kinds[trail.n_parts++] =
			    (uint8_t)f->parts[i]->kind;
	key_bytes(&k, id->b, sizeof(id->b));
	key_u64(&k, in->index);
	return (store_put(t, TABLE_TRAIL, key_slice(&k),
	    slice_of(trail.kinds, trail.n_parts)));
}

static MUST_CHECK enum err
apply_one(struct txn *t, const struct view_in *in, const Keten__V1__Change *c)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	struct change *ch = arena_zero(a, 1, sizeof(*ch));
	enum err err = ERR_NOMEM;

	if (ch == NULL)
		goto out;
	ch->c = c;
	err = ERR_CORRUPT;
	if (c->referral.len != sizeof(ch->id.b))
		goto out;
	memcpy(ch->id.b, c->referral.data, sizeof(ch->id.b));
	ch->who = who_of(in, &ch->id);
	err = load_referral(t, in, a, ch);
	if (err == ERR_NOT_FOUND) { /* it is erased, this record is not */
		err = ERR_OK;
		goto out;
	}
	if (err == ERR_OK)
		err = apply_change(&ch->v->next, c, ch->who);
	if (err == ERR_OK)
		err = save_referral(t, in, a, ch);
	if (err == ERR_OK)
		err = add_trail(t, in, &ch->id);
out:
	arena_rewind(a, mark);
	return (err);
}

/* Remove what a referral has a row of its own for. */
static MUST_CHECK enum err
forget_rows(struct txn *t, const struct referral *r)
{
	struct key k = { 0 }, child = { 0 };
	enum err err;

	key_bytes(&k, r->id.b, sizeof(r->id.b));
	if (!refid_is_none(&r->parent)) {
		key_bytes(&child, r->parent.b, sizeof(r->parent.b));
		key_bytes(&child, r->id.b, sizeof(r->id.b));
		err = store_del(t, TABLE_CHILD, key_slice(&child));
		/* Its parent may have been forgotten before it. */
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return (err);
	}
	err = rows_delete(t, TABLE_CHILD, &k);
	if (err == ERR_OK)
		err = view_forget_refuted(t, &r->id);
	if (err == ERR_OK)
		err = rows_delete(t, TABLE_TRAIL, &k);
	if (err == ERR_OK)
		err = rows_delete(t, TABLE_HOLD, &k);
	if (err == ERR_OK)
		err = view_keep_del(t, &r->id);
	return (err);
}

enum err
view_forget(struct txn *t, const struct refid *id)
{
	static const struct referral nothing;
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	struct referral *r = arena_alloc(a, sizeof(*r));
	enum err err = r == NULL ? ERR_NOMEM : view_referral(t, id, r);

	if (err == ERR_OK && r->state != ST_CLOSED &&
	    r->state != ST_ENTERED_IN_ERROR)
		err = ERR_CORRUPT;
	if (err == ERR_OK)
		err = change_due(t, r, &nothing);
	if (err == ERR_OK)
		err = view_change_ended(t, r, &nothing);
	if (err == ERR_OK)
		err = forget_rows(t, r);
	arena_rewind(a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
view_apply_changes(struct txn *t, const struct view_in *in)
{
	const Keten__V1__Facts *f = in->facts;
	bool trailed = in->owner == NULL;
	enum err err = ERR_OK;

	if (f->change != NULL) {
		trailed = trailed || view_is_about(f->change, in->owner);
		err = apply_one(t, in, f->change);
	}
	for (size_t i = 0; i < f->n_children && err == ERR_OK; i++) {
		trailed = trailed || view_is_about(f->children[i], in->owner);
		err = apply_one(t, in, f->children[i]);
	}
	/* What changes nothing of it still belongs to it: a refusal. */
	if (err == ERR_OK && !trailed)
		err = add_trail(t, in, in->owner);
	return (err);
}
