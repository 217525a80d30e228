#ifndef ARGS_H_
#define ARGS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "audit/root.h"
#include "base/err.h"

/*
 * args -- the command line of keten-audit, from one table of options.
 *
 * Every command takes where the log is, whom the auditor trusts, and --json:
 * one who has them in a file for one command has them for all.
 */
#define ARGS_ALWAYS                                                           \
	"store trust vkey introducer policy origin witness quorum json"
#define ARGS_CHECKPOINTS_MAX 16
#define ARGS_TARGETS_MAX 16

struct args {
	const char *store; /* the folder of the log */
	bool json;
	size_t threads; /* 0: as many as there are cores */
	uint64_t from;
	uint64_t until; /* UINT64_MAX: the end */
	const char *out;
	const char *format;
	const char *guard;
	const char *tiles;	/* a tiles export instead of the store */
	const char *leaf;	/* a file with the bytes of a leaf */
	const char *leaf_hash;
	const char *check;	/* a case file to check */
	const char *seed;
	uint64_t number;	/* how many; 0: not given */
	const char *key;	/* file with a witness's secret key */
	const char *name;	/* of a witness */
	const char *state;	/* file in which a witness remembers */
	const char *request;	/* file with a request to a witness */
	const char *folder;	/* where requests to a witness come */
	bool is_new;		/* a witness begins */
	uint64_t watch;		/* seconds between two looks; 0: once */
	const char *partner;	/* what that one may see */
	const char *cosignatures; /* folder of cosigned checkpoints */
	size_t n_checkpoints;
	const char *checkpoints[ARGS_CHECKPOINTS_MAX];
	struct root root;
	size_t n_targets;
	const char *targets[ARGS_TARGETS_MAX];
	bool help;
};

/**
 * args_parse(argc, argv, options, a):
 * Read what follows the command's name into ${a}.  ${options} are the names of
 * the options the command takes besides ARGS_ALWAYS, with spaces between them;
 * --help is always one.  ERR_CONFIG, with what is wrong on stderr.
 */
MUST_CHECK enum err args_parse(int argc, char **argv, const char *options,
    struct args *a);

/**
 * args_print_options(options, to):
 * Write one line about each of ${options}.
 */
void args_print_options(const char *options, FILE *to);

/**
 * args_number(text, n):
 * Read a number of digits; false if it is none.
 */
bool args_number(const char *text, uint64_t *n);

#endif /* !ARGS_H_ */
