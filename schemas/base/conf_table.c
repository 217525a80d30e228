/*
 * conf -- the upper layer: one table of settings for everything.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_impl.h"
#include "base/file.h"
#include "base/org.h"

#define PATH_LEN 256
#define SIBLINGS 64

static const struct {
	const char *name; /* in the manual */
	const char *want; /* in a mistake */
} types[] = {
	[CONF_TEXT] = { "tekst", "een tekst" },
	[CONF_NAME] = { "naam",
	    "een naam van kleine letters, cijfers en streepjes" },
	[CONF_PATH] = { "pad", "een pad" },
	[CONF_NUMBER] = { "getal", "een geheel getal" },
	[CONF_BOOL] = { "ja/nee", "ja of nee" },
	[CONF_MS] = { "tijd", "een tijd, zoals '500 ms', '10 s' of '5 min'" },
	[CONF_SIZE] = { "grootte", "een grootte, zoals '64 KiB' of '1 GiB'" },
	[CONF_LIST] = { "lijst", "een lijst van teksten" },
	[CONF_MAP] = { "tabel", "een tabel van namen met elk een tekst" },
};

/* --- checking ------------------------------------------------------------ */

static bool
is_number(enum conf_type type)
{
	return (type == CONF_NUMBER || type == CONF_MS || type == CONF_SIZE);
}

/* Read ${text} as a value of ${type}; of a text, its length. */
static bool
read_value(enum conf_type type, const char *text, int64_t *v)
{
	struct org o;
	bool b = false;

	switch (type) {
	case CONF_NUMBER:
		return (conf_read_number(text, v));
	case CONF_MS:
		return (conf_read_ms(text, v));
	case CONF_SIZE:
		return (conf_read_size(text, v));
	case CONF_BOOL:
		if (!conf_read_bool(text, &b))
			return (false);
		*v = b ? 1 : 0;
		return (true);
	case CONF_NAME:
		o = org_of(text);
		*v = (int64_t)strlen(text);
		return (!org_is_none(&o));
	case CONF_TEXT:
	case CONF_PATH:
	case CONF_LIST:
	case CONF_MAP:
		*v = (int64_t)strlen(text);
		return (true);
	}
	return (false);
}

static bool
is_in_range(const struct conf_setting *s, int64_t v)
{
	if (s->type == CONF_BOOL)
		return (true);
	return (v >= s->min && (s->max == 0 || v <= s->max));
}

static void
say_range(struct conf *conf, const struct conf_node *node,
    const struct conf_setting *s)
{
	const char *unit = is_number(s->type) ? "" : " tekens";

	if (s->max == 0)
		conf_mistake(conf, node, "%s: minstens %" PRId64 "%s", s->path,
		    s->min, unit);
	else
		conf_mistake(conf, node,
		    "%s: van %" PRId64 " tot en met %" PRId64 "%s", s->path,
		    s->min, s->max, unit);
}

static void
check_scalar(struct conf *conf, const struct conf_node *node,
    const struct conf_setting *s)
{
	int64_t v = 0;

	if (!conf_is_scalar(node))
		conf_mistake(conf, node, "%s: hier hoort %s", s->path,
		    types[s->type].want);
	else if (!read_value(s->type, node->text, &v))
		conf_mistake(conf, node, "%s: hier hoort %s, niet '%s'",
		    s->path, types[s->type].want, node->text);
	else if (!is_in_range(s, v))
		say_range(conf, node, s);
}

static void
check_value(struct conf *conf, const struct conf_node *node,
    const struct conf_setting *s)
{
	if (s->type != CONF_LIST && s->type != CONF_MAP) {
		check_scalar(conf, node, s);
		return;
	}
	if (s->type == CONF_LIST ? !conf_is_list(node) : !conf_is_map(node)) {
		conf_mistake(conf, node, "%s: hier hoort %s", s->path,
		    types[s->type].want);
		return;
	}
	for (size_t i = 0; i < node->n; i++)
		if (!conf_is_scalar(node->values[i]))
			conf_mistake(conf, node->values[i],
			    "%s: elk onderdeel is een tekst", s->path);
	if (s->max != 0 && (int64_t)node->n > s->max)
		conf_mistake(conf, node, "%s: hoogstens %" PRId64 " onderdelen",
		    s->path, s->max);
}

static const struct conf_setting *
setting_of(const struct conf *conf, const char *path)
{
	for (size_t i = 0; i < conf->n_settings; i++)
		if (strcmp(conf->settings[i].path, path) == 0)
			return (&conf->settings[i]);
	return (NULL);
}

/* Is ${path} followed by ${tail} the beginning of a setting? */
static bool
leads_to(const struct conf *conf, const char *path, const char *tail)
{
	size_t n = strlen(path), m = strlen(tail);

	for (size_t i = 0; i < conf->n_settings; i++) {
		const char *p = conf->settings[i].path;

		if (strncmp(p, path, n) == 0 && strncmp(p + n, tail, m) == 0)
			return (true);
	}
	return (false);
}

/* Collect the first words of what may follow the path ${prefix}. */
static size_t
siblings(const struct conf *conf, const char *prefix,
    char names[SIBLINGS][PATH_LEN])
{
	size_t n = 0, len = strlen(prefix);

	for (size_t i = 0; i < conf->n_settings && n < SIBLINGS; i++) {
		const char *p = conf->settings[i].path;

		if (strncmp(p, prefix, len) != 0)
			continue;
		(void)snprintf(names[n++], PATH_LEN, "%.*s",
		    (int)strcspn(p + len, ".["), p + len);
	}
	return (n);
}

static void
say_unknown(struct conf *conf, const struct conf_node *key, const char *prefix)
{
	char names[SIBLINGS][PATH_LEN];
	const char *words[SIBLINGS];
	size_t n = siblings(conf, prefix, names);
	const char *near;

	for (size_t i = 0; i < n; i++)
		words[i] = names[i];
	near = conf_nearest(key->text, words, n);
	if (near != NULL)
		conf_mistake(conf, key,
		    "'%s%s' bestaat niet; bedoelde u '%s'?", prefix, key->text,
		    near);
	else
		conf_mistake(conf, key, "'%s%s' bestaat niet", prefix,
		    key->text);
}

static void check_map(struct conf *, const struct conf_node *, const char *);

static void
check_list(struct conf *conf, const struct conf_node *node, const char *path)
{
	char prefix[PATH_LEN + 4];

	if (!conf_is_list(node)) {
		conf_mistake(conf, node, "%s: hier hoort een lijst", path);
		return;
	}
	(void)snprintf(prefix, sizeof(prefix), "%s[].", path);
	for (size_t i = 0; i < node->n; i++)
		check_map(conf, node->values[i], prefix);
}

static void
check_pair(struct conf *conf, const struct conf_node *key,
    const struct conf_node *value, const char *prefix)
{
	const struct conf_setting *s;
	char path[PATH_LEN], inner[PATH_LEN + 4];

	if (snprintf(path, sizeof(path), "%s%s", prefix, key->text) >=
	    (int)sizeof(path) - 4) {
		say_unknown(conf, key, prefix);
		return;
	}
	s = setting_of(conf, path);
	if (s != NULL) {
		check_value(conf, value, s);
	} else if (leads_to(conf, path, "[].")) {
		check_list(conf, value, path);
	} else if (leads_to(conf, path, ".")) {
		(void)snprintf(inner, sizeof(inner), "%s.", path);
		check_map(conf, value, inner);
	} else {
		say_unknown(conf, key, prefix);
	}
}

/* In each member of a list, what it must have. */
static void
check_required_here(struct conf *conf, const struct conf_node *map,
    const char *prefix)
{
	size_t len = strlen(prefix);

	for (size_t i = 0; i < conf->n_settings; i++) {
		const struct conf_setting *s = &conf->settings[i];

		if (!s->required || strncmp(s->path, prefix, len) != 0 ||
		    strpbrk(s->path + len, ".[") != NULL)
			continue;
		if (conf_get(map, s->path + len) == NULL)
			conf_mistake(conf, map, "'%s' ontbreekt: %s",
			    s->path + len, s->help);
	}
}

/* ${prefix} is "" or ends with a dot. */
static void
check_map(struct conf *conf, const struct conf_node *node, const char *prefix)
{
	size_t len = strlen(prefix);

	if (!conf_is_map(node)) {
		conf_mistake(conf, node, "%s%shier horen regels 'naam: waarde'",
		    prefix, len > 0 ? " " : "");
		return;
	}
	for (size_t i = 0; i < node->n; i++)
		check_pair(conf, node->keys[i], node->values[i], prefix);
	if (len > 3 && strcmp(prefix + len - 3, "[].") == 0)
		check_required_here(conf, node, prefix);
}

enum err
conf_check(struct conf *conf, const struct conf_setting *settings, size_t n)
{
	conf->settings = settings;
	conf->n_settings = n;
	if (conf->root != NULL)
		check_map(conf, conf->root, "");
	for (size_t i = 0; i < n && conf->root != NULL; i++)
		if (settings[i].required &&
		    strchr(settings[i].path, '[') == NULL &&
		    conf_find(conf, settings[i].path) == NULL)
			conf_mistake(conf, conf->root, "'%s' ontbreekt: %s",
			    settings[i].path, settings[i].help);
	return (conf->n_errors == 0 ? ERR_OK : ERR_CONFIG);
}

/* --- asking -------------------------------------------------------------- */

/* Step into "name" or "name[2]", the ${len} characters at ${word}. */
static const struct conf_node *
step_into(const struct conf_node *node, const char *word, size_t len)
{
	size_t name = strcspn(word, ".[");
	char key[PATH_LEN];

	if (name >= sizeof(key) || name > len)
		return (NULL);
	memcpy(key, word, name);
	key[name] = '\0';
	node = conf_get(node, key);
	if (name < len && word[name] == '[')
		node = conf_at(node, strtoul(word + name + 1, NULL, 10));
	return (node);
}

const struct conf_node *
conf_find(const struct conf *conf, const char *path)
{
	const struct conf_node *node = conf->root;

	while (node != NULL) {
		size_t len = strcspn(path, ".");

		node = step_into(node, path, len);
		if (path[len] == '\0')
			break;
		path += len + 1;
	}
	return (node);
}

const struct conf_node *
conf_nearby(const struct conf *conf, const char *path)
{
	const struct conf_node *node = NULL;
	char cut[PATH_LEN];
	size_t n = strnlen(path, sizeof(cut) - 1);

	memcpy(cut, path, n);
	while (n > 0 && node == NULL) {
		cut[n] = '\0';
		node = conf_find(conf, cut);
		while (n > 0 && cut[--n] != '.' && cut[n] != '[')
			;
	}
	return (node != NULL ? node : conf->root);
}

/* The setting of a path in which members have numbers. */
static const struct conf_setting *
setting_for(const struct conf *conf, const char *path)
{
	char plain[PATH_LEN];
	size_t n = 0;

	for (const char *p = path; *p != '\0' && n < sizeof(plain) - 1; p++) {
		plain[n++] = *p;
		if (*p == '[')
			p += strcspn(p, "]") - 1;
	}
	plain[n] = '\0';
	return (setting_of(conf, plain));
}

/* What the file says, or the table. */
static const char *
value_of(const struct conf *conf, const char *path,
    const struct conf_setting **s, bool *is_default)
{
	const char *text = conf_scalar(conf_find(conf, path));

	*s = setting_for(conf, path);
	*is_default = text == NULL;
	if (text == NULL && *s != NULL)
		text = (*s)->def;
	return (text);
}

const char *
conf_text(struct conf *conf, const char *path)
{
	const struct conf_setting *s;
	bool is_default;
	const char *text = value_of(conf, path, &s, &is_default);
	char full[PATH_MAX];
	char *copy, **kept;

	if (text == NULL || s == NULL || s->type != CONF_PATH || is_default ||
	    text[0] == '\0')
		return (text);
	if (file_beside(conf->file, text, full, sizeof(full)) != ERR_OK)
		return (text);
	kept = conf_grow(conf->kept, conf->n_kept, sizeof(char *));
	copy = strdup(full);
	if (kept == NULL || copy == NULL)
		abort(); /* while starting: there is nothing to save */
	conf->kept = kept;
	kept[conf->n_kept++] = copy;
	return (copy);
}

int64_t
conf_number(struct conf *conf, const char *path)
{
	const struct conf_setting *s;
	bool is_default;
	const char *text = value_of(conf, path, &s, &is_default);
	int64_t v = 0;

	if (text == NULL || s == NULL || !read_value(s->type, text, &v))
		return (0);
	return (v);
}

size_t
conf_count(struct conf *conf, const char *path)
{
	return (conf_size(conf_find(conf, path)));
}

const char *
conf_item(struct conf *conf, const char *path, size_t i)
{
	return (conf_scalar(conf_at(conf_find(conf, path), i)));
}

bool
conf_has(struct conf *conf, const char *path)
{
	return (conf_find(conf, path) != NULL);
}

void
conf_known_keys(struct conf *conf, const struct conf_node *node,
    const char *const *keys)
{
	size_t n = 0;

	if (!conf_is_map(node)) {
		conf_mistake(conf, node, "hier horen regels 'naam: waarde'");
		return;
	}
	while (keys[n] != NULL)
		n++;
	for (size_t i = 0; i < node->n; i++) {
		const char *key = node->keys[i]->text;
		const char *near;
		size_t k = 0;

		while (k < n && strcmp(keys[k], key) != 0)
			k++;
		if (k < n)
			continue;
		near = conf_nearest(key, keys, n);
		conf_mistake(conf, node->keys[i],
		    "'%s' bestaat hier niet%s%s%s", key, near != NULL ? "; bedoelde u '" : "",
		    near != NULL ? near : "", near != NULL ? "'?" : "");
	}
}

/* --- manual -------------------------------------------------------------- */

static void
print_range(const struct conf_setting *s, FILE *to)
{
	if (s->min == 0 && s->max == 0)
		return;
	if (s->max == 0)
		(void)fprintf(to, ", minstens %" PRId64, s->min);
	else
		(void)fprintf(to, ", %" PRId64 " tot en met %" PRId64, s->min,
		    s->max);
}

void
conf_manual(const struct conf_setting *settings, size_t n, FILE *to)
{
	for (size_t i = 0; i < n; i++) {
		const struct conf_setting *s = &settings[i];

		(void)fprintf(to, "%s (%s", s->path, types[s->type].name);
		print_range(s, to);
		if (s->required)
			(void)fprintf(to, ", verplicht");
		else if (s->def != NULL)
			(void)fprintf(to, ", anders %s", s->def);
		(void)fprintf(to, ")\n\t%s\n", s->help);
	}
}
