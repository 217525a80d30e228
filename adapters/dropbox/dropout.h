#ifndef DROPOUT_H_
#define DROPOUT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "dropbox/ledger.h"
#include "dropbox/work.h"
#include "map/kind.h"
#include "map/order.h"
#include "sdk/keten.h"

/*
 * dropout -- from out/new/ to the spool, and the answer beside the file (rule B
 * of folder.h).
 *
 * Steps of one referral are sent one after another: a file that speaks about
 * a referral of which an earlier file is not decided yet waits, so that
 * "accept" and "start" may be dropped together.
 */
struct dropout {
	struct keten *k; /* all borrowed */
	struct ledger *l;
	const struct map_use *use;
	const char *actor;
	const char *source; /* prefix of the SDK's keys: the reader's name */
	struct work *work;  /* owned; in the order of their names */
	size_t n_work;
	uint64_t decided, taken, refused; /* files so far */
};

/**
 * dropout_open(out):
 * Find what was in hand before; the borrowed members are filled in already.
 * ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err dropout_open(struct dropout *out);

/**
 * dropout_step(out, now_ms):
 * Claim what is new, send what can be sent, finish what is decided.  ERR_IO,
 * ERR_NOMEM, ERR_STORE: nothing is lost, call it again.
 */
MUST_CHECK enum err dropout_step(struct dropout *out, int64_t now_ms);

/**
 * dropout_is_idle(out):
 * Tell whether no file is in hand.
 */
bool dropout_is_idle(const struct dropout *out);

/**
 * dropout_close(out):
 * Free what ${out} has; files in hand stay in out/busy/.
 */
void dropout_close(struct dropout *out);

#endif /* !DROPOUT_H_ */
