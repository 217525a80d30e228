/*
 * bell -- between the loop and a thread beside it: each can wake the other.
 */
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "ketend/bell.h"

enum err
bell_init(struct bell *b)
{
	pthread_condattr_t attr;

	*b = (struct bell){ .fd = -1 };
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->rung, &attr);
	pthread_condattr_destroy(&attr);
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return (b->fd == -1 ? ERR_IO : ERR_OK);
}

void
bell_fini(struct bell *b)
{
	if (b->fd != -1)
		(void)close(b->fd); /* nothing was written to keep */
	pthread_cond_destroy(&b->rung);
	pthread_mutex_destroy(&b->lock);
}

void
bell_lock(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
}

void
bell_unlock(struct bell *b)
{
	pthread_mutex_unlock(&b->lock);
}

void
bell_ring(struct bell *b)
{
	b->is_rung = true;
	/* While it rests nobody is woken: it looks by itself after that. */
	if (b->is_waiting)
		pthread_cond_signal(&b->rung);
}

void
bell_stop(struct bell *b)
{
	bell_lock(b);
	b->stop = true;
	pthread_cond_broadcast(&b->rung);
	bell_unlock(b);
}

/* The instant that is ${ms} from now. */
static struct timespec
after(int64_t ms)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* there always is one */
	ts.tv_sec += (time_t)(ms / 1000);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return (ts);
}

bool
bell_wait(struct bell *b, int64_t ms)
{
	const struct timespec until = after(ms < 0 ? 0 : ms);
	int rc = 0;
	bool go;

	bell_lock(b);
	b->is_waiting = true;
	while (!b->stop && !b->is_rung && rc == 0)
		rc = ms < 0 ? pthread_cond_wait(&b->rung, &b->lock)
			    : pthread_cond_timedwait(&b->rung, &b->lock,
			    &until);
	b->is_waiting = false;
	b->is_rung = false;
	go = !b->stop;
	bell_unlock(b);
	return (go);
}

void
bell_rest(struct bell *b, int64_t ms)
{
	const struct timespec until = after(ms);
	int rc = 0;

	bell_lock(b);
	while (!b->stop && rc == 0)
		rc = pthread_cond_timedwait(&b->rung, &b->lock, &until);
	bell_unlock(b);
}

void
bell_show(struct bell *b)
{
	const uint64_t one = 1;

	/* A counter that is full has been readable for long. */
	if (write(b->fd, &one, sizeof(one)) == -1)
		return;
}

bool
bell_seen(struct bell *b)
{
	uint64_t n;

	return (read(b->fd, &n, sizeof(n)) == (ssize_t)sizeof(n));
}
