#ifndef CONTENT_H_
#define CONTENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/content.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "trust/seal.h"
#include "wire/arena.h"

/*
 * content -- the content frame: sealed parts and their wraps.
 *
 * A sealed part is hashed as it travels: the bytes of keten.v1.Sealed, made
 * once by the sender and never made again by anybody.  The signed statement
 * names that hash, so a frame belongs to a statement if and only if every
 * piece has the digest that stands there, in that order.
 *
 * A piece without sealed bytes carries wraps only (REWRAP); it needs no kind.
 */

/* Pieces of one frame; a command has at most STATEMENT_PARTS_MAX. */
#define CONTENT_PIECES_MAX 32

struct content_piece {
	uint64_t index;			/* record that brought it; 0: new */
	uint32_t part;			/* its position there */
	Keten__V1__PartKind kind;
	struct slice bytes;		/* Sealed as it travels; len 0: none */
	uint8_t sha256[32];		/* of these bytes */
	struct sealed sealed;		/* the same, read; borrows */
	size_t n_wraps;
	const struct seal_wrap *wraps;
};

struct content {
	size_t n;
	struct content_piece *pieces;
};

/**
 * content_pack_sealed(a, sealed, bytes, sha256):
 * Serialise ${sealed} into ${a}, point ${bytes} at the result and write its
 * SHA-256 to ${sha256}.  Return ERR_NOMEM.
 */
enum err content_pack_sealed(struct arena *a, const struct sealed *sealed,
    struct slice *bytes, uint8_t sha256[32]) MUST_CHECK;

/**
 * content_parse_sealed(a, bytes, sealed, rule):
 * Read the bytes of one sealed part and check its shape (seal_shape()).
 * ${sealed} is valid as long as the arena's memory.  Return ERR_MALFORMED,
 * ERR_TOO_BIG or ERR_NOMEM, and on failure point ${rule} (may be NULL) at
 * constant Dutch text.
 */
enum err content_parse_sealed(struct arena *a, struct slice bytes,
    struct sealed *sealed, const char **rule) MUST_CHECK;

/**
 * content_pack(a, pieces, n, out):
 * Serialise a frame of ${n} pieces, of which index, part, kind, bytes and
 * wraps count, into ${a} and point ${out} at it.  Return ERR_TOO_BIG if there
 * are too many pieces, wraps or bytes, ERR_NOMEM.
 */
enum err content_pack(struct arena *a, const struct content_piece *pieces,
    size_t n, struct slice *out) MUST_CHECK;

/**
 * content_parse(a, frame, content, rule):
 * Read a content frame into ${a} and check the shape of everything in it:
 * parts, wraps, key ids, no key id twice in a piece, numbers and sizes.
 * ${content} is valid as long as the arena's memory.  Errors as above.
 */
enum err content_parse(struct arena *a, struct slice frame,
    struct content *content, const char **rule) MUST_CHECK;

/**
 * content_check(content, parts, n_parts, rule):
 * Check that ${content} is what the ${n_parts} parts of a command announce:
 * as many pieces, in that order, all new, with those kinds, digests and
 * lengths, each with wraps for exactly those keys in that order.  Return
 * ERR_DIGEST if not, with ${rule} (may be NULL) as above.  A command without
 * parts has no frame: pass a content of 0 pieces.
 */
enum err content_check(const struct content *content,
    Keten__V1__Part *const *parts, size_t n_parts,
    const char **rule) MUST_CHECK;

/**
 * content_check_rewrap(content, rewrap, rule):
 * Check that ${content} is what ${rewrap} announces: for each part, in that
 * order, a piece with its index and position, no sealed bytes, and exactly
 * one wrap, for the key it names.  Return ERR_DIGEST if not.
 */
enum err content_check_rewrap(const struct content *content,
    const Keten__V1__Rewrap *rewrap, const char **rule) MUST_CHECK;

/**
 * content_check_piece(piece, part, rule):
 * Check one delivered piece against the part of the signed statement that
 * announced it: kind, digest and length, but not for whom the wraps are.
 * Return ERR_DIGEST if they differ.
 */
enum err content_check_piece(const struct content_piece *piece,
    const Keten__V1__Part *part, const char **rule) MUST_CHECK;

/**
 * content_wrap_for(piece, key_id):
 * Return the wrap of ${piece} for ${key_id}, or NULL.  Valid as long as
 * ${piece}.
 */
const struct seal_wrap *content_wrap_for(const struct content_piece *piece,
    const char *key_id);

#endif /* !CONTENT_H_ */
