#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life/calendar.h"
#include "map/check.h"
#include "map/csv.h"
#include "map/tell.h"

static const char *const roles[] = {NULL, "bron", "kandidaat", "houder",
    "regisseur", "bewaarder", "eerdere houder", "ter kennisgeving"};
static const char *const urgencies[] = {NULL, "kan wachten", "gewoon", "haast",
    "spoed"};

static bool
put(json_t *to, const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return (true);
	return (json_object_set_new(to, name, json_string(text)) == 0);
}

static bool
put_number(json_t *to, const char *name, uint64_t n)
{
	return (n == 0 || json_object_set_new(to, name,
	    json_integer((json_int_t)n)) == 0);
}

static bool
put_time(json_t *to, const char *name, int64_t ms)
{
	char buf[MAP_TIME];

	return (put(to, name, map_time(ms, buf)));
}

/* What happened. */
static bool
put_news(json_t *to, const struct map_news *m)
{
	const struct keten_news *n = m->news;
	const char *role = n->role >= KETEN_ORIGINATOR &&
	    n->role <= KETEN_INFORMED ? roles[n->role] : NULL;

	return (put(to, "bericht", n->text) &&
	    put(to, "stap", keten_step_name(n->step)) &&
	    put(to, "stap_naam", keten_step_label(n->step)) &&
	    put(to, "verwijzing", n->referral) &&
	    put(to, "kenmerk", m->key) && put(to, "rol", role) &&
	    put(to, "door", n->by) && put_time(to, "tijd", n->time_ms) &&
	    put_number(to, "volgnummer", n->seq) &&
	    put_number(to, "lognummer", n->index));
}

/* How it stands. */
static bool
put_referral(json_t *to, const struct map_use *use, const struct map_news *m)
{
	const struct keten_referral *r = m->r;
	const char *theirs = map_use_state(use, r->state);

	return (put(to, "status", theirs) && put(to, "toestand", r->state) &&
	    put(to, "toestand_naam", r->state_nl) && put(to, "code", r->code) &&
	    put(to, "code_naam", m->code_label[0] != '\0' ? m->code_label :
	    r->code_nl) && put(to, "gebied", r->area) &&
	    put(to, "urgentie", r->urgency >= KETEN_LOW &&
	    r->urgency <= KETEN_EMERGENT ? urgencies[r->urgency] : NULL) &&
	    put(to, "grondslag", r->basis) &&
	    put_number(to, "aantal", r->units) &&
	    put_number(to, "gedaan", r->units_done) &&
	    put_number(to, "van_totaal", r->units_total) &&
	    put(to, "frequentie", r->frequency) &&
	    put(to, "betaler", r->payer) &&
	    put_time(to, "einddatum", r->end_ms) &&
	    put(to, "bron", r->originator) && put(to, "houder", r->holder) &&
	    put(to, "regisseur", r->regisseur) &&
	    put(to, "hoort_bij", r->parent));
}

static bool
put_state(json_t *to, const struct map_news *m)
{
	const struct keten_referral *r = m->r;
	int64_t until = r->offer_until_ms > 0 ? r->offer_until_ms :
	    r->next_ms;

	return (put(to, "uitkomst", r->outcome) &&
	    put(to, "uitkomst_naam", m->outcome_label) &&
	    put(to, "reden", r->reason) &&
	    put(to, "reden_naam", m->reason_label) &&
	    put_time(to, "termijn", until) &&
	    put(to, "termijn_naam", until > 0 ? r->next_nl : NULL) &&
	    put_number(to, "versie", r->version) &&
	    put(to, "te_laat", r->overdue ? "ja" : NULL) &&
	    put(to, "intrekken_gevraagd", r->withdrawal_asked ? "ja" : NULL));
}

static bool
is_abuse(const struct map_news *m)
{
	return (m->r != NULL && strcmp(m->r->code, "SIG-303") == 0);
}

struct steps {
	const struct keten_referral *r;
	json_t *list;
	bool ok;
};

static void
add_step(void *cookie, enum keten_step step)
{
	struct steps *s = cookie;
	json_t *example = NULL, *row;

	if (!s->ok || map_example(s->r, step, &example) != ERR_OK) {
		s->ok = false;
		return;
	}
	row = json_pack("{s:s,s:s,s:o}", "stap", map_step_word(step), "naam",
	    keten_step_label(step), "voorbeeld", example);
	s->ok = row != NULL && json_array_append_new(s->list, row) == 0;
}

static bool
put_steps(json_t *to, const struct keten_referral *r)
{
	struct steps s = {r, json_array(), true};

	if (s.list == NULL)
		return (false);
	map_may(r, add_step, &s);
	if (!s.ok) {
		json_decref(s.list);
		return (false);
	}
	return (json_object_set_new(to, "mogelijk", s.list) == 0);
}

static bool
put_person(json_t *to, const char *person)
{
	json_t *p;

	if (person == NULL)
		return (true);
	p = json_loads(person, 0, NULL);
	if (p == NULL)
		p = json_string(person);
	return (p != NULL && json_object_set_new(to, "persoon", p) == 0);
}

/* The fields that JSON and CSV share. */
static json_t *
fields(const struct map_use *use, const struct map_news *m)
{
	json_t *to = json_object();
	bool ok = to != NULL && put_news(to, m);

	if (ok && m->r != NULL)
		ok = put_referral(to, use, m) && put_state(to, m);
	ok = ok && put(to, "toelichting", m->note) &&
	    put(to, "tekst", m->text) &&
	    put(to, "let_op", is_abuse(m) ? MAP_VEILIG_THUIS : NULL);
	if (!ok) {
		json_decref(to);
		return (NULL);
	}
	return (to);
}

enum err
tell_json(const struct map_use *use, const struct map_news *m, json_t **out)
{
	json_t *to = fields(use, m);

	if (to == NULL)
		return (ERR_NOMEM);
	if (!put_person(to, m->person) ||
	    (m->r != NULL && !put_steps(to, m->r))) {
		json_decref(to);
		return (ERR_NOMEM);
	}
	*out = to;
	return (ERR_OK);
}

/* Every table has the same columns, so that they can be put together. */
static const char *const columns[] = {"bericht", "stap", "stap_naam",
    "verwijzing", "kenmerk", "rol", "door", "tijd", "volgnummer", "lognummer",
    "status", "toestand", "toestand_naam", "code", "code_naam", "gebied",
    "urgentie", "grondslag", "aantal", "gedaan", "van_totaal", "frequentie",
    "betaler", "einddatum", "bron", "houder", "regisseur", "hoort_bij",
    "uitkomst", "uitkomst_naam", "reden", "reden_naam", "termijn",
    "termijn_naam", "versie", "te_laat", "intrekken_gevraagd", "toelichting",
    "tekst", "let_op"};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

static void
cell(struct csv_text *t, const json_t *value)
{
	char number[32];

	if (json_is_integer(value)) {
		(void)snprintf(number, sizeof(number),
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		csv_cell(t, number);
		return;
	}
	csv_cell(t, json_string_value(value));
}

static void
person_cells(struct csv_text *t, const char *person, bool header)
{
	json_t *p = person == NULL ? NULL : json_loads(person, 0, NULL);

	for (int i = 0; i < MAP_FIELD__MAX; i++) {
		enum map_field f = (enum map_field)i;
		const json_t *value;

		if (!map_is_personal(f))
			continue;
		value = json_object_get(p, map_field_en(f));
		if (value == NULL)
			value = json_object_get(p, map_field_name(f));
		if (header)
			csv_cell(t, map_field_name(f));
		else
			cell(t, value);
	}
	json_decref(p);
}

struct words {
	char list[512];
};

static void
add_word(void *cookie, enum keten_step step)
{
	struct words *w = cookie;
	size_t n = strlen(w->list);

	(void)snprintf(w->list + n, sizeof(w->list) - n, "%s%s",
	    n == 0 ? "" : " ", map_step_word(step));
}

enum err
tell_csv(const struct map_use *use, const struct map_news *m, char **data,
    size_t *len)
{
	struct csv_text t = {0};
	struct words w = {""};
	json_t *from = fields(use, m);

	if (from == NULL)
		return (ERR_NOMEM);
	if (m->r != NULL)
		map_may(m->r, add_word, &w);
	csv_begin(&t);
	for (size_t i = 0; i < NCOLUMNS; i++)
		csv_cell(&t, columns[i]);
	csv_cell(&t, "mogelijk");
	person_cells(&t, NULL, true);
	csv_end_row(&t);
	for (size_t i = 0; i < NCOLUMNS; i++)
		cell(&t, json_object_get(from, columns[i]));
	csv_cell(&t, w.list);
	person_cells(&t, m->person, false);
	csv_end_row(&t);
	json_decref(from);
	if (t.failed) {
		csv_text_fini(&t);
		return (ERR_NOMEM);
	}
	*data = t.p;
	*len = t.len;
	return (ERR_OK);
}
