#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/content.h"
#include "map/fhir/parts.h"

/* Elements of the person that never go along. */
static const char *const left_out[] = {"maritalStatus", "generalPractitioner",
    "deceasedBoolean", "deceasedDateTime"};

static enum err
name_of(const json_t *name, struct map_order *o, enum map_field field)
{
	enum err err = ERR_OK;
	const json_t *given = json_object_get(name, "given");

	if (fhir_text(name, "text") != NULL)
		return (map_set(o, field, fhir_text(name, "text")));
	for (size_t i = 0; err == ERR_OK && i < json_array_size(given); i++)
		err = map_append(o, field, " ",
		    json_string_value(json_array_get(given, i)));
	if (err == ERR_OK)
		err = map_append(o, field, " ", fhir_text(name, "family"));
	return (err);
}

/* The name that is used: not a maiden name, an old one or a nickname. */
static const json_t *
best_name(const json_t *patient)
{
	const json_t *names = json_object_get(patient, "name");
	const json_t *first = json_array_get(names, 0);

	for (size_t i = 0; i < json_array_size(names); i++) {
		const json_t *name = json_array_get(names, i);
		const char *use = fhir_text(name, "use");

		if (use != NULL && strcmp(use, "official") == 0)
			return (name);
	}
	return (first);
}

/* "Van Egmondkade 23 hs": the number begins at the last word with a digit
 * first; a street may have numbers of its own ("Plein 1944 12"). */
static enum err
put_line(const char *line, struct map_order *o)
{
	size_t at = 0;
	char *street;
	enum err err;

	for (size_t i = 1; line[i] != '\0'; i++)
		if (line[i - 1] == ' ' && isdigit((unsigned char)line[i]))
			at = i;
	if (at == 0)
		return (map_set(o, MAP_STREET, line));
	err = map_set(o, MAP_HOUSE, line + at);
	if (err != ERR_OK)
		return (err);
	street = strndup(line, at - 1);
	if (street == NULL)
		return (ERR_NOMEM);
	err = map_set(o, MAP_STREET, street);
	explicit_bzero(street, strlen(street));
	free(street);
	return (err);
}

static const json_t *
home(const json_t *patient)
{
	const json_t *all = json_object_get(patient, "address");

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *a = json_array_get(all, i);
		const char *use = fhir_text(a, "use");

		if (use != NULL && strcmp(use, "home") == 0)
			return (a);
	}
	return (json_array_get(all, 0));
}

static enum err
put_address(const json_t *patient, struct map_order *o)
{
	const json_t *a = home(patient);
	const char *line = json_string_value(fhir_at(a, "line", 0));
	enum err err = ERR_OK;

	if (a == NULL)
		return (ERR_OK);
	if (line == NULL)
		line = fhir_text(a, "text");
	if (line != NULL)
		err = put_line(line, o);
	if (err == ERR_OK)
		err = map_set(o, MAP_POSTCODE, fhir_text(a, "postalCode"));
	if (err == ERR_OK)
		err = map_set(o, MAP_CITY, fhir_text(a, "city"));
	return (err);
}

static enum err
put_telecom(const json_t *patient, struct map_order *o)
{
	const json_t *all = json_object_get(patient, "telecom");
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i);
		const char *system = fhir_text(t, "system");
		const char *use = fhir_text(t, "use");
		const char *value = fhir_text(t, "value");

		if (system == NULL || value == NULL ||
		    (use != NULL && strcmp(use, "old") == 0))
			continue;
		if (strcmp(system, "phone") == 0 || strcmp(system, "sms") == 0)
			err = map_default(o, MAP_PHONE, value);
		else if (strcmp(system, "email") == 0)
			err = map_default(o, MAP_MAIL, value);
	}
	return (err);
}

static enum err
put_contact(const json_t *patient, struct map_order *o)
{
	const json_t *c = fhir_at(patient, "contact", 0);
	const json_t *t = fhir_at(c, "telecom", 0);
	enum err err;

	if (c == NULL)
		return (ERR_OK);
	err = name_of(json_object_get(c, "name"), o, MAP_CONTACT);
	if (err == ERR_OK)
		err = map_append(o, MAP_CONTACT, ", ", fhir_text(t, "value"));
	return (err);
}

static enum err
put_patient(const json_t *p, struct map_order *o)
{
	const json_t *spoken = json_object_get(fhir_at(p, "communication", 0),
	    "language");
	enum err err;

	err = name_of(best_name(p), o, MAP_NAME);
	if (err == ERR_OK)
		err = map_set(o, MAP_BIRTH, fhir_text(p, "birthDate"));
	if (err == ERR_OK)
		err = map_set(o, MAP_GENDER, fhir_text(p, "gender"));
	if (err == ERR_OK)
		err = put_address(p, o);
	if (err == ERR_OK)
		err = put_telecom(p, o);
	if (err == ERR_OK)
		err = put_contact(p, o);
	if (err == ERR_OK)
		err = map_set(o, MAP_LANGUAGE, fhir_concept_text(spoken));
	for (size_t i = 0; err == ERR_OK &&
	     i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		char what[64];

		(void)snprintf(what, sizeof(what), "Patient.%s", left_out[i]);
		if (json_object_get(p, left_out[i]) != NULL)
			err = content_left_out(o, what);
	}
	return (err);
}

/* Lines of one field cannot hold line breaks; a sender's can. */
static void
one_line(struct map_order *o)
{
	for (int i = 0; i < MAP_FIELD__MAX; i++)
		if (map_field_shape((enum map_field)i) == MAP_IS_LINE)
			for (char *p = o->field[i]; p != NULL && *p != '\0';
			     p++)
				if (*p == '\r' || *p == '\n')
					*p = ' ';
}

enum err
fhir_person(const struct fhir_item *item, struct map_order *o)
{
	const json_t *who = item->request != NULL ?
	    json_object_get(item->request, "subject") : NULL;
	enum err err = ERR_OK;

	if (who == NULL)
		who = json_object_get(item->task, "for");
	if (item->patient != NULL)
		err = put_patient(item->patient, o);
	if (err == ERR_OK)
		err = map_default(o, MAP_NAME, fhir_text(who, "display"));
	if (err == ERR_OK && fhir_text(who, "reference") != NULL) {
		err = map_append(o, MAP_STORY, "\n", "In het systeem van de "
		    "bron:");
		if (err == ERR_OK)
			err = map_append(o, MAP_STORY, " ",
			    fhir_text(who, "reference"));
	}
	one_line(o);
	return (err);
}

enum err
fhir_area(const struct map_use *use, const json_t *patient,
    struct map_order *o, struct map_trouble *trouble)
{
	const json_t *a = home(patient);
	const char *postcode = fhir_text(a, "postalCode");
	const char *city = fhir_text(a, "city");
	const char *area = NULL;
	char digits[5] = "";
	char quote[MAP_QUOTE];

	if (map_get(o, MAP_AREA) != NULL)
		return (ERR_OK);
	if (postcode != NULL) {
		(void)snprintf(digits, sizeof(digits), "%.4s", postcode);
		area = map_use_value(use, MAP_AREA, postcode, NULL);
		if (area == NULL)
			area = map_use_value(use, MAP_AREA, digits, NULL);
	}
	if (area == NULL && city != NULL)
		area = map_use_value(use, MAP_AREA, city, NULL);
	if (area == NULL)
		area = map_use_default_of(use, MAP_AREA, map_get(o, MAP_CODE));
	if (area != NULL)
		return (map_set(o, MAP_AREA, area));
	if (postcode == NULL)
		return (map_fail(trouble, "Patient.address.postalCode "
		    "ontbreekt, en er is geen standaardgebied ingesteld "
		    "(defaults: area)."));
	return (map_fail(trouble, "Patient.address.postalCode '%s' staat niet "
	    "in de tabel, en er is geen standaardgebied ingesteld (defaults: "
	    "area).", map_quote(digits, quote)));
}
