#ifndef VALIDATE_H_
#define VALIDATE_H_

#include "base/err.h"
#include "ketend/turn.h"

struct broker;

/*
 * validate -- may this be decided at all?
 *
 * The cheapest check comes first and Ed25519 last: connection and device,
 * HELLO, shape (decode did that), origin, lane and number, room on the disk,
 * rate, key, signature.  Nothing is consumed by what fails here, and nothing
 * changes but the session that a HELLO opens.
 *
 * Numbers are looked up in the turn's transaction, with those of earlier
 * messages of the same turn beside them; signatures are checked by the crew,
 * all at once.  Decide looks at number and key again, so a message may lean on
 * one before it that then turns out to be badly signed.
 */

/**
 * validate_turn(b, n):
 * Look at the first ${n} messages of the turn: those that may not be decided
 * get their err and rule.  ERR_STORE and what else reading the store gives.
 */
MUST_CHECK enum err validate_turn(struct broker *b, size_t n);

/**
 * validate_number(b, m, is_repeat, index):
 * Look up the number of the statement ${m} in the turn's transaction.  ERR_OK:
 * it is the next one, or (${is_repeat}) it was used for the same bytes, in
 * record ${index}.  ERR_GAP or ERR_NUMBER_REUSED.  ${m}->expected is the number
 * that is free.  Anything else: the store could not be read.
 */
MUST_CHECK enum err validate_number(struct broker *b, struct message *m,
    bool *is_repeat, uint64_t *index);

#endif /* !VALIDATE_H_ */
