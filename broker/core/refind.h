#ifndef REFIND_H_
#define REFIND_H_

#include "base/err.h"
#include "base/org.h"
#include "core/store.h"

/*
 * refind -- the referral that somebody means: nobody types 36 characters.
 */

/* Ids begin with the time: with fewer digits the next week is another one. */
#define REFIND_DIGITS 8
#define REFIND_WHY 240

/**
 * refind(t, text, id, why):
 * Find the referral of the store whose id is ${text}, or alone begins with it
 * (REFIND_DIGITS digits or more; dashes do not count).  ERR_MALFORMED if
 * ${text} is no such beginning, ERR_NOT_FOUND, ERR_CONFLICT if there are more;
 * then a Dutch sentence in ${why} says what to do.  A whole id that the store
 * does not have is ERR_NOT_FOUND with ${id} filled in all the same.
 */
MUST_CHECK enum err refind(struct txn *t, const char *text, struct refid *id,
    char why[REFIND_WHY]);

#endif /* !REFIND_H_ */
