#ifndef LOOKUP_H_
#define LOOKUP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * lookup -- numbers by key: made once, asked ever after.
 *
 * A table of short keys of any bytes, each with one number.  Finding one takes
 * the same few steps however many there are, allocates nothing and cannot
 * fail.  What is put in stays; the same keys in the same order make the same
 * table, on every machine.
 */
struct lookup;

/**
 * lookup_new():
 * Return an empty table, or NULL if out of memory.  The caller frees it with
 * lookup_free().
 */
struct lookup *lookup_new(void);

/**
 * lookup_put(l, key, len, value):
 * Let the ${len} bytes ${key}, which are copied, have ${value}; what they had
 * is gone.  ERR_NOMEM.
 */
MUST_CHECK enum err lookup_put(struct lookup *l, const void *key, size_t len,
    uint32_t value);

/**
 * lookup_get(l, key, len, value):
 * Tell whether ${key} is there, and put its number into ${value}.
 */
bool lookup_get(const struct lookup *l, const void *key, size_t len,
    uint32_t *value);

/**
 * lookup_put_name(l, space, name, value), lookup_get_name(l, space, name,
 * value):
 * The same for the text ${name} among those of the kind ${space}.
 */
MUST_CHECK enum err lookup_put_name(struct lookup *l, char space,
    const char *name, uint32_t value);
bool lookup_get_name(const struct lookup *l, char space, const char *name,
    uint32_t *value);

/**
 * lookup_free(l):
 * Free it.  lookup_free(NULL) does nothing.
 */
void lookup_free(struct lookup *l);

#endif /* !LOOKUP_H_ */
