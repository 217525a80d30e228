#include <stdio.h>
#include <string.h>

#include "map/fhir/fhir.h"
#include "map/fhir/parts.h"
#include "map/json.h"

/* "data:image/jpeg;base64,..." as an Attachment; NULL if it is not that. */
static json_t *
picture(const char *url)
{
	const char *end = url == NULL ? NULL : strstr(url, ";base64,");

	if (end == NULL || strncmp(url, "data:", 5) != 0)
		return (NULL);
	return (json_pack("[{s:s%,s:s}]", "contentType", url + 5,
	    (size_t)(end - url - 5), "data", end + 8));
}

/* A list of resources, as we write them? */
static bool
is_clinical(const char *text)
{
	json_t *all = json_loads(text, 0, NULL);
	size_t i, n = json_array_size(all);
	bool ok = n > 0;

	for (i = 0; ok && i < n; i++)
		ok = fhir_text(json_array_get(all, i), "resourceType") != NULL;
	json_decref(all);
	return (ok);
}

/* Can it stand in a field of its own?  If not, it is told as the story is. */
static bool
has_place(enum map_field field, const char *text)
{
	json_t *photo;

	if (field == MAP_FIELD__MAX || !map_is_personal(field))
		return (false);
	if (field == MAP_CLINICAL)
		return (is_clinical(text));
	if (field != MAP_PHOTO)
		return (true);
	photo = picture(text);
	json_decref(photo);
	return (photo != NULL);
}

/*
 * The person part of another partner may use Dutch or English names; read it
 * into our fields first.
 */
static enum err
collect(const json_t *person, struct map_order *o, int level)
{
	const char *word;
	json_t *value;
	json_t *walk = json_incref((json_t *)(uintptr_t)person);
	enum err err = ERR_OK;

	json_object_foreach (walk, word, value) {
		enum map_field field = map_field_of(word);

		if (json_is_object(value) && level < 3)
			err = collect(value, o, level + 1);
		else if (json_is_string(value) &&
		    has_place(field, json_string_value(value)))
			err = map_default(o, field, json_string_value(value));
		else if (json_is_string(value))
			err = map_append(o, MAP_STORY, "\n",
			    json_string_value(value));
		if (err != ERR_OK)
			break;
	}
	json_decref(walk);
	return (err);
}

/* R4 has four; "man" and "vrouw" are what people write. */
static const char *
gender(const char *text)
{
	static const struct {
		const char *theirs, *fhir;
	} words[] = {{"male", "male"}, {"man", "male"}, {"m", "male"},
	    {"female", "female"}, {"vrouw", "female"}, {"v", "female"},
	    {"other", "other"}, {"anders", "other"}, {"x", "other"}};

	for (size_t i = 0; text != NULL &&
	     i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].theirs, text) == 0)
			return (words[i].fhir);
	return ("unknown");
}

/* yyyy, yyyy-mm or yyyy-mm-dd: what R4 takes as a date. */
static bool
is_date(const char *text)
{
	size_t n = text == NULL ? 0 : strlen(text);

	if ((n != 4 && n != 7 && n != 10) ||
	    text[strspn(text, "0123456789-")] != '\0' ||
	    strspn(text, "0123456789") != 4)
		return (false);
	return (n == 4 || (text[4] == '-' && (n == 7 || text[7] == '-')));
}

static bool
put(json_t *to, const char *name, json_t *value)
{
	return (value != NULL && json_object_set_new(to, name, value) == 0);
}

static bool
put_address(json_t *p, const struct map_order *o)
{
	const char *street = map_get(o, MAP_STREET);
	const char *house = map_get(o, MAP_HOUSE);
	char line[1024];
	json_t *a;

	if (street == NULL && map_get(o, MAP_POSTCODE) == NULL &&
	    map_get(o, MAP_CITY) == NULL)
		return (true);
	(void)snprintf(line, sizeof(line), "%s%s%s",
	    street == NULL ? "" : street,
	    street == NULL || house == NULL ? "" : " ",
	    house == NULL ? "" : house);
	a = json_pack("{s:s,s:s*,s:s*}", "use", "home", "city",
	    map_get(o, MAP_CITY), "postalCode", map_get(o, MAP_POSTCODE));
	if (a != NULL && line[0] != '\0' &&
	    !put(a, "line", json_pack("[s]", line))) {
		json_decref(a);
		return (false);
	}
	return (put(p, "address", json_pack("[o*]", a)));
}

static bool
put_telecom(json_t *p, const struct map_order *o)
{
	static const struct {
		enum map_field field;
		const char *system;
	} ways[] = {{MAP_PHONE, "phone"}, {MAP_MAIL, "email"}};
	json_t *all = json_array();

	for (size_t i = 0; all != NULL && i < 2; i++)
		if (map_get(o, ways[i].field) != NULL)
			(void)json_array_append_new(all, json_pack("{s:s,s:s}",
			    "system", ways[i].system, "value",
			    map_get(o, ways[i].field)));
	if (json_array_size(all) == 0) {
		json_decref(all);
		return (true);
	}
	return (put(p, "telecom", all));
}

/* What the covenants let through. */
static bool
put_content(json_t *p, const struct map_order *o)
{
	json_t *photo = picture(map_get(o, MAP_PHOTO));

	if (photo != NULL && !put(p, "photo", photo))
		return (false);
	return (map_get(o, MAP_BSN) == NULL || put(p, "identifier",
	    json_pack("[{s:s,s:s}]", "system",
	    "http://fhir.nl/fhir/NamingSystem/bsn", "value",
	    map_get(o, MAP_BSN))));
}

static json_t *
patient(const struct map_order *o, const char *id)
{
	json_t *p = json_pack("{s:s,s:s,s:s}", "resourceType", "Patient",
	    "id", id, "gender", gender(map_get(o, MAP_GENDER)));
	bool ok = p != NULL;

	if (ok && map_get(o, MAP_NAME) != NULL)
		ok = put(p, "name", json_pack("[{s:s}]", "text",
		    map_get(o, MAP_NAME)));
	if (ok && is_date(map_get(o, MAP_BIRTH)))
		ok = put(p, "birthDate", json_string(map_get(o, MAP_BIRTH)));
	if (ok && map_get(o, MAP_CONTACT) != NULL)
		ok = put(p, "contact", json_pack("[{s:{s:s}}]", "name",
		    "text", map_get(o, MAP_CONTACT)));
	if (ok && map_get(o, MAP_LANGUAGE) != NULL)
		ok = put(p, "communication", json_pack("[{s:{s:s}}]",
		    "language", "text", map_get(o, MAP_LANGUAGE)));
	ok = ok && put_address(p, o) && put_telecom(p, o) &&
	    put_content(p, o);
	if (!ok) {
		json_decref(p);
		return (NULL);
	}
	return (p);
}

/* The Task of the Bundle points at the Patient and tells the whole story. */
static bool
link_task(json_t *task, const struct map_order *o, const char *id)
{
	const char *story = map_get(o, MAP_STORY);
	const char *name = map_get(o, MAP_NAME);
	char ref[96];
	json_t *notes;

	(void)snprintf(ref, sizeof(ref), "Patient/%s", id);
	if (!put(task, "for", json_pack("{s:s,s:s*}", "reference", ref,
	    "display", name)))
		return (false);
	if (story == NULL)
		return (true);
	notes = json_object_get(task, "note");
	if (notes == NULL && !put(task, "note", json_array()))
		return (false);
	return (json_array_append_new(json_object_get(task, "note"),
	    json_pack("{s:s,s:s}", "authorString", "persoonsdeel", "text",
	    story)) == 0);
}

static json_t *
entry(json_t *resource, const char *type)
{
	const char *id = json_string_value(json_object_get(resource, "id"));
	char url[160];

	(void)snprintf(url, sizeof(url), "https://keten.invalid/fhir/%s/%s",
	    type, id == NULL ? "" : id);
	return (json_pack("{s:s,s:O}", "fullUrl", url, "resource", resource));
}

/* The clinical resources, about this Patient now. */
static bool
put_clinical(json_t *bundle, const struct map_order *o, const char *id)
{
	const char *text = map_get(o, MAP_CLINICAL);
	json_t *all = text == NULL ? NULL : json_loads(text, 0, NULL);
	json_t *entries = json_object_get(bundle, "entry");
	char ref[96];
	bool ok = true;

	(void)snprintf(ref, sizeof(ref), "Patient/%s", id);
	for (size_t i = 0; ok && i < json_array_size(all); i++) {
		json_t *one = json_array_get(all, i);
		const char *type = fhir_text(one, "resourceType");
		const char *who = json_object_get(one, "subject") != NULL ?
		    "subject" : "patient";

		if (type == NULL)
			continue;
		ok = put(one, who, json_pack("{s:s}", "reference", ref)) &&
		    json_array_append_new(entries, entry(one, type)) == 0;
	}
	json_decref(all);
	return (ok);
}

enum err
fhir_bundle(json_t *task, const struct map_news *m, json_t **out)
{
	struct map_order o = {0};
	struct map_trouble trouble;
	json_t *person = NULL, *copy = json_deep_copy(task), *p = NULL;
	enum err err = ERR_NOMEM;

	if (copy == NULL)
		return (ERR_NOMEM);
	err = map_json(m->person, strlen(m->person), &person, &trouble);
	/* Not JSON after all: then all of it is the story. */
	if (err == ERR_MALFORMED || (err == ERR_OK && !json_is_object(person)))
		err = map_set(&o, MAP_STORY, m->person);
	else if (err == ERR_OK)
		err = collect(person, &o, 0);
	if (err != ERR_OK)
		goto out;

	err = ERR_NOMEM;
	p = patient(&o, m->r->id);
	if (p == NULL || !link_task(copy, &o, m->r->id))
		goto out;
	*out = json_pack("{s:s,s:s,s:[o,o]}", "resourceType", "Bundle", "type",
	    "collection", "entry", entry(copy, "Task"), entry(p, "Patient"));
	if (*out != NULL && put_clinical(*out, &o, m->r->id))
		err = ERR_OK;
	if (err != ERR_OK) {
		json_decref(*out);
		*out = NULL;
	}
out:
	map_fini(&o);
	json_decref(person);
	json_decref(copy);
	json_decref(p);
	return (err);
}
