/*
 * view_apply -- do to the view what a record says: numbers, deliveries, and
 * what a kind of record does of its own.
 *
 * Copying, not deciding: everything comes from the facts.  What does not
 * follow from what is there is ERR_CORRUPT.
 */
#include <string.h>

#include "core/period.h"
#include "core/view_rows.h"
#include "trust/leaf.h"

bool
view_is_about(const Keten__V1__Change *c, const struct refid *id)
{
	return (c->referral.len == sizeof(id->b) &&
	    memcmp(c->referral.data, id->b, sizeof(id->b)) == 0);
}

/* --- numbers, deliveries ------------------------------------------------ */

static MUST_CHECK enum err
apply_sender(struct txn *t, const struct view_in *in)
{
	const Keten__V1__Sender *s = in->route == NULL ? NULL
						       : in->route->sender;
	uint8_t row[40];
	struct key k;

	if (s == NULL)
		return (ERR_OK);
	if (s->lane.len != 8 || s->body_hash.len != 32)
		return (ERR_CORRUPT);
	k = key_of_lane(s->partner, s->lane.data);
	key_u64(&k, s->number);
	be64_put(row, in->index);
	memcpy(row + 8, s->body_hash.data, 32);
	return (store_put(t, TABLE_SEEN, key_slice(&k),
	    slice_of(row, sizeof(row))));
}

static MUST_CHECK enum err
read_sent(const struct view_in *in, const Keten__V1__Sent *s,
    struct view_outbox *d)
{
	memset(d, 0, sizeof(*d));
	if (s->n_pieces > VIEW_PIECES_MAX || s->offer > UINT16_MAX ||
	    (s->referral.len != 0 && s->referral.len != 16))
		return (ERR_CORRUPT);
	d->seq = s->seq;
	d->index = in->index;
	d->role = s->role;
	d->offer = (uint16_t)s->offer;
	d->with = s->with;
	if (s->referral.len != 0)
		memcpy(d->referral.b, s->referral.data, 16);
	for (size_t i = 0; i < s->n_pieces; i++) {
		if (s->pieces[i]->part > UINT16_MAX)
			return (ERR_CORRUPT);
		d->pieces[i].index = s->pieces[i]->index;
		d->pieces[i].part = s->pieces[i]->part;
	}
	d->n_pieces = s->n_pieces;
	return (ERR_OK);
}

static MUST_CHECK enum err
apply_sent(struct txn *t, const struct view_in *in, const Keten__V1__Sent *s)
{
	struct key box = key_of_box(s->partner, s->mailbox);
	struct view_outbox d;
	struct view_mailbox mb;
	enum err err = read_sent(in, s, &d);

	if (err == ERR_OK)
		err = row_mailbox_get(t, &box, &mb);
	if (err != ERR_OK)
		return (err);
	/* Those in between were deliveries of records that are erased. */
	if (s->seq != mb.last + 1 && !(in->has_gaps && s->seq > mb.last))
		return (ERR_CORRUPT);
	leaf_running(mb.last_hash, s->seq, in->leaf_hash, d.running_hash);
	return (row_outbox_put(t, &box, &d));
}

static MUST_CHECK enum err
apply_route(struct txn *t, const struct view_in *in)
{
	const Keten__V1__RouteFacts *route = in->route;
	enum err err = apply_sender(t, in);

	for (size_t i = 0; route != NULL && i < route->n_deliveries &&
	     err == ERR_OK; i++)
		err = apply_sent(t, in, route->deliveries[i]);
	return (err);
}

/* --- kinds that do something of their own ------------------------------- */

/* Remove the deliveries after ${from} up to and including ${to}. */
static MUST_CHECK enum err
drop_deliveries(struct txn *t, const struct key *box, uint64_t from,
    uint64_t to)
{
	for (uint64_t seq = from + 1; seq <= to; seq++) {
		struct key k = *box;
		enum err err;

		key_u64(&k, seq);
		err = store_del(t, TABLE_OUTBOX, key_slice(&k));
		if (err != ERR_OK)
			return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	}
	return (ERR_OK);
}

/* Some of what was acknowledged is not known any more. */
static MUST_CHECK enum err
apply_old_ack(struct txn *t, const struct key *box,
    const Keten__V1__AckFacts *ack)
{
	enum err err = rows_drop_acked(t, box, ack->n);

	if (err != ERR_OK)
		return (err);
	return (row_mailbox_put(t, box, ack->n, ack->running_hash.data));
}

static MUST_CHECK enum err
apply_ack(struct txn *t, const struct view_in *in)
{
	const Keten__V1__AckFacts *ack = in->facts->ack;
	struct view_mailbox mb;
	struct view_outbox d;
	struct key box, k;
	struct slice row;
	enum err err;

	if (ack == NULL || ack->running_hash.len != 32)
		return (ERR_CORRUPT);
	box = key_of_box(ack->partner, ack->mailbox);
	err = row_mailbox_get(t, &box, &mb);
	if (err == ERR_OK && in->has_gaps)
		return (apply_old_ack(t, &box, ack));
	if (err != ERR_OK)
		return (err);
	if (ack->n < mb.acked || ack->n > mb.last)
		return (ERR_CORRUPT);
	if (ack->n == mb.acked)
		return (memcmp(ack->running_hash.data, mb.acked_hash, 32) == 0
			? ERR_OK : ERR_CORRUPT);
	k = box;
	key_u64(&k, ack->n);
	err = store_get(t, TABLE_OUTBOX, key_slice(&k), &row);
	if (err == ERR_OK)
		err = row_outbox_read(key_slice(&k), row, &d);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	if (memcmp(ack->running_hash.data, d.running_hash, 32) != 0)
		return (ERR_CORRUPT);
	err = drop_deliveries(t, &box, mb.acked, ack->n);
	if (err == ERR_OK)
		err = row_mailbox_put(t, &box, ack->n, d.running_hash);
	return (err);
}

static MUST_CHECK enum err
apply_key(struct txn *t, const struct view_in *in)
{
	uint8_t key[8];

	if (in->envelope.len > STORE_CHUNK)
		return (ERR_CORRUPT);
	be64_put(key, in->index);
	return (store_put(t, TABLE_KEY, slice_of(key, sizeof(key)),
	    in->envelope));
}

static MUST_CHECK enum err
apply_policy(struct txn *t, const struct view_in *in)
{
	const Keten__V1__PolicyFacts *p = in->facts->policy;
	enum err err;

	/* 0 stands for the one in force. */
	if (p == NULL || p->index == 0)
		return (ERR_CORRUPT);
	err = row_meta_put(t, META_POLICY, p->index, in->index);
	if (err == ERR_OK)
		err = row_meta_put(t, META_POLICY, 0, p->index);
	return (err);
}

/* A month is published once; where, is remembered for ever. */
static MUST_CHECK enum err
apply_report(struct txn *t, const struct view_in *in)
{
	const Keten__V1__ReportFacts *r = in->facts->access->report;
	uint32_t month;
	uint64_t was;
	enum err err;

	if (r == NULL || r->pages == 0 || r->page != 0)
		return (ERR_OK);
	if (!period_month(r->period, &month))
		return (ERR_CORRUPT);
	err = row_meta_get(t, META_REPORT, month, &was);
	if (err == ERR_NOT_FOUND)
		return (row_meta_put(t, META_REPORT, month, in->index));
	return (err == ERR_OK ? ERR_CORRUPT : err);
}

static MUST_CHECK enum err
apply_kind(struct txn *t, const struct view_in *in)
{
	enum err err = ERR_OK;

	if (in->facts->kind == KETEN__V1__RECORD_KIND__RECORD_DELIVERED)
		err = apply_ack(t, in);
	else if (in->facts->kind == KETEN__V1__RECORD_KIND__RECORD_KEY)
		err = apply_key(t, in);
	else if (in->facts->kind == KETEN__V1__RECORD_KIND__RECORD_POLICY)
		err = apply_policy(t, in);
	if (err == ERR_OK)
		err = view_apply_supply(t, in);
	if (err == ERR_OK)
		err = view_apply_refuted(t, in);
	if (err == ERR_OK && in->facts->access != NULL)
		err = apply_report(t, in);
	if (err == ERR_OK)
		err = view_apply_erase(t, in);
	return (err);
}

enum err
view_apply(struct txn *t, const struct view_in *in)
{
	struct store_counters *counters = store_counters(t);
	enum err err;

	if (in->index != counters->applied || in->facts->index != in->index)
		return (ERR_CORRUPT);
	err = view_take_pair(t, in);
	if (err == ERR_OK)
		err = view_apply_changes(t, in);
	if (err == ERR_OK)
		err = apply_route(t, in);
	if (err == ERR_OK)
		err = apply_kind(t, in);
	if (err == ERR_OK)
		counters->applied++;
	return (err);
}
