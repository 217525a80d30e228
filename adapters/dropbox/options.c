#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/file.h"
#include "dropbox/options.h"
#include "map/check.h"

#define TABLE_MAX (256 * 1024)

static const char *const keys[] = {"folder", "table", "notify", "defaults",
    NULL};
static const char *const notify_keys[] = {"command", "link", "every",
    "timeout", NULL};
/* What may hold when a file does not say it. */
static const char *const default_keys[] = {"code", "area", "basis", "actor",
    "urgency", "discussed", "payer", "frequency", "reason", "outcome", NULL};

static const char *
text(struct conf *c, const struct conf_node *map, const char *key)
{
	const struct conf_node *node = conf_get(map, key);

	if (node != NULL && conf_scalar(node) == NULL)
		conf_mistake(c, node, "'%s' moet een tekst zijn", key);
	return (conf_scalar(node));
}

static void
add_argument(struct conf *c, const struct conf_node *node, struct hook *h)
{
	const char *word = conf_scalar(node);

	if (word == NULL || h->n == HOOK_ARGS) {
		conf_mistake(c, node, "een opdracht is een lijst van hoogstens "
		    "%d teksten", HOOK_ARGS);
		return;
	}
	h->argv[h->n] = strdup(word);
	if (h->argv[h->n] != NULL)
		h->n++;
}

static void
read_command(struct conf *c, const struct conf_node *node, struct hook *h)
{
	if (conf_is_list(node)) {
		for (size_t i = 0; i < conf_size(node); i++)
			add_argument(c, conf_at(node, i), h);
	} else {
		add_argument(c, node, h);
	}
	if (h->n > 0 && h->argv[0][0] != '/')
		conf_mistake(c, node, "begin de opdracht met het hele pad, "
		    "'/...': er is geen shell die zoekt");
}

static void
read_ms(struct conf *c, const struct conf_node *map, const char *key,
    int64_t *ms)
{
	const char *word = text(c, map, key);

	if (word != NULL && !conf_read_ms(word, ms))
		conf_mistake(c, conf_get(map, key), "'%s' is een tijd als "
		    "'10 s' of '1 min'", key);
}

static void
read_notify(struct conf *c, const struct conf_node *node, struct hook *h)
{
	const char *link;

	h->every_ms = 60 * 1000;
	h->limit_ms = 10 * 1000;
	if (node == NULL)
		return;
	if (!conf_is_map(node)) {
		read_command(c, node, h);
		return;
	}
	conf_known_keys(c, node, notify_keys);
	if (conf_get(node, "command") == NULL)
		conf_mistake(c, node, "'command' ontbreekt");
	else
		read_command(c, conf_get(node, "command"), h);
	read_ms(c, node, "every", &h->every_ms);
	read_ms(c, node, "timeout", &h->limit_ms);
	link = text(c, node, "link");
	if (link != NULL && strlen(link) >= sizeof(h->link))
		conf_mistake(c, conf_get(node, "link"), "'link' is te lang");
	else if (link != NULL)
		memcpy(h->link, link, strlen(link) + 1);
}

static void
read_defaults(struct conf *c, const struct conf_node *node,
    struct options *o)
{
	if (node == NULL)
		return;
	conf_known_keys(c, node, default_keys);
	for (size_t i = 0; default_keys[i] != NULL; i++) {
		const char *word = text(c, node, default_keys[i]);
		enum map_field field = strcmp(default_keys[i], "code") == 0 ?
		    MAP_CODE : map_field_of(default_keys[i]);

		if (word == NULL)
			continue;
		if (field == MAP_ACTOR && strlen(word) < sizeof(o->actor))
			memcpy(o->actor, word, strlen(word) + 1);
		if (map_use_default(&o->use, field, word) != ERR_OK)
			conf_mistake(c, node, "geen geheugen");
	}
}

static void
read_table(struct conf *c, const struct conf_node *node, struct options *o)
{
	struct map_trouble trouble;
	char path[1024];
	uint8_t *data = NULL;
	size_t len = 0;

	if (node == NULL)
		return;
	if (conf_scalar(node) == NULL ||
	    file_beside(conf_file(c), conf_scalar(node), path,
	    sizeof(path)) != ERR_OK ||
	    file_read(path, TABLE_MAX, &data, &len) != ERR_OK) {
		conf_mistake(c, node, "de eigen tabel is niet te lezen");
		return;
	}
	if (map_use_table(&o->use, (const char *)data, len,
	    &trouble) != ERR_OK)
		conf_mistake(c, node, "%s", trouble.text);
	free(data);
}

static void
read_adapter(struct conf *c, struct options *o)
{
	const struct conf_node *root = conf_root(c);
	const struct conf_node *a = conf_get(root, "adapter");
	const char *folder;

	if (!conf_is_map(a)) {
		conf_mistake(c, a, "'adapter' ontbreekt; zet daarin minstens "
		    "'folder', de map voor de bestanden");
		return;
	}
	conf_known_keys(c, a, keys);
	folder = text(c, a, "folder");
	if (folder == NULL)
		conf_mistake(c, a, "'folder' ontbreekt: in welke map staan de "
		    "bestanden?");
	else if (file_beside(conf_file(c), folder, o->folder,
	    sizeof(o->folder)) != ERR_OK)
		conf_mistake(c, conf_get(a, "folder"), "het pad is te lang");
	read_notify(c, conf_get(a, "notify"), &o->hook);
	read_defaults(c, conf_get(a, "defaults"), o);
	read_table(c, conf_get(a, "table"), o);
}

enum err
options_read(const char *path, const struct map_kind *kind,
    struct options *o, FILE *to)
{
	struct conf *c = NULL;
	enum err err;

	memset(o, 0, sizeof(*o));
	map_use_init(&o->use, kind);
	if (conf_open(path, &c) != ERR_OK) {
		(void)fprintf(to, "%s: het bestand is niet te lezen\n", path);
		return (ERR_CONFIG);
	}
	if (conf_mistakes(c) == 0)
		read_adapter(c, o);
	err = conf_mistakes(c) == 0 ? ERR_OK : ERR_CONFIG;
	if (err != ERR_OK) {
		conf_print_mistakes(c, to);
		options_fini(o);
	}
	conf_close(c);
	return (err);
}

void
options_fini(struct options *o)
{
	hook_stop(&o->hook);
	map_use_fini(&o->use);
	memset(o, 0, sizeof(*o));
}
