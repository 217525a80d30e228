/*
 * view_supply -- the catalogue: entries, declines for want of room, and what
 * was found missing; writing them and reading them.
 */
#include <string.h>

#include "core/view_rows.h"
#include "wire/pb.h"

/* --- entries ------------------------------------------------------------ */

enum err
row_entry_put(struct txn *t, const char *partner, uint64_t index,
    const Keten__V1__CatalogueEntry *entry)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	struct key k = { 0 };
	struct slice row;
	uint8_t head[8];
	enum err err;

	key_text(&k, entry->service);
	key_text(&k, partner);
	be64_put(head, index);
	err = pb_pack_behind(a, slice_of(head, sizeof(head)), &entry->base,
	    &row);
	if (err == ERR_OK && row.len > STORE_CHUNK)
		err = ERR_CORRUPT;
	if (err == ERR_OK)
		err = store_put(t, TABLE_CATALOGUE, key_slice(&k), row);
	arena_rewind(a, mark);
	return (err);
}

/* Read one row: the partner ends the key, an index begins the value. */
static MUST_CHECK enum err
read_entry(struct slice key, struct slice value, struct arena *a,
    struct view_entry *out)
{
	const uint8_t *end = key.len == 0 ? NULL
					  : memchr(key.p, '\0', key.len);
	struct slice name;
	enum err err;

	if (end == NULL || value.len < 8)
		return (ERR_CORRUPT);
	name = slice_of(end + 1, key.len - (size_t)(end + 1 - key.p));
	if (name.len < 2 || name.p[name.len - 1] != '\0')
		return (ERR_CORRUPT);
	out->partner = org_of((const char *)name.p);
	if (org_is_none(&out->partner))
		return (ERR_CORRUPT);
	out->index = be64_get(value.p);
	err = pb_unpack(a, &keten__v1__catalogue_entry__descriptor,
	    slice_of(value.p + 8, value.len - 8), &prescan_stored,
	    &out->entry);
	return (err == ERR_OK || err == ERR_NOMEM ? err : ERR_CORRUPT);
}

/*
 * Find the first row of ${table} that begins with ${prefix} and comes after
 * ${after}; ${with_area}: three texts make its key, else two.
 */
static MUST_CHECK enum err
seek_after(struct txn *t, enum table table, const struct key *prefix,
    const struct view_at *after, bool with_area, struct slice *key,
    struct slice *value)
{
	struct key from = *prefix;
	enum err err;

	if (after != NULL) {
		from.len = 0;
		key_text(&from, after->service);
		key_text(&from, after->partner);
		if (with_area)
			key_text(&from, after->area);
	}
	err = store_seek(t, table, key_slice(&from), key, value);
	if (err == ERR_OK && after != NULL && slice_eq(*key, key_slice(&from)))
		err = store_next(t, table, key, value);
	return (err);
}

enum err
view_catalogue(struct txn *t, const char *service, const struct view_at *after,
    struct arena *a, struct view_entry *out, size_t cap, size_t *n)
{
	struct key prefix = { 0 };
	struct slice key, value;
	size_t i = 0;
	enum err err;

	if (service[0] != '\0')
		key_text(&prefix, service);
	err = seek_after(t, TABLE_CATALOGUE, &prefix, after, false, &key,
	    &value);
	while (err == ERR_OK && i < cap && key_begins(key, &prefix)) {
		err = read_entry(key, value, a, &out[i]);
		if (err != ERR_OK)
			return (err);
		if (++i < cap)
			err = store_next(t, TABLE_CATALOGUE, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

enum err
view_entry(struct txn *t, const char *service, const struct org *partner,
    struct arena *a, struct view_entry *out)
{
	struct key k = { 0 };
	struct slice value;
	enum err err;

	key_text(&k, service);
	key_text(&k, partner->id);
	err = store_get(t, TABLE_CATALOGUE, key_slice(&k), &value);
	return (err != ERR_OK ? err
		: read_entry(key_slice(&k), value, a, out));
}

/* --- no room ------------------------------------------------------------ */

#define SHORTAGE_HEAD 16

enum err
row_shortage_put(struct txn *t, uint64_t index, const Keten__V1__Shortage *s)
{
	uint8_t row[SHORTAGE_HEAD + VIEW_CODE_MAX + 1];
	size_t len = strlen(s->reason) + 1;
	struct key k = { 0 };

	if (len > VIEW_CODE_MAX + 1 || strlen(s->service) > VIEW_CODE_MAX ||
	    strlen(s->area) > VIEW_CODE_MAX)
		return (ERR_CORRUPT);
	key_text(&k, s->service);
	key_text(&k, s->partner);
	key_text(&k, s->area);
	be64_put(row, index);
	be64_put(row + 8, (uint64_t)s->until_ms);
	memcpy(row + SHORTAGE_HEAD, s->reason, len);
	return (store_put(t, TABLE_SHORTAGE, key_slice(&k),
	    slice_of(row, SHORTAGE_HEAD + len)));
}

/* Take the next text of ${s} into ${to}; false if it is none, or too long. */
static bool
take_text(struct slice *s, char *to, size_t cap)
{
	const uint8_t *end = s->len == 0 ? NULL : memchr(s->p, '\0', s->len);
	size_t len;

	if (end == NULL)
		return (false);
	len = (size_t)(end - s->p) + 1;
	if (len > cap)
		return (false);
	memcpy(to, s->p, len);
	*s = slice_of(s->p + len, s->len - len);
	return (true);
}

enum err
row_shortage_read(struct slice key, struct slice value, struct view_shortage *s)
{
	struct slice reason = { NULL, 0 };

	memset(s, 0, sizeof(*s));
	if (value.len < SHORTAGE_HEAD)
		return (ERR_CORRUPT);
	s->index = be64_get(value.p);
	s->until_ms = (int64_t)be64_get(value.p + 8);
	reason = slice_of(value.p + SHORTAGE_HEAD, value.len - SHORTAGE_HEAD);
	if (!take_text(&key, s->service, sizeof(s->service)) ||
	    !take_text(&key, s->partner.id, sizeof(s->partner.id)) ||
	    !take_text(&key, s->area, sizeof(s->area)) || key.len != 0 ||
	    !take_text(&reason, s->reason, sizeof(s->reason)) ||
	    reason.len != 0)
		return (ERR_CORRUPT);
	return (ERR_OK);
}

enum err
view_shortages(struct txn *t, const char *service, const struct view_at *after,
    struct view_shortage *out, size_t cap, size_t *n)
{
	struct key prefix = { 0 };
	struct slice key, value;
	size_t i = 0;
	enum err err;

	if (service[0] != '\0')
		key_text(&prefix, service);
	err = seek_after(t, TABLE_SHORTAGE, &prefix, after, true, &key,
	    &value);
	while (err == ERR_OK && i < cap && key_begins(key, &prefix)) {
		err = row_shortage_read(key, value, &out[i]);
		if (err != ERR_OK)
			return (err);
		if (++i < cap)
			err = store_next(t, TABLE_SHORTAGE, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

/* Which record was the partner's last word on the service; 0: none. */
static MUST_CHECK enum err
last_word(struct txn *t, const char *service, const char *partner,
    uint64_t *index)
{
	struct key k = { 0 };
	struct slice v;
	enum err err;

	*index = 0;
	key_text(&k, service);
	key_text(&k, partner);
	err = store_get(t, TABLE_CATALOGUE, key_slice(&k), &v);
	if (err == ERR_OK && v.len < 8)
		return (ERR_CORRUPT);
	if (err == ERR_OK)
		*index = be64_get(v.p);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
view_shortage_shows(struct txn *t, const struct view_shortage *s,
    int64_t now_ms, bool *shows)
{
	uint64_t index;
	enum err err = last_word(t, s->service, s->partner.id, &index);

	if (err == ERR_OK)
		*shows = s->until_ms > now_ms && s->index > index;
	return (err);
}

enum err
rows_drop_shortages(struct txn *t, int64_t now_ms)
{
	struct slice key, value;
	struct key from = { 0 };
	enum err err = store_seek(t, TABLE_SHORTAGE, key_slice(&from), &key,
	    &value);

	while (err == ERR_OK) {
		struct view_shortage s;

		err = row_shortage_read(key, value, &s);
		if (err != ERR_OK)
			return (err);
		from.len = 0;
		key_bytes(&from, key.p, key.len);
		if (s.until_ms <= now_ms)
			err = store_del(t, TABLE_SHORTAGE, key_slice(&from));
		if (err != ERR_OK)
			return (err);
		err = store_seek(t, TABLE_SHORTAGE, key_slice(&from), &key,
		    &value);
		if (err == ERR_OK && slice_eq(key, key_slice(&from)))
			err = store_next(t, TABLE_SHORTAGE, &key, &value);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* --- missing ------------------------------------------------------------ */

#define MISSING_MAX (8 + ORG_MAX + 1 + 2 * (VIEW_CODE_MAX + 1))

static MUST_CHECK enum err
missing_put(struct txn *t, const struct view_in *in)
{
	const Keten__V1__MissingFacts *m = in->facts->missing;
	const char *const texts[] = { m->partner, m->code, m->area };
	uint8_t row[MISSING_MAX];
	struct key k = { 0 };
	size_t at = 8;

	if (strlen(m->partner) > ORG_MAX || strlen(m->code) > VIEW_CODE_MAX ||
	    strlen(m->area) > VIEW_CODE_MAX)
		return (ERR_CORRUPT);
	be64_put(row, (uint64_t)in->time_ms);
	for (size_t i = 0; i < 3; i++) {
		memcpy(row + at, texts[i], strlen(texts[i]) + 1);
		at += strlen(texts[i]) + 1;
	}
	key_u64(&k, in->index);
	return (store_put(t, TABLE_MISSING, key_slice(&k), slice_of(row, at)));
}

static MUST_CHECK enum err
missing_read(struct slice key, struct slice value, struct view_missing *m)
{
	struct slice texts;

	memset(m, 0, sizeof(*m));
	if (key.len != 8 || value.len < 8)
		return (ERR_CORRUPT);
	m->index = be64_get(key.p);
	m->time_ms = (int64_t)be64_get(value.p);
	texts = slice_of(value.p + 8, value.len - 8);
	if (!take_text(&texts, m->partner.id, sizeof(m->partner.id)) ||
	    !take_text(&texts, m->code, sizeof(m->code)) ||
	    !take_text(&texts, m->area, sizeof(m->area)) || texts.len != 0)
		return (ERR_CORRUPT);
	return (ERR_OK);
}

enum err
view_missing(struct txn *t, uint64_t from, struct view_missing *out,
    size_t cap, size_t *n)
{
	struct key k = { 0 };
	struct slice key, value;
	size_t i = 0;
	enum err err;

	key_u64(&k, from);
	err = store_seek(t, TABLE_MISSING, key_slice(&k), &key, &value);
	while (err == ERR_OK && i < cap) {
		err = missing_read(key, value, &out[i]);
		if (err != ERR_OK)
			return (err);
		if (++i < cap)
			err = store_next(t, TABLE_MISSING, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

/* --- what a record says -------------------------------------------------- */

enum err
view_apply_supply(struct txn *t, const struct view_in *in)
{
	const Keten__V1__CatalogueFacts *c = in->facts->catalogue;
	const Keten__V1__Shortage *s = in->route == NULL ? NULL
							 : in->route->shortage;
	enum err err = ERR_OK;

	if (c != NULL)
		err = c->entry == NULL ? ERR_CORRUPT
		    : row_entry_put(t, c->partner, in->index, c->entry);
	if (err == ERR_OK && s != NULL)
		err = row_shortage_put(t, in->index, s);
	if (err == ERR_OK && in->facts->missing != NULL)
		err = missing_put(t, in);
	return (err);
}
