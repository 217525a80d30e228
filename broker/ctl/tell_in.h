#ifndef TELL_IN_H_
#define TELL_IN_H_

#include "ctl/ctl.h"
#include "life/calendar.h"

/*
 * tell_in -- what the files of tell share.
 */
enum tell_kind { TELL_TEXT, TELL_NUMBER, TELL_TIME, TELL_YES };

/* A line: what people call a field of the answer. */
struct tell_row {
	const char *label;
	const char *field;
	enum tell_kind kind;
	const char *yes, *no; /* of TELL_YES */
};

/**
 * tell_rows(j, rows, n):
 * Print a line for each of the ${n} ${rows}, with what ${j} says.
 */
void tell_rows(const json_t *j, const struct tell_row *rows, size_t n);

/**
 * tell_when(j, name, buf):
 * Return the instant at ${name}, in ${buf}; "-" if there is none.
 */
const char *tell_when(const json_t *j, const char *name, char buf[CAL_TEXT]);

#endif /* !TELL_IN_H_ */
