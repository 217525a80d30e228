#ifndef RECORD_IN_H_
#define RECORD_IN_H_

#include "core/record.h"

/*
 * record_in -- the inside of record.h, shared by record.c (records) and
 * record_content.c (sealed content), and by nothing else.
 */
#define ROW_HEAD 5 /* form and pair */

enum row_form { ROW_CLEAR = 0, ROW_SEALED = 1, ROW_ERASED = 2 };

/**
 * record_row_put(t, table, key, pair, plain):
 * Write ${plain} under ${key}, encrypted unless ${pair} is RECORD_NO_PAIR.
 */
MUST_CHECK enum err record_row_put(struct txn *t, enum table table,
    struct slice key, uint32_t pair, struct slice plain);

/**
 * record_row_get(t, table, key, a, pair, plain):
 * Read it back, into ${a} or pointing into the store.  ERR_NOT_FOUND,
 * ERR_CONTENT_GONE (then ${pair} is set all the same), ERR_CORRUPT, ERR_NOMEM.
 */
MUST_CHECK enum err record_row_get(struct txn *t, enum table table,
    struct slice key, struct arena *a, uint32_t *pair, struct slice *plain);

/**
 * record_put_content(t, index, pair, content):
 * Write the new parts that record ${index} brought, and the wraps it brought
 * for older parts.
 */
MUST_CHECK enum err record_put_content(struct txn *t, uint64_t index,
    uint32_t pair, const struct content *content);

#endif /* !RECORD_IN_H_ */
