#ifndef MAP_H_
#define MAP_H_

#include <stddef.h>
#include <stdint.h>

/*
 * map -- from keys of one length to values of one size, in memory.
 *
 * An auditor goes through millions of records in order and must know of each
 * sender, mailbox and referral how far it was.  Open addressing; nothing is
 * ever removed.
 */
struct map;

/**
 * map_new(key_len, value_len):
 * Return an empty map, or NULL.  The caller frees it with map_free().
 */
struct map *map_new(size_t key_len, size_t value_len);

/**
 * map_free(m):
 * Free ${m}, but nothing that its values point to.  map_free(NULL) does
 * nothing.
 */
void map_free(struct map *m);

/**
 * map_find(m, key):
 * Return the value of ${key}, or NULL.  Valid until the next map_add().
 */
void *map_find(const struct map *m, const void *key);

/**
 * map_add(m, key):
 * Return the value of ${key}, all zeros if it is new; NULL if there is no
 * memory.  Valid until the next map_add().
 */
void *map_add(struct map *m, const void *key);

/**
 * map_next(m, at):
 * Return the value at or after position ${*at}, and move ${*at} behind it;
 * NULL at the end.  Begin with ${*at} 0.  In no order.
 */
void *map_next(const struct map *m, size_t *at);

/**
 * map_count(m):
 * Return how many keys there are.
 */
size_t map_count(const struct map *m);

#endif /* !MAP_H_ */
