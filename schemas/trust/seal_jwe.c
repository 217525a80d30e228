/*
 * seal_jwe -- JWE for seal.c: libjose for the wraps, OpenSSL for the content.
 *
 * libjose 11 cannot do the content: given an aad, it authenticates as many
 * bytes of it as the protected header is long, reading past a shorter one and
 * leaving the rest of a longer one open to change, so that no other library
 * opens what it makes and it opens nobody else's.  A256GCM with the additional
 * data of RFC 7516 is a few calls of OpenSSL (and not one call per byte).
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jose/b64.h>
#include <jose/jwe.h>
#include <openssl/evp.h>

#include "trust/digest.h"
#include "trust/seal_jwe.h"

#define ALG "ECDH-ES+A256KW"

/* Base64url of header and aad, and what is between and around them. */
#define AUTH_MAX ((sizeof(SEAL_PROTECTED) + SEAL_AAD_MAX) / 3 * 4 + 16)

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
wiping_free(void *p)
{
	if (p != NULL)
		digest_wipe(p, malloc_usable_size(p));
	free(p);
}

/*
 * Private keys and content keys pass through jansson as strings, inside
 * libjose too, and neither wipes them.  So its memory is wiped when freed,
 * unless the program has an allocator of its own in place.
 */
static void
forgetful(void)
{
	json_malloc_t get;
	json_free_t give;

	json_get_alloc_funcs(&get, &give);
	if (give == free)
		json_set_alloc_funcs(get, wiping_free);
}

/* The public point, or with ${d} the private key, as a JWK. */
static json_t *
jwk(const uint8_t x[32], const uint8_t y[32], const uint8_t *d)
{
	json_t *j = json_pack("{s:s,s:s,s:o,s:o}", "kty", "EC", "crv", "P-256",
	    "x", jose_b64_enc(x, 32), "y", jose_b64_enc(y, 32));

	if (j != NULL && d != NULL &&
	    json_object_set_new(j, "d", jose_b64_enc(d, 32)) != 0) {
		json_decref(j);
		return (NULL);
	}
	return (j);
}

/* The content key as a JWK. */
static json_t *
cek_jwk(const uint8_t cek[SEAL_CEK])
{
	return (json_pack("{s:s,s:s,s:o}", "kty", "oct", "alg", "A256GCM", "k",
	    jose_b64_enc(cek, SEAL_CEK)));
}

/* A JWE with nothing but its protected header, still as an object. */
static json_t *
template(void)
{
	return (json_pack("{s:{s:s,s:s}}", "protected", "enc", "A256GCM",
	    "typ", "keten+jwe"));
}

/* Decode member ${name} of ${j} into exactly ${len} bytes. */
static bool
take(const json_t *j, const char *name, uint8_t *out, size_t len)
{
	const json_t *s = json_object_get(j, name);

	return (json_is_string(s) && jose_b64_dec(s, NULL, 0) == len &&
	    jose_b64_dec(s, out, len) == len);
}

enum err
seal_jwe_wrap(const uint8_t cek[SEAL_CEK], const struct seal_public *to,
    struct seal_wrap *wrap)
{
	json_t *jwe = NULL, *rcp = NULL, *key = NULL, *k = NULL;
	const json_t *epk;
	enum err err = ERR_NOMEM;

	(void)pthread_once(&once, forgetful);
	jwe = template();
	rcp = json_pack("{s:{s:s}}", "header", "alg", ALG);
	key = jwk(to->x, to->y, NULL);
	k = cek_jwk(cek);
	if (jwe == NULL || rcp == NULL || key == NULL || k == NULL)
		goto out;

	err = ERR_CRYPTO;
	if (!jose_jwe_enc_jwk(NULL, jwe, rcp, key, k))
		goto out;
	epk = json_object_get(json_object_get(rcp, "header"), "epk");
	if (take(epk, "x", wrap->epk_x, 32) &&
	    take(epk, "y", wrap->epk_y, 32) &&
	    take(rcp, "encrypted_key", wrap->encrypted_key, 40))
		err = ERR_OK;

out:
	json_decref(jwe);
	json_decref(rcp);
	json_decref(key);
	json_decref(k);
	return (err);
}

enum err
seal_jwe_unwrap(const struct seal_wrap *wrap, const struct seal_key *key,
    uint8_t cek[SEAL_CEK])
{
	json_t *jwe = NULL, *rcp = NULL, *own = NULL, *k = NULL;
	enum err err = ERR_NOMEM;

	(void)pthread_once(&once, forgetful);
	jwe = template();
	rcp = json_pack("{s:{s:s,s:o},s:o}", "header", "alg", ALG, "epk",
	    jwk(wrap->epk_x, wrap->epk_y, NULL), "encrypted_key",
	    jose_b64_enc(wrap->encrypted_key, sizeof(wrap->encrypted_key)));
	own = jwk(key->pub.x, key->pub.y, key->d);
	if (jwe == NULL || rcp == NULL || own == NULL)
		goto out;

	err = ERR_CRYPTO;
	k = jose_jwe_dec_jwk(NULL, jwe, rcp, own);
	if (k != NULL && take(k, "k", cek, SEAL_CEK))
		err = ERR_OK;

out:
	json_decref(jwe);
	json_decref(rcp);
	json_decref(own);
	json_decref(k);
	return (err);
}

/*
 * What A256GCM authenticates besides the ciphertext (RFC 7516, 5.1 step 14):
 * base64url of the protected header, a full stop, base64url of the aad.  Feed
 * it to ${ctx}.
 */
static bool
authenticate(EVP_CIPHER_CTX *ctx, struct slice header, struct slice aad)
{
	char text[AUTH_MAX];
	size_t n, m;
	int len;

	n = jose_b64_enc_buf(header.p, header.len, text, sizeof(text));
	if (n >= sizeof(text)) /* SIZE_MAX too: it does not fit */
		return (false);
	text[n++] = '.';
	m = jose_b64_enc_buf(aad.p, aad.len, text + n, sizeof(text) - n);
	if (m > sizeof(text) - n)
		return (false);
	return (EVP_CipherUpdate(ctx, NULL, &len, (const uint8_t *)text,
		    (int)(n + m)) == 1);
}

enum err
seal_jwe_encrypt(const uint8_t cek[SEAL_CEK], struct slice aad,
    struct slice plain, uint8_t *out, uint8_t iv[12], uint8_t tag[16])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	enum err err = ERR_CRYPTO;
	int len, rest;

	if (ctx == NULL)
		return (ERR_NOMEM);
	if (digest_random(iv, 12) == ERR_OK &&
	    EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, cek, iv) == 1 &&
	    authenticate(ctx, slice_str(SEAL_PROTECTED), aad) &&
	    EVP_EncryptUpdate(ctx, out, &len, plain.p, (int)plain.len) == 1 &&
	    EVP_EncryptFinal_ex(ctx, out + len, &rest) == 1 &&
	    (size_t)len == plain.len &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1)
		err = ERR_OK;
	EVP_CIPHER_CTX_free(ctx);
	return (err);
}

enum err
seal_jwe_decrypt(const uint8_t cek[SEAL_CEK], const struct sealed *sealed,
    uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const struct slice ct = sealed->ciphertext;
	uint8_t tag[16];
	enum err err = ERR_CRYPTO;
	int len, rest;

	if (ctx == NULL)
		return (ERR_NOMEM);
	memcpy(tag, sealed->tag, sizeof(tag));
	if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, cek,
		sealed->iv) == 1 &&
	    authenticate(ctx, sealed->protected, sealed->aad) &&
	    EVP_DecryptUpdate(ctx, out, &len, ct.p, (int)ct.len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + len, &rest) == 1 &&
	    (size_t)len == ct.len)
		err = ERR_OK;
	EVP_CIPHER_CTX_free(ctx);
	return (err);
}
