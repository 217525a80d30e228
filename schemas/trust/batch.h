#ifndef BATCH_H_
#define BATCH_H_

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "trust/sign.h"
#include "trust/tlog.h"

/*
 * batch -- one signature for many statements.
 *
 * The entries of an RFC 6962 tree are the hashes sign_pae_hash() of n
 * statements, so a leaf hash is SHA-256(0x00 || SHA-256(PAE)).  Signed, in
 * DSSE, is the body root[32] || be64 n under the type below.  Each statement
 * travels with that signature and its path in the tree; who checks many of
 * them checks the signature of a root once and remembers (root, n, key).
 */
#define BATCH_TYPE "application/vnd.keten.batch.v1"
#define BATCH_MAX 65536   /* statements under one signature */
#define BATCH_PATH_MAX 16 /* hashes in a path of so many */

/* The tree of a batch in the making. */
struct batch;

/**
 * batch_new(pae, n):
 * Return the tree over the ${n} hashes ${pae}, 1 to BATCH_MAX of them, or
 * NULL.  The hashes are copied.  The caller must call batch_free().
 */
struct batch *batch_new(const uint8_t (*pae)[32], size_t n);

/**
 * batch_free(b):
 * Free ${b}.  batch_free(NULL) does nothing.
 */
void batch_free(struct batch *b);

/**
 * batch_root(b):
 * Return the 32 bytes of the root, valid as long as ${b} is.
 */
const uint8_t *batch_root(const struct batch *b);

/**
 * batch_path(b, index, path, n_path):
 * Write the path of statement ${index} into ${path} and its length into
 * ${n_path}.  ERR_NOT_FOUND if there is no such statement.
 */
MUST_CHECK enum err batch_path(const struct batch *b, size_t index,
    uint8_t path[BATCH_PATH_MAX][32], size_t *n_path);

/**
 * batch_sign(s, root, n, sig):
 * Sign the batch of ${n} statements with the root ${root}.
 */
MUST_CHECK enum err batch_sign(const struct signer *s, const uint8_t root[32],
    uint64_t n, uint8_t sig[SIGN_SIG]);

/**
 * batch_check(root, n, sig, pub):
 * Return ERR_OK if ${sig} is the signature of the key ${pub} under the batch
 * of ${n} statements with the root ${root}; ERR_BAD_SIGNATURE if not.
 */
MUST_CHECK enum err batch_check(const uint8_t root[32], uint64_t n,
    struct slice sig, struct slice pub);

/**
 * batch_check_path(root, n, index, path, n_path, type, body):
 * Return ERR_OK if ${type} and ${body} are statement ${index} of the batch of
 * ${n} with the root ${root}; ERR_BAD_SIGNATURE if not.  Says nothing about
 * the signature under the root.
 */
MUST_CHECK enum err batch_check_path(const uint8_t root[32], uint64_t n,
    uint64_t index, const uint8_t (*path)[32], size_t n_path,
    struct slice type, struct slice body);

#endif /* !BATCH_H_ */
