/*
 * counter -- the thread that reads the log for reports.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/survey.h"
#include "ketend/counter.h"

/* Two months of 64,000 cells, unpacked; untouched memory costs nothing. */
#define ARENA ((size_t)48 << 20)

/* Who wants something asks a few times a second: this one has gone. */
#define FORGOTTEN_MS 5000

/* More regisseurs than this do not wait at one moment. */
#define PLACES 64

enum phase { IDLE, WANTED, AT_WORK, READY };

struct job {
	uint32_t month; /* 0: the live list */
	struct openlist_ask open;
	struct openlist_away *away; /* its own copy */
};

struct place {
	struct org who;
	int64_t asked_ms;
};

struct counter {
	struct store *store;
	struct arena *a; /* the thread's while it works, then the owner's */
	pthread_t thread;
	bool has_thread;
	int64_t asked_ms; /* somebody last came for it */
	bool is_spent;	  /* and will not come again */
	size_t n_line;	  /* who waits for the thread, in order */
	struct place line[PLACES];

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wanted;
	enum phase phase;
	bool stop;
	struct counter_progress progress;
	struct job job;
	enum err err;
	Keten__V1__ReportFacts *report;
	char *text;
	size_t len;
};

struct counter *
counter_new(struct store *st)
{
	struct counter *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return (NULL);
	c->store = st;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wanted, NULL);
	return (c);
}

/* --- the thread -------------------------------------------------------------- */

static bool
note_progress(void *cookie, uint64_t done, uint64_t of)
{
	struct counter *c = cookie;
	bool go;

	pthread_mutex_lock(&c->lock);
	c->progress = (struct counter_progress){ done, of };
	go = !c->stop;
	pthread_mutex_unlock(&c->lock);
	return (go);
}

/* ${c}->job does not change while it is worked on. */
static enum err
work(struct counter *c, Keten__V1__ReportFacts **report, char **text,
    size_t *len)
{
	const struct survey_progress progress = { note_progress, c };
	struct txn *txn = NULL;
	enum err err = store_read(c->store, &txn);

	if (err != ERR_OK)
		return (err);
	arena_reset(c->a);
	if (c->job.month != 0)
		err = survey_month(txn, c->job.month, &progress, c->a,
		    report);
	else
		err = openlist_write(txn, &c->job.open, &progress, text, len);
	store_done(&txn);
	return (err);
}

static bool
wait_for_work(struct counter *c)
{
	bool go;

	pthread_mutex_lock(&c->lock);
	while (!c->stop && c->phase != WANTED)
		pthread_cond_wait(&c->wanted, &c->lock);
	if ((go = !c->stop))
		c->phase = AT_WORK;
	pthread_mutex_unlock(&c->lock);
	return (go);
}

static void *
counter_main(void *arg)
{
	struct counter *c = arg;

	while (wait_for_work(c)) {
		Keten__V1__ReportFacts *report = NULL;
		char *text = NULL;
		size_t len = 0;
		enum err err = work(c, &report, &text, &len);

		pthread_mutex_lock(&c->lock);
		c->err = err;
		c->report = report;
		c->text = text;
		c->len = len;
		c->phase = READY;
		pthread_mutex_unlock(&c->lock);
	}
	return (NULL);
}

/* --- the owner ------------------------------------------------------------------ */

static bool
is_job(const struct counter *c, const struct job *j)
{
	return (c->job.month == j->month && (j->month != 0 ||
	    (c->job.open.format == j->open.format &&
	    org_eq(&c->job.open.who, &j->open.who))));
}

/* Forget what is ready. */
static void
drop(struct counter *c)
{
	free(c->text);
	free(c->job.away);
	c->text = NULL;
	c->report = NULL;
	c->job = (struct job){ .month = 0 };
	c->is_spent = false;
	c->phase = IDLE;
}

static enum err
make_thread(struct counter *c)
{
	if (c->a == NULL && (c->a = arena_new(ARENA)) == NULL)
		return (ERR_NOMEM);
	if (!c->has_thread && pthread_create(&c->thread, NULL, counter_main,
	    c) != 0)
		return (ERR_NOMEM);
	c->has_thread = true;
	return (ERR_OK);
}

static enum err
want(struct counter *c, const struct job *j)
{
	size_t n = j->open.n_away;
	enum err err = make_thread(c);

	if (err != ERR_OK)
		return (err);
	c->job = *j;
	c->job.away = NULL;
	if (j->open.away != NULL) {
		c->job.away = calloc(n + 1, sizeof(*c->job.away));
		if (c->job.away == NULL)
			return (ERR_NOMEM);
		memcpy(c->job.away, j->open.away, n * sizeof(*c->job.away));
		c->job.open.away = c->job.away;
	}
	c->progress = (struct counter_progress){ 0 };
	c->phase = WANTED;
	pthread_cond_signal(&c->wanted);
	return (ERR_BUSY);
}

/* --- the line ------------------------------------------------------------------- */

static void
leave_line(struct counter *c, size_t at)
{
	memmove(&c->line[at], &c->line[at + 1],
	    (--c->n_line - at) * sizeof(c->line[0]));
}

static void
forget_gone(struct counter *c, int64_t mono_ms)
{
	for (size_t i = c->n_line; i-- > 0;)
		if (mono_ms - c->line[i].asked_ms > FORGOTTEN_MS)
			leave_line(c, i);
}

/* Stand in line, or say that one still does.  ERR_BUSY: the line is full. */
static enum err
stand_in_line(struct counter *c, const struct counter_asker *by)
{
	forget_gone(c, by->mono_ms);
	for (size_t i = 0; i < c->n_line; i++)
		if (org_eq(&c->line[i].who, &by->who)) {
			c->line[i].asked_ms = by->mono_ms;
			return (ERR_OK);
		}
	if (c->n_line == PLACES)
		return (ERR_BUSY);
	if (by->pays != NULL && !by->pays(by->cookie))
		return (ERR_TOO_FAST);
	c->line[c->n_line++] = (struct place){ by->who, by->mono_ms };
	return (ERR_OK);
}

/* The thread is free: for the first in line. */
static enum err
begin_first(struct counter *c, const struct job *j,
    const struct counter_asker *by)
{
	if (!org_eq(&c->line[0].who, &by->who))
		return (ERR_BUSY);
	leave_line(c, 0);
	return (want(c, j));
}

/* --- asking ---------------------------------------------------------------------- */

/* Is it there?  ERR_OK: yes, under the lock. */
static enum err
ask(struct counter *c, const struct job *j, const struct counter_asker *by,
    struct counter_progress *progress)
{
	enum err err = ERR_BUSY;

	*progress = (struct counter_progress){ 0 };
	if (c->phase == READY && !is_job(c, j) && (c->is_spent ||
	    by->mono_ms - c->asked_ms > FORGOTTEN_MS))
		drop(c);
	if (c->phase == IDLE || !is_job(c, j)) {
		if ((err = stand_in_line(c, by)) != ERR_OK)
			return (err);
		err = c->phase == IDLE ? begin_first(c, j, by) : ERR_BUSY;
	} else if (c->phase == READY)
		err = c->err;
	if (c->phase != IDLE && is_job(c, j)) {
		c->asked_ms = by->mono_ms;
		*progress = c->progress;
	}
	return (err);
}

/* Is ${err} what became of the thread's work on ${j}, and so told now? */
static bool
is_told(const struct counter *c, const struct job *j, enum err err)
{
	return (c->phase == READY && is_job(c, j) && err == c->err &&
	    err != ERR_OK);
}

enum err
counter_month(struct counter *c, uint32_t month,
    const struct counter_asker *asker, const Keten__V1__ReportFacts **report,
    struct counter_progress *progress)
{
	const struct job j = { .month = month };
	enum err err;

	pthread_mutex_lock(&c->lock);
	err = ask(c, &j, asker, progress);
	if (err == ERR_OK)
		*report = c->report;
	else if (is_told(c, &j, err))
		drop(c);
	pthread_mutex_unlock(&c->lock);
	return (err);
}

void
counter_spent(struct counter *c)
{
	pthread_mutex_lock(&c->lock);
	c->is_spent = c->phase == READY;
	pthread_mutex_unlock(&c->lock);
}

enum err
counter_open(struct counter *c, const struct openlist_ask *open,
    const struct counter_asker *asker, char **text, size_t *len,
    struct counter_progress *progress)
{
	const struct job j = { .open = *open };
	enum err err;

	pthread_mutex_lock(&c->lock);
	err = ask(c, &j, asker, progress);
	if (err == ERR_OK) {
		*text = c->text;
		*len = c->len;
		c->text = NULL;
	}
	if (err == ERR_OK || is_told(c, &j, err))
		drop(c);
	pthread_mutex_unlock(&c->lock);
	return (err);
}

void
counter_free(struct counter *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wanted);
	pthread_mutex_unlock(&c->lock);
	if (c->has_thread)
		(void)pthread_join(c->thread, NULL); /* it was told to stop */
	free(c->text);
	free(c->job.away);
	arena_free(c->a);
	pthread_cond_destroy(&c->wanted);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
