#ifndef BACKUP_H_
#define BACKUP_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/guard.h"

/*
 * backup -- a copy of a store while the broker runs, and the way back.
 *
 * In the folder of a backup are
 *
 *	store/data.mdb	     the log and the view of one moment
 *	vault/vault.keys     the keys under which it can be read
 *	vault/LEESMIJ.txt    how long these may be kept, and where not
 *	manifest.json	     what it is, with the digests; written last
 *
 * and not the guard: who puts a backup back must not put back what it is
 * compared with.  The vault may be somewhere else altogether, as keeping it
 * apart, and for at most BACKUP_VAULT_DAYS, is what makes erasing hold for
 * backups too.
 *
 * The order.  First the store is copied, then the keys: every record of the
 * copy then finds its key, because keys are made before they are used and never
 * move.  An erasure may come in between.  If the copy has its record, but not
 * yet what follows from it, that is carried out in the copy; if the copy has
 * it not, the whole is copied once more.  So the keys of a backup are those of
 * its log: no key of something that its log says is erased, and none missing
 * that it does not say is erased.
 *
 * Putting back never overwrites a store, compares every byte with the digests
 * and the tree with the root, and erases what the journal beside the guard says
 * was erased since (core/journal.h).  Whether the broker may sign is the
 * guard's to say.
 */
#define BACKUP_VAULT_DAYS 30
#define BACKUP_WHY 512
#define BACKUP_ORIGIN 129

/* What a backup is. */
struct backup {
	char origin[BACKUP_ORIGIN];
	uint64_t size;
	uint8_t root[32];
	int64_t made_ms;
	uint64_t store_bytes;
	uint8_t store_sha256[32];
	uint64_t vault_bytes;
	uint8_t vault_sha256[32];
};

/* How far it is: of so many bytes, of what is shown to people. */
struct backup_progress {
	void (*at)(void *cookie, const char *what, uint64_t done,
	    uint64_t of);
	void *cookie;
};

/**
 * backup_make(store, dir, vault, now_ms, p, b, why):
 * Make a backup of the folder ${store} in ${dir} and ${vault} (NULL: in ${dir}
 * too), which must be empty or not there, and store what it is in ${b}.
 * On failure say in Dutch ${why} (BACKUP_WHY bytes); what was made by then is
 * removed.  ERR_FULL: there is something there already; ERR_BUSY: it was erased
 * again and again meanwhile; else errors of store_open(), ERR_IO.
 */
MUST_CHECK enum err backup_make(const char *store, const char *dir,
    const char *vault, int64_t now_ms, const struct backup_progress *p,
    struct backup *b, char *why);

/**
 * backup_read(dir, b, why):
 * Read what the backup in ${dir} is.  ERR_NOT_FOUND: it has no manifest, so it
 * is not whole; ERR_CORRUPT.
 */
MUST_CHECK enum err backup_read(const char *dir, struct backup *b,
    char *why);

/* Where a backup is put back, and what became of it. */
struct backup_to {
	const char *dir;   /* of the backup */
	const char *vault; /* NULL: in it */
	const char *store; /* where to; empty or not there */
	const char *guard;
	bool without_journal; /* there is none any more */
	uint64_t wiped;	   /* out: records erased since */
	bool has_journal;  /* out */
	enum guard_verdict verdict; /* out: may the broker sign? */
	struct guard was;  /* out: what had been published, if it is known */
};

/**
 * backup_restore(to, p, b, why):
 * Put it back.  ERR_NOT_FOUND: a part is missing, or the journal, and
 * ${to}->without_journal does not say that this is known; ERR_DIGEST: it is not
 * what was made; ERR_FULL: there is a store already; else errors of
 * store_open(), ERR_IO.  What was put there by then is removed.
 */
MUST_CHECK enum err backup_restore(struct backup_to *to,
    const struct backup_progress *p, struct backup *b, char *why);

#endif /* !BACKUP_H_ */
