#ifndef ENTRY_H_
#define ENTRY_H_

#include <stdint.h>

#include "base/err.h"
#include "keten/v1/statement.pb-c.h"
#include "sdk/keten.h"
#include "wire/arena.h"

/*
 * entry -- an entry of the catalogue between JSON and what is signed.
 *
 * In the spool, in files and on the command line an entry is a JSON object
 * whose members have the names of the table in entry.c, in English or Dutch.
 * A value may be text where a number, a date or a list is meant: that is how
 * it comes out of a table (CSV).
 */
#define ENTRY_WHY 320

/* What holds where an entry says nothing. */
struct entry_now {
	int64_t now_ms;    /* checked, and the capacity known, now */
	const char *actor; /* by whom; NULL: nobody */
};

/**
 * entry_read(a, json, now, entry, why):
 * Read the JSON object ${json} into ${entry}, made in ${a}, with ${now} for
 * what it leaves out, and check it.  ERR_MALFORMED, or ERR_NOT_ALLOWED if it
 * looks as if it named a person, with one Dutch sentence in ${why}; ERR_NOMEM.
 */
MUST_CHECK enum err entry_read(struct arena *a, const char *json,
    const struct entry_now *now, Keten__V1__CatalogueEntry **entry,
    char why[ENTRY_WHY]);

/**
 * entry_check(a, json, why):
 * The same, only to know whether it can be read.
 */
MUST_CHECK enum err entry_check(struct arena *a, const char *json,
    char why[ENTRY_WHY]);

/**
 * entry_write(e):
 * Return ${e} as such JSON, which the caller frees; NULL if there is no
 * memory.
 */
char *entry_write(const struct keten_entry *e);

/**
 * entry_show(a, from, e):
 * Show ${from} as the library does in ${e}; texts borrow from ${from}, lists
 * lie in ${a}.  ERR_NOMEM.
 */
MUST_CHECK enum err entry_show(struct arena *a,
    const Keten__V1__CatalogueEntry *from, struct keten_entry *e);

#endif /* !ENTRY_H_ */
