#ifndef ORDER_H_
#define ORDER_H_

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"

struct broker;

/*
 * order -- what the operator can ask for; each handler is one request of the
 * table in order.c.  They run inside a turn: they may write records through
 * ledger.h and read through turn.txn, and nothing else.  What is shown about a
 * referral or about what waits for whom is written down (ACCESS).
 */

/* One request and what becomes of it. */
struct order {
	json_t *ask;
	json_t *data; /* the answer; owned by the order */
	enum err no;  /* or why not */
	char text[512];
};

/**
 * order_no(o, err, fmt, ...):
 * Refuse the request; return ERR_OK, for handlers to return.
 */
enum err order_no(struct order *o, enum err err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * order_run(b, o):
 * Carry out ${o}: find it in the table of requests and call its handler.  An
 * error means that the turn is spoilt.
 */
MUST_CHECK enum err order_run(struct broker *b, struct order *o);

/**
 * order_text(o, name), order_number(o, name):
 * Return what the request says at ${name}; NULL, or -1, if it does not.
 */
const char *order_text(const struct order *o, const char *name);
int64_t order_number(const struct order *o, const char *name);

/**
 * The handlers.  Each fills in o->data, or refuses with order_no().
 */
enum err order_queue(struct broker *b, struct order *o);
enum err order_partner(struct broker *b, struct order *o);
enum err order_show(struct broker *b, struct order *o);
enum err order_explain(struct broker *b, struct order *o);
enum err order_impact(struct broker *b, struct order *o);
enum err order_enrol(struct broker *b, struct order *o);
enum err order_report(struct broker *b, struct order *o);

#endif /* !ORDER_H_ */
