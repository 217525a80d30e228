#ifndef REQUEST_H_
#define REQUEST_H_

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "trust/note.h"
#include "trust/tlog.h"

/*
 * request -- what a log says to a witness (c2sp.org/tlog-witness,
 * add-checkpoint).
 *
 *	old 17
 *	base64 of each hash of the consistency proof
 *
 *	the checkpoint
 */
#define REQUEST_PROOF_MAX 63
#define REQUEST_MAX (NOTE_MAX + 64 * 48 + 64)

struct request {
	uint64_t old;
	size_t n;
	uint8_t proof[TLOG_PATH_MAX][32];
	struct slice note; /* borrowed */
};

/**
 * request_make(r, out, len):
 * Write ${r} and a NUL to ${out}.  ERR_FULL if it does not fit.
 */
MUST_CHECK enum err request_make(const struct request *r,
    char out[REQUEST_MAX], size_t *len);

/**
 * request_parse(bytes, r):
 * Take ${bytes} apart, strictly; ${r} borrows.  ERR_MALFORMED.
 */
MUST_CHECK enum err request_parse(struct slice bytes, struct request *r);

#endif /* !REQUEST_H_ */
