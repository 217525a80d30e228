#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "map/csv.h"
#include "map/flat.h"

/* Objects whose members count as if they stood outside. */
static const char *const wrappers[] = {"persoon", "person", "huurder",
    "client", "bewoner", "deelnemer", "adres", "melding", "opdracht",
    "aanvraag"};

static bool
is_wrapper(const char *word)
{
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
		if (map_same_word(word, wrappers[i]))
			return (true);
	return (false);
}

static enum err
unknown(const struct map_use *use, const char *word,
    struct map_trouble *trouble)
{
	const char *words[MAP_FIELD__MAX + 64];
	const char *near;
	char quote[MAP_QUOTE];
	size_t n = 0;

	for (int i = 0; i < MAP_FIELD__MAX; i++)
		if (map_field_group((enum map_field)i) != MAP_OF_CONTENT)
			words[n++] = map_field_name((enum map_field)i);
	for (size_t i = 0; i < use->kind->n_aliases && i < 64; i++)
		words[n++] = use->kind->aliases[i].theirs;
	if (map_same_word(word, "bsn"))
		return (map_fail(trouble, "Een BSN hoort niet in Keten; haal "
		    "het veld 'bsn' weg."));
	near = conf_nearest(word, words, n);
	map_quote(word, quote);
	if (near != NULL)
		return (map_fail(trouble, "Het veld '%s' ken ik niet; bedoelde "
		    "u '%s'?", quote, near));
	return (map_fail(trouble, "Het veld '%s' ken ik niet. Haal het weg, of "
	    "zet in de eigen tabel een regel 'negeer;%s;'.", quote, quote));
}

static enum err
twice(const char *word, struct map_trouble *trouble)
{
	char quote[MAP_QUOTE];

	return (map_fail(trouble, "Het veld '%s' staat er twee keer (misschien "
	    "onder een andere naam).", map_quote(word, quote)));
}

static enum err
put(const struct map_use *use, struct map_order *o, const char *word,
    const char *text, struct map_trouble *trouble)
{
	enum map_field field;

	if (!map_use_field(use, word, &field))
		return (unknown(use, word, trouble));
	if (field == MAP_FIELD__MAX || text[0] == '\0')
		return (ERR_OK);
	if (map_get(o, field) != NULL)
		return (twice(word, trouble));
	return (map_set(o, field, text));
}

/* A list of words, ["welzijn-w", "thuiszorg-t"], is one field. */
static enum err
put_list(const struct map_use *use, struct map_order *o, const char *word,
    const json_t *value, struct map_trouble *trouble)
{
	enum map_field field;
	enum err err = ERR_OK;

	if (!map_use_field(use, word, &field))
		return (unknown(use, word, trouble));
	for (size_t i = 0; err == ERR_OK && i < json_array_size(value); i++) {
		const char *text = json_string_value(json_array_get(value, i));

		if (text == NULL)
			return (map_fail(trouble, "In de lijst '%s' mag alleen "
			    "tekst staan.", map_field_name(field)));
		if (field != MAP_FIELD__MAX)
			err = map_append(o, field, ",", text);
	}
	return (err);
}

static enum err flat_object(const struct map_use *use, const json_t *object,
    struct map_order *o, int level, struct map_trouble *trouble);

static enum err
put_value(const struct map_use *use, struct map_order *o, const char *word,
    const json_t *value, int level, struct map_trouble *trouble)
{
	char number[32];
	char quote[MAP_QUOTE];

	switch (json_typeof(value)) {
	case JSON_STRING:
		return (put(use, o, word, json_string_value(value), trouble));
	case JSON_TRUE:
		return (put(use, o, word, "ja", trouble));
	case JSON_FALSE:
		return (put(use, o, word, "nee", trouble));
	case JSON_INTEGER:
		(void)snprintf(number, sizeof(number),
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return (put(use, o, word, number, trouble));
	case JSON_NULL:
		return (put(use, o, word, "", trouble));
	case JSON_ARRAY:
		return (put_list(use, o, word, value, trouble));
	case JSON_OBJECT:
		if (is_wrapper(word) && level < 3)
			return (flat_object(use, value, o, level + 1, trouble));
		break;
	case JSON_REAL:
		break;
	}
	return (map_fail(trouble, "In het veld '%s' staat iets dat ik niet kan "
	    "lezen; verwacht is tekst of een heel getal.",
	    map_quote(word, quote)));
}

static enum err
flat_object(const struct map_use *use, const json_t *object,
    struct map_order *o, int level, struct map_trouble *trouble)
{
	const char *word;
	json_t *value;
	enum err err;
	/* jansson's iterator is not const, but changes nothing. */
	json_t *walk = json_incref((json_t *)(uintptr_t)object);

	json_object_foreach (walk, word, value) {
		err = put_value(use, o, word, value, level, trouble);
		if (err != ERR_OK) {
			json_decref(walk);
			return (err);
		}
	}
	json_decref(walk);
	return (ERR_OK);
}

static enum err
flat_item(const struct map_use *use, const json_t *item,
    struct map_list *list, struct map_trouble *trouble)
{
	struct map_order *o = NULL;
	struct map_trouble one;
	enum err err;

	if (!json_is_object(item))
		return (map_fail(trouble, "Onderdeel %zu van de lijst is geen "
		    "object met velden.", list->n + 1));
	err = map_list_add(list, &o);
	if (err != ERR_OK)
		return (err);
	err = flat_object(use, item, o, 0, &one);
	if (err == ERR_MALFORMED && list->is_many)
		return (map_fail(trouble, "Regel %zu: %.480s", o->row,
		    one.text));
	if (err == ERR_MALFORMED)
		*trouble = one;
	return (err);
}

/* The list inside {"meldingen": [...]}, NULL if ${root} is an item itself. */
static const json_t *
list_in(const struct map_use *use, const json_t *root)
{
	const json_t *list;

	for (size_t i = 0; use->kind->lists != NULL &&
	     use->kind->lists[i] != NULL; i++) {
		list = json_object_get(root, use->kind->lists[i]);
		if (json_is_array(list) && json_object_size(root) == 1)
			return (list);
	}
	return (NULL);
}

enum err
flat_json(const struct map_use *use, const json_t *root,
    struct map_list *list, struct map_trouble *trouble)
{
	const json_t *items = json_is_array(root) ? root : list_in(use, root);
	enum err err = ERR_OK;

	if (items == NULL)
		return (flat_item(use, root, list, trouble));
	list->is_many = true;
	if (json_array_size(items) == 0)
		return (map_fail(trouble, "De lijst is leeg."));
	if (json_array_size(items) > MAP_ITEMS_MAX)
		return (map_fail(trouble, "Er staan meer dan %d opdrachten in; "
		    "splits het bestand.", MAP_ITEMS_MAX));
	for (size_t i = 0; err == ERR_OK && i < json_array_size(items); i++)
		err = flat_item(use, json_array_get(items, i), list, trouble);
	return (err);
}

static enum err
csv_row(const struct map_use *use, const struct csv_table *t, size_t row,
    struct map_list *list, struct map_trouble *trouble)
{
	struct map_order *o = NULL;
	struct map_trouble one;
	enum err err = map_list_add(list, &o);

	if (err != ERR_OK)
		return (err);
	/* As a spreadsheet numbers them: the header is 1. */
	o->row = row + 1;
	for (size_t i = 0; err == ERR_OK && i < t->width[0]; i++) {
		if (t->cells[0][i][0] == '\0' && t->cells[row][i][0] == '\0')
			continue;
		err = put(use, o, t->cells[0][i], t->cells[row][i], &one);
	}
	if (err == ERR_MALFORMED)
		return (map_fail(trouble, "Regel %zu: %.480s", row + 1,
		    one.text));
	return (err);
}

/* The header first: a table with a wrong header has no right rows. */
static enum err
csv_header(const struct map_use *use, const struct csv_table *t,
    struct map_trouble *trouble)
{
	struct map_trouble one;
	enum map_field field;

	for (size_t i = 0; i < t->width[0]; i++) {
		const char *word = t->cells[0][i];

		if (word[0] == '\0' || map_use_field(use, word, &field))
			continue;
		(void)!unknown(use, word, &one);
		return (map_fail(trouble, "In de kop van de tabel: %.480s",
		    one.text));
	}
	return (ERR_OK);
}

enum err
flat_csv(const struct map_use *use, const char *data, size_t len,
    struct map_list *list, struct map_trouble *trouble)
{
	struct csv_table t;
	enum err err = csv_read(data, len, &t, trouble);

	if (err != ERR_OK)
		return (err);
	list->is_many = true;
	if (t.n < 2)
		err = map_fail(trouble, "De tabel heeft een kop en minstens "
		    "een regel nodig.");
	if (err == ERR_OK)
		err = csv_header(use, &t, trouble);
	for (size_t i = 1; err == ERR_OK && i < t.n; i++)
		err = csv_row(use, &t, i, list, trouble);
	csv_table_fini(&t);
	return (err);
}
