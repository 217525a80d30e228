#ifndef ENVELOPE_H_
#define ENVELOPE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "trust/batch.h"
#include "trust/sign.h"
#include "wire/arena.h"

/*
 * envelope -- DSSE around everything that is signed.
 *
 * The signature is Ed25519 over the PAE of type and body, both as they stand
 * in the envelope: nobody ever serialises a body again.  A batch envelope
 * carries instead one signature over the RFC 6962 root of n statements' PAE
 * hashes, and its own path to that root: whoever sends a hundred commands
 * signs once, and whoever checks them checks once.
 */

/* The kinds, and the only payload types there are. */
enum envelope_kind {
	ENVELOPE_NONE,
	ENVELOPE_COMMAND,
	ENVELOPE_REWRAP,
	ENVELOPE_UNREADABLE,
	ENVELOPE_ERASE,
	ENVELOPE_ERASED,
	ENVELOPE_RETAIN,
	ENVELOPE_UNRETAIN,
	ENVELOPE_CATALOGUE,
	ENVELOPE_MISSING,
	ENVELOPE_ACK,
	ENVELOPE_KEY,
	ENVELOPE_POLICY,
	ENVELOPE__MAX
};

/* An envelope, read.  ${body} lies in the arena it was read into. */
struct envelope {
	enum envelope_kind kind;
	struct slice type;		/* constant text */
	struct slice body;
	uint8_t key_id[SIGN_KEY_ID];
	uint8_t signature[SIGN_SIG];
	bool is_batch;
	uint8_t root[32];		/* the rest: batch only */
	uint64_t n;
	uint64_t at;
	size_t n_path;
	uint8_t path[BATCH_PATH_MAX][32];
};

/**
 * envelope_type(kind):
 * Return "application/vnd.keten.command.v1+protobuf" and so on; "" for a kind
 * that does not exist.  Constant text.
 */
const char *envelope_type(enum envelope_kind kind);

/**
 * envelope_kind_of(type):
 * Return the kind whose type is exactly ${type}, or ENVELOPE_NONE.
 */
enum envelope_kind envelope_kind_of(struct slice type);

/**
 * envelope_has_number(kind):
 * Tell whether statements of ${kind} carry a lane and a number.
 */
bool envelope_has_number(enum envelope_kind kind);

/**
 * envelope_parse(a, s, env, rule):
 * Read the serialised keten.v1.Envelope ${s}, using ${a}, into ${env}, which
 * is valid as long as the arena's memory.  Nothing is checked but its shape:
 * the type is one of ours, lengths are right, a batch's path has the length
 * its place asks for.  Return ERR_MALFORMED, ERR_TOO_BIG or ERR_NOMEM, and on
 * failure point ${rule} (may be NULL) at constant Dutch text.
 */
enum err envelope_parse(struct arena *a, struct slice s, struct envelope *env,
    const char **rule) MUST_CHECK;

/**
 * envelope_check(env, public_key):
 * Check that ${env} names ${public_key} and that its signature, and the path
 * to the root of a batch, are right.  Return ERR_BAD_SIGNATURE if they are
 * not, ERR_KEY_NOT_VALID if it names another key.
 */
enum err envelope_check(const struct envelope *env,
    const uint8_t public_key[SIGN_PUB]) MUST_CHECK;

/**
 * envelope_check_path(env), envelope_check_root(env, public_key):
 * The two halves of envelope_check(), for whoever remembers which roots of a
 * key it has checked: that the statement is under the root (always true for a
 * single one); that the signature is that of the key (for a batch: over the
 * root and n).  Return ERR_BAD_SIGNATURE if not.  Pure; any thread.
 */
enum err envelope_check_path(const struct envelope *env) MUST_CHECK;
enum err envelope_check_root(const struct envelope *env,
    const uint8_t public_key[SIGN_PUB]) MUST_CHECK;

/**
 * envelope_make(a, kind, body, signer, out):
 * Sign ${body} and point ${out} at the serialised envelope in ${a}.  Return
 * ERR_NOMEM, ERR_CRYPTO if signing failed, ERR_NOT_FOUND if there is no such
 * kind.
 */
enum err envelope_make(struct arena *a, enum envelope_kind kind,
    struct slice body, const struct signer *signer,
    struct slice *out) MUST_CHECK;

/**
 * envelope_make_batch(a, kind, bodies, n, signer, out):
 * Sign ${n} statements at once (1 to BATCH_MAX), each with its own ${kind},
 * and point each of ${out}'s ${n} slices at a serialised envelope in ${a}.  A
 * batch of one is a single envelope.  Return ERR_FULL if ${n} is out of range,
 * else errors as above; then ${out} says nothing.
 */
enum err envelope_make_batch(struct arena *a, const enum envelope_kind *kind,
    const struct slice *bodies, size_t n, const struct signer *signer,
    struct slice *out) MUST_CHECK;

#endif /* !ENVELOPE_H_ */
