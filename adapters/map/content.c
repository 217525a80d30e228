#include <stdio.h>
#include <string.h>

#include "map/content.h"

/* What the file was left without, as the sender's people call it. */
static const struct {
	enum map_field field;
	unsigned may;
	const char *what;
} rows[] = {
    {MAP_BSN, KETEN_MAY_BSN,
	"BSN (mag niet volgens het convenant met wie het kan krijgen)"},
    {MAP_PHOTO, KETEN_MAY_PHOTO,
	"foto (mag niet volgens het convenant met wie het kan krijgen)"},
    {MAP_CLINICAL, KETEN_MAY_CLINICAL,
	"medische gegevens (mogen niet volgens het convenant met wie het "
	"kan krijgen)"},
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

enum err
content_left_out(struct map_order *o, const char *what)
{
	const char *have = map_get(o, MAP_REMARK);
	size_t len = strlen(what);

	/* Once is enough. */
	while (have != NULL) {
		if (strncmp(have, what, len) == 0 &&
		    (have[len] == '\0' || have[len] == ','))
			return (ERR_OK);
		have = strchr(have, ' ');
		have = have == NULL ? NULL : have + 1;
	}
	return (map_append(o, MAP_REMARK, ", ", what));
}

static enum err
take_out(struct map_order *o, enum map_field field, const char *what)
{
	char *text = o->field[field];

	explicit_bzero(text, strlen(text));
	if (map_set(o, field, NULL) != ERR_OK)
		return (ERR_NOMEM);
	return (content_left_out(o, what));
}

enum err
content_settle(const struct map_world *world, struct map_order *o)
{
	unsigned may = 0;
	bool any = false;
	enum err err = ERR_OK;

	for (size_t i = 0; i < NROWS; i++)
		any = any || map_get(o, rows[i].field) != NULL;
	if (any && world->may_contain != NULL)
		may = world->may_contain(world->cookie, o);
	/* What may, will be known soon: nothing is taken out meanwhile. */
	if ((may & KETEN_MAY_UNKNOWN) != 0)
		return (ERR_BUSY);
	for (size_t i = 0; err == ERR_OK && i < NROWS; i++)
		if (map_get(o, rows[i].field) != NULL &&
		    (may & rows[i].may) == 0)
			err = take_out(o, rows[i].field, rows[i].what);
	return (err);
}
