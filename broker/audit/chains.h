#ifndef CHAINS_H_
#define CHAINS_H_

#include <stdint.h>

#include "audit/examine.h"
#include "audit/findings.h"
#include "base/err.h"

/*
 * chains -- what only shows in the order of the log: the numbers of each
 * sender, the versions of each referral, the deliveries of each mailbox, and
 * what was acknowledged of them.
 *
 * Running hashes are computed again from what the log says was delivered; an
 * acknowledgement, which the receiver signed, with another hash means that it
 * was shown something else.
 *
 * A record that cannot be read leaves every chain in doubt: the next link is
 * then taken as it comes, so that one missing record is one finding.
 */
struct chains;

/**
 * chains_new(f):
 * Return chains that begin with the log, or NULL; ${f} must outlive them.  The
 * caller frees them with chains_free().
 */
struct chains *chains_new(struct findings *f);

/**
 * chains_free(c):
 * Free ${c}.  chains_free(NULL) does nothing.
 */
void chains_free(struct chains *c);

/**
 * chains_take(c, one):
 * The next record.  ERR_NOMEM.
 */
MUST_CHECK enum err chains_take(struct chains *c,
    const struct examined *one);

struct chains_count {
	size_t lanes;
	size_t mailboxes;
	size_t referrals;
	uint64_t statements;
	uint64_t deliveries;
	uint64_t acks;
	uint64_t acks_unchecked; /* after a record that cannot be read */
};

/**
 * chains_count(c, n):
 * Store what went by in ${n}.
 */
void chains_count(const struct chains *c, struct chains_count *n);

#endif /* !CHAINS_H_ */
