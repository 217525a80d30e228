#ifndef EARLY_H_
#define EARLY_H_

#include <stdbool.h>

#include "life/referral.h"
#include "sdk/witness.h"

/*
 * early -- a term that the broker let pass before its time.
 *
 * When a term passes stands in the facts, so whoever has them can see that a
 * record of the clock came too soon.  Nothing shortens a term without those
 * being told whom it is about; a stop of the broker only makes it longer.
 */

/**
 * early_is(before, w):
 * Tell whether the record ${w} says that a term of ${before}, the referral as
 * it was known just before, passed, and each one that it can be was still to
 * run by then.  False where something in between is not known here.
 */
bool early_is(const struct referral *before, const struct witnessed *w);

#endif /* !EARLY_H_ */
