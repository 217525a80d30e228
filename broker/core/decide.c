/*
 * decide -- what follows from a statement, a timer or the clock: facts.
 *
 * This file has the ways in.  decide_verdict.c asks the policy, lifecycle.h
 * says what happens, decide_terms.c puts in the instants, decide_facts.c
 * writes it down, decide_tell.c lists who hears of it.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

struct work *
work_new(const struct decide_in *in, const Keten__V1__Statement *st,
    const struct decide_sender *sender, Keten__V1__RecordKind kind,
    struct decision *d)
{
	struct work *w = arena_zero(in->arena, 1, sizeof(*w));
	Keten__V1__Facts *f = arena_zero(in->arena, 1, sizeof(*f));
	Keten__V1__RouteFacts *rf = arena_zero(in->arena, 1, sizeof(*rf));

	memset(d, 0, sizeof(*d));
	if (w == NULL || f == NULL || rf == NULL)
		return (NULL);
	keten__v1__facts__init(f);
	keten__v1__route_facts__init(rf);
	f->index = in->index;
	f->kind = kind;
	f->time_ms = in->now_ms;
	f->engine = DECIDE_ENGINE;
	f->policy_index = in->policy == NULL ? 0 : policy_index(in->policy);
	d->facts = f;
	d->route = rf;
	w->in = in;
	w->d = d;
	w->st = st;
	w->sender = sender;
	return (w);
}

const Keten__V1__Command *
work_command(const struct work *w)
{
	if (w->st == NULL ||
	    w->st->body_case != KETEN__V1__STATEMENT__BODY_COMMAND)
		return (NULL);
	return (w->st->command);
}

/* Whose number the record uses up. */
static MUST_CHECK enum err
put_sender(struct work *w)
{
	Keten__V1__Sender *s;

	if (w->st == NULL)
		return (ERR_OK);
	s = arena_zero(w->in->arena, 1, sizeof(*s));
	if (s == NULL)
		return (ERR_NOMEM);
	keten__v1__sender__init(s);
	s->partner = pb_string(w->sender->partner.id);
	s->device = pb_string(w->sender->device);
	s->lane = w->st->lane;
	s->number = w->st->number;
	s->body_hash = pb_of(w->sender->body_hash, 32);
	w->d->route->sender = s;
	return (ERR_OK);
}

enum err
work_refuse(struct work *w, enum err err, const char *rule)
{
	Keten__V1__Facts *f = w->d->facts;
	Keten__V1__Refused *no =
	    arena_zero(w->in->arena, 1, sizeof(*no));
	struct refid referral = w->d->referral;

	if (no == NULL)
		return (ERR_NOMEM);
	keten__v1__refused__init(no);
	no->code = (Keten__V1__ErrorCode)err;
	no->rule = pb_string(rule);
	if (err == ERR_CONFLICT && w->ref != NULL)
		no->current_version = w->ref->before.version;
	if (err == ERR_NOBODY_NOW && w->ref != NULL &&
	    w->ref->ladder.call != NULL)
		no->call = pb_string(w->ref->ladder.call);

	/* Only the party itself may see that there is such a referral; and of
	 * one that was refused there is none. */
	if (err == ERR_UNKNOWN_REFERRAL || (w->ref != NULL && w->ref->is_new))
		memset(&referral, 0, sizeof(referral));
	keten__v1__facts__init(f);
	f->index = w->in->index;
	f->kind = KETEN__V1__RECORD_KIND__RECORD_REFUSED;
	f->time_ms = w->in->now_ms;
	f->engine = DECIDE_ENGINE;
	f->policy_index = policy_index(w->in->policy);
	f->refused = no;
	keten__v1__route_facts__init(w->d->route);
	memset(w->d, 0, offsetof(struct decision, facts));
	w->d->err = err;
	w->d->rule = rule;
	w->d->referral = referral;
	w->d->wants_wrap = w->d->erase = false;
	return (put_sender(w));
}

/* ---- commands ------------------------------------------------------------- */

/* Load the referral that the statement is about, or an empty one. */
static MUST_CHECK enum err
load(struct work *w, const struct refid *id)
{
	const struct decide_view *v = w->in->view;

	w->ref = arena_zero(w->in->arena, 1, sizeof(*w->ref));
	if (w->ref == NULL)
		return (ERR_NOMEM);
	w->ref->is_new = !v->referral(v->cookie, id, &w->ref->before);
	if (w->ref->is_new)
		w->ref->before.id = *id;
	else
		w->d->referral = *id;
	return (ERR_OK);
}

/* Put the header of a SUBMIT into the referral that begins. */
static MUST_CHECK enum err
begin(struct work *w, const Keten__V1__Header *h)
{
	struct referral *r = &w->ref->before;

	r->b = w->sender->partner;
	if (strlen(h->code) >= sizeof(r->code) ||
	    strlen(h->area) >= sizeof(r->area) ||
	    strlen(h->basis) >= sizeof(r->basis) ||
	    h->n_first > REFERRAL_FIRST_MAX || h->n_never > REFERRAL_NEVER_MAX)
		return (ERR_FULL);
	memcpy(r->code, h->code, strlen(h->code));
	memcpy(r->area, h->area, strlen(h->area));
	memcpy(r->basis, h->basis, strlen(h->basis));
	r->kind = policy_is_signal(w->in->policy, h->code) ? KIND_SIGNAL
							    : KIND_SERVICE;
	r->urgency = (enum urgency)h->urgency;
	r->discussed = (uint8_t)h->discussed;
	r->units = h->units;
	r->end_ms = h->end_ms;
	for (size_t i = 0; i < h->n_first; i++)
		r->first[r->n_first++] = org_of(h->first[i]);
	for (size_t i = 0; i < h->n_never; i++)
		r->never[r->n_never++] = org_of(h->never[i]);
	if (h->parent.len != 0 &&
	    !refid_from(h->parent.data, h->parent.len, &r->parent))
		return (ERR_FULL);
	for (size_t i = 0; i < w->st->command->n_parts; i++)
		if (w->st->command->parts[i]->kind ==
		    KETEN__V1__PART_KIND__PERSON)
			r->person_part = true;
	w->d->referral = r->id;
	return (ERR_OK);
}

/* Whom a SUBMIT's person part is wrapped for already, R that is. */
static bool
wrapped_for(const struct work *w, const struct org *who)
{
	const struct decide_view *v = w->in->view;
	const Keten__V1__Command *c = w->st->command;

	for (size_t i = 0; i < c->n_parts; i++) {
		const Keten__V1__Part *p = c->parts[i];

		if (p->kind != KETEN__V1__PART_KIND__PERSON)
			continue;
		for (size_t k = 0; k < p->n_wrapped_for; k++) {
			struct org o =
			    v->key_owner(v->cookie, p->wrapped_for[k]);

			if (org_eq(&o, who))
				return (true);
		}
	}
	return (false);
}

/* The live children of a referral. */
static size_t
open_children(const struct work *w, const struct refid *id)
{
	const struct decide_view *v = w->in->view;
	struct refid ids[WORK_MORE_MAX];
	size_t n = v->children(v->cookie, id, ids, WORK_MORE_MAX), live = 0;
	struct referral *child = arena_zero(w->in->arena, 1, sizeof(*child));

	if (child == NULL)
		return (0);
	for (size_t i = 0; i < n && i < WORK_MORE_MAX; i++)
		if (v->referral(v->cookie, &ids[i], child) &&
		    referral_is_live(child))
			live++;
	return (live);
}

/* The parent that a SUBMIT names; state ST_NONE: there is none such. */
static MUST_CHECK enum err
load_parent(struct work *w, struct around *a)
{
	const struct decide_view *v = w->in->view;
	const struct refid *id = &w->ref->before.parent;
	struct referral *parent;

	if (refid_is_none(id))
		return (ERR_OK);
	parent = arena_zero(w->in->arena, 1, sizeof(*parent));
	if (parent == NULL)
		return (ERR_NOMEM);
	if (!v->referral(v->cookie, id, parent))
		memset(parent, 0, sizeof(*parent));
	a->parent = parent;
	a->parent_children = open_children(w, id);
	return (ERR_OK);
}

/* Does the event let the ladder go on, or stop and go a rung's clock? */
static bool
needs_ladder(enum event ev)
{
	return (ev == EV_SUBMIT || ev == EV_DECLINE || ev == EV_RETURN ||
	    ev == EV_GIVE_UP || ev == EV_REOPEN || ev == EV_ASK ||
	    ev == EV_ANSWER || ev == EV_RAISE_URGENCY ||
	    ev == EV_OFFER_MORE || ev == EV_OFFER_EXPIRED ||
	    ev == EV_INFO_EXPIRED || ev == EV_NOTE_OPENABLE);
}

/* What the life cycle cannot know. */
static MUST_CHECK enum err
look_around(struct work *w, enum event ev, const struct org *actor,
    struct around *a, struct candidates *asked)
{
	struct work_ref *ref = w->ref;
	const struct referral *r = &ref->before;

	memset(a, 0, sizeof(*a));
	a->within_return = r->accepted_ms != 0 &&
	    w->in->now_ms < work_deadline(w, ref, r->accepted_ms,
		CAL_TERM_RETURN);
	a->within_reopen = r->completed_ms != 0 &&
	    w->in->now_ms < work_deadline(w, ref, r->completed_ms,
		CAL_TERM_REOPEN);
	a->holder_ended = !org_is_none(&r->h) &&
	    policy_has_ended(w->in->policy, &r->h, w->in->now_ms);
	a->openable = ev == EV_SUBMIT ? wrapped_for(w, &r->r)
				      : work_can_open(w, r, actor);
	if (ev == EV_COMPLETE)
		a->open_children = open_children(w, &r->id);
	if (!needs_ladder(ev))
		return (ERR_OK);
	if (!ref->has_ladder)
		work_ladder(w, ref, ev == EV_REOPEN ? &r->h : NULL);
	a->ladder = asked;
	return (work_candidates(w, ref, asked));
}

/* The command in the engine's words. */
static void
in_words(const struct work *w, struct command *c)
{
	const Keten__V1__Command *from = w->st->command;

	memset(c, 0, sizeof(*c));
	c->event = (enum event)from->event;
	c->actor = w->sender->partner;
	c->version = from->seen_version;
	c->offer = from->offer > UINT16_MAX ? 0 : (uint16_t)from->offer;
	c->target = org_of(from->to);
	c->urgency = (enum urgency)from->urgency;
}

/* What the command brought that the engine does not look at. */
static void
put_details(struct work *w)
{
	const Keten__V1__Command *c = w->st->command;
	struct referral *r = &w->ref->ch.after;
	enum event ev = (enum event)c->event;

	if (c->reason[0] != '\0' && strlen(c->reason) < sizeof(r->reason)) {
		memset(r->reason, 0, sizeof(r->reason));
		memcpy(r->reason, c->reason, strlen(c->reason));
	}
	if (ev == EV_COMPLETE && strlen(c->outcome) < sizeof(r->outcome)) {
		memset(r->outcome, 0, sizeof(r->outcome));
		memcpy(r->outcome, c->outcome, strlen(c->outcome));
	}
	if (c->units_total != 0) {
		r->units_done = c->units_done;
		r->units_total = c->units_total;
	}
	if (ev == EV_PAUSE && r->pause_limit_ms == 0)
		r->pause_limit_ms = work_deadline(w, w->ref, w->in->now_ms,
		    CAL_TERM_PAUSE);
}

/* The instants that nothing fires at. */
static void
put_instants(struct work *w, struct work_ref *ref)
{
	struct referral *r = &ref->ch.after;

	r->changed_ms = w->in->now_ms;
	if (ref->is_new)
		r->submitted_ms = w->in->now_ms;
	if (ref->ch.holder_changed) {
		r->pause_limit_ms = 0;
		r->accepted_ms = r->state == ST_ACCEPTED ? w->in->now_ms : 0;
	}
	if (r->state == ST_ACCEPTED && ref->before.state == ST_ESCALATED)
		r->accepted_ms = w->in->now_ms;
	if (r->state == ST_COMPLETED && ref->before.state != ST_COMPLETED)
		r->completed_ms = w->in->now_ms;
}

/* Everything that follows once the engine has said yes. */
static MUST_CHECK enum err
go_on(struct work *w)
{
	struct change *ch = &w->ref->ch;

	put_instants(w, w->ref);
	work_terms(w, w->ref);
	w->d->wants_wrap = ch->wants_wrap;
	w->d->wrap_for = ch->after.h;
	w->d->erase = ch->erase;
	if (ch->holder_changed && work_follow(w, w->ref) != ERR_OK)
		return (ERR_NOMEM);
	if (put_sender(w) != ERR_OK)
		return (ERR_NOMEM);
	return (work_finish(w));
}

static MUST_CHECK enum err
decide_command(struct work *w, enum err content, const char *content_rule)
{
	struct candidates *asked = arena_zero(w->in->arena, 1, sizeof(*asked));
	const Keten__V1__Command *c = w->st->command;
	struct command cmd;
	struct around a;
	enum err err;
	const char *rule = NULL;

	if (asked == NULL)
		return (ERR_NOMEM);
	in_words(w, &cmd);
	if (cmd.event == EV_SUBMIT && w->ref->is_new) {
		if (begin(w, c->header) != ERR_OK)
			return (work_refuse(w, ERR_NOT_ALLOWED,
			    "rij 1: te veel of te lange velden"));
		work_ladder(w, w->ref, NULL);
		w->ref->before.r = w->ref->ladder.regisseur;
		w->ref->before.custodian = w->ref->ladder.custodian;
	}
	if (look_around(w, cmd.event, &cmd.actor, &a, asked) != ERR_OK ||
	    load_parent(w, &a) != ERR_OK)
		return (ERR_NOMEM);
	a.verdict = work_verdict(w, &a.verdict_rule);
	if (a.verdict == ERR_OK) {
		a.verdict = content;
		a.verdict_rule = content_rule;
	}
	err = lifecycle_step(&w->ref->before, &cmd, &a, &w->ref->ch);
	rule = w->ref->ch.rule;
	if (err != ERR_OK)
		return (work_refuse(w, err, rule));
	put_details(w);
	return (go_on(w));
}

/* Whatever it was, it used up its sender's number. */
static MUST_CHECK enum err
signed_for(struct work *w, enum err err)
{
	if (err != ERR_OK || w->d->route->sender != NULL)
		return (err);
	return (put_sender(w));
}

enum err
decide_statement(const struct decide_in *in, const Keten__V1__Statement *st,
    const struct decide_sender *sender, enum err content,
    const char *content_rule, struct decision *d)
{
	struct refid id;
	struct work *w = work_new(in, st, sender,
	    KETEN__V1__RECORD_KIND__RECORD_COMMAND, d);

	memset(&id, 0, sizeof(id));
	if (w == NULL)
		return (ERR_NOMEM);
	if (st->referral.len != 0)
		(void)refid_from(st->referral.data, st->referral.len, &id);
	if (load(w, &id) != ERR_OK)
		return (ERR_NOMEM);

	switch (st->body_case) {
	case KETEN__V1__STATEMENT__BODY_COMMAND:
		return (decide_command(w, content, content_rule));
	case KETEN__V1__STATEMENT__BODY_REWRAP:
		return (signed_for(w, work_rewrap(w, content, content_rule)));
	case KETEN__V1__STATEMENT__BODY_UNREADABLE:
		return (signed_for(w, work_unreadable(w)));
	case KETEN__V1__STATEMENT__BODY_CATALOGUE:
		return (signed_for(w, work_catalogue(w)));
	case KETEN__V1__STATEMENT__BODY_ERASE:
	case KETEN__V1__STATEMENT__BODY_ERASED:
	case KETEN__V1__STATEMENT__BODY_RETAIN:
	case KETEN__V1__STATEMENT__BODY_UNRETAIN:
	case KETEN__V1__STATEMENT__BODY__NOT_SET:
	case _KETEN__V1__STATEMENT__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return (work_refuse(w, ERR_NOT_ALLOWED,
	    "wissen: deze makelaar neemt dat verzoek niet aan"));
}

enum err
decide_refuse(const struct decide_in *in, const Keten__V1__Statement *st,
    const struct decide_sender *sender, enum err err, const char *rule,
    struct decision *d)
{
	struct work *w = work_new(in, st, sender,
	    KETEN__V1__RECORD_KIND__RECORD_REFUSED, d);

	if (w == NULL)
		return (ERR_NOMEM);
	return (work_refuse(w, err, rule));
}

/* ---- timers ---------------------------------------------------------------- */

enum err
decide_timer(const struct decide_in *in, const struct refid *id,
    enum term term, uint16_t offer, struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_CLOCK, d);
	struct candidates *asked;
	const struct clock *clock;
	struct around a;
	enum err err;

	if (w == NULL || load(w, id) != ERR_OK)
		return (ERR_NOMEM);
	if (w->ref->is_new)
		return (ERR_NOT_FOUND);
	clock = referral_clock(&w->ref->before, term, offer);
	if (clock == NULL || !clock->running || clock->at_ms > in->now_ms)
		return (ERR_NOT_FOUND);
	asked = arena_zero(in->arena, 1, sizeof(*asked));
	if (asked == NULL)
		return (ERR_NOMEM);

	work_is_delivered(w, &w->ref->before);
	if (look_around(w, words_term_event(term), &w->ref->before.r, &a,
		asked) != ERR_OK)
		return (ERR_NOMEM);
	err = lifecycle_fire(&w->ref->before, term, offer, &a, &w->ref->ch);
	if (err != ERR_OK)
		return (ERR_NOT_FOUND);
	return (go_on(w));
}
