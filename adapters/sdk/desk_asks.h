#ifndef DESK_ASKS_H_
#define DESK_ASKS_H_

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/session.pb-c.h"
#include "sdk/handle.h"
#include "sdk/steward.h"

/*
 * desk_asks -- questions to the broker from whatever process.
 *
 * The process with the connection asks for itself.  Another one leaves its
 * question in the spool, the steward asks it and puts the answer beside it.
 */

/**
 * desk_ask(k, query, timeout_ms, reply, content):
 * Ask ${query} and wait at most ${timeout_ms} for the answer, in the handle's
 * arena.  The code of a refusal, with ${reply} then the refusal; ERR_TIMEOUT.
 */
MUST_CHECK enum err desk_ask(struct keten *k, Keten__V1__Query *query,
    int timeout_ms, Keten__V1__FromBroker **reply, struct slice *content);

/**
 * desk_asks_turn(s, did):
 * Ask what other processes left in the spool.
 */
MUST_CHECK enum err desk_asks_turn(struct steward *s, bool *did);

/**
 * desk_online(k, timeout_ms):
 * Wait until this process, or another one, is connected.  Return this
 * process's steward in ${s}, or NULL in it if another one leads.  ERR_TIMEOUT.
 */
MUST_CHECK enum err desk_online(struct keten *k, int timeout_ms,
    struct steward **s);

#endif /* !DESK_ASKS_H_ */
