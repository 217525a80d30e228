#ifndef SPOOL_SEAL_H_
#define SPOOL_SEAL_H_

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * spool_seal -- one value of the spool at rest: nonce[12], ciphertext, tag[16]
 * of AES-256-GCM.  Table and key are bound in, so that a value put somewhere
 * else does not open.  Random nonces are good for 2^32 values under one key,
 * which no device writes in its life.
 */
#define SPOOL_SEALED(len) ((len) + 28)

/**
 * spool_seal(key, table, name, plain, out):
 * Write SPOOL_SEALED(plain.len) bytes to ${out}.  ERR_CRYPTO.
 */
MUST_CHECK enum err spool_seal(const uint8_t key[32], uint8_t table,
    struct slice name, struct slice plain, uint8_t *out);

/**
 * spool_unseal(key, table, name, sealed, out):
 * Open ${sealed} into ${out}, which has room for its length less 28.
 * ERR_CORRUPT if it is not what was sealed for this place with this key.
 */
MUST_CHECK enum err spool_unseal(const uint8_t key[32], uint8_t table,
    struct slice name, struct slice sealed, uint8_t *out);

#endif /* !SPOOL_SEAL_H_ */
