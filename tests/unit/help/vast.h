#ifndef VAST_H_
#define VAST_H_

#include <stddef.h>

#include "policy/policy.h"
#include "policy/route.h"

/*
 * vast -- the same policy for one municipality and for a thousand.
 *
 * Each municipality has a regisseur, nine partners, ten covenants and ten
 * routes of its own; nobody in one has to do with another.  So the same
 * question has the same answer however many there are.
 */
#define VAST_PER_TOWN 10

/**
 * vast_policy(n_routes, flawless):
 * Make the policy with ${n_routes} routes, partners and covenants; ${flawless}
 * also looks for flaws, as whoever gets a policy does.  Ends the process if it
 * cannot.
 */
struct policy *vast_policy(size_t n_routes, bool flawless);

/**
 * vast_ask(ask):
 * Fill ${ask} with a question about the first municipality.
 */
void vast_ask(struct route_ask *ask);

#endif /* !VAST_H_ */
