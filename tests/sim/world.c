/*
 * world -- a whole Keten in memory: what happens in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/pb.h"
#include "world.h"

#define ARENA_BYTES ((size_t)8 * 1024 * 1024)

_Noreturn void
world_fail(const struct world *w, const char *what)
{
	printf("not ok - seed %llu, record %llu: %s\n",
	    (unsigned long long)w->seed, (unsigned long long)w->index, what);
	fflush(stdout);
	exit(1);
}

/* splitmix64: small, and the same on every machine. */
uint32_t
world_random(struct world *w, uint32_t n)
{
	uint64_t z = (w->stream += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return (n == 0 ? 0 : (uint32_t)(z % n));
}

uint32_t
world_org(const struct world *w, const struct org *org)
{
	for (uint32_t i = 0; i < w->n_orgs; i++)
		if (org_eq(&w->orgs[i], org))
			return (i);
	return (WORLD_ORGS);
}

uint32_t
world_box(const struct world *w, const struct org *partner,
    const char *mailbox)
{
	const Keten__V1__PolicyPartner *p = policy_partner(w->policy, partner);

	for (uint32_t i = 0; p != NULL && i < p->n_mailboxes; i++)
		if (strcmp(p->mailboxes[i], mailbox) == 0 && i < WORLD_BOXES)
			return (i);
	world_fail(w, "a mailbox that there is not");
}

struct world_ref *
world_find(const struct world *w, const struct refid *id)
{
	for (size_t i = w->n_refs; i-- > 0;)
		if (refid_eq(&w->refs[i].now.id, id))
			return (&w->refs[i]);
	return (NULL);
}

struct world *
world_new(uint64_t seed, struct policy *policy)
{
	struct world *w = calloc(1, sizeof(*w));
	const Keten__V1__Policy *doc = policy_doc(policy);

	if (w == NULL)
		abort();
	w->seed = w->stream = seed;
	w->policy = policy;
	w->arena = arena_new(ARENA_BYTES);
	w->twin = arena_new(ARENA_BYTES);
	w->replay = arena_new(ARENA_BYTES);
	w->refs = calloc(WORLD_REFERRALS, sizeof(*w->refs));
	if (w->arena == NULL || w->twin == NULL || w->replay == NULL ||
	    w->refs == NULL)
		abort();
	w->now_ms = 1788160000000; /* a Monday morning in August 2026 */
	for (size_t i = 0; i < doc->n_partners && i < WORLD_ORGS; i++)
		w->orgs[w->n_orgs++] = org_of(doc->partners[i]->id);
	world_see(w);
	return (w);
}

void
world_free(struct world *w)
{
	policy_free(w->policy);
	policy_free(w->old);
	arena_free(w->arena);
	arena_free(w->twin);
	arena_free(w->replay);
	free(w->refs);
	free(w);
}

/* ---- one decision, twice ---- */

/* What is to be decided. */
struct asked {
	const Keten__V1__Statement *st; /* NULL: a term, or a gap */
	struct decide_sender sender;
	enum err content;
	const char *rule;
	struct refid id;
	enum term term;
	uint16_t offer;
	int64_t from_ms;
	bool is_gap; /* of that referral; or, without one, itself */
	struct org ended; /* whose places pass */
	const uint8_t (*random)[16];
};

static enum err
decide(struct world *w, const struct asked *q, struct arena *a,
    struct decision *d)
{
	struct decide_in in = { .policy = w->policy, .view = &w->view,
		.arena = a, .now_ms = w->now_ms, .index = w->index,
		.random = q->random };

	if (q->st != NULL)
		return (decide_statement(&in, q->st, &q->sender, q->content,
		    q->rule, d));
	if (q->is_gap && refid_is_none(&q->id))
		return (decide_restart(&in, q->from_ms, w->now_ms, d));
	if (q->is_gap)
		return (decide_shift(&in, q->from_ms, w->now_ms, &q->id, d));
	if (!org_is_none(&q->ended))
		return (decide_succeed(&in, &q->id, &q->ended, d));
	return (decide_timer(&in, &q->id, q->term, q->offer, d));
}

/* One number for everything decided: a change that must not change any
 * decision leaves it as it is, for each seed (FNV-1a). */
static void
note_bytes(struct world *w, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		w->decided = (w->decided ^ s.p[i]) *
		    UINT64_C(0x100000001b3);
}

/* The same input gives the same facts, byte for byte. */
static void
check_twin(struct world *w, const struct asked *q, const struct decision *d)
{
	struct decision twin;
	struct slice a[2], b[2];

	arena_reset(w->twin);
	if (decide(w, q, w->twin, &twin) != ERR_OK ||
	    pb_pack(w->arena, &d->facts->base, &a[0]) != ERR_OK ||
	    pb_pack(w->arena, &d->route->base, &a[1]) != ERR_OK ||
	    pb_pack(w->twin, &twin.facts->base, &b[0]) != ERR_OK ||
	    pb_pack(w->twin, &twin.route->base, &b[1]) != ERR_OK)
		world_fail(w, "the same again does not fit");
	for (int i = 0; i < 2; i++)
		if (a[i].len != b[i].len ||
		    memcmp(a[i].p, b[i].p, a[i].len) != 0)
			world_fail(w, "the same again gives something else");
	note_bytes(w, a[0]);
	note_bytes(w, a[1]);
	if (twin.err != d->err || twin.wants_wrap != d->wants_wrap ||
	    !refid_eq(&twin.referral, &d->referral))
		world_fail(w, "the same again gives another outcome");
}

static enum err
happen(struct world *w, struct asked *q, struct decision *d)
{
	uint8_t random[DECIDE_BLINDS][16];
	enum err err;

	/* All different, and no two records have the same. */
	for (size_t k = 0; k < 12; k += 4)
		be32_put(random[0] + k, world_random(w, UINT32_MAX));
	for (size_t i = 0; i < DECIDE_BLINDS; i++) {
		memcpy(random[i], random[0], 12);
		be32_put(random[i] + 12, (uint32_t)i);
	}
	q->random = (const uint8_t(*)[16])random;
	arena_reset(w->arena);
	err = decide(w, q, w->arena, d);
	if (arena_used(w->arena) > w->decide_bytes)
		w->decide_bytes = arena_used(w->arena);
	if (err != ERR_OK)
		return (err);
	if (q->st != NULL || w->timers % 8 == 0)
		check_twin(w, q, d);
	world_apply(w, d);
	return (ERR_OK);
}

/* ---- what happens ---- */

enum err
world_say_with(struct world *w, const Keten__V1__Statement *st,
    const struct org *who, enum err content, const char *rule)
{
	struct asked q = { .st = st, .content = content, .rule = rule };
	struct decision d;
	struct world_ref *r;

	q.sender.partner = *who;
	memcpy(q.sender.device, "adapter", 8);
	if (happen(w, &q, &d) != ERR_OK)
		world_fail(w, "the arena is too small");
	w->errors[d.err % 32]++;
	if (d.err != ERR_OK) {
		w->refused++;
		return (d.err);
	}
	w->accepted++;
	if (st->body_case == KETEN__V1__STATEMENT__BODY_COMMAND)
		w->events[st->command->event % 64]++;
	r = world_find(w, &d.referral);
	if (r != NULL && d.wants_wrap)
		r->wants_wrap = true;
	return (ERR_OK);
}

enum err
world_say(struct world *w, const Keten__V1__Statement *st,
    const struct org *who)
{
	return (world_say_with(w, st, who, ERR_OK, NULL));
}

/* The first term of ${r} that passes by ${*at_ms}, which it brings nearer. */
static bool
first_of(const struct referral *r, enum term *term, uint16_t *offer,
    int64_t *at_ms)
{
	bool found = false;

	for (int t = 1; t < TERM__MAX; t++)
		if (r->clocks[t].running && r->clocks[t].at_ms <= *at_ms) {
			*at_ms = r->clocks[t].at_ms;
			*term = (enum term)t;
			*offer = 0;
			found = true;
		}
	for (size_t k = 0; k < r->n_offers; k++) {
		const struct offer *o = &r->offers[k];

		if (!o->own_term || !o->clock.running ||
		    o->clock.at_ms > *at_ms)
			continue;
		*at_ms = o->clock.at_ms;
		*term = TERM_MORE;
		*offer = o->number;
		found = true;
	}
	return (found);
}

/* The term of any referral that passes first; NULL: none until then. */
static struct world_ref *
first_due(const struct world *w, enum term *term, uint16_t *offer,
    int64_t *at_ms)
{
	struct world_ref *first = NULL;

	for (size_t i = 0; i < w->n_refs; i++)
		if (w->refs[i].due_ms <= *at_ms &&
		    first_of(&w->refs[i].now, term, offer, at_ms))
			first = &w->refs[i];
	return (first);
}

void
world_tick(struct world *w, int64_t until_ms)
{
	for (;;) {
		struct asked q = { .st = NULL };
		int64_t at_ms = until_ms;
		struct world_ref *ref =
		    first_due(w, &q.term, &q.offer, &at_ms);
		struct decision d;

		if (ref == NULL)
			break;
		q.id = ref->now.id;
		if (at_ms > w->now_ms)
			w->now_ms = at_ms;
		if (happen(w, &q, &d) != ERR_OK)
			world_fail(w, "a term that runs could not pass");
		w->timers++;
	}
	if (until_ms > w->now_ms)
		w->now_ms = until_ms;
}

void
world_gap(struct world *w, int64_t until_ms)
{
	struct asked q = { .from_ms = w->now_ms, .is_gap = true };
	struct decision d;

	w->now_ms = until_ms;
	w->gaps++;
	if (happen(w, &q, &d) != ERR_OK)
		world_fail(w, "a gap could not be written down");
	for (size_t i = 0; i < w->n_refs; i++) {
		const struct referral *r = &w->refs[i].now;
		enum err err;

		if (w->refs[i].due_ms == INT64_MAX &&
		    (r->state != ST_CLOSED || r->ended_as != ST_COMPLETED))
			continue;
		q.id = r->id;
		err = happen(w, &q, &d);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			world_fail(w, "a gap could not be mended");
	}
}

/* Everything in which ${old} has a part passes, and then nothing is left. */
static void
succeed(struct world *w, const struct org *old, size_t from)
{
	struct decision d;

	for (size_t i = from; i < w->n_refs; i++) {
		for (int turn = 0; turn < 2; turn++) {
			struct asked q = { .id = w->refs[i].now.id,
				.ended = *old };
			enum err err = happen(w, &q, &d);

			if (err == ERR_NOT_FOUND)
				break;
			if (err != ERR_OK)
				world_fail(w, "a successor was not found");
			if (turn > 0)
				world_fail(w, "a place passes twice");
			w->successions++;
		}
	}
}

void
world_succeed(struct world *w, size_t from)
{
	const Keten__V1__Policy *doc = policy_doc(w->policy);

	for (size_t i = 0; i < doc->n_partners; i++) {
		struct org old = org_of(doc->partners[i]->id);

		if (policy_has_ended(w->policy, &old, w->now_ms))
			succeed(w, &old, from);
	}
}

void
world_law(struct world *w, struct policy *policy)
{
	const char *why = "two changes of policy";

	if (w->old != NULL ||
	    policy_check_next(w->policy, policy, &why) != ERR_OK)
		world_fail(w, why);
	w->old = w->policy;
	w->policy = policy;
}

void
world_ack(struct world *w, uint32_t who)
{
	for (size_t i = 0; i < w->n_refs; i++) {
		struct world_ref *r = &w->refs[i];
		size_t kept = 0;

		for (size_t k = 0; k < r->n_out; k++)
			if (r->out[k].org != who)
				r->out[kept++] = r->out[k];
		r->n_out = kept;
	}
}
