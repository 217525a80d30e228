/*
 * tlog -- the Merkle tree of RFC 6962: numbering and making proofs.
 *
 * Checking them, which needs no store, is in tlog_check.c.
 */
#include <stdbool.h>
#include <string.h>

#include "trust/digest.h"
#include "trust/tlog.h"

/* Leaf ${n} is preceded by n leaf hashes and the nodes those completed. */
uint64_t
tlog_count(uint64_t size)
{
	return (2 * size - (uint64_t)__builtin_popcountll(size));
}

/* A subtree is stored right after the leaf that completes it. */
uint64_t
tlog_index(unsigned int level, uint64_t n)
{
	return (tlog_count(((n + 1) << level) - 1) + level);
}

void
tlog_split(uint64_t index, unsigned int *level, uint64_t *n)
{
	uint64_t leaf = index / 2; /* a little too low, at most */

	while (tlog_count(leaf + 1) <= index)
		leaf++;
	*level = (unsigned int)(index - tlog_count(leaf));
	*n = leaf >> *level;
}

/* The largest power of two below ${n}, which is at least 2. */
static uint64_t
split_point(uint64_t n)
{
	return (UINT64_C(1) << (63 - __builtin_clzll(n - 1)));
}

/*
 * List the complete subtrees that make up the leaves from ${lo}, a multiple of
 * the largest power of two in it, to ${hi}.  From left to right they get
 * smaller; return how many there are.
 */
static size_t
subtrees(uint64_t lo, uint64_t hi, uint64_t idx[TLOG_PATH_MAX])
{
	size_t n = 0;

	while (lo < hi) {
		unsigned int level =
		    63 - (unsigned int)__builtin_clzll(hi - lo);

		idx[n++] = tlog_index(level, lo >> level);
		lo += UINT64_C(1) << level;
	}
	return (n);
}

/* The hash over the leaves from ${lo} to ${hi}, at least one (see above). */
static enum err
range_hash(uint64_t lo, uint64_t hi, const struct tlog_reader *reader,
    uint8_t out[32])
{
	uint64_t idx[TLOG_PATH_MAX] = { 0 };
	uint8_t hash[TLOG_PATH_MAX][32];
	size_t n = subtrees(lo, hi, idx);
	enum err err = reader->read(reader->cookie, idx, n, hash);

	if (err != ERR_OK)
		return (err);
	for (size_t i = n - 1; i > 0; i--)
		digest_node(hash[i - 1], hash[i], hash[i - 1]);
	memcpy(out, hash[0], 32);
	return (ERR_OK);
}

enum err
tlog_add(uint64_t size, const uint8_t leaf_hash[32],
    const struct tlog_reader *reader, uint8_t out[TLOG_NEW_MAX][32], size_t *n)
{
	uint64_t idx[TLOG_NEW_MAX] = { 0 };
	uint8_t left[TLOG_NEW_MAX][32];
	size_t levels = 0;

	if (size >= TLOG_SIZE_MAX)
		return (ERR_FULL);
	while ((size >> levels) & 1)
		levels++;

	/* Higher subtrees came earlier, so their numbers are lower. */
	for (size_t i = 0; i < levels; i++) {
		unsigned int level = (unsigned int)(levels - 1 - i);

		idx[i] = tlog_index(level, (size >> level) - 1);
	}
	if (levels > 0) {
		enum err err =
		    reader->read(reader->cookie, idx, levels, left);

		if (err != ERR_OK)
			return (err);
	}

	memcpy(out[0], leaf_hash, 32);
	for (size_t i = 0; i < levels; i++)
		digest_node(left[levels - 1 - i], out[i], out[i + 1]);
	*n = levels + 1;
	return (ERR_OK);
}

enum err
tlog_root(uint64_t size, const struct tlog_reader *reader, uint8_t root[32])
{
	if (size > TLOG_SIZE_MAX)
		return (ERR_NOT_FOUND);
	if (size == 0) {
		digest_of(NULL, 0, root);
		return (ERR_OK);
	}
	return (range_hash(0, size, reader, root));
}

/* Proofs are found from the root down and written from the leaf up. */
static void
turn_round(uint8_t (*hash)[32], size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t t[32];

		memcpy(t, hash[i], 32);
		memcpy(hash[i], hash[n - 1 - i], 32);
		memcpy(hash[n - 1 - i], t, 32);
	}
}

enum err
tlog_inclusion(uint64_t index, uint64_t size, const struct tlog_reader *reader,
    uint8_t path[TLOG_PATH_MAX][32], size_t *n)
{
	uint64_t lo = 0, hi = size;
	size_t k = 0;

	if (index >= size || size > TLOG_SIZE_MAX)
		return (ERR_NOT_FOUND);
	while (hi - lo > 1) {
		uint64_t mid = lo + split_point(hi - lo);
		bool left = index < mid;
		enum err err = left ?
		    range_hash(mid, hi, reader, path[k]) :
		    range_hash(lo, mid, reader, path[k]);

		if (err != ERR_OK)
			return (err);
		k++;
		if (left)
			hi = mid;
		else
			lo = mid;
	}
	turn_round(path, k);
	*n = k;
	return (ERR_OK);
}

enum err
tlog_consistency(uint64_t size1, uint64_t size2,
    const struct tlog_reader *reader, uint8_t proof[TLOG_PATH_MAX][32],
    size_t *n)
{
	uint64_t lo = 0, hi = size2;
	size_t k = 0;
	enum err err = ERR_OK;

	if (size1 == 0 || size1 > size2 || size2 > TLOG_SIZE_MAX)
		return (ERR_NOT_FOUND);

	/* SUBPROOF of RFC 9162 2.1.4.1: go down to where size1 ends. */
	while (err == ERR_OK && size1 != hi) {
		uint64_t mid = lo + split_point(hi - lo);

		if (size1 <= mid) {
			err = range_hash(mid, hi, reader, proof[k++]);
			hi = mid;
		} else {
			err = range_hash(lo, mid, reader, proof[k++]);
			lo = mid;
		}
	}
	/* The verifier has this hash already if it is the whole old tree. */
	if (err == ERR_OK && lo > 0)
		err = range_hash(lo, hi, reader, proof[k++]);
	if (err != ERR_OK)
		return (err);
	turn_round(proof, k);
	*n = k;
	return (ERR_OK);
}

void
tlog_frontier_init(struct tlog_frontier *f)
{
	memset(f, 0, sizeof(*f));
}

enum err
tlog_frontier_load(struct tlog_frontier *f, uint64_t size,
    const struct tlog_reader *reader)
{
	uint64_t idx[TLOG_PATH_MAX] = { 0 };
	uint8_t hash[TLOG_PATH_MAX][32];
	size_t n, k = 0;

	if (size > TLOG_SIZE_MAX)
		return (ERR_NOT_FOUND);
	n = subtrees(0, size, idx);
	if (n > 0) {
		enum err err = reader->read(reader->cookie, idx, n, hash);

		if (err != ERR_OK)
			return (err);
	}
	tlog_frontier_init(f);
	f->size = size;
	for (unsigned int level = 64; level-- > 0;)
		if ((size >> level) & 1)
			memcpy(f->hash[level], hash[k++], 32);
	return (ERR_OK);
}

size_t
tlog_frontier_add(struct tlog_frontier *f, const uint8_t leaf_hash[32],
    uint8_t out[TLOG_NEW_MAX][32])
{
	uint8_t carry[32];
	size_t level = 0;

	memcpy(carry, leaf_hash, 32);
	if (out != NULL)
		memcpy(out[0], carry, 32);
	while ((f->size >> level) & 1) {
		digest_node(f->hash[level], carry, carry);
		level++;
		if (out != NULL)
			memcpy(out[level], carry, 32);
	}
	memcpy(f->hash[level], carry, 32);
	f->size++;
	return (level + 1);
}

void
tlog_frontier_root(const struct tlog_frontier *f, uint8_t root[32])
{
	bool begun = false;

	if (f->size == 0)
		digest_of(NULL, 0, root);
	for (unsigned int level = 0; level < 64; level++) {
		if (((f->size >> level) & 1) == 0)
			continue;
		if (begun)
			digest_node(f->hash[level], root, root);
		else
			memcpy(root, f->hash[level], 32);
		begun = true;
	}
}
