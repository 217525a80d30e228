#ifndef CKPT_H_
#define CKPT_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "sdk/steward.h"
#include "trust/note.h"
#include "trust/tlog.h"

/*
 * ckpt -- checkpoints: is there one log, and does it only grow?
 *
 * The newest one that was verified stands in the spool, and in everything this
 * device signs.  Each other one it sees must be signed by the log and be the
 * beginning or the continuation of it; one that is not is a fork, and an
 * alarm.
 */

/**
 * ckpt_see(k, s, note, is_newest, c):
 * ${s} is the steward of ${k}, NULL if another process is.  Check the checkpoint ${note}, asking for a proof of consistency if its size
 * is another than ours, keep it if it is newer, and store it in ${c} (may be
 * NULL).  With ${is_newest} it may not be smaller than ours (ERR_BUSY, and the
 * third time an alarm).  ERR_DIGEST, and an alarm was given, if it cannot be; ERR_TIMEOUT without an answer;
 * ERR_NOT_FOUND if no key of the log is known.
 */
MUST_CHECK enum err ckpt_see(struct keten *k, struct steward *s,
    struct slice note, bool is_newest, struct note_checkpoint *c);

/**
 * ckpt_saw(k, txn, index):
 * The broker showed the record ${index}: a checkpoint over it has to come.  In
 * the transaction that keeps the record.
 */
MUST_CHECK enum err ckpt_saw(struct keten *k, struct spool_txn *txn,
    uint64_t index);

/**
 * ckpt_turn(s, did):
 * Look at the checkpoint of WELCOME; now and then ask for the newest; give an
 * alarm if the log stands still.
 */
MUST_CHECK enum err ckpt_turn(struct steward *s, bool *did);

/**
 * ckpt_proof(k, s, index, leaf_hash, note, path, n):
 * Ask for the proof that the leaf ${index} with ${leaf_hash} is in the newest
 * checkpoint, check it, and store that checkpoint's text (in the handle's
 * arena) and the path.  ERR_BUSY if it is not covered yet.
 */
MUST_CHECK enum err ckpt_proof(struct keten *k, struct steward *s,
    uint64_t index, const uint8_t leaf_hash[32], struct slice *note,
    uint8_t path[TLOG_PATH_MAX][32], size_t *n);

#endif /* !CKPT_H_ */
