#ifndef CTL_H_
#define CTL_H_

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/*
 * ctl -- what the subcommands of ketenctl share.
 *
 * One table {name, function, words, one line} feeds dispatch and help.  Those
 * that need the broker talk to its control socket; keygen and policy check,
 * sign and diff need neither broker nor network.  Nothing here can change a
 * referral: there is no such request.
 *
 * Exit status: 0 done; 1 refused or mistakes found; 2 the words do not fit;
 * 3 the broker cannot be reached; 4 a file cannot be read or written.
 */
enum ctl_exit {
	CTL_DONE = 0,
	CTL_REFUSED = 1,
	CTL_USAGE = 2,
	CTL_UNREACHED = 3,
	CTL_FILE = 4,
};

/* What stands on the command line. */
#define CTL_ARGS 256

struct policy;

struct ctl {
	const char *socket; /* --socket, $KETEN_CONTROL, run/control.sock */
	const char *key;    /* --key */
	const char *out;    /* --out */
	const char *dir;    /* --dir */
	const char *why;    /* --why */
	const char *from;   /* --from, --code ... of explain */
	const char *code;
	const char *area;
	const char *urgency;
	const char *basis;
	const char *at;
	const char *partner; /* --partner, --device ... of partner revoke */
	const char *device;
	const char *sealing;
	const char *reason;
	const char *suspect_from;
	const char *format; /* --format of report */
	const char *store; /* --store, --vault, --to ... of backup, restore */
	const char *vault;
	const char *to;
	const char *guard;
	bool without_journal;
	bool json;
	const char *arg[CTL_ARGS]; /* what is no option */
	int n_args;
};

/**
 * ctl_ask(c, ask, data):
 * Send the request ${ask}, which is taken over, to the broker and store the
 * data of its answer, which the caller gives to json_decref(), in ${data}.
 * Return CTL_DONE, or another exit status after saying why on stderr.
 */
int ctl_ask(const struct ctl *c, json_t *ask, json_t **data);

/**
 * ctl_show(c, data):
 * Print ${data}: as JSON, one line per member of a list, with --json; else as
 * text, a line per field and a block per member.
 */
void ctl_show(const struct ctl *c, const json_t *data);

/* --- subcommands --------------------------------------------------------- */

/** ctl_keygen(c): keys of the broker and of the introducer (offline.c). */
int ctl_keygen(const struct ctl *c);
/** ctl_policy(c): check, sign, diff (offline.c) and load (online.c). */
int ctl_policy(const struct ctl *c);

/** ctl_report(c): what a regisseur oversees (report.c). */
int ctl_report(const struct ctl *c);

/**
 * ctl_read_policy(path, p):
 * Read the policy in ${path}, its source (.yaml) or as it was signed, into
 * ${p}, which the caller gives to policy_free().  Mistakes go to stderr.
 */
int ctl_read_policy(const char *path, struct policy **p);

/** ctl_policy_diff(c): what another policy would change (diff.c). */
int ctl_policy_diff(const struct ctl *c);

/** ctl_partner(c): list, revoke, suspect, or show (partner.c). */
int ctl_partner(const struct ctl *c);

/** ctl_backup(c), ctl_restore(c): a backup, and the way back (backup.c). */
int ctl_backup(const struct ctl *c);
int ctl_restore(const struct ctl *c);

/**
 * ctl_enrol_bytes(c, p, len), ctl_enrol_file(c, path):
 * Give one certificate, or the end of one, to the broker (online.c).
 */
int ctl_enrol_bytes(const struct ctl *c, const void *p, size_t len);
int ctl_enrol_file(const struct ctl *c, const char *path);

/**
 * ctl_online(c, name):
 * Every subcommand that is one request to the broker (online.c).
 */
int ctl_online(const struct ctl *c, const char *name);

#endif /* !CTL_H_ */
