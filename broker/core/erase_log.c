/*
 * erase_log -- which whole records are due, and what has to be carried on.
 *
 * A referral goes with all its descendants, when every record of them is older
 * than the rule says; what belongs to no referral goes month by month.
 */
#include <stdlib.h>
#include <string.h>

#include "core/erase_in.h"
#include "core/record.h"
#include "core/view.h"
#include "core/view_rows.h"
#include "policy/erasure.h"
#include "wire/pb.h"

#define PAGE 32
#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* Records of referrals in one turn; a month goes as a whole. */
#define RECORDS_MAX 20000

/* A referral with more descendants than this waits for somebody to look. */
#define FAMILY_MAX 1024

/* Facts of an ERASE have to stay well below what a record may hold. */
#define ARENA ((size_t)32 << 20)

struct erase_log {
	struct arena *a;
	size_t n;
	struct decide_log *page;
};

static uint64_t
index_at(const struct erase_find *f, size_t i)
{
	uint64_t index;

	memcpy(&index, f->index.p + i * sizeof(index), sizeof(index));
	return (index);
}

enum err
erase_leaf(struct txn *t, uint64_t index, struct leaf *leaf)
{
	struct slice bytes;
	enum err err = store_leaf(t, index, &bytes);

	if (err == ERR_OK && leaf_decode(bytes, leaf) != ERR_OK)
		err = ERR_CORRUPT;
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* --- families ---------------------------------------------------------------- */

/* Members from ${first} on in the list of families, found breadth first. */
static MUST_CHECK enum err
add_family(struct erase_find *f, const struct refid *root, size_t *first,
    bool *too_many)
{
	struct refid page[PAGE], id, last;
	const struct refid *after;
	size_t n;
	enum err err = pile_add(&f->family, root);

	*first = f->family.n - 1;
	for (size_t i = *first; err == ERR_OK && i < f->family.n; i++) {
		memcpy(&id, f->family.p + i * sizeof(id), sizeof(id));
		after = NULL;
		do {
			err = view_children(f->t, &id, after, page, PAGE, &n);
			for (size_t k = 0; k < n && err == ERR_OK; k++)
				err = pile_add(&f->family, &page[k]);
			if (n > 0)
				last = page[n - 1];
			after = &last;
		} while (err == ERR_OK && n == PAGE &&
		    f->family.n - *first <= FAMILY_MAX);
		if (f->family.n - *first > FAMILY_MAX)
			break;
	}
	*too_many = f->family.n - *first > FAMILY_MAX;
	return (err);
}

/* The records that ${id} owns; ${newest}: of all in its trail. */
static MUST_CHECK enum err
own_records(struct erase_find *f, const struct refid *id, bool *has_content,
    uint64_t *newest, bool collect)
{
	struct view_trail page[PAGE];
	struct view_more more;
	uint64_t from = 0;
	uint32_t pair;
	size_t n;
	enum err err = view_more(f->t, id, &more);

	while (err == ERR_OK) {
		err = view_trail(f->t, id, from, page, PAGE, &n);
		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			from = page[i].index + 1;
			*newest = page[i].index;
			*has_content = *has_content || page[i].n_parts > 0;
			if (!collect)
				continue;
			err = record_pair(f->t, page[i].index, &pair);
			if (err == ERR_OK && pair == more.pair)
				err = pile_add(&f->index, &page[i].index);
		}
		if (n < PAGE)
			break;
	}
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* May this one go now?  It is final, nobody wants it, its content is gone. */
static MUST_CHECK enum err
member_is_due(struct erase_find *f, const struct refid *id,
    const Keten__V1__PolicyRetention *rule, bool *due)
{
	struct referral r;
	struct leaf leaf;
	uint64_t newest = 0;
	bool held = false, has_content = false;
	enum err err = view_referral(f->t, id, &r);

	*due = false;
	if (err == ERR_OK)
		err = erase_is_retained(f->t, id, f->now_ms, &held);
	if (err != ERR_OK || held ||
	    (r.state != ST_CLOSED && r.state != ST_ENTERED_IN_ERROR))
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	err = own_records(f, id, &has_content, &newest, false);
	if (err != ERR_OK || has_content)
		return (err);
	err = erase_leaf(f->t, newest, &leaf);
	if (err == ERR_OK)
		*due = erasure_log_at(rule, leaf.time_ms) <= f->now_ms;
	return (err);
}

static MUST_CHECK enum err
family_is_due(struct erase_find *f, size_t first,
    const Keten__V1__PolicyRetention *rule, bool *due)
{
	enum err err = ERR_OK;

	*due = true;
	for (size_t i = first; i < f->family.n && *due && err == ERR_OK; i++) {
		struct refid id;

		memcpy(&id, f->family.p + i * sizeof(id), sizeof(id));
		err = member_is_due(f, &id, rule, due);
	}
	return (err);
}

/* Take the family of ${root} if it is due. */
static MUST_CHECK enum err
take_family(struct erase_find *f, const struct refid *root,
    const Keten__V1__PolicyRetention *rule)
{
	bool due = false, too_many = false, has = false;
	uint64_t newest;
	size_t first = 0;
	enum err err = add_family(f, root, &first, &too_many);

	if (err == ERR_OK && !too_many)
		err = family_is_due(f, first, rule, &due);
	if (err != ERR_OK)
		return (err);
	if (!due || too_many) {
		f->family.n = first;
		return (ERR_OK);
	}
	f->rule = rule;
	for (size_t i = first; i < f->family.n && err == ERR_OK; i++) {
		struct refid id;

		memcpy(&id, f->family.p + i * sizeof(id), sizeof(id));
		err = own_records(f, &id, &has, &newest, true);
	}
	return (err);
}

/* Those of one code that ended so long ago that they may be due. */
static MUST_CHECK enum err
scan_code(struct erase_find *f, const char *code,
    const Keten__V1__PolicyRetention *rule)
{
	int64_t before = f->now_ms - (int64_t)rule->days * DAY_MS;
	struct view_ended page[PAGE], last;
	const struct view_ended *after = NULL;
	size_t n;

	do {
		enum err err = view_ended(f->t, 2, code, after, page, PAGE,
		    &n);

		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			if (page[i].ended_ms > before ||
			    f->index.n >= RECORDS_MAX)
				return (ERR_OK);
			err = take_family(f, &page[i].referral, rule);
		}
		if (err != ERR_OK)
			return (err);
		if (n > 0)
			last = page[n - 1];
		after = &last;
	} while (n == PAGE);
	return (ERR_OK);
}

static MUST_CHECK enum err
find_families(struct erase_find *f)
{
	char code[REFERRAL_CODE], was[REFERRAL_CODE];
	enum err err = view_ended_code(f->t, 2, NULL, code);

	while (err == ERR_OK) {
		const Keten__V1__PolicyRetention *rule =
		    policy_retention(f->p, 2, code);

		/* One rule in one record; the others have their turn next. */
		if (rule != NULL && (f->rule == NULL || f->rule == rule))
			err = scan_code(f, code, rule);
		memcpy(was, code, sizeof(was));
		if (err == ERR_OK)
			err = view_ended_code(f->t, 2, was, code);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* --- months -------------------------------------------------------------------- */

/* The first record of ${from_ms} or later. */
static MUST_CHECK enum err
first_since(struct txn *t, int64_t from_ms, uint64_t *index)
{
	uint64_t low = 0, high = store_size(t);

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;
		struct leaf leaf;
		enum err err = erase_leaf(t, mid, &leaf);

		if (err != ERR_OK)
			return (err);
		if (leaf.time_ms < from_ms)
			low = mid + 1;
		else
			high = mid;
	}
	*index = low;
	return (ERR_OK);
}

/* Take the records from ${from} on that stand under the pair of a month. */
static MUST_CHECK enum err
take_month(struct erase_find *f, uint64_t from, uint64_t until, uint32_t pair)
{
	size_t had = f->index.n;
	enum err err = ERR_OK;

	for (uint64_t i = from; i < until && err == ERR_OK; i++) {
		uint32_t is;

		err = record_pair(f->t, i, &is);
		if (err == ERR_OK && is == pair)
			err = pile_add(&f->index, &i);
	}
	if (f->index.n > had)
		f->month = true;
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* Step from month to month, from the first record on. */
static MUST_CHECK enum err
find_months(struct erase_find *f, const Keten__V1__PolicyRetention *rule)
{
	uint64_t from = 0, until = 0, size = store_size(f->t), pair = 0;
	struct leaf leaf;
	enum err err = ERR_OK;

	while (err == ERR_OK && from < size) {
		int64_t at;

		if ((err = erase_leaf(f->t, from, &leaf)) != ERR_OK)
			return (err);
		at = erasure_log_at(rule, leaf.time_ms);
		if (at > f->now_ms)
			break;
		err = first_since(f->t, at - (int64_t)rule->days * DAY_MS,
		    &until);
		if (err == ERR_OK)
			err = row_meta_get(f->t, META_MONTH,
			    erasure_month(leaf.time_ms), &pair);
		if (err == ERR_OK)
			err = take_month(f, from, until, (uint32_t)pair);
		else if (err == ERR_NOT_FOUND)
			err = ERR_OK;
		from = until;
	}
	if (f->month)
		f->rule = rule;
	return (err);
}

/* The rule for what has no code: the one for everything. */
static const Keten__V1__PolicyRetention *
rule_of_all(const struct policy *p)
{
	const Keten__V1__Policy *doc = policy_doc(p);

	for (size_t i = 0; i < doc->n_retention; i++)
		if (doc->retention[i]->level == 2 &&
		    doc->retention[i]->n_codes == 0)
			return (doc->retention[i]);
	return (NULL);
}

/* --- pages ----------------------------------------------------------------------- */

/* Ranges of the sorted indexes, in pages that fit a leaf. */
static MUST_CHECK enum err
make_pages(struct erase_find *f, struct erase_log *log)
{
	size_t max = f->index.n / DECIDE_RANGES_MAX + 1, at = 0;
	struct decide_log *page = NULL;

	log->page = arena_zero(log->a, max, sizeof(*log->page));
	if (log->page == NULL)
		return (ERR_NOMEM);
	while (at < f->index.n) {
		Keten__V1__EraseRange *r = arena_zero(log->a, 1, sizeof(*r));

		if (page == NULL || page->n_ranges == DECIDE_RANGES_MAX) {
			page = &log->page[log->n++];
			page->number = f->rule->rule;
			page->ranges = arena_zero(log->a, DECIDE_RANGES_MAX,
			    sizeof(*page->ranges));
		}
		if (r == NULL || page->ranges == NULL)
			return (ERR_NOMEM);
		keten__v1__erase_range__init(r);
		r->first = index_at(f, at++);
		r->count = 1;
		while (at < f->index.n &&
		    index_at(f, at) == r->first + r->count) {
			r->count++;
			at++;
		}
		page->ranges[page->n_ranges++] = r;
	}
	/* The last one carries for all: they are written in one turn. */
	return (erase_carry(f, log->a, &log->page[log->n - 1].carry));
}

static MUST_CHECK enum err
find_all(struct erase_find *f)
{
	const Keten__V1__PolicyRetention *all = rule_of_all(f->p);
	enum err err = find_families(f);

	if (err == ERR_OK && all != NULL &&
	    (f->rule == NULL || f->rule == all))
		err = find_months(f, all);
	if (err == ERR_OK && f->index.n == 0)
		err = ERR_NOT_FOUND;
	if (err == ERR_OK)
		qsort(f->index.p, f->index.n, sizeof(uint64_t), erase_by_index);
	return (err);
}

enum err
erase_log_find(struct txn *t, const struct policy *p, int64_t now_ms,
    struct erase_log **out)
{
	struct erase_find f = { .t = t, .p = p, .now_ms = now_ms,
		.index = { .size = sizeof(uint64_t) },
		.family = { .size = sizeof(struct refid) } };
	struct erase_log *log = calloc(1, sizeof(*log));
	enum err err = ERR_NOMEM;

	if (log != NULL && (log->a = arena_new(ARENA)) != NULL &&
	    (f.a = arena_new(ARENA)) != NULL)
		err = find_all(&f);
	if (err == ERR_OK)
		err = make_pages(&f, log);
	arena_free(f.a);
	free(f.index.p);
	free(f.family.p);
	if (err != ERR_OK) {
		erase_log_free(log);
		return (err);
	}
	*out = log;
	return (ERR_OK);
}

size_t
erase_log_pages(const struct erase_log *log)
{
	return (log->n);
}

const struct decide_log *
erase_log_page(const struct erase_log *log, size_t i)
{
	return (&log->page[i]);
}

void
erase_log_free(struct erase_log *log)
{
	if (log == NULL)
		return;
	arena_free(log->a);
	free(log);
}
