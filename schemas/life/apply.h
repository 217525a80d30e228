#ifndef APPLY_H_
#define APPLY_H_

#include "keten/v1/facts.pb-c.h"

#include "base/err.h"
#include "base/org.h"
#include "life/referral.h"
#include "wire/arena.h"

/*
 * apply -- between a referral in memory and what travels and is stored of it.
 *
 * Facts say what is different after a record; applying them is copying, and
 * decides nothing: this file calls neither lifecycle nor route nor calendar.
 * Broker, SDK and auditor apply the same facts in the same way.  Pure.
 *
 * A candidate has no route facts: then the offers of others have no name
 * ("to" is the empty organisation), parties stay unknown and so does who gave
 * up before.
 */

/* Bits of After.marks and OfferChange.marks. */
enum apply_mark {
	APPLY_RUNG_ASKED = 1,
	APPLY_RUNG_FROZEN = 2,
	APPLY_HOLDER_ASKED = 4,
	APPLY_OPENABLE = 8,
	APPLY_UNREADABLE = 16,
	APPLY_ERASED = 32,
	APPLY_PERSON_PART = 64,
	APPLY_ERASES = 128,
	/* ... and from this bit on, what the person part contains. */
	APPLY_CONTAINS = 256,
};
enum apply_offer_mark {
	APPLY_ASKED = 1,
	APPLY_QUESTION_OPEN = 2,
	APPLY_DELIVERED = 4,
	APPLY_OWN_TERM = 8,
};

/* TermChange.state. */
enum apply_term_state {
	APPLY_TERM_RUNNING = 1,
	APPLY_TERM_FROZEN = 2,
	APPLY_TERM_OFF = 3,
};

/**
 * apply_header(r, id, h, route):
 * Make ${r} the referral ${id} with the header ${h} of a SUBMIT and the names
 * in ${route} (may be NULL); everything else becomes zero.  ERR_CORRUPT if
 * something does not fit.
 */
MUST_CHECK enum err apply_header(struct referral *r, const struct refid *id,
    const Keten__V1__FactsHeader *h, const Keten__V1__RouteFacts *route);

/**
 * apply_change(r, c, who):
 * Do to ${r} what ${c} and, if it is not NULL, ${who} say.  ERR_CORRUPT, with
 * ${r} undefined, if they are not about ${r}, do not follow its version, or
 * do not fit.
 */
MUST_CHECK enum err apply_change(struct referral *r,
    const Keten__V1__Change *c, const Keten__V1__RouteChange *who);

/**
 * apply_diff(a, before, after, c, who):
 * The way back: fill ${c} (but not its steps) and ${who} with what is
 * different in ${after}, allocated from ${a}; ${before} is NULL for a new
 * referral.  For an offer that ${before} does not have, ${blinds} (16 bytes
 * for each new offer, in order) opens its commitment.
 */
MUST_CHECK enum err apply_diff(struct arena *a, const struct referral *before,
    const struct referral *after, const uint8_t (*blinds)[16],
    Keten__V1__Change *c, Keten__V1__RouteChange *who);

/**
 * apply_to_header(a, r, h):
 * Put the header of ${r} into ${*h}, which is allocated from ${a} if it is
 * NULL.  Fields that ${r} does not have are left alone.
 */
MUST_CHECK enum err apply_to_header(struct arena *a, const struct referral *r,
    Keten__V1__FactsHeader **h);

/**
 * apply_to_state(a, r, s), apply_from_state(s, r):
 * Fill ${s} from ${r}, allocated from ${a}; fill ${r} from ${s}.  Fields of
 * ${s} that ${r} does not have are left alone.
 */
MUST_CHECK enum err apply_to_state(struct arena *a, const struct referral *r,
    Keten__V1__ReferralState *s);
MUST_CHECK enum err apply_from_state(const Keten__V1__ReferralState *s,
    struct referral *r);

/**
 * apply_commit(blind, to, commit):
 * SHA-256("keten1/offer\0" || blind || partner): how the facts name the
 * receiver of an offer to those who know the blind, and to nobody else.
 */
void apply_commit(const uint8_t blind[16], const struct org *to,
    uint8_t commit[32]);

#endif /* !APPLY_H_ */
