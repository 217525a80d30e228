/*
 * sign -- DSSE signatures with Ed25519.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "trust/digest.h"
#include "trust/sign.h"

#define TYPE_HEAD "application/vnd.keten."
#define TYPE_TAIL ".v1+protobuf"
#define KIND_MAX 48

/* "DSSEv1", two lengths of at most 20 digits, four spaces. */
#define PAE_HEAD_MAX 64

/*
 * Ed25519 reads its message twice, so it must stand in one piece.  A statement
 * fits on the stack; only what is larger costs an allocation.
 */
#define PAE_STACK 4096

struct signer {
	EVP_PKEY *key;
	uint8_t pub[SIGN_PUB];
};

size_t
sign_type(const char *kind, char out[SIGN_TYPE_MAX])
{
	size_t len = strnlen(kind, KIND_MAX + 1);

	if (len == 0 || len > KIND_MAX)
		return (0);
	return ((size_t)snprintf(out, SIGN_TYPE_MAX, TYPE_HEAD "%s" TYPE_TAIL,
	    kind));
}

struct signer *
sign_new(const uint8_t seed[SIGN_SEED])
{
	struct signer *s = calloc(1, sizeof(*s));
	size_t len = SIGN_PUB;

	if (s == NULL)
		return (NULL);
	s->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
	    SIGN_SEED);
	if (s->key == NULL ||
	    EVP_PKEY_get_raw_public_key(s->key, s->pub, &len) != 1 ||
	    len != SIGN_PUB) {
		sign_free(s);
		return (NULL);
	}
	return (s);
}

void
sign_free(struct signer *s)
{
	if (s == NULL)
		return;
	EVP_PKEY_free(s->key); /* which wipes the private key */
	free(s);
}

const uint8_t *
sign_public(const struct signer *s)
{
	return (s->pub);
}

void
sign_key_id(const uint8_t pub[SIGN_PUB], uint8_t id[SIGN_KEY_ID])
{
	uint8_t hash[DIGEST_LEN];

	digest_of(pub, SIGN_PUB, hash);
	memcpy(id, hash, SIGN_KEY_ID);
}

/* Write what comes before the type, and before the body; return the length. */
static size_t
pae_head(struct slice type, char out[PAE_HEAD_MAX])
{
	return ((size_t)snprintf(out, PAE_HEAD_MAX, "DSSEv1 %zu ", type.len));
}

static size_t
pae_middle(struct slice body, char out[PAE_HEAD_MAX])
{
	return ((size_t)snprintf(out, PAE_HEAD_MAX, " %zu ", body.len));
}

/*
 * The encoding in one piece: in ${stack} if it fits, else in new memory.  The
 * caller gives it back with pae_done().  Return NULL if there is no memory.
 */
static uint8_t *
pae(struct slice type, struct slice body, uint8_t stack[PAE_STACK],
    struct slice *out)
{
	char head[PAE_HEAD_MAX], middle[PAE_HEAD_MAX];
	const struct slice part[4] = {
		{ (const uint8_t *)head, pae_head(type, head) },
		type,
		{ (const uint8_t *)middle, pae_middle(body, middle) },
		body,
	};
	size_t len = 0;
	uint8_t *buf = stack, *at;

	/* Nothing that long travels; this keeps the sum below from wrapping. */
	if (type.len > SIZE_MAX / 4 || body.len > SIZE_MAX / 4)
		return (NULL);
	for (size_t i = 0; i < 4; i++)
		len += part[i].len;
	if (len > PAE_STACK && (buf = malloc(len)) == NULL)
		return (NULL);

	at = buf;
	for (size_t i = 0; i < 4; i++) {
		if (part[i].len > 0)
			memcpy(at, part[i].p, part[i].len);
		at += part[i].len;
	}
	*out = slice_of(buf, len);
	return (buf);
}

static void
pae_done(uint8_t *buf, const uint8_t *stack)
{
	if (buf != stack)
		free(buf);
}

enum err
sign_make(const struct signer *s, struct slice type, struct slice body,
    uint8_t sig[SIGN_SIG])
{
	uint8_t stack[PAE_STACK];
	struct slice message;
	uint8_t *buf = pae(type, body, stack, &message);
	enum err err;

	if (buf == NULL)
		return (ERR_NOMEM);
	err = sign_raw(s, message, sig);
	pae_done(buf, stack);
	return (err);
}

enum err
sign_check(struct slice type, struct slice body, struct slice sig,
    struct slice pub)
{
	uint8_t stack[PAE_STACK];
	struct slice message;
	uint8_t *buf = pae(type, body, stack, &message);
	enum err err;

	if (buf == NULL)
		return (ERR_NOMEM);
	err = sign_raw_check(message, sig, pub);
	pae_done(buf, stack);
	return (err);
}

enum err
sign_raw(const struct signer *s, struct slice message, uint8_t sig[SIGN_SIG])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t out[SIGN_SIG];
	size_t len = sizeof(out);
	enum err err = ERR_CRYPTO;

	if (ctx == NULL)
		return (ERR_NOMEM);
	if (EVP_DigestSignInit(ctx, NULL, NULL, NULL, s->key) == 1 &&
	    EVP_DigestSign(ctx, out, &len, message.p, message.len) == 1 &&
	    len == SIGN_SIG) {
		memcpy(sig, out, SIGN_SIG);
		err = ERR_OK;
	}
	EVP_MD_CTX_free(ctx);
	return (err);
}

enum err
sign_raw_check(struct slice message, struct slice sig, struct slice pub)
{
	if (sig.len != SIGN_SIG || pub.len != SIGN_PUB)
		return (ERR_BAD_SIGNATURE);
	if (crypto_sign_verify_detached(sig.p, message.p, message.len,
		pub.p) != 0)
		return (ERR_BAD_SIGNATURE);
	return (ERR_OK);
}

void
sign_pae_hash(struct slice type, struct slice body, uint8_t out[32])
{
	char head[PAE_HEAD_MAX], middle[PAE_HEAD_MAX];
	const struct slice part[4] = {
		{ (const uint8_t *)head, pae_head(type, head) },
		type,
		{ (const uint8_t *)middle, pae_middle(body, middle) },
		body,
	};

	digest_slices(part, 4, out);
}

bool
sign_key_is_sound(struct slice pub)
{
	/* Canonical, on the curve, in the main subgroup, not of small order. */
	return (pub.len == SIGN_PUB &&
	    crypto_core_ed25519_is_valid_point(pub.p) == 1);
}
