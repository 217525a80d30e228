#ifndef POINTS_H_
#define POINTS_H_

#include <stdint.h>

#include "audit/args.h"
#include "audit/findings.h"
#include "audit/logkeys.h"
#include "audit/tree.h"
#include "base/err.h"
#include "core/store.h"

/*
 * points -- every checkpoint there is, compared with the tree: those the
 * broker published, the one it guards, and those the auditor got elsewhere.
 *
 * A signed checkpoint of a tree that is not this one cannot be explained away:
 * the broker signed two histories, or lost part of one.
 */
struct points {
	uint64_t n;		/* published ones that were checked */
	uint64_t newest;	/* size of the newest that fits; 0: none */
	uint64_t n_outside;	/* brought by the auditor */
	uint64_t witnessed;	/* records that enough witnesses have seen */
	size_t n_witnesses;	/* that saw something of this tree */
	uint64_t n_cosignatures; /* theirs, that are right */
};

/**
 * points_check(txn, tree, keys, a, f, p):
 * Check all of them and fill ${p}.  ERR_STORE; ERR_IO, ERR_NOT_FOUND if a file
 * that ${a} names cannot be read (said on stderr).
 */
MUST_CHECK enum err points_check(struct txn *txn, const struct tree *tree,
    struct logkeys *keys, const struct args *a, struct findings *f, struct points *p);

#endif /* !POINTS_H_ */
