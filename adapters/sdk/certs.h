#ifndef CERTS_H_
#define CERTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "policy/policy.h"
#include "sdk/spool.h"
#include "trust/seal.h"
#include "trust/sign.h"
#include "wire/arena.h"

/*
 * certs -- which keys belong to whom, as this device has checked it.
 *
 * A certificate counts when the partner's identity key, which stands in the
 * signed policy, has signed it; the broker only hands it over.  Which KEY leaf
 * it is (its index) is the broker's word.  Checked certificates are kept in
 * the spool, so that old statements can still be checked when the identity key
 * has changed.
 */
struct certs;

/* Positions in the log; a certificate that was not revoked ends at the end. */
#define CERTS_NEVER UINT64_MAX

/* One certificate that counts, or did. */
struct cert {
	struct org partner;
	struct org device; /* none: a sealing key */
	uint64_t serial;
	uint64_t index;	 /* of its KEY record */
	uint64_t ended;	 /* of the record that ended it; CERTS_NEVER */
	bool is_revoked; /* ... which was not just a newer one */
	uint64_t suspect_from; /* its records from here on; CERTS_NEVER: none */
	int64_t not_after_ms;  /* 0: none */
	uint8_t sign_key[32];
	uint8_t curve_key[32];
	uint8_t key_id[SIGN_KEY_ID]; /* of sign_key */
	struct seal_public seal;
	char seal_id[SEAL_KEY_ID];
};

/**
 * certs_new(origin):
 * Return an empty set for the log ${origin}, which is copied, or NULL.  The
 * caller must call certs_free().
 */
struct certs *certs_new(const char *origin);

/**
 * certs_free(c):
 * Free it.  certs_free(NULL) does nothing.
 */
void certs_free(struct certs *c);

/**
 * certs_load(c, txn, a):
 * Add what was checked before and is in the spool.
 */
MUST_CHECK enum err certs_load(struct certs *c, struct spool_txn *txn,
    struct arena *a);

/**
 * certs_add(c, a, p, introducer, index, envelope, partner, is_new):
 * Check the KEY leaf ${index} with the certificate ${envelope} against the
 * policy ${p} and add it.  ${is_new} tells whether it was not there yet; then
 * ${partner} is whose it is.
 * ERR_MALFORMED, ERR_BAD_ORIGIN, ERR_UNKNOWN_PARTNER, ERR_BAD_SIGNATURE,
 * ERR_KEY_NOT_VALID (an unsound key) or ERR_NOMEM if it does not count.
 */
MUST_CHECK enum err certs_add(struct certs *c, struct arena *a,
    const struct policy *p, const uint8_t introducer[32], uint64_t index,
    struct slice envelope, struct org *partner, bool *is_new);

/**
 * certs_keep(txn, index, partner, envelope):
 * Write a checked certificate into the spool.
 */
MUST_CHECK enum err certs_keep(struct spool_txn *txn, uint64_t index,
    const struct org *partner, struct slice envelope);

/**
 * certs_sign_key(c, partner, device, key_id, at):
 * Return the 32 bytes of the key with the id ${key_id} with which ${device}
 * of ${partner} could sign record ${at}; NULL if there is none.  Valid until
 * the set changes.
 */
const uint8_t *certs_sign_key(const struct certs *c, const struct org *partner,
    const struct org *device, const uint8_t key_id[SIGN_KEY_ID], uint64_t at);

/**
 * certs_seal_key(c, partner, now_ms):
 * Return the key with which to seal for ${partner} now: that of the highest
 * serial, not revoked, not past its date.  NULL if there is none.
 */
const struct seal_public *certs_seal_key(const struct certs *c,
    const struct org *partner, int64_t now_ms);

/**
 * certs_device(c, partner, device), certs_sealing(c, partner, seal_id):
 * Return the certificate of that device that counts now; the newest one of
 * that sealing key, or, with ${seal_id} NULL, the one of the highest serial
 * that counts now.  NULL if there is none.  Valid until the set changes.
 */
const struct cert *certs_device(const struct certs *c,
    const struct org *partner, const struct org *device);
const struct cert *certs_sealing(const struct certs *c,
    const struct org *partner, const char *seal_id);

/**
 * certs_nth(c, i):
 * Return the ${i}th certificate, ended ones too, in no particular order; NULL
 * after the last.  Valid until the set changes.
 */
const struct cert *certs_nth(const struct certs *c, size_t i);

/**
 * certs_read_sealing(a, p, origin, envelope, partner, key):
 * Check one sealing certificate on its own, as a rewrap asks: signed by the
 * identity key of ${partner} in ${p}, for ${origin}.  Errors of certs_add().
 */
MUST_CHECK enum err certs_read_sealing(struct arena *a, const struct policy *p,
    const char *origin, struct slice envelope, const struct org *partner,
    struct seal_public *key);

#endif /* !CERTS_H_ */
