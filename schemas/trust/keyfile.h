#ifndef KEYFILE_H_
#define KEYFILE_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/seal.h"

/*
 * keyfile -- secret keys on disk, one file per key.
 *
 *	keten-key-v1 <kind> <64 hexadecimal digits>\n
 *
 * A file is 0600; one that the group or others can read is refused, with a
 * sentence that says what to do.  A name without a slash is looked for in
 * $CREDENTIALS_DIRECTORY (systemd) when that is set.  In memory a secret has a
 * page of its own that goes into no core dump and is wiped when freed.  It
 * never goes into a log, the store, or an argument of a program.
 */
enum keyfile_kind {
	KEYFILE_LOG,	    /* log-ed25519: signs checkpoints */
	KEYFILE_IDENTITY,   /* identity-ed25519: certifies a partner's keys */
	KEYFILE_SIGN,	    /* sign-ed25519: a device's signatures */
	KEYFILE_CURVE,	    /* curve25519: a device's connection */
	KEYFILE_SEAL,	    /* seal-p256: opens sealed content */
	KEYFILE_SPOOL,	    /* spool-aes256: a device's spool at rest */
	KEYFILE_INTRODUCER, /* introducer-ed25519: signs the policy */
	KEYFILE__MAX,
};

#define KEYFILE_SECRET 32
#define KEYFILE_WHY 384

/* A secret in a page of its own. */
struct secret {
	enum keyfile_kind kind;
	uint8_t b[KEYFILE_SECRET];
};

/* The public half of a secret; the length depends on the kind. */
struct keyfile_public {
	size_t len; /* 32; 64 (x, y) for seal-p256; 0 for spool-aes256 */
	uint8_t b[64];
};

/**
 * keyfile_kind_name(kind):
 * Return the name of ${kind} in a file ("log-ed25519").  Constant text.
 */
const char *keyfile_kind_name(enum keyfile_kind kind);

/**
 * keyfile_new(kind):
 * Return a new random secret, or NULL.  The caller owns it and must call
 * keyfile_free().
 */
struct secret *keyfile_new(enum keyfile_kind kind);

/**
 * keyfile_from(kind, bytes):
 * Return a secret with the given ${bytes}, or NULL if they are no key of
 * ${kind} or there is no memory.
 */
struct secret *keyfile_from(enum keyfile_kind kind,
    const uint8_t bytes[KEYFILE_SECRET]);

/**
 * keyfile_free(s):
 * Wipe and free ${*s} and set it to NULL.  Does nothing if it is NULL.
 */
void keyfile_free(struct secret **s);

/**
 * keyfile_write(path, s, why):
 * Write ${s} to the new file ${path} (0600), durably, whole or not at all.  An
 * existing file is never overwritten.  On failure return ERR_IO, and ${why} is one English
 * sentence without a newline.
 */
MUST_CHECK enum err keyfile_write(const char *path, const struct secret *s,
    char why[KEYFILE_WHY]);

/**
 * keyfile_read(path, kind, s, why):
 * Read the key of ${kind} from ${path} into a new ${*s}, which the caller owns.
 * On failure return ERR_NOT_FOUND (there is no such file), ERR_IO, ERR_NOMEM,
 * ERR_CONFIG (others may read it) or ERR_MALFORMED (not a key file, or another
 * kind), and ${why} is one English sentence without a newline.
 */
MUST_CHECK enum err keyfile_read(const char *path, enum keyfile_kind kind,
    struct secret **s, char why[KEYFILE_WHY]);

/**
 * keyfile_public(s, pub):
 * Write the public half of ${s} to ${pub}.  ERR_CRYPTO if it has none.
 */
MUST_CHECK enum err keyfile_public(const struct secret *s,
    struct keyfile_public *pub);

/**
 * keyfile_seal_key(s, key):
 * Make the sealing key of the seal-p256 secret ${s} in ${key}; wipe it with
 * seal_key_wipe().
 */
MUST_CHECK enum err keyfile_seal_key(const struct secret *s,
    struct seal_key *key);

#endif /* !KEYFILE_H_ */
