#ifndef HOURS_H_
#define HOURS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * hours -- when somebody can be reached in a week, by the local clock.
 *
 * Only what they are and how they are written; what time they make of an
 * instant is for the calendar.  None at all: never open.
 */
#define HOURS_MAX 28

struct hours_open {
	uint8_t day;       /* 0 Monday ... 6 Sunday */
	uint16_t from_min; /* since midnight */
	uint16_t to_min;   /* up to 1440 */
};

struct hours {
	bool holidays; /* open on public holidays too */
	uint8_t n;
	struct hours_open open[HOURS_MAX]; /* in order, without overlap */
};

/**
 * hours_read(text, hours):
 * Add "ma-vr 08:30-17:00" or "za 9:00-12:00" or "altijd" to ${hours}, which
 * the caller zeroed first; false if ${text} is none, overlaps with what is
 * there, or does not fit.
 */
bool hours_read(const char *text, struct hours *hours);

/**
 * hours_text(hours, buf, cap):
 * Write ${hours} in Dutch ("ma-vr 08:30-17:00, za 09:00-12:00"), cut to
 * ${cap}, into ${buf}; return ${buf}.
 */
const char *hours_text(const struct hours *hours, char *buf, size_t cap);

/**
 * hours_day(day):
 * Return the two letters of a day, 0 ("ma") to 6 ("zo").  Constant text.
 */
const char *hours_day(int day);

#endif /* !HOURS_H_ */
