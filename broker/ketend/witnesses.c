/*
 * witnesses -- the thread that asks witnesses for their signatures: what it
 * shares with the owner of the store.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "ketend/clockwork.h"
#include "ketend/witnesses_in.h"

/**
 * witnesses_new(st, folder, late_ms, patience_ms):
 * Return a collector that does not run yet, or NULL.
 */
struct witnesses *
witnesses_new(struct store *st, const char *folder, int64_t late_ms,
    int64_t patience_ms)
{
	struct witnesses *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return (NULL);
	w->store = st;
	w->folder = folder;
	w->late_ms = late_ms;
	w->patience_ms = patience_ms;
	if (bell_init(&w->bell) != ERR_OK) {
		witnesses_free(w);
		return (NULL);
	}
	return (w);
}

/* --- the thread ---------------------------------------------------------------- */

static void *
witnesses_main(void *arg)
{
	struct witnesses *w = arg;
	int64_t wait_ms = 0;
	enum err err = ERR_OK;

	while (bell_wait(&w->bell, wait_ms)) {
		err = witnesses_ask(w, &wait_ms);
		if (err == ERR_OK)
			continue;
		say(SAY_TROUBLE, NULL, "witnesses: %s", err_text(err));
		wait_ms = 1000;
	}
	return (NULL);
}

/**
 * witnesses_start(w):
 * Start the thread.
 */
enum err
witnesses_start(struct witnesses *w)
{
	if (pthread_create(&w->thread, NULL, witnesses_main, w) != 0)
		return (ERR_NOMEM);
	w->is_running = true;
	return (ERR_OK);
}

/**
 * witnesses_free(w):
 * Stop the thread and free ${w}.
 */
void
witnesses_free(struct witnesses *w)
{
	if (w == NULL)
		return;
	bell_stop(&w->bell);
	if (w->is_running)
		pthread_join(w->thread, NULL);
	bell_fini(&w->bell);
	free(w);
}

/* --- what the owner tells -------------------------------------------------------- */

/**
 * witnesses_set(w, doc):
 * The witnesses are those of the policy ${doc}.
 */
void
witnesses_set(struct witnesses *w, const Keten__V1__Policy *doc)
{
	size_t n = 0;

	bell_lock(&w->bell);
	for (size_t i = 0; i < doc->n_witnesses && n < WITNESSES_MAX; i++) {
		struct witness_who *who = &w->who[n];
		const char *name = doc->witnesses[i]->name;

		if (strlen(name) >= sizeof(who->name) ||
		    note_key_parse(doc->witnesses[i]->vkey, &who->key) !=
			ERR_OK || who->key.type != NOTE_WITNESS) {
			say(SAY_WITNESS, NULL, "%s: no key of a witness",
			    name);
			continue;
		}
		(void)strcpy(who->name, name); /* it fits: see above */
		n++;
	}
	w->n_who = n;
	w->who_quorum = doc->witness_quorum != 0 ? doc->witness_quorum : n;
	w->who_generation++;
	w->state.n = n;
	w->state.quorum = w->who_quorum;
	bell_ring(&w->bell);
	bell_unlock(&w->bell);
}

/* Under the lock: there is a checkpoint that enough have not seen. */
static void
grow(struct witnesses *w, uint64_t size)
{
	if (size <= w->state.newest)
		return;
	w->state.newest = size;
	if (w->behind_mono == 0 && size > w->state.size)
		w->behind_mono = clockwork_mono_ms();
}

/**
 * witnesses_published(w, size):
 * The checkpoint of ${size} records stands in the store.
 */
void
witnesses_published(struct witnesses *w, uint64_t size)
{
	bell_lock(&w->bell);
	grow(w, size);
	bell_ring(&w->bell);
	bell_unlock(&w->bell);
}

/* Under the lock: enough have signed ${size} records. */
static void
reach(struct witnesses *w, uint64_t size, int64_t began_mono)
{
	if (size <= w->state.size)
		return;
	w->state.size = size;
	w->behind_mono = size >= w->state.newest ? 0 : began_mono;
}

/**
 * witnesses_stored(w, list, n):
 * These signatures are on the disk.
 */
void
witnesses_stored(struct witnesses *w, const struct cosigned *list, size_t n)
{
	bell_lock(&w->bell);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < WITNESSES_ROUNDS; k++) {
			struct witness_round *r = &w->round[k];

			if (r->size != list[i].size)
				continue;
			if (++r->n_stored >= w->who_quorum)
				reach(w, r->size, r->began_mono);
		}
	bell_unlock(&w->bell);
}

/* --- what the thread tells ------------------------------------------------------- */

bool
witnesses_give(struct witnesses *w, const struct cosigned *c)
{
	bool fits;

	bell_lock(&w->bell);
	fits = w->n_queue < WITNESSES_QUEUE;
	if (fits) {
		w->queue[w->n_queue++] = *c;
		w->state.signatures++;
	}
	bell_unlock(&w->bell);
	bell_show(&w->bell);
	return (fits);
}

void
witnesses_begin_round(struct witnesses *w, uint64_t size)
{
	struct witness_round *r;

	bell_lock(&w->bell);
	r = &w->round[w->next_round++ % WITNESSES_ROUNDS];
	*r = (struct witness_round){ .size = size,
		.began_mono = clockwork_mono_ms() };
	bell_unlock(&w->bell);
}

void
witnesses_found(struct witnesses *w, uint64_t size, uint64_t newest)
{
	bell_lock(&w->bell);
	w->state.size = size; /* of these witnesses; may be less than before */
	w->behind_mono = 0;
	grow(w, newest);
	if (w->state.size < w->state.newest && w->behind_mono == 0)
		w->behind_mono = clockwork_mono_ms();
	bell_unlock(&w->bell);
}

/* --- what the owner asks ---------------------------------------------------------- */

/**
 * witnesses_fd(w):
 * Return its descriptor.
 */
int
witnesses_fd(const struct witnesses *w)
{
	return (w->bell.fd);
}

/**
 * witnesses_take(w, list, n):
 * Fetch signatures.
 */
size_t
witnesses_take(struct witnesses *w, struct cosigned *list, size_t n)
{
	bool more;

	(void)bell_seen(&w->bell); /* what counts stands under the lock */
	bell_lock(&w->bell);
	if (n > w->n_queue)
		n = w->n_queue;
	memcpy(list, w->queue, n * sizeof(*list));
	memmove(w->queue, w->queue + n, (w->n_queue - n) * sizeof(*list));
	w->n_queue -= n;
	more = w->n_queue > 0;
	bell_unlock(&w->bell);
	if (more)
		bell_show(&w->bell); /* the rest in the next turn */
	return (n);
}

/**
 * witnesses_size(w):
 * Return the size of the newest checkpoint that enough have signed.
 */
uint64_t
witnesses_size(struct witnesses *w)
{
	uint64_t size;

	bell_lock(&w->bell);
	size = w->state.n == 0 ? 0 : w->state.size;
	bell_unlock(&w->bell);
	return (size);
}

/* Under the lock. */
static int64_t
lag(const struct witnesses *w)
{
	return (w->state.n == 0 || w->behind_mono == 0 ? 0 :
	    clockwork_mono_ms() - w->behind_mono);
}

/**
 * witnesses_look(w):
 * Has the lag become an alarm, or has it gone?
 */
void
witnesses_look(struct witnesses *w)
{
	bool was, is;
	uint64_t size;
	int64_t ms;

	bell_lock(&w->bell);
	ms = lag(w);
	was = w->state.is_late;
	is = ms > w->late_ms;
	w->state.is_late = is;
	size = w->state.size;
	bell_unlock(&w->bell);
	if (is && !was)
		say(SAY_WITNESS_LATE, NULL, "%" PRIu64 " records are seen by "
		    "enough witnesses, nothing new for %lld s", size,
		    (long long)(ms / 1000));
	if (was && !is)
		say(SAY_NOTE, NULL, "enough witnesses sign again");
}

/**
 * witnesses_state(w, state):
 * How is it with all of them?
 */
void
witnesses_state(struct witnesses *w, struct witnesses_state *state)
{
	bell_lock(&w->bell);
	*state = w->state;
	state->lag_ms = lag(w);
	state->is_late = state->lag_ms > w->late_ms;
	bell_unlock(&w->bell);
}
