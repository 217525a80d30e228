#ifndef REDECIDE_IN_H_
#define REDECIDE_IN_H_

#include "audit/eye.h"
#include "audit/redecide.h"
#include "core/decide.h"
#include "core/keyring.h"

/*
 * redecide_in -- what the files of redecide share: redecide.c for what somebody
 * signed, redecide_clock.c for what time did.
 */
struct redecide {
	struct keyring *keys;
	struct eye eye;
	struct policy *policy;
	struct arena *a;
	uint8_t random[DECIDE_BLINDS][16];
	size_t n_random; /* those after it are zeros */
	int64_t policy_ms; /* since when the policy is in force */
	int64_t last_ms;   /* of the newest record that was applied */
};

/* One record that is being decided. */
struct trial {
	struct redecide *r;
	struct txn *view;
	struct fetched *f;
	const struct record *rec; /* ${f}'s */
	const Keten__V1__Facts *facts; /* NULL: not read, see redecide_facts() */
	const Keten__V1__RouteFacts *route;
	struct decide_in in;
	enum redecide_result result;
	char *why;
};

/**
 * redecide_compare(t, d):
 * Compare the decision ${d} with the record of ${t}, and note in ${t} whether
 * they are the same; if not, why.
 */
MUST_CHECK enum err redecide_compare(struct trial *t,
    const struct decision *d);

/**
 * redecide_facts(t):
 * See to it that the facts of ${t}'s record are read.  ERR_CORRUPT if they
 * cannot be; ERR_NOMEM.
 */
MUST_CHECK enum err redecide_facts(struct trial *t);

/**
 * redecide_malformed(t, err, rule):
 * What was signed, or what the record says, cannot be read: note that with
 * ${rule}.  Return ERR_OK, or ${err} if that is no fault of the record.
 */
MUST_CHECK enum err redecide_malformed(struct trial *t, enum err err,
    const char *rule);

/**
 * redecide_clock(t), redecide_tick(t):
 * Try a record of kind CLOCK (a term, or a successor), or TICK.
 */
MUST_CHECK enum err redecide_clock(struct trial *t);
MUST_CHECK enum err redecide_tick(struct trial *t);

#endif /* !REDECIDE_IN_H_ */
