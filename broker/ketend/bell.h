#ifndef BELL_H_
#define BELL_H_

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * bell -- between the loop and a thread beside it: each can wake the other.
 *
 * The loop rings, and the thread wakes; the thread has something ready, and a
 * descriptor that the loop polls becomes readable.  What both of them look at
 * stands under the lock of the bell, which is free to be used for that.
 */
struct bell {
	pthread_mutex_t lock; /* of what follows, but for fd */
	pthread_cond_t rung;
	bool is_rung;
	bool is_waiting; /* for a ring, and not for time to pass */
	bool stop;
	int fd;
};

/**
 * bell_init(b):
 * Make ${b}; the caller must call bell_fini(), also on failure.  ERR_IO.
 */
MUST_CHECK enum err bell_init(struct bell *b);

/**
 * bell_fini(b):
 * Let go of it.  Nobody waits any more.
 */
void bell_fini(struct bell *b);

/**
 * bell_lock(b), bell_unlock(b):
 * What the two share is the caller's own in between.
 */
void bell_lock(struct bell *b);
void bell_unlock(struct bell *b);

/**
 * bell_ring(b):
 * Wake the thread, or let it find that somebody rang when it waits next.
 * Under the lock.
 */
void bell_ring(struct bell *b);

/**
 * bell_stop(b):
 * It is the end: every wait ends, and returns false.  Without the lock.
 */
void bell_stop(struct bell *b);

/**
 * bell_wait(b, ms):
 * Wait until somebody rings, or ${ms} (-1: for ever); false at the end.  In
 * the thread, without the lock.
 */
bool bell_wait(struct bell *b, int64_t ms);

/**
 * bell_rest(b, ms):
 * Let ${ms} pass, whoever rings, unless it is the end.  In the thread, without
 * the lock.
 */
void bell_rest(struct bell *b, int64_t ms);

/**
 * bell_show(b), bell_seen(b):
 * Make the descriptor readable; make it unreadable, and tell whether it was
 * readable.
 */
void bell_show(struct bell *b);
bool bell_seen(struct bell *b);

#endif /* !BELL_H_ */
