/*
 * redecide_clock -- what time did, once more: terms that passed, partners that
 * ended, the broker's own ticks; and what it should have done and did not.
 */
#include <stdio.h>
#include <string.h>

#include "audit/redecide_in.h"
#include "core/view.h"
#include "wire/pb.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define PAGE 64

/* A term that had passed, and may be the one that fired. */
struct passed {
	int64_t at_ms;
	enum term term;
	uint16_t offer;
};

static void
add_passed(struct passed *list, size_t *n, const struct clock *c,
    enum term term, uint16_t offer, int64_t now_ms)
{
	struct passed one = { c->at_ms, term, offer };
	size_t i;

	if (!c->running || c->at_ms > now_ms)
		return;
	/* In order of time, as the broker takes them. */
	for (i = (*n)++; i > 0 && list[i - 1].at_ms > one.at_ms; i--)
		list[i] = list[i - 1];
	list[i] = one;
}

static size_t
find_passed(const struct referral *r, int64_t now_ms,
    struct passed list[TERM__MAX + REFERRAL_OFFERS_MAX])
{
	size_t n = 0;

	for (int i = 1; i < TERM__MAX; i++)
		add_passed(list, &n, &r->clocks[i], (enum term)i, 0, now_ms);
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].own_term)
			add_passed(list, &n, &r->offers[i].clock, TERM_MORE,
			    r->offers[i].number, now_ms);
	return (n);
}

static MUST_CHECK enum err
try_timer(struct trial *t)
{
	struct passed list[TERM__MAX + REFERRAL_OFFERS_MAX];
	struct referral *r = arena_zero(t->in.arena, 1, sizeof(*r));
	struct refid id;
	char first[REDECIDE_WHY] = "";
	size_t n = 0;
	enum err err = ERR_OK;

	if (r == NULL)
		return (ERR_NOMEM);
	if (t->facts->change != NULL &&
	    pb_refid(t->facts->change->referral, &id) == ERR_OK &&
	    view_referral(t->view, &id, r) == ERR_OK)
		n = find_passed(r, t->in.now_ms, list);
	t->result = REDECIDE_OTHER;
	(void)snprintf(t->why, REDECIDE_WHY,
	    "er was op dat moment geen termijn voorbij");
	for (size_t i = 0; i < n && t->result != REDECIDE_SAME; i++) {
		struct decision d;

		err = decide_timer(&t->in, &id, list[i].term, list[i].offer,
		    &d);
		if (err == ERR_NOT_FOUND)
			continue;
		if (err == ERR_OK)
			err = redecide_compare(t, &d);
		if (err != ERR_OK)
			return (err);
		if (first[0] == '\0')
			memcpy(first, t->why, sizeof(first));
	}
	if (first[0] != '\0')
		memcpy(t->why, first, sizeof(first));
	return (ERR_OK);
}

static bool
is_succession(const Keten__V1__Facts *f)
{
	return (f->change != NULL && f->change->n_steps > 0 &&
	    f->change->steps[0]->event == KETEN__V1__EVENT__SUCCEED);
}

/* Try one who had a part in it and may have ended. */
static MUST_CHECK enum err
try_ended(struct trial *t, const struct refid *id, const struct org *old)
{
	struct decision d;
	enum err err;

	if (t->result == REDECIDE_SAME || org_is_none(old))
		return (ERR_OK);
	err = decide_succeed(&t->in, id, old, &d);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	return (err != ERR_OK ? err : redecide_compare(t, &d));
}

/* The facts do not say whose place was taken: one of those who had one. */
static MUST_CHECK enum err
try_succession(struct trial *t)
{
	struct referral *r = arena_zero(t->in.arena, 1, sizeof(*r));
	struct refid id;
	enum err err = ERR_OK;

	if (r == NULL)
		return (ERR_NOMEM);
	t->result = REDECIDE_OTHER;
	(void)snprintf(t->why, REDECIDE_WHY,
	    "volgens het beleid was hier niemand op te volgen");
	if (pb_refid(t->facts->change->referral, &id) != ERR_OK ||
	    view_referral(t->view, &id, r) != ERR_OK)
		return (ERR_OK);
	const struct org *const who[] = { &r->b, &r->h, &r->r,
		&r->custodian };

	for (size_t i = 0; err == ERR_OK && i < 4; i++)
		err = try_ended(t, &id, who[i]);
	for (size_t i = 0; err == ERR_OK && i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state))
			err = try_ended(t, &id, &r->offers[i].to);
	return (err);
}

/* That nobody could act for a while; and what that moved of one referral. */
static MUST_CHECK enum err
try_restart(struct trial *t)
{
	const Keten__V1__TickFacts *f = t->facts->tick;
	struct refid id;
	struct decision d;
	enum err err;

	if (t->facts->change == NULL)
		err = decide_restart(&t->in, f->from_ms, f->until_ms, &d);
	else if (pb_refid(t->facts->change->referral, &id) != ERR_OK)
		return (redecide_malformed(t, ERR_MALFORMED, "geen verwijzing"));
	else
		err = decide_shift(&t->in, f->from_ms, f->until_ms, &id, &d);
	if (err != ERR_NOT_FOUND)
		return (err != ERR_OK ? err : redecide_compare(t, &d));
	t->result = REDECIDE_OTHER;
	(void)snprintf(t->why, REDECIDE_WHY,
	    "er was geen termijn op te schuiven");
	return (ERR_OK);
}

/* What a person accepted is given. */
static MUST_CHECK enum err
try_accepted(struct trial *t)
{
	const Keten__V1__TickFacts *f = t->facts->tick;
	struct decide_guard g = { .size = f->size,
		.is_known = f->guard_root.len > 0, .was_size = f->guard_size };
	struct decision d;
	enum err err = pb_bytes(f->root, 32, g.root);

	if (err == ERR_OK && g.is_known)
		err = pb_bytes(f->guard_root, 32, g.was_root);
	if (err != ERR_OK)
		return (redecide_malformed(t, ERR_MALFORMED, "geen wortel"));
	err = decide_guard(&t->in, &g, &d);
	return (err != ERR_OK ? err : redecide_compare(t, &d));
}

enum err
redecide_tick(struct trial *t)
{
	struct decision d;
	enum err err;

	if (t->facts->tick == NULL)
		return (redecide_malformed(t, ERR_MALFORMED, "geen feiten"));
	if (t->facts->tick->why == KETEN__V1__TICK_WHY__TICK_GUARD_ACCEPTED)
		return (try_accepted(t));
	if (t->facts->tick->why == KETEN__V1__TICK_WHY__TICK_RESTART)
		return (try_restart(t));
	err = decide_tick(&t->in, t->facts->tick->why, &d);
	return (err != ERR_OK ? err : redecide_compare(t, &d));
}

enum err
redecide_clock(struct trial *t)
{
	return (is_succession(t->facts) ? try_succession(t) : try_timer(t));
}

/* --- what was left undone ------------------------------------------------ */

/* Would something follow, still, from ${old} having ended? */
static MUST_CHECK enum err
is_undone(struct redecide *r, struct txn *view, struct txn *log,
    const struct refid *id, const struct org *old, bool *is)
{
	struct decide_in in;
	struct decision d;
	enum err err;

	arena_reset(r->a);
	eye_at(&r->eye, view, log, NULL, r->last_ms);
	in = (struct decide_in){ .policy = r->policy,
		.view = &r->eye.look.view, .arena = r->a,
		.now_ms = r->last_ms, .index = 0,
		.random = (const uint8_t(*)[16])r->random };
	err = decide_succeed(&in, id, old, &d);
	*is = err == ERR_OK;
	if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	return (err != ERR_OK ? err : look_fault(&r->eye.look));
}

static MUST_CHECK enum err
count_undone(struct redecide *r, struct txn *view, struct txn *log,
    const struct org *old, uint64_t *n)
{
	struct refid page[PAGE], last;
	const struct refid *after = NULL;
	size_t got;
	enum err err;

	do {
		err = view_open_work(view, old, after, page, PAGE, &got);
		for (size_t i = 0; err == ERR_OK && i < got; i++) {
			bool is = false;

			err = is_undone(r, view, log, &page[i], old, &is);
			*n += is;
		}
		if (err != ERR_OK)
			return (err);
		if (got > 0)
			last = page[got - 1];
		after = &last;
	} while (got == PAGE);
	return (ERR_OK);
}

/* Did it end, and is the policy that says so in force, for an hour already? */
static bool
ended_long_ago(const struct redecide *r, const struct org *who)
{
	return (r->policy_ms <= r->last_ms - HOUR_MS &&
	    policy_has_ended(r->policy, who, r->last_ms - HOUR_MS));
}

enum err
redecide_undone(struct redecide *r, struct txn *view, struct txn *log,
    struct org *who, uint64_t *n)
{
	const Keten__V1__Policy *d;
	enum err err = ERR_OK;

	*n = 0;
	if (r->policy == NULL)
		return (ERR_OK);
	d = policy_doc(r->policy);
	for (size_t i = 0; i < d->n_partners && err == ERR_OK; i++) {
		struct org old = org_of(d->partners[i]->id);
		uint64_t before = *n;

		if (ended_long_ago(r, &old))
			err = count_undone(r, view, log, &old, n);
		if (*n > before && before == 0)
			*who = old;
	}
	return (err);
}
