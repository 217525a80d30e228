#ifndef TALLY_H_
#define TALLY_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "core/figures.h"
#include "keten/v1/facts.pb-c.h"
#include "life/referral.h"
#include "policy/policy.h"

/*
 * tally -- from the records of a month to its figures.
 *
 * Gets the facts of one record after another and counts what they say.  What a
 * record does not say itself (the area of its referral, whom an offer was to)
 * it asks: broker and auditor may know that from different places, and get the
 * same figures.  Pure.
 */

/* What is asked about a referral. */
struct tally_about {
	char code[REFERRAL_CODE]; /* of the header */
	char area[REFERRAL_AREA];
	int64_t submitted_ms;
};

struct tally {
	struct figures *figures;
	const struct policy *policy; /* of the end of the month */
	void *cookie;

	/* Store that of ${id}; ERR_NOT_FOUND if it is erased. */
	enum err (*about)(void *cookie, const struct refid *id,
	    struct tally_about *out);

	/* Store whom the offer ${number} of ${id} was to; as above. */
	enum err (*offer)(void *cookie, const struct refid *id,
	    uint32_t number, struct org *to);

	uint64_t lost; /* things that could not be counted any more */
};

/**
 * tally_record(t, facts, route):
 * Count what one record says; ${route} may be NULL.  ERR_NOMEM, and what the
 * callbacks give.
 */
MUST_CHECK enum err tally_record(struct tally *t,
    const Keten__V1__Facts *facts, const Keten__V1__RouteFacts *route);

#endif /* !TALLY_H_ */
