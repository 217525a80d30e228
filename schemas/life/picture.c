#include "base/pen.h"
#include "life/engine.h"

/* "B_H" reads better as "B, H". */
static void
put_list(struct pen *p, const char *names)
{
	for (const char *c = names; *c != '\0'; c++)
		if (*c == '_')
			pen_put(p, ", ");
		else
			pen_put(p, "%c", *c);
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
		pen_put(p, "%s%s", between, names[i].name);
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
	pen_put(&p, "| # | in | while | event | who | to | told | "
	    "FHIR Task.status | regel |\n|---|---|---|---|---|---|---|---|---|"
	    "\n");
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];

		pen_put(&p, "| %d | %s | %s | %s | ", row->number,
		    row->from_text, row->held == HELD_ANY ? "" :
		    row->held_text,
		    words_event(row->event));
		put_list(&p, row->who_text);
		/* The rule begins with "rij N: ", which stands in front. */
		pen_put(&p, " | %s | ", row->to_text);
		put_told(&p, row->told);
		pen_put(&p, " | %s | %s |\n", row->fhir,
		    row->rule + (row->number < 10 ? 7 : 8));
	}
	return (p.len);
}
