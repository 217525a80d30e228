/*
 * gate_prove -- the gate's self-test, with real sockets on loopback.
 */
#include <string.h>

#include <zmq.h>

#include "ketend/clockwork.h"
#include "ketend/gate.h"
#include "trust/digest.h"

#define KNOWN "selftest/known"

/* A handshake on loopback takes 5 ms; this is what a stranger is given. */
#define STRANGER_MS 60
/* And this is what a friend is given, on a machine that is busy. */
#define FRIEND_MS 3000

struct pair {
	uint8_t public[ZKEYS_LEN];
	uint8_t secret[ZKEYS_LEN];
};

struct trial {
	void *server;
	char address[64];
	struct pair server_keys;
};

static bool
make_pair(struct pair *p)
{
	char public[41], secret[41];
	bool ok;

	ok = zmq_curve_keypair(public, secret) == 0 &&
	    zmq_z85_decode(p->public, public) != NULL &&
	    zmq_z85_decode(p->secret, secret) != NULL;
	digest_wipe(secret, sizeof(secret));
	return (ok);
}

static void
close_socket(void *sock)
{
	if (sock != NULL)
		(void)zmq_close(sock); /* only fails for what is no socket */
}

static enum err
trial_open(void *ctx, struct trial *t)
{
	size_t len = sizeof(t->address);

	memset(t, 0, sizeof(*t));
	if (!make_pair(&t->server_keys))
		return (ERR_CRYPTO);
	t->server = zmq_socket(ctx, ZMQ_ROUTER);
	if (t->server == NULL)
		return (ERR_IO);
	if (zkeys_server(t->server, t->server_keys.secret) != ERR_OK ||
	    zmq_bind(t->server, "tcp://127.0.0.1:*") != 0 ||
	    zmq_getsockopt(t->server, ZMQ_LAST_ENDPOINT, t->address, &len) != 0) {
		close_socket(t->server);
		t->server = NULL;
		return (ERR_IO);
	}
	return (ERR_OK);
}

static void
trial_close(struct trial *t)
{
	close_socket(t->server);
	digest_wipe(t, sizeof(*t));
}

/* Let somebody with ${keys} try; tell whether a message came through, and
 * from whom. */
static enum err
trial_connect(void *ctx, struct trial *t, const struct pair *keys, int wait_ms,
    bool *came, char user[FRAME_USER_MAX])
{
	int64_t until = clockwork_mono_ms() + wait_ms;
	enum err err = ERR_TIMEOUT;
	struct frame f;
	void *client;

	*came = false;
	if ((client = zmq_socket(ctx, ZMQ_DEALER)) == NULL)
		return (ERR_IO);
	frame_init(&f);
	if (zkeys_client(client, t->server_keys.public, keys->public,
	    keys->secret) != ERR_OK || zmq_connect(client, t->address) != 0) {
		err = ERR_IO;
		goto out;
	}
	/* On a busy machine it may be turned away before it says a word:
	 * then there is nobody left to send to, and nothing comes. */
	err = frame_send_dealer(client, slice_str("hallo"),
	    slice_of(NULL, 0));
	if (err == ERR_OK || err == ERR_BUSY || err == ERR_NOT_FOUND)
		err = ERR_TIMEOUT;
	while (err == ERR_TIMEOUT && clockwork_mono_ms() < until) {
		zmq_pollitem_t item = { t->server, 0, ZMQ_POLLIN, 0 };

		(void)zmq_poll(&item, 1, 5); /* the receive says more */
		err = frame_recv_router(t->server, &f);
	}
	*came = err == ERR_OK;
	if (*came)
		memcpy(user, f.user, FRAME_USER_MAX);
	if (err == ERR_TIMEOUT)
		err = ERR_OK;
out:
	frame_fini(&f);
	close_socket(client);
	return (err);
}

/* Without a handler nobody comes in. */
static enum err
prove_closed(const char **why)
{
	char user[FRAME_USER_MAX];
	struct trial t = { 0 };
	struct pair keys;
	bool came = true;
	enum err err = ERR_IO;
	void *ctx;

	*why = "the self-test could not open its sockets";
	if ((ctx = zmq_ctx_new()) == NULL)
		return (ERR_IO);
	if (make_pair(&keys) && trial_open(ctx, &t) == ERR_OK)
		err = trial_connect(ctx, &t, &keys, STRANGER_MS, &came, user);
	trial_close(&t);
	(void)zmq_ctx_term(ctx); /* its sockets are closed */
	if (err == ERR_OK && came) {
		*why = "a connection came in although nobody answers ZAP";
		return (ERR_CRYPTO);
	}
	return (err);
}

static enum err
prove_friend(void *ctx, struct gate *g, struct trial *t, const char **why)
{
	struct gate_guest guest = { .user = KNOWN };
	char user[FRAME_USER_MAX] = "";
	struct pair keys;
	bool came = false;
	enum err err;

	if (!make_pair(&keys))
		return (ERR_CRYPTO);
	memcpy(guest.key, keys.public, sizeof(guest.key));
	if (gate_set(g, &guest, 1) != ERR_OK)
		return (ERR_NOMEM);
	err = trial_connect(ctx, t, &keys, FRIEND_MS, &came, user);
	if (gate_set(g, NULL, 0) != ERR_OK)
		return (ERR_NOMEM);
	digest_wipe(&keys, sizeof(keys));
	if (err != ERR_OK)
		return (err);
	if (!came) {
		*why = "a known key was refused";
		return (ERR_CRYPTO);
	}
	if (strcmp(user, KNOWN) != 0) {
		*why = "a message came in without its User-Id";
		return (ERR_CRYPTO);
	}
	return (ERR_OK);
}

static enum err
prove_stranger(void *ctx, struct gate *g, struct trial *t, const char **why)
{
	uint64_t before = gate_refused(g);
	char user[FRAME_USER_MAX];
	struct pair keys;
	bool came = true;
	enum err err;

	if (!make_pair(&keys))
		return (ERR_CRYPTO);
	err = trial_connect(ctx, t, &keys, STRANGER_MS, &came, user);
	digest_wipe(&keys, sizeof(keys));
	if (err != ERR_OK)
		return (err);
	if (came) {
		*why = "an unknown key came in";
		return (ERR_CRYPTO);
	}
	/* On a busy machine the handshake may not have happened yet. */
	for (int i = 0; i < FRIEND_MS / 10 && gate_refused(g) == before; i++)
		(void)zmq_poll(NULL, 0, 10); /* only to wait */
	if (gate_refused(g) == before) {
		*why = "the handler was not asked about an unknown key";
		return (ERR_CRYPTO);
	}
	return (ERR_OK);
}

/**
 * gate_prove(ctx, g, why):
 * The self-test.
 */
enum err
gate_prove(void *ctx, struct gate *g, const char **why)
{
	struct trial t;
	enum err err;

	if ((err = prove_closed(why)) != ERR_OK)
		return (err);
	if ((err = trial_open(ctx, &t)) != ERR_OK)
		return (err);
	gate_proving(g, true);
	if ((err = prove_friend(ctx, g, &t, why)) == ERR_OK)
		err = prove_stranger(ctx, g, &t, why);
	gate_proving(g, false);
	trial_close(&t);
	return (err);
}
