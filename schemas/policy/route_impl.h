#ifndef ROUTE_IMPL_H_
#define ROUTE_IMPL_H_

#include "policy/policy_impl.h"
#include "policy/route.h"

/*
 * route_impl -- which route, and who is meant by its rungs.  Shared by route
 * and flaws; nobody else includes this.
 */

/* Most partners that one rung may name before anything is left out. */
#define ROUTE_EXPANDED 64

/* Who is meant by a rung, each once, in the order of the policy. */
struct route_names {
	size_t n;
	size_t missed; /* did not fit */
	const Keten__V1__PolicyPartner *who[ROUTE_EXPANDED];
};

/**
 * route_find(p, ask):
 * Return the route for what is asked: of those that fit the one with the
 * narrowest area, then the closest submitter, code and urgency, then the
 * first in the policy; NULL if none fits.
 */
const Keten__V1__PolicyRoute *route_find(const struct policy *p,
    const struct route_ask *ask);

/**
 * route_expand(p, rung, ask, names):
 * Fill ${names} with everybody whom ${rung} means for what is asked (its code,
 * area and time), successors of those that ended included.  ${ask} NULL: for
 * any area, without successors.
 */
void route_expand(const struct policy *p, const Keten__V1__PolicyRung *rung,
    const struct route_ask *ask, struct route_names *names);

/**
 * route_is_serial(p, rung):
 * Tell whether those of ${rung} are asked one after another.
 */
bool route_is_serial(const struct policy *p,
    const Keten__V1__PolicyRung *rung);

/**
 * route_now_for(p, ask, named):
 * Return who has the place of ${named} in what is asked: itself, or who took it
 * over; itself as well if it has ended and nobody did.
 */
struct org route_now_for(const struct policy *p, const struct route_ask *ask,
    const struct org *named);

#endif /* !ROUTE_IMPL_H_ */
