/*
 * entry -- an entry of the catalogue as JSON, and as the library shows it.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/entry_in.h"

/* ---- as JSON ------------------------------------------------------------------- */

/* Add a member; nothing if it says nothing. */
static bool
put_text(json_t *o, const char *name, const char *text)
{
	return (text == NULL || text[0] == '\0' ||
	    json_object_set_new(o, name, json_string(text)) == 0);
}

static bool
put_number(json_t *o, const char *name, int64_t n)
{
	return (n == 0 ||
	    json_object_set_new(o, name, json_integer((json_int_t)n)) == 0);
}

static bool
put_list(json_t *o, const char *name, const char *const *list)
{
	json_t *v;

	if (list == NULL || list[0] == NULL)
		return (true);
	v = json_array();
	for (; v != NULL && *list != NULL; list++)
		if (json_array_append_new(v, json_string(*list)) != 0) {
			json_decref(v);
			return (false);
		}
	return (json_object_set_new(o, name, v) == 0);
}

static bool
put_urgencies(json_t *o, uint32_t bits)
{
	const char *list[KETEN_EMERGENT + 1];
	size_t n = 0;

	for (int u = KETEN_LOW; u <= KETEN_EMERGENT; u++)
		if ((bits >> u & 1) != 0)
			list[n++] = entry_urgency_word((enum keten_urgency)u);
	list[n] = NULL;
	return (put_list(o, "urgencies", list));
}

static bool
put_cost(json_t *o, uint32_t cents)
{
	char euros[32];

	(void)snprintf(euros, sizeof(euros), "%u,%02u", cents / 100,
	    cents % 100);
	return (cents == 0 || put_text(o, "cost", euros));
}

char *
entry_write(const struct keten_entry *e)
{
	json_t *o = json_object();
	char *text = NULL;

	if (o != NULL && put_text(o, "service", e->service) &&
	    put_text(o, "name", e->name) && put_text(o, "status", e->status) &&
	    put_text(o, "capacity", entry_capacity_word(e->capacity)) &&
	    put_number(o, "capacity_since", e->capacity_ms) &&
	    put_list(o, "areas", e->areas) &&
	    put_list(o, "conditions", e->conditions) &&
	    put_number(o, "age_from", e->age_from) &&
	    put_number(o, "age_until", e->age_until) &&
	    put_cost(o, e->cost_cents) && put_text(o, "unit", e->unit) &&
	    put_list(o, "hours", e->hours) && put_list(o, "bases", e->bases) &&
	    put_urgencies(o, e->urgencies) &&
	    put_number(o, "checked", e->checked_ms) &&
	    put_text(o, "checked_by", e->checked_by))
		text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return (text);
}

/* ---- as the library shows it ---------------------------------------------------- */

static const char *const *
show_list(struct arena *a, char *const *list, size_t n)
{
	const char **out = arena_zero(a, n + 1, sizeof(*out));

	for (size_t i = 0; out != NULL && i < n; i++)
		out[i] = list[i];
	return (out);
}

enum err
entry_show(struct arena *a, const Keten__V1__CatalogueEntry *from,
    struct keten_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->service = from->service;
	e->name = from->name;
	e->status = from->status;
	e->capacity = (enum keten_capacity)from->capacity;
	e->capacity_ms = from->capacity_ms;
	e->areas = show_list(a, from->areas, from->n_areas);
	e->conditions = show_list(a, from->conditions, from->n_conditions);
	e->age_from = from->age_from;
	e->age_until = from->age_until;
	e->cost_cents = from->cost_cents;
	e->unit = from->unit;
	e->hours = show_list(a, from->hours, from->n_hours);
	e->bases = show_list(a, from->bases, from->n_bases);
	for (size_t i = 0; i < from->n_urgencies; i++)
		e->urgencies |= UINT32_C(1) << ((unsigned)from->urgencies[i] & 31);
	e->checked_ms = from->checked_ms;
	e->checked_by = from->checked_by;
	return (e->areas == NULL || e->conditions == NULL ||
	    e->hours == NULL || e->bases == NULL ? ERR_NOMEM : ERR_OK);
}
