#ifndef NOTE_H_
#define NOTE_H_

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "trust/sign.h"

/*
 * note -- signed notes and checkpoints (c2sp.org/signed-note,
 * c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature).
 *
 *	origin
 *	size in decimal
 *	root in base64
 *
 *	<em dash> name base64(key id[4] || signature)
 *
 * Keten's checkpoints have these three lines and no more; one with extension
 * lines, CRLF, leading zeros or missing padding is refused, even if well
 * signed.  The log signs with the key named after its origin (type 0x01); a
 * witness adds a cosignature/v1 (type 0x04), which holds a time.  Signature
 * lines of unknown keys are passed over.
 */
#define NOTE_NAME_MAX 199
#define NOTE_MAX 8192	  /* a checkpoint with all its signatures */
#define NOTE_TEXT_MAX 300 /* its three lines */
#define NOTE_VKEY_MAX 300
#define NOTE_SIGS_MAX 32

enum note_type {
	NOTE_LOG = 1,
	NOTE_WITNESS = 4,
};

/* A verifier key: "name+hex key id+base64(type || public key)". */
struct note_key {
	char name[NOTE_NAME_MAX + 1];
	enum note_type type;
	uint8_t id[4];
	uint8_t pub[32];
};

struct note_checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	uint8_t root[32];
};

/* A signature line; slices of the note. */
struct note_sig {
	struct slice name;
	uint8_t id[4];
	uint8_t sig[72]; /* 64 for a log; time and 64 for a witness */
	size_t sig_len;
};

/* A note taken apart; slices of the bytes it was parsed from. */
struct note {
	struct slice text; /* what is signed: three lines with their newlines */
	struct note_checkpoint checkpoint;
	size_t n_sigs;
	struct note_sig sigs[NOTE_SIGS_MAX];
};

/**
 * note_key_make(name, type, pub, key):
 * Fill ${key}, computing its id.  ERR_MALFORMED if ${name} is empty, too long,
 * or holds white space, a control character or '+'.
 */
MUST_CHECK enum err note_key_make(const char *name, enum note_type type,
    const uint8_t pub[32], struct note_key *key);

/**
 * note_key_parse(vkey, key):
 * Read a vkey.  It is split at its first two '+', as base64 may hold more.
 * ERR_MALFORMED also if the id is not that of name and key.
 */
MUST_CHECK enum err note_key_parse(const char *vkey, struct note_key *key);

/**
 * note_key_format(key, out):
 * Write ${key} as a vkey and a NUL to ${out}; return its length.
 */
size_t note_key_format(const struct note_key *key, char out[NOTE_VKEY_MAX]);

/**
 * note_text(c, out, len):
 * Write the three lines of ${c} and a NUL to ${out}.  ERR_MALFORMED if its
 * origin is not a name.
 */
MUST_CHECK enum err note_text(const struct note_checkpoint *c,
    char out[NOTE_TEXT_MAX], size_t *len);

/**
 * note_sign(c, s, out, cap, len):
 * Write ${c} as a note with the log's signature and a NUL to ${out}.  ERR_FULL
 * if that does not fit ${cap}.
 */
MUST_CHECK enum err note_sign(const struct note_checkpoint *c,
    const struct signer *s, char *out, size_t cap, size_t *len);

/**
 * note_sign_more(bytes, s, out, cap, len):
 * Write the checkpoint ${bytes} with a signature by another key ${s} of the
 * same log added, and a NUL, to ${out}: while one key takes the place of the
 * other.  ERR_FULL if that does not fit ${cap}.
 */
MUST_CHECK enum err note_sign_more(struct slice bytes, const struct signer *s,
    char *out, size_t cap, size_t *len);

/**
 * note_parse(bytes, note):
 * Take a note apart, strictly; ${note} borrows.  Says nothing about the
 * signatures.  ERR_MALFORMED.
 */
MUST_CHECK enum err note_parse(struct slice bytes, struct note *note);

/**
 * note_check(bytes, log, c):
 * Read a checkpoint whose origin is the name of the key ${log} and that is
 * signed by it into ${c}.  ERR_MALFORMED; ERR_BAD_ORIGIN for another log;
 * ERR_KEY_NOT_VALID if there is no signature of this key; ERR_BAD_SIGNATURE if
 * there is one that is wrong.
 */
MUST_CHECK enum err note_check(struct slice bytes, const struct note_key *log,
    struct note_checkpoint *c);

/**
 * note_cosign(bytes, name, s, time_s, out, cap, len):
 * Write the note ${bytes} with a cosignature by witness ${name} at ${time_s}
 * (seconds since 1970) added, and a NUL, to ${out}.  The witness has checked
 * the log's signature and consistency before.
 */
MUST_CHECK enum err note_cosign(struct slice bytes, const char *name,
    const struct signer *s, uint64_t time_s, char *out, size_t cap,
    size_t *len);

/**
 * note_check_cosignature(bytes, witness, time_s):
 * Store the time at which ${witness} cosigned ${bytes} in ${time_s}.  Errors
 * as note_check() has them.
 */
MUST_CHECK enum err note_check_cosignature(struct slice bytes,
    const struct note_key *witness, uint64_t *time_s);

#endif /* !NOTE_H_ */
