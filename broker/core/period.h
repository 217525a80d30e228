#ifndef PERIOD_H_
#define PERIOD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * period -- months and quarters by the clock of Amsterdam: what a report can
 * be about.  A month is a number, 202610.  Pure.
 */
#define PERIOD_TEXT 8	/* "2026-10" or "2026-Q4" and a NUL */
#define PERIOD_MONTHS 3 /* of a quarter */

struct period {
	char text[PERIOD_TEXT];
	size_t n; /* months: 1 or 3 */
	uint32_t months[PERIOD_MONTHS];
	int64_t from_ms;
	int64_t until_ms; /* first instant that is not in it */
};

/**
 * period_parse(text, p):
 * Read "2026-10" or "2026-Q4"; false, with ${p} untouched, if it is neither.
 */
bool period_parse(const char *text, struct period *p);

/**
 * period_month(text, month):
 * Read "2026-10" as the number 202610; false if it is no month.
 */
bool period_month(const char *text, uint32_t *month);

/**
 * period_of_month(month, p):
 * Make ${p} the month ${month}; false if there is none.
 */
bool period_of_month(uint32_t month, struct period *p);

/**
 * period_last(now_ms, p):
 * Make ${p} the last month that is over at ${now_ms}.
 */
void period_last(int64_t now_ms, struct period *p);

/**
 * period_is_over(p, now_ms):
 * Tell whether nothing can happen in ${p} any more.
 */
bool period_is_over(const struct period *p, int64_t now_ms);

/**
 * period_label(p, text, cap):
 * Write it for people: "oktober 2026", "vierde kwartaal 2026".  Return
 * ${text}.
 */
const char *period_label(const struct period *p, char *text, size_t cap);

#endif /* !PERIOD_H_ */
