#ifndef CLI_H_
#define CLI_H_

#include <stdint.h>

#include <jansson.h>

#include "cli/opts.h"
#include "life/calendar.h"
#include "sdk/keten.h"

/*
 * cli -- what the verbs of `keten` share.
 *
 * One table {name, function, one line, options} feeds dispatch, usage and
 * --help.  Results go to stdout, everything else to stderr.
 *
 * Exit status: 0 done; 1 refused (the text says why and what to do); 2 the
 * words do not fit; 3 not yet, it stays in the spool; 4 settings, keys or
 * spool; 5 the broker or the log cannot be right; 6 sealed for this partner.
 */
enum cli_exit {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_LATER = 3,
	EXIT_SETTINGS = 4,
	EXIT_TRUST = 5,
	EXIT_SEALED = 6,
};

struct verb;

/* What a verb works with. */
struct cli {
	const struct verb *verb;
	struct opts o;
	struct keten *k; /* open, unless the verb is one without a device */
	bool json;
};

struct verb {
	const char *name;
	int (*run)(struct cli *c);
	enum keten_step step; /* of a step's verb, else 0 */
	const char *words;    /* what follows it: "NR" */
	const char *line;     /* what it does */
	unsigned long long options;
	unsigned long long needs; /* of those, the ones that must be there */
	size_t n_args;	      /* words it must have */
	bool no_device;	      /* works without settings */
};

/**
 * cli_get(c, opt):
 * Return the value of an option, or NULL.
 */
const char *cli_get(const struct cli *c, enum opt opt);

/**
 * cli_put(j):
 * Print ${j} as a line of JSON and let go of it.  Return the exit status;
 * EXIT_SETTINGS if ${j} is NULL or there was no memory.
 */
int cli_put(json_t *j);

/**
 * cli_when(ms, buf):
 * Return the instant ${ms} for people, in ${buf}; "-" for none.
 */
const char *cli_when(int64_t ms, char buf[CAL_TEXT]);

/**
 * cli_fail(c, rc):
 * Say what went wrong on the handle and return the exit status that belongs
 * to the KETEN_E* ${rc}.
 */
int cli_fail(const struct cli *c, int rc);

/**
 * cli_config(c):
 * Return the path of the settings: --config, $KETEN_CONFIG or keten.yaml.
 */
const char *cli_config(const struct cli *c);

/**
 * cli_catch_up(c):
 * Let in what waits at the broker, so that what is shown is what is; 0 also
 * without a connection, or a KETEN_E*.
 */
int cli_catch_up(const struct cli *c);

/**
 * cli_patience(c):
 * Return how long to wait for an answer, in ms: --wait, or 10 s.
 */
int cli_patience(const struct cli *c);

/**
 * cli_await(c, ticket):
 * Wait that long for what becomes of ${ticket}, print it, and return the exit
 * status that belongs to it.
 */
int cli_await(const struct cli *c, uint64_t ticket);

/* --- verbs -------------------------------------------------------------- */

/** cli_order(c): signal, request and every step (orders.c). */
int cli_order(struct cli *c);
/** cli_explain(c): who would be asked (orders.c). */
int cli_explain(struct cli *c);
/** cli_transfer(c): hand over everything that is held (transfer.c). */
int cli_transfer(struct cli *c);
/** cli_outbox(c), cli_cancel(c): what waits; take one back (orders.c). */
int cli_outbox(struct cli *c);
int cli_cancel(struct cli *c);

/** The verbs that show (show.c). */
int cli_inbox(struct cli *c);
int cli_show(struct cli *c);
int cli_open(struct cli *c);
int cli_watch(struct cli *c);
int cli_codes(struct cli *c);
int cli_find(struct cli *c);
int cli_receipt(struct cli *c);
int cli_opened(struct cli *c);
int cli_sync(struct cli *c);

/**
 * cli_check_code(c, code):
 * See whether ${code} (NULL: yes) is one of the policy's; if not, say which
 * was probably meant.  An exit status; EXIT_DONE also if no policy is known.
 */
int cli_check_code(struct cli *c, const char *code);

/** cli_trust(c): what this device trusts, and what changed (trust.c). */
int cli_trust(struct cli *c);

/** cli_oversight(c): a regisseur's reports (oversight.c). */
int cli_oversight(struct cli *c);

/** cli_catalogue(c): search it; one's own entries (catalogue.c). */
int cli_catalogue(struct cli *c);

/** The verbs about keys (keys.c). */
int cli_keygen(struct cli *c);
int cli_enrol(struct cli *c);
/** cli_key(c): list, rotate, revoke, tidy (key.c). */
int cli_key(struct cli *c);

#endif /* !CLI_H_ */
