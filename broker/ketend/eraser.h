#ifndef ERASER_H_
#define ERASER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/decide.h"
#include "ketend/order.h"

struct broker;

/*
 * eraser -- the policy's rules of retention, run by the clock.
 *
 * Once an hour, and when the operator asks, a turn erases the content of what
 * is due, a few referrals at a time; when a month has begun, also whole records
 * by the rules of level 2.  What has to go at once (entered in error, an
 * outcome that erases) goes in the turn in which that is decided.
 *
 * After the commit the keys are overwritten and rows deleted (core/erase.h),
 * before anybody is answered.  Nothing here can erase what the policy does not
 * let go, or something live.
 */

/* Erased in one turn: each waits for the disk. */
#define ERASER_TURN 16

struct eraser {
	int64_t next_ms;  /* look for what is due then */
	bool more;	  /* there was more than fits a turn */
	uint64_t month;	  /* in which level 2 was looked at last */
	bool has_rows;	  /* rows of an erasure are still there */
	uint64_t content; /* referrals, since the broker started */
	uint64_t records; /* whole records, likewise */
};

/**
 * eraser_start(b):
 * Finish what was broken off, before anything reads the store.
 */
MUST_CHECK enum err eraser_start(struct broker *b);

/**
 * eraser_more(b, id, first):
 * The record ${first}, written just now, erases content of ${id}: if it had no
 * room for all of it, write the records that name the rest.
 */
MUST_CHECK enum err eraser_more(struct broker *b, const struct refid *id,
    const Keten__V1__EraseFacts *first);

/**
 * eraser_follow(b, d):
 * The decision ${d} was written just now; if the content is to go at once, write
 * the record of that too.  If the turn has no room, it goes within the hour.
 */
MUST_CHECK enum err eraser_follow(struct broker *b, const struct decision *d);

/**
 * eraser_turn(b):
 * Write the records of what is due, if it is time to look.
 */
MUST_CHECK enum err eraser_turn(struct broker *b);

/**
 * eraser_done(b):
 * The turn is committed: carry its erasures out.  An error ends the process;
 * the next start does it.
 */
MUST_CHECK enum err eraser_done(struct broker *b);

/**
 * eraser_waits(b):
 * Tell whether the next turn should come at once.
 */
bool eraser_waits(const struct broker *b);

/**
 * order_erase(b, o), order_erase_list(b, o), order_erase_status(b, o):
 * Requests of the operator: run the rules now; show what is due and what is
 * held; show who has not confirmed.
 */
enum err order_erase(struct broker *b, struct order *o);
enum err order_erase_list(struct broker *b, struct order *o);
enum err order_erase_status(struct broker *b, struct order *o);

#endif /* !ERASER_H_ */
