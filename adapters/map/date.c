#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "life/calendar.h"
#include "map/check.h"

/* Read up to ${max} digits at ${*p} and step over them. */
static bool
digits(const char **p, size_t min, size_t max, int *value)
{
	size_t n = 0;

	for (*value = 0; n < max && isdigit((unsigned char)**p); n++)
		*value = *value * 10 + (*(*p)++ - '0');
	return (n >= min && !isdigit((unsigned char)**p));
}

static bool
separated(const char **p, char *c)
{
	*c = **p;
	if (*c != '-' && *c != '/' && *c != '.')
		return (false);
	(*p)++;
	return (true);
}

/* Day first (31-03-2026) or year first (2026-03-31). */
static bool
three(const char **p, int part[3], bool year_first)
{
	char a, b;

	return (digits(p, year_first ? 4 : 1, year_first ? 4 : 2, &part[0]) &&
	    separated(p, &a) && digits(p, 1, 2, &part[1]) &&
	    separated(p, &b) && a == b &&
	    digits(p, year_first ? 1 : 4, year_first ? 2 : 4, &part[2]));
}

static bool
compact(const char **p, int part[3])
{
	if (strspn(*p, "0123456789") != 8)
		return (false);
	part[0] = part[1] = part[2] = 0;
	for (int i = 0; i < 8; i++) {
		int at = i < 4 ? 0 : i < 6 ? 1 : 2;

		part[at] = part[at] * 10 + (*(*p)++ - '0');
	}
	return (true);
}

bool
map_date_iso(const char *text, char iso[11])
{
	struct cal_date date;
	const char *p = text;
	int part[3];
	int year = 0, day = 2;
	char made[40];

	if (!compact(&p, part)) {
		p = text;
		if (!three(&p, part, true)) {
			p = text;
			year = 2;
			day = 0;
			if (!three(&p, part, false))
				return (false);
		}
	}
	/* After the date only a time may follow (FHIR: T, databases: space). */
	if (*p != '\0' && *p != 'T' && *p != ' ')
		return (false);
	(void)snprintf(made, sizeof(made), "%04d-%02d-%02d", part[year],
	    part[1], part[day]);
	if (!cal_date_read(made, &date))
		return (false);
	memcpy(iso, made, 11);
	return (true);
}

int64_t
map_date_ms(const char *iso, bool end)
{
	struct cal_date date;

	if (!cal_date_read(iso, &date))
		return (0);
	return (cal_local(date, end ? 23 * 60 + 59 : 17 * 60));
}
