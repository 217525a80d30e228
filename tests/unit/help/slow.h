#ifndef SLOW_H_
#define SLOW_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "policy/policy.h"
#include "policy/route.h"

/*
 * slow -- the ladder once more, as the protocol tells it (section 14), for
 * tests: straight through the document, row by row, for every question again.
 *
 * It shares nothing with policy and route but the calendar, the containment of
 * areas and the numbers of the reasons.
 */
#define SLOW_PARTNERS 16

struct slow_rung {
	uint32_t no;
	size_t n;
	const char *who[SLOW_PARTNERS];
	struct cal_span offer;
	struct hours hours;
};

struct slow_ladder {
	enum err err;
	const char *route; /* id; NULL: none was found */
	const char *regisseur;
	const char *custodian; /* "": none */
	bool early;
	size_t n_informed;
	const char *informed[SLOW_PARTNERS]; /* for information, one by one */
	size_t n_rungs;
	struct slow_rung rungs[ROUTE_RUNGS];
	enum route_why why[SLOW_PARTNERS]; /* of the document's partners */
};

/**
 * slow_ladder(doc, cal, ask, l):
 * Fill ${l} with who is asked for ${ask} under ${doc}, whose calendar is
 * ${cal}.
 */
void slow_ladder(const Keten__V1__Policy *doc, const struct calendar *cal,
    const struct route_ask *ask, struct slow_ladder *l);

#endif /* !SLOW_H_ */
