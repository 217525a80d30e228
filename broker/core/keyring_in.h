#ifndef KEYRING_IN_H_
#define KEYRING_IN_H_

#include "core/keyring.h"

/*
 * keyring_in -- the inside of the keyring, shared by keyring.c (asking) and
 * keyring_add.c (adding), and by nothing else.
 */
#define NONE UINT32_MAX /* no certificate */

/*
 * Certificates stand in arrays, in order of record, and are found through
 * tables that point to the newest one of a name.  From there a chain leads to
 * the older ones of the same name.
 */
struct device_cert {
	struct keyring_device d;
	uint32_t older_name;  /* of the same device */
	uint32_t older_curve; /* with the same CURVE key */
	uint32_t older_sign;  /* with the same signing key */
};

struct seal_cert {
	struct keyring_seal s;
	uint32_t older_partner;
	uint32_t older_id;
};

enum index_kind { BY_NAME, BY_CURVE, BY_SIGN, BY_PARTNER, BY_ID, INDEX__MAX };

/* Open addressing; a slot holds the place of a certificate, or NONE. */
struct index {
	uint32_t *slot;
	size_t cap; /* a power of two */
	size_t used;
};

/* A KEY record. */
struct key_record {
	uint64_t index;
	struct org partner;
};

struct keyring {
	struct key_record *records;
	size_t n_records;
	size_t cap_records;
	struct device_cert *devices;
	size_t n_devices;
	size_t cap_devices;
	struct seal_cert *seals;
	size_t n_seals;
	size_t cap_seals;
	uint64_t next; /* records below this one have been added */
	struct index index[INDEX__MAX];
	uint8_t seed[16]; /* nobody outside may choose what collides */
};

/* The longest: a partner and a device, both filled with zeros. */
#define NAME_LEN (ORG_MAX + 1 + KEYRING_DEVICE_MAX)

/* What a certificate is called in one of the tables. */
struct name {
	uint8_t b[NAME_LEN];
	size_t len;
};

/**
 * keyring_name_set(n, p, len), keyring_name_device(n, partner, device):
 * Make ${n} those bytes; the name of a device.
 */
void keyring_name_set(struct name *n, const void *p, size_t len);
void keyring_name_device(struct name *n, const struct org *partner,
    const char *device);

/**
 * keyring_find(kr, kind, n):
 * Return the place of the newest certificate called ${n}, or NONE.
 */
uint32_t keyring_find(const struct keyring *kr, enum index_kind kind,
    const struct name *n);

/**
 * keyring_grow(kr, kind):
 * Make room for one name more: at most half of the slots are used.
 */
MUST_CHECK enum err keyring_grow(struct keyring *kr, enum index_kind kind);

/**
 * keyring_enter(kr, kind, at):
 * Let its name lead to the certificate ${at}, for which there is room; return
 * which one it led to, or NONE.
 */
uint32_t keyring_enter(struct keyring *kr, enum index_kind kind, uint32_t at);

#endif /* !KEYRING_IN_H_ */
