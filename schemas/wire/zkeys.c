/*
 * zkeys -- every libzmq option that Keten sets, in one place, and why.
 */
#include <stddef.h>
#include <stdlib.h>
#include <sys/random.h>

#include <zmq.h>

#include "wire/frame.h"
#include "wire/zkeys.h"

struct option {
	int name;
	int value;
};

/* What both ends have. */
static const struct option both[] = {
	{ ZMQ_LINGER, 0 },		/* the outbox keeps it, not libzmq */
	{ ZMQ_RCVHWM, ZKEYS_RCVHWM },
	{ ZMQ_SNDHWM, ZKEYS_SNDHWM },	/* twice the window, at least */
	{ ZMQ_HANDSHAKE_IVL, 5000 },	/* half-open ones go */
	{ ZMQ_HEARTBEAT_IVL, 10000 },
	{ ZMQ_HEARTBEAT_TIMEOUT, 30000 },
	{ ZMQ_HEARTBEAT_TTL, 30000 },
};

static const struct option server[] = {
	{ ZMQ_BACKLOG, 1024 },
	{ ZMQ_ROUTER_MANDATORY, 1 },	/* a peer that is gone is an error */
	{ ZMQ_ROUTER_HANDOVER, 0 },	/* nobody takes another's place */
	{ ZMQ_CURVE_SERVER, 1 },
	/* Without an answer from ZAP nobody comes in. */
	{ ZKEYS_ENFORCE_DOMAIN, 1 },
};

static const struct option client[] = {
	/* A session is one connection: the next one is a new socket. */
	{ ZMQ_RECONNECT_IVL, -1 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum err
set_bytes(void *sock, int name, const void *p, size_t len)
{
	if (zmq_setsockopt(sock, name, p, len) != 0)
		return (ERR_IO);
	return (ERR_OK);
}

static enum err
set_all(void *sock, const struct option *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (set_bytes(sock, o[i].name, &o[i].value,
		    sizeof(o[i].value)) != ERR_OK)
			return (ERR_IO);
	return (ERR_OK);
}

static enum err
set_both(void *sock)
{
	const int64_t max = (int64_t)FRAME_MESSAGE_MAX;

	if (set_bytes(sock, ZMQ_MAXMSGSIZE, &max, sizeof(max)) != ERR_OK)
		return (ERR_IO);
	return (set_all(sock, both, COUNT(both)));
}

/**
 * zkeys_seed():
 * Seed rand() from the kernel's randomness.
 */
enum err
zkeys_seed(void)
{
	unsigned int seed;

	if (getentropy(&seed, sizeof(seed)) != 0)
		return (ERR_CRYPTO);
	srand(seed);
	return (ERR_OK);
}

/**
 * zkeys_server(sock, secret):
 * Set up the ROUTER ${sock} as the broker's.
 */
enum err
zkeys_server(void *sock, const uint8_t secret[ZKEYS_LEN])
{
	if (set_both(sock) != ERR_OK ||
	    set_bytes(sock, ZMQ_ZAP_DOMAIN, ZKEYS_DOMAIN,
	    sizeof(ZKEYS_DOMAIN) - 1) != ERR_OK ||
	    set_all(sock, server, COUNT(server)) != ERR_OK)
		return (ERR_IO);
	return (set_bytes(sock, ZMQ_CURVE_SECRETKEY, secret, ZKEYS_LEN));
}

/**
 * zkeys_client(sock, server_public, public, secret):
 * Set up the DEALER ${sock} as a device's.
 */
enum err
zkeys_client(void *sock, const uint8_t server_public[ZKEYS_LEN],
    const uint8_t public[ZKEYS_LEN], const uint8_t secret[ZKEYS_LEN])
{
	if (set_both(sock) != ERR_OK ||
	    set_all(sock, client, COUNT(client)) != ERR_OK ||
	    set_bytes(sock, ZMQ_CURVE_SERVERKEY, server_public,
	    ZKEYS_LEN) != ERR_OK ||
	    set_bytes(sock, ZMQ_CURVE_PUBLICKEY, public, ZKEYS_LEN) != ERR_OK)
		return (ERR_IO);
	return (set_bytes(sock, ZMQ_CURVE_SECRETKEY, secret, ZKEYS_LEN));
}
