#ifndef SURVEY_H_
#define SURVEY_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/period.h"
#include "core/store.h"
#include "keten/v1/facts.pb-c.h"
#include "policy/policy.h"
#include "wire/arena.h"

/*
 * survey -- reads a store for reports: the records of a month to count them,
 * and what was published before.
 *
 * Everything that is counted comes from records; of a referral's code and area
 * from the record that submitted it, also when that was before the month.
 * Takes seconds for a hundred thousand referrals, so the broker does it in a
 * thread of its own, with a transaction of its own that is renewed whenever it
 * is stale.
 */

/* How far it is; returns false to stop. */
struct survey_progress {
	bool (*at)(void *cookie, uint64_t done, uint64_t of);
	void *cookie;
};

/**
 * survey_policy(t, before, policy):
 * Read the policy that was in force at record ${before} (UINT64_MAX: now) into
 * the new ${policy}, which the caller frees.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err survey_policy(struct txn *t, uint64_t before,
    struct policy **policy);

/**
 * survey_month(t, month, progress, a, report):
 * Count the ${month} (202610), which is over, into ${a}; the caller's are
 * period and digest, which are filled in, and the pages, which are not.
 * ERR_TIMEOUT if it was stopped; ERR_TOO_BIG; errors of record_read() but that something is erased, which is
 * counted in report->unread.  ${t} may be renewed.
 */
MUST_CHECK enum err survey_month(struct txn *t, uint32_t month,
    const struct survey_progress *progress, struct arena *a,
    Keten__V1__ReportFacts **report);

/**
 * survey_published(t, month, a, report):
 * Read the report that was published of ${month}, all pages as one, into
 * ${a}; an empty one of a month from before the log.  ERR_NOT_FOUND if none
 * was.  ERR_DIGEST if its cells are not what its
 * digest is of; then ${report} is set too.
 */
MUST_CHECK enum err survey_published(struct txn *t, uint32_t month,
    struct arena *a, Keten__V1__ReportFacts **report);

/**
 * survey_pages(report):
 * Return how many records ${report} takes.
 */
uint32_t survey_pages(const Keten__V1__ReportFacts *report);

/**
 * survey_page(report, i, page):
 * Make ${page} the ${i}th of them; it borrows all it says.
 */
void survey_page(const Keten__V1__ReportFacts *report, uint32_t i,
    Keten__V1__ReportFacts *page);

/**
 * survey_same(a, b):
 * Tell whether two reports of one month have the same cells.
 */
bool survey_same(const Keten__V1__ReportFacts *a,
    const Keten__V1__ReportFacts *b);

#endif /* !SURVEY_H_ */
