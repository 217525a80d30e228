/*
 * seal_jwe -- what libjose does for seal.c, and nothing besides.
 *
 * libjose is used through its stream interface, so that plaintext goes into
 * our own buffer (which is wiped) and large parts are not copied through
 * base64.  Two traps: its buffer counts on from the length it is given, which
 * jose_io_buffer() sets to 0 and jose_jwe_dec() does not; and keys are JSON
 * strings, which jansson frees as they are (see forgetful() below).
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jose/b64.h>
#include <jose/jwe.h>

#include "trust/digest.h"
#include "trust/seal_jwe.h"

#define ALG "ECDH-ES+A256KW"

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

/* Give ${jwe} its aad, so that libjose authenticates it. */
static bool
set_aad(json_t *jwe, struct slice aad)
{
	return (json_object_set_new(jwe, "aad",
		    jose_b64_enc(aad.p, aad.len)) == 0);
}

/* Tell whether ${jwe} got the header that stands in the agreement. */
static bool
is_protected(const json_t *jwe)
{
	uint8_t header[sizeof(SEAL_PROTECTED) - 1];

	return (take(jwe, "protected", header, sizeof(header)) &&
	    memcmp(header, SEAL_PROTECTED, sizeof(header)) == 0);
}

enum err
seal_jwe_encrypt(const uint8_t cek[SEAL_CEK], struct slice aad,
    struct slice plain, uint8_t *out, uint8_t iv[12], uint8_t tag[16])
{
	json_t *jwe = NULL, *k = NULL;
	jose_io_t *sink = NULL, *io = NULL;
	size_t len = plain.len;
	enum err err = ERR_NOMEM;

	(void)pthread_once(&once, forgetful);
	jwe = template();
	k = cek_jwk(cek);
	if (jwe == NULL || k == NULL || !set_aad(jwe, aad))
		goto out;
	sink = jose_io_buffer(NULL, out, &len);
	if (sink == NULL)
		goto out;

	err = ERR_CRYPTO;
	io = jose_jwe_enc_cek_io(NULL, jwe, k, sink);
	if (io != NULL && io->feed(io, plain.p, plain.len) && io->done(io) &&
	    len == plain.len && is_protected(jwe) &&
	    take(jwe, "iv", iv, 12) && take(jwe, "tag", tag, 16))
		err = ERR_OK;

out:
	jose_io_decref(io);
	jose_io_decref(sink);
	json_decref(jwe);
	json_decref(k);
	return (err);
}

enum err
seal_jwe_decrypt(const uint8_t cek[SEAL_CEK], const struct sealed *sealed,
    uint8_t *out)
{
	json_t *jwe = NULL, *k = NULL;
	jose_io_t *sink = NULL, *io = NULL;
	const struct slice ct = sealed->ciphertext;
	size_t len = ct.len;
	enum err err = ERR_NOMEM;

	(void)pthread_once(&once, forgetful);
	jwe = json_pack("{s:o,s:o,s:o,s:o}", "protected",
	    jose_b64_enc(sealed->protected.p, sealed->protected.len), "aad",
	    jose_b64_enc(sealed->aad.p, sealed->aad.len), "iv",
	    jose_b64_enc(sealed->iv, 12), "tag", jose_b64_enc(sealed->tag, 16));
	k = cek_jwk(cek);
	if (jwe == NULL || k == NULL)
		goto out;
	sink = jose_io_buffer(NULL, out, &len);
	if (sink == NULL)
		goto out;

	err = ERR_CRYPTO;
	io = jose_jwe_dec_cek_io(NULL, jwe, k, sink);
	if (io != NULL && io->feed(io, ct.p, ct.len) && io->done(io) &&
	    len == ct.len)
		err = ERR_OK;

out:
	jose_io_decref(io);
	jose_io_decref(sink);
	json_decref(jwe);
	json_decref(k);
	return (err);
}
