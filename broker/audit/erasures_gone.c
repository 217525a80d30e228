/*
 * erasures_gone -- what is not there any more: did an erasure take it that
 * might?
 */
#include <inttypes.h>
#include <stdlib.h>

#include "audit/erasures_in.h"
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

enum err
erasures_check(struct erasures *e, struct txn *txn)
{
	size_t at = 0;
	const uint8_t *mark;
	enum err err = ERR_OK;

	if (e->n_gone > 0)
		err = tree_read_erasures(e->tree, txn);
	if (err == ERR_OK)
		err = sort_ranges(e);
	for (size_t i = 0; i < e->n_gone && err == ERR_OK; i++)
		err = check_one(e, txn, &e->gone[i]);
	while ((mark = map_next(e->awaited, &at)) != NULL)
		e->n.waiting += *mark;
	return (err);
}
