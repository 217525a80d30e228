#ifndef RESYNC_H_
#define RESYNC_H_

#include <stdbool.h>

#include "base/err.h"
#include "sdk/steward.h"

/*
 * resync -- ask for every live referral of this partner.
 *
 * After a lost or restored spool the deliveries of before are gone.  The
 * broker then tells how each referral stands, with the record that began it
 * and the newest one, and gives the sealed parts that are ours to open.  How
 * it stands is the broker's word until the next record is applied to it.
 */

/**
 * resync_want(k):
 * Leave in the spool that it is to be done.
 */
MUST_CHECK enum err resync_want(struct keten *k);

/**
 * resync_is_wanted(k, is):
 * Tell whether it is still to be done.
 */
MUST_CHECK enum err resync_is_wanted(struct keten *k, bool *is);

/**
 * resync_turn(s, did):
 * Do it, if it is wanted.
 */
MUST_CHECK enum err resync_turn(struct steward *s, bool *did);

#endif /* !RESYNC_H_ */
