/*
 * record -- one thing that happened: appending it, and reading it back.
 *
 * A row of the record table, and of the content table:
 *
 *	0  1  form: 0 in clear, 1 encrypted, 2 erased
 *	1  4  pair of the vault
 *	5     what it holds
 *
 * and what a record holds:
 *
 *	0  1  1 if it has an owner
 *	1 16  owner
 *	17 32 salt
 *	49 4  length of the envelope, 4 length of the facts
 *	57    envelope, facts, route facts
 */
#include <string.h>

#include "core/erase.h"
#include "core/record.h"
#include "core/record_in.h"
#include "core/vault.h"
#include "core/view.h"
#include "trust/digest.h"
#include "wire/pb.h"

#define HOLDS_HEAD 57

uint64_t
record_next_index(const struct txn *t)
{
	return (store_size(t));
}

enum err
record_last_time(struct txn *t, int64_t *time_ms)
{
	uint64_t size = store_size(t);
	struct slice bytes;
	struct leaf leaf;
	enum err err;

	if (size == 0) {
		*time_ms = 0;
		return (ERR_OK);
	}
	err = store_leaf(t, size - 1, &bytes);
	if (err == ERR_OK && leaf_decode(bytes, &leaf) != ERR_OK)
		err = ERR_CORRUPT;
	if (err == ERR_OK)
		*time_ms = leaf.time_ms;
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* --- rows that may be encrypted ----------------------------------------- */

/* What an encrypted row is bound to: which table, which key. */
static struct slice
row_aad(enum table table, struct slice key, uint8_t buf[STORE_KEY_MAX])
{
	static const char label[] = "keten1/row"; /* its NUL counts */

	memcpy(buf, label, sizeof(label));
	buf[sizeof(label)] = (uint8_t)table;
	memcpy(buf + sizeof(label) + 1, key.p, key.len);
	return (slice_of(buf, sizeof(label) + 1 + key.len));
}

enum err
record_row_put(struct txn *t, enum table table, struct slice key,
    uint32_t pair, struct slice plain)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	bool clear = pair == RECORD_NO_PAIR;
	size_t len = ROW_HEAD + plain.len + (clear ? 0 : VAULT_OVERHEAD);
	uint8_t aad[STORE_KEY_MAX];
	uint8_t *row = arena_alloc(a, len);
	enum err err = ERR_OK;

	if (row == NULL)
		return (ERR_NOMEM);
	row[0] = clear ? ROW_CLEAR : ROW_SEALED;
	be32_put(row + 1, pair);
	if (clear)
		memcpy(row + ROW_HEAD, plain.p, plain.len);
	else
		err = vault_encrypt(store_vault(store_of(t)), pair,
		    table == TABLE_CONTENT ? VAULT_CONTENT : VAULT_RECORD,
		    row_aad(table, key, aad), plain, row + ROW_HEAD);
	if (err == ERR_OK)
		err = store_put_long(t, table, key, slice_of(row, len));
	arena_rewind(a, mark);
	return (err);
}

/* Decrypt a row into ${a}. */
static MUST_CHECK enum err
open_row(struct txn *t, enum table table, struct slice key, struct slice row,
    struct arena *a, struct slice *plain)
{
	struct slice sealed = slice_of(row.p + ROW_HEAD, row.len - ROW_HEAD);
	struct vault_reader *reader = store_reader(t);
	uint8_t aad[STORE_KEY_MAX];
	uint8_t *out;
	enum err err;

	if (sealed.len < VAULT_OVERHEAD)
		return (ERR_CORRUPT);
	out = arena_alloc(a, sealed.len - VAULT_OVERHEAD);
	if (out == NULL || reader == NULL)
		return (ERR_NOMEM);
	err = vault_decrypt(store_vault(store_of(t)), reader, be32_get(row.p + 1),
	    table == TABLE_CONTENT ? VAULT_CONTENT : VAULT_RECORD,
	    row_aad(table, key, aad), sealed, out);
	if (err == ERR_OK)
		*plain = slice_of(out, sealed.len - VAULT_OVERHEAD);
	return (err);
}

enum err
record_row_get(struct txn *t, enum table table, struct slice key,
    struct arena *a, uint32_t *pair, struct slice *plain)
{
	struct slice row;
	enum err err = store_get_long(t, table, key, a, &row);

	if (err != ERR_OK)
		return (err);
	if (row.len < ROW_HEAD)
		return (ERR_CORRUPT);
	*pair = be32_get(row.p + 1);
	if (row.p[0] == ROW_ERASED)
		return (ERR_CONTENT_GONE);
	if (row.p[0] == ROW_SEALED)
		return (open_row(t, table, key, row, a, plain));
	/* In clear, nothing binds these to each other but this. */
	if (row.p[0] != ROW_CLEAR || *pair != RECORD_NO_PAIR)
		return (ERR_CORRUPT);
	*plain = slice_of(row.p + ROW_HEAD, row.len - ROW_HEAD);
	return (ERR_OK);
}

/* --- appending ---------------------------------------------------------- */

static void
record_key(uint64_t index, uint8_t key[8])
{
	be64_put(key, index);
}

/* Pack the facts, take a salt: everything the leaf is made of. */
static MUST_CHECK enum err
prepare(struct txn *t, struct arena *a, const struct record_in *in,
    struct record_out *out)
{
	enum err err = pb_pack(a, &in->facts->base, &out->facts);

	out->index = in->facts->index;
	out->route = slice_of("", 0);
	if (err == ERR_OK && in->route != NULL)
		err = pb_pack(a, &in->route->base, &out->route);
	if (err == ERR_OK && in->salt == NULL)
		err = vault_random(store_vault(store_of(t)), out->salt,
		    LEAF_SALT);
	else if (err == ERR_OK)
		memcpy(out->salt, in->salt, LEAF_SALT);
	digest_of(in->envelope.p, in->envelope.len, out->envelope_hash);
	digest_of(out->route.p, out->route.len, out->route_hash);
	return (err);
}

/* What everybody may read of an erasure, as its facts say it. */
static MUST_CHECK enum err
clear_body(struct arena *a, const struct record_in *in, struct slice *clear)
{
	const Keten__V1__EraseFacts *f = in->facts->erase;
	struct leaf_erase body;
	struct leaf_range *list;
	uint8_t *out;
	size_t cap, len;

	*clear = in->clear;
	if (clear->len > 0 || f == NULL)
		return (ERR_OK);
	if (f->n_ranges > LEAF_ERASE_MAX || f->level > 2 ||
	    f->number > UINT16_MAX)
		return (ERR_CORRUPT);
	cap = LEAF_MAX - LEAF_LEN;
	list = arena_alloc(a, (f->n_ranges + 1) * sizeof(*list));
	out = arena_alloc(a, cap);
	if (list == NULL || out == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < f->n_ranges; i++)
		list[i] = (struct leaf_range){ f->ranges[i]->first,
			f->ranges[i]->count };
	body = (struct leaf_erase){ (uint8_t)f->level, (uint16_t)f->number,
		f->n_ranges, list };
	if (leaf_erase_encode(&body, out, cap, &len) != ERR_OK)
		return (ERR_CORRUPT);
	*clear = slice_of(out, len);
	return (ERR_OK);
}

static MUST_CHECK enum err
add_leaf(struct txn *t, struct arena *a, const struct record_in *in,
    struct record_out *out)
{
	struct leaf leaf = { .kind = (enum leaf_kind)in->facts->kind,
		.time_ms = in->facts->time_ms };
	uint8_t facts_hash[32];
	uint8_t *bytes;
	size_t cap, len;
	enum err err = clear_body(a, in, &leaf.clear);

	if (err != ERR_OK)
		return (err);
	cap = LEAF_LEN + leaf.clear.len;
	bytes = arena_alloc(a, cap);
	if (bytes == NULL)
		return (ERR_NOMEM);
	digest_of(out->facts.p, out->facts.len, facts_hash);
	leaf_record_from(out->salt, out->envelope_hash, facts_hash,
	    out->route_hash, leaf.record);
	if (leaf_encode(&leaf, bytes, cap, &len) != ERR_OK)
		return (ERR_CORRUPT);
	out->leaf = slice_of(bytes, len);
	return (store_add_leaf(t, out->leaf, out->leaf_hash));
}

static MUST_CHECK enum err
add_row(struct txn *t, uint32_t pair, const struct record_in *in,
    const struct record_out *out)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	size_t len = HOLDS_HEAD + in->envelope.len + out->facts.len +
	    out->route.len;
	uint8_t *p = arena_alloc(a, len);
	uint8_t key[8];
	enum err err;

	if (p == NULL)
		return (ERR_NOMEM);
	memset(p, 0, HOLDS_HEAD);
	if (in->owner != NULL) {
		p[0] = 1;
		memcpy(p + 1, in->owner->b, 16);
	}
	memcpy(p + 17, out->salt, LEAF_SALT);
	be32_put(p + 49, (uint32_t)in->envelope.len);
	be32_put(p + 53, (uint32_t)out->facts.len);
	if (in->envelope.len > 0)
		memcpy(p + HOLDS_HEAD, in->envelope.p, in->envelope.len);
	memcpy(p + HOLDS_HEAD + in->envelope.len, out->facts.p,
	    out->facts.len);
	memcpy(p + HOLDS_HEAD + in->envelope.len + out->facts.len,
	    out->route.p, out->route.len);
	record_key(out->index, key);
	err = record_row_put(t, TABLE_RECORD, slice_of(key, sizeof(key)), pair,
	    slice_of(p, len));
	arena_rewind(a, mark);
	return (err);
}

enum err
record_append(struct txn *t, struct arena *a, const struct record_in *in,
    struct record_out *out)
{
	struct view_in v = { .index = in->facts->index,
		.time_ms = in->facts->time_ms, .owner = in->owner,
		.facts = in->facts, .route = in->route,
		.envelope = in->envelope };
	struct record_out o = { 0 };
	enum err err;

	if (in->facts->index != record_next_index(t))
		return (ERR_CORRUPT);
	err = view_pair(t, &v, &v.pair);
	if (err == ERR_OK)
		err = prepare(t, a, in, &o);
	if (err == ERR_OK)
		err = add_leaf(t, a, in, &o);
	if (err == ERR_OK)
		err = add_row(t, v.pair, in, &o);
	if (err == ERR_OK && in->content != NULL)
		err = record_put_content(t, o.index, v.pair, in->content);
	if (err == ERR_OK && in->facts->erase != NULL)
		err = erase_note(t, o.index);
	if (err != ERR_OK)
		return (err);
	memcpy(v.leaf_hash, o.leaf_hash, 32);
	err = view_apply(t, &v);
	if (err == ERR_OK)
		*out = o;
	return (err);
}

/* --- reading ------------------------------------------------------------ */

static MUST_CHECK enum err
read_leaf(struct txn *t, uint64_t index, struct record *rec)
{
	enum err err = store_leaf(t, index, &rec->leaf_bytes);

	if (err != ERR_OK)
		return (err);
	if (leaf_decode(rec->leaf_bytes, &rec->leaf) != ERR_OK)
		return (ERR_CORRUPT);
	digest_leaf(rec->leaf_bytes, rec->leaf_hash);
	return (ERR_OK);
}

/* Take apart what a record holds. */
static MUST_CHECK enum err
split_row(struct slice p, struct record *rec)
{
	size_t envelope, facts, rest;

	if (p.len < HOLDS_HEAD || p.p[0] > 1)
		return (ERR_CORRUPT);
	rec->has_owner = p.p[0] == 1;
	memcpy(rec->owner.b, p.p + 1, 16);
	if (!rec->has_owner && !refid_is_none(&rec->owner))
		return (ERR_CORRUPT);
	memcpy(rec->salt, p.p + 17, LEAF_SALT);
	envelope = be32_get(p.p + 49);
	facts = be32_get(p.p + 53);
	rest = p.len - HOLDS_HEAD;
	if (envelope > rest || facts > rest - envelope)
		return (ERR_CORRUPT);
	rec->envelope = slice_of(p.p + HOLDS_HEAD, envelope);
	rec->facts = slice_of(p.p + HOLDS_HEAD + envelope, facts);
	rec->route = slice_of(rec->facts.p + facts, rest - envelope - facts);
	return (ERR_OK);
}

enum err
record_read(struct txn *t, uint64_t index, struct arena *a,
    struct record *rec)
{
	struct record r = { .index = index };
	struct slice plain;
	uint8_t key[8];
	enum err err = read_leaf(t, index, &r);

	if (err != ERR_OK)
		return (err);
	record_key(index, key);
	err = record_row_get(t, TABLE_RECORD, slice_of(key, sizeof(key)), a,
	    &r.pair, &plain);
	if (err == ERR_OK)
		err = split_row(plain, &r);
	if (err == ERR_OK)
		*rec = r;
	return (err);
}

enum err
record_check(const struct record *rec)
{
	uint8_t hash[32];

	leaf_record(rec->salt, rec->envelope, rec->facts, rec->route, hash);
	return (digest_eq(hash, rec->leaf.record) ? ERR_OK : ERR_DIGEST);
}

static MUST_CHECK enum err
unpack(struct arena *a, const ProtobufCMessageDescriptor *d, struct slice s,
    void *msg)
{
	enum err err = pb_unpack(a, d, s, &prescan_stored, msg);

	return (err == ERR_OK || err == ERR_NOMEM ? err : ERR_CORRUPT);
}

enum err
record_route(const struct record *rec, struct arena *a,
    Keten__V1__RouteFacts **route)
{
	Keten__V1__RouteFacts *r = NULL;
	enum err err = ERR_OK;

	if (rec->route.len > 0)
		err = unpack(a, &keten__v1__route_facts__descriptor,
		    rec->route, &r);
	if (err == ERR_OK)
		*route = r;
	return (err);
}

enum err
record_facts(const struct record *rec, struct arena *a,
    Keten__V1__Facts **facts, Keten__V1__RouteFacts **route)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *r = NULL;
	enum err err = unpack(a, &keten__v1__facts__descriptor, rec->facts,
	    &f);

	if (err == ERR_OK && route != NULL)
		err = record_route(rec, a, &r);
	if (err != ERR_OK)
		return (err);
	*facts = f;
	if (route != NULL)
		*route = r;
	return (ERR_OK);
}

enum err
record_pair(struct txn *t, uint64_t index, uint32_t *pair)
{
	uint8_t key[10];
	struct slice row;
	enum err err;

	record_key(index, key);
	be16_put(key + 8, 0); /* the first chunk has the head */
	err = store_get(t, TABLE_RECORD, slice_of(key, sizeof(key)), &row);
	if (err == ERR_OK && row.len < ROW_HEAD)
		return (ERR_CORRUPT);
	if (err == ERR_OK)
		*pair = be32_get(row.p + 1);
	return (err);
}

enum err
record_drop(struct txn *t, uint64_t index)
{
	uint8_t key[8];
	uint8_t row[ROW_HEAD];
	uint32_t pair;
	enum err err = record_pair(t, index, &pair);

	if (err != ERR_OK)
		return (err);
	record_key(index, key);
	row[0] = ROW_ERASED;
	be32_put(row + 1, pair);
	err = store_del_long(t, TABLE_RECORD, slice_of(key, sizeof(key)));
	if (err == ERR_OK)
		err = store_put_long(t, TABLE_RECORD,
		    slice_of(key, sizeof(key)), slice_of(row, sizeof(row)));
	return (err);
}
