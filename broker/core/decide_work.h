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
	struct referral before;
	bool is_new;
	struct change ch;
	bool has_ladder;
	struct ladder ladder; /* as of now, for its rungs' hours and terms */
	enum err ladder_err;
	const char *ladder_rule;
};

/* A record changes one referral and at most this many descendants. */
#define WORK_MORE_MAX 64

struct work {
	const struct decide_in *in;
	struct decision *d;
	const Keten__V1__Statement *st; /* NULL: the clock */
	const struct decide_sender *sender;
	struct work_ref *ref; /* what it is about */
	struct work_ref *more[WORK_MORE_MAX];
	size_t n_more;
	size_t blinds; /* used of in->random */
	enum err nomem;
};

/* --- decide.c ---------------------------------------------------------- */

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
 * work_refuse(w, err, rule):
 * Turn the decision into a refusal; what was prepared is dropped.
 */
MUST_CHECK enum err work_refuse(struct work *w, enum err err,
    const char *rule);

/* --- decide_ladder.c ---------------------------------------------------- */

/**
 * work_ask(w, r, ask):
 * Fill ${ask} with the question to the route that ${r} is.
 */
void work_ask(const struct work *w, const struct referral *r,
    struct route_ask *ask);

/**
 * work_ladder(w, ref, first):
 * Find the ladder of ${ref} now; ${first}, if not NULL, takes the place of
 * whom the header names first.  The outcome is in ${ref}.
 */
void work_ladder(struct work *w, struct work_ref *ref,
    const struct org *first);

/**
 * work_candidates(w, ref, out):
 * Fill ${out} with the candidates of that ladder, in the engine's form; note
 * those that it skips in the route facts.
 */
MUST_CHECK enum err work_candidates(struct work *w, struct work_ref *ref,
    struct candidates *out);

/**
 * work_is_delivered(w, r):
 * Mark in ${r} which open offers have been acknowledged by their candidate.
 */
void work_is_delivered(const struct work *w, struct referral *r);

/**
 * work_can_open(w, r, who):
 * Tell whether ${who} has a wrap of each person part of ${r}.
 */
bool work_can_open(const struct work *w, const struct referral *r,
    const struct org *who);

/* --- decide_verdict.c --------------------------------------------------- */

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
 * Move the running deadlines of ${ref}->ch.after by the working time between
 * the two instants.  Tell whether any moved.
 */
bool work_shift(struct work *w, struct work_ref *ref, int64_t from_ms,
    int64_t until_ms);

/**
 * work_span_of(w, ref, urgency, term), work_deadline(w, ref, start, term):
 * How long a term of the calendar takes for ${ref}; when it ends.
 */
struct cal_span work_span_of(const struct work *w,
    const struct work_ref *ref, enum urgency urgency, enum cal_term term);
int64_t work_deadline(const struct work *w, const struct work_ref *ref,
    int64_t start_ms, enum cal_term term);

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

/* Bits of Sent.with. */
enum decide_with {
	DECIDE_WITH_STATEMENT = 1,
	DECIDE_WITH_OPENING = 2,
	DECIDE_WITH_ROUTE = 4,
};

/**
 * work_tell(w):
 * List the deliveries of a record about referrals.
 */
MUST_CHECK enum err work_tell(struct work *w);

/**
 * work_send(w, who, role, offer, with, id, pieces, n):
 * Add one delivery, to each mailbox of ${who}; nothing if it has one already
 * in this record.
 */
MUST_CHECK enum err work_send(struct work *w, const struct org *who,
    Keten__V1__DeliveryRole role, uint32_t offer, uint32_t with,
    const struct refid *id, Keten__V1__PieceRef **pieces, size_t n);

/* --- decide_more.c ------------------------------------------------------ */

/**
 * work_follow(w, ref):
 * The holder of ${ref} changed: let its live children follow, and theirs.
 */
MUST_CHECK enum err work_follow(struct work *w, struct work_ref *ref);

/**
 * work_rewrap(w, content, rule), work_unreadable(w), work_catalogue(w):
 * The statements that are not steps.
 */
MUST_CHECK enum err work_rewrap(struct work *w, enum err content,
    const char *rule);
MUST_CHECK enum err work_unreadable(struct work *w);
MUST_CHECK enum err work_catalogue(struct work *w);

#endif /* !DECIDE_WORK_H_ */
