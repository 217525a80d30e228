/*
 * conf -- the lower layer: from YAML to nodes that know their line.
 *
 * The tree is built from libyaml's events and not from its document, because
 * the document hides what we refuse: aliases, and keys that come twice.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/conf_impl.h"
#include "base/file.h"

/* The largest policy source we foresee has 20,000 lines of 60 characters. */
#define FILE_MAX (4u * 1024 * 1024)
#define DEPTH_MAX 32

void *
conf_grow(void *list, size_t n, size_t size)
{
	/* Doubling at each power of two keeps this simple and quick. */
	if (n != 0 && (n & (n - 1)) != 0)
		return (list);
	return (reallocarray(list, n == 0 ? 1 : 2 * n, size));
}

static void
node_free(struct conf_node *node)
{
	if (node == NULL)
		return;
	for (size_t i = 0; i < node->n; i++) {
		node_free(node->values[i]);
		if (node->keys != NULL)
			node_free(node->keys[i]);
	}
	free(node->values);
	free(node->keys);
	free(node->text);
	free(node);
}

static void __attribute__((format(printf, 3, 0)))
add_mistake(struct conf *conf, size_t line, const char *fmt, va_list ap)
{
	struct conf_error *e;
	char *text;

	e = conf_grow(conf->errors, conf->n_errors, sizeof(*e));
	if (e == NULL)
		abort(); /* a mistake must never be lost */
	conf->errors = e;
	if (vasprintf(&text, fmt, ap) == -1)
		abort();
	e[conf->n_errors].line = line;
	e[conf->n_errors].no = conf->n_errors;
	e[conf->n_errors].text = text;
	conf->n_errors++;
	conf->sorted = false;
}

static void __attribute__((format(printf, 3, 4)))
mistake_at(struct conf *conf, size_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_mistake(conf, line, fmt, ap);
	va_end(ap);
}

void
conf_mistake(struct conf *conf, const struct conf_node *node, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_mistake(conf, node != NULL ? node->line : 0, fmt, ap);
	va_end(ap);
}

/* --- reading ------------------------------------------------------------- */

struct reader {
	struct conf *conf;
	yaml_parser_t parser;
	bool failed; /* a mistake that ends the reading */
};

/* Get the next event; on a syntax mistake say so once and return false. */
static bool
next_event(struct reader *r, yaml_event_t *ev)
{
	if (r->failed)
		return (false);
	if (yaml_parser_parse(&r->parser, ev))
		return (true);
	r->failed = true;
	mistake_at(r->conf, r->parser.problem_mark.line + 1,
	    "dit is geen geldige YAML: %s%s%s (let op inspringen met spaties, "
	    "dubbele punten en aanhalingstekens)",
	    r->parser.problem != NULL ? r->parser.problem : "onbekende fout",
	    r->parser.context != NULL ? ", " : "",
	    r->parser.context != NULL ? r->parser.context : "");
	return (false);
}

static struct conf_node *
node_new(enum conf_kind kind, size_t line)
{
	struct conf_node *node = calloc(1, sizeof(*node));

	if (node == NULL)
		abort(); /* while starting: there is nothing to save */
	node->kind = kind;
	node->line = line;
	return (node);
}

static void
node_add(struct conf_node *node, struct conf_node *key,
    struct conf_node *value)
{
	struct conf_node **v;

	v = conf_grow(node->values, node->n, sizeof(struct conf_node *));
	if (v == NULL)
		abort();
	node->values = v;
	if (key != NULL) {
		v = conf_grow(node->keys, node->n, sizeof(struct conf_node *));
		if (v == NULL)
			abort();
		node->keys = v;
		node->keys[node->n] = key;
	}
	node->values[node->n++] = value;
}

static struct conf_node *read_node(struct reader *, yaml_event_t *, size_t);

/* Read the members of a list up to its end. */
static void
read_list(struct reader *r, struct conf_node *list, size_t depth)
{
	yaml_event_t ev;

	while (next_event(r, &ev)) {
		bool end = ev.type == YAML_SEQUENCE_END_EVENT;
		struct conf_node *value = NULL;

		if (!end)
			value = read_node(r, &ev, depth);
		yaml_event_delete(&ev);
		if (value != NULL)
			node_add(list, NULL, value);
		if (end)
			return;
	}
}

/* Put a pair into a map unless its key cannot be. */
static void
add_pair(struct reader *r, struct conf_node *map, struct conf_node *key,
    struct conf_node *value)
{
	const struct conf_node *old;

	if (key->kind != CONF_SCALAR) {
		conf_mistake(r->conf, key, "een sleutel moet een woord zijn");
	} else if ((old = conf_get(map, key->text)) != NULL) {
		conf_mistake(r->conf, key,
		    "'%s' staat hier twee keer (ook op regel %zu); haal er "
		    "een weg", key->text, old->line);
	} else {
		node_add(map, key, value);
		return;
	}
	node_free(key);
	node_free(value);
}

/* Read the pairs of a map up to its end. */
static void
read_map(struct reader *r, struct conf_node *map, size_t depth)
{
	yaml_event_t ev;

	while (next_event(r, &ev)) {
		bool end = ev.type == YAML_MAPPING_END_EVENT;
		struct conf_node *key = NULL, *value = NULL;

		if (!end)
			key = read_node(r, &ev, depth);
		yaml_event_delete(&ev);
		if (end)
			return;
		if (next_event(r, &ev)) {
			value = read_node(r, &ev, depth);
			yaml_event_delete(&ev);
		}
		if (key != NULL && value != NULL) {
			add_pair(r, map, key, value);
		} else {
			node_free(key);
			node_free(value);
		}
	}
}

/* Read what ${ev} begins.  NULL if it is something we refuse. */
static struct conf_node *
read_node(struct reader *r, yaml_event_t *ev, size_t depth)
{
	size_t line = ev->start_mark.line + 1;
	struct conf_node *node;

	if (depth >= DEPTH_MAX) {
		mistake_at(r->conf, line, "te diep genest");
		r->failed = true;
		return (NULL);
	}
	if (ev->type == YAML_SCALAR_EVENT) {
		node = node_new(CONF_SCALAR, line);
		node->text = strdup((const char *)ev->data.scalar.value);
		if (node->text == NULL)
			abort();
		if (strlen(node->text) != ev->data.scalar.length)
			mistake_at(r->conf, line, "een tekst bevat een NUL");
	} else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		node = node_new(CONF_SEQUENCE, line);
		read_list(r, node, depth + 1);
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		node = node_new(CONF_MAPPING, line);
		read_map(r, node, depth + 1);
	} else {
		mistake_at(r->conf, line, "verwijzingen met & en * kunnen hier "
					  "niet; schrijf het uit");
		return (NULL);
	}
	return (node);
}

/* Read the first document, and say so if there is a second. */
static void
read_stream(struct reader *r)
{
	yaml_event_t ev;
	size_t documents = 0;
	bool end = false;

	while (!end && next_event(r, &ev)) {
		size_t line = ev.start_mark.line + 1;

		end = ev.type == YAML_STREAM_END_EVENT;
		if (ev.type == YAML_DOCUMENT_START_EVENT) {
			if (++documents == 2)
				mistake_at(r->conf, line,
				    "hier begint een tweede document; een "
				    "bestand heeft er een");
		} else if (ev.type == YAML_SCALAR_EVENT ||
		    ev.type == YAML_SEQUENCE_START_EVENT ||
		    ev.type == YAML_MAPPING_START_EVENT) {
			struct conf_node *node = read_node(r, &ev, 0);

			if (r->conf->root == NULL)
				r->conf->root = node;
			else
				node_free(node);
		}
		yaml_event_delete(&ev);
	}
}

/* Take what the events leave out: the name of an anchor is in no node. */
static void
refuse_aliases(struct conf *conf, const char *text, size_t len)
{
	yaml_parser_t p;
	yaml_token_t token;
	bool end = false;

	if (!yaml_parser_initialize(&p))
		abort();
	yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
	while (!end && yaml_parser_scan(&p, &token)) {
		end = token.type == YAML_STREAM_END_TOKEN;
		if (token.type == YAML_ANCHOR_TOKEN ||
		    token.type == YAML_TAG_TOKEN)
			mistake_at(conf, token.start_mark.line + 1,
			    "namen met & en soorten met ! kunnen hier niet; "
			    "schrijf het uit");
		yaml_token_delete(&token);
	}
	yaml_parser_delete(&p);
}

enum err
conf_parse(const char *name, const char *text, size_t len, struct conf **out)
{
	struct reader r = { .conf = calloc(1, sizeof(struct conf)) };

	if (r.conf == NULL)
		return (ERR_NOMEM);
	r.conf->file = strdup(name);
	if (r.conf->file == NULL || !yaml_parser_initialize(&r.parser)) {
		conf_close(r.conf);
		return (ERR_NOMEM);
	}
	refuse_aliases(r.conf, text, len);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text,
	    len);
	read_stream(&r);
	yaml_parser_delete(&r.parser);
	if (r.conf->root == NULL && r.conf->n_errors == 0)
		mistake_at(r.conf, 1, "het bestand is leeg");
	*out = r.conf;
	return (ERR_OK);
}

enum err
conf_open(const char *path, struct conf **conf)
{
	uint8_t *text;
	size_t len;
	enum err err;

	err = file_read(path, FILE_MAX, &text, &len);
	if (err != ERR_OK)
		return (err);
	err = conf_parse(path, (const char *)text, len, conf);
	free(text);
	return (err);
}

void
conf_close(struct conf *conf)
{
	if (conf == NULL)
		return;
	node_free(conf->root);
	for (size_t i = 0; i < conf->n_errors; i++)
		free(conf->errors[i].text);
	for (size_t i = 0; i < conf->n_kept; i++)
		free(conf->kept[i]);
	free(conf->errors);
	free(conf->kept);
	free(conf->file);
	free(conf);
}

/* --- mistakes ------------------------------------------------------------ */

static int
by_line(const void *a, const void *b)
{
	const struct conf_error *x = a, *y = b;

	if (x->line != y->line)
		return (x->line < y->line ? -1 : 1);
	return (x->no < y->no ? -1 : 1);
}

size_t
conf_mistakes(const struct conf *conf)
{
	return (conf->n_errors);
}

/* Put them in order and their place before them, once. */
static void
sort_mistakes(struct conf *conf)
{
	if (conf->sorted || conf->n_errors == 0)
		return;
	qsort(conf->errors, conf->n_errors, sizeof(*conf->errors), by_line);
	conf->sorted = true;
}

static char *
keep(struct conf *conf, char *text)
{
	char **k;

	k = conf_grow(conf->kept, conf->n_kept, sizeof(char *));
	if (k == NULL || text == NULL)
		abort();
	conf->kept = k;
	k[conf->n_kept++] = text;
	return (text);
}

const char *
conf_mistake_text(struct conf *conf, size_t i)
{
	const struct conf_error *e;
	char *text;

	sort_mistakes(conf);
	e = &conf->errors[i];
	/* What is missing altogether stands on no line. */
	if ((e->line == 0 ? asprintf(&text, "%s: %s", conf->file, e->text) :
		asprintf(&text, "%s:%zu: %s", conf->file, e->line, e->text)) ==
	    -1)
		abort();
	return (keep(conf, text));
}

void
conf_print_mistakes(struct conf *conf, FILE *to)
{
	for (size_t i = 0; i < conf->n_errors; i++)
		(void)fprintf(to, "%s\n", conf_mistake_text(conf, i));
}

/* --- nodes --------------------------------------------------------------- */

const struct conf_node *
conf_root(const struct conf *conf)
{
	return (conf->root);
}

const char *
conf_file(const struct conf *conf)
{
	return (conf->file);
}

size_t
conf_line(const struct conf_node *node)
{
	return (node != NULL ? node->line : 0);
}

bool
conf_is_scalar(const struct conf_node *node)
{
	return (node != NULL && node->kind == CONF_SCALAR);
}

bool
conf_is_list(const struct conf_node *node)
{
	return (node != NULL && node->kind == CONF_SEQUENCE);
}

bool
conf_is_map(const struct conf_node *node)
{
	return (node != NULL && node->kind == CONF_MAPPING);
}

const char *
conf_scalar(const struct conf_node *node)
{
	return (conf_is_scalar(node) ? node->text : NULL);
}

size_t
conf_size(const struct conf_node *node)
{
	return (node != NULL ? node->n : 0);
}

const struct conf_node *
conf_at(const struct conf_node *node, size_t i)
{
	return (node != NULL && i < node->n ? node->values[i] : NULL);
}

const struct conf_node *
conf_key_at(const struct conf_node *node, size_t i)
{
	return (conf_is_map(node) && i < node->n ? node->keys[i] : NULL);
}

const struct conf_node *
conf_get(const struct conf_node *node, const char *key)
{
	for (size_t i = 0; conf_is_map(node) && i < node->n; i++)
		if (strcmp(node->keys[i]->text, key) == 0)
			return (node->values[i]);
	return (NULL);
}
