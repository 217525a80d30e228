#ifndef CTL_OPTS_H_
#define CTL_OPTS_H_

#include "ctl/ctl.h"

/*
 * opts -- the words of `ketenctl`, by two tables: of commands, and of options.
 *
 * A command is one word or two ("policy check"); options may stand anywhere.
 * Every command takes OPTS_ALWAYS and the options that its row names; another
 * option, or a word too many or too few, is refused with what was probably
 * meant.
 */
#define OPTS_ALWAYS "socket json no-color help"

struct command {
	const char *name;
	int (*run)(const struct ctl *c);
	const char *words; /* what follows it */
	int min, max;	   /* how many of those */
	const char *options;
	const char *line; /* what it does, Dutch */
	const char *example;
};

/* What was on the command line, besides what is in struct ctl. */
struct opts {
	const struct command *command; /* NULL: none was named */
	const char *topic;	       /* the first word; NULL: none */
	bool help;
	bool version;
};

/**
 * opts_read(argc, argv, commands, n, c, o):
 * Read what follows the program's name into ${c} and ${o}, with the table of
 * ${n} ${commands}.  Return false, after saying on stderr what is wrong, if it
 * does not fit.  With --help or --version nothing else has to.
 */
bool opts_read(int argc, char **argv, const struct command *commands,
    size_t n, struct ctl *c, struct opts *o);

/**
 * opts_print(options):
 * Print a line about each of ${options} on stdout.
 */
void opts_print(const char *options);

#endif /* !CTL_OPTS_H_ */
