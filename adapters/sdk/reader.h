#ifndef READER_H_
#define READER_H_

#include "base/err.h"
#include "sdk/casebook.h"
#include "sdk/handle.h"
#include "sdk/keten.h"

/*
 * reader -- a referral as this partner may know it, for people and programs.
 */

/**
 * reader_show(k, c, out):
 * Describe ${c}.
 */
void reader_show(const struct keten *k, const struct dossier *c,
    struct keten_referral *out);

/**
 * reader_find(txn, text, id):
 * Find the referral whose id is, or alone begins with, ${text}, of which there
 * are at least READER_DIGITS digits.  ERR_MALFORMED if ${text} is no such
 * beginning; ERR_NOT_FOUND; ERR_CONFLICT if there are more.
 */
#define READER_DIGITS 8
MUST_CHECK enum err reader_find(struct spool_txn *txn,
    const char *text, struct refid *id);

/**
 * reader_trouble(err):
 * Return what reader_find() means by ${err}, for people; NULL if it is none of
 * the three above.  Constant text.
 */
const char *reader_trouble(enum err err);

#endif /* !READER_H_ */
