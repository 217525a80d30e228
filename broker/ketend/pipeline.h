#ifndef PIPELINE_H_
#define PIPELINE_H_

#include <stdbool.h>

#include "base/err.h"

struct broker;

/*
 * pipeline -- one turn of the broker: six stages, in order, each called from
 * one place.
 *
 *	wire -> decode -> validate -> decide -> commit -> deliver
 *	bytes   struct    known good   pure      one txn   bytes
 *
 * No stage calls back into an earlier one.  A turn never waits to fill a
 * batch: what arrived while the disk was waited for is the next batch.
 */

/**
 * pipeline_turn(b):
 * Do one turn: what is due, then a request of the operator or what came from
 * partners.  Return ERR_OK; anything else means that the process must end
 * without another word (a start afterwards finds out what happened).
 */
MUST_CHECK enum err pipeline_turn(struct broker *b);

/**
 * pipeline_start(b):
 * The turn with which a broker begins: the policy's record if it is a new one,
 * and those of timers_start().
 */
MUST_CHECK enum err pipeline_start(struct broker *b);

/**
 * pipeline_stop(b):
 * The turn with which it ends: say BYE to everybody, and the tick of the stop.
 */
MUST_CHECK enum err pipeline_stop(struct broker *b);

/**
 * pipeline_checkpoint(b):
 * A turn that only writes down the checkpoint that was signed meanwhile.
 */
MUST_CHECK enum err pipeline_checkpoint(struct broker *b);

/**
 * pipeline_wait_ms(b, wait_ms):
 * Store how long nothing has to be done unless something arrives.
 */
MUST_CHECK enum err pipeline_wait_ms(struct broker *b, long *wait_ms);

#endif /* !PIPELINE_H_ */
