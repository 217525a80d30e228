#ifndef POOL_H_
#define POOL_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * pool -- work done by all cores and looked at in order.
 *
 * The calling thread fills slots; the workers do the work, each on another
 * slot; the calling thread then drains the slots in the order in which it
 * filled them.  So what needs the order of the log (chains) stays simple, and
 * what does not (signatures) is spread.
 */
#define POOL_WORKERS_MAX 64

struct pool_job {
	size_t workers; /* 1 to POOL_WORKERS_MAX */
	size_t n_slots; /* more than workers, so that nobody waits */
	void **slots;
	void *cookie;
	bool (*fill)(void *cookie, void *slot); /* false: nothing is left */
	void (*work)(void *cookie, size_t worker, void *slot);
	void (*stop)(void *cookie, size_t worker); /* in the worker's thread */
	void (*drain)(void *cookie, void *slot);
};

/**
 * pool_cores(asked):
 * Return how many workers there should be if ${asked} were asked for; 0: as
 * many as there are cores.
 */
size_t pool_cores(size_t asked);

/**
 * pool_run(job):
 * Do all of ${job}.  ERR_NOMEM if threads or memory are not there; then
 * nothing was done.
 */
MUST_CHECK enum err pool_run(const struct pool_job *job);

#endif /* !POOL_H_ */
