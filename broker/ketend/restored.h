#ifndef RESTORED_H_
#define RESTORED_H_

#include "base/err.h"

struct broker;

/*
 * restored -- a store that was put back from a backup forgets again what was
 * erased after the backup was made.
 *
 * The journal beside the guard (core/journal.h) says what that was.  If its
 * newest erasure is not in the log, each of them that is about a record of this
 * log is done again before anybody can connect: by the rule that had taken it
 * if that lets it go now, which tells the partners too; else as a record of its
 * own kind, on nobody's word but the journal's.  Then the policy's rules run,
 * which takes what went by age alone.
 *
 * Certificates and their ends of after the backup stand beside the guard too;
 * they are taken again, as if somebody brought them, before all else: a key
 * that was revoked does not count again.
 */

/**
 * restored_start(b):
 * Do that, in turns of its own.  After the first turn, before the sockets.
 */
MUST_CHECK enum err restored_start(struct broker *b);

#endif /* !RESTORED_H_ */
