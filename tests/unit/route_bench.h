#ifndef ROUTE_BENCH_H_
#define ROUTE_BENCH_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "demo_policy.h"
#include "policy/route.h"

/*
 * route_bench -- questions to the demonstration's policy, and ladders as text.
 */

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

/* Tuesday 14 April 2026, 10:00 in Amsterdam; a Saturday night. */
#define NOW INT64_C(1776153600000)
#define NIGHT (cal_midnight((struct cal_date){ 2026, 4, 18 }) + 3 * HOUR)

static struct policy *p;
static struct ladder l;
static const char *rule;

static inline int
setup(void **state)
{
	(void)state;
	p = demo_policy(NULL, NULL);
	return (0);
}

static inline int
teardown(void **state)
{
	(void)state;
	policy_free(p);
	return (0);
}

static inline struct route_ask
ask(const char *from, const char *code)
{
	struct route_ask a = {
		.from = org_of(from),
		.code = code,
		.area = "WK085501",
		.edition = 2025,
		.urgency = KETEN__V1__URGENCY__NORMAL,
		.basis = "G-TOE",
		.discussed = KETEN__V1__DISCUSSED__AGREES,
		.now_ms = NOW,
	};

	return (a);
}

/* Make the ladder and write it as "a,b | c". */
static inline const char *
ladder_of(const struct route_ask *a, char out[512])
{
	enum err err = route_ladder(p, a, &l, &rule);
	size_t n = 0;

	if (err != ERR_OK)
		return (err_name(err));
	out[0] = '\0';
	for (size_t i = 0; i < l.n_rungs; i++)
		for (size_t k = 0; k < l.rungs[i].n; k++)
			n += (size_t)snprintf(out + n, 512 - n, "%s%s",
			    k > 0     ? "," :
				i > 0 ? " | " :
					"",
			    l.rungs[i].candidates[k].id);
	return (out);
}

#define assert_ladder(a, text)                                                 \
	do {                                                                   \
		char out_[512];                                                \
		assert_string_equal(ladder_of(a, out_), text);                 \
	} while (0)

static inline enum route_why
why(const struct route_ask *a, const char *who)
{
	struct org o = org_of(who);

	return (route_why_not(p, a, &l, &o));
}

#endif /* !ROUTE_BENCH_H_ */
