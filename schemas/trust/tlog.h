#ifndef TLOG_H_
#define TLOG_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * tlog -- the Merkle tree of RFC 6962: numbering, roots, proofs.
 *
 * The hashes of complete subtrees are stored in one row, numbered as Go's
 * golang.org/x/mod/sumdb/tlog does (StoredHashIndex): each leaf hash is
 * followed by the nodes it completes.  On average that is two hashes per leaf,
 * and nothing stored is ever changed.  Where the hashes are kept is the
 * caller's business; this module asks for them through a reader.
 *
 * It hashes nodes, never leaves: a leaf hash comes from digest_leaf().
 * Sizes are below TLOG_SIZE_MAX, so that no number below can overflow; the
 * checks take any number and refuse what is larger.
 */
#define TLOG_SIZE_MAX (UINT64_C(1) << 62)
#define TLOG_PATH_MAX 64 /* hashes in any proof */
#define TLOG_NEW_MAX 64  /* hashes to store for one leaf */

/*
 * Where stored hashes come from: write the hashes with the ${n} numbers
 * ${idx} to ${hash}.  Numbers are given in rising order within one call.
 */
struct tlog_reader {
	enum err (*read)(void *cookie, const uint64_t *idx, size_t n,
	    uint8_t (*hash)[32]);
	void *cookie;
};

/**
 * tlog_index(level, n):
 * Return the number of the stored hash of subtree ${n} at ${level} (level 0:
 * leaf hashes).
 */
uint64_t tlog_index(unsigned int level, uint64_t n);

/**
 * tlog_split(index, level, n):
 * The reverse: which subtree has the number ${index}.
 */
void tlog_split(uint64_t index, unsigned int *level, uint64_t *n);

/**
 * tlog_count(size):
 * Return how many hashes are stored for a tree of ${size} leaves, which is
 * also the number of the first hash of leaf ${size}.
 */
uint64_t tlog_count(uint64_t size);

/**
 * tlog_add(size, leaf_hash, reader, out, n):
 * A leaf joins the tree of ${size} leaves: write the ${n} hashes to store,
 * numbered from tlog_count(size), to ${out}.  Errors are the reader's.  A
 * frontier (below) does the same without reading.
 */
MUST_CHECK enum err tlog_add(uint64_t size, const uint8_t leaf_hash[32],
    const struct tlog_reader *reader, uint8_t out[TLOG_NEW_MAX][32],
    size_t *n);

/**
 * tlog_root(size, reader, root):
 * Write the root of the first ${size} leaves to ${root}; of none, it is
 * SHA-256 of nothing.
 */
MUST_CHECK enum err tlog_root(uint64_t size, const struct tlog_reader *reader,
    uint8_t root[32]);

/**
 * tlog_inclusion(index, size, reader, path, n):
 * Make the proof that leaf ${index} is in the tree of ${size} leaves: ${n}
 * hashes in ${path}.  ERR_NOT_FOUND if it is not.
 */
MUST_CHECK enum err tlog_inclusion(uint64_t index, uint64_t size,
    const struct tlog_reader *reader, uint8_t path[TLOG_PATH_MAX][32],
    size_t *n);

/**
 * tlog_consistency(size1, size2, reader, proof, n):
 * Make the proof that the tree of ${size1} leaves (at least one) is the
 * beginning of that of ${size2}.  Empty if they are the same.  ERR_NOT_FOUND
 * if there can be none.
 */
MUST_CHECK enum err tlog_consistency(uint64_t size1, uint64_t size2,
    const struct tlog_reader *reader, uint8_t proof[TLOG_PATH_MAX][32],
    size_t *n);

/**
 * tlog_check_inclusion(index, size, leaf_hash, path, n, root):
 * Return ERR_OK if the ${n} hashes ${path} prove that leaf ${index} of the
 * tree with ${size} leaves and the root ${root} has the hash ${leaf_hash}
 * (RFC 9162, 2.1.3.2); else ERR_DIGEST.
 */
MUST_CHECK enum err tlog_check_inclusion(uint64_t index, uint64_t size,
    const uint8_t leaf_hash[32], const uint8_t (*path)[32], size_t n,
    const uint8_t root[32]);

/**
 * tlog_check_consistency(size1, size2, root1, root2, proof, n):
 * Return ERR_OK if the ${n} hashes ${proof} prove that the tree of ${size1}
 * leaves is the beginning of that of ${size2} (RFC 9162, 2.1.4.2); else
 * ERR_DIGEST.  A ${size1} of 0 is refused: it proves nothing, and who has seen
 * no checkpoint yet has nothing to compare.
 */
MUST_CHECK enum err tlog_check_consistency(uint64_t size1, uint64_t size2,
    const uint8_t root1[32], const uint8_t root2[32],
    const uint8_t (*proof)[32], size_t n);

/*
 * The roots of the complete subtrees at the right edge, all that is needed to
 * go on adding leaves: bit i of ${size} set means hash[i] is one of them.
 */
struct tlog_frontier {
	uint64_t size;
	uint8_t hash[64][32];
};

/**
 * tlog_frontier_init(f):
 * Make ${f} the empty tree.
 */
void tlog_frontier_init(struct tlog_frontier *f);

/**
 * tlog_frontier_load(f, size, reader):
 * Make ${f} the tree of ${size} leaves that is stored.  Errors are the
 * reader's.
 */
MUST_CHECK enum err tlog_frontier_load(struct tlog_frontier *f, uint64_t size,
    const struct tlog_reader *reader);

/**
 * tlog_frontier_add(f, leaf_hash, out):
 * Add a leaf.  If ${out} is not NULL, write the hashes to store there, as
 * tlog_add() does.  Return how many there are.
 */
size_t tlog_frontier_add(struct tlog_frontier *f, const uint8_t leaf_hash[32],
    uint8_t out[TLOG_NEW_MAX][32]);

/**
 * tlog_frontier_root(f, root):
 * Write the root of ${f} to ${root}.
 */
void tlog_frontier_root(const struct tlog_frontier *f, uint8_t root[32]);

#endif /* !TLOG_H_ */
