/*
 * selftest_keys -- signatures, leaves and sealed parts: against vectors.
 */
#include <stdio.h>
#include <string.h>

#include <jose/b64.h>

#include "audit/selftest.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/seal.h"
#include "trust/sign.h"
#include "wire/arena.h"
#include "wire/envelope.h"

#define BYTES 4096

/* --- leaves ---------------------------------------------------------------------- */

static void
see_leaf(struct tally *t, const json_t *row, const json_t *run,
    uint8_t running[32])
{
	uint8_t salt[32], envelope[BYTES], facts[BYTES], route[BYTES],
	    raw[BYTES], record[32], want[32], hash[32];
	struct slice e = selftest_hex(row, "envelope", envelope, BYTES),
		     f = selftest_hex(row, "facts", facts, BYTES),
		     r = selftest_hex(row, "route_facts", route, BYTES),
		     l = selftest_hex(row, "leaf", raw, BYTES);
	struct leaf leaf;

	(void)selftest_hex(row, "salt", salt, sizeof(salt));
	leaf_record(salt, e, f, r, record);
	(void)selftest_hex(row, "record_hash", want, sizeof(want));
	selftest_see(t, digest_eq(record, want), "record hash");
	selftest_see(t, leaf_decode(l, &leaf) == ERR_OK &&
	    digest_eq(leaf.record, record) && (uint64_t)leaf.time_ms ==
	    selftest_number(row, "time_ms"), "leaf");
	digest_leaf(l, hash);
	(void)selftest_hex(row, "leaf_hash", want, sizeof(want));
	selftest_see(t, digest_eq(hash, want), "leaf hash");
	leaf_running(running, selftest_number(run, "seq"), hash, running);
	(void)selftest_hex(run, "running_hash", want, sizeof(want));
	selftest_see(t, digest_eq(running, want), "running hash");
}

void
selftest_leaves(struct tally *t, const json_t *o)
{
	const json_t *running = json_object_get(o, "running"), *row;
	uint8_t sum[32] = { 0 }, raw[BYTES];
	struct leaf leaf;
	size_t i;

	json_array_foreach(json_object_get(o, "records"), i, row)
		see_leaf(t, row, json_array_get(running, i), sum);
	json_array_foreach(json_object_get(o, "bad_leaves"), i, row)
		selftest_see(t, leaf_decode(selftest_hex(row, "leaf", raw,
		    BYTES), &leaf) != ERR_OK, selftest_text(row, "why"));
}

/* --- signatures -------------------------------------------------------------------- */

static void
see_signature(struct tally *t, const json_t *row)
{
	uint8_t seed[32], body[BYTES], sig[64], public[32], made[SIGN_SIG];
	char type[SIGN_TYPE_MAX];
	struct slice b = selftest_hex(row, "body", body, BYTES);
	struct slice kind = slice_of(type, sign_type(selftest_text(row,
	    "kind"), type));
	struct signer *s;
	struct slice p, g;

	(void)selftest_hex(row, "seed", seed, sizeof(seed));
	p = selftest_hex(row, "public", public, sizeof(public));
	g = selftest_hex(row, "signature", sig, sizeof(sig));
	s = sign_new(seed);
	selftest_see(t, s != NULL && memcmp(sign_public(s), public, 32) == 0 &&
	    sign_make(s, kind, b, made) == ERR_OK &&
	    memcmp(made, sig, sizeof(made)) == 0, "the same signature");
	sign_free(s);
	selftest_see(t, sign_check(kind, b, g, p) == ERR_OK, "it checks");
	for (size_t i = 0; i < sizeof(sig); i += 9) {
		sig[i] ^= 1;
		selftest_see(t, sign_check(kind, b, g, p) != ERR_OK,
		    "a bent signature");
		sig[i] ^= 1;
	}
	public[3] ^= 1;
	selftest_see(t, sign_check(kind, b, g, p) != ERR_OK, "another key");
}

void
selftest_signatures(struct tally *t, const json_t *o)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(o, "single"), i, row)
		see_signature(t, row);
}

static void
see_batch(struct tally *t, struct arena *a, const json_t *row)
{
	uint8_t public[32], root[32], raw[BYTES];
	const json_t *one;
	struct envelope env;
	size_t i;

	(void)selftest_hex(row, "public", public, sizeof(public));
	(void)selftest_hex(row, "root", root, sizeof(root));
	json_array_foreach(json_object_get(row, "statements"), i, one) {
		arena_reset(a);
		if (envelope_parse(a, selftest_hex(one, "envelope", raw,
			BYTES), &env, NULL) != ERR_OK) {
			selftest_see(t, false, "an envelope");
			continue;
		}
		selftest_see(t, env.is_batch && digest_eq(env.root, root) &&
		    envelope_check(&env, public) == ERR_OK, "its place");
		env.body.len--;
		selftest_see(t, envelope_check(&env, public) != ERR_OK,
		    "another body");
	}
}

void
selftest_batches(struct tally *t, const json_t *o)
{
	struct arena *a = arena_new(65536);
	const json_t *row;
	size_t i;

	if (a == NULL) {
		selftest_see(t, false, "geen geheugen");
		return;
	}
	json_array_foreach(json_object_get(o, "batch"), i, row)
		see_batch(t, a, row);
	arena_free(a);
}

/* --- sealed parts --------------------------------------------------------------------- */

struct part {
	char header[256];
	char aad[SEAL_AAD_MAX];
	uint8_t text[3072];
	struct sealed sealed;
	struct seal_key key;
	struct seal_wrap wrap;
	uint8_t commit[32];
};

static size_t
b64u(const json_t *o, const char *name, void *out, size_t cap)
{
	size_t len = jose_b64_dec(json_object_get(o, name), out, cap);

	return (len == SIZE_MAX ? 0 : len);
}

/* The JSON form of JWE, apart, for the recipient whose key stands beside it. */
static bool
read_part(const json_t *o, struct part *p)
{
	const json_t *jwe = json_object_get(o, "jwe"), *one, *epk;
	uint8_t d[32];

	memset(p, 0, sizeof(*p));
	if (b64u(json_object_get(o, "key"), "d", d, 32) != 32 ||
	    seal_key_from(d, &p->key) != ERR_OK)
		return (false);
	p->sealed.protected = slice_of(p->header, b64u(jwe, "protected",
	    p->header, sizeof(p->header)));
	p->sealed.aad = slice_of(p->aad, b64u(jwe, "aad", p->aad,
	    sizeof(p->aad)));
	p->sealed.ciphertext = slice_of(p->text, b64u(jwe, "ciphertext",
	    p->text, sizeof(p->text)));
	one = json_array_get(json_object_get(jwe, "recipients"), 1);
	epk = json_object_get(json_object_get(one, "header"), "epk");
	seal_key_id(&p->key.pub, p->wrap.key_id);
	(void)selftest_hex(o, "plain_commit", p->commit, 32);
	return (b64u(jwe, "iv", p->sealed.iv, 12) == 12 &&
	    b64u(jwe, "tag", p->sealed.tag, 16) == 16 &&
	    b64u(epk, "x", p->wrap.epk_x, 32) == 32 &&
	    b64u(epk, "y", p->wrap.epk_y, 32) == 32 &&
	    b64u(one, "encrypted_key", p->wrap.encrypted_key, 40) == 40);
}

static bool
opens(const struct part *p, struct slice aad, const char *body)
{
	struct seal_opened o;
	bool good;

	if (seal_open(&p->sealed, &p->wrap, &p->key, aad, &o) != ERR_OK)
		return (false);
	good = slice_eq(o.body, slice_str(body)) &&
	    digest_eq(o.plain_commit, p->commit);
	seal_opened_fini(&o);
	return (good);
}

void
selftest_sealed(struct tally *t, const json_t *o)
{
	const char *body = selftest_text(o, "body");
	struct slice aad = slice_str(selftest_text(o, "aad"));
	struct part p;

	if (!read_part(o, &p)) {
		selftest_see(t, false, "de JSON-vorm");
		return;
	}
	selftest_see(t, opens(&p, aad, body), "it opens");
	selftest_see(t, !opens(&p, slice_str("keten1|x"), body),
	    "another aad");
	for (size_t i = 0; i < p.sealed.ciphertext.len; i += 307) {
		p.text[i] ^= 1;
		selftest_see(t, !opens(&p, aad, body), "bent ciphertext");
		p.text[i] ^= 1;
	}
	for (size_t i = 0; i < sizeof(p.wrap.encrypted_key); i += 5) {
		p.wrap.encrypted_key[i] ^= 1;
		selftest_see(t, !opens(&p, aad, body), "a bent wrap");
		p.wrap.encrypted_key[i] ^= 1;
	}
	p.sealed.tag[0] ^= 1;
	selftest_see(t, !opens(&p, aad, body), "a bent tag");
	p.sealed.tag[0] ^= 1;
	p.wrap.epk_x[0] ^= 1;
	selftest_see(t, !opens(&p, aad, body), "a point off the curve");
	seal_key_wipe(&p.key);
}

void
selftest_headers(struct tally *t, const json_t *o)
{
	static const char *const bad[] = {
		"{\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\",\"zip\":\"DEF\"}",
		"{\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\","
		"\"crit\":[\"exp\"]}",
		"{\"enc\":\"A256GCM\",\"jku\":\"https://x\",\"typ\":"
		"\"keten+jwe\"}",
		"{\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\",\"x5u\":"
		"\"https://x\"}",
		"{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"typ\":"
		"\"keten+jwe\"}",
		"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"keten+jwe\"}",
		"{\"enc\":\"A128GCM\",\"typ\":\"keten+jwe\"}",
		"{\"enc\":\"A256CBC-HS512\",\"typ\":\"keten+jwe\"}",
		"{\"enc\":\"A256GCM\",\"enc\":\"A256GCM\",\"typ\":"
		"\"keten+jwe\"}",
		"{\"typ\":\"keten+jwe\",\"enc\":\"A256GCM\"}",
		"{ \"enc\":\"A256GCM\",\"typ\":\"keten+jwe\"}",
		"{\"enc\":\"A256GCM\"}",
		"{\"enc\":\"A256GCM\",\"typ\":\"JWE\"}",
		"{}",
		"",
	};
	const char *body = selftest_text(o, "body");
	struct slice aad = slice_str(selftest_text(o, "aad"));
	struct part p;

	if (!read_part(o, &p)) {
		selftest_see(t, false, "de JSON-vorm");
		return;
	}
	selftest_see(t, seal_shape(&p.sealed) == ERR_OK, "the one that is right");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		p.sealed.protected = slice_str(bad[i]);
		selftest_see(t, seal_shape(&p.sealed) != ERR_OK &&
		    !opens(&p, aad, body), bad[i]);
	}
	seal_key_wipe(&p.key);
}
