/*
 * tamper -- change a store behind the broker's back, with LMDB alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lmdb.h>

#include "base/bytes.h"
#include "tamper.h"

struct tamper {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_cursor *cursor;
};

static void
must(int rc, const char *what)
{
	if (rc == 0)
		return;
	fprintf(stderr, "tamper: %s: %s\n", what, mdb_strerror(rc));
	abort();
}

static struct tamper
begin(const char *dir, const char *table)
{
	struct tamper t;

	must(mdb_env_create(&t.env), "env");
	must(mdb_env_set_maxdbs(t.env, 32), "maxdbs");
	must(mdb_env_open(t.env, dir, MDB_NOSYNC, 0600), dir);
	must(mdb_txn_begin(t.env, NULL, 0, &t.txn), "txn");
	must(mdb_dbi_open(t.txn, table, 0, &t.dbi), table);
	must(mdb_cursor_open(t.txn, t.dbi, &t.cursor), "cursor");
	return (t);
}

static void
end(struct tamper *t)
{
	mdb_cursor_close(t->cursor);
	must(mdb_txn_commit(t->txn), "commit");
	mdb_env_close(t->env);
}

/* A copy of the ${nth} row; the caller frees the value. */
static void
row(struct tamper *t, size_t nth, MDB_val *key, MDB_val *value)
{
	MDB_val k, v;
	int rc = mdb_cursor_get(t->cursor, &k, &v, MDB_FIRST);

	for (size_t i = 0; rc == 0 && i < nth; i++)
		rc = mdb_cursor_get(t->cursor, &k, &v, MDB_NEXT);
	must(rc, "row");
	key->mv_size = k.mv_size;
	key->mv_data = malloc(k.mv_size);
	value->mv_size = v.mv_size;
	value->mv_data = malloc(v.mv_size + 1);
	if (key->mv_data == NULL || value->mv_data == NULL)
		abort();
	memcpy(key->mv_data, k.mv_data, k.mv_size);
	memcpy(value->mv_data, v.mv_data, v.mv_size);
}

void
tamper_flip(const char *dir, const char *table, size_t nth, size_t byte,
    unsigned int bit)
{
	struct tamper t = begin(dir, table);
	MDB_val k, v;

	row(&t, nth, &k, &v);
	if (v.mv_size > 0)
		((uint8_t *)v.mv_data)[byte % v.mv_size] ^=
		    (uint8_t)(1u << (bit & 7));
	must(mdb_put(t.txn, t.dbi, &k, &v, 0), "put");
	free(k.mv_data);
	free(v.mv_data);
	end(&t);
}

void
tamper_delete(const char *dir, const char *table, size_t nth)
{
	struct tamper t = begin(dir, table);
	MDB_val k, v;

	row(&t, nth, &k, &v);
	must(mdb_del(t.txn, t.dbi, &k, NULL), "del");
	free(k.mv_data);
	free(v.mv_data);
	end(&t);
}

void
tamper_swap(const char *dir, const char *table, size_t a, size_t b)
{
	struct tamper t = begin(dir, table);
	MDB_val ka, va, kb, vb;

	row(&t, a, &ka, &va);
	row(&t, b, &kb, &vb);
	must(mdb_put(t.txn, t.dbi, &ka, &vb, 0), "put");
	must(mdb_put(t.txn, t.dbi, &kb, &va, 0), "put");
	free(ka.mv_data);
	free(va.mv_data);
	free(kb.mv_data);
	free(vb.mv_data);
	end(&t);
}

void
tamper_cut(const char *dir, const char *table, uint64_t from)
{
	struct tamper t = begin(dir, table);
	MDB_val k, v;
	int rc;

	while ((rc = mdb_cursor_get(t.cursor, &k, &v, MDB_LAST)) == 0 &&
	    k.mv_size >= 8 && be64_get(k.mv_data) >= from)
		must(mdb_cursor_del(t.cursor, 0), "del");
	end(&t);
}

void
tamper_put(const char *dir, const char *table, uint64_t key,
    const void *value, size_t len)
{
	struct tamper t = begin(dir, table);
	uint8_t be[8];
	MDB_val k = { 8, be }, v = { len, NULL };

	be64_put(be, key);
	memcpy(&v.mv_data, &value, sizeof(value));
	must(mdb_put(t.txn, t.dbi, &k, &v, 0), "put");
	end(&t);
}

size_t
tamper_count(const char *dir, const char *table)
{
	struct tamper t = begin(dir, table);
	MDB_stat stat;

	must(mdb_stat(t.txn, t.dbi, &stat), "stat");
	end(&t);
	return (stat.ms_entries);
}
