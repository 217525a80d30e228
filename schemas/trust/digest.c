/*
 * digest -- SHA-256, the two hashes of a tree, randomness and wiping.
 *
 * The streaming calls of OpenSSL's own SHA-256 are used although version 3
 * would rather have EVP: they use the processor's instructions just as well,
 * look nothing up, allocate nothing and cannot fail, which the log relies on.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "trust/digest.h"

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct digest),
    "a hash in the making must fit");
_Static_assert(SHA256_DIGEST_LENGTH == DIGEST_LEN, "SHA-256 has 32 bytes");

static SHA256_CTX *
inside(struct digest *d)
{
	return ((SHA256_CTX *)(void *)d->opaque);
}

void
digest_init(struct digest *d)
{
	(void)SHA256_Init(inside(d));
}

void
digest_add(struct digest *d, const void *p, size_t len)
{
	if (len > 0)
		(void)SHA256_Update(inside(d), p, len);
}

void
digest_fini(struct digest *d, uint8_t out[DIGEST_LEN])
{
	(void)SHA256_Final(out, inside(d));
	OPENSSL_cleanse(d, sizeof(*d));
}

void
digest_of(const void *p, size_t len, uint8_t out[DIGEST_LEN])
{
	const struct slice s = slice_of(p, len);

	digest_slices(&s, 1, out);
}

void
digest_slices(const struct slice *s, size_t n, uint8_t out[DIGEST_LEN])
{
	struct digest d;

	digest_init(&d);
	for (size_t i = 0; i < n; i++)
		digest_add(&d, s[i].p, s[i].len);
	digest_fini(&d, out);
}

void
digest_leaf(struct slice leaf, uint8_t out[DIGEST_LEN])
{
	static const uint8_t zero[1] = { 0 };
	const struct slice s[2] = { { zero, 1 }, leaf };

	digest_slices(s, 2, out);
}

void
digest_node(const uint8_t left[DIGEST_LEN], const uint8_t right[DIGEST_LEN],
    uint8_t out[DIGEST_LEN])
{
	uint8_t node[1 + 2 * DIGEST_LEN];

	node[0] = 1;
	memcpy(node + 1, left, DIGEST_LEN);
	memcpy(node + 1 + DIGEST_LEN, right, DIGEST_LEN);
	digest_of(node, sizeof(node), out);
}

bool
digest_eq(const uint8_t a[DIGEST_LEN], const uint8_t b[DIGEST_LEN])
{
	return (CRYPTO_memcmp(a, b, DIGEST_LEN) == 0);
}

bool
digest_same(const void *a, const void *b, size_t len)
{
	return (len == 0 || CRYPTO_memcmp(a, b, len) == 0);
}

enum err
digest_random(void *p, size_t len)
{
	unsigned char *at = p;

	while (len > 0) {
		int n = len > 1 << 20 ? 1 << 20 : (int)len;

		if (RAND_bytes(at, n) != 1)
			return (ERR_CRYPTO);
		at += n;
		len -= (size_t)n;
	}
	return (ERR_OK);
}

void
digest_wipe(void *p, size_t len)
{
	if (p != NULL)
		OPENSSL_cleanse(p, len);
}
