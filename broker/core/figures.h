#ifndef FIGURES_H_
#define FIGURES_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keten/v1/facts.pb-c.h"
#include "policy/policy.h"
#include "wire/arena.h"

/*
 * figures -- what happened in a month, as counts, and what of it may be
 * published.
 *
 * Things are added one by one as they were; figures_publish() rounds each
 * count to 5, leaves out what becomes 0, and gives lead times where what is
 * published proves that there are five.  Nothing else ever leaves this module:
 * there is no way to ask for a true count.  Why that gives no small number
 * away stands in schemas/PROTOCOL.md, section 28; whoever adds a family has to
 * make that argument for it too.
 *
 * Pure: no clock, no store, no global.
 */
struct figures;

#define FIGURES_BASE 5	    /* counts are multiples of this */
#define FIGURES_LEAST 5     /* lead times and units: of so many at least */
#define FIGURES_MAX 64000   /* cells of one month */
#define FIGURES_PAGE 2000   /* cells in one record: some 100 KiB */

/* Known to help already: a referral that was none.  Apart everywhere. */
#define FIGURES_KNOWN "UIT-09"

/* To whom something is counted. */
struct figures_at {
	const char *area;  /* a CBS code; finer than a district: its district */
	const char *group; /* of codes */
};

/* Of what a cell tells. */
struct figures_place {
	const char *area;
	const char *group;
	Keten__V1__ReportFamily family;
	const char *key;
};

/**
 * figures_new():
 * Return an empty month, or NULL.  The caller frees it with figures_free().
 */
struct figures *figures_new(void);

/**
 * figures_free(f):
 * Free ${f}.  figures_free(NULL) does nothing.
 */
void figures_free(struct figures *f);

/**
 * figures_add(f, at, family, key, n):
 * Count ${n} of ${family} for ${key} (a partner, a reason ...; "").  Of
 * REPORT_UNITS ${n} are the units of one referral, of all others things that
 * happened.  ERR_NOMEM; ERR_CORRUPT if a name is too long for what it is.
 */
MUST_CHECK enum err figures_add(struct figures *f,
    const struct figures_at *at, Keten__V1__ReportFamily family,
    const char *key, uint64_t n);

/**
 * figures_add_said(f, at, family, key, by, n):
 * The same for what ${by} may say as often as it likes: of each who says it
 * the count is rounded by itself, and the sum of those is published.  So
 * nobody learns what others said by saying some more of it.
 */
MUST_CHECK enum err figures_add_said(struct figures *f,
    const struct figures_at *at, Keten__V1__ReportFamily family,
    const char *key, const char *by, uint64_t n);

/**
 * figures_lead(f, at, taken, done):
 * One referral was completed (with another outcome than FIGURES_KNOWN) after
 * ${taken} and ${done} working hours.  ERR_NOMEM, ERR_CORRUPT.
 */
MUST_CHECK enum err figures_lead(struct figures *f,
    const struct figures_at *at, uint32_t taken, uint32_t done);

/**
 * figures_publish(f, p, a, report):
 * Make of ${f} what may be published, with the words of ${p}, in ${a}; period,
 * digest and pages are the caller's.  ERR_NOMEM; ERR_TOO_BIG if there are more
 * than FIGURES_MAX cells.
 */
MUST_CHECK enum err figures_publish(struct figures *f,
    const struct policy *p, struct arena *a, Keten__V1__ReportFacts **report);

/**
 * figures_round(n), figures_at_least(published):
 * Return what is published of a count ${n}; the least count that is published
 * as ${published}.
 */
uint32_t figures_round(uint64_t n);
uint32_t figures_at_least(uint32_t published);

/**
 * figures_order(x, y):
 * Compare two places: below 0, 0 or above it, as cells are in order.
 */
int figures_order(const struct figures_place *x,
    const struct figures_place *y);

/**
 * figures_is_count(family):
 * Tell whether cells of ${family} are counts, which may be summed.
 */
bool figures_is_count(Keten__V1__ReportFamily family);

#endif /* !FIGURES_H_ */
