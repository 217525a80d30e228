#ifndef SLOTS_H_
#define SLOTS_H_

#include <stdint.h>

#include "base/err.h"

/*
 * slots -- one key per referral, so that overwriting a key erases every copy
 * of what was ever sealed with it.
 *
 * A database page that was written once stands in the file until it is used
 * again, and a backup of the folder has it for good.  So what is in a referral
 * is sealed with a key of its own: the spool key together with 32 random bytes
 * in the file "slots".  They are made ahead, in blocks that are on the disk
 * before the first of them is used; erasing one is writing zeros over it.
 *
 * Slot 0 does not exist: that number stands for "only the spool key".  Several
 * processes use one file; whoever makes or wipes holds the spool's write lock.
 */
struct slots;

#define SLOTS_KEY 32

/**
 * slots_open(path, slots):
 * Open the file ${path}, or make it.  The caller owns ${slots} and must call
 * slots_close().  ERR_IO, ERR_CORRUPT if it is no such file, ERR_NOMEM.
 */
MUST_CHECK enum err slots_open(const char *path, struct slots **slots);

/**
 * slots_close(s):
 * Close ${s} and wipe what it remembers.  slots_close(NULL) does nothing.
 */
void slots_close(struct slots *s);

/**
 * slots_make(s, slot):
 * See to it that slot ${slot} is there, on the disk.  ERR_IO, ERR_CRYPTO.
 */
MUST_CHECK enum err slots_make(struct slots *s, uint32_t slot);

/**
 * slots_key(s, slot, spool_key, key):
 * Make the key for what is sealed under ${slot} and ${spool_key} (32 bytes);
 * slot 0 gives ${spool_key} itself.  ERR_CONTENT_GONE if the slot was wiped,
 * ERR_CORRUPT if there is no such slot, ERR_IO.
 */
MUST_CHECK enum err slots_key(struct slots *s, uint32_t slot,
    const uint8_t spool_key[SLOTS_KEY], uint8_t key[SLOTS_KEY]);

/**
 * slots_wipe(s, slot):
 * Overwrite the slot and wait for the disk: from then on nobody opens what was
 * sealed under it.  Doing it twice is fine.  ERR_IO.
 */
MUST_CHECK enum err slots_wipe(struct slots *s, uint32_t slot);

#endif /* !SLOTS_H_ */
