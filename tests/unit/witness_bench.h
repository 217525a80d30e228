#ifndef WITNESS_BENCH_H_
#define WITNESS_BENCH_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "demo_policy.h"
#include "sdk_story.h"
#include "keten/v1/keys.pb-c.h"
#include "life/apply.h"
#include "sdk/casebook.h"
#include "sdk/certs.h"
#include "sdk/spool.h"
#include "sdk/witness.h"
#include "trust/digest.h"
#include "trust/seal.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

/*
 * witness_bench -- a device with a spool, and the keys of those around it, for
 * the tests of what a device believes and keeps.
 */
struct bench {
	struct arena *a;
	struct policy *policy;
	struct certs *certs;
	struct signer *introducer;
	struct signer *identity; /* of B */
	struct signer *device;
	struct seal_key seal;
	char dir[64];
	struct spool *spool;
};

static inline int
set_up(void **state)
{
	static const uint8_t key[32] = { 1 };
	struct bench *b = calloc(1, sizeof(*b));

	b->a = arena_new(8 << 20);
	b->policy = demo_policy(NULL, NULL);
	assert_non_null(b->policy);
	b->certs = certs_new(ORIGIN);
	b->introducer = signer_of("introducer");
	b->identity = signer_of(B);
	b->device = signer_of("device");
	assert_int_equal(seal_key_new(&b->seal), ERR_OK);
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/keten-witness-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	assert_int_equal(spool_open(b->dir, 16 << 20, key, &b->spool),
	    ERR_OK);
	*state = b;
	return (0);
}

static inline int
tear_down(void **state)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	struct bench *b = *state;
	char path[128];

	spool_close(b->spool);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", b->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(b->dir);
	sign_free(b->introducer);
	sign_free(b->identity);
	sign_free(b->device);
	certs_free(b->certs);
	policy_free(b->policy);
	arena_free(b->a);
	free(b);
	return (0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif /* !WITNESS_BENCH_H_ */
