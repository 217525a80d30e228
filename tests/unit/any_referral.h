#ifndef ANY_REFERRAL_H_
#define ANY_REFERRAL_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "life/apply.h"
#include "trust/digest.h"
#include "wire/pb.h"

/*
 * any_referral -- referrals that hold anything they can hold, at random.
 */

static uint64_t stream;

static inline uint32_t
any(uint32_t n)
{
	uint64_t z = (stream += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return ((uint32_t)((z ^ (z >> 31)) % n));
}

static inline struct org
any_org(void)
{
	char name[ORG_MAX + 1];

	(void)snprintf(name, sizeof(name), "partner-%u", any(1000));
	return (org_of(name));
}

static inline struct org
maybe_org(void)
{
	return (any(3) == 0 ? org_of(NULL) : any_org());
}

static inline int64_t
any_time(void)
{
	return (any(4) == 0 ? 0 : (int64_t)any(UINT32_MAX) * 1000 + any(1000));
}

static inline struct clock
any_clock(void)
{
	struct clock c;

	memset(&c, 0, sizeof(c));
	switch (any(3)) {
	case 0:
		c.running = true;
		c.at_ms = any_time();
		c.since_ms = any_time();
		break;
	case 1:
		c.frozen = true;
		c.left_ms = any_time();
		c.since_ms = any_time();
		break;
	default:
		break;
	}
	return (c);
}

static inline void
any_offer(struct referral *r)
{
	struct offer *o = &r->offers[r->n_offers++];

	memset(o, 0, sizeof(*o));
	o->number = ++r->last_offer;
	o->to = any_org();
	o->via = maybe_org();
	o->rung = (uint8_t)any(256);
	o->epoch = r->epoch;
	o->state = (enum offer_state)(1 + any(OFFER__MAX - 1));
}

/* What can change of an offer. */
static inline void
change_offer(struct offer *o)
{
	o->state = (enum offer_state)(1 + any(OFFER__MAX - 1));
	o->reason = (enum reason)any(5);
	o->asked = any(2) != 0;
	o->question_open = any(2) != 0;
	o->delivered = any(2) != 0;
	o->own_term = any(2) != 0;
	memset(&o->clock, 0, sizeof(o->clock));
	if (o->own_term)
		o->clock = any_clock();
}

static inline void
any_code(char *to, const char *from)
{
	memset(to, 0, REFERRAL_CODE);
	memcpy(to, from, strlen(from));
}

/* The header of a SUBMIT. */
static inline void
any_header(struct referral *r)
{
	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < sizeof(r->id.b); i++)
		r->id.b[i] = (uint8_t)any(256);
	r->id.b[6] = 0x70;
	r->id.b[8] = 0x80;
	if (any(2) != 0) {
		r->parent = r->id;
		r->parent.b[15] ^= 1;
	}
	r->kind = any(2) == 0 ? KIND_SIGNAL : KIND_SERVICE;
	any_code(r->code, r->kind == KIND_SIGNAL ? "SIG-101" : "DST-202");
	any_code(r->basis, "G-TOE");
	memcpy(r->area, "BU08550101", 11);
	r->b = any_org();
	r->r = any_org();
	r->custodian = maybe_org();
	r->urgency = (enum urgency)(1 + any(4));
	r->discussed = (uint8_t)any(6);
	r->units = any(100);
	r->end_ms = any_time();
	for (uint32_t n = any(REFERRAL_FIRST_MAX + 1); n > 0; n--)
		r->first[r->n_first++] = any_org();
	for (uint32_t n = any(REFERRAL_NEVER_MAX + 1); n > 0; n--)
		r->never[r->n_never++] = any_org();
	r->submitted_ms = any_time();
}

/* Everything that a record can change. */
static inline void
change(struct referral *r)
{
	if (any(6) == 0) {
		r->epoch++;
		memset(r->offers, 0, sizeof(r->offers));
		r->n_offers = 0;
		r->giver = any_org();
	}
	r->state = (enum state)(1 + any(ST__MAX - 1));
	r->before_wait = (enum state)any(ST__MAX);
	r->before_handover = (enum state)any(ST__MAX);
	r->ended_as = (enum state)any(ST__MAX);
	r->b = any_org();
	r->h = any_org();
	r->r = any_org();
	r->custodian = maybe_org();
	r->giver = maybe_org();
	r->version += any(2);
	r->flags = any(8);
	r->overdue = any(1u << TERM__MAX);
	r->urgency = (enum urgency)(1 + any(4));
	r->next_rung = (uint8_t)any(256);
	r->rung_asked = any(2) != 0;
	r->rung_frozen = any(2) != 0;
	r->holder_asked = any(2) != 0;
	r->openable = any(2) != 0;
	r->unreadable = any(2) != 0;
	r->erased = any(2) != 0;
	r->erases = any(2) != 0;
	r->person_part = any(2) != 0;
	r->contains = (uint8_t)any(8);
	r->units_done = any(9);
	r->units_total = any(9);
	for (size_t i = 0; i < r->n_offers; i++)
		if (any(3) == 0)
			change_offer(&r->offers[i]);
	for (uint32_t n = any(6); n > 0; n--)
		if (r->n_offers < REFERRAL_OFFERS_MAX)
			any_offer(r);
	for (uint32_t n = any(3); n > 0; n--)
		if (r->n_parties < REFERRAL_PARTIES_MAX)
			r->parties[r->n_parties++] = any_org();
	for (size_t t = 1; t < TERM__MAX; t++)
		if (any(3) == 0)
			r->clocks[t] = any_clock();
	r->accepted_ms = any_time();
	r->completed_ms = any_time();
	r->changed_ms = any_time();
	r->ended_ms = any_time();
	r->pause_limit_ms = any_time();
	any_code(r->outcome, any(2) == 0 ? "" : "UIT-03");
	any_code(r->reason, any(2) == 0 ? "" : "AFW-01");
}

/* All that is in use is equal; what lies beyond it may be anything. */
static inline void
assert_same(const struct referral *a, const struct referral *b)
{
	struct referral x, y;

	memset(&x, 0, sizeof(x));
	memset(&y, 0, sizeof(y));
	referral_copy(&x, a);
	referral_copy(&y, b);
	assert_memory_equal(&x, &y, sizeof(x));
}

/* The difference, through bytes. */
static inline void
diff(struct arena *a, const struct referral *before,
    const struct referral *after, Keten__V1__Change **c,
    Keten__V1__RouteChange **who)
{
	static uint8_t blinds[REFERRAL_OFFERS_MAX][16];
	Keten__V1__Change change;
	Keten__V1__RouteChange names;
	struct slice s;

	for (size_t i = 0; i < REFERRAL_OFFERS_MAX; i++)
		blinds[i][0] = (uint8_t)(i + 1);
	assert_int_equal(apply_diff(a, before, after,
			     (const uint8_t(*)[16])blinds, &change, &names),
	    ERR_OK);
	assert_int_equal(pb_pack(a, &change.base, &s), ERR_OK);
	assert_int_equal(pb_unpack(a, &keten__v1__change__descriptor, s,
			     &prescan_stored, c), ERR_OK);
	assert_int_equal(pb_pack(a, &names.base, &s), ERR_OK);
	assert_int_equal(pb_unpack(a, &keten__v1__route_change__descriptor, s,
			     &prescan_stored, who), ERR_OK);
}

#endif /* !ANY_REFERRAL_H_ */
