/*
 * spool_slot -- which slot of slots.h belongs to which referral.
 *
 * A row of SPOOL_SLOT: the number of the slot, and 1 once its content is
 * erased.  It stays: what is erased must not begin again.
 */
#include <string.h>

#include "sdk/spool_in.h"

#define ROW 8
#define ARENA 512

static struct spool_key
slot_key(const struct refid *id)
{
	return (spool_key_of(id->b, sizeof(id->b)));
}

static MUST_CHECK enum err
read_row(struct spool_txn *txn, const struct refid *id, uint32_t *slot,
    bool *closed)
{
	struct arena *a = arena_new(ARENA);
	struct slice v;
	enum err err = a == NULL ? ERR_NOMEM
				 : spool_get(txn, SPOOL_SLOT, slot_key(id), a,
				       &v);

	if (err == ERR_OK && v.len != ROW)
		err = ERR_CORRUPT;
	if (err == ERR_OK) {
		*slot = be32_get(v.p);
		*closed = be32_get(v.p + 4) != 0;
	}
	arena_free(a);
	return (err);
}

static MUST_CHECK enum err
write_row(struct spool_txn *txn, const struct refid *id, uint32_t slot,
    bool closed)
{
	uint8_t row[ROW];

	be32_put(row, slot);
	be32_put(row + 4, closed);
	return (spool_put(txn, SPOOL_SLOT, slot_key(id),
	    slice_of(row, sizeof(row))));
}

enum err
spool_slot(struct spool_txn *txn, const struct refid *id, uint32_t *slot)
{
	uint64_t last;
	bool closed = false;
	enum err err;

	*slot = 0;
	if (refid_is_none(id))
		return (ERR_OK);
	err = read_row(txn, id, slot, &closed);
	if (closed)
		*slot = 0;
	if (err != ERR_NOT_FOUND)
		return (err);
	if ((err = spool_meta_u64(txn, "slots", &last)) != ERR_OK)
		return (err);
	if (last >= UINT32_MAX)
		return (ERR_FULL);
	*slot = (uint32_t)last + 1;
	if ((err = slots_make(txn->spool->slots, *slot)) != ERR_OK ||
	    (err = spool_meta_set_u64(txn, "slots", *slot)) != ERR_OK)
		return (err);
	return (write_row(txn, id, *slot, false));
}

enum err
spool_slot_close(struct spool_txn *txn, const struct refid *id,
    uint32_t *slot)
{
	bool closed = false;
	enum err err = read_row(txn, id, slot, &closed);

	if (err == ERR_NOT_FOUND) {
		*slot = 0;
		err = ERR_OK;
	}
	return (err == ERR_OK ? write_row(txn, id, *slot, true) : err);
}

enum err
spool_slot_wipe(struct spool *spool, const struct refid *id)
{
	struct spool_txn *txn = NULL;
	uint32_t slot = 0;
	bool closed = false;
	enum err err = spool_begin(spool, false, &txn);

	if (err == ERR_OK)
		err = read_row(txn, id, &slot, &closed);
	spool_abort(&txn);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !closed))
		return (ERR_OK);
	return (err == ERR_OK ? slots_wipe(spool->slots, slot) : err);
}

enum err
spool_after_under(struct spool_txn *txn, enum spool_table table,
    uint32_t slot, struct spool_key *key)
{
	MDB_val k = spool_val(key), v;
	MDB_cursor *c;
	int rc;

	if (mdb_cursor_open(txn->txn, txn->spool->dbi[table], &c) != 0)
		return (ERR_STORE);
	rc = mdb_cursor_get(c, &k, &v, key->len == 0 ? MDB_FIRST
						     : MDB_SET_RANGE);
	if (rc == 0 && key->len > 0 && k.mv_size == key->len &&
	    memcmp(k.mv_data, key->b, key->len) == 0)
		rc = mdb_cursor_get(c, &k, &v, MDB_NEXT);
	while (rc == 0 && (v.mv_size < SPOOL_HEAD ||
			      be32_get(v.mv_data) != slot))
		rc = mdb_cursor_get(c, &k, &v, MDB_NEXT);
	if (rc == 0)
		*key = spool_key_of(k.mv_data, k.mv_size);
	mdb_cursor_close(c);
	return (rc == 0 ? ERR_OK :
	    rc == MDB_NOTFOUND ? ERR_NOT_FOUND : ERR_STORE);
}
