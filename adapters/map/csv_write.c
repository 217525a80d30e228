#include <stdlib.h>
#include <string.h>

#include "map/csv.h"

static void
add(struct csv_text *t, const char *p, size_t len)
{
	char *more;
	size_t cap;

	if (t->failed)
		return;
	if (len >= t->cap - t->len) {
		cap = t->cap == 0 ? 1024 : t->cap;
		while (cap - t->len <= len)
			cap *= 2;
		more = malloc(cap);
		if (more == NULL) {
			t->failed = true;
			return;
		}
		/* By hand, so that the old copy is wiped. */
		if (t->p != NULL) {
			memcpy(more, t->p, t->len);
			explicit_bzero(t->p, t->len);
			free(t->p);
		}
		t->p = more;
		t->cap = cap;
	}
	memcpy(t->p + t->len, p, len);
	t->len += len;
	t->p[t->len] = '\0';
}

void
csv_begin(struct csv_text *t)
{
	add(t, "\xef\xbb\xbf", 3);
}

void
csv_cell(struct csv_text *t, const char *text)
{
	bool first = t->len == 0 || t->p[t->len - 1] == '\n' ||
	    (t->len == 3 && t->p[0] == '\xef');

	if (t->failed)
		return;
	add(t, first ? "\"" : ";\"", first ? 1 : 2);
	if (text != NULL && text[0] != '\0' &&
	    strchr("=+-@\t\r", text[0]) != NULL)
		add(t, "'", 1);
	for (; text != NULL && *text != '\0'; text++)
		add(t, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	add(t, "\"", 1);
}

void
csv_end_row(struct csv_text *t)
{
	add(t, "\r\n", 2);
}

void
csv_text_fini(struct csv_text *t)
{
	if (t->p != NULL)
		explicit_bzero(t->p, t->len);
	free(t->p);
	memset(t, 0, sizeof(*t));
}
