#ifndef ERASE_H_
#define ERASE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "core/decide.h"
#include "core/store.h"
#include "policy/policy.h"

/*
 * erase -- which records are due, and carrying an erasure out.
 *
 * The order is always the same, so that nothing is ever half erased:
 *
 *	1  the ERASE record, and a row that says it is not carried out, are
 *	   committed (record_append() writes that row)
 *	2  the slots of what is erased are overwritten, on the disk: now nobody
 *	   can read it any more
 *	3  its rows are deleted, and with the last of them the row of 1
 *
 * A crash before 1: nothing was erased.  After it: erase_finish() does the rest
 * at the next start, before anything is read; each step can be done twice.
 *
 * Level 1 erases the content of a referral.  Level 2 erases whole records: those
 * of a referral with all its descendants, and those of a month that belong to no
 * referral, once all of them are older than the rule says.
 */

/* --- what is due --------------------------------------------------------- */

/**
 * erase_is_retained(t, id, now_ms, is):
 * Store whether somebody wants the referral ${id} to stay at ${now_ms}.
 */
MUST_CHECK enum err erase_is_retained(struct txn *t, const struct refid *id,
    int64_t now_ms, bool *is);

/**
 * erase_content_of(t, id, skip, out, cap, n):
 * List the records whose content goes when that of ${id} does, after the first
 * ${skip} ranges of them, at most ${cap} ranges; if none brought any, its first
 * record.
 */
MUST_CHECK enum err erase_content_of(struct txn *t, const struct refid *id,
    size_t skip, struct decide_range *out, size_t cap, size_t *n);

/* A referral whose content is due, by which rule. */
struct erase_due {
	struct refid referral;
	uint32_t number;
	int64_t ended_ms;
};

/**
 * erase_content_due(t, p, now_ms, out, cap, n):
 * List referrals whose content ${p} lets go at ${now_ms}, without those that
 * somebody wants to stay; at most ${cap}, the rest when these are gone.
 */
MUST_CHECK enum err erase_content_due(struct txn *t, const struct policy *p,
    int64_t now_ms, struct erase_due *out, size_t cap, size_t *n);

/* Whole records that are due together, as one or more records say it. */
struct erase_log;

/**
 * erase_log_find(t, p, now_ms, log):
 * Find whole records that are due by one rule.  ERR_NOT_FOUND if there are
 * none; else the caller gives ${log} to erase_log_free().
 */
MUST_CHECK enum err erase_log_find(struct txn *t, const struct policy *p,
    int64_t now_ms, struct erase_log **log);

/**
 * erase_log_pages(log), erase_log_page(log, i):
 * Return in how many records that is said, all of which have to be written in
 * one turn; the ${i}th.
 */
size_t erase_log_pages(const struct erase_log *log);
const struct decide_log *erase_log_page(const struct erase_log *log, size_t i);

/**
 * erase_log_free(log):
 * Free ${log}.  erase_log_free(NULL) does nothing.
 */
void erase_log_free(struct erase_log *log);

/* --- carrying it out ------------------------------------------------------ */

/**
 * erase_note(t, index):
 * Note in the turn that writes the ERASE record ${index} that it is to be
 * carried out.  For record_append().
 */
MUST_CHECK enum err erase_note(struct txn *t, uint64_t index);

/**
 * erase_slots(st, index):
 * Step 2 for the ERASE record ${index}, which is committed.  ERR_IO,
 * ERR_STORE, ERR_CORRUPT, ERR_NOMEM: end the process.
 */
MUST_CHECK enum err erase_slots(struct store *st, uint64_t index);

/**
 * erase_rows(st, index, max, done):
 * Step 3, at most ${max} records of it, in a turn of its own; ${done}: that was
 * all.  Only after erase_slots().
 */
MUST_CHECK enum err erase_rows(struct store *st, uint64_t index, uint32_t max,
    bool *done);

/**
 * erase_next(t, index):
 * Store the oldest ERASE record from ${*index} on that is not carried out.
 * ERR_NOT_FOUND.
 */
MUST_CHECK enum err erase_next(struct txn *t, uint64_t *index);

/**
 * erase_finish(st):
 * Carry out what was broken off.  At every start, before the view is looked at.
 */
MUST_CHECK enum err erase_finish(struct store *st);

#endif /* !ERASE_H_ */
