#ifndef MAP_KIND_H_
#define MAP_KIND_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "map/order.h"

/*
 * kind -- the words of one kind of partner, as one table.
 *
 * There is one mapper; what differs between home care, welfare, housing and
 * the work company is only in a struct map_kind: how they call a field, how
 * they call a value, what holds when they say nothing, and in which form they
 * want to hear.  A partner can add rows of its own in a small table (CSV)
 * named in its settings; these are looked at first.
 *
 * Order of precedence: what the file says, the partner's own table, the
 * table of the kind, the defaults of the settings, the defaults of the kind.
 */
enum map_form { MAP_JSON, MAP_CSV, MAP_FHIR };

/* They call the field ${field} ${theirs}; MAP_FIELD__MAX: leave it out. */
struct map_alias {
	const char *theirs;
	enum map_field field;
};

/* Where they say ${theirs} in ${field}, it is ${ours}. */
struct map_value {
	enum map_field field;
	const char *theirs;
	const char *ours;
	const char *highest; /* of a code: no more urgent than this; or NULL */
};

struct map_default {
	enum map_field field;
	const char *ours;
	char kind; /* 'S' signals only, 'D' services only, '*' both */
};

/* How their system calls a state of ours. */
struct map_state {
	const char *state;
	const char *theirs;
};

struct map_kind {
	const char *name;  /* of the program: "welzijn" */
	const char *title; /* one Dutch line */
	enum map_form form; /* in which they want to hear */
	bool fhir;	   /* FHIR resources may come in */
	const struct map_alias *aliases;
	size_t n_aliases;
	const struct map_value *values;
	size_t n_values;
	const struct map_default *defaults;
	size_t n_defaults;
	const struct map_state *states;
	size_t n_states;
	const char *const *lists; /* members that hold a list of items; NULL
				     at the end */
};

/* One row of the partner's own table. */
struct map_own {
	enum map_field field;
	char *theirs;
	char *ours; /* NULL: ${theirs} is how they call the field itself */
};

/* A kind as one partner uses it. */
struct map_use {
	const struct map_kind *kind;
	struct map_own *own;
	size_t n_own;
	char *defaults[MAP_FIELD__MAX];
};

/**
 * map_use_init(use, kind):
 * Use ${kind} as it is.
 */
void map_use_init(struct map_use *use, const struct map_kind *kind);

/**
 * map_use_default(use, field, text):
 * From now on ${text} holds where a file does not say ${field}.  ERR_NOMEM.
 */
MUST_CHECK enum err map_use_default(struct map_use *use, enum map_field field,
    const char *text);

/**
 * map_use_table(use, data, len, trouble):
 * Add the rows of a partner's own table: CSV with the columns veld, hun_woord,
 * onze_code.  "veld" is the name of a field; or "kolom", and then onze_code is
 * the field that they call hun_woord; or "negeer" for a field of theirs that
 * is to be left out.  ERR_MALFORMED with ${trouble}, ERR_NOMEM.
 */
MUST_CHECK enum err map_use_table(struct map_use *use, const char *data,
    size_t len, struct map_trouble *trouble);

/**
 * map_use_fini(use):
 * Free what was added.
 */
void map_use_fini(struct map_use *use);

/**
 * map_use_field(use, word, field):
 * Find the field that ${word} names for this partner; MAP_FIELD__MAX if it is
 * to be left out.  Return false if nobody knows it.
 */
bool map_use_field(const struct map_use *use, const char *word,
    enum map_field *field);

/**
 * map_use_value(use, field, theirs, highest):
 * Return our word for ${theirs} in ${field}, NULL if no table has one.  Store
 * the highest urgency of a code, or NULL, in ${highest} (which may be NULL).
 */
const char *map_use_value(const struct map_use *use, enum map_field field,
    const char *theirs, const char **highest);

/**
 * map_use_code_highest(use, ours):
 * Return the highest urgency that a row of the tables gives our code ${ours},
 * NULL if none does.
 */
const char *map_use_code_highest(const struct map_use *use, const char *ours);

/**
 * map_use_default_of(use, field, code):
 * Return what holds where a file with ${code} does not say ${field}; NULL if
 * nothing does.
 */
const char *map_use_default_of(const struct map_use *use,
    enum map_field field, const char *code);

/**
 * map_use_apply(use, o):
 * Fill in the defaults for what ${o} does not say.  ERR_NOMEM.
 */
MUST_CHECK enum err map_use_apply(const struct map_use *use,
    struct map_order *o);

/**
 * map_use_state(use, state):
 * Return how this partner calls our state ${state}; NULL if it has no word.
 */
const char *map_use_state(const struct map_use *use, const char *state);

#endif /* !MAP_KIND_H_ */
