/*
 * decide_facts -- write down what was decided.
 */
#include <string.h>

#include "core/decide_work.h"
#include "life/apply.h"
#include "wire/pb.h"

/* The steps of one change, in order. */
static MUST_CHECK enum err
put_steps(struct work *w, const struct work_ref *ref, Keten__V1__Change *c)
{
	const struct change *ch = &ref->ch;
	Keten__V1__Step *s =
	    arena_alloc(w->in->arena, ch->n_steps * sizeof(*s));

	c->steps = arena_alloc(w->in->arena, ch->n_steps * sizeof(s));
	if (s == NULL || c->steps == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < ch->n_steps; i++) {
		keten__v1__step__init(&s[i]);
		s[i].event = (Keten__V1__Event)ch->steps[i].event;
		s[i].row = ch->steps[i].row;
		s[i].from = (Keten__V1__State)ch->steps[i].from;
		s[i].to = (Keten__V1__State)ch->steps[i].to;
		s[i].holder = pb_string(ch->steps[i].holder.id);
		c->steps[c->n_steps++] = &s[i];
	}
	return (ERR_OK);
}

/* Why offers ended; NOT_DELIVERED only if that is so of each of them. */
static enum reason
reason_of(const struct change *ch)
{
	enum reason reason = ch->reason;

	for (size_t i = 0; ch->reason == REASON_NONE && i < ch->n_offers; i++)
		if (reason == REASON_NONE ||
		    ch->offers[i].reason == REASON_NO_RESPONSE)
			reason = ch->offers[i].reason;
	return (reason);
}

/* What the first step was about: its reason and its offer. */
static void
put_about(const struct work *w, const struct work_ref *ref,
    Keten__V1__Change *c)
{
	const struct change *ch = &ref->ch;
	enum reason reason = reason_of(ch);

	if (c->n_steps == 0)
		return;
	if (work_command(w) != NULL && ref == w->ref) {
		c->steps[0]->reason = work_command(w)->reason;
		c->steps[0]->offer = work_command(w)->offer;
		return;
	}
	if (reason != REASON_NONE)
		c->steps[0]->reason = pb_string(words_reason(reason));
}

/* Room for one more in a list of pointers that grows one by one. */
static MUST_CHECK enum err
grow(struct arena *a, void ***list, size_t n, void *item)
{
	void **more = arena_zero(a, n + 1, sizeof(*more));

	if (more == NULL)
		return (ERR_NOMEM);
	if (n > 0)
		memcpy(more, *list, n * sizeof(*more));
	more[n] = item;
	*list = more;
	return (ERR_OK);
}

enum err
work_change(struct work *w, struct work_ref *ref, bool own)
{
	struct arena *a = w->in->arena;
	Keten__V1__Facts *f = w->d->facts;
	Keten__V1__RouteFacts *rf = w->d->route;
	Keten__V1__Change *c = arena_zero(a, 1, sizeof(*c));
	Keten__V1__RouteChange *who = arena_zero(a, 1, sizeof(*who));
	const uint8_t(*blinds)[16] = w->in->random + w->d->n_blinds;
	uint16_t had = ref->is_new ? 0 : ref->before.last_offer;
	size_t fresh = (size_t)(ref->ch.after.last_offer - had);

	if (c == NULL || who == NULL ||
	    w->d->n_blinds + fresh > DECIDE_BLINDS ||
	    fresh > REFERRAL_OFFERS_MAX)
		return (ERR_NOMEM);
	w->d->n_blinds += fresh;
	if (apply_diff(a, ref->is_new ? NULL : &ref->before, &ref->ch.after,
		blinds, c, who) != ERR_OK ||
	    put_steps(w, ref, c) != ERR_OK)
		return (ERR_NOMEM);
	put_about(w, ref, c);
	if (work_route(w, ref) != ERR_OK)
		return (ERR_NOMEM);

	if (grow(a, (void ***)&rf->changes, rf->n_changes, who) != ERR_OK)
		return (ERR_NOMEM);
	rf->n_changes++;
	if (own) {
		f->change = c;
		return (ERR_OK);
	}
	if (grow(a, (void ***)&f->children, f->n_children, c) != ERR_OK)
		return (ERR_NOMEM);
	f->n_children++;
	return (ERR_OK);
}

/* ---- the header ---- */

static bool
has_header(enum event ev)
{
	return (ev == EV_SUBMIT || ev == EV_HAND_OVER ||
	    ev == EV_RAISE_URGENCY);
}

/* What only the SUBMIT said. */
static void
put_request(struct work *w, const Keten__V1__Header *from,
    Keten__V1__FactsHeader *h)
{
	h->relates = from->relates;
	h->area_year = from->area_year;
	h->frequency = from->frequency;
	h->payer = from->payer;
	h->early = w->ref->ladder->early;
	w->d->route->first = from->first;
	w->d->route->n_first = from->n_first;
	w->d->route->never = from->never;
	w->d->route->n_never = from->n_never;
}

static MUST_CHECK enum err
put_header(struct work *w)
{
	const Keten__V1__Command *cmd = work_command(w);
	Keten__V1__FactsHeader *h = NULL;

	if (cmd == NULL || !has_header((enum event)cmd->event))
		return (ERR_OK);
	if (apply_to_header(w->in->arena, &w->ref->ch.after, &h) != ERR_OK)
		return (ERR_NOMEM);
	w->d->facts->header = h;
	if (w->ref->is_new)
		put_request(w, cmd->header, h);
	if ((enum event)cmd->event == EV_HAND_OVER) {
		h->to = cmd->to;
		if (cmd->basis[0] != '\0')
			h->basis = cmd->basis;
	}
	return (ERR_OK);
}

/* ---- the sealed parts ---- */

/* Their digests for everybody; for whom they are, in the route facts. */
static MUST_CHECK enum err
put_parts(struct work *w, const Keten__V1__Command *cmd)
{
	struct arena *a = w->in->arena;
	Keten__V1__Facts *f = w->d->facts;
	Keten__V1__RouteFacts *rf = w->d->route;
	size_t n = cmd->n_parts;
	Keten__V1__Part *p = arena_alloc(a, n * sizeof(*p));
	Keten__V1__PartWraps *pw = arena_alloc(a, n * sizeof(*pw));

	f->parts = arena_alloc(a, n * sizeof(p));
	rf->wraps = arena_alloc(a, n * sizeof(pw));
	if (p == NULL || pw == NULL || f->parts == NULL || rf->wraps == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++) {
		p[i] = *cmd->parts[i];
		p[i].wrapped_for = NULL;
		p[i].n_wrapped_for = 0;
		f->parts[f->n_parts++] = &p[i];
		keten__v1__part_wraps__init(&pw[i]);
		pw[i].part = (uint32_t)i;
		pw[i].key_ids = cmd->parts[i]->wrapped_for;
		pw[i].n_key_ids = cmd->parts[i]->n_wrapped_for;
		rf->wraps[rf->n_wraps++] = &pw[i];
	}
	return (ERR_OK);
}

enum err
work_finish(struct work *w)
{
	const Keten__V1__Command *cmd = work_command(w);

	if (work_change(w, w->ref, true) != ERR_OK ||
	    put_header(w) != ERR_OK)
		return (ERR_NOMEM);
	for (struct work_ref *m = w->more; m != NULL; m = m->next)
		if (work_change(w, m, false) != ERR_OK)
			return (ERR_NOMEM);
	if (cmd != NULL && cmd->n_parts > 0 && put_parts(w, cmd) != ERR_OK)
		return (ERR_NOMEM);
	return (work_tell(w));
}
