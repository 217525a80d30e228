#ifndef SHELF_H_
#define SHELF_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"

/*
 * shelf -- reports that were given, kept until they were fetched part by part.
 *
 * Each partner has places of its own, so that nobody pushes out what another
 * one is fetching; the operator (the empty partner) counts as one.  Together
 * there are so many and so many bytes: beyond that the oldest goes of whoever
 * keeps the most bytes.  A report was made under one policy document and is
 * found under that one only: under the next, its owner may oversee less.
 */
#define SHELF_OF_ONE 4
#define SHELF_MAX 128
#define SHELF_BYTES ((size_t)256 << 20)

struct shelf;

struct shelf_report {
	const char *text; /* until the next shelf_put() */
	size_t len;
	uint8_t sha256[32];
};

/**
 * shelf_new(bytes):
 * Return an empty one that keeps at most ${bytes} bytes, and always the newest
 * report; NULL: no memory.  The caller must call shelf_free().
 */
struct shelf *shelf_new(size_t bytes);

/**
 * shelf_put(s, who, policy_index, text, len, out):
 * Keep ${text}, which is taken over and freed here, as a report for ${who}
 * under that policy document, and store it in ${out}.
 */
void shelf_put(struct shelf *s, const struct org *who, uint64_t policy_index,
    char *text, size_t len, struct shelf_report *out);

/**
 * shelf_find(s, who, policy_index, sha256, out):
 * Store in ${out} the report of ${who} with that digest.  ERR_NOT_FOUND if it
 * is not there any more, was another's, or was made under another document.
 */
MUST_CHECK enum err shelf_find(const struct shelf *s, const struct org *who,
    uint64_t policy_index, const uint8_t sha256[32], struct shelf_report *out);

/**
 * shelf_free(s):
 * Free ${s} and what it keeps.  shelf_free(NULL) does nothing.
 */
void shelf_free(struct shelf *s);

#endif /* !SHELF_H_ */
