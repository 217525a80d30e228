/*
 * view_erase -- what waits to be erased, what has to stay, and who has not
 * confirmed: rows, and what records do to them.
 *
 *	ended	level, code, time, referral -> nothing
 *	hold	referral, partner -> index (8), until (8), reason (8)
 *	await	index of the ERASE, partner, mailbox -> referral
 */
#include <string.h>

#include "core/view_rows.h"

static const struct slice nothing = { (const uint8_t *)"", 0 };

/* --- what has ended ----------------------------------------------------- */

static struct key
ended_class(uint8_t level, const char *code)
{
	struct key k = { 0 };

	key_bytes(&k, &level, 1);
	key_text(&k, code);
	return (k);
}

/* Where ${r} stands at ${level}; false: nowhere. */
static bool
ended_key(const struct referral *r, uint8_t level, struct key *k)
{
	bool final = r->state == ST_CLOSED || r->state == ST_ENTERED_IN_ERROR;

	if (r->state == ST_NONE || referral_is_live(r))
		return (false);
	if (level == 1 ? r->erased : !final || !refid_is_none(&r->parent))
		return (false);
	*k = ended_class(level, level == 1 && r->erases ? VIEW_AT_ONCE
							 : r->code);
	key_u64(k, (uint64_t)r->ended_ms);
	key_bytes(k, r->id.b, sizeof(r->id.b));
	return (true);
}

enum err
view_change_ended(struct txn *t, const struct referral *before,
    const struct referral *after)
{
	enum err err = ERR_OK;

	for (uint8_t level = 1; level <= 2 && err == ERR_OK; level++) {
		struct key was, is;
		bool had = ended_key(before, level, &was);
		bool has = ended_key(after, level, &is);

		if (had && has && slice_eq(key_slice(&was), key_slice(&is)))
			continue;
		if (had)
			err = store_del(t, TABLE_ENDED, key_slice(&was));
		if (err == ERR_OK && has)
			err = store_put(t, TABLE_ENDED, key_slice(&is),
			    nothing);
	}
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

enum err
view_ended_code(struct txn *t, uint8_t level, const char *after,
    char code[REFERRAL_CODE])
{
	struct key from = { 0 };
	struct slice key, value;
	size_t len;
	enum err err;

	key_bytes(&from, &level, 1);
	if (after != NULL) {
		from = ended_class(level, after);
		from.b[from.len - 1] = 1; /* behind all with that code */
	}
	err = store_seek(t, TABLE_ENDED, key_slice(&from), &key, &value);
	if (err != ERR_OK)
		return (err);
	if (key.len < 2 + 24 || key.p[0] != level)
		return (key.len < 2 + 24 ? ERR_CORRUPT : ERR_NOT_FOUND);
	len = key.len - 2 - 24;
	if (len >= REFERRAL_CODE || key.p[1 + len] != '\0')
		return (ERR_CORRUPT);
	memcpy(code, key.p + 1, len + 1);
	return (ERR_OK);
}

enum err
view_ended(struct txn *t, uint8_t level, const char *code,
    const struct view_ended *after, struct view_ended *out, size_t cap,
    size_t *n)
{
	struct key class = ended_class(level, code), from = class;
	struct slice key, value;
	size_t i = 0;
	enum err err;

	if (after != NULL) {
		key_u64(&from, (uint64_t)after->ended_ms);
		key_bytes(&from, after->referral.b, 16);
	}
	err = store_seek(t, TABLE_ENDED, key_slice(&from), &key, &value);
	if (err == ERR_OK && after != NULL && slice_eq(key, key_slice(&from)))
		err = store_next(t, TABLE_ENDED, &key, &value);
	while (err == ERR_OK && i < cap && key_begins(key, &class)) {
		if (key.len != class.len + 24)
			return (ERR_CORRUPT);
		out[i].ended_ms = (int64_t)be64_get(key.p + class.len);
		memcpy(out[i].referral.b, key.p + class.len + 8, 16);
		if (++i < cap)
			err = store_next(t, TABLE_ENDED, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

/* --- what has to stay ----------------------------------------------------- */

#define HOLD_VALUE 24

static struct key
hold_key(const struct refid *id, const char *partner)
{
	struct key k = { 0 };

	key_bytes(&k, id->b, sizeof(id->b));
	key_text(&k, partner);
	return (k);
}

static MUST_CHECK enum err
put_hold(struct txn *t, const struct view_in *in, const char *partner)
{
	const Keten__V1__RetainFacts *f = in->facts->retain;
	struct key k = hold_key(in->owner, partner);
	uint8_t row[HOLD_VALUE] = { 0 };
	size_t len = strlen(f->reason);
	enum err err;

	if (f->lifted) {
		err = store_del(t, TABLE_HOLD, key_slice(&k));
		/* Nobody has to remember whether there was one. */
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	}
	/* A word may be longer than a code; the whole stands in the record. */
	if (len >= REFERRAL_CODE)
		len = REFERRAL_CODE - 1;
	be64_put(row, in->index);
	be64_put(row + 8, (uint64_t)f->until_ms);
	memcpy(row + 16, f->reason, len);
	return (store_put(t, TABLE_HOLD, key_slice(&k),
	    slice_of(row, sizeof(row))));
}

enum err
view_holds(struct txn *t, const struct refid *id, struct view_hold *out,
    size_t cap, size_t *n)
{
	struct key prefix = { 0 };
	struct slice key, value;
	size_t i = 0;
	enum err err;

	key_bytes(&prefix, id->b, sizeof(id->b));
	err = store_seek(t, TABLE_HOLD, key_slice(&prefix), &key, &value);
	while (err == ERR_OK && i < cap && key_begins(key, &prefix)) {
		if (value.len != HOLD_VALUE || key.p[key.len - 1] != '\0')
			return (ERR_CORRUPT);
		out[i].who = org_of((const char *)key.p + prefix.len);
		out[i].index = be64_get(value.p);
		out[i].until_ms = (int64_t)be64_get(value.p + 8);
		memcpy(out[i].reason, value.p + 16, REFERRAL_CODE);
		if (++i < cap)
			err = store_next(t, TABLE_HOLD, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

/* --- who has not confirmed ------------------------------------------------ */

static struct key
await_key(uint64_t index, const char *partner, const char *mailbox)
{
	struct key k = { 0 };

	key_u64(&k, index);
	key_text(&k, partner);
	key_text(&k, mailbox);
	return (k);
}

enum err
view_awaited(struct txn *t, uint64_t index, const struct org *partner,
    const char *mailbox, bool *is)
{
	struct key k = await_key(index, partner->id, mailbox);
	struct slice v;
	enum err err = store_get(t, TABLE_AWAIT, key_slice(&k), &v);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*is = err == ERR_OK;
	return (ERR_OK);
}

static MUST_CHECK enum err
read_await(struct slice key, struct slice value, struct view_await *out)
{
	size_t partner;

	if (key.len < 8 + 2 || value.len != 16 || key.p[key.len - 1] != '\0')
		return (ERR_CORRUPT);
	partner = strlen((const char *)key.p + 8);
	if (8 + partner + 1 >= key.len)
		return (ERR_CORRUPT);
	out->index = be64_get(key.p);
	out->partner = org_of((const char *)key.p + 8);
	out->mailbox = org_of((const char *)key.p + 8 + partner + 1);
	memcpy(out->referral.b, value.p, 16);
	return (ERR_OK);
}

enum err
view_awaiting(struct txn *t, const struct view_await *after,
    struct view_await *out, size_t cap, size_t *n)
{
	struct key from = { 0 };
	struct slice key, value;
	size_t i = 0;
	enum err err;

	if (after != NULL)
		from = await_key(after->index, after->partner.id,
		    after->mailbox.id);
	err = store_seek(t, TABLE_AWAIT, key_slice(&from), &key, &value);
	if (err == ERR_OK && after != NULL && slice_eq(key, key_slice(&from)))
		err = store_next(t, TABLE_AWAIT, &key, &value);
	while (err == ERR_OK && i < cap) {
		err = read_await(key, value, &out[i]);
		if (err != ERR_OK)
			return (err);
		if (++i < cap)
			err = store_next(t, TABLE_AWAIT, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

/* --- what records do -------------------------------------------------------- */

/* The trail of the referral names no parts any more: there are none. */
static MUST_CHECK enum err
blank_trail(struct txn *t, const struct refid *id)
{
	struct view_trail page[32];
	uint64_t from = 0;
	size_t n;

	do {
		enum err err = view_trail(t, id, from, page, 32, &n);

		if (err != ERR_OK)
			return (err);
		for (size_t i = 0; i < n; i++) {
			struct key k = { 0 };

			from = page[i].index + 1;
			if (page[i].n_parts == 0)
				continue;
			key_bytes(&k, id->b, sizeof(id->b));
			key_u64(&k, page[i].index);
			err = store_put(t, TABLE_TRAIL, key_slice(&k),
			    nothing);
			if (err != ERR_OK)
				return (err);
		}
	} while (n == 32);
	return (ERR_OK);
}

/* Everybody who is told of it has to say that it did it. */
static MUST_CHECK enum err
await_all(struct txn *t, const struct view_in *in)
{
	const Keten__V1__RouteFacts *route = in->route;
	enum err err = ERR_OK;

	for (size_t i = 0; route != NULL && i < route->n_deliveries &&
	     err == ERR_OK; i++) {
		const Keten__V1__Sent *s = route->deliveries[i];
		struct key k = await_key(in->index, s->partner, s->mailbox);

		err = store_put(t, TABLE_AWAIT, key_slice(&k),
		    slice_of(in->owner->b, sizeof(in->owner->b)));
	}
	return (err);
}

static MUST_CHECK enum err
confirm(struct txn *t, const struct view_in *in)
{
	const Keten__V1__ErasedFacts *f = in->facts->erased;
	struct key k;
	enum err err;

	if (in->route == NULL || in->route->sender == NULL)
		return (ERR_CORRUPT);
	k = await_key(f->index, in->route->sender->partner, f->mailbox);
	err = store_del(t, TABLE_AWAIT, key_slice(&k));
	/* What was awaited may be erased itself by now. */
	return (err == ERR_NOT_FOUND ? (in->has_gaps ? ERR_OK : ERR_CORRUPT)
				     : err);
}

enum err
view_apply_erase(struct txn *t, const struct view_in *in)
{
	const Keten__V1__Facts *f = in->facts;
	enum err err = ERR_OK;

	if (f->erase != NULL && f->erase->level == 2)
		return (view_apply_log(t, in));
	if (f->erase != NULL && in->owner != NULL) {
		err = blank_trail(t, in->owner);
		if (err == ERR_OK)
			err = view_forget_refuted(t, in->owner);
		if (err == ERR_OK)
			err = await_all(t, in);
	}
	if (err == ERR_OK && f->erased != NULL)
		err = confirm(t, in);
	if (err == ERR_OK && f->retain != NULL) {
		if (in->owner == NULL || in->route == NULL ||
		    in->route->sender == NULL)
			return (ERR_CORRUPT);
		err = put_hold(t, in, in->route->sender->partner);
	}
	return (err);
}
