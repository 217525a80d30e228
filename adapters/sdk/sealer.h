#ifndef SEALER_H_
#define SEALER_H_

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/statement.pb-c.h"
#include "sdk/casebook.h"
#include "sdk/device.h"
#include "trust/seal.h"
#include "wire/arena.h"
#include "wire/content.h"

/*
 * sealer -- parts of our own sealed, parts of others opened.
 *
 * The bodies are JSON objects: an offer note {"text", "code", "area"}, the
 * person part as the partner gave it, a text {"text"}.  Their aad is
 * keten1|origin|from|referral|part|nonce with part "note", "person" or "text".
 */

/* Who can open a part; the same key twice counts once. */
struct sealer_keys {
	size_t n;
	struct seal_public key[SEAL_WRAPS_MAX];
};

/**
 * sealer_add(keys, key):
 * Add ${key}; NULL and a key that is there already change nothing, and so does
 * one that does not fit (a later REWRAP will do for it).
 */
void sealer_add(struct sealer_keys *keys, const struct seal_public *key);

/**
 * sealer_body(text, code, area, out):
 * Make the JSON of a note or text; NULL and "" are left out, text is not.  The
 * caller owns ${out} and gives it to keten_wipe().  ERR_NOMEM, ERR_MALFORMED
 * if it is not UTF-8.
 */
MUST_CHECK enum err sealer_body(const char *text, const char *code,
    const char *area, char **out);

/**
 * sealer_make(a, dev, referral, kind, body, keys, piece, part):
 * Seal ${body} for ${keys}: fill ${piece} for the content frame and ${part}
 * for the statement, both in ${a}.
 */
MUST_CHECK enum err sealer_make(struct arena *a, const struct device *dev,
    const struct refid *referral, Keten__V1__PartKind kind, struct slice body,
    const struct sealer_keys *keys, struct content_piece *piece,
    Keten__V1__Part **part);

/**
 * sealer_own_wrap(dev, cp):
 * Return the wrap of ${cp} for us: for the newest of our keys there is one
 * for, or NULL.
 */
const struct seal_wrap *sealer_own_wrap(const struct device *dev,
    const struct content_piece *cp);

/**
 * sealer_open(dev, referral, p, opened, why):
 * Open ${p} with the key it is wrapped for, an older one of ours too, and compare it with what was signed.  ${opened} is
 * the caller's, who gives it to seal_opened_fini().  On failure ${why} is what
 * CONTENT_UNREADABLE says.  ERR_NOT_FOUND (no wrap, or not here), ERR_DIGEST,
 * ERR_CRYPTO.
 */
MUST_CHECK enum err sealer_open(const struct device *dev,
    const struct refid *referral, const struct piece *p,
    struct seal_opened *opened, Keten__V1__UnreadableWhy *why);

/**
 * sealer_note(body, code, area, cap):
 * Read "code" and "area" from the JSON of a note into texts of ${cap} bytes;
 * they become "" if they are not there.
 */
void sealer_note(struct slice body, char *code, char *area, size_t cap);

#endif /* !SEALER_H_ */
