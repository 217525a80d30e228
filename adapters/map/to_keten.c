#include <stdlib.h>
#include <string.h>

#include "map/check.h"
#include "map/order.h"

/*
 * The last step out: fields that map_check() has passed become the SDK's order.
 * Nothing is judged here any more.
 */

static const char *const urgencies[] = {
    NULL, "LOW", "NORMAL", "HIGH", "EMERGENT"};
static const char *const answers[] = {
    NULL, "AGREES", "OBJECTS", "NOT_REACHED", "NOT_SAFE", "NOT_ABLE"};

static unsigned
place_of(const char *text, const char *const *words, size_t n)
{
	for (unsigned i = 1; text != NULL && i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return (i);
	return (0);
}

static uint32_t
number(const struct map_order *o, enum map_field field)
{
	const char *text = map_get(o, field);

	return (text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10));
}

static int64_t
date(const struct map_order *o, enum map_field field, bool end)
{
	const char *text = map_get(o, field);

	return (text == NULL ? 0 : map_date_ms(text, end));
}

/* Cut "a, b" into names that live in ${*at}. */
static const char *const *
names(const char *text, char **at, const char *out[17])
{
	static const char between[] = " ,;";
	char *p = *at;
	size_t n = 0;

	if (text == NULL)
		return (NULL);
	memcpy(p, text, strlen(text) + 1);
	*at += strlen(text) + 1;
	for (p += strspn(p, between); *p != '\0' && n < 16;
	     p += strspn(p, between)) {
		out[n++] = p;
		p += strcspn(p, between);
		if (*p != '\0')
			*p++ = '\0';
	}
	out[n] = NULL;
	return (out);
}

static enum err
fill_lists(const struct map_order *o, struct map_hold *hold,
    struct keten_order *ko)
{
	const char *first = map_get(o, MAP_FIRST);
	const char *never = map_get(o, MAP_NEVER);
	char *at;

	hold->names = malloc((first == NULL ? 0 : strlen(first)) +
	    (never == NULL ? 0 : strlen(never)) + 2);
	if (hold->names == NULL)
		return (ERR_NOMEM);
	at = hold->names;
	ko->first = names(first, &at, hold->first);
	ko->never = names(never, &at, hold->never);
	return (ERR_OK);
}

static void
fill_submit(const struct map_order *o, struct keten_order *ko)
{
	ko->code = map_get(o, MAP_CODE);
	ko->area = map_get(o, MAP_AREA);
	ko->discussed = (enum keten_discussed)place_of(
	    map_get(o, MAP_DISCUSSED), answers,
	    sizeof(answers) / sizeof(answers[0]));
	ko->units = number(o, MAP_UNITS);
	ko->frequency = map_get(o, MAP_FREQUENCY);
	ko->end_ms = date(o, MAP_END, true);
	ko->payer = map_get(o, MAP_PAYER);
	ko->parent = map_get(o, MAP_PARENT);
	ko->relates = map_get(o, MAP_RELATES);
}

static void
fill_step(const struct map_order *o, struct keten_order *ko)
{
	ko->referral = map_get(o, MAP_REFERRAL);
	ko->to = map_get(o, MAP_TO);
	ko->reason = map_get(o, MAP_REASON);
	ko->outcome = map_get(o, MAP_OUTCOME);
	ko->until_ms = date(o, MAP_UNTIL, false);
	ko->units_done = number(o, MAP_DONE);
	ko->units_total = number(o, MAP_TOTAL);
	ko->child = map_get(o, MAP_CHILD);
	ko->outside = map_get(o, MAP_OUTSIDE);
}

enum err
map_to_keten(const struct map_order *o, const char *source,
    struct map_hold *hold, struct keten_order *ko)
{
	const char *step = map_get(o, MAP_STEP);
	enum err err;

	memset(ko, 0, sizeof(*ko));
	memset(hold, 0, sizeof(*hold));
	ko->step = step == NULL ? KETEN_SUBMIT : map_step_of(step);
	ko->source = source;
	ko->actor = map_get(o, MAP_ACTOR);
	ko->version = number(o, MAP_VERSION);
	ko->offer = number(o, MAP_OFFER);
	ko->urgency = (enum keten_urgency)place_of(map_get(o, MAP_URGENCY),
	    urgencies, sizeof(urgencies) / sizeof(urgencies[0]));
	ko->basis = map_get(o, MAP_BASIS);
	ko->text = map_get(o, MAP_TEXT);
	ko->note = map_get(o, MAP_NOTE);
	if (ko->step != KETEN_SUBMIT) {
		fill_step(o, ko);
		/* The one step beside a new referral that has these. */
		if (ko->step == KETEN_MISSING) {
			ko->code = map_get(o, MAP_CODE);
			ko->area = map_get(o, MAP_AREA);
		}
		return (ERR_OK);
	}

	fill_submit(o, ko);
	err = map_person(o, &hold->person);
	if (err != ERR_OK)
		return (err);
	ko->person = hold->person;
	return (fill_lists(o, hold, ko));
}

void
map_hold_fini(struct map_hold *hold)
{
	free(hold->names);
	if (hold->person != NULL) {
		explicit_bzero(hold->person, strlen(hold->person));
		free(hold->person);
	}
	memset(hold, 0, sizeof(*hold));
}

enum err
map_person(const struct map_order *o, char **person)
{
	json_t *out = json_object();
	char *text = NULL;
	size_t n = 0;
	enum err err = ERR_NOMEM;

	if (out == NULL)
		return (ERR_NOMEM);
	for (int i = 0; i < MAP_FIELD__MAX; i++) {
		enum map_field f = (enum map_field)i;

		if (!map_is_personal(f) ||
		    o->field[i] == NULL)
			continue;
		if (json_object_set_new(out, map_field_en(f),
		    json_string(o->field[i])) != 0)
			goto out;
		n++;
	}
	if (n > 0) {
		text = json_dumps(out, JSON_COMPACT);
		if (text == NULL)
			goto out;
	}
	*person = text;
	err = ERR_OK;
out:
	json_decref(out);
	return (err);
}
