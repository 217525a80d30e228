#ifndef CASEBOOK_H_
#define CASEBOOK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "keten/v1/facts.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "life/referral.h"
#include "sdk/keten.h"
#include "sdk/spool.h"
#include "sdk/witness.h"
#include "trust/seal.h"
#include "wire/arena.h"

/*
 * casebook -- the referrals this device knows, rebuilt from their records.
 *
 * Every record about a referral is kept as it came, under its index.  A
 * receipt may overtake a delivery; then the referral is built again from all
 * its records in order.  A party does not get every record, so what it sees
 * between two of them may have jumped; what is in the newest one counts.
 */
struct dossier {
	struct referral r;
	uint32_t role;	     /* enum keten_role, by the newest delivery */
	uint64_t opening_index;
	uint64_t newest_index;
	uint8_t newest_leaf[32]; /* its leaf hash */
	char exact_code[16]; /* from the offer note; "" if unknown */
	char exact_area[16];
	char frequency[20];
	char payer[20];
	struct refid relates;
	bool is_early;	     /* candidates got the person part beforehand */
	uint32_t openable;   /* bits 1 << enum keten_part */
	bool is_erased;
	uint64_t base_index; /* of what a resync gave; 0: none */
	struct slice base;   /* keten.v1.ReferralState; in the arena */
};

/* A record about one referral, to be filed or as filed. */
struct filing {
	const Keten__V1__Record *record;
	struct slice envelope; /* may be empty */
	uint64_t news;	       /* its place in the news; 0: none (yet) */
	uint32_t role;	       /* 0: our own receipt, or an opening */
	uint32_t offer;	       /* our own one */
	struct slice blind;
};

/* A sealed part and our wrap of it. */
struct piece {
	uint64_t index; /* of the record that brought it */
	uint32_t part;
	Keten__V1__PartKind kind;
	struct org from;
	uint8_t sha256[32];
	uint8_t plain_commit[32];
	uint8_t nonce[16];
	struct slice sealed; /* empty: not here */
	bool has_wrap;
	struct seal_wrap wrap;
	enum { PIECE_NEW, PIECE_OPENS, PIECE_FAILS } state;
};

/**
 * casebook_get(txn, a, id, d):
 * Read what is known of ${id} into ${d}.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err casebook_get(struct spool_txn *txn, struct arena *a,
    const struct refid *id, struct dossier *d);

/**
 * casebook_put(txn, a, d):
 * Write ${d} back.
 */
MUST_CHECK enum err casebook_put(struct spool_txn *txn, struct arena *a,
    const struct dossier *d);

/**
 * casebook_file(txn, a, self, id, f, d):
 * File the record ${f}, already witnessed, about ${id} and bring the referral
 * up to date; ${d} is how it stands now.  Filing a record again only adds
 * what was not known.  ERR_CORRUPT if it cannot be applied: then the broker
 * decided what cannot be.
 */
MUST_CHECK enum err casebook_file(struct spool_txn *txn, struct arena *a,
    const struct org *self, const struct refid *id, const struct filing *f,
    struct dossier *d);

/**
 * casebook_news(txn, a, id, index, news):
 * Note that the filed record ${index} has the place ${news} in the news.
 */
MUST_CHECK enum err casebook_news(struct spool_txn *txn, struct arena *a,
    const struct refid *id, uint64_t index, uint64_t news);

/**
 * casebook_base(txn, a, index, leaf_hash, state, role):
 * Take the ${state} of a referral after record ${index} from a resync, unless
 * newer is known.
 */
MUST_CHECK enum err casebook_base(struct spool_txn *txn, struct arena *a,
    uint64_t index, const uint8_t leaf_hash[32],
    struct slice state, uint32_t role);

/**
 * casebook_record(txn, a, id, index, f):
 * Read a filed record; ${f}->record is in ${a}.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err casebook_record(struct spool_txn *txn, struct arena *a,
    const struct refid *id, uint64_t index, struct filing *f);

/**
 * casebook_next(txn, id, index):
 * Move ${index} to the first record of ${id} at or after it.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err casebook_next(struct spool_txn *txn,
    const struct refid *id, uint64_t *index);

/**
 * casebook_piece_put(txn, a, id, p), casebook_piece_get(txn, a, id, index,
 *     part, p):
 * Keep a sealed part; a later one adds a wrap or the sealed bytes that were
 * missing.  Read it back.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err casebook_piece_put(struct spool_txn *txn, struct arena *a,
    const struct refid *id, const struct piece *p);
MUST_CHECK enum err casebook_piece_get(struct spool_txn *txn, struct arena *a,
    const struct refid *id, uint64_t index, uint32_t part, struct piece *p);

/**
 * casebook_piece_shut(txn, id, p):
 * Write the part ${p} of ${id}, which is there, as one without a wrap: the key
 * of the one it has is lost.
 */
MUST_CHECK enum err casebook_piece_shut(struct spool_txn *txn,
    const struct refid *id, const struct piece *p);

/**
 * casebook_piece_find(txn, a, id, kind, index, p):
 * Read the newest part of ${kind} of ${id}, or, with ${index} not 0, the one
 * that record brought.  One that opens goes before a newer one that does not.
 */
MUST_CHECK enum err casebook_piece_find(struct spool_txn *txn,
    struct arena *a, const struct refid *id, Keten__V1__PartKind kind,
    uint64_t index, struct piece *p);

/**
 * casebook_pieces(txn, a, id, each, cookie):
 * Call ${each} for every part of ${id} that is here, oldest record first; what
 * it is given is valid until it returns.
 */
MUST_CHECK enum err casebook_pieces(struct spool_txn *txn, struct arena *a,
    const struct refid *id,
    void (*each)(void *cookie, const struct piece *p), void *cookie);

/**
 * casebook_purge(txn, a, id):
 * Delete every sealed part of ${id}, and what was read from them.
 */
MUST_CHECK enum err casebook_purge(struct spool_txn *txn, struct arena *a,
    const struct refid *id);

#endif /* !CASEBOOK_H_ */
