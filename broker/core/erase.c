/*
 * erase -- which content is due, and carrying an erasure out.
 */
#include <stdlib.h>
#include <string.h>

#include "core/erase.h"
#include "core/record.h"
#include "core/vault.h"
#include "core/view.h"
#include "policy/erasure.h"
#include "trust/leaf.h"

#define PAGE 32
#define HOLDS 8

/* Records whose rows go in one turn: LMDB keeps all pages of one in memory. */
#define ROWS 1000

/* --- what has to stay ----------------------------------------------------- */

enum err
erase_is_retained(struct txn *t, const struct refid *id, int64_t now_ms,
    bool *is)
{
	struct view_hold hold[HOLDS];
	size_t n = 0;
	enum err err = view_holds(t, id, hold, HOLDS, &n);
	bool held = n == HOLDS; /* so many are surely not all over */

	for (size_t i = 0; i < n; i++)
		held = held || hold[i].until_ms == 0 ||
		    hold[i].until_ms > now_ms;
	if (err == ERR_OK)
		*is = held;
	return (err);
}

/* --- content -------------------------------------------------------------- */

/* Ranges as they come; those before ${skip} only count. */
struct ranges {
	struct decide_range *out;
	size_t skip, cap;
	size_t n;    /* in ${out} */
	size_t seen; /* of all */
	struct decide_range last;
};

/* Put the range that is complete by now where it belongs. */
static void
end_range(struct ranges *r)
{
	if (r->last.count > 0 && r->seen++ >= r->skip && r->n < r->cap)
		r->out[r->n++] = r->last;
	r->last.count = 0;
}

static void
add_range(struct ranges *r, uint64_t index)
{
	if (r->last.count > 0 && r->last.first + r->last.count == index) {
		r->last.count++;
		return;
	}
	end_range(r);
	r->last = (struct decide_range){ index, 1 };
}

static MUST_CHECK enum err
add_trail(struct txn *t, const struct refid *id, struct ranges *r)
{
	struct view_trail page[PAGE];
	uint64_t from = 0;
	size_t got;

	do {
		enum err err = view_trail(t, id, from, page, PAGE, &got);

		if (err != ERR_OK)
			return (err);
		for (size_t i = 0; i < got; i++) {
			from = page[i].index + 1;
			if (page[i].n_parts > 0)
				add_range(r, page[i].index);
		}
	} while (got == PAGE && r->n < r->cap);
	end_range(r);
	return (ERR_OK);
}

enum err
erase_content_of(struct txn *t, const struct refid *id, size_t skip,
    struct decide_range *out, size_t cap, size_t *n)
{
	struct ranges r = { .out = out, .skip = skip, .cap = cap };
	struct view_more more;
	enum err err = add_trail(t, id, &r);

	if (err == ERR_OK && r.seen == 0) {
		err = view_more(t, id, &more);
		if (err == ERR_OK)
			add_range(&r, more.opening_index);
		end_range(&r);
	}
	if (err == ERR_OK)
		*n = r.n;
	return (err);
}

/* Those of one code, in the order in which they ended. */
struct content_scan {
	struct txn *t;
	const struct policy *p;
	const char *code;
	const Keten__V1__PolicyRetention *rule; /* NULL: at once */
	int64_t now_ms;
	struct erase_due *out;
	size_t cap;
	size_t n;
};

/* Take one that has ended; ${on}: the next may be due too. */
static MUST_CHECK enum err
take_ended(struct content_scan *s, const struct view_ended *e, bool *on)
{
	struct referral r;
	struct erase_due *d = &s->out[s->n];
	bool held = false;
	enum err err = view_referral(s->t, &e->referral, &r);

	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	d->referral = e->referral;
	d->ended_ms = e->ended_ms;
	d->number = s->rule != NULL ? s->rule->rule
				    : erasure_at_once(s->p, &r);
	/* The policy may say by now that it is kept after all. */
	if (d->number == 0 ||
	    !erasure_is_due(s->p, d->number, &r, s->now_ms)) {
		*on = s->rule == NULL;
		return (ERR_OK);
	}
	err = erase_is_retained(s->t, &e->referral, s->now_ms, &held);
	if (err == ERR_OK && !held)
		s->n++;
	return (err);
}

static MUST_CHECK enum err
scan_code(struct content_scan *s)
{
	struct view_ended page[PAGE];
	const struct view_ended *after = NULL;
	struct view_ended last;
	bool on = true;
	size_t got;

	do {
		enum err err = view_ended(s->t, 1, s->code, after, page, PAGE,
		    &got);

		for (size_t i = 0; i < got && err == ERR_OK && on &&
		     s->n < s->cap; i++)
			err = take_ended(s, &page[i], &on);
		if (err != ERR_OK)
			return (err);
		if (got > 0)
			last = page[got - 1];
		after = &last;
	} while (got == PAGE && on && s->n < s->cap);
	return (ERR_OK);
}

enum err
erase_content_due(struct txn *t, const struct policy *p, int64_t now_ms,
    struct erase_due *out, size_t cap, size_t *n)
{
	struct content_scan s = { .t = t, .p = p, .now_ms = now_ms,
		.out = out, .cap = cap };
	char code[REFERRAL_CODE] = "", after[REFERRAL_CODE];
	enum err err = view_ended_code(t, 1, NULL, code);

	while (err == ERR_OK && s.n < cap) {
		s.code = code;
		s.rule = NULL;
		if (strcmp(code, VIEW_AT_ONCE) != 0)
			s.rule = policy_retention(p, 1, code);
		if (s.rule != NULL || strcmp(code, VIEW_AT_ONCE) == 0)
			err = scan_code(&s);
		memcpy(after, code, sizeof(after));
		if (err == ERR_OK)
			err = view_ended_code(t, 1, after, code);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	*n = s.n;
	return (ERR_OK);
}

/* --- carrying it out ------------------------------------------------------- */

static void
index_key(uint64_t index, uint8_t key[8])
{
	be64_put(key, index);
}

enum err
erase_note(struct txn *t, uint64_t index)
{
	uint8_t key[8], value[8];

	index_key(index, key);
	be64_put(value, 0);
	return (store_put(t, TABLE_ERASING, slice_of(key, 8),
	    slice_of(value, 8)));
}

enum err
erase_next(struct txn *t, uint64_t *index)
{
	uint8_t from[8];
	struct slice key, value;
	enum err err;

	index_key(*index, from);
	err = store_seek(t, TABLE_ERASING, slice_of(from, 8), &key, &value);
	if (err == ERR_OK && key.len != 8)
		return (ERR_CORRUPT);
	if (err == ERR_OK)
		*index = be64_get(key.p);
	return (err);
}

/* What an ERASE leaf says. */
struct order {
	struct leaf_erase body;
	struct leaf_range range[LEAF_ERASE_MAX];
};

static MUST_CHECK enum err
read_order(struct txn *t, uint64_t index, struct order *o)
{
	struct slice bytes;
	struct leaf leaf;
	enum err err = store_leaf(t, index, &bytes);

	if (err == ERR_OK && (leaf_decode(bytes, &leaf) != ERR_OK ||
				 leaf.kind != LEAF_ERASE ||
				 leaf_erase_decode(leaf.clear, o->range,
				     LEAF_ERASE_MAX, &o->body) != ERR_OK))
		err = ERR_CORRUPT;
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* The pairs of the vault that records stand under, each once. */
struct pairs {
	uint32_t *pair;
	size_t n;
	size_t cap;
};

static MUST_CHECK enum err
add_pair(struct pairs *l, uint32_t pair)
{
	if (pair == RECORD_NO_PAIR)
		return (ERR_OK);
	/* From the end: records of one referral come near each other. */
	for (size_t i = l->n; i-- > 0;)
		if (l->pair[i] == pair)
			return (ERR_OK);
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		uint32_t *more = realloc(l->pair, cap * sizeof(*more));

		if (more == NULL)
			return (ERR_NOMEM);
		l->pair = more;
		l->cap = cap;
	}
	l->pair[l->n++] = pair;
	return (ERR_OK);
}

static MUST_CHECK enum err
find_pairs(struct txn *t, const struct order *o, struct pairs *l)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < o->body.n && err == ERR_OK; i++)
		for (uint32_t k = 0; k < o->range[i].count && err == ERR_OK;
		     k++) {
			uint32_t pair;

			err = record_pair(t, o->range[i].first + k, &pair);
			if (err == ERR_OK)
				err = add_pair(l, pair);
		}
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* Overwrite a slot, unless that was done before. */
static MUST_CHECK enum err
wipe(struct vault *v, uint32_t pair, enum vault_slot slot)
{
	bool done = false;
	enum err err = vault_is_erased(v, pair, slot, &done);

	return (err != ERR_OK || done ? err : vault_erase(v, pair, slot));
}

enum err
erase_slots(struct store *st, uint64_t index)
{
	struct order *o = calloc(1, sizeof(*o));
	struct pairs l = { 0 };
	struct txn *t = NULL;
	enum err err = o == NULL ? ERR_NOMEM : store_read(st, &t);

	if (err == ERR_OK)
		err = read_order(t, index, o);
	if (err == ERR_OK)
		err = find_pairs(t, o, &l);
	store_done(&t);
	for (size_t i = 0; i < l.n && err == ERR_OK; i++) {
		err = wipe(store_vault(st), l.pair[i], VAULT_CONTENT);
		if (err == ERR_OK && o->body.level == 2)
			err = wipe(store_vault(st), l.pair[i], VAULT_RECORD);
	}
	free(l.pair);
	free(o);
	return (err);
}

static MUST_CHECK enum err
drop_one(struct txn *t, const struct order *o, uint64_t index)
{
	enum err err = record_drop_content(t, index);

	if (err == ERR_OK && o->body.level == 2)
		err = record_drop(t, index);
	return (err);
}

/* Drop ${max} records after the first ${*at}; ${*at} goes on. */
static MUST_CHECK enum err
drop_some(struct txn *t, const struct order *o, uint64_t *at, uint32_t max)
{
	uint64_t passed = 0, until = *at + max;
	enum err err = ERR_OK;

	for (size_t i = 0; i < o->body.n && *at < until; i++) {
		const struct leaf_range *r = &o->range[i];

		for (; *at < until && *at < passed + r->count; (*at)++) {
			err = drop_one(t, o, r->first + (*at - passed));
			if (err != ERR_OK)
				return (err);
		}
		passed += r->count;
	}
	return (err);
}

static uint64_t
total(const struct order *o)
{
	uint64_t n = 0;

	for (size_t i = 0; i < o->body.n; i++)
		n += o->range[i].count;
	return (n);
}

static MUST_CHECK enum err
rows_turn(struct txn *t, uint64_t index, struct order *o, uint32_t max,
    bool *done)
{
	uint8_t key[8], value[8];
	struct slice was;
	uint64_t at;
	enum err err = read_order(t, index, o);

	index_key(index, key);
	if (err == ERR_OK)
		err = store_get(t, TABLE_ERASING, slice_of(key, 8), &was);
	if (err == ERR_NOT_FOUND) {
		*done = true;
		return (ERR_OK);
	}
	if (err == ERR_OK && was.len != 8)
		err = ERR_CORRUPT;
	if (err != ERR_OK)
		return (err);
	at = be64_get(was.p);
	if ((err = drop_some(t, o, &at, max)) != ERR_OK)
		return (err);
	*done = at >= total(o);
	if (*done)
		return (store_del(t, TABLE_ERASING, slice_of(key, 8)));
	be64_put(value, at);
	return (store_put(t, TABLE_ERASING, slice_of(key, 8),
	    slice_of(value, 8)));
}

enum err
erase_rows(struct store *st, uint64_t index, uint32_t max, bool *done)
{
	struct order *o = calloc(1, sizeof(*o));
	struct txn *t = NULL;
	enum err err = o == NULL ? ERR_NOMEM : store_begin(st, &t);

	if (err == ERR_OK)
		err = rows_turn(t, index, o, max, done);
	if (err == ERR_OK)
		err = store_commit(&t);
	store_abort(&t);
	free(o);
	return (err);
}

static MUST_CHECK enum err
carry_out(struct store *st, uint64_t index)
{
	bool done = false;
	enum err err = erase_slots(st, index);

	while (err == ERR_OK && !done)
		err = erase_rows(st, index, ROWS, &done);
	return (err);
}

enum err
erase_finish(struct store *st)
{
	uint64_t index = 0;

	for (;;) {
		struct txn *t = NULL;
		enum err err = store_read(st, &t);

		if (err == ERR_OK)
			err = erase_next(t, &index);
		store_done(&t);
		if (err != ERR_OK)
			return (err == ERR_NOT_FOUND ? ERR_OK : err);
		if ((err = carry_out(st, index)) != ERR_OK)
			return (err);
	}
}
