#ifndef HISTORY_H_
#define HISTORY_H_

#include <stdbool.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/root.h"
#include "audit/tree.h"
#include "base/err.h"
#include "core/keyring.h"
#include "core/store.h"
#include "policy/policy.h"

/*
 * history -- which policy was in force and which key counted, at any record.
 *
 * Read from the POLICY and KEY records themselves, never from the broker's
 * tables: each policy must be signed by the introducer whom the auditor
 * trusts, each certificate by the identity key that stands in the policy of
 * that moment (a revocation also by the introducer).  What is not in order is
 * a finding; a policy with a wrong signature is then read all the same, so
 * that one finding does not become a thousand, a certificate is not.
 */
struct history;

/**
 * history_read(txn, tree, root, f, h):
 * Read all of it into the new ${h}, which the caller frees with
 * history_free().  ${txn} is renewed when it is stale.  ERR_STORE, ERR_NOMEM.
 */
MUST_CHECK enum err history_read(struct txn *txn, const struct tree *tree,
    const struct root *root, struct findings *f, struct history **h);

/**
 * history_free(h):
 * Free ${h}.  history_free(NULL) does nothing.
 */
void history_free(struct history *h);

/**
 * history_keys(h):
 * Return the certificates; ask them by position.  Any thread may.
 */
const struct keyring *history_keys(const struct history *h);

/**
 * history_policy(h, index):
 * Return the policy in force at record ${index}: that of the last POLICY
 * record before it; NULL if there was none.  Any thread.
 */
const struct policy *history_policy(const struct history *h, uint64_t index);

/**
 * history_nth(h, i, index):
 * Return the ${i}th policy and store the record that brought it in ${index}.
 */
const struct policy *history_nth(const struct history *h, size_t i,
    uint64_t *index);

/**
 * history_has_lost_policy(h, index), history_has_lost_key(h, index):
 * Tell whether a POLICY record (a POLICY or KEY record) before ${index} cannot
 * be read: then nobody can say what was in force (which key counted), and what
 * follows from that is no finding of its own.
 */
bool history_has_lost_policy(const struct history *h, uint64_t index);
bool history_has_lost_key(const struct history *h, uint64_t index);

/**
 * history_n_policies(h), history_n_keys(h):
 * Return how many documents, certificates there are.
 */
size_t history_n_policies(const struct history *h);
size_t history_n_keys(const struct history *h);

#endif /* !HISTORY_H_ */
