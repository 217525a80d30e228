#ifndef PACK_H_
#define PACK_H_

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "wire/arena.h"

/*
 * pack -- the bytes of a message, in one walk.
 *
 * protobuf-c walks a message once to learn how long it becomes and once to
 * write it, and asks the length of each message in it again on every level.
 * Here it is written at once where it will stay: a length takes one byte until
 * it is known to need more, and then what was written moves up.  What comes out
 * is what protobuf-c writes, to the byte (t_pack compares).
 */

/**
 * pack_message(a, head, msg, out):
 * Write ${msg} behind a copy of ${head}, which is mostly nothing, and point
 * ${out} at the whole, one allocation of ${a}.  Return false, with ${a} and
 * ${out} as they were, if that does not work: the arena is full, or nearly, or
 * ${msg} holds what plans do not know (plan.h).
 */
bool pack_message(struct arena *a, struct slice head, const ProtobufCMessage *msg,
    struct slice *out);

#endif /* !PACK_H_ */
