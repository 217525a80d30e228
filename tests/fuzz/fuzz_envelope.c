/*
 * fuzz_envelope -- an envelope, its signature, and the statement inside.  The
 * key is one nobody has signed with: nothing found here may pass it, unless
 * the fuzzer has broken Ed25519.
 */
#include <assert.h>

#include "standalone.h"
#include "wire/envelope.h"
#include "wire/frame.h"
#include "wire/statement.h"

/* The base point of the curve: a sound key whose secret is 1's. */
static const uint8_t key[SIGN_PUB] = { 0x58, 0x66, 0x66, 0x66, 0x66, 0x66,
	0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	0x66, 0x66, 0x66, 0x66 };

static void
read_body(struct arena *a, const struct envelope *env)
{
	Keten__V1__KeyStatement *cert;
	Keten__V1__Statement *st;
	Keten__V1__Ack *ack;
	const char *rule = NULL;
	enum err err;

	if (env->kind == ENVELOPE_ACK)
		err = statement_parse_ack(a, env->body, &ack, &rule);
	else if (env->kind == ENVELOPE_KEY)
		err = statement_parse_key(a, env->body, &cert, &rule);
	else
		err = statement_parse(a, env->kind, env->body, &st, &rule);
	assert((err == ERR_OK) == (rule == NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	struct envelope env;
	const char *rule = NULL;
	enum err err;

	if (a == NULL && (a = arena_new((size_t)4 << 20)) == NULL)
		abort();
	err = envelope_parse(a, slice_of(data, size), &env, &rule);
	assert((err == ERR_OK) == (rule == NULL));
	if (err == ERR_OK) {
		assert(envelope_check(&env, key) != ERR_OK);
		err = envelope_check_path(&env);
		assert(err == ERR_OK || err == ERR_BAD_SIGNATURE);
		read_body(a, &env);
	}
	arena_reset(a);
	return (0);
}
