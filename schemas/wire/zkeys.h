#ifndef ZKEYS_H_
#define ZKEYS_H_

#include <stdint.h>

#include "base/err.h"

/*
 * zkeys -- every libzmq option that Keten sets, in one place, and why.
 *
 * Call these after zmq_socket() and before zmq_bind() or zmq_connect().  CURVE
 * fails open if nobody answers ZAP, unless option 93 is set and a ZAP domain
 * with it; zkeys_server() does both, and the broker proves it at start.
 */
#define ZKEYS_DOMAIN "keten"
#define ZKEYS_LEN 32

/* ZMQ_ZAP_ENFORCE_DOMAIN: in the library, but hidden in its header. */
#define ZKEYS_ENFORCE_DOMAIN 93

/* Messages that may wait on one connection. */
#define ZKEYS_RCVHWM 256
#define ZKEYS_SNDHWM 4096

/**
 * zkeys_seed():
 * Seed rand(), from which libzmq draws its routing ids, from the kernel's
 * randomness.  Call it before the first socket.  Return ERR_CRYPTO if there is
 * no randomness to be had.
 */
enum err zkeys_seed(void) MUST_CHECK;

/**
 * zkeys_server(sock, secret):
 * Set up the ROUTER ${sock} as the broker's: CURVE server with ${secret},
 * ZAP enforced.  Return ERR_IO if libzmq takes one of the options not.
 */
enum err zkeys_server(void *sock, const uint8_t secret[ZKEYS_LEN]) MUST_CHECK;

/**
 * zkeys_client(sock, server_public, public, secret):
 * Set up the DEALER ${sock} as a device's.  It makes one connection and no
 * other: libzmq does not reconnect by itself.  Return ERR_IO as above.
 */
enum err zkeys_client(void *sock, const uint8_t server_public[ZKEYS_LEN],
    const uint8_t public[ZKEYS_LEN],
    const uint8_t secret[ZKEYS_LEN]) MUST_CHECK;

#endif /* !ZKEYS_H_ */
