/*
 * view_carry -- whole records are erased.
 *
 * Two things happen to the view.  What only those records held up goes: their
 * referrals, numbers, months.  And what later records lean on is put as the
 * carry says it: how far lanes and mailboxes were, entries of the catalogue.
 * Where the log is gone through again, the first has nothing to do (the records
 * were never applied) and the second makes good what was missed.
 */
#include <string.h>

#include "core/record.h"
#include "core/view_rows.h"
#include "policy/erasure.h"
#include "trust/leaf.h"

static const struct slice nothing = { (const uint8_t *)"", 0 };

/* --- what goes ------------------------------------------------------------ */

static MUST_CHECK enum err
drop_number(struct txn *t, const Keten__V1__RouteFacts *route)
{
	const Keten__V1__Sender *s = route == NULL ? NULL : route->sender;
	struct key k;
	enum err err;

	if (s == NULL || s->lane.len != 8)
		return (ERR_OK);
	k = key_of_lane(s->partner, s->lane.data);
	key_u64(&k, s->number);
	err = store_del(t, TABLE_SEEN, key_slice(&k));
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* The pair of a month goes with its records. */
static MUST_CHECK enum err
drop_month(struct txn *t, const struct record *rec)
{
	struct key k = { 0 };
	enum err err;

	if (rec->has_owner || rec->pair == RECORD_NO_PAIR)
		return (ERR_OK);
	key_text(&k, META_MONTH);
	key_u64(&k, erasure_month(rec->leaf.time_ms));
	err = store_del(t, TABLE_META, key_slice(&k));
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
drop_awaited(struct txn *t, uint64_t index)
{
	struct key k = { 0 };

	key_u64(&k, index);
	return (rows_delete(t, TABLE_AWAIT, &k));
}

static MUST_CHECK enum err
drop_missing(struct txn *t, uint64_t index)
{
	struct key k = { 0 };
	enum err err;

	key_u64(&k, index);
	err = store_del(t, TABLE_MISSING, key_slice(&k));
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* What the record did, is undone as far as it left rows of its own. */
static MUST_CHECK enum err
undo(struct txn *t, const struct record *rec, struct arena *a)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *route;
	enum err err = record_facts(rec, a, &f, &route);

	if (err == ERR_OK && rec->has_owner)
		err = view_forget(t, &rec->owner);
	if (err == ERR_OK)
		err = drop_number(t, route);
	if (err == ERR_OK)
		err = drop_month(t, rec);
	if (err == ERR_OK && f->erase != NULL)
		err = drop_awaited(t, rec->index);
	if (err == ERR_OK && f->missing != NULL)
		err = drop_missing(t, rec->index);
	return (err);
}

static MUST_CHECK enum err
undo_one(struct txn *t, uint64_t index)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	struct record rec;
	enum err err = record_read(t, index, a, &rec);

	/* Gone through again: it was passed over. */
	if (err == ERR_NOT_FOUND || err == ERR_CONTENT_GONE)
		err = ERR_OK;
	else if (err == ERR_OK)
		err = undo(t, &rec, a);
	arena_rewind(a, mark);
	return (err);
}

/* --- what comes in its place ---------------------------------------------- */

static MUST_CHECK enum err
put_lane(struct txn *t, const Keten__V1__CarryLane *c)
{
	struct key k;

	if (c->lane.len != 8)
		return (ERR_CORRUPT);
	k = key_of_lane(c->partner, c->lane.data);
	key_u64(&k, c->last);
	return (store_put(t, TABLE_SEEN, key_slice(&k), nothing));
}

static MUST_CHECK enum err
put_entry(struct txn *t, const Keten__V1__CarryEntry *c)
{
	return (c->entry == NULL ? ERR_CORRUPT
		: row_entry_put(t, c->partner, c->index, c->entry));
}

static MUST_CHECK enum err
put_shortage(struct txn *t, const Keten__V1__CarryShortage *c)
{
	return (c->shortage == NULL ? ERR_CORRUPT
		: row_shortage_put(t, c->index, c->shortage));
}

/* A delivery that is erased keeps its place: the leaf is enough for the
 * running hash, and there is nothing else to send. */
static MUST_CHECK enum err
put_waiting(struct txn *t, const struct key *box,
    const Keten__V1__CarryWaiting *c)
{
	struct view_outbox d = { .seq = c->seq, .index = c->index };

	return (row_outbox_put(t, box, &d));
}

/* Make the running hashes of what waits again, from ${acked} on. */
static MUST_CHECK enum err
run_hashes(struct txn *t, struct txn *log, const struct key *box,
    const Keten__V1__CarryMailbox *c)
{
	uint8_t running[32], leaf[32];
	struct view_outbox d;

	memcpy(running, c->acked_hash.data, sizeof(running));
	for (uint64_t seq = c->acked + 1;; seq++) {
		struct key k = *box;
		struct slice v;
		enum err err;

		key_u64(&k, seq);
		err = store_get(t, TABLE_OUTBOX, key_slice(&k), &v);
		if (err == ERR_NOT_FOUND)
			return (ERR_OK);
		if (err == ERR_OK)
			err = row_outbox_read(key_slice(&k), v, &d);
		if (err == ERR_OK)
			err = store_leaf_hash(log, d.index, leaf);
		if (err != ERR_OK)
			return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
		leaf_running(running, seq, leaf, d.running_hash);
		memcpy(running, d.running_hash, sizeof(running));
		err = row_outbox_put(t, box, &d);
		if (err != ERR_OK)
			return (err);
	}
}

static MUST_CHECK enum err
put_mailbox(struct txn *t, struct txn *log, const Keten__V1__CarryMailbox *c)
{
	struct key box = key_of_box(c->partner, c->mailbox);
	enum err err;

	if (c->acked_hash.len != 32)
		return (ERR_CORRUPT);
	err = rows_drop_acked(t, &box, c->acked);
	for (size_t i = 0; i < c->n_waiting && err == ERR_OK; i++)
		err = put_waiting(t, &box, c->waiting[i]);
	if (err == ERR_OK && c->acked > 0)
		err = row_mailbox_put(t, &box, c->acked, c->acked_hash.data);
	if (err == ERR_OK)
		err = run_hashes(t, log, &box, c);
	return (err);
}

static MUST_CHECK enum err
put_carry(struct txn *t, struct txn *log, const Keten__V1__Carry *c)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < c->n_lanes && err == ERR_OK; i++)
		err = put_lane(t, c->lanes[i]);
	for (size_t i = 0; i < c->n_mailboxes && err == ERR_OK; i++)
		err = put_mailbox(t, log, c->mailboxes[i]);
	for (size_t i = 0; i < c->n_catalogue && err == ERR_OK; i++)
		err = put_entry(t, c->catalogue[i]);
	for (size_t i = 0; i < c->n_shortages && err == ERR_OK; i++)
		err = put_shortage(t, c->shortages[i]);
	return (err);
}

enum err
view_apply_log(struct txn *t, const struct view_in *in)
{
	const Keten__V1__EraseFacts *f = in->facts->erase;
	enum err err = ERR_OK;

	for (size_t i = 0; i < f->n_ranges && err == ERR_OK; i++) {
		const Keten__V1__EraseRange *r = f->ranges[i];

		for (uint32_t k = 0; k < r->count && err == ERR_OK; k++)
			err = undo_one(t, r->first + k);
	}
	if (err == ERR_OK && f->carry != NULL)
		err = put_carry(t, in->log == NULL ? t : in->log, f->carry);
	if (err == ERR_OK)
		err = rows_drop_shortages(t, in->time_ms);
	return (err);
}
