#ifndef PROVEN_H_
#define PROVEN_H_

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "core/record.h"
#include "core/store.h"
#include "trust/tlog.h"
#include "wire/arena.h"

/*
 * proven -- one record with all it takes to believe it without the log: leaf,
 * salt, what was signed, what was decided, and the path to a checkpoint's root.
 *
 * As JSON the bytes are base64; "tells" says the same in words for who reads
 * the file, and is compared with the bytes when it is checked.
 */
struct proven {
	struct record rec;
	bool is_gone; /* erased: only index and leaf of ${rec} are there */
	size_t n_path;
	uint8_t path[TLOG_PATH_MAX][32];
};

/**
 * proven_read(txn, index, size, a, p):
 * Read record ${index} and its path in the tree of ${size} records into ${p},
 * which lives in ${a}.  Errors of record_read() but for ERR_CONTENT_GONE;
 * ERR_DIGEST if the leaf does not commit to it.
 */
MUST_CHECK enum err proven_read(struct txn *txn, uint64_t index,
    uint64_t size, struct arena *a, struct proven *p);

/**
 * proven_json(p, a):
 * Return ${p} as an object, which the caller owns, or NULL.
 */
json_t *proven_json(const struct proven *p, struct arena *a);

/**
 * proven_parse(o, a, p):
 * Read the object ${o} into ${p}, which lives in ${a}.  ERR_MALFORMED if
 * something is missing or is not what it should be, ERR_NOMEM.  Nothing is
 * compared with anything yet.
 */
MUST_CHECK enum err proven_parse(json_t *o, struct arena *a,
    struct proven *p);

/**
 * proven_tells(p, a):
 * Return what ${p} says in words, an object that the caller owns; NULL if it
 * cannot be read.
 */
json_t *proven_tells(const struct proven *p, struct arena *a);

#endif /* !PROVEN_H_ */
