#ifndef CALENDAR_H_
#define CALENDAR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hours.h"

/*
 * calendar -- working time, opening hours and terms in the Netherlands.
 *
 * A working day is 510 working minutes, Monday to Friday 08:30-17:00 by the
 * clock of Amsterdam, without Dutch public holidays.  Summer time follows the
 * rule of the European Union since 1996 and is computed here: the outcome may
 * not depend on which time zone data a machine happens to have, because the
 * auditor decides again elsewhere.  A deadline is the first instant at which
 * that much time has elapsed.
 *
 * Pure: no clock, no allocation, no global.  Days are known from 1970 up to
 * 2199; outside of them every weekday is a working day.  Times are ms UTC;
 * urgencies are the numbers of keten.v1.Urgency (1 LOW ... 4 EMERGENT).
 */
#define CAL_DAYS 84006 /* 1 January 1970 up to and with 31 December 2199 */
#define CAL_WORKDAY_MIN 510

struct calendar {
	uint8_t holiday[(CAL_DAYS + 7) / 8]; /* a bit per day */
};

/* The date of a day by the local clock. */
struct cal_date {
	int year;
	int month; /* 1-12 */
	int day;   /* 1-31 */
};

enum cal_unit {
	CAL_WORK = 1, /* minutes of working time or opening hours */
	CAL_CLOCK,    /* minutes of the clock */
	CAL_CALENDAR, /* days, to the same local time */
};

struct cal_span {
	enum cal_unit unit;
	uint32_t n;
};

enum cal_term {
	CAL_TERM_NONE = 0,
#define TERM(name, number, e, h, n, l, nl) CAL_TERM_##name = number,
#include "tbl/terms.h"
#undef TERM
	CAL_TERM__MAX
};

#define CAL_URGENCIES 5 /* 0 is unspecified */

struct cal_terms {
	struct cal_span span[CAL_TERM__MAX][CAL_URGENCIES];
};

/**
 * cal_init(cal):
 * Make ${cal} the calendar of Dutch public holidays.
 */
void cal_init(struct calendar *cal);

/**
 * cal_set_holiday(cal, date, holiday):
 * Make ${date} a day on which nobody works, or (false) one like any other of
 * its weekday.  False if there is no such date.
 */
bool cal_set_holiday(struct calendar *cal, struct cal_date date, bool holiday);

/**
 * cal_is_holiday(cal, date), cal_is_workday(cal, date):
 * Tell whether ${date} is a public holiday; whether one works on it.
 */
bool cal_is_holiday(const struct calendar *cal, struct cal_date date);
bool cal_is_workday(const struct calendar *cal, struct cal_date date);

/**
 * cal_work_hours():
 * Return the hours of a working week.  Constant.
 */
const struct hours *cal_work_hours(void);

/**
 * cal_is_open(cal, hours, now_ms):
 * Tell whether ${now_ms} lies in ${hours} (NULL: working time).
 */
bool cal_is_open(const struct calendar *cal, const struct hours *hours,
    int64_t now_ms);

/**
 * cal_deadline(cal, hours, start_ms, span):
 * Return the first instant at which ${span} has elapsed since ${start_ms}.
 * Working time counts within ${hours} (NULL: working time); the other units
 * do not look at them.  INT64_MAX if it never comes (hours without opening).
 */
int64_t cal_deadline(const struct calendar *cal, const struct hours *hours,
    int64_t start_ms, struct cal_span span);

/**
 * cal_elapsed(cal, hours, unit, from_ms, to_ms):
 * Return how many ms of ${unit} lie between the two instants; 0 if ${to_ms}
 * is not later.  For CAL_CALENDAR: of the clock.
 */
int64_t cal_elapsed(const struct calendar *cal, const struct hours *hours,
    enum cal_unit unit, int64_t from_ms, int64_t to_ms);

/**
 * cal_resume(cal, hours, unit, now_ms, left_ms):
 * Return the deadline of a term that stood still with ${left_ms} to go (by
 * cal_elapsed() from when it was stopped to its old deadline) and goes on at
 * ${now_ms}.
 */
int64_t cal_resume(const struct calendar *cal, const struct hours *hours,
    enum cal_unit unit, int64_t now_ms, int64_t left_ms);

/**
 * cal_shift(cal, hours, unit, deadline_ms, gap_from_ms, gap_to_ms):
 * Return where ${deadline_ms} goes when nobody could act between the two
 * instants.  A deadline before the gap stays.
 */
int64_t cal_shift(const struct calendar *cal, const struct hours *hours,
    enum cal_unit unit, int64_t deadline_ms, int64_t gap_from_ms,
    int64_t gap_to_ms);

/**
 * cal_terms_default(terms):
 * Fill ${terms} with the table of tbl/terms.h.
 */
void cal_terms_default(struct cal_terms *terms);

/**
 * cal_term(terms, term, urgency):
 * Return the span of ${term} at ${urgency}.  Both must be in range.
 */
struct cal_span cal_term(const struct cal_terms *terms, enum cal_term term,
    unsigned urgency);

/**
 * cal_term_name(term), cal_term_from_name(name):
 * Return the name ("OFFER"); the term called ${name}, or CAL_TERM_NONE.
 */
const char *cal_term_name(enum cal_term term);
enum cal_term cal_term_from_name(const char *name);

/**
 * cal_span_read(text, span), cal_span_text(span, buf, cap):
 * Read "2 wd", "4 wh", "30 wmin", "30 min", "2 h", "14 d", "4 weeks" (and
 * the Dutch words); false, with ${span} untouched, if it is none of them.
 * Write ${span} in Dutch into ${buf}; return ${buf}.
 */
bool cal_span_read(const char *text, struct cal_span *span);
const char *cal_span_text(struct cal_span span, char *buf, size_t cap);

/**
 * cal_date_of(ms), cal_midnight(date), cal_local(date, min):
 * Return the local date of an instant; the instant at which ${date} begins;
 * that of ${min} minutes after midnight by the local clock.  A local time
 * that is skipped in spring is the instant of the change; of one that comes
 * twice in autumn it is the first.
 */
struct cal_date cal_date_of(int64_t ms);
int64_t cal_midnight(struct cal_date date);
int64_t cal_local(struct cal_date date, int min);

/**
 * cal_date_read(text, date):
 * Read "2026-04-27"; false, with ${date} untouched, if it is no date.
 */
bool cal_date_read(const char *text, struct cal_date *date);

/**
 * cal_time_read(text, ms):
 * Read "2026-04-27 08:30", or with a T between, as cal_local() does; a date
 * alone is its midnight.  False, with ${ms} untouched, if it is neither.
 */
bool cal_time_read(const char *text, int64_t *ms);

/**
 * cal_text(ms, buf):
 * Write an instant for people, "ma 27-04-2026 08:30", into ${buf}; return it.
 */
#define CAL_TEXT 24
const char *cal_text(int64_t ms, char buf[CAL_TEXT]);

#endif /* !CALENDAR_H_ */
