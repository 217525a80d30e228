#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/org.h"
#include "map/check.h"
#include "map/fhir/parts.h"

/* FHIR's own limit for what stands in an id. */
static bool
is_id(const char *id)
{
	return (id != NULL && strlen(id) <= 64 && id[strspn(id,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.")]
	    == '\0');
}

/* The ${i}th name by which the sender knows ${json}; false after the last. */
static bool
key_of(const json_t *json, const char *type, size_t i, char key[512])
{
	const json_t *identifier;
	const char *id = fhir_text(json, "id");

	key[0] = '\0';
	if (i == 0) {
		if (id != NULL && strlen(id) < 256)
			(void)snprintf(key, 512, "%s/%s", type, id);
		return (true);
	}
	identifier = fhir_at(json, "identifier", i - 1);
	if (identifier == NULL)
		return (false);
	if (fhir_text(identifier, "value") != NULL)
		(void)snprintf(key, 512, "%s|%.200s|%.200s", type,
		    fhir_text(identifier, "system") == NULL ? "" :
		    fhir_text(identifier, "system"),
		    fhir_text(identifier, "value"));
	return (true);
}

static enum err
put_keys(const json_t *json, const char *type, struct map_order *o)
{
	char key[512];
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < 20 &&
	     key_of(json, type, i, key); i++)
		if (key[0] != '\0' && strchr(key, '\n') == NULL)
			err = map_append(o, MAP_KEYS, "\n", key);
	return (err);
}

/* A Task of ours has the referral's number in its id or an identifier. */
static bool
ours(const struct map_world *world, const char *text,
    char referral[KETEN_ID_TEXT])
{
	struct keten_referral r;
	struct refid id;
	char name[REFID_TEXT];

	if (text == NULL || strlen(text) < 36)
		return (false);
	(void)snprintf(name, sizeof(name), "%.36s", text);
	/* "-e2": the second epoch of the same referral. */
	if ((text[36] != '\0' && strncmp(text + 36, "-e", 2) != 0) ||
	    !refid_parse(name, &id))
		return (false);
	(void)refid_text(&id, name);
	if (world->show == NULL || !world->show(world->cookie, name, &r))
		return (false);
	memcpy(referral, name, sizeof(name));
	return (true);
}

bool
fhir_known(const struct map_world *world, const json_t *json,
    const char *type, char referral[KETEN_ID_TEXT])
{
	const json_t *all = json_object_get(json, "identifier");
	char key[512];

	if (ours(world, fhir_text(json, "id"), referral))
		return (true);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *value = fhir_text(json_array_get(all, i), "value");

		if (value != NULL && strncmp(value, "urn:uuid:", 9) == 0 &&
		    ours(world, value + 9, referral))
			return (true);
	}
	for (size_t i = 0; i < 20 && key_of(json, type, i, key); i++)
		if (key[0] != '\0' && world->known != NULL &&
		    world->known(world->cookie, key, referral))
			return (true);
	return (false);
}

enum err
fhir_copy_text(const json_t *from, json_t *to, const char *name)
{
	const char *text = fhir_text(from, name);

	if (text == NULL)
		return (ERR_OK);
	return (json_object_set_new(to, name, json_string(text)) == 0 ?
	    ERR_OK : ERR_NOMEM);
}

/* Give ${value} to ${to}, unless nothing stands in it. */
static enum err
put_new(json_t *to, const char *name, json_t *value)
{
	if (value == NULL)
		return (ERR_NOMEM);
	if ((json_is_object(value) && json_object_size(value) == 0) ||
	    (json_is_array(value) && json_array_size(value) == 0)) {
		json_decref(value);
		return (ERR_OK);
	}
	if (json_is_array(to))
		return (json_array_append_new(to, value) == 0 ? ERR_OK :
		    ERR_NOMEM);
	return (json_object_set_new(to, name, value) == 0 ? ERR_OK :
	    ERR_NOMEM);
}

static enum err
copy_identifier(const json_t *from, json_t *to, const char *name)
{
	json_t *made = json_object();
	enum err err;

	if (made == NULL)
		return (ERR_NOMEM);
	err = fhir_copy_text(from, made, "system");
	if (err == ERR_OK)
		err = fhir_copy_text(from, made, "value");
	if (err != ERR_OK) {
		json_decref(made);
		return (err);
	}
	return (put_new(to, name, made));
}

/* A citizen's number stays behind, even in a Reference. */
static bool
is_person_number(const json_t *identifier)
{
	const char *system = fhir_text(identifier, "system");
	const char *value = fhir_text(identifier, "value");
	char copy[64];

	if (system != NULL && (strstr(system, "bsn") != NULL ||
	    strstr(system, "2.16.840.1.113883.2.4.6.3") != NULL))
		return (true);
	(void)snprintf(copy, sizeof(copy), "%s", value == NULL ? "" : value);
	return (strlen(copy) == 9 && map_mask_bsn(copy) > 0);
}

enum err
fhir_copy_reference(const json_t *from, json_t *to, const char *name)
{
	const json_t *ref = name == NULL ? from : json_object_get(from, name);
	const char *at = fhir_text(ref, "reference");
	const json_t *identifier = json_object_get(ref, "identifier");
	json_t *made;
	enum err err = ERR_OK;

	if (!json_is_object(ref))
		return (ERR_OK);
	made = json_object();
	if (made == NULL)
		return (ERR_NOMEM);
	/* What was contained there is not contained here. */
	if (at != NULL && at[0] != '#')
		err = fhir_copy_text(ref, made, "reference");
	if (err == ERR_OK && !is_person_number(identifier))
		err = copy_identifier(identifier, made, "identifier");
	if (err == ERR_OK)
		err = fhir_copy_text(ref, made, "display");
	if (err != ERR_OK) {
		json_decref(made);
		return (err);
	}
	return (put_new(to, name, made));
}

static enum err
copy_each(const json_t *from, json_t *to, const char *name,
    enum err (*copy)(const json_t *, json_t *, const char *))
{
	const json_t *all = json_object_get(from, name);
	json_t *made = json_array();
	enum err err = ERR_OK;

	if (made == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; err == ERR_OK && i < json_array_size(all); i++)
		err = copy(json_array_get(all, i), made, NULL);
	if (err != ERR_OK) {
		json_decref(made);
		return (err);
	}
	return (put_new(to, name, made));
}

enum err
fhir_copy_references(const json_t *from, json_t *to, const char *name)
{
	return (copy_each(from, to, name, fhir_copy_reference));
}

enum err
fhir_copy_identifiers(const json_t *from, json_t *to, const char *name)
{
	return (copy_each(from, to, name, copy_identifier));
}

static enum err
copy_concept(const json_t *from, json_t *to, const char *name)
{
	const json_t *c = json_object_get(from, name);
	const json_t *coding = fhir_at(c, "coding", 0);
	json_t *made = json_object(), *one = json_object();
	json_t *list = json_array();
	enum err err = ERR_NOMEM;

	if (made == NULL || one == NULL || list == NULL)
		goto out;
	err = fhir_copy_text(coding, one, "system");
	if (err == ERR_OK)
		err = fhir_copy_text(coding, one, "code");
	if (err == ERR_OK)
		err = fhir_copy_text(coding, one, "display");
	if (err == ERR_OK)
		err = put_new(list, NULL, json_incref(one));
	if (err == ERR_OK)
		err = put_new(made, "coding", json_incref(list));
	if (err == ERR_OK)
		err = fhir_copy_text(c, made, "text");
	if (err == ERR_OK)
		err = put_new(to, name, json_incref(made));
out:
	json_decref(one);
	json_decref(list);
	json_decref(made);
	return (err);
}

/* A Task that came in: what it was called and whom it was for and from. */
static enum err
task_context(const json_t *task, json_t *c)
{
	static const char *const refs[] = {"focus", "for", "requester"};
	static const char *const lists[] = {"basedOn", "partOf"};
	enum err err = ERR_OK;

	if (is_id(fhir_text(task, "id")))
		err = fhir_copy_text(task, c, "id");
	if (err == ERR_OK)
		err = fhir_copy_identifiers(task, c, "identifier");
	if (err == ERR_OK && json_is_object(json_object_get(task,
	    "groupIdentifier")))
		err = copy_identifier(json_object_get(task, "groupIdentifier"),
		    c, "groupIdentifier");
	for (size_t i = 0; err == ERR_OK && i < 3; i++)
		err = fhir_copy_reference(task, c, refs[i]);
	for (size_t i = 0; err == ERR_OK && i < 2; i++)
		err = fhir_copy_references(task, c, lists[i]);
	if (err == ERR_OK)
		err = copy_concept(task, c, "code");
	return (err);
}

/* A request without a Task: we make one, based on it. */
static enum err
request_context(const json_t *request, json_t *c)
{
	const char *id = fhir_text(request, "id");
	json_t *ref, *list;
	char text[96];
	enum err err;

	err = copy_concept(request, c, "code");
	if (err == ERR_OK)
		err = fhir_copy_reference(request, c, "requester");
	if (err == ERR_OK && json_is_object(json_object_get(request,
	    "subject"))) {
		json_t *as = json_object();

		if (as == NULL)
			return (ERR_NOMEM);
		err = fhir_copy_reference(request, as, "subject");
		if (err == ERR_OK && json_object_get(as, "subject") != NULL &&
		    json_object_set(c, "for", json_object_get(as, "subject")))
			err = ERR_NOMEM;
		json_decref(as);
	}
	if (err != ERR_OK || !is_id(id))
		return (err);
	(void)snprintf(text, sizeof(text), "ServiceRequest/%s", id);
	ref = json_pack("{s:s}", "reference", text);
	list = json_pack("[O]", ref);
	if (ref == NULL || list == NULL ||
	    json_object_set(c, "focus", ref) != 0 ||
	    json_object_set(c, "basedOn", list) != 0)
		err = ERR_NOMEM;
	json_decref(ref);
	json_decref(list);
	return (err);
}

enum err
fhir_keys(const struct fhir_item *item, struct map_order *o)
{
	json_t *c = json_object();
	char *text = NULL;
	char key[512];
	enum err err = ERR_NOMEM;

	if (c == NULL)
		return (ERR_NOMEM);
	if (item->task != NULL)
		err = task_context(item->task, c);
	else
		err = request_context(item->request, c);
	if (err == ERR_OK)
		err = put_keys(item->task, "Task", o);
	if (err == ERR_OK)
		err = put_keys(item->request, "ServiceRequest", o);
	if (err == ERR_OK && (text = json_dumps(c, JSON_COMPACT)) == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		err = map_set(o, MAP_CONTEXT, text);
	(void)key_of(item->task != NULL ? item->task : item->request,
	    item->task != NULL ? "Task" : "ServiceRequest", 0, key);
	if (err == ERR_OK)
		err = map_set(o, MAP_KEY, key);
	free(text);
	json_decref(c);
	return (err);
}
