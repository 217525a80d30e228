/*
 * The policy document from hand to hand: the same bytes, a signature, and the
 * next one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "demo_policy.h"
#include "policy/flaws.h"
#include "wire/envelope.h"

/* Tuesday 14 April 2026, 10:00 in Amsterdam. */
#define NOW INT64_C(1776153600000)
#define YEAR (INT64_C(365) * 86400000)

static struct policy *p;

static int
setup(void **state)
{
	(void)state;
	p = demo_policy(NULL, NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	policy_free(p);
	return (0);
}

static void
test_the_same_source_gives_the_same_bytes(void **state)
{
	struct policy *again = demo_policy(NULL, NULL);

	(void)state;
	assert_true(slice_eq(policy_body(p), policy_body(again)));
	assert_memory_equal(policy_hash(p), policy_hash(again), 32);
	policy_free(again);
}

/* Sign the demo as an introducer with this seed. */
static struct slice
sign_with(struct arena *a, uint8_t seed_byte, enum envelope_kind kind,
    uint8_t pub[32])
{
	uint8_t seed[SIGN_SEED];
	struct signer *s;
	struct slice out;

	memset(seed, seed_byte, sizeof(seed));
	s = sign_new(seed);
	assert_non_null(s);
	memcpy(pub, sign_public(s), 32);
	assert_int_equal(envelope_make(a, kind, policy_body(p), s, &out),
	    ERR_OK);
	sign_free(s);
	return (out);
}

static void
test_only_the_pinned_introducer_can_sign_it(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct policy *got = NULL;
	uint8_t right[32], wrong[32];
	struct slice env;

	(void)state;
	assert_non_null(a);
	env = sign_with(a, 1, ENVELOPE_POLICY, right);
	assert_int_equal(policy_open(env, right, &got), ERR_OK);
	assert_int_equal(policy_index(got), 1);
	assert_string_equal(policy_origin(got), "keten.voorbeeld.nl/demo");
	policy_free(got);
	got = NULL;
	(void)sign_with(a, 2, ENVELOPE_POLICY, wrong);
	assert_int_equal(policy_open(env, wrong, &got), ERR_BAD_SIGNATURE);
	assert_null(got);
	env = sign_with(a, 1, ENVELOPE_KEY, right);
	assert_int_equal(policy_open(env, right, &got), ERR_MALFORMED);
	assert_int_equal(policy_open(slice_str("?"), right, &got),
	    ERR_MALFORMED);
	arena_free(a);
}

static void
test_no_flipped_bit_crashes_the_reader(void **state)
{
	struct slice body = policy_body(p);
	uint8_t *bytes = malloc(body.len);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < body.len; i += 3) {
		struct policy *got = NULL;

		memcpy(bytes, body.p, body.len);
		bytes[i] ^= (uint8_t)(1u << (i % 8));
		if (policy_new(slice_of(bytes, body.len), &got) == ERR_OK)
			policy_free(got);
		if (policy_new(slice_of(bytes, i), &got) == ERR_OK)
			policy_free(got);
	}
	free(bytes);
}

static void
test_the_next_policy_goes_forward(void **state)
{
	struct policy *two = demo_policy("index: 1", "index: 2");
	struct policy *other = demo_policy("index: 1\norigin: keten.",
	    "index: 3\norigin: anders.");
	struct policy *early = demo_policy("index: 1", "index: 4");
	const char *why = "";

	(void)state;
	assert_int_equal(policy_check_next(p, two, &why), ERR_OK);
	assert_int_equal(policy_check_next(two, p, &why), ERR_CONFIG);
	assert_non_null(strstr(why, "index"));
	assert_int_equal(policy_check_next(p, p, &why), ERR_CONFIG);
	assert_int_equal(policy_check_next(p, other, &why), ERR_CONFIG);
	assert_non_null(strstr(why, "origin"));
	assert_int_equal(policy_check_next(two, early, &why), ERR_OK);
	policy_free(two);
	policy_free(other);
	policy_free(early);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_source_gives_the_same_bytes),
		cmocka_unit_test(test_only_the_pinned_introducer_can_sign_it),
		cmocka_unit_test(test_no_flipped_bit_crashes_the_reader),
		cmocka_unit_test(test_the_next_policy_goes_forward),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
