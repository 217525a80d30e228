/*
 * view_pair -- under which pair of the vault a record stands.
 */
#include <string.h>

#include "core/record.h"
#include "core/vault.h"
#include "core/view_rows.h"
#include "policy/erasure.h"

/*
 * What nobody's erasure may ever take away is in clear: keys, policies, and
 * that whole records were erased.  A TICK says nothing of anybody, unless it
 * moves the deadlines of a referral; that the content of a referral was erased belongs to it.
 * A published report is about nobody and stays as it is.
 */
static bool
is_encrypted(const struct view_in *in)
{
	Keten__V1__RecordKind kind = in->facts->kind;
	const Keten__V1__AccessFacts *access = in->facts->access;

	if (access != NULL && access->report != NULL)
		return (access->report->pages == 0);
	if (kind == KETEN__V1__RECORD_KIND__RECORD_ERASE)
		return (in->owner != NULL);
	if (kind == KETEN__V1__RECORD_KIND__RECORD_TICK)
		return (in->owner != NULL);
	return (kind != KETEN__V1__RECORD_KIND__RECORD_KEY &&
	    kind != KETEN__V1__RECORD_KIND__RECORD_POLICY);
}

/* Tell whether the record creates the referral it belongs to. */
static bool
is_opening(const struct view_in *in)
{
	const Keten__V1__Change *c = in->facts->change;

	return (c != NULL && c->version_before == 0 &&
	    view_is_about(c, in->owner));
}

/*
 * The first pair that was never given to anybody.  A crash while the file grew
 * may have left slots at its end that are zeros, which means erased.
 */
static MUST_CHECK enum err
fresh_pair(struct txn *t, uint32_t *pair)
{
	struct vault *v = store_vault(store_of(t));
	uint32_t p = store_counters(t)->next_pair;
	bool fresh = false;

	for (; !fresh; p++) {
		enum err err = ERR_OK;

		if (p >= RECORD_NO_PAIR - 1)
			return (ERR_FULL);
		if (p >= vault_pairs(v))
			err = vault_make(v, p + 1);
		if (err == ERR_OK)
			err = vault_is_fresh(v, p, &fresh);
		if (err != ERR_OK)
			return (err);
	}
	*pair = p - 1;
	return (ERR_OK);
}

static MUST_CHECK enum err
pair_of_month(struct txn *t, int64_t time_ms, uint32_t *pair)
{
	uint64_t n;
	enum err err = row_meta_get(t, META_MONTH, erasure_month(time_ms), &n);

	if (err == ERR_NOT_FOUND)
		return (fresh_pair(t, pair));
	if (err == ERR_OK && n >= RECORD_NO_PAIR)
		return (ERR_CORRUPT);
	if (err == ERR_OK)
		*pair = (uint32_t)n;
	return (err);
}

enum err
view_pair(struct txn *t, const struct view_in *in, uint32_t *pair)
{
	struct view_more more;
	enum err err;

	if (!is_encrypted(in)) {
		*pair = RECORD_NO_PAIR;
		return (ERR_OK);
	}
	if (in->owner == NULL)
		return (pair_of_month(t, in->time_ms, pair));
	err = view_more(t, in->owner, &more);
	if (err == ERR_NOT_FOUND)
		return (is_opening(in) ? fresh_pair(t, pair) : ERR_CORRUPT);
	if (err == ERR_OK)
		*pair = more.pair;
	return (err);
}

enum err
view_take_pair(struct txn *t, const struct view_in *in)
{
	struct store_counters *counters = store_counters(t);

	if (in->pair == RECORD_NO_PAIR || in->pair < counters->next_pair)
		return (ERR_OK);
	counters->next_pair = in->pair + 1;
	if (in->owner != NULL)
		return (ERR_OK);
	return (row_meta_put(t, META_MONTH, erasure_month(in->time_ms), in->pair));
}
