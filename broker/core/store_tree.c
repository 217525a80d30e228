/*
 * store_tree -- the log and its hashes.
 */
#include <string.h>

#include "core/store_in.h"
#include "trust/digest.h"

enum err
store_add_leaf(struct txn *t, struct slice leaf, uint8_t hash[32])
{
	uint8_t key[8];
	uint8_t nodes[TLOG_NEW_MAX][32];
	struct slice k;
	size_t n;
	enum err err;

	be64_put(key, t->size);
	k = slice_of(key, sizeof(key));
	digest_leaf(leaf, hash);
	n = tlog_frontier_add(&t->tree, hash, nodes);
	err = store_put(t, TABLE_LOG, k, leaf);
	if (err == ERR_OK)
		err = store_put(t, TABLE_HASH, k, slice_of(nodes, n * 32));
	if (err == ERR_OK)
		t->size++;
	return (err);
}

enum err
store_leaf(struct txn *t, uint64_t index, struct slice *leaf)
{
	uint8_t key[8];

	be64_put(key, index);
	return (store_get(t, TABLE_LOG, slice_of(key, sizeof(key)), leaf));
}

/* Copy the hash at ${level} of those that leaf ${index} completes. */
static MUST_CHECK enum err
read_hash(struct txn *t, uint64_t index, unsigned int level, uint8_t out[32])
{
	uint8_t key[8];
	struct slice v;
	enum err err;

	be64_put(key, index);
	err = store_get(t, TABLE_HASH, slice_of(key, sizeof(key)), &v);
	if (err != ERR_OK)
		return (err);
	if (v.len < ((size_t)level + 1) * 32)
		return (ERR_CORRUPT);
	memcpy(out, v.p + (size_t)level * 32, 32);
	return (ERR_OK);
}

enum err
store_leaf_hash(struct txn *t, uint64_t index, uint8_t hash[32])
{
	return (read_hash(t, index, 0, hash));
}

/*
 * A row holds what its leaf completes: the leaf hash, then the node above it,
 * and so on.  Subtree n of a level is completed by its last leaf.
 */
static enum err
read_hashes(void *cookie, const uint64_t *idx, size_t n, uint8_t (*hash)[32])
{
	struct txn *t = cookie;
	unsigned int level;
	uint64_t tree;

	for (size_t i = 0; i < n; i++) {
		enum err err;

		tlog_split(idx[i], &level, &tree);
		err = read_hash(t, ((tree + 1) << level) - 1, level, hash[i]);
		if (err != ERR_OK)
			return (err);
	}
	return (ERR_OK);
}

struct tlog_reader
store_tree(struct txn *t)
{
	struct tlog_reader reader = { read_hashes, t };

	return (reader);
}
