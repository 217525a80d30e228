/*
 * sheet_text -- a report of figures for people.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/figures.h"
#include "core/sheet_in.h"

#define FAMILY(name) KETEN__V1__REPORT_FAMILY__REPORT_##name
#define NOT_MAX 256

/* --- cells ---------------------------------------------------------------------- */

static void
print_cell(const struct sheet *s, const struct sheet_cell *c)
{
	const char *label = sheet_label(s, c->key);

	(void)fprintf(s->to, "    %-34s %6" PRIu32 "%s  %s%s%s%s\n",
	    sheet_family(c->family)->label, c->n,
	    figures_is_count(c->family) ? "  " : " u", c->key,
	    c->key[0] != '\0' && label[0] != '\0' ? " " : "", label,
	    c->month);
}

static void
print_head(const struct sheet *s, const char *what, int indent,
    const char *code)
{
	const char *label = sheet_label(s, code);

	(void)fprintf(s->to, "%s%*s%s%s%s\n", what, indent, "", code,
	    label[0] == '\0' ? "" : "  ", label);
}

static void
print_cells(const struct sheet *s)
{
	const char *area = "", *group = "";

	for (size_t i = 0; i < s->n; i++) {
		const struct sheet_cell *c = &s->cells[i];

		if (strcmp(area, c->area) != 0) {
			print_head(s, "\n", 0, c->area);
			group = "";
		}
		if (strcmp(group, c->group) != 0)
			print_head(s, "", 2, c->group);
		area = c->area;
		group = c->group;
		print_cell(s, c);
	}
	if (s->n == 0)
		(void)fprintf(s->to, "\nEr is niets dat vaak genoeg voorkwam "
				     "om te noemen.\n");
}

/* --- totals: sums of the numbers above ------------------------------------------------ */

/* Known to help already: that is counted apart, behind the real outcomes. */
static bool
is_apart(const struct sheet_cell *c)
{
	return (c->family == FAMILY(OUTCOME) &&
	    strcmp(c->key, FIGURES_KNOWN) == 0);
}

static int
by_key(const void *a, const void *b)
{
	const struct sheet_cell *x = *(const struct sheet_cell *const *)a;
	const struct sheet_cell *y = *(const struct sheet_cell *const *)b;

	if (x->family != y->family)
		return (x->family < y->family ? -1 : 1);
	if (is_apart(x) != is_apart(y))
		return (is_apart(x) ? 1 : -1);
	return (strcmp(x->key, y->key));
}

static const char *
heading(const struct sheet_cell *c)
{
	return (is_apart(c) ? "apart: bleek al bekend bij hulp"
			    : sheet_family(c->family)->total);
}

static void
print_total(const struct sheet *s, const struct sheet_cell *c, uint64_t sum)
{
	(void)fprintf(s->to, "    %8" PRIu64 "  %s%s%s\n", sum, c->key,
	    c->key[0] == '\0' ? "" : "  ", sheet_label(s, c->key));
}

/* ${list} is in order of family and key. */
static void
print_totals(const struct sheet *s, const struct sheet_cell *const *list)
{
	const char *last = "";
	uint64_t sum;

	(void)fprintf(s->to, "\nTotalen: opgeteld uit de getallen hierboven\n");
	for (size_t i = 0; i < s->n;) {
		const struct sheet_cell *c = list[i];

		for (sum = 0; i < s->n && by_key(&c, &list[i]) == 0; i++)
			sum += list[i]->n;
		if (heading(c) == NULL)
			continue;
		if (strcmp(last, heading(c)) != 0)
			(void)fprintf(s->to, "  %s\n", heading(c));
		last = heading(c);
		print_total(s, c, sum);
	}
}

static uint64_t
sum_of(const struct sheet *s, Keten__V1__ReportFamily family,
    const char *key)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->cells[i].family == family &&
		    strcmp(s->cells[i].key, key) == 0)
			sum += s->cells[i].n;
	return (sum);
}

/* How often each partner took what it was offered. */
static void
print_rates(const struct sheet *s, const struct sheet_cell *const *list)
{
	const char *who = "";
	bool begun = false;

	for (size_t i = 0; i < s->n; i++) {
		uint64_t yes, no;

		if ((list[i]->family != FAMILY(ACCEPTED) &&
		    list[i]->family != FAMILY(PASSED)) ||
		    strcmp(who, list[i]->key) == 0)
			continue;
		who = list[i]->key;
		yes = sum_of(s, FAMILY(ACCEPTED), who);
		no = sum_of(s, FAMILY(PASSED), who);
		/* Who accepted something, came by already. */
		if (list[i]->family == FAMILY(PASSED) && yes > 0)
			continue;
		if (!begun)
			(void)fprintf(s->to, "  aangenomen deel van de "
			    "aanbiedingen, per partner\n");
		begun = true;
		(void)fprintf(s->to, "    %7" PRIu64 "%%  %s  %s\n",
		    (100 * yes + (yes + no) / 2) / (yes + no), who,
		    sheet_label(s, who));
	}
}

static void
print_sums(const struct sheet *s)
{
	const struct sheet_cell **list = calloc(s->n + 1, sizeof(*list));

	if (list == NULL) {
		(void)fprintf(s->to, "\nTotalen: er was geen geheugen\n");
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		list[i] = &s->cells[i];
	qsort(list, s->n, sizeof(*list), by_key);
	print_totals(s, list);
	if (s->ask->what == SHEET_FIGURES)
		print_rates(s, list);
	free(list);
}

/* --- all of it ---------------------------------------------------------------------------- */

void
sheet_text(const struct sheet *s)
{
	const struct sheet_ask *ask = s->ask;
	char label[32], text[NOT_MAX];

	(void)fprintf(s->to, "%s over %s (%s)\nLogboek %s%s%s\n",
	    ask->what == SHEET_GAPS ? "Gaten in het aanbod" : "Cijfers",
	    period_label(ask->period, label, sizeof(label)),
	    ask->period->text, ask->origin,
	    org_is_none(&ask->who) ? "" : ", voor ", ask->who.id);
	(void)fprintf(s->to, "Elk aantal is afgerond op 5; wat daarbij 0 "
	    "wordt staat er niet.\nDoorlooptijden zijn in werkuren (u)%s.\n",
	    ask->period->n > 1 ? ", per maand" : "");
	print_cells(s);
	if (s->n > 0)
		print_sums(s);
	(void)fprintf(s->to, "\nNiet geteld\n");
	for (size_t i = 0; sheet_not(s, i, text, sizeof(text)); i++)
		(void)fprintf(s->to, "  - %s\n", text);
}
