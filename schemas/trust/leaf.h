#ifndef LEAF_H_
#define LEAF_H_

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * leaf -- the 48 bytes that stand in the tree for one record.
 *
 *	 0  4  "KTN1"
 *	 4  1  kind
 *	 5  1  flags (bit 0: a clear body follows)
 *	 6  2  length of the clear body
 *	 8  8  time, ms since 1970
 *	16 32  record hash
 *	48     clear body
 *
 * Numbers are big-endian.  Only ERASE has a clear body.  The leaf names no
 * organisation and no referral; the record hash binds envelope and facts,
 * which can be erased while the tree goes on verifying:
 *
 *	SHA-256("keten1/record\0" || salt[32] || SHA-256(envelope or "") ||
 *	    SHA-256(SHA-256(facts) || SHA-256(route facts)))
 */
#define LEAF_LEN 48
#define LEAF_SALT 32
/* Ranges with which a whole leaf fits the 16-bit lengths of exported tiles;
 * what erases more is said in several leaves. */
#define LEAF_ERASE_MAX 5456
#define LEAF_MAX (LEAF_LEN + 5 + 12 * LEAF_ERASE_MAX)
_Static_assert(LEAF_MAX <= UINT16_MAX, "a leaf is an entry of a tile");

enum leaf_kind {
	LEAF_COMMAND = 1,
	LEAF_REFUSED = 2,
	LEAF_CLOCK = 3,
	LEAF_DELIVERED = 4,
	LEAF_REWRAP = 5,
	LEAF_KEY = 6,
	LEAF_ERASE = 7,
	LEAF_POLICY = 8,
	LEAF_TICK = 9, /* RESTART too */
	LEAF_ACCESS = 10,
	LEAF_ANCHOR = 11, /* reserved: neither made nor taken */
};

struct leaf {
	enum leaf_kind kind;
	int64_t time_ms;
	uint8_t record[32];
	struct slice clear; /* borrowed; empty if there is none */
};

/**
 * leaf_kind_name(kind):
 * Return "COMMAND", ...; "?" for what is not a kind.  Constant text.
 */
const char *leaf_kind_name(enum leaf_kind kind);

/**
 * leaf_encode(leaf, out, cap, len):
 * Write ${leaf} to ${out} (${cap} bytes, LEAF_LEN for all kinds but ERASE) and
 * its length to ${len}.  ERR_FULL if it does not fit, ERR_MALFORMED if it is
 * not a leaf (kind, time, a clear body where none belongs or none where one
 * does).
 */
MUST_CHECK enum err leaf_encode(const struct leaf *leaf, uint8_t *out,
    size_t cap, size_t *len);

/**
 * leaf_decode(bytes, leaf):
 * Read exactly ${bytes} into ${leaf}, whose clear body borrows from them.
 * ERR_MALFORMED if they are anything but a leaf this version writes.
 */
MUST_CHECK enum err leaf_decode(struct slice bytes, struct leaf *leaf);

/**
 * leaf_length(head):
 * Return how long the leaf that begins with the 8 bytes ${head} is: for those
 * who find a leaf followed by something else (a receipt's "extra").
 */
size_t leaf_length(const uint8_t head[8]);

/* Records erased together: ${count} of them from index ${first}. */
struct leaf_range {
	uint64_t first;
	uint32_t count;
};

/* The clear body of ERASE: level u8, rule u16, n u16, n x (u64, u32). */
struct leaf_erase {
	uint8_t level; /* 1 content, 2 records */
	uint16_t rule;
	size_t n;
	const struct leaf_range *ranges;
};

/**
 * leaf_erase_encode(erase, out, cap, len):
 * Write the clear body for ${erase}, 5 + 12 * n bytes.  ERR_FULL if it does
 * not fit ${cap} or LEAF_ERASE_MAX, ERR_MALFORMED if a level is not 1 or 2, a
 * range is empty or overflows, or they do not rise.
 */
MUST_CHECK enum err leaf_erase_encode(const struct leaf_erase *erase,
    uint8_t *out, size_t cap, size_t *len);

/**
 * leaf_erase_decode(clear, ranges, cap, erase):
 * Read ${clear} into ${erase}, with its ranges in the caller's ${ranges} (room
 * for ${cap}).  ERR_FULL or ERR_MALFORMED as above.
 */
MUST_CHECK enum err leaf_erase_decode(struct slice clear,
    struct leaf_range *ranges, size_t cap, struct leaf_erase *erase);

/**
 * leaf_record(salt, envelope, facts, route, out):
 * Write the record hash of these bytes to ${out}.  The broker's own records
 * have the empty envelope; route facts may be empty too.
 */
void leaf_record(const uint8_t salt[LEAF_SALT], struct slice envelope,
    struct slice facts, struct slice route, uint8_t out[32]);

/**
 * leaf_record_from(salt, envelope, facts, route, out):
 * The same from SHA-256 of each: for who was given only a digest.
 */
void leaf_record_from(const uint8_t salt[LEAF_SALT],
    const uint8_t envelope[32], const uint8_t facts[32],
    const uint8_t route[32], uint8_t out[32]);

/**
 * leaf_running(prev, seq, leaf_hash, out):
 * Write the running hash of a mailbox after delivery ${seq},
 * SHA-256(prev || be64 seq || leaf_hash), to ${out}, which may be ${prev}.
 * Before the first delivery (seq 1) it is 32 zero bytes.
 */
void leaf_running(const uint8_t prev[32], uint64_t seq,
    const uint8_t leaf_hash[32], uint8_t out[32]);

#endif /* !LEAF_H_ */
