#ifndef TIDINGS_H_
#define TIDINGS_H_

#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "sdk/casebook.h"
#include "sdk/handle.h"
#include "sdk/keten.h"
#include "sdk/witness.h"

/*
 * tidings -- what arrived, in a sentence, and the list of it in the spool.
 */

/**
 * tidings_of(k, w, by, c, role, offer, mask, n):
 * Describe the record ${w} about the referral ${c} in ${n}; ${by} signed it
 * (the empty one: the clock, or it is not for us), ${offer} is our own offer
 * in it, ${mask} the parts that came with it.  The place stays 0.
 */
void tidings_of(const struct keten *k, const struct witnessed *w,
    const struct org *by, const struct dossier *c, uint32_t role,
    uint32_t offer, uint32_t mask, struct keten_news *n);

/**
 * tidings_put(txn, n):
 * Give ${n} the next place in the list and write it.
 */
MUST_CHECK enum err tidings_put(struct spool_txn *txn, struct keten_news *n);

/**
 * tidings_rewrite(txn, n):
 * Write ${n} at the place it has.
 */
MUST_CHECK enum err tidings_rewrite(struct spool_txn *txn,
    const struct keten_news *n);

/**
 * tidings_get(txn, a, seq, n):
 * Read the news at the place ${seq}.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err tidings_get(struct spool_txn *txn, struct arena *a,
    uint64_t seq, struct keten_news *n);

/**
 * tidings_alarm(k, id, what):
 * Something the broker showed cannot be right: put it into the news, once for
 * the same text, and into the journal.  ${id} may be NULL.  Needs a write
 * transaction of its own.
 */
void tidings_alarm(struct keten *k, const struct refid *id, const char *what);

/**
 * tidings_alarm_in(txn, id, what):
 * The same inside a transaction, which goes on.
 */
MUST_CHECK enum err tidings_alarm_in(struct spool_txn *txn,
    const struct refid *id, const char *what);

/**
 * tidings_trust(k, text):
 * Put ${text}, about keys or policy, into the news, once until another one.
 * Needs a write transaction of its own.
 */
void tidings_trust(struct keten *k, const char *text);

#endif /* !TIDINGS_H_ */
