/*
 * casebook -- the sealed parts of a referral.
 */
#include <string.h>

#include "sdk/casebook.h"
#include "sdk/rows.h"

enum { ROW_VERSION = 1 };

#define KEY_LEN (16 + 8 + 4)

static struct spool_key
piece_key(const struct refid *id, uint64_t index, uint32_t part)
{
	struct spool_key k = { .len = KEY_LEN };

	memcpy(k.b, id->b, sizeof(id->b));
	be64_put(k.b + 16, index);
	be32_put(k.b + 24, part);
	return (k);
}

static void
write_piece(struct row *row, const struct piece *p)
{
	row_u32(row, ROW_VERSION);
	row_u32(row, (uint32_t)p->kind);
	row_text(row, p->from.id);
	row_raw(row, p->sha256, 32);
	row_raw(row, p->plain_commit, 32);
	row_raw(row, p->nonce, 16);
	row_bytes(row, p->sealed);
	row_u32(row, p->has_wrap);
	row_raw(row, p->wrap.key_id, SEAL_KEY_ID);
	row_raw(row, p->wrap.epk_x, 32);
	row_raw(row, p->wrap.epk_y, 32);
	row_raw(row, p->wrap.encrypted_key, 40);
	row_u32(row, (uint32_t)p->state);
}

enum err
casebook_piece_get(struct spool_txn *txn, struct arena *a,
    const struct refid *id, uint64_t index, uint32_t part, struct piece *p)
{
	struct row_reader row;
	struct slice value;
	char from[ORG_MAX + 1];
	enum err err;

	err = spool_get(txn, SPOOL_PIECE, piece_key(id, index, part), a,
	    &value);
	if (err != ERR_OK)
		return (err);
	memset(p, 0, sizeof(*p));
	row = row_read(value);
	if (row_get_u32(&row) != ROW_VERSION)
		return (ERR_CORRUPT);
	p->index = index;
	p->part = part;
	p->kind = (Keten__V1__PartKind)row_get_u32(&row);
	row_get_chars(&row, from, sizeof(from));
	p->from = org_of(from);
	row_get_raw(&row, p->sha256, 32);
	row_get_raw(&row, p->plain_commit, 32);
	row_get_raw(&row, p->nonce, 16);
	p->sealed = row_get_bytes(&row);
	p->has_wrap = row_get_u32(&row) != 0;
	row_get_raw(&row, p->wrap.key_id, SEAL_KEY_ID);
	row_get_raw(&row, p->wrap.epk_x, 32);
	row_get_raw(&row, p->wrap.epk_y, 32);
	row_get_raw(&row, p->wrap.encrypted_key, 40);
	p->state = row_get_u32(&row);
	return (row.bad ? ERR_CORRUPT : ERR_OK);
}

/* Keep in the referral which kinds of part open. */
static MUST_CHECK enum err
note_openable(struct spool_txn *txn, struct arena *a, const struct refid *id,
    const struct piece *p)
{
	struct dossier d;
	uint32_t bit = 1u << (unsigned)p->kind;
	enum err err;

	if (p->state != PIECE_OPENS)
		return (ERR_OK);
	err = casebook_get(txn, a, id, &d);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK || (d.openable & bit) != 0)
		return (err);
	d.openable |= bit;
	return (casebook_put(txn, a, &d));
}

static MUST_CHECK enum err
write_row(struct spool_txn *txn, const struct refid *id, uint32_t slot,
    const struct piece *p)
{
	struct row row;
	enum err err;

	row_init(&row);
	write_piece(&row, p);
	err = row.bad ? ERR_NOMEM
		      : spool_put_under(txn, SPOOL_PIECE,
			    piece_key(id, p->index, p->part), slot,
			    row_slice(&row));
	row_fini(&row);
	return (err);
}

enum err
casebook_piece_shut(struct spool_txn *txn, const struct refid *id,
    const struct piece *p)
{
	struct piece shut = *p;
	uint32_t slot;
	enum err err = spool_slot(txn, id, &slot);

	if (err != ERR_OK || slot == 0)
		return (err);
	shut.has_wrap = false;
	shut.state = PIECE_NEW;
	return (write_row(txn, id, slot, &shut));
}

enum err
casebook_piece_put(struct spool_txn *txn, struct arena *a,
    const struct refid *id, const struct piece *p)
{
	size_t mark = arena_used(a);
	struct piece full = *p, old;
	uint32_t slot;
	enum err err = spool_slot(txn, id, &slot);

	/* What is erased does not come back. */
	if (err != ERR_OK || slot == 0)
		return (err);
	err = casebook_piece_get(txn, a, id, p->index, p->part, &old);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		goto out;
	if (err == ERR_OK && full.sealed.len == 0)
		full.sealed = old.sealed;
	if (err == ERR_OK && !full.has_wrap && old.has_wrap) {
		full.has_wrap = true;
		full.wrap = old.wrap;
	}
	/* What opens already is not taken from us by another wrap. */
	if (err == ERR_OK && old.state == PIECE_OPENS && old.has_wrap &&
	    memcmp(full.sha256, old.sha256, sizeof(old.sha256)) == 0) {
		full.wrap = old.wrap;
		full.state = PIECE_OPENS;
	}
	/* The same wrap does not open it now either. */
	if (err == ERR_OK && old.state == PIECE_FAILS && old.has_wrap &&
	    memcmp(&full.wrap, &old.wrap, sizeof(old.wrap)) == 0 &&
	    memcmp(full.sha256, old.sha256, sizeof(old.sha256)) == 0)
		full.state = PIECE_FAILS;
	err = write_row(txn, id, slot, &full);
	if (err == ERR_OK)
		err = note_openable(txn, a, id, &full);
out:
	arena_rewind(a, mark);
	return (err);
}

/* Is ${k} the key of a part of ${id}? */
static bool
is_of(const struct spool_key *k, const struct refid *id)
{
	return (k->len == KEY_LEN && memcmp(k->b, id->b, sizeof(id->b)) == 0);
}

enum err
casebook_piece_find(struct spool_txn *txn, struct arena *a,
    const struct refid *id, Keten__V1__PartKind kind, uint64_t index,
    struct piece *p)
{
	struct spool_key k = piece_key(id, index == 0 ? UINT64_MAX : index,
	    UINT32_MAX);
	bool found = false;
	enum err err;

	while ((err = spool_before(txn, SPOOL_PIECE, &k)) == ERR_OK &&
	    is_of(&k, id) && (index == 0 || be64_get(k.b + 16) == index)) {
		size_t mark = arena_used(a);
		struct piece one;

		err = casebook_piece_get(txn, a, id, be64_get(k.b + 16),
		    be32_get(k.b + 24), &one);
		if (err != ERR_OK)
			return (err);
		if (one.kind != kind || (found && !one.has_wrap)) {
			arena_rewind(a, mark);
			continue;
		}
		found = true;
		*p = one;
		if (one.has_wrap && one.sealed.len > 0)
			return (ERR_OK);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	return (found ? ERR_OK : ERR_NOT_FOUND);
}

enum err
casebook_pieces(struct spool_txn *txn, struct arena *a, const struct refid *id,
    void (*each)(void *cookie, const struct piece *p), void *cookie)
{
	struct spool_key k = piece_key(id, 0, 0);
	enum err err = spool_from(txn, SPOOL_PIECE, &k);

	while (err == ERR_OK && is_of(&k, id)) {
		size_t mark = arena_used(a);
		struct piece one;

		err = casebook_piece_get(txn, a, id, be64_get(k.b + 16),
		    be32_get(k.b + 24), &one);
		if (err == ERR_OK)
			each(cookie, &one);
		arena_rewind(a, mark);
		if (err == ERR_OK)
			err = spool_after(txn, SPOOL_PIECE, &k);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
casebook_purge(struct spool_txn *txn, struct arena *a, const struct refid *id)
{
	struct spool_key k = piece_key(id, 0, 0);
	struct dossier d;
	enum err err;

	while ((err = spool_from(txn, SPOOL_PIECE, &k)) == ERR_OK &&
	    is_of(&k, id))
		if ((err = spool_del(txn, SPOOL_PIECE, k)) != ERR_OK)
			return (err);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	err = casebook_get(txn, a, id, &d);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	d.openable = 0;
	d.is_erased = true;
	memset(d.exact_code, 0, sizeof(d.exact_code));
	memset(d.exact_area, 0, sizeof(d.exact_area));
	return (casebook_put(txn, a, &d));
}
