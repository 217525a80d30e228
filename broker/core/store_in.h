#ifndef STORE_IN_H_
#define STORE_IN_H_

#include <lmdb.h>

#include "core/store.h"
#include "core/store_memory.h"
#include "core/vault.h"

/*
 * store_in -- the inside of the store, shared by store.c (opening, turns),
 * store_read.c, store_rows.c, store_tree.c and store_unpacked.c, and by nothing
 * else.
 */

/* What one module needs for a moment: the largest TICK, twice. */
#define STORE_SCRATCH ((size_t)8 << 20)

/* Tables by index, which are mostly read from the first row to the last. */
#define STORE_ONWARD (TABLE_RECORD + 1)

struct txn {
	struct store *st;
	MDB_txn *mdb; /* NULL in a scratch store */
	bool write;
	bool reads;  /* and is counted among those who do */
	bool spoilt; /* a write failed: only abort is left */
	int64_t began_mono_ms;
	uint64_t size;
	struct store_counters counters;
	struct store_counters had; /* at the beginning */
	struct tlog_frontier tree; /* turns only */
	struct arena *scratch;
	struct vault_reader *reader; /* made when first needed */
	struct arena *kept;	     /* ditto */
	struct store_recent recent;
	MDB_cursor *cursor[TABLE__MAX];
	MDB_cursor *onward[STORE_ONWARD]; /* reads only: of the first tables */
	uint64_t was_at[STORE_ONWARD];	  /* the index it stands at */
};

struct store {
	char *path;
	char *origin;
	struct store_memory *memory; /* of a scratch store, in place of ... */
	unsigned int n_reads;	     /* of it, at this moment */
	MDB_env *env;
	MDB_dbi dbi[TABLE__MAX];
	struct vault *vault;
	int lock_fd;
	bool read_only;
	bool failed;
	bool failing;	  /* the test hook has struck */
	uint64_t fail_in; /* operations till it does; 0: never */
	uint64_t low_space;
	struct tlog_frontier tree; /* of what is committed */
	bool in_turn;
	struct txn turn;
};

/**
 * store_strikes(st):
 * Count one operation for the test hook; tell whether it must fail.
 */
bool store_strikes(struct store *st);

/**
 * store_memory_err(t, err):
 * Return ${err}, an answer of store_memory.h; what is worse than "not found"
 * spoils a turn.
 */
enum err store_memory_err(struct txn *t, enum err err);

/**
 * store_close_cursors(t):
 * Close the cursors of ${t}, which must be done before a read ends.
 */
void store_close_cursors(struct txn *t);

/**
 * store_load_size(t), store_load_counters(t):
 * Read the number of records, the counters of the view, from the tables.
 */
MUST_CHECK enum err store_load_size(struct txn *t);
MUST_CHECK enum err store_load_counters(struct txn *t);

/**
 * store_save_counters(t):
 * Write the counters, if the turn changed anything.
 */
MUST_CHECK enum err store_save_counters(struct txn *t);

#endif /* !STORE_IN_H_ */
