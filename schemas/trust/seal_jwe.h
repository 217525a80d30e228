#ifndef SEAL_JWE_H_
#define SEAL_JWE_H_

#include "trust/seal.h"

/*
 * seal_jwe -- JWE for seal.c: libjose for the wraps, OpenSSL for the content.
 *
 * Only seal.c and its test include this.  seal.c has checked lengths and the
 * protected header.
 */

/**
 * seal_jwe_wrap(cek, to, wrap), seal_jwe_unwrap(wrap, key, cek):
 * Wrap the content key ${cek} for ${to}, all of ${wrap} but its key_id; get it
 * back with ${key}.  ERR_CRYPTO or ERR_NOMEM.
 */
MUST_CHECK enum err seal_jwe_wrap(const uint8_t cek[SEAL_CEK],
    const struct seal_public *to, struct seal_wrap *wrap);
MUST_CHECK enum err seal_jwe_unwrap(const struct seal_wrap *wrap,
    const struct seal_key *key, uint8_t cek[SEAL_CEK]);

/**
 * seal_jwe_encrypt(cek, aad, plain, out, iv, tag):
 * Encrypt ${plain} into ${out}, as many bytes, with a new ${iv}.
 */
MUST_CHECK enum err seal_jwe_encrypt(const uint8_t cek[SEAL_CEK],
    struct slice aad, struct slice plain, uint8_t *out, uint8_t iv[12],
    uint8_t tag[16]);

/**
 * seal_jwe_decrypt(cek, sealed, out):
 * Decrypt ${sealed} into ${out}, as many bytes as its ciphertext.  On failure
 * ${out} holds nothing to be used.
 */
MUST_CHECK enum err seal_jwe_decrypt(const uint8_t cek[SEAL_CEK],
    const struct sealed *sealed, uint8_t *out);

#endif /* !SEAL_JWE_H_ */
