/*
 * decide_wrap -- more wraps of sealed parts: who may give them, who may have
 * them, and what follows from them.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

/* One REWRAP in the making. */
struct rewrap {
	const Keten__V1__Rewrap *said;
	struct org to;
	size_t n; /* those of them that get a wrap they did not have */
	Keten__V1__PieceRef **refs;
	bool person; /* a person part is among them, or a note */
	bool note;
};

/* May ${who} send wraps of this referral's parts? */
static bool
may_wrap(const struct referral *r, const struct org *who)
{
	return (org_eq(who, &r->custodian) ||
	    (referral_roles(r, who) & ROLE_PARTY) != 0);
}

/*
 * May ${to} get a wrap of a part of that kind?  The person part is for B, the
 * custodian (a new one, by row 38) and a holder who took it with a signature
 * (I5).
 */
static bool
may_have(const struct referral *r, const struct org *to,
    Keten__V1__PartKind kind)
{
	if (work_took(r, to) || org_eq(to, &r->b))
		return (true);
	if (kind == KETEN__V1__PART_KIND__PERSON)
		return (org_eq(to, &r->custodian));
	return (org_eq(to, &r->h) || org_eq(to, &r->r) ||
	    referral_open_offer(r, to) != NULL);
}

/* Find part ${part} of record ${index}, if it is one of this referral. */
bool
work_piece(const struct work *w, uint64_t index, uint32_t part,
    struct decide_piece *out)
{
	const struct decide_view *v = w->in->view;
	const struct decide_piece before = { .index = index,
		.part = part - 1 };
	struct decide_piece first = { .index = index - 1,
		.part = UINT32_MAX };
	const struct decide_piece *after = part > 0 ? &before
	    : index > 0 ? &first : NULL;

	return (v->pieces(v->cookie, &w->ref->before.id, after, out, 1) == 1 &&
	    out->index == index && out->part == part);
}

/*
 * Who has no wrap itself cannot make a good one.  The first wrap for a key
 * stays: one of junk, from somebody who was only asked, would keep the new
 * holder from opening the part for good.
 */
static bool
can_give(const struct work *w, const struct rewrap *x,
    const Keten__V1__RewrapPart *p)
{
	const struct decide_view *v = w->in->view;
	const struct org *who = &w->sender->partner;

	/* Whose wrap for that key opened nothing gets no second try. */
	if (v->refuted_by(v->cookie, p->index, p->part, x->said->key_id, who))
		return (false);
	return (org_eq(who, &w->ref->before.b) ||
	    v->has_wrap(v->cookie, p->index, p->part, who));
}

/* Is it there, is it that one, may the receiver have it, the sender give it? */
static enum err
check_part(const struct work *w, const struct rewrap *x,
    const Keten__V1__RewrapPart *p, const char **rule)
{
	const struct decide_view *v = w->in->view;
	struct decide_digest is;
	struct decide_piece had;

	*rule = "deze inhoud is er niet (meer)";
	if (w->ref->before.erased || !work_piece(w, p->index, p->part, &had) ||
	    !v->digest(v->cookie, p->index, p->part, &is))
		return (ERR_CONTENT_GONE);
	*rule = "de sleutel hoort bij andere inhoud dan vastgelegd";
	if (p->sha256.len != 32 || p->plain_commit.len != 32 ||
	    memcmp(p->sha256.data, is.sha256, 32) != 0 ||
	    memcmp(p->plain_commit.data, is.plain_commit, 32) != 0)
		return (ERR_DIGEST);
	*rule = "persoonsdeel: alleen voor wie de verwijzing aannam";
	if (!may_have(&w->ref->before, &x->to, had.kind))
		return (ERR_NOT_ALLOWED);
	*rule = "alleen wie een deel kan openen geeft er sleutels van door";
	return (can_give(w, x, p) ? ERR_OK : ERR_NOT_ALLOWED);
}

static enum err
check_parts(const struct work *w, const struct rewrap *x, const char **rule)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < x->said->n_parts && err == ERR_OK; i++)
		err = check_part(w, x, x->said->parts[i], rule);
	return (err);
}

/* A part that the same REWRAP names twice, or that has a wrap: no new one. */
static bool
is_double(const struct work *w, const struct rewrap *x,
    const Keten__V1__RewrapPart *p)
{
	const struct decide_view *v = w->in->view;

	for (size_t i = 0; i < x->n; i++)
		if (x->refs[i]->index == p->index &&
		    x->refs[i]->part == p->part)
			return (true);
	return (v->has_key(v->cookie, p->index, p->part, x->said->key_id));
}

static bool
is_kind(const struct work *w, const Keten__V1__RewrapPart *p,
    Keten__V1__PartKind kind)
{
	struct decide_piece had;

	return (work_piece(w, p->index, p->part, &had) && had.kind == kind);
}

/* List the parts that get a wrap; a second one for the same key changes
 * nothing, and gets the outcome of the first. */
static MUST_CHECK enum err
list_parts(struct work *w, struct rewrap *x)
{
	const Keten__V1__Rewrap *said = x->said;
	Keten__V1__PieceRef *room =
	    arena_alloc(w->in->arena, said->n_parts * sizeof(*room));

	x->refs = arena_alloc(w->in->arena, said->n_parts * sizeof(room));
	if (room == NULL || x->refs == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < said->n_parts; i++) {
		const Keten__V1__RewrapPart *p = said->parts[i];
		Keten__V1__PieceRef *ref = &room[x->n];

		if (is_double(w, x, p))
			continue;
		keten__v1__piece_ref__init(ref);
		ref->index = p->index;
		ref->part = p->part;
		x->refs[x->n++] = ref;
		x->person = x->person ||
		    is_kind(w, p, KETEN__V1__PART_KIND__PERSON);
		x->note = x->note || is_kind(w, p, KETEN__V1__PART_KIND__NOTE);
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
put_facts(struct work *w, const struct rewrap *x)
{
	Keten__V1__RewrapFacts *f = arena_alloc(w->in->arena, sizeof(*f));

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__rewrap_facts__init(f);
	f->to = x->said->to;
	f->key_id = x->said->key_id;
	f->because = x->said->because;
	f->parts = x->refs;
	f->n_parts = x->n;
	w->d->facts->kind = KETEN__V1__RECORD_KIND__RECORD_REWRAP;
	w->d->facts->rewrap = f;
	return (work_sender(w));
}

/* Does the receiver open that part, if it is a person part, from now on? */
static bool
opens(const struct work *w, const struct rewrap *x,
    const struct decide_piece *p)
{
	const struct decide_view *v = w->in->view;

	if (p->kind != KETEN__V1__PART_KIND__PERSON)
		return (true);
	for (size_t k = 0; k < x->n; k++)
		if (x->refs[k]->index == p->index &&
		    x->refs[k]->part == p->part)
			return (true);
	return (v->has_wrap(v->cookie, p->index, p->part, &x->to));
}

/* Can the receiver open every person part now? */
static bool
opens_all(const struct work *w, const struct rewrap *x)
{
	const struct decide_view *v = w->in->view;
	struct decide_piece had[DECIDE_PIECES_MAX], last;
	size_t n = 0;

	do {
		n = v->pieces(v->cookie, &w->ref->before.id,
		    n == 0 ? NULL : &last, had, DECIDE_PIECES_MAX);
		for (size_t i = 0; i < n; i++)
			if (!opens(w, x, &had[i]))
				return (false);
		if (n > 0)
			last = had[n - 1];
	} while (n == DECIDE_PIECES_MAX);
	return (true);
}

/* What the wraps make possible: the person part, or the note of an offer. */
static MUST_CHECK enum err
notice(struct work *w, const struct rewrap *x)
{
	const struct referral *r = &w->ref->before;
	const struct offer *offer = referral_open_offer(r, &x->to);

	if (x->person && org_eq(&x->to, &r->h) && !r->openable &&
	    opens_all(w, x))
		return (work_notice(w, EV_OPENABLE, NULL, 0));
	if (x->note && offer != NULL)
		return (work_notice(w, EV_NOTE_OPENABLE, NULL, offer->number));
	return (ERR_OK);
}

static MUST_CHECK enum err
send(struct work *w, const struct rewrap *x)
{
	const struct referral *r = &w->ref->before;
	const struct offer *offer = referral_open_offer(r, &x->to);
	struct work_sent s = { .who = x->to, .about = r->id,
		.role = KETEN__V1__DELIVERY_ROLE__CANDIDATE,
		.offer = offer == NULL ? 0 : offer->number,
		.pieces = x->refs, .n_pieces = x->n };

	if (org_eq(&x->to, &r->b))
		s.role = KETEN__V1__DELIVERY_ROLE__ORIGINATOR;
	else if (org_eq(&x->to, &r->h))
		s.role = KETEN__V1__DELIVERY_ROLE__HOLDER;
	else if (org_eq(&x->to, &r->r))
		s.role = KETEN__V1__DELIVERY_ROLE__REGISSEUR;
	if (s.role != KETEN__V1__DELIVERY_ROLE__CANDIDATE)
		s.with = DECIDE_WITH_ROUTE | DECIDE_WITH_STATEMENT |
		    DECIDE_WITH_OPENING;
	return (work_send(w, &s));
}

static MUST_CHECK enum err
do_rewrap(struct work *w, struct rewrap *x)
{
	if (list_parts(w, x) != ERR_OK || put_facts(w, x) != ERR_OK)
		return (ERR_NOMEM);
	if (x->n == 0)
		return (ERR_OK);
	if (notice(w, x) != ERR_OK)
		return (ERR_NOMEM);
	return (send(w, x));
}

enum err
work_rewrap(struct work *w, enum err content, const char *content_rule)
{
	const struct decide_view *v = w->in->view;
	struct rewrap *x = arena_alloc(w->in->arena, sizeof(*x));
	const char *rule = NULL;
	struct org owner;
	enum err err;

	if (x == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new || !may_wrap(&w->ref->before, &w->sender->partner))
		return (work_refuse(w, ERR_UNKNOWN_REFERRAL,
		    "deze verwijzing is er niet, of niet voor u"));
	memset(x, 0, sizeof(*x));
	x->said = w->st->rewrap;
	x->to = org_of(x->said->to);
	owner = v->key_owner(v->cookie, x->said->key_id);
	if (org_is_none(&x->to) || !org_eq(&owner, &x->to))
		return (work_refuse(w, ERR_UNKNOWN_PARTNER,
		    "die sleutel is niet (meer) van die partner"));
	if (policy_has_ended(w->in->policy, &x->to, w->in->now_ms))
		return (work_refuse(w, ERR_UNKNOWN_PARTNER,
		    "die partner doet niet (meer) mee"));
	if ((err = check_parts(w, x, &rule)) != ERR_OK)
		return (work_refuse(w, err, rule));
	if (content != ERR_OK)
		return (work_refuse(w, content, content_rule));
	return (do_rewrap(w, x));
}
