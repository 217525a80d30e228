/*
 * The keyring: position in the log decides which key counts.
 */
#include "core/keyring.h"
#include "records_any.h"
#include "trust/seal.h"

/* CURVE and signing keys numbered by ${n}, all of them sound. */
struct pair {
	uint8_t curve[32];
	uint8_t sign[32];
	struct seal_public seal;
};

static struct pair
keys(uint8_t n)
{
	uint8_t seed[32] = { 1, n };
	struct signer *s = sign_new(seed);
	struct seal_key seal;
	struct pair p;

	assert_non_null(s);
	memset(p.curve, n + 10, 32);
	memcpy(p.sign, sign_public(s), 32);
	sign_free(s);
	assert_int_equal(seal_key_from(seed, &seal), ERR_OK);
	p.seal = seal.pub;
	return (p);
}

static struct slice
signed_by(struct rig *g, Keten__V1__KeyStatement *ks)
{
	struct slice body, env;

	ks->version = 1;
	ks->origin = pb_string(RIG_ORIGIN);
	ks->made_ms = g->now_ms;
	assert_int_equal(pb_pack(g->a, &ks->base, &body), ERR_OK);
	assert_int_equal(envelope_make(g->a, ENVELOPE_KEY, body, g->signer,
		&env), ERR_OK);
	return (env);
}

static struct slice
device(struct rig *g, const char *partner, const char *name, uint64_t serial,
    const struct pair *p)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__DeviceCertificate c = KETEN__V1__DEVICE_CERTIFICATE__INIT;

	ks.partner = pb_string(partner);
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_DEVICE;
	ks.device = &c;
	c.device = pb_string(name);
	c.serial = serial;
	c.curve_key = pb_of(p->curve, 32);
	c.sign_key = pb_of(p->sign, 32);
	c.role = KETEN__V1__DEVICE_ROLE__FULL;
	return (signed_by(g, &ks));
}

static struct slice
sealing(struct rig *g, const char *partner, uint64_t serial,
    const struct pair *p)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__SealingCertificate c =
	    KETEN__V1__SEALING_CERTIFICATE__INIT;

	ks.partner = pb_string(partner);
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	ks.sealing = &c;
	c.serial = serial;
	c.key_x = pb_of(p->seal.x, 32);
	c.key_y = pb_of(p->seal.y, 32);
	return (signed_by(g, &ks));
}

static struct slice
revocation(struct rig *g, const char *partner, const char *name,
    const char *key_id, uint64_t serial, uint64_t suspect)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__Revoke r = KETEN__V1__REVOKE__INIT;

	ks.partner = pb_string(partner);
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	ks.revoke = &r;
	r.device = pb_string(name);
	r.sealing_key_id = pb_string(key_id);
	r.serial = serial;
	r.suspect_from = suspect;
	r.reason = pb_string("lost");
	return (signed_by(g, &ks));
}

static struct keyring *
fresh(void)
{
	struct keyring *kr = keyring_new();

	assert_non_null(kr);
	return (kr);
}

static void
test_a_device_is_found_by_name_and_by_both_keys(void **state)
{
	struct rig *g = rig_new(1);
	struct keyring *kr = fresh();
	struct pair p = keys(1), q = keys(2);
	struct org t = org_of("thuiszorg-t"), w = org_of("welzijn-w");
	const struct keyring_device *d;
	uint8_t id[8];

	(void)state;
	assert_null(keyring_device(kr, &t, "adapter"));
	assert_int_equal(keyring_add(kr, 5, device(g, "thuiszorg-t",
		"adapter", 1, &p), g->a), ERR_OK);
	d = keyring_device(kr, &t, "adapter");
	assert_non_null(d);
	assert_int_equal(d->added, 5);
	assert_ptr_equal(keyring_by_curve(kr, p.curve), d);
	sign_key_id(p.sign, id);
	assert_ptr_equal(keyring_by_sign(kr, id, KEYRING_NEVER), d);
	assert_null(keyring_by_curve(kr, q.curve));
	assert_null(keyring_device(kr, &t, "desk"));
	assert_null(keyring_device(kr, &w, "adapter"));
	keyring_free(kr);
	rig_free(g);
}

static void
test_a_certificate_counts_after_it_came_until_it_ended(void **state)
{
	static const struct {
		uint64_t index;
		int which; /* 0 none, 1 the first, 2 the second */
	} rows[] = { { 4, 0 }, { 5, 0 }, { 6, 1 }, { 9, 1 }, { 10, 0 },
		{ 11, 2 }, { 20, 2 }, { 21, 0 } };
	struct rig *g = rig_new(2);
	struct keyring *kr = fresh();
	struct pair p = keys(1);
	struct org t = org_of("thuiszorg-t");
	uint8_t id[8];

	(void)state;
	sign_key_id(p.sign, id);
	/* Revoked at 9; again, with the same keys, at 10; revoked at 20. */
	assert_int_equal(keyring_add(kr, 5, device(g, "thuiszorg-t",
		"adapter", 1, &p), g->a), ERR_OK);
	assert_int_equal(keyring_add(kr, 9, revocation(g, "thuiszorg-t",
		"adapter", "", 1, 0), g->a), ERR_OK);
	assert_null(keyring_device(kr, &t, "adapter"));
	assert_null(keyring_by_curve(kr, p.curve));
	assert_int_equal(keyring_add(kr, 10, device(g, "thuiszorg-t",
		"adapter", 2, &p), g->a), ERR_OK);
	assert_int_equal(keyring_add(kr, 20, revocation(g, "thuiszorg-t",
		"adapter", "", 2, 15), g->a), ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct keyring_device *d = keyring_by_sign(kr, id,
		    rows[i].index);

		assert_int_equal(d == NULL ? 0 : d->serial, rows[i].which);
	}
	assert_int_equal(keyring_device_nth(kr, 1)->suspect_from, 15);
	assert_int_equal(keyring_device_nth(kr, 0)->suspect_from,
	    KEYRING_NEVER);
	keyring_free(kr);
	rig_free(g);
}

static void
test_a_newer_certificate_ends_the_device_s_older_one(void **state)
{
	struct rig *g = rig_new(3);
	struct keyring *kr = fresh();
	struct pair p = keys(1), q = keys(2);
	struct org t = org_of("thuiszorg-t");
	uint8_t id[8];

	(void)state;
	assert_int_equal(keyring_add(kr, 1, device(g, "thuiszorg-t",
		"adapter", 1, &p), g->a), ERR_OK);
	assert_int_equal(keyring_add(kr, 2, device(g, "thuiszorg-t",
		"adapter", 2, &q), g->a), ERR_OK);
	assert_int_equal(keyring_device(kr, &t, "adapter")->serial, 2);
	assert_null(keyring_by_curve(kr, p.curve));
	assert_non_null(keyring_by_curve(kr, q.curve));
	sign_key_id(p.sign, id);
	assert_non_null(keyring_by_sign(kr, id, 2));
	assert_null(keyring_by_sign(kr, id, 3));
	keyring_free(kr);
	rig_free(g);
}

/* Refused, and with a sentence. */
static void
refused(struct rig *g, struct keyring *kr, uint64_t index, struct slice env)
{
	assert_int_equal(keyring_add(kr, index, env, g->a),
	    ERR_KEY_NOT_VALID);
}

static void
test_what_must_not_be_registered_is_refused(void **state)
{
	struct rig *g = rig_new(4);
	struct keyring *kr = fresh();
	struct pair p = keys(1), q = keys(2), bad;

	(void)state;
	assert_int_equal(keyring_add(kr, 1, device(g, "thuiszorg-t",
		"adapter", 3, &p), g->a), ERR_OK);
	assert_int_equal(keyring_add(kr, 2, sealing(g, "thuiszorg-t", 3, &p),
		g->a), ERR_OK);
	/* A serial that does not rise. */
	refused(g, kr, 3, device(g, "thuiszorg-t", "adapter", 3, &q));
	refused(g, kr, 3, device(g, "thuiszorg-t", "adapter", 2, &q));
	refused(g, kr, 3, sealing(g, "thuiszorg-t", 3, &q));
	/* Somebody else's keys. */
	bad = q;
	memcpy(bad.curve, p.curve, 32);
	refused(g, kr, 3, device(g, "welzijn-w", "adapter", 1, &bad));
	refused(g, kr, 3, device(g, "thuiszorg-t", "desk", 1, &bad));
	bad = q;
	memcpy(bad.sign, p.sign, 32);
	refused(g, kr, 3, device(g, "welzijn-w", "adapter", 1, &bad));
	refused(g, kr, 3, sealing(g, "welzijn-w", 1, &p));
	/* Keys that are none. */
	bad = q;
	memset(bad.curve, 0, 32);
	refused(g, kr, 3, device(g, "welzijn-w", "adapter", 1, &bad));
	bad = q;
	memset(bad.sign, 0, 32);
	refused(g, kr, 3, device(g, "welzijn-w", "adapter", 1, &bad));
	bad = q;
	bad.seal.x[0] ^= 1;
	refused(g, kr, 3, sealing(g, "welzijn-w", 1, &bad));
	/* Revoking what is not there. */
	refused(g, kr, 3, revocation(g, "thuiszorg-t", "desk", "", 1, 0));
	refused(g, kr, 3, revocation(g, "thuiszorg-t", "adapter", "", 2, 0));
	refused(g, kr, 3, revocation(g, "welzijn-w", "adapter", "", 3, 0));
	assert_int_equal(keyring_n_devices(kr), 1);
	assert_int_equal(keyring_n_seals(kr), 1);
	/* An older record than the newest, or no certificate. */
	assert_int_equal(keyring_add(kr, 2, device(g, "welzijn-w", "adapter",
		1, &q), g->a), ERR_MALFORMED);
	assert_int_equal(keyring_add(kr, 3, slice_str("no certificate"),
		g->a), ERR_MALFORMED);
	keyring_free(kr);
	rig_free(g);
}

static void
test_sealing_keys_follow_each_other(void **state)
{
	struct rig *g = rig_new(5);
	struct keyring *kr = fresh();
	struct pair p = keys(1), q = keys(2);
	struct org t = org_of("thuiszorg-t");
	char first[SEAL_KEY_ID], second[SEAL_KEY_ID];

	(void)state;
	seal_key_id(&p.seal, first);
	seal_key_id(&q.seal, second);
	assert_null(keyring_seal(kr, &t));
	assert_int_equal(keyring_add(kr, 1, sealing(g, "thuiszorg-t", 1, &p),
		g->a), ERR_OK);
	assert_int_equal(keyring_add(kr, 4, sealing(g, "thuiszorg-t", 2, &q),
		g->a), ERR_OK);
	assert_string_equal(keyring_seal(kr, &t)->key_id, second);
	assert_string_equal(keyring_seal_at(kr, &t, 4)->key_id, first);
	assert_string_equal(keyring_seal_at(kr, &t, 5)->key_id, second);
	assert_null(keyring_seal_at(kr, &t, 1));
	/* The older one still opens what was sealed for it. */
	assert_int_equal(keyring_seal_by_id(kr, first)->ended, KEYRING_NEVER);
	assert_int_equal(keyring_add(kr, 6, revocation(g, "thuiszorg-t", "",
		second, 2, 0), g->a), ERR_OK);
	assert_string_equal(keyring_seal(kr, &t)->key_id, first);
	assert_int_equal(keyring_seal_by_id(kr, second)->ended, 6);
	assert_null(keyring_seal_by_id(kr, "0123"));
	keyring_free(kr);
	rig_free(g);
}

static void
test_a_keyring_is_made_from_the_store(void **state)
{
	struct rig *g = rig_new(6);
	struct keyring *kr = fresh();
	struct org t = org_of("thuiszorg-t");
	struct pair p = keys(1), q = keys(2);
	struct made m;

	(void)state;
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_KEY);
	m.in.envelope = device(g, "thuiszorg-t", "adapter", 1, &p);
	assert_int_equal(rig_add(g, &m), ERR_OK);
	assert_int_equal(keyring_load(kr, g->t), ERR_OK);
	assert_int_equal(keyring_device(kr, &t, "adapter")->added, 1);
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_KEY);
	m.in.envelope = device(g, "thuiszorg-t", "desk", 1, &q);
	assert_int_equal(rig_add(g, &m), ERR_OK);
	/* Again: only what is new. */
	assert_int_equal(keyring_load(kr, g->t), ERR_OK);
	assert_int_equal(keyring_n_devices(kr), 2);
	keyring_free(kr);
	rig_free(g);
}

static void
test_a_thousand_devices_are_all_found(void **state)
{
	struct rig *g = rig_new(7);
	struct keyring *kr = fresh();
	uint8_t seed[32] = { 3 };

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct pair p;
		struct signer *s;
		char name[32];

		be32_put(seed + 1, i);
		s = sign_new(seed);
		assert_non_null(s);
		memcpy(p.sign, sign_public(s), 32);
		memset(p.curve, 9, 32);
		be32_put(p.curve, i);
		(void)snprintf(name, sizeof(name), "d%u", (unsigned)i);
		assert_int_equal(keyring_add(kr, i, device(g, "thuiszorg-t",
			name, 1, &p), g->a), ERR_OK);
		sign_free(s);
		arena_reset(g->a);
	}
	for (size_t i = 0; i < 1000; i++) {
		const struct keyring_device *d = keyring_device_nth(kr, i);

		assert_ptr_equal(keyring_by_curve(kr, d->curve_key), d);
		assert_ptr_equal(keyring_by_sign(kr, d->key_id,
			KEYRING_NEVER), d);
		assert_ptr_equal(keyring_device(kr, &d->partner, d->device),
		    d);
	}
	keyring_free(kr);
	rig_free(g);
}

static void
test_an_end_date_is_an_end_date(void **state)
{
	(void)state;
	assert_false(keyring_has_expired(0, INT64_MAX));
	assert_false(keyring_has_expired(10, 10));
	assert_true(keyring_has_expired(10, 11));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_device_is_found_by_name_and_by_both_keys),
		cmocka_unit_test(
		    test_a_certificate_counts_after_it_came_until_it_ended),
		cmocka_unit_test(
		    test_a_newer_certificate_ends_the_device_s_older_one),
		cmocka_unit_test(test_what_must_not_be_registered_is_refused),
		cmocka_unit_test(test_sealing_keys_follow_each_other),
		cmocka_unit_test(test_a_keyring_is_made_from_the_store),
		cmocka_unit_test(test_a_thousand_devices_are_all_found),
		cmocka_unit_test(test_an_end_date_is_an_end_date),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
