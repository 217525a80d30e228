#ifndef ERASURE_H_
#define ERASURE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/org.h"
#include "life/referral.h"
#include "policy/policy.h"

/*
 * erasure -- when what a referral holds may be erased, and who may ask for it.
 *
 * Broker, SDK and auditor ask the same questions here, so that nobody can be
 * told to erase what the policy does not let go.  Pure.
 *
 * Every erasure has the number of its rule in the leaf: that of a retention
 * rule of the policy, or one of these.
 */
enum erasure_rule {
	ERASURE_RULE_MAX = 65000, /* the highest one a policy can have */
	ERASURE_AGAIN = 65532,	  /* of a backup, what was erased after it */
	ERASURE_REQUEST = 65533,  /* somebody who may, signed for it */
	ERASURE_OUTCOME = 65534,  /* closed with an outcome that erases */
	ERASURE_ERROR = 65535,	  /* entered in error */
};

/**
 * erasure_rule(p, number):
 * Return the retention rule ${number} of ${p}, or NULL.
 */
const Keten__V1__PolicyRetention *erasure_rule(const struct policy *p,
    uint32_t number);

/**
 * erasure_text(p, number):
 * Return what the rule is in Dutch, as long as ${p}.
 */
const char *erasure_text(const struct policy *p, uint32_t number);

/**
 * erasure_at_once(p, r):
 * Return the rule by which the content of ${r} goes now that it stands where it
 * stands: ERASURE_ERROR, ERASURE_OUTCOME, or 0.
 */
uint32_t erasure_at_once(const struct policy *p, const struct referral *r);

/**
 * erasure_is_due(p, number, r, at_ms):
 * Tell whether rule ${number} lets the content of ${r} go at ${at_ms}: it has
 * ended, and the term since then is over.  ERASURE_REQUEST only asks that it
 * ended.
 */
bool erasure_is_due(const struct policy *p, uint32_t number,
    const struct referral *r, int64_t at_ms);

/**
 * erasure_may_ask(p, r, who):
 * Tell whether ${who} may ask for the content of ${r} to be erased: the
 * controller of a covenant under which it went from its originator to its
 * holder or its regisseur; or the originator, if that covenant says so.
 */
bool erasure_may_ask(const struct policy *p, const struct referral *r,
    const struct org *who);

/**
 * erasure_log_at(rule, time_ms):
 * Return when a record of ${time_ms} may go by the level 2 rule ${rule}: so
 * many days after the end of its month (UTC), as the records of a month that
 * belong to no referral go together.
 */
int64_t erasure_log_at(const Keten__V1__PolicyRetention *rule,
    int64_t time_ms);

/**
 * erasure_month(time_ms):
 * Return the month of an instant (UTC) as a number: 202611.
 */
uint64_t erasure_month(int64_t time_ms);

#endif /* !ERASURE_H_ */
