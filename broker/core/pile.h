#ifndef PILE_H_
#define PILE_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * pile -- equal things in a row, one more at a time.
 *
 *	struct pile p = { .size = sizeof(uint64_t) };
 *
 * The caller frees p.p.
 */
struct pile {
	uint8_t *p;
	size_t size; /* of one */
	size_t n;
	size_t cap;
};

/**
 * pile_add(l, one):
 * Add a copy of ${one} to ${l}.  ERR_NOMEM.
 */
MUST_CHECK enum err pile_add(struct pile *l, const void *one);

#endif /* !PILE_H_ */
