#ifndef CONF_IMPL_H_
#define CONF_IMPL_H_

#include "base/conf.h"

/*
 * conf_impl -- what the files of conf share.  Nobody else includes this.
 */
enum conf_kind { CONF_SCALAR, CONF_SEQUENCE, CONF_MAPPING };

struct conf_node {
	enum conf_kind kind;
	size_t line;
	char *text; /* of a scalar */
	size_t n;
	size_t cap;
	struct conf_node **values;
	struct conf_node **keys; /* of a mapping */
};

struct conf_error {
	size_t line;
	size_t no; /* keeps the order of those on one line */
	char *text;
};

struct conf {
	char *file;
	struct conf_node *root;
	struct conf_error *errors;
	size_t n_errors;
	bool sorted;
	const struct conf_setting *settings;
	size_t n_settings;
	char **kept; /* texts made on request */
	size_t n_kept;
};

/**
 * conf_grow(list, n, size):
 * Return ${list} with room for ${n} + 1 members of ${size} bytes; NULL if out
 * of memory, then the old one is still there.
 */
void *conf_grow(void *list, size_t n, size_t size);

/**
 * conf_find(conf, path):
 * Return the node at ${path} ("a.b[2].c"), or NULL.
 */
const struct conf_node *conf_find(const struct conf *conf, const char *path);

#endif /* !CONF_IMPL_H_ */
