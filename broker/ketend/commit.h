#ifndef COMMIT_H_
#define COMMIT_H_

#include "base/err.h"

struct broker;

/*
 * commit -- the turn goes to the disk, and only then into memory.
 *
 * One transaction for everything that was decided.  If it fails nobody knows
 * whether it happened: the process ends and says nothing.  When it has
 * succeeded, what is kept in memory besides follows: keys, the gate, the
 * checkpoint thread.
 */

/**
 * commit_turn(b):
 * Commit the turn's transaction, or drop it if nothing was written.  On any
 * error the caller ends the process.
 */
MUST_CHECK enum err commit_turn(struct broker *b);

/**
 * commit_keys(b):
 * Take the certificates of the log into the keyring, and let in at the gate
 * whose device counts now and whose partner takes part.
 */
MUST_CHECK enum err commit_keys(struct broker *b);

#endif /* !COMMIT_H_ */
