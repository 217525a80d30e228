/*
 * decide -- what follows from a statement, a timer or the clock: facts.
 *
 * This file has the ways in.  decide_verdict.c asks the policy, lifecycle.h
 * says what happens, decide_terms.c puts in the instants, decide_facts.c
 * writes it down, decide_tell.c lists who hears of it.
 */
#include <string.h>

#include "core/decide_work.h"
#include "policy/erasure.h"
#include "wire/pb.h"

/* ---- commands ---- */

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

/* The parent that a SUBMIT names; state ST_NONE: there is none such. */
static MUST_CHECK enum err
load_parent(struct work *w, struct around *a)
{
	const struct refid *id = &w->ref->before.parent;
	struct work_ref *parent;

	if (refid_is_none(id))
		return (ERR_OK);
	parent = work_load(w, id);
	if (parent == NULL)
		return (ERR_NOMEM);
	a->parent = &parent->before;
	return (work_live_children(w, id, &a->parent_children));
}

/* May the event let the ladder go on, or stop and go the open rung's clock? */
static bool
needs_ladder(const struct referral *r, enum event ev)
{
	static const enum event always[] = { EV_SUBMIT, EV_RETURN, EV_GIVE_UP,
		EV_REOPEN };
	static const enum event offered[] = { EV_DECLINE, EV_OFFER_EXPIRED,
		EV_ASK, EV_ANSWER, EV_INFO_EXPIRED };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (ev == always[i])
			return (true);
	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++)
		if (ev == offered[i])
			return (r->state == ST_OFFERED);
	return (false);
}

/* What the life cycle cannot know about this event. */
static MUST_CHECK enum err
look_around(struct work *w, enum event ev, const struct org *actor,
    struct around *a)
{
	struct work_ref *ref = w->ref;
	const struct referral *r = &ref->before;
	int64_t now = w->in->now_ms;

	memset(a, 0, sizeof(*a));
	if (ev == EV_RETURN)
		a->within_return = r->accepted_ms != 0 && now <
		    work_deadline(w, ref, r, r->accepted_ms, CAL_TERM_RETURN);
	if (ev == EV_REOPEN)
		a->within_reopen = r->completed_ms != 0 && now <
		    work_deadline(w, ref, r, r->completed_ms,
			CAL_TERM_REOPEN);
	if (ev == EV_TAKE_OVER)
		a->holder_ended = policy_has_ended(w->in->policy, &r->h, now);
	if (ev == EV_ACCEPT || ev == EV_CONFIRM || ev == EV_TAKE_OVER)
		a->openable = work_can_open(w, r, actor);
	if (ev == EV_SUBMIT)
		return (load_parent(w, a));
	if (ev == EV_COMPLETE)
		return (work_live_children(w, &r->id, &a->open_children));
	return (ERR_OK);
}

/* Who can be asked now, if that matters. */
static MUST_CHECK enum err
look_up(struct work *w, enum event ev, struct around *a)
{
	struct work_ref *ref = w->ref;
	struct candidates *asked;

	if (!needs_ladder(&ref->before, ev))
		return (ERR_OK);
	asked = arena_alloc(w->in->arena, sizeof(*asked));
	if (asked == NULL ||
	    work_ladder(w, ref, &ref->before,
		ev == EV_REOPEN ? &ref->before.h : NULL) != ERR_OK)
		return (ERR_NOMEM);
	work_candidates(w, ref, asked);
	a->ladder = asked;
	return (ERR_OK);
}

/* The command in the engine's words. */
static void
in_words(const struct work *w, struct command *c)
{
	const Keten__V1__Command *from = w->st->command;
	const struct offer *asked;

	memset(c, 0, sizeof(*c));
	c->event = (enum event)from->event;
	c->actor = w->sender->partner;
	c->version = from->seen_version;
	c->offer = from->offer > UINT16_MAX ? UINT16_MAX
					    : (uint16_t)from->offer;
	c->target = org_of(from->to);
	c->urgency = (enum urgency)from->urgency;

	/* Who answers names whose question it was, and is no candidate. */
	asked = referral_offer(&w->ref->before, c->offer);
	if (c->event == EV_ANSWER && asked != NULL && asked->question_open)
		c->offer = 0;
}

/* A holder's pauses end before a date; sooner when more urgent. */
static void
put_pause(struct work *w)
{
	struct referral *r = &w->ref->ch.after;
	int64_t limit = work_deadline(w, w->ref, r, w->in->now_ms,
	    CAL_TERM_PAUSE);

	if (r->pause_limit_ms == 0 || limit < r->pause_limit_ms)
		r->pause_limit_ms = limit;
}

/* What the command brought that the engine does not look at. */
static void
put_details(struct work *w)
{
	const Keten__V1__Command *c = w->st->command;
	struct referral *r = &w->ref->ch.after;
	enum event ev = (enum event)c->event;

	r->contains |= work_contains(c);
	if (c->reason[0] != '\0' && strlen(c->reason) < sizeof(r->reason)) {
		memset(r->reason, 0, sizeof(r->reason));
		memcpy(r->reason, c->reason, strlen(c->reason));
	}
	if (ev == EV_COMPLETE && strlen(c->outcome) < sizeof(r->outcome)) {
		memset(r->outcome, 0, sizeof(r->outcome));
		memcpy(r->outcome, c->outcome, strlen(c->outcome));
	}
	if ((ev == EV_REPORT || ev == EV_COMPLETE) && c->units_total != 0) {
		r->units_done = c->units_done;
		r->units_total = c->units_total;
	}
	if (ev == EV_PAUSE ||
	    (ev == EV_RAISE_URGENCY && r->pause_limit_ms != 0))
		put_pause(w);
}

/* The instants that nothing fires at. */
static void
put_instants(struct work *w, struct work_ref *ref)
{
	const struct referral *was = &ref->before;
	struct referral *r = &ref->ch.after;

	r->changed_ms = w->in->now_ms;
	if (ref->is_new)
		r->submitted_ms = w->in->now_ms;
	if (ref->ch.holder_changed || r->epoch != was->epoch)
		r->pause_limit_ms = r->accepted_ms = 0;
	if (r->state == ST_ACCEPTED &&
	    (ref->ch.holder_changed || was->state == ST_ESCALATED))
		r->accepted_ms = w->in->now_ms;
	if (r->state == ST_COMPLETED && was->state != ST_COMPLETED)
		r->completed_ms = w->in->now_ms;
	if (referral_is_live(r))
		r->ended_ms = 0;
	else if (referral_is_live(was))
		r->ended_ms = w->in->now_ms;
	r->erases = erasure_at_once(w->in->policy, r) != 0;
}

/* More urgent: the rung that is open may have another term now. */
static MUST_CHECK enum err
quicken(struct work *w)
{
	const struct referral *r = &w->ref->ch.after;

	if (w->ref->is_new || r->urgency == w->ref->before.urgency ||
	    r->state != ST_OFFERED)
		return (ERR_OK);
	return (work_ladder(w, w->ref, r, NULL));
}

/* Everything that follows once the engine has said yes. */
static MUST_CHECK enum err
go_on(struct work *w)
{
	struct change *ch = &w->ref->ch;

	if (quicken(w) != ERR_OK)
		return (ERR_NOMEM);
	put_instants(w, w->ref);
	work_terms(w, w->ref);
	w->d->wants_wrap = ch->wants_wrap;
	w->d->wrap_for = ch->after.h;
	w->d->erase = ch->after.erases && !ch->after.erased;
	w->d->alarm = (ch->tell & TELL_ALARM) != 0;
	if (ch->holder_changed && !w->ref->is_new &&
	    work_follow(w, w->ref) != ERR_OK)
		return (ERR_NOMEM);
	if (work_sender(w) != ERR_OK)
		return (ERR_NOMEM);
	return (work_finish(w));
}

static MUST_CHECK enum err
decide_command(struct work *w, enum err content, const char *content_rule)
{
	const Keten__V1__Command *c = w->st->command;
	struct command cmd;
	struct around a;
	enum err err;

	if ((enum event)c->event == EV_SUBMIT && w->ref->is_new) {
		if (begin(w, c->header) != ERR_OK)
			return (work_refuse(w, ERR_NOT_ALLOWED,
			    "rij 1: te veel of te lange velden"));
		if (work_ladder(w, w->ref, &w->ref->before, NULL) != ERR_OK)
			return (ERR_NOMEM);
		w->ref->before.r = w->ref->ladder->regisseur;
		w->ref->before.custodian = w->ref->ladder->custodian;
	}
	in_words(w, &cmd);
	if (look_around(w, cmd.event, &cmd.actor, &a) != ERR_OK ||
	    look_up(w, cmd.event, &a) != ERR_OK)
		return (ERR_NOMEM);
	a.verdict = work_verdict(w, &a.verdict_rule);
	if (a.verdict == ERR_OK) {
		a.verdict = content;
		a.verdict_rule = content_rule;
	}
	if (a.verdict == ERR_NOMEM)
		return (ERR_NOMEM);
	/* There is no slot any more to keep anything under. */
	if (a.verdict == ERR_OK && w->ref->before.erased && c->n_parts > 0) {
		a.verdict = ERR_CONTENT_GONE;
		a.verdict_rule = "de inhoud is gewist; er komt niets meer bij";
	}
	err = lifecycle_step(&w->ref->before, &cmd, &a, &w->ref->ch);
	if (err != ERR_OK)
		return (work_refuse(w, err, w->ref->ch.rule));
	put_details(w);
	if (work_shortage(w) != ERR_OK)
		return (ERR_NOMEM);
	return (go_on(w));
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
	w->ref = work_load(w, &id);
	if (w->ref == NULL)
		return (ERR_NOMEM);
	if (!w->ref->is_new)
		d->referral = id;

	switch (st->body_case) {
	case KETEN__V1__STATEMENT__BODY_COMMAND:
		return (decide_command(w, content, content_rule));
	case KETEN__V1__STATEMENT__BODY_REWRAP:
		return (work_rewrap(w, content, content_rule));
	case KETEN__V1__STATEMENT__BODY_UNREADABLE:
		return (work_unreadable(w));
	case KETEN__V1__STATEMENT__BODY_CATALOGUE:
		return (work_catalogue(w));
	case KETEN__V1__STATEMENT__BODY_MISSING:
		return (work_missing(w));
	case KETEN__V1__STATEMENT__BODY_ERASE:
		return (work_erase(w));
	case KETEN__V1__STATEMENT__BODY_ERASED:
		return (work_erased(w));
	case KETEN__V1__STATEMENT__BODY_RETAIN:
	case KETEN__V1__STATEMENT__BODY_UNRETAIN:
		return (work_retain(w));
	case KETEN__V1__STATEMENT__BODY__NOT_SET:
	case _KETEN__V1__STATEMENT__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return (work_refuse(w, ERR_NOT_ALLOWED,
	    "deze makelaar neemt zo'n verklaring niet aan"));
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

/* ---- timers ---- */

/* Does the event say of an offer whether it ever arrived? */
static bool
tells_arrival(enum event ev)
{
	return (ev == EV_OFFER_EXPIRED || ev == EV_ESCALATE);
}

/* Fire it on what it is now, with what has been acknowledged marked. */
static MUST_CHECK enum err
fire(struct work *w, enum term term, uint16_t offer, const struct around *a)
{
	struct referral *r = &w->ref->before;
	const struct clock *clock = referral_clock(r, term, offer);
	bool had[REFERRAL_OFFERS_MAX];
	enum err err;

	if (clock == NULL || !clock->running || clock->at_ms > w->in->now_ms)
		return (ERR_NOT_FOUND);
	for (size_t i = 0; i < r->n_offers; i++)
		had[i] = r->offers[i].delivered;
	if (tells_arrival(words_term_event(term)))
		work_delivered(w, r);
	err = lifecycle_fire(r, term, offer, a, &w->ref->ch);
	/* So that the mark is a difference, and stands in the facts. */
	for (size_t i = 0; i < r->n_offers; i++)
		r->offers[i].delivered = had[i];
	return (err == ERR_OK ? ERR_OK : ERR_NOT_FOUND);
}

enum err
decide_timer(const struct decide_in *in, const struct refid *id,
    enum term term, uint16_t offer, struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_CLOCK, d);
	enum event ev = words_term_event(term);
	struct around a;
	enum err err;

	if (w == NULL || (w->ref = work_load(w, id)) == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new)
		return (ERR_NOT_FOUND);
	d->referral = *id;
	if (look_around(w, ev, &w->ref->before.r, &a) != ERR_OK ||
	    look_up(w, ev, &a) != ERR_OK)
		return (ERR_NOMEM);
	err = fire(w, term, offer, &a);
	return (err != ERR_OK ? err : go_on(w));
}

/* ---- successors ---- */

/* What the policy says of ${old} and of who comes after it, here. */
static MUST_CHECK enum err
look_for_next(struct work *w, const struct org *old, struct around *a,
    struct org *next)
{
	const struct referral *r = &w->ref->before;
	const struct policy_ask about = { .code = r->code, .area = r->area,
		.now_ms = w->in->now_ms };
	bool holder = false;

	if (work_next(w, w->ref, a) != ERR_OK)
		return (ERR_NOMEM);
	*next = policy_successor(w->in->policy, old, &about, &holder);
	a->next_holds = holder && !org_is_none(next);
	a->next_may = work_may_follow(w, w->ref, old, next);
	a->openable = work_can_open(w, r, next);
	return (ERR_OK);
}

enum err
decide_succeed(const struct decide_in *in, const struct refid *id,
    const struct org *old, struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_CLOCK, d);
	struct around a;
	struct org next;

	if (w == NULL || (w->ref = work_load(w, id)) == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new || !policy_has_ended(in->policy, old, in->now_ms))
		return (ERR_NOT_FOUND);
	d->referral = *id;
	if (look_for_next(w, old, &a, &next) != ERR_OK)
		return (ERR_NOMEM);
	if (lifecycle_succeed(&w->ref->before, old, &next, &a, &w->ref->ch) !=
		ERR_OK || w->ref->ch.n_steps == 0)
		return (ERR_NOT_FOUND);
	return (go_on(w));
}
