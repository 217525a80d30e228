/*
 * ahead -- a thread that looks at the next messages while the disk works.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ketend/ahead.h"
#include "ketend/decode.h"

struct ahead {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work;  /* there is some, or it is the end */
	pthread_cond_t rest;  /* it is done */
	bool is_working;
	bool is_ending;
	struct message *m;
	size_t n;
	struct arena *arena;
	atomic_bool stop; /* no further than the message in hand */
};

/* Decode ${m} and look at its signature; false: there is no room for it. */
static bool
look_at(struct arena *a, struct message *m)
{
	if (!decode_one(a, m))
		return (false);
	m->is_ahead = true;
	if (m->err != ERR_OK || (m->st == NULL && m->ack == NULL) ||
	    m->envelope.is_batch)
		m->by = NULL;
	if (m->by != NULL)
		m->signed_err = envelope_check(&m->envelope, m->by->sign_key);
	return (true);
}

static void
work_off(struct ahead *h)
{
	for (size_t i = 0; i < h->n && !atomic_load(&h->stop); i++)
		if (!look_at(h->arena, &h->m[i]))
			break;
}

static void *
ahead_main(void *arg)
{
	struct ahead *h = arg;

	pthread_mutex_lock(&h->lock);
	while (!h->is_ending) {
		if (!h->is_working) {
			pthread_cond_wait(&h->work, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		work_off(h);
		pthread_mutex_lock(&h->lock);
		h->is_working = false;
		pthread_cond_signal(&h->rest);
	}
	pthread_mutex_unlock(&h->lock);
	return (NULL);
}

/**
 * ahead_new():
 * Start the thread.
 */
struct ahead *
ahead_new(void)
{
	struct ahead *h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (NULL);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->work, NULL);
	pthread_cond_init(&h->rest, NULL);
	if (pthread_create(&h->thread, NULL, ahead_main, h) != 0) {
		free(h);
		return (NULL);
	}
	return (h);
}

/**
 * ahead_start(h, m, n, a):
 * Begin with ${n} messages.
 */
void
ahead_start(struct ahead *h, struct message *m, size_t n, struct arena *a)
{
	pthread_mutex_lock(&h->lock);
	h->m = m;
	h->n = n;
	h->arena = a;
	h->is_working = true;
	atomic_store(&h->stop, false);
	pthread_cond_signal(&h->work);
	pthread_mutex_unlock(&h->lock);
}

/**
 * ahead_stop(h):
 * Let it finish what it has in hand.
 */
void
ahead_stop(struct ahead *h)
{
	atomic_store(&h->stop, true);
	pthread_mutex_lock(&h->lock);
	while (h->is_working)
		pthread_cond_wait(&h->rest, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

/**
 * ahead_free(h):
 * Stop the thread.
 */
void
ahead_free(struct ahead *h)
{
	if (h == NULL)
		return;
	ahead_stop(h);
	pthread_mutex_lock(&h->lock);
	h->is_ending = true;
	pthread_cond_signal(&h->work);
	pthread_mutex_unlock(&h->lock);
	(void)pthread_join(h->thread, NULL); /* it is ours */
	pthread_cond_destroy(&h->work);
	pthread_cond_destroy(&h->rest);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
