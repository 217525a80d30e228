#ifndef DECIDE_H_
#define DECIDE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keten/v1/facts.pb-c.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/statement.pb-c.h"

#include "base/err.h"
#include "base/org.h"
#include "life/lifecycle.h"
#include "life/referral.h"
#include "policy/policy.h"
#include "policy/route.h"
#include "trust/seal.h"
#include "wire/arena.h"

/*
 * decide -- what follows from a statement, a timer or the clock: facts.
 *
 * Pure: no clock, store, socket, allocation (but from the arena it is given)
 * or global.  The same input gives the same facts, byte for byte, in the
 * broker now and at the auditor later.  What it may look at comes through
 * struct decide_view; what it may not invent (the time, the index, random
 * bytes) comes through struct decide_in.
 *
 * It composes three things of the agreement: lifecycle (what may happen),
 * route (who is asked) and calendar (until when).  It changes nothing: the
 * facts are applied by core/view when they are committed.
 */

/* The version of the rules in this file; stands in every record. */
#define DECIDE_ENGINE 1

/*
 * Random bytes one record can need: a blind for each offer it can make.  That
 * is one rung of the referral itself and, if its holder changes and had the
 * last open offer of each of them, one rung of each live child.
 */
#define DECIDE_BLINDS (ROUTE_RUNG_MAX * (1 + REFERRAL_CHILDREN_MAX))
#define DECIDE_RANDOM ((size_t)DECIDE_BLINDS * 16)

/* Sealed parts of one referral that are looked at together, page by page; most
 * of one delivery. */
#define DECIDE_PIECES_MAX 256
#define DECIDE_SENT_MAX 32

/* A sealed part that is in the store. */
struct decide_piece {
	uint64_t index;
	uint32_t part;
	Keten__V1__PartKind kind;
};

/* Records one after another; most of them in one ERASE. */
struct decide_range {
	uint64_t first;
	uint32_t count;
};

#define DECIDE_RANGES_MAX 5400

/* What was signed about it. */
struct decide_digest {
	uint8_t sha256[32];
	uint8_t plain_commit[32];
};

/* A wrap: for which key, and who made it. */
struct decide_wrap {
	char key_id[SEAL_KEY_ID];
	struct org by;
};

/*
 * What decide may look at: read-only, as of the records before this one.
 * Every callback gets ${cookie} first.
 */
struct decide_view {
	void *cookie;

	/* The referral ${id}; false if there is none. */
	bool (*referral)(void *cookie, const struct refid *id,
	    struct referral *out);

	/* Ids of its children, live or not, oldest first, after ${after} (NULL:
	 * from the first); how many. */
	size_t (*children)(void *cookie, const struct refid *id,
	    const struct refid *after, struct refid *out, size_t max);

	/* Its sealed parts that are not erased, oldest first, after ${after}
	 * (NULL: from the first); how many, fewer than ${max} at the end. */
	size_t (*pieces)(void *cookie, const struct refid *id,
	    const struct decide_piece *after, struct decide_piece *out,
	    size_t max);

	/* What was signed about that part; false: it is not there. */
	bool (*digest)(void *cookie, uint64_t index, uint32_t part,
	    struct decide_digest *out);

	/* Is there a wrap of that part for a sealing key of ${who}? */
	bool (*has_wrap)(void *cookie, uint64_t index, uint32_t part,
	    const struct org *who);

	/* Is there one for exactly that key?  Neither this nor the one before
	 * counts a wrap that its receiver said opens nothing. */
	bool (*has_key)(void *cookie, uint64_t index, uint32_t part,
	    const char *key_id);

	/* The wrap of that part of ${id} for the sealing key that ${who} uses
	 * now; false: there is none that counts. */
	bool (*wrap_of)(void *cookie, const struct refid *id, uint64_t index,
	    uint32_t part, const struct org *who, struct decide_wrap *out);

	/* Did ${who} ever make one for that key that opened nothing? */
	bool (*refuted_by)(void *cookie, uint64_t index, uint32_t part,
	    const char *key_id, const struct org *who);

	/* Whose sealing key is ${key_id}?  The empty one: nobody's (now). */
	struct org (*key_owner)(void *cookie, const char *key_id);

	/* The newest delivery in a mailbox; 0: none yet. */
	uint64_t (*last_seq)(void *cookie, const struct org *partner,
	    const char *mailbox);

	/* Does the delivery that brought that offer (DECIDE_WITH_OFFER) wait to
	 * be acknowledged there? */
	bool (*undelivered)(void *cookie, const struct org *who,
	    const char *mailbox, const struct refid *id, uint32_t offer);

	/* Since when is ${who} not connected; 0: it is.  It is noted in the
	 * route facts, with since when if that decided anything: an auditor
	 * knows it from there. */
	int64_t (*unreachable)(void *cookie, const struct org *who);

	/* When was its catalogue entry for the header code ${code} last
	 * checked; 0: it has none. */
	int64_t (*checked)(void *cookie, const struct org *who,
	    const char *code);

	/* Which of its records brought content, or else only its first: at
	 * least one range; how many, after the first ${skip} ranges. */
	size_t (*content)(void *cookie, const struct refid *id, size_t skip,
	    struct decide_range *out, size_t max);

	/* Did somebody ask at that time for it to stay? */
	bool (*retained)(void *cookie, const struct refid *id,
	    int64_t now_ms);

	/* Is a confirmation of the ERASE record ${index} awaited from there? */
	bool (*awaited)(void *cookie, uint64_t index, const struct org *who,
	    const char *mailbox);
};

struct decide_in {
	const struct policy *policy;
	const struct decide_view *view;
	struct arena *arena;
	int64_t now_ms;      /* of the leaf: max(clock, last leaf's time) */
	uint64_t index;      /* the record's */
	const uint8_t (*random)[16]; /* DECIDE_BLINDS, nobody can guess them */
};

/* Bits of Sent.with: what goes with a delivery, and that it brings an offer. */
enum decide_with {
	DECIDE_WITH_STATEMENT = 1,
	DECIDE_WITH_OPENING = 2,
	DECIDE_WITH_ROUTE = 4,
	DECIDE_WITH_OFFER = 8,
};

/* Who sent a statement; everything checked. */
struct decide_sender {
	struct org partner;
	char device[ORG_MAX + 1];
	uint8_t body_hash[32]; /* SHA-256 of the signed body */
};

/*
 * What becomes a record.  facts and route lie in the arena.  err is ERR_OK or
 * the refusal, which then stands in the facts too (kind RECORD_REFUSED).
 */
struct decision {
	enum err err;
	const char *rule;          /* Dutch; constant or in the arena */
	Keten__V1__Facts *facts;
	Keten__V1__RouteFacts *route;
	struct refid referral;     /* whose slot it is kept under; or zeros */
	bool wants_wrap;           /* the new holder must get the person part */
	struct org wrap_for;
	bool wants_again;          /* the sender must get another wrap */
	bool erase;                /* erase the content at once */
	bool alarm;                /* R let a term of its own pass */
	size_t n_blinds;           /* of in->random, from the first on, used */
};

/**
 * decide_statement(in, st, sender, content, content_rule, d):
 * Decide what follows from ${st}.  ${content} is what checking the content
 * frame gave (ERR_OK, ERR_DIGEST, ...), with its rule: it is looked at after
 * everything that comes before it in the order of the checks.  Fill ${d};
 * ERR_OK, or ERR_NOMEM if the arena is full (then nothing is decided).
 */
MUST_CHECK enum err decide_statement(const struct decide_in *in,
    const Keten__V1__Statement *st, const struct decide_sender *sender,
    enum err content, const char *content_rule, struct decision *d);

/**
 * decide_refuse(in, st, sender, err, rule, d):
 * Make the record of a statement that is refused without being decided
 * (INTERNAL after a crash).
 */
MUST_CHECK enum err decide_refuse(const struct decide_in *in,
    const Keten__V1__Statement *st, const struct decide_sender *sender,
    enum err err, const char *rule, struct decision *d);

/**
 * decide_timer(in, id, term, offer, d):
 * Decide what follows from ${term} (of ${offer} for TERM_MORE) of referral
 * ${id} having passed.  ERR_NOT_FOUND: it does not run (any more), make no
 * record.
 */
MUST_CHECK enum err decide_timer(const struct decide_in *in,
    const struct refid *id, enum term term, uint16_t offer,
    struct decision *d);

/**
 * decide_succeed(in, id, old, d):
 * Decide what follows for referral ${id} from ${old} having ended: who takes
 * its places by the policy in force (row 38).  One record for each referral,
 * and not one for all: a delivery brings the facts whole, so that its receivers
 * would read about referrals that are not theirs; and each is kept, and erased,
 * with its referral.  ERR_NOT_FOUND: nothing follows (any more), or ${old} has
 * not ended.
 */
MUST_CHECK enum err decide_succeed(const struct decide_in *in,
    const struct refid *id, const struct org *old, struct decision *d);

/**
 * decide_tick(in, why, d):
 * The record of the broker's own clock.
 */
MUST_CHECK enum err decide_tick(const struct decide_in *in,
    Keten__V1__TickWhy why, struct decision *d);

/* A tree that a person accepted, and what had been published before. */
struct decide_guard {
	uint64_t size;
	uint8_t root[32];
	bool is_known; /* what had been published */
	uint64_t was_size;
	uint8_t was_root[32];
};

/**
 * decide_guard(in, g, d):
 * The record that a person accepted that tree.  ${d} points into ${g}.
 */
MUST_CHECK enum err decide_guard(const struct decide_in *in,
    const struct decide_guard *g, struct decision *d);

/**
 * decide_restart(in, from_ms, until_ms, d):
 * The record that nobody could act between those two instants.
 */
MUST_CHECK enum err decide_restart(const struct decide_in *in,
    int64_t from_ms, int64_t until_ms, struct decision *d);

/**
 * decide_shift(in, from_ms, until_ms, id, d):
 * The record, after that one, that moves every running deadline of referral
 * ${id}, and until when it may be returned or reopened, by the working time of
 * the gap (EMERGENT: by the clock; REOPEN: by the calendar).  Whose deadlines
 * they are is told: B, H and the candidates.  A record for each referral, for
 * the reasons of decide_succeed().  ERR_NOT_FOUND: nothing moves.
 */
MUST_CHECK enum err decide_shift(const struct decide_in *in,
    int64_t from_ms, int64_t until_ms, const struct refid *id,
    struct decision *d);

/**
 * decide_erase(in, id, number, because, d):
 * The record by which the content of ${id} is erased on rule ${number} (see
 * policy/erasure.h; not a request), at once because of record ${because} (0:
 * its term is over).  ERR_NOT_FOUND: it may not (yet, or any more).
 */
MUST_CHECK enum err decide_erase(const struct decide_in *in,
    const struct refid *id, uint32_t number, uint64_t because,
    struct decision *d);

/**
 * decide_erase_again(in, id, d):
 * The record by which the content of ${id} is erased once more, because that
 * happened after the backup was made that is now the log; live or not, as it
 * cannot be read any more.  Nobody is told: on the broker's word alone no
 * partner erases anything.  ERR_NOT_FOUND: the log says so already.
 */
MUST_CHECK enum err decide_erase_again(const struct decide_in *in,
    const struct refid *id, struct decision *d);

/**
 * decide_erase_more(in, id, number, because, page, d):
 * The record that goes on where the one before it had no room: ${page} is 1, 2
 * ... as long as the last one had DECIDE_RANGES_MAX ranges.  In the same turn,
 * or content would be half erased.  Nobody is told.  ERR_NOT_FOUND: there is no
 * more.
 */
MUST_CHECK enum err decide_erase_more(const struct decide_in *in,
    const struct refid *id, uint32_t number, uint64_t because, uint32_t page,
    struct decision *d);

/* Whole records that are erased together (erase.h finds them). */
struct decide_log {
	uint32_t number; /* of the rule */
	Keten__V1__EraseRange **ranges;
	size_t n_ranges;
	Keten__V1__Carry *carry;
};

/**
 * decide_erase_log(in, log, d):
 * The record by which ${log} is erased.
 */
MUST_CHECK enum err decide_erase_log(const struct decide_in *in,
    const struct decide_log *log, struct decision *d);

/**
 * decide_policy(in, d):
 * The record of ${in}->policy coming into force.  It names everybody who ended
 * or will, with successors; decide_succeed() does the rest.
 */
MUST_CHECK enum err decide_policy(const struct decide_in *in,
    struct decision *d);

/**
 * decide_key(in, key, d):
 * The record of a certificate whose signature was checked.
 */
MUST_CHECK enum err decide_key(const struct decide_in *in,
    const Keten__V1__KeyStatement *key, struct decision *d);

/**
 * decide_ack(in, ack, d):
 * The record of a signed acknowledgement whose running hash was checked.
 */
MUST_CHECK enum err decide_ack(const struct decide_in *in,
    const Keten__V1__Ack *ack, struct decision *d);

/**
 * decide_access(in, who, what, why, report, d):
 * The record of something shown from the log, with the report that it is
 * (NULL: none), which is borrowed.
 */
MUST_CHECK enum err decide_access(const struct decide_in *in,
    const char *who, const char *what, const char *why,
    const Keten__V1__ReportFacts *report, struct decision *d);

#endif /* !DECIDE_H_ */
