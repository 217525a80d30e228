/*
 * seal -- content that the broker cannot read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/digest.h"
#include "trust/seal.h"
#include "trust/seal_jwe.h"

#define RANDOM 32
#define HEAD (RANDOM + 4) /* random bytes, length of the body */

static const size_t sizes[] = { 3072, 15360, 64512, SEAL_PLAIN_MAX };

#define NSIZES (sizeof(sizes) / sizeof(sizes[0]))

/* No text of the aad may be mistaken for two. */
static bool
is_field(const char *text)
{
	if (text[0] == '\0')
		return (false);
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '|' || *p == 0x7f)
			return (false);
	return (true);
}

enum err
seal_aad(const char *origin, const struct org *from,
    const struct refid *referral, const char *part, const uint8_t nonce[16],
    char out[SEAL_AAD_MAX], size_t *len)
{
	char id[REFID_TEXT], hex[33], text[SEAL_AAD_MAX];
	int n;

	if (!is_field(origin) || !is_field(from->id) || !is_field(part))
		return (ERR_MALFORMED);
	hex_encode(nonce, 16, hex);
	n = snprintf(text, sizeof(text), "keten1|%s|%s|%s|%s|%s", origin,
	    from->id, refid_text(referral, id), part, hex);
	if (n < 0 || (size_t)n >= sizeof(text))
		return (ERR_FULL);
	memcpy(out, text, (size_t)n + 1);
	*len = (size_t)n;
	return (ERR_OK);
}

size_t
seal_padded(size_t body_len)
{
	for (size_t i = 0; i < NSIZES; i++)
		if (body_len <= sizes[i] - HEAD)
			return (sizes[i]);
	return (0);
}

static bool
is_size(size_t len)
{
	for (size_t i = 0; i < NSIZES; i++)
		if (len == sizes[i])
			return (true);
	return (false);
}

enum err
seal_shape(const struct sealed *sealed)
{
	if (!slice_eq(sealed->protected, slice_str(SEAL_PROTECTED)) ||
	    sealed->aad.len == 0 || sealed->aad.len >= SEAL_AAD_MAX ||
	    !is_size(sealed->ciphertext.len))
		return (ERR_MALFORMED);
	return (ERR_OK);
}

void
seal_commit(struct slice plain, uint8_t out[32])
{
	static const char label[] = "keten1/part"; /* its NUL counts too */
	const struct slice part[2] = { slice_of(label, sizeof(label)), plain };

	digest_slices(part, 2, out);
}

/* Lay out the plaintext: random, length, body, zeros. */
static enum err
fill(struct slice body, uint8_t *plain, size_t len)
{
	enum err err = digest_random(plain, RANDOM);

	if (err != ERR_OK)
		return (err);
	be32_put(plain + RANDOM, (uint32_t)body.len);
	if (body.len > 0)
		memcpy(plain + HEAD, body.p, body.len);
	memset(plain + HEAD + body.len, 0, len - HEAD - body.len);
	return (ERR_OK);
}

/* Encrypt ${plain} under ${cek} and wrap that; ${made} owns its memory. */
static enum err
encrypt(struct slice plain, struct slice aad, const uint8_t cek[SEAL_CEK],
    const struct seal_public *to, size_t n, struct seal_made *made)
{
	struct sealed *s = &made->sealed;
	uint8_t *ct = made->mem, *text = made->mem + plain.len;
	enum err err;

	memcpy(text, aad.p, aad.len);
	*s = (struct sealed){ .protected = slice_str(SEAL_PROTECTED),
		.aad = slice_of(text, aad.len),
		.ciphertext = slice_of(ct, plain.len) };
	seal_commit(plain, made->plain_commit);
	err = seal_jwe_encrypt(cek, aad, plain, ct, s->iv, s->tag);
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		err = seal_wrap_cek(cek, &to[i], &made->wraps[i]);
	made->n_wraps = n;
	return (err);
}

enum err
seal_make(struct slice body, struct slice aad, const struct seal_public *to,
    size_t n, struct seal_made *made)
{
	struct seal_made m = { 0 };
	uint8_t cek[SEAL_CEK], *plain = NULL;
	size_t len = seal_padded(body.len);
	enum err err = ERR_NOMEM;

	if (len == 0)
		return (ERR_TOO_BIG);
	if (n == 0 || n > SEAL_WRAPS_MAX || aad.len == 0 ||
	    aad.len >= SEAL_AAD_MAX)
		return (ERR_MALFORMED);

	plain = malloc(len);
	m.mem = malloc(len + aad.len);
	if (plain == NULL || m.mem == NULL)
		goto out;
	err = fill(body, plain, len);
	if (err == ERR_OK)
		err = digest_random(cek, sizeof(cek));
	if (err == ERR_OK)
		err = encrypt(slice_of(plain, len), aad, cek, to, n, &m);
	if (err == ERR_OK) {
		*made = m;
		m.mem = NULL;
	}

out:
	digest_wipe(cek, sizeof(cek));
	digest_wipe(plain, len);
	free(plain);
	free(m.mem);
	return (err);
}

void
seal_made_fini(struct seal_made *made)
{
	free(made->mem);
	memset(made, 0, sizeof(*made));
}

/*
 * Take the padded plaintext apart.  The zeros are looked at too: what is
 * behind the body could otherwise carry something that nobody sees.
 */
static enum err
unfold(const uint8_t *plain, size_t len, struct slice *body)
{
	size_t n = be32_get(plain + RANDOM);
	uint8_t rest = 0;

	if (n > len - HEAD)
		return (ERR_MALFORMED);
	for (size_t i = HEAD + n; i < len; i++)
		rest |= plain[i];
	if (rest != 0)
		return (ERR_MALFORMED);
	*body = slice_of(plain + HEAD, n);
	return (ERR_OK);
}

enum err
seal_open_cek(const struct sealed *sealed, const uint8_t cek[SEAL_CEK],
    struct slice aad, struct seal_opened *opened)
{
	struct seal_opened o = { .plain_len = sealed->ciphertext.len };
	enum err err = seal_shape(sealed);

	if (err != ERR_OK)
		return (err);
	if (!slice_eq(sealed->aad, aad))
		return (ERR_DIGEST);
	o.plain = malloc(o.plain_len);
	if (o.plain == NULL)
		return (ERR_NOMEM);

	err = seal_jwe_decrypt(cek, sealed, o.plain);
	if (err == ERR_OK)
		err = unfold(o.plain, o.plain_len, &o.body);
	if (err != ERR_OK) {
		seal_opened_fini(&o);
		return (err);
	}
	seal_commit(slice_of(o.plain, o.plain_len), o.plain_commit);
	*opened = o;
	return (ERR_OK);
}

void
seal_opened_fini(struct seal_opened *opened)
{
	digest_wipe(opened->plain, opened->plain_len);
	free(opened->plain);
	memset(opened, 0, sizeof(*opened));
}

enum err
seal_open(const struct sealed *sealed, const struct seal_wrap *wrap,
    const struct seal_key *key, struct slice aad, struct seal_opened *opened)
{
	uint8_t cek[SEAL_CEK];
	enum err err = seal_shape(sealed);

	if (err != ERR_OK)
		return (err);
	if (!slice_eq(sealed->aad, aad))
		return (ERR_DIGEST);
	err = seal_cek(wrap, key, cek);
	if (err == ERR_OK)
		err = seal_open_cek(sealed, cek, aad, opened);
	digest_wipe(cek, sizeof(cek));
	return (err);
}

enum err
seal_cek(const struct seal_wrap *wrap, const struct seal_key *key,
    uint8_t cek[SEAL_CEK])
{
	struct seal_public epk;
	char id[SEAL_KEY_ID];
	uint8_t found[SEAL_CEK];
	enum err err;

	seal_key_id(&key->pub, id);
	if (memcmp(id, wrap->key_id, SEAL_KEY_ID) != 0)
		return (ERR_NOT_FOUND);
	memcpy(epk.x, wrap->epk_x, 32);
	memcpy(epk.y, wrap->epk_y, 32);
	if (!seal_key_is_sound(&epk))
		return (ERR_CRYPTO);
	err = seal_jwe_unwrap(wrap, key, found);
	if (err == ERR_OK)
		memcpy(cek, found, SEAL_CEK);
	digest_wipe(found, sizeof(found));
	return (err);
}

enum err
seal_wrap_cek(const uint8_t cek[SEAL_CEK], const struct seal_public *to,
    struct seal_wrap *wrap)
{
	struct seal_wrap w;
	enum err err;

	if (!seal_key_is_sound(to))
		return (ERR_CRYPTO);
	seal_key_id(to, w.key_id);
	err = seal_jwe_wrap(cek, to, &w);
	if (err == ERR_OK)
		*wrap = w;
	return (err);
}

enum err
seal_rewrap(const struct seal_wrap *wrap, const struct seal_key *key,
    const struct seal_public *to, size_t n, struct seal_wrap *out)
{
	struct seal_wrap made[SEAL_WRAPS_MAX];
	uint8_t cek[SEAL_CEK];
	enum err err;

	if (n == 0 || n > SEAL_WRAPS_MAX)
		return (ERR_MALFORMED);
	err = seal_cek(wrap, key, cek);
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		err = seal_wrap_cek(cek, &to[i], &made[i]);
	if (err == ERR_OK)
		memcpy(out, made, n * sizeof(made[0]));
	digest_wipe(cek, sizeof(cek));
	return (err);
}
