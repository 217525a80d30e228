#ifndef ROWPAGE_H_
#define ROWPAGE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/*
 * rowpage -- one page of rows in the order of their keys.
 *
 * In front stand the slots, one for each row, in order; from the end the rows
 * themselves grow towards them, in any order.  Keys that lie together begin
 * alike: ${prefix} bytes that all of them share are compared once, and the
 * four bytes after those stand in the slot, so that a search hardly ever has to
 * look at a row.
 *
 * A key is compared as the store compares: by bytes, the shorter one first.
 * Nothing here checks what it reads: a page is only for memory that this
 * process wrote itself.
 */
#define ROWPAGE_SIZE 16384

struct rowpage_slot {
	uint32_t head; /* the key after the prefix, big-endian */
	uint16_t at;   /* where in the page: length of the value, key, value */
	uint16_t key_len;
};

struct rowpage {
	uint16_t n;
	uint16_t low;	 /* where the rows begin */
	uint16_t wasted; /* bytes between them that none uses any more */
	uint16_t prefix;
	uint16_t newest; /* the slot that was put last */
	uint16_t level;	 /* 0: rows; above: pages one level down */
	uint32_t next;	 /* pages of the same level; 0: none */
	uint32_t prev;
	struct rowpage_slot slot[];
};

/**
 * rowpage_init(p, level):
 * Make ${p}, a page of ROWPAGE_SIZE bytes, empty.
 */
void rowpage_init(struct rowpage *p, unsigned int level);

/**
 * rowpage_find(p, key, exact):
 * Return the first slot whose key is ${key} or greater (${p->n} if none is),
 * and store whether it is ${key}.
 */
size_t rowpage_find(const struct rowpage *p, struct slice key, bool *exact);

/**
 * rowpage_key(p, i), rowpage_value(p, i):
 * Return what stands in slot ${i}: valid until the page is written.
 */
struct slice rowpage_key(const struct rowpage *p, size_t i);
struct slice rowpage_value(const struct rowpage *p, size_t i);

/**
 * rowpage_used(p):
 * Return how many bytes of ${p} are taken, without those that are wasted.
 */
size_t rowpage_used(const struct rowpage *p);

/**
 * rowpage_has_room(p, key, value):
 * Tell whether that row can be added.
 */
bool rowpage_has_room(const struct rowpage *p, struct slice key,
    struct slice value);

/**
 * rowpage_add(p, i, key, value):
 * Put a row in front of slot ${i}, where it belongs; there is room for it.
 * Neither points into ${p}.
 */
void rowpage_add(struct rowpage *p, size_t i, struct slice key,
    struct slice value);

/**
 * rowpage_change(p, i, value):
 * Replace the value in slot ${i} if it is not longer than what is there, and
 * tell whether it was.  ${value} does not point into ${p}.
 */
bool rowpage_change(struct rowpage *p, size_t i, struct slice value);

/**
 * rowpage_remove(p, i):
 * Remove slot ${i}.
 */
void rowpage_remove(struct rowpage *p, size_t i);

/**
 * rowpage_half(p, i, key, value):
 * Return the slot with which the second of two pages has to begin, so that
 * both are about as full when that row comes in front of slot ${i}.
 */
size_t rowpage_half(const struct rowpage *p, size_t i, struct slice key,
    struct slice value);

/**
 * rowpage_split(p, at, right):
 * Move the slots from ${at} on to ${right}, which is empty.
 */
void rowpage_split(struct rowpage *p, size_t at, struct rowpage *right);

/**
 * rowpage_join(p, right):
 * Move all slots of ${right} behind those of ${p}, which has room for them.
 */
void rowpage_join(struct rowpage *p, struct rowpage *right);

#endif /* !ROWPAGE_H_ */
