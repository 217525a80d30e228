#ifndef TREE_H_
#define TREE_H_

#include <stdbool.h>
#include <stdint.h>

#include "audit/findings.h"
#include "base/err.h"
#include "core/store.h"

/*
 * tree -- every leaf and every stored node of the log, hashed again.
 *
 * Each stored hash is compared with what lies below it, so that one flipped
 * bit is one finding at its own place.  Where a stored hash is wrong and what
 * it should be is known, roots are computed with the right one: a damaged node
 * is damage, not a fork.
 *
 * On the way the leaves are read: time must not run back, and the records that
 * hold keys, policies and erasures are noted for later.
 */
struct tree;

/* An erasure that the log itself tells of. */
struct tree_erased {
	uint64_t by; /* the ERASE record */
	uint64_t first;
	uint64_t count;
	uint8_t level;
};

/**
 * tree_check(txn, until, f, t):
 * Go through the first ${until} records that ${txn} reads, add what is wrong to
 * ${f}, and put the rest into the new ${t}, which the caller frees with
 * tree_free().  ${txn} is renewed when it is stale.  ERR_STORE, ERR_NOMEM.
 */
MUST_CHECK enum err tree_check(struct txn *txn, uint64_t until,
    struct findings *f, struct tree **t);

/**
 * tree_free(t):
 * Free ${t}.  tree_free(NULL) does nothing.
 */
void tree_free(struct tree *t);

/**
 * tree_size(t), tree_root(t):
 * Return how many records were gone through; the root computed over them (32
 * bytes, as long as ${t}).
 */
uint64_t tree_size(const struct tree *t);
const uint8_t *tree_root(const struct tree *t);

/**
 * tree_has_root(t, txn, size, root):
 * Tell whether the tree of the first ${size} records (at most tree_size()) has
 * that ${root}.  Any thread, with a ${txn} of its own.
 */
bool tree_has_root(const struct tree *t, struct txn *txn, uint64_t size,
    const uint8_t root[32]);

/**
 * tree_n_marked(t), tree_marked(t, i):
 * The records that are KEY or POLICY, or whose leaf is damaged so that they may
 * be, in order: how many; the ${i}th.
 */
size_t tree_n_marked(const struct tree *t);
uint64_t tree_marked(const struct tree *t, size_t i);

/**
 * tree_n_erasures(t), tree_erasure(t, i):
 * How many ranges were erased; the ${i}th.
 */
size_t tree_n_erasures(const struct tree *t);
const struct tree_erased *tree_erasure(const struct tree *t, size_t i);

/**
 * tree_read_erasures(t, txn):
 * Note also what was erased since: by records after those gone through.
 */
MUST_CHECK enum err tree_read_erasures(struct tree *t, struct txn *txn);

#endif /* !TREE_H_ */
