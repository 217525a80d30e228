#ifndef GUARD_H_
#define GUARD_H_

#include <stdint.h>

#include "base/err.h"
#include "core/store.h"

/*
 * guard -- the last checkpoint that was published, kept outside the store and
 * outside its backups.
 *
 * A broker whose store was put back from a backup would otherwise go on from
 * there and sign a second history.  With the guard it sees that its tree is
 * behind, or beside, what it has published, and refuses to sign until a person
 * says which tree is the one.
 *
 * The file holds two lines of fixed length, written in turn and each with a
 * checksum, so that a crash while writing leaves the older one; a write costs
 * one fdatasync.
 */
#define GUARD_ORIGIN_MAX 128

struct guard {
	char origin[GUARD_ORIGIN_MAX + 1];
	uint64_t size;
	uint8_t root[32];
};

enum guard_verdict {
	GUARD_FITS,    /* the tree goes on from what was published */
	GUARD_NEW,     /* no guard and no records: a new log */
	GUARD_MISSING, /* records, but no guard */
	GUARD_BEHIND,  /* the tree is smaller than what was published */
	GUARD_BESIDE,  /* the tree had another root at that size */
	GUARD_OTHER,   /* the guard of another log */
	GUARD_BROKEN   /* not a guard file */
};

/**
 * guard_text(v):
 * Return one Dutch sentence about ${v} for the operator.  Constant text.
 */
const char *guard_text(enum guard_verdict v);

/**
 * guard_read(path, g):
 * Read the guard.  ERR_NOT_FOUND if there is no such file, ERR_CORRUPT if
 * neither line is whole, ERR_IO.
 */
MUST_CHECK enum err guard_read(const char *path, struct guard *g);

/**
 * guard_write(path, g):
 * Put ${g} in ${path}, on the disk.  ERR_IO.
 */
MUST_CHECK enum err guard_write(const char *path, const struct guard *g);

/**
 * guard_judge(t, path, verdict):
 * Compare the guard with the tree that ${t} reads.  Only GUARD_FITS and
 * GUARD_NEW permit signing.  ERR_IO, ERR_STORE, ERR_CORRUPT (the tree).
 */
MUST_CHECK enum err guard_judge(struct txn *t, const char *path,
    enum guard_verdict *verdict);

/**
 * guard_check(t, size, root):
 * ERR_OK if the tree that ${t} reads has ${root} at ${size} records;
 * ERR_DIGEST if another; ERR_NOT_FOUND if it is smaller; ERR_STORE.
 */
MUST_CHECK enum err guard_check(struct txn *t, uint64_t size,
    const uint8_t root[32]);

/**
 * guard_accept(t, path, size, root):
 * A person says that the tree with ${size} records and ${root} is the one.  If
 * the tree that ${t} reads had that root at that size, write the guard.
 * ERR_DIGEST if it had not; ERR_NOT_FOUND if it is smaller; ERR_IO.
 */
MUST_CHECK enum err guard_accept(struct txn *t, const char *path,
    uint64_t size, const uint8_t root[32]);

#endif /* !GUARD_H_ */
