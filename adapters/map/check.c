#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "base/conf.h"
#include "base/org.h"
#include "map/check.h"
#include "map/shape.h"

static const char danger[] = "Bij acuut gevaar: bel 112. Een melding met acuut "
    "gevaar gaat niet via Keten; er is niets verstuurd.";

/* Words with which people say that somebody is in danger now. */
static const char *const acute[] = {"acuut", "acuut_gevaar", "levensgevaar",
    "direct_gevaar", "112"};

static bool
is_acute(const struct map_order *o)
{
	const char *urgency = map_get(o, MAP_URGENCY);
	const char *d = map_get(o, MAP_DANGER);
	bool yes = false;

	/* What cannot be read as "no" counts as "yes": better one call
	 * too many. */
	if (d != NULL && (!conf_read_bool(d, &yes) || yes))
		return (true);
	for (size_t i = 0; urgency != NULL &&
	     i < sizeof(acute) / sizeof(acute[0]); i++)
		if (map_same_word(urgency, acute[i]))
			return (true);
	return (false);
}

/* The tables first, then the shape. */
static enum err
check_field(const struct map_use *use, struct map_order *o,
    enum map_field field, struct map_trouble *trouble)
{
	const char *theirs = map_get(o, field);
	const char *highest = NULL;
	const char *ours;
	enum err err;

	if (theirs == NULL)
		return (ERR_OK);
	ours = map_use_value(use, field, theirs, &highest);
	if (ours != NULL) {
		err = map_set(o, field, ours);
		if (err != ERR_OK)
			return (err);
	}
	return (shape_field(o, field, trouble));
}

/* Paperwork is never an emergency, whatever the other system says. */
static enum err
cap_urgency(const struct map_use *use, struct map_order *o)
{
	const char *code = map_get(o, MAP_CODE);
	const char *urgency = map_get(o, MAP_URGENCY);
	const char *highest;

	if (code == NULL || urgency == NULL)
		return (ERR_OK);
	highest = map_use_code_highest(use, code);
	if (highest == NULL || shape_urgency(urgency) <= shape_urgency(highest))
		return (ERR_OK);
	return (map_set(o, MAP_URGENCY, highest));
}

static enum err
check_needs(const struct map_order *o, enum keten_step step,
    struct map_trouble *trouble)
{
	for (int i = 0; i < MAP_FIELD__MAX; i++) {
		enum map_field f = (enum map_field)i;

		if (map_step_needs(step, f) && map_get(o, f) == NULL)
			return (map_fail(trouble, "Het veld '%s' ontbreekt; "
			    "zonder dat kan '%s' niet.", map_field_name(f),
			    map_step_word(step)));
	}
	return (ERR_OK);
}

/* A step may be left out of a new referral, nowhere else. */
static enum err
check_step(struct map_order *o, enum keten_step *step,
    struct map_trouble *trouble)
{
	const char *word = map_get(o, MAP_STEP);
	char quote[MAP_QUOTE];

	if (word == NULL) {
		*step = KETEN_SUBMIT;
		if (map_get(o, MAP_REFERRAL) != NULL)
			return (map_fail(trouble, "Er staat een verwijzing, "
			    "maar geen stap. Zet in 'stap' wat er moet "
			    "gebeuren, bijvoorbeeld aannemen of afwijzen."));
		return (map_set(o, MAP_STEP, "SUBMIT"));
	}
	*step = map_step_of(word);
	if (*step == 0)
		return (map_fail(trouble, "De stap '%s' ken ik niet. Kijk in "
		    "de README welke stappen er zijn.",
		    map_quote(word, quote)));
	if (*step == KETEN_SUBMIT && map_get(o, MAP_REFERRAL) != NULL)
		return (map_fail(trouble, "Bij indienen hoort geen "
		    "'verwijzing': die krijgt u van Keten."));
	return (map_set(o, MAP_STEP, keten_step_name(*step)));
}

static void
mask_all(struct map_order *o)
{
	for (int i = 0; i < MAP_FIELD__MAX; i++)
		if (o->field[i] != NULL && i != MAP_NOTE &&
		    i != MAP_PHONE && i != MAP_KEY && i != MAP_KEYS &&
		    i != MAP_CONTEXT && i != MAP_BSN && i != MAP_PHOTO &&
		    map_field_shape((enum map_field)i) >= MAP_IS_LINE)
			(void)map_mask_bsn(o->field[i]);
}

enum err
map_check(const struct map_use *use, struct map_order *o,
    struct map_trouble *trouble)
{
	enum keten_step step = KETEN_SUBMIT;
	enum err err;

	/* A FHIR resource that we know and that asks for nothing new. */
	if (map_get(o, MAP_STEP) != NULL &&
	    strcmp(map_get(o, MAP_STEP), MAP_NO_STEP) == 0)
		return (ERR_OK);
	if (is_acute(o))
		return (map_fail(trouble, "%s", danger));
	err = check_field(use, o, MAP_CODE, trouble);
	if (err == ERR_OK)
		err = map_use_apply(use, o);
	if (err == ERR_OK)
		err = check_step(o, &step, trouble);
	for (int i = 0; err == ERR_OK && i < MAP_FIELD__MAX; i++)
		if (i != MAP_CODE && i != MAP_STEP)
			err = check_field(use, o, (enum map_field)i, trouble);
	if (err == ERR_OK)
		err = check_needs(o, step, trouble);
	if (err == ERR_OK)
		err = cap_urgency(use, o);
	if (err == ERR_OK && map_get(o, MAP_NOTE) != NULL)
		err = map_gives_away(o, map_get(o, MAP_NOTE), trouble);
	if (err == ERR_OK)
		mask_all(o);
	return (err);
}
