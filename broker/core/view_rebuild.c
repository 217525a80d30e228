/*
 * view_rebuild -- throw the view away and make it again; compare two of them.
 */
#include <string.h>

#include "core/erased.h"
#include "core/record.h"
#include "core/vault.h"
#include "core/view_rows.h"

/* Records in one turn: enough to wait for the disk seldom. */
#define BATCH 5000

/* The largest record, unpacked: an ERASE of thousands of ranges. */
#define ARENA ((size_t)16 << 20)

/* Read one record of ${from} and apply it in ${to}. */
static MUST_CHECK enum err
replay_one(struct txn *from, struct txn *to, uint64_t index,
    const struct erased *gone, struct arena *a)
{
	struct record rec;
	struct view_in in = { .index = index, .log = from,
		.has_gaps = index < erased_until(gone) };
	Keten__V1__Facts *facts;
	Keten__V1__RouteFacts *route;
	enum err err = record_read(from, index, a, &rec);

	if (err == ERR_OK)
		err = record_check(&rec);
	if (err == ERR_OK)
		err = record_facts(&rec, a, &facts, &route);
	if (err != ERR_OK)
		return (err);
	/* Kind and time stand in the leaf, and in the facts again. */
	if ((int)facts->kind != (int)rec.leaf.kind ||
	    facts->time_ms != rec.leaf.time_ms)
		return (ERR_CORRUPT);
	memcpy(in.leaf_hash, rec.leaf_hash, 32);
	in.time_ms = rec.leaf.time_ms;
	in.pair = rec.pair;
	in.owner = rec.has_owner ? &rec.owner : NULL;
	in.facts = facts;
	in.route = route;
	in.envelope = rec.envelope;
	return (view_apply(to, &in));
}

/* Of an erased record only the number of its pair counts. */
static MUST_CHECK enum err
skip_erased(struct txn *from, struct txn *to, uint64_t index)
{
	struct store_counters *counters = store_counters(to);
	uint32_t pair;
	enum err err = record_pair(from, index, &pair);

	if (err != ERR_OK)
		return (err);
	if (pair != RECORD_NO_PAIR && pair >= counters->next_pair)
		counters->next_pair = pair + 1;
	counters->applied = index + 1;
	return (ERR_OK);
}

/* Replay from where ${to} is until ${until}, at most one batch. */
static MUST_CHECK enum err
replay_batch(struct txn *from, struct txn *to, uint64_t until,
    const struct erased *gone, struct arena *a)
{
	uint64_t index = store_counters(to)->applied;
	enum err err = ERR_OK;

	if (until - index > BATCH)
		until = index + BATCH;
	for (; index < until && err == ERR_OK; index++) {
		err = ERR_CONTENT_GONE;
		if (!erased_has(gone, index))
			err = replay_one(from, to, index, gone, a);
		if (err == ERR_CONTENT_GONE)
			err = skip_erased(from, to, index);
		arena_reset(a);
	}
	/* What is in the log must have a record. */
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

enum err
view_is_whole(struct txn *t, bool *whole)
{
	bool fit;
	enum err err = store_counts_fit(t, &fit);

	if (err == ERR_OK)
		*whole = fit && store_counters(t)->applied == store_size(t);
	return (err);
}

/* Begin again: nothing in the view but the name of the log. */
static MUST_CHECK enum err
clear_view(struct store *st)
{
	struct txn *t;
	enum err err = store_begin(st, &t);

	if (err != ERR_OK)
		return (err);
	for (int i = TABLE__VIEW; i < TABLE__MAX && err == ERR_OK; i++)
		err = store_clear(t, (enum table)i);
	if (err == ERR_OK)
		err = store_write_origin(t);
	if (err != ERR_OK) {
		store_abort(&t);
		return (err);
	}
	memset(store_counters(t), 0, sizeof(*store_counters(t)));
	return (store_commit(&t));
}

static MUST_CHECK enum err
load_erased(struct store *st, struct erased **gone)
{
	struct txn *t = NULL;
	enum err err = store_read(st, &t);

	if (err == ERR_OK)
		err = erased_load(t, gone);
	store_done(&t);
	return (err);
}

static MUST_CHECK enum err
rebuild_batch(struct store *st, const struct erased *gone, struct arena *a,
    bool *done)
{
	struct txn *t;
	enum err err = store_begin(st, &t);

	if (err != ERR_OK)
		return (err);
	err = replay_batch(t, t, store_size(t), gone, a);
	if (err != ERR_OK) {
		store_abort(&t);
		return (err);
	}
	*done = store_counters(t)->applied == store_size(t);
	return (store_commit(&t));
}

enum err
view_rebuild(struct store *st)
{
	struct arena *a = arena_new(ARENA);
	struct erased *gone = NULL;
	bool done = false;
	enum err err;

	if (a == NULL)
		return (ERR_NOMEM);
	err = load_erased(st, &gone);
	if (err == ERR_OK)
		err = clear_view(st);
	while (err == ERR_OK && !done)
		err = rebuild_batch(st, gone, a, &done);
	erased_free(gone);
	arena_free(a);
	return (err);
}

enum err
view_replay(struct txn *from, struct store *to, uint64_t until)
{
	struct arena *a = arena_new(ARENA);
	struct erased *gone = NULL;
	enum err err;
	bool done = false;

	if (a == NULL)
		return (ERR_NOMEM);
	err = erased_load(from, &gone);
	while (err == ERR_OK && !done) {
		struct txn *t = NULL;

		if (store_is_stale(from))
			err = store_renew(from);
		if (err == ERR_OK)
			err = store_begin(to, &t);
		if (err != ERR_OK)
			break;
		err = replay_batch(from, t, until, gone, a);
		if (err != ERR_OK) {
			store_abort(&t);
			break;
		}
		done = store_counters(t)->applied == until;
		if (done)
			err = view_settle(t);
		if (err != ERR_OK) {
			store_abort(&t);
			break;
		}
		err = store_commit(&t);
	}
	erased_free(gone);
	arena_free(a);
	return (err);
}

/* --- comparing ---------------------------------------------------------- */

static void
differ(struct view_difference *d, enum table table, struct slice key,
    bool only_a, bool only_b)
{
	memset(d, 0, sizeof(*d));
	d->table = table;
	d->key_len = key.len < STORE_KEY_MAX ? key.len : STORE_KEY_MAX;
	memcpy(d->key, key.p, d->key_len);
	d->only_a = only_a;
	d->only_b = only_b;
}

/* Order of keys, as the store has it. */
static int
compare_keys(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = memcmp(a.p, b.p, n);

	return (c != 0 ? c : a.len < b.len ? -1 : a.len > b.len);
}

static MUST_CHECK enum err
compare_table(struct txn *a, struct txn *b, enum table table,
    struct view_difference *d)
{
	static const struct slice all;
	struct slice ka, va, kb, vb;
	enum err ea = store_seek(a, table, all, &ka, &va);
	enum err eb = store_seek(b, table, all, &kb, &vb);

	while (ea == ERR_OK && eb == ERR_OK) {
		int c = compare_keys(ka, kb);

		if (c != 0 || !slice_eq(va, vb)) {
			differ(d, table, c > 0 ? kb : ka, c < 0, c > 0);
			return (ERR_DIGEST);
		}
		ea = store_next(a, table, &ka, &va);
		eb = store_next(b, table, &kb, &vb);
	}
	if (ea == ERR_NOT_FOUND && eb == ERR_NOT_FOUND)
		return (ERR_OK);
	if (ea != ERR_OK && ea != ERR_NOT_FOUND)
		return (ea);
	if (eb != ERR_OK && eb != ERR_NOT_FOUND)
		return (eb);
	differ(d, table, ea == ERR_OK ? ka : kb, ea == ERR_OK, eb == ERR_OK);
	return (ERR_DIGEST);
}

enum err
view_compare(struct txn *a, struct txn *b, struct view_difference *diff)
{
	enum err err = ERR_OK;

	for (int i = TABLE__VIEW; i < TABLE__MAX && err == ERR_OK; i++)
		err = compare_table(a, b, (enum table)i, diff);
	return (err);
}
