#ifndef NOUN_H_
#define NOUN_H_

#include <stdint.h>

/*
 * noun -- one referral, two referrals.
 */

/**
 * noun_for(n, one, many):
 * Return ${one} if ${n} is 1, else ${many}.
 */
const char *noun_for(uint64_t n, const char *one, const char *many);

#endif /* !NOUN_H_ */
