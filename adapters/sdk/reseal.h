#ifndef RESEAL_H_
#define RESEAL_H_

#include "base/err.h"
#include "sdk/steward.h"

/*
 * reseal -- what waits is sealed for the keys of now.
 *
 * Between signing and sending somebody's sealing key may have been revoked or
 * replaced.  What would open with an old key only is made again from its
 * order, under the same number, before it is sent; only what the broker
 * certainly never consumed is touched, as a number has one outcome.
 */

/**
 * reseal_turn(s):
 * Look at everything from s->unused_from on.  An order that can no longer go
 * out as it is gives its number back, with all that come after it: they wait
 * again.  ERR_TIMEOUT if the broker did not answer: nothing may be sent before
 * this was called again.
 */
MUST_CHECK enum err reseal_turn(struct steward *s);

#endif /* !RESEAL_H_ */
