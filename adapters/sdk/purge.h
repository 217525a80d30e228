#ifndef PURGE_H_
#define PURGE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "sdk/casebook.h"
#include "sdk/intake.h"
#include "sdk/spool.h"
#include "sdk/steward.h"

/*
 * purge -- content was erased at the broker, so it goes here too; and only
 * when it is gone, that is said, signed.
 *
 *  1 with the delivery: sealed parts, texts of orders and of news are deleted
 *    or written again without them; a row says that it is to be confirmed
 *  2 the referral's slot is overwritten: what stands in old pages and in copies
 *    of the spool opens no more
 *  3 once every reader that keeps things outside the spool (keten_keeps) has
 *    read the news of it: ERASED is signed, the row is deleted
 *
 * Each is durable before the next; after a crash they go on.
 */

/**
 * purge_check(s, txn, v, id, what):
 * May the broker say that the content of ${id} was erased?  It must have ended,
 * and the signed policy or a signed request must let it go.  ERR_DIGEST, and
 * ${what} for the alarm, if not.
 */
MUST_CHECK enum err purge_check(const struct steward *s,
    struct spool_txn *txn, const struct arrival *v, const struct refid *id,
    const char **what);

/**
 * purge_begin(s, txn, id, index):
 * Step 1, because of the ERASE record ${index}.
 */
MUST_CHECK enum err purge_begin(const struct steward *s,
    struct spool_txn *txn, const struct refid *id, uint64_t index);

/**
 * purge_turn(s, did):
 * Steps 2 and 3 of what waits for them.
 */
MUST_CHECK enum err purge_turn(struct steward *s, bool *did);

#endif /* !PURGE_H_ */
