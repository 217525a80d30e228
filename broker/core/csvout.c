/*
 * csvout -- a table that Dutch Excel opens with a double click.
 */
#include <string.h>

#include "core/csvout.h"

void
csvout_begin(FILE *to)
{
	(void)fputs("\xef\xbb\xbf", to);
}

static void
write_cell(FILE *to, const char *text)
{
	(void)putc('"', to);
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		(void)putc('\'', to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			(void)putc('"', to);
		(void)putc(*text, to);
	}
	(void)putc('"', to);
}

void
csvout_row(FILE *to, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			(void)putc(';', to);
		write_cell(to, cells[i] == NULL ? "" : cells[i]);
	}
	(void)fputs("\r\n", to);
}
