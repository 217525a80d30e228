/*
 * spool_seal -- AES-256-GCM around the values of the spool.
 */
#include <openssl/evp.h>

#include "sdk/spool_seal.h"
#include "trust/digest.h"

enum { NONCE = 12, TAG = 16 };

/* Feed what is bound in but not hidden. */
static bool
add_place(EVP_CIPHER_CTX *c, uint8_t table, struct slice name)
{
	int n;

	return (EVP_CipherUpdate(c, NULL, &n, &table, 1) == 1 &&
	    (name.len == 0 ||
		EVP_CipherUpdate(c, NULL, &n, name.p, (int)name.len) == 1));
}

static bool
seal(EVP_CIPHER_CTX *c, const uint8_t key[32], uint8_t table,
    struct slice name, struct slice plain, uint8_t *out)
{
	int n = 0, end = 0;

	return (EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, out, 1) ==
		1 &&
	    add_place(c, table, name) &&
	    (plain.len == 0 ||
		EVP_CipherUpdate(c, out + NONCE, &n, plain.p,
		    (int)plain.len) == 1) &&
	    EVP_CipherFinal_ex(c, out + NONCE + n, &end) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG,
		out + NONCE + plain.len) == 1);
}

enum err
spool_seal(const uint8_t key[32], uint8_t table, struct slice name,
    struct slice plain, uint8_t *out)
{
	EVP_CIPHER_CTX *c;
	bool ok;

	if (plain.len > INT32_MAX || digest_random(out, NONCE) != ERR_OK ||
	    (c = EVP_CIPHER_CTX_new()) == NULL)
		return (ERR_CRYPTO);
	ok = seal(c, key, table, name, plain, out);
	EVP_CIPHER_CTX_free(c);
	return (ok ? ERR_OK : ERR_CRYPTO);
}

static bool
unseal(EVP_CIPHER_CTX *c, const uint8_t key[32], uint8_t table,
    struct slice name, struct slice sealed, uint8_t *out)
{
	size_t len = sealed.len - SPOOL_SEALED(0);
	uint8_t tag[TAG], last[TAG];
	int n = 0, end = 0;

	for (size_t i = 0; i < TAG; i++)
		tag[i] = sealed.p[NONCE + len + i];
	return (EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, sealed.p,
		    0) == 1 &&
	    add_place(c, table, name) &&
	    (len == 0 ||
		EVP_CipherUpdate(c, out, &n, sealed.p + NONCE, (int)len) ==
		    1) &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
	    EVP_CipherFinal_ex(c, last, &end) == 1);
}

enum err
spool_unseal(const uint8_t key[32], uint8_t table, struct slice name,
    struct slice sealed, uint8_t *out)
{
	EVP_CIPHER_CTX *c;
	bool ok;

	if (sealed.len < SPOOL_SEALED(0) || sealed.len > INT32_MAX)
		return (ERR_CORRUPT);
	if ((c = EVP_CIPHER_CTX_new()) == NULL)
		return (ERR_CRYPTO);
	ok = unseal(c, key, table, name, sealed, out);
	EVP_CIPHER_CTX_free(c);
	return (ok ? ERR_OK : ERR_CORRUPT);
}
