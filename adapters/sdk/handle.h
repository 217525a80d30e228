#ifndef HANDLE_H_
#define HANDLE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "policy/policy.h"
#include "sdk/certs.h"
#include "sdk/device.h"
#include "sdk/keten.h"
#include "sdk/spool.h"
#include "wire/arena.h"

/*
 * handle -- what stands behind a struct keten.
 *
 * One arena serves everything: whoever uses it takes arena_used() first and
 * gives it back with arena_rewind().  The policy and the certificates in
 * memory are copies of what is in the spool; handle_refresh() brings them up
 * to date when another process changed them.
 */
#define HANDLE_ARENA ((size_t)16 << 20)
#define HANDLE_WHY 1024

struct steward;

struct keten {
	struct device dev;
	struct spool *spool;
	struct arena *a;
	struct policy *policy; /* NULL before the first one came */
	struct certs *certs;
	uint64_t trust_stamp;  /* of policy and certificates in memory */
	int64_t ahead_ms;      /* the broker's clock minus ours, as known */
	bool has_next_log_key; /* one that took the place of the settings' */
	struct note_key next_log_key;
	struct steward *steward; /* NULL while another process leads */
	char why[HANDLE_WHY];
	char warning[2048]; /* of keten_warning() */
	char *text;	       /* the last long result given out */
};

/**
 * handle_fail(k, code, fmt, ...):
 * Keep the sentence for keten_error() and return ${code}.
 */
int handle_fail(struct keten *k, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * handle_err(k, err):
 * The same for what went wrong inside: the KETEN_E* for ${err}, with its text.
 */
int handle_err(struct keten *k, enum err err);

/**
 * handle_refresh(k):
 * Read policy and certificates from the spool again if they changed there.
 */
MUST_CHECK enum err handle_refresh(struct keten *k);

/**
 * handle_take_policy(k, txn, envelope, why):
 * Make ${envelope} the policy, in the spool and in memory, if the introducer
 * signed it, it is for this log and its index does not go back.  ERR_OK also
 * if it is the one we have.  Else the error and in ${why} a constant Dutch
 * text.  The change in memory stands when the transaction does.
 */
MUST_CHECK enum err handle_take_policy(struct keten *k, struct spool_txn *txn,
    struct slice envelope, const char **why);

/**
 * handle_log_key(k, key):
 * Store the key with which the log signs: that of the settings or the one that
 * was accepted in its place, else that of the policy.  ERR_NOT_FOUND if there
 * is none.
 */
MUST_CHECK enum err handle_log_key(const struct keten *k,
    struct note_key *key);

/**
 * handle_log_pending(k, key):
 * The settings pin a key of the log, and the policy names another one, which
 * was not taken over yet: tell so, and store that in ${key}.
 */
bool handle_log_pending(const struct keten *k, struct note_key *key);

/**
 * handle_log_former(k, i, key):
 * Store the ${i}th key with which the log signed before, as the policy says,
 * in ${key}; false if there are not so many.  What it signed then it vouches
 * for; never for anything newer.
 */
bool handle_log_former(const struct keten *k, size_t i, struct note_key *key);

/**
 * handle_log_accept(k, txn):
 * Take over the key that is pending, if there is one: a person decided so, or
 * the pinned key signed beside it.
 */
MUST_CHECK enum err handle_log_accept(struct keten *k,
    struct spool_txn *txn);

/**
 * handle_trust_changed(txn):
 * Policy, certificates or the key of the log changed in ${txn}: let other
 * processes read them again.
 */
MUST_CHECK enum err handle_trust_changed(struct spool_txn *txn);

/**
 * handle_now():
 * Return the time in ms since 1970.
 */
int64_t handle_now(void);

/**
 * handle_broker_now(k):
 * Return the broker's time, as far as it is known: what it said when the
 * connection was made, and not behind any record that came since.  Whether
 * something may still be done goes by this one, as the broker will judge it.
 */
int64_t handle_broker_now(const struct keten *k);

/**
 * handle_clock(k, txn, broker_ms):
 * It is ${broker_ms} at the broker now.  Other processes of this spool know it
 * from their next handle_refresh() on.
 */
MUST_CHECK enum err handle_clock(struct keten *k, struct spool_txn *txn,
    int64_t broker_ms);

/**
 * handle_mono():
 * Return ms on a clock that nobody sets.
 */
int64_t handle_mono(void);

#endif /* !HANDLE_H_ */
