/*
 * pool -- work done by all cores and looked at in order.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/pool.h"

enum slot_state { SLOT_FREE, SLOT_READY, SLOT_BUSY, SLOT_DONE };

struct pool {
	const struct pool_job *job;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum slot_state *state;
	uint64_t filled; /* slots filled, taken, so far */
	uint64_t taken;
	bool is_over;
};

struct worker {
	struct pool *pool;
	size_t no;
	pthread_t thread;
};

/* Take the next slot that is ready; false at the end. */
static bool
take(struct pool *p, size_t *slot)
{
	bool got = false;

	pthread_mutex_lock(&p->lock);
	while (!p->is_over && p->taken == p->filled)
		pthread_cond_wait(&p->changed, &p->lock);
	if (p->taken < p->filled) {
		*slot = (size_t)(p->taken++ % p->job->n_slots);
		p->state[*slot] = SLOT_BUSY;
		got = true;
	}
	pthread_mutex_unlock(&p->lock);
	return (got);
}

static void
set_state(struct pool *p, size_t slot, enum slot_state state)
{
	pthread_mutex_lock(&p->lock);
	p->state[slot] = state;
	if (state == SLOT_READY)
		p->filled++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	const struct pool_job *job = w->pool->job;
	size_t slot;

	while (take(w->pool, &slot)) {
		job->work(job->cookie, w->no, job->slots[slot]);
		set_state(w->pool, slot, SLOT_DONE);
	}
	job->stop(job->cookie, w->no);
	return (NULL);
}

/* Wait until the slot that was filled as number ${n} is done. */
static void
wait_done(struct pool *p, uint64_t n)
{
	size_t slot = (size_t)(n % p->job->n_slots);

	pthread_mutex_lock(&p->lock);
	while (p->state[slot] != SLOT_DONE)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

static void
drive(struct pool *p)
{
	const struct pool_job *job = p->job;
	uint64_t filled = 0, drained = 0;
	bool more = true;

	while (more || drained < filled) {
		size_t slot = (size_t)(filled % job->n_slots);

		if (more && filled - drained < job->n_slots) {
			more = job->fill(job->cookie, job->slots[slot]);
			if (more) {
				set_state(p, slot, SLOT_READY);
				filled++;
			}
			continue;
		}
		slot = (size_t)(drained % job->n_slots);
		wait_done(p, drained);
		job->drain(job->cookie, job->slots[slot]);
		set_state(p, slot, SLOT_FREE);
		drained++;
	}
	pthread_mutex_lock(&p->lock);
	p->is_over = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

size_t
pool_cores(size_t asked)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (asked != 0)
		return (asked);
	return (n < 1 ? 1 : n > POOL_WORKERS_MAX ? POOL_WORKERS_MAX
						  : (size_t)n);
}

/* Start the workers; return how many there are. */
static size_t
start(struct pool *p, struct worker *w, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		w[i].pool = p;
		w[i].no = i;
		if (pthread_create(&w[i].thread, NULL, worker_main, &w[i]) !=
		    0)
			break;
	}
	return (i);
}

enum err
pool_run(const struct pool_job *job)
{
	struct pool p = { .job = job };
	struct worker workers[POOL_WORKERS_MAX];
	size_t n;

	p.state = calloc(job->n_slots, sizeof(*p.state));
	if (p.state == NULL)
		return (ERR_NOMEM);
	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.changed, NULL);
	n = start(&p, workers, job->workers);
	if (n > 0)
		drive(&p);
	for (size_t i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_cond_destroy(&p.changed);
	pthread_mutex_destroy(&p.lock);
	free(p.state);
	return (n == 0 ? ERR_NOMEM : ERR_OK);
}
