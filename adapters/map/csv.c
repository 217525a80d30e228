#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "map/csv.h"

struct reader {
	struct csv_table *t;
	char **row; /* the row being read */
	size_t n;
	bool nomem, rows, columns;
};

static void
cell_free(char *cell)
{
	if (cell != NULL)
		explicit_bzero(cell, strlen(cell));
	free(cell);
}

static bool
is_formula(char c)
{
	return (c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' ||
	    c == '\r');
}

/* One cell, without spaces around it and without our own "'" before it. */
static char *
cell_new(const char *p, size_t len)
{
	while (len > 0 && (*p == ' ' || *p == '\t'))
		p++, len--;
	while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
		len--;
	if (len > 1 && p[0] == '\'' && is_formula(p[1]))
		p++, len--;
	return (strndup(p, len));
}

static void
on_cell(void *data, size_t len, void *cookie)
{
	struct reader *r = cookie;
	char **more;

	if (r->nomem || r->columns)
		return;
	if (r->n == CSV_COLUMNS_MAX) {
		r->columns = true;
		return;
	}
	more = reallocarray(r->row, r->n + 1, sizeof(*more));
	if (more == NULL) {
		r->nomem = true;
		return;
	}
	r->row = more;
	r->row[r->n] = cell_new(data == NULL ? "" : data, len);
	if (r->row[r->n] == NULL)
		r->nomem = true;
	else
		r->n++;
}

static void
drop_row(char **row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cell_free(row[i]);
	free(row);
}

static bool
is_empty(char *const *row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (row[i][0] != '\0')
			return (false);
	return (true);
}

static bool
keep_row(struct csv_table *t, char **row, size_t n)
{
	char ***cells = reallocarray(t->cells, t->n + 1, sizeof(*cells));
	size_t *width;

	if (cells == NULL)
		return (false);
	t->cells = cells;
	width = reallocarray(t->width, t->n + 1, sizeof(*width));
	if (width == NULL)
		return (false);
	t->width = width;
	t->cells[t->n] = row;
	t->width[t->n++] = n;
	return (true);
}

static void
on_row(int end, void *cookie)
{
	struct reader *r = cookie;

	(void)end;
	if (r->nomem || r->columns || is_empty(r->row, r->n)) {
		drop_row(r->row, r->n);
	} else if (r->t->n == CSV_ROWS_MAX) {
		r->rows = true;
		drop_row(r->row, r->n);
	} else if (!keep_row(r->t, r->row, r->n)) {
		r->nomem = true;
		drop_row(r->row, r->n);
	}
	r->row = NULL;
	r->n = 0;
}

/* Which of ';', ',' and tab the first line has most of, outside quotes. */
static unsigned char
separator(const char *p, size_t len)
{
	size_t semicolons = 0, commas = 0, tabs = 0;
	bool quoted = false;

	for (size_t i = 0; i < len && (quoted || (p[i] != '\n' &&
	    p[i] != '\r')); i++) {
		if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted) {
			semicolons += p[i] == ';';
			commas += p[i] == ',';
			tabs += p[i] == '\t';
		}
	}
	if (tabs > semicolons && tabs > commas)
		return ('\t');
	return (semicolons >= commas ? ';' : ',');
}

static size_t
utf8_length(unsigned char c)
{
	if (c < 0x80)
		return (c == 0 ? 0 : 1);
	if (c >= 0xc2 && c <= 0xdf)
		return (2);
	if (c >= 0xe0 && c <= 0xef)
		return (3);
	return (c >= 0xf0 && c <= 0xf4 ? 4 : 0);
}

/* Overlong forms, surrogates and what lies above U+10FFFF. */
static bool
utf8_is_odd(const unsigned char *p, size_t n)
{
	if (n == 3)
		return ((p[0] == 0xe0 && p[1] < 0xa0) ||
		    (p[0] == 0xed && p[1] > 0x9f));
	if (n == 4)
		return ((p[0] == 0xf0 && p[1] < 0x90) ||
		    (p[0] == 0xf4 && p[1] > 0x8f));
	return (false);
}

bool
csv_is_utf8(const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_length(p[i]);
		if (n == 0 || n > len - i)
			return (false);
		for (size_t j = 1; j < n; j++)
			if ((p[i + j] & 0xc0) != 0x80)
				return (false);
		if (utf8_is_odd(p + i, n))
			return (false);
	}
	return (true);
}

/* 0x80 to 0x9f of Windows-1252; 0 where it has nothing. */
static const unsigned short win1252[32] = {0x20ac, 0, 0x201a, 0x192, 0x201e,
    0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0,
    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122,
    0x161, 0x203a, 0x153, 0, 0x17e, 0x178};

/* Old spreadsheets write Windows-1252; three bytes of UTF-8 hold any of it. */
static char *
from_windows(const char *data, size_t len, size_t *out_len)
{
	unsigned char *out = malloc(len * 3 + 1);
	size_t n = 0;

	for (size_t i = 0; out != NULL && i < len; i++) {
		unsigned c = (unsigned char)data[i];

		if (c >= 0x80 && c <= 0x9f)
			c = win1252[c - 0x80] == 0 ? '?' : win1252[c - 0x80];
		if (c < 0x80) {
			out[n++] = (unsigned char)c;
		} else if (c < 0x800) {
			out[n++] = (unsigned char)(0xc0 | c >> 6);
			out[n++] = (unsigned char)(0x80 | (c & 0x3f));
		} else {
			out[n++] = (unsigned char)(0xe0 | c >> 12);
			out[n++] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
			out[n++] = (unsigned char)(0x80 | (c & 0x3f));
		}
	}
	*out_len = n;
	return ((char *)out);
}

static enum err
parse(const char *data, size_t len, struct reader *r, bool *closed)
{
	struct csv_parser p;
	size_t n;

	if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return (ERR_NOMEM);
	csv_set_delim(&p, separator(data, len));
	n = csv_parse(&p, data, len, on_cell, on_row, r);
	*closed = n == len && csv_fini(&p, on_cell, on_row, r) == 0;
	csv_free(&p);
	drop_row(r->row, r->n);
	return (r->nomem ? ERR_NOMEM : ERR_OK);
}

static enum err
judge(const struct csv_table *t, const struct reader *r, bool closed,
    struct map_trouble *trouble)
{
	if (!closed)
		return (map_fail(trouble, "De tabel is niet te lezen: vanaf "
		    "regel %zu klopt een aanhalingsteken (\") niet.",
		    t->n + 1));
	if (r->columns)
		return (map_fail(trouble, "De tabel heeft meer dan %d "
		    "kolommen.", CSV_COLUMNS_MAX));
	if (r->rows)
		return (map_fail(trouble, "De tabel heeft meer dan %d regels; "
		    "splits hem.", CSV_ROWS_MAX - 1));
	for (size_t i = 1; i < t->n; i++)
		if (t->width[i] > t->width[0])
			return (map_fail(trouble, "Regel %zu heeft meer "
			    "kolommen dan de kop.", i + 1));
	return (ERR_OK);
}

/* Rows that stop early get empty cells, so that every column is there. */
static enum err
fill_up(struct csv_table *t)
{
	for (size_t i = 1; i < t->n; i++) {
		char **row = reallocarray(t->cells[i], t->width[0],
		    sizeof(*row));

		if (row == NULL)
			return (ERR_NOMEM);
		t->cells[i] = row;
		for (; t->width[i] < t->width[0]; t->width[i]++) {
			row[t->width[i]] = strdup("");
			if (row[t->width[i]] == NULL)
				return (ERR_NOMEM);
		}
	}
	return (ERR_OK);
}

enum err
csv_read(const char *data, size_t len, struct csv_table *table,
    struct map_trouble *trouble)
{
	struct csv_table t = {0};
	struct reader r = {.t = &t};
	char *converted = NULL;
	bool closed = false;
	enum err err;

	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		data += 3, len -= 3;
	if (memchr(data, '\0', len) != NULL)
		return (map_fail(trouble, "Dit is geen tabel: er staan "
		    "nultekens in. Bewaar het bestand als CSV (UTF-8)."));
	if (!csv_is_utf8(data, len)) {
		converted = from_windows(data, len, &len);
		if (converted == NULL)
			return (ERR_NOMEM);
		data = converted;
	}
	err = parse(data, len, &r, &closed);
	if (err == ERR_OK)
		err = judge(&t, &r, closed, trouble);
	if (err == ERR_OK)
		err = fill_up(&t);
	if (err == ERR_OK)
		*table = t;
	else
		csv_table_fini(&t);
	if (converted != NULL)
		explicit_bzero(converted, len);
	free(converted);
	return (err);
}

void
csv_table_fini(struct csv_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		drop_row(table->cells[i], table->width[i]);
	free(table->cells);
	free(table->width);
	memset(table, 0, sizeof(*table));
}
