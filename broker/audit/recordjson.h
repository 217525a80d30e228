#ifndef RECORDJSON_H_
#define RECORDJSON_H_

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "audit/findings.h"
#include "base/bytes.h"
#include "base/err.h"
#include "core/store.h"
#include "wire/arena.h"

/*
 * recordjson -- everything that stands in one record, as JSON.
 *
 * The order of the keys is always the same.  "raw" holds the bytes themselves,
 * so that each line of an export can be checked on its own: the leaf is that
 * of envelope, facts, route and salt, and the envelope carries its signature
 * (of a batch also the path to the root that was signed).
 */

/**
 * recordjson_of(txn, index, a, raw, out, v):
 * Make ${out}, which the caller owns, of record ${index}, using ${a}; ${raw}:
 * with the bytes.  What is wrong with the record goes to ${v}.  Errors of
 * record_read().
 */
MUST_CHECK enum err recordjson_of(struct txn *txn, uint64_t index,
    struct arena *a, bool raw, json_t **out, enum verdict *v);

/**
 * recordjson_verdict(err):
 * Return what it says of the log that record_read() returned ${err}.
 */
enum verdict recordjson_verdict(enum err err);

/**
 * recordjson_base64(o, name, bytes):
 * Put ${bytes} in base64 into the object ${o}.
 */
void recordjson_base64(json_t *o, const char *name, struct slice bytes);

#endif /* !RECORDJSON_H_ */
