#ifndef KEYRING_H_
#define KEYRING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "core/store.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "trust/sign.h"

/*
 * keyring -- which key was whose, and when: all certificates of the log.
 *
 * A certificate counts from the record after its KEY record up to and
 * including the record that revokes it or, of a device, brings a newer one:
 * position counts, not clocks.  (A certificate's own end date is for who takes
 * statements now; keyring_has_expired().)  Serials of a device, and of a
 * partner's sealing keys, only rise.  What has ended may be revoked once more,
 * to say from which earlier record on it is suspect.
 *
 * Whether a certificate is signed by the partner's identity key is for the
 * caller to check, against the policy, before keyring_add().
 *
 * In memory; made at start from the key table.  Adding allocates, asking does
 * not.  What is returned by pointer is valid until the next keyring_add().
 * One thread, or many that only ask.
 */
struct keyring;

#define KEYRING_NEVER UINT64_MAX
#define KEYRING_DEVICE_MAX 32 /* with its NUL */
#define KEYRING_SEAL_ID 17    /* 16 hexadecimal digits and a NUL */

struct keyring_device {
	struct org partner;
	char device[KEYRING_DEVICE_MAX];
	uint64_t serial;
	uint8_t curve_key[32];
	uint8_t sign_key[SIGN_PUB];
	uint8_t key_id[SIGN_KEY_ID]; /* of sign_key */
	Keten__V1__DeviceRole role;
	int64_t not_after_ms;  /* 0: none */
	uint64_t added;	       /* index of its KEY record */
	uint64_t ended;	       /* index of the record that ended it */
	uint64_t suspect_from; /* KEYRING_NEVER: not suspect */
};

struct keyring_seal {
	struct org partner;
	char key_id[KEYRING_SEAL_ID];
	uint64_t serial;
	uint8_t x[32];
	uint8_t y[32];
	int64_t not_after_ms;
	uint64_t added;
	uint64_t ended; /* revoked; a newer one does not end it */
	uint64_t suspect_from;
};

/**
 * keyring_new():
 * Return an empty keyring, or NULL.  The caller frees it with keyring_free().
 */
struct keyring *keyring_new(void);

/**
 * keyring_free(kr):
 * Free ${kr}.  keyring_free(NULL) does nothing.
 */
void keyring_free(struct keyring *kr);

/**
 * keyring_load(kr, t):
 * Add all certificates that ${t} sees and ${kr} does not have yet.  Errors of
 * keyring_add() and ERR_STORE.
 */
MUST_CHECK enum err keyring_load(struct keyring *kr, struct txn *t);

/**
 * keyring_check(kr, ks, rule):
 * Tell whether the statement ${ks} may be added: ERR_KEY_NOT_VALID, with one
 * Dutch sentence in ${rule} (constant), for a serial that does not rise, an
 * unsound key, a CURVE, signing or sealing key that is in use by another
 * device or partner, or a revocation of what is not there or has ended.
 */
MUST_CHECK enum err keyring_check(const struct keyring *kr,
    const Keten__V1__KeyStatement *ks, const char **rule);

/**
 * keyring_add(kr, index, envelope, a):
 * Add what the KEY record ${index} brought, using ${a} and leaving it as it
 * was.  Indexes rise.  ERR_KEY_NOT_VALID as above, ERR_MALFORMED, ERR_NOMEM.
 */
MUST_CHECK enum err keyring_add(struct keyring *kr, uint64_t index,
    struct slice envelope, struct arena *a);

/**
 * keyring_device(kr, partner, device):
 * Return the certificate of that device that counts now, or NULL.
 */
const struct keyring_device *keyring_device(const struct keyring *kr,
    const struct org *partner, const char *device);

/**
 * keyring_by_curve(kr, curve_key):
 * Return the device that counts now with this CURVE key, or NULL.
 */
const struct keyring_device *keyring_by_curve(const struct keyring *kr,
    const uint8_t curve_key[32]);

/**
 * keyring_by_sign(kr, key_id, index):
 * Return the device whose signing key has the id ${key_id} and counted at
 * record ${index} (KEYRING_NEVER: counts now), or NULL.
 */
const struct keyring_device *keyring_by_sign(const struct keyring *kr,
    const uint8_t key_id[SIGN_KEY_ID], uint64_t index);

/**
 * keyring_seal(kr, partner), keyring_seal_at(kr, partner, index):
 * Return the newest sealing key of ${partner} that counts now (counted at
 * record ${index}), or NULL.
 */
const struct keyring_seal *keyring_seal(const struct keyring *kr,
    const struct org *partner);
const struct keyring_seal *keyring_seal_at(const struct keyring *kr,
    const struct org *partner, uint64_t index);

/**
 * keyring_seal_by_id(kr, key_id):
 * Return the sealing key called ${key_id}, ended or not, or NULL.
 */
const struct keyring_seal *keyring_seal_by_id(const struct keyring *kr,
    const char *key_id);

/**
 * keyring_has_expired(not_after_ms, now_ms):
 * Tell whether a certificate with that end date has expired at ${now_ms}.
 */
bool keyring_has_expired(int64_t not_after_ms, int64_t now_ms);

/**
 * keyring_may_say(role, st):
 * Tell whether a device with ${role} may say ${st}: one that may only submit
 * does that, sends wraps, confirms that it erased, and says what is missing.
 */
bool keyring_may_say(Keten__V1__DeviceRole role,
    const Keten__V1__Statement *st);

/**
 * keyring_next(kr):
 * Return the index of the newest KEY record + 1; 0 if there is none.
 */
uint64_t keyring_next(const struct keyring *kr);

/**
 * keyring_record(kr, i, partner):
 * Return the index of the ${i}th KEY record, from 0, and whose it is;
 * KEYRING_NEVER after the last.
 */
uint64_t keyring_record(const struct keyring *kr, size_t i,
    struct org *partner);

/**
 * keyring_n_devices(kr), keyring_device_nth(kr, i), keyring_n_seals(kr),
 * keyring_seal_nth(kr, i):
 * Count all there ever were, ended ones too; return the ${i}th in order of
 * record.
 */
size_t keyring_n_devices(const struct keyring *kr);
const struct keyring_device *keyring_device_nth(const struct keyring *kr,
    size_t i);
size_t keyring_n_seals(const struct keyring *kr);
const struct keyring_seal *keyring_seal_nth(const struct keyring *kr,
    size_t i);

/**
 * keyring_has_device(kr, partner):
 * Tell whether ${partner} ever had a device: without one nobody is away.
 */
bool keyring_has_device(const struct keyring *kr, const struct org *partner);

#endif /* !KEYRING_H_ */
