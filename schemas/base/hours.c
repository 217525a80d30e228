#include <stdlib.h>
#include <string.h>

#include "base/hours.h"
#include "base/pen.h"

#define DAY_MIN 1440

static const char *const day_names[7] = { "ma", "di", "wo", "do", "vr", "za",
	"zo" };

const char *
hours_day(int day)
{
	return (day_names[day]);
}

/* Read the two letters of a day at ${*t} and step over them; -1: none. */
static int
read_day(const char **t)
{
	for (int d = 0; d < 7; d++) {
		if (strncmp(*t, day_names[d], 2) == 0) {
			*t += 2;
			return (d);
		}
	}
	return (-1);
}

/* Read "ma-vr,zo" into a set of days, a bit each; 0 if it is none. */
static unsigned
read_days(const char **t)
{
	unsigned set = 0;

	for (;;) {
		int from = read_day(t);
		int to = from;

		if (from < 0)
			return (0);
		if (**t == '-') {
			(*t)++;
			to = read_day(t);
		}
		if (to < from)
			return (0);
		for (int d = from; d <= to; d++)
			set |= 1u << d;
		if (**t != ',')
			return (set);
		(*t)++;
		while (**t == ' ')
			(*t)++;
	}
}

/* Read "8:30" or "17:00" as minutes; -1 if it is none. */
static int
read_clock(const char **t)
{
	char *end;
	long h, m;

	if (**t < '0' || **t > '9')
		return (-1);
	h = strtol(*t, &end, 10);
	if (end - *t > 2 || (*end != ':' && *end != '.') || end[1] < '0' ||
	    end[1] > '5' || end[2] < '0' || end[2] > '9')
		return (-1);
	m = (end[1] - '0') * 10 + (end[2] - '0');
	*t = end + 3;
	if (h > 24 || (h == 24 && m != 0))
		return (-1);
	return ((int)(h * 60 + m));
}

/* Put one piece in its place; false if it overlaps or there is no room. */
static bool
add_piece(struct hours *h, int day, int from, int to)
{
	size_t i;

	if (h->n == HOURS_MAX || from >= to)
		return (false);
	for (i = 0; i < h->n; i++) {
		const struct hours_open *o = &h->open[i];

		if (o->day == day && from < o->to_min && o->from_min < to)
			return (false);
	}
	for (i = h->n; i > 0; i--) {
		const struct hours_open *o = &h->open[i - 1];

		if (o->day < day || (o->day == day && o->from_min < from))
			break;
		h->open[i] = *o;
	}
	h->open[i].day = (uint8_t)day;
	h->open[i].from_min = (uint16_t)from;
	h->open[i].to_min = (uint16_t)to;
	h->n++;
	return (true);
}

/* The hours of one day; those past midnight belong to the next. */
static bool
add_day(struct hours *h, int day, int from, int to)
{
	if (to > from)
		return (add_piece(h, day, from, to));
	if (to == from || !add_piece(h, day, from, DAY_MIN))
		return (false);
	return (to == 0 || add_piece(h, (day + 1) % 7, 0, to));
}

static bool
add_always(struct hours *h)
{
	if (h->n != 0)
		return (false);
	h->holidays = true;
	for (int d = 0; d < 7; d++)
		if (!add_piece(h, d, 0, DAY_MIN))
			return (false);
	return (true);
}

bool
hours_read(const char *text, struct hours *hours)
{
	struct hours h = *hours;
	const char *t = text;
	unsigned days;
	int from, to;

	if (strcmp(text, "altijd") == 0) {
		if (!add_always(&h))
			return (false);
		*hours = h;
		return (true);
	}
	days = read_days(&t);
	if (days == 0 || *t != ' ')
		return (false);
	while (*t == ' ')
		t++;
	from = read_clock(&t);
	if (from < 0 || *t++ != '-')
		return (false);
	to = read_clock(&t);
	if (to < 0 || *t != '\0')
		return (false);
	for (int d = 0; d < 7; d++)
		if ((days >> d & 1) != 0 && !add_day(&h, d, from, to))
			return (false);
	*hours = h;
	return (true);
}

/* Which later piece has the same clock times on day ${day}?  -1: none. */
static int
same_on(const struct hours *h, const struct hours_open *o, int day)
{
	for (int i = 0; i < h->n; i++)
		if (h->open[i].day == day &&
		    h->open[i].from_min == o->from_min &&
		    h->open[i].to_min == o->to_min)
			return (i);
	return (-1);
}

static bool
is_always(const struct hours *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->open[i].from_min != 0 || h->open[i].to_min != DAY_MIN)
			return (false);
	return (h->n == 7);
}

const char *
hours_text(const struct hours *h, char *buf, size_t cap)
{
	struct pen p = { buf, cap, 0 };
	bool done[HOURS_MAX] = { false };

	buf[0] = '\0';
	if (h->n == 0 || is_always(h))
		pen_put(&p, h->n == 0 ? "nooit" : "altijd");
	for (size_t i = 0; i < h->n && !is_always(h); i++) {
		const struct hours_open *o = &h->open[i];
		int last = o->day;
		int at;

		if (done[i])
			continue;
		while (last < 6 && (at = same_on(h, o, last + 1)) >= 0) {
			done[at] = true;
			last++;
		}
		pen_put(&p, "%s%s", p.len > 0 ? ", " : "", day_names[o->day]);
		if (last > o->day)
			pen_put(&p, "-%s", day_names[last]);
		pen_put(&p, " %02d:%02d-%02d:%02d", o->from_min / 60,
		    o->from_min % 60, o->to_min / 60, o->to_min % 60);
	}
	return (buf);
}
