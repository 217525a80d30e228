#ifndef NAMES_H_
#define NAMES_H_

#include <stddef.h>

#include "base/err.h"

/*
 * names -- from a short key to a thing: partners, mailboxes, connections.
 *
 * Keys are up to NAMES_KEY bytes and are copied; the things are the caller's.
 * Looking up allocates nothing.  Nothing is ever handed out in an order that
 * means something.
 */
#define NAMES_KEY 80

struct names;

/**
 * names_new():
 * Return an empty map, or NULL.  The caller must call names_free().
 */
struct names *names_new(void);

/**
 * names_get(m, key, len):
 * Return the thing called by the ${len} bytes ${key}, or NULL.
 */
void *names_get(const struct names *m, const void *key, size_t len);

/**
 * names_put(m, key, len, thing):
 * Call ${thing} (not NULL) that, in place of what was called so before.
 * ERR_FULL if the key is too long, ERR_NOMEM.
 */
MUST_CHECK enum err names_put(struct names *m, const void *key, size_t len,
    void *thing);

/**
 * names_remove(m, key, len):
 * Forget that name and return the thing it was, or NULL.
 */
void *names_remove(struct names *m, const void *key, size_t len);

/**
 * names_next(m, at):
 * Walk: return the first thing from place ${*at} on and move ${*at} behind it;
 * NULL at the end.  Start with 0.  Removing what was just returned is fine,
 * putting is not.
 */
void *names_next(const struct names *m, size_t *at);

/**
 * names_count(m):
 * Return how many there are.
 */
size_t names_count(const struct names *m);

/**
 * names_free(m):
 * Free the map, not the things.  names_free(NULL) does nothing.
 */
void names_free(struct names *m);

#endif /* !NAMES_H_ */
