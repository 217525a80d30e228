#ifndef REDECIDE_H_
#define REDECIDE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/fetch.h"
#include "base/err.h"
#include "core/record.h"
#include "core/store.h"

/*
 * redecide -- decide a record once more, on the state before it, and compare.
 *
 * The same input gives the same facts, to the byte; so what the broker wrote
 * down is either what the rules say or it is not.  Input that is not derivable
 * is taken from the record: the random blinds of offers, which referrals a
 * RESTART moved, who was not connected, who was shown what.  Which term fired is found by trying
 * those that had passed.
 */
struct redecide;

enum redecide_result {
	REDECIDE_SAME,
	REDECIDE_OTHER,	   /* the rules say something else */
	REDECIDE_GIVEN,	   /* the same, given what cannot be seen any more */
	REDECIDE_ENGINE,   /* decided by rules this program does not know */
	REDECIDE_NOT,	   /* this kind of record is not decided again */
	REDECIDE_MALFORMED /* what was signed cannot be read */
};

#define REDECIDE_WHY 256

/**
 * redecide_new():
 * Return one for the beginning of a log, or NULL.  The caller frees it with
 * redecide_free().
 */
struct redecide *redecide_new(void);

/**
 * redecide_free(r):
 * Free ${r}.  redecide_free(NULL) does nothing.
 */
void redecide_free(struct redecide *r);

/**
 * redecide_record(r, view, log, f, result, why):
 * Decide the record ${f} of ${log}, which is whole, on the state ${view}
 * before it.  Store the ${result}; for REDECIDE_OTHER ${why} is Dutch and names
 * the first field that differs.  If ${f} has no facts yet, it gets them: those
 * of the decision, when they are the same bytes, valid until the next call; or
 * its own, read.  ERR_CORRUPT if they cannot be read; ERR_NOMEM, ERR_STORE.
 */
MUST_CHECK enum err redecide_record(struct redecide *r, struct txn *view,
    struct txn *log, struct fetched *f, enum redecide_result *result,
    char why[REDECIDE_WHY]);

/**
 * redecide_gaps(r, has_gaps):
 * Say whether records before the next one are erased as a whole.
 */
void redecide_gaps(struct redecide *r, bool has_gaps);

/**
 * redecide_applied(r, f):
 * ${f} has been applied: from now on its policy is in force, its key counts,
 * its wraps are there.  ERR_NOMEM; ERR_CORRUPT if they cannot be read.
 */
MUST_CHECK enum err redecide_applied(struct redecide *r,
    const struct fetched *f);

/**
 * redecide_undone(r, view, log, who, n):
 * After the last record: count in ${n} the places of partners that ended more
 * than an hour before it, by a policy that was in force as long, which have
 * not passed on; ${who} is the first of those partners.
 */
MUST_CHECK enum err redecide_undone(struct redecide *r, struct txn *view,
    struct txn *log, struct org *who, uint64_t *n);

#endif /* !REDECIDE_H_ */
