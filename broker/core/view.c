/*
 * view -- what the log amounts to now: reading it.
 */
#include <string.h>

#include "core/view_keep.h"
#include "life/apply.h"
#include "wire/pb.h"

/* --- referrals ---------------------------------------------------------- */

/* Read it into the arena for it, which is empty. */
static MUST_CHECK enum err
read_recent(struct txn *t, const struct refid *id, struct arena *a,
    struct view_recent *v)
{
	struct row_referral row;
	enum err err = view_keep_get(t, id, a, v);

	if (err != ERR_NOT_FOUND)
		return (err);
	err = row_referral_get(t, id, a, &row);
	if (err == ERR_OK)
		err = row_referral_state(&row, a, &v->state);
	if (err == ERR_OK)
		err = apply_from_state(v->state, &v->r);
	if (err != ERR_OK)
		return (err);
	v->id = *id;
	v->more = row.more;
	v->row_len = ROW_REFERRAL_HEAD + row.state.len;
	v->rest.known = false;
	return (ERR_OK);
}

/* Room for one, and nothing else in the arena for it. */
static MUST_CHECK enum err
make_room(struct txn *t, struct arena **a, struct view_recent **v)
{
	struct store_recent *recent = store_recent(t);

	*a = store_kept(t);
	if (*a == NULL)
		return (ERR_NOMEM);
	recent->holds = false;
	if (recent->at == NULL) {
		arena_reset(*a);
		recent->at = arena_alloc(*a, sizeof(*recent->at));
	} else {
		arena_rewind(*a, ARENA_ROUND(sizeof(*recent->at)));
	}
	*v = recent->at;
	return (*v == NULL ? ERR_NOMEM : ERR_OK);
}

enum err
view_recent(struct txn *t, const struct refid *id, struct view_recent **v)
{
	struct store_recent *recent = store_recent(t);
	struct view_recent *made;
	struct arena *a;
	enum err err;

	if (recent->holds && refid_eq(&recent->at->id, id)) {
		*v = recent->at;
		return (ERR_OK);
	}
	err = make_room(t, &a, &made);
	if (err == ERR_OK)
		err = read_recent(t, id, a, made);
	if (err == ERR_OK) {
		recent->holds = true;
		*v = made;
	}
	return (err);
}

enum err
view_fresh(struct txn *t, const struct refid *id, struct view_recent **v)
{
	struct view_recent *made;
	struct arena *a;
	enum err err = make_room(t, &a, &made);

	if (err != ERR_OK)
		return (err);
	made->id = *id;
	memset(&made->more, 0, sizeof(made->more));
	made->row_len = 0;
	made->state = NULL;
	made->rest.known = false;
	referral_clear(&made->r);
	made->r.id = *id;
	*v = made;
	return (ERR_OK);
}

enum err
view_referral(struct txn *t, const struct refid *id, struct referral *r)
{
	struct view_recent *v;
	enum err err = view_recent(t, id, &v);

	if (err == ERR_OK)
		referral_copy(r, &v->r);
	return (err);
}

enum err
view_more(struct txn *t, const struct refid *id, struct view_more *more)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	struct row_referral row;
	enum err err = row_referral_get(t, id, a, &row);

	if (err == ERR_OK)
		*more = row.more;
	arena_rewind(a, mark);
	return (err);
}

enum err
view_blind(struct txn *t, const struct refid *id, uint32_t offer,
    uint8_t blind[16])
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	Keten__V1__ReferralState *state = NULL;
	struct row_referral row;
	enum err err = row_referral_get(t, id, a, &row);

	if (err == ERR_OK)
		err = row_referral_state(&row, a, &state);
	if (err == ERR_OK) {
		err = ERR_NOT_FOUND;
		for (size_t i = 0; i < state->n_who; i++) {
			if (state->who[i]->number != offer ||
			    state->who[i]->blind.len != 16)
				continue;
			memcpy(blind, state->who[i]->blind.data, 16);
			err = ERR_OK;
		}
	}
	arena_rewind(a, mark);
	return (err);
}

/*
 * Lists: all rows whose key begins with ${prefix}, from the first one after
 * ${prefix} and ${after} on.  ${take} reads one row into member ${i}.
 */
struct list {
	struct txn *t;
	enum table table;
	struct key prefix;
	struct key from; /* the first row wanted, or the last one had */
	bool skip;	 /* it was had */
	size_t cap;
	enum err (*take)(void *out, size_t i, struct slice rest,
	    struct slice value);
	void *out;
};

static MUST_CHECK enum err
list_rows(struct list *l, size_t *n)
{
	struct slice key, value;
	size_t i = 0;
	enum err err = store_seek(l->t, l->table, key_slice(&l->from), &key,
	    &value);

	if (err == ERR_OK && l->skip && slice_eq(key, key_slice(&l->from)))
		err = store_next(l->t, l->table, &key, &value);
	while (err == ERR_OK && i < l->cap && key_begins(key, &l->prefix)) {
		struct slice rest = slice_of(key.p + l->prefix.len,
		    key.len - l->prefix.len);

		err = l->take(l->out, i, rest, value);
		if (err != ERR_OK)
			return (err);
		if (++i < l->cap)
			err = store_next(l->t, l->table, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

static enum err
take_refid(void *out, size_t i, struct slice rest, struct slice value)
{
	struct refid *ids = out;

	(void)value;
	if (rest.len != sizeof(ids[i].b))
		return (ERR_CORRUPT);
	memcpy(ids[i].b, rest.p, sizeof(ids[i].b));
	return (ERR_OK);
}

enum err
view_children(struct txn *t, const struct refid *parent,
    const struct refid *after, struct refid *out, size_t cap, size_t *n)
{
	struct list l = { .t = t, .table = TABLE_CHILD, .cap = cap,
		.take = take_refid, .out = out, .skip = after != NULL };

	key_bytes(&l.prefix, parent->b, sizeof(parent->b));
	l.from = l.prefix;
	if (after != NULL)
		key_bytes(&l.from, after->b, sizeof(after->b));
	return (list_rows(&l, n));
}

enum err
view_referrals(struct txn *t, const struct refid *after, struct refid *out,
    size_t cap, size_t *n)
{
	struct slice key, value;
	struct key from = { 0 };
	size_t got = 0;
	enum err err;

	if (after != NULL) {
		key_bytes(&from, after->b, sizeof(after->b));
		key_bytes(&from, "\xff\xff", 2); /* behind all its chunks */
	}
	err = view_settle(t);
	if (err == ERR_OK)
		err = store_seek(t, TABLE_REFERRAL, key_slice(&from), &key,
		    &value);
	while (err == ERR_OK && got < cap) {
		if (key.len != sizeof(out->b) + 2)
			return (ERR_CORRUPT);
		if (be16_get(key.p + sizeof(out->b)) == 0)
			memcpy(out[got++].b, key.p, sizeof(out->b));
		err = store_next(t, TABLE_REFERRAL, &key, &value);
	}
	if (err == ERR_OK || err == ERR_NOT_FOUND) {
		*n = got;
		err = ERR_OK;
	}
	return (err);
}

enum err
view_open_work(struct txn *t, const struct org *who, const struct refid *after,
    struct refid *out, size_t cap, size_t *n)
{
	struct list l = { .t = t, .table = TABLE_PARTY, .cap = cap,
		.take = take_refid, .out = out, .skip = after != NULL };

	key_text(&l.prefix, who->id);
	l.from = l.prefix;
	if (after != NULL)
		key_bytes(&l.from, after->b, sizeof(after->b));
	return (list_rows(&l, n));
}

static enum err
take_trail(void *out, size_t i, struct slice rest, struct slice value)
{
	struct view_trail *trail = (struct view_trail *)out + i;

	if (rest.len != 8 || value.len > sizeof(trail->kinds))
		return (ERR_CORRUPT);
	memset(trail, 0, sizeof(*trail));
	trail->index = be64_get(rest.p);
	trail->n_parts = (uint8_t)value.len;
	if (value.len > 0)
		memcpy(trail->kinds, value.p, value.len);
	return (ERR_OK);
}

enum err
view_trail(struct txn *t, const struct refid *id, uint64_t from,
    struct view_trail *out, size_t cap, size_t *n)
{
	struct list l = { .t = t, .table = TABLE_TRAIL, .cap = cap,
		.take = take_trail, .out = out };

	key_bytes(&l.prefix, id->b, sizeof(id->b));
	l.from = l.prefix;
	key_u64(&l.from, from);
	return (list_rows(&l, n));
}

enum err
view_trail_end(struct txn *t, const struct refid *id, struct view_trail *out,
    size_t cap, size_t *n)
{
	struct key prefix = { 0 }, until;
	struct slice key, value;
	size_t i = 0;
	enum err err = ERR_OK;

	key_bytes(&prefix, id->b, sizeof(id->b));
	until = prefix;
	key_u64(&until, UINT64_MAX);
	while (i < cap && (err = store_before(t, TABLE_TRAIL,
	    key_slice(&until), &key, &value)) == ERR_OK &&
	    key_begins(key, &prefix)) {
		err = take_trail(out, i, slice_of(key.p + prefix.len,
		    key.len - prefix.len), value);
		if (err != ERR_OK)
			return (err);
		until = prefix;
		key_u64(&until, out[i++].index);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

/* --- the whole of one --------------------------------------------------- */

#define PAGE 64

/* Count, then list: children into the state. */
static MUST_CHECK enum err
add_children(struct txn *t, const struct refid *id, struct arena *a,
    Keten__V1__ReferralState *s)
{
	struct refid page[PAGE];
	const struct refid *after = NULL;
	size_t n, total = 0;
	enum err err;

	do {
		err = view_children(t, id, after, page, PAGE, &n);
		total += err == ERR_OK ? n : 0;
		after = &page[PAGE - 1];
	} while (err == ERR_OK && n == PAGE);
	s->children = arena_zero(a, total + 1, sizeof(*s->children));
	if (err != ERR_OK || s->children == NULL)
		return (err != ERR_OK ? err : ERR_NOMEM);
	after = NULL;
	while (s->n_children < total) {
		err = view_children(t, id, after, page, PAGE, &n);
		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			struct slice one;

			if (arena_copy(a, slice_of(page[i].b, 16), &one) != 0)
				return (ERR_NOMEM);
			s->children[s->n_children++] = pb_data(one);
		}
		if (err != ERR_OK || n == 0)
			return (err);
		after = &page[PAGE - 1];
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
add_piece(struct arena *a, uint64_t index, uint32_t part,
    Keten__V1__ReferralState *s)
{
	Keten__V1__PieceRef *ref = arena_zero(a, 1, sizeof(*ref));

	if (ref == NULL)
		return (ERR_NOMEM);
	keten__v1__piece_ref__init(ref);
	ref->index = index;
	ref->part = part;
	s->pieces[s->n_pieces++] = ref;
	return (ERR_OK);
}

/* Note the parts of one record that are wanted; ${*more}: there is no room for
 * all. */
static MUST_CHECK enum err
add_record(struct arena *a, const struct view_trail *at,
    const struct view_parts *want, Keten__V1__ReferralState *s, bool *more)
{
	enum err err = ERR_OK;

	for (uint32_t p = 0; p < at->n_parts && err == ERR_OK && !*more; p++) {
		if (want->behind && at->index == want->index &&
		    p <= want->part)
			continue;
		*more = s->n_pieces == want->max;
		if (!*more)
			err = add_piece(a, at->index, p, s);
	}
	return (err);
}

static MUST_CHECK enum err
add_pieces(struct txn *t, const struct refid *id, struct arena *a,
    const struct view_parts *want, Keten__V1__ReferralState *s, bool *more)
{
	struct view_trail page[PAGE];
	uint64_t from = want->behind ? want->index : 0;
	size_t n;

	*more = false;
	s->pieces = arena_zero(a, want->max, sizeof(*s->pieces));
	if (s->pieces == NULL)
		return (ERR_NOMEM);
	do {
		enum err err = view_trail(t, id, from, page, PAGE, &n);

		for (size_t i = 0; err == ERR_OK && i < n && !*more; i++) {
			err = add_record(a, &page[i], want, s, more);
			from = page[i].index + 1;
		}
		if (err != ERR_OK)
			return (err);
	} while (n == PAGE && !*more);
	return (ERR_OK);
}

enum err
view_state(struct txn *t, const struct refid *id, struct arena *a,
    const struct view_parts *want, Keten__V1__ReferralState **state,
    bool *more)
{
	Keten__V1__ReferralState *s = NULL;
	struct row_referral row;
	struct slice leaf;
	enum err err = row_referral_get(t, id, a, &row);

	if (err == ERR_OK)
		err = row_referral_state(&row, a, &s);
	if (err != ERR_OK)
		return (err);
	if (arena_copy(a, slice_of(row.more.newest_leaf, 32), &leaf) != 0)
		return (ERR_NOMEM);
	s->opening_index = row.more.opening_index;
	s->newest_index = row.more.newest_index;
	s->newest_leaf = pb_data(leaf);
	err = add_children(t, id, a, s);
	if (err == ERR_OK)
		err = add_pieces(t, id, a, want, s, more);
	if (err == ERR_OK)
		*state = s;
	return (err);
}

/* --- terms -------------------------------------------------------------- */

enum err
view_due(struct txn *t, int64_t until_ms, const struct view_due *after,
    struct view_due *out, size_t cap, size_t *n)
{
	struct key from = { 0 };
	struct slice key, value;
	size_t i = 0;
	enum err err;

	if (after != NULL) {
		key_u64(&from, (uint64_t)after->at_ms);
		key_bytes(&from, after->referral.b, 16);
	}
	err = store_seek(t, TABLE_DUE, key_slice(&from), &key, &value);
	if (err == ERR_OK && after != NULL && slice_eq(key, key_slice(&from)))
		err = store_next(t, TABLE_DUE, &key, &value);
	while (err == ERR_OK && i < cap) {
		err = row_due_read(key, value, &out[i]);
		if (err != ERR_OK)
			return (err);
		if (out[i].at_ms > until_ms)
			break;
		if (++i < cap)
			err = store_next(t, TABLE_DUE, &key, &value);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = i;
	return (ERR_OK);
}

enum err
view_next_due(struct txn *t, int64_t *at_ms)
{
	static const struct slice all;
	struct slice key, value;
	struct view_due due;
	enum err err = store_seek(t, TABLE_DUE, all, &key, &value);

	if (err == ERR_OK)
		err = row_due_read(key, value, &due);
	if (err == ERR_OK)
		*at_ms = due.at_ms;
	return (err);
}
