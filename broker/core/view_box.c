/*
 * view_box -- numbers, mailboxes, keys and policies: reading them.
 */
#include <string.h>

#include "core/view_rows.h"
#include "wire/pb.h"

/* A new lane beyond these is refused; who counts needs to see one more. */
#define LANES_SEEN_MAX 257

/* --- numbers ------------------------------------------------------------ */

enum err
view_seen(struct txn *t, const struct org *partner, const uint8_t lane[8],
    uint64_t number, uint64_t *index, uint8_t hash[32])
{
	struct key k = key_of_lane(partner->id, lane);
	struct slice v;
	enum err err;

	key_u64(&k, number);
	err = store_get(t, TABLE_SEEN, key_slice(&k), &v);
	if (err == ERR_OK && v.len == 0) /* only how far the lane was */
		return (ERR_NOT_FOUND);
	if (err == ERR_OK && v.len != 40)
		return (ERR_CORRUPT);
	if (err == ERR_OK) {
		*index = be64_get(v.p);
		memcpy(hash, v.p + 8, 32);
	}
	return (err);
}

enum err
view_lane(struct txn *t, const struct org *partner, const uint8_t lane[8],
    uint64_t *last)
{
	struct key lane_key = key_of_lane(partner->id, lane);
	struct key until = lane_key;
	struct slice key, value;
	enum err err;

	key_u64(&until, UINT64_MAX);
	err = store_before(t, TABLE_SEEN, key_slice(&until), &key, &value);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	if (err == ERR_NOT_FOUND || !key_begins(key, &lane_key))
		*last = 0;
	else if (key.len != lane_key.len + 8)
		return (ERR_CORRUPT);
	else
		*last = be64_get(key.p + lane_key.len);
	return (ERR_OK);
}

enum err
view_n_lanes(struct txn *t, const struct org *partner, size_t *n)
{
	struct key prefix = { 0 };
	struct key from;
	struct slice key, value;
	size_t i = 0;
	enum err err;

	key_text(&prefix, partner->id);
	from = prefix;
	/* Jump from lane to lane: over the last number there could be. */
	while ((err = store_seek(t, TABLE_SEEN, key_slice(&from), &key,
		    &value)) == ERR_OK &&
	    key_begins(key, &prefix) && i < LANES_SEEN_MAX) {
		if (key.len != prefix.len + 16)
			return (ERR_CORRUPT);
		i++;
		from = prefix;
		key_bytes(&from, key.p + prefix.len, 8);
		key_u64(&from, UINT64_MAX);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

/* --- mailboxes ---------------------------------------------------------- */

enum err
view_mailbox(struct txn *t, const struct org *partner, const char *mailbox,
    struct view_mailbox *mb)
{
	struct key box = key_of_box(partner->id, mailbox);

	return (row_mailbox_get(t, &box, mb));
}

enum err
view_outbox(struct txn *t, const struct org *partner, const char *mailbox,
    uint64_t after, struct view_outbox *out, size_t cap, size_t *n)
{
	struct key box = key_of_box(partner->id, mailbox);
	struct key from = box;
	struct slice key, value;
	size_t i = 0;
	enum err err;

	*n = 0;
	if (after == UINT64_MAX || cap == 0)
		return (ERR_OK);
	key_u64(&from, after + 1);
	err = store_seek(t, TABLE_OUTBOX, key_slice(&from), &key, &value);
	while (err == ERR_OK && key_begins(key, &box)) {
		err = row_outbox_read(key, value, &out[i]);
		if (err != ERR_OK)
			return (err);
		if (++i == cap)
			break;
		err = store_next(t, TABLE_OUTBOX, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

enum err
view_delivery(struct txn *t, const struct org *partner, const char *mailbox,
    uint64_t seq, struct view_outbox *out)
{
	struct key k = key_of_box(partner->id, mailbox);
	struct slice v;
	enum err err;

	key_u64(&k, seq);
	err = store_get(t, TABLE_OUTBOX, key_slice(&k), &v);
	if (err == ERR_OK)
		err = row_outbox_read(key_slice(&k), v, out);
	return (err);
}

/* --- keys, policies ----------------------------------------------------- */

enum err
view_key(struct txn *t, uint64_t from, uint64_t *index, struct slice *envelope)
{
	struct key k = { 0 };
	struct slice key, value;
	enum err err;

	key_u64(&k, from);
	err = store_seek(t, TABLE_KEY, key_slice(&k), &key, &value);
	if (err == ERR_OK && key.len != 8)
		return (ERR_CORRUPT);
	if (err == ERR_OK) {
		*index = be64_get(key.p);
		*envelope = value;
	}
	return (err);
}

enum err
view_policy_in_force(struct txn *t, uint64_t *policy_index)
{
	return (row_meta_get(t, META_POLICY, 0, policy_index));
}

enum err
view_policy_before(struct txn *t, uint64_t before, uint64_t *index)
{
	struct slice key, value;
	struct key k = { 0 };
	uint64_t best = 0, at;
	bool found = false;
	enum err err;

	key_text(&k, META_POLICY);
	err = store_seek(t, TABLE_META, key_slice(&k), &key, &value);
	for (; err == ERR_OK && key_begins(key, &k);
	     err = store_next(t, TABLE_META, &key, &value)) {
		if (key.len != k.len + 8 || value.len != 8)
			return (ERR_CORRUPT);
		at = be64_get(value.p);
		if (be64_get(key.p + k.len) == 0 || at >= before ||
		    (found && at < best))
			continue; /* 0 stands for the one in force */
		best = at;
		found = true;
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	if (!found)
		return (ERR_NOT_FOUND);
	*index = best;
	return (ERR_OK);
}

enum err
view_report(struct txn *t, uint32_t month, uint64_t *index)
{
	return (row_meta_get(t, META_REPORT, month, index));
}

enum err
view_policy(struct txn *t, uint64_t policy_index, uint64_t *index)
{
	enum err err = ERR_OK;

	if (policy_index == 0)
		err = view_policy_in_force(t, &policy_index);
	if (err == ERR_OK)
		err = row_meta_get(t, META_POLICY, policy_index, index);
	return (err);
}
