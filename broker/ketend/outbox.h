#ifndef OUTBOX_H_
#define OUTBOX_H_

#include "base/err.h"
#include "core/record.h"

struct broker;
struct session;

/*
 * outbox -- what waits in a mailbox, as messages.
 *
 * A delivery is a record, what the receiver may see of it, and the sealed parts
 * that it may have with its own wraps; which those are was decided when the
 * record was made (Sent, in the route facts).
 */

/**
 * outbox_serve(b, s):
 * Send ${s} the deliveries that wait for it, as far as its credit goes: those
 * of this turn, and at most OUTBOX_TURN that have to be read from the store
 * first.  If more could be sent ${s} stands in the row of sessions_ready()
 * again.  Reads through turn.txn.  An error means that the
 * store cannot be read; ${s} may be gone afterwards.
 */
#define OUTBOX_TURN 64
MUST_CHECK enum err outbox_serve(struct broker *b, struct session *s);

/**
 * outbox_record(b, index, out, envelope):
 * Find record ${index}: of this turn, or read into the pack arena.
 * ERR_CONTENT_GONE if it is erased, else what record_read() says.
 */
MUST_CHECK enum err outbox_record(struct broker *b, uint64_t index,
    struct record_out *out, struct slice *envelope);

/**
 * outbox_own_wraps(b, s, piece):
 * Leave in ${piece} only the wraps for keys of the partner of ${s}; return
 * how many there are.
 */
size_t outbox_own_wraps(struct broker *b, const struct session *s,
    struct content_piece *piece);

#endif /* !OUTBOX_H_ */
