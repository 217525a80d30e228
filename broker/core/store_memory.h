#ifndef STORE_MEMORY_H_
#define STORE_MEMORY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "core/store.h"

/*
 * store_memory -- the tables of a scratch store: what somebody makes to look at
 * and throws away, such as the state an auditor makes again from the log.
 *
 * Each table is a tree of pages (rowpage.h), the first of them in plain memory,
 * the rest in a file that is mapped and has no name any more: so the kernel can
 * write out what does not fit in memory, and nothing stays behind however the
 * process ends.  The disk's space is taken in
 * steps, before it is written to: a full disk is ERR_FULL and not a signal.
 *
 * What it does not do: undo, show an older state, survive, or be used by two
 * threads at once.  Rows are found in the order of their keys, as in store.h,
 * and slices are valid until the next write to any table.
 */
struct store_memory;

/* One table more than a store has: see store_unpacks(). */
#define STORE_MEMORY_UNPACKED ((enum table)TABLE__MAX)

/**
 * store_memory_open(dir, max, m):
 * Make an empty one, for at most ${max} bytes: the first of them in plain
 * memory, as far as there is enough of that, the rest in a file in the folder
 * ${dir} that loses its name at once.  ERR_IO, ERR_FULL, ERR_NOMEM.
 */
MUST_CHECK enum err store_memory_open(const char *dir, uint64_t max,
    struct store_memory **m);

/**
 * store_memory_close(m):
 * Throw it away.  store_memory_close(NULL) does nothing.
 */
void store_memory_close(struct store_memory *m);

/**
 * store_memory_bytes(m), store_memory_is_full(m):
 * Return how many bytes are in use; tell whether that is more than
 * four fifths of what there may be.
 */
uint64_t store_memory_bytes(const struct store_memory *m);
bool store_memory_is_full(const struct store_memory *m);

/**
 * store_memory_get(m, table, key, value), store_memory_put(m, table, key,
 *     value), store_memory_add(m, table, key, value), store_memory_del(m,
 *     table, key):
 * As the functions of store.h; an empty key is ERR_STORE.  store_memory_add()
 * is for a row that has to come behind all others: ERR_CORRUPT if it would not.
 */
MUST_CHECK enum err store_memory_get(struct store_memory *m, enum table table,
    struct slice key, struct slice *value);
MUST_CHECK enum err store_memory_put(struct store_memory *m, enum table table,
    struct slice key, struct slice value);
MUST_CHECK enum err store_memory_add(struct store_memory *m, enum table table,
    struct slice key, struct slice value);
MUST_CHECK enum err store_memory_del(struct store_memory *m, enum table table,
    struct slice key);

/**
 * store_memory_seek(m, table, from, key, value), store_memory_next(m, table,
 *     key, value), store_memory_before(m, table, until, key, value):
 * As the functions of store.h.  store_memory_next() after a write to that
 * table is ERR_STORE.
 */
MUST_CHECK enum err store_memory_seek(struct store_memory *m,
    enum table table, struct slice from, struct slice *key,
    struct slice *value);
MUST_CHECK enum err store_memory_next(struct store_memory *m,
    enum table table, struct slice *key, struct slice *value);
MUST_CHECK enum err store_memory_before(struct store_memory *m,
    enum table table, struct slice until, struct slice *key,
    struct slice *value);

/**
 * store_memory_count(m, table):
 * Return how many rows ${table} has.
 */
uint64_t store_memory_count(const struct store_memory *m, enum table table);

/**
 * store_memory_clear(m, table):
 * Remove all rows of ${table}.
 */
void store_memory_clear(struct store_memory *m, enum table table);

#endif /* !STORE_MEMORY_H_ */
