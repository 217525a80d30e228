#ifndef CONTROL_H_
#define CONTROL_H_

#include <stdbool.h>
#include <stddef.h>

#include <zmq.h>

#include "base/err.h"

struct broker;

/*
 * control -- the operator's way in: a Unix socket that only its owner can
 * open.
 *
 * A request is one line of JSON, {"cmd": "show", ...}; so is the answer,
 * {"ok": true, "data": ...} or {"ok": false, "error": "NOT_FOUND", "text":
 * "..."}.  One request is taken per turn, alone: it may write records (a key,
 * a policy, that something was shown) and its answer leaves after the commit.
 * Nothing here can change a referral.
 */
struct control;

#define CONTROL_CLIENTS 16
#define CONTROL_LINE ((size_t)256 * 1024)

/**
 * control_open(path, c):
 * Listen on the Unix socket ${path}, rights 0600, in place of one that is
 * left over.  ERR_FULL if the path is too long, ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err control_open(const char *path, struct control **c);

/**
 * control_poll(c, items):
 * Fill ${items} (CONTROL_CLIENTS + 1 of them) with what to wait for; return
 * how many.
 */
size_t control_poll(const struct control *c, zmq_pollitem_t *items);

/**
 * control_read(c):
 * Take in what is there, without waiting.
 */
void control_read(struct control *c);

/**
 * control_has_request(c):
 * Tell whether a whole request waits.
 */
bool control_has_request(const struct control *c);

/**
 * control_turn(b):
 * Carry out one request, in the turn's transaction.  An error means that the
 * turn is spoilt.
 */
MUST_CHECK enum err control_turn(struct broker *b);

/**
 * control_answer(c):
 * The turn is committed: send the answer.
 */
void control_answer(struct control *c);

/**
 * control_close(c, path):
 * Close all and remove the socket.  Does nothing if ${c} is NULL.
 */
void control_close(struct control *c, const char *path);

#endif /* !CONTROL_H_ */
