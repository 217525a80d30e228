#ifndef INHAND_H_
#define INHAND_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"

/*
 * inhand -- which command is being decided, for whoever starts after a crash.
 *
 * A command that makes the broker crash would make it crash again after each
 * start, because its sender sends it again.  So before a command is decided
 * its (partner, lane, number) goes into a small mapped file, and comes out
 * when it is committed.  A mapped page survives the death of the process (not
 * that of the machine, which is not the command's doing).  What is still in it
 * at the next start counts as one abnormal end; with two it is poison, and is
 * refused as INTERNAL instead of being decided.
 */
struct inhand;

/**
 * inhand_open(path, in):
 * Open or make the file.  What was in hand when the last process ended
 * without inhand_close() counts one more.  ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err inhand_open(const char *path, struct inhand **in);

/**
 * inhand_is_poison(in, partner, lane, number):
 * Tell whether two processes ended while this command was in hand.
 */
bool inhand_is_poison(const struct inhand *in, const struct org *partner,
    const uint8_t lane[8], uint64_t number);

/**
 * inhand_take(in, partner, lane, number):
 * This command is in hand now, and the one before is no more.
 */
void inhand_take(struct inhand *in, const struct org *partner,
    const uint8_t lane[8], uint64_t number);

/**
 * inhand_clear(in):
 * Nothing is in hand.
 */
void inhand_clear(struct inhand *in);

/**
 * inhand_forget(in, partner, lane, number):
 * This command has its outcome: it is suspected no longer.
 */
void inhand_forget(struct inhand *in, const struct org *partner,
    const uint8_t lane[8], uint64_t number);

/**
 * inhand_close(in):
 * Close the file; nothing is in hand.  inhand_close(NULL) does nothing.
 */
void inhand_close(struct inhand *in);

#endif /* !INHAND_H_ */
