/*
 * examine -- one record, as far as it can be judged alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/examine.h"
#include "audit/examine_in.h"
#include "trust/digest.h"
#include "wire/pb.h"

/* A record, its content at its largest, and both unpacked. */
#define ARENA ((size_t)8 << 20)

struct examiner *
examine_new(const struct examine *x)
{
	struct examiner *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return (NULL);
	e->x = x;
	e->a = arena_new(ARENA);
	if (e->a == NULL) {
		free(e);
		return (NULL);
	}
	return (e);
}

void
examine_free(struct examiner *e)
{
	if (e == NULL)
		return;
	arena_free(e->a);
	free(e);
}

void
examine_stop(struct examiner *e)
{
	store_done(&e->txn);
}

/* A transaction that is not stale.  It begins in the thread that reads. */
static MUST_CHECK enum err
ready(struct examiner *e)
{
	if (e->txn == NULL)
		return (store_read(e->x->store, &e->txn));
	return (store_is_stale(e->txn) ? store_renew(e->txn) : ERR_OK);
}

/* --- reading ------------------------------------------------------------------------ */

/* Errors that are the machine's, not the log's. */
bool
examine_is_trouble(enum err err)
{
	return (err == ERR_STORE || err == ERR_NOMEM || err == ERR_IO ||
	    err == ERR_CRYPTO);
}

/* The record cannot be read: why not? */
static void
unreadable(struct examiner *e, enum err err, struct examined *out)
{
	struct findings *f = e->x->f;
	struct slice leaf;

	if (err == ERR_CONTENT_GONE) {
		out->is_gone = true; /* whether it may be is asked at the end */
		return;
	}
	/* A leaf that is missing or damaged has been found already. */
	if (store_leaf(e->txn, out->index, &leaf) != ERR_OK)
		return;
	if (err == ERR_NOT_FOUND)
		findings_add(f, VERDICT_MISSING, out->index,
		    "het record ontbreekt, en er is geen wissing van");
	else
		findings_add(f, VERDICT_HASH, out->index,
		    "het record is niet te lezen: de bytes zijn veranderd");
}

/* The leaf's own hash must be that in the tree, or nothing can be said. */
static bool
is_own_leaf(struct examiner *e, const struct record *rec)
{
	uint8_t stored[32];

	return (store_leaf_hash(e->txn, rec->index, stored) != ERR_OK ||
	    digest_eq(stored, rec->leaf_hash));
}

/* Unpack the facts into what is kept, and compare them with the leaf. */
static MUST_CHECK enum err
read_facts(struct examiner *e, const struct record *rec, struct arena *keep,
    struct examined *out)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *rf;
	enum err err = record_facts(rec, keep, &f, &rf);

	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK) {
		findings_add(e->x->f, VERDICT_MALFORMED, rec->index,
		    "de feiten zijn niet te lezen");
		return (ERR_MALFORMED);
	}
	if (f->index != rec->index || (int)f->kind != (int)rec->leaf.kind ||
	    f->time_ms != rec->leaf.time_ms)
		findings_add(e->x->f, VERDICT_MALFORMED, rec->index,
		    "de feiten horen bij een ander blad (record %" PRIu64
		    ")", f->index);
	out->facts = f;
	out->route = rf;
	out->has_owner = rec->has_owner;
	out->owner = rec->owner;
	out->is_read = true;
	return (ERR_OK);
}

/* --- the policy it was decided under ---------------------------------------------------- */

static void
check_policy(struct examiner *e, const struct examined *out)
{
	const struct policy *p =
	    history_policy(e->x->history, out->index);
	uint64_t index = p == NULL ? 0 : policy_index(p);

	if (out->facts->kind == KETEN__V1__RECORD_KIND__RECORD_POLICY ||
	    history_has_lost_policy(e->x->history, out->index))
		return;
	if (out->facts->policy_index != index)
		findings_add(e->x->f, VERDICT_DECIDED, out->index,
		    "beslist onder beleid %" PRIu64 ", maar beleid %" PRIu64
		    " was van kracht", out->facts->policy_index, index);
}

/*
 * Somebody let the log go on from another tree than had been published: the
 * log says so itself.  If that tree is in this one after all, nothing is lost.
 */
static void
check_accepted(struct examiner *e, struct examined *out)
{
	const Keten__V1__TickFacts *f = out->facts->tick;

	if (f == NULL ||
	    f->why != KETEN__V1__TICK_WHY__TICK_GUARD_ACCEPTED)
		return;
	out->is_accepted = true;
	if (f->guard_root.len != 32 || (f->guard_size <= out->index &&
		tree_has_root(e->x->tree, e->txn, f->guard_size,
		    f->guard_root.data)))
		return;
	findings_add(e->x->f, VERDICT_FORK, out->index,
	    "hier ging het logboek met %" PRIu64 " records verder, door een "
	    "besluit van de beheerder (ketenctl guard accept), terwijl er "
	    "%" PRIu64 " gepubliceerd waren: wat daarna kwam is verloren",
	    f->size, f->guard_size);
}

enum err
examine_record(struct examiner *e, uint64_t index, struct arena *keep,
    struct examined *out)
{
	struct record rec;
	enum err err = ready(e);

	memset(out, 0, sizeof(*out));
	out->index = index;
	if (err != ERR_OK)
		return (err);
	arena_reset(e->a);
	e->command = NULL;
	err = record_read(e->txn, index, e->a, &rec);
	if (examine_is_trouble(err))
		return (err);
	if (err != ERR_OK) {
		unreadable(e, err, out);
		return (ERR_OK);
	}
	memcpy(out->leaf_hash, rec.leaf_hash, 32);
	if (!is_own_leaf(e, &rec))
		return (ERR_OK); /* found in the tree already */
	if (record_check(&rec) != ERR_OK) {
		findings_add(e->x->f, VERDICT_HASH, index,
		    "het record is niet wat het blad heeft vastgelegd");
		return (ERR_OK);
	}
	err = read_facts(e, &rec, keep, out);
	if (err == ERR_MALFORMED)
		return (ERR_OK);
	if (err == ERR_OK) {
		check_policy(e, out);
		check_accepted(e, out);
		err = examine_signed(e, &rec, out);
	}
	if (err == ERR_OK)
		err = examine_content(e, out);
	return (err);
}
