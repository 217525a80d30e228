#ifndef ERASED_H_
#define ERASED_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/store.h"

/*
 * erased -- which whole records the log itself says are erased.
 *
 * Read from the clear bodies of the ERASE leaves, which nobody can take away.
 * Whoever goes through the log again passes those records over, whether or not
 * their rows are still there: an erasure that a crash broke off looks the same
 * as one that is done.
 */
struct erased;

/**
 * erased_load(t, e):
 * Read all leaves that ${t} sees and store in ${e} what they erase, which the
 * caller frees with erased_free().  ${t} is renewed when it is stale (a turn
 * is not).  ERR_STORE, ERR_CORRUPT if a leaf cannot be read, ERR_NOMEM.
 */
MUST_CHECK enum err erased_load(struct txn *t, struct erased **e);

/**
 * erased_free(e):
 * Free ${e}.  erased_free(NULL) does nothing.
 */
void erased_free(struct erased *e);

/**
 * erased_has(e, index):
 * Tell whether record ${index} is erased as a whole.
 */
bool erased_has(const struct erased *e, uint64_t index);

/**
 * erased_until(e):
 * Return the index of the last record that erased whole records, 0 if there is
 * none: before it, mailboxes have gaps.
 */
uint64_t erased_until(const struct erased *e);

#endif /* !ERASED_H_ */
