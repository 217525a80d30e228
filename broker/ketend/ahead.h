#ifndef AHEAD_H_
#define AHEAD_H_

#include <stdbool.h>
#include <stddef.h>

#include "ketend/turn.h"

/*
 * ahead -- a thread that looks at the next messages while the disk works.
 *
 * Under load the broker would wait for each commit, and after it decode and
 * check what came in meanwhile.  So when a turn has been decided, what is
 * readable is read, and while it is committed and delivered this thread
 * decodes it and checks the signatures that are not a batch's.  It never
 * decides anything, and what it found is used only if the key that it checked
 * with is still the one that counts.
 *
 * From ahead_start() to ahead_stop() the thread owns what decode and the
 * signature leave in those messages, and the arena; the caller keeps its
 * hands off them.
 */
struct ahead;

/**
 * ahead_new():
 * Start the thread and return it, or NULL.  The caller must call ahead_free().
 */
struct ahead *ahead_new(void);

/**
 * ahead_start(h, m, n, a):
 * Begin with the ${n} messages at ${m}, in their order, decoding into ${a}.
 * It is not at work already.  Messages whose `by` is set have their signature
 * checked with that key.
 */
void ahead_start(struct ahead *h, struct message *m, size_t n,
    struct arena *a);

/**
 * ahead_stop(h):
 * Let it finish the message it has in hand, and return when it has; those it
 * did not come to are as they were.  Does nothing if it is not at work.
 */
void ahead_stop(struct ahead *h);

/**
 * ahead_free(h):
 * Stop the thread and free ${h}.  ahead_free(NULL) does nothing.
 */
void ahead_free(struct ahead *h);

#endif /* !AHEAD_H_ */
