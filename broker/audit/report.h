#ifndef REPORT_H_
#define REPORT_H_

#include <stdbool.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/root.h"

/*
 * report -- what people read at the end of an audit, in Dutch, or as JSON: one
 * object per line, findings first, the verdict last.
 */
#define REPORT_LINES_MAX 32
#define REPORT_LINE 200

/* One line about what was looked at, or was not. */
struct report_line {
	char name[24]; /* for JSON */
	char text[REPORT_LINE];
	bool has_number;
	uint64_t number;
};

struct report {
	const char *command;
	const char *origin;
	const char *path;
	uint64_t size;
	const uint8_t *root; /* 32 bytes; NULL: not computed */
	const struct root *trust;
	struct findings *f;
	size_t n_done;
	struct report_line done[REPORT_LINES_MAX];
	size_t n_not;
	const char *not_checked[REPORT_LINES_MAX]; /* Dutch, constant */
};

/**
 * report_done(r, name, number, text):
 * Say that ${number} of what ${text} describes were looked at.
 */
void report_done(struct report *r, const char *name, uint64_t number,
    const char *text);

/**
 * report_not(r, text):
 * Say that something was not looked at.  ${text} is borrowed.
 */
void report_not(struct report *r, const char *text);

/**
 * report_print(r, verdict, json):
 * Write ${r} to stdout, with ${verdict} as its end.  Return the exit code.
 */
int report_print(struct report *r, enum verdict verdict, bool json);

/**
 * report_group(bytes, len, out):
 * Write ${len} bytes in hexadecimal, in groups of four as one reads them out,
 * and a NUL to ${out}: 2.5 characters for each byte.
 */
void report_group(const uint8_t *bytes, size_t len, char *out);

#endif /* !REPORT_H_ */
