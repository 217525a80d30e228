#ifndef SEAL_H_
#define SEAL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"

/*
 * seal -- content that the broker cannot read.
 *
 * A content part is one JWE (RFC 7516): ECDH-ES+A256KW on P-256 for each
 * recipient, A256GCM for the content.  On the wire it is split: ${sealed} as
 * made, and beside it one wrap per recipient, so that wraps can be kept,
 * added and deleted one by one.  In the JSON form of JWE it is
 *
 *	{ "protected": b64u(protected), "aad": b64u(aad), "iv": b64u(iv),
 *	  "ciphertext": b64u(ciphertext), "tag": b64u(tag), "recipients": [
 *	    { "header": { "alg": "ECDH-ES+A256KW", "kid": key_id, "epk":
 *	      { "kty": "EC", "crv": "P-256", "x": b64u(x), "y": b64u(y) } },
 *	      "encrypted_key": b64u(encrypted_key) } ] }
 *
 * The protected header is exactly SEAL_PROTECTED, to the byte; anything else
 * (zip, crit, jku, x5u, duplicate members, other algorithms) is refused
 * because it is not that.  The plaintext is 32 random bytes, the length of the
 * body as u32, the body, and zeros up to 4, 16, 64 or 256 KiB less 1 KiB.
 * plain_commit = SHA-256("keten1/part\0" || plaintext) stands in the signed
 * statement.  AES-GCM does not commit to its key: **who opens a part must
 * compare plain_commit with the signed one** and refuse another.
 */
#define SEAL_PROTECTED "{\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\"}"
#define SEAL_WRAPS_MAX 16
#define SEAL_AAD_MAX 512
#define SEAL_PLAIN_MAX 261120
#define SEAL_BODY_MAX (SEAL_PLAIN_MAX - 36)
#define SEAL_KEY_ID 17 /* 16 hexadecimal digits and a NUL */
#define SEAL_CEK 32

/* A sealing key: a point of P-256, and the number behind it. */
struct seal_public {
	uint8_t x[32];
	uint8_t y[32];
};

struct seal_key {
	uint8_t d[32]; /* secret: wipe with seal_key_wipe() */
	struct seal_public pub;
};

/* The sealed part as it travels; the slices borrow. */
struct sealed {
	struct slice protected; /* the JSON bytes, not base64 */
	struct slice aad;       /* the text, not base64 */
	uint8_t iv[12];
	struct slice ciphertext;
	uint8_t tag[16];
};

/* The content key for one recipient. */
struct seal_wrap {
	char key_id[SEAL_KEY_ID];
	uint8_t epk_x[32];
	uint8_t epk_y[32];
	uint8_t encrypted_key[40];
};

/* What seal_make() made; ${mem} owns what the slices point to. */
struct seal_made {
	struct sealed sealed;
	uint8_t plain_commit[32];
	size_t n_wraps;
	struct seal_wrap wraps[SEAL_WRAPS_MAX];
	uint8_t *mem;
};

/* What was inside; ${plain} owns what ${body} points to. */
struct seal_opened {
	struct slice body;
	uint8_t plain_commit[32];
	uint8_t *plain;
	size_t plain_len;
};

/**
 * seal_key_new(key):
 * Make a new key in ${key}.  ERR_CRYPTO on failure.
 */
MUST_CHECK enum err seal_key_new(struct seal_key *key);

/**
 * seal_key_from(d, key):
 * Make ${key} from its secret number ${d}.  ERR_CRYPTO if it is not between 1
 * and the order of the curve.
 */
MUST_CHECK enum err seal_key_from(const uint8_t d[32], struct seal_key *key);

/**
 * seal_key_wipe(key):
 * Overwrite ${key}.
 */
void seal_key_wipe(struct seal_key *key);

/**
 * seal_key_is_sound(pub):
 * Tell whether ${pub} is a point of P-256, before it is registered.
 */
bool seal_key_is_sound(const struct seal_public *pub);

/**
 * seal_key_id(pub, id):
 * Write the first 8 bytes of SHA-256(0x04 || x || y) as 16 digits to ${id}.
 */
void seal_key_id(const struct seal_public *pub, char id[SEAL_KEY_ID]);

/**
 * seal_aad(origin, from, referral, part, nonce, out, len):
 * Write "keten1|origin|from|referral|part|nonce" and a NUL to ${out} and its
 * length to ${len}.  ERR_MALFORMED if a text holds '|' or a control character
 * or is empty, ERR_FULL if it becomes too long.
 */
MUST_CHECK enum err seal_aad(const char *origin, const struct org *from,
    const struct refid *referral, const char *part, const uint8_t nonce[16],
    char out[SEAL_AAD_MAX], size_t *len);

/**
 * seal_padded(body_len):
 * Return the length of plaintext and ciphertext for a body of ${body_len}
 * bytes: 3072, 15360, 64512 or 261120; 0 if it is too long.
 */
size_t seal_padded(size_t body_len);

/**
 * seal_shape(sealed):
 * Return ERR_OK if ${sealed} can be a part of this version, as far as one
 * without a key can see (protected header, lengths), else ERR_MALFORMED.  The
 * broker asks this.
 */
MUST_CHECK enum err seal_shape(const struct sealed *sealed);

/**
 * seal_make(body, aad, to, n, made):
 * Seal ${body} for the ${n} keys ${to}, 1 to SEAL_WRAPS_MAX.  The caller owns
 * ${made} and must call seal_made_fini().  ERR_TOO_BIG, ERR_MALFORMED (aad or
 * n), ERR_CRYPTO, ERR_NOMEM.
 */
MUST_CHECK enum err seal_make(struct slice body, struct slice aad,
    const struct seal_public *to, size_t n, struct seal_made *made);

/**
 * seal_made_fini(made):
 * Free what ${made} owns.
 */
void seal_made_fini(struct seal_made *made);

/**
 * seal_open(sealed, wrap, key, aad, opened):
 * Open ${sealed} with ${wrap}, which must be for ${key}, if its aad is ${aad}.
 * The caller owns ${opened}, must compare its plain_commit, and must call
 * seal_opened_fini().  ERR_MALFORMED for the wrong shape, ERR_NOT_FOUND for a
 * wrap of another key, ERR_DIGEST for another aad, ERR_CRYPTO if it does not
 * decrypt.
 */
MUST_CHECK enum err seal_open(const struct sealed *sealed,
    const struct seal_wrap *wrap, const struct seal_key *key, struct slice aad,
    struct seal_opened *opened);

/**
 * seal_opened_fini(opened):
 * Wipe and free what ${opened} owns.
 */
void seal_opened_fini(struct seal_opened *opened);

/**
 * seal_rewrap(wrap, key, to, n, out):
 * From a wrap of one's own make ${n} wraps of the same content key for the
 * keys ${to} in ${out}.  Errors as above.  Open the part and compare
 * plain_commit first: this does not look at the content.
 */
MUST_CHECK enum err seal_rewrap(const struct seal_wrap *wrap,
    const struct seal_key *key, const struct seal_public *to, size_t n,
    struct seal_wrap *out);

/**
 * seal_cek(wrap, key, cek), seal_wrap_cek(cek, to, wrap),
 * seal_open_cek(sealed, cek, aad, opened):
 * The steps of the above: the content key from a wrap (wipe it after use), a
 * wrap from the content key, opening with it.
 */
MUST_CHECK enum err seal_cek(const struct seal_wrap *wrap,
    const struct seal_key *key, uint8_t cek[SEAL_CEK]);
MUST_CHECK enum err seal_wrap_cek(const uint8_t cek[SEAL_CEK],
    const struct seal_public *to, struct seal_wrap *wrap);
MUST_CHECK enum err seal_open_cek(const struct sealed *sealed,
    const uint8_t cek[SEAL_CEK], struct slice aad, struct seal_opened *opened);

/**
 * seal_commit(plain, out):
 * Write plain_commit of the padded plaintext ${plain} to ${out}: for an
 * auditor to whom a party shows what it handed over.
 */
void seal_commit(struct slice plain, uint8_t out[32]);

#endif /* !SEAL_H_ */
