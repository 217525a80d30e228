#ifndef ORDERS_H_
#define ORDERS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "sdk/keten.h"
#include "sdk/spool.h"
#include "wire/arena.h"

/*
 * orders -- what somebody wants done, and what became of it.
 *
 * An order has a row of its own from keten_order() on.  While it waits or is
 * sent its ticket also stands in SPOOL_OPEN and SPOOL_BUSY.  Once it is over, note, person
 * part and text are taken out of the row: they live on as sealed parts.
 */
struct order {
	uint64_t ticket;
	enum keten_status status;
	struct refid referral;   /* of SUBMIT: the one it will get */
	int64_t made_ms;
	int64_t retry_ms;        /* not before */
	struct keten_order want; /* texts live as long as the arena's memory */
	uint64_t number;         /* 0: none yet */
	uint64_t index;
	enum err code;           /* ERR_OK: nothing wrong */
	uint32_t version;
	const char *rule;
	const char *text;
	const char *todo;
	struct slice leaf;       /* once it is in the log */
	uint8_t salt[32];
};

/**
 * orders_add(spool, a, want, actor, referral, now_ms, ticket):
 * Write ${want} as a new order about ${referral} by ${actor} and store its
 * ticket.  If its source was used before, store that ticket and write nothing.
 */
MUST_CHECK enum err orders_add(struct spool *spool, struct arena *a,
    const struct keten_order *want, const char *actor,
    const struct refid *referral, int64_t now_ms, uint64_t *ticket);

/**
 * orders_get(txn, a, ticket, o), orders_put(txn, o):
 * Read an order; write it back, with its place among the open ones as its
 * status says.
 */
MUST_CHECK enum err orders_get(struct spool_txn *txn, struct arena *a,
    uint64_t ticket, struct order *o);
MUST_CHECK enum err orders_put(struct spool_txn *txn, struct order *o);

/**
 * orders_read(spool, a, ticket, o):
 * Read an order when nothing else is open.
 */
MUST_CHECK enum err orders_read(struct spool *spool, struct arena *a,
    uint64_t ticket, struct order *o);

/**
 * orders_next(txn, ticket):
 * Move ${ticket} to the first open order after it.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err orders_next(struct spool_txn *txn, uint64_t *ticket);

/**
 * orders_on(txn, id, ticket):
 * Store in ${ticket} the oldest open order about the referral ${id}.
 * ERR_NOT_FOUND.
 */
MUST_CHECK enum err orders_on(struct spool_txn *txn, const struct refid *id,
    uint64_t *ticket);

/**
 * orders_no(o, status, code, rule):
 * Note that it became ${status} for ${code}, with the texts of the table;
 * ${rule} may be NULL and must live as long as ${o}.
 */
void orders_no(struct order *o, enum keten_status status, enum err code,
    const char *rule);

/**
 * orders_tell(o, out):
 * Say what became of it, as the library does.
 */
void orders_tell(const struct order *o, struct keten_outcome *out);

#endif /* !ORDERS_H_ */
