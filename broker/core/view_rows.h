#ifndef VIEW_ROWS_H_
#define VIEW_ROWS_H_

#include "core/view.h"

/*
 * view_rows -- how the rows of the view look: keys and values.  For the files
 * of view.h only.
 *
 * A key is made of parts, each of which sorts as it should: texts end with a
 * NUL, numbers are big-endian.  A key that becomes too long is poisoned, and
 * the store answers ERR_CORRUPT.
 */
struct key {
	size_t len;
	uint8_t b[STORE_KEY_MAX];
};

/**
 * key_text(k, text), key_bytes(k, p, len), key_u64(k, n):
 * Add a part to ${k}, which begins as { 0 }.
 */
void key_text(struct key *k, const char *text);
void key_bytes(struct key *k, const void *p, size_t len);
void key_u64(struct key *k, uint64_t n);

/**
 * key_slice(k):
 * The key made so far; borrows.
 */
struct slice key_slice(const struct key *k);

/**
 * key_begins(key, k):
 * Tell whether the key ${key} of a row begins with all of ${k}.
 */
bool key_begins(struct slice key, const struct key *k);

/**
 * key_of_box(partner, mailbox), key_of_lane(partner, lane):
 * The keys that a number completes.
 */
struct key key_of_box(const char *partner, const char *mailbox);
struct key key_of_lane(const char *partner, const uint8_t lane[8]);

/* --- referral: a head and a packed keten.v1.ReferralState --------------- */

struct row_referral {
	struct view_more more;
	struct slice state;
};

#define ROW_REFERRAL_HEAD 52

/**
 * row_referral_get(t, id, a, row):
 * Find the row of ${id}; it points into the store or ${a}.  ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_NOMEM, ERR_STORE.
 */
MUST_CHECK enum err row_referral_get(struct txn *t, const struct refid *id,
    struct arena *a, struct row_referral *row);

/*
 * What a ReferralState has and a struct referral has not, for view_keep.h: the
 * rest of the header, and what opens the commitments to the offers.
 */
struct view_opens {
	uint16_t number;
	uint8_t b[16];
};
struct view_rest {
	bool known;
	uint16_t n_blinds;
	struct view_opens blinds[REFERRAL_OFFERS_MAX];
	struct slice header; /* packed; in the arena of store_kept() */
};

/*
 * The referral that was read last, unpacked.  Nearly always it is read twice:
 * to decide, and to apply what was decided.
 */
struct view_recent {
	struct refid id;
	struct view_more more;
	size_t row_len; /* of its row; 0: it has none (yet) */
	Keten__V1__ReferralState *state; /* of its row */
	struct view_rest rest;
	struct referral r;
	struct referral next; /* room for what it becomes */
};

/**
 * view_recent(t, id, v):
 * Point ${v} at the referral ${id}, unpacked; valid until the next call with
 * another id, or the end of ${t}, also when its row changes meanwhile.
 * ERR_NOT_FOUND, ERR_CORRUPT, ERR_NOMEM, ERR_STORE.
 */
MUST_CHECK enum err view_recent(struct txn *t, const struct refid *id,
    struct view_recent **v);

/**
 * view_fresh(t, id, v):
 * Point ${v} at room for the referral ${id}, of which there is nothing yet;
 * valid as above.  ERR_NOMEM.
 */
MUST_CHECK enum err view_fresh(struct txn *t, const struct refid *id,
    struct view_recent **v);

/**
 * row_referral_pack(a, more, state, row):
 * Make the bytes of a row in ${a}.  ERR_NOMEM.
 */
MUST_CHECK enum err row_referral_pack(struct arena *a,
    const struct view_more *more, const Keten__V1__ReferralState *state,
    struct slice *row);

/**
 * row_referral_put(t, id, a, more, state, was_long):
 * Write it; ${was_long}: the row in whose place it comes has STORE_CHUNK bytes
 * or more.
 */
MUST_CHECK enum err row_referral_put(struct txn *t, const struct refid *id,
    struct arena *a, const struct view_more *more,
    const Keten__V1__ReferralState *state, bool was_long);

/**
 * row_referral_state(row, a, state):
 * Unpack the state of a row into ${a}.
 */
MUST_CHECK enum err row_referral_state(const struct row_referral *row,
    struct arena *a, Keten__V1__ReferralState **state);

/* --- due ---------------------------------------------------------------- */

/**
 * row_due_put(t, due), row_due_del(t, due):
 * Write, remove the row of one term.
 */
MUST_CHECK enum err row_due_put(struct txn *t, const struct view_due *due);
MUST_CHECK enum err row_due_del(struct txn *t, const struct view_due *due);

/**
 * row_due_read(key, value, due):
 * Read one.  ERR_CORRUPT.
 */
MUST_CHECK enum err row_due_read(struct slice key, struct slice value,
    struct view_due *due);

/* --- outbox ------------------------------------------------------------- */

/**
 * row_outbox_put(t, box, d):
 * Write the delivery ${d} of the mailbox with the key ${box}.
 */
MUST_CHECK enum err row_outbox_put(struct txn *t, const struct key *box,
    const struct view_outbox *d);

/**
 * row_outbox_read(key, value, d):
 * Read one.  ERR_CORRUPT.
 */
MUST_CHECK enum err row_outbox_read(struct slice key, struct slice value,
    struct view_outbox *d);

/* --- mailbox ------------------------------------------------------------ */

/**
 * row_mailbox_get(t, box, mb):
 * Read how far the mailbox with the key ${box} is.
 */
MUST_CHECK enum err row_mailbox_get(struct txn *t, const struct key *box,
    struct view_mailbox *mb);

/**
 * row_mailbox_put(t, box, acked, hash):
 * Write what is acknowledged.
 */
MUST_CHECK enum err row_mailbox_put(struct txn *t, const struct key *box,
    uint64_t acked, const uint8_t hash[32]);

/* --- catalogue ---------------------------------------------------------- */

/**
 * row_entry_put(t, partner, index, entry):
 * Write the entry of ${partner} that the record ${index} brought.  ERR_CORRUPT
 * if it is too long for a row.
 */
MUST_CHECK enum err row_entry_put(struct txn *t, const char *partner,
    uint64_t index, const Keten__V1__CatalogueEntry *entry);

/**
 * row_shortage_put(t, index, s):
 * Write the shortage that the record ${index} brought.
 */
MUST_CHECK enum err row_shortage_put(struct txn *t, uint64_t index,
    const Keten__V1__Shortage *s);

/**
 * row_shortage_read(key, value, s):
 * Read one.  ERR_CORRUPT.
 */
MUST_CHECK enum err row_shortage_read(struct slice key, struct slice value,
    struct view_shortage *s);

/**
 * rows_drop_shortages(t, now_ms):
 * Delete the shortages whose time is over.
 */
MUST_CHECK enum err rows_drop_shortages(struct txn *t, int64_t now_ms);

/* --- meta --------------------------------------------------------------- */

/**
 * row_meta_get(t, name, n, value), row_meta_put(t, name, n, value):
 * Read (ERR_NOT_FOUND) and write a number under ${name} and ${n}.
 */
MUST_CHECK enum err row_meta_get(struct txn *t, const char *name, uint64_t n,
    uint64_t *value);
MUST_CHECK enum err row_meta_put(struct txn *t, const char *name, uint64_t n,
    uint64_t value);

#define META_MONTH "month"   /* 202611 -> pair of the vault */
#define META_POLICY "policy" /* document -> record; 0 -> document in force */
#define META_REPORT "report" /* 202610 -> record that published its report */

/* --- the steps of view_apply() ------------------------------------------- */

/**
 * view_is_about(c, id):
 * Tell whether the change ${c} is to the referral ${id}.
 */
bool view_is_about(const Keten__V1__Change *c, const struct refid *id);

/**
 * view_take_pair(t, in):
 * Remember that the pair of ${in} is taken, and for what month.
 */
MUST_CHECK enum err view_take_pair(struct txn *t, const struct view_in *in);

/**
 * view_apply_changes(t, in):
 * Do to the referrals what the facts of ${in} say: their rows, terms, parties,
 * children and trails.  ERR_CORRUPT if it does not follow from what is there.
 */
MUST_CHECK enum err view_apply_changes(struct txn *t,
    const struct view_in *in);

/**
 * view_forget(t, id):
 * Remove the referral ${id}, which is final, and every row about it.  ERR_OK
 * if it is not there; ERR_CORRUPT if it is not final.
 */
MUST_CHECK enum err view_forget(struct txn *t, const struct refid *id);

/**
 * view_change_ended(t, before, after):
 * Let the referral stand in TABLE_ENDED where it belongs.
 */
MUST_CHECK enum err view_change_ended(struct txn *t,
    const struct referral *before, const struct referral *after);

/**
 * view_apply_erase(t, in):
 * Do what the facts of ${in} say about erasing, retaining and confirming.
 */
MUST_CHECK enum err view_apply_erase(struct txn *t, const struct view_in *in);

/**
 * view_apply_supply(t, in):
 * Do what the facts of ${in} say about the catalogue: an entry, a decline for
 * want of room, something that is missing.
 */
MUST_CHECK enum err view_apply_supply(struct txn *t, const struct view_in *in);

/**
 * view_apply_log(t, in):
 * Whole records are erased: remove what only they held up, and put in place
 * what the carry says.
 */
MUST_CHECK enum err view_apply_log(struct txn *t, const struct view_in *in);

/**
 * view_apply_refuted(t, in):
 * Do what the facts of ${in} say about wraps: new ones, and those that open
 * nothing.
 */
MUST_CHECK enum err view_apply_refuted(struct txn *t,
    const struct view_in *in);

/**
 * view_forget_refuted(t, id):
 * Remove what was said about the wraps of ${id}, whose trail is still there.
 */
MUST_CHECK enum err view_forget_refuted(struct txn *t, const struct refid *id);

/**
 * rows_drop_acked(t, box, acked):
 * Delete the deliveries of a mailbox up to and including ${acked}, those of
 * them that there are.
 */
MUST_CHECK enum err rows_drop_acked(struct txn *t, const struct key *box,
    uint64_t acked);

/**
 * rows_delete(t, table, prefix):
 * Delete every row whose key begins with ${prefix}.
 */
MUST_CHECK enum err rows_delete(struct txn *t, enum table table,
    const struct key *prefix);

#endif /* !VIEW_ROWS_H_ */
