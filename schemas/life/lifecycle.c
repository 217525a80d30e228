#include "life/lifecycle.h"

#include <string.h>

#include "life/engine.h"

/* One copy of the table, in words the engine can use. */
static const struct row rows[] = {
#define ROW(no, in, whil, ev, by, onlyif, eff, next, tells, fhir_, why)        \
	{ .number = (no), .from = FROM_##in, .held = HELD_##whil,              \
	    .event = EV_##ev, .who = WHO_##by,                                 \
	    .only_if = lifecycle_if_##onlyif, .effect = lifecycle_do_##eff,    \
	    .to = TO_##next, .told = TOLD_##tells,                             \
	    .rule = "rij " #no ": " why, .from_text = #in,                     \
	    .held_text = #whil, .who_text = #by, .to_text = #next,             \
	    .fhir = fhir_ },
#include "tbl/lifecycle.h"
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct around nothing_around = { .verdict = ERR_OK };

const struct row *
lifecycle_rows(size_t *n)
{
	*n = N_ROWS;
	return (rows);
}

/* The column "while". */
static bool
is_held(enum held held, const struct referral *r)
{
	switch (held) {
	case HELD_ANY:
		return (true);
	case HELD_BY_B:
		return (org_eq(&r->h, &r->b));
	case HELD_NOT_BY_B:
		return (!org_eq(&r->h, &r->b));
	case HELD_ASKED_BACK:
		return ((r->flags & FLAG_WITHDRAWAL) != 0);
	case HELD_WAS_COMPLETED:
		return (r->ended_as == ST_COMPLETED);
	}
	return (false);
}

static enum err
refuse(const struct turn *t, enum err err, uint8_t row, const char *rule)
{
	t->ch->row = row;
	t->ch->rule = rule;
	return (err);
}

/*
 * Check 1: absent and foreign alike.  It finds out who the actor is in this
 * command: a candidate is one by naming its offer, everybody else by naming
 * the version, so nobody is both at once.
 */
static enum err
check_party(struct turn *t)
{
	const struct command *c = t->c;

	t->roles = 0;
	if (t->was == NULL ||
	    (t->was->state == ST_NONE && c->event != EV_SUBMIT))
		;
	else if (c->timer)
		t->roles = ROLE_T;
	else
		t->roles = referral_roles(t->was, &c->actor);
	if (t->roles == 0)
		return (refuse(t, ERR_UNKNOWN_REFERRAL, 0,
		    "deze verwijzing is er niet, of niet voor u"));
	if (c->offer != 0 && !c->timer)
		t->roles &= ROLE_K | ROLE_PARTY;
	else
		t->roles &= ~(uint32_t)ROLE_K;
	return (ERR_OK);
}

/* Check 2: what the command was made for is still so. */
static enum err
check_current(const struct turn *t)
{
	const struct command *c = t->c;
	const struct offer *o;

	if (c->timer || c->event == EV_SUBMIT ||
	    words_event_kind(c->event) != EVENT_COMMAND)
		return (ERR_OK);
	if (c->offer == 0)
		return (c->version == t->was->version ? ERR_OK :
		    refuse(t, ERR_CONFLICT, 0,
		    "de genoemde versie is niet de laatste"));
	o = referral_offer(t->was, c->offer);
	if (o != NULL && words_is_open(o->state) && org_eq(&o->to, &c->actor))
		return (ERR_OK);
	return (refuse(t, ERR_CONFLICT, 0, "het genoemde aanbod is niet open"));
}

/* A timer that was stopped meanwhile has nothing to say. */
static enum err
check_timer(const struct turn *t)
{
	const struct clock *clock = NULL;

	if (words_event_kind(t->c->event) != EVENT_TIMER || !t->c->timer)
		return (ERR_OK);
	if (t->c->term == TERM_MORE) {
		const struct offer *o = referral_offer(t->was, t->c->offer);

		if (o != NULL && o->own_term)
			clock = &o->clock;
	} else if ((size_t)t->c->term < TERM__MAX)
		clock = &t->was->clocks[t->c->term];
	if (clock != NULL && clock->running &&
	    words_term_event(t->c->term) == t->c->event)
		return (ERR_OK);
	return (refuse(t, ERR_WRONG_STATE, 0, "deze termijn loopt niet"));
}

/* How near a row came to being taken: no such event now, not by you, not so. */
enum nearness { NOT_NOW = 1, NOT_YOU, NOT_SO, TAKEN };

static enum nearness
judge(const struct turn *t, const struct row *row, enum err *err,
    const char **rule)
{
	*rule = row->rule;
	*err = ERR_WRONG_STATE;
	if ((row->from & (1u << t->was->state)) == 0 ||
	    !is_held(row->held, t->was))
		return (NOT_NOW);
	*err = ERR_NOT_ALLOWED;
	if ((row->who & t->roles) == 0)
		return (NOT_YOU);
	*err = row->only_if(t, rule);
	return (*err == ERR_OK ? TAKEN : NOT_SO);
}

/*
 * Checks 3 to 5: the first row that can be taken.  If none can, the reason of
 * the one that came nearest is the one that helps.
 */
static enum err
check_rows(const struct turn *t, const struct row **found)
{
	const char *rule = "deze stap bestaat niet";
	enum err err = ERR_WRONG_STATE;
	uint8_t number = 0;
	unsigned nearest = 0;

	for (size_t i = 0; i < N_ROWS; i++) {
		const char *why;
		enum err no;
		enum nearness near;

		if (rows[i].event != t->c->event)
			continue;
		near = judge(t, &rows[i], &no, &why);
		if (near == TAKEN) {
			*found = &rows[i];
			return (ERR_OK);
		}
		if ((unsigned)near <= nearest)
			continue;
		nearest = near;
		err = no;
		rule = why;
		number = rows[i].number;
	}
	return (refuse(t, err, number, rule));
}

/* All checks in their order; the row in ${found}. */
static enum err
check(struct turn *t, const struct row **found)
{
	enum err err;

	if ((err = check_party(t)) != ERR_OK ||
	    (err = check_current(t)) != ERR_OK ||
	    (err = check_timer(t)) != ERR_OK ||
	    (err = check_rows(t, found)) != ERR_OK)
		return (err);
	if (t->a->verdict == ERR_OK)
		return (ERR_OK);
	return (refuse(t, t->a->verdict, (*found)->number,
	    t->a->verdict_rule != NULL ? t->a->verdict_rule : (*found)->rule));
}

/* The column "to". */
static enum state
next_state(const struct row *row, const struct referral *was)
{
	if (row->to == TO_SAME)
		return (was->state);
	if (row->to == TO_LADDER)
		return (ST_OFFERED);
	if (row->to != TO_BEFORE)
		return ((enum state)row->to);
	return (was->state == ST_HANDOVER_OFFERED ? was->before_handover :
	    was->before_wait);
}

/*
 * An OFFERED referral always has an open offer and a handover always a named
 * partner: when the last one is gone, the next rung is offered, or the
 * handover is over.
 */
static void
nobody_left(struct turn *t)
{
	if (referral_n_open(t->r) != 0)
		return;
	if (t->r->state == ST_OFFERED)
		lifecycle_ladder_on(t);
	else if (t->r->state == ST_HANDOVER_OFFERED)
		t->r->state = t->r->before_handover;
}

static void
take_row(struct turn *t, const struct row *row)
{
	struct change *ch = t->ch;

	memset(ch, 0, offsetof(struct change, steps));
	referral_copy(&ch->after, t->was);
	t->r = &ch->after;
	ch->row = row->number;
	ch->rule = row->rule;
	ch->tell = row->told;
	t->r->state = next_state(row, t->was);

	row->effect(t);
	if (t->nothing) {
		referral_copy(&ch->after, t->was);
		ch->tell = 0;
		return;
	}
	if (t->r->state == ST_HANDOVER_OFFERED)
		nobody_left(t);
	lifecycle_step_add(t, row->event, row->number, t->was->state);
	nobody_left(t);
	lifecycle_settle(t);
}

enum err
lifecycle_step(const struct referral *r, const struct command *c,
    const struct around *a, struct change *ch)
{
	struct turn t = { .was = r, .c = c, .ch = ch,
		.a = a != NULL ? a : &nothing_around };
	const struct row *row = NULL;
	enum err err;

	if ((err = check(&t, &row)) != ERR_OK)
		return (err);
	take_row(&t, row);
	return (ERR_OK);
}

enum err
lifecycle_fire(const struct referral *r, enum term term, uint16_t offer,
    const struct around *a, struct change *ch)
{
	const struct command c = { .event = words_term_event(term),
		.timer = true, .term = term, .offer = offer };

	return (lifecycle_step(r, &c, a, ch));
}

enum err
lifecycle_follow(const struct referral *child, const struct org *holder,
    const struct around *a, struct change *ch)
{
	const struct command c = { .event = EV_FOLLOW, .timer = true,
		.target = *holder };

	return (lifecycle_step(child, &c, a, ch));
}

enum err
lifecycle_succeed(const struct referral *r, const struct org *old,
    const struct org *successor, const struct around *a, struct change *ch)
{
	const struct command c = { .event = EV_SUCCEED, .timer = true,
		.target = *successor, .via = *old };

	return (lifecycle_step(r, &c, a, ch));
}

/* Is ${event} the first of its kind in the table at ${i}, and a command? */
static bool
is_first_of_command(size_t i)
{
	if (words_event_kind(rows[i].event) != EVENT_COMMAND)
		return (false);
	for (size_t j = 0; j < i; j++)
		if (rows[j].event == rows[i].event)
			return (false);
	return (true);
}

/* May ${who} give the command ${event}, as a candidate or otherwise? */
static bool
may(struct turn *t, struct command *c)
{
	const struct offer *o = referral_open_offer(t->was, &c->actor);
	const struct row *row;

	c->offer = 0;
	if (check_party(t) == ERR_OK && check_rows(t, &row) == ERR_OK)
		return (true);
	if (o == NULL)
		return (false);
	c->offer = o->number;
	return (check_party(t) == ERR_OK && check_rows(t, &row) == ERR_OK);
}

size_t
lifecycle_may(const struct referral *r, const struct org *who,
    const struct around *a, enum event *events, size_t max)
{
	struct command c = { .actor = *who };
	struct change ch;
	struct turn t = { .was = r, .c = &c, .ch = &ch, .probe = true,
		.a = a != NULL ? a : &nothing_around };
	size_t n = 0;

	for (size_t i = 0; i < N_ROWS && n < max; i++) {
		if (!is_first_of_command(i))
			continue;
		c.event = rows[i].event;
		if (may(&t, &c))
			events[n++] = c.event;
	}
	return (n);
}
