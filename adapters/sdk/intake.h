#ifndef INTAKE_H_
#define INTAKE_H_

#include <stdbool.h>

#include "base/err.h"
#include "sdk/steward.h"
#include "sdk/witness.h"
#include "wire/content.h"

/*
 * intake -- what arrived, checked, and then written in one transaction.
 *
 * Receipts, refusals and deliveries are taken in the order in which they came,
 * many at a time.  First each is checked, which may ask the broker for keys;
 * then all are written and committed; only then deliveries are acknowledged.
 * What cannot be right becomes an alarm and is not acknowledged: the line is
 * closed, and everything comes again.
 */
#define INTAKE_BATCH 64

/* One message, read and checked; its memory is the arena's. */
struct arrival {
	Keten__V1__FromBroker *msg;
	struct content content;
	struct witnessed w;
	bool has_record;
	bool is_erased; /* a delivery of which only the leaf is left */
	struct said said;
	bool has_said;
};

/**
 * intake_turn(s, did):
 * Take what is held, up to INTAKE_BATCH messages; stop before a question to
 * rewrap, which rewrapper.h takes.
 */
MUST_CHECK enum err intake_turn(struct steward *s, bool *did);

/**
 * intake_delivery(s, txn, v, what):
 * Write a delivery.  ERR_DIGEST and ${what} if it does not follow the last
 * one; ERR_OK without doing anything if it was written before.
 */
MUST_CHECK enum err intake_delivery(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const char **what);

/**
 * intake_may_be_gone(s, time_ms, now_ms):
 * Tell whether a whole record of ${time_ms} may be gone at ${now_ms} by the
 * policy that is known here.
 */
bool intake_may_be_gone(const struct steward *s, int64_t time_ms,
    int64_t now_ms);

/**
 * intake_receipt(s, txn, v, what), intake_refusal(s, txn, v, what):
 * Write what became of one of our own statements.
 */
MUST_CHECK enum err intake_receipt(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const char **what);
MUST_CHECK enum err intake_refusal(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const char **what);

/**
 * intake_pieces(s, txn, id, v, mask, what):
 * Keep the sealed parts that came with ${v} for the referral ${id}, try those
 * that are wrapped for us, and say CONTENT_UNREADABLE where one fails.  Set
 * the bits of what came in ${mask}.
 */
MUST_CHECK enum err intake_pieces(struct steward *s, struct spool_txn *txn,
    const struct refid *id, const struct arrival *v, uint32_t *mask,
    const char **what);

#endif /* !INTAKE_H_ */
