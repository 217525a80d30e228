#ifndef BED_H_
#define BED_H_

#include "../../sim/world.h"
#include "life/words.h"

/*
 * bed -- a test bed for decide: the walk's world, spoken to in short
 * sentences.
 *
 *	bed_do(w, (struct bed_step){ .who = "welzijn-w", .event = EV_ACCEPT,
 *	    .id = id });
 *
 * What a sentence leaves out is filled in as an honest partner would: its open
 * offer or the version there is, a fitting reason, a sealed text.  The sealing
 * key of a partner is its name.
 */
struct bed_step {
	const char *who;
	enum event event;
	struct refid id;
	const char *to;
	const char *reason;
	const char *outcome;
	const char *outside;
	const char *basis;
	const char *key_for; /* a person part, sealed for that one too */
	unsigned contains;   /* what is in that (enum route_content) */
	struct refid child;
	int64_t until_ms;
	enum urgency urgency;
	uint32_t done, total;
	uint32_t version;   /* 0: the one there is; BED_OLD: one before */
	uint32_t offer;     /* 0: its own; BED_NO_OFFER: none */
	uint32_t n_texts;   /* more sealed texts */
	enum err content;   /* what the content frame was like */
};

#define BED_OLD UINT32_MAX
#define BED_NO_OFFER UINT32_MAX

struct bed_new {
	const char *who;
	const char *code;
	const char *area; /* NULL: WK085501, or GM0855 if protected */
	const char *basis; /* NULL: G-TOE */
	enum urgency urgency; /* 0: NORMAL */
	struct refid parent;
	const char *first, *never;
	int64_t end_ms;
	const char *key_for; /* the person part is sealed for that one too */
	bool no_person, no_note;
	unsigned contains; /* what is in the person part */
	unsigned discussed; /* 0: AGREES */
	const char *custodian; /* NULL: the demonstration's; "": none */
};

/**
 * bed_world(edits, n):
 * Make a world under the demonstration policy, with ${n} pieces of its text
 * replaced (old, new, old, new ...).  It is Monday 31 August 2026, 10:00.
 */
struct world *bed_world(const char *const (*edits)[2], size_t n);
struct policy *bed_policy(const char *const (*edits)[2], size_t n);

/**
 * bed_time(text):
 * Return the instant "2026-08-31 10:00" by the clock of Amsterdam.
 */
int64_t bed_time(const char *text);

/**
 * bed_submit(w, s, id), bed_do(w, s):
 * Say it; return the outcome, and the id of the new referral.
 */
enum err bed_submit(struct world *w, struct bed_new s, struct refid *id);
enum err bed_do(struct world *w, struct bed_step s);

/**
 * bed_must(w, s), bed_new(w, s):
 * The same, and it must be taken.
 */
void bed_must(struct world *w, struct bed_step s);
struct refid bed_new(struct world *w, struct bed_new s);

/**
 * bed_submitted(w, code), bed_taken(w, code, by):
 * A referral of "lwdb-noord"; the same, accepted by ${by}.
 */
struct refid bed_submitted(struct world *w, const char *code);
struct refid bed_taken(struct world *w, const char *code, const char *by);

/**
 * bed_rewrap(w, who, to, id, kinds):
 * Let ${who} send wraps of the parts of ${id}, of the kinds in the bit set
 * ${kinds}, for ${to}.
 */
enum err bed_rewrap(struct world *w, const char *who, const char *to,
    const struct refid *id, unsigned kinds);

/**
 * bed_unreadable(w, who, id, index, part):
 * Let ${who} say that it cannot open that part.
 */
enum err bed_unreadable(struct world *w, const char *who,
    const struct refid *id, uint64_t index, uint32_t part);

/**
 * bed_ref(w, id):
 * Return how the referral is now.
 */
const struct referral *bed_ref(struct world *w, struct refid id);

/**
 * bed_told(w, who, id), bed_n_told(w, who):
 * Return the delivery of the newest record to ${who} about ${id}, NULL if
 * there is none; how many there are to ${who} in all.
 */
const Keten__V1__Sent *bed_told(struct world *w, const char *who,
    struct refid id);
size_t bed_n_told(struct world *w, const char *who);

/**
 * bed_at(w, id, term):
 * Return in Dutch when a term passes, "-" if it does not run, or "(staat)".
 */
const char *bed_at(struct world *w, struct refid id, enum term term);

#endif /* !BED_H_ */
