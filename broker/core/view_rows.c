/*
 * view_rows -- how the rows of the view look: keys and values.
 */
#include <string.h>

#include "core/view_keep.h"
#include "wire/pb.h"

/* --- keys --------------------------------------------------------------- */

void
key_bytes(struct key *k, const void *p, size_t len)
{
	if (k->len > STORE_KEY_MAX || len > STORE_KEY_MAX - k->len) {
		k->len = STORE_KEY_MAX + 1;
		return;
	}
	memcpy(k->b + k->len, p, len);
	k->len += len;
}

void
key_text(struct key *k, const char *text)
{
	key_bytes(k, text, strlen(text) + 1);
}

void
key_u64(struct key *k, uint64_t n)
{
	uint8_t b[8];

	be64_put(b, n);
	key_bytes(k, b, sizeof(b));
}

struct slice
key_slice(const struct key *k)
{
	return (slice_of(k->b, k->len));
}

bool
key_begins(struct slice key, const struct key *k)
{
	return (key.len >= k->len && memcmp(key.p, k->b, k->len) == 0);
}

struct key
key_of_box(const char *partner, const char *mailbox)
{
	struct key k = { 0 };

	key_text(&k, partner);
	key_text(&k, mailbox);
	return (k);
}

struct key
key_of_lane(const char *partner, const uint8_t lane[8])
{
	struct key k = { 0 };

	key_text(&k, partner);
	key_bytes(&k, lane, 8);
	return (k);
}

enum err
rows_delete(struct txn *t, enum table table, const struct key *prefix)
{
	struct slice key, value;
	struct key one;
	enum err err;

	while ((err = store_seek(t, table, key_slice(prefix), &key, &value)) ==
		ERR_OK && key_begins(key, prefix)) {
		one.len = 0;
		key_bytes(&one, key.p, key.len);
		err = store_del(t, table, key_slice(&one));
		if (err != ERR_OK)
			return (err);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* --- referral ----------------------------------------------------------- */

enum err
row_referral_get(struct txn *t, const struct refid *id, struct arena *a,
    struct row_referral *row)
{
	struct view_more more;
	struct slice v;
	enum err err = view_keep_row(t, id, a, &v);

	if (err == ERR_NOT_FOUND)
		err = store_get_long(t, TABLE_REFERRAL,
		    slice_of(id->b, sizeof(id->b)), a, &v);
	if (err != ERR_OK)
		return (err);
	if (v.len < ROW_REFERRAL_HEAD)
		return (ERR_CORRUPT);
	more.pair = be32_get(v.p);
	more.opening_index = be64_get(v.p + 4);
	more.newest_index = be64_get(v.p + 12);
	memcpy(more.newest_leaf, v.p + 20, 32);
	row->more = more;
	row->state = slice_of(v.p + ROW_REFERRAL_HEAD,
	    v.len - ROW_REFERRAL_HEAD);
	return (ERR_OK);
}

enum err
row_referral_pack(struct arena *a, const struct view_more *more,
    const Keten__V1__ReferralState *state, struct slice *row)
{
	uint8_t head[ROW_REFERRAL_HEAD];

	be32_put(head, more->pair);
	be64_put(head + 4, more->opening_index);
	be64_put(head + 12, more->newest_index);
	memcpy(head + 20, more->newest_leaf, 32);
	return (pb_pack_behind(a, slice_of(head, sizeof(head)), &state->base,
	    row));
}

enum err
row_referral_put(struct txn *t, const struct refid *id, struct arena *a,
    const struct view_more *more, const Keten__V1__ReferralState *state,
    bool was_long)
{
	struct slice key = slice_of(id->b, sizeof(id->b)), row;
	enum err err = row_referral_pack(a, more, state, &row);

	if (err == ERR_OK && was_long)
		err = store_del_long(t, TABLE_REFERRAL, key);
	if (err == ERR_OK)
		err = store_put_long(t, TABLE_REFERRAL, key, row);
	return (err);
}

enum err
row_referral_state(const struct row_referral *row, struct arena *a,
    Keten__V1__ReferralState **state)
{
	enum err err = pb_unpack(a, &keten__v1__referral_state__descriptor,
	    row->state, &prescan_stored, state);

	return (err == ERR_OK || err == ERR_NOMEM ? err : ERR_CORRUPT);
}

/* --- due ---------------------------------------------------------------- */

#define DUE_KEY 24
#define DUE_VALUE 3

static void
due_key(const struct view_due *due, uint8_t key[DUE_KEY])
{
	be64_put(key, (uint64_t)due->at_ms);
	memcpy(key + 8, due->referral.b, 16);
}

enum err
row_due_put(struct txn *t, const struct view_due *due)
{
	uint8_t key[DUE_KEY];
	uint8_t value[DUE_VALUE];

	due_key(due, key);
	value[0] = (uint8_t)due->term;
	be16_put(value + 1, due->offer);
	return (store_put(t, TABLE_DUE, slice_of(key, sizeof(key)),
	    slice_of(value, sizeof(value))));
}

enum err
row_due_del(struct txn *t, const struct view_due *due)
{
	uint8_t key[DUE_KEY];
	enum err err;

	due_key(due, key);
	err = store_del(t, TABLE_DUE, slice_of(key, sizeof(key)));
	/* It was there when it was put: this is not our table any more. */
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

enum err
row_due_read(struct slice key, struct slice value, struct view_due *due)
{
	if (key.len != DUE_KEY || value.len != DUE_VALUE || key.p[0] > 0x7f ||
	    value.p[0] == 0 || value.p[0] >= (int)TERM__MAX)
		return (ERR_CORRUPT);
	due->at_ms = (int64_t)be64_get(key.p);
	memcpy(due->referral.b, key.p + 8, 16);
	due->term = (enum term)value.p[0];
	due->offer = be16_get(value.p + 1);
	return (ERR_OK);
}

/* --- outbox ------------------------------------------------------------- */

#define OUTBOX_HEAD 64
#define OUTBOX_PIECE 10
#define OUTBOX_MAX (OUTBOX_HEAD + OUTBOX_PIECE * VIEW_PIECES_MAX)

/* 0 index, 8 running hash, 40 role, 41 offer, 43 with, 47 referral, 63 n. */
enum err
row_outbox_put(struct txn *t, const struct key *box,
    const struct view_outbox *d)
{
	struct key k = *box;
	uint8_t row[OUTBOX_MAX];
	uint8_t *p = row + OUTBOX_HEAD;

	key_u64(&k, d->seq);
	be64_put(row, d->index);
	memcpy(row + 8, d->running_hash, 32);
	row[40] = (uint8_t)d->role;
	be16_put(row + 41, d->offer);
	be32_put(row + 43, d->with);
	memcpy(row + 47, d->referral.b, 16);
	row[63] = (uint8_t)d->n_pieces;
	for (size_t i = 0; i < d->n_pieces; i++, p += OUTBOX_PIECE) {
		be64_put(p, d->pieces[i].index);
		be16_put(p + 8, (uint16_t)d->pieces[i].part);
	}
	return (store_put(t, TABLE_OUTBOX, key_slice(&k),
	    slice_of(row, (size_t)(p - row))));
}

enum err
row_outbox_read(struct slice key, struct slice value, struct view_outbox *d)
{
	const uint8_t *p = value.p;

	if (key.len < 8 || value.len < OUTBOX_HEAD ||
	    p[63] > VIEW_PIECES_MAX ||
	    value.len != OUTBOX_HEAD + (size_t)OUTBOX_PIECE * p[63])
		return (ERR_CORRUPT);
	d->seq = be64_get(key.p + key.len - 8);
	d->index = be64_get(p);
	memcpy(d->running_hash, p + 8, 32);
	d->role = (Keten__V1__DeliveryRole)p[40];
	d->offer = be16_get(p + 41);
	d->with = be32_get(p + 43);
	memcpy(d->referral.b, p + 47, 16);
	d->n_pieces = p[63];
	p += OUTBOX_HEAD;
	for (size_t i = 0; i < d->n_pieces; i++, p += OUTBOX_PIECE) {
		d->pieces[i].index = be64_get(p);
		d->pieces[i].part = be16_get(p + 8);
	}
	return (ERR_OK);
}

/* --- mailbox ------------------------------------------------------------ */

enum err
rows_drop_acked(struct txn *t, const struct key *box, uint64_t acked)
{
	struct slice key, value;
	enum err err;

	while ((err = store_seek(t, TABLE_OUTBOX, key_slice(box), &key,
		    &value)) == ERR_OK &&
	    key.len == box->len + 8 && key_begins(key, box) &&
	    be64_get(key.p + box->len) <= acked) {
		struct key one = { 0 };

		key_bytes(&one, key.p, key.len);
		err = store_del(t, TABLE_OUTBOX, key_slice(&one));
		if (err != ERR_OK)
			return (err);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

#define MAILBOX_VALUE 40

/* What the ACKs left; zeros if there was none. */
static MUST_CHECK enum err
read_acked(struct txn *t, const struct key *box, struct view_mailbox *mb)
{
	struct slice v;
	enum err err = store_get(t, TABLE_MAILBOX, key_slice(box), &v);

	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err == ERR_OK && v.len != MAILBOX_VALUE)
		return (ERR_CORRUPT);
	if (err == ERR_OK) {
		mb->acked = be64_get(v.p);
		memcpy(mb->acked_hash, v.p + 8, 32);
	}
	return (err);
}

/*
 * The newest delivery stands in the outbox; if nothing does, it is the one that
 * was acknowledged last.  So a delivery costs one row and not two.
 */
enum err
row_mailbox_get(struct txn *t, const struct key *box, struct view_mailbox *mb)
{
	struct view_mailbox m = { 0 };
	struct key until = *box;
	struct slice key, value;
	enum err err = read_acked(t, box, &m);

	if (err != ERR_OK)
		return (err);
	m.last = m.acked;
	memcpy(m.last_hash, m.acked_hash, 32);
	key_u64(&until, UINT64_MAX);
	err = store_before(t, TABLE_OUTBOX, key_slice(&until), &key, &value);
	if (err == ERR_OK && key_begins(key, box)) {
		if (key.len != box->len + 8 || value.len < OUTBOX_HEAD)
			return (ERR_CORRUPT);
		m.last = be64_get(key.p + box->len);
		memcpy(m.last_hash, value.p + 8, 32);
	}
	if (err == ERR_OK || err == ERR_NOT_FOUND) {
		*mb = m;
		return (ERR_OK);
	}
	return (err);
}

enum err
row_mailbox_put(struct txn *t, const struct key *box, uint64_t acked,
    const uint8_t hash[32])
{
	uint8_t row[MAILBOX_VALUE];

	be64_put(row, acked);
	memcpy(row + 8, hash, 32);
	return (store_put(t, TABLE_MAILBOX, key_slice(box),
	    slice_of(row, sizeof(row))));
}

/* --- meta --------------------------------------------------------------- */

static struct key
meta_key(const char *name, uint64_t n)
{
	struct key k = { 0 };

	key_text(&k, name);
	key_u64(&k, n);
	return (k);
}

enum err
row_meta_get(struct txn *t, const char *name, uint64_t n, uint64_t *value)
{
	struct key k = meta_key(name, n);
	struct slice v;
	enum err err = store_get(t, TABLE_META, key_slice(&k), &v);

	if (err == ERR_OK && v.len != 8)
		return (ERR_CORRUPT);
	if (err == ERR_OK)
		*value = be64_get(v.p);
	return (err);
}

enum err
row_meta_put(struct txn *t, const char *name, uint64_t n, uint64_t value)
{
	struct key k = meta_key(name, n);
	uint8_t v[8];

	be64_put(v, value);
	return (store_put(t, TABLE_META, key_slice(&k),
	    slice_of(v, sizeof(v))));
}
