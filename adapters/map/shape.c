#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "base/org.h"
#include "life/calendar.h"
#include "map/check.h"
#include "map/shape.h"

/* How people call a word of a closed list; the first column is what we send. */
struct word {
	enum map_field field;
	const char *ours;
	const char *theirs;
};

static const struct word words[] = {
    {MAP_URGENCY, "LOW", "kan wachten"},
    {MAP_URGENCY, "LOW", "laag"},
    {MAP_URGENCY, "LOW", "LOW"},
    {MAP_URGENCY, "NORMAL", "gewoon"},
    {MAP_URGENCY, "NORMAL", "normaal"},
    {MAP_URGENCY, "NORMAL", "NORMAL"},
    {MAP_URGENCY, "HIGH", "haast"},
    {MAP_URGENCY, "HIGH", "hoog"},
    {MAP_URGENCY, "HIGH", "HIGH"},
    {MAP_URGENCY, "EMERGENT", "spoed"},
    {MAP_URGENCY, "EMERGENT", "EMERGENT"},
    {MAP_DISCUSSED, "AGREES", "AGREES"},
    {MAP_DISCUSSED, "AGREES", "ja"},
    {MAP_DISCUSSED, "AGREES", "akkoord"},
    {MAP_DISCUSSED, "AGREES", "true"},
    {MAP_DISCUSSED, "OBJECTS", "OBJECTS"},
    {MAP_DISCUSSED, "OBJECTS", "bezwaar"},
    {MAP_DISCUSSED, "OBJECTS", "wil niet"},
    {MAP_DISCUSSED, "NOT_REACHED", "NOT_REACHED"},
    {MAP_DISCUSSED, "NOT_REACHED", "niet bereikt"},
    {MAP_DISCUSSED, "NOT_SAFE", "NOT_SAFE"},
    {MAP_DISCUSSED, "NOT_SAFE", "niet veilig"},
    {MAP_DISCUSSED, "NOT_ABLE", "NOT_ABLE"},
    {MAP_DISCUSSED, "NOT_ABLE", "kan niet"},
    {MAP_FREQUENCY, "once", "eenmalig"},
    {MAP_FREQUENCY, "once", "once"},
    {MAP_FREQUENCY, "1/day", "dagelijks"},
    {MAP_FREQUENCY, "1/week", "wekelijks"},
    {MAP_FREQUENCY, "1/month", "maandelijks"},
    {MAP_PAYER, "own", "zelf"},
    {MAP_PAYER, "landlord", "verhuurder"},
};
#define NWORDS (sizeof(words) / sizeof(words[0]))

static const char *
word_of(enum map_field field, const char *text)
{
	for (size_t i = 0; i < NWORDS; i++)
		if (words[i].field == field &&
		    map_same_word(words[i].theirs, text))
			return (words[i].ours);
	return (NULL);
}

int
shape_urgency(const char *name)
{
	static const char *const order[] = {"LOW", "NORMAL", "HIGH",
	    "EMERGENT"};

	for (int i = 0; i < 4; i++)
		if (strcmp(order[i], name) == 0)
			return (i + 1);
	return (0);
}

static bool
only(const char *text, const char *extra, int (*is)(int))
{
	for (; *text != '\0'; text++)
		if (!is((unsigned char)*text) && !isdigit((unsigned char)*text)
		    && strchr(extra, *text) == NULL)
			return (false);
	return (true);
}

/* "2/week", "dag" for "day" and the like are in the table; this is the rest. */
static bool
is_frequency(const char *text)
{
	static const char *const ends[] = {"/day", "/week", "/month"};
	size_t n = strspn(text, "0123456789");

	if (strcmp(text, "once") == 0)
		return (true);
	for (size_t i = 0; n > 0 && n < 4 && i < 3; i++)
		if (strcmp(text + n, ends[i]) == 0)
			return (true);
	return (false);
}

static bool
is_referral(const char *text)
{
	struct refid id;

	return (refid_parse(text, &id));
}

static bool
is_urgency(const char *text)
{
	return (shape_urgency(text) != 0);
}

static bool
is_actor(const char *text)
{
	return (strlen(text) <= 16);
}

static bool
is_discussed(const char *text)
{
	return (word_of(MAP_DISCUSSED, text) != NULL);
}

static bool
is_code(const char *text)
{
	return ((strncmp(text, "SIG-", 4) == 0 ||
	    strncmp(text, "DST-", 4) == 0) && strlen(text) == 7 &&
	    strspn(text + 4, "0123456789") == 3);
}

/* What a field must be beyond its shape, and how to say so. */
static const struct {
	enum map_field field;
	bool (*is)(const char *text);
	const char *want;
} rules[] = {
    {MAP_CODE, is_code, "een code als SIG-101 of DST-201"},
    {MAP_AREA, area_is_valid,
     "een CBS-code als GM0855, WK085501 of BU08550101"},
    {MAP_URGENCY, is_urgency, "kan wachten, gewoon, haast of spoed"},
    {MAP_DISCUSSED, is_discussed,
     "ja, bezwaar, niet bereikt, niet veilig of kan niet"},
    {MAP_FREQUENCY, is_frequency, "once, 2/week of 1/month"},
    {MAP_REFERRAL, is_referral, "het nummer dat Keten gaf (36 tekens)"},
    {MAP_PARENT, is_referral, "het nummer dat Keten gaf (36 tekens)"},
    {MAP_RELATES, is_referral, "het nummer dat Keten gaf (36 tekens)"},
    {MAP_CHILD, is_referral, "het nummer dat Keten gaf (36 tekens)"},
    {MAP_ACTOR, is_actor, "een functie of nummer van hoogstens 16 tekens"},
};

static const struct {
	size_t max;
	const char *want;
} shapes[] = {
    [MAP_IS_WORD] = {31, "een woord of code"},
    [MAP_IS_LOWER] = {600, "een kort woord"},
    [MAP_IS_NUMBER] = {9, "een heel getal"},
    [MAP_IS_DATE] = {40, "een datum als 2026-03-31 of 31-03-2026"},
    [MAP_IS_YESNO] = {10, "ja of nee"},
    [MAP_IS_LINE] = {500, "tekst van een regel"},
    [MAP_IS_TEXT] = {MAP_TEXT_MAX, "tekst van hoogstens 20.000 tekens"},
};

static enum err
not_so(const struct map_order *o, enum map_field field, const char *want,
    struct map_trouble *trouble)
{
	char quote[MAP_QUOTE];

	/* What somebody wrote about a person is not repeated. */
	if (map_is_personal(field) ||
	    map_field_shape(field) == MAP_IS_TEXT)
		return (map_fail(trouble, "Het veld '%s' moet %s zijn.",
		    map_field_name(field), want));
	return (map_fail(trouble, "Het veld '%s' moet %s zijn, niet '%s'.",
	    map_field_name(field), want,
	    map_quote(map_get(o, field), quote)));
}

static void
set_case(char *text, int (*to)(int))
{
	for (; *text != '\0'; text++)
		*text = (char)to((unsigned char)*text);
}

static bool
is_date(const char *text)
{
	char iso[11];

	return (map_date_iso(text, iso));
}

static bool
fits(const char *text, enum map_shape shape)
{
	switch (shape) {
	case MAP_IS_WORD:
		return (only(text, "-_", isupper));
	case MAP_IS_LOWER:
		return (only(text, "-_/,; ", islower));
	case MAP_IS_NUMBER:
		return (text[strspn(text, "0123456789")] == '\0');
	case MAP_IS_DATE:
		return (is_date(text));
	case MAP_IS_YESNO:
	case MAP_IS_TEXT:
		break;
	case MAP_IS_LINE:
		return (strpbrk(text, "\r\n") == NULL);
	}
	return (true);
}

/* A birth date may be a year only; it is kept as it was written. */
static enum err
shape_date(struct map_order *o, enum map_field field,
    struct map_trouble *trouble)
{
	const char *text = map_get(o, field);
	char iso[11];

	if (map_date_iso(text, iso))
		return (map_set(o, field, iso));
	if (field == MAP_BIRTH && strlen(text) <= 10 &&
	    text[strspn(text, "0123456789-")] == '\0')
		return (ERR_OK);
	return (not_so(o, field, shapes[MAP_IS_DATE].want, trouble));
}

static enum err
check_rules(const struct map_order *o, enum map_field field,
    struct map_trouble *trouble)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].field == field &&
		    !rules[i].is(map_get(o, field)))
			return (not_so(o, field, rules[i].want, trouble));
	return (ERR_OK);
}

enum err
shape_field(struct map_order *o, enum map_field field,
    struct map_trouble *trouble)
{
	enum map_shape shape = map_field_shape(field);
	const char *word;
	enum err err;

	if (map_get(o, field) == NULL)
		return (ERR_OK);
	word = word_of(field, map_get(o, field));
	if (word != NULL) {
		err = map_set(o, field, word);
		if (err != ERR_OK)
			return (err);
	}
	/* Our own notes are as long as they are. */
	if (field == MAP_REMARK || field == MAP_KEYS || field == MAP_CONTEXT)
		return (ERR_OK);
	if (strlen(map_get(o, field)) > shapes[shape].max)
		return (not_so(o, field, shapes[shape].want, trouble));
	if (shape == MAP_IS_DATE)
		return (shape_date(o, field, trouble));
	if (shape == MAP_IS_WORD)
		set_case(o->field[field], toupper);
	if (shape == MAP_IS_LOWER)
		set_case(o->field[field], tolower);
	if (!fits(map_get(o, field), shape))
		return (not_so(o, field, shapes[shape].want, trouble));
	return (check_rules(o, field, trouble));
}
