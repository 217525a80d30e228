#ifndef FLAWS_H_
#define FLAWS_H_

#include <stddef.h>

#include "policy/policy.h"

/*
 * flaws -- what may not be in a policy document, wherever it comes from.
 *
 * Above all: a policy in which a referral could end up without a regisseur is
 * refused.  The compiler calls this to point at lines, the broker and the SDK
 * so that they need not trust the compiler.
 */
struct flaws {
	/*
	 * Called for each flaw with the Dutch sentence and the place in the
	 * document, "routes[3].rungs[0].candidates[1]" ("" for all of it).
	 * May be NULL.
	 */
	void (*report)(void *cookie, const char *path, const char *text);
	void *cookie;
};

/**
 * flaws_find(p, to):
 * Look for every flaw in ${p} and report each ${to}.  Return how many.
 */
size_t flaws_find(const struct policy *p, const struct flaws *to);

/**
 * flaws_doubts(p, to):
 * Report ${to} what may be in ${p}, which has no flaws, and is hardly meant:
 * two routes that fit equally well and do not do the same.  Return how many.
 */
size_t flaws_doubts(const struct policy *p, const struct flaws *to);

/**
 * flaws_next(old, p, to):
 * The same for what keeps ${p} from following ${old}: an index that does not
 * rise, another origin, an earlier day, partners that disappeared.
 */
size_t flaws_next(const struct policy *old, const struct policy *p,
    const struct flaws *to);

#endif /* !FLAWS_H_ */
