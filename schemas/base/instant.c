#include "base/instant.h"

int64_t
instant_ms(clockid_t which)
{
	struct timespec ts;

	/* Both clocks exist on every Linux; there is nothing to do if not. */
	(void)clock_gettime(which, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}
