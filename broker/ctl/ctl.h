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
	bool no_color;
	bool help;
	const char *arg[CTL_ARGS]; /* what follows the command's name */
	int n_args;
};

/* Says an answer of the broker for people (tell.h). */
typedef void ctl_tell_fn(const json_t *data);

/**
 * ctl_ask(c, ask, data):
 * Send the request ${ask}, which is taken over, to the broker and store the
 * data of its answer, which the caller gives to json_decref(), in ${data}.
 * Return CTL_DONE, or another exit status after saying why on stderr (ask.c).
 */
int ctl_ask(const struct ctl *c, json_t *ask, json_t **data);

/**
 * ctl_text(j, name), ctl_number(j, name):
 * Return the text at ${name}, "" if there is none; the number, 0 if none.
 */
const char *ctl_text(const json_t *j, const char *name);
json_int_t ctl_number(const json_t *j, const char *name);

/**
 * ctl_json(data):
 * Print ${data} as JSON, a line for each member of a list.
 */
void ctl_json(const json_t *data);

/**
 * ctl_show(c, data, tell):
 * Print ${data}: as JSON with --json, else as ${tell} does.
 */
void ctl_show(const struct ctl *c, const json_t *data, ctl_tell_fn *tell);

/**
 * ctl_plain(c, ask, tell):
 * Ask, and show the answer.
 */
int ctl_plain(const struct ctl *c, json_t *ask, ctl_tell_fn *tell);

/* --- the commands of the table in main.c --------------------------------- */

/* What is one request to the broker (online.c). */
int ctl_status(const struct ctl *c);
int ctl_queue(const struct ctl *c);
int ctl_referral(const struct ctl *c);
int ctl_explain(const struct ctl *c);
int ctl_enrol(const struct ctl *c);
int ctl_metrics(const struct ctl *c);
int ctl_erase(const struct ctl *c);
int ctl_erase_list(const struct ctl *c);
int ctl_erase_status(const struct ctl *c);
int ctl_policy_load(const struct ctl *c);
int ctl_policy_show(const struct ctl *c);

/* The clock and the guard (clockwork.c). */
int ctl_clock(const struct ctl *c);
int ctl_clock_accept(const struct ctl *c);
int ctl_clock_set(const struct ctl *c);
int ctl_clock_jump(const struct ctl *c);
int ctl_guard(const struct ctl *c);
int ctl_guard_accept(const struct ctl *c);

/* Keys and the policy, without a broker (offline.c, diff.c). */
int ctl_keygen(const struct ctl *c);
int ctl_policy_check(const struct ctl *c);
int ctl_policy_sign(const struct ctl *c);
int ctl_policy_diff(const struct ctl *c);

/* What a regisseur oversees (report.c). */
int ctl_report(const struct ctl *c);

/* Who takes part, and the end of a key (partner.c). */
int ctl_partner(const struct ctl *c);
int ctl_partner_list(const struct ctl *c);
int ctl_partner_revoke(const struct ctl *c);
int ctl_partner_suspect(const struct ctl *c);

/* A backup, and the way back (backup.c). */
int ctl_backup(const struct ctl *c);
int ctl_restore(const struct ctl *c);

/* --- what they share ------------------------------------------------------ */

/**
 * ctl_is_source(path):
 * Tell whether ${path} names the source of a policy: it ends in ".yaml".
 */
bool ctl_is_source(const char *path);

/**
 * ctl_read_policy(path, p):
 * Read the policy in ${path}, its source (.yaml) or as it was signed, into
 * ${p}, which the caller gives to policy_free().  Mistakes go to stderr.
 */
int ctl_read_policy(const char *path, struct policy **p);

/**
 * ctl_enrol_bytes(c, p, len), ctl_enrol_file(c, path):
 * Give one certificate, or the end of one, to the broker (online.c).
 */
int ctl_enrol_bytes(const struct ctl *c, const void *p, size_t len);
int ctl_enrol_file(const struct ctl *c, const char *path);

#endif /* !CTL_H_ */
