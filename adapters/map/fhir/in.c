#include <stdio.h>
#include <string.h>

#include "map/content.h"
#include "map/fhir/fhir.h"
#include "map/fhir/parts.h"

/* Resources that say something about an order but are none themselves. */
static const char *const beside[] = {"Patient", "RelatedPerson",
    "Organization", "Practitioner", "PractitionerRole", "Location",
    "HealthcareService", "CareTeam", "Provenance", "MessageHeader",
    "OperationOutcome"};

static bool
is_one_of(const char *text, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, list[i]) == 0)
			return (true);
	return (false);
}

bool
fhir_is(const json_t *root)
{
	const json_t *one = json_is_array(root) ? json_array_get(root, 0) :
	    root;

	return (json_object_get(one, "resourceType") != NULL);
}

/* status and intent: there, and as R4 has them. */
static enum err
check_words(const json_t *json, const char *type, struct map_trouble *trouble)
{
	static const char *const intents[] = {"order", "original-order",
	    "reflex-order", "filler-order", "instance-order", "unknown",
	    "directive"};
	static const char *const early[] = {"proposal", "plan", "option"};
	const char *status = fhir_text(json, "status");
	const char *intent = fhir_text(json, "intent");
	char quote[MAP_QUOTE];

	if (status == NULL)
		return (map_fail(trouble, "%s.status ontbreekt.", type));
	if (fhir_status(type, status) == NULL)
		return (map_fail(trouble, "%s.status '%s' bestaat niet in FHIR "
		    "R4.", type, map_quote(status, quote)));
	if (intent == NULL)
		return (map_fail(trouble, "%s.intent ontbreekt.", type));
	if (is_one_of(intent, early, 3))
		return (map_fail(trouble, "%s.intent is '%s': dat is een plan "
		    "of voorstel, nog geen opdracht; maak er 'order' van.",
		    type, intent));
	if (!is_one_of(intent, intents, sizeof(intents) / sizeof(*intents)))
		return (map_fail(trouble, "%s.intent '%s' bestaat niet in FHIR "
		    "R4.", type, map_quote(intent, quote)));
	return (ERR_OK);
}

static enum err
check_new(const json_t *json, const char *type, struct map_trouble *trouble)
{
	const struct fhir_status *row;

	row = fhir_status(type, fhir_text(json, "status"));
	if (!row->is_new)
		return (map_fail(trouble, "%s.status is '%s': dit %s.", type,
		    row->status, row->why));
	return (ERR_OK);
}

static enum err
check_request(const json_t *request, struct map_trouble *trouble)
{
	const json_t *subject = json_object_get(request, "subject");
	enum err err;

	err = fhir_shape(request, "ServiceRequest", trouble);
	if (err == ERR_OK)
		err = check_words(request, "ServiceRequest", trouble);
	if (err == ERR_OK)
		err = check_new(request, "ServiceRequest", trouble);
	if (err == ERR_OK && json_is_true(json_object_get(request,
	    "doNotPerform")))
		err = map_fail(trouble, "ServiceRequest.doNotPerform is true: "
		    "een verbod is geen opdracht om door te geven.");
	if (err == ERR_OK && subject == NULL)
		err = map_fail(trouble, "ServiceRequest.subject ontbreekt: om "
		    "wie gaat het?");
	return (err);
}

/* A Task about medicine, a claim or an appointment is not ours to pass on. */
static enum err
check_focus(const json_t *task, struct map_trouble *trouble)
{
	const json_t *focus = json_object_get(task, "focus");
	const char *at = fhir_text(focus, "reference");
	char quote[MAP_QUOTE];

	if (focus == NULL || fhir_points_at(focus, "ServiceRequest"))
		return (ERR_OK);
	if (at == NULL)
		at = fhir_text(focus, "type");
	return (map_fail(trouble, "Task.focus verwijst naar '%s': alleen een "
	    "ServiceRequest kan worden doorgegeven.",
	    map_quote(at == NULL ? "" : at, quote)));
}

/* The ServiceRequest of a Task: its focus, else what it is based on. */
static const json_t *
request_of(const struct fhir_set *set, const json_t *task)
{
	const json_t *based = json_object_get(task, "basedOn");
	const json_t *found = fhir_find(set, task,
	    json_object_get(task, "focus"), "ServiceRequest");

	for (size_t i = 0; found == NULL && i < json_array_size(based); i++)
		found = fhir_find(set, task, json_array_get(based, i),
		    "ServiceRequest");
	return (found);
}

static enum err
patient_of(const struct fhir_set *set, struct fhir_item *item,
    struct map_trouble *trouble)
{
	if (item->request != NULL)
		item->patient = fhir_find(set, item->request,
		    json_object_get(item->request, "subject"), "Patient");
	if (item->patient == NULL && item->task != NULL)
		item->patient = fhir_find(set, item->task,
		    json_object_get(item->task, "for"), "Patient");
	if (item->patient == NULL)
		return (ERR_OK);
	return (fhir_shape(item->patient, "Patient", trouble));
}

/* {"url": "urn:keten:discussed", "valueCode": "AGREES"} sets that field. */
static enum err
extensions(const json_t *json, struct map_order *o)
{
	static const char *const values[] = {"valueCode", "valueString",
	    "valueDate"};
	const json_t *all = json_object_get(json, "extension");
	enum map_field field;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < json_array_size(all); i++) {
		const json_t *e = json_array_get(all, i);
		const char *url = fhir_text(e, "url");
		const char *text = NULL;

		if (url == NULL || strncmp(url, "urn:keten:", 10) != 0)
			continue;
		field = map_field_of(url + 10);
		if (field == MAP_FIELD__MAX || field == MAP_STEP ||
		    field == MAP_REFERRAL ||
		    map_field_group(field) == MAP_OF_CONTENT ||
		    map_field_group(field) == MAP_OF_OWN)
			continue;
		for (size_t j = 0; text == NULL && j < 3; j++)
			text = fhir_text(e, values[j]);
		err = map_default(o, field, text);
	}
	return (err);
}

/* A Task that is part of one we hold is its child. */
static enum err
put_parent(const struct map_world *world, const json_t *task,
    struct map_order *o)
{
	const json_t *all = json_object_get(task, "partOf");
	struct keten_referral r;
	char referral[KETEN_ID_TEXT];

	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *at = fhir_text(json_array_get(all, i),
		    "reference");
		const char *slash = at == NULL ? NULL : strrchr(at, '/');
		json_t *fake;
		bool known;

		if (slash == NULL)
			continue;
		fake = json_pack("{s:s}", "id", slash + 1);
		known = fhir_known(world, fake, "Task", referral);
		json_decref(fake);
		if (known && world->show != NULL &&
		    world->show(world->cookie, referral, &r) &&
		    r.role == KETEN_HOLDER)
			return (map_set(o, MAP_PARENT, referral));
	}
	return (ERR_OK);
}

static enum err
submit(const struct map_use *use, const struct map_world *world,
    const struct fhir_set *set, const struct fhir_item *item, struct map_order *o,
    struct map_trouble *trouble)
{
	enum err err;

	err = extensions(item->task, o);
	if (err == ERR_OK)
		err = extensions(item->request, o);
	if (err == ERR_OK)
		err = put_parent(world, item->task, o);
	if (err == ERR_OK)
		err = fhir_code(use, item, o, trouble);
	if (err == ERR_OK)
		err = fhir_person(item, o);
	if (err == ERR_OK)
		err = fhir_area(use, item->patient, o, trouble);
	if (err == ERR_OK)
		err = fhir_request(use, item, world->now_ms, o, trouble);
	if (err == ERR_OK)
		err = fhir_content(set, item, o);
	if (err == ERR_OK)
		err = fhir_keys(item, o);
	return (err);
}

/* We know it already: its status asks for a step, or for nothing. */
static enum err
update(const struct map_use *use, const struct map_world *world,
    const json_t *json, const char *type, const char *referral,
    struct map_order *o, struct map_trouble *trouble)
{
	bool changed = false;
	enum err err;

	err = fhir_step(use, world, json, type, referral, o, &changed,
	    trouble);
	if (err != ERR_OK || changed)
		return (err);
	/* Nothing to send; the row stays, to say so. */
	err = map_set(o, MAP_REFERRAL, referral);
	if (err == ERR_OK)
		err = map_set(o, MAP_STEP, MAP_NO_STEP);
	return (err);
}

static enum err
add_task(const struct map_use *use, const struct map_world *world,
    const struct fhir_set *set, const json_t *task, struct map_list *list,
    struct map_trouble *trouble)
{
	struct fhir_item item = {.task = task};
	struct map_order *o = NULL;
	char referral[KETEN_ID_TEXT];
	enum err err;

	err = fhir_shape(task, "Task", trouble);
	if (err == ERR_OK)
		err = check_words(task, "Task", trouble);
	if (err == ERR_OK)
		err = map_list_add(list, &o);
	if (err != ERR_OK)
		return (err);
	item.request = request_of(set, task);
	if (fhir_known(world, task, "Task", referral))
		return (update(use, world, task, "Task", referral, o,
		    trouble));
	err = check_new(task, "Task", trouble);
	if (err == ERR_OK)
		err = check_focus(task, trouble);
	if (err == ERR_OK && item.request != NULL)
		err = check_request(item.request, trouble);
	if (err == ERR_OK)
		err = patient_of(set, &item, trouble);
	return (err == ERR_OK ? submit(use, world, set, &item, o,
	    trouble) : err);
}

static enum err
add_request(const struct map_use *use, const struct map_world *world,
    const struct fhir_set *set, const json_t *request,
    struct map_list *list, struct map_trouble *trouble)
{
	struct fhir_item item = {.request = request};
	struct map_order *o = NULL;
	char referral[KETEN_ID_TEXT];
	enum err err;

	err = fhir_shape(request, "ServiceRequest", trouble);
	if (err == ERR_OK)
		err = check_words(request, "ServiceRequest", trouble);
	if (err == ERR_OK)
		err = map_list_add(list, &o);
	if (err != ERR_OK)
		return (err);
	if (fhir_known(world, request, "ServiceRequest", referral))
		return (update(use, world, request, "ServiceRequest", referral,
		    o, trouble));
	err = check_request(request, trouble);
	if (err == ERR_OK)
		err = patient_of(set, &item, trouble);
	return (err == ERR_OK ? submit(use, world, set, &item, o,
	    trouble) : err);
}

/* What is neither an order nor beside one stays here; say so on the first. */
static enum err
name_others(const struct fhir_set *set, struct map_list *list)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < set->n; i++) {
		const char *type = set->res[i].type;

		if (strcmp(type, "Task") != 0 &&
		    strcmp(type, "ServiceRequest") != 0 &&
		    !set->res[i].used &&
		    !is_one_of(type, beside,
		    sizeof(beside) / sizeof(*beside)) && strlen(type) < 60)
			err = content_left_out(&list->items[0], type);
	}
	return (err);
}

/* Of several, say which one it is about. */
static enum err
named(const struct fhir_set *set, const struct fhir_res *r, enum err err,
    const struct map_trouble *one, struct map_trouble *trouble)
{
	char quote[MAP_QUOTE];

	if (err != ERR_MALFORMED)
		return (err);
	if (set->is_many && r->id != NULL)
		return (map_fail(trouble, "%s/%s: %.420s", r->type,
		    map_quote(r->id, quote), one->text));
	*trouble = *one;
	return (err);
}

/* Tasks first: a request that one of them is about does not go twice. */
static enum err
add_all(const struct map_use *use, const struct map_world *world,
    struct fhir_set *set, struct map_list *list, struct map_trouble *trouble)
{
	struct map_trouble one;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < set->n; i++)
		if (strcmp(set->res[i].type, "Task") == 0)
			err = named(set, &set->res[i], add_task(use, world,
			    set, set->res[i].json, list, &one), &one, trouble);
	for (size_t i = 0; err == ERR_OK && i < set->n; i++)
		if (strcmp(set->res[i].type, "ServiceRequest") == 0 &&
		    !set->res[i].used)
			err = named(set, &set->res[i], add_request(use, world,
			    set, set->res[i].json, list, &one), &one, trouble);
	return (err);
}

enum err
fhir_read(const struct map_use *use, const struct map_world *world,
    const json_t *root, struct map_list *list, struct map_trouble *trouble)
{
	struct fhir_set set;
	char quote[MAP_QUOTE];
	enum err err = fhir_collect(root, &set, trouble);

	list->is_many = set.is_many;
	if (err == ERR_OK)
		err = add_all(use, world, &set, list, trouble);
	if (err == ERR_OK && list->n == 0)
		err = map_fail(trouble, "Er staat geen Task of ServiceRequest "
		    "in, alleen %s.", map_quote(set.res[0].type, quote));
	if (err == ERR_OK)
		err = name_others(&set, list);
	fhir_set_fini(&set);
	return (err);
}
