#ifndef MAP_CSV_H_
#define MAP_CSV_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "map/order.h"

/*
 * csv -- tables, read with libcsv and written by hand.
 *
 * Read: ';' or ',' (whichever the first line has more of, outside quotes),
 * with or without a byte order mark, quoted or not, CRLF or LF, UTF-8 or, if it
 * is not valid UTF-8, Windows-1252.  Written: UTF-8 with a byte order mark,
 * ';', CRLF, every cell quoted, and "'" before a cell that a spreadsheet would
 * take for a formula (= + - @, tab, return): Dutch Excel opens it with a
 * double click and executes nothing.  Such a "'" is taken off when reading.
 */
struct csv_table {
	char ***cells; /* [row][column], owned; row 0 is the header */
	size_t *width; /* cells in each row */
	size_t n;      /* rows, the header included */
};

#define CSV_ROWS_MAX 1001
#define CSV_COLUMNS_MAX 100

/**
 * csv_read(data, len, table, trouble):
 * Read ${len} bytes into ${table}, which the caller gives to csv_table_fini().
 * Empty lines are left out.  ERR_MALFORMED with a sentence in ${trouble} if
 * it is not a table: unclosed quotes, a NUL, too many rows or columns, a row
 * that is longer than the header; ERR_NOMEM.
 */
MUST_CHECK enum err csv_read(const char *data, size_t len,
    struct csv_table *table, struct map_trouble *trouble);

/**
 * csv_table_fini(table):
 * Wipe and free all cells.
 */
void csv_table_fini(struct csv_table *table);

/* Text that grows; all zeros is an empty one. */
struct csv_text {
	char *p; /* NUL behind it, once something was added */
	size_t len, cap;
	bool failed; /* out of memory: everything after it does nothing */
};

/**
 * csv_begin(t), csv_cell(t, text), csv_end_row(t):
 * Write the byte order mark; one cell (NULL: empty); the end of a row.
 * Failure is kept: look at ${t}->failed at the end.
 */
void csv_begin(struct csv_text *t);
void csv_cell(struct csv_text *t, const char *text);
void csv_end_row(struct csv_text *t);

/**
 * csv_text_fini(t):
 * Wipe and free.
 */
void csv_text_fini(struct csv_text *t);

/**
 * csv_is_utf8(data, len):
 * Tell whether it is valid UTF-8 without NUL.
 */
bool csv_is_utf8(const char *data, size_t len);

#endif /* !MAP_CSV_H_ */
