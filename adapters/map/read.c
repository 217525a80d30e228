#include <stdio.h>
#include <string.h>

#include "map/check.h"
#include "map/content.h"
#include "map/fhir/fhir.h"
#include "map/flat.h"
#include "map/json.h"
#include "map/offering.h"
#include "map/read.h"

static enum err
read_json(const struct map_use *use, const struct map_world *world,
    const char *data, size_t len, struct map_list *list,
    struct map_trouble *trouble)
{
	json_t *root = NULL;
	enum err err = map_json(data, len, &root, trouble);

	if (err != ERR_OK)
		return (err);
	if (offering_is_json(root))
		err = offering_json(root, list, trouble);
	else if (!fhir_is(root))
		err = flat_json(use, root, list, trouble);
	else if (use->kind->fhir)
		err = fhir_read(use, world, root, list, trouble);
	else
		err = map_fail(trouble, "Dit is een FHIR-bestand; deze map "
		    "(%s) leest gewone JSON of CSV.", use->kind->name);
	json_decref(root);
	return (err);
}

/* "kenmerk|WO-1234": how the ledger calls a partner's own number. */
static enum err
key_of(const struct map_order *o, char key[600])
{
	const char *own = map_get(o, MAP_KEY);

	key[0] = '\0';
	if (own != NULL)
		(void)snprintf(key, 600, "kenmerk|%s", own);
	return (own == NULL ? ERR_NOT_FOUND : ERR_OK);
}

static bool
is_twice(const struct map_list *list, size_t i)
{
	const char *own = map_get(&list->items[i], MAP_KEY);

	for (size_t j = 0; j < i; j++)
		if (map_get(&list->items[j], MAP_KEY) != NULL &&
		    strcmp(own, map_get(&list->items[j], MAP_KEY)) == 0)
			return (true);
	return (false);
}

/*
 * A partner's own number stands for the referral that was made of it: a step
 * may name it instead, and a new referral may not use it again.
 */
static enum err
settle_key(const struct map_world *world, struct map_list *list, size_t i,
    struct map_trouble *trouble)
{
	struct map_order *o = &list->items[i];
	const char *step = map_get(o, MAP_STEP);
	bool submit = step == NULL || map_step_of(step) == KETEN_SUBMIT;
	char key[600], quote[MAP_QUOTE];
	char referral[KETEN_ID_TEXT] = "";
	bool known;

	/* FHIR brings keys of its own. */
	if (map_get(o, MAP_KEYS) != NULL || key_of(o, key) != ERR_OK)
		return (ERR_OK);
	known = world->known != NULL &&
	    world->known(world->cookie, key, referral);
	map_quote(map_get(o, MAP_KEY), quote);
	if (submit && known)
		return (map_fail(trouble, "Het kenmerk '%s' is al ingediend, "
		    "als verwijzing %s.", quote, referral));
	if (submit && is_twice(list, i))
		return (map_fail(trouble, "Het kenmerk '%s' staat twee keer "
		    "in dit bestand.", quote));
	if (submit)
		return (map_set(o, MAP_KEYS, key));
	if (map_get(o, MAP_REFERRAL) != NULL)
		return (ERR_OK);
	if (!known)
		return (map_fail(trouble, "Het kenmerk '%s' ken ik niet; zet "
		    "in 'verwijzing' het nummer dat Keten gaf.", quote));
	return (map_set(o, MAP_REFERRAL, referral));
}

/* Their word for the step, by the tables. */
static enum err
settle_step(const struct map_use *use, struct map_order *o)
{
	const char *step = map_get(o, MAP_STEP);
	const char *ours = step == NULL ? NULL :
	    map_use_value(use, MAP_STEP, step, NULL);

	return (ours == NULL ? ERR_OK : map_set(o, MAP_STEP, ours));
}

/* Put "Regel 3: " before the sentence when there are several. */
static enum err
check_all(const struct map_use *use, const struct map_world *world,
    struct map_list *list, struct map_trouble *trouble)
{
	struct map_trouble one;
	enum err err;

	for (size_t i = 0; i < list->n; i++) {
		err = settle_step(use, &list->items[i]);
		if (err == ERR_OK)
			err = settle_key(world, list, i, &one);
		if (err == ERR_OK)
			err = map_check(use, &list->items[i], &one);
		if (err == ERR_OK)
			err = content_settle(world, &list->items[i]);
		if (err == ERR_MALFORMED && list->is_many)
			return (map_fail(trouble, "%s %zu: %.480s",
			    "Regel", list->items[i].row, one.text));
		if (err == ERR_MALFORMED)
			*trouble = one;
		if (err != ERR_OK)
			return (err);
	}
	return (ERR_OK);
}

enum err
map_read(const struct map_use *use, const struct map_world *world,
    const char *data, size_t len, struct map_list *list,
    struct map_trouble *trouble)
{
	struct map_list made = {0};
	enum err err;

	if (len > MAP_FILE_MAX)
		err = map_fail(trouble, "Het bestand is groter dan %d kB; "
		    "splits het.", MAP_FILE_MAX / 1024);
	else if (len == 0)
		err = map_fail(trouble, "Het bestand is leeg.");
	else if (map_is_json(data, len))
		err = read_json(use, world, data, len, &made, trouble);
	else if (offering_is_csv(data, len))
		err = offering_csv(data, len, &made, trouble);
	else
		err = flat_csv(use, data, len, &made, trouble);

	if (err == ERR_OK && made.n > MAP_ITEMS_MAX)
		err = map_fail(trouble, "Er staan meer dan %d opdrachten in; "
		    "splits het bestand.", MAP_ITEMS_MAX);
	if (err == ERR_OK)
		err = check_all(use, world, &made, trouble);
	if (err != ERR_OK) {
		map_list_fini(&made);
		return (err);
	}
	*list = made;
	return (ERR_OK);
}
