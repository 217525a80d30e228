/*
 * opts -- the words after `keten VERB`, by one table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "cli/opts.h"
#include "trust/digest.h"

/* 1 MiB: four times the largest content that can be sent. */
#define VALUE_MAX ((size_t)1024 * 1024)

static const struct {
	const char *name;
	const char *value; /* NULL: a flag */
	const char *help;
} table[] = {
#define OPT(name, id, value, help) { name, value, help },
#include "cli/tbl_opts.h"
#undef OPT
};

_Static_assert(OPT__MAX <= 64, "a verb's options are bits of one number");

/* Read a whole stream; NULL if it cannot be read or is too long. */
static char *
slurp(FILE *f)
{
	char *text = malloc(VALUE_MAX + 1);
	size_t n = text == NULL ? 0 : fread(text, 1, VALUE_MAX, f);

	if (text == NULL || ferror(f) || !feof(f)) {
		free(text);
		return (NULL);
	}
	text[n] = '\0';
	return (text);
}

static char *
from_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = f == NULL ? NULL : slurp(f);

	if (f != NULL)
		(void)fclose(f);
	if (text == NULL)
		fprintf(stderr, "keten: %s is niet te lezen of te groot\n",
		    path);
	return (text);
}

/* The value as it was meant: from a file, from stdin, or as it stands. */
static char *
take(const char *value)
{
	if (strcmp(value, "-") == 0)
		return (slurp(stdin));
	if (value[0] == '@')
		return (from_file(value + 1));
	return (strdup(value));
}

static void
guess(const char *name, unsigned long long allowed)
{
	const char *names[OPT__MAX], *near;
	size_t n = 0;

	for (size_t i = 0; i < OPT__MAX; i++)
		if (allowed >> i & 1)
			names[n++] = table[i].name;
	near = conf_nearest(name, names, n);
	fprintf(stderr, "keten: --%s hoort hier niet", name);
	if (near != NULL)
		fprintf(stderr, "; bedoelde u --%s?", near);
	fprintf(stderr, "\n");
}

/* The option called the first ${len} characters of ${name}. */
static size_t
find(const char *name, size_t len, unsigned long long allowed)
{
	for (size_t i = 0; i < OPT__MAX; i++)
		if ((allowed >> i & 1) && strlen(table[i].name) == len &&
		    memcmp(table[i].name, name, len) == 0)
			return (i);
	return (OPT__MAX);
}

/* Read one option at ${*i}, and its value. */
static bool
read_one(int argc, char **argv, int *i, unsigned long long allowed,
    struct opts *o)
{
	const char *name = strcmp(argv[*i], "-c") == 0 ? "config"
						       : argv[*i] + 2;
	const char *equals = strchr(name, '=');
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
	size_t at = find(name, len, allowed);
	const char *value = equals == NULL ? NULL : equals + 1;

	if (at == OPT__MAX) {
		guess(name, allowed);
		return (false);
	}
	if (table[at].value != NULL && value == NULL && *i + 1 < argc)
		value = argv[++*i];
	if (table[at].value == NULL && value != NULL) {
		fprintf(stderr, "keten: --%s heeft geen waarde\n",
		    table[at].name);
		return (false);
	}
	if (table[at].value != NULL && value == NULL) {
		fprintf(stderr, "keten: --%s heeft een waarde nodig: %s\n",
		    table[at].name, table[at].value);
		return (false);
	}
	free(o->value[at]);
	o->value[at] = table[at].value == NULL ? strdup("1") : take(value);
	return (o->value[at] != NULL);
}

bool
opts_read(int argc, char **argv, unsigned long long allowed, struct opts *o)
{
	memset(o, 0, sizeof(*o));
	for (int i = 0; i < argc; i++) {
		bool option = strncmp(argv[i], "--", 2) == 0 ||
		    strcmp(argv[i], "-c") == 0;

		if (option && !read_one(argc, argv, &i, allowed, o))
			return (false);
		if (option)
			continue;
		if (argv[i][0] == '-' && argv[i][1] != '\0') {
			fprintf(stderr, "keten: %s is geen optie; een optie "
					"begint met --\n", argv[i]);
			return (false);
		}
		if (o->n_args == sizeof(o->arg) / sizeof(o->arg[0])) {
			fprintf(stderr, "keten: te veel woorden\n");
			return (false);
		}
		o->arg[o->n_args++] = argv[i];
	}
	return (true);
}

void
opts_fini(struct opts *o)
{
	for (size_t i = 0; i < OPT__MAX; i++) {
		if (o->value[i] != NULL)
			digest_wipe(o->value[i], strlen(o->value[i]));
		free(o->value[i]);
		o->value[i] = NULL;
	}
}

void
opts_help(unsigned long long allowed, FILE *to)
{
	for (size_t i = 0; i < OPT__MAX; i++)
		if (allowed >> i & 1)
			fprintf(to, "  --%s%s%-*s %s\n", table[i].name,
			    " ", (int)(20 - strlen(table[i].name)),
			    table[i].value == NULL ? "" : table[i].value,
			    table[i].help);
}

bool
opts_number(const char *text, long *n)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (end == text || *end != '\0' || v < 0)
		return (false);
	*n = v;
	return (true);
}
