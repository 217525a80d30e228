#ifndef JUDGE_H_
#define JUDGE_H_

#include <stddef.h>

#include "base/err.h"

struct broker;

/*
 * judge -- decide the messages of a turn, in the order in which they came.
 *
 * core/decide says what follows; here it is given what it may look at, and
 * what it says becomes a record in the turn's transaction, so that the next
 * message is decided on what this one left.  Number and key are looked at
 * again: a message may have leaned on one that was badly signed.
 */

/**
 * judge_turn(b, n):
 * Decide the first ${n} messages of the turn, or as many as there is room for.
 * ERR_OK, or what spoilt the turn: a message that may be to blame is marked
 * (is_internal), and judge_turn() refuses it when the turn is undone and
 * decided again.  ERR_STORE, and whatever comes up twice: end the process.
 */
MUST_CHECK enum err judge_turn(struct broker *b, size_t n);

#endif /* !JUDGE_H_ */
