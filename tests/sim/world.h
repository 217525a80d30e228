#ifndef WORLD_H_
#define WORLD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/decide.h"
#include "life/referral.h"
#include "policy/policy.h"

/*
 * world -- a whole Keten in memory, for the random walk and for tests of
 * decide: fake store, fake wire, fake clock, and the real core (decide, life
 * cycle, route, calendar, apply).
 *
 * Everything that is decided is packed, unpacked and applied, as a replaying
 * auditor would, to the only copy of the state there is: so what the walk goes
 * on with *is* the replay.  world_check() and world_check_told() look at the
 * invariants after each record.
 */
#define WORLD_REFERRALS 8192
#define WORLD_ORGS 16
#define WORLD_BOXES 2
#define WORLD_KIDS 96
#define WORLD_PIECES 320
#define WORLD_OUT 64

struct world_piece {
	uint64_t index;
	uint32_t part;
	Keten__V1__PartKind kind;
	uint32_t wraps; /* a bit for each organisation */
};

/* A delivery that brought an offer and waits to be acknowledged. */
struct world_out {
	uint32_t org;
	uint32_t box;
	uint32_t offer;
};

struct world_ref {
	struct referral now;
	int64_t due_ms;    /* its first running term */
	uint32_t entitled; /* orgs that may open the person part (I5) */
	size_t n_kids;
	struct refid kids[WORLD_KIDS];
	size_t n_pieces;
	struct world_piece pieces[WORLD_PIECES];
	size_t n_out;
	struct world_out out[WORLD_OUT];
	bool early;
	bool wants_wrap;
};

struct world {
	uint64_t seed;
	uint64_t stream; /* of random numbers */
	struct policy *policy; /* in force */
	struct policy *old;    /* the one before; NULL: none */
	struct arena *arena;   /* reset before each record */
	struct arena *twin;    /* the same decision once more */
	struct arena *replay;
	struct decide_view view;
	int64_t now_ms;
	uint64_t index; /* of the next record */
	size_t n_orgs;
	struct org orgs[WORLD_ORGS];
	bool away[WORLD_ORGS];
	int64_t away_since_ms; /* of all of them; 0: just now */
	int64_t checked_ms[WORLD_ORGS]; /* their entries; 0: they have none */
	uint64_t seqs[WORLD_ORGS][WORLD_BOXES];
	size_t n_refs;
	struct world_ref *refs;

	/* the newest record, as replayed; valid until the next one */
	struct decision last;
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route;
	size_t decide_bytes; /* most that one decision took of the arena */
	uint64_t decided; /* a hash of all of it */

	uint64_t accepted, refused, timers; /* counts, for the last line */
	uint64_t followed, successions, gaps;
	uint64_t events[64], errors[32];
};

/**
 * world_new(seed, policy):
 * Make an empty world under ${policy}, which it takes over.  Ends the process
 * if it cannot.
 */
struct world *world_new(uint64_t seed, struct policy *policy);

/** world_free(w): Free it. */
void world_free(struct world *w);

/** world_random(w, n): Return a number from 0 up to and not with ${n}. */
uint32_t world_random(struct world *w, uint32_t n);

/** world_org(w, org): Return the number of ${org}, or WORLD_ORGS. */
uint32_t world_org(const struct world *w, const struct org *org);

/** world_box(w, partner, mailbox): Return the number of a mailbox, from 0. */
uint32_t world_box(const struct world *w, const struct org *partner,
    const char *mailbox);

/** world_find(w, id): Return that referral, or NULL. */
struct world_ref *world_find(const struct world *w, const struct refid *id);

/** world_see(w): Let ${w}->view look at the world. */
void world_see(struct world *w);

/**
 * world_say(w, st, who):
 * Let ${who} say ${st}: decide, replay, check.  Return the outcome.
 */
enum err world_say(struct world *w, const Keten__V1__Statement *st,
    const struct org *who);

/**
 * world_say_with(w, st, who, content, rule):
 * The same, with what checking the content frame gave.
 */
enum err world_say_with(struct world *w, const Keten__V1__Statement *st,
    const struct org *who, enum err content, const char *rule);

/**
 * world_tick(w, until_ms):
 * Let the clock run to ${until_ms}, firing each timer at its time.
 */
void world_tick(struct world *w, int64_t until_ms);

/**
 * world_gap(w, until_ms):
 * The broker was away until ${until_ms}: nothing fired; RESTART.
 */
void world_gap(struct world *w, int64_t until_ms);

/**
 * world_law(w, policy):
 * Let ${policy}, which the world takes over, come into force.  Once.
 */
void world_law(struct world *w, struct policy *policy);

/**
 * world_succeed(w, from):
 * Carry out what the policy says of everybody who has ended by now, in the
 * referrals from the ${from}th on.
 */
void world_succeed(struct world *w, size_t from);

/**
 * world_ack(w, who):
 * Let ${who} acknowledge everything that waits for it, in all mailboxes.
 */
void world_ack(struct world *w, uint32_t who);

/**
 * world_apply(w, d):
 * Replay and check a decision: through bytes, as everybody else gets it.
 */
void world_apply(struct world *w, const struct decision *d);

/**
 * world_check(w, before, ref, change):
 * Look at the invariants after the record changed ${ref} from ${before}.  Ends
 * the process with seed and reason if one is broken.
 */
void world_check(const struct world *w, const struct referral *before,
    const struct world_ref *ref, const Keten__V1__Change *change);

/**
 * world_check_told(w, facts):
 * Look whether the facts, of which ${facts} are the bytes, name nobody whom
 * they should not, and whether the deliveries are for the right ones.
 */
void world_check_told(const struct world *w, struct slice facts);

/** world_fail(w, what): Print seed and ${what} and end the process. */
_Noreturn void world_fail(const struct world *w, const char *what);

#endif /* !WORLD_H_ */
