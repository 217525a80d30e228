#ifndef SUCCESSION_H_
#define SUCCESSION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"

struct broker;

/*
 * succession -- what the policy in force says of partners that ended, carried
 * out: their places in open referrals pass to their successors (row 38).
 *
 * At start, when a policy comes into force, and when the end of a partner
 * passes, everything that those who ended have open is looked through, a few
 * referrals in each turn; each that something follows for gets a record of its
 * own.  Looking once more finds nothing, so that nothing need be remembered
 * over a stop, and a turn that is undone only means to look again.
 */

/* Referrals looked at, and records written, in one turn at most. */
#define SUCCESSION_LOOK 1024
#define SUCCESSION_MADE 128

struct succession {
	bool is_looking;
	size_t partner;	     /* whose turn it is, in the order of the policy */
	bool has_after;
	struct refid after;  /* the last one of its that was looked at */
	int64_t looked_ms;   /* who had ended by then was looked at */
	uint64_t made;	     /* records of this look */
};

/**
 * succession_look(b):
 * Look through everything from the beginning, from the next turn on.
 */
void succession_look(struct broker *b);

/**
 * succession_next(b):
 * Return when a partner ends next by the policy in force; INT64_MAX if none
 * does.
 */
int64_t succession_next(const struct broker *b);

/**
 * succession_turn(b):
 * Look on, if there is something to look at, and write what follows.
 */
MUST_CHECK enum err succession_turn(struct broker *b);

#endif /* !SUCCESSION_H_ */
