#ifndef PUBLISH_H_
#define PUBLISH_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/checkpoint.h"
#include "core/guard.h"
#include "core/store.h"
#include "trust/sign.h"

/*
 * publish -- the thread that signs checkpoints.
 *
 * Reading again, hashing again and waiting for the guard's disk take longer
 * than a turn should; so a thread of its own does it (core/checkpoint.h), at
 * most every so many ms, and hands the signed note back.  The owner of the
 * store then writes it down in its next turn.  While the guard does not permit
 * signing, there is no thread: everything else goes on, and the operator is
 * told.
 */
struct publish;

/**
 * publish_new(st, signer, second, guard_path, interval_ms):
 * Return a publisher that does not run yet, or NULL.  The first four must
 * outlive it; ${second} is NULL, or the other key of the log while one takes
 * the place of the other.  The caller must call publish_free().
 */
struct publish *publish_new(struct store *st, const struct signer *signer,
    const struct signer *second, const char *guard_path,
    int64_t interval_ms);

/**
 * publish_start(p, verdict):
 * Look at the guard, store what it says in ${verdict}, and get ready to sign if
 * it permits that.  ERR_CORRUPT if it does not.  Does nothing if it permitted
 * that before.  Not while a turn is open in this thread.
 */
MUST_CHECK enum err publish_start(struct publish *p,
    enum guard_verdict *verdict);

/**
 * publish_go(p):
 * Sign from now on, if the guard permits it: when it is certain that the keys
 * are those that the policy in force names.  ERR_NOMEM.
 */
MUST_CHECK enum err publish_go(struct publish *p);

/**
 * publish_is_running(p), publish_fd(p):
 * Tell whether checkpoints may be signed, and nothing went wrong; return the descriptor that becomes
 * readable when one is ready.
 */
bool publish_is_running(const struct publish *p);
int publish_fd(const struct publish *p);

/**
 * publish_kick(p):
 * Something was committed.
 */
void publish_kick(struct publish *p);

/**
 * publish_take(p, c):
 * Fetch the newest signed checkpoint that was not fetched before into ${c};
 * false if there is none.
 */
bool publish_take(struct publish *p, struct checkpoint *c);

/**
 * publish_free(p):
 * Stop the thread and free ${p}.  publish_free(NULL) does nothing.
 */
void publish_free(struct publish *p);

#endif /* !PUBLISH_H_ */
