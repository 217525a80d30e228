#ifndef TIMERS_H_
#define TIMERS_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct broker;

/*
 * timers -- what time does by itself: terms that pass, ticks, and the gap of a
 * stop.
 *
 * Due terms are decided at the beginning of a turn, before the socket's
 * messages, so that a term that has passed cannot be overtaken by a command
 * that came after it.  When the clock cannot be right (more than a day ahead of
 * the newest leaf while running, or behind it at start) terms stand still and
 * an alarm goes off, until the operator accepts the clock.
 */

/* Terms decided in one turn. */
#define TIMERS_MAX 256

/**
 * timers_start(b):
 * The broker starts: in the turn's transaction, write RESTART for the gap
 * since the newest leaf, and the tick of the start.  The first record of a log
 * is a POLICY, written before this.
 */
MUST_CHECK enum err timers_start(struct broker *b);

/**
 * timers_check_clock(b):
 * Compare the clock with the newest leaf; on doubt set b->clock_is_off and
 * raise the alarm.
 */
void timers_check_clock(struct broker *b);

/**
 * timers_next(b, at_ms):
 * Store when the next term or tick is due, or a partner ends; INT64_MAX if none
 * is.  Reads what is committed.
 */
MUST_CHECK enum err timers_next(struct broker *b, int64_t *at_ms);

/**
 * timers_turn(b):
 * Decide what is due, at most TIMERS_MAX terms, and a tick if it was quiet for
 * long.
 */
MUST_CHECK enum err timers_turn(struct broker *b);

/**
 * timers_accept(b):
 * The operator says that the clock is right: write that down, move the open
 * deadlines by the time that nobody could act in, and go on.
 */
MUST_CHECK enum err timers_accept(struct broker *b);

#endif /* !TIMERS_H_ */
