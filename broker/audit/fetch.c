/*
 * fetch -- records read for a replay: by other threads, ahead of it.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/fetch.h"
#include "audit/peek.h"
#include "audit/pool.h"
#include "core/decide.h"
#include "trust/digest.h"
#include "wire/statement.h"

/* Records that a worker takes at a time, so many that waking somebody for them
 * costs nothing; and room for them unpacked. */
#define BATCH 256
#define BATCH_ARENA ((size_t)16 << 20)

/* The largest record, unpacked. */
#define RECORD_ARENA ((size_t)32 << 20)

struct batch {
	uint64_t from;
	size_t n;
	size_t done; /* the others do not fit: fetched when they are taken */
	struct arena *a;
	enum err err;
	struct fetched one[BATCH];
};

struct fetcher {
	const struct fetch_job *job;
	uint64_t next;
	enum err err;
	struct arena *a;  /* for what is fetched when it is taken */
	struct txn *own;  /* ditto */
	struct txn *txn[POOL_WORKERS_MAX];
};

/* --- one record -------------------------------------------------------------- */

/* Is it decided again from what was signed? */
static bool
has_said(const struct record *rec)
{
	return (rec->envelope.len > 0 && (rec->leaf.kind == LEAF_COMMAND ||
	    rec->leaf.kind == LEAF_REFUSED || rec->leaf.kind == LEAF_REWRAP ||
	    rec->leaf.kind == LEAF_ERASE));
}

static void
read_said(struct arena *a, struct fetched *f)
{
	const struct record *rec = &f->rec;

	f->has_said = true;
	f->said_rule = "";
	f->said_err = envelope_parse(a, rec->envelope, &f->env,
	    &f->said_rule);
	if (f->said_err == ERR_OK)
		f->said_err = statement_parse(a, f->env.kind, f->env.body,
		    &f->st, &f->said_rule);
	if (f->said_err == ERR_OK)
		digest_of(f->env.body.p, f->env.body.len, f->body_hash);
}

/*
 * What stands in clear points into the store, and a later reading transaction
 * of the same thread may let go of that.  What is encrypted was decrypted into
 * the arena.
 */
static MUST_CHECK enum err
keep(struct arena *a, struct record *rec)
{
	struct slice *all[] = { &rec->leaf_bytes, &rec->envelope, &rec->facts,
		&rec->route };
	size_t n = rec->pair == RECORD_NO_PAIR ? 4 : 1;

	for (size_t i = 0; i < n; i++)
		if (arena_copy(a, *all[i], all[i]) != 0)
			return (ERR_NOMEM);
	return (ERR_OK);
}

enum err
fetch_facts(struct fetched *f, struct arena *a)
{
	enum err err = ERR_OK;

	if (f->facts == NULL)
		err = record_facts(&f->rec, a, &f->facts, &f->route);
	f->facts_err = err;
	return (err == ERR_NOMEM ? err : ERR_OK);
}

/* The route facts say who was asked, and with which blinds. */
static MUST_CHECK enum err
read_route(struct fetched *f, struct arena *a)
{
	f->facts_err = record_route(&f->rec, a, &f->route);
	return (f->facts_err == ERR_NOMEM ? ERR_NOMEM : ERR_OK);
}

/* Read no more of the facts than deciding again begins with. */
static MUST_CHECK enum err
read_facts(struct fetched *f, struct arena *a)
{
	struct peek p;

	if (!f->has_said || !peek_at(f->rec.facts, f->rec.route, &p) ||
	    p.engine != DECIDE_ENGINE || p.has_absences ||
	    (p.has_offers && p.changes > 1)) {
		enum err err = fetch_facts(f, a);

		if (f->facts != NULL)
			f->engine = f->facts->engine;
		return (err);
	}
	f->engine = p.engine;
	return (p.has_offers ? read_route(f, a) : ERR_OK);
}

enum err
fetch_record(struct txn *log, const struct erased *gone, uint64_t index,
    struct arena *a, struct fetched *f)
{
	enum err err;

	memset(f, 0, sizeof(*f));
	f->index = index;
	f->is_erased = erased_has(gone, index);
	if (f->is_erased)
		return (ERR_OK);
	f->err = record_read(log, index, a, &f->rec);
	if (f->err == ERR_STORE || f->err == ERR_NOMEM || f->err == ERR_IO ||
	    f->err == ERR_CRYPTO)
		return (f->err);
	if (f->err != ERR_OK)
		return (ERR_OK);
	if (keep(a, &f->rec) != ERR_OK)
		return (ERR_NOMEM);
	f->is_whole = record_check(&f->rec) == ERR_OK;
	if (!f->is_whole)
		return (ERR_OK);
	if (has_said(&f->rec))
		read_said(a, f);
	err = read_facts(f, a);
	return (f->said_err == ERR_NOMEM ? ERR_NOMEM : err);
}

/* --- many ---------------------------------------------------------------------- */

/* A transaction that sees the log and does not hold up its broker. */
static MUST_CHECK enum err
ready(struct store *log, struct txn **txn)
{
	if (*txn == NULL)
		return (store_read(log, txn));
	return (store_is_stale(*txn) ? store_renew(*txn) : ERR_OK);
}

static bool
fill(void *cookie, void *slot)
{
	struct fetcher *x = cookie;
	struct batch *b = slot;
	uint64_t left = x->job->until - x->next;

	if (x->err != ERR_OK || left == 0)
		return (false);
	b->from = x->next;
	b->n = left < BATCH ? (size_t)left : BATCH;
	x->next += b->n;
	return (true);
}

static void
work(void *cookie, size_t worker, void *slot)
{
	struct fetcher *x = cookie;
	struct batch *b = slot;

	b->done = 0;
	b->err = ready(x->job->log, &x->txn[worker]);
	while (b->err == ERR_OK && b->done < b->n) {
		b->err = fetch_record(x->txn[worker], x->job->gone,
		    b->from + b->done, b->a, &b->one[b->done]);
		if (b->err == ERR_OK)
			b->done++;
	}
	if (b->err == ERR_NOMEM)
		b->err = ERR_OK;
}

/* Its transaction belongs to the thread that began it. */
static void
stop(void *cookie, size_t worker)
{
	struct fetcher *x = cookie;

	store_done(&x->txn[worker]);
}

/* The batch was too large: take the rest one by one. */
static MUST_CHECK enum err
take_alone(struct fetcher *x, uint64_t index)
{
	struct fetched f;
	enum err err = ready(x->job->log, &x->own);

	arena_reset(x->a);
	if (err == ERR_OK)
		err = fetch_record(x->own, x->job->gone, index, x->a, &f);
	return (err == ERR_OK ? x->job->take(x->job->cookie, &f) : err);
}

static void
drain(void *cookie, void *slot)
{
	struct fetcher *x = cookie;
	struct batch *b = slot;

	if (x->err == ERR_OK)
		x->err = b->err;
	for (size_t i = 0; i < b->n && x->err == ERR_OK; i++)
		x->err = i < b->done ? x->job->take(x->job->cookie, &b->one[i])
				     : take_alone(x, b->from + i);
	arena_reset(b->a);
}

static MUST_CHECK enum err
run(struct fetcher *x, struct pool_job *job)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < job->n_slots && err == ERR_OK; i++) {
		struct batch *b = calloc(1, sizeof(*b));

		job->slots[i] = b;
		if (b == NULL || (b->a = arena_new(BATCH_ARENA)) == NULL)
			err = ERR_NOMEM;
		else
			arena_wipe_late(b->a);
	}
	if (err == ERR_OK)
		err = pool_run(job);
	for (size_t i = 0; i < job->n_slots; i++) {
		struct batch *b = job->slots[i];

		if (b != NULL)
			arena_free(b->a);
		free(b);
	}
	return (err == ERR_OK ? x->err : err);
}

enum err
fetch_all(const struct fetch_job *job)
{
	void *slots[2 * POOL_WORKERS_MAX + 2] = { 0 };
	struct fetcher x = { .job = job, .next = job->from };
	struct pool_job pool = { .workers = job->threads,
		.n_slots = 2 * job->threads + 2, .slots = slots, .cookie = &x,
		.fill = fill, .work = work, .stop = stop, .drain = drain };
	enum err err = ERR_NOMEM;

	x.a = arena_new(RECORD_ARENA);
	if (x.a != NULL)
		err = run(&x, &pool);
	store_done(&x.own);
	arena_free(x.a);
	return (err);
}
