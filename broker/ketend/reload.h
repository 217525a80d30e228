#ifndef RELOAD_H_
#define RELOAD_H_

#include <stddef.h>

#include "base/err.h"
#include "policy/flaws.h"
#include "policy/policy.h"

struct broker;
struct settings;

/*
 * reload -- the policy document: reading it, and letting a new one come into
 * force without loss.
 *
 * The file is an envelope signed by the introducer, whose key stands in the
 * settings; nothing else is taken.  A new document is read and checked as a
 * whole, becomes a POLICY leaf, and only then takes the place of the old one.
 */

#define RELOAD_WHY 512

/**
 * reload_read(set, policy, envelope, len, why):
 * Read and check the policy that ${set} names into ${policy} (the caller frees
 * it) and its ${envelope} of ${len} bytes (the caller frees it too).  On
 * failure ${why} is a sentence.
 */
MUST_CHECK enum err reload_read(const struct settings *set,
    struct policy **policy, uint8_t **envelope, size_t *len,
    char why[RELOAD_WHY]);

/**
 * reload_start(b):
 * At start: compare b->policy with the one in force in the log, in the turn's
 * transaction; write a POLICY leaf if it is newer.  ERR_CONFIG, and a line of
 * the log, if it is older or may not follow.
 */
MUST_CHECK enum err reload_start(struct broker *b);

/**
 * reload_turn(b, why):
 * Read the file again and, if it may follow, write its leaf in the turn's
 * transaction and let it be b->policy.  ERR_CONFIG, with ${why}, if the old
 * one stays, which is counted and said; any other error means that the turn is
 * spoilt.
 */
MUST_CHECK enum err reload_turn(struct broker *b, char why[RELOAD_WHY]);

/**
 * reload_flaws(set, to):
 * Report ${to} every flaw of the signed policy that ${set} names, if it can be
 * read at all.
 */
void reload_flaws(const struct settings *set, const struct flaws *to);

#endif /* !RELOAD_H_ */
