#ifndef PEEK_H_
#define PEEK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/*
 * peek -- the little of a record's facts that deciding it again begins with,
 * read in place.
 *
 * What was signed decides nearly everything, and what was decided is compared
 * byte for byte; so facts that turn out to be the same need never be unpacked.
 * What is seen here is not checked: it only chooses a way, and each way ends
 * with that comparison.
 */
struct peek {
	uint32_t engine;     /* of the facts; 0: it says none */
	size_t changes;	     /* of the route facts */
	bool has_offers;     /* a change says who was asked: blinds */
	bool has_absences;   /* somebody was not connected */
};

/**
 * peek_at(facts, route, p):
 * Look into the packed ${facts} and ${route}.  False if they cannot be walked
 * through; then ${p} is undefined.
 */
bool peek_at(struct slice facts, struct slice route, struct peek *p);

#endif /* !PEEK_H_ */
