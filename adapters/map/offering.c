#include <stdlib.h>
#include <string.h>

#include "map/csv.h"
#include "map/json.h"
#include "map/offering.h"
#include "sdk/entry.h"

/* One entry needs about 4 kB while it is read. */
#define ARENA ((size_t)64 * 1024)

static const char *const lists[] = {"sociale_kaart", "catalogus",
    "catalogue"};

static bool
is_mark(const char *word)
{
	return (map_same_word(word, "capaciteit") ||
	    map_same_word(word, "capacity"));
}

/* The list inside an object, NULL if it has none. */
static const json_t *
list_in(const json_t *root)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)root, name, v)
		for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
			if (map_same_word(name, lists[i]) &&
			    json_is_array(v))
				return (v);
	return (NULL);
}

static bool
is_entry(const json_t *v)
{
	const char *name;
	json_t *member;

	if (!json_is_object(v))
		return (false);
	json_object_foreach((json_t *)(uintptr_t)v, name, member)
		if (is_mark(name))
			return (true);
	return (false);
}

bool
offering_is_json(const json_t *root)
{
	if (json_is_array(root))
		return (is_entry(json_array_get(root, 0)));
	return (json_is_object(root) &&
	    (is_entry(root) || list_in(root) != NULL));
}

bool
offering_is_csv(const char *data, size_t len)
{
	struct map_trouble unused;
	struct csv_table t;
	bool is = false;

	if (csv_read(data, len, &t, &unused) != ERR_OK)
		return (false);
	for (size_t i = 0; t.n > 0 && i < t.width[0]; i++)
		is = is || is_mark(t.cells[0][i]);
	csv_table_fini(&t);
	return (is);
}

/* Look at the entry ${v} and add it. */
static enum err
add(const json_t *v, size_t row, struct map_list *list,
    struct map_trouble *trouble)
{
	struct arena *a = arena_new(ARENA);
	char *text = json_dumps(v, JSON_COMPACT);
	struct map_order *o;
	char why[ENTRY_WHY];
	enum err err = a == NULL || text == NULL ? ERR_NOMEM :
	    entry_check(a, text, why);

	if (err == ERR_MALFORMED || err == ERR_NOT_ALLOWED)
		err = list->is_many ?
		    map_fail(trouble, "Regel %zu: %s", row, why) :
		    map_fail(trouble, "%s", why);
	if (err == ERR_OK)
		err = map_list_add(list, &o);
	if (err == ERR_OK) {
		o->row = row;
		err = map_set(o, MAP_STEP, "PUBLISH");
		if (err == ERR_OK)
			err = map_set(o, MAP_TEXT, text);
	}
	free(text);
	arena_free(a);
	return (err);
}

enum err
offering_json(const json_t *root, struct map_list *list,
    struct map_trouble *trouble)
{
	const json_t *many = json_is_array(root) ? root : list_in(root);
	enum err err = ERR_OK;

	list->is_many = many != NULL;
	if (many == NULL)
		return (add(root, 1, list, trouble));
	if (json_array_size(many) == 0)
		return (map_fail(trouble, "De lijst is leeg."));
	if (json_array_size(many) > MAP_ITEMS_MAX)
		return (map_fail(trouble, "Er staan meer dan %d vermeldingen "
		    "in; splits het bestand.", MAP_ITEMS_MAX));
	for (size_t i = 0; err == ERR_OK && i < json_array_size(many); i++)
		err = add(json_array_get(many, i), i + 1, list, trouble);
	return (err);
}

/* A row of a table as an object: the cells by the words above them. */
static enum err
row_of(const struct csv_table *t, size_t row, json_t **out,
    struct map_trouble *trouble)
{
	json_t *o = json_object();

	for (size_t i = 0; o != NULL && i < t->width[row]; i++) {
		const char *name = t->cells[0][i], *cell = t->cells[row][i];

		if (cell[0] == '\0')
			continue;
		if (json_object_get(o, name) != NULL) {
			json_decref(o);
			return (map_fail(trouble, "De kolom '%s' staat er "
			    "twee keer.", name));
		}
		if (json_object_set_new(o, name, json_string(cell)) != 0) {
			json_decref(o);
			o = NULL;
		}
	}
	*out = o;
	return (o == NULL ? ERR_NOMEM : ERR_OK);
}

enum err
offering_csv(const char *data, size_t len, struct map_list *list,
    struct map_trouble *trouble)
{
	struct csv_table t;
	enum err err = csv_read(data, len, &t, trouble);

	if (err != ERR_OK)
		return (err);
	list->is_many = true;
	if (t.n < 2)
		err = map_fail(trouble, "De tabel heeft geen regels.");
	else if (t.n - 1 > MAP_ITEMS_MAX)
		err = map_fail(trouble, "Er staan meer dan %d vermeldingen "
		    "in; splits het bestand.", MAP_ITEMS_MAX);
	for (size_t i = 1; err == ERR_OK && i < t.n; i++) {
		json_t *o = NULL;

		err = row_of(&t, i, &o, trouble);
		/* Row 1 of the file is the header. */
		if (err == ERR_OK)
			err = add(o, i + 1, list, trouble);
		json_decref(o);
	}
	csv_table_fini(&t);
	return (err);
}

enum err
offering_read(const char *data, size_t len, struct map_list *list,
    struct map_trouble *trouble)
{
	struct map_list made = {0};
	json_t *root = NULL;
	enum err err;

	if (!map_is_json(data, len))
		err = offering_csv(data, len, &made, trouble);
	else if ((err = map_json(data, len, &root, trouble)) == ERR_OK) {
		err = offering_is_json(root) ?
		    offering_json(root, &made, trouble) :
		    map_fail(trouble, "Hier staat geen vermelding in: een "
		    "object of lijst met 'dienst' en 'capaciteit'.");
		json_decref(root);
	}
	if (err != ERR_OK)
		map_list_fini(&made);
	else
		*list = made;
	return (err);
}
