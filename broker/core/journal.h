#ifndef JOURNAL_H_
#define JOURNAL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "core/store.h"

/*
 * journal -- what was erased, kept beside the guard, outside the store and
 * outside its backups.
 *
 * A backup holds what was erased after it was made, and the records that say
 * so are lost with the disk.  Of every erasure of content the broker therefore
 * writes one line here, on the disk, before it overwrites a key: which records,
 * each with the hash of its leaf.  Whoever puts a backup back erases all of
 * them again that are in it.  The hash makes sure that it is that very record,
 * whatever history the backup is of.
 *
 * Whole records (level 2) need no line: they go by age alone, and the same rule
 * takes them again.  Nothing here names a referral, a partner or a person.
 *
 * A line that a crash tore is passed over; what it was about is written again.
 */
#define JOURNAL_PATH 4200

struct journal_gone {
	uint64_t index;
	uint8_t leaf_hash[32];
};

struct journal_row {
	uint64_t index; /* of the ERASE record */
	uint8_t leaf_hash[32];
	uint32_t number; /* of the rule, policy/erasure.h */
	int64_t time_ms;
	size_t n;
	struct journal_gone *gone; /* whose content went */
};

/**
 * journal_path(guard, path):
 * Write where the journal beside the guard file ${guard} is.  ERR_FULL.
 */
MUST_CHECK enum err journal_path(const char *guard, char path[JOURNAL_PATH]);

/**
 * journal_note(t, path, index):
 * Add the ERASE record ${index} that ${t} reads, if it is one of content, to
 * the journal, and wait for the disk.  Doing it twice is fine.  ERR_NOT_FOUND,
 * ERR_CORRUPT (no ERASE record), ERR_NOMEM, ERR_STORE, ERR_IO.
 */
MUST_CHECK enum err journal_note(struct txn *t, const char *path,
    uint64_t index);

/**
 * journal_begin(t, path):
 * If there is no journal yet, make one of all that ${t} reads.
 */
MUST_CHECK enum err journal_begin(struct txn *t, const char *path);

/**
 * journal_each(path, each, cookie):
 * Call ${each} with every row, oldest first, until it returns an error, which
 * is returned.  The row is valid during the call.  ERR_NOT_FOUND if there is
 * no journal; ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err journal_each(const char *path,
    enum err (*each)(void *cookie, const struct journal_row *row),
    void *cookie);

/**
 * journal_has(t, g):
 * Tell whether ${t} reads that very record.
 */
bool journal_has(struct txn *t, const struct journal_gone *g);

/**
 * journal_fits(t, path, fits):
 * Store whether ${t} reads the newest erasure there is: then it has all of
 * them.  A journal that is empty or not there fits.
 */
MUST_CHECK enum err journal_fits(struct txn *t, const char *path, bool *fits);

/**
 * journal_wipe(st, path, n):
 * Overwrite in ${st}, which nobody else has open, the keys of all content that
 * the journal says was erased, and store in ${n} of how many records that was
 * new.  The ERASE records that say so in the log are the broker's to write, at
 * its start.  ERR_NOT_FOUND: there is no journal.
 */
MUST_CHECK enum err journal_wipe(struct store *st, const char *path,
    uint64_t *n);

/* --- certificates and their ends -------------------------------------------- */

/*
 * A key that was revoked after the backup must not count again, and a device
 * that was certified after it should go on.  Both are statements that a
 * partner's identity key or the introducer signed, so that keeping them here
 * takes nobody's word for anything: the broker checks each as if somebody
 * brought it.
 */

/**
 * journal_keys_path(guard, path):
 * Write where they are, beside the guard file ${guard}.  ERR_FULL.
 */
MUST_CHECK enum err journal_keys_path(const char *guard,
    char path[JOURNAL_PATH]);

/**
 * journal_key_note(path, envelope):
 * Add one, and wait for the disk.  ERR_NOMEM, ERR_IO.
 */
MUST_CHECK enum err journal_key_note(const char *path, struct slice envelope);

/**
 * journal_keys_each(path, each, cookie):
 * Call ${each} with every one, in the order in which they were given, until it
 * returns an error, which is returned.  ERR_NOT_FOUND, ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err journal_keys_each(const char *path,
    enum err (*each)(void *cookie, struct slice envelope), void *cookie);

/**
 * journal_keys_begin(t, path, fits):
 * If there is no such journal, make one of all that ${t} reads; add the newest
 * if a crash kept it out.  Store in ${fits} whether the last in it is the
 * newest that ${t} reads; if not, ${t} may have forgotten some.
 */
MUST_CHECK enum err journal_keys_begin(struct txn *t, const char *path,
    bool *fits);

#endif /* !JOURNAL_H_ */
