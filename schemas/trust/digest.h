#ifndef DIGEST_H_
#define DIGEST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * digest -- SHA-256, the two hashes of a tree, randomness and wiping.
 *
 * Hashing cannot fail and allocates nothing.  Everything in Keten that is
 * "the hash of" something is SHA-256.
 */
#define DIGEST_LEN 32

/* A hash in the making; its inside is OpenSSL's. */
struct digest {
	uint64_t opaque[16];
};

/**
 * digest_init(d), digest_add(d, p, len), digest_fini(d, out):
 * Begin a hash in ${d}; add ${len} bytes; write the result into ${out} and
 * wipe ${d}.
 */
void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t len);
void digest_fini(struct digest *d, uint8_t out[DIGEST_LEN]);

/**
 * digest_of(p, len, out):
 * Write SHA-256 of the ${len} bytes at ${p} into ${out}.
 */
void digest_of(const void *p, size_t len, uint8_t out[DIGEST_LEN]);

/**
 * digest_slices(s, n, out):
 * Write SHA-256 of the ${n} slices ${s}, one after another, into ${out}.
 */
void digest_slices(const struct slice *s, size_t n, uint8_t out[DIGEST_LEN]);

/**
 * digest_leaf(leaf, out), digest_node(left, right, out):
 * Write SHA-256(0x00 || leaf), SHA-256(0x01 || left || right) into ${out},
 * which may be one of the inputs.
 */
void digest_leaf(struct slice leaf, uint8_t out[DIGEST_LEN]);
void digest_node(const uint8_t left[DIGEST_LEN],
    const uint8_t right[DIGEST_LEN], uint8_t out[DIGEST_LEN]);

/**
 * digest_eq(a, b), digest_same(a, b, len):
 * Tell whether two hashes, two blocks of ${len} bytes, are equal, in a time
 * that does not depend on where they differ.
 */
bool digest_eq(const uint8_t a[DIGEST_LEN], const uint8_t b[DIGEST_LEN]);
bool digest_same(const void *a, const void *b, size_t len);

/**
 * digest_random(p, len):
 * Fill ${p} with ${len} bytes nobody can guess.  ERR_CRYPTO if the system has
 * none; then ${p} must not be used.
 */
MUST_CHECK enum err digest_random(void *p, size_t len);

/**
 * digest_wipe(p, len):
 * Overwrite ${len} bytes at ${p} so that the compiler cannot leave it out.
 * Does nothing if ${p} is NULL.
 */
void digest_wipe(void *p, size_t len);

#endif /* !DIGEST_H_ */
