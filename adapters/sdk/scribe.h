#ifndef SCRIBE_H_
#define SCRIBE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "keten/v1/session.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "sdk/casebook.h"
#include "sdk/handle.h"
#include "sdk/orders.h"
#include "sdk/sealer.h"
#include "wire/arena.h"
#include "wire/content.h"
#include "wire/envelope.h"

/*
 * scribe -- from an order to signed bytes in the spool.
 *
 * First a draft: the statement without its number, with its content sealed.
 * Then, in one transaction, it gets the next number of the lane, is signed,
 * and stands in SPOOL_OUT; from there on these bytes are sent until there is
 * an answer, and never made again.
 */
struct draft {
	enum envelope_kind kind;
	struct refid referral;
	uint64_t ticket;            /* 0: the SDK's own */
	const char *actor;
	Keten__V1__Command command; /* kind command */
	Keten__V1__Header header;   /* of a SUBMIT */
	Keten__V1__Rewrap rewrap;
	Keten__V1__Unreadable unreadable;
	Keten__V1__Erased erased;
	Keten__V1__Erase erase;
	Keten__V1__Retain retain;
	Keten__V1__Unretain unretain;
	Keten__V1__CatalogueEntry *catalogue;
	Keten__V1__Missing missing;
	size_t n_pieces;
	struct content_piece pieces[CONTENT_PIECES_MAX];
};

/* A row of SPOOL_OUT. */
struct outgoing {
	uint64_t number;
	uint64_t ticket;
	struct refid referral;
	struct slice envelope;
	struct slice content;
};

/* Everybody who is to read the parts of a draft. */
struct readers {
	struct sealer_keys note;
	struct sealer_keys person;
	struct sealer_keys text;
};

/**
 * scribe_header(k, a, o, d, rule):
 * Fill the header of a SUBMIT from the order ${o}, checked against the signed
 * policy.  The error and its Dutch ${rule} if it cannot be.
 */
MUST_CHECK enum err scribe_header(const struct keten *k, struct arena *a,
    const struct order *o, struct draft *d, const char **rule);

/**
 * scribe_saw(k, c, want):
 * Where ${want} says neither version nor offer, fill in what ${c} shows now.
 */
void scribe_saw(const struct keten *k, const struct dossier *c,
    struct keten_order *want);

/**
 * scribe_step(k, a, o, c, d, rule):
 * Fill the command of any other step of ${o} on the referral ${c} (NULL: not
 * known here).
 */
MUST_CHECK enum err scribe_step(const struct keten *k, struct arena *a,
    const struct order *o, const struct dossier *c, struct draft *d,
    const char **rule);

/**
 * scribe_parts(k, a, o, r, d):
 * Seal what ${o} carries for ${r} and put it into ${d}.
 */
MUST_CHECK enum err scribe_parts(const struct keten *k, struct arena *a,
    const struct order *o, const struct readers *r, struct draft *d);

/**
 * scribe_sign(k, txn, a, d, number):
 * Give ${d} its number, sign it, and write it to SPOOL_OUT.
 */
MUST_CHECK enum err scribe_sign(const struct keten *k, struct spool_txn *txn,
    struct arena *a, struct draft *d, uint64_t *number);

/**
 * scribe_sign_as(k, txn, a, d, number):
 * The same with the number ${number}, which was given out before and not
 * consumed: these bytes take the place of those that had it.
 */
MUST_CHECK enum err scribe_sign_as(const struct keten *k,
    struct spool_txn *txn, struct arena *a, struct draft *d, uint64_t number);

/**
 * scribe_out(txn, a, number, out), scribe_next(txn, number):
 * Read a row of SPOOL_OUT; move ${number} to the first at or after it.
 */
MUST_CHECK enum err scribe_out(struct spool_txn *txn, struct arena *a,
    uint64_t number, struct outgoing *out);
MUST_CHECK enum err scribe_next(struct spool_txn *txn, uint64_t *number);

/**
 * scribe_strip(txn, a, number):
 * Take the content out of a row of SPOOL_OUT: it was erased.  The statement
 * still goes, as the next numbers wait for it.
 */
MUST_CHECK enum err scribe_strip(struct spool_txn *txn, struct arena *a,
    uint64_t number);

/**
 * scribe_request(o, d):
 * Fill ${d} with an order that is no step: to erase, to keep, no longer to.
 */
void scribe_request(const struct order *o, struct draft *d);

/**
 * scribe_is_request(step):
 * Tell whether an order of that step is one of those.
 */
bool scribe_is_request(enum keten_step step);

/**
 * scribe_is_public(step):
 * Tell whether an order of that step is about the catalogue, not a referral.
 */
bool scribe_is_public(enum keten_step step);

/**
 * scribe_public(k, a, o, made_ms, d, rule):
 * Fill ${d} with such an order, given at ${made_ms} by the broker's clock.  The
 * error and its Dutch ${rule} if it cannot be.
 */
MUST_CHECK enum err scribe_public(const struct keten *k, struct arena *a,
    const struct order *o, int64_t made_ms, struct draft *d,
    const char **rule);

/**
 * scribe_resign(k, txn, a, number, n):
 * Sign ${number} and every later one again, the same body under the same
 * number, where another key than the one of now signed; they must not have
 * been consumed.  Store how many in ${n}.
 */
MUST_CHECK enum err scribe_resign(const struct keten *k,
    struct spool_txn *txn, struct arena *a, uint64_t number, size_t *n);

/**
 * scribe_unsign(txn, a, number):
 * Take back ${number} and every later one, which the broker never used: their
 * orders wait again.  The SDK's own statements are dropped; whatever asked
 * for them asks again.
 */
MUST_CHECK enum err scribe_unsign(struct spool_txn *txn, struct arena *a,
    uint64_t number);

#endif /* !SCRIBE_H_ */
