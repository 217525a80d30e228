#ifndef QUORUM_H_
#define QUORUM_H_

#include <stddef.h>
#include <stdint.h>

#include "audit/map.h"
#include "audit/root.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * quorum -- which witnesses saw which size of the log.
 *
 * A witness signs a checkpoint's three lines, so its signatures may come on
 * different copies of the same checkpoint, and from different files.  Give it
 * only checkpoints that are signed by the log and are of its tree: then those
 * of one size are the same.
 */
struct quorum {
	const struct root *root;
	struct map *seen;   /* size -> which witnesses, a bit each */
	uint64_t witnessed; /* largest size that enough of them saw; 0: none */
	size_t most;	    /* witnesses of one size */
	uint64_t n;	    /* cosignatures that were right */
};

/**
 * quorum_init(q, root), quorum_fini(q):
 * Begin with nothing seen (ERR_NOMEM); ${root} must outlive it.  End.
 */
MUST_CHECK enum err quorum_init(struct quorum *q, const struct root *root);
void quorum_fini(struct quorum *q);

/**
 * quorum_add(q, note, size):
 * Count the witnesses who signed the checkpoint ${note} over ${size} records.
 * ERR_NOMEM.
 */
MUST_CHECK enum err quorum_add(struct quorum *q, struct slice note,
    uint64_t size);

/**
 * quorum_files(dir, each, cookie):
 * Call ${each} for every file in the folder ${dir} (not those that begin with
 * a dot), in order of name, until one fails.  ERR_NOT_FOUND, ERR_IO, ERR_NOMEM,
 * or what ${each} returned.
 */
MUST_CHECK enum err quorum_files(const char *dir,
    enum err (*each)(void *cookie, const char *path), void *cookie);

#endif /* !QUORUM_H_ */
