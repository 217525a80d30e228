#ifndef FRAME_H_
#define FRAME_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/session.pb-c.h"
#include "wire/arena.h"

/*
 * frame -- one message on a ZeroMQ socket: a header, and at most one content.
 *
 *   client, DEALER:             header [content]
 *   broker, ROUTER:   routing id header [content]
 *
 * Who sent it is the User-Id that ZAP gave the connection, as libzmq attaches
 * it to the header frame; never the routing id and never anything inside.  No
 * call here waits.  A message of more frames is read to its end, so that the
 * next one starts where it should, and reported.
 *
 * libzmq closes the connection above FRAME_MESSAGE_MAX, in which it counts the
 * 33 bytes that CURVE adds to a frame.  Between that and the limits a message
 * is read and answered with TOO_BIG.
 */
#define FRAME_HEADER_MAX ((size_t)64 * 1024)
/* All sealed parts of one message together. */
#define FRAME_PARTS_MAX ((size_t)256 * 1024)
/* The content frame: those parts, and at most 8 x 16 wraps beside them. */
#define FRAME_CONTENT_MAX (FRAME_PARTS_MAX + (size_t)32 * 1024)
#define FRAME_MESSAGE_MAX ((size_t)1024 * 1024)

/* partner/device, and room to spare. */
#define FRAME_USER_MAX 80
/* libzmq's own routing id: a zero byte and a number. */
#define FRAME_ROUTE_LEN 5

#define FRAME_VERSION 1

/* One message as it arrived.  The slices point into it. */
struct frame {
	zmq_msg_t msg[2];		/* header, content */
	enum err fault;			/* OK, MALFORMED or TOO_BIG */
	const char *rule;		/* why, in Dutch; constant text */
	bool has_content;
	uint8_t route[FRAME_ROUTE_LEN];	/* ROUTER only */
	char user[FRAME_USER_MAX];	/* ROUTER only; "" if there is none */
	int fd;				/* of its connection; -1: unknown */
	struct slice header;
	struct slice content;
};

/**
 * frame_init(f), frame_fini(f):
 * Make ${f} empty; let go of what it holds.  Each frame_init() needs its
 * frame_fini(); in between it may be received into again and again.
 */
void frame_init(struct frame *f);
void frame_fini(struct frame *f);

/**
 * frame_recv_dealer(sock, f), frame_recv_router(sock, f):
 * Read one message into ${f}, whose former contents go.  Return ERR_OK if one
 * was there (look at ${f->fault} before anything else: if it is not ERR_OK,
 * only ${f->route}, ${f->user} and ${f->fd} say anything), ERR_TIMEOUT if
 * none is waiting, ERR_IO if the socket is gone.  A routing id that is not
 * libzmq's own makes a message MALFORMED, with ${f->user} "".
 */
enum err frame_recv_dealer(void *sock, struct frame *f) MUST_CHECK;
enum err frame_recv_router(void *sock, struct frame *f) MUST_CHECK;

/**
 * frame_send_dealer(sock, header, content),
 * frame_send_router(sock, route, header, content):
 * Queue one message; ${content} of length 0 is left out.  The bytes are
 * copied.  Return ERR_OK (queued: nothing more is known), ERR_BUSY if the
 * queue is full, ERR_NOT_FOUND if that peer is gone, ERR_TOO_BIG if a frame is
 * above its limit, ERR_IO.
 */
enum err frame_send_dealer(void *sock, struct slice header,
    struct slice content) MUST_CHECK;
enum err frame_send_router(void *sock, const uint8_t route[FRAME_ROUTE_LEN],
    struct slice header, struct slice content) MUST_CHECK;

/**
 * frame_pack_to(a, msg, out), frame_pack_from(a, msg, out):
 * Set the version of ${msg}, serialise it into ${a} and point ${out} at the
 * bytes.  Return ERR_TOO_BIG above FRAME_HEADER_MAX, ERR_NOMEM.
 */
enum err frame_pack_to(struct arena *a, Keten__V1__ToBroker *msg,
    struct slice *out) MUST_CHECK;
enum err frame_pack_from(struct arena *a, Keten__V1__FromBroker *msg,
    struct slice *out) MUST_CHECK;

/**
 * frame_parse_to(a, header, msg, rule), frame_parse_from(a, header, msg,
 *     rule):
 * Read a header frame into ${a}.  Return ERR_TOO_BIG, ERR_MALFORMED (nothing
 * in it, too), ERR_VERSION (another version than ours) or ERR_NOMEM, and on
 * failure point ${rule} (may be NULL) at constant Dutch text.
 */
enum err frame_parse_to(struct arena *a, struct slice header,
    Keten__V1__ToBroker **msg, const char **rule) MUST_CHECK;
enum err frame_parse_from(struct arena *a, struct slice header,
    Keten__V1__FromBroker **msg, const char **rule) MUST_CHECK;

#endif /* !FRAME_H_ */
