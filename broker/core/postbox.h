#ifndef POSTBOX_H_
#define POSTBOX_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * postbox -- a folder in which a log and one witness leave each other letters.
 *
 * What stands in them is what c2sp.org/tlog-witness says over HTTP: the body
 * of the request to add-checkpoint, and the status and the body of the answer.
 *
 *	1764000000123.request	from the log
 *	1764000000123.200	from the witness; .400 .403 .404 .409 .422
 *
 * So the folder can stand on a share, or a few lines of shell can carry it to
 * a witness that speaks HTTP.  A file appears whole or not at all.  Neither
 * side believes the other: only plain files of a bounded length are read, and
 * links are not followed.
 */
#define POSTBOX_MAX ((size_t)16 * 1024)

/**
 * postbox_ask(dir, id, text):
 * The log: leave the request ${id}.  ERR_IO.
 */
MUST_CHECK enum err postbox_ask(const char *dir, uint64_t id,
    struct slice text);

/**
 * postbox_answer(dir, id, status, out, len):
 * The log: read the answer to ${id} into ${out} (POSTBOX_MAX bytes).
 * ERR_NOT_FOUND while there is none, ERR_MALFORMED if it is no plain file or
 * too long; ERR_IO.
 */
MUST_CHECK enum err postbox_answer(const char *dir, uint64_t id, int *status,
    uint8_t *out, size_t *len);

/**
 * postbox_clear(dir, keep):
 * The log: take away all letters but those about ${keep} (0: all).  ERR_IO.
 */
MUST_CHECK enum err postbox_clear(const char *dir, uint64_t keep);

/* A log leaves one letter at a time; in a folder with more than this somebody
 * else leaves them. */
#define POSTBOX_LETTERS 4096

/**
 * postbox_waiting(dir, ids, n):
 * The witness: list the requests that have no answer, oldest first, in the new
 * ${ids} of ${n}, which the caller frees.  The folder is gone through once,
 * and not further than that there are too many letters: ERR_FULL.
 * ERR_NOT_FOUND if there is no such folder; ERR_NOMEM, ERR_IO.
 */
MUST_CHECK enum err postbox_waiting(const char *dir, uint64_t **ids,
    size_t *n);

/**
 * postbox_request(dir, id, out, len):
 * The witness: read the request ${id} into ${out} (POSTBOX_MAX bytes).
 * ERR_NOT_FOUND if it is gone; ERR_MALFORMED if it is no plain file or too
 * long: answer 400.  ERR_IO.
 */
MUST_CHECK enum err postbox_request(const char *dir, uint64_t id,
    uint8_t *out, size_t *len);

/**
 * postbox_reply(dir, id, status, body):
 * The witness: answer the request ${id}.  ERR_IO.
 */
MUST_CHECK enum err postbox_reply(const char *dir, uint64_t id, int status,
    struct slice body);

#endif /* !POSTBOX_H_ */
