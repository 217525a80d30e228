/*
 * calendar -- the part that reads and writes: dates, spans, terms.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life/day.h"

#define MIN_MS INT64_C(60000)
#define DAY_MIN 1440

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
	struct cal_span span[CAL_URGENCIES]; /* by urgency: LOW is 1 */
} term_rows[CAL_TERM__MAX] = {
	[CAL_TERM_NONE] = { "", { { CAL_CLOCK, 0 } } },
#define TERM(name, number, e, h, n, l, nl)                                     \
	[number] = { #name, { { CAL_CLOCK, 0 }, l, n, h, e } },
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

	(void)snprintf(buf, CAL_TEXT, "%s %02d-%02d-%04d %02d:%02d",
	    hours_day(day_weekday(day)), d.day, d.month, d.year,
	    (int)(in_day / (60 * MIN_MS)), (int)(in_day / MIN_MS % 60));
	return (buf);
}
