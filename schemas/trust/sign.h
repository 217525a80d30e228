#ifndef SIGN_H_
#define SIGN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * sign -- DSSE signatures with Ed25519.
 *
 * What is signed is the pre-authentication encoding of DSSE,
 *
 *	"DSSEv1" SP len(type) SP type SP len(body) SP body
 *
 * over the bytes as they travel.  Nobody re-serialises: keep what you signed,
 * check what you received.  The type of a statement is
 * "application/vnd.keten.<kind>.v1+protobuf".  Signing is OpenSSL's, checking
 * libsodium's, which is faster and stricter.
 */
#define SIGN_SEED 32
#define SIGN_PUB 32
#define SIGN_SIG 64
#define SIGN_KEY_ID 8
#define SIGN_TYPE_MAX 96

/* A private key, ready for use. */
struct signer;

/**
 * sign_type(kind, out):
 * Write the payload type of ${kind} ("command", "ack", ...) and a NUL into
 * ${out} and return its length; 0 if ${kind} is longer than 48 characters.
 */
size_t sign_type(const char *kind, char out[SIGN_TYPE_MAX]);

/**
 * sign_new(seed):
 * Return a signer for the private key ${seed} (RFC 8032), or NULL.  The seed
 * is copied into OpenSSL and may be wiped at once.  The caller owns the signer
 * and must call sign_free().  Several threads may sign with it.
 */
struct signer *sign_new(const uint8_t seed[SIGN_SEED]);

/**
 * sign_free(s):
 * Wipe and free ${s}.  sign_free(NULL) does nothing.
 */
void sign_free(struct signer *s);

/**
 * sign_public(s):
 * Return the 32 bytes of the public key of ${s}, valid as long as ${s} is.
 */
const uint8_t *sign_public(const struct signer *s);

/**
 * sign_key_id(pub, id):
 * Write the key id of a public key, the first 8 bytes of its SHA-256, to
 * ${id}.
 */
void sign_key_id(const uint8_t pub[SIGN_PUB], uint8_t id[SIGN_KEY_ID]);

/**
 * sign_make(s, type, body, sig):
 * Sign ${body} of the payload type ${type} and write the signature to ${sig}.
 * ERR_CRYPTO or ERR_NOMEM on failure.
 */
MUST_CHECK enum err sign_make(const struct signer *s, struct slice type,
    struct slice body, uint8_t sig[SIGN_SIG]);

/**
 * sign_check(type, body, sig, pub):
 * Return ERR_OK if ${sig} (64 bytes) is a signature over ${type} and ${body}
 * by the key ${pub} (32 bytes), else ERR_BAD_SIGNATURE, or ERR_NOMEM for a
 * large body.  Any thread may call it.
 */
MUST_CHECK enum err sign_check(struct slice type, struct slice body,
    struct slice sig, struct slice pub);

/**
 * sign_raw(s, message, sig), sign_raw_check(message, sig, pub):
 * The same without DSSE around it: for signed notes, and for nothing else.
 */
MUST_CHECK enum err sign_raw(const struct signer *s, struct slice message,
    uint8_t sig[SIGN_SIG]);
MUST_CHECK enum err sign_raw_check(struct slice message, struct slice sig,
    struct slice pub);

/**
 * sign_pae_hash(type, body, out):
 * Write SHA-256 of the encoding above to ${out}, without copying ${body}.
 * This is what a batch (trust/batch.h) is made of.
 */
void sign_pae_hash(struct slice type, struct slice body, uint8_t out[32]);

/**
 * sign_key_is_sound(pub):
 * Tell whether ${pub} may be registered: 32 bytes, a point on the curve in its
 * one canonical encoding, in the main subgroup and not of small order.
 */
bool sign_key_is_sound(struct slice pub);

#endif /* !SIGN_H_ */
