/*
 * noun -- one referral, two referrals.
 */
#include "base/noun.h"

const char *
noun_for(uint64_t n, const char *one, const char *many)
{
	return (n == 1 ? one : many);
}
