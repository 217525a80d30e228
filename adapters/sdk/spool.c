/*
 * spool -- an LMDB environment of sealed rows.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sdk/spool_in.h"
#include "sdk/spool_seal.h"
#include "trust/digest.h"

/* More processes than anybody opens on one spool. */
#define READERS 64
/* What the spool key must be able to open. */
#define PROOF "keten-spool-v1"

static const char *const names[SPOOL__MAX] = {
	[SPOOL_META] = "meta",
	[SPOOL_ORDER] = "order",
	[SPOOL_OPEN] = "open",
	[SPOOL_BUSY] = "busy",
	[SPOOL_SOURCE] = "source",
	[SPOOL_OUT] = "out",
	[SPOOL_RECORD] = "record",
	[SPOOL_PIECE] = "piece",
	[SPOOL_REFERRAL] = "referral",
	[SPOOL_NEWS] = "news",
	[SPOOL_READER] = "reader",
	[SPOOL_ACCESS] = "access",
	[SPOOL_CERT] = "cert",
	[SPOOL_ASK] = "ask",
	[SPOOL_SLOT] = "slot",
	[SPOOL_WIPE] = "wipe",
};

/* ---- opening -------------------------------------------------------------- */

static MUST_CHECK enum err
open_tables(struct spool *s)
{
	MDB_txn *txn;

	if (mdb_txn_begin(s->env, NULL, 0, &txn) != 0)
		return (ERR_STORE);
	for (int i = 0; i < SPOOL__MAX; i++)
		if (mdb_dbi_open(txn, names[i], MDB_CREATE, &s->dbi[i]) != 0) {
			mdb_txn_abort(txn);
			return (ERR_STORE);
		}
	return (mdb_txn_commit(txn) == 0 ? ERR_OK : ERR_STORE);
}

static MUST_CHECK enum err
open_env(struct spool *s, const char *dir, size_t size)
{
	int dead;

	if (mdb_env_create(&s->env) != 0)
		return (ERR_NOMEM);
	if (mdb_env_set_mapsize(s->env, size) != 0 ||
	    mdb_env_set_maxdbs(s->env, SPOOL__MAX) != 0 ||
	    mdb_env_set_maxreaders(s->env, READERS) != 0 ||
	    mdb_env_open(s->env, dir, MDB_NOTLS, 0600) != 0)
		return (ERR_STORE);
	(void)mdb_reader_check(s->env, &dead); /* only tidies up */
	return (open_tables(s));
}

static MUST_CHECK enum err
open_slots(struct spool *s, const char *dir)
{
	char path[SPOOL_PATH];

	(void)snprintf(path, sizeof(path), "%s/slots", dir);
	return (slots_open(path, &s->slots));
}

/* A first row shows that the key is the one this spool was made with. */
static MUST_CHECK enum err
prove_key(struct spool *s)
{
	struct arena *a = arena_new(4096);
	struct spool_txn *txn = NULL;
	struct slice value;
	enum err err = ERR_NOMEM;

	if (a == NULL)
		return (ERR_NOMEM);
	if ((err = spool_begin(s, true, &txn)) != ERR_OK)
		goto out;
	err = spool_meta_get(txn, "proof", a, &value);
	if (err == ERR_CORRUPT)
		err = ERR_CRYPTO;
	if (err == ERR_NOT_FOUND) {
		err = spool_meta_put(txn, "proof", slice_str(PROOF));
		if (err == ERR_OK)
			err = spool_commit(&txn);
	}
out:
	spool_abort(&txn);
	arena_free(a);
	return (err);
}

/* Where the steward of this folder listens; nobody else can guess it. */
static MUST_CHECK enum err
name_wake(struct spool *s, const char *dir)
{
	uint8_t hash[DIGEST_LEN];
	struct stat st;

	if (stat(dir, &st) != 0)
		return (ERR_IO);
	const struct slice parts[] = { slice_str("keten-spool-wake"),
		slice_of(s->key, sizeof(s->key)),
		slice_of(&st.st_dev, sizeof(st.st_dev)),
		slice_of(&st.st_ino, sizeof(st.st_ino)) };

	digest_slices(parts, 4, hash);
	s->wake.sun_family = AF_UNIX;
	(void)snprintf(s->wake.sun_path + 1, sizeof(s->wake.sun_path) - 1,
	    "keten-");
	hex_encode(hash, 16, s->wake.sun_path + 7);
	return (ERR_OK);
}

enum err
spool_open(const char *dir, size_t size, const uint8_t key[32],
    struct spool **spool)
{
	struct spool *s;
	enum err err;

	if (file_mkdirs(dir, 0700) != ERR_OK)
		return (ERR_IO);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (ERR_NOMEM);
	s->lock_fd = s->wake_fd = -1;
	memcpy(s->key, key, 32);
	(void)snprintf(s->lock_path, SPOOL_PATH, "%s/engine.lock", dir);

	if ((err = name_wake(s, dir)) != ERR_OK ||
	    (err = open_env(s, dir, size)) != ERR_OK ||
	    (err = open_slots(s, dir)) != ERR_OK ||
	    (err = file_sync_dir(dir)) != ERR_OK ||
	    (err = prove_key(s)) != ERR_OK) {
		spool_close(s);
		return (err);
	}
	*spool = s;
	return (ERR_OK);
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->wake_fd >= 0)
		(void)close(s->wake_fd);
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd);
	if (s->env != NULL)
		mdb_env_close(s->env);
	slots_close(s->slots);
	digest_wipe(s->key, sizeof(s->key));
	free(s);
}

/* ---- transactions --------------------------------------------------------- */

enum err
spool_begin(struct spool *s, bool write, struct spool_txn **txn)
{
	struct spool_txn *t;

	if (s->is_broken)
		return (ERR_STORE);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (ERR_NOMEM);
	t->spool = s;
	if (mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &t->txn) !=
	    0) {
		free(t);
		return (ERR_STORE);
	}
	*txn = t;
	return (ERR_OK);
}

enum err
spool_commit(struct spool_txn **txn)
{
	struct spool_txn *t = *txn;
	int rc = mdb_txn_commit(t->txn);

	/* Whether it is on disk is unknown now, and stays so until reopened. */
	if (rc != 0)
		t->spool->is_broken = true;
	free(t);
	*txn = NULL;
	return (rc == 0 ? ERR_OK : ERR_STORE);
}

void
spool_abort(struct spool_txn **txn)
{
	if (*txn == NULL)
		return;
	mdb_txn_abort((*txn)->txn);
	free(*txn);
	*txn = NULL;
}

/* ---- rows ----------------------------------------------------------------- */

struct spool_key
spool_key_of(const void *p, size_t len)
{
	struct spool_key k = { 0 };

	k.len = len < SPOOL_KEY_MAX ? len : SPOOL_KEY_MAX;
	if (k.len > 0)
		memcpy(k.b, p, k.len);
	return (k);
}

struct spool_key
spool_key_num(uint64_t v)
{
	struct spool_key k = { .len = 8 };

	be64_put(k.b, v);
	return (k);
}

uint64_t
spool_key_get_num(const struct spool_key *key)
{
	return (key->len < 8 ? 0 : be64_get(key->b + key->len - 8));
}

MDB_val
spool_val(const struct spool_key *key)
{
	/* LMDB's keys are not const, but are only read. */
	return ((MDB_val){ key->len, (void *)(uintptr_t)key->b });
}

/* Seal ${value} for its place, after the number of the slot. */
static MUST_CHECK enum err
seal_row(struct spool_txn *txn, enum spool_table table,
    const struct spool_key *key, uint32_t slot, struct slice value,
    uint8_t *row)
{
	uint8_t k[SLOTS_KEY];
	enum err err = slots_key(txn->spool->slots, slot, txn->spool->key, k);

	be32_put(row, slot);
	if (err == ERR_OK)
		err = spool_seal(k, (uint8_t)table,
		    slice_of(key->b, key->len), value, row + SPOOL_HEAD);
	digest_wipe(k, sizeof(k));
	return (err);
}

enum err
spool_put_under(struct spool_txn *txn, enum spool_table table,
    struct spool_key key, uint32_t slot, struct slice value)
{
	size_t len = SPOOL_HEAD + SPOOL_SEALED(value.len);
	MDB_val k = spool_val(&key), v;
	uint8_t *row = malloc(len);
	enum err err;

	if (row == NULL)
		return (ERR_NOMEM);
	err = seal_row(txn, table, &key, slot, value, row);
	v.mv_size = len;
	v.mv_data = row;
	if (err == ERR_OK && mdb_put(txn->txn, txn->spool->dbi[table], &k, &v,
		0) != 0)
		err = ERR_STORE;
	free(row);
	return (err);
}

enum err
spool_put(struct spool_txn *txn, enum spool_table table, struct spool_key key,
    struct slice value)
{
	return (spool_put_under(txn, table, key, 0, value));
}

/* Open a row into ${out}, which has room. */
static MUST_CHECK enum err
open_row(struct spool_txn *txn, enum spool_table table,
    const struct spool_key *key, MDB_val v, uint8_t *out)
{
	const uint8_t *row = v.mv_data;
	uint8_t k[SLOTS_KEY];
	enum err err = slots_key(txn->spool->slots, be32_get(row),
	    txn->spool->key, k);

	if (err == ERR_OK)
		err = spool_unseal(k, (uint8_t)table,
		    slice_of(key->b, key->len),
		    slice_of(row + SPOOL_HEAD, v.mv_size - SPOOL_HEAD), out);
	digest_wipe(k, sizeof(k));
	return (err);
}

enum err
spool_get(struct spool_txn *txn, enum spool_table table, struct spool_key key,
    struct arena *a, struct slice *value)
{
	MDB_val k = spool_val(&key), v;
	uint8_t *plain;
	size_t len;
	enum err err;
	int rc = mdb_get(txn->txn, txn->spool->dbi[table], &k, &v);

	if (rc == MDB_NOTFOUND)
		return (ERR_NOT_FOUND);
	if (rc != 0)
		return (ERR_STORE);
	if (v.mv_size < SPOOL_HEAD + SPOOL_SEALED(0))
		return (ERR_CORRUPT);
	len = v.mv_size - SPOOL_HEAD - SPOOL_SEALED(0);
	if ((plain = arena_alloc(a, len)) == NULL)
		return (ERR_NOMEM);
	err = open_row(txn, table, &key, v, plain);
	if (err == ERR_OK)
		*value = slice_of(plain, len);
	return (err);
}

enum err
spool_del(struct spool_txn *txn, enum spool_table table, struct spool_key key)
{
	MDB_val k = spool_val(&key);
	int rc = mdb_del(txn->txn, txn->spool->dbi[table], &k, NULL);

	return (rc == 0 || rc == MDB_NOTFOUND ? ERR_OK : ERR_STORE);
}

/* ---- walking -------------------------------------------------------------- */

/* One step of a cursor that lives for that step only. */
static MUST_CHECK enum err
step(struct spool_txn *txn, enum spool_table table, struct spool_key *key,
    MDB_cursor_op first, MDB_cursor_op then)
{
	MDB_cursor *c;
	MDB_val k = spool_val(key), v;
	bool is_same;
	int rc;

	if (mdb_cursor_open(txn->txn, txn->spool->dbi[table], &c) != 0)
		return (ERR_STORE);
	rc = mdb_cursor_get(c, &k, &v, first);
	is_same = rc == 0 && k.mv_size == key->len &&
	    memcmp(k.mv_data, key->b, key->len) == 0;
	/* Before a key that is behind all others stands the last one. */
	if (then == MDB_PREV && rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(c, &k, &v, MDB_LAST);
	else if (rc == 0 && (then == MDB_PREV || (then == MDB_NEXT && is_same)))
		rc = mdb_cursor_get(c, &k, &v, then);
	if (rc == 0)
		*key = spool_key_of(k.mv_data, k.mv_size);
	mdb_cursor_close(c);
	return (rc == 0 ? ERR_OK :
	    rc == MDB_NOTFOUND ? ERR_NOT_FOUND : ERR_STORE);
}

enum err
spool_after(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key)
{
	if (key->len == 0)
		return (step(txn, table, key, MDB_FIRST, MDB_GET_CURRENT));
	return (step(txn, table, key, MDB_SET_RANGE, MDB_NEXT));
}

enum err
spool_from(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key)
{
	if (key->len == 0)
		return (step(txn, table, key, MDB_FIRST, MDB_GET_CURRENT));
	return (step(txn, table, key, MDB_SET_RANGE, MDB_GET_CURRENT));
}

enum err
spool_before(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key)
{
	if (key->len == 0)
		return (ERR_NOT_FOUND);
	return (step(txn, table, key, MDB_SET_RANGE, MDB_PREV));
}

enum err
spool_last(struct spool_txn *txn, enum spool_table table,
    struct spool_key *key)
{
	return (step(txn, table, key, MDB_LAST, MDB_GET_CURRENT));
}

uint64_t
spool_count(struct spool_txn *txn, enum spool_table table)
{
	MDB_stat st;

	if (mdb_stat(txn->txn, txn->spool->dbi[table], &st) != 0)
		return (0);
	return (st.ms_entries);
}

/* ---- single values -------------------------------------------------------- */

static struct spool_key
meta_key(const char *name)
{
	return (spool_key_of(name, strlen(name)));
}

enum err
spool_meta_put(struct spool_txn *txn, const char *name, struct slice value)
{
	return (spool_put(txn, SPOOL_META, meta_key(name), value));
}

enum err
spool_meta_get(struct spool_txn *txn, const char *name, struct arena *a,
    struct slice *value)
{
	return (spool_get(txn, SPOOL_META, meta_key(name), a, value));
}

enum err
spool_meta_set_u64(struct spool_txn *txn, const char *name, uint64_t value)
{
	uint8_t b[8];

	be64_put(b, value);
	return (spool_meta_put(txn, name, slice_of(b, sizeof(b))));
}

enum err
spool_meta_u64(struct spool_txn *txn, const char *name, uint64_t *value)
{
	struct spool_key key = meta_key(name);
	MDB_val k = spool_val(&key), v;
	uint8_t b[8];
	int rc = mdb_get(txn->txn, txn->spool->dbi[SPOOL_META], &k, &v);
	enum err err;

	if (rc == MDB_NOTFOUND) {
		*value = 0;
		return (ERR_OK);
	}
	if (rc != 0 || v.mv_size != SPOOL_HEAD + SPOOL_SEALED(sizeof(b)))
		return (rc != 0 ? ERR_STORE : ERR_CORRUPT);
	err = open_row(txn, SPOOL_META, &key, v, b);
	if (err == ERR_OK)
		*value = be64_get(b);
	return (err);
}

struct spool_key
spool_source_key(const struct spool *s, const char *text)
{
	struct spool_key key = { .len = DIGEST_LEN };
	const struct slice parts[] = { slice_str("keten-spool-source"),
		slice_of(s->key, sizeof(s->key)), slice_str(text) };

	digest_slices(parts, 3, key.b);
	return (key);
}

/* ---- several processes ---------------------------------------------------- */

uint64_t
spool_stamp(struct spool *s)
{
	MDB_envinfo info;

	if (mdb_env_info(s->env, &info) != 0)
		return (0);
	return (info.me_last_txnid);
}

bool
spool_lead(struct spool *s)
{
	if (s->lock_fd >= 0)
		return (true);
	if (file_lock(s->lock_path, &s->lock_fd) != ERR_OK) {
		s->lock_fd = -1;
		return (false);
	}
	s->wake_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	/* Without it the steward notices by itself, a little later. */
	if (s->wake_fd >= 0 && bind(s->wake_fd, (struct sockaddr *)&s->wake,
		sizeof(s->wake)) != 0) {
		(void)close(s->wake_fd);
		s->wake_fd = -1;
	}
	return (true);
}

bool
spool_has_leader(struct spool *s)
{
	int fd;

	if (s->lock_fd >= 0)
		return (true);
	if (file_lock(s->lock_path, &fd) != ERR_OK)
		return (true);
	(void)close(fd);
	return (false);
}

void
spool_wake(struct spool *s)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	/* Nobody there, or too many already: then it wakes without us. */
	(void)sendto(fd, "w", 1, MSG_NOSIGNAL, (struct sockaddr *)&s->wake,
	    sizeof(s->wake));
	(void)close(fd);
}

int
spool_wake_fd(const struct spool *s)
{
	return (s->wake_fd);
}

void
spool_wake_clear(struct spool *s)
{
	char byte;

	while (s->wake_fd >= 0 && recv(s->wake_fd, &byte, 1, 0) > 0)
		;
}
