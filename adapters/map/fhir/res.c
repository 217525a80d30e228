#include <stdlib.h>
#include <string.h>

#include "map/fhir/res.h"

const char *
fhir_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return (text != NULL && text[0] != '\0' ? text : NULL);
}

const json_t *
fhir_at(const json_t *object, const char *name, size_t i)
{
	return (json_array_get(json_object_get(object, name), i));
}

const json_t *
fhir_path(const json_t *object, const char *path)
{
	char name[64];
	size_t n;

	while (object != NULL && *path != '\0') {
		n = strcspn(path, ".");
		if (n >= sizeof(name))
			return (NULL);
		memcpy(name, path, n);
		name[n] = '\0';
		object = json_object_get(object, name);
		path += n + (path[n] == '.');
	}
	return (object);
}

const char *
fhir_concept_text(const json_t *concept)
{
	const json_t *coding = fhir_at(concept, "coding", 0);
	const char *text = fhir_text(concept, "text");

	if (text == NULL)
		text = fhir_text(coding, "display");
	return (text != NULL ? text : fhir_text(coding, "code"));
}

bool
fhir_points_at(const json_t *reference, const char *type)
{
	const char *says = fhir_text(reference, "type");
	const char *at = fhir_text(reference, "reference");
	const char *slash;
	size_t len = strlen(type);

	if (says != NULL)
		return (strcmp(says, type) == 0);
	if (at == NULL || at[0] == '#' || strncmp(at, "urn:", 4) == 0)
		return (true);
	/* ".../Type/id" or ".../Type/id/_history/1" */
	for (slash = at; slash != NULL; slash = strchr(slash, '/')) {
		slash += *slash == '/';
		if (strncmp(slash, type, len) == 0 && slash[len] == '/')
			return (true);
	}
	return (false);
}

static enum err
add(struct fhir_set *set, const json_t *json, const char *url,
    struct map_trouble *trouble)
{
	struct fhir_res *more;
	const char *type = fhir_text(json, "resourceType");

	if (type == NULL)
		return (map_fail(trouble, "resourceType ontbreekt in "
		    "onderdeel %zu; zonder dat is het geen FHIR.", set->n + 1));
	if (set->n == MAP_ITEMS_MAX * 4)
		return (map_fail(trouble, "Er staan meer dan %d resources in; "
		    "splits het bestand.", MAP_ITEMS_MAX * 4));
	more = reallocarray(set->res, set->n + 1, sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	set->res = more;
	more[set->n++] = (struct fhir_res){
	    json, type, fhir_text(json, "id"), url, false};
	return (ERR_OK);
}

static enum err
add_bundle(struct fhir_set *set, const json_t *bundle,
    struct map_trouble *trouble)
{
	const json_t *entries = json_object_get(bundle, "entry");
	enum err err = ERR_OK;

	if (!json_is_array(entries) || json_array_size(entries) == 0)
		return (map_fail(trouble, "Bundle.entry ontbreekt of is "
		    "leeg."));
	for (size_t i = 0; err == ERR_OK && i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);
		const json_t *json = json_object_get(entry, "resource");
		const char *type = fhir_text(json, "resourceType");

		if (!json_is_object(json))
			return (map_fail(trouble,
			    "Bundle.entry[%zu].resource ontbreekt.", i));
		if (type != NULL && strcmp(type, "Bundle") == 0)
			return (map_fail(trouble, "Bundle.entry[%zu] is zelf "
			    "een Bundle; dat kan niet.", i));
		err = add(set, json, fhir_text(entry, "fullUrl"), trouble);
	}
	return (err);
}

enum err
fhir_collect(const json_t *root, struct fhir_set *set,
    struct map_trouble *trouble)
{
	const char *type;
	enum err err = ERR_OK;

	memset(set, 0, sizeof(*set));
	set->is_many = json_is_array(root);
	for (size_t i = 0; err == ERR_OK && i < json_array_size(root); i++)
		err = add(set, json_array_get(root, i), NULL, trouble);
	if (set->is_many)
		return (err);

	type = fhir_text(root, "resourceType");
	if (type == NULL || strcmp(type, "Bundle") != 0)
		return (add(set, root, NULL, trouble));
	set->is_many = true;
	return (add_bundle(set, root, trouble));
}

void
fhir_set_fini(struct fhir_set *set)
{
	free(set->res);
	memset(set, 0, sizeof(*set));
}

static const json_t *
find_contained(const json_t *from, const char *id, const char *type)
{
	const json_t *in = json_object_get(from, "contained");

	for (size_t i = 0; i < json_array_size(in); i++) {
		const json_t *c = json_array_get(in, i);
		const char *has = fhir_text(c, "id");
		const char *is = fhir_text(c, "resourceType");

		if (has != NULL && is != NULL && strcmp(has, id) == 0 &&
		    strcmp(is, type) == 0)
			return (c);
	}
	return (NULL);
}

/* Whether "…/Task/12/_history/3" names the Task with the id "12". */
static bool
names(const char *at, const char *type, const char *id)
{
	size_t len = strlen(type), n = strlen(id);

	for (const char *p = at; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, type, len) == 0 && p[len] == '/' &&
		    strncmp(p + len + 1, id, n) == 0 &&
		    (p[len + 1 + n] == '\0' || p[len + 1 + n] == '/'))
			return (true);
	}
	return (false);
}

const json_t *
fhir_find(const struct fhir_set *set, const json_t *from,
    const json_t *reference, const char *type)
{
	const char *at = fhir_text(reference, "reference");

	if (at == NULL)
		return (NULL);
	if (at[0] == '#')
		return (find_contained(from, at + 1, type));
	for (size_t i = 0; i < set->n; i++) {
		struct fhir_res *r = &set->res[i];

		if (strcmp(r->type, type) != 0)
			continue;
		if ((r->url != NULL && strcmp(r->url, at) == 0) ||
		    (r->id != NULL && names(at, type, r->id))) {
			r->used = true;
			return (r->json);
		}
	}
	return (NULL);
}

static const struct {
	const char *type;
	const char *element;
	json_type is;
} shapes[] = {
#define SHAPE(type, element, is) {#type, #element, JSON_##is},
#include "map/fhir/tbl_shapes.h"
#undef SHAPE
};

static const char *
type_name(json_type is)
{
	return (is == JSON_ARRAY ? "een lijst" :
	    is == JSON_OBJECT ? "een object" : "tekst");
}

enum err
fhir_shape(const json_t *json, const char *type, struct map_trouble *trouble)
{
	const json_t *value;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (strcmp(shapes[i].type, type) != 0)
			continue;
		value = json_object_get(json, shapes[i].element);
		if (value != NULL && json_typeof(value) != shapes[i].is)
			return (map_fail(trouble, "%s.%s moet %s zijn.", type,
			    shapes[i].element, type_name(shapes[i].is)));
	}
	if (json_array_size(json_object_get(json, "modifierExtension")) > 0)
		return (map_fail(trouble, "%s.modifierExtension ken ik niet, "
		    "en die mag niet worden overgeslagen.", type));
	return (ERR_OK);
}
