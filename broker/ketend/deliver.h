#ifndef DELIVER_H_
#define DELIVER_H_

#include <stddef.h>

#include "base/err.h"

struct broker;
struct session;

/*
 * deliver -- after the commit: receipts, refusals, answers, and the outbox.
 *
 * Everything here reads what is committed and sends; nothing waits.  The
 * outbox is a table of the store: what was not acknowledged is there, so a
 * restart needs no code of its own.  A mailbox is served to its one consumer,
 * in order, within the credit that it gave; who is dead or slow costs its own
 * outbox and nothing else.
 */

/**
 * deliver_turn(b, n):
 * Answer the first ${n} messages of the turn that are done, tell the sessions
 * of its new deliveries, end those whose key ended, and serve the mailboxes.
 * Begins and ends a read of its own in turn.txn.  An error means that the
 * store cannot be read.
 */
MUST_CHECK enum err deliver_turn(struct broker *b, size_t n);

#endif /* !DELIVER_H_ */
