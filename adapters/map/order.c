#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/order.h"

#define NFIELDS ((size_t)MAP_FIELD__MAX)

static const struct {
	const char *nl;
	const char *en;
	enum map_shape shape;
	enum map_group group;
} fields[] = {
#define FIELD(name, nl, en, shape, group)                                     \
	[MAP_##name] = {nl, en, MAP_IS_##shape, MAP_OF_##group},
#include "map/tbl_fields.h"
#undef FIELD
};
_Static_assert(sizeof(fields) / sizeof(fields[0]) == MAP_FIELD__MAX,
    "every field has a row");
_Static_assert(MAP_FIELD__MAX <= 64, "needs is a mask of 64 bits");

enum err
map_fail(struct map_trouble *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->text, sizeof(t->text), fmt, ap);
	va_end(ap);
	return (ERR_MALFORMED);
}

const char *
map_quote(const char *text, char buf[MAP_QUOTE])
{
	size_t n = 0;

	for (; text[n] != '\0' && n < 60; n++)
		buf[n] = (unsigned char)text[n] < 0x20 || text[n] == 0x7f ?
		    ' ' : text[n];

	/* Do not cut a character of several bytes in two. */
	if (text[n] != '\0') {
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		memcpy(buf + n, "...", 4);
	} else {
		buf[n] = '\0';
	}
	return (buf);
}

const char *
map_get(const struct map_order *o, enum map_field field)
{
	return (o->field[field]);
}

static void
wipe(char *text)
{
	if (text == NULL)
		return;
	explicit_bzero(text, strlen(text));
	free(text);
}

enum err
map_set(struct map_order *o, enum map_field field, const char *text)
{
	char *copy = NULL;

	if (text != NULL && text[0] != '\0') {
		copy = strdup(text);
		if (copy == NULL)
			return (ERR_NOMEM);
	}
	wipe(o->field[field]);
	o->field[field] = copy;
	return (ERR_OK);
}

enum err
map_default(struct map_order *o, enum map_field field, const char *text)
{
	if (o->field[field] != NULL)
		return (ERR_OK);
	return (map_set(o, field, text));
}

enum err
map_append(struct map_order *o, enum map_field field, const char *separator,
    const char *text)
{
	char *whole;

	if (text == NULL || text[0] == '\0')
		return (ERR_OK);
	if (o->field[field] == NULL)
		return (map_set(o, field, text));
	if (asprintf(&whole, "%s%s%s", o->field[field], separator, text) < 0)
		return (ERR_NOMEM);
	wipe(o->field[field]);
	o->field[field] = whole;
	return (ERR_OK);
}

void
map_fini(struct map_order *o)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		wipe(o->field[i]);
		o->field[i] = NULL;
	}
}

enum err
map_list_add(struct map_list *list, struct map_order **o)
{
	struct map_order *more;

	more = reallocarray(list->items, list->n + 1, sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	list->items = more;
	memset(&more[list->n], 0, sizeof(*more));
	more[list->n].row = list->n + 1;
	*o = &more[list->n++];
	return (ERR_OK);
}

void
map_list_fini(struct map_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		map_fini(&list->items[i]);
	free(list->items);
	memset(list, 0, sizeof(*list));
}

const char *
map_field_name(enum map_field field)
{
	return (fields[field].nl);
}

const char *
map_field_en(enum map_field field)
{
	return (fields[field].en);
}

enum map_shape
map_field_shape(enum map_field field)
{
	return (fields[field].shape);
}

enum map_group
map_field_group(enum map_field field)
{
	return (fields[field].group);
}

bool
map_is_personal(enum map_field field)
{
	return (fields[field].group == MAP_OF_PERSON ||
	    fields[field].group == MAP_OF_CONTENT);
}

static int
word_char(char c)
{
	return (c == ' ' || c == '-' ? '_' : tolower((unsigned char)c));
}

bool
map_same_word(const char *a, const char *b)
{
	size_t i = 0;

	for (; a[i] != '\0' && b[i] != '\0'; i++)
		if (word_char(a[i]) != word_char(b[i]))
			return (false);
	return (a[i] == b[i]);
}

enum map_field
map_field_of(const char *word)
{
	for (size_t i = 0; i < NFIELDS; i++)
		if (map_same_word(word, fields[i].nl) ||
		    map_same_word(word, fields[i].en))
			return ((enum map_field)i);
	return (MAP_FIELD__MAX);
}

static const struct step_row {
	enum keten_step step;
	const char *name;
	const char *nl;
	const char *also;
	const char *reason;
	uint64_t needs;
} steps[] = {
#define NEED(field) | (UINT64_C(1) << MAP_##field)
#define STEP(name, nl, also, reason, needs)                                   \
	{KETEN_##name, #name, nl, also, reason, 0 needs},
#include "map/tbl_steps.h"
#undef STEP
#undef NEED
};
#define NSTEPS (sizeof(steps) / sizeof(steps[0]))

enum keten_step
map_step_of(const char *word)
{
	for (size_t i = 0; i < NSTEPS; i++)
		if (map_same_word(word, steps[i].name) ||
		    map_same_word(word, steps[i].nl) ||
		    map_same_word(word, steps[i].also))
			return (steps[i].step);
	return ((enum keten_step)0);
}

static const struct step_row *
step_row(enum keten_step step)
{
	for (size_t i = 0; i < NSTEPS; i++)
		if (steps[i].step == step)
			return (&steps[i]);
	return (NULL);
}

const char *
map_step_word(enum keten_step step)
{
	const struct step_row *row = step_row(step);

	return (row == NULL ? "" : row->nl);
}

const char *
map_step_reason(enum keten_step step)
{
	const struct step_row *row = step_row(step);

	return (row == NULL ? "" : row->reason);
}

bool
map_step_needs(enum keten_step step, enum map_field field)
{
	const struct step_row *row = step_row(step);

	return (row != NULL && (row->needs >> field & 1) != 0);
}

static enum err
order_to_json(const struct map_order *o, json_t *out)
{
	json_t *item = json_object();

	if (item == NULL || json_array_append_new(out, item) != 0)
		return (ERR_NOMEM);
	if (json_object_set_new(item, "row",
	    json_integer((json_int_t)o->row)) != 0)
		return (ERR_NOMEM);
	for (size_t i = 0; i < NFIELDS; i++)
		if (o->field[i] != NULL && json_object_set_new(item,
		    fields[i].en, json_string(o->field[i])) != 0)
			return (ERR_NOMEM);
	return (ERR_OK);
}

enum err
map_to_json(const struct map_list *list, json_t **out)
{
	json_t *root = json_object();
	json_t *items = json_array();
	enum err err = ERR_NOMEM;

	if (root == NULL || items == NULL)
		goto out;
	if (json_object_set(root, "items", items) != 0 ||
	    json_object_set_new(root, "many", json_boolean(list->is_many)) != 0)
		goto out;
	for (size_t i = 0; i < list->n; i++) {
		err = order_to_json(&list->items[i], items);
		if (err != ERR_OK)
			goto out;
	}
	*out = json_incref(root);
	err = ERR_OK;
out:
	json_decref(items);
	json_decref(root);
	return (err);
}

static enum err
order_from_json(const json_t *item, struct map_order *o)
{
	const char *text;
	enum err err;

	if (!json_is_object(item))
		return (ERR_CORRUPT);
	o->row = (size_t)json_integer_value(json_object_get(item, "row"));
	for (size_t i = 0; i < NFIELDS; i++) {
		text = json_string_value(json_object_get(item, fields[i].en));
		err = map_set(o, (enum map_field)i, text);
		if (err != ERR_OK)
			return (err);
	}
	return (ERR_OK);
}

enum err
map_from_json(const json_t *in, struct map_list *list)
{
	const json_t *items = json_object_get(in, "items");
	struct map_list made = {0};
	struct map_order *o = NULL;
	enum err err = ERR_OK;

	if (!json_is_array(items))
		return (ERR_CORRUPT);
	made.is_many = json_is_true(json_object_get(in, "many"));
	for (size_t i = 0; err == ERR_OK && i < json_array_size(items); i++) {
		err = map_list_add(&made, &o);
		if (err == ERR_OK)
			err = order_from_json(json_array_get(items, i), o);
	}
	if (err != ERR_OK) {
		map_list_fini(&made);
		return (err);
	}
	*list = made;
	return (ERR_OK);
}
