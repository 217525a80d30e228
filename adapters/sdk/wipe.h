#ifndef WIPE_H_
#define WIPE_H_

#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "sdk/scribe.h"
#include "sdk/spool.h"

/*
 * wipe -- what was erased at the broker, and is not yet confirmed from here.
 *
 * One row per referral in SPOOL_WIPE; purge.h says when it comes and goes.
 */
struct wipe {
	uint64_t index; /* of the ERASE record */
	uint64_t place; /* in the news, after which every keeper must be */
};

/**
 * wipe_put(txn, id, index, place):
 * The ERASE record ${index} about ${id} is to be confirmed, once every keeper
 * has read the news before ${place}.
 */
MUST_CHECK enum err wipe_put(struct spool_txn *txn, const struct refid *id,
    uint64_t index, uint64_t place);

/**
 * wipe_get(txn, a, id, w), wipe_drop(txn, id):
 * Read the row of ${id}; delete it.  ERR_NOT_FOUND, ERR_CORRUPT.
 */
MUST_CHECK enum err wipe_get(struct spool_txn *txn, struct arena *a,
    const struct refid *id, struct wipe *w);
MUST_CHECK enum err wipe_drop(struct spool_txn *txn, const struct refid *id);

/**
 * wipe_unsigned(txn, a, out):
 * The statement ${out} is taken back; if it was an ERASED, it is said again.
 */
MUST_CHECK enum err wipe_unsigned(struct spool_txn *txn, struct arena *a,
    const struct outgoing *out);

#endif /* !WIPE_H_ */
