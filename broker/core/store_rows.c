/*
 * store_rows -- the rows of the store: one, many, long ones.
 */
#include <stdlib.h>
#include <string.h>

#include "core/store_in.h"

/* Counters in the meta table: applied, next pair, rows of each view table. */
#define N_VIEW (TABLE__MAX - TABLE__VIEW - 1) /* all but meta itself */
#define COUNTERS_LEN (8 + 4 + 8 * N_VIEW)

static const struct slice counters_key = { (const uint8_t *)"counters", 8 };

/*
 * How a table is written.  Rows that come after all others are appended: no
 * search, and full pages instead of half full ones.
 */
enum order {
	ANY,	/* rows come anywhere */
	RISING, /* nearly always after the last one */
	LAST	/* always; anything else is an error */
};

static const struct {
	const char *name;
	enum order order;
} tables[TABLE__MAX] = {
	[TABLE_LOG] = { "log", LAST },
	[TABLE_HASH] = { "hash", LAST },
	[TABLE_RECORD] = { "record", RISING },
	[TABLE_CONTENT] = { "content", RISING },
	[TABLE_CHECKPOINT] = { "checkpoint", ANY },
	[TABLE_ERASING] = { "erasing", ANY },
	[TABLE_REFERRAL] = { "referral", ANY },
	[TABLE_TRAIL] = { "trail", ANY },
	[TABLE_CHILD] = { "child", ANY },
	[TABLE_PARTY] = { "party", ANY },
	[TABLE_OUTBOX] = { "outbox", ANY },
	[TABLE_SEEN] = { "seen", ANY },
	[TABLE_DUE] = { "due", ANY },
	[TABLE_ENDED] = { "ended", ANY },
	[TABLE_HOLD] = { "hold", ANY },
	[TABLE_AWAIT] = { "await", ANY },
	[TABLE_REFUTED] = { "refuted", ANY },
	[TABLE_WRAPPED] = { "wrapped", ANY },
	[TABLE_MAILBOX] = { "mailbox", ANY },
	[TABLE_CATALOGUE] = { "catalogue", ANY },
	[TABLE_SHORTAGE] = { "shortage", ANY },
	[TABLE_MISSING] = { "missing", LAST },
	[TABLE_KEY] = { "key", LAST },
	[TABLE_META] = { "meta", ANY },
};

const char *
store_table_name(enum table table)
{
	return (tables[table].name);
}

/*
 * Make an error of ours out of one of LMDB's.  What is worse than "not found"
 * spoils a turn.
 */
static enum err
store_err(struct txn *t, int rc)
{
	if (rc == 0)
		return (ERR_OK);
	if (rc == MDB_NOTFOUND)
		return (ERR_NOT_FOUND);
	if (t->write)
		t->spoilt = true;
	return (rc == MDB_KEYEXIST ? ERR_CORRUPT : ERR_STORE);
}

enum err
store_memory_err(struct txn *t, enum err err)
{
	if (err != ERR_OK && err != ERR_NOT_FOUND && t->write)
		t->spoilt = true;
	return (err);
}

/*
 * LMDB takes keys and values without const, and does not write to them unless
 * asked to with flags that are not used here.
 */
static MDB_val
val_of(struct slice s)
{
	MDB_val v;

	v.mv_size = s.len;
	memcpy(&v.mv_data, &s.p, sizeof(s.p));
	return (v);
}

static struct slice
of_val(const MDB_val *v)
{
	return (slice_of(v->mv_data, v->mv_size));
}

/* --- one row ------------------------------------------------------------ */

/*
 * Find a row of the log, most likely the one after the last that was asked for:
 * then there is nothing to search.
 */
static int
get_onward(struct txn *t, enum table table, MDB_val *k, MDB_val *v)
{
	const MDB_val want = *k;
	uint64_t index = be64_get(want.mv_data);
	MDB_cursor **c = &t->onward[table];
	int rc = 0;

	if (*c == NULL) {
		t->was_at[table] = UINT64_MAX - 1;
		rc = mdb_cursor_open(t->mdb, t->st->dbi[table], c);
	}
	if (rc != 0)
		return (rc);
	if (index - t->was_at[table] <= 1) {
		rc = mdb_cursor_get(*c, k, v, MDB_NEXT);
		if (rc == 0 && k->mv_size == want.mv_size &&
		    memcmp(k->mv_data, want.mv_data, want.mv_size) == 0) {
			t->was_at[table] = index;
			return (0);
		}
	}
	*k = want;
	rc = mdb_cursor_get(*c, k, v, MDB_SET);
	t->was_at[table] = rc == 0 ? index : UINT64_MAX - 1;
	return (rc);
}

enum err
store_get(struct txn *t, enum table table, struct slice key,
    struct slice *value)
{
	MDB_val k = val_of(key);
	MDB_val v;
	int rc;

	if (key.len > STORE_KEY_MAX)
		return (ERR_CORRUPT);
	if (store_strikes(t->st))
		return (store_err(t, MDB_PANIC));
	if (t->st->memory != NULL)
		return (store_memory_err(t, store_memory_get(t->st->memory, table,
					  key, value)));
	if (!t->write && table < STORE_ONWARD && key.len >= 8)
		rc = get_onward(t, table, &k, &v);
	else
		rc = mdb_get(t->mdb, t->st->dbi[table], &k, &v);
	if (rc == 0)
		*value = of_val(&v);
	return (store_err(t, rc));
}

enum err
store_put(struct txn *t, enum table table, struct slice key,
    struct slice value)
{
	MDB_val k = val_of(key);
	MDB_val v = val_of(value);
	enum order order = tables[table].order;
	int rc = MDB_KEYEXIST;

	if (key.len > STORE_KEY_MAX)
		return (ERR_CORRUPT);
	if (!t->write || store_strikes(t->st) || value.len > STORE_CHUNK)
		return (store_err(t, MDB_PANIC));
	if (table == TABLE_REFERRAL)
		t->recent.holds = false;
	if (t->st->memory != NULL)
		return (store_memory_err(t, order == LAST
			? store_memory_add(t->st->memory, table, key, value)
			: store_memory_put(t->st->memory, table, key, value)));
	if (order != ANY)
		rc = mdb_put(t->mdb, t->st->dbi[table], &k, &v, MDB_APPEND);
	/* It says so, and has done nothing, if the key is not the last. */
	if (rc == MDB_KEYEXIST && order != LAST)
		rc = mdb_put(t->mdb, t->st->dbi[table], &k, &v, 0);
	return (store_err(t, rc));
}

enum err
store_del(struct txn *t, enum table table, struct slice key)
{
	MDB_val k = val_of(key);

	if (key.len > STORE_KEY_MAX)
		return (ERR_CORRUPT);
	if (!t->write || store_strikes(t->st))
		return (store_err(t, MDB_PANIC));
	if (table == TABLE_REFERRAL)
		t->recent.holds = false;
	if (t->st->memory != NULL)
		return (store_memory_err(t, store_memory_del(t->st->memory, table,
					  key)));
	return (store_err(t, mdb_del(t->mdb, t->st->dbi[table], &k, NULL)));
}

/* --- long ones ---------------------------------------------------------- */

/* The key of chunk ${n} of ${key}, in ${buf}. */
static struct slice
chunk_key(struct slice key, size_t n, uint8_t buf[STORE_KEY_MAX])
{
	memcpy(buf, key.p, key.len);
	be16_put(buf + key.len, (uint16_t)n);
	return (slice_of(buf, key.len + 2));
}

static bool
is_key_long_ok(struct slice key)
{
	return (key.len + 2 <= STORE_KEY_MAX);
}

enum err
store_put_long(struct txn *t, enum table table, struct slice key,
    struct slice value)
{
	uint8_t buf[STORE_KEY_MAX];
	size_t chunks = value.len / STORE_CHUNK + 1;

	if (!is_key_long_ok(key) || chunks > UINT16_MAX)
		return (ERR_CORRUPT);
	for (size_t i = 0; i < chunks; i++) {
		size_t at = i * STORE_CHUNK;
		size_t len = i + 1 < chunks ? STORE_CHUNK : value.len - at;
		enum err err = store_put(t, table, chunk_key(key, i, buf),
		    slice_of(value.p + at, len));

		if (err != ERR_OK)
			return (err);
	}
	return (ERR_OK);
}

/* Collect the chunks of a value whose first one is full. */
static MUST_CHECK enum err
join_chunks(struct txn *t, enum table table, struct slice key,
    struct arena *a, struct slice first, struct slice *value)
{
	uint8_t buf[STORE_KEY_MAX];
	struct slice chunk = first;
	size_t mark = arena_used(a);
	size_t len = 0, n = 0;
	uint8_t *all = NULL;
	enum err err = ERR_OK;

	/* Count first, copy after: an arena cannot grow what it gave. */
	while (err == ERR_OK && chunk.len == STORE_CHUNK) {
		len += chunk.len;
		err = store_get(t, table, chunk_key(key, ++n, buf), &chunk);
	}
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	len += chunk.len;
	all = arena_alloc(a, len);
	if (all == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i <= n && err == ERR_OK; i++) {
		err = store_get(t, table, chunk_key(key, i, buf), &chunk);
		if (err == ERR_OK)
			memcpy(all + i * STORE_CHUNK, chunk.p, chunk.len);
	}
	if (err != ERR_OK) {
		arena_rewind(a, mark);
		return (err);
	}
	*value = slice_of(all, len);
	return (ERR_OK);
}

enum err
store_get_long(struct txn *t, enum table table, struct slice key,
    struct arena *a, struct slice *value)
{
	uint8_t buf[STORE_KEY_MAX];
	struct slice first;
	enum err err;

	if (!is_key_long_ok(key))
		return (ERR_CORRUPT);
	err = store_get(t, table, chunk_key(key, 0, buf), &first);
	if (err != ERR_OK)
		return (err);
	if (first.len > STORE_CHUNK)
		return (ERR_CORRUPT);
	if (first.len == STORE_CHUNK)
		return (join_chunks(t, table, key, a, first, value));
	*value = first;
	return (ERR_OK);
}

enum err
store_del_long(struct txn *t, enum table table, struct slice key)
{
	uint8_t buf[STORE_KEY_MAX];
	enum err err = ERR_OK;
	size_t n;

	if (!is_key_long_ok(key))
		return (ERR_CORRUPT);
	for (n = 0; err == ERR_OK && n <= UINT16_MAX; n++)
		err = store_del(t, table, chunk_key(key, n, buf));
	/* The chunk after the last one is not there; nor, maybe, any. */
	return (err == ERR_NOT_FOUND && n > 1 ? ERR_OK : err);
}

/* --- many rows ---------------------------------------------------------- */

/* The one cursor of a transaction on a table, opened when first needed. */
static MUST_CHECK enum err
need_cursor(struct txn *t, enum table table)
{
	if (t->cursor[table] != NULL)
		return (ERR_OK);
	return (store_err(t, mdb_cursor_open(t->mdb, t->st->dbi[table],
				 &t->cursor[table])));
}

static MUST_CHECK enum err
move(struct txn *t, enum table table, MDB_cursor_op op, struct slice from,
    struct slice *key, struct slice *value)
{
	MDB_val k = val_of(from);
	MDB_val v = { 0 };
	enum err err;
	int rc;

	err = need_cursor(t, table);
	if (err != ERR_OK)
		return (err);
	rc = mdb_cursor_get(t->cursor[table], &k, &v, op);
	if (rc == 0) {
		*key = of_val(&k);
		*value = of_val(&v);
	}
	return (store_err(t, rc));
}

/* What goes before every step. */
static MUST_CHECK enum err
may_move(struct txn *t, struct slice from)
{
	if (from.len > STORE_KEY_MAX)
		return (ERR_CORRUPT);
	return (store_strikes(t->st) ? store_err(t, MDB_PANIC) : ERR_OK);
}

enum err
store_seek(struct txn *t, enum table table, struct slice from,
    struct slice *key, struct slice *value)
{
	enum err err = may_move(t, from);

	if (err != ERR_OK)
		return (err);
	if (t->st->memory != NULL)
		return (store_memory_err(t, store_memory_seek(t->st->memory, table,
					  from, key, value)));
	return (move(t, table, from.len == 0 ? MDB_FIRST : MDB_SET_RANGE, from,
	    key, value));
}

enum err
store_next(struct txn *t, enum table table, struct slice *key,
    struct slice *value)
{
	static const struct slice none;
	enum err err = may_move(t, none);

	if (err != ERR_OK)
		return (err);
	if (t->st->memory != NULL)
		return (store_memory_err(t, store_memory_next(t->st->memory, table,
					  key, value)));
	/* A cursor that was never placed would begin at the first row. */
	if (t->cursor[table] == NULL)
		return (ERR_NOT_FOUND);
	return (move(t, table, MDB_NEXT, none, key, value));
}

enum err
store_before(struct txn *t, enum table table, struct slice until,
    struct slice *key, struct slice *value)
{
	enum err err = may_move(t, until);

	if (err != ERR_OK)
		return (err);
	if (t->st->memory != NULL)
		return (store_memory_err(t, store_memory_before(t->st->memory, table,
					  until, key, value)));
	if (until.len == 0)
		return (move(t, table, MDB_LAST, until, key, value));
	err = move(t, table, MDB_SET_RANGE, until, key, value);
	if (err == ERR_NOT_FOUND)
		return (move(t, table, MDB_LAST, until, key, value));
	if (err != ERR_OK)
		return (err);
	return (move(t, table, MDB_PREV, until, key, value));
}

void
store_close_cursors(struct txn *t)
{
	for (int i = 0; i < TABLE__MAX; i++) {
		if (t->cursor[i] != NULL)
			mdb_cursor_close(t->cursor[i]);
		t->cursor[i] = NULL;
	}
	for (int i = 0; i < STORE_ONWARD; i++) {
		if (t->onward[i] != NULL)
			mdb_cursor_close(t->onward[i]);
		t->onward[i] = NULL;
	}
}

uint64_t
store_count(struct txn *t, enum table table)
{
	MDB_stat stat;

	if (t->st->memory != NULL)
		return (store_memory_count(t->st->memory, table));
	if (mdb_stat(t->mdb, t->st->dbi[table], &stat) != 0)
		return (0);
	return (stat.ms_entries);
}

enum err
store_clear(struct txn *t, enum table table)
{
	if (!t->write || store_strikes(t->st))
		return (store_err(t, MDB_PANIC));
	t->recent.holds = false;
	if (t->st->memory != NULL) {
		store_memory_clear(t->st->memory, table);
		return (ERR_OK);
	}
	return (store_err(t, mdb_drop(t->mdb, t->st->dbi[table], 0)));
}

/* --- what every transaction knows --------------------------------------- */

enum err
store_load_size(struct txn *t)
{
	static const struct slice all;
	struct slice key, value;
	enum err err = store_before(t, TABLE_LOG, all, &key, &value);

	t->size = 0;
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err == ERR_OK && key.len != 8)
		return (ERR_CORRUPT);
	if (err == ERR_OK)
		t->size = be64_get(key.p) + 1;
	return (err);
}

enum err
store_load_counters(struct txn *t)
{
	struct slice v;
	enum err err = store_get(t, TABLE_META, counters_key, &v);

	memset(&t->counters, 0, sizeof(t->counters));
	/* Other tables than ours: counts that do not fit, so that the view is
	 * made again (view_is_whole()). */
	if (err == ERR_OK && v.len == COUNTERS_LEN) {
		t->counters.applied = be64_get(v.p);
		t->counters.next_pair = be32_get(v.p + 8);
	}
	t->had = t->counters;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static void
encode_counters(struct txn *t, uint8_t out[COUNTERS_LEN])
{
	be64_put(out, t->counters.applied);
	be32_put(out + 8, t->counters.next_pair);
	for (int i = 0; i < N_VIEW; i++)
		be64_put(out + 12 + 8 * i,
		    store_count(t, (enum table)(TABLE__VIEW + i)));
}

enum err
store_save_counters(struct txn *t)
{
	uint8_t row[COUNTERS_LEN];

	/*
	 * Every change of the view comes with a record; only what stands beside
	 * its table becomes a row without one.
	 */
	if ((t->st->memory == NULL || t->counters.applied == 0) &&
	    t->counters.applied == t->had.applied &&
	    t->counters.next_pair == t->had.next_pair)
		return (ERR_OK);
	encode_counters(t, row);
	return (store_put(t, TABLE_META, counters_key,
	    slice_of(row, sizeof(row))));
}

enum err
store_counts_fit(struct txn *t, bool *fit)
{
	uint8_t row[COUNTERS_LEN];
	struct slice v;
	enum err err = store_get(t, TABLE_META, counters_key, &v);

	if (err == ERR_NOT_FOUND) {
		*fit = t->size == 0;
		return (ERR_OK);
	}
	if (err != ERR_OK)
		return (err);
	encode_counters(t, row);
	*fit = slice_eq(v, slice_of(row, sizeof(row)));
	return (ERR_OK);
}
