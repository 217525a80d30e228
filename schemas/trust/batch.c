/*
 * batch -- one signature for many statements.
 */
#include <stdlib.h>
#include <string.h>

#include "trust/batch.h"
#include "trust/digest.h"

#define BODY_LEN 40 /* root and number */

struct batch {
	uint64_t n;
	uint8_t root[32];
	uint8_t (*hash)[32]; /* tlog_count(n) of them */
};

/* A tlog_reader over the hashes in memory. */
static enum err
look(void *cookie, const uint64_t *idx, size_t n, uint8_t (*hash)[32])
{
	const struct batch *b = cookie;

	for (size_t i = 0; i < n; i++)
		memcpy(hash[i], b->hash[idx[i]], 32);
	return (ERR_OK);
}

/* Put the tree over ${pae} into ${b}. */
static void
grow(struct batch *b, const uint8_t (*pae)[32])
{
	struct tlog_frontier f;
	uint8_t fresh[TLOG_NEW_MAX][32];
	size_t at = 0;

	tlog_frontier_init(&f);
	for (uint64_t i = 0; i < b->n; i++) {
		uint8_t leaf[32];
		size_t k;

		digest_leaf(slice_of(pae[i], 32), leaf);
		k = tlog_frontier_add(&f, leaf, fresh);
		memcpy(b->hash[at], fresh, k * 32);
		at += k;
	}
	tlog_frontier_root(&f, b->root);
}

struct batch *
batch_new(const uint8_t (*pae)[32], size_t n)
{
	struct batch *b;

	if (n == 0 || n > BATCH_MAX || (b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->n = n;
	b->hash = calloc((size_t)tlog_count(n), 32);
	if (b->hash == NULL) {
		free(b);
		return (NULL);
	}
	grow(b, pae);
	return (b);
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->hash);
	free(b);
}

const uint8_t *
batch_root(const struct batch *b)
{
	return (b->root);
}

enum err
batch_path(const struct batch *b, size_t index,
    uint8_t path[BATCH_PATH_MAX][32], size_t *n_path)
{
	struct batch copy = *b;
	const struct tlog_reader reader = { look, &copy };
	uint8_t full[TLOG_PATH_MAX][32];
	size_t n;
	enum err err = tlog_inclusion(index, b->n, &reader, full, &n);

	if (err != ERR_OK)
		return (err);
	memcpy(path, full, n * 32);
	*n_path = n;
	return (ERR_OK);
}

/* What is signed for ${n} statements under ${root}. */
static void
body_of(const uint8_t root[32], uint64_t n, uint8_t body[BODY_LEN])
{
	memcpy(body, root, 32);
	be64_put(body + 32, n);
}

enum err
batch_sign(const struct signer *s, const uint8_t root[32], uint64_t n,
    uint8_t sig[SIGN_SIG])
{
	uint8_t body[BODY_LEN];

	body_of(root, n, body);
	return (sign_make(s, slice_str(BATCH_TYPE),
	    slice_of(body, sizeof(body)), sig));
}

enum err
batch_check(const uint8_t root[32], uint64_t n, struct slice sig,
    struct slice pub)
{
	uint8_t body[BODY_LEN];

	if (n == 0 || n > BATCH_MAX)
		return (ERR_BAD_SIGNATURE);
	body_of(root, n, body);
	return (sign_check(slice_str(BATCH_TYPE),
	    slice_of(body, sizeof(body)), sig, pub));
}

enum err
batch_check_path(const uint8_t root[32], uint64_t n, uint64_t index,
    const uint8_t (*path)[32], size_t n_path, struct slice type,
    struct slice body)
{
	uint8_t hash[32];

	if (n == 0 || n > BATCH_MAX || n_path > BATCH_PATH_MAX)
		return (ERR_BAD_SIGNATURE);
	sign_pae_hash(type, body, hash);
	digest_leaf(slice_of(hash, 32), hash);
	if (tlog_check_inclusion(index, n, hash, path, n_path, root) != ERR_OK)
		return (ERR_BAD_SIGNATURE);
	return (ERR_OK);
}
