/*
 * entry -- an entry of the catalogue between JSON and what is signed.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "life/calendar.h"
#include "policy/supply.h"
#include "sdk/entry_in.h"
#include "sdk/notecheck.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* An entry being read. */
struct reading {
	struct arena *a;
	Keten__V1__CatalogueEntry *e;
	char *why;
};

static MUST_CHECK enum err no(const struct reading *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static enum err
no(const struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r->why, ENTRY_WHY, fmt, ap);
	va_end(ap);
	return (ERR_MALFORMED);
}

/* ---- words with a number --------------------------------------------------- */

struct word {
	const char *nl;
	const char *en;
	int value;
};

static const struct word capacities[] = {
	{ "ja", "HAS", KETEN_HAS },
	{ "plek", "has", KETEN_HAS },
	{ "nee", "NONE", KETEN_NONE },
	{ "geen", "none", KETEN_NONE },
	{ "wachtlijst", "WAITING_LIST", KETEN_WAITING_LIST },
	{ "beoordeling", "ASSESS_FIRST", KETEN_ASSESS_FIRST },
	{ NULL, NULL, 0 },
};

static const struct word urgencies[] = {
	{ "laag", "LOW", KETEN_LOW },
	{ "normaal", "NORMAL", KETEN_NORMAL },
	{ "hoog", "HIGH", KETEN_HIGH },
	{ "spoed", "EMERGENT", KETEN_EMERGENT },
	{ NULL, NULL, 0 },
};

static const struct word statuses[] = {
	{ "actief", SUPPLY_ACTIVE, 0 },
	{ "gesloten", SUPPLY_CLOSED, 1 },
	{ "vervallen", SUPPLY_WITHDRAWN, 2 },
	{ NULL, NULL, 0 },
};

static const struct word *
word_of(const struct word *list, const char *text)
{
	for (; list->nl != NULL; list++)
		if (strcasecmp(list->nl, text) == 0 ||
		    strcasecmp(list->en, text) == 0)
			return (list);
	return (NULL);
}

static const char *
word_for(const struct word *list, int value)
{
	for (; list->nl != NULL; list++)
		if (list->value == value)
			return (list->en);
	return (NULL);
}

const char *
entry_capacity_word(enum keten_capacity capacity)
{
	return (word_for(capacities, (int)capacity));
}

const char *
entry_urgency_word(enum keten_urgency urgency)
{
	return (word_for(urgencies, (int)urgency));
}

/* ---- values ----------------------------------------------------------------- */

/* The text of a value; "" if it is none, or empty. */
static MUST_CHECK enum err
text_of(const struct reading *r, const json_t *v, const char *name,
    const char **out)
{
	char digits[32];

	*out = "";
	if (json_is_null(v))
		return (ERR_OK);
	if (json_is_integer(v)) {
		(void)snprintf(digits, sizeof(digits), "%lld",
		    (long long)json_integer_value(v));
		*out = arena_text(r->a, slice_str(digits));
	} else if (json_is_real(v)) {
		(void)snprintf(digits, sizeof(digits), "%.2f",
		    json_real_value(v));
		*out = arena_text(r->a, slice_str(digits));
	} else if (json_is_string(v)) {
		*out = arena_text(r->a, slice_str(json_string_value(v)));
	} else {
		return (no(r, "'%s' is geen tekst of getal.", name));
	}
	return (*out == NULL ? ERR_NOMEM : ERR_OK);
}

/* Without the spaces around it. */
static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	return (text);
}

#define LIST_MAX 64

/* "a, b" as a list of its own. */
static MUST_CHECK enum err
split(const struct reading *r, const char *name, const char *text,
    char **list, size_t *n)
{
	char *copy = arena_text(r->a, slice_str(text)), *save = NULL;

	if (copy == NULL)
		return (ERR_NOMEM);
	for (char *p = strtok_r(copy, ",;|\n", &save); p != NULL;
	     p = strtok_r(NULL, ",;|\n", &save)) {
		p = trim(p);
		if (*p == '\0')
			continue;
		if (*n == LIST_MAX)
			return (no(r, "'%s' heeft er meer dan %d.", name,
			    LIST_MAX));
		list[(*n)++] = p;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
list_of(const struct reading *r, const json_t *v, const char *name,
    char ***out, size_t *n)
{
	char **list = arena_zero(r->a, LIST_MAX, sizeof(*list));
	const char *text;
	enum err err = list == NULL ? ERR_NOMEM : ERR_OK;

	*n = 0;
	if (err == ERR_OK && !json_is_array(v)) {
		err = text_of(r, v, name, &text);
		if (err == ERR_OK)
			err = split(r, name, text, list, n);
	}
	for (size_t i = 0; err == ERR_OK && i < json_array_size(v); i++) {
		err = text_of(r, json_array_get(v, i), name, &text);
		if (err == ERR_OK)
			err = split(r, name, text, list, n);
	}
	*out = list;
	return (err);
}

/* A whole number from 0 up. */
static MUST_CHECK enum err
number_of(const struct reading *r, const char *text, const char *name,
    uint32_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n > 1000000)
		return (no(r, "'%s' is een geheel getal, niet '%.40s'.", name,
		    text));
	*out = (uint32_t)n;
	return (ERR_OK);
}

/* "12", "12,50" or "12.5" euros as cents. */
static MUST_CHECK enum err
cents_of(const struct reading *r, const char *text, const char *name,
    uint32_t *out)
{
	char *end;
	unsigned long euros = strtoul(text, &end, 10), cents = 0;

	if (*text < '0' || *text > '9' || euros > 40000)
		end = NULL;
	else if (*end == ',' || *end == '.') {
		char *from = ++end;

		cents = strtoul(from, &end, 10);
		if (end == from || end - from > 2 || *from == '-')
			end = NULL;
		else if (end - from == 1)
			cents *= 10;
	}
	if (end == NULL || *end != '\0')
		return (no(r, "'%s' is een bedrag in euro, zoals 12,50; niet "
		    "'%.40s'.", name, text));
	*out = (uint32_t)(euros * 100 + cents);
	return (ERR_OK);
}

/* "2026-08-31" or "31-08-2026"; a number of more digits is ms since 1970. */
static MUST_CHECK enum err
date_of(const struct reading *r, const char *text, const char *name,
    int64_t *out)
{
	char iso[16];
	struct cal_date d;
	char *end;
	long long ms;

	if (strlen(text) == 10 && text[2] == '-' && text[5] == '-')
		(void)snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2s", text + 6,
		    text + 3, text);
	else
		(void)snprintf(iso, sizeof(iso), "%.15s", text);
	ms = strtoll(text, &end, 10);
	if (cal_date_read(iso, &d))
		*out = cal_midnight(d);
	else if (strlen(text) > 10 && *end == '\0' && ms > 0)
		*out = (int64_t)ms;
	else
		return (no(r, "'%s' is een datum als 2026-08-31, niet "
		    "'%.40s'.", name, text));
	return (ERR_OK);
}

static MUST_CHECK enum err
urgencies_of(const struct reading *r, const json_t *v, const char *name)
{
	Keten__V1__Urgency *list = arena_zero(r->a, 4, sizeof(*list));
	char **texts;
	size_t n;
	enum err err = list_of(r, v, name, &texts, &n);

	if (err != ERR_OK || list == NULL)
		return (err != ERR_OK ? err : ERR_NOMEM);
	r->e->urgencies = list;
	for (size_t i = 0; i < n; i++) {
		const struct word *w = word_of(urgencies, texts[i]);

		if (w == NULL || i == 4)
			return (no(r, "'%s' is laag, normaal, hoog of spoed, "
			    "met komma's; niet '%.40s'.", name, texts[i]));
		list[r->e->n_urgencies++] = (Keten__V1__Urgency)w->value;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
capacity_of(const struct reading *r, const char *text, const char *name)
{
	const struct word *w = word_of(capacities, text);

	if (w == NULL)
		return (no(r, "'%s' is ja, nee, wachtlijst of beoordeling; "
		    "niet '%.40s'.", name, text));
	r->e->capacity = (Keten__V1__Capacity)w->value;
	return (ERR_OK);
}

static MUST_CHECK enum err
status_of(const struct reading *r, const char *text, const char *name)
{
	const struct word *w = word_of(statuses, text);

	if (w == NULL)
		return (no(r, "'%s' is actief, gesloten of vervallen; niet "
		    "'%.40s'.", name, text));
	r->e->status = pb_string(w->en);
	return (ERR_OK);
}

static MUST_CHECK enum err
name_of(const struct reading *r, const char *text)
{
	char why[NOTECHECK_WHY];
	enum err err = notecheck_public(text, why);

	if (err == ERR_NOT_ALLOWED)
		(void)snprintf(r->why, ENTRY_WHY, "%s", why);
	r->e->name = pb_string(text);
	return (err);
}

/* ---- members ------------------------------------------------------------------ */

enum what { SERVICE, NAME, STATUS, CAPACITY, SINCE, AREAS, CONDITIONS, FROM,
	UNTIL, COST, UNIT, HOURS, BASES, URGENCIES, CHECKED, BY };

static const struct {
	const char *en;
	const char *nl;
	enum what what;
} members[] = {
	{ "service", "dienst", SERVICE },
	{ "code", "code", SERVICE },
	{ "name", "naam", NAME },
	{ "status", "status", STATUS },
	{ "capacity", "capaciteit", CAPACITY },
	{ "capacity_since", "capaciteit_sinds", SINCE },
	{ "areas", "gebieden", AREAS },
	{ "area", "gebied", AREAS },
	{ "conditions", "voorwaarden", CONDITIONS },
	{ "age_from", "leeftijd_vanaf", FROM },
	{ "age_until", "leeftijd_tot", UNTIL },
	{ "cost", "kosten", COST },
	{ "unit", "eenheid", UNIT },
	{ "hours", "openingstijden", HOURS },
	{ "bases", "grondslagen", BASES },
	{ "urgencies", "urgenties", URGENCIES },
	{ "checked", "nagekeken", CHECKED },
	{ "checked_by", "nagekeken_door", BY },
};

#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

/* Upper or lower case, with ' ' or '-' for '_'. */
static bool
same_word(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		char x = *a == ' ' || *a == '-' ? '_' : *a;

		if (x >= 'A' && x <= 'Z')
			x = (char)(x | 0x20);
		if (x != *b)
			return (false);
	}
	return (*a == *b);
}

static bool
is_list(enum what what)
{
	return (what == AREAS || what == CONDITIONS || what == HOURS ||
	    what == BASES || what == URGENCIES);
}

static MUST_CHECK enum err
read_list(struct reading *r, enum what what, const char *name, const json_t *v)
{
	Keten__V1__CatalogueEntry *e = r->e;

	if (what == AREAS)
		return (list_of(r, v, name, &e->areas, &e->n_areas));
	if (what == CONDITIONS)
		return (list_of(r, v, name, &e->conditions,
		    &e->n_conditions));
	if (what == HOURS)
		return (list_of(r, v, name, &e->hours, &e->n_hours));
	if (what == BASES)
		return (list_of(r, v, name, &e->bases, &e->n_bases));
	return (urgencies_of(r, v, name));
}

static MUST_CHECK enum err
read_value(struct reading *r, enum what what, const char *name,
    const char *text)
{
	Keten__V1__CatalogueEntry *e = r->e;

	switch (what) {
	case SERVICE:
		e->service = pb_string(text);
		return (ERR_OK);
	case NAME:
		return (name_of(r, text));
	case STATUS:
		return (status_of(r, text, name));
	case CAPACITY:
		return (capacity_of(r, text, name));
	case SINCE:
		return (date_of(r, text, name, &e->capacity_ms));
	case FROM:
		return (number_of(r, text, name, &e->age_from));
	case UNTIL:
		return (number_of(r, text, name, &e->age_until));
	case COST:
		return (cents_of(r, text, name, &e->cost_cents));
	case UNIT:
		e->unit = pb_string(text);
		return (ERR_OK);
	case CHECKED:
		return (date_of(r, text, name, &e->checked_ms));
	case BY:
		e->checked_by = pb_string(text);
		return (ERR_OK);
	case AREAS:
	case CONDITIONS:
	case HOURS:
	case BASES:
	case URGENCIES:
		break;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
read_member(struct reading *r, const char *name, const json_t *v)
{
	size_t i = 0;
	const char *text;
	enum err err;

	while (i < N_MEMBERS && !same_word(name, members[i].en) &&
	    !same_word(name, members[i].nl))
		i++;
	if (i == N_MEMBERS)
		return (no(r, "'%.40s' is geen veld van een vermelding op de "
		    "sociale kaart.", name));
	if (is_list(members[i].what))
		return (read_list(r, members[i].what, name, v));
	err = text_of(r, v, name, &text);
	if (err != ERR_OK || text[0] == '\0')
		return (err);
	return (read_value(r, members[i].what, name, text));
}

/* What was not said, and what may not be missing. */
static MUST_CHECK enum err
complete(struct reading *r, const struct entry_now *now)
{
	Keten__V1__CatalogueEntry *e = r->e;
	const char *rule = "";

	if (e->service[0] == '\0')
		return (no(r, "Noem de dienst (dienst), zoals DST-101."));
	if (e->status[0] == '\0')
		e->status = pb_string(SUPPLY_ACTIVE);
	if (strcmp(e->status, SUPPLY_WITHDRAWN) == 0 && e->capacity == 0)
		e->capacity = KETEN__V1__CAPACITY__NONE;
	if (e->capacity == 0)
		return (no(r, "Zeg of er plek is (capaciteit): ja, nee, "
		    "wachtlijst of beoordeling."));
	if (e->capacity_ms == 0)
		e->capacity_ms = now->now_ms;
	if (e->checked_ms == 0)
		e->checked_ms = now->now_ms;
	if (e->checked_by[0] == '\0')
		e->checked_by = pb_string(now->actor);
	if (statement_check_entry(e, &rule) != ERR_OK)
		return (no(r, "De vermelding van %.16s klopt niet (%s).",
		    e->service, rule));
	return (ERR_OK);
}

enum err
entry_read(struct arena *a, const char *json, const struct entry_now *now,
    Keten__V1__CatalogueEntry **entry, char why[ENTRY_WHY])
{
	struct reading r = { .a = a, .why = why,
		.e = arena_zero(a, 1, sizeof(*r.e)) };
	json_t *o, *v;
	const char *name;
	enum err err = ERR_OK;

	if (r.e == NULL)
		return (ERR_NOMEM);
	keten__v1__catalogue_entry__init(r.e);
	o = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(o)) {
		json_decref(o);
		return (no(&r, "De vermelding is geen JSON-object."));
	}
	json_object_foreach(o, name, v) {
		err = read_member(&r, name, v);
		if (err != ERR_OK)
			break;
	}
	json_decref(o);
	if (err == ERR_OK)
		err = complete(&r, now);
	if (err == ERR_OK)
		*entry = r.e;
	return (err);
}

enum err
entry_check(struct arena *a, const char *json, char why[ENTRY_WHY])
{
	const struct entry_now now = { .now_ms = 1, .actor = NULL };
	Keten__V1__CatalogueEntry *e;
	size_t mark = arena_used(a);
	enum err err = entry_read(a, json, &now, &e, why);

	arena_rewind(a, mark);
	return (err);
}
