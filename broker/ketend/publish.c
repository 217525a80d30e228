/*
 * publish -- the thread that signs checkpoints.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "ketend/bell.h"
#include "ketend/publish.h"
#include "trust/digest.h"

struct publish {
	struct store *store;
	const struct signer *signer;
	const struct signer *second; /* NULL: there is one key */
	const char *guard_path;
	int64_t interval_ms;
	struct checkpointer *cp;
	bool is_running; /* the owner's own: the guard permits it */
	bool has_thread; /* his too */
	pthread_t thread;

	struct bell bell; /* and under its lock what follows */
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

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->store = st;
	p->signer = signer;
	p->second = second;
	p->guard_path = guard_path;
	p->interval_ms = interval_ms;
	if (bell_init(&p->bell) != ERR_OK) {
		publish_free(p);
		return (NULL);
	}
	return (p);
}

static void
hand_over(struct publish *p, const struct checkpoint *c)
{
	bell_lock(&p->bell);
	p->fresh = *c;
	p->has_fresh = true;
	bell_unlock(&p->bell);
	bell_show(&p->bell);
}

static void
give_up(struct publish *p, enum err err)
{
	say(SAY_GUARD, NULL, "no more checkpoints are signed: %s",
	    err_text(err));
	bell_lock(&p->bell);
	p->failed = true;
	bell_unlock(&p->bell);
}

static void *
publish_main(void *arg)
{
	struct publish *p = arg;
	struct checkpoint *c = malloc(sizeof(*c));
	enum err err = c == NULL ? ERR_NOMEM : ERR_OK;

	while (err == ERR_OK && bell_wait(&p->bell, -1)) {
		err = checkpoint_make(p->cp, c);
		if (err == ERR_OK)
			hand_over(p, c);
		if (err == ERR_NOT_FOUND) /* nothing new */
			err = ERR_OK;
		if (err == ERR_OK)
			bell_rest(&p->bell, p->interval_ms);
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
	return (p->bell.fd);
}

/**
 * publish_kick(p):
 * Something was committed.
 */
void
publish_kick(struct publish *p)
{
	bell_lock(&p->bell);
	bell_ring(&p->bell);
	bell_unlock(&p->bell);
}

/**
 * publish_take(p, c):
 * Fetch the newest signed checkpoint that was not fetched before.
 */
bool
publish_take(struct publish *p, struct checkpoint *c)
{
	bool fresh;

	(void)bell_seen(&p->bell); /* what counts stands under the lock */
	bell_lock(&p->bell);
	fresh = p->has_fresh;
	if (fresh)
		*c = p->fresh;
	p->has_fresh = false;
	bell_unlock(&p->bell);
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
	bell_stop(&p->bell);
	if (p->has_thread)
		pthread_join(p->thread, NULL);
	checkpoint_free(p->cp);
	bell_fini(&p->bell);
	free(p);
}
