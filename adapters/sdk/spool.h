#ifndef SPOOL_H_
#define SPOOL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "wire/arena.h"

/*
 * spool -- what a device has sent and received, durable and sealed at rest.
 *
 * An LMDB environment in a folder of its own.  Every value is AES-256-GCM
 * under the spool key with a random nonce, bound to its table and key; keys of
 * rows are numbers, random ids and hashes only.  What is in a referral (sealed
 * parts, texts of orders, news) is under a key of that referral as well
 * (slots.h), and gone from every page and every copy once that is wiped.  Several processes use one
 * spool; one of them at a time, the steward, has the connection (spool_lead).
 * This file is the only one that calls mdb_*.
 *
 * Crash rules.  Each line is one transaction, durable before what follows it.
 *
 *  1 an order (or its source key, known before)  -> keten_order() returns
 *  2 number, signed bytes, content, order SENT   -> the bytes are sent
 *  3 the receipt: order DONE, referral, parts; the bytes of 2 are deleted
 *    (before that the same bytes are sent again, and the broker gives the
 *    same outcome)
 *  4 a delivery: referral, parts, news, its seq and running hash -> the ACK
 *    (before that the broker delivers it again; a seq that is not higher
 *    than the one stored is passed over)
 *  5 what a reader made of a piece of news      -> keten_read()
 *    (before that the same news, with the same seq, comes again: who makes a
 *    file of it names the file after the seq)
 *  6 a line in the log of who looked            -> the person part is opened
 *
 * Orders double nothing because their source key is looked up and written in
 * the transaction that writes the order: who makes an order of a file gives
 * the file's own number as source, and only after keten_order() has returned
 * moves the file.
 *
 * If a commit fails its outcome is unknown: the spool refuses everything from
 * then on (ERR_STORE), and must be closed and opened again.
 */
enum spool_table {
	SPOOL_META,	/* name -> value */
	SPOOL_ORDER,	/* ticket -> order and outcome */
	SPOOL_OPEN,	/* ticket -> nothing: orders waiting or sent */
	SPOOL_BUSY,	/* referral, ticket -> nothing: the same orders */
	SPOOL_SOURCE,	/* hash of a source key -> ticket */
	SPOOL_OUT,	/* number -> signed bytes and content */
	SPOOL_RECORD,	/* referral, index -> record as received */
	SPOOL_PIECE,	/* referral, index, part -> sealed part */
	SPOOL_REFERRAL, /* id -> what is known of it */
	SPOOL_NEWS,	/* place -> news */
	SPOOL_READER,	/* name -> place */
	SPOOL_ACCESS,	/* number -> who opened what */
	SPOOL_CERT,	/* partner, index -> certificate */
	SPOOL_ASK,	/* number -> question of another process, its answer */
	SPOOL_SLOT,	/* referral -> the slot for what is in it */
	SPOOL_WIPE,	/* referral -> an erasure that is not confirmed yet */
	SPOOL__MAX
};

#define SPOOL_KEY_MAX 64

struct spool;
struct spool_txn;

/* A key, or where one is in a table. */
struct spool_key {
	size_t len;
	uint8_t b[SPOOL_KEY_MAX];
};

/**
 * spool_open(dir, size, key, spool):
 * Open the spool in the folder ${dir}, making it if there is none, for at most
 * ${size} bytes, with the spool key ${key}.  The caller owns ${spool} and must
 * call spool_close().  ERR_CRYPTO if the key is not that of this spool,
 * ERR_STORE, ERR_IO or ERR_NOMEM.
 */
MUST_CHECK enum err spool_open(const char *dir, size_t size,
    const uint8_t key[32], struct spool **spool);

/**
 * spool_close(spool):
 * Let go of the connection's lock and close.  spool_close(NULL) does nothing.
 */
void spool_close(struct spool *spool);

/**
 * spool_begin(spool, write, txn):
 * Begin a transaction; with ${write} nobody else writes until it ends.  It
 * ends with spool_commit() or spool_abort(), which set ${*txn} to NULL.
 * Write transactions do not nest.  ERR_STORE.
 */
MUST_CHECK enum err spool_begin(struct spool *spool, bool write,
    struct spool_txn **txn);
MUST_CHECK enum err spool_commit(struct spool_txn **txn);
void spool_abort(struct spool_txn **txn);

/**
 * spool_key_of(p, len), spool_key_num(v):
 * Make a key of at most SPOOL_KEY_MAX bytes; of a number.
 */
struct spool_key spool_key_of(const void *p, size_t len);
struct spool_key spool_key_num(uint64_t v);

/**
 * spool_key_get_num(key):
 * Return the number in the last 8 bytes of ${key}.
 */
uint64_t spool_key_get_num(const struct spool_key *key);

/**
 * spool_put(txn, table, key, value):
 * Seal ${value} and store it under ${key}, in place of what was there.
 */
MUST_CHECK enum err spool_put(struct spool_txn *txn, enum spool_table table,
    struct spool_key key, struct slice value);

/**
 * spool_put_under(txn, table, key, slot, value):
 * The same for what is in a referral: sealed with the key of its ${slot} too
 * (see spool_slot()), so that all copies of it go with that.
 */
MUST_CHECK enum err spool_put_under(struct spool_txn *txn,
    enum spool_table table, struct spool_key key, uint32_t slot,
    struct slice value);

/**
 * spool_get(txn, table, key, a, value):
 * Open the value of ${key} into ${a} and point ${value} at it.
 * ERR_NOT_FOUND; ERR_CORRUPT if it is not what was written; ERR_CONTENT_GONE
 * if its slot was wiped; ERR_NOMEM.
 */
MUST_CHECK enum err spool_get(struct spool_txn *txn, enum spool_table table,
    struct spool_key key, struct arena *a, struct slice *value);

/**
 * spool_del(txn, table, key):
 * Delete ${key}; one that is not there is fine.
 */
MUST_CHECK enum err spool_del(struct spool_txn *txn, enum spool_table table,
    struct spool_key key);

/**
 * spool_after(txn, table, key), spool_from(txn, table, key),
 * spool_before(txn, table, key):
 * Move ${key} to the first key after it; at or after it; to the last key
 * before it.  A key of length 0 is before all others.  ERR_NOT_FOUND, with
 * ${key} untouched, if there is none.
 */
MUST_CHECK enum err spool_after(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key);
MUST_CHECK enum err spool_from(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key);
MUST_CHECK enum err spool_before(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key);

/**
 * spool_last(txn, table, key):
 * Store the last key of ${table} in ${key}; ERR_NOT_FOUND if it is empty.
 */
MUST_CHECK enum err spool_last(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key);

/**
 * spool_count(txn, table):
 * Return how many rows ${table} has.
 */
uint64_t spool_count(struct spool_txn *txn, enum spool_table table);

/**
 * spool_slot(txn, id, slot):
 * Store the slot for what is in the referral ${id}, a new one if it has none
 * yet.  0 once its content is erased (nothing of it is kept any more), and for
 * what is about no referral.
 */
MUST_CHECK enum err spool_slot(struct spool_txn *txn, const struct refid *id,
    uint32_t *slot);

/**
 * spool_slot_close(txn, id, slot):
 * The content of ${id} is erased: spool_slot() gives 0 from now on.  Store the
 * slot that is to be wiped once ${txn} is committed (0: there is none).
 */
MUST_CHECK enum err spool_slot_close(struct spool_txn *txn,
    const struct refid *id, uint32_t *slot);

/**
 * spool_slot_wipe(spool, id):
 * Overwrite the slot that spool_slot_close() closed, on the disk.  Doing it
 * twice is fine.
 */
MUST_CHECK enum err spool_slot_wipe(struct spool *spool,
    const struct refid *id);

/**
 * spool_after_under(txn, table, slot, key):
 * Move ${key} to the first key after it whose value is sealed under ${slot}.
 * ERR_NOT_FOUND.
 */
MUST_CHECK enum err spool_after_under(struct spool_txn *txn,
    enum spool_table table, uint32_t slot, struct spool_key *key);

/**
 * spool_meta_put(txn, name, value), spool_meta_get(txn, name, a, value),
 * spool_meta_u64(txn, name, value), spool_meta_set_u64(txn, name, value):
 * Single values by name.  spool_meta_u64() gives 0 for one that is not there.
 */
MUST_CHECK enum err spool_meta_put(struct spool_txn *txn, const char *name,
    struct slice value);
MUST_CHECK enum err spool_meta_get(struct spool_txn *txn, const char *name,
    struct arena *a, struct slice *value);
MUST_CHECK enum err spool_meta_u64(struct spool_txn *txn, const char *name,
    uint64_t *value);
MUST_CHECK enum err spool_meta_set_u64(struct spool_txn *txn,
    const char *name, uint64_t value);

/**
 * spool_source_key(spool, text):
 * Return the key of the source ${text}: a hash that only this spool makes, as
 * a source may be the name of a file and that the name of a person.
 */
struct spool_key spool_source_key(const struct spool *spool, const char *text);

/**
 * spool_stamp(spool):
 * Return a number that rises with every commit of any process.
 */
uint64_t spool_stamp(struct spool *spool);

/**
 * spool_lead(spool):
 * Try to become the one process that has the connection; true if it is, also
 * when it was already.  It stays so until spool_close().
 */
bool spool_lead(struct spool *spool);

/**
 * spool_has_leader(spool):
 * Tell whether some process has the connection.
 */
bool spool_has_leader(struct spool *spool);

/**
 * spool_wake(spool), spool_wake_fd(spool), spool_wake_clear(spool):
 * Tell the steward that there is work; the steward's descriptor for that, -1
 * if there is none; empty it.
 */
void spool_wake(struct spool *spool);
int spool_wake_fd(const struct spool *spool);
void spool_wake_clear(struct spool *spool);

#endif /* !SPOOL_H_ */
