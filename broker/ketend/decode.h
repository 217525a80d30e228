#ifndef DECODE_H_
#define DECODE_H_

#include <stddef.h>

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
 * decode_turn(b):
 * Decode the messages of the turn as far as the arena goes and return how many
 * that were; the others wait for the next turn.
 */
size_t decode_turn(struct broker *b);

#endif /* !DECODE_H_ */
