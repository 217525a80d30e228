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

static void
edge(struct pen *p, const struct row *row, enum state from, enum state to,
    const char *style)
{
	put(p, "\t%s -> %s [label=\"%d %s (", from == ST_NONE ? "NEW" :
	    words_state(from), words_state(to), row->number,
	    words_event_nl(row->event));
	put_list(p, row->who_text);
	put(p, ")\"%s];\n", style);
}

/* The arrows of ${row} that leave ${from}; none if it stays where it is. */
static void
edges_from(struct pen *p, const struct row *row, enum state from)
{
	static const enum state below[] = { ST_ACCEPTED, ST_IN_PROGRESS,
		ST_AWAITING_INFO, ST_ON_HOLD };
	const size_t n_below = from == ST_HANDOVER_OFFERED ? 4 : 2;

	if (row->to == TO_LADDER) {
		if (from != ST_OFFERED)
			edge(p, row, from, ST_OFFERED, "");
		edge(p, row, from, ST_ESCALATED, ", style=dashed");
		return;
	}
	if (row->to == TO_BEFORE) {
		for (size_t i = 0; i < n_below; i++)
			edge(p, row, from, below[i], ", style=dotted");
		return;
	}
	if (row->to != TO_SAME && (enum state)row->to != from)
		edge(p, row, from, (enum state)row->to, "");
}

size_t
lifecycle_dot(char *out, size_t cap)
{
	struct pen p = { out, cap, 0 };
	const struct row *rows;
	size_t n;

	rows = lifecycle_rows(&n);
	put(&p, "digraph referral {\n\trankdir=LR;\n"
	    "\tnode [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
	    "\tedge [fontname=\"sans-serif\", fontsize=10];\n"
	    "\tNEW [shape=point];\n");
	for (enum state s = ST_OFFERED; s < ST__MAX; s++)
		put(&p, "\t%s [label=\"%s\\n%s\"%s];\n", words_state(s),
		    words_state(s), words_state_nl(s),
		    words_is_live(s) ? "" : ", peripheries=2");
	for (size_t i = 0; i < n; i++)
		for (enum state s = ST_NONE; s < ST__MAX; s++)
			if ((rows[i].from & (1u << s)) != 0)
				edges_from(&p, &rows[i], s);
	put(&p, "}\n");
	return (p.len);
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
