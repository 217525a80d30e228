#ifndef LEDGER_H_
#define LEDGER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "dropbox/folder.h"
#include "map/order.h"
#include "sdk/keten.h"

/*
 * ledger -- what the drop folder remembers, in small files under .keten/.
 *
 *   ready              the last news that was written (rule A of folder.h)
 *   plan-<name>        the orders of a claimed file (rule B)
 *   ref/<referral>     which files speak about it, its number at the partner,
 *                      and what it was made of, to give that back
 *   key/<digest>       which referral was made of the partner's thing with
 *                      this name (SHA-256 of the name)
 *
 * No database: each file is replaced as a whole, so a crash leaves the old or
 * the new one, and what must be erased can be overwritten and removed.
 */
struct ledger {
	const struct folder *f; /* borrowed */
	char who[192]; /* "origin partner/device" */
	bool has_ready;
	uint64_t seq, index; /* the last news that was made ready */
	int64_t time_ms;
	char **files; /* its files */
	size_t n_files;
};

/**
 * ledger_open(f, who, l):
 * Read what is remembered in ${f} (borrowed as long as ${l} lives) for the
 * device ${who}.  What was ready for another device is forgotten: its
 * numbers of news mean nothing here.  ERR_IO, ERR_CORRUPT, ERR_NOMEM.
 */
MUST_CHECK enum err ledger_open(const struct folder *f, const char *who,
    struct ledger *l);

/**
 * ledger_close(l):
 * Free what ${l} has.
 */
void ledger_close(struct ledger *l);

/**
 * ledger_ready(l, news, names, n):
 * Remember durably that ${news} stands in in/tmp/ as the ${n} ${names}.
 */
MUST_CHECK enum err ledger_ready(struct ledger *l,
    const struct keten_news *news, char *const *names, size_t n);

/**
 * ledger_is_ready(l, news):
 * Tell whether ${news} is the one that was last made ready.
 */
bool ledger_is_ready(const struct ledger *l, const struct keten_news *news);

/**
 * ledger_learn(l, referral, o, name, place):
 * Remember durably that the file ${name} in ${place} speaks about
 * ${referral}, and, from the order ${o} (may be NULL), its keys and context.
 */
MUST_CHECK enum err ledger_learn(struct ledger *l, const char *referral,
    const struct map_order *o, const char *name, enum place place);

/**
 * ledger_known(l, key, referral):
 * Find the referral made of what the partner calls ${key}.
 */
bool ledger_known(const struct ledger *l, const char *key,
    char referral[KETEN_ID_TEXT]);

/**
 * ledger_about(l, referral, key, context):
 * Store the partner's own number for ${referral} in ${key} (a string to free)
 * and what it was made of in ${context} (owned); NULL where nothing is known.
 */
void ledger_about(const struct ledger *l, const char *referral, char **key,
    json_t **context);

/**
 * ledger_purge(l, referral, removed):
 * Remove everything in the folder that was written about ${referral}: in in/,
 * in/tmp/, out/busy/, done/, failed/ and here.  Add the number of files to
 * ${removed}.  ERR_IO if something could not be removed; call it again.
 */
MUST_CHECK enum err ledger_purge(struct ledger *l, const char *referral,
    size_t *removed);

/**
 * ledger_plan(l, name, list), ledger_plan_read(l, name, list),
 * ledger_plan_done(l, name):
 * Write down, read back (ERR_NOT_FOUND), remove the orders of a claimed file.
 */
MUST_CHECK enum err ledger_plan(struct ledger *l, const char *name,
    const struct map_list *list);
MUST_CHECK enum err ledger_plan_read(struct ledger *l, const char *name,
    struct map_list *list);
MUST_CHECK enum err ledger_plan_done(struct ledger *l, const char *name);

#endif /* !LEDGER_H_ */
