#ifndef DISPATCH_H_
#define DISPATCH_H_

#include <stdbool.h>

#include "base/err.h"
#include "sdk/orders.h"
#include "sdk/scribe.h"
#include "sdk/steward.h"

/*
 * dispatch -- orders that wait become signed bytes, and these are sent.
 *
 * An order waits for earlier orders about the same referral, so that each step
 * knows the version that the one before it made.  One that cannot go out
 * becomes KETEN_FAILED with the reason and holds up nobody.
 *
 * Bytes are sent in order of number, at most a window of them without an
 * answer; after a refusal that used up no number, a new connection, or silence,
 * from the oldest without an answer again.
 */

/**
 * dispatch_turn(s, did):
 * Sign what can be signed, send what may be sent.
 */
MUST_CHECK enum err dispatch_turn(struct steward *s, bool *did);

/**
 * dispatch_draft(s, o, d, rule):
 * Make the draft of ${o}: look up, resolve, check against the signed policy,
 * seal.  The error and ${rule} with which the order fails; ERR_TIMEOUT if the
 * broker did not answer: later.
 */
MUST_CHECK enum err dispatch_draft(struct steward *s, const struct order *o,
    struct draft *d, const char **rule);

/**
 * dispatch_resolve(s, d, answer, rule):
 * Ask who would be asked for the SUBMIT whose header is in ${d}, and
 * check the answer against the signed policy; ${answer} is in the handle's
 * arena.  ERR_DIGEST if the broker names
 * somebody the policy does not.  ERR_TIMEOUT or ERR_BUSY if it answers by
 * another policy than ours: then the draft has to be made again, later.
 */
MUST_CHECK enum err dispatch_resolve(struct steward *s,
    const struct draft *d, Keten__V1__ResolveAnswer **answer,
    const char **rule);

/**
 * dispatch_check(k, h, now_ms, answer, rule):
 * Check what the broker answered to a question about ${h} against the signed
 * policy, as dispatch_resolve() does.
 */
MUST_CHECK enum err dispatch_check(struct keten *k,
    const Keten__V1__Header *h, int64_t now_ms,
    const Keten__V1__ResolveAnswer *answer, const char **rule);

/**
 * dispatch_content(k, h, now_ms):
 * Return what the covenants allow in the person part of the SUBMIT whose header
 * is ${h} (enum route_content, or-ed).
 */
unsigned dispatch_content(const struct keten *k, const Keten__V1__Header *h,
    int64_t now_ms);

#endif /* !DISPATCH_H_ */
