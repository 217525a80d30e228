#ifndef ENGINE_H_
#define ENGINE_H_

#include "life/lifecycle.h"

/*
 * engine -- what the parts of lifecycle share; nobody else includes this.
 *
 *   lifecycle.c   the table, the order of the checks, the outside functions
 *   rules.c       the conditions (column "only if")
 *   effects.c     the effects (column "effect")
 *   ladder.c      making offers, the next rung, the holder
 *   settle.c      what follows from a state: clocks, flags, version, who hears
 *   picture.c     the table as Markdown
 */

/* One application of one row. */
struct turn {
	const struct referral *was;
	const struct command *c;
	const struct around *a;
	struct change *ch;
	struct referral *r; /* &ch->after, being worked on */
	uint32_t roles;	    /* enum role: who the actor is here */
	uint32_t restart;   /* 1 << term: begins anew, if it is there */
	uint32_t met;	    /* 1 << term: not overdue any more */
	bool quicken;	    /* urgency was raised */
	bool nothing;	    /* the row turned out to change nothing */
	bool probe;	    /* only asking: what is yet to be named is right */
};

/* The names of the columns, as used in tbl/lifecycle.h. */
enum from {
#define STATE(name, number, live, label, fhir) FROM_##name = 1 << (number),
#include "tbl/words.h"
	FROM_NEW = 1 << ST_NONE,
	FROM_WORKING = FROM_ACCEPTED | FROM_IN_PROGRESS,
	FROM_UNDER_WAY = FROM_WORKING | FROM_AWAITING_INFO | FROM_ON_HOLD,
	FROM_AT_WORK = FROM_UNDER_WAY | FROM_HANDOVER_OFFERED,
	FROM_LIVE = FROM_OFFERED | FROM_ESCALATED | FROM_AT_WORK,
	FROM_OUTCOME = FROM_COMPLETED | FROM_FAILED | FROM_WITHDRAWN |
	    FROM_EXPIRED,
	FROM_ANY_ENDED = FROM_OUTCOME | FROM_CLOSED,
	FROM_LIVE_OR_OUTCOME = FROM_LIVE | FROM_OUTCOME,
	FROM_HAS_OFFERS = FROM_OFFERED | FROM_HANDOVER_OFFERED
};

enum held {
	HELD_ANY,
	HELD_BY_B,
	HELD_NOT_BY_B,
	HELD_ASKED_BACK,
	HELD_WAS_COMPLETED
};

enum who {
	WHO_B = ROLE_B,
	WHO_K = ROLE_K,
	WHO_H = ROLE_H,
	WHO_R = ROLE_R,
	WHO_T = ROLE_T,
	WHO_B_H = ROLE_B | ROLE_H,
	WHO_B_R = ROLE_B | ROLE_R,
	WHO_B_H_R = ROLE_B | ROLE_H | ROLE_R
};

enum to {
	TO_SAME = 0,
#define STATE(name, number, live, label, fhir) TO_##name = (number),
#include "tbl/words.h"
	TO_BEFORE = ST__MAX,
	TO_LADDER
};

enum told {
	TOLD_NOBODY = 0,
	TOLD_TELL_B = TELL_B,
	TOLD_TELL_H = TELL_H,
	TOLD_TELL_OPEN = TELL_OPEN,
	TOLD_TELL_B_H = TELL_B | TELL_H,
	TOLD_TELL_B_R = TELL_B | TELL_R,
	TOLD_TELL_B_OPEN = TELL_B | TELL_OPEN,
	TOLD_TELL_B_H_R = TELL_B | TELL_H | TELL_R,
	TOLD_TELL_B_H_OPEN = TELL_B | TELL_H | TELL_OPEN
};

/* One line of the table. */
struct row {
	uint8_t number;
	uint32_t from;
	enum held held;
	enum event event;
	uint32_t who;
	enum err (*only_if)(const struct turn *t, const char **rule);
	void (*effect)(struct turn *t);
	enum to to;
	uint32_t told;
	const char *rule; /* "rij N: ..." */
	/* as written, for the picture and the manual */
	const char *from_text;
	const char *held_text;
	const char *who_text;
	const char *to_text;
	const char *fhir;
};

/**
 * lifecycle_rows(n):
 * Return the table, and its length in ${n}.
 */
const struct row *lifecycle_rows(size_t *n);

/* rules.c and effects.c: one function for each name in the table. */
#define ONLY_IF(name)                                                          \
	enum err lifecycle_if_##name(const struct turn *t, const char **rule)
ONLY_IF(ALWAYS);
ONLY_IF(MAY_SUBMIT);
ONLY_IF(NOT_SEEN);
ONLY_IF(NOT_ASKED);
ONLY_IF(QUESTION_OPEN);
ONLY_IF(MAY_BE_OFFERED);
ONLY_IF(HOLDER_IS_R);
ONLY_IF(HOLDER_NOT_R);
ONLY_IF(HOLDER_NOT_B);
ONLY_IF(HOLDER_ASKED);
ONLY_IF(MAY_RETURN);
ONLY_IF(MORE_URGENT);
ONLY_IF(MAY_TAKE_OVER);
ONLY_IF(NO_CHILD_OPEN);
ONLY_IF(MAY_ASK_BACK);
ONLY_IF(IS_SERVICE);
ONLY_IF(MAY_REOPEN);
ONLY_IF(NOT_OPENABLE_YET);

#define EFFECT(name) void lifecycle_do_##name(struct turn *t)
EFFECT(NOTHING);
EFFECT(SUBMIT);
EFFECT(MARK_SEEN);
EFFECT(ASK_IN_RUNG);
EFFECT(END_QUESTIONS);
EFFECT(TAKE);
EFFECT(DECLINE);
EFFECT(EXPIRE_OFFERS);
EFFECT(DROP_OFFERS);
EFFECT(OFFER_ONE_MORE);
EFFECT(ESCALATE);
EFFECT(GIVE_BACK);
EFFECT(WAIT);
EFFECT(ASK_HOLDER);
EFFECT(ANSWER_B);
EFFECT(REPORT);
EFFECT(RAISE);
EFFECT(HAND_OVER);
EFFECT(OVERDUE);
EFFECT(TAKE_OVER);
EFFECT(GIVE_UP);
EFFECT(END);
EFFECT(WITHDRAW);
EFFECT(ASK_BACK);
EFFECT(REFUSE);
EFFECT(ERASE);
EFFECT(MARK_UNREAD);
EFFECT(REOPEN);
EFFECT(OPENED);
EFFECT(UNREADABLE);
EFFECT(FOLLOW);
EFFECT(SUCCEED);
EFFECT(NOTE_OPENED);

/* ladder.c */

/**
 * lifecycle_offer_set(t, o, is, reason):
 * Give the offer ${o} of ${t}->r the state ${is} and put that into the change.
 */
void lifecycle_offer_set(struct turn *t, struct offer *o, enum offer_state is,
    enum reason reason);

/**
 * lifecycle_offers_close(t, is):
 * Give every open offer the state ${is}.
 */
void lifecycle_offers_close(struct turn *t, enum offer_state is);

/**
 * lifecycle_has_room(r, to):
 * Tell whether one more offer, to ${to}, fits into ${r}.
 */
bool lifecycle_has_room(const struct referral *r, const struct org *to);

/**
 * lifecycle_may_offer(r, to):
 * Tell whether the ladder may offer ${r} to ${to}: not to B, R, H, `never`, the
 * giver, or who declined in this epoch or has an open offer; and there is room.
 */
bool lifecycle_may_offer(const struct referral *r, const struct org *to);

/**
 * lifecycle_offer_new(t, to, via, rung, own_term):
 * Make a new open offer; there must be room.
 */
void lifecycle_offer_new(struct turn *t, const struct org *to,
    const struct org *via, uint8_t rung, bool own_term);

/**
 * lifecycle_ladder_on(t):
 * Offer the next rung; if none is left, ESCALATE.  Adds its own step.
 */
void lifecycle_ladder_on(struct turn *t);

/**
 * lifecycle_holder_set(t, h), lifecycle_originator_set(t, b):
 * Make ${h} the holder, or ${b} the originator, with what always goes with
 * it; nothing if they are already.
 */
void lifecycle_holder_set(struct turn *t, const struct org *h);
void lifecycle_originator_set(struct turn *t, const struct org *b);

/**
 * lifecycle_epoch_next(t):
 * Begin the next epoch: nobody has been asked yet.
 */
void lifecycle_epoch_next(struct turn *t);

/**
 * lifecycle_step_add(t, event, row, from):
 * Add a step that has led from ${from} to where ${t}->r is now.
 */
void lifecycle_step_add(struct turn *t, enum event event, uint8_t row,
    enum state from);

/* settle.c */

/**
 * lifecycle_settle(t):
 * Bring everything that follows from the rest into line: offers that cannot be
 * open any more, clocks, flags, version; and say who hears of it.
 */
void lifecycle_settle(struct turn *t);

#endif /* !ENGINE_H_ */
