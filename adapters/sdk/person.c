/*
 * person -- which members only some may get.
 */
#include <jansson.h>
#include <stddef.h>
#include <strings.h>

#include "sdk/keten.h"
#include "sdk/person.h"

static const struct {
	const char *name;
	unsigned bit;
	const char *word;
} members[] = {
	{ "bsn", KETEN_MAY_BSN, "een BSN" },
	{ "burgerservicenummer", KETEN_MAY_BSN, "een BSN" },
	{ "photo", KETEN_MAY_PHOTO, "een foto" },
	{ "foto", KETEN_MAY_PHOTO, "een foto" },
	{ "clinical", KETEN_MAY_CLINICAL, "medische gegevens" },
	{ "medisch", KETEN_MAY_CLINICAL, "medische gegevens" },
};
#define NMEMBERS (sizeof(members) / sizeof(members[0]))

static unsigned
bit_of(const char *name, const json_t *value)
{
	if (json_is_null(value) || json_is_false(value) ||
	    (json_is_string(value) && json_string_length(value) == 0) ||
	    (json_is_array(value) && json_array_size(value) == 0))
		return (0);
	for (size_t i = 0; i < NMEMBERS; i++)
		if (strcasecmp(name, members[i].name) == 0)
			return (members[i].bit);
	return (0);
}

/* jansson itself reads no deeper than 2048. */
static unsigned
walk(json_t *json)
{
	const char *name;
	json_t *value;
	size_t i;
	unsigned bits = 0;

	if (json_is_object(json))
		json_object_foreach (json, name, value)
			bits |= bit_of(name, value) | walk(value);
	else if (json_is_array(json))
		json_array_foreach (json, i, value)
			bits |= walk(value);
	return (bits);
}

unsigned
person_contains(const char *person)
{
	json_t *o = person == NULL ? NULL : json_loads(person, 0, NULL);
	unsigned bits = walk(o);

	json_decref(o);
	return (bits);
}

const char *
person_word(unsigned content)
{
	for (size_t i = 0; i < NMEMBERS; i++)
		if ((content & members[i].bit) != 0)
			return (members[i].word);
	return ("");
}
