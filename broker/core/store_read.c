/*
 * store_read -- transactions that read.
 */
#include <stdlib.h>
#include <time.h>

#include "base/instant.h"
#include "core/store_in.h"

/* A read that lasts longer than this keeps old pages from being used again. */
#define STALE_MS 1000

/* Let ${r} see what there is. */
static MUST_CHECK enum err
begin_read(struct store *st, struct txn *r)
{
	int rc;

	if (st->memory != NULL) {
		if (st->failed || st->in_turn)
			return (ERR_STORE);
		st->n_reads++;
		r->reads = true;
		return (ERR_OK);
	}
	rc = mdb_txn_begin(st->env, NULL, MDB_RDONLY, &r->mdb);
	return (rc == 0 ? ERR_OK : rc == MDB_READERS_FULL ? ERR_FULL
							  : ERR_STORE);
}

enum err
store_read(struct store *st, struct txn **t)
{
	struct txn *r = calloc(1, sizeof(*r));
	enum err err = ERR_NOMEM;

	if (r == NULL)
		return (ERR_NOMEM);
	r->st = st;
	r->began_mono_ms = instant_ms(CLOCK_MONOTONIC);
	r->scratch = arena_new(STORE_SCRATCH);
	if (r->scratch == NULL)
		goto fail;
	err = begin_read(st, r);
	if (err != ERR_OK)
		goto fail;
	err = store_load_size(r);
	if (err == ERR_OK)
		err = store_load_counters(r);
	if (err != ERR_OK)
		goto fail;
	*t = r;
	return (ERR_OK);
fail:
	store_done(&r);
	return (err);
}

void
store_done(struct txn **t)
{
	struct txn *r = *t;

	if (r == NULL)
		return;
	*t = NULL;
	store_close_cursors(r);
	if (r->reads)
		r->st->n_reads--;
	if (r->mdb != NULL)
		mdb_txn_abort(r->mdb);
	arena_free(r->scratch);
	arena_free(r->kept);
	vault_reader_free(r->reader);
	free(r);
}

bool
store_is_stale(const struct txn *t)
{
	return (!t->write &&
	    instant_ms(CLOCK_MONOTONIC) - t->began_mono_ms >= STALE_MS);
}

enum err
store_renew(struct txn *t)
{
	enum err err;

	store_close_cursors(t);
	t->recent.holds = false;
	if (t->mdb != NULL) {
		mdb_txn_reset(t->mdb);
		if (mdb_txn_renew(t->mdb) != 0)
			return (ERR_STORE);
	}
	t->began_mono_ms = instant_ms(CLOCK_MONOTONIC);
	err = store_load_size(t);
	return (err != ERR_OK ? err : store_load_counters(t));
}
