#ifndef OPTS_H_
#define OPTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * opts -- the words after `keten VERB`, by one table.
 *
 * Every option has a long form and, but for flags, a value ("--code SIG-101"
 * or "--code=SIG-101").  A value "@FILE" is the contents of FILE and "-" is
 * what stands on standard input, so that nothing about a person needs to stand
 * on a command line.  An option the verb does not know is refused, with the
 * one that was probably meant.
 */
enum opt {
#define OPT(name, id, value, help) OPT_##id,
#include "cli/tbl_opts.h"
#undef OPT
	OPT__MAX
};

/* As many words as one command can have. */
#define CLI_WORDS 24

/* One bit per option, for the table of verbs. */
#define O(id) (1ull << OPT_##id)

struct opts {
	char *value[OPT__MAX]; /* NULL: not given; owned */
	const char *arg[CLI_WORDS]; /* what is no option; from argv */
	size_t n_args;
};

/**
 * opts_read(argc, argv, allowed, o):
 * Read the ${argc} words ${argv} into ${o}, of which opts_fini() frees the
 * values.  ${allowed} has a bit for each option that the verb takes.  Return
 * false, after saying on stderr what is wrong, if they do not fit.
 */
bool opts_read(int argc, char **argv, unsigned long long allowed,
    struct opts *o);

/**
 * opts_fini(o):
 * Wipe and free the values.
 */
void opts_fini(struct opts *o);

/**
 * opts_help(allowed, to):
 * Print a line for each option of ${allowed} on ${to}.
 */
void opts_help(unsigned long long allowed, FILE *to);

/**
 * opts_number(text, n):
 * Read a whole number from 0 up; false if ${text} is none.
 */
bool opts_number(const char *text, long *n);

#endif /* !OPTS_H_ */
