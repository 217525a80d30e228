#ifndef CREW_H_
#define CREW_H_

#include <stddef.h>

/*
 * crew -- threads that help with one thing at a time: fork and join.
 *
 * The turn hands out n independent jobs, does its share itself, and goes on
 * when all are done.  Nothing runs beside the turn, so nothing else in the
 * broker needs a lock.
 */
struct crew;

/**
 * crew_start(helpers):
 * Start ${helpers} threads besides the caller's (0 is fine) and return the
 * crew, or NULL.  The caller must call crew_stop().
 */
struct crew *crew_start(size_t helpers);

/**
 * crew_run(c, n, job, cookie):
 * Call ${job}(${cookie}, i) once for each i below ${n}, in any order and on
 * any of the threads, and return when all calls have returned.
 */
void crew_run(struct crew *c, size_t n, void (*job)(void *cookie, size_t i),
    void *cookie);

/**
 * crew_stop(c):
 * End the threads and free ${c}.  crew_stop(NULL) does nothing.
 */
void crew_stop(struct crew *c);

#endif /* !CREW_H_ */
