#ifndef RECORD_H_
#define RECORD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "core/store.h"
#include "keten/v1/facts.pb-c.h"
#include "trust/leaf.h"
#include "wire/arena.h"
#include "wire/content.h"

/*
 * record -- one thing that happened: its leaf, what stands behind the leaf,
 * and the sealed content that came with it.
 *
 * record_append() is the only way to add to the log.  It writes the leaf, the
 * tree, the record and the content, and then applies the facts to the view
 * (view.h), all within the turn.
 *
 * Record and content are encrypted under the slots of the referral they belong
 * to (vault.h); what belongs to none under the slot of its month.  In clear are
 * KEY, POLICY, an ERASE of whole records, and a TICK that moves no deadlines:
 * nobody's erasure takes those away.  The number of the pair stands beside each
 * row in clear, so that the view can be made again.
 *
 * When reading, "erased" (ERR_CONTENT_GONE) is not the same as "missing"
 * (ERR_NOT_FOUND) or "not what was written" (ERR_CORRUPT).
 */

/* What to append. */
struct record_in {
	/*
	 * facts->index must be record_next_index(), facts->kind and time_ms
	 * are those of the leaf.  Deliveries in ${route} have the seq that
	 * follows in their mailbox (view_mailbox()).
	 */
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route; /* NULL: none */
	struct slice envelope; /* as received; empty for the broker's own */
	struct slice clear;    /* ERASE only; empty: made of facts->erase */
	/*
	 * Under whose slot it stands and in whose trail: facts->change's, or
	 * the one a refused command, a rewrap ... was about.  NULL: none.
	 * Must exist, or be created by facts->change (version_before 0).
	 */
	const struct refid *owner;
	const struct content *content; /* new parts, or wraps; NULL: none */
	const uint8_t *salt;	       /* LEAF_SALT bytes; NULL: random */
};

/* What became of it: what a receipt needs.  Valid as long as the arena. */
struct record_out {
	uint64_t index;
	struct slice leaf;
	uint8_t leaf_hash[32];
	uint8_t salt[LEAF_SALT];
	uint8_t envelope_hash[32];
	struct slice facts; /* as they are hashed */
	struct slice route; /* empty if there were none */
	uint8_t route_hash[32];
};

/**
 * record_next_index(t):
 * Return the index that the next record of the turn ${t} gets.
 */
uint64_t record_next_index(const struct txn *t);

/**
 * record_last_time(t, time_ms):
 * Store the time of the newest leaf, 0 if there is none.
 */
MUST_CHECK enum err record_last_time(struct txn *t, int64_t *time_ms);

/**
 * record_append(t, a, in, out):
 * Append ${in} to the turn ${t}; ${out} lives in ${a}.  On ERR_CORRUPT (the
 * facts do not follow from what is there), ERR_NOMEM, ERR_STORE, ERR_CRYPTO,
 * ERR_IO or ERR_CONTENT_GONE (the owner's records are erased) the turn is
 * spoilt: abort it.
 */
MUST_CHECK enum err record_append(struct txn *t, struct arena *a,
    const struct record_in *in, struct record_out *out);

/* A record as it stands in the store.  Valid as long as arena and txn. */
struct record {
	uint64_t index;
	struct slice leaf_bytes;
	struct leaf leaf;
	uint8_t leaf_hash[32]; /* of leaf_bytes, computed now */
	uint32_t pair;	       /* RECORD_NO_PAIR: not encrypted */
	uint8_t salt[LEAF_SALT];
	bool has_owner;
	struct refid owner;
	struct slice envelope;
	struct slice facts;
	struct slice route;
};

#define RECORD_NO_PAIR UINT32_MAX

/**
 * record_read(t, index, a, rec):
 * Read record ${index}.  ERR_NOT_FOUND if leaf or record is missing,
 * ERR_CONTENT_GONE if it is erased, ERR_CORRUPT if it is not what was written;
 * ERR_NOMEM, ERR_STORE, ERR_IO.  Whether it is what the leaf commits to is
 * record_check()'s business.
 */
MUST_CHECK enum err record_read(struct txn *t, uint64_t index,
    struct arena *a, struct record *rec);

/**
 * record_check(rec):
 * Return ERR_DIGEST unless the leaf of ${rec} commits to what stands in it.
 */
MUST_CHECK enum err record_check(const struct record *rec);

/**
 * record_facts(rec, a, facts, route):
 * Unpack the facts and the route facts (NULL if there are none; ${route} may
 * be NULL) of ${rec} into ${a}.  ERR_CORRUPT, ERR_NOMEM.
 */
MUST_CHECK enum err record_facts(const struct record *rec, struct arena *a,
    Keten__V1__Facts **facts, Keten__V1__RouteFacts **route);

/**
 * record_route(rec, a, route):
 * Unpack the route facts of ${rec} into ${a}, NULL if there are none.
 * ERR_CORRUPT, ERR_NOMEM.
 */
MUST_CHECK enum err record_route(const struct record *rec, struct arena *a,
    Keten__V1__RouteFacts **route);

/**
 * record_pair(t, index, pair):
 * Store the pair that record ${index} stands under, without decrypting.
 */
MUST_CHECK enum err record_pair(struct txn *t, uint64_t index,
    uint32_t *pair);

/**
 * record_content(t, index, part, a, piece):
 * Read the sealed part ${part} that record ${index} brought, with all wraps it
 * has by now, into ${a}: fit for content_pack().  ERR_NOT_FOUND,
 * ERR_CONTENT_GONE, ERR_CORRUPT, ERR_NOMEM, ERR_STORE, ERR_IO.
 */
MUST_CHECK enum err record_content(struct txn *t, uint64_t index,
    uint32_t part, struct arena *a, struct content_piece *piece);

/**
 * record_has_wrap(t, index, part, key_id, has):
 * Store whether that part has a wrap for the sealing key ${key_id}.  Errors of
 * record_content().
 */
MUST_CHECK enum err record_has_wrap(struct txn *t, uint64_t index,
    uint32_t part, const char *key_id, bool *has);

/**
 * record_drop_content(t, index), record_drop(t, index):
 * Remove the sealed content of record ${index}; put a tombstone with the
 * number of its pair in place of the record itself.  The last step of an
 * erasure, after the slots are erased; neither needs the keys.  Doing it twice
 * is fine.
 */
MUST_CHECK enum err record_drop_content(struct txn *t, uint64_t index);
MUST_CHECK enum err record_drop(struct txn *t, uint64_t index);

/**
 * record_is_left(t, index, whole, left):
 * Store whether anything that an erasure of record ${index} takes is still
 * there: its content, or with ${whole} the record too, as a row or as a slot
 * that would open one.  For whoever checks an erasure that is carried out.
 * ERR_NOT_FOUND if there is no such record; ERR_CORRUPT, ERR_STORE, ERR_IO.
 */
MUST_CHECK enum err record_is_left(struct txn *t, uint64_t index, bool whole,
    bool *left);

#endif /* !RECORD_H_ */
