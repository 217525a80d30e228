#ifndef CHECKPOINT_H_
#define CHECKPOINT_H_

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "core/store.h"
#include "trust/note.h"
#include "trust/sign.h"
#include "wire/arena.h"

/*
 * checkpoint -- sign the tree, in this order and no other: what is committed is
 * read again and hashed again; the guard is on the disk; only then is the
 * signed note published.
 *
 * A checkpointer does all of that in a thread of its own, with its own read
 * transaction: checkpoint_make() is slow, and everything it needs stands in
 * the store.  The thread that owns the store then writes the note down with
 * checkpoint_put() in its next turn and shows it to partners, which needs no
 * waiting: what is published is guarded already.
 *
 * Every leaf between the last checkpoint and this one is read again, its hash
 * computed again, and the tree grown from that: a stored hash that differs is
 * ERR_CORRUPT, and nothing is signed.
 */
struct checkpointer;

/* A published checkpoint. */
struct checkpoint {
	uint64_t size;
	uint8_t root[32];
	size_t len;
	char note[NOTE_MAX]; /* the text, with a NUL */
};

/**
 * checkpoint_new(st, signer, second, guard_path, cp):
 * Make a checkpointer for ${st} with the log's key, into ${cp}, which the
 * caller frees with checkpoint_free(); store and signers must outlive it.
 * ${second} is NULL, or the other key while one takes the place of the other:
 * then each checkpoint carries both signatures.  It begins at the guard's size.  ERR_CORRUPT if the guard does not permit
 * signing (guard_judge()); ERR_NOMEM, ERR_STORE, ERR_IO.
 */
MUST_CHECK enum err checkpoint_new(struct store *st,
    const struct signer *signer, const struct signer *second,
    const char *guard_path, struct checkpointer **cp);

/**
 * checkpoint_free(cp):
 * Free ${cp}.  checkpoint_free(NULL) does nothing.
 */
void checkpoint_free(struct checkpointer *cp);

/**
 * checkpoint_make(cp, out):
 * Sign the tree as it is committed now, with its guard on the disk, into
 * ${out}.  ERR_NOT_FOUND if nothing is new since the last one.  ERR_CORRUPT if
 * what was read again is not what was stored: stop signing, raise the alarm.
 * ERR_IO (guard), ERR_STORE, ERR_CRYPTO.  One thread at a time.
 */
MUST_CHECK enum err checkpoint_make(struct checkpointer *cp,
    struct checkpoint *out);

/**
 * checkpoint_again(t, signer, second, guard_path, out):
 * After a crash between guard and store: sign once more what the guard says
 * was signed, into ${out}, to the byte as it was.  ERR_NOT_FOUND if ${t} has
 * it, or there is none.  Only while the guard permits signing.
 */
MUST_CHECK enum err checkpoint_again(struct txn *t,
    const struct signer *signer, const struct signer *second,
    const char *guard_path, struct checkpoint *out);

/**
 * checkpoint_put(t, c):
 * Write ${c} down in the turn ${t}.  ERR_FULL for a note of more than
 * STORE_CHUNK bytes, ERR_STORE.
 */
MUST_CHECK enum err checkpoint_put(struct txn *t, const struct checkpoint *c);

/**
 * checkpoint_newest(t, c), checkpoint_covering(t, size, c):
 * Read the newest published checkpoint; the first one of at least ${size}
 * records.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err checkpoint_newest(struct txn *t, struct checkpoint *c);
MUST_CHECK enum err checkpoint_covering(struct txn *t, uint64_t size,
    struct checkpoint *c);

/**
 * checkpoint_before(t, size, c):
 * Read the newest published checkpoint of fewer than ${size} records.
 * ERR_NOT_FOUND.
 */
MUST_CHECK enum err checkpoint_before(struct txn *t, uint64_t size,
    struct checkpoint *c);

/**
 * checkpoint_cosign(t, size, line):
 * Put the signature line ${line} of a witness, with its newline, under the
 * published checkpoint of ${size} records; nothing if it stands there already.
 * Who calls has checked it.  ERR_NOT_FOUND, ERR_FULL, ERR_STORE.
 */
MUST_CHECK enum err checkpoint_cosign(struct txn *t, uint64_t size,
    struct slice line);

#endif /* !CHECKPOINT_H_ */
