#ifndef FIGURES_RIG_H_
#define FIGURES_RIG_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/figures.h"
#include "core/period.h"
#include "core/sheet.h"
#include "demo_policy.h"
#include "trust/digest.h"
#include "wire/pb.h"

/*
 * figures_rig -- what the tests of figures share: a policy, an arena, and the
 * way from counts to what is published and read.
 */
#define FAMILY(name) KETEN__V1__REPORT_FAMILY__REPORT_##name
#define ARENA ((size_t)4 << 20)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct policy *policy;
static struct arena *arena;

static inline int
begin(void **state)
{
	(void)state;
	policy = demo_policy(NULL, NULL);
	arena = arena_new(ARENA);
	return (arena == NULL ? -1 : 0);
}

static inline int
end(void **state)
{
	(void)state;
	policy_free(policy);
	arena_free(arena);
	return (0);
}

static inline void
add(struct figures *f, const char *area, const char *group,
    Keten__V1__ReportFamily family, const char *key, unsigned times)
{
	const struct figures_at at = { area, group };

	for (unsigned i = 0; i < times; i++)
		assert_int_equal(figures_add(f, &at, family, key, 1), ERR_OK);
}

/* Publish ${f}, which is used up. */
static inline Keten__V1__ReportFacts *
published(struct figures *f)
{
	Keten__V1__ReportFacts *r = NULL;

	assert_int_equal(figures_publish(f, policy, arena, &r), ERR_OK);
	figures_free(f);
	return (r);
}

static inline char *
sheet(enum sheet_what what, enum sheet_format format, const char *period,
    const Keten__V1__ReportFacts *const *months, const char *who)
{
	struct period p;
	const struct sheet_ask ask = { .what = what, .format = format,
		.period = &p, .origin = "test", .months = months,
		.who = org_of(who), .policy = policy };
	char *text = NULL;
	size_t len = 0;

	assert_true(period_parse(period, &p));
	assert_int_equal(sheet_write(&ask, &text, &len), ERR_OK);
	assert_int_equal(strlen(text), len);
	return (text);
}

#endif /* !FIGURES_RIG_H_ */
