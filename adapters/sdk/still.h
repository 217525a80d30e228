#ifndef STILL_H_
#define STILL_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sdk/spool.h"
#include "wire/arena.h"

/*
 * still -- does the log move?
 *
 * A broker that gives receipts and publishes no checkpoint over them could
 * still take them back.  So the spool remembers the first record it was shown
 * that no verified checkpoint covers, and since when; it stands there when the
 * next program runs.  Whether that is too long says who has a connection, after
 * asking once more: a device that slept blames nobody.
 */
struct still {
	uint64_t waits_for; /* record; UINT64_MAX: nothing waits */
	int64_t since_ms;
	uint64_t top;	    /* the highest record it was shown */
};

/**
 * still_read(txn, a, s):
 * Read what is remembered.
 */
MUST_CHECK enum err still_read(struct spool_txn *txn, struct arena *a,
    struct still *s);

/**
 * still_saw(txn, a, index, covered, now_ms):
 * The broker showed the record ${index}, while a checkpoint over ${covered}
 * records was the newest that was verified.
 */
MUST_CHECK enum err still_saw(struct spool_txn *txn, struct arena *a,
    uint64_t index, uint64_t covered, int64_t now_ms);

/**
 * still_forget(txn):
 * Another tree counts from now on: what was shown of the one before is no
 * measure for it.
 */
MUST_CHECK enum err still_forget(struct spool_txn *txn);

/**
 * still_covered(txn, a, covered, now_ms):
 * A checkpoint over ${covered} records was verified.
 */
MUST_CHECK enum err still_covered(struct spool_txn *txn, struct arena *a,
    uint64_t covered, int64_t now_ms);

/**
 * still_is_long(s, bound_ms, now_ms):
 * Has something waited longer than ${bound_ms}?
 */
bool still_is_long(const struct still *s, int64_t bound_ms, int64_t now_ms);

#endif /* !STILL_H_ */
