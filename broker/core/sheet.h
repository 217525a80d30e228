#ifndef SHEET_H_
#define SHEET_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "core/period.h"
#include "keten/v1/facts.pb-c.h"
#include "policy/policy.h"
#include "wire/arena.h"

/*
 * sheet -- published months as people and programs read them.
 *
 * Broker and auditor make the same bytes of the same published cells: this is
 * the only place that writes a report of figures.  All it does is select, add
 * up and lay out what is published.  Pure.
 */
enum sheet_what { SHEET_FIGURES = 1, SHEET_GAPS };
enum sheet_format { SHEET_TEXT = 1, SHEET_JSON, SHEET_CSV };

struct sheet_ask {
	enum sheet_what what;
	enum sheet_format format;
	const struct period *period;
	const char *origin;
	/* In the order of the period's months; as many. */
	const Keten__V1__ReportFacts *const *months;
	/* Only what ${who} oversees in ${policy}; the empty one: all. */
	struct org who;
	const struct policy *policy;
};

/**
 * sheet_write(ask, text, len):
 * Write the report that ${ask} describes into the new ${text}, which the
 * caller frees; ${len} bytes and a NUL.  ERR_NOMEM.
 */
MUST_CHECK enum err sheet_write(const struct sheet_ask *ask, char **text,
    size_t *len);

/**
 * sheet_digest(origin, period, month, digest):
 * Compute the digest under which the published ${month} is known: that of its
 * figures as lines of JSON, all of them.  ERR_NOMEM.
 */
MUST_CHECK enum err sheet_digest(const char *origin,
    const struct period *period, const Keten__V1__ReportFacts *month,
    uint8_t digest[32]);

/**
 * sheet_what(name), sheet_format(name):
 * Return what "figures" and "gaps" mean, and "text", "json" and "csv"; 0 if it
 * is nothing.
 */
enum sheet_what sheet_what(const char *name);
enum sheet_format sheet_format(const char *name);

#endif /* !SHEET_H_ */
