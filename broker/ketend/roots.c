/*
 * roots -- batch roots whose signature was good lately.
 */
#include <stdlib.h>
#include <string.h>

#include "ketend/roots.h"

/* Each device has one batch under way, rarely two. */
#define ROOTS 1024

struct root {
	uint64_t n; /* 0: empty */
	uint8_t root[32];
	uint8_t signature[SIGN_SIG];
	uint8_t key[SIGN_PUB];
};

struct roots {
	struct root at[ROOTS];
};

static struct root
root_of(const struct envelope *env, const uint8_t key[SIGN_PUB])
{
	struct root r = { .n = env->n };

	memcpy(r.root, env->root, sizeof(r.root));
	memcpy(r.signature, env->signature, sizeof(r.signature));
	memcpy(r.key, key, sizeof(r.key));
	return (r);
}

/* A root is a hash: its first bytes are as good as any. */
static size_t
place_of(const struct envelope *env)
{
	return (((size_t)env->root[0] << 8 | env->root[1]) % ROOTS);
}

/**
 * roots_new():
 * Return an empty table, or NULL.
 */
struct roots *
roots_new(void)
{
	return (calloc(1, sizeof(struct roots)));
}

/**
 * roots_has(r, env, public_key):
 * Tell whether this signature is known to be good.
 */
bool
roots_has(const struct roots *r, const struct envelope *env,
    const uint8_t public_key[SIGN_PUB])
{
	const struct root want = root_of(env, public_key);

	return (memcmp(&r->at[place_of(env)], &want, sizeof(want)) == 0);
}

/**
 * roots_add(r, env, public_key):
 * This signature is good.
 */
void
roots_add(struct roots *r, const struct envelope *env,
    const uint8_t public_key[SIGN_PUB])
{
	r->at[place_of(env)] = root_of(env, public_key);
}

/**
 * roots_free(r):
 * Free ${r}.
 */
void
roots_free(struct roots *r)
{
	free(r);
}

_Static_assert(sizeof(struct root) == 8 + 32 + SIGN_SIG + SIGN_PUB,
    "it is compared whole, so it must have no holes");
