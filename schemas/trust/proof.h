#ifndef PROOF_H_
#define PROOF_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "trust/note.h"
#include "trust/tlog.h"

/*
 * proof -- a receipt for ever: one text that proves that a record is in the
 * log (c2sp.org/tlog-proof@v1).
 *
 *	c2sp.org/tlog-proof@v1
 *	extra base64		(may be absent; Keten: leaf, then salt[32])
 *	index decimal
 *	base64 of each hash of the path
 *
 *	the checkpoint
 */
#define PROOF_EXTRA_MAX 65664 /* the longest leaf and its salt */
#define PROOF_MAX (NOTE_MAX + PROOF_EXTRA_MAX / 3 * 4 + 4096)

/* A proof taken apart. */
struct proof {
	bool has_extra;
	struct slice extra64; /* base64 as it stands there; borrowed */
	uint64_t index;
	size_t n;
	uint8_t path[TLOG_PATH_MAX][32];
	struct slice note; /* the checkpoint; borrowed */
};

/**
 * proof_make(index, path, n, extra, note, out, cap, len):
 * Write the proof text and a NUL to ${out}, ${len} characters.  ${extra} is
 * left out if its p is NULL.  ERR_FULL if it does not fit ${cap}.
 */
MUST_CHECK enum err proof_make(uint64_t index, const uint8_t (*path)[32],
    size_t n, struct slice extra, struct slice note, char *out, size_t cap,
    size_t *len);

/**
 * proof_parse(bytes, proof):
 * Take a proof apart, strictly; ${proof} borrows.  ERR_MALFORMED.
 */
MUST_CHECK enum err proof_parse(struct slice bytes, struct proof *proof);

/**
 * proof_extra(proof, out, cap, len):
 * Decode the extra data into ${out}; ${len} is 0 if there is none.  ERR_FULL
 * or ERR_MALFORMED.
 */
MUST_CHECK enum err proof_extra(const struct proof *proof, uint8_t *out,
    size_t cap, size_t *len);

/**
 * proof_check(bytes, leaf_hash, log, index, c):
 * Return ERR_OK if ${bytes} prove that ${leaf_hash} is in the tree of a
 * checkpoint signed by ${log}, and store its place in ${index} and that
 * checkpoint in ${c}.  Errors of note_check(); ERR_DIGEST if the path does not
 * lead to the root.
 */
MUST_CHECK enum err proof_check(struct slice bytes,
    const uint8_t leaf_hash[32], const struct note_key *log, uint64_t *index,
    struct note_checkpoint *c);

#endif /* !PROOF_H_ */
