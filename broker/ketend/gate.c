/*
 * gate -- who may connect: CURVE keys and the ZAP handler that knows them.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zmq.h>

#include "base/bytes.h"
#include "base/say.h"
#include "ketend/clockwork.h"
#include "ketend/gate.h"

#define ZAP_ADDRESS "inproc://zeromq.zap.01"

/* Frames of a request for CURVE: version, id, domain, address, routing id,
 * mechanism, key. */
#define ZAP_FRAMES 7
#define ZAP_ID_MAX 255

/* Everybody who is welcome, in two orders; never changed once made. */
struct guests {
	size_t n;
	struct gate_guest *by_user;
	struct gate_guest *by_key;
};

struct gate {
	pthread_mutex_t lock; /* of guests */
	struct guests guests;
	atomic_uint_fast64_t welcomed;
	atomic_uint_fast64_t refused;
	atomic_bool proving;
	int64_t said_ms;
	void *zap;
	int stop_fd;
	bool running;
	pthread_t thread;
};

static int
user_order(const void *a, const void *b)
{
	const struct gate_guest *x = a, *y = b;

	return (strcmp(x->user, y->user));
}

static int
key_order(const void *a, const void *b)
{
	const struct gate_guest *x = a, *y = b;

	return (memcmp(x->key, y->key, ZKEYS_LEN));
}

/* --- the handler's thread ------------------------------------------------ */

struct request {
	uint8_t id[ZAP_ID_MAX];
	size_t id_len;
	uint8_t key[ZKEYS_LEN];
	bool is_ours; /* the right version, domain and mechanism */
};

static bool
is_text(zmq_msg_t *m, const char *text)
{
	return (zmq_msg_size(m) == strlen(text) &&
	    memcmp(zmq_msg_data(m), text, strlen(text)) == 0);
}

/* Look at frame ${i} of a request. */
static void
take_frame(struct request *q, size_t i, zmq_msg_t *m)
{
	size_t len = zmq_msg_size(m);

	switch (i) {
	case 0:
		q->is_ours = is_text(m, "1.0");
		break;
	case 1:
		q->id_len = len > sizeof(q->id) ? sizeof(q->id) : len;
		memcpy(q->id, zmq_msg_data(m), q->id_len);
		break;
	case 2:
		q->is_ours = q->is_ours && is_text(m, ZKEYS_DOMAIN);
		break;
	case 5:
		q->is_ours = q->is_ours && is_text(m, "CURVE");
		break;
	case 6:
		q->is_ours = q->is_ours && len == ZKEYS_LEN;
		if (q->is_ours)
			memcpy(q->key, zmq_msg_data(m), ZKEYS_LEN);
		break;
	default: /* the address and the routing id are nobody's business */
		break;
	}
}

/* Read a whole request; -1 with errno if the socket failed. */
static int
read_request(void *zap, struct request *q)
{
	zmq_msg_t m;
	size_t i = 0;
	bool more = true;

	memset(q, 0, sizeof(*q));
	for (; more; i++) {
		(void)zmq_msg_init(&m); /* never fails */
		if (zmq_msg_recv(&m, zap, i == 0 ? ZMQ_DONTWAIT : 0) == -1)
			return (-1);
		take_frame(q, i, &m);
		more = zmq_msg_more(&m) != 0;
		(void)zmq_msg_close(&m); /* it is initialised */
	}
	if (i != ZAP_FRAMES)
		q->is_ours = false;
	return (0);
}

/* Copy the name that goes with ${key} into ${user}; false if there is none. */
static bool
find_key(struct gate *g, const uint8_t key[ZKEYS_LEN],
    char user[FRAME_USER_MAX])
{
	const struct gate_guest *found = NULL;
	struct gate_guest who;

	memcpy(who.key, key, ZKEYS_LEN);
	pthread_mutex_lock(&g->lock);
	if (g->guests.n > 0)
		found = bsearch(&who, g->guests.by_key, g->guests.n,
		    sizeof(who), key_order);
	if (found != NULL)
		memcpy(user, found->user, FRAME_USER_MAX);
	pthread_mutex_unlock(&g->lock);
	return (found != NULL);
}

static int
answer(void *zap, const struct request *q, const char *status,
    const char *text, const char *user)
{
	if (zmq_send(zap, "1.0", 3, ZMQ_SNDMORE) == -1 ||
	    zmq_send(zap, q->id, q->id_len, ZMQ_SNDMORE) == -1 ||
	    zmq_send(zap, status, strlen(status), ZMQ_SNDMORE) == -1 ||
	    zmq_send(zap, text, strlen(text), ZMQ_SNDMORE) == -1 ||
	    zmq_send(zap, user, strlen(user), ZMQ_SNDMORE) == -1)
		return (-1);
	return (zmq_send(zap, "", 0, 0) == -1 ? -1 : 0);
}

/* A thousand bad handshakes are one line a second, not a thousand. */
static void
say_refused(struct gate *g)
{
	int64_t now = clockwork_mono_ms();

	if (atomic_load(&g->proving)) /* the self-test's own stranger */
		return;
	if (g->said_ms != 0 && now - g->said_ms < 1000)
		return;
	g->said_ms = now;
	say(SAY_HANDSHAKE, NULL, "handshakes refused so far: %llu",
	    (unsigned long long)atomic_load(&g->refused));
}

static int
serve_one(struct gate *g)
{
	char user[FRAME_USER_MAX] = "";
	struct request q;

	if (read_request(g->zap, &q) != 0)
		return (-1);
	if (q.is_ours && find_key(g, q.key, user)) {
		atomic_fetch_add(&g->welcomed, 1);
		return (answer(g->zap, &q, "200", "OK", user));
	}
	atomic_fetch_add(&g->refused, 1);
	say_refused(g);
	return (answer(g->zap, &q, "400", "unknown key", ""));
}

static void *
handler_main(void *arg)
{
	struct gate *g = arg;
	zmq_pollitem_t items[] = {
		{ g->zap, 0, ZMQ_POLLIN, 0 },
		{ NULL, g->stop_fd, ZMQ_POLLIN, 0 },
	};

	while (zmq_poll(items, 2, -1) != -1 || errno == EINTR) {
		if ((items[1].revents & ZMQ_POLLIN) != 0)
			return (NULL);
		if ((items[0].revents & ZMQ_POLLIN) == 0)
			continue;
		if (serve_one(g) != 0 && errno != EAGAIN && errno != EINTR)
			break;
	}

	/* Nobody answers ZAP any more: end, before anything goes wrong. */
	say(SAY_SELFTEST, NULL, "the ZAP handler stopped: %s",
	    zmq_strerror(errno));
	_exit(1);
}

/* --- the owner's side, who alone changes the guests ----------------------- */

static bool
open_zap(struct gate *g, void *ctx)
{
	const int linger = 0;

	g->zap = zmq_socket(ctx, ZMQ_REP);
	return (g->zap != NULL &&
	    zmq_setsockopt(g->zap, ZMQ_LINGER, &linger, sizeof(linger)) == 0 &&
	    zmq_bind(g->zap, ZAP_ADDRESS) == 0);
}

/**
 * gate_start(ctx):
 * Bind the ZAP address of ${ctx} and start the handler.
 */
struct gate *
gate_start(void *ctx)
{
	struct gate *g;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		return (NULL);
	pthread_mutex_init(&g->lock, NULL);
	g->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (g->stop_fd != -1 && open_zap(g, ctx))
		g->running =
		    pthread_create(&g->thread, NULL, handler_main, g) == 0;
	if (!g->running) {
		gate_stop(g);
		return (NULL);
	}
	return (g);
}

static void
guests_fini(struct guests *list)
{
	free(list->by_user);
	free(list->by_key);
}

static enum err
guests_make(const struct gate_guest *who, size_t n, struct guests *list)
{
	size_t size = (n == 0 ? 1 : n) * sizeof(*who);

	list->n = n;
	list->by_user = malloc(size);
	list->by_key = malloc(size);
	if (list->by_user == NULL || list->by_key == NULL) {
		guests_fini(list);
		return (ERR_NOMEM);
	}
	if (n > 0) {
		memcpy(list->by_user, who, n * sizeof(*who));
		memcpy(list->by_key, who, n * sizeof(*who));
		qsort(list->by_user, n, sizeof(*who), user_order);
		qsort(list->by_key, n, sizeof(*who), key_order);
	}
	return (ERR_OK);
}

/**
 * gate_set(g, who, n):
 * Let these in, and nobody else.
 */
enum err
gate_set(struct gate *g, const struct gate_guest *who, size_t n)
{
	struct guests list, old;
	enum err err;

	if ((err = guests_make(who, n, &list)) != ERR_OK)
		return (err);
	pthread_mutex_lock(&g->lock);
	old = g->guests;
	g->guests = list;
	pthread_mutex_unlock(&g->lock);
	guests_fini(&old);
	return (ERR_OK);
}

/**
 * gate_allows(g, user):
 * Tell whether ${user} is welcome now.
 */
bool
gate_allows(const struct gate *g, const char *user)
{
	struct gate_guest who = { .user = "" };

	if (g->guests.n == 0 || strlen(user) >= sizeof(who.user))
		return (false);
	memcpy(who.user, user, strlen(user) + 1);
	return (bsearch(&who, g->guests.by_user, g->guests.n, sizeof(who),
	    user_order) != NULL);
}

/**
 * gate_size(g), gate_welcomed(g), gate_refused(g):
 * Return how many keys are known; how many handshakes got 200, and 400.
 */
size_t
gate_size(const struct gate *g)
{
	return (g->guests.n);
}

uint64_t
gate_welcomed(const struct gate *g)
{
	return (atomic_load(&g->welcomed));
}

uint64_t
gate_refused(const struct gate *g)
{
	return (atomic_load(&g->refused));
}

/**
 * gate_proving(g, on):
 * The self-test begins, or is over: then nobody was ever refused.
 */
void
gate_proving(struct gate *g, bool on)
{
	atomic_store(&g->proving, on);
	if (!on) {
		atomic_store(&g->welcomed, 0);
		atomic_store(&g->refused, 0);
	}
}

/**
 * gate_close_connection(fd):
 * End the connection whose descriptor is ${fd}.
 */
void
gate_close_connection(int fd)
{
	if (fd >= 0)
		(void)shutdown(fd, SHUT_RDWR); /* gone already: the same */
}

/**
 * gate_stop(g):
 * End the handler and free ${g}.
 */
void
gate_stop(struct gate *g)
{
	const uint64_t one = 1;

	if (g == NULL)
		return;
	if (g->running && write(g->stop_fd, &one, sizeof(one)) != -1)
		pthread_join(g->thread, NULL);
	if (g->zap != NULL)
		(void)zmq_close(g->zap); /* only fails for what is no socket */
	if (g->stop_fd != -1)
		(void)close(g->stop_fd); /* nothing was written to keep */
	pthread_mutex_destroy(&g->lock);
	guests_fini(&g->guests);
	free(g);
}
