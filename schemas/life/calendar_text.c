/*
 * calendar -- the part that reads and writes: dates, spans, hours, terms.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life/day.h"

#define MIN_MS INT64_C(60000)
#define DAY_MIN 1440

static const char *const day_names[7] = { "ma", "di", "wo", "do", "vr", "za",
	"zo" };

/* --- terms --------------------------------------------------------------- */

#define MIN(v) { CAL_CLOCK, (v) }
#define H(v) { CAL_CLOCK, (v) * 60 }
#define D(v) { CAL_CLOCK, (v) * DAY_MIN }
#define WH(v) { CAL_WORK, (v) * 60 }
#define WD(v) { CAL_WORK, (v) * CAL_WORKDAY_MIN }
#define DAYS(v) { CAL_CALENDAR, (v) }
#define WEEKS(v) { CAL_CALENDAR, (v) * 7 }

static const struct term_row {
	const char *name;
	const char *label;
	struct cal_span span[CAL_URGENCIES]; /* by urgency: LOW is 1 */
} term_rows[CAL_TERM__MAX] = {
	[CAL_TERM_NONE] = { "", "", { { CAL_CLOCK, 0 } } },
#define TERM(name, number, e, h, n, l, nl)                                     \
	[number] = { #name, nl, { { CAL_CLOCK, 0 }, l, n, h, e } },
#include "tbl/terms.h"
#undef TERM
};

void
cal_terms_default(struct cal_terms *terms)
{
	memset(terms, 0, sizeof(*terms));
	for (size_t t = 0; t < CAL_TERM__MAX; t++)
		for (size_t u = 0; u < CAL_URGENCIES; u++)
			terms->span[t][u] = term_rows[t].span[u];
}

struct cal_span
cal_term(const struct cal_terms *terms, enum cal_term term, unsigned urgency)
{
	return (terms->span[term][urgency]);
}

const char *
cal_term_name(enum cal_term term)
{
	return (term_rows[term].name);
}

const char *
cal_term_label(enum cal_term term)
{
	return (term_rows[term].label);
}

enum cal_term
cal_term_from_name(const char *name)
{
	for (int t = CAL_TERM_NONE + 1; t < CAL_TERM__MAX; t++)
		if (strcmp(term_rows[t].name, name) == 0)
			return ((enum cal_term)t);
	return (CAL_TERM_NONE);
}

/* --- spans --------------------------------------------------------------- */

static const struct unit_word {
	const char *word;
	enum cal_unit unit;
	uint32_t times;
} unit_words[] = {
	{ "wd", CAL_WORK, CAL_WORKDAY_MIN },
	{ "werkdag", CAL_WORK, CAL_WORKDAY_MIN },
	{ "werkdagen", CAL_WORK, CAL_WORKDAY_MIN },
	{ "wh", CAL_WORK, 60 },
	{ "werkuur", CAL_WORK, 60 },
	{ "werkuren", CAL_WORK, 60 },
	{ "wmin", CAL_WORK, 1 },
	{ "werkminuten", CAL_WORK, 1 },
	{ "min", CAL_CLOCK, 1 },
	{ "minuten", CAL_CLOCK, 1 },
	{ "h", CAL_CLOCK, 60 },
	{ "uur", CAL_CLOCK, 60 },
	{ "d", CAL_CALENDAR, 1 },
	{ "dag", CAL_CALENDAR, 1 },
	{ "dagen", CAL_CALENDAR, 1 },
	{ "days", CAL_CALENDAR, 1 },
	{ "week", CAL_CALENDAR, 7 },
	{ "weken", CAL_CALENDAR, 7 },
	{ "weeks", CAL_CALENDAR, 7 },
};

/* No term is longer than this many of its units: two years of minutes. */
#define SPAN_MAX 1051200

bool
cal_span_read(const char *text, struct cal_span *span)
{
	char *end;
	unsigned long n;

	if (text[0] < '0' || text[0] > '9')
		return (false);
	n = strtoul(text, &end, 10);
	if (n == 0 || n > SPAN_MAX)
		return (false);
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < sizeof(unit_words) / sizeof(*unit_words); i++) {
		const struct unit_word *w = &unit_words[i];

		if (strcmp(end, w->word) != 0)
			continue;
		if (n * w->times > SPAN_MAX)
			return (false);
		span->unit = w->unit;
		span->n = (uint32_t)n * w->times;
		return (true);
	}
	return (false);
}

/* Largest units first; the last of a kind divides everything. */
static const struct unit_label {
	enum cal_unit unit;
	uint32_t times;
	const char *one;
	const char *many;
} unit_labels[] = {
	{ CAL_WORK, CAL_WORKDAY_MIN, "werkdag", "werkdagen" },
	{ CAL_WORK, 60, "werkuur", "werkuren" },
	{ CAL_WORK, 1, "werkminuut", "werkminuten" },
	{ CAL_CLOCK, DAY_MIN, "etmaal", "etmalen" },
	{ CAL_CLOCK, 60, "uur", "uur" },
	{ CAL_CLOCK, 1, "minuut", "minuten" },
	{ CAL_CALENDAR, 7, "week", "weken" },
	{ CAL_CALENDAR, 1, "dag", "dagen" },
};

#define N_LABELS (sizeof(unit_labels) / sizeof(unit_labels[0]))

const char *
cal_span_text(struct cal_span span, char *buf, size_t cap)
{
	(void)snprintf(buf, cap, "?");
	for (size_t i = 0; i < N_LABELS; i++) {
		const struct unit_label *l = &unit_labels[i];

		if (l->unit != span.unit || span.n % l->times != 0)
			continue;
		(void)snprintf(buf, cap, "%" PRIu32 " %s", span.n / l->times,
		    span.n == l->times ? l->one : l->many);
		break;
	}
	return (buf);
}

/* --- hours --------------------------------------------------------------- */

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
cal_hours_read(const char *text, struct hours *hours)
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

/* Text being made; what does not fit is left out. */
struct text {
	char *p;
	size_t len;
	size_t cap;
};

static void __attribute__((format(printf, 2, 3)))
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < t->cap - t->len ? (size_t)n :
							t->cap - t->len - 1;
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
cal_hours_text(const struct hours *h, char *buf, size_t cap)
{
	struct text t = { buf, 0, cap };
	bool done[HOURS_MAX] = { false };

	buf[0] = '\0';
	if (h->n == 0 || is_always(h))
		put(&t, h->n == 0 ? "nooit" : "altijd");
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
		put(&t, "%s%s", t.len > 0 ? ", " : "", day_names[o->day]);
		if (last > o->day)
			put(&t, "-%s", day_names[last]);
		put(&t, " %02d:%02d-%02d:%02d", o->from_min / 60,
		    o->from_min % 60, o->to_min / 60, o->to_min % 60);
	}
	return (buf);
}

/* --- dates --------------------------------------------------------------- */

struct cal_date
cal_date_of(int64_t ms)
{
	int64_t in_day;

	return (day_to_date(day_of(ms, &in_day)));
}

int64_t
cal_midnight(struct cal_date date)
{
	return (day_instant(day_from_date(date), 0));
}

int64_t
cal_local(struct cal_date date, int min)
{
	return (day_instant(day_from_date(date), min * MIN_MS));
}

bool
cal_date_read(const char *text, struct cal_date *date)
{
	static const char shape[] = "dddd-dd-dd";
	struct cal_date d;

	if (strlen(text) != strlen(shape))
		return (false);
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' :
				      text[i] != '-')
			return (false);
	d.year = (int)strtol(text, NULL, 10);
	d.month = (int)strtol(text + 5, NULL, 10);
	d.day = (int)strtol(text + 8, NULL, 10);
	if (!day_is_date(d))
		return (false);
	*date = d;
	return (true);
}

bool
cal_time_read(const char *text, int64_t *ms)
{
	char day[11] = "", clock[6] = "00:00";
	struct cal_date d;
	int min;

	if (strlen(text) == 16 && (text[10] == ' ' || text[10] == 'T'))
		memcpy(clock, text + 11, 5);
	else if (strlen(text) != 10)
		return (false);
	memcpy(day, text, 10);
	for (size_t i = 0; i < 5; i++)
		if (i == 2 ? clock[i] != ':' : clock[i] < '0' || clock[i] > '9')
			return (false);
	min = (int)strtol(clock, NULL, 10) * 60 +
	    (int)strtol(clock + 3, NULL, 10);
	if (!cal_date_read(day, &d) || clock[3] > '5' || min >= 24 * 60)
		return (false);
	*ms = cal_local(d, min);
	return (true);
}

const char *
cal_text(int64_t ms, char buf[CAL_TEXT])
{
	int64_t in_day;
	int64_t day = day_of(ms, &in_day);
	struct cal_date d = day_to_date(day);
	struct text t = { buf, 0, CAL_TEXT };

	put(&t, "%s %02d-%02d-%04d %02d:%02d", day_names[day_weekday(day)],
	    d.day, d.month, d.year, (int)(in_day / (60 * MIN_MS)),
	    (int)(in_day / MIN_MS % 60));
	return (buf);
}
