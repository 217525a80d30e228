#ifndef LOGKEY_H_
#define LOGKEY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keten/v1/policy.pb-c.h"
#include "trust/sign.h"

/*
 * logkey -- the keys that sign checkpoints, beside those that the policy names.
 *
 * Normally there is one.  While another takes its place the broker has both,
 * every checkpoint carries both signatures, and so whoever knows one of them
 * can follow (section 19 of the protocol).  A broker that could not give both
 * does not let the document come into force.
 */
struct logkey {
	const char *origin;
	size_t n; /* 1 or 2 */
	uint8_t pub[2][32];
};

/**
 * logkey_init(k, origin, first, second):
 * The log ${origin} (borrowed) signs with ${first}, and with ${second} unless
 * that is NULL.
 */
void logkey_init(struct logkey *k, const char *origin,
    const struct signer *first, const struct signer *second);

/**
 * logkey_check(k, old, next, why):
 * May the document ${next} come into force after ${old} (NULL: the first one,
 * or nothing changes)?  ERR_CONFIG, and ${why} is a Dutch sentence, constant.
 */
MUST_CHECK enum err logkey_check(const struct logkey *k,
    const Keten__V1__Policy *old, const Keten__V1__Policy *next,
    const char **why);

#endif /* !LOGKEY_H_ */
