#ifndef CONF_H_
#define CONF_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * conf -- configuration in YAML, read with libyaml's node tree.
 *
 * Two layers.  The lower one is a tree of nodes that know their line, and a
 * list of mistakes that only grows: nobody stops at the first one.  The upper
 * one is a table of settings {path, type, range, required, default, help} that
 * feeds checker, defaults and manual alike.
 *
 * A path is written with dots, "store.path"; "partners[].id" is a setting of
 * each member of a list.  All texts returned live as long as the conf.
 */
struct conf;
struct conf_node;

enum conf_type {
	CONF_TEXT,
	CONF_NAME, /* [a-z][a-z0-9-]{0,30} */
	CONF_PATH, /* seen from the folder of the file itself */
	CONF_NUMBER,
	CONF_BOOL,
	CONF_MS,   /* "500 ms", "10 s", "5 min", "2 h", "1 d"; kept in ms */
	CONF_SIZE, /* "64 KiB", "1 GiB"; kept in bytes */
	CONF_LIST, /* of texts */
	CONF_MAP,  /* names chosen by the writer, with a text each */
};

struct conf_setting {
	const char *path;
	enum conf_type type;
	int64_t min; /* of number, ms, size; of a text: its length */
	int64_t max; /* 0: no limit */
	bool required;
	const char *def;  /* as one would write it; NULL: none */
	const char *help; /* one Dutch sentence */
};

/**
 * conf_open(path, conf):
 * Read and parse ${path} into a new ${conf}, which the caller frees with
 * conf_close().  ERR_NOT_FOUND or ERR_IO if it cannot be read.  A file that is
 * not YAML gives ERR_OK and a mistake: look at conf_mistakes().  Duplicate
 * keys, anchors and aliases are mistakes too.
 */
MUST_CHECK enum err conf_open(const char *path, struct conf **conf);

/**
 * conf_parse(name, text, len, conf):
 * The same for the ${len} bytes ${text}; mistakes call them ${name}.
 */
MUST_CHECK enum err conf_parse(const char *name, const char *text, size_t len,
    struct conf **conf);

/**
 * conf_check(conf, settings, n):
 * Compare ${conf} with the table of ${n} settings: unknown keys (with the
 * nearest known one), missing ones, wrong types, values out of range.  Every
 * mistake is kept.  The table is borrowed for as long as ${conf} lives.
 * Return ERR_CONFIG if there is any mistake by now.
 */
MUST_CHECK enum err conf_check(struct conf *conf,
    const struct conf_setting *settings, size_t n);

/**
 * conf_text(conf, path), conf_number(conf, path):
 * Return what the file says at ${path}, or else the table's default; NULL or 0
 * if there is none.  "partners[2].id" names a member of a list.
 * CONF_PATH comes back as seen from the current folder.  Durations are ms and
 * sizes bytes: both are numbers.  Only after conf_check() gave ERR_OK.
 */
const char *conf_text(struct conf *conf, const char *path);
int64_t conf_number(struct conf *conf, const char *path);

/**
 * conf_count(conf, path):
 * Return how many members the list (or map) at ${path} has; 0 if it is absent.
 */
size_t conf_count(struct conf *conf, const char *path);

/**
 * conf_item(conf, path, i):
 * Return the ${i}th text of the list (value of the map) at ${path}; NULL if
 * there is none.
 */
const char *conf_item(struct conf *conf, const char *path, size_t i);

/**
 * conf_has(conf, path):
 * Tell whether the file itself says something at ${path}.
 */
bool conf_has(struct conf *conf, const char *path);

/**
 * conf_mistake(conf, node, fmt, ...):
 * Add a mistake at the line of ${node} (NULL: the file as a whole).
 */
void conf_mistake(struct conf *conf, const struct conf_node *node,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * conf_mistakes(conf):
 * Return how many mistakes there are by now.
 */
size_t conf_mistakes(const struct conf *conf);

/**
 * conf_mistake_text(conf, i):
 * Return the ${i}th mistake, in order of line: "file:12: ...".
 */
const char *conf_mistake_text(struct conf *conf, size_t i);

/**
 * conf_print_mistakes(conf, to):
 * Write all of them, one line each.
 */
void conf_print_mistakes(struct conf *conf, FILE *to);

/**
 * conf_manual(settings, n, to):
 * Write the manual of the table: path, type, range, default, help.
 */
void conf_manual(const struct conf_setting *settings, size_t n, FILE *to);

/**
 * conf_close(conf):
 * Free everything.  conf_close(NULL) does nothing.
 */
void conf_close(struct conf *conf);

/* --- the lower layer: nodes ---------------------------------------------- */

/**
 * conf_root(conf):
 * Return the outermost node, NULL if the file could not be parsed or is empty.
 */
const struct conf_node *conf_root(const struct conf *conf);

/**
 * conf_file(conf):
 * Return the name of the file.
 */
const char *conf_file(const struct conf *conf);

/**
 * conf_line(node):
 * Return the line, from 1, on which ${node} begins.
 */
size_t conf_line(const struct conf_node *node);

/**
 * conf_is_scalar(node), conf_is_list(node), conf_is_map(node):
 * Tell what ${node} is; all false for NULL.
 */
bool conf_is_scalar(const struct conf_node *node);
bool conf_is_list(const struct conf_node *node);
bool conf_is_map(const struct conf_node *node);

/**
 * conf_scalar(node):
 * Return the text of ${node}; NULL if it is none.
 */
const char *conf_scalar(const struct conf_node *node);

/**
 * conf_size(node), conf_at(node, i), conf_key_at(node, i):
 * Return how many members a list or map has; the ${i}th value; the node of the
 * ${i}th key of a map.
 */
size_t conf_size(const struct conf_node *node);
const struct conf_node *conf_at(const struct conf_node *node, size_t i);
const struct conf_node *conf_key_at(const struct conf_node *node, size_t i);

/**
 * conf_get(node, key):
 * Return the value of ${key} in the map ${node}; NULL if it is not there.
 */
const struct conf_node *conf_get(const struct conf_node *node,
    const char *key);

/**
 * conf_nearby(conf, path):
 * Return the node at ${path} ("routes[3].rungs[0]"), or else the last one on
 * the way to it; never NULL unless the file is empty.
 */
const struct conf_node *conf_nearby(const struct conf *conf,
    const char *path);

/**
 * conf_known_keys(conf, node, keys):
 * Add a mistake for each key of the map ${node} that is not in ${keys} (a
 * list that ends with NULL), with the nearest one.  Also if it is no map.
 */
void conf_known_keys(struct conf *conf, const struct conf_node *node,
    const char *const *keys);

/**
 * conf_nearest(word, words, n):
 * Return the one of ${n} ${words} that is most like ${word}, if it is alike
 * enough to be meant, else NULL.
 */
const char *conf_nearest(const char *word, const char *const *words,
    size_t n);

/**
 * conf_read_number(text, value), conf_read_ms(text, value),
 * conf_read_size(text, value), conf_read_bool(text, value):
 * Read one value; false, with ${value} untouched, if ${text} is none.
 * Booleans are ja, nee, yes, no, true, false, aan, uit.
 */
bool conf_read_number(const char *text, int64_t *value);
bool conf_read_ms(const char *text, int64_t *value);
bool conf_read_size(const char *text, int64_t *value);
bool conf_read_bool(const char *text, bool *value);

#endif /* !CONF_H_ */
