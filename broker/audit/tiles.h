#ifndef TILES_H_
#define TILES_H_

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "core/checkpoint.h"
#include "core/store.h"
#include "trust/tlog.h"

/*
 * tiles -- a log as a folder of files that other people's tools read
 * (c2sp.org/tlog-tiles).
 *
 *	checkpoint			the signed note
 *	tile/<L>/<N>			256 hashes of level 8 * L
 *	tile/<L>/<N>.p/<W>		the last one: W hashes
 *	tile/entries/<N>[.p/<W>]	the leaves, each with its length (16 bits)
 *
 * <N> is written in groups of three digits, all but the last with an x before
 * it: x001/x234/067.  An entry is a leaf, which names no organisation and no
 * referral, so that the folder can be given to anybody.
 */
#define TILES_WIDTH 256
#define TILES_PATH 160 /* a path within the folder */

struct tiles;

/**
 * tiles_write(txn, point, dir, root):
 * Write the log that ${txn} reads, as far as the checkpoint ${point} goes, to
 * ${dir}; ${txn} is renewed when it is stale.  The root of what was written
 * goes to ${root}: whether it is the checkpoint's is for the caller to see.
 * ERR_NOT_FOUND if a leaf is missing, ERR_TOO_BIG if one does not fit an
 * entry, ERR_IO, ERR_STORE, ERR_NOMEM.
 */
MUST_CHECK enum err tiles_write(struct txn *txn,
    const struct checkpoint *point, const char *dir, uint8_t root[32]);

/**
 * tiles_open(dir, t):
 * Read the checkpoint of the folder ${dir}; the caller closes ${t} with
 * tiles_close().  ERR_NOT_FOUND, ERR_IO; ERR_MALFORMED if it is none.
 */
MUST_CHECK enum err tiles_open(const char *dir, struct tiles **t);

/**
 * tiles_close(t):
 * Free ${t}.  tiles_close(NULL) does nothing.
 */
void tiles_close(struct tiles *t);

/**
 * tiles_note(t), tiles_size(t):
 * Return the checkpoint, as long as ${t}; its size.  Nobody has looked at its
 * signature.
 */
struct slice tiles_note(const struct tiles *t);
uint64_t tiles_size(const struct tiles *t);

/**
 * tiles_width(t, level, n):
 * Return how many hashes tile ${n} of ${level} has: 0 if there is none.
 */
size_t tiles_width(const struct tiles *t, unsigned int level, uint64_t n);

/**
 * tiles_hashes(t, level, n, out):
 * Read the tiles_width() hashes of that tile.  ERR_NOT_FOUND if the file is
 * not there, ERR_MALFORMED if it has another length, ERR_IO.
 */
MUST_CHECK enum err tiles_hashes(struct tiles *t, unsigned int level,
    uint64_t n, uint8_t out[TILES_WIDTH][32]);

/**
 * tiles_entries(t, n, out):
 * Read the leaves of entries tile ${n}, as many as tile ${n} of level 0 has
 * hashes, into ${out}, which points into ${t} until the next call.  Errors as
 * above.
 */
MUST_CHECK enum err tiles_entries(struct tiles *t, uint64_t n,
    struct slice out[TILES_WIDTH]);

/**
 * tiles_tree(t):
 * Return a reader of the stored hashes, made from the tiles.
 */
struct tlog_reader tiles_tree(struct tiles *t);

#endif /* !TILES_H_ */
