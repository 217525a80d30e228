#ifndef SEARCH_STATE_H_
#define SEARCH_STATE_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "life/lifecycle.h"

/*
 * search_state -- a referral in 32 bytes, and the set of those seen so far, for
 * t_lifecycle_search.c.
 *
 * Two states are the same (struct key) if nothing that the engine looks at is
 * different.  Left out: numbers of offers, offers that were closed without
 * DECLINE, the version, the epoch, parties (here everybody is one), instants,
 * and which of the network's two members is which.
 */
enum { B, R, K1, K2, N1, N2, N_ORGS, NOBODY = 7 };

static const struct org orgs[8] = { { "bron" }, { "regisseur" }, { "kees" },
	{ "koos" }, { "netwerk-een" }, { "netwerk-twee" }, { "" }, { "" } };
static const struct org net = { "netwerk" };

#ifdef __SANITIZE_ADDRESS__
#define STATES_MAX 60000
#else
#define STATES_MAX UINT32_MAX
#endif

/* --- a state in 32 bytes -------------------------------------------------*/

#define KEY_OFFERS 6

struct key {
	uint8_t state, before_wait, before_handover, ended_as;
	uint8_t h, b, giver, spare;
	uint8_t flags, next_rung, marks, urgency, kind, declined;
	uint16_t overdue, running, frozen;
	uint16_t offers[KEY_OFFERS];
};

_Static_assert(sizeof(struct key) == 32, "no padding: keys are compared");

static uint8_t
org_index(const struct org *o)
{
	for (uint8_t i = 0; i < N_ORGS; i++)
		if (org_eq(o, &orgs[i]))
			return (i);
	return (NOBODY);
}

static uint16_t
pack_offer(const struct offer *o)
{
	return ((uint16_t)(org_index(&o->to) | (unsigned)o->state << 3 |
	    (unsigned)o->asked << 6 | (unsigned)o->question_open << 7 |
	    (unsigned)o->own_term << 8 |
	    (unsigned)(o->rung == RUNG_HANDOVER) << 9 |
	    (unsigned)o->clock.running << 10 | (unsigned)o->clock.frozen << 11 |
	    1u << 15));
}

static void
pack_offers(const struct referral *r, struct key *k)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_offers; i++) {
		const struct offer *o = &r->offers[i];

		if (o->state == OFFER_DECLINED)
			k->declined |= (uint8_t)(1u << org_index(&o->to));
		if (!words_is_open(o->state) && o->state != OFFER_TAKEN)
			continue;
		assert_true(n < KEY_OFFERS);
		k->offers[n++] = pack_offer(o);
	}
}

static void
offers_sort(struct key *k)
{
	for (size_t i = 1; i < KEY_OFFERS && k->offers[i] != 0; i++)
		for (size_t j = i; j > 0 && k->offers[j - 1] > k->offers[j];
		    j--) {
			uint16_t p = k->offers[j];

			k->offers[j] = k->offers[j - 1];
			k->offers[j - 1] = p;
		}
}

static uint8_t
twin(uint8_t org)
{
	return (org == N1 ? N2 : org == N2 ? N1 : org);
}

/* ${k} as it were if the members of the network had each other's name. */
static struct key
swapped(const struct key *k)
{
	struct key t = *k;

	t.h = twin(k->h);
	t.b = twin(k->b);
	t.giver = twin(k->giver);
	t.declined &= (uint8_t)~(1u << N1 | 1u << N2);
	t.declined |= (uint8_t)((k->declined >> N1 & 1u) << N2 |
	    (k->declined >> N2 & 1u) << N1);
	for (size_t i = 0; i < KEY_OFFERS && k->offers[i] != 0; i++)
		t.offers[i] = (uint16_t)((k->offers[i] & ~7u) |
		    twin(k->offers[i] & 7));
	return (t);
}

static struct key
pack(const struct referral *r)
{
	struct key k, other;

	memset(&k, 0, sizeof(k));
	k.state = (uint8_t)r->state;
	k.before_wait = (uint8_t)r->before_wait;
	k.before_handover = (uint8_t)r->before_handover;
	k.ended_as = (uint8_t)r->ended_as;
	k.h = org_index(&r->h);
	k.b = org_index(&r->b);
	k.giver = org_index(&r->giver);
	k.flags = (uint8_t)r->flags;
	k.next_rung = r->next_rung;
	k.marks = (uint8_t)((unsigned)r->rung_asked |
	    (unsigned)r->rung_frozen << 1 | (unsigned)r->holder_asked << 2 |
	    (unsigned)r->openable << 3 | (unsigned)r->unreadable << 4 |
	    (unsigned)r->person_part << 5);
	k.urgency = (uint8_t)r->urgency;
	k.kind = (uint8_t)r->kind;
	k.overdue = (uint16_t)r->overdue;
	for (unsigned t = 0; t < TERM__MAX; t++) {
		if (r->clocks[t].running)
			k.running |= (uint16_t)(1u << t);
		if (r->clocks[t].frozen)
			k.frozen |= (uint16_t)(1u << t);
	}
	pack_offers(r, &k);
	other = swapped(&k);
	offers_sort(&k);
	offers_sort(&other);
	return (memcmp(&k, &other, sizeof(k)) <= 0 ? k : other);
}

static void
unpack_offer(struct referral *r, uint16_t p)
{
	struct offer *o = &r->offers[r->n_offers++];

	o->number = ++r->last_offer;
	o->to = orgs[p & 7];
	if ((p & 7) == N1 || (p & 7) == N2)
		o->via = net;
	o->state = (enum offer_state)(p >> 3 & 7);
	o->asked = (p >> 6 & 1) != 0;
	o->question_open = (p >> 7 & 1) != 0;
	o->own_term = (p >> 8 & 1) != 0;
	o->rung = (p >> 9 & 1) != 0 ? RUNG_HANDOVER : 1;
	o->clock.running = (p >> 10 & 1) != 0;
	o->clock.frozen = (p >> 11 & 1) != 0;
	o->epoch = r->epoch;
}

static void
unpack(const struct key *k, struct referral *r)
{
	memset(r, 0, sizeof(*r));
	r->kind = (enum referral_kind)k->kind;
	r->end_ms = r->kind == KIND_SERVICE ? 1 : 0;
	r->r = orgs[R];
	r->state = (enum state)k->state;
	r->before_wait = (enum state)k->before_wait;
	r->before_handover = (enum state)k->before_handover;
	r->ended_as = (enum state)k->ended_as;
	r->h = orgs[k->h];
	r->b = orgs[k->b];
	r->giver = orgs[k->giver];
	r->epoch = 1;
	r->flags = k->flags;
	r->next_rung = k->next_rung;
	r->rung_asked = (k->marks & 1) != 0;
	r->rung_frozen = (k->marks & 2) != 0;
	r->holder_asked = (k->marks & 4) != 0;
	r->openable = (k->marks & 8) != 0;
	r->unreadable = (k->marks & 16) != 0;
	r->person_part = (k->marks & 32) != 0;
	r->urgency = (enum urgency)k->urgency;
	r->overdue = k->overdue;
	r->version = 7;
	for (unsigned t = 0; t < TERM__MAX; t++) {
		r->clocks[t].running = (k->running >> t & 1) != 0;
		r->clocks[t].frozen = (k->frozen >> t & 1) != 0;
	}
	for (size_t i = 0; i < KEY_OFFERS; i++)
		if (k->offers[i] != 0)
			unpack_offer(r, k->offers[i]);
	for (uint8_t i = 0; i < N_ORGS; i++) {
		if ((k->declined >> i & 1) != 0)
			unpack_offer(r, (uint16_t)(i | OFFER_DECLINED << 3));
		r->parties[r->n_parties++] = orgs[i];
	}
}

/* --- the states seen so far ----------------------------------------------*/

/* A pair holds a parent and its child; alone, the second key is all zeros. */
struct node {
	struct key key[2];
};

struct found {
	struct node *nodes;
	size_t n, cap;
	uint32_t *slots; /* index + 1; a power of two of them */
	size_t n_slots;
	uint32_t *edges; /* from, to: what a timer alone does */
	size_t n_edges, cap_edges;
	uint64_t steps;
};

static void *
grow(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	assert_non_null(p);
	return (p);
}

static uint64_t
hash(const struct node *node)
{
	const uint8_t *p = (const uint8_t *)node;
	uint64_t h = 0x9e3779b97f4a7c15u, w;

	for (size_t i = 0; i < sizeof(*node); i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		h = (h ^ w) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return (h);
}

static size_t
slot_of(const struct found *f, const struct node *node)
{
	size_t at = hash(node) & (f->n_slots - 1);

	while (f->slots[at] != 0 &&
	    memcmp(&f->nodes[f->slots[at] - 1], node, sizeof(*node)) != 0)
		at = (at + 1) & (f->n_slots - 1);
	return (at);
}

static void
slots_grow(struct found *f)
{
	f->n_slots = f->n_slots == 0 ? 1024 : 2 * f->n_slots;
	free(f->slots);
	f->slots = calloc(f->n_slots, sizeof(*f->slots));
	assert_non_null(f->slots);
	for (size_t i = 0; i < f->n; i++)
		f->slots[slot_of(f, &f->nodes[i])] = (uint32_t)(i + 1);
}

/* The number of ${node}, which is new or not. */
static uint32_t
visit(struct found *f, const struct node *node)
{
	size_t at;

	if (2 * f->n >= f->n_slots)
		slots_grow(f);
	at = slot_of(f, node);
	if (f->slots[at] != 0)
		return (f->slots[at] - 1);
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 1024 : 2 * f->cap;
		f->nodes = grow(f->nodes, f->cap, sizeof(*f->nodes));
	}
	f->nodes[f->n++] = *node;
	f->slots[at] = (uint32_t)f->n;
	return ((uint32_t)f->n - 1);
}

static void
edge_add(struct found *f, uint32_t from, uint32_t to)
{
	if (f->n_edges == f->cap_edges) {
		f->cap_edges = f->cap_edges == 0 ? 4096 : 2 * f->cap_edges;
		f->edges = grow(f->edges, f->cap_edges, 2 * sizeof(uint32_t));
	}
	f->edges[2 * f->n_edges] = from;
	f->edges[2 * f->n_edges++ + 1] = to;
}

static void
found_free(struct found *f)
{
	free(f->nodes);
	free(f->slots);
	free(f->edges);
}

/* R holds it, or has it in its list, or it needs nobody any more. */
static bool
is_with_r(const struct key *k)
{
	return (!words_is_live((enum state)k->state) || k->h == R ||
	    (k->flags & FLAG_OVERDUE) != 0);
}

/* A pair of which one has ended is the search for one again. */
static bool
is_over(const struct node *node)
{
	return (node->key[1].state != ST_NONE &&
	    (!words_is_live((enum state)node->key[0].state) ||
	    !words_is_live((enum state)node->key[1].state)));
}

#endif /* !SEARCH_STATE_H_ */
