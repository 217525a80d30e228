/*
 * decide_more -- children that follow, and what other statements mean to a
 * referral.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

/* ---- children ---- */

struct follow {
	const struct org *holder;
	enum err err;
};

enum err
work_next(struct work *w, struct work_ref *ref, struct around *a)
{
	struct candidates *asked;

	memset(a, 0, sizeof(*a));
	if (ref->before.state != ST_OFFERED)
		return (ERR_OK);
	asked = arena_alloc(w->in->arena, sizeof(*asked));
	if (asked == NULL || work_ladder(w, ref, &ref->before, NULL) != ERR_OK)
		return (ERR_NOMEM);
	work_candidates(w, ref, asked);
	a->ladder = asked;
	return (ERR_OK);
}

/* Let one child follow; ${did}: it is live, and something changed. */
static MUST_CHECK enum err
follow_one(struct work *w, struct work_ref *ref, const struct org *holder,
    bool *did)
{
	struct around a;

	*did = false;
	if (ref->is_new || !referral_is_live(&ref->before))
		return (ERR_OK);
	if (work_next(w, ref, &a) != ERR_OK)
		return (ERR_NOMEM);
	if (lifecycle_follow(&ref->before, holder, &a, &ref->ch) != ERR_OK ||
	    ref->ch.n_steps == 0)
		return (ERR_OK);
	ref->ch.after.changed_ms = w->in->now_ms;
	work_terms(w, ref);
	*w->tail = ref;
	w->tail = &ref->next;
	*did = true;
	return (ERR_OK);
}

static bool
follow_child(struct work *w, const struct refid *id, void *cookie)
{
	struct arena *a = w->in->arena;
	struct follow *f = cookie;
	size_t mark = arena_used(a);
	struct work_ref *ref = work_load(w, id);
	bool did = false;

	f->err = ref == NULL ? ERR_NOMEM : follow_one(w, ref, f->holder, &did);
	if (f->err == ERR_OK && did && ref->ch.holder_changed)
		f->err = work_follow(w, ref);
	if (f->err == ERR_OK && !did)
		arena_rewind(a, mark);
	return (f->err == ERR_OK);
}

enum err
work_follow(struct work *w, struct work_ref *ref)
{
	struct follow f = { .holder = &ref->ch.after.h, .err = ERR_OK };

	work_each_child(w, &ref->before.id, follow_child, &f);
	return (f.err);
}

/* ---- what is concluded from other statements ---- */

enum err
work_notice(struct work *w, enum event event, const struct org *who,
    uint32_t offer)
{
	struct command c;
	struct around a;

	memset(&c, 0, sizeof(c));
	memset(&a, 0, sizeof(a));
	c.event = event;
	c.timer = who == NULL;
	c.offer = (uint16_t)offer;
	if (who != NULL)
		c.actor = *who;
	if (lifecycle_step(&w->ref->before, &c, &a, &w->ref->ch) != ERR_OK ||
	    w->ref->ch.n_steps == 0)
		return (ERR_OK);
	w->ref->ch.after.changed_ms = w->in->now_ms;
	work_terms(w, w->ref);
	return (work_change(w, w->ref, true));
}

/* ---- content that cannot be opened ---- */

static bool
has_piece(const struct work *w, uint64_t index, uint32_t part)
{
	struct decide_piece had;

	return (work_piece(w, index, part, &had));
}

/* B hears of it, also when it means nothing to the referral. */
static MUST_CHECK enum err
tell_originator(struct work *w)
{
	const struct referral *r = &w->ref->before;
	struct work_sent s = { .who = r->b, .about = r->id,
		.role = KETEN__V1__DELIVERY_ROLE__ORIGINATOR,
		.with = DECIDE_WITH_ROUTE | DECIDE_WITH_STATEMENT };

	return (org_eq(&r->b, &w->sender->partner) ? ERR_OK
						   : work_send(w, &s));
}

/* Does that reason say that the wrap is no good, so that another may be? */
static bool
is_of_wrap(Keten__V1__UnreadableWhy why)
{
	return (why == KETEN__V1__UNREADABLE_WHY__WRAP_FAILED ||
	    why == KETEN__V1__UNREADABLE_WHY__OTHER_PLAINTEXT);
}

/*
 * The wrap that opens nothing counts no more: somebody else who can open the
 * part is asked for one in its place.  Not for who has no right to it now.
 */
static MUST_CHECK enum err
refute(struct work *w, const Keten__V1__Unreadable *said)
{
	const struct decide_view *v = w->in->view;
	const struct org *who = &w->sender->partner;
	struct decide_wrap *wrap = arena_alloc(w->in->arena, sizeof(*wrap));
	Keten__V1__Refuted *f = arena_alloc(w->in->arena, sizeof(*f));

	if (wrap == NULL || f == NULL)
		return (ERR_NOMEM);
	if (!is_of_wrap(said->why) || !v->wrap_of(v->cookie,
	    &w->ref->before.id, said->index, said->part, who, wrap))
		return (ERR_OK);
	keten__v1__refuted__init(f);
	f->key_id = wrap->key_id;
	f->by = wrap->by.id;
	w->d->route->refuted = f;
	w->d->wants_again = true;
	return (ERR_OK);
}

enum err
work_unreadable(struct work *w)
{
	const Keten__V1__Unreadable *said = w->st->unreadable;
	const struct org *who = &w->sender->partner;
	Keten__V1__UnreadableFacts *f =
	    arena_alloc(w->in->arena, sizeof(*f));

	if (f == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new || (referral_roles(&w->ref->before, who) == 0 &&
				  !org_eq(who, &w->ref->before.custodian)))
		return (work_refuse(w, ERR_UNKNOWN_REFERRAL,
		    "deze verwijzing is er niet, of niet voor u"));
	if (w->ref->before.erased || !has_piece(w, said->index, said->part))
		return (work_refuse(w, ERR_CONTENT_GONE,
		    "deze inhoud is er niet (meer)"));
	keten__v1__unreadable_facts__init(f);
	f->index = said->index;
	f->part = said->part;
	f->why = (uint32_t)said->why;
	w->d->facts->unreadable = f;
	if (work_sender(w) != ERR_OK || refute(w, said) != ERR_OK ||
	    work_notice(w, EV_UNREADABLE, who, 0) != ERR_OK)
		return (ERR_NOMEM);
	if (w->d->facts->change != NULL)
		return (work_tell_of(w, w->ref));
	return (tell_originator(w));
}
