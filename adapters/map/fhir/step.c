#include <stdio.h>
#include <string.h>

#include "map/fhir/parts.h"

#define YES true
#define NO false
#define KETEN_NONE ((enum keten_step)0)
static const struct fhir_status statuses[] = {
#define TASK(status, is_new, a, b, c, why)                                    \
	{"Task", status, is_new, {KETEN_##a, KETEN_##b, KETEN_##c}, why},
#define REQUEST(status, is_new, a, b, c, why)                                 \
	{"ServiceRequest", status, is_new,                                    \
	    {KETEN_##a, KETEN_##b, KETEN_##c}, why},
#include "map/fhir/tbl_task.h"
};

const struct fhir_status *
fhir_status(const char *type, const char *status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(statuses[i].type, type) == 0 &&
		    strcmp(statuses[i].status, status) == 0)
			return (&statuses[i]);
	return (NULL);
}

/* Is ${step} one of the names in ${may}? */
static bool
may(const char *list, enum keten_step step)
{
	const char *name = keten_step_name(step);
	size_t len = strlen(name);

	for (const char *p = strstr(list, name); p != NULL;
	     p = strstr(p + 1, name))
		if ((p == list || strchr(" ,", p[-1]) != NULL) &&
		    strchr(" ,", p[len]) != NULL)
			return (true);
	return (false);
}

/* The first that may be taken now; what we know may be old, so else the first:
 * the broker decides. */
static enum keten_step
choose(const struct fhir_status *row, const struct keten_referral *r)
{
	for (size_t i = 0; i < 3; i++)
		if (row->step[i] != 0 && may(r->may, row->step[i]))
			return (row->step[i]);
	return (row->step[0]);
}

/* A code of ours in a CodeableConcept, or one of the tables. */
static const char *
code_in(const struct map_use *use, enum map_field field, const char *prefix,
    const json_t *concept)
{
	const json_t *all = json_object_get(concept, "coding");
	const char *text = fhir_text(concept, "text");
	const char *ours = NULL;

	for (size_t i = 0; ours == NULL && i < json_array_size(all); i++) {
		const char *code = fhir_text(json_array_get(all, i), "code");

		if (code != NULL && strncmp(code, prefix, 4) == 0)
			ours = code;
		else if (code != NULL)
			ours = map_use_value(use, field, code, NULL);
	}
	if (ours == NULL && text != NULL)
		ours = strncmp(text, prefix, 4) == 0 ? text :
		    map_use_value(use, field, text, NULL);
	return (ours);
}

static enum err
put_reason(const struct map_use *use, const json_t *task,
    enum keten_step step, struct map_order *o, struct map_trouble *trouble)
{
	const json_t *concept = json_object_get(task, "statusReason");
	const char *own = fhir_text(fhir_at(concept, "coding", 0), "code");
	const char *reason = code_in(use, MAP_REASON, "AFW-", concept);

	if (reason == NULL)
		reason = own;
	/* The table may say what holds for a step without a reason. */
	if (reason == NULL)
		reason = map_use_value(use, MAP_REASON, keten_step_name(step),
		    NULL);
	if (reason == NULL)
		return (map_fail(trouble, "Task.statusReason ontbreekt: zet "
		    "er een code in, bijvoorbeeld %s.",
		    map_step_reason(step)));
	return (map_set(o, MAP_REASON, reason));
}

static enum err
put_outcome(const struct map_use *use, const json_t *task,
    struct map_order *o, struct map_trouble *trouble)
{
	const json_t *outputs = json_object_get(task, "output");
	const char *ours = code_in(use, MAP_OUTCOME, "UIT-",
	    json_object_get(task, "businessStatus"));

	for (size_t i = 0; ours == NULL && i < json_array_size(outputs); i++)
		ours = code_in(use, MAP_OUTCOME, "UIT-", json_object_get(
		    json_array_get(outputs, i), "valueCodeableConcept"));
	if (ours == NULL)
		ours = map_use_default_of(use, MAP_OUTCOME, NULL);
	if (ours == NULL)
		return (map_fail(trouble, "Task.businessStatus ontbreekt: zet "
		    "er de uitkomst in, bijvoorbeeld UIT-01 (geholpen)."));
	return (map_set(o, MAP_OUTCOME, ours));
}

static enum err
put_until(const json_t *task, struct map_order *o, struct map_trouble *trouble)
{
	const char *end = json_string_value(
	    fhir_path(task, "restriction.period.end"));

	if (end == NULL)
		end = json_string_value(fhir_path(task,
		    "executionPeriod.end"));
	if (end == NULL)
		return (map_fail(trouble, "Task.restriction.period.end "
		    "ontbreekt: tot wanneer staat het stil?"));
	return (map_set(o, MAP_UNTIL, end));
}

/* What somebody wrote last goes along as the text of the step. */
static enum err
put_text(const json_t *task, struct map_order *o)
{
	const json_t *notes = json_object_get(task, "note");
	const char *text = NULL;

	for (size_t i = 0; i < json_array_size(notes); i++) {
		const char *one = fhir_text(json_array_get(notes, i), "text");

		/* Not what Keten itself said: those notes have an author. */
		if (one != NULL && fhir_text(json_array_get(notes, i),
		    "authorString") == NULL)
			text = one;
	}
	if (text == NULL)
		text = json_string_value(fhir_path(task, "statusReason.text"));
	return (map_set(o, MAP_TEXT, text));
}

static enum err
fill(const struct map_use *use, const json_t *json, enum keten_step step,
    struct map_order *o, struct map_trouble *trouble)
{
	enum err err = put_text(json, o);

	if (err == ERR_OK && map_step_needs(step, MAP_REASON))
		err = put_reason(use, json, step, o, trouble);
	if (err == ERR_OK && map_step_needs(step, MAP_OUTCOME))
		err = put_outcome(use, json, o, trouble);
	if (err == ERR_OK && map_step_needs(step, MAP_UNTIL))
		err = put_until(json, o, trouble);
	return (err);
}

enum err
fhir_step(const struct map_use *use, const struct map_world *world,
    const json_t *json, const char *type, const char *referral,
    struct map_order *o, bool *changed, struct map_trouble *trouble)
{
	const char *status = fhir_text(json, "status");
	const struct fhir_status *row = fhir_status(type, status);
	struct keten_referral r;
	enum keten_step step;
	enum err err;

	memset(&r, 0, sizeof(r));
	if (world->show != NULL)
		(void)world->show(world->cookie, referral, &r);
	*changed = false;
	step = row == NULL || strcmp(r.fhir_status, status) == 0 ?
	    KETEN_NONE : choose(row, &r);
	/* A held Task stays "accepted" while its withdrawal is asked. */
	if (row != NULL && step == KETEN_NONE && r.withdrawal_asked &&
	    strcmp(status, "accepted") != 0)
		step = choose(row, &r);
	if (step == KETEN_NONE)
		return (ERR_OK);
	err = map_set(o, MAP_STEP, keten_step_name(step));
	if (err == ERR_OK)
		err = map_set(o, MAP_REFERRAL, referral);
	if (err == ERR_OK)
		err = fill(use, json, step, o, trouble);
	*changed = err == ERR_OK;
	return (err);
}
