/*
 * view_refuted -- who made the newest wrap, and which do not open the part.
 *
 * Refuted: a row for each who made one that does not: 1 as long as no other
 * wrap came in its place.  Wrapped: the REWRAP that brought the newest one, so
 * that nobody has to look for it in a trail as long as somebody likes.
 */
#include <string.h>

#include "core/view_rows.h"

/* A row's key; with ${by} NULL what all for that part and key begin with. */
static struct key
refuted_key(uint64_t index, uint32_t part, const char *key_id,
    const char *by)
{
	uint8_t place[2];
	struct key k = { 0 };

	be16_put(place, (uint16_t)part);
	key_u64(&k, index);
	key_bytes(&k, place, sizeof(place));
	key_text(&k, key_id);
	if (by != NULL)
		key_text(&k, by);
	return (k);
}

enum err
view_is_refuted(struct txn *t, uint64_t index, uint32_t part,
    const char *key_id, bool *is)
{
	struct key k = refuted_key(index, part, key_id, NULL);
	struct slice key, value;
	enum err err = store_seek(t, TABLE_REFUTED, key_slice(&k), &key,
	    &value);

	*is = false;
	while (err == ERR_OK && key_begins(key, &k)) {
		if (value.len != 1)
			return (ERR_CORRUPT);
		*is = *is || value.p[0] != 0;
		err = store_next(t, TABLE_REFUTED, &key, &value);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
view_refuted_by(struct txn *t, uint64_t index, uint32_t part,
    const char *key_id, const struct org *who, bool *is)
{
	struct key k = refuted_key(index, part, key_id, who->id);
	struct slice value;
	enum err err = store_get(t, TABLE_REFUTED, key_slice(&k), &value);

	*is = err == ERR_OK;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* Another wrap came: what was said of those before it is settled. */
static MUST_CHECK enum err
settle(struct txn *t, uint64_t index, uint32_t part, const char *key_id)
{
	static const uint8_t settled = 0;
	struct key from = refuted_key(index, part, key_id, NULL), one = from;
	struct slice key, value;
	enum err err;

	while ((err = store_seek(t, TABLE_REFUTED, key_slice(&one), &key,
		    &value)) == ERR_OK && key_begins(key, &from)) {
		one.len = 0;
		key_bytes(&one, key.p, key.len);
		err = store_put(t, TABLE_REFUTED, key_slice(&one),
		    slice_of(&settled, 1));
		if (err != ERR_OK)
			return (err);
		key_bytes(&one, "", 1); /* the one behind it */
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
put_wrapped(struct txn *t, uint64_t by, const Keten__V1__PieceRef *p,
    const char *key_id)
{
	struct key k = refuted_key(p->index, p->part, key_id, NULL);
	uint8_t row[8];

	be64_put(row, by);
	return (store_put(t, TABLE_WRAPPED, key_slice(&k),
	    slice_of(row, sizeof(row))));
}

enum err
view_wrapped(struct txn *t, uint64_t index, uint32_t part, const char *key_id,
    uint64_t *by)
{
	struct key k = refuted_key(index, part, key_id, NULL);
	struct slice value;
	enum err err = store_get(t, TABLE_WRAPPED, key_slice(&k), &value);

	if (err == ERR_NOT_FOUND) { /* it came with the part */
		*by = index;
		return (ERR_OK);
	}
	if (err == ERR_OK && value.len != 8)
		err = ERR_CORRUPT;
	if (err == ERR_OK)
		*by = be64_get(value.p);
	return (err);
}

enum err
view_apply_refuted(struct txn *t, const struct view_in *in)
{
	static const uint8_t open = 1;
	const Keten__V1__UnreadableFacts *u = in->facts->unreadable;
	const Keten__V1__RewrapFacts *r = in->facts->rewrap;
	enum err err = ERR_OK;

	if (u != NULL && in->route != NULL && in->route->refuted != NULL) {
		struct key k = refuted_key(u->index, u->part,
		    in->route->refuted->key_id, in->route->refuted->by);

		err = store_put(t, TABLE_REFUTED, key_slice(&k),
		    slice_of(&open, 1));
	}
	for (size_t i = 0; r != NULL && err == ERR_OK && i < r->n_parts; i++) {
		err = settle(t, r->parts[i]->index, r->parts[i]->part,
		    r->key_id);
		if (err == ERR_OK)
			err = put_wrapped(t, in->index, r->parts[i],
			    r->key_id);
	}
	return (err);
}

enum err
view_forget_refuted(struct txn *t, const struct refid *id)
{
	struct view_trail page[32];
	uint64_t from = 0;
	size_t n;

	do {
		enum err err = view_trail(t, id, from, page, 32, &n);

		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			struct key k = { 0 };

			from = page[i].index + 1;
			key_u64(&k, page[i].index);
			err = rows_delete(t, TABLE_REFUTED, &k);
			if (err == ERR_OK)
				err = rows_delete(t, TABLE_WRAPPED, &k);
		}
		if (err != ERR_OK)
			return (err);
	} while (n == 32);
	return (ERR_OK);
}
