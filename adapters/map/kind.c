#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/csv.h"
#include "map/kind.h"

void
map_use_init(struct map_use *use, const struct map_kind *kind)
{
	memset(use, 0, sizeof(*use));
	use->kind = kind;
}

enum err
map_use_default(struct map_use *use, enum map_field field, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return (ERR_NOMEM);
	free(use->defaults[field]);
	use->defaults[field] = copy;
	return (ERR_OK);
}

static enum err
own_add(struct map_use *use, enum map_field field, const char *theirs,
    const char *ours)
{
	struct map_own *more;
	struct map_own row = {.field = field};

	more = reallocarray(use->own, use->n_own + 1, sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	use->own = more;
	row.theirs = strdup(theirs);
	row.ours = ours == NULL ? NULL : strdup(ours);
	if (row.theirs == NULL || (ours != NULL && row.ours == NULL)) {
		free(row.theirs);
		free(row.ours);
		return (ERR_NOMEM);
	}
	more[use->n_own++] = row;
	return (ERR_OK);
}

static enum err
own_row(struct map_use *use, char *const *cell, size_t row,
    struct map_trouble *trouble)
{
	enum map_field field;
	char quote[MAP_QUOTE];

	if (cell[1][0] == '\0')
		return (map_fail(trouble,
		    "Eigen tabel, regel %zu: hun_woord is leeg.", row));
	if (map_same_word(cell[0], "negeer"))
		return (own_add(use, MAP_FIELD__MAX, cell[1], NULL));
	if (map_same_word(cell[0], "kolom")) {
		field = map_field_of(cell[2]);
		if (field == MAP_FIELD__MAX)
			return (map_fail(trouble, "Eigen tabel, regel %zu: ons "
			    "veld '%s' bestaat niet.", row,
			    map_quote(cell[2], quote)));
		return (own_add(use, field, cell[1], NULL));
	}
	field = map_field_of(cell[0]);
	if (field == MAP_FIELD__MAX)
		return (map_fail(trouble, "Eigen tabel, regel %zu: het veld "
		    "'%s' bestaat niet.", row, map_quote(cell[0], quote)));
	return (own_add(use, field, cell[1], cell[2]));
}

enum err
map_use_table(struct map_use *use, const char *data, size_t len,
    struct map_trouble *trouble)
{
	struct csv_table t;
	enum err err = csv_read(data, len, &t, trouble);

	if (err != ERR_OK)
		return (err);
	if (t.n == 0 || t.width[0] != 3)
		err = map_fail(trouble, "De eigen tabel heeft de kolommen "
		    "veld, hun_woord en onze_code nodig.");
	for (size_t i = 1; err == ERR_OK && i < t.n; i++)
		err = own_row(use, t.cells[i], i + 1, trouble);
	csv_table_fini(&t);
	return (err);
}

void
map_use_fini(struct map_use *use)
{
	for (size_t i = 0; i < use->n_own; i++) {
		free(use->own[i].theirs);
		free(use->own[i].ours);
	}
	free(use->own);
	for (size_t i = 0; i < MAP_FIELD__MAX; i++)
		free(use->defaults[i]);
	map_use_init(use, use->kind);
}

bool
map_use_field(const struct map_use *use, const char *word,
    enum map_field *field)
{
	const struct map_kind *kind = use->kind;
	enum map_field f;

	for (size_t i = 0; i < use->n_own; i++)
		if (use->own[i].ours == NULL &&
		    map_same_word(word, use->own[i].theirs)) {
			*field = use->own[i].field;
			return (true);
		}
	for (size_t i = 0; i < kind->n_aliases; i++)
		if (map_same_word(word, kind->aliases[i].theirs)) {
			*field = kind->aliases[i].field;
			return (true);
		}
	f = map_field_of(word);
	/* The last three are ours alone, and what a covenant has to allow comes
	 * by FHIR: no table may set them. */
	if (f == MAP_FIELD__MAX || f == MAP_REMARK || f == MAP_KEYS ||
	    f == MAP_CONTEXT || map_field_group(f) == MAP_OF_CONTENT)
		return (false);
	*field = f;
	return (true);
}

const char *
map_use_value(const struct map_use *use, enum map_field field,
    const char *theirs, const char **highest)
{
	const struct map_value *v = use->kind->values;

	if (highest != NULL)
		*highest = NULL;
	for (size_t i = 0; i < use->n_own; i++)
		if (use->own[i].field == field && use->own[i].ours != NULL &&
		    map_same_word(theirs, use->own[i].theirs))
			return (use->own[i].ours);
	for (size_t i = 0; i < use->kind->n_values; i++) {
		if (v[i].field != field || !map_same_word(theirs, v[i].theirs))
			continue;
		if (highest != NULL)
			*highest = v[i].highest;
		return (v[i].ours);
	}
	return (NULL);
}

const char *
map_use_code_highest(const struct map_use *use, const char *ours)
{
	const struct map_value *v = use->kind->values;

	for (size_t i = 0; i < use->kind->n_values; i++)
		if (v[i].field == MAP_CODE && v[i].highest != NULL &&
		    strcmp(v[i].ours, ours) == 0)
			return (v[i].highest);
	return (NULL);
}

/* Signals or services, once the code is known. */
static char
letter(const char *code)
{
	return (code != NULL && strncasecmp(code, "SIG", 3) == 0 ? 'S' : 'D');
}

const char *
map_use_default_of(const struct map_use *use, enum map_field field,
    const char *code)
{
	const struct map_default *d = use->kind->defaults;

	if (use->defaults[field] != NULL)
		return (use->defaults[field]);
	for (size_t i = 0; i < use->kind->n_defaults; i++)
		if (d[i].field == field &&
		    (d[i].kind == '*' || d[i].kind == letter(code)))
			return (d[i].ours);
	return (NULL);
}

/* Only a new referral has defaults; a step says itself what it means. */
static bool
has_default(enum keten_step step, enum map_field field)
{
	if (field == MAP_REASON || field == MAP_OUTCOME)
		return (false);
	return (step == KETEN_SUBMIT || field == MAP_ACTOR ||
	    (step == KETEN_HAND_OVER && field == MAP_BASIS));
}

enum err
map_use_apply(const struct map_use *use, struct map_order *o)
{
	const char *word = map_get(o, MAP_STEP);
	enum keten_step step =
	    word == NULL ? KETEN_SUBMIT : map_step_of(word);
	enum err err = ERR_OK;

	for (int i = 0; err == ERR_OK && i < MAP_FIELD__MAX; i++) {
		enum map_field f = (enum map_field)i;
		const char *ours;

		if (!has_default(step, f))
			continue;
		ours = map_use_default_of(use, f, map_get(o, MAP_CODE));
		if (ours != NULL)
			err = map_default(o, f, ours);
	}
	return (err);
}

const char *
map_use_state(const struct map_use *use, const char *state)
{
	for (size_t i = 0; i < use->kind->n_states; i++)
		if (strcmp(use->kind->states[i].state, state) == 0)
			return (use->kind->states[i].theirs);
	return (NULL);
}
