/*
 * wire -- the broker's socket: bytes in, bytes out, and from whom.
 */
#include <string.h>

#include <zmq.h>

#include "base/say.h"
#include "ketend/broker.h"
#include "ketend/reply.h"
#include "ketend/wire.h"
#include "wire/pb.h"

/* What was sent to somebody has so long to get there. */
#define CUT_MS 300

/**
 * wire_open(w, ctx, secret):
 * Make the ROUTER.
 */
enum err
wire_open(struct wire *w, void *ctx, const uint8_t secret[ZKEYS_LEN])
{
	w->ctx = ctx;
	w->router = zmq_socket(ctx, ZMQ_ROUTER);
	if (w->router == NULL)
		return (ERR_IO);
	return (zkeys_server(w->router, secret));
}

/**
 * wire_listen(w, address):
 * Listen on ${address}.
 */
enum err
wire_listen(struct wire *w, const char *address)
{
	return (zmq_bind(w->router, address) == 0 ? ERR_OK : ERR_IO);
}

/* --- in -------------------------------------------------------------------- */

/* Which certificate of its device counts now; 0: none. */
static uint64_t
certificate_of(const struct broker *b, const struct session *s)
{
	const struct keyring_device *d = keyring_device(b->keys, &s->partner,
	    s->device);

	return (d == NULL ? 0 : d->added);
}

static struct session *
session_of(struct broker *b, const struct frame *f)
{
	struct session *s, *oldest;

	s = sessions_find(b->sessions, f->route);
	if (s != NULL && strcmp(s->user, f->user) == 0) {
		s->fd = f->fd;
		return (s);
	}
	/* libzmq gives a routing id away again after billions: what counts is
	 * whom it says this message is from. */
	if (s != NULL)
		wire_end(b, s, SESSION_GONE);
	if (sessions_add(b->sessions, f, b->turn->mono_ms, &s) != ERR_OK)
		return (NULL);
	s->certificate = certificate_of(b, s);
	b->metrics.connects++;
	oldest = sessions_surplus(b->sessions, s->user);
	if (oldest != NULL)
		wire_end(b, oldest, SESSION_MANY);
	return (s);
}

/*
 * Is the certificate with which it came still the one that counts?  The gate
 * learns of records; dates pass by themselves.
 */
static bool
is_welcome(const struct broker *b, const struct session *s)
{
	const struct keyring_device *d = keyring_device(b->keys, &s->partner,
	    s->device);

	return (d != NULL && d->added == s->certificate &&
	    gate_allows(b->gate, s->user) &&
	    !keyring_has_expired(d->not_after_ms, b->turn->now_ms) &&
	    !policy_has_ended(b->policy, &s->partner, b->turn->now_ms));
}

/**
 * wire_why(b, s):
 * Why ${s}, which is not welcome any more, ends.
 */
enum session_end
wire_why(const struct broker *b, const struct session *s)
{
	struct session now = *s;

	now.certificate = certificate_of(b, s);
	return (is_welcome(b, &now) ? SESSION_REKEYED : SESSION_REVOKED);
}

/* The messages of this turn that came from a session that ends. */
static void
disown(struct broker *b, const struct session *s)
{
	struct turn *t = b->turn;

	for (size_t i = 0; i < t->n; i++)
		if (t->message[i].session == s)
			t->message[i].session = NULL;
}

static bool
take(struct broker *b, struct message *m)
{
	m->session = NULL;
	if (m->frame.user[0] != '\0')
		m->session = session_of(b, &m->frame);
	if (m->session == NULL) {
		b->metrics.dropped++;
		return (false);
	}
	m->session->heard_ms = b->turn->mono_ms;
	m->is_known = is_welcome(b, m->session);
	b->metrics.messages++;
	b->metrics.bytes += m->frame.header.len + m->frame.content.len;
	return (true);
}

/**
 * wire_read(b, from):
 * Read what is there into the turn's messages.
 */
enum err
wire_read(struct broker *b, size_t from)
{
	struct turn *t = b->turn;
	size_t bytes = 0;
	enum err err;

	for (size_t i = from; i < t->n; i++)
		bytes += t->message[i].frame.header.len +
		    t->message[i].frame.content.len;
	while (t->n < TURN_MESSAGES && bytes < TURN_BYTES) {
		struct message *m = &t->message[t->n];

		err = frame_recv_router(b->wire.router, &m->frame);
		if (err == ERR_TIMEOUT)
			break;
		if (err != ERR_OK)
			return (err);
		bytes += m->frame.header.len + m->frame.content.len;
		if (take(b, m))
			t->n++;
	}
	return (ERR_OK);
}

/* --- out ------------------------------------------------------------------- */

/**
 * wire_send(b, s, header, content):
 * Queue one message to ${s}.
 */
enum err
wire_send(struct broker *b, struct session *s, struct slice header,
    struct slice content)
{
	enum err err;

	err = frame_send_router(b->wire.router, s->route, header, content);
	if (err == ERR_NOT_FOUND) {
		wire_end(b, s, SESSION_GONE);
		return (err);
	}
	if (err == ERR_OK) {
		b->metrics.sent++;
		b->metrics.sent_bytes += header.len + content.len;
	}
	return (err);
}

/*
 * Cut the connection of ${s}, but let what was sent to it get there: nothing
 * that comes over it meanwhile is believed, as its session has ended.
 */
static void
cut_later(struct broker *b, const struct session *s)
{
	struct wire *w = &b->wire;
	struct wire_cut *c;

	for (size_t i = 0; i < w->n_cuts; i++)
		if (memcmp(w->cut[i].route, s->route, sizeof(s->route)) == 0)
			return;
	if (w->n_cuts == WIRE_CUTS) {
		gate_close_connection(s->fd);
		return;
	}
	c = &w->cut[w->n_cuts++];
	memcpy(c->route, s->route, sizeof(c->route));
	c->fd = s->fd;
	c->at_ms = b->turn->mono_ms + CUT_MS;
}

/* The descriptor is that of this connection as long as libzmq knows the
 * connection; else it may be somebody else's by now. */
static void
cut(struct broker *b, const struct wire_cut *c)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Bye bye = KETEN__V1__BYE__INIT;
	size_t mark = arena_used(b->turn->pack);
	struct slice header;

	bye.reason = pb_string(sessions_end_name(SESSION_REVOKED));
	msg.body_case = KETEN__V1__FROM_BROKER__BODY_BYE;
	msg.bye = &bye;
	if (frame_pack_from(b->turn->pack, &msg, &header) == ERR_OK &&
	    frame_send_router(b->wire.router, c->route, header,
		slice_of(NULL, 0)) == ERR_OK)
		gate_close_connection(c->fd);
	arena_rewind(b->turn->pack, mark);
}

/**
 * wire_cut(b):
 * Cut what is due.
 */
void
wire_cut(struct broker *b)
{
	struct wire *w = &b->wire;

	for (size_t i = 0; i < w->n_cuts;) {
		if (w->cut[i].at_ms > b->turn->mono_ms) {
			i++;
			continue;
		}
		cut(b, &w->cut[i]);
		w->cut[i] = w->cut[--w->n_cuts];
	}
}

/**
 * wire_next_cut(w):
 * When the next is due.
 */
int64_t
wire_next_cut(const struct wire *w)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < w->n_cuts; i++)
		if (w->cut[i].at_ms < next)
			next = w->cut[i].at_ms;
	return (next);
}

/* Does the connection itself end? */
static bool
closes(enum session_end why)
{
	return (why == SESSION_MANY || why == SESSION_REVOKED ||
	    why == SESSION_REKEYED);
}

/**
 * wire_end(b, s, why):
 * End ${s}.
 */
void
wire_end(struct broker *b, struct session *s, enum session_end why)
{
	struct say_ctx ctx = { .partner = &s->partner, .device = s->user };
	struct org partner = s->partner;
	bool was_open = s->is_open;
	enum err heard = ERR_NOT_FOUND;

	if (why != SESSION_GONE && why != SESSION_DONE)
		heard = reply_bye(b, s, sessions_end_name(why));
	if (closes(why) && heard == ERR_OK)
		cut_later(b, s);
	say(why == SESSION_MANY ? SAY_REPLACED : SAY_DISCONNECT, &ctx, "%s", sessions_end_name(why));
	disown(b, s);
	sessions_end(b->sessions, s, b->turn->now_ms);
	if (was_open && sessions_since(b->sessions, &partner) != 0) {
		ctx.device = NULL;
		ctx.partner = &partner;
		say(SAY_UNREACHABLE, &ctx, "no connection left");
	}
}

/**
 * wire_replaced(b, s):
 * A newer HELLO has the mailbox of ${s}.
 */
void
wire_replaced(struct broker *b, struct session *s)
{
	say(SAY_REPLACED, &(struct say_ctx){ .partner = &s->partner,
	    .device = s->user }, "mailbox %s", s->mailbox.id);
	/* If nobody hears it, the next PING finds out. */
	(void)reply_bye(b, s, sessions_end_name(SESSION_REPLACED));
	sessions_leave(b->sessions, s, b->turn->now_ms);
}

static void
check_one(struct broker *b, struct session *s)
{
	int64_t now = b->turn->mono_ms;

	if (!is_welcome(b, s)) {
		wire_end(b, s, wire_why(b, s));
		return;
	}
	/* Its queue was full, perhaps: try again. */
	if (s->is_open && s->credit > 0 && s->sent < s->last)
		sessions_ready(b->sessions, s);
	if (now - s->heard_ms < b->set->ping_ms ||
	    now - s->asked_ms < b->set->ping_ms)
		return;
	s->asked_ms = now;
	/* If nobody is there any more, sending says so. */
	(void)reply_ping(b, s, ++s->asked);
}

/**
 * wire_check(b):
 * Look after the connections.
 */
void
wire_check(struct broker *b)
{
	struct session *s;
	size_t at = 0;

	while ((s = sessions_next(b->sessions, &at)) != NULL)
		check_one(b, s);
}

/**
 * wire_close(w):
 * Close the socket.
 */
void
wire_close(struct wire *w)
{
	/*
	 * Closed with LINGER 0 while the first of two frames is on its way,
	 * libzmq 4.3.4 aborts if the peer goes in that same moment
	 * (session_base.cpp:260).  Given a moment it finishes the message,
	 * and the last BYE arrives too.
	 */
	const int linger = 250;

	if (w->router == NULL)
		return;
	/* Both only fail for what is no socket. */
	(void)zmq_setsockopt(w->router, ZMQ_LINGER, &linger, sizeof(linger));
	(void)zmq_close(w->router);
	w->router = NULL;
}
