/*
 * crew -- threads that help with one thing at a time: fork and join.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "ketend/crew.h"

/* Jobs taken at once: a signature is 50 us, so this is often enough. */
#define BITE 4

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t work;  /* a new round, or the end */
	pthread_cond_t done;  /* the last helper is back */
	uint64_t round;
	bool stop;
	size_t out;	      /* helpers still in this round */
	size_t n_helpers;
	size_t n;
	void (*job)(void *cookie, size_t i);
	void *cookie;
	atomic_size_t next;
	pthread_t helper[];
};

static void
work_off(struct crew *c)
{
	size_t from, to;

	while ((from = atomic_fetch_add(&c->next, BITE)) < c->n) {
		to = c->n - from < BITE ? c->n : from + BITE;
		for (size_t i = from; i < to; i++)
			c->job(c->cookie, i);
	}
}

/* Wait for a round later than ${seen}; false at the end. */
static bool
next_round(struct crew *c, uint64_t *seen)
{
	bool go;

	pthread_mutex_lock(&c->lock);
	while (!c->stop && c->round == *seen)
		pthread_cond_wait(&c->work, &c->lock);
	*seen = c->round;
	go = !c->stop;
	pthread_mutex_unlock(&c->lock);
	return (go);
}

static void *
helper_main(void *arg)
{
	struct crew *c = arg;
	uint64_t seen = 0;

	while (next_round(c, &seen)) {
		work_off(c);
		pthread_mutex_lock(&c->lock);
		if (--c->out == 0)
			pthread_cond_signal(&c->done);
		pthread_mutex_unlock(&c->lock);
	}
	return (NULL);
}

/**
 * crew_start(helpers):
 * Start ${helpers} threads besides the caller's and return the crew.
 */
struct crew *
crew_start(size_t helpers)
{
	struct crew *c;

	c = calloc(1, sizeof(*c) + helpers * sizeof(c->helper[0]));
	if (c == NULL)
		return (NULL);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->done, NULL);
	for (size_t i = 0; i < helpers; i++) {
		if (pthread_create(&c->helper[i], NULL, helper_main, c) != 0) {
			crew_stop(c);
			return (NULL);
		}
		c->n_helpers++;
	}
	return (c);
}

/**
 * crew_run(c, n, job, cookie):
 * Call ${job}(${cookie}, i) once for each i below ${n}.
 */
void
crew_run(struct crew *c, size_t n, void (*job)(void *cookie, size_t i),
    void *cookie)
{
	c->n = n;
	c->job = job;
	c->cookie = cookie;
	atomic_store(&c->next, 0);
	if (c->n_helpers == 0 || n <= BITE) { /* not worth waking anybody */
		work_off(c);
		return;
	}

	pthread_mutex_lock(&c->lock);
	c->out = c->n_helpers;
	c->round++;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);

	work_off(c);

	pthread_mutex_lock(&c->lock);
	while (c->out != 0)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

/**
 * crew_stop(c):
 * End the threads and free ${c}.
 */
void
crew_stop(struct crew *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->n_helpers; i++)
		pthread_join(c->helper[i], NULL);
	pthread_cond_destroy(&c->done);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
