#ifndef KEYMAKE_H_
#define KEYMAKE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/keys.pb-c.h"
#include "trust/seal.h"
#include "trust/sign.h"
#include "wire/arena.h"

/*
 * keymake -- certificates and their ends, as signed envelopes.
 *
 * Whoever has the identity key of a partner makes these; to end one, the
 * introducer may too.  Nothing here decides whether they count.
 */
struct keymake {
	struct arena *a;	 /* the envelopes are in it */
	const struct signer *by; /* the identity key, or the introducer */
	const char *origin;
	const char *partner;
	int64_t made_ms;
};

/* What ends, and why. */
struct keymake_end {
	const char *device;  /* NULL: a sealing key */
	const char *seal_id; /* NULL: a device */
	uint64_t serial;
	const char *reason;
	uint64_t suspect_from; /* 0: none */
};

/**
 * keymake_device(m, c, envelope):
 * Sign the certificate ${c} of a device.  ERR_NOMEM, ERR_CRYPTO.
 */
MUST_CHECK enum err keymake_device(const struct keymake *m,
    Keten__V1__DeviceCertificate *c, struct slice *envelope);

/**
 * keymake_sealing(m, key, serial, not_after_ms, envelope):
 * Sign the certificate of the sealing key ${key}.
 */
MUST_CHECK enum err keymake_sealing(const struct keymake *m,
    const struct seal_public *key, uint64_t serial, int64_t not_after_ms,
    struct slice *envelope);

/**
 * keymake_revoke(m, end, envelope):
 * Sign that one ends.  ERR_MALFORMED if the reason is none of
 * keymake_is_reason(), or not exactly one of device and sealing key is named.
 */
MUST_CHECK enum err keymake_revoke(const struct keymake *m,
    const struct keymake_end *end, struct slice *envelope);

/**
 * keymake_is_reason(reason):
 * Tell whether ${reason} is "lost", "stolen", "replaced" or "ended".
 */
bool keymake_is_reason(const char *reason);

#endif /* !KEYMAKE_H_ */
