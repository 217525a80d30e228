/*
 * Sealed content: wraps, tampering, padding, speed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <jose/b64.h>

#include "trust/digest.h"
#include "trust/seal.h"
#include "trust/seal_jwe.h"

#define BODY "Mevrouw Jansen, Kerkstraat 1"

/* Three keys, and a part sealed for the first two. */
struct world {
	struct seal_key key[3];
	struct seal_public pub[3];
	char aad[SEAL_AAD_MAX];
	size_t aad_len;
	struct seal_made made;
};

static struct slice
aad_of(const struct world *w)
{
	return (slice_of(w->aad, w->aad_len));
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct org from = org_of("lwdb-noord");
	struct refid id;
	uint8_t nonce[16];

	assert_non_null(w);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(seal_key_new(&w->key[i]), ERR_OK);
		w->pub[i] = w->key[i].pub;
	}
	assert_true(refid_parse("01890a5d-ac96-774b-bcce-b302099a8057", &id));
	memset(nonce, 0xa5, sizeof(nonce));
	assert_int_equal(seal_aad("keten.example", &from, &id, "person",
			     nonce, w->aad, &w->aad_len), ERR_OK);
	assert_int_equal(seal_make(slice_str(BODY), aad_of(w), w->pub, 2,
			     &w->made), ERR_OK);
	*state = w;
	return (0);
}

static int
teardown(void **state)
{
	struct world *w = *state;

	seal_made_fini(&w->made);
	for (int i = 0; i < 3; i++)
		seal_key_wipe(&w->key[i]);
	free(w);
	return (0);
}

static void
test_the_aad_names_where_a_part_belongs(void **state)
{
	struct world *w = *state;
	struct org from = org_of("a");
	struct refid id = { { 0 } };
	char out[SEAL_AAD_MAX], longer[SEAL_AAD_MAX];
	uint8_t nonce[16] = { 0 };
	size_t len;

	assert_string_equal(w->aad, "keten1|keten.example|lwdb-noord|"
				    "01890a5d-ac96-774b-bcce-b302099a8057|"
				    "person|a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
	assert_int_equal(seal_aad("a|b", &from, &id, "note", nonce, out,
			     &len), ERR_MALFORMED);
	assert_int_equal(seal_aad("a", &from, &id, "", nonce, out, &len),
	    ERR_MALFORMED);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(seal_aad(longer, &from, &id, "note", nonce, out,
			     &len), ERR_FULL);
}

static void
test_each_recipient_opens_the_same_part(void **state)
{
	struct world *w = *state;
	struct seal_opened o;

	assert_int_equal(w->made.n_wraps, 2);
	assert_int_equal(w->made.sealed.ciphertext.len, 3072);
	assert_true(slice_eq(w->made.sealed.protected,
	    slice_str("{\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\"}")));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(seal_open(&w->made.sealed, &w->made.wraps[i],
				     &w->key[i], aad_of(w), &o), ERR_OK);
		assert_true(slice_eq(o.body, slice_str(BODY)));
		assert_memory_equal(o.plain_commit, w->made.plain_commit, 32);
		seal_opened_fini(&o);
		assert_null(o.plain);
	}
	/* The body stands nowhere in what travels. */
	assert_null(memmem(w->made.sealed.ciphertext.p,
	    w->made.sealed.ciphertext.len, "Jansen", 6));
}

static void
test_nobody_else_opens_it(void **state)
{
	struct world *w = *state;
	struct seal_wrap wrap = w->made.wraps[0];
	struct seal_opened o;

	assert_int_equal(seal_open(&w->made.sealed, &w->made.wraps[0],
			     &w->key[1], aad_of(w), &o), ERR_NOT_FOUND);
	/* Even if the wrap says that it is for this key. */
	seal_key_id(&w->pub[2], wrap.key_id);
	assert_int_equal(seal_open(&w->made.sealed, &wrap, &w->key[2],
			     aad_of(w), &o), ERR_CRYPTO);
}

static void
test_another_aad_is_refused(void **state)
{
	struct world *w = *state;
	struct sealed s = w->made.sealed;
	struct seal_opened o;
	char other[SEAL_AAD_MAX];

	memcpy(other, w->aad, sizeof(other));
	other[w->aad_len - 1] ^= 1;
	assert_int_equal(seal_open(&s, &w->made.wraps[0], &w->key[0],
			     slice_of(other, w->aad_len), &o), ERR_DIGEST);
	/* And if both say the other one, the seal itself says no. */
	s.aad = slice_of(other, w->aad_len);
	assert_int_equal(seal_open(&s, &w->made.wraps[0], &w->key[0], s.aad,
			     &o), ERR_CRYPTO);
}

/* Flip bits of the ${len} bytes at ${p}: nothing may open then. */
static void
spoil(const struct world *w, const struct sealed *s,
    const struct seal_wrap *wrap, void *p, size_t len)
{
	uint8_t *at = p;
	struct seal_opened o;

	for (size_t i = 0; i < len; i++) {
		at[i] ^= (uint8_t)(1 << (i % 8));
		assert_int_not_equal(seal_open(s, wrap, &w->key[0],
					 aad_of(w), &o), ERR_OK);
		at[i] ^= (uint8_t)(1 << (i % 8));
	}
}

static void
test_every_changed_byte_is_noticed(void **state)
{
	struct world *w = *state;
	struct sealed s = w->made.sealed;
	struct seal_wrap wrap = w->made.wraps[0];
	char header[] = SEAL_PROTECTED;
	uint8_t ct[3072];
	char aad[SEAL_AAD_MAX];
	struct seal_opened o;

	memcpy(ct, s.ciphertext.p, sizeof(ct));
	memcpy(aad, w->aad, sizeof(aad));
	s.ciphertext = slice_of(ct, sizeof(ct));
	s.protected = slice_of(header, sizeof(header) - 1);
	s.aad = slice_of(aad, w->aad_len);

	assert_int_equal(seal_open(&s, &wrap, &w->key[0], aad_of(w), &o),
	    ERR_OK);
	seal_opened_fini(&o);
	spoil(w, &s, &wrap, ct, sizeof(ct));
	spoil(w, &s, &wrap, header, sizeof(header) - 1);
	spoil(w, &s, &wrap, aad, w->aad_len);
	spoil(w, &s, &wrap, s.iv, sizeof(s.iv));
	spoil(w, &s, &wrap, s.tag, sizeof(s.tag));
	spoil(w, &s, &wrap, wrap.key_id, sizeof(wrap.key_id));
	spoil(w, &s, &wrap, wrap.epk_x, 32);
	spoil(w, &s, &wrap, wrap.epk_y, 32);
	spoil(w, &s, &wrap, wrap.encrypted_key, 40);
	assert_int_equal(seal_open(&s, &wrap, &w->key[0], aad_of(w), &o),
	    ERR_OK);
	seal_opened_fini(&o);
}

static void
test_only_the_one_header_is_taken(void **state)
{
	static const char *const others[] = {
		"{\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\",\"zip\":\"DEF\"}",
		"{\"crit\":[\"x\"],\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\"}",
		"{\"enc\":\"A256GCM\",\"jku\":\"http://x\",\"typ\":\"keten+jwe"
		"\"}",
		"{\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\",\"x5u\":\"x\"}",
		"{\"enc\":\"A256GCM\",\"enc\":\"A256GCM\",\"typ\":\"keten+jwe"
		"\"}",
		"{\"enc\":\"A128GCM\",\"typ\":\"keten+jwe\"}",
		"{\"enc\":\"A256CBC-HS512\",\"typ\":\"keten+jwe\"}",
		"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\"}",
		"{\"typ\":\"keten+jwe\",\"enc\":\"A256GCM\"}",
		"{\"enc\": \"A256GCM\",\"typ\":\"keten+jwe\"}",
		"{\"enc\":\"A256GCM\"}",
		"{}",
		"",
	};
	struct world *w = *state;
	struct sealed s = w->made.sealed;
	struct seal_opened o;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		s.protected = slice_str(others[i]);
		assert_int_equal(seal_shape(&s), ERR_MALFORMED);
		assert_int_equal(seal_open(&s, &w->made.wraps[0], &w->key[0],
				     aad_of(w), &o), ERR_MALFORMED);
	}
}

static void
test_only_the_four_lengths_are_taken(void **state)
{
	struct world *w = *state;
	struct sealed s = w->made.sealed;

	assert_int_equal(seal_shape(&s), ERR_OK);
	s.ciphertext.len = 3071;
	assert_int_equal(seal_shape(&s), ERR_MALFORMED);
	s.ciphertext.len = 0;
	assert_int_equal(seal_shape(&s), ERR_MALFORMED);
	assert_int_equal(seal_padded(0), 3072);
	assert_int_equal(seal_padded(3072 - 36), 3072);
	assert_int_equal(seal_padded(3072 - 35), 15360);
	assert_int_equal(seal_padded(15360 - 36), 15360);
	assert_int_equal(seal_padded(64512 - 36), 64512);
	assert_int_equal(seal_padded(64512 - 35), 261120);
	assert_int_equal(seal_padded(SEAL_BODY_MAX), 261120);
	assert_int_equal(seal_padded(SEAL_BODY_MAX + 1), 0);
}

static void
test_bodies_of_every_size_come_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 3036, 3037, 15324, 15325, 64476,
		64477, SEAL_BODY_MAX };
	struct world *w = *state;
	uint8_t *body = malloc(SEAL_BODY_MAX + 1);
	struct seal_made m;
	struct seal_opened o;

	assert_non_null(body);
	for (size_t i = 0; i < SEAL_BODY_MAX; i++)
		body[i] = (uint8_t)(i * 31 + (i >> 8));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct slice b = slice_of(body, sizes[i]);

		assert_int_equal(seal_make(b, aad_of(w), w->pub, 1, &m),
		    ERR_OK);
		assert_int_equal(m.sealed.ciphertext.len,
		    seal_padded(sizes[i]));
		assert_int_equal(seal_open(&m.sealed, &m.wraps[0],
				     &w->key[0], aad_of(w), &o), ERR_OK);
		assert_true(slice_eq(o.body, b));
		seal_opened_fini(&o);
		seal_made_fini(&m);
	}
	assert_int_equal(seal_make(slice_of(body, SEAL_BODY_MAX + 1),
			     aad_of(w), w->pub, 1, &m), ERR_TOO_BIG);
	assert_int_equal(seal_make(slice_of(body, 1), aad_of(w), w->pub, 0,
			     &m), ERR_MALFORMED);
	free(body);
}

/* Seal ${plain} as it stands, however wrong, for the first key. */
static void
seal_plain(const struct world *w, struct slice plain, uint8_t *ct,
    struct sealed *s, struct seal_wrap *wrap)
{
	uint8_t cek[SEAL_CEK];

	memset(cek, 3, sizeof(cek));
	*s = (struct sealed){ .protected = slice_str(SEAL_PROTECTED),
		.aad = aad_of(w), .ciphertext = slice_of(ct, plain.len) };
	assert_int_equal(seal_jwe_encrypt(cek, s->aad, plain, ct, s->iv,
			     s->tag), ERR_OK);
	assert_int_equal(seal_wrap_cek(cek, &w->pub[0], wrap), ERR_OK);
}

static void
test_padding_that_is_not_zeros_is_refused(void **state)
{
	struct world *w = *state;
	uint8_t plain[3072] = { 0 }, ct[3072];
	struct sealed s;
	struct seal_wrap wrap;
	struct seal_opened o;

	be32_put(plain + 32, 5);
	seal_plain(w, slice_of(plain, 3072), ct, &s, &wrap);
	assert_int_equal(seal_open(&s, &wrap, &w->key[0], aad_of(w), &o),
	    ERR_OK);
	assert_int_equal(o.body.len, 5);
	seal_opened_fini(&o);

	plain[3071] = 1;
	seal_plain(w, slice_of(plain, 3072), ct, &s, &wrap);
	assert_int_equal(seal_open(&s, &wrap, &w->key[0], aad_of(w), &o),
	    ERR_MALFORMED);
	plain[3071] = 0;
	be32_put(plain + 32, 3072 - 36 + 1);
	seal_plain(w, slice_of(plain, 3072), ct, &s, &wrap);
	assert_int_equal(seal_open(&s, &wrap, &w->key[0], aad_of(w), &o),
	    ERR_MALFORMED);
	be32_put(plain + 32, 0xffffffff);
	seal_plain(w, slice_of(plain, 3072), ct, &s, &wrap);
	assert_int_equal(seal_open(&s, &wrap, &w->key[0], aad_of(w), &o),
	    ERR_MALFORMED);
}

static void
test_a_later_wrap_opens_the_same_part(void **state)
{
	struct world *w = *state;
	struct seal_wrap later;
	struct seal_opened o;
	uint8_t cek[SEAL_CEK];

	assert_int_equal(seal_rewrap(&w->made.wraps[1], &w->key[1],
			     &w->pub[2], 1, &later), ERR_OK);
	assert_int_equal(seal_open(&w->made.sealed, &later, &w->key[2],
			     aad_of(w), &o), ERR_OK);
	assert_true(slice_eq(o.body, slice_str(BODY)));
	assert_memory_equal(o.plain_commit, w->made.plain_commit, 32);
	seal_opened_fini(&o);

	/* From one's own wrap only. */
	assert_int_equal(seal_rewrap(&w->made.wraps[1], &w->key[0],
			     &w->pub[2], 1, &later), ERR_NOT_FOUND);

	assert_int_equal(seal_cek(&w->made.wraps[0], &w->key[0], cek),
	    ERR_OK);
	assert_int_equal(seal_open_cek(&w->made.sealed, cek, aad_of(w), &o),
	    ERR_OK);
	seal_opened_fini(&o);
	cek[0] ^= 1;
	assert_int_equal(seal_open_cek(&w->made.sealed, cek, aad_of(w), &o),
	    ERR_CRYPTO);
}

static void
test_the_same_body_is_never_sealed_alike(void **state)
{
	struct world *w = *state;
	struct seal_made m;

	assert_int_equal(seal_make(slice_str(BODY), aad_of(w), w->pub, 2, &m),
	    ERR_OK);
	assert_memory_not_equal(m.plain_commit, w->made.plain_commit, 32);
	assert_memory_not_equal(m.sealed.iv, w->made.sealed.iv, 12);
	assert_memory_not_equal(m.wraps[0].epk_x, w->made.wraps[0].epk_x, 32);
	seal_made_fini(&m);
}

static void
test_keys_are_points_of_the_curve(void **state)
{
	/* RFC 7518, appendix C: Bob's key. */
	static const char d64[] =
	    "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";
	static const char x64[] =
	    "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ";
	struct world *w = *state;
	uint8_t d[32], x[32], order[32];
	struct seal_key key;
	struct seal_public odd = w->pub[0];
	char id[SEAL_KEY_ID], want[SEAL_KEY_ID];
	uint8_t point[65], hash[32];

	assert_int_equal(jose_b64_dec_buf(d64, strlen(d64), d, 32), 32);
	assert_int_equal(jose_b64_dec_buf(x64, strlen(x64), x, 32), 32);
	assert_int_equal(seal_key_from(d, &key), ERR_OK);
	assert_memory_equal(key.pub.x, x, 32);

	assert_true(seal_key_is_sound(&w->pub[0]));
	odd.y[31] ^= 1;
	assert_false(seal_key_is_sound(&odd));
	memset(&odd, 0, sizeof(odd));
	assert_false(seal_key_is_sound(&odd));
	memset(&odd, 0xff, sizeof(odd));
	assert_false(seal_key_is_sound(&odd));

	memset(d, 0, sizeof(d));
	assert_int_equal(seal_key_from(d, &key), ERR_CRYPTO);
	assert_true(hex_decode("ffffffff00000000ffffffffffffffffbce6faada7179"
			       "e84f3b9cac2fc632551", order, 32));
	assert_int_equal(seal_key_from(order, &key), ERR_CRYPTO);
	order[31]--;
	assert_int_equal(seal_key_from(order, &key), ERR_OK);

	point[0] = 4;
	memcpy(point + 1, &w->pub[0], 64);
	digest_of(point, 65, hash);
	hex_encode(hash, 8, want);
	seal_key_id(&w->pub[0], id);
	assert_string_equal(id, want);
}

static void
test_a_wrap_for_no_point_is_refused(void **state)
{
	struct world *w = *state;
	struct seal_wrap wrap = w->made.wraps[0];
	struct seal_opened o;
	uint8_t cek[SEAL_CEK] = { 0 };
	struct seal_public odd = { { 0 }, { 0 } };

	memset(wrap.epk_x, 0, 32);
	memset(wrap.epk_y, 0, 32);
	assert_int_equal(seal_open(&w->made.sealed, &wrap, &w->key[0],
			     aad_of(w), &o), ERR_CRYPTO);
	assert_int_equal(seal_wrap_cek(cek, &odd, &wrap), ERR_CRYPTO);
}

/* --- speed ---------------------------------------------------------------- */

static double
now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3);
}

static void
test_sealing_and_opening_are_quick(void **state)
{
	static const size_t sizes[] = { 1000, 200000 };
	struct world *w = *state;
	uint8_t *body = calloc(1, 200000);

	assert_non_null(body);
	for (size_t k = 0; k < 2; k++) {
		struct seal_made m;
		struct seal_opened o;
		double start = now_us(), middle;
		const int n = 20;

		for (int i = 0; i < n; i++) {
			assert_int_equal(seal_make(slice_of(body, sizes[k]),
					     aad_of(w), w->pub, 3, &m),
			    ERR_OK);
			if (i < n - 1)
				seal_made_fini(&m);
		}
		middle = now_us();
		for (int i = 0; i < n; i++) {
			assert_int_equal(seal_open(&m.sealed, &m.wraps[0],
					     &w->key[0], aad_of(w), &o),
			    ERR_OK);
			seal_opened_fini(&o);
		}
		print_message("%zu bytes: seal for three %.0f us, open "
			      "%.0f us\n", sizes[k], (middle - start) / n,
		    (now_us() - middle) / n);
		seal_made_fini(&m);
	}
	free(body);
}

int
main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_the_aad_names_where_a_part_belongs),
		WITH(test_each_recipient_opens_the_same_part),
		WITH(test_nobody_else_opens_it),
		WITH(test_another_aad_is_refused),
		WITH(test_every_changed_byte_is_noticed),
		WITH(test_only_the_one_header_is_taken),
		WITH(test_only_the_four_lengths_are_taken),
		WITH(test_bodies_of_every_size_come_back),
		WITH(test_padding_that_is_not_zeros_is_refused),
		WITH(test_a_later_wrap_opens_the_same_part),
		WITH(test_the_same_body_is_never_sealed_alike),
		WITH(test_keys_are_points_of_the_curve),
		WITH(test_a_wrap_for_no_point_is_refused),
		WITH(test_sealing_and_opening_are_quick),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
