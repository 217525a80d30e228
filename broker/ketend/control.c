/*
 * control -- the operator's way in: a Unix socket that only its owner can
 * open.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/say.h"
#include "ketend/broker.h"
#include "ketend/control.h"
#include "ketend/order.h"

struct client {
	int fd; /* -1: free */
	size_t len;
	char *line; /* CONTROL_LINE */
	bool is_whole;
};

struct control {
	int fd;
	struct client client[CONTROL_CLIENTS];
	struct client *turn; /* whose request is carried out */
	struct order order;
};

/* --- opening and closing --------------------------------------------------------- */

static bool
address(const char *path, struct sockaddr_un *to)
{
	if (strlen(path) >= sizeof(to->sun_path))
		return (false);
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, path, strlen(path) + 1);
	return (true);
}

/* Bind so that the socket is never there with other rights. */
static bool
listen_at(int fd, const struct sockaddr_un *at)
{
	mode_t old = umask(0177);
	bool ok;

	(void)unlink(at->sun_path); /* left over, or not there */
	ok = bind(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;
	(void)umask(old); /* always succeeds */
	return (ok && listen(fd, CONTROL_CLIENTS) == 0);
}

/**
 * control_open(path, c):
 * Listen on the Unix socket ${path}.
 */
enum err
control_open(const char *path, struct control **c)
{
	struct sockaddr_un at;
	struct control *n;

	if (!address(path, &at))
		return (ERR_FULL);
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		n->client[i].fd = -1;
	n->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (n->fd == -1 || !listen_at(n->fd, &at)) {
		control_close(n, NULL);
		return (ERR_IO);
	}
	*c = n;
	return (ERR_OK);
}

static void
client_close(struct client *k)
{
	if (k->fd != -1)
		(void)close(k->fd); /* nothing was left to be written */
	free(k->line);
	*k = (struct client){ .fd = -1 };
}

/**
 * control_close(c, path):
 * Close all and remove the socket.
 */
void
control_close(struct control *c, const char *path)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		client_close(&c->client[i]);
	if (c->fd != -1)
		(void)close(c->fd); /* as above */
	if (path != NULL)
		(void)unlink(path); /* gone already: as it should be */
	json_decref(c->order.ask);
	json_decref(c->order.data);
	free(c);
}

/* --- in ---------------------------------------------------------------------------- */

/**
 * control_poll(c, items):
 * Fill ${items} with what to wait for.
 */
size_t
control_poll(const struct control *c, zmq_pollitem_t *items)
{
	size_t n = 0;

	items[n++] = (zmq_pollitem_t){ NULL, c->fd, ZMQ_POLLIN, 0 };
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->client[i].fd != -1 && !c->client[i].is_whole)
			items[n++] = (zmq_pollitem_t){ NULL, c->client[i].fd,
				ZMQ_POLLIN, 0 };
	return (n);
}

static void
welcome_clients(struct control *c)
{
	int fd;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *k = &c->client[i];

		if (k->fd != -1)
			continue;
		fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd == -1)
			return;
		k->line = malloc(CONTROL_LINE);
		if (k->line == NULL) {
			(void)close(fd); /* it tries again */
			return;
		}
		k->fd = fd;
	}
}

static void
client_read(struct client *k)
{
	ssize_t n;

	if (k->fd == -1 || k->is_whole)
		return;
	n = recv(k->fd, k->line + k->len, CONTROL_LINE - 1 - k->len,
	    MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(k);
		return;
	}
	k->len += (size_t)n;
	k->line[k->len] = '\0';
	k->is_whole = memchr(k->line, '\n', k->len) != NULL;
	if (!k->is_whole && k->len == CONTROL_LINE - 1)
		client_close(k); /* nobody needs so long a line */
}

/**
 * control_read(c):
 * Take in what is there.
 */
void
control_read(struct control *c)
{
	welcome_clients(c);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		client_read(&c->client[i]);
}

/**
 * control_has_request(c):
 * Tell whether a whole request waits.
 */
bool
control_has_request(const struct control *c)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->client[i].is_whole)
			return (true);
	return (false);
}

/* --- a request ------------------------------------------------------------------------ */

static void
order_begin(struct control *c, struct client *k)
{
	char *end = memchr(k->line, '\n', k->len);

	json_decref(c->order.ask);
	json_decref(c->order.data);
	memset(&c->order, 0, sizeof(c->order));
	c->order.ask = json_loadb(k->line, (size_t)(end - k->line),
	    JSON_REJECT_DUPLICATES, NULL);
	c->turn = k;
}

/**
 * control_turn(b):
 * Carry out one request.
 */
enum err
control_turn(struct broker *b)
{
	struct control *c = b->control;

	for (size_t i = 0; i < CONTROL_CLIENTS && c->turn == NULL; i++)
		if (c->client[i].is_whole)
			order_begin(c, &c->client[i]);
	if (c->turn == NULL)
		return (ERR_OK);
	/* Decided again after an abort: as if for the first time. */
	json_decref(c->order.data);
	c->order.data = NULL;
	c->order.no = ERR_OK;
	return (order_run(b, &c->order));
}

/* The answer, as one line. */
static char *
answer_text(const struct order *o)
{
	json_t *j;
	char *text;

	if (o->no == ERR_OK)
		j = json_pack("{s:b, s:O}", "ok", 1, "data", o->data);
	else
		j = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "error",
		    err_name(o->no), "text", o->text, "todo",
		    err_todo(o->no));
	text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
	json_decref(j);
	return (text);
}

/* All of one answer has to be read within this. */
#define SEND_MS 2000

/* The operator's own program reads what it asked for: a moment's wait at most,
 * and then the connection is closed rather than the broker stopped. */
static bool
write_all(int fd, const char *p, size_t len)
{
	struct timeval wait = { .tv_sec = 0, .tv_usec = 200000 };
	int64_t end = clockwork_mono_ms() + SEND_MS;
	ssize_t n;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	while (len > 0) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return (false);
		p += n;
		len -= (size_t)n;
		if (len > 0 && clockwork_mono_ms() > end)
			return (false);
	}
	return (true);
}

static bool
client_send(const struct client *k, const char *text)
{
	return (write_all(k->fd, text, strlen(text)) &&
	    write_all(k->fd, "\n", 1));
}

/* What is behind the line that was answered is the next request. */
static void
client_next(struct client *k)
{
	char *end = memchr(k->line, '\n', k->len);
	size_t used = (size_t)(end - k->line) + 1;

	memmove(k->line, k->line + used, k->len - used);
	k->len -= used;
	k->line[k->len] = '\0';
	k->is_whole = memchr(k->line, '\n', k->len) != NULL;
}

/**
 * control_answer(c):
 * The turn is committed: send the answer.
 */
void
control_answer(struct control *c)
{
	struct client *k = c->turn;
	char *text;

	if (k == NULL)
		return;
	c->turn = NULL;
	text = answer_text(&c->order);
	if (text != NULL && client_send(k, text))
		client_next(k);
	else
		client_close(k);
	free(text);
}
