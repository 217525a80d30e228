#ifndef REWRAPPER_H_
#define REWRAPPER_H_

#include <stdbool.h>

#include "base/err.h"
#include "sdk/steward.h"

/*
 * rewrapper -- let somebody else read what we can read, when the log says so.
 *
 * The broker asks; this checks, and answers by itself.  Nothing is wrapped
 * unless the record that gives the right is whole, in the log (a proof into a
 * signed checkpoint), signed by who is to read it (ACCEPT, CONFIRM, TAKE_OVER)
 * or names it (an offer, for the note), about a referral that is known here,
 * and the key is certified by that partner's identity key.
 */

/**
 * rewrapper_turn(s, did):
 * Answer the questions to rewrap that are next in line.
 */
MUST_CHECK enum err rewrapper_turn(struct steward *s, bool *did);

#endif /* !REWRAPPER_H_ */
