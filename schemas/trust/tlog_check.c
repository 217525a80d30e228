/*
 * tlog_check -- checking proofs: RFC 9162, 2.1.3.2 and 2.1.4.2, as written.
 *
 * fn and sn are the places of two nodes at one level, ours and the last one;
 * each hash of a proof lifts both.
 */
#include <string.h>

#include "trust/digest.h"
#include "trust/tlog.h"

/*
 * A node that has no right neighbour moves up without a hash: skip the levels
 * on which it does.
 */
static void
climb(uint64_t *fn, uint64_t *sn)
{
	while ((*fn & 1) == 0 && *fn != 0) {
		*fn >>= 1;
		*sn >>= 1;
	}
}

enum err
tlog_check_inclusion(uint64_t index, uint64_t size,
    const uint8_t leaf_hash[32], const uint8_t (*path)[32], size_t n,
    const uint8_t root[32])
{
	uint64_t fn = index, sn = size - 1;
	uint8_t r[32];

	if (index >= size || n > TLOG_PATH_MAX)
		return (ERR_DIGEST);

	memcpy(r, leaf_hash, 32);
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return (ERR_DIGEST);
		if ((fn & 1) != 0 || fn == sn) {
			digest_node(path[i], r, r);
			climb(&fn, &sn);
		} else {
			digest_node(r, path[i], r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return (sn == 0 && digest_eq(r, root) ? ERR_OK : ERR_DIGEST);
}

/* The sizes differ and neither is zero. */
static enum err
check_growth(uint64_t size1, uint64_t size2, const uint8_t root1[32],
    const uint8_t root2[32], const uint8_t (*proof)[32], size_t n)
{
	uint64_t fn = size1 - 1, sn = size2 - 1;
	const uint8_t *seed = root1;
	uint8_t fr[32], sr[32];
	size_t i = 0;

	/* A power of two is one subtree, whose hash the verifier has. */
	if ((size1 & (size1 - 1)) != 0)
		seed = proof[i++];
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}

	memcpy(fr, seed, 32);
	memcpy(sr, seed, 32);
	for (; i < n; i++) {
		if (sn == 0)
			return (ERR_DIGEST);
		if ((fn & 1) != 0 || fn == sn) {
			digest_node(proof[i], fr, fr);
			digest_node(proof[i], sr, sr);
			climb(&fn, &sn);
		} else {
			digest_node(sr, proof[i], sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return (sn == 0 && digest_eq(fr, root1) && digest_eq(sr, root2) ?
		    ERR_OK :
		    ERR_DIGEST);
}

enum err
tlog_check_consistency(uint64_t size1, uint64_t size2, const uint8_t root1[32],
    const uint8_t root2[32], const uint8_t (*proof)[32], size_t n)
{
	if (size1 == 0 || size1 > size2 || n > TLOG_PATH_MAX)
		return (ERR_DIGEST);
	if (size1 == size2)
		return (n == 0 && digest_eq(root1, root2) ? ERR_OK :
							    ERR_DIGEST);
	if (n == 0)
		return (ERR_DIGEST);
	return (check_growth(size1, size2, root1, root2, proof, n));
}
