#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/check.h"
#include "map/content.h"
#include "map/fhir/parts.h"

/* Resources that are clinical data in words and numbers, without pictures. */
static const char *const kinds[] = {"Condition", "Observation",
    "AllergyIntolerance", "MedicationStatement", "MedicationRequest",
    "Procedure", "CarePlan", "Goal", "RiskAssessment", "ClinicalImpression",
    "FamilyMemberHistory", "Immunization"};

static const char *const pictures[] = {"image/jpeg", "image/png", "image/gif"};

bool
fhir_is_clinical(const json_t *json)
{
	const char *type = fhir_text(json, "resourceType");

	for (size_t i = 0; type != NULL &&
	     i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(type, kinds[i]) == 0)
			return (true);
	return (false);
}

/* Whether it is a person's BSN, by its system; and which, if it is valid. */
static void
bsn_of(const json_t *identifier, char bsn[10])
{
	const char *system = fhir_text(identifier, "system");
	const char *value = fhir_text(identifier, "value");
	char copy[10];

	bsn[0] = '\0';
	if (system == NULL || (strstr(system, "bsn") == NULL &&
	    strstr(system, "2.16.840.1.113883.2.4.6.3") == NULL))
		return;
	if (value == NULL || strlen(value) != 9)
		return;
	(void)snprintf(copy, sizeof(copy), "%s", value);
	if (map_mask_bsn(copy) == 1)
		(void)snprintf(bsn, 10, "%s", value);
}

static enum err
put_bsn(const json_t *patient, struct map_order *o)
{
	const json_t *all = json_object_get(patient, "identifier");
	char bsn[10];
	enum err err = ERR_OK;

	if (all != NULL && !json_is_array(all))
		return (content_left_out(o, "Patient.identifier"));
	for (size_t i = 0; err == ERR_OK && i < json_array_size(all); i++) {
		bsn_of(json_array_get(all, i), bsn);
		if (bsn[0] == '\0')
			err = content_left_out(o, "Patient.identifier");
		else
			err = map_default(o, MAP_BSN, bsn);
	}
	explicit_bzero(bsn, sizeof(bsn));
	return (err);
}

/* Whether it is a picture that fits, as base64. */
static bool
is_picture(const char *type, const char *data)
{
	if (type == NULL || data == NULL ||
	    strlen(data) > MAP_TEXT_MAX - 40 ||
	    data[strspn(data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
	    "qrstuvwxyz0123456789+/=")] != '\0')
		return (false);
	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
		if (strcmp(type, pictures[i]) == 0)
			return (true);
	return (false);
}

/* The first photograph, as a data URL (RFC 2397). */
static enum err
put_photo(const json_t *patient, struct map_order *o)
{
	const json_t *all = json_object_get(patient, "photo");
	const json_t *one = json_array_get(all, 0);
	const char *type = fhir_text(one, "contentType");
	const char *data = fhir_text(one, "data");
	char *url = NULL;
	enum err err;

	if (all == NULL)
		return (ERR_OK);
	if (!is_picture(type, data))
		return (content_left_out(o, "Patient.photo"));
	if (asprintf(&url, "data:%s;base64,%s", type, data) < 0)
		return (ERR_NOMEM);
	err = map_set(o, MAP_PHOTO, url);
	explicit_bzero(url, strlen(url));
	free(url);
	if (err == ERR_OK && json_array_size(all) > 1)
		err = content_left_out(o, "Patient.photo");
	return (err);
}

/* Whether ${json}, which stands in ${in}, is about the person of ${item}. */
static bool
is_about(const struct fhir_set *set, const struct fhir_item *item,
    const json_t *in, const json_t *json)
{
	const json_t *who = json_object_get(json, "subject");

	if (who == NULL)
		who = json_object_get(json, "patient");
	/* What it contains itself could be anything. */
	return (item->patient != NULL && fhir_is_clinical(json) &&
	    json_object_get(json, "contained") == NULL &&
	    fhir_find(set, in, who, "Patient") == item->patient);
}

static enum err
add(json_t *list, const json_t *json)
{
	json_t *copy = json_deep_copy(json);

	/* Its narrative says the same again, as HTML. */
	if (copy == NULL)
		return (ERR_NOMEM);
	(void)json_object_del(copy, "text");
	return (json_array_append_new(list, copy) == 0 ? ERR_OK : ERR_NOMEM);
}

static enum err
add_contained(const struct fhir_set *set, const struct fhir_item *item,
    const json_t *in, json_t *list, struct map_order *o)
{
	const json_t *all = json_object_get(in, "contained");
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < json_array_size(all); i++) {
		const json_t *json = json_array_get(all, i);

		if (is_about(set, item, in, json))
			err = add(list, json);
		else if (fhir_is_clinical(json))
			err = content_left_out(o,
			    fhir_text(json, "resourceType"));
	}
	return (err);
}

static enum err
put_list(const json_t *list, struct map_order *o)
{
	char *text;
	enum err err;

	if (json_array_size(list) == 0)
		return (ERR_OK);
	text = json_dumps(list, JSON_COMPACT);
	if (text == NULL)
		return (ERR_NOMEM);
	if (strlen(text) > MAP_TEXT_MAX)
		err = content_left_out(o, "medische gegevens (te groot)");
	else
		err = map_set(o, MAP_CLINICAL, text);
	explicit_bzero(text, strlen(text));
	free(text);
	return (err);
}

static enum err
put_clinical(const struct fhir_set *set, const struct fhir_item *item,
    struct map_order *o)
{
	json_t *list = json_array();
	enum err err = list == NULL ? ERR_NOMEM : ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < set->n; i++) {
		struct fhir_res *r = &set->res[i];

		if (!is_about(set, item, r->json, r->json))
			continue;
		r->used = true;
		err = add(list, r->json);
	}
	if (err == ERR_OK)
		err = add_contained(set, item, item->task, list, o);
	if (err == ERR_OK)
		err = add_contained(set, item, item->request, list, o);
	if (err == ERR_OK)
		err = put_list(list, o);
	json_decref(list);
	return (err);
}

enum err
fhir_content(const struct fhir_set *set, const struct fhir_item *item,
    struct map_order *o)
{
	enum err err = put_bsn(item->patient, o);

	if (err == ERR_OK)
		err = put_photo(item->patient, o);
	if (err == ERR_OK)
		err = put_clinical(set, item, o);
	return (err);
}
