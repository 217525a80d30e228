#ifndef STORE_H_
#define STORE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "trust/tlog.h"
#include "wire/arena.h"

/*
 * store -- one LMDB environment: the log, the records, and the view of them.
 *
 * Its files are the only ones that call mdb_*, and store_commit() is the only
 * door to the disk.  What it promises:
 *
 *   - After store_commit() gave ERR_OK everything of the turn is on the disk.
 *   - Any other result means "outcome unknown": answer nobody and exit.  A
 *     commit after a failed one would report success (LMDB does), so a store
 *     that failed once refuses everything from then on.
 *   - One process writes (a lock on the directory), any number read, live or
 *     on a copy.  A reader holds up the re-use of space for as long as its
 *     transaction lives: store_is_stale() says when to let go.
 *
 * What it cannot do: LMDB has no checksums on its pages.  Whoever relies on
 * what was read checks it against the tree (record.h, checkpoint.h).  Never
 * replace data.mdb under an open reader.
 *
 * A transaction (struct txn) is either a turn, which writes, or a read.  It
 * belongs to the thread that began it, and a thread has at most one at a time.
 * What is read through a turn includes what the turn itself has written.
 * Slices that point into the store are valid until the next write in the same
 * transaction, or its end.
 *
 * The files: data.mdb, lock.mdb (LMDB's), vault.keys (vault.h), broker.lock,
 * ballast (free it when the disk is full).
 */
struct store;
struct txn;
struct vault;
struct vault_reader;
struct view_recent;

/*
 * Keys are composite and big-endian; texts in them end with a NUL.  Values are
 * at most STORE_CHUNK bytes; what is longer stands in several rows (see
 * store_put_long()).  A key above STORE_KEY_MAX is ERR_CORRUPT.  All but the
 * first six are a view: they are made by view.h from the records, and
 * view_rebuild() makes them again to the byte.
 */
enum table {
	TABLE_LOG,	  /* index -> leaf */
	TABLE_HASH,	  /* index -> the hashes this leaf completes */
	TABLE_RECORD,	  /* index -> envelope, salt, facts; chunks */
	TABLE_CONTENT,	  /* index, part, wrap -> sealed bytes, wraps; chunks */
	TABLE_CHECKPOINT, /* size -> published note */
	TABLE_ERASING,	  /* index of an ERASE not yet carried out -> how far */
	TABLE_REFERRAL,	  /* referral -> where it stands; chunks */
	TABLE_TRAIL,	  /* referral, index -> parts that came with it */
	TABLE_CHILD,	  /* parent, child -> nothing */
	TABLE_PARTY,	  /* partner, referral -> nothing; until it is final */
	TABLE_OUTBOX,	  /* partner, mailbox, seq -> delivery */
	TABLE_SEEN,	  /* partner, lane, number -> index, hash */
	TABLE_DUE,	  /* time, referral -> its earliest term */
	TABLE_ENDED,	  /* level, code, time, referral -> nothing; till erased */
	TABLE_HOLD,	  /* referral, partner -> until when it has to stay */
	TABLE_AWAIT,	  /* index of an ERASE, partner, mailbox -> referral */
	TABLE_REFUTED,	  /* index, part, key id, maker -> wraps that do not open */
	TABLE_WRAPPED,	  /* index, part, key id -> REWRAP of the newest wrap */
	TABLE_MAILBOX,	  /* partner, mailbox -> what was acknowledged */
	TABLE_CATALOGUE,  /* service, partner -> index, entry */
	TABLE_SHORTAGE,	  /* service, partner, area -> index, until, reason */
	TABLE_MISSING,	  /* index -> time, partner, code, area */
	TABLE_KEY,	  /* index -> certificate */
	TABLE_META,	  /* a few names */
	TABLE__MAX
};

#define TABLE__VIEW TABLE_REFERRAL /* this one and all after it */

#define STORE_CHUNK 4000
#define STORE_KEY_MAX 128

struct store_config {
	const char *path;     /* the directory; made if it is not there */
	const char *origin;   /* name of the log; NULL with read_only: any */
	uint64_t map_size;    /* 0: 256 GiB.  Only address space until used */
	uint64_t ballast;     /* bytes; 0: none */
	uint64_t low_space;   /* see store_is_nearly_full(); 0: 2 GiB */
	bool read_only;	      /* for auditors; beside a broker or on a copy */
	bool scratch;	      /* see below */
};

/*
 * A scratch store is for what somebody makes to look at and throws away: its
 * rows are in memory (store_memory.h), or in a file without a name where that
 * is short.  It answers as any other, with three exceptions: a turn that is not
 * committed cannot be forgotten, and ends the use of the store; a read and a
 * turn cannot be open at the same time (ERR_STORE); store_copy() is ERR_STORE.
 */

/**
 * store_open(config, st):
 * Open the store (and make it, unless read-only) into ${st}, which the caller
 * owns.  ERR_FULL if another broker has it; ERR_BAD_ORIGIN if it belongs to
 * another log; ERR_NOT_FOUND if it is not there (read-only); ERR_CORRUPT if it
 * is not one of ours; ERR_STORE, ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err store_open(const struct store_config *config,
    struct store **st);

/**
 * store_close(st):
 * Close ${st}; no transaction may be open.  store_close(NULL) does nothing.
 */
void store_close(struct store *st);

/**
 * store_origin(st), store_path(st):
 * Return the name of the log, the directory.  Valid as long as ${st}.
 */
const char *store_origin(const struct store *st);
const char *store_path(const struct store *st);

/**
 * store_is_nearly_full(st):
 * Tell whether commands should get BUSY: 80 % of the map is used, or 80 % of
 * the volume is and less than config.low_space is left.  (A large volume may
 * be over 80 % and yet hold years.)  Cheap enough to ask every second.
 */
bool store_is_nearly_full(const struct store *st);

/**
 * store_free_ballast(st):
 * Remove the ballast file, so that ACKs, timers and erasures can go on.
 */
MUST_CHECK enum err store_free_ballast(struct store *st);

/**
 * store_check_readers(st):
 * Drop the entries of readers that died.  Every 10 s.
 */
void store_check_readers(struct store *st);

/**
 * store_has_readers(st):
 * Tell whether any transaction reads at this moment (compact refuses then).
 */
bool store_has_readers(struct store *st);

/**
 * store_copy(st, fd):
 * Write what is committed now to ${fd} as a data.mdb of its own, without the
 * free pages, while turns go on.  They cannot use pages again until it is done.
 * ERR_STORE: also when ${fd} could not be written.
 */
MUST_CHECK enum err store_copy(struct store *st, int fd);

/**
 * store_bytes(st):
 * Return how many bytes of data.mdb are in use: no copy is larger.
 */
uint64_t store_bytes(const struct store *st);

/**
 * store_fail_at(st, n):
 * For tests: let the ${n}-th row read, row written or commit from now (1 is
 * the next one) and all after it fail with ERR_STORE; 0 ends that.
 */
void store_fail_at(struct store *st, uint64_t n);

/* --- transactions ------------------------------------------------------- */

/**
 * store_begin(st, t):
 * Begin a turn: the one transaction that writes.  ${t} is valid until
 * store_commit() or store_abort(), one of which must be called.  There is one
 * turn at a time.
 */
MUST_CHECK enum err store_begin(struct store *st, struct txn **t);

/**
 * store_commit(t):
 * Make the turn ${*t} durable and set ${*t} to NULL, whatever happens.  This
 * waits for the disk, once for everything in it.  On failure it is unknown
 * whether the turn happened: the caller must end the process.
 */
MUST_CHECK enum err store_commit(struct txn **t);

/**
 * store_abort(t):
 * Forget the turn ${*t}: nothing of it happened.  Sets ${*t} to NULL; does
 * nothing if it is NULL.
 */
void store_abort(struct txn **t);

/**
 * store_read(st, t), store_done(t):
 * Begin to read what is committed now (ERR_FULL: too many readers); end it and
 * set ${*t} to NULL.  Does not wait for a turn and is not waited for.
 */
MUST_CHECK enum err store_read(struct store *st, struct txn **t);
void store_done(struct txn **t);

/**
 * store_is_stale(t):
 * Tell whether ${t} has been reading for a second or more and should be ended.
 */
bool store_is_stale(const struct txn *t);

/**
 * store_renew(t):
 * Let ${t} read what is committed now, as if ended and begun again.
 */
MUST_CHECK enum err store_renew(struct txn *t);

/**
 * store_size(t):
 * Return the number of records, which is the index of the next one.
 */
uint64_t store_size(const struct txn *t);

/**
 * store_of(t), store_scratch(t):
 * Return the store of ${t}; an arena for the module that runs, which takes a
 * mark with arena_used() and rewinds to it before it returns.
 */
struct store *store_of(struct txn *t);
struct arena *store_scratch(struct txn *t);

/**
 * store_reader(t):
 * Return what ${t} decrypts rows with, or NULL if out of memory.  Valid as long
 * as ${t}.
 */
struct vault_reader *store_reader(struct txn *t);

/* The referral that was read last. */
struct store_recent {
	struct view_recent *at; /* room for it in store_kept(); NULL: none */
	bool holds;		/* it is there, as it is now */
};

/**
 * store_kept(t), store_recent(t):
 * For view.h only, to remember the referral that was read last: an arena, or
 * NULL if out of memory, and where to note what is in it, which does not hold
 * any more when a row of TABLE_REFERRAL may have changed.  Valid as long as
 * ${t}.
 */
struct arena *store_kept(struct txn *t);
struct store_recent *store_recent(struct txn *t);

/**
 * store_is_turn(t):
 * Tell whether ${t} may write.
 */
bool store_is_turn(const struct txn *t);

/**
 * store_vault(st):
 * Return the vault of ${st}, open as long as it is.
 */
struct vault *store_vault(struct store *st);

/*
 * Numbers of the view that change with nearly every record: kept in memory
 * during a turn, and written by store_commit() in one row, together with how
 * many rows each table of the view has, so that a lost table is noticed.
 */
struct store_counters {
	uint64_t applied;   /* records the view is made of */
	uint32_t next_pair; /* of the vault: the first never used */
};

/**
 * store_counters(t):
 * Return the counters as ${t} sees them; a turn may change them.
 */
struct store_counters *store_counters(struct txn *t);

/**
 * store_counts_fit(t, fit):
 * Store whether each table of the view has as many rows as the last commit
 * left in it.
 */
MUST_CHECK enum err store_counts_fit(struct txn *t, bool *fit);

/**
 * store_write_origin(t):
 * Write the name of the log into the meta table, as store_open() does for a
 * new store.  For view_rebuild().
 */
MUST_CHECK enum err store_write_origin(struct txn *t);

/* --- the tree ----------------------------------------------------------- */

/**
 * store_tree(t):
 * Return a reader of the stored hashes, numbered as tlog.h does, for proofs
 * and roots.  Valid as long as ${t}.
 */
struct tlog_reader store_tree(struct txn *t);

/**
 * store_add_leaf(t, leaf, hash):
 * Append ${leaf} to the log and what it completes to the tree, and write its
 * leaf hash to ${hash}.  Only record.h calls this.
 */
MUST_CHECK enum err store_add_leaf(struct txn *t, struct slice leaf,
    uint8_t hash[32]);

/**
 * store_leaf(t, index, leaf):
 * Point ${leaf} at the bytes of leaf ${index}.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err store_leaf(struct txn *t, uint64_t index,
    struct slice *leaf);

/**
 * store_leaf_hash(t, index, hash):
 * Copy the stored hash of leaf ${index}.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err store_leaf_hash(struct txn *t, uint64_t index,
    uint8_t hash[32]);

/* --- rows: for the modules of broker/core and the auditor --------------- */

/**
 * store_get(t, table, key, value):
 * Point ${value} at the value of ${key}.  ERR_NOT_FOUND, ERR_STORE.
 */
MUST_CHECK enum err store_get(struct txn *t, enum table table,
    struct slice key, struct slice *value);

/**
 * store_put(t, table, key, value), store_del(t, table, key):
 * Write one row of at most STORE_CHUNK bytes in place of what was there; remove
 * one (ERR_NOT_FOUND if there is none).
 */
MUST_CHECK enum err store_put(struct txn *t, enum table table,
    struct slice key, struct slice value);
MUST_CHECK enum err store_del(struct txn *t, enum table table,
    struct slice key);

/**
 * store_put_long(t, table, key, value), store_get_long(t, table, key, a,
 *     value), store_del_long(t, table, key):
 * The same for a value of any length, in rows whose keys are ${key} and a
 * chunk number of 2 bytes, each full but the last.  store_get_long() points
 * ${value} into the store if one row holds it all, else into ${a} (ERR_NOMEM).
 * A value of STORE_CHUNK bytes or more is removed before it is replaced, or
 * its last chunks would stay behind.
 */
MUST_CHECK enum err store_put_long(struct txn *t, enum table table,
    struct slice key, struct slice value);
MUST_CHECK enum err store_get_long(struct txn *t, enum table table,
    struct slice key, struct arena *a, struct slice *value);
MUST_CHECK enum err store_del_long(struct txn *t, enum table table,
    struct slice key);

/**
 * store_unpacks(t):
 * Tell whether ${t} is of a scratch store.  Then there is one table more, for
 * view_keep.h only: nobody compares or counts it.
 */
bool store_unpacks(const struct txn *t);

/**
 * store_unpacked_get(t, key, value), store_unpacked_put(t, key, value),
 * store_unpacked_del(t, key), store_unpacked_seek(t, from, key, value):
 * As the functions of nearly the same name, on that table, which is empty in
 * any other store.
 */
MUST_CHECK enum err store_unpacked_get(struct txn *t, struct slice key,
    struct slice *value);
MUST_CHECK enum err store_unpacked_put(struct txn *t, struct slice key,
    struct slice value);
MUST_CHECK enum err store_unpacked_del(struct txn *t, struct slice key);
MUST_CHECK enum err store_unpacked_seek(struct txn *t, struct slice from,
    struct slice *key, struct slice *value);

/**
 * store_seek(t, table, from, key, value):
 * Find the first row whose key is ${from} or greater.  ERR_NOT_FOUND if there
 * is none.
 */
MUST_CHECK enum err store_seek(struct txn *t, enum table table,
    struct slice from, struct slice *key, struct slice *value);

/**
 * store_next(t, table, key, value):
 * Find the row after the one that the last store_seek(), store_before() or
 * store_next() on this table found.  ERR_NOT_FOUND if there is none.  Not
 * after a write to the same table: seek again.
 */
MUST_CHECK enum err store_next(struct txn *t, enum table table,
    struct slice *key, struct slice *value);

/**
 * store_before(t, table, until, key, value):
 * Find the last row whose key is less than ${until}; the last of all if
 * ${until} is empty.  ERR_NOT_FOUND if there is none.
 */
MUST_CHECK enum err store_before(struct txn *t, enum table table,
    struct slice until, struct slice *key, struct slice *value);

/**
 * store_count(t, table):
 * Return how many rows ${table} has.
 */
uint64_t store_count(struct txn *t, enum table table);

/**
 * store_clear(t, table):
 * Remove all rows of ${table}.
 */
MUST_CHECK enum err store_clear(struct txn *t, enum table table);

/**
 * store_table_name(table):
 * Return the name of ${table}.  Constant text.
 */
const char *store_table_name(enum table table);

#endif /* !STORE_H_ */
