#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/check.h"
#include "map/content.h"
#include "map/fhir/parts.h"

/* Clinical elements that stay with the sender. */
static const char *const clinical[] = {"reasonCode", "reasonReference",
    "supportingInfo", "specimen", "bodySite", "insurance", "relevantHistory",
    "encounter", "orderDetail", "asNeededCodeableConcept", "input"};

/* Our code for one coding: by system and code, by code, by system. */
static const char *
code_of_coding(const struct map_use *use, const json_t *coding)
{
	const char *system = fhir_text(coding, "system");
	const char *code = fhir_text(coding, "code");
	const char *ours;
	char both[512];

	if (code == NULL)
		return (NULL);
	if (strncmp(code, "DST-", 4) == 0 || strncmp(code, "SIG-", 4) == 0)
		return (code);
	(void)snprintf(both, sizeof(both), "%s|%s",
	    system == NULL ? "" : system, code);
	ours = map_use_value(use, MAP_CODE, both, NULL);
	if (ours == NULL)
		ours = map_use_value(use, MAP_CODE, code, NULL);
	if (ours == NULL && system != NULL) {
		(void)snprintf(both, sizeof(both), "%s|*", system);
		ours = map_use_value(use, MAP_CODE, both, NULL);
	}
	return (ours);
}

static const char *
code_of_concept(const struct map_use *use, const json_t *concept)
{
	const json_t *codings = json_object_get(concept, "coding");
	const char *text = fhir_text(concept, "text");
	const char *ours = NULL;

	for (size_t i = 0; ours == NULL && i < json_array_size(codings); i++)
		ours = code_of_coding(use, json_array_get(codings, i));
	if (ours == NULL && text != NULL)
		ours = map_use_value(use, MAP_CODE, text, NULL);
	return (ours);
}

/* What is asked, most telling first. */
static const json_t *
concept(const struct fhir_item *item, size_t i)
{
	switch (i) {
	case 0:
		return (json_object_get(item->request, "code"));
	case 1:
		return (json_object_get(item->task, "code"));
	default:
		return (fhir_at(item->request, "category", i - 2));
	}
}

#define CONCEPTS 12

enum err
fhir_code(const struct map_use *use, const struct fhir_item *item,
    struct map_order *o, struct map_trouble *trouble)
{
	const char *element = item->request != NULL ? "ServiceRequest.code" :
	    "Task.code";
	const char *ours = map_get(o, MAP_CODE);
	const char *text = NULL;
	char quote[MAP_QUOTE];

	for (size_t i = 0; ours == NULL && i < CONCEPTS; i++)
		ours = code_of_concept(use, concept(item, i));
	if (ours == NULL)
		ours = map_use_default_of(use, MAP_CODE, NULL);
	if (ours != NULL && strcmp(ours, "-") != 0)
		return (map_set(o, MAP_CODE, ours));

	for (size_t i = 0; text == NULL && i < CONCEPTS; i++)
		text = fhir_concept_text(concept(item, i));
	if (text == NULL)
		return (map_fail(trouble, "%s ontbreekt: zonder code weet "
		    "Keten niet wat er gevraagd wordt.", element));
	return (map_fail(trouble, "%s '%s' staat niet in de tabel. Zet een "
	    "regel in de eigen tabel: code;<hun code>;<DST-...>.", element,
	    map_quote(text, quote)));
}

static enum err
put_priority(const struct map_use *use, const struct fhir_item *item,
    struct map_order *o, struct map_trouble *trouble)
{
	static const char *const known[] = {"routine", "urgent", "asap",
	    "stat"};
	const char *p = fhir_text(item->task, "priority");
	const char *element = "Task.priority";
	const char *ours;
	char quote[MAP_QUOTE];

	if (p == NULL) {
		element = "ServiceRequest.priority";
		p = fhir_text(item->request, "priority");
	}
	if (p == NULL || map_get(o, MAP_URGENCY) != NULL)
		return (ERR_OK);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], p) == 0) {
			ours = map_use_value(use, MAP_URGENCY, p, NULL);
			return (map_set(o, MAP_URGENCY,
			    ours != NULL ? ours : "NORMAL"));
		}
	return (map_fail(trouble, "%s '%s' bestaat niet in FHIR R4.", element,
	    map_quote(p, quote)));
}

/* An end date that has passed says nothing about what is asked today. */
static enum err
put_end(const struct fhir_item *item, int64_t now_ms, struct map_order *o)
{
	static const char *const paths[] = {"occurrencePeriod.end",
	    "occurrenceTiming.repeat.boundsPeriod.end"};
	const char *code = map_get(o, MAP_CODE);
	const char *end = json_string_value(
	    fhir_path(item->task, "restriction.period.end"));
	char iso[11];

	for (size_t i = 0; end == NULL && i < 2; i++)
		end = json_string_value(fhir_path(item->request, paths[i]));
	if (end == NULL || (code != NULL && strncmp(code, "SIG", 3) == 0))
		return (ERR_OK);
	if (!map_date_iso(end, iso) || map_date_ms(iso, true) <= now_ms)
		return (content_left_out(o, "einddatum-in-het-verleden"));
	return (map_set(o, MAP_END, iso));
}

static enum err
put_number(struct map_order *o, enum map_field field, const json_t *value)
{
	char text[24];
	double n = json_number_value(value);

	if (!json_is_number(value) || n < 1 || n > 100000 ||
	    map_get(o, field) != NULL)
		return (ERR_OK);
	(void)snprintf(text, sizeof(text), "%d", (int)n);
	return (map_set(o, field, text));
}

static enum err
put_timing(const json_t *request, struct map_order *o)
{
	static const struct {
		const char *unit;
		int period;
		const char *ours;
	} units[] = {{"d", 1, "day"}, {"d", 7, "week"}, {"wk", 1, "week"},
	    {"mo", 1, "month"}};
	const json_t *r = fhir_path(request, "occurrenceTiming.repeat");
	const char *unit = fhir_text(r, "periodUnit");
	double period = json_number_value(json_object_get(r, "period"));
	json_int_t times = json_integer_value(json_object_get(r, "frequency"));
	char text[24];

	for (size_t i = 0; unit != NULL &&
	     i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].unit) != 0 || times > 99 ||
		    (int)period != units[i].period || map_get(o, MAP_FREQUENCY))
			continue;
		(void)snprintf(text, sizeof(text), "%d/%s",
		    times < 1 ? 1 : (int)times, units[i].ours);
		return (map_set(o, MAP_FREQUENCY, text));
	}
	return (ERR_OK);
}

static enum err
put_amount(const struct fhir_item *item, struct map_order *o)
{
	enum err err;

	err = put_number(o, MAP_UNITS, fhir_path(item->request,
	    "quantityQuantity.value"));
	if (err == ERR_OK)
		err = put_number(o, MAP_UNITS, fhir_path(item->request,
		    "occurrenceTiming.repeat.count"));
	if (err == ERR_OK)
		err = put_number(o, MAP_UNITS, fhir_path(item->task,
		    "restriction.repetitions"));
	if (err == ERR_OK)
		err = put_timing(item->request, o);
	return (err);
}

static const char *
asked(const struct fhir_item *item)
{
	const char *text = NULL;

	for (size_t i = 0; text == NULL && i < CONCEPTS; i++)
		text = fhir_concept_text(concept(item, i));
	return (text);
}

/*
 * The note for candidates: what is asked, in the sender's own words, unless
 * these say who it is about.
 */
static enum err
put_note(const struct fhir_item *item, struct map_order *o)
{
	const char *text = asked(item);
	struct map_trouble why;
	char note[280];
	enum err err;

	if (text == NULL || map_get(o, MAP_NOTE) != NULL)
		return (ERR_OK);
	(void)snprintf(note, sizeof(note), "Gevraagd: %.200s", text);
	/* A character of several bytes may have been cut in two. */
	while (note[0] != '\0' && strlen(text) > 200 &&
	    ((unsigned char)note[strlen(note) - 1] & 0x80) != 0)
		note[strlen(note) - 1] = '\0';
	err = map_gives_away(o, note, &why);
	if (err == ERR_MALFORMED)
		return (content_left_out(o, "code.text-in-de-toelichting"));
	return (err == ERR_OK ? map_set(o, MAP_NOTE, note) : err);
}

static enum err
put_notes(const json_t *from, struct map_order *o)
{
	const json_t *notes = json_object_get(from, "note");
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < json_array_size(notes); i++)
		err = map_append(o, MAP_STORY, "\n",
		    fhir_text(json_array_get(notes, i), "text"));
	return (err);
}

static enum err
put_story(const struct fhir_item *item, struct map_order *o)
{
	const json_t *by = json_object_get(item->request, "requester");
	enum err err;

	if (by == NULL)
		by = json_object_get(item->task, "requester");
	err = map_append(o, MAP_STORY, "\n", asked(item));
	if (err == ERR_OK)
		err = map_append(o, MAP_STORY, "\n",
		    fhir_text(item->task, "description"));
	if (err == ERR_OK)
		err = map_append(o, MAP_STORY, "\n",
		    fhir_text(item->request, "patientInstruction"));
	if (err == ERR_OK)
		err = put_notes(item->task, o);
	if (err == ERR_OK)
		err = put_notes(item->request, o);
	if (err == ERR_OK && fhir_text(by, "display") != NULL) {
		err = map_append(o, MAP_STORY, "\n", "Aangevraagd door:");
		if (err == ERR_OK)
			err = map_append(o, MAP_STORY, " ",
			    fhir_text(by, "display"));
	}
	return (err);
}

/* Say what stays behind, so that nobody thinks it went along. */
static enum err
name_left_out(const json_t *from, struct map_order *o)
{
	const json_t *in = json_object_get(from, "contained");
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK &&
	     i < sizeof(clinical) / sizeof(clinical[0]); i++)
		if (json_object_get(from, clinical[i]) != NULL)
			err = content_left_out(o, clinical[i]);
	for (size_t i = 0; err == ERR_OK && i < json_array_size(in); i++) {
		const char *type = fhir_text(json_array_get(in, i),
		    "resourceType");

		if (type == NULL || strcmp(type, "Patient") == 0 ||
		    strcmp(type, "ServiceRequest") == 0 || strlen(type) > 60 ||
		    fhir_is_clinical(json_array_get(in, i)))
			continue;
		err = content_left_out(o, type);
	}
	return (err);
}

enum err
fhir_request(const struct map_use *use, const struct fhir_item *item,
    int64_t now_ms, struct map_order *o, struct map_trouble *trouble)
{
	enum err err;

	err = put_priority(use, item, o, trouble);
	if (err == ERR_OK)
		err = put_end(item, now_ms, o);
	if (err == ERR_OK)
		err = put_amount(item, o);
	if (err == ERR_OK)
		err = put_story(item, o);
	if (err == ERR_OK)
		err = put_note(item, o);
	if (err == ERR_OK)
		err = name_left_out(item->task, o);
	if (err == ERR_OK)
		err = name_left_out(item->request, o);
	return (err);
}
