/*
 * world -- a whole Keten in memory: fake store, fake wire, fake clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/demo_policy.h"
#include "life/apply.h"
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
static uint64_t
next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31));
}

static uint64_t stream; /* one world at a time */

uint32_t
world_random(struct world *w, uint32_t n)
{
	(void)w;
	return (n == 0 ? 0 : (uint32_t)(next(&stream) % n));
}

uint32_t
world_org(const struct world *w, const struct org *org)
{
	for (uint32_t i = 0; i < w->n_orgs; i++)
		if (org_eq(&w->orgs[i], org))
			return (i);
	return (WORLD_ORGS);
}

struct world_ref *
world_find(const struct world *w, const struct refid *id)
{
	for (size_t i = w->n_refs; i-- > 0;)
		if (refid_eq(&w->refs[i].now.id, id))
			return (&w->refs[i]);
	return (NULL);
}

/* ---- what decide looks at ------------------------------------------------- */

static bool
see_referral(void *cookie, const struct refid *id, struct referral *out)
{
	const struct world_ref *r = world_find(cookie, id);

	if (r == NULL)
		return (false);
	*out = r->now;
	return (true);
}

static size_t
see_children(void *cookie, const struct refid *id, const struct refid *after,
    struct refid *out, size_t max)
{
	const struct world_ref *r = world_find(cookie, id);
	size_t from = 0, n = 0;

	for (size_t i = 0; after != NULL && r != NULL && i < r->n_kids; i++)
		if (refid_eq(&r->kids[i], after))
			from = i + 1;
	for (size_t i = from; r != NULL && i < r->n_kids && n < max; i++)
		out[n++] = r->kids[i];
	return (n);
}

static size_t
see_pieces(void *cookie, const struct refid *id, struct decide_piece *out,
    size_t max)
{
	const struct world_ref *r = world_find(cookie, id);
	size_t n = r == NULL ? 0 : r->n_pieces;

	n = n > max ? max : n;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct decide_piece){ .index = r->pieces[i].index,
			.part = r->pieces[i].part,
			.kind = r->pieces[i].kind };
	return (n);
}

static bool
see_digest(void *cookie, uint64_t index, uint32_t part,
    struct decide_digest *out)
{
	(void)cookie;
	memset(out, 0, sizeof(*out));
	be64_put(out->sha256, index);
	out->sha256[31] = (uint8_t)part;
	memcpy(out->plain_commit, out->sha256, 32);
	return (true);
}

static bool
see_wrap(void *cookie, uint64_t index, uint32_t part, const struct org *who)
{
	const struct world *w = cookie;
	uint32_t bit = 1u << world_org(w, who);

	for (size_t i = 0; i < w->n_refs; i++)
		for (size_t k = 0; k < w->refs[i].n_pieces; k++) {
			const struct world_piece *p = &w->refs[i].pieces[k];

			if (p->index == index && p->part == part)
				return ((p->wraps & bit) != 0);
		}
	return (false);
}

/* In this world the id of a sealing key is its owner's name. */
static bool
see_key(void *cookie, uint64_t index, uint32_t part, const char *key_id)
{
	struct org owner = org_of(key_id);

	return (see_wrap(cookie, index, part, &owner));
}

static struct org
see_owner(void *cookie, const char *key_id)
{
	(void)cookie;
	return (org_of(key_id));
}

static uint64_t
see_seq(void *cookie, const struct org *partner, const char *mailbox)
{
	const struct world *w = cookie;

	(void)mailbox;
	return (w->seqs[world_org(w, partner)]);
}

static bool
see_undelivered(void *cookie, const struct org *who, const char *mailbox,
    const struct refid *id, uint32_t offer)
{
	const struct world *w = cookie;
	const struct world_ref *r = world_find(w, id);
	uint32_t org = world_org(w, who);

	(void)mailbox;
	for (size_t i = 0; r != NULL && i < r->n_out; i++)
		if (r->out[i].org == org && r->out[i].offer == offer)
			return (true);
	return (false);
}

static int64_t
see_unreachable(void *cookie, const struct org *who)
{
	const struct world *w = cookie;
	uint32_t org = world_org(w, who);

	return (org < w->n_orgs && w->away[org] ? w->now_ms - 1 : 0);
}

struct world *
world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof(*w));
	const Keten__V1__Policy *doc;

	if (w == NULL)
		abort();
	stream = seed;
	w->seed = seed;
	w->policy = demo_policy(NULL, NULL);
	w->arena = arena_new(ARENA_BYTES);
	w->replay = arena_new(ARENA_BYTES);
	w->refs = calloc(WORLD_REFERRALS, sizeof(*w->refs));
	if (w->arena == NULL || w->replay == NULL || w->refs == NULL)
		abort();
	w->now_ms = 1788160000000; /* a Monday morning in August 2026 */
	doc = policy_doc(w->policy);
	for (size_t i = 0; i < doc->n_partners && i < WORLD_ORGS; i++)
		w->orgs[w->n_orgs++] = org_of(doc->partners[i]->id);
	w->view = (struct decide_view){ w, see_referral, see_children,
		see_pieces, see_digest, see_wrap, see_key, see_owner, see_seq,
		see_undelivered, see_unreachable };
	return (w);
}

void
world_free(struct world *w)
{
	policy_free(w->policy);
	arena_free(w->arena);
	arena_free(w->replay);
	free(w->refs);
	free(w);
}

/* When the first term of ${r} passes; INT64_MAX: none runs. */
static int64_t
earliest(const struct referral *r)
{
	int64_t at = INT64_MAX;

	for (int t = 1; t < TERM__MAX; t++)
		if (r->clocks[t].running && r->clocks[t].at_ms < at)
			at = r->clocks[t].at_ms;
	for (size_t k = 0; k < r->n_offers; k++)
		if (r->offers[k].own_term && r->offers[k].clock.running &&
		    r->offers[k].clock.at_ms < at)
			at = r->offers[k].clock.at_ms;
	return (at);
}

/* ---- replaying a record ----------------------------------------------------- */

static struct world_ref *
add_referral(struct world *w, const Keten__V1__Facts *f,
    const Keten__V1__RouteFacts *rf)
{
	struct world_ref *r = &w->refs[w->n_refs], *parent;
	struct refid id;

	if (w->n_refs == WORLD_REFERRALS)
		world_fail(w, "too many referrals for this world");
	memset(r, 0, sizeof(*r));
	memcpy(id.b, f->change->referral.data, sizeof(id.b));
	if (apply_header(&r->now, &id, f->header, rf) != ERR_OK)
		world_fail(w, "the header cannot be applied");
	w->n_refs++;
	r->early = f->header->early;
	r->now.submitted_ms = f->time_ms;
	r->entitled = 1u << world_org(w, &r->now.b);
	if (!org_is_none(&r->now.custodian))
		r->entitled |= 1u << world_org(w, &r->now.custodian);
	parent = refid_is_none(&r->now.parent) ? NULL
					       : world_find(w, &r->now.parent);
	if (parent != NULL) {
		if (parent->n_kids == WORLD_KIDS)
			world_fail(w, "too many children");
		parent->kids[parent->n_kids++] = id;
	}
	return (r);
}

/* Who may open the person part from this record on (I5). */
static void
entitle(struct world *w, struct world_ref *r, const Keten__V1__Change *c)
{
	for (size_t i = 0; i < c->n_steps; i++) {
		Keten__V1__Event ev = c->steps[i]->event;

		if (ev == KETEN__V1__EVENT__ACCEPT ||
		    ev == KETEN__V1__EVENT__CONFIRM ||
		    ev == KETEN__V1__EVENT__TAKE_OVER)
			r->entitled |= 1u << world_org(w, &r->now.h);
		if (ev == KETEN__V1__EVENT__FOLLOW)
			r->entitled |= 1u << world_org(w, &r->now.b);
	}
	for (size_t i = 0; r->early && i < r->now.n_offers; i++)
		r->entitled |= 1u << world_org(w, &r->now.offers[i].to);
}

static void
replay_change(struct world *w, const Keten__V1__Facts *f,
    const Keten__V1__RouteFacts *rf, const Keten__V1__Change *c)
{
	struct refid id;
	struct world_ref *r;
	struct referral before;
	const Keten__V1__RouteChange *who = NULL;

	memcpy(id.b, c->referral.data, sizeof(id.b));
	r = world_find(w, &id);
	if (r == NULL)
		r = add_referral(w, f, rf);
	for (size_t i = 0; i < rf->n_changes; i++)
		if (memcmp(rf->changes[i]->referral.data, id.b, 16) == 0)
			who = rf->changes[i];
	before = r->now;
	if (apply_change(&r->now, c, who) != ERR_OK)
		world_fail(w, "a change cannot be applied");
	r->due_ms = earliest(&r->now);
	entitle(w, r, c);
	world_check(w, &before, r, f, c);
}

static void
replay_parts(struct world *w, const Keten__V1__Facts *f,
    const Keten__V1__RouteFacts *rf)
{
	struct refid id;
	struct world_ref *r;

	if (f->change == NULL || f->n_parts == 0)
		return;
	memcpy(id.b, f->change->referral.data, sizeof(id.b));
	r = world_find(w, &id);
	for (size_t i = 0; i < f->n_parts && r->n_pieces < WORLD_PIECES; i++) {
		struct world_piece *p = &r->pieces[r->n_pieces++];

		p->index = f->index;
		p->part = (uint32_t)i;
		p->kind = f->parts[i]->kind;
		p->wraps = 0;
		for (size_t k = 0; k < rf->wraps[i]->n_key_ids; k++) {
			struct org o = org_of(rf->wraps[i]->key_ids[k]);

			p->wraps |= 1u << world_org(w, &o);
		}
	}
}

static void
replay_rewrap(struct world *w, struct world_ref *r, const Keten__V1__Facts *f)
{
	struct org to = org_of(f->rewrap->to);
	uint32_t bit = 1u << world_org(w, &to);

	for (size_t i = 0; i < f->rewrap->n_parts; i++)
		for (size_t k = 0; k < r->n_pieces; k++) {
			struct world_piece *p = &r->pieces[k];

			if (p->index != f->rewrap->parts[i]->index ||
			    p->part != f->rewrap->parts[i]->part)
				continue;
			p->wraps |= bit;
			if (p->kind == KETEN__V1__PART_KIND__PERSON &&
			    (r->entitled & bit) == 0)
				world_fail(w, "I5: a wrap of the person part "
					      "for somebody who took nothing");
		}
}

static void
replay_deliveries(struct world *w, const Keten__V1__RouteFacts *rf)
{
	for (size_t i = 0; i < rf->n_deliveries; i++) {
		const Keten__V1__Sent *s = rf->deliveries[i];
		struct org to = org_of(s->partner);
		uint32_t org = world_org(w, &to);
		struct world_ref *r;
		struct refid id;

		if (s->seq != w->seqs[org] + 1)
			world_fail(w, "a mailbox has a gap");
		w->seqs[org]++;
		memcpy(id.b, s->referral.data, sizeof(id.b));
		r = world_find(w, &id);
		if (r == NULL || r->n_out == WORLD_OUT ||
		    (s->with & DECIDE_WITH_OFFER) == 0)
			continue;
		r->out[r->n_out++] = (struct world_out){ .org = org,
			.offer = s->offer, .seq = s->seq };
	}
}

/* Take a decision through bytes, as everybody else gets it. */
static void
replay(struct world *w, const struct decision *d)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *rf;
	struct slice facts, route;
	const char *why = "facts do not fit in the arena";

	arena_reset(w->replay);
	if (pb_pack(w->arena, &d->facts->base, &facts) != ERR_OK ||
	    pb_pack(w->arena, &d->route->base, &route) != ERR_OK ||
	    pb_unpack_why(w->replay, &keten__v1__facts__descriptor, facts,
		&prescan_stored, &f, &why) != ERR_OK ||
	    pb_unpack_why(w->replay, &keten__v1__route_facts__descriptor,
		route, &prescan_stored, &rf, &why) != ERR_OK)
		world_fail(w, why);
	if (f->index != w->index)
		world_fail(w, "I6: a record is not the next one");
	w->index++;
	if (f->change != NULL)
		replay_change(w, f, rf, f->change);
	for (size_t i = 0; i < f->n_children; i++)
		replay_change(w, f, rf, f->children[i]);
	replay_parts(w, f, rf);
	if (f->rewrap != NULL && world_find(w, &d->referral) != NULL)
		replay_rewrap(w, world_find(w, &d->referral), f);
	replay_deliveries(w, rf);
}

/* ---- what happens -------------------------------------------------------------- */

static void
begin(struct world *w, struct decide_in *in)
{
	uint8_t *random;

	arena_reset(w->arena);
	random = arena_alloc(w->arena, DECIDE_RANDOM);
	for (size_t i = 0; i < DECIDE_RANDOM; i++)
		random[i] = (uint8_t)world_random(w, 256);
	in->policy = w->policy;
	in->view = &w->view;
	in->arena = w->arena;
	in->now_ms = w->now_ms;
	in->index = w->index;
	in->random = (const uint8_t(*)[16])random;
}

enum err
world_say(struct world *w, const Keten__V1__Statement *st,
    const struct org *who)
{
	struct decide_in in;
	struct decide_sender sender;
	struct decision d;
	struct world_ref *r;

	memset(&sender, 0, sizeof(sender));
	sender.partner = *who;
	memcpy(sender.device, "adapter", 8);
	begin(w, &in);
	if (decide_statement(&in, st, &sender, ERR_OK, NULL, &d) != ERR_OK)
		world_fail(w, "the arena is too small");
	replay(w, &d);
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

/* The term of any referral that passes first; false: none until then. */
static bool
first_due(const struct world *w, int64_t until_ms, struct world_ref **ref,
    enum term *term, uint16_t *offer, int64_t *at_ms)
{
	*at_ms = until_ms;
	*ref = NULL;
	for (size_t i = 0; i < w->n_refs; i++) {
		const struct referral *r = &w->refs[i].now;

		if (w->refs[i].due_ms > *at_ms)
			continue;
		for (int t = 1; t < TERM__MAX; t++)
			if (r->clocks[t].running &&
			    r->clocks[t].at_ms <= *at_ms) {
				*at_ms = r->clocks[t].at_ms;
				*ref = &w->refs[i];
				*term = (enum term)t;
				*offer = 0;
			}
		for (size_t k = 0; k < r->n_offers; k++)
			if (r->offers[k].own_term &&
			    r->offers[k].clock.running &&
			    r->offers[k].clock.at_ms <= *at_ms) {
				*at_ms = r->offers[k].clock.at_ms;
				*ref = &w->refs[i];
				*term = TERM_MORE;
				*offer = r->offers[k].number;
			}
	}
	return (*ref != NULL);
}

void
world_tick(struct world *w, int64_t until_ms)
{
	struct world_ref *ref;
	enum term term;
	uint16_t offer;
	int64_t at_ms;

	while (first_due(w, until_ms, &ref, &term, &offer, &at_ms)) {
		struct decide_in in;
		struct decision d;
		struct refid id = ref->now.id;

		if (at_ms > w->now_ms)
			w->now_ms = at_ms;
		begin(w, &in);
		if (decide_timer(&in, &id, term, offer, &d) != ERR_OK)
			world_fail(w, "a term that runs could not pass");
		w->timers++;
		replay(w, &d);
	}
	if (until_ms > w->now_ms)
		w->now_ms = until_ms;
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
