/*
 * frame -- one message on a ZeroMQ socket: a header, and at most one content.
 */
#include <errno.h>
#include <string.h>

#include "wire/frame.h"
#include "wire/pb.h"

/**
 * frame_init(f), frame_fini(f):
 * Make ${f} empty; let go of what it holds.
 */
void
frame_init(struct frame *f)
{
	memset(f, 0, sizeof(*f));
	f->fd = -1;
	(void)zmq_msg_init(&f->msg[0]);	/* never fails */
	(void)zmq_msg_init(&f->msg[1]);
}

void
frame_fini(struct frame *f)
{
	/* They were initialised; that is all closing asks. */
	(void)zmq_msg_close(&f->msg[0]);
	(void)zmq_msg_close(&f->msg[1]);
}

static enum err
recv_one(void *sock, zmq_msg_t *m)
{
	while (zmq_msg_recv(m, sock, ZMQ_DONTWAIT) == -1)
		if (errno != EINTR)
			return (errno == EAGAIN ? ERR_TIMEOUT : ERR_IO);
	return (ERR_OK);
}

static void
blame(struct frame *f, enum err err, const char *rule)
{
	if (f->fault != ERR_OK)
		return;
	f->fault = err;
	f->rule = rule;
}

static struct slice
bytes_of(zmq_msg_t *m)
{
	return (slice_of(zmq_msg_data(m), zmq_msg_size(m)));
}

/* Read to the end of the message, so that the next one starts right. */
static enum err
drain(void *sock)
{
	enum err err = ERR_OK;
	zmq_msg_t m;
	bool more;

	(void)zmq_msg_init(&m);		/* never fails */
	do {
		err = recv_one(sock, &m);
		more = err == ERR_OK && zmq_msg_more(&m);
	} while (more);
	(void)zmq_msg_close(&m);	/* it is initialised */
	return (err);
}

/* What is left of a message once its first payload frame is in msg[0]. */
static enum err
recv_rest(void *sock, struct frame *f)
{
	enum err err = ERR_OK;

	f->header = bytes_of(&f->msg[0]);
	f->has_content = zmq_msg_more(&f->msg[0]) != 0;
	if (f->has_content) {
		if ((err = recv_one(sock, &f->msg[1])) != ERR_OK)
			return (err);
		f->content = bytes_of(&f->msg[1]);
		if (zmq_msg_more(&f->msg[1])) {
			blame(f, ERR_MALFORMED, "hoogstens twee frames");
			err = drain(sock);
		}
	}
	if (f->header.len == 0 || (f->has_content && f->content.len == 0))
		blame(f, ERR_MALFORMED, "een leeg frame");
	if (f->header.len > FRAME_HEADER_MAX)
		blame(f, ERR_TOO_BIG, "kop hoogstens 64 KiB");
	if (f->content.len > FRAME_CONTENT_MAX)
		blame(f, ERR_TOO_BIG, "inhoud samen hoogstens 256 KiB");
	return (err);
}

/* Forget the message before; its bytes go when msg[] is received into. */
static void
forget(struct frame *f)
{
	f->fault = ERR_OK;
	f->rule = NULL;
	f->has_content = false;
	memset(f->route, 0, sizeof(f->route));
	f->user[0] = '\0';
	f->fd = -1;
	f->header = f->content = slice_of(NULL, 0);
}

/**
 * frame_recv_dealer(sock, f):
 * Read one message from the broker into ${f}.
 */
enum err
frame_recv_dealer(void *sock, struct frame *f)
{
	enum err err;

	forget(f);
	if ((err = recv_one(sock, &f->msg[0])) != ERR_OK)
		return (err);
	f->fd = zmq_msg_get(&f->msg[0], ZMQ_SRCFD);
	return (recv_rest(sock, f));
}

/* Who sent it: what ZAP said of the connection, as libzmq attached it. */
static void
identify(struct frame *f)
{
	const char *user = zmq_msg_gets(&f->msg[0], "User-Id");

	if (user != NULL && strlen(user) < sizeof(f->user))
		memcpy(f->user, user, strlen(user) + 1);
	f->fd = zmq_msg_get(&f->msg[0], ZMQ_SRCFD);
}

/**
 * frame_recv_router(sock, f):
 * Read one message from a client into ${f}.
 */
enum err
frame_recv_router(void *sock, struct frame *f)
{
	bool own, more;
	enum err err;

	forget(f);
	if ((err = recv_one(sock, &f->msg[0])) != ERR_OK)
		return (err);

	/* A routing id that libzmq did not make was chosen by the peer. */
	own = zmq_msg_size(&f->msg[0]) == FRAME_ROUTE_LEN &&
	    *(const uint8_t *)zmq_msg_data(&f->msg[0]) == 0;
	if (own)
		memcpy(f->route, zmq_msg_data(&f->msg[0]), FRAME_ROUTE_LEN);
	more = zmq_msg_more(&f->msg[0]) != 0;
	if (!more) {
		blame(f, ERR_MALFORMED, "een bericht zonder kop");
		return (ERR_OK);
	}

	if ((err = recv_one(sock, &f->msg[0])) != ERR_OK)
		return (err);
	if (own)
		identify(f);
	else
		blame(f, ERR_MALFORMED, "een eigen routing id");
	return (recv_rest(sock, f));
}

static enum err
send_one(void *sock, const void *p, size_t len, bool more)
{
	const int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);

	while (zmq_send(sock, p, len, flags) == -1) {
		if (errno == EAGAIN)
			return (ERR_BUSY);
		if (errno == EHOSTUNREACH)
			return (ERR_NOT_FOUND);
		if (errno != EINTR)
			return (ERR_IO);
	}
	return (ERR_OK);
}

static enum err
send_both(void *sock, struct slice header, struct slice content)
{
	enum err err = send_one(sock, header.p, header.len, content.len > 0);

	if (err != ERR_OK || content.len == 0)
		return (err);
	return (send_one(sock, content.p, content.len, false));
}

static bool
fits(struct slice header, struct slice content)
{
	return (header.len <= FRAME_HEADER_MAX &&
	    content.len <= FRAME_CONTENT_MAX);
}

/**
 * frame_send_dealer(sock, header, content):
 * Queue one message to the broker.
 */
enum err
frame_send_dealer(void *sock, struct slice header, struct slice content)
{
	if (!fits(header, content))
		return (ERR_TOO_BIG);
	return (send_both(sock, header, content));
}

/**
 * frame_send_router(sock, route, header, content):
 * Queue one message to the connection ${route}.
 */
enum err
frame_send_router(void *sock, const uint8_t route[FRAME_ROUTE_LEN],
    struct slice header, struct slice content)
{
	enum err err;

	if (!fits(header, content))
		return (ERR_TOO_BIG);

	/* Once libzmq has taken the routing id it takes the rest. */
	err = send_one(sock, route, FRAME_ROUTE_LEN, true);
	if (err != ERR_OK)
		return (err);
	return (send_both(sock, header, content));
}

/**
 * frame_pack_to(a, msg, out), frame_pack_from(a, msg, out):
 * Set the version of ${msg} and serialise it into ${a}.
 */
enum err
frame_pack_to(struct arena *a, Keten__V1__ToBroker *msg, struct slice *out)
{
	msg->version = FRAME_VERSION;
	return (pb_pack_within(a, FRAME_HEADER_MAX, &msg->base, out));
}

enum err
frame_pack_from(struct arena *a, Keten__V1__FromBroker *msg, struct slice *out)
{
	msg->version = FRAME_VERSION;
	return (pb_pack_within(a, FRAME_HEADER_MAX, &msg->base, out));
}

/* Version before body: a later version may have bodies we do not know. */
static enum err
check_head(uint32_t version, bool has_body, const char **rule)
{
	if (version != FRAME_VERSION)
		return (pb_refuse(ERR_VERSION, "veld version: 1", rule));
	if (!has_body)
		return (pb_refuse(ERR_MALFORMED, "een bericht zonder inhoud",
		    rule));
	return (ERR_OK);
}

/**
 * frame_parse_to(a, header, msg, rule), frame_parse_from(...):
 * Read a header frame into ${a}.
 */
enum err
frame_parse_to(struct arena *a, struct slice header,
    Keten__V1__ToBroker **msg, const char **rule)
{
	Keten__V1__ToBroker *m;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__to_broker__descriptor, header,
	    &prescan_session, &m, rule);
	if (err == ERR_OK)
		err = check_head(m->version,
		    m->body_case != KETEN__V1__TO_BROKER__BODY__NOT_SET, rule);
	if (err == ERR_OK)
		*msg = m;
	return (err);
}

enum err
frame_parse_from(struct arena *a, struct slice header,
    Keten__V1__FromBroker **msg, const char **rule)
{
	Keten__V1__FromBroker *m;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__from_broker__descriptor, header,
	    &prescan_answer, &m, rule);
	if (err == ERR_OK)
		err = check_head(m->version,
		    m->body_case != KETEN__V1__FROM_BROKER__BODY__NOT_SET,
		    rule);
	if (err == ERR_OK)
		*msg = m;
	return (err);
}
