#ifndef LIFECYCLE_H_
#define LIFECYCLE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "life/referral.h"

/*
 * lifecycle -- what may happen to a referral, and what follows from it.
 *
 * tbl/lifecycle.h is the definition; this is the small engine that reads it.
 * It is pure: no clock, no store, no allocation, no globals.  What it cannot
 * know (the covenant, the ladder, whether a window is still open) the caller
 * decides beforehand and passes in struct around.  What it gives back is the
 * referral afterwards, with everything but instants, and beside it the list of
 * what changed, from which facts are made.  The caller turns the operations on
 * terms into instants with the calendar (see struct term_op).
 *
 * The same input always gives the same output, also for an auditor later.
 *
 * Instants in `after` that are the caller's: those of the clocks (by struct
 * term_op); submitted_ms; accepted_ms at ACCEPT, CONFIRM and TAKE_OVER;
 * completed_ms at COMPLETE; pause_limit_ms at a holder's first PAUSE.  The
 * engine only empties them: accepted_ms and pause_limit_ms with a new holder,
 * completed_ms at REOPEN.  Codes of outcome and reason, `delivered` and
 * `erased` are the caller's too, and so are ended_ms and `erases`.
 */

/* Most of what one record can hold; tests prove that these suffice. */
#define CHANGE_STEPS_MAX 4
#define CHANGE_OFFERS_MAX (2 * REFERRAL_OFFERS_MAX)
#define CHANGE_TERMS_MAX (4 * TERM__MAX + 2 * REFERRAL_OFFERS_MAX)
#define CANDIDATES_MAX 32

/*
 * The ladder: candidates in order of rising rung; equal numbers are one rung.
 * Rung 0 is for ${first} at SUBMIT and for the last holder at REOPEN.  The
 * caller leaves out who has no covenant, is closed or cannot be had; the
 * engine itself skips B, R, H, `never`, the giver of this epoch, who declined
 * or returned in this epoch and who has an open offer.
 */
struct candidate {
	struct org to;
	struct org via;
	uint8_t rung;
};

struct candidates {
	size_t n;
	struct candidate c[CANDIDATES_MAX];
};

/*
 * What an actor says.  A command of a candidate names its offer (offer <> 0,
 * version not looked at); every other one names the version it saw.  SUBMIT
 * names neither, and UNREADABLE, which is another kind of statement, has an
 * actor and no version.  A timer or another notice has timer = true and no
 * actor; a timer names its term, and for TERM_MORE the offer; NOTE_OPENABLE
 * (the offer note was wrapped for a candidate named later) names the offer.
 * Whether an offer is there to be accepted is decided by log order alone.
 */
struct command {
	enum event event;
	struct org actor;
	bool timer;
	uint32_t version;
	uint16_t offer;
	enum term term;
	struct org target; /* HAND_OVER, OFFER_MORE: the one named */
	struct org via;	   /* ... and its network, if any */
	enum urgency urgency; /* RAISE_URGENCY */
};

/*
 * What the caller has found out beforehand.  verdict is the answer to
 * everything that is checked against the policy or the form of the command
 * (code, area, covenant, basis, NOBODY_NOW, reason and outcome codes, review
 * date): ERR_OK, or the error with which to refuse once all else is in order,
 * with a rule text or NULL for the row's own.  A pointer may be NULL: no
 * candidates; no parent named.
 */
struct around {
	enum err verdict;
	const char *verdict_rule;
	const struct candidates *ladder;
	const struct referral *parent; /* of SUBMIT; state ST_NONE: absent */
	size_t parent_children;	       /* live children it has already */
	size_t open_children;	       /* live children of this one */
	bool within_return;	       /* the term RETURN since ACCEPT */
	bool within_reopen;	       /* 14 days since COMPLETED */
	bool holder_ended;	       /* H is no partner any more */
	bool openable;		       /* the new holder has a wrap already */
	bool next_holds;	       /* SUCCEED: the policy makes it holder */
	bool next_may;		       /* ... and it may have old's open offer */
};

/* A parent has at most this many live children. */
#define REFERRAL_CHILDREN_MAX 16

/* One line of the record: what happened, in order. */
struct step {
	enum event event;
	uint8_t row; /* of tbl/lifecycle.h */
	enum state from;
	enum state to;
	struct org holder; /* afterwards */
	uint32_t version;  /* afterwards; rises once per record */
	uint32_t epoch;
};

/* An offer that was made (from OFFER_NONE) or changed.  The offer itself is in
 * `after`, unless the epoch rose: then only `to` is left of it here. */
struct offer_change {
	uint16_t number;
	struct org to;
	enum offer_state was;
	enum offer_state is;
	enum reason reason;
};

/*
 * What to do with a term, in this order:
 *   START     runs from now, full length; since := now
 *   RENEW     stands still and stays so, with the full length left
 *   STOP      off
 *   FREEZE    left := what is left; stands still
 *   UNFREEZE  runs again with what was left
 *   MIN_NEW   deadline := the sooner of the old one and since + the length
 *             for the new urgency, but not before now; a frozen one likewise
 *             has at most the new length left
 * capped: at most CAL_TERM_QUESTION (a question in a rung).  A START whose
 * instant was named (PAUSE, EXPIRE) takes that instant; an end date that has
 * passed already is not started (a reopened request).
 */
enum term_op_kind {
	TERM_OP_START = 1,
	TERM_OP_RENEW,
	TERM_OP_STOP,
	TERM_OP_FREEZE,
	TERM_OP_UNFREEZE,
	TERM_OP_MIN_NEW
};

struct term_op {
	enum term term;
	enum term_op_kind op;
	uint16_t offer; /* of TERM_MORE, else 0 */
	bool capped;
};

/* Who gets a delivery about this, beside the actor's receipt. */
enum tell {
	TELL_B = 1,
	TELL_H = 2,
	TELL_R = 4,
	TELL_OLD_H = 8,
	TELL_OLD_B = 16,
	TELL_TOUCHED = 32,     /* candidates of offers made or changed */
	TELL_OPEN = 64,	       /* candidates of all open offers */
	TELL_CHILDREN_B = 128, /* B of the live children (it ended) */
	TELL_ALARM = 256       /* R missed a term of its own */
};

struct change {
	/* on a refusal only rule and row are set */
	const char *rule; /* Dutch, "rij 20: ..."; constant text */
	uint8_t row;

	uint32_t tell;	    /* enum tell */
	enum reason reason; /* of OVERDUE or ESCALATE, else NONE */
	bool holder_changed;
	bool b_changed;
	bool wants_wrap; /* a new holder must get the person part (3.4) */
	bool erase;	 /* erase the content now (MARK_ERROR) */
	struct org old_h;
	struct org old_b;
	/* n_steps 0: nothing happened (rows 37 to 39), make no record of it */
	size_t n_steps;
	size_t n_offers;
	size_t n_terms;
	/* of these only the first n_... are set */
	struct step steps[CHANGE_STEPS_MAX];
	struct offer_change offers[CHANGE_OFFERS_MAX];
	struct term_op terms[CHANGE_TERMS_MAX];
	struct referral after;
};

/**
 * lifecycle_step(r, c, a, ch):
 * Decide what ${c} does to ${r}, given ${a}, and put it into ${ch}, which the
 * caller owns.  For SUBMIT ${r} has its header and state ST_NONE; any other
 * command to a NULL or ST_NONE referral is one to an unknown referral.
 * Return ERR_OK; or, in the order of the checks, ERR_UNKNOWN_REFERRAL,
 * ERR_CONFLICT, ERR_WRONG_STATE, ERR_NOT_ALLOWED or the verdict, with
 * ${ch}->rule and ${ch}->row set and the rest of ${ch} undefined.
 *
 * When ${ch}->holder_changed, the live children follow in the same record:
 * lifecycle_follow() for each, and for theirs in turn if their holder changed.
 */
enum err lifecycle_step(const struct referral *r, const struct command *c,
    const struct around *a, struct change *ch) MUST_CHECK;

/**
 * lifecycle_fire(r, term, offer, a, ch):
 * The same for a timer: ${term} (of ${offer}, for TERM_MORE) has passed.
 * ERR_WRONG_STATE means that it does not run any more: forget it.
 */
enum err lifecycle_fire(const struct referral *r, enum term term,
    uint16_t offer, const struct around *a, struct change *ch) MUST_CHECK;

/**
 * lifecycle_follow(child, holder, a, ch):
 * The parent of the live ${child} has the new holder ${holder}, who becomes
 * its B (row 37).  ${ch}->n_steps is 0 if that changes nothing.
 * ERR_WRONG_STATE if ${child} is not live.
 */
enum err lifecycle_follow(const struct referral *child,
    const struct org *holder, const struct around *a,
    struct change *ch) MUST_CHECK;

/**
 * lifecycle_succeed(r, old, successor, a, ch):
 * The policy says that ${successor} takes the place of ${old} in ${r} (row
 * 38): as B, R, custodian and candidate; as holder in OFFERED and ESCALATED,
 * and elsewhere if ${a}->next_holds.  A holder that ended and stays is overdue
 * at once, so that R takes over.  ${successor} may be the empty one: then open
 * offers to ${old} end and R is told, and nothing passes.  ${ch}->n_steps is 0
 * if ${old} has no part in it now (or no more).  ERR_WRONG_STATE if ${r} is
 * closed or in error.
 */
enum err lifecycle_succeed(const struct referral *r, const struct org *old,
    const struct org *successor, const struct around *a,
    struct change *ch) MUST_CHECK;

/**
 * lifecycle_may(r, who, a, events, max):
 * Store in ${events} which commands ${who} may give now, in the order of the
 * table, at most ${max}; return how many.  What a command would still have to
 * name (a partner, an urgency, a code) is taken as right.
 */
size_t lifecycle_may(const struct referral *r, const struct org *who,
    const struct around *a, enum event *events, size_t max);

/**
 * lifecycle_told(before, ch, out, max):
 * Store in ${out} the organisations that ${ch}->tell means, each once, the
 * actor included where it is one of them; without those of the children and
 * the alarm.  Return how many there are; more than ${max} are not stored.
 */
size_t lifecycle_told(const struct referral *before, const struct change *ch,
    struct org *out, size_t max);

/**
 * lifecycle_markdown(out, cap):
 * Write the table as Markdown, with a NUL into ${out} of ${cap} bytes.  Return
 * the length it has without the NUL; what does not fit is left out, so ask
 * with ${cap} 0 first.
 */
size_t lifecycle_markdown(char *out, size_t cap);

#endif /* !LIFECYCLE_H_ */
