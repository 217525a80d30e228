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

	c->steps = arena_zero(w->in->arena, ch->n_steps, sizeof(*c->steps));
	if (c->steps == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < ch->n_steps; i++) {
		Keten__V1__Step *s = arena_zero(w->in->arena, 1, sizeof(*s));

		if (s == NULL)
			return (ERR_NOMEM);
		keten__v1__step__init(s);
		s->event = (Keten__V1__Event)ch->steps[i].event;
		s->row = ch->steps[i].row;
		s->from = (Keten__V1__State)ch->steps[i].from;
		s->to = (Keten__V1__State)ch->steps[i].to;
		s->holder = pb_string(ch->steps[i].holder.id);
		c->steps[c->n_steps++] = s;
	}
	return (ERR_OK);
}

/* What the first step was about: its reason and its offer. */
static void
put_about(const struct work *w, const struct work_ref *ref,
    Keten__V1__Change *c)
{
	const struct change *ch = &ref->ch;

	if (c->n_steps == 0)
		return;
	if (work_command(w) != NULL && ref == w->ref) {
		c->steps[0]->reason = work_command(w)->reason;
		c->steps[0]->offer = work_command(w)->offer;
		return;
	}
	if (ch->reason != REASON_NONE)
		c->steps[0]->reason = pb_string(words_reason(ch->reason));
	else if (ch->n_offers > 0 && ch->offers[0].reason != REASON_NONE)
		c->steps[0]->reason =
		    pb_string(words_reason(ch->offers[0].reason));
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
	const uint8_t(*blinds)[16] = w->in->random + w->blinds;
	uint16_t had = ref->is_new ? 0 : ref->before.last_offer;
	size_t fresh = (size_t)(ref->ch.after.last_offer - had);

	if (c == NULL || who == NULL ||
	    w->blinds + fresh > DECIDE_BLINDS ||
	    fresh > REFERRAL_OFFERS_MAX)
		return (ERR_NOMEM);
	w->blinds += fresh;
	if (apply_diff(a, ref->is_new ? NULL : &ref->before, &ref->ch.after,
		blinds, c, who) != ERR_OK ||
	    put_steps(w, ref, c) != ERR_OK)
		return (ERR_NOMEM);
	put_about(w, ref, c);

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

/* ---- the header ------------------------------------------------------------ */

static bool
has_header(enum event ev)
{
	return (ev == EV_SUBMIT || ev == EV_HAND_OVER ||
	    ev == EV_RAISE_URGENCY);
}

/* What only the SUBMIT said. */
static void
put_request(const Keten__V1__Header *from, const struct ladder *l,
    Keten__V1__FactsHeader *h)
{
	h->relates = from->relates;
	h->area_year = from->area_year;
	h->frequency = from->frequency;
	h->payer = from->payer;
	h->early = l->early;
}

static MUST_CHECK enum err
put_header(struct work *w)
{
	const Keten__V1__Command *cmd = work_command(w);
	const struct referral *r = &w->ref->ch.after;
	Keten__V1__ReferralState state = KETEN__V1__REFERRAL_STATE__INIT;

	if (cmd == NULL || !has_header((enum event)cmd->event))
		return (ERR_OK);
	if (apply_to_state(w->in->arena, r, &state) != ERR_OK)
		return (ERR_NOMEM);
	w->d->facts->header = state.header;
	if (cmd->header != NULL && w->ref->is_new) {
		put_request(cmd->header, &w->ref->ladder, state.header);
		w->d->route->first = cmd->header->first;
		w->d->route->n_first = cmd->header->n_first;
		w->d->route->never = cmd->header->never;
		w->d->route->n_never = cmd->header->n_never;
	}
	if ((enum event)cmd->event == EV_HAND_OVER) {
		state.header->to = cmd->to;
		if (cmd->basis[0] != '\0')
			state.header->basis = cmd->basis;
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
	for (size_t i = 0; i < w->n_more; i++)
		if (work_change(w, w->more[i], false) != ERR_OK)
			return (ERR_NOMEM);
	if (cmd != NULL) {
		w->d->facts->parts = cmd->parts;
		w->d->facts->n_parts = cmd->n_parts;
	}
	return (work_tell(w));
}
