#ifndef WIRE_H_
#define WIRE_H_

#include "base/bytes.h"
#include "base/err.h"
#include "ketend/session.h"
#include "wire/frame.h"
#include "wire/zkeys.h"

struct broker;

/*
 * wire -- the broker's socket: bytes in, bytes out, and from whom.
 *
 * The first stage of a turn.  It reads what is readable, finds the session of
 * each message by its connection, and does not look inside.  A message without
 * a User-Id is dropped and counted; one of a device that the gate no longer
 * knows is kept for its refusal, and its connection is closed.
 */
#define WIRE_CUTS 64 /* with more of them at once nobody waits */

struct wire {
	void *ctx;
	void *router;
	size_t n_cuts; /* connections to be cut in a moment */
	struct wire_cut {
		uint8_t route[FRAME_ROUTE_LEN];
		int fd;
		int64_t at_ms; /* monotonic */
	} cut[WIRE_CUTS];
};

/**
 * wire_open(w, ctx, secret):
 * Make the ROUTER in the context ${ctx} with the CURVE key ${secret}.  The
 * gate must be there already.  Nobody can connect before wire_listen().
 */
MUST_CHECK enum err wire_open(struct wire *w, void *ctx,
    const uint8_t secret[ZKEYS_LEN]);

/**
 * wire_listen(w, address):
 * Listen on ${address}.  ERR_IO if that cannot be had.
 */
MUST_CHECK enum err wire_listen(struct wire *w, const char *address);

/**
 * wire_read(b, from):
 * Read what is there behind the turn's messages, until the socket is empty or
 * those from ${from} on are as many as a turn takes.  ERR_IO if the socket is
 * gone.
 */
MUST_CHECK enum err wire_read(struct broker *b, size_t from);

/**
 * wire_send(b, s, header, content):
 * Queue one message to ${s}.  If its connection turns out to be gone, the
 * session is ended (do not use ${s} any more) and the result is ERR_NOT_FOUND;
 * ERR_BUSY if its queue is full; ERR_TOO_BIG.
 */
MUST_CHECK enum err wire_send(struct broker *b, struct session *s,
    struct slice header, struct slice content);

/**
 * wire_end(b, s, why):
 * End ${s}: say BYE if somebody may still hear it, close the connection where
 * ${why} asks for it (a moment later: wire_cut()), forget the session.
 */
void wire_end(struct broker *b, struct session *s, enum session_end why);

/**
 * wire_cut(b), wire_next_cut(w):
 * Cut the connections whose moment has come; return the monotonic time at
 * which the next one's has, INT64_MAX if there is none.
 */
void wire_cut(struct broker *b);
int64_t wire_next_cut(const struct wire *w);

/**
 * wire_why(b, s):
 * Return why ${s}, whose certificate is not welcome any more, ends: its device
 * has a newer one, or none.
 */
enum session_end wire_why(const struct broker *b, const struct session *s);

/**
 * wire_replaced(b, s):
 * A newer HELLO has the mailbox of ${s}: say BYE.  The connection still counts
 * as one of its device, and may say HELLO again.
 */
void wire_replaced(struct broker *b, struct session *s);

/**
 * wire_check(b):
 * Look after the connections: ask those that were silent whether they are
 * still there, end those that the gate no longer knows.
 */
void wire_check(struct broker *b);

/**
 * wire_close(w):
 * Close the socket.  The context is the caller's.
 */
void wire_close(struct wire *w);

#endif /* !WIRE_H_ */
