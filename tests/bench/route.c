/*
 * How long a ladder takes under ten routes and under ten thousand, and how long
 * it takes to read such a policy: absolute times, and their ratio.
 *
 *	build/tests/bench/route
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../unit/help/vast.h"

#define ROUNDS 20000
#define BATCHES 15

static double
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3);
}

/* Microseconds for one ladder, in a batch. */
static double
batch(const struct policy *p)
{
	static struct ladder l;
	struct route_ask ask;
	const char *rule;
	double begun = now_us();

	vast_ask(&ask);
	for (int i = 0; i < ROUNDS; i++)
		if (route_ladder(p, &ask, &l, &rule) != ERR_OK)
			abort(); /* it measures nothing then */
	return ((now_us() - begun) / ROUNDS);
}

int
main(void)
{
	static const size_t sizes[2] = { 10, 10000 };
	double best[2] = { 1e9, 1e9 }, read_ms[2];
	struct policy *p[2];

	for (int i = 0; i < 2; i++) {
		double begun = now_us();

		p[i] = vast_policy(sizes[i], true);
		read_ms[i] = (now_us() - begun) / 1e3;
	}
	/* In turns, and the best of each: others use the machine too. */
	for (int k = 0; k < BATCHES; k++)
		for (int i = 0; i < 2; i++) {
			double us = batch(p[i]);

			if (us < best[i])
				best[i] = us;
		}
	for (int i = 0; i < 2; i++) {
		printf("%5zu routes: a ladder %.2f us, reading and checking "
		    "the policy %.0f ms\n", sizes[i], best[i], read_ms[i]);
		policy_free(p[i]);
	}
	printf("a ladder under 10000 routes takes %.2f times that under 10\n",
	    best[1] / best[0]);
	return (best[1] / best[0] < 2 ? 0 : 1);
}
