/*
 * sheet_write -- a report of figures as lines of JSON and as a table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "core/csvout.h"
#include "core/sheet_in.h"

#define NOT_MAX 256

static const char *
name_of(enum sheet_what what)
{
	return (what == SHEET_GAPS ? "gaps" : "figures");
}

/* --- JSON: one object per line ------------------------------------------------- */

static void
dump(const struct sheet *s, json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		(void)fprintf(s->to, "%s\n", text);
	free(text);
	json_decref(j);
}

static void
json_head(const struct sheet *s)
{
	const struct sheet_ask *ask = s->ask;
	json_t *j = json_pack("{s:s, s:i, s:s, s:s}", "report",
	    name_of(ask->what), "version", 1, "origin", ask->origin, "period",
	    ask->period->text);

	if (!org_is_none(&ask->who))
		(void)json_object_set_new(j, "for",
		    json_string(ask->who.id));
	dump(s, j);
}

void
sheet_json(const struct sheet *s)
{
	json_t *list = json_array();
	char text[NOT_MAX];

	json_head(s);
	for (size_t i = 0; i < s->n; i++) {
		const struct sheet_cell *c = &s->cells[i];
		json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I}", "area",
		    c->area, "group", c->group, "figure",
		    sheet_family(c->family)->name, "key", c->key, "n",
		    (json_int_t)c->n);

		if (c->month[0] != '\0')
			(void)json_object_set_new(j, "month",
			    json_string(c->month));
		dump(s, j);
	}
	for (size_t i = 0; sheet_not(s, i, text, sizeof(text)); i++)
		(void)json_array_append_new(list, json_string(text));
	dump(s, json_pack("{s:o}", "not_counted", list));
}

/* --- a table ---------------------------------------------------------------------- */

#define CELLS 10

static void
csv_row(const struct sheet *s, const char *const cells[CELLS])
{
	csvout_row(s->to, cells, CELLS);
}

void
sheet_csv(const struct sheet *s)
{
	static const char *const names[CELLS] = { "periode", "maand",
		"gebied", "naam gebied", "groep", "naam groep", "cijfer",
		"wat", "naam", "aantal" };
	char n[16], text[NOT_MAX];

	csvout_begin(s->to);
	csv_row(s, names);
	for (size_t i = 0; i < s->n; i++) {
		const struct sheet_cell *c = &s->cells[i];
		const char *cells[CELLS] = { s->ask->period->text, c->month,
			c->area, sheet_label(s, c->area), c->group,
			sheet_label(s, c->group),
			sheet_family(c->family)->label, c->key,
			sheet_label(s, c->key), n };

		(void)snprintf(n, sizeof(n), "%" PRIu32, c->n);
		csv_row(s, cells);
	}
	for (size_t i = 0; sheet_not(s, i, text, sizeof(text)); i++) {
		const char *cells[CELLS] = { s->ask->period->text, NULL, NULL,
			NULL, NULL, NULL, "niet geteld", NULL, text, NULL };

		csv_row(s, cells);
	}
}
