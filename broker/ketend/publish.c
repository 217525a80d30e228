/*
 * publish -- the thread that signs checkpoints.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/say.h"
#include "ketend/clockwork.h"
#include "ketend/publish.h"
#include "trust/digest.h"

struct publish {
	struct store *store;
	const struct signer *signer;
	const struct signer *second; /* NULL: there is one key */
	const char *guard_path;
	int64_t interval_ms;
	struct checkpointer *cp;
	int fd;
	bool is_running; /* the owner's own: the guard permits it */
	bool has_thread; /* his too */
	pthread_t thread;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t kicked;
	bool is_kicked;
	bool is_waiting; /* for a kick, and not for time to pass */
	bool stop;
	bool failed;
	bool has_fresh;
	struct checkpoint fresh;
};

/**
 * publish_new(st, signer, second, guard_path, interval_ms):
 * Return a publisher that does not run yet, or NULL.
 */
struct publish *
publish_new(struct store *st, const struct signer *signer,
    const struct signer *second, const char *guard_path, int64_t interval_ms)
{
	struct publish *p;
	pthread_condattr_t attr;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->store = st;
	p->signer = signer;
	p->second = second;
	p->guard_path = guard_path;
	p->interval_ms = interval_ms;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->kicked, &attr);
	pthread_condattr_destroy(&attr);
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->fd == -1) {
		publish_free(p);
		return (NULL);
	}
	return (p);
}

/* Wait for work; false at the end. */
static bool
wait_for_kick(struct publish *p)
{
	bool go;

	pthread_mutex_lock(&p->lock);
	p->is_waiting = true;
	while (!p->stop && !p->is_kicked)
		pthread_cond_wait(&p->kicked, &p->lock);
	p->is_waiting = false;
	p->is_kicked = false;
	go = !p->stop;
	pthread_mutex_unlock(&p->lock);
	return (go);
}

/* Let the interval pass, unless it is the end. */
static void
rest(struct publish *p, int64_t ms)
{
	struct timespec ts;
	int rc = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* there always is one */
	ts.tv_sec += (time_t)(ms / 1000);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&p->lock);
	while (!p->stop && rc == 0)
		rc = pthread_cond_timedwait(&p->kicked, &p->lock, &ts);
	pthread_mutex_unlock(&p->lock);
}

static void
hand_over(struct publish *p, const struct checkpoint *c)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&p->lock);
	p->fresh = *c;
	p->has_fresh = true;
	pthread_mutex_unlock(&p->lock);
	/* A counter that is full has been readable for long. */
	if (write(p->fd, &one, sizeof(one)) == -1)
		return;
}

static void
give_up(struct publish *p, enum err err)
{
	say(SAY_GUARD, NULL, "no more checkpoints are signed: %s",
	    err_text(err));
	pthread_mutex_lock(&p->lock);
	p->failed = true;
	pthread_mutex_unlock(&p->lock);
}

static void *
publish_main(void *arg)
{
	struct publish *p = arg;
	struct checkpoint *c = malloc(sizeof(*c));
	enum err err = c == NULL ? ERR_NOMEM : ERR_OK;

	while (err == ERR_OK && wait_for_kick(p)) {
		err = checkpoint_make(p->cp, c);
		if (err == ERR_OK)
			hand_over(p, c);
		if (err == ERR_NOT_FOUND) /* nothing new */
			err = ERR_OK;
		if (err == ERR_OK)
			rest(p, p->interval_ms);
	}
	if (err != ERR_OK)
		give_up(p, err);
	free(c);
	return (NULL);
}

static enum err
judge(struct publish *p, enum guard_verdict *verdict)
{
	struct txn *txn = NULL;
	enum err err;

	if ((err = store_read(p->store, &txn)) != ERR_OK)
		return (err);
	err = guard_judge(txn, p->guard_path, verdict);
	store_done(&txn);
	return (err);
}

/*
 * A new log: guard the empty tree before the first record, so that a broker
 * that ends before its first checkpoint is not taken for one that lost its
 * guard.
 */
static enum err
guard_empty(struct publish *p)
{
	struct guard g = { .size = 0 };
	size_t len = strlen(store_origin(p->store));

	if (len >= sizeof(g.origin))
		return (ERR_FULL);
	memcpy(g.origin, store_origin(p->store), len);
	digest_of("", 0, g.root);
	return (guard_write(p->guard_path, &g));
}

/**
 * publish_start(p, verdict):
 * Look at the guard, and get ready to sign if it permits that.
 */
enum err
publish_start(struct publish *p, enum guard_verdict *verdict)
{
	enum err err;

	if (p->is_running)
		return (ERR_OK);
	if ((err = judge(p, verdict)) != ERR_OK)
		return (err);
	if (*verdict != GUARD_FITS && *verdict != GUARD_NEW)
		return (ERR_CORRUPT);
	if (*verdict == GUARD_NEW && (err = guard_empty(p)) != ERR_OK)
		return (err);
	if (p->cp == NULL) {
		err = checkpoint_new(p->store, p->signer, p->second,
		    p->guard_path, &p->cp);
		if (err != ERR_OK)
			return (err);
	}
	p->is_running = true;
	return (ERR_OK);
}

/**
 * publish_go(p):
 * Sign, if the guard permits it.
 */
enum err
publish_go(struct publish *p)
{
	if (!p->is_running || p->has_thread)
		return (ERR_OK);
	if (pthread_create(&p->thread, NULL, publish_main, p) != 0)
		return (ERR_NOMEM);
	p->has_thread = true;
	publish_kick(p);
	return (ERR_OK);
}

/**
 * publish_is_running(p), publish_fd(p):
 * Tell whether checkpoints are signed; return its descriptor.
 */
bool
publish_is_running(const struct publish *p)
{
	return (p->is_running && !p->failed);
}

int
publish_fd(const struct publish *p)
{
	return (p->fd);
}

/**
 * publish_kick(p):
 * Something was committed.
 */
void
publish_kick(struct publish *p)
{
	pthread_mutex_lock(&p->lock);
	p->is_kicked = true;
	/* While it rests nobody is woken: it looks by itself after that. */
	if (p->is_waiting)
		pthread_cond_signal(&p->kicked);
	pthread_mutex_unlock(&p->lock);
}

/**
 * publish_take(p, c):
 * Fetch the newest signed checkpoint that was not fetched before.
 */
bool
publish_take(struct publish *p, struct checkpoint *c)
{
	uint64_t n;
	bool fresh;

	/* Only empties the counter; what counts stands under the lock. */
	if (read(p->fd, &n, sizeof(n)) == -1)
		n = 0;
	pthread_mutex_lock(&p->lock);
	fresh = p->has_fresh;
	if (fresh)
		*c = p->fresh;
	p->has_fresh = false;
	pthread_mutex_unlock(&p->lock);
	return (fresh);
}

/**
 * publish_free(p):
 * Stop the thread and free ${p}.
 */
void
publish_free(struct publish *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->kicked);
	pthread_mutex_unlock(&p->lock);
	if (p->has_thread)
		pthread_join(p->thread, NULL);
	checkpoint_free(p->cp);
	if (p->fd != -1)
		(void)close(p->fd); /* nothing was written to keep */
	pthread_cond_destroy(&p->kicked);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
