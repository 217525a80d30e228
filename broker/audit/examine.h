#ifndef EXAMINE_H_
#define EXAMINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/history.h"
#include "audit/tree.h"
#include "base/err.h"
#include "core/record.h"
#include "core/store.h"
#include "wire/arena.h"
#include "wire/envelope.h"

/*
 * examine -- one record, as far as it can be judged alone: does the leaf
 * commit to it, is it what it says it is, did a key that counted then sign it,
 * is the sealed content that which was signed, and was the tree that its
 * sender had verified this tree?
 *
 * What needs the order of the log is left for chains.h, in struct examined.
 * Many threads examine at once, each with an examiner of its own.
 */

/* What all examiners share, and only read. */
struct examine {
	struct store *store;
	const struct tree *tree;
	const struct history *history;
	struct findings *f;
};

/* What chains.h needs to know of one record. */
struct examined {
	uint64_t index;
	bool is_accepted; /* a person accepted another tree here */
	bool is_read; /* false: missing, damaged or erased; nothing below */
	bool is_gone; /* erased, as it seems: see examine.c */
	bool lost_content;
	uint8_t leaf_hash[32];
	bool has_owner;
	struct refid owner;
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route; /* NULL: none */
	size_t seen_leaf_len;
	uint8_t seen_leaf[32];
	struct refid referral; /* of the statement */
	uint32_t n_signatures; /* checked */
	uint32_t n_unchecked;  /* whose certificate cannot be read */
	uint32_t n_suspect;    /* with a key that was suspect by then */
	uint64_t content_bytes; /* hashed */
};

/* Belongs to one thread from its first record to examine_stop(). */
struct examiner;

/**
 * examine_new(x):
 * Return an examiner for one thread, or NULL; ${x} must outlive it.  The
 * caller frees it with examine_free().
 */
struct examiner *examine_new(const struct examine *x);

/**
 * examine_free(e):
 * Free ${e}.  examine_free(NULL) does nothing.
 */
void examine_free(struct examiner *e);

/**
 * examine_record(e, index, keep, out):
 * Examine record ${index}; what is wrong goes to the findings, the rest into
 * ${out}, which lives in ${keep}.  ERR_STORE, ERR_NOMEM, ERR_IO: it could not
 * be examined.
 */
MUST_CHECK enum err examine_record(struct examiner *e, uint64_t index,
    struct arena *keep, struct examined *out);

/**
 * examine_stop(e):
 * This thread examines no more.
 */
void examine_stop(struct examiner *e);

#endif /* !EXAMINE_H_ */
