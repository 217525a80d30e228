#ifndef ERASURES_H_
#define ERASURES_H_

#include <stdint.h>

#include "audit/examine.h"
#include "audit/findings.h"
#include "audit/history.h"
#include "audit/tree.h"
#include "base/err.h"
#include "core/store.h"

/*
 * erasures -- was everything that is not there any more erased, and might it
 * be?
 *
 * Of each referral it follows when it ended, who had it, and who wanted it to
 * stay; at each ERASE of content it asks the policy then in force whether that
 * might go: by a rule whose term had passed by the times of the leaves, because
 * of how the referral ended, or on a request that somebody signed who may.  Of
 * whole records only the leaves are left: each must be as old as the rule says,
 * and no referral of which some are gone may go on.
 *
 * What is gone must lie in the range of an erasure of that very referral; and
 * what lies in one must be gone, rows and slots, unless the broker is busy with
 * it.
 */
struct erasures;

/**
 * erasures_new(tree, history, f):
 * Return one for the beginning of a log, or NULL; all three must outlive it.
 * The caller frees it with erasures_free().
 */
struct erasures *erasures_new(struct tree *tree,
    const struct history *history, struct findings *f);

/**
 * erasures_free(e):
 * Free ${e}.  erasures_free(NULL) does nothing.
 */
void erasures_free(struct erasures *e);

/**
 * erasures_take(e, one):
 * The next record.  ERR_NOMEM.
 */
MUST_CHECK enum err erasures_take(struct erasures *e,
    const struct examined *one);

/**
 * erasures_check(e, txn):
 * All records went by: judge what is gone.  ${txn} reads the log as it is by
 * now, as it may have been erased meanwhile.  ERR_STORE, ERR_NOMEM.
 */
MUST_CHECK enum err erasures_check(struct erasures *e, struct txn *txn);

struct erasures_count {
	uint64_t gone;	    /* contents and records that were erased by right */
	uint64_t judged;    /* ERASE records whose authority was checked */
	uint64_t waiting;   /* confirmations that have not come */
	uint64_t again;	    /* of a backup, what was erased after it */
	uint64_t going;	    /* ranges that are being erased at this moment */
};

/**
 * erasures_count(e, n):
 * Store what went by in ${n}.
 */
void erasures_count(const struct erasures *e, struct erasures_count *n);

#endif /* !ERASURES_H_ */
