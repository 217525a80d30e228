#ifndef MAP_ORDER_H_
#define MAP_ORDER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "sdk/keten.h"

/*
 * order -- one step somebody wants to take, between their words and ours.
 *
 * Whatever a partner sends (FHIR, CSV, JSON) becomes a list of these, and only
 * these become orders of the SDK.  All fields are text, in our own codes, as
 * map_check() (check.h) leaves them.  A list is also what the drop folder
 * writes down before it sends anything, so that it can go on after a crash.
 */
enum map_field {
#define FIELD(name, nl, en, shape, group) MAP_##name,
#include "map/tbl_fields.h"
#undef FIELD
	MAP_FIELD__MAX
};

enum map_shape {
	MAP_IS_WORD,
	MAP_IS_LOWER,
	MAP_IS_NUMBER,
	MAP_IS_DATE,
	MAP_IS_YESNO,
	MAP_IS_LINE,
	MAP_IS_TEXT
};

/* In the field STEP: there is nothing to send for this one. */
#define MAP_NO_STEP "-"

enum map_group {
	MAP_OF_STEP,
	MAP_OF_PERSON,
	MAP_OF_CONTENT,
	MAP_OF_OWN
};

struct map_order {
	char *field[MAP_FIELD__MAX]; /* owned; NULL: not given */
	size_t row; /* where it stood: row of a table, item of a list; from 1 */
};

/* The most that one file may ask for. */
#define MAP_ITEMS_MAX 500

struct map_list {
	struct map_order *items;
	size_t n;
	bool is_many; /* it was a table or a list: say "regel 3: ..." */
};

/* Why a file is refused, in one Dutch sentence. */
struct map_trouble {
	char text[512];
};

/**
 * map_fail(t, fmt, ...):
 * Write the sentence into ${t} and return ERR_MALFORMED.  It never carries
 * more than 60 characters of what somebody wrote, and no control characters.
 */
MUST_CHECK enum err map_fail(struct map_trouble *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * map_quote(text, buf):
 * Write ${text} into ${buf} for use in a sentence: at most 60 characters,
 * whole UTF-8 characters, no control characters.  Return ${buf}.
 */
#define MAP_QUOTE 72
const char *map_quote(const char *text, char buf[MAP_QUOTE]);

/**
 * map_get(o, field):
 * Return the text of ${field}, NULL if it is not given; valid until it is set
 * again.
 */
const char *map_get(const struct map_order *o, enum map_field field);

/**
 * map_set(o, field, text), map_default(o, field, text):
 * Put a copy of ${text} into ${field}; NULL or "" empties it.  map_default()
 * only where nothing is given yet.  ERR_NOMEM.
 */
MUST_CHECK enum err map_set(struct map_order *o, enum map_field field,
    const char *text);
MUST_CHECK enum err map_default(struct map_order *o, enum map_field field,
    const char *text);

/**
 * map_append(o, field, separator, text):
 * Add ${text} to what stands in ${field}, after ${separator} if that is not
 * empty.  ERR_NOMEM.
 */
MUST_CHECK enum err map_append(struct map_order *o, enum map_field field,
    const char *separator, const char *text);

/**
 * map_fini(o):
 * Wipe and free the fields of ${o}.
 */
void map_fini(struct map_order *o);

/**
 * map_is_personal(field):
 * Tell whether ${field} goes into the person part.
 */
bool map_is_personal(enum map_field field);

/**
 * map_list_add(list, o):
 * Store in ${o} a new, empty order at the end of ${list}; valid until the next
 * one is added.  ERR_NOMEM.
 */
MUST_CHECK enum err map_list_add(struct map_list *list, struct map_order **o);

/**
 * map_list_fini(list):
 * Wipe and free everything in ${list} and leave it empty.
 */
void map_list_fini(struct map_list *list);

/**
 * map_field_name(field), map_field_en(field), map_field_shape(field),
 * map_field_group(field):
 * Return the Dutch and English word, the shape and the group of ${field}.
 */
const char *map_field_name(enum map_field field);
const char *map_field_en(enum map_field field);
enum map_shape map_field_shape(enum map_field field);
enum map_group map_field_group(enum map_field field);

/**
 * map_field_of(word):
 * Return the field that a file calls ${word}, in Dutch or English, upper or
 * lower case, with ' ' or '-' for '_'; MAP_FIELD__MAX if there is none.
 */
enum map_field map_field_of(const char *word);

/**
 * map_same_word(a, b):
 * Tell whether both are the same word in the sense of map_field_of().
 */
bool map_same_word(const char *a, const char *b);

/**
 * map_step_of(word):
 * Return the step that a file calls ${word} (Dutch, or its name in the
 * protocol), 0 if there is none or no partner can take it.
 */
enum keten_step map_step_of(const char *word);

/**
 * map_step_word(step):
 * Return the Dutch word that a file uses for ${step}; "" if it is none that a
 * partner can take.
 */
const char *map_step_word(enum keten_step step);

/**
 * map_step_reason(step):
 * Return a reason code that fits ${step}, to show in an example; "" if it
 * needs none.
 */
const char *map_step_reason(enum keten_step step);

/**
 * map_step_needs(step, field):
 * Tell whether ${step} cannot do without ${field}.
 */
bool map_step_needs(enum keten_step step, enum map_field field);

/**
 * map_to_json(list, out), map_from_json(in, list):
 * Write ${list} down as JSON that the caller owns; read it back.  ERR_NOMEM;
 * ERR_CORRUPT if ${in} is not what map_to_json() makes.
 */
MUST_CHECK enum err map_to_json(const struct map_list *list, json_t **out);
MUST_CHECK enum err map_from_json(const json_t *in, struct map_list *list);

/* What an SDK order borrows besides the fields themselves. */
struct map_hold {
	const char *first[17];
	const char *never[17];
	char *names; /* both lists, cut into names */
	char *person;
};

/**
 * map_to_keten(o, source, hold, ko):
 * Make the SDK's order of ${o}, which map_check() has passed, with the key
 * ${source}.  ${ko} borrows from ${o}, ${source} and ${hold}; the caller gives
 * ${hold} to map_hold_fini() afterwards, also on failure.  ERR_NOMEM.
 */
MUST_CHECK enum err map_to_keten(const struct map_order *o,
    const char *source, struct map_hold *hold, struct keten_order *ko);

/**
 * map_hold_fini(hold):
 * Wipe and free what ${hold} has.
 */
void map_hold_fini(struct map_hold *hold);

/**
 * map_person(o, person):
 * Make the person part of ${o} as JSON text that the caller wipes and frees;
 * NULL in ${person} if nothing is said about a person.  ERR_NOMEM.
 */
MUST_CHECK enum err map_person(const struct map_order *o, char **person);

#endif /* !MAP_ORDER_H_ */
