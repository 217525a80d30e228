#ifndef DICE_H_
#define DICE_H_

#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

/*
 * dice -- policies that nobody thought up: the demonstration's words and codes,
 * with partners, networks, regisseurs, areas, covenants and routes thrown.
 *
 * The same seed gives the same policy.
 */
struct dice {
	uint64_t stream;
	struct demo *demo; /* where the sources are written */
};

/**
 * dice_begin(d), dice_end(d):
 * Make the folder with everybody's keys; throw it away.
 */
void dice_begin(struct dice *d);
void dice_end(struct dice *d);

/**
 * dice_throw(d, n):
 * Return a number from 0 up to and not with ${n}.
 */
uint32_t dice_throw(struct dice *d, uint32_t n);

/**
 * dice_policy(d, seed, tries):
 * Throw policies until one has no flaws.  The caller frees it; ${tries}, unless
 * NULL, is raised by how many were thrown.
 */
struct policy *dice_policy(struct dice *d, uint64_t seed, size_t *tries);

/**
 * dice_partner(i), dice_area(i), dice_code(i):
 * Return the ${i}th name that is in every such policy, NULL after the last: of
 * partners, of areas (some of which are unknown or too fine), of codes.
 */
const char *dice_partner(size_t i);
const char *dice_area(size_t i);
const char *dice_code(size_t i);

#endif /* !DICE_H_ */
