#ifndef GATE_H_
#define GATE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/frame.h"
#include "wire/zkeys.h"

/*
 * gate -- who may connect: CURVE keys and the ZAP handler that knows them.
 *
 * libzmq asks at each handshake, over inproc, whether a CURVE key is welcome.
 * A thread of ours answers from a map in memory: known keys get 200 and their
 * User-Id "partner/device", all others 400.  CURVE fails open when nobody
 * answers, so the gate binds before any server socket does, zkeys_server()
 * forbids connections without an answer, and gate_prove() shows at start that
 * it is so.  If the thread dies, the process ends.
 *
 * One thread says who is welcome; the handler reads.
 */
struct gate;

struct gate_guest {
	char user[FRAME_USER_MAX]; /* "partner/device" */
	uint8_t key[ZKEYS_LEN];
};

/**
 * gate_start(ctx):
 * Bind the ZAP address of the ZeroMQ context ${ctx} and start the handler,
 * which refuses everybody until gate_set().  Return the gate, or NULL (also if
 * somebody has that address already).  The caller must call gate_stop()
 * before it ends ${ctx}.
 */
struct gate *gate_start(void *ctx);

/**
 * gate_set(g, who, n):
 * Let the ${n} guests ${who} in, and from now on nobody else.  They are
 * copied.  ERR_NOMEM: then everything is as it was.
 */
MUST_CHECK enum err gate_set(struct gate *g, const struct gate_guest *who,
    size_t n);

/**
 * gate_allows(g, user):
 * Tell whether ${user} is welcome now.  Ask it for each message: a connection
 * outlives the key it was made with.
 */
bool gate_allows(const struct gate *g, const char *user);

/**
 * gate_size(g), gate_welcomed(g), gate_refused(g):
 * Return how many keys are known; how many handshakes got 200, and 400, since
 * the start.
 */
size_t gate_size(const struct gate *g);
uint64_t gate_welcomed(const struct gate *g);
uint64_t gate_refused(const struct gate *g);

/**
 * gate_prove(ctx, g, why):
 * The self-test: with a server socket as the broker has it, show that without
 * a handler nobody comes in (in a context of its own), that a known key comes
 * in and carries its User-Id, and that an unknown key does not.  ERR_CRYPTO if
 * one of these fails, and ${why} is an English sentence, constant.  Takes some
 * 150 ms and leaves nobody welcome: call it before the first gate_set().
 */
MUST_CHECK enum err gate_prove(void *ctx, struct gate *g, const char **why);

/**
 * gate_proving(g, on):
 * For gate_prove(): the self-test begins (nothing is logged), or is over (the
 * counters go back to 0).
 */
void gate_proving(struct gate *g, bool on);

/**
 * gate_close_connection(fd):
 * End the connection whose descriptor (ZMQ_SRCFD) is ${fd}: libzmq notices and
 * cleans up.  Does nothing for -1.
 */
void gate_close_connection(int fd);

/**
 * gate_stop(g):
 * End the handler and free ${g}.  gate_stop(NULL) does nothing.
 */
void gate_stop(struct gate *g);

#endif /* !GATE_H_ */
