#ifndef WITNESS_H_
#define WITNESS_H_

#include <stdbool.h>
#include <stdint.h>

#include "core/request.h"
#include "base/err.h"
#include "trust/note.h"
#include "trust/sign.h"

/*
 * witness -- one who looks whether a log only grows, and signs what it saw
 * (c2sp.org/tlog-witness, cosignature/v1).
 *
 * It remembers the last checkpoint that it signed, with its own signature
 * under it, in one file that is on the disk before anybody gets the signature.
 * Whatever does not go on from there it refuses.  Without that file it would
 * sign a second history like a first one: so it begins only when it is told
 * to.
 */
struct witness {
	const char *state; /* path */
	struct note_key log;
	struct note_key key; /* its own */
	struct signer *signer;
	int lock;
	struct note_checkpoint last; /* size 0: none yet */
};

enum witness_answer {
	WITNESS_SIGNED,
	WITNESS_MALFORMED,    /* 400: it cannot be read */
	WITNESS_OTHER_LOG,    /* 404: not the log it watches */
	WITNESS_BAD_SIGNATURE, /* 403: the log did not sign it */
	WITNESS_NOT_LAST,     /* 409: "old" is not what it saw last */
	WITNESS_FORK,	      /* 409: another tree of a size it signed */
	WITNESS_INCONSISTENT  /* 422: the proof does not prove it */
};

/**
 * witness_status(answer):
 * Return the status with which a witness says so over HTTP.
 */
int witness_status(enum witness_answer answer);

/**
 * witness_answer_nl(answer):
 * Return one Dutch sentence.  Constant text.
 */
const char *witness_answer_nl(enum witness_answer answer);

/**
 * witness_open(w, state, name, secret, log, is_new):
 * Become the witness ${name} with the 32 secret bytes ${secret} for the log
 * with the key ${log}; read what it remembers in ${state}.  ERR_NOT_FOUND if
 * there is none and ${is_new} is false; ERR_FULL if another process is this
 * witness; ERR_CORRUPT if the file is not its own; ERR_CONFIG for a bad name;
 * ERR_IO, ERR_NOMEM.  End it with witness_close().
 */
MUST_CHECK enum err witness_open(struct witness *w, const char *state,
    const char *name, const uint8_t secret[SIGN_SEED],
    const struct note_key *log, bool is_new);

/**
 * witness_close(w):
 * Wipe and release what ${w} holds.
 */
void witness_close(struct witness *w);

/**
 * witness_add(w, r, time_s, answer, out, len):
 * Judge ${r}.  If the answer is WITNESS_SIGNED, what it saw is on the disk and
 * the checkpoint with its signature in ${out}.  ERR_IO, ERR_CRYPTO, ERR_FULL:
 * nothing was signed.
 */
MUST_CHECK enum err witness_add(struct witness *w, const struct request *r,
    uint64_t time_s, enum witness_answer *answer, char out[NOTE_MAX],
    size_t *len);

#endif /* !WITNESS_H_ */
