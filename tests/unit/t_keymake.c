/*
 * Certificates and their ends, as they are signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keten/v1/keys.pb-c.h"
#include "trust/seal.h"
#include "wire/envelope.h"
#include "wire/keymake.h"
#include "wire/pb.h"

struct bench {
	struct arena *a;
	struct signer *by;
	struct keymake m;
};

static void
begin(struct bench *b)
{
	static const uint8_t seed[32] = { 3 };

	b->a = arena_new(1 << 20);
	b->by = sign_new(seed);
	assert_non_null(b->a);
	assert_non_null(b->by);
	b->m = (struct keymake){ .a = b->a, .by = b->by,
		.origin = "keten.example/een", .partner = "welzijn-w",
		.made_ms = 1000 };
}

static void
end(struct bench *b)
{
	sign_free(b->by);
	arena_free(b->a);
}

/* What was signed, if the signature is that of the one who made it. */
static const Keten__V1__KeyStatement *
read(struct bench *b, struct slice envelope)
{
	Keten__V1__KeyStatement *k;
	struct envelope env;

	assert_int_equal(envelope_parse(b->a, envelope, &env, NULL), ERR_OK);
	assert_int_equal(env.kind, ENVELOPE_KEY);
	assert_int_equal(envelope_check(&env, sign_public(b->by)), ERR_OK);
	assert_int_equal(pb_unpack(b->a, &keten__v1__key_statement__descriptor,
	    env.body, &prescan_statement, &k), ERR_OK);
	assert_string_equal(k->origin, "keten.example/een");
	assert_string_equal(k->partner, "welzijn-w");
	assert_int_equal(k->made_ms, 1000);
	return (k);
}

static void
test_a_device_is_certified_as_it_was_given(void **state)
{
	static const uint8_t curve[32] = { 1 }, sign[32] = { 2 };
	Keten__V1__DeviceCertificate c = KETEN__V1__DEVICE_CERTIFICATE__INIT;
	const Keten__V1__KeyStatement *k;
	struct slice envelope;
	struct bench b;

	(void)state;
	begin(&b);
	c.device = pb_string("laptop");
	c.serial = 7;
	c.curve_key = pb_of(curve, 32);
	c.sign_key = pb_of(sign, 32);
	c.role = KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY;
	c.not_after_ms = 2000;
	assert_int_equal(keymake_device(&b.m, &c, &envelope), ERR_OK);
	k = read(&b, envelope);
	assert_int_equal(k->body_case, KETEN__V1__KEY_STATEMENT__BODY_DEVICE);
	assert_string_equal(k->device->device, "laptop");
	assert_int_equal(k->device->serial, 7);
	assert_int_equal(k->device->role, KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY);
	assert_int_equal(k->device->not_after_ms, 2000);
	assert_memory_equal(k->device->sign_key.data, sign, 32);
	end(&b);
}

static void
test_a_sealing_key_is_certified_as_it_was_given(void **state)
{
	const Keten__V1__KeyStatement *k;
	struct slice envelope;
	struct seal_key key;
	struct bench b;

	(void)state;
	begin(&b);
	assert_int_equal(seal_key_new(&key), ERR_OK);
	assert_int_equal(keymake_sealing(&b.m, &key.pub, 3, 0, &envelope),
	    ERR_OK);
	k = read(&b, envelope);
	assert_int_equal(k->body_case, KETEN__V1__KEY_STATEMENT__BODY_SEALING);
	assert_int_equal(k->sealing->serial, 3);
	assert_memory_equal(k->sealing->key_x.data, key.pub.x, 32);
	assert_memory_equal(k->sealing->key_y.data, key.pub.y, 32);
	seal_key_wipe(&key);
	end(&b);
}

static void
test_an_end_names_one_thing_and_a_known_reason(void **state)
{
	static const struct keymake_end bad[] = {
		{ .serial = 1, .reason = "lost" },
		{ .device = "laptop", .seal_id = "0123456789abcdef",
		    .serial = 1, .reason = "lost" },
		{ .device = "laptop", .serial = 1, .reason = "kwijt" },
	};
	struct keymake_end good = { .device = "laptop", .serial = 4,
		.reason = "stolen", .suspect_from = 99 };
	const Keten__V1__KeyStatement *k;
	struct slice envelope;
	struct bench b;

	(void)state;
	begin(&b);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(keymake_revoke(&b.m, &bad[i], &envelope),
		    ERR_MALFORMED);
	assert_int_equal(keymake_revoke(&b.m, &good, &envelope), ERR_OK);
	k = read(&b, envelope);
	assert_int_equal(k->body_case, KETEN__V1__KEY_STATEMENT__BODY_REVOKE);
	assert_string_equal(k->revoke->device, "laptop");
	assert_string_equal(k->revoke->reason, "stolen");
	assert_int_equal(k->revoke->suspect_from, 99);
	end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_device_is_certified_as_it_was_given),
		cmocka_unit_test(
		    test_a_sealing_key_is_certified_as_it_was_given),
		cmocka_unit_test(
		    test_an_end_names_one_thing_and_a_known_reason),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
