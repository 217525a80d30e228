#ifndef LIFE_STORY_H_
#define LIFE_STORY_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "life/lifecycle.h"

/*
 * life_story -- how a test brings a referral where it wants it, by doing what
 * people do.  Included by the tests of lifecycle only; each has its own copy.
 */
static const struct org bron = { "bron" }, regi = { "regisseur" },
    kees = { "kees" }, koos = { "koos" }, een = { "netwerk-een" },
    twee = { "netwerk-twee" }, zorg = { "zorghuis" }, vreemd = { "vreemd" };

/* kees; then the two of the network at once; then koos */
static const struct candidates ladder = { 4, { { { "kees" }, { "" }, 1 },
	{ { "netwerk-een" }, { "netwerk" }, 2 },
	{ { "netwerk-twee" }, { "netwerk" }, 2 }, { { "koos" }, { "" }, 3 } } };

static struct around around = { .ladder = &ladder, .within_return = true,
	.within_reopen = true };
static struct change ch;

/* --- doing things --------------------------------------------------------*/

/* The command that ${who} would give now: its offer if it has one. */
static inline struct command
command(const struct referral *r, enum event e, const struct org *who)
{
	const struct offer *o = referral_open_offer(r, who);
	struct command c = { .event = e, .actor = *who,
		.urgency = URGENCY_EMERGENT, .target = zorg };

	if (o != NULL)
		c.offer = o->number;
	else
		c.version = r->version;
	return (c);
}

static inline enum err
attempt(const struct referral *r, enum event e, const struct org *who)
{
	struct command c = command(r, e, who);

	return (lifecycle_step(r, &c, &around, &ch));
}

/* ${who} does ${e} to ${r}, and may. */
static inline void
does(struct referral *r, const struct org *who, enum event e)
{
	assert_int_equal(attempt(r, e, who), ERR_OK);
	*r = ch.after;
}

static inline void
passes(struct referral *r, enum term term)
{
	assert_int_equal(lifecycle_fire(r, term, 0, &around, &ch), ERR_OK);
	*r = ch.after;
}

static inline void
refused(const struct referral *r, const struct org *who, enum event e,
    enum err err)
{
	assert_int_equal(attempt(r, e, who), err);
	assert_non_null(ch.rule);
}

static inline struct referral
header(enum referral_kind kind)
{
	struct referral r;

	memset(&r, 0, sizeof(r));
	r.kind = kind;
	r.b = bron;
	r.r = regi;
	r.urgency = URGENCY_NORMAL;
	r.person_part = true;
	if (kind == KIND_SERVICE)
		r.end_ms = 1;
	return (r);
}

/* --- how a referral gets where it is -------------------------------------*/

static inline struct referral
offered(void)
{
	struct referral r = header(KIND_SERVICE);

	does(&r, &bron, EV_SUBMIT);
	return (r);
}

static inline struct referral
asked(void)
{
	struct referral r = offered();

	does(&r, &kees, EV_ASK);
	return (r);
}

static inline struct referral
escalated(void)
{
	struct referral r = offered();

	passes(&r, TERM_LADDER);
	return (r);
}

static inline struct referral
accepted(void)
{
	struct referral r = offered();

	does(&r, &kees, EV_ACCEPT);
	return (r);
}

static inline struct referral
overdue(void)
{
	struct referral r = accepted();

	passes(&r, TERM_START);
	return (r);
}

static inline struct referral
with_r(void)
{
	struct referral r = escalated();

	does(&r, &regi, EV_CONFIRM);
	return (r);
}

static inline struct referral
started(void)
{
	struct referral r = accepted();

	does(&r, &kees, EV_START);
	return (r);
}

static inline struct referral
awaiting(void)
{
	struct referral r = started();

	does(&r, &kees, EV_ASK);
	return (r);
}

static inline struct referral
held_up(void)
{
	struct referral r = accepted();

	does(&r, &bron, EV_ASK);
	return (r);
}

static inline struct referral
on_hold(void)
{
	struct referral r = started();

	does(&r, &kees, EV_PAUSE);
	return (r);
}

static inline struct referral
handover(void)
{
	struct referral r = started();

	does(&r, &kees, EV_HAND_OVER);
	return (r);
}

static inline struct referral
asked_back(void)
{
	struct referral r = started();

	does(&r, &bron, EV_REQUEST_WITHDRAWAL);
	return (r);
}

static inline struct referral
completed(void)
{
	struct referral r = started();

	does(&r, &kees, EV_COMPLETE);
	return (r);
}

static inline struct referral
closed(void)
{
	struct referral r = completed();

	does(&r, &bron, EV_ACKNOWLEDGE);
	return (r);
}

/* --- looking at what came of it ------------------------------------------*/

/* The error is not enough: a refusal says which row it is about. */
static inline void
names_a_row(void)
{
	assert_true(ch.row > 0);
	assert_memory_equal(ch.rule, "rij ", 4);
}

static inline bool
has_op(enum term term, enum term_op_kind kind)
{
	for (size_t i = 0; i < ch.n_terms; i++)
		if (ch.terms[i].term == term && ch.terms[i].op == kind)
			return (true);
	return (false);
}

#endif /* !LIFE_STORY_H_ */
