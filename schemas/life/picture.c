#include "life/engine.h"

#include <stdarg.h>
#include <stdio.h>

/* Text that grows into a buffer and goes on counting when it is full. */
struct pen {
	char *out;
	size_t cap;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void
put(struct pen *p, const char *fmt, ...)
{
	const size_t room = p->len < p->cap ? p->cap - p->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room > 0 ? p->out + p->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		p->len += (size_t)n;
}

/* "B_H" reads better as "B, H". */
static void
put_list(struct pen *p, const char *names)
{
	for (const char *c = names; *c != '\0'; c++)
		if (*c == '_')
			put(p, ", ");
		else
			put(p, "%c", *c);
}

/* The column "told": who hears of it besides those who always do. */
static void
put_told(struct pen *p, uint32_t told)
{
	static const struct {
		enum tell bit;
		const char *name;
	} names[] = { { TELL_B, "B" }, { TELL_H, "H" }, { TELL_R, "R" },
		{ TELL_OPEN, "all K" } };
	const char *between = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((told & (uint32_t)names[i].bit) == 0)
			continue;
		put(p, "%s%s", between, names[i].name);
		between = ", ";
	}
}

size_t
lifecycle_markdown(char *out, size_t cap)
{
	struct pen p = { out, cap, 0 };
	const struct row *rows;
	size_t n;

	rows = lifecycle_rows(&n);
	put(&p, "| # | in | while | event | who | to | told | "
	    "FHIR Task.status | regel |\n|---|---|---|---|---|---|---|---|---|"
	    "\n");
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];

		put(&p, "| %d | %s | %s | %s | ", row->number, row->from_text,
		    row->held == HELD_ANY ? "" : row->held_text,
		    words_event(row->event));
		put_list(&p, row->who_text);
		/* The rule begins with "rij N: ", which stands in front. */
		put(&p, " | %s | ", row->to_text);
		put_told(&p, row->told);
		put(&p, " | %s | %s |\n", row->fhir,
		    row->rule + (row->number < 10 ? 7 : 8));
	}
	return (p.len);
}
