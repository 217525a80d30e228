#ifndef DECIDE_WORK_H_
#define DECIDE_WORK_H_

#include "core/decide.h"
#include "life/calendar.h"
#include "life/lifecycle.h"
#include "policy/route.h"

/*
 * decide_work -- one decision in the making: what the files decide*.c share.
 *
 * Everything lies in the arena of the message.  The order is always the same:
 * load what it is about, find the verdict of the policy, ask the life cycle,
 * put in the instants, write facts, list who is told.
 */

/* One referral that this record changes. */
struct work_ref {
	bool is_new;
	struct work_ref *next; /* the next of those that follow */
	struct ladder *ladder; /* as of now; NULL: nobody asked for it yet */
	enum err ladder_err;
	const char *ladder_rule;
	enum urgency ladder_at; /* the urgency it was made for */
	enum urgency terms_at;  /* the same of terms; 0: not looked up yet */
	struct cal_terms terms; /* of its route */
	struct referral before;
	struct change ch;
};

struct work {
	const struct decide_in *in;
	struct decision *d;
	const Keten__V1__Statement *st; /* NULL: the clock */
	const struct decide_sender *sender;
	struct work_ref *ref;   /* what it is about */
	struct work_ref *more;  /* descendants that follow, in order */
	struct work_ref **tail; /* where the next of them goes */
	size_t cap_sent;        /* room in the list of deliveries */
};

/* --- decide_load.c ------------------------------------------------------ */

/**
 * work_new(in, st, sender, kind, d):
 * Begin a decision: ${d} gets empty facts of ${kind}.  NULL: no memory.
 */
struct work *work_new(const struct decide_in *in,
    const Keten__V1__Statement *st, const struct decide_sender *sender,
    Keten__V1__RecordKind kind, struct decision *d);

/**
 * work_command(w):
 * Return the command that is decided on; NULL if it is the clock, or another
 * kind of statement.
 */
const Keten__V1__Command *work_command(const struct work *w);

/**
 * work_sender(w):
 * Write down whose number the record uses up.
 */
MUST_CHECK enum err work_sender(struct work *w);

/**
 * work_refuse(w, err, rule):
 * Turn the decision into a refusal; what was prepared is dropped.
 */
MUST_CHECK enum err work_refuse(struct work *w, enum err err,
    const char *rule);

/**
 * work_load(w, id):
 * Return the referral ${id} as it is, or an empty one that is_new.  NULL: no
 * memory.
 */
struct work_ref *work_load(struct work *w, const struct refid *id);

/**
 * work_each_child(w, id, one, cookie):
 * Call ${one} for each child of ${id}, oldest first, until it says false.
 */
void work_each_child(struct work *w, const struct refid *id,
    bool (*one)(struct work *w, const struct refid *child, void *cookie),
    void *cookie);

/**
 * work_live_children(w, id, n):
 * Count the live children of ${id}.
 */
MUST_CHECK enum err work_live_children(struct work *w,
    const struct refid *id, size_t *n);

/* --- decide_ladder.c ---------------------------------------------------- */

/**
 * work_ask(w, r, ask):
 * Fill ${ask} with the question to the route that ${r} is.
 */
void work_ask(const struct work *w, const struct referral *r,
    struct route_ask *ask);

/**
 * work_ladder(w, ref, r, first):
 * Find the ladder of ${r}, which is ${ref} before or after the record;
 * ${first}, if not NULL, takes the place of whom the header names first.  The
 * outcome is in ${ref}.
 */
MUST_CHECK enum err work_ladder(struct work *w, struct work_ref *ref,
    const struct referral *r, const struct org *first);

/**
 * work_candidates(w, ref, out):
 * Fill ${out} with the candidates of its ladder, in the engine's form.
 */
void work_candidates(const struct work *w, const struct work_ref *ref,
    struct candidates *out);

/**
 * work_route(w, ref):
 * If ${ref} went up its ladder in this record, note in the route facts whom
 * the ladder skips and who of the new candidates is not connected.
 */
MUST_CHECK enum err work_route(struct work *w, const struct work_ref *ref);

/**
 * work_delivered(w, r):
 * Mark in ${r} which open offers have been acknowledged by their candidate.
 */
void work_delivered(const struct work *w, struct referral *r);

/**
 * work_can_open(w, r, who):
 * Tell whether ${who} has a wrap of each person part of ${r}.
 */
bool work_can_open(const struct work *w, const struct referral *r,
    const struct org *who);

/* --- decide_verdict.c --------------------------------------------------- */

/**
 * work_contains(c):
 * Return what the person parts that come with ${c} contain, by its signature
 * (enum route_content, or-ed).
 */
uint8_t work_contains(const Keten__V1__Command *c);

/**
 * work_took(r, who):
 * Tell whether ${who} holds ${r} by a signature of its own: R, who holds what
 * escalated or was given up, only after its CONFIRM.
 */
bool work_took(const struct referral *r, const struct org *who);

/**
 * work_may_follow(w, ref, old, next):
 * Tell whether ${next} may have the open offer of ${old}: as strictly as if it
 * were named in a HAND_OVER or an OFFER_MORE.
 */
bool work_may_follow(const struct work *w, const struct work_ref *ref,
    const struct org *old, const struct org *next);

/**
 * work_verdict(w, rule):
 * What the policy says about the command: ERR_OK, or with what to refuse it.
 */
enum err work_verdict(struct work *w, const char **rule);

/* --- decide_terms.c ----------------------------------------------------- */

/**
 * work_terms(w, ref):
 * Turn the operations on terms in ${ref}->ch into instants in its `after`.
 */
void work_terms(struct work *w, struct work_ref *ref);

/**
 * work_shift(w, ref, from_ms, until_ms):
 * Move the running deadlines of ${ref}->ch.after, and the windows in which a
 * RETURN or a REOPEN is possible, by the working time between the two
 * instants.  Tell whether any moved.
 */
bool work_shift(struct work *w, struct work_ref *ref, int64_t from_ms,
    int64_t until_ms);

/**
 * work_deadline(w, ref, r, start_ms, term):
 * Tell when a term of the calendar ends that starts at ${start_ms}, for ${r},
 * which is ${ref} before or after the record.
 */
int64_t work_deadline(const struct work *w, struct work_ref *ref,
    const struct referral *r, int64_t start_ms, enum cal_term term);

/* --- decide_facts.c ----------------------------------------------------- */

/**
 * work_finish(w):
 * Write the facts: changes with their steps, header, parts, and who is told.
 */
MUST_CHECK enum err work_finish(struct work *w);

/**
 * work_change(w, ref, own):
 * Add what is different in ${ref} to the facts: as the change the record is
 * about (${own}), or as another one.
 */
MUST_CHECK enum err work_change(struct work *w, struct work_ref *ref,
    bool own);

/* --- decide_tell.c ------------------------------------------------------ */

/**
 * work_tell(w), work_tell_of(w, ref):
 * List the deliveries of a record about referrals; of one of them only.
 */
MUST_CHECK enum err work_tell(struct work *w);
MUST_CHECK enum err work_tell_of(struct work *w, const struct work_ref *ref);

/* One delivery, to whom and what. */
struct work_sent {
	struct org who;
	struct refid about;
	Keten__V1__DeliveryRole role;
	uint32_t offer;
	uint32_t with; /* enum decide_with */
	Keten__V1__PieceRef **pieces;
	size_t n_pieces;
};

/**
 * work_send(w, s):
 * Add the delivery ${s}, to each mailbox; nothing if the receiver has one
 * already about that referral in this record.
 */
MUST_CHECK enum err work_send(struct work *w, const struct work_sent *s);

/* --- decide_more.c, decide_wrap.c ---------------------------------------- */

/**
 * work_follow(w, ref):
 * The holder of ${ref} changed: let its live children follow, and theirs.
 */
MUST_CHECK enum err work_follow(struct work *w, struct work_ref *ref);

/**
 * work_next(w, ref, a):
 * Begin ${a}: with whom the ladder of ${ref} has next, if it is OFFERED and may
 * have to go on.
 */
MUST_CHECK enum err work_next(struct work *w, struct work_ref *ref,
    struct around *a);

/**
 * work_notice(w, event, who, offer):
 * The record means ${event} to the referral it is about: by ${who}, or by
 * nobody if it is NULL.  Nothing, if that is not so now.
 */
MUST_CHECK enum err work_notice(struct work *w, enum event event,
    const struct org *who, uint32_t offer);

/**
 * work_piece(w, index, part, out):
 * Find part ${part} of record ${index}, if it is one of this referral and not
 * erased.
 */
bool work_piece(const struct work *w, uint64_t index, uint32_t part,
    struct decide_piece *out);

/**
 * work_rewrap(w, content, rule), work_unreadable(w):
 * Two statements that are not steps.
 */
MUST_CHECK enum err work_rewrap(struct work *w, enum err content,
    const char *rule);
MUST_CHECK enum err work_unreadable(struct work *w);

/* --- decide_supply.c ------------------------------------------------------ */

/**
 * work_catalogue(w), work_missing(w):
 * A partner says what it offers; that it looked for something in vain.
 */
MUST_CHECK enum err work_catalogue(struct work *w);
MUST_CHECK enum err work_missing(struct work *w);

/**
 * work_shortage(w):
 * Note in the route facts that the command declines a service for want of
 * room, if that is what it does.
 */
MUST_CHECK enum err work_shortage(struct work *w);

/* --- decide_erase.c ------------------------------------------------------- */

/**
 * work_erase(w), work_retain(w), work_erased(w):
 * Somebody asks for erasure; that it does not happen, or may again; confirms.
 */
MUST_CHECK enum err work_erase(struct work *w);
MUST_CHECK enum err work_retain(struct work *w);
MUST_CHECK enum err work_erased(struct work *w);

#endif /* !DECIDE_WORK_H_ */
