/*
 * line -- one connection to the broker.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "sdk/line.h"
#include "wire/zkeys.h"

struct line {
	void *sock;
	void *monitor;
	enum line_state state;
};

/* Everything that says how a connection went. */
#define EVENTS \
	(ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED | \
	    ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | \
	    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | \
	    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | \
	    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

static MUST_CHECK enum err
open_monitor(struct line *l, void *zmq)
{
	int none = 0;
	char name[64];

	(void)snprintf(name, sizeof(name), "inproc://keten-line-%p",
	    (void *)l);
	if (zmq_socket_monitor(l->sock, name, EVENTS) != 0)
		return (ERR_IO);
	l->monitor = zmq_socket(zmq, ZMQ_PAIR);
	if (l->monitor == NULL ||
	    zmq_setsockopt(l->monitor, ZMQ_LINGER, &none, sizeof(none)) != 0 ||
	    zmq_connect(l->monitor, name) != 0)
		return (ERR_IO);
	return (ERR_OK);
}

enum err
line_open(void *zmq, const struct device *dev, struct line **line)
{
	struct line *l = calloc(1, sizeof(*l));
	enum err err;

	if (l == NULL)
		return (ERR_NOMEM);
	l->state = LINE_TRYING;
	if ((l->sock = zmq_socket(zmq, ZMQ_DEALER)) == NULL) {
		free(l);
		return (ERR_IO);
	}
	err = zkeys_client(l->sock, dev->broker_key, dev->curve_public.b,
	    dev->curve->b);
	if (err == ERR_OK)
		err = open_monitor(l, zmq);
	if (err == ERR_OK && zmq_connect(l->sock, dev->endpoint) != 0)
		err = ERR_IO;
	if (err != ERR_OK) {
		line_close(l);
		return (err);
	}
	*line = l;
	return (ERR_OK);
}

void
line_close(struct line *l)
{
	/*
	 * Closed with LINGER 0 while the first of two frames is on its way,
	 * libzmq 4.3.4 can abort the process: let the message leave.
	 */
	const int linger = 250;

	if (l == NULL)
		return;
	(void)zmq_setsockopt(l->sock, ZMQ_LINGER, &linger, sizeof(linger));
	/* Closing cannot fail for sockets that are ours. */
	(void)zmq_socket_monitor(l->sock, NULL, 0);
	if (l->monitor != NULL)
		(void)zmq_close(l->monitor);
	(void)zmq_close(l->sock);
	free(l);
}

/* What one event of the monitor makes of the line. */
static enum line_state
after(enum line_state was, uint16_t event)
{
	if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		return (LINE_OPEN);
	if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ||
	    event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
		return (LINE_STRANGER);
	/* A failed handshake is followed by a closed connection. */
	return (was == LINE_STRANGER ? was : LINE_NOBODY);
}

enum line_state
line_state(struct line *l)
{
	zmq_msg_t m;

	for (;;) {
		uint16_t event = 0;
		int more;

		(void)zmq_msg_init(&m); /* cannot fail */
		if (zmq_msg_recv(&m, l->monitor, ZMQ_DONTWAIT) < 0)
			break;
		if (zmq_msg_size(&m) >= sizeof(event))
			memcpy(&event, zmq_msg_data(&m), sizeof(event));
		more = zmq_msg_more(&m);
		(void)zmq_msg_close(&m);
		/* The second frame is the address: ours. */
		(void)zmq_msg_init(&m);
		if (more)
			(void)zmq_msg_recv(&m, l->monitor, ZMQ_DONTWAIT);
		(void)zmq_msg_close(&m);
		l->state = after(l->state, event);
	}
	(void)zmq_msg_close(&m);
	return (l->state);
}

enum err
line_send(struct line *l, struct slice header, struct slice content)
{
	return (frame_send_dealer(l->sock, header, content));
}

enum err
line_recv(struct line *l, struct frame *f)
{
	return (frame_recv_dealer(l->sock, f));
}

void
line_wait(struct line *l, int wake_fd, int timeout_ms)
{
	zmq_pollitem_t items[3];
	int n = 0;

	if (wake_fd >= 0)
		items[n++] = (zmq_pollitem_t){ NULL, wake_fd, ZMQ_POLLIN, 0 };
	if (l != NULL) {
		items[n++] = (zmq_pollitem_t){ l->sock, 0, ZMQ_POLLIN, 0 };
		items[n++] = (zmq_pollitem_t){ l->monitor, 0, ZMQ_POLLIN, 0 };
	}
	/* Interrupted or not: whoever waited looks again. */
	(void)zmq_poll(items, n, timeout_ms);
}

void
line_fds(struct line *l, int fds[2])
{
	size_t len = sizeof(fds[0]);

	fds[0] = fds[1] = -1;
	(void)zmq_getsockopt(l->sock, ZMQ_FD, &fds[0], &len);
	len = sizeof(fds[1]);
	(void)zmq_getsockopt(l->monitor, ZMQ_FD, &fds[1], &len);
}
