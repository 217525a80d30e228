/*
 * erasures_gone -- what is not there any more: did an erasure take it that
 * might?
 */
#include <inttypes.h>
#include <stdlib.h>

#include "audit/erasures_in.h"
#include "core/erase.h"
#include "core/record.h"
#include "policy/erasure.h"
#include "trust/leaf.h"

static int
by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first < y->first ? -1 : x->first > y->first);
}

static MUST_CHECK enum err
sort_ranges(struct erasures *e)
{
	size_t n = tree_n_erasures(e->tree);

	e->range = calloc(n + 1, sizeof(*e->range));
	if (e->range == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++) {
		const struct tree_erased *t = tree_erasure(e->tree, i);

		e->range[i] = (struct range){ t->first, t->count, t->by,
			t->level };
	}
	e->n_range = n;
	qsort(e->range, n, sizeof(*e->range), by_first);
	return (ERR_OK);
}

/* Ranges that begin so far before a record are not looked at any more; none
 * that is lawful overlaps so many others. */
#define BACK_MAX 256

/* An erasure that took ${g} away: of its own referral, if that is known. */
static const struct range *
range_of(const struct erasures *e, const struct gone *g)
{
	const struct range *found = NULL;
	size_t low = 0, high = e->n_range;
	uint8_t key[8];

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (e->range[mid].first <= g->index)
			low = mid + 1;
		else
			high = mid;
	}
	for (size_t i = low, back = 0; i-- > 0 && back < BACK_MAX; back++) {
		const struct range *r = &e->range[i];
		const struct refid *id;

		if (r->level < g->level || g->index - r->first >= r->count)
			continue;
		be64_put(key, r->by);
		id = map_find(e->orders, key);
		if (id == NULL || !g->has_owner || refid_eq(id, &g->owner))
			return (r);
		found = found == NULL ? r : found;
	}
	return (found);
}

/* Is the erasure that is said to have taken it, one of another referral? */
static bool
is_of_other(const struct erasures *e, const struct gone *g,
    const struct range *r)
{
	const struct refid *id;
	uint8_t key[8];

	be64_put(key, r->by);
	id = map_find(e->orders, key);
	return (id != NULL && g->has_owner && !refid_eq(id, &g->owner));
}

static MUST_CHECK enum err
time_of(struct txn *txn, uint64_t index, int64_t *ms)
{
	struct slice bytes;
	struct leaf leaf;
	enum err err = store_leaf(txn, index, &bytes);

	if (err == ERR_OK && leaf_decode(bytes, &leaf) != ERR_OK)
		err = ERR_CORRUPT;
	if (err == ERR_OK)
		*ms = leaf.time_ms;
	return (err);
}

/* Was a whole record as old as the rule says when it went? */
static MUST_CHECK enum err
check_age(struct erasures *e, struct txn *txn, const struct gone *g,
    const struct range *r)
{
	const struct policy *p = history_policy(e->history, r->by);
	const Keten__V1__PolicyRetention *rule;
	struct slice bytes;
	struct leaf leaf;
	struct leaf_erase body;
	struct leaf_range *list;
	int64_t made_ms, gone_ms;
	enum err err = time_of(txn, g->index, &made_ms);

	if (err == ERR_OK)
		err = time_of(txn, r->by, &gone_ms);
	if (err == ERR_OK)
		err = store_leaf(txn, r->by, &bytes);
	if (err != ERR_OK || p == NULL ||
	    leaf_decode(bytes, &leaf) != ERR_OK)
		return (err == ERR_STORE ? err : ERR_OK); /* found already */
	list = calloc(LEAF_ERASE_MAX, sizeof(*list));
	if (list == NULL)
		return (ERR_NOMEM);
	if (leaf_erase_decode(leaf.clear, list, LEAF_ERASE_MAX, &body) ==
	    ERR_OK) {
		rule = erasure_rule(p, body.rule);
		if (rule != NULL && rule->level == 2 &&
		    erasure_log_at(rule, made_ms) > gone_ms)
			findings_add(e->f, VERDICT_MISSING, g->index,
			    "het record is gewist voordat het mocht (door "
			    "record %" PRIu64 ")", r->by);
	}
	free(list);
	return (ERR_OK);
}

static MUST_CHECK enum err
check_one(struct erasures *e, struct txn *txn, const struct gone *g)
{
	const struct range *r = range_of(e, g);

	if (r == NULL) {
		findings_add(e->f, VERDICT_MISSING, g->index,
		    "%s gewist zonder dat het logboek er iets van zegt",
		    g->level == 2 ? "het record is" : "de inhoud is");
		return (ERR_OK);
	}
	if (is_of_other(e, g, r)) {
		findings_add(e->f, VERDICT_MISSING, g->index,
		    "de inhoud is gewist door record %" PRIu64 ", dat over "
		    "een andere verwijzing gaat", r->by);
		return (ERR_OK);
	}
	e->n.gone++;
	return (g->level == 2 ? check_age(e, txn, g, r) : ERR_OK);
}

/* --- is what should be gone, gone? ---------------------------------------------- */

/* Where something of an erasure was left. */
struct left {
	uint64_t n;
	uint64_t first;
};

static MUST_CHECK enum err
look_at(struct txn *txn, const struct range *r, struct left *l)
{
	enum err err = ERR_OK;

	for (uint64_t i = 0; i < r->count && err == ERR_OK; i++) {
		bool left = false;

		if (store_is_stale(txn))
			err = store_renew(txn);
		if (err == ERR_OK)
			err = record_is_left(txn, r->first + i, r->level == 2,
			    &left);
		/* What is missing or damaged has been found already. */
		if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
			err = ERR_OK;
		if (left && l->n++ == 0)
			l->first = r->first + i;
	}
	return (err);
}

/* A broker that erases at this moment has not done what it says yet. */
static MUST_CHECK enum err
is_carried_out(struct txn *txn, uint64_t by, bool *done)
{
	uint64_t next = by;
	enum err err = erase_next(txn, &next);

	*done = err == ERR_NOT_FOUND || (err == ERR_OK && next != by);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* One range of an ERASE that is carried out: nothing of it may be left. */
static MUST_CHECK enum err
check_range(struct erasures *e, struct txn *txn, const struct range *r)
{
	struct left l = { 0 };
	bool done = false;
	enum err err = is_carried_out(txn, r->by, &done);

	if (err == ERR_OK && !done)
		e->n.going++;
	if (err == ERR_OK && done)
		err = look_at(txn, r, &l);
	if (err == ERR_OK && l.n > 0)
		findings_add(e->f, VERDICT_MISSING, r->by,
		    "volgens dit record is gewist wat nog te lezen is: %s van "
		    "record %" PRIu64 ", samen %" PRIu64 " records",
		    r->level == 2 ? "alles" : "de inhoud", l.first, l.n);
	return (err);
}

enum err
erasures_check(struct erasures *e, struct txn *txn)
{
	size_t at = 0;
	const uint8_t *mark;
	enum err err = tree_read_erasures(e->tree, txn);

	if (err == ERR_OK)
		err = sort_ranges(e);
	for (size_t i = 0; i < e->n_gone && err == ERR_OK; i++)
		err = check_one(e, txn, &e->gone[i]);
	for (size_t i = 0; i < e->n_range && err == ERR_OK; i++)
		err = check_range(e, txn, &e->range[i]);
	if (e->n.again > 0 && !e->is_accepted)
		findings_add(e->f, VERDICT_MISSING, e->first_again,
		    "wissing zonder recht daartoe: niemand aanvaardde een "
		    "reservekopie (samen %" PRIu64 ")", e->n.again);
	while ((mark = map_next(e->awaited, &at)) != NULL)
		e->n.waiting += *mark;
	return (err);
}
