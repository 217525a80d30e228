/*
 * decide_more -- children that follow, and the statements that are no steps.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

/* ---- children --------------------------------------------------------------- */

/* Let one live child follow the new holder of its parent. */
static MUST_CHECK enum err
follow_one(struct work *w, const struct refid *id, const struct org *holder)
{
	const struct decide_view *v = w->in->view;
	struct work_ref *ref = arena_zero(w->in->arena, 1, sizeof(*ref));
	struct candidates *asked = arena_zero(w->in->arena, 1, sizeof(*asked));
	struct around a;

	if (ref == NULL || asked == NULL)
		return (ERR_NOMEM);
	if (!v->referral(v->cookie, id, &ref->before) ||
	    !referral_is_live(&ref->before))
		return (ERR_OK);
	memset(&a, 0, sizeof(a));
	work_ladder(w, ref, NULL);
	a.ladder = asked;
	if (work_candidates(w, ref, asked) != ERR_OK)
		return (ERR_NOMEM);
	if (lifecycle_follow(&ref->before, holder, &a, &ref->ch) != ERR_OK ||
	    ref->ch.n_steps == 0 || w->n_more == WORK_MORE_MAX)
		return (ERR_OK);
	ref->ch.after.changed_ms = w->in->now_ms;
	work_terms(w, ref);
	w->more[w->n_more++] = ref;
	return (ref->ch.holder_changed ? work_follow(w, ref) : ERR_OK);
}

enum err
work_follow(struct work *w, struct work_ref *ref)
{
	const struct decide_view *v = w->in->view;
	struct refid ids[WORK_MORE_MAX];
	size_t n = v->children(v->cookie, &ref->before.id, ids, WORK_MORE_MAX);

	for (size_t i = 0; i < n && i < WORK_MORE_MAX; i++)
		if (follow_one(w, &ids[i], &ref->ch.after.h) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

/* ---- more wraps --------------------------------------------------------------- */

/* May ${who} send wraps of this referral's parts? */
static bool
may_wrap(const struct referral *r, const struct org *who)
{
	return (org_eq(who, &r->custodian) ||
	    (referral_roles(r, who) & ROLE_PARTY) != 0);
}

/*
 * May ${to} get a wrap of a part of that kind?  The person part is for B and
 * for a holder who took it with a signature (I5): R, who holds what escalated
 * or was given up, only after its CONFIRM.
 */
static bool
may_have(const struct referral *r, const struct org *to,
    Keten__V1__PartKind kind)
{
	bool took = org_eq(to, &r->h) && referral_is_live(r) &&
	    r->state != ST_OFFERED && r->state != ST_ESCALATED;

	if (took || org_eq(to, &r->b))
		return (true);
	if (kind == KETEN__V1__PART_KIND__PERSON)
		return (false);
	return (org_eq(to, &r->h) || org_eq(to, &r->r) ||
	    referral_open_offer(r, to) != NULL);
}

static const struct decide_piece *
find_piece(const struct decide_piece *had, size_t n,
    const Keten__V1__RewrapPart *p)
{
	for (size_t i = 0; i < n; i++)
		if (had[i].index == p->index && had[i].part == p->part)
			return (&had[i]);
	return (NULL);
}

/* Check each part: it is there, it is that one, and ${to} may have it. */
static enum err
check_parts(struct work *w, const struct org *to,
    const struct decide_piece *had, size_t n, bool *person, const char **rule)
{
	const Keten__V1__Rewrap *rw = w->st->rewrap;
	const struct decide_view *v = w->in->view;

	for (size_t i = 0; i < rw->n_parts; i++) {
		const Keten__V1__RewrapPart *p = rw->parts[i];
		const struct decide_piece *had_p = find_piece(had, n, p);
		struct decide_digest is;

		*rule = "deze inhoud is er niet (meer)";
		if (had_p == NULL ||
		    !v->digest(v->cookie, p->index, p->part, &is))
			return (ERR_CONTENT_GONE);
		*rule = "de sleutel hoort bij andere inhoud dan vastgelegd";
		if (p->sha256.len != 32 || p->plain_commit.len != 32 ||
		    memcmp(p->sha256.data, is.sha256, 32) != 0 ||
		    memcmp(p->plain_commit.data, is.plain_commit, 32) != 0)
			return (ERR_DIGEST);
		*rule = "persoonsdeel: alleen voor wie de verwijzing aannam";
		if (!may_have(&w->ref->before, to, had_p->kind))
			return (ERR_NOT_ALLOWED);
		if (had_p->kind == KETEN__V1__PART_KIND__PERSON)
			*person = true;
	}
	return (ERR_OK);
}

/* What the wraps make possible: the person part, or the note of an offer. */
static MUST_CHECK enum err
notice(struct work *w, enum event ev, uint32_t offer)
{
	struct command c;
	struct around a;

	memset(&c, 0, sizeof(c));
	memset(&a, 0, sizeof(a));
	c.event = ev;
	c.timer = true;
	c.offer = (uint16_t)offer;
	if (lifecycle_step(&w->ref->before, &c, &a, &w->ref->ch) != ERR_OK)
		return (ERR_OK);
	w->ref->ch.after.changed_ms = w->in->now_ms;
	if (!w->ref->has_ladder)
		work_ladder(w, w->ref, NULL);
	work_terms(w, w->ref);
	return (work_change(w, w->ref, true));
}

static MUST_CHECK enum err
put_rewrap(struct work *w, Keten__V1__PieceRef ***refs)
{
	const Keten__V1__Rewrap *rw = w->st->rewrap;
	Keten__V1__RewrapFacts *f = arena_zero(w->in->arena, 1, sizeof(*f));
	Keten__V1__PieceRef **list =
	    arena_zero(w->in->arena, rw->n_parts, sizeof(*list));

	if (f == NULL || list == NULL)
		return (ERR_NOMEM);
	keten__v1__rewrap_facts__init(f);
	f->to = rw->to;
	f->key_id = rw->key_id;
	f->because = rw->because;
	for (size_t i = 0; i < rw->n_parts; i++) {
		list[i] = arena_zero(w->in->arena, 1, sizeof(*list[i]));
		if (list[i] == NULL)
			return (ERR_NOMEM);
		keten__v1__piece_ref__init(list[i]);
		list[i]->index = rw->parts[i]->index;
		list[i]->part = rw->parts[i]->part;
	}
	f->parts = list;
	f->n_parts = rw->n_parts;
	w->d->facts->rewrap = f;
	*refs = list;
	return (ERR_OK);
}

/* Everything is in order: facts, notice, and the delivery to the receiver. */
static MUST_CHECK enum err
do_rewrap(struct work *w, const struct org *to, bool person)
{
	const struct referral *r = &w->ref->before;
	const struct offer *offer = referral_open_offer(r, to);
	bool holds = org_eq(to, &r->h);
	Keten__V1__PieceRef **refs;
	enum err err = ERR_OK;

	w->d->facts->kind = KETEN__V1__RECORD_KIND__RECORD_REWRAP;
	if (put_rewrap(w, &refs) != ERR_OK)
		return (ERR_NOMEM);
	if (holds && person && !r->openable)
		err = notice(w, EV_OPENABLE, 0);
	else if (!holds && offer != NULL)
		err = notice(w, EV_NOTE_OPENABLE, offer->number);
	if (err != ERR_OK)
		return (err);
	return (work_send(w, to,
	    holds ? KETEN__V1__DELIVERY_ROLE__HOLDER
		  : KETEN__V1__DELIVERY_ROLE__CANDIDATE,
	    offer == NULL ? 0 : offer->number,
	    holds ? DECIDE_WITH_ROUTE | DECIDE_WITH_STATEMENT |
		    DECIDE_WITH_OPENING
		  : 0,
	    &r->id, refs, w->st->rewrap->n_parts));
}

enum err
work_rewrap(struct work *w, enum err content, const char *rule)
{
	const struct decide_view *v = w->in->view;
	const Keten__V1__Rewrap *rw = w->st->rewrap;
	struct org to = org_of(rw->to), owner;
	struct decide_piece had[DECIDE_PIECES_MAX];
	bool person = false;
	size_t n;
	enum err err;

	if (w->ref->is_new || !may_wrap(&w->ref->before, &w->sender->partner))
		return (work_refuse(w, ERR_UNKNOWN_REFERRAL,
		    "alleen een betrokkene geeft sleutels door"));
	owner = v->key_owner(v->cookie, rw->key_id);
	if (org_is_none(&to) || !org_eq(&owner, &to))
		return (work_refuse(w, ERR_UNKNOWN_PARTNER,
		    "die sleutel is niet (meer) van die partner"));
	n = v->pieces(v->cookie, &w->ref->before.id, had, DECIDE_PIECES_MAX);
	if (n > DECIDE_PIECES_MAX)
		n = DECIDE_PIECES_MAX;
	err = check_parts(w, &to, had, n, &person, &rule);
	if (err == ERR_OK)
		err = content;
	if (err != ERR_OK)
		return (work_refuse(w, err, rule));
	return (do_rewrap(w, &to, person));
}

/* ---- content that cannot be opened ----------------------------------------------- */

enum err
work_unreadable(struct work *w)
{
	const struct referral *r = &w->ref->before;
	const struct org *who = &w->sender->partner;
	Keten__V1__UnreadableFacts *f =
	    arena_zero(w->in->arena, 1, sizeof(*f));
	enum err err = ERR_OK;

	if (f == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new || referral_roles(r, who) == 0)
		return (work_refuse(w, ERR_UNKNOWN_REFERRAL,
		    "deze verwijzing is er niet, of niet voor u"));
	keten__v1__unreadable_facts__init(f);
	f->index = w->st->unreadable->index;
	f->part = w->st->unreadable->part;
	f->why = (uint32_t)w->st->unreadable->why;
	w->d->facts->unreadable = f;
	if (org_eq(who, &r->h))
		err = notice(w, EV_UNREADABLE, 0);
	if (err != ERR_OK)
		return (err);
	return (work_send(w, &r->b, KETEN__V1__DELIVERY_ROLE__ORIGINATOR, 0,
	    DECIDE_WITH_ROUTE | DECIDE_WITH_STATEMENT, &r->id, NULL, 0));
}

/* ---- the catalogue ----------------------------------------------------------------- */

enum err
work_catalogue(struct work *w)
{
	Keten__V1__CatalogueEntry *e = w->st->catalogue;
	Keten__V1__CatalogueFacts *f = arena_zero(w->in->arena, 1, sizeof(*f));

	if (f == NULL)
		return (ERR_NOMEM);
	if (policy_code(w->in->policy, e->service) == NULL)
		return (work_refuse(w, ERR_BAD_CODE,
		    "sociale kaart: deze dienst staat niet in het beleid"));
	keten__v1__catalogue_facts__init(f);
	f->partner = pb_string(w->sender->partner.id);
	f->entry = e;
	w->d->facts->catalogue = f;
	return (ERR_OK);
}
