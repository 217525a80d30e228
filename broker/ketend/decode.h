#ifndef DECODE_H_
#define DECODE_H_

#include <stdbool.h>
#include <stddef.h>

#include "ketend/turn.h"

struct broker;

/*
 * decode -- from bytes to structures.
 *
 * Each message of the turn is read by the one set of rules of schemas/wire
 * (pre-scan first, unpack after) into the turn's arena: header frame, and of a
 * command its envelope, statement and content.  It looks at shape only and
 * knows nobody.  What does not decode has its error and rule in the message.
 */

/**
 * decode_one(a, m):
 * Decode ${m} into ${a} and return true; or, if the largest message there can
 * be would not fit into what is left of ${a}, do nothing and return false.
 * Any thread.
 */
bool decode_one(struct arena *a, struct message *m);

/**
 * decode_turn(b):
 * Decode the messages of the turn that are not yet, as far as the arena goes,
 * and return how many are now; the others wait for the next turn.
 */
size_t decode_turn(struct broker *b);

#endif /* !DECODE_H_ */
