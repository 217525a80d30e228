/*
 * period -- months and quarters: what a report can be about.
 */
#include <stdio.h>
#include <string.h>

#include "core/period.h"
#include "life/calendar.h"

/* Records of before there was Keten, and of after the calendar ends, there are
 * none. */
#define YEAR_FIRST 1971
#define YEAR_LAST 2198

static int64_t
begin_of(uint32_t month)
{
	const struct cal_date first = { .year = (int)(month / 100),
		.month = (int)(month % 100), .day = 1 };

	return (cal_midnight(first));
}

static uint32_t
month_after(uint32_t month)
{
	return (month % 100 == 12 ? month + 89 : month + 1);
}

/* ${n} digits. */
static bool
number(const char *text, size_t n, uint32_t *out)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return (false);
		value = 10 * value + (uint32_t)(text[i] - '0');
	}
	*out = value;
	return (true);
}

static void
fill(uint32_t first, size_t n, struct period *p)
{
	memset(p, 0, sizeof(*p));
	p->n = n;
	p->from_ms = begin_of(first);
	for (size_t i = 0; i < n; i++, first = month_after(first))
		p->months[i] = first;
	p->until_ms = begin_of(first);
	if (n == 1)
		(void)snprintf(p->text, sizeof(p->text), "%04u-%02u",
		    p->months[0] / 100 % 10000, p->months[0] % 100);
	else
		(void)snprintf(p->text, sizeof(p->text), "%04u-Q%u",
		    p->months[0] / 100 % 10000, (p->months[0] % 100 + 2) / 3 % 10);
}

bool
period_of_month(uint32_t month, struct period *p)
{
	if (month / 100 < YEAR_FIRST || month / 100 > YEAR_LAST ||
	    month % 100 < 1 || month % 100 > 12)
		return (false);
	fill(month, 1, p);
	return (true);
}

bool
period_month(const char *text, uint32_t *month)
{
	struct period p;
	uint32_t year, m;

	if (strlen(text) != 7 || text[4] != '-' || !number(text, 4, &year) ||
	    !number(text + 5, 2, &m) || !period_of_month(100 * year + m, &p))
		return (false);
	*month = p.months[0];
	return (true);
}

bool
period_parse(const char *text, struct period *p)
{
	uint32_t month, year, q;

	if (period_month(text, &month))
		return (period_of_month(month, p));
	if (strlen(text) != 7 || strncmp(text + 4, "-Q", 2) != 0 ||
	    !number(text, 4, &year) || !number(text + 6, 1, &q) || q < 1 ||
	    q > 4 || year < YEAR_FIRST || year > YEAR_LAST)
		return (false);
	fill(100 * year + 3 * q - 2, PERIOD_MONTHS, p);
	return (true);
}

void
period_last(int64_t now_ms, struct period *p)
{
	struct cal_date d = cal_date_of(now_ms);

	if (d.month-- == 1) {
		d.month = 12;
		d.year--;
	}
	if (!period_of_month((uint32_t)(100 * d.year + d.month), p))
		fill(100 * YEAR_FIRST + 1, 1, p); /* the clock is not set */
}

bool
period_is_over(const struct period *p, int64_t now_ms)
{
	return (now_ms >= p->until_ms);
}

const char *
period_label(const struct period *p, char *text, size_t cap)
{
	static const char *const months[] = { "januari", "februari", "maart",
		"april", "mei", "juni", "juli", "augustus", "september",
		"oktober", "november", "december" };
	static const char *const quarters[] = { "eerste", "tweede", "derde",
		"vierde" };
	uint32_t year = p->months[0] / 100, month = p->months[0] % 100;

	if (p->n == 1)
		(void)snprintf(text, cap, "%s %u", months[month - 1], year);
	else
		(void)snprintf(text, cap, "%s kwartaal %u",
		    quarters[(month - 1) / 3], year);
	return (text);
}
