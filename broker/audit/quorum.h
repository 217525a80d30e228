#ifndef QUORUM_H_
#define QUORUM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/root.h"
#include "base/bytes.h"
#include "base/err.h"
#include "core/checkpoint.h"

/*
 * quorum -- how much of the log enough witnesses have seen.
 *
 * Witnesses look at different moments and so sign different sizes.  When each
 * of these checkpoints is of this tree, who saw a larger one has seen the
 * smaller one too; so what counts is the largest size of each witness.
 * Count only checkpoints that are signed by the log and fit its tree.
 */
struct quorum {
	const struct root *root;
	uint64_t newest[ROOT_WITNESSES_MAX]; /* of each; 0: none */
	uint64_t n; /* signatures that were counted */
};

/**
 * quorum_init(q, root):
 * Begin with nothing seen; ${root} must outlive ${q}.
 */
void quorum_init(struct quorum *q, const struct root *root);

/**
 * quorum_mask(q, note):
 * Return who of the witnesses signed the checkpoint ${note}, a bit each.
 */
uint32_t quorum_mask(const struct quorum *q, struct slice note);

/**
 * quorum_has_signed(root, note):
 * Tell whether enough of ${root}'s witnesses signed the checkpoint ${note}
 * itself; false if there are none.
 */
bool quorum_has_signed(const struct root *root, struct slice note);

/**
 * quorum_add(q, mask, size):
 * The witnesses ${mask} saw ${size} records.
 */
void quorum_add(struct quorum *q, uint32_t mask, uint64_t size);

/**
 * quorum_size(q), quorum_witnesses(q):
 * Return how many records enough witnesses have seen, 0 if too few saw any;
 * how many witnesses saw something.
 */
uint64_t quorum_size(const struct quorum *q);
size_t quorum_witnesses(const struct quorum *q);

/**
 * quorum_verdict(root, witnessed, erased, worst):
 * Return the verdict on a log of which ${witnessed} records were seen by
 * enough of ${root}'s witnesses, something was lawfully ${erased}, and
 * ${worst} is the worst finding.  What is wrong counts for more than who did
 * not look.
 */
enum verdict quorum_verdict(const struct root *root, uint64_t witnessed,
    bool erased, enum verdict worst);

/**
 * quorum_point(root, txn, index, point):
 * ${point} is the newest published checkpoint of the store.  Rather have one
 * that enough of ${root}'s witnesses signed, if one of the last thousand goes
 * as far as record ${index}: the newest they have seldom seen yet.  Without
 * one, or without witnesses, ${point} stays as it is.  ERR_NOMEM, or that the
 * store cannot be read.
 */
MUST_CHECK enum err quorum_point(const struct root *root, struct txn *txn,
    uint64_t index, struct checkpoint *point);

/**
 * quorum_files(dir, each, cookie):
 * Call ${each} for every file in the folder ${dir} (not those that begin with
 * a dot), in order of name, until one fails.  ERR_NOT_FOUND, ERR_IO, ERR_NOMEM,
 * or what ${each} returned.
 */
MUST_CHECK enum err quorum_files(const char *dir,
    enum err (*each)(void *cookie, const char *path), void *cookie);

#endif /* !QUORUM_H_ */
