#ifndef CSVOUT_H_
#define CSVOUT_H_

#include <stdio.h>

/*
 * csvout -- a table that Dutch Excel opens with a double click.
 *
 * UTF-8 with a byte order mark, ';' between cells, CRLF, every cell quoted,
 * and "'" before a cell that a spreadsheet would take for a formula.  Whether
 * everything was written shows when the file is closed.
 */

/**
 * csvout_begin(to):
 * Write the byte order mark.
 */
void csvout_begin(FILE *to);

/**
 * csvout_row(to, cells, n):
 * Write a row of ${n} cells; NULL is an empty one.
 */
void csvout_row(FILE *to, const char *const *cells, size_t n);

#endif /* !CSVOUT_H_ */
