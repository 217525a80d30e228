#ifndef ORDER_H_
#define ORDER_H_

#include "ketend/control.h"

/*
 * order -- what the operator can ask for; each handler is one request of the
 * table in order.c.  They run inside a turn: they may write records through
 * ledger.h and read through turn.txn, and nothing else.  What is shown about a
 * referral or about what waits for whom is written down (ACCESS).
 */

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
