/*
 * Sealed content and other people: a part that another library made, and the
 * official JWE vectors with plain libjose calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <jose/b64.h>
#include <jose/jwe.h>

#include "trust/seal.h"

/* Decode member ${name} of ${j} into exactly ${len} bytes. */
static void
b64u(const json_t *j, const char *name, void *out, size_t len)
{
	assert_int_equal(jose_b64_dec(json_object_get(j, name), out, len),
	    len);
}

/* The recipient ${r} of a JWE in JSON as a wrap for ${pub}. */
static void
wrap_of(const json_t *r, const struct seal_public *pub, struct seal_wrap *w)
{
	const json_t *epk = json_object_get(json_object_get(r, "header"),
	    "epk");

	seal_key_id(pub, w->key_id);
	b64u(epk, "x", w->epk_x, 32);
	b64u(epk, "y", w->epk_y, 32);
	b64u(r, "encrypted_key", w->encrypted_key, 40);
}

static void
test_what_another_library_sealed_opens_here(void **state)
{
	json_t *j = json_load_file("tests/vectors/sealed.json", 0, NULL);
	const json_t *jwe = json_object_get(j, "jwe");
	const char *aad, *body;
	char header[64], text[SEAL_AAD_MAX];
	uint8_t d[32], ct[3072], commit[32];
	struct sealed s = { .ciphertext = { ct, sizeof(ct) } };
	struct seal_key key;
	struct seal_wrap wrap;
	struct seal_opened o;

	(void)state;
	assert_non_null(j);
	aad = json_string_value(json_object_get(j, "aad"));
	body = json_string_value(json_object_get(j, "body"));
	b64u(json_object_get(j, "key"), "d", d, 32);
	assert_int_equal(seal_key_from(d, &key), ERR_OK);
	s.protected = slice_of(header, jose_b64_dec(json_object_get(jwe,
	    "protected"), header, sizeof(header)));
	s.aad = slice_of(text, jose_b64_dec(json_object_get(jwe, "aad"), text,
	    sizeof(text)));
	b64u(jwe, "iv", s.iv, 12);
	b64u(jwe, "tag", s.tag, 16);
	b64u(jwe, "ciphertext", ct, sizeof(ct));
	wrap_of(json_array_get(json_object_get(jwe, "recipients"), 1),
	    &key.pub, &wrap);

	assert_int_equal(seal_open(&s, &wrap, &key, slice_str(aad), &o),
	    ERR_OK);
	assert_true(slice_eq(o.body, slice_str(body)));
	assert_true(hex_decode(json_string_value(json_object_get(j,
	    "plain_commit")), commit, 32));
	assert_memory_equal(o.plain_commit, commit, 32);
	seal_opened_fini(&o);
	json_decref(j);
}

/*
 * libjose forgets 48 bytes for some of the invalid vectors.  That is not ours
 * to mend, and nothing of ours calls it that way.
 */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return ("leak:jose_io_malloc\n");
}

/* A compact JWE as flattened JSON, or NULL. */
static json_t *
flattened(const char *compact)
{
	static const char *const names[5] = { "protected", "encrypted_key",
		"iv", "ciphertext", "tag" };
	json_t *j = json_object();

	for (int i = 0; i < 5; i++) {
		size_t n = strcspn(compact, ".");

		if ((compact[n] == '.') != (i < 4)) {
			json_decref(j);
			return (NULL);
		}
		if (n > 0 || i != 1)
			(void)json_object_set_new(j, names[i],
			    json_stringn(compact, n));
		compact += n + 1;
	}
	return (j);
}

/* Tell whether plain libjose opens vector ${t} to its plaintext. */
static bool
opens(const json_t *t, const json_t *key)
{
	const json_t *form = json_object_get(t, "jwe");
	const char *pt = json_string_value(json_object_get(t, "pt"));
	json_t *jwe = json_is_string(form) ?
	    flattened(json_string_value(form)) :
	    json_deep_copy(form);
	size_t len = 0; /* libjose appends at this length */
	uint8_t *plain = NULL;
	bool ok = false;

	if (jwe != NULL)
		plain = jose_jwe_dec(NULL, jwe, NULL, key, &len);
	if (plain != NULL && pt != NULL) {
		char *hex = malloc(2 * len + 1);

		assert_non_null(hex);
		hex_encode(plain, len, hex);
		ok = strcmp(hex, pt) == 0;
		free(hex);
	} else if (plain != NULL) {
		ok = true;
	}
	free(plain);
	json_decref(jwe);
	return (ok);
}

/* The "alg" of vector ${t}, in ${out}; "" if it has none that can be read. */
static const char *
alg_of(const json_t *t, const json_t *key, char out[32])
{
	const json_t *form = json_object_get(t, "jwe");
	json_t *jwe = json_is_string(form) ?
	    flattened(json_string_value(form)) :
	    json_deep_copy(form);
	json_t *hdr = jwe == NULL ? NULL : jose_jwe_hdr(jwe, jwe);
	const char *alg = json_string_value(json_object_get(hdr, "alg"));

	if (alg == NULL)
		alg = json_string_value(json_object_get(key, "alg"));
	(void)snprintf(out, 32, "%s", alg == NULL ? "" : alg);
	json_decref(hdr);
	json_decref(jwe);
	return (out);
}

static void
test_wycheproof_jwe_with_plain_libjose(void **state)
{
	const char *dir = getenv("KETEN_SHARED");
	char path[4096], alg[32];
	json_t *j, *g, *t;
	size_t i, k, good = 0, bad = 0, rsa = 0, lax = 0, missing = 0, own = 0;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/vectors/wycheproof-jwe.json",
	    dir != NULL ? dir : "../shared");
	j = json_load_file(path, 0, NULL);
	if (j == NULL) {
		print_message("skipped: %s is not there\n", path);
		skip();
	}
	json_array_foreach(json_object_get(j, "testGroups"), i, g) {
		const json_t *key = json_object_get(g, "private");

		json_array_foreach(json_object_get(g, "tests"), k, t) {
			long long id = (long long)json_integer_value(
			    json_object_get(t, "tcId"));
			const char *comment = json_string_value(
			    json_object_get(t, "comment"));
			bool valid = strcmp(json_string_value(
			    json_object_get(t, "result")), "valid") == 0;
			bool ours, open;

			(void)alg_of(t, key, alg);
			ours = strcmp(alg, "ECDH-ES+A256KW") == 0;
			if (strncmp(alg, "RSA", 3) == 0) {
				rsa++;
				continue;
			}
			open = opens(t, key);
			if (open == valid) {
				*(valid ? &good : &bad) += 1;
				own += ours;
				continue;
			}
			print_message("%s: %lld %s %s\n", open ?
			    "taken though invalid" : "not taken though valid",
			    id, alg, comment);
			*(open ? &lax : &missing) += 1;
			/* What we use must be right. */
			if (ours)
				fail();
		}
	}
	print_message("%zu good opened, %zu bad refused, %zu bad opened, %zu "
		      "good refused, %zu with RSA passed over; %zu with our "
		      "algorithm, all right\n",
	    good, bad, lax, missing, rsa, own);
	assert_true(good > 0 && bad > 0 && own > 0);
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_another_library_sealed_opens_here),
		cmocka_unit_test(test_wycheproof_jwe_with_plain_libjose),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
