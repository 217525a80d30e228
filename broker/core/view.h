#ifndef VIEW_H_
#define VIEW_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "core/store.h"
#include "keten/v1/facts.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "life/referral.h"
#include "wire/arena.h"

/*
 * view -- what the log amounts to now: referrals, mailboxes, numbers, terms.
 *
 * Every row here follows from the facts of the records (and, for keys, from
 * their envelopes).  view_apply() calls neither life cycle nor route nor
 * calendar; view_rebuild() throws all of it away and makes it again, to the
 * byte.
 *
 * Reads see what the same turn has written before.  Lists are given as arrays:
 * the caller offers room for ${cap} and asks again after the last one.  They
 * return ERR_OK with ${n} 0 when there is nothing (more); all reads may return
 * ERR_STORE, and ERR_CORRUPT when a row is not what was written.
 */

/* --- referrals ---------------------------------------------------------- */

/**
 * view_referral(t, id, r):
 * Read where the referral ${id} stands.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_referral(struct txn *t, const struct refid *id,
    struct referral *r);

/* What the store knows besides. */
struct view_more {
	uint32_t pair;		/* of the vault */
	uint64_t opening_index; /* its SUBMIT */
	uint64_t newest_index;
	uint8_t newest_leaf[32]; /* leaf hash of that */
};

/**
 * view_more(t, id, more):
 * Read what the store knows of the referral ${id} besides.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_more(struct txn *t, const struct refid *id,
    struct view_more *more);

/* Which sealed parts somebody wants to hear of: behind that one, or from the
 * first, so many. */
struct view_parts {
	bool behind;
	uint64_t index;
	uint32_t part;
	size_t max;
};

/**
 * view_state(t, id, a, want, state, more):
 * Read everything there is about the referral ${id} into ${a}: header, offers
 * with their names and blinds, children, the pieces that ${want} asks for
 * (${more}: there are others behind them), the newest record.  It is for
 * B, R and H; strip it for others.  ERR_NOT_FOUND, ERR_NOMEM.
 */
MUST_CHECK enum err view_state(struct txn *t, const struct refid *id,
    struct arena *a, const struct view_parts *want,
    Keten__V1__ReferralState **state, bool *more);

/**
 * view_blind(t, id, offer, blind):
 * Read the number that opens the commitment to offer ${offer} of ${id}, of the
 * current epoch.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_blind(struct txn *t, const struct refid *id,
    uint32_t offer, uint8_t blind[16]);

/**
 * view_children(t, parent, after, out, cap, n):
 * List the children of ${parent}, live or not, in order of id, after ${after}
 * (NULL: from the first).
 */
MUST_CHECK enum err view_children(struct txn *t, const struct refid *parent,
    const struct refid *after, struct refid *out, size_t cap, size_t *n);

/**
 * view_referrals(t, after, out, cap, n):
 * List all there are that are not erased, in order of id, after ${after}
 * (NULL: from the first).
 */
MUST_CHECK enum err view_referrals(struct txn *t, const struct refid *after,
    struct refid *out, size_t cap, size_t *n);

/* One record in the life of a referral. */
struct view_trail {
	uint64_t index;
	uint8_t n_parts;	 /* sealed parts it brought */
	uint8_t kinds[8];	 /* keten.v1.PartKind of each */
};

/**
 * view_trail(t, id, from, out, cap, n):
 * List the records about ${id} from index ${from} on, in order: those that
 * changed it and those it owns.
 */
MUST_CHECK enum err view_trail(struct txn *t, const struct refid *id,
    uint64_t from, struct view_trail *out, size_t cap, size_t *n);

/**
 * view_trail_end(t, id, out, cap, n):
 * List the last ${cap} of them, newest first.
 */
MUST_CHECK enum err view_trail_end(struct txn *t, const struct refid *id,
    struct view_trail *out, size_t cap, size_t *n);

/**
 * view_open_work(t, who, after, out, cap, n):
 * List the referrals in which ${who} is a party (B, R, H, custodian, has or had
 * an offer, former holder) and that are not yet CLOSED or ENTERED_IN_ERROR, in
 * order of id, after ${after} (NULL: from the first).
 */
MUST_CHECK enum err view_open_work(struct txn *t, const struct org *who,
    const struct refid *after, struct refid *out, size_t cap, size_t *n);

/* --- terms -------------------------------------------------------------- */

/* The earliest running term of one referral. */
struct view_due {
	int64_t at_ms;
	struct refid referral;
	enum term term;
	uint16_t offer; /* TERM_MORE: whose */
};

/**
 * view_due(t, until_ms, after, out, cap, n):
 * List the terms that pass at ${until_ms} or before, earliest first, after
 * ${after} (NULL: from the first).  A referral stands here once, with its
 * earliest term: the next one shows after that has been dealt with.
 */
MUST_CHECK enum err view_due(struct txn *t, int64_t until_ms,
    const struct view_due *after, struct view_due *out, size_t cap,
    size_t *n);

/**
 * view_next_due(t, at_ms):
 * Store when the next term passes.  ERR_NOT_FOUND if none runs.
 */
MUST_CHECK enum err view_next_due(struct txn *t, int64_t *at_ms);

/* --- erasing ------------------------------------------------------------ */

/* A referral that has ended and of which something is still there. */
struct view_ended {
	int64_t ended_ms;
	struct refid referral;
};

#define VIEW_AT_ONCE "" /* the code of those whose content goes at once */

/**
 * view_ended_code(t, level, after, code):
 * Store in ${code} the first code after ${after} (NULL: the first of all) of
 * which referrals wait for erasure at ${level}: 1 content, 2 records (of whole
 * families: those without a parent stand here).  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_ended_code(struct txn *t, uint8_t level,
    const char *after, char code[REFERRAL_CODE]);

/**
 * view_ended(t, level, code, after, out, cap, n):
 * List them in the order in which they ended, after ${after} (NULL: from the
 * first).
 */
MUST_CHECK enum err view_ended(struct txn *t, uint8_t level,
    const char *code, const struct view_ended *after, struct view_ended *out,
    size_t cap, size_t *n);

/* Somebody wants a referral to stay. */
struct view_hold {
	struct org who;
	uint64_t index;	  /* of its RETAIN */
	int64_t until_ms; /* 0: until it says otherwise */
	char reason[REFERRAL_CODE];
};

/**
 * view_holds(t, id, out, cap, n):
 * List who does, also those whose date has passed, in order of name.
 */
MUST_CHECK enum err view_holds(struct txn *t, const struct refid *id,
    struct view_hold *out, size_t cap, size_t *n);

/* An erasure that a mailbox has not confirmed. */
struct view_await {
	uint64_t index; /* of the ERASE */
	struct org partner;
	struct org mailbox;
	struct refid referral;
};

/**
 * view_is_refuted(t, index, part, key_id, is):
 * Store whether the newest wrap of that part for that key is one of which its
 * receiver said that it does not open it.
 */
MUST_CHECK enum err view_is_refuted(struct txn *t, uint64_t index,
    uint32_t part, const char *key_id, bool *is);

/**
 * view_refuted_by(t, index, part, key_id, who, is):
 * Store whether ${who} ever made such a wrap.
 */
MUST_CHECK enum err view_refuted_by(struct txn *t, uint64_t index,
    uint32_t part, const char *key_id, const struct org *who, bool *is);

/**
 * view_wrapped(t, index, part, key_id, by):
 * Store which record brought the newest wrap of that part for that key, if
 * there is one: a REWRAP, or ${index} itself.
 */
MUST_CHECK enum err view_wrapped(struct txn *t, uint64_t index, uint32_t part,
    const char *key_id, uint64_t *by);

/**
 * view_awaited(t, index, partner, mailbox, is):
 * Store whether that confirmation is awaited.
 */
MUST_CHECK enum err view_awaited(struct txn *t, uint64_t index,
    const struct org *partner, const char *mailbox, bool *is);

/**
 * view_awaiting(t, after, out, cap, n):
 * List all that are, oldest erasure first, after ${after} (NULL: from the
 * first).
 */
MUST_CHECK enum err view_awaiting(struct txn *t,
    const struct view_await *after, struct view_await *out, size_t cap,
    size_t *n);

/* --- numbers ------------------------------------------------------------ */

/**
 * view_seen(t, partner, lane, number, index, hash):
 * Store in which record that number was used up, and SHA-256 of the body it
 * was used for.  ERR_NOT_FOUND if it is free, or its record was erased.
 */
MUST_CHECK enum err view_seen(struct txn *t, const struct org *partner,
    const uint8_t lane[8], uint64_t number, uint64_t *index,
    uint8_t hash[32]);

/**
 * view_lane(t, partner, lane, last):
 * Store the highest number used in that lane; 0 for a new lane.
 */
MUST_CHECK enum err view_lane(struct txn *t, const struct org *partner,
    const uint8_t lane[8], uint64_t *last);

/**
 * view_n_lanes(t, partner, n):
 * Count the lanes of ${partner}, up to 257.  Ask it for a new lane only.
 */
MUST_CHECK enum err view_n_lanes(struct txn *t, const struct org *partner,
    size_t *n);

/* --- mailboxes ---------------------------------------------------------- */

struct view_mailbox {
	uint64_t last;		/* newest delivery; 0: none yet */
	uint8_t last_hash[32];	/* running hash there */
	uint64_t acked;		/* acknowledged, and all before it */
	uint8_t acked_hash[32]; /* running hash there */
};

/**
 * view_mailbox(t, partner, mailbox, mb):
 * Read how far that mailbox is; all zeros if nothing was ever sent to it.
 */
MUST_CHECK enum err view_mailbox(struct txn *t, const struct org *partner,
    const char *mailbox, struct view_mailbox *mb);

#define VIEW_PIECES_MAX 32

/* One delivery that is not yet acknowledged. */
struct view_outbox {
	uint64_t seq;
	uint64_t index; /* of the record */
	uint8_t running_hash[32];
	Keten__V1__DeliveryRole role;
	uint16_t offer;
	uint32_t with;		/* bits, see Sent */
	struct refid referral; /* which change; none: all zeros */
	size_t n_pieces;
	struct {
		uint64_t index;
		uint32_t part;
	} pieces[VIEW_PIECES_MAX];
};

/**
 * view_outbox(t, partner, mailbox, after, out, cap, n):
 * List the deliveries of that mailbox that wait for an ACK, after seq
 * ${after}, in order.
 */
MUST_CHECK enum err view_outbox(struct txn *t, const struct org *partner,
    const char *mailbox, uint64_t after, struct view_outbox *out, size_t cap,
    size_t *n);

/**
 * view_delivery(t, partner, mailbox, seq, out):
 * Read one of them.  ERR_NOT_FOUND if it is acknowledged or not there.
 */
MUST_CHECK enum err view_delivery(struct txn *t, const struct org *partner,
    const char *mailbox, uint64_t seq, struct view_outbox *out);

/* --- catalogue, keys, policy -------------------------------------------- */

#define VIEW_CODE_MAX 24 /* characters of a code or an area */

struct view_entry {
	struct org partner;
	uint64_t index; /* of the record that brought it */
	Keten__V1__CatalogueEntry *entry;
};

/* Where a page of the catalogue begins: after this row.  ${area} for
 * shortages only. */
struct view_at {
	const char *service;
	const char *partner;
	const char *area;
};

/**
 * view_catalogue(t, service, after, a, out, cap, n):
 * List who offers ${service} ("": any), in order of service and name, after
 * ${after} (NULL: from the first), with the entries in ${a} (ERR_NOMEM).  An
 * entry that was withdrawn is among them.
 */
MUST_CHECK enum err view_catalogue(struct txn *t, const char *service,
    const struct view_at *after, struct arena *a, struct view_entry *out,
    size_t cap, size_t *n);

/* A partner declined for want of room. */
struct view_shortage {
	char service[VIEW_CODE_MAX + 1];
	struct org partner;
	char area[VIEW_CODE_MAX + 1];
	char reason[VIEW_CODE_MAX + 1];
	uint64_t index; /* of the record */
	int64_t until_ms;
};

/**
 * view_shortages(t, service, after, out, cap, n):
 * List the shortages in ${service} ("": any), in order of service, partner and
 * area, after ${after}; also those whose time is over.
 */
MUST_CHECK enum err view_shortages(struct txn *t, const char *service,
    const struct view_at *after, struct view_shortage *out, size_t cap,
    size_t *n);

/**
 * view_shortage_shows(t, s, now_ms, shows):
 * Tell in ${shows} whether ${s} is to be shown at ${now_ms}: its time is not
 * over, and its partner has not said anything of that service since.
 */
MUST_CHECK enum err view_shortage_shows(struct txn *t,
    const struct view_shortage *s, int64_t now_ms, bool *shows);

/* Somebody looked in the catalogue and found nothing. */
struct view_missing {
	uint64_t index; /* of the record */
	int64_t time_ms;
	struct org partner;
	char code[VIEW_CODE_MAX + 1];
	char area[VIEW_CODE_MAX + 1];
};

/**
 * view_missing(t, from, out, cap, n):
 * List what was found missing, oldest first, from record ${from} on.
 */
MUST_CHECK enum err view_missing(struct txn *t, uint64_t from,
    struct view_missing *out, size_t cap, size_t *n);

/**
 * view_entry(t, service, partner, a, out):
 * Find the entry of ${partner} for ${service}, with the entry in ${a}
 * (ERR_NOMEM).  ERR_NOT_FOUND if it has none.
 */
MUST_CHECK enum err view_entry(struct txn *t, const char *service,
    const struct org *partner, struct arena *a, struct view_entry *out);

/**
 * view_key(t, from, index, envelope):
 * Find the first KEY record with index ${from} or later: its index and the
 * certificate's envelope, which points into the store.  ERR_NOT_FOUND if there
 * is none (any more).
 */
MUST_CHECK enum err view_key(struct txn *t, uint64_t from, uint64_t *index,
    struct slice *envelope);

/**
 * view_policy(t, policy_index, index):
 * Store which record brought the policy document ${policy_index} (0: the one
 * in force).  Read its envelope with record_read().  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_policy(struct txn *t, uint64_t policy_index,
    uint64_t *index);

/**
 * view_policy_in_force(t, policy_index):
 * Store the index of the policy document in force.  ERR_NOT_FOUND before the
 * first.
 */
MUST_CHECK enum err view_policy_in_force(struct txn *t,
    uint64_t *policy_index);

/**
 * view_policy_before(t, before, index):
 * Store which record brought the policy document that was in force at record
 * ${before}: the last POLICY record before it.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_policy_before(struct txn *t, uint64_t before,
    uint64_t *index);

/**
 * view_report(t, month, index):
 * Store which record published the report of ${month} (202610), or its first
 * page.  ERR_NOT_FOUND.
 */
MUST_CHECK enum err view_report(struct txn *t, uint32_t month,
    uint64_t *index);

/* --- making it ---------------------------------------------------------- */

/* What the view is made of: one record. */
struct view_in {
	uint64_t index;
	uint8_t leaf_hash[32];
	int64_t time_ms;
	uint32_t pair;	   /* it stands under; RECORD_NO_PAIR */
	const struct refid *owner; /* NULL: none */
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route; /* NULL: none */
	struct slice envelope;
	/*
	 * Only when the log is gone through again: some records before this one
	 * are erased, and what they did to mailboxes comes with a later carry.
	 */
	bool has_gaps;
	struct txn *log; /* where the leaves are; NULL: in the same store */
};

/**
 * view_apply(t, in):
 * Do to the view what the record ${in} says.  ERR_CORRUPT if it does not
 * follow from what is there; then the turn is spoilt.  record_append() calls
 * it; so does whoever replays.
 */
MUST_CHECK enum err view_apply(struct txn *t, const struct view_in *in);

/**
 * view_pair(t, in, pair):
 * Store the pair under which a record of ${in}'s kind, time and owner is to
 * stand, a new one if need be; RECORD_NO_PAIR if it is not encrypted.
 */
MUST_CHECK enum err view_pair(struct txn *t, const struct view_in *in,
    uint32_t *pair);

/**
 * view_is_whole(t, whole):
 * Store whether the view belongs to the log as it is.  If not, the store needs
 * view_rebuild() before anything else.
 */
MUST_CHECK enum err view_is_whole(struct txn *t, bool *whole);

/**
 * view_rebuild(st):
 * Throw the view of ${st} away and make it again from its records, in turns
 * of its own.  One that was broken off begins again.  Errors of view_apply()
 * and record_read(); ERR_DIGEST if a leaf does not commit to its record.
 */
MUST_CHECK enum err view_rebuild(struct store *st);

/**
 * view_replay(from, to, until):
 * Make in the store ${to} (an empty one of its own) the view of the first
 * ${until} records that ${from} reads.  For the auditor.  ${from} is renewed
 * when it is stale.  Errors as above.
 */
MUST_CHECK enum err view_replay(struct txn *from, struct store *to,
    uint64_t until);

/**
 * view_settle(t):
 * In a turn of a scratch store: give every referral its row, before the last
 * commit.  Nothing else reads rows of TABLE_REFERRAL before that, but the
 * functions above.  Does nothing in any other store.
 */
MUST_CHECK enum err view_settle(struct txn *t);

/* Where two views differ. */
struct view_difference {
	enum table table;
	uint8_t key[STORE_KEY_MAX];
	size_t key_len;
	bool only_a; /* the row is missing in b */
	bool only_b;
};

/**
 * view_compare(a, b, diff):
 * Compare the views of two stores byte for byte.  ERR_OK if they are the same;
 * ERR_DIGEST and the first difference in ${diff} if not.
 */
MUST_CHECK enum err view_compare(struct txn *a, struct txn *b,
    struct view_difference *diff);

#endif /* !VIEW_H_ */
