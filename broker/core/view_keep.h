#ifndef VIEW_KEEP_H_
#define VIEW_KEEP_H_

#include "core/view_rows.h"

/*
 * view_keep -- the referrals of a scratch store, as they are in memory.
 *
 * Most records change a referral that the one before did not, and whoever goes
 * through a whole log would unpack and pack its row each time.  In a scratch
 * store a referral that is not over stands beside its table instead, as the
 * structure itself; its row is made when it is over, or when somebody reads
 * rows (view_settle()).  The row is then the one that it would have had: both
 * are made of the same referral by the same functions.
 *
 * For the files of view.h only.
 */

/**
 * view_keep_get(t, id, a, v):
 * Read the referral ${id} into ${v}, with the rest of its header in ${a}.
 * ERR_NOT_FOUND if it does not stand here, ERR_NOMEM, ERR_STORE.
 */
MUST_CHECK enum err view_keep_get(struct txn *t, const struct refid *id,
    struct arena *a, struct view_recent *v);

/**
 * view_keep_row(t, id, a, row):
 * Make the row of ${id} in ${a}.  Errors as above, and ERR_CORRUPT.
 */
MUST_CHECK enum err view_keep_row(struct txn *t, const struct refid *id,
    struct arena *a, struct slice *row);

/**
 * view_keep_begin(v, h, a):
 * ${v} is new and has the header ${h}; ${a} keeps what is needed of it.
 * ERR_NOMEM.
 */
MUST_CHECK enum err view_keep_begin(struct view_recent *v,
    const Keten__V1__FactsHeader *h, struct arena *a);

/**
 * view_keep_put(t, v, who):
 * Let the referral of ${v} be what ${v->next} says, and remember what opens
 * the commitments in ${who} (may be NULL).  ERR_NOMEM, ERR_FULL, ERR_STORE.
 */
MUST_CHECK enum err view_keep_put(struct txn *t, struct view_recent *v,
    const Keten__V1__RouteChange *who);

/**
 * view_keep_del(t, id):
 * Remove it, wherever it stands.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_keep_del(struct txn *t, const struct refid *id);

#endif /* !VIEW_KEEP_H_ */
