#ifndef SHEET_IN_H_
#define SHEET_IN_H_

#include <stdio.h>

#include "core/sheet.h"

/*
 * What sheet.c gives to the three ways of writing.  For the files of sheet.h
 * only.
 */
struct sheet_cell {
	const char *area;
	const char *group;
	Keten__V1__ReportFamily family;
	const char *key;
	const char *month; /* of a lead time in a quarter; else "" */
	uint32_t n;
};

struct sheet {
	const struct sheet_ask *ask;
	FILE *to;
	size_t n;
	struct sheet_cell *cells; /* in order */
	uint64_t unread;
};

/* What is said of a family. */
struct sheet_family {
	Keten__V1__ReportFamily family;
	const char *name;  /* in JSON */
	const char *label; /* Dutch */
	const char *total; /* Dutch, of the sum; NULL: none is made */
};

/**
 * sheet_family(family):
 * Return what is said of it.  Constant.
 */
const struct sheet_family *sheet_family(Keten__V1__ReportFamily family);

/**
 * sheet_label(s, code):
 * Return the label of ${code} in the months, "" if it has none.
 */
const char *sheet_label(const struct sheet *s, const char *code);

/**
 * sheet_not(s, i, text, cap):
 * Write the ${i}th sentence about what was not counted into ${text}; false
 * after the last.
 */
bool sheet_not(const struct sheet *s, size_t i, char *text, size_t cap);

/**
 * sheet_text(s), sheet_json(s), sheet_csv(s):
 * Write all of it.
 */
void sheet_text(const struct sheet *s);
void sheet_json(const struct sheet *s);
void sheet_csv(const struct sheet *s);

#endif /* !SHEET_IN_H_ */
