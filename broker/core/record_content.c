/*
 * record_content -- the sealed parts of a record and their wraps.
 *
 * Keys are index, part (2 bytes), wrap (2 bytes): wrap 0 is the part itself
 * with the wraps that came with it, in one row when they are small; each later
 * wrap has a row of its own.
 *
 *	0  1  kind
 *	1  1  wraps
 *	2  4  length of the sealed bytes
 *	6     sealed bytes, wraps
 */
#include <string.h>

#include "core/record_in.h"
#include "core/vault.h"
#include "core/view.h"
#include "trust/digest.h"

#define PART_HEAD 6
#define ID_LEN (SEAL_KEY_ID - 1)
#define WRAP_LEN (ID_LEN + 32 + 32 + 40)
#define KEY_LEN 12

/* A part has room for as many later wraps as there can be recipients ever. */
#define LATER_MAX 1024

static struct slice
part_key(uint64_t index, uint32_t part, uint32_t wrap, uint8_t key[KEY_LEN])
{
	be64_put(key, index);
	be16_put(key + 8, (uint16_t)part);
	be16_put(key + 10, (uint16_t)wrap);
	return (slice_of(key, KEY_LEN));
}

static void
wrap_put(const struct seal_wrap *w, uint8_t out[WRAP_LEN])
{
	memcpy(out, w->key_id, ID_LEN);
	memcpy(out + ID_LEN, w->epk_x, 32);
	memcpy(out + ID_LEN + 32, w->epk_y, 32);
	memcpy(out + ID_LEN + 64, w->encrypted_key, 40);
}

static void
wrap_get(const uint8_t in[WRAP_LEN], struct seal_wrap *w)
{
	memcpy(w->key_id, in, ID_LEN);
	w->key_id[ID_LEN] = '\0';
	memcpy(w->epk_x, in + ID_LEN, 32);
	memcpy(w->epk_y, in + ID_LEN + 32, 32);
	memcpy(w->encrypted_key, in + ID_LEN + 64, 40);
}

/* --- writing ------------------------------------------------------------ */

static MUST_CHECK enum err
put_part(struct txn *t, uint64_t index, uint32_t part, uint32_t pair,
    const struct content_piece *piece)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	size_t len = PART_HEAD + piece->bytes.len + piece->n_wraps * WRAP_LEN;
	uint8_t key[KEY_LEN];
	uint8_t *p;
	enum err err;

	if (piece->n_wraps > SEAL_WRAPS_MAX)
		return (ERR_CORRUPT);
	p = arena_alloc(a, len);
	if (p == NULL)
		return (ERR_NOMEM);
	p[0] = (uint8_t)piece->kind;
	p[1] = (uint8_t)piece->n_wraps;
	be32_put(p + 2, (uint32_t)piece->bytes.len);
	memcpy(p + PART_HEAD, piece->bytes.p, piece->bytes.len);
	for (size_t i = 0; i < piece->n_wraps; i++)
		wrap_put(&piece->wraps[i],
		    p + PART_HEAD + piece->bytes.len + i * WRAP_LEN);
	err = record_row_put(t, TABLE_CONTENT, part_key(index, part, 0, key),
	    pair, slice_of(p, len));
	arena_rewind(a, mark);
	return (err);
}

/* Tell whether a row belongs to part ${part} of ${index}: all but the wrap. */
static bool
is_of_part(struct slice key, const uint8_t part[KEY_LEN])
{
	return (key.len == KEY_LEN + 2 && memcmp(key.p, part, 10) == 0);
}

/* The number that a new wrap of a part gets.  ERR_CORRUPT: no such part. */
static MUST_CHECK enum err
next_wrap(struct txn *t, uint64_t index, uint32_t part, uint32_t *wrap)
{
	uint8_t until[KEY_LEN];
	struct slice key, value;
	enum err err = store_before(t, TABLE_CONTENT,
	    part_key(index, part, UINT16_MAX, until), &key, &value);

	if (err == ERR_NOT_FOUND || (err == ERR_OK && !is_of_part(key, until)))
		return (ERR_CORRUPT);
	if (err != ERR_OK)
		return (err);
	*wrap = (uint32_t)be16_get(key.p + 10) + 1;
	return (*wrap > LATER_MAX ? ERR_FULL : ERR_OK);
}

static MUST_CHECK enum err
put_wrap(struct txn *t, uint32_t pair, const struct content_piece *piece,
    const struct seal_wrap *w)
{
	uint8_t key[KEY_LEN];
	uint8_t row[WRAP_LEN];
	uint32_t wrap;
	enum err err = next_wrap(t, piece->index, piece->part, &wrap);

	if (err != ERR_OK)
		return (err);
	wrap_put(w, row);
	return (record_row_put(t, TABLE_CONTENT,
	    part_key(piece->index, piece->part, wrap, key), pair,
	    slice_of(row, sizeof(row))));
}

/* Two may have been asked for the same wrap: the first one stays, unless its
 * receiver said that it does not open the part. */
static MUST_CHECK enum err
put_wraps(struct txn *t, uint32_t pair, const struct content_piece *piece)
{
	for (size_t i = 0; i < piece->n_wraps; i++) {
		const struct seal_wrap *w = &piece->wraps[i];
		bool has = false, bad = false;
		enum err err = record_has_wrap(t, piece->index, piece->part,
		    w->key_id, &has);

		if (err == ERR_OK && has)
			err = view_is_refuted(t, piece->index, piece->part,
			    w->key_id, &bad);
		if (err == ERR_OK && (!has || bad))
			err = put_wrap(t, pair, piece, w);
		if (err != ERR_OK)
			return (err);
	}
	return (ERR_OK);
}

enum err
record_put_content(struct txn *t, uint64_t index, uint32_t pair,
    const struct content *content)
{
	uint32_t part = 0;
	enum err err = ERR_OK;

	/* Content in clear there is none. */
	if (pair == RECORD_NO_PAIR && content->n > 0)
		return (ERR_CORRUPT);
	for (size_t i = 0; i < content->n && err == ERR_OK; i++) {
		const struct content_piece *piece = &content->pieces[i];

		if (piece->bytes.len > 0)
			err = put_part(t, index, part++, pair, piece);
		else
			err = put_wraps(t, pair, piece);
	}
	return (err);
}

/* --- reading ------------------------------------------------------------ */

/* Take apart the row of a part; all but the wraps. */
static MUST_CHECK enum err
split_part(struct slice p, struct content_piece *piece, const uint8_t **wraps)
{
	size_t len;

	if (p.len < PART_HEAD || p.p[1] > SEAL_WRAPS_MAX)
		return (ERR_CORRUPT);
	len = be32_get(p.p + 2);
	if (len > p.len - PART_HEAD ||
	    p.len - PART_HEAD - len != (size_t)p.p[1] * WRAP_LEN)
		return (ERR_CORRUPT);
	piece->kind = (Keten__V1__PartKind)p.p[0];
	piece->n_wraps = p.p[1];
	piece->bytes = slice_of(p.p + PART_HEAD, len);
	digest_of(piece->bytes.p, len, piece->sha256);
	*wraps = p.p + PART_HEAD + len;
	return (ERR_OK);
}

static MUST_CHECK enum err
read_later(struct txn *t, uint64_t index, uint32_t part, uint32_t wrap,
    struct arena *a, struct seal_wrap *out)
{
	uint8_t key[KEY_LEN];
	struct slice p;
	uint32_t pair;
	enum err err = record_row_get(t, TABLE_CONTENT,
	    part_key(index, part, wrap, key), a, &pair, &p);

	if (err == ERR_OK && p.len != WRAP_LEN)
		return (ERR_CORRUPT);
	if (err == ERR_OK)
		wrap_get(p.p, out);
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* All wraps of a part: those it came with, and ${later} more. */
static MUST_CHECK enum err
read_wraps(struct txn *t, uint64_t index, uint32_t part, uint32_t later,
    const uint8_t *first, struct arena *a, struct content_piece *piece)
{
	size_t n = piece->n_wraps;
	struct seal_wrap *w = arena_zero(a, n + later, sizeof(*w));

	if (w == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++)
		wrap_get(first + i * WRAP_LEN, &w[i]);
	for (uint32_t i = 0; i < later; i++) {
		enum err err = read_later(t, index, part, i + 1, a, &w[n + i]);

		if (err != ERR_OK)
			return (err);
	}
	piece->n_wraps = n + later;
	piece->wraps = w;
	return (ERR_OK);
}

/* Not there any more, or never was: an erased slot says which. */
static bool
is_gone(struct txn *t, uint64_t index)
{
	bool erased = false;
	uint32_t pair;

	return (record_pair(t, index, &pair) == ERR_OK &&
	    pair != RECORD_NO_PAIR &&
	    vault_is_erased(store_vault(store_of(t)), pair, VAULT_CONTENT,
		&erased) == ERR_OK && erased);
}

/* A part with its wraps; what is sealed is not taken apart. */
static MUST_CHECK enum err
read_part(struct txn *t, uint64_t index, uint32_t part, struct arena *a,
    struct content_piece *c)
{
	const uint8_t *wraps;
	uint8_t key[KEY_LEN];
	struct slice p;
	uint32_t pair, next;
	enum err err;

	if (part > UINT16_MAX)
		return (ERR_NOT_FOUND);
	err = record_row_get(t, TABLE_CONTENT, part_key(index, part, 0, key),
	    a, &pair, &p);
	if (err == ERR_NOT_FOUND && is_gone(t, index))
		err = ERR_CONTENT_GONE;
	if (err == ERR_OK)
		err = split_part(p, c, &wraps);
	if (err == ERR_OK)
		err = next_wrap(t, index, part, &next);
	if (err == ERR_OK)
		err = read_wraps(t, index, part, next - 1, wraps, a, c);
	return (err);
}

enum err
record_content(struct txn *t, uint64_t index, uint32_t part, struct arena *a,
    struct content_piece *piece)
{
	struct content_piece c = { .index = index, .part = part };
	enum err err = read_part(t, index, part, a, &c);

	if (err == ERR_OK && content_parse_sealed(a, c.bytes, &c.sealed,
		NULL) != ERR_OK)
		err = ERR_CORRUPT;
	if (err == ERR_OK)
		*piece = c;
	return (err);
}

enum err
record_has_wrap(struct txn *t, uint64_t index, uint32_t part,
    const char *key_id, bool *has)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	struct content_piece piece = { .index = index, .part = part };
	enum err err = read_part(t, index, part, a, &piece);

	if (err == ERR_OK)
		*has = content_wrap_for(&piece, key_id) != NULL;
	arena_rewind(a, mark);
	return (err);
}

/* --- erasing ------------------------------------------------------------ */

enum err
record_drop_content(struct txn *t, uint64_t index)
{
	uint8_t from[8];
	struct slice key, value;
	enum err err;

	be64_put(from, index);
	while ((err = store_seek(t, TABLE_CONTENT, slice_of(from, sizeof(from)),
		    &key, &value)) == ERR_OK &&
	    key.len == KEY_LEN + 2 && be64_get(key.p) == index) {
		uint8_t copy[KEY_LEN + 2];

		memcpy(copy, key.p, sizeof(copy));
		err = store_del(t, TABLE_CONTENT, slice_of(copy, sizeof(copy)));
		if (err != ERR_OK)
			return (err);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* --- is it erased? ------------------------------------------------------ */

/* Tell whether a slot of the pair still opens something. */
static MUST_CHECK enum err
slot_is_left(struct txn *t, uint32_t pair, enum vault_slot slot, bool *left)
{
	bool erased = true;
	enum err err = ERR_OK;

	if (pair != RECORD_NO_PAIR)
		err = vault_is_erased(store_vault(store_of(t)), pair, slot,
		    &erased);
	*left = *left || !erased;
	return (err);
}

/* Tell whether the first row of the record ${index} is no tombstone. */
static MUST_CHECK enum err
row_is_left(struct txn *t, uint64_t index, bool *left)
{
	uint8_t from[8];
	struct slice key, value;
	enum err err;

	be64_put(from, index);
	err = store_seek(t, TABLE_RECORD, slice_of(from, sizeof(from)), &key,
	    &value);
	if (err == ERR_OK && value.len > 0)
		*left = *left || value.p[0] != ROW_ERASED;
	return (err);
}

static MUST_CHECK enum err
content_is_left(struct txn *t, uint64_t index, bool *left)
{
	uint8_t from[8];
	struct slice key, value;
	enum err err;

	be64_put(from, index);
	err = store_seek(t, TABLE_CONTENT, slice_of(from, sizeof(from)), &key,
	    &value);
	if (err == ERR_OK && key.len == KEY_LEN + 2 &&
	    be64_get(key.p) == index)
		*left = true;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
record_is_left(struct txn *t, uint64_t index, bool whole, bool *left)
{
	uint32_t pair;
	bool is = false;
	enum err err = record_pair(t, index, &pair);

	if (err == ERR_OK)
		err = content_is_left(t, index, &is);
	if (err == ERR_OK)
		err = slot_is_left(t, pair, VAULT_CONTENT, &is);
	if (err == ERR_OK && whole)
		err = slot_is_left(t, pair, VAULT_RECORD, &is);
	if (err == ERR_OK && whole)
		err = row_is_left(t, index, &is);
	if (err == ERR_OK)
		*left = is;
	return (err);
}
