#ifndef CASE_H_
#define CASE_H_

#include "audit/args.h"

/*
 * case -- one file that proves the chain of one referral.
 *
 *	{ "format": CASE_FORMAT, "origin", "referral",
 *	  "says": [what it proves and what not],
 *	  "checkpoint": the signed note that all paths lead to,
 *	  "policies": [...], "keys": [...], "records": [...] }
 *
 * Each of the three lists holds records (proven.h) in the order of the log.
 */
#define CASE_FORMAT "keten-case@v1"

/**
 * case_check(a):
 * Check the file that ${a} names, with nothing but its trust root, and say on
 * stdout what it proves.  Return the exit code.
 */
int case_check(const struct args *a);

#endif /* !CASE_H_ */
