#ifndef WORLD_H_
#define WORLD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/decide.h"
#include "life/referral.h"
#include "policy/policy.h"

/*
 * world -- a whole Keten in memory, for the random walk: fake store, fake
 * wire, fake clock, and the real core (decide, life cycle, route, calendar,
 * apply).
 *
 * Everything that is decided is packed, unpacked and applied, as a replaying
 * auditor would, to the only copy of the state there is: so what the walk goes
 * on with *is* the replay.  world_check() looks at the invariants after each
 * record.
 */
#define WORLD_REFERRALS 8192
#define WORLD_ORGS 16
#define WORLD_KIDS 32
#define WORLD_PIECES 48
#define WORLD_OUT 64

struct world_piece {
	uint64_t index;
	uint32_t part;
	Keten__V1__PartKind kind;
	uint32_t wraps; /* a bit for each organisation */
};

/* A delivery that waits to be acknowledged. */
struct world_out {
	uint32_t org;
	uint32_t offer;
	uint64_t seq;
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
	struct policy *policy;
	struct arena *arena; /* reset after each record */
	struct arena *replay;
	struct decide_view view;
	int64_t now_ms;
	uint64_t index; /* of the next record */
	size_t n_orgs;
	struct org orgs[WORLD_ORGS];
	bool away[WORLD_ORGS];
	uint64_t seqs[WORLD_ORGS];
	size_t n_refs;
	struct world_ref *refs;
	uint64_t accepted, refused, timers; /* counts, for the last line */
	uint64_t events[64], errors[32];
};

/**
 * world_new(seed):
 * Make an empty world under the demonstration policy.  Ends the process if it
 * cannot.
 */
struct world *world_new(uint64_t seed);

/** world_free(w): Free it. */
void world_free(struct world *w);

/** world_random(w, n): Return a number from 0 up to and not with ${n}. */
uint32_t world_random(struct world *w, uint32_t n);

/** world_org(w, org): Return the number of ${org}, or WORLD_ORGS. */
uint32_t world_org(const struct world *w, const struct org *org);

/** world_find(w, id): Return that referral, or NULL. */
struct world_ref *world_find(const struct world *w, const struct refid *id);

/**
 * world_say(w, st, who):
 * Let ${who} say ${st}: decide, replay, check.  Return the outcome.
 */
enum err world_say(struct world *w, const Keten__V1__Statement *st,
    const struct org *who);

/**
 * world_tick(w, until_ms):
 * Let the clock run to ${until_ms}, firing each timer at its time.
 */
void world_tick(struct world *w, int64_t until_ms);

/**
 * world_ack(w, who):
 * Let ${who} acknowledge everything that waits for it.
 */
void world_ack(struct world *w, uint32_t who);

/**
 * world_check(w, before, ref, facts):
 * Look at the invariants after a record changed ${ref} from ${before}.  Ends
 * the process with seed and reason if one is broken.
 */
void world_check(const struct world *w, const struct referral *before,
    const struct world_ref *ref, const Keten__V1__Facts *facts,
    const Keten__V1__Change *change);

/** world_fail(w, what): Print seed and ${what} and end the process. */
_Noreturn void world_fail(const struct world *w, const char *what);

#endif /* !WORLD_H_ */
