#ifndef ROOT_H_
#define ROOT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keten/v1/policy.pb-c.h"
#include "trust/note.h"

/*
 * root -- whom an auditor believes before looking at anything.
 *
 * The log's key, the introducer's key and the witnesses come from outside:
 * from paper, from a partner, from an earlier audit; never from the broker
 * that is audited.  They are given one by one, or in a small YAML file:
 *
 *	origin: keten.voorbeeld.nl/demo
 *	vkey: keten.voorbeeld.nl/demo+1a2b3c4d+AQ...    (or file:log.vkey)
 *	introducer: 64 hexadecimal digits               (or file:beheer.pub)
 *	witnesses: [getuige.nl+..., file:other.vkey]
 *	quorum: 2
 *	policy: policy.signed
 *
 * The policy is needed only where a proof has to be believed without the log
 * after the log's key changed: signed by the introducer, it names the keys of
 * before and after.
 */
#define ROOT_WITNESSES_MAX 16
#define ROOT_ORIGIN_MAX 128
#define ROOT_KEYS_MAX 16

struct root {
	char origin[ROOT_ORIGIN_MAX + 1]; /* "": not given */
	bool has_log;
	struct note_key log;
	bool has_introducer;
	uint8_t introducer[32];
	size_t n_witnesses;
	struct note_key witnesses[ROOT_WITNESSES_MAX];
	size_t quorum; /* 0: all witnesses */
	char policy[4096]; /* path of a signed one; "": none */
	size_t n_others;   /* keys of the log that lead to or from its key */
	struct note_key others[ROOT_KEYS_MAX];
};

/**
 * root_vkey(r, text, why), root_introducer(r, text, why),
 * root_witness(r, text, why):
 * Take the log's key, the introducer's key, one witness more: the text itself,
 * or the name of a file that holds it ("file:name" or just the name).
 * ERR_CONFIG with a Dutch sentence in ${why} (constant) if it is none.
 */
MUST_CHECK enum err root_vkey(struct root *r, const char *text,
    const char **why);
MUST_CHECK enum err root_introducer(struct root *r, const char *text,
    const char **why);
MUST_CHECK enum err root_witness(struct root *r, const char *text,
    const char **why);

/**
 * root_origin(r, text, why):
 * Take the name of the log.
 */
MUST_CHECK enum err root_origin(struct root *r, const char *text,
    const char **why);

/**
 * root_policy(r, path, why):
 * Remember where a signed policy is; root_complete() reads it.
 */
MUST_CHECK enum err root_policy(struct root *r, const char *path,
    const char **why);

/**
 * root_follow(r, doc):
 * If the policy ${doc}, which the introducer signed, names a key of the log
 * that is known, the others it names are known too.  Return whether it does.
 */
bool root_follow(struct root *r, const Keten__V1__Policy *doc);

/**
 * root_note_check(r, bytes, c):
 * note_check() with the log's key, or with one that leads to or from it.
 */
MUST_CHECK enum err root_note_check(const struct root *r,
    struct slice bytes, struct note_checkpoint *c);

/**
 * root_load(r, path):
 * Take everything in the file ${path}.  ERR_CONFIG, ERR_NOT_FOUND, ERR_IO;
 * what is wrong has been written to stderr.
 */
MUST_CHECK enum err root_load(struct root *r, const char *path);

/**
 * root_complete(r, why):
 * See whether all of it fits together: the key's name is the origin (which it
 * supplies if none was given), and the quorum can be reached.
 */
MUST_CHECK enum err root_complete(struct root *r, const char **why);

/**
 * root_digest(r, out):
 * Write SHA-256 of the log's vkey to ${out}: what two auditors read to each
 * other.  ${r} must have the log's key.
 */
void root_digest(const struct root *r, uint8_t out[32]);

#endif /* !ROOT_H_ */
