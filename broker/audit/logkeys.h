#ifndef LOGKEYS_H_
#define LOGKEYS_H_

#include <stdint.h>

#include "audit/findings.h"
#include "audit/history.h"
#include "audit/root.h"
#include "base/bytes.h"
#include "base/err.h"
#include "trust/note.h"

/*
 * logkeys -- with which key each checkpoint has to be signed.
 *
 * The auditor knows one key of the log.  A policy document, which the
 * introducer signed, may name another in its place; then the first published
 * checkpoint that covers its record carries the signatures of both.  From
 * there on the new one signs.  So whoever knows either of them gets to the
 * other, and nobody who has only one of introducer and old key can bring in a
 * key of his own.
 */
struct logkeys;

/**
 * logkeys_new(root, h, f):
 * Make it from the policies of ${h}, or NULL without memory; ${root}, ${h} and
 * ${f} must outlive it.  A policy that names a key nothing leads to from
 * ${root}'s is a finding.  The caller frees it with logkeys_free().
 */
struct logkeys *logkeys_new(const struct root *root, const struct history *h,
    struct findings *f);

/**
 * logkeys_free(k):
 * Free ${k}.  logkeys_free(NULL) does nothing.
 */
void logkeys_free(struct logkeys *k);

/**
 * logkeys_check(k, bytes, c):
 * Read the checkpoint ${bytes} into ${c} and check it with the key that the
 * policy in force at its last record names.  Errors of note_check().
 */
MUST_CHECK enum err logkeys_check(const struct logkeys *k,
    struct slice bytes, struct note_checkpoint *c);

/**
 * logkeys_published(k, bytes, c):
 * The same for the published ones, from the smallest to the largest: the first
 * after a change of keys must carry both signatures, else it is a finding.
 */
MUST_CHECK enum err logkeys_published(struct logkeys *k, struct slice bytes,
    struct note_checkpoint *c);

/**
 * logkeys_changes(k):
 * Return how often the key changed.
 */
size_t logkeys_changes(const struct logkeys *k);

#endif /* !LOGKEYS_H_ */
