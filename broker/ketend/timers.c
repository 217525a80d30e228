/*
 * timers -- what time does by itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/timers.h"

#define MINUTE_MS (INT64_C(60) * 1000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define PAGE 64

/* --- a gap ------------------------------------------------------------------- */

struct ids {
	struct refid *id;
	size_t n;
	size_t cap;
};

static enum err
ids_add(struct ids *l, const struct refid *id)
{
	struct refid *more;
	size_t cap;

	if (l->n == l->cap) {
		cap = l->cap == 0 ? 1024 : 2 * l->cap;
		more = realloc(l->id, cap * sizeof(*more));
		if (more == NULL)
			return (ERR_NOMEM);
		l->id = more;
		l->cap = cap;
	}
	l->id[l->n++] = *id;
	return (ERR_OK);
}

/* Every referral in which a term runs; each stands in the table once. */
static enum err
ids_due(struct txn *txn, struct ids *l)
{
	struct view_due due[PAGE], last;
	const struct view_due *after = NULL;
	size_t n;
	enum err err;

	do {
		err = view_due(txn, INT64_MAX, after, due, PAGE, &n);
		if (err != ERR_OK)
			return (err);
		for (size_t i = 0; i < n; i++)
			if ((err = ids_add(l, &due[i].referral)) != ERR_OK)
				return (err);
		if (n > 0) {
			last = due[n - 1];
			after = &last;
		}
	} while (n == PAGE);
	return (ERR_OK);
}

/* What ended longer ago than this is not looked at for its REOPEN window. */
#define REOPEN_LOOK_MS (60 * DAY_MS)

/* What is CLOSED has no term, but may still be reopened for a while. */
static enum err
ids_closed_of(struct txn *txn, const char *code, int64_t since_ms,
    struct ids *l)
{
	struct view_ended page[PAGE], last = { .ended_ms = since_ms };
	struct referral r;
	size_t n = 0;
	enum err err;

	do {
		err = view_ended(txn, 1, code, &last, page, PAGE, &n);
		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			err = view_referral(txn, &page[i].referral, &r);
			if (err == ERR_OK && r.state == ST_CLOSED &&
			    r.ended_as == ST_COMPLETED)
				err = ids_add(l, &r.id);
		}
		if (n > 0)
			last = page[n - 1];
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

static enum err
ids_closed(struct txn *txn, int64_t since_ms, struct ids *l)
{
	char code[REFERRAL_CODE] = "", next[REFERRAL_CODE];
	const char *after = NULL;
	enum err err;

	while ((err = view_ended_code(txn, 1, after, next)) == ERR_OK) {
		memcpy(code, next, sizeof(code));
		after = code;
		err = ids_closed_of(txn, code, since_ms, l);
		if (err != ERR_OK)
			return (err);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* Write a record of the gap: of itself, or (${id}) of one referral. */
static enum err
write_gap(struct broker *b, int64_t from_ms, int64_t until_ms,
    const struct refid *id)
{
	const struct ledger_with with = { .sender = NULL };
	struct decide_in in;
	struct decision d;
	enum err err = ledger_in(b, &in);

	if (err == ERR_OK)
		err = id == NULL ? decide_restart(&in, from_ms, until_ms, &d)
				 : decide_shift(&in, from_ms, until_ms, id, &d);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK || (err = ledger_write(b, &d, &with, NULL)) != ERR_OK)
		return (err);
	/* There may be far more of these than a turn has room for; they go out
	 * from the store like all that waits. */
	b->turn->n_made = 0;
	b->turn->all_told = true;
	arena_reset(b->turn->out);
	return (ERR_OK);
}

/* Move all open deadlines, in one transaction: all of them or none. */
static enum err
restart(struct broker *b, int64_t from_ms, int64_t until_ms)
{
	struct ids l = { 0 };
	enum err err = write_gap(b, from_ms, until_ms, NULL);

	if (err == ERR_OK)
		err = ids_due(b->turn->txn, &l);
	if (err == ERR_OK)
		err = ids_closed(b->turn->txn, from_ms - REOPEN_LOOK_MS, &l);
	for (size_t i = 0; err == ERR_OK && i < l.n; i++)
		err = write_gap(b, from_ms, until_ms, &l.id[i]);
	if (err == ERR_OK)
		say(SAY_RESTART, NULL, "%zu referrals moved by %lld s", l.n,
		    (long long)(until_ms - from_ms) / 1000);
	free(l.id);
	return (err);
}

/* --- the clock ----------------------------------------------------------------- */

static void
doubt(struct broker *b, const char *why)
{
	if (b->clock_is_off)
		return;
	b->clock_is_off = true;
	say(SAY_CLOCK, NULL, "%s: terms stand still; see ketenctl clock", why);
}

/**
 * timers_check_clock(b):
 * Compare the clock with the newest leaf.
 */
void
timers_check_clock(struct broker *b)
{
	if (b->turn->now_ms > b->turn->leaf_ms + DAY_MS)
		doubt(b, "the clock is more than a day ahead of the log");
}

/**
 * timers_start(b):
 * The broker starts.
 */
enum err
timers_start(struct broker *b)
{
	struct turn *t = b->turn;
	int64_t last = t->leaf_ms;
	enum err err;

	/* A clock that is a moment behind (a leap, another machine) harms
	 * nobody: the log's own time does not go back. */
	if (t->now_ms < last - MINUTE_MS)
		doubt(b, "the clock is behind the log");
	/* Less than a minute: no term is finer, and a start takes seconds.  A
	 * record for each of those would cost more than it gives back. */
	if (last != 0 && t->now_ms - last >= MINUTE_MS &&
	    (err = restart(b, last, t->now_ms)) != ERR_OK)
		return (err);
	return (ledger_tick(b, KETEN__V1__TICK_WHY__TICK_START));
}

/**
 * timers_accept(b):
 * The operator says that the clock is right.
 */
enum err
timers_accept(struct broker *b)
{
	struct turn *t = b->turn;
	int64_t last = t->leaf_ms;
	enum err err;

	b->clock_is_off = false;
	err = ledger_tick(b, KETEN__V1__TICK_WHY__TICK_CLOCK_ACCEPTED);
	if (err == ERR_OK && t->now_ms - last >= MINUTE_MS)
		err = restart(b, last, t->now_ms);
	if (err != ERR_OK)
		b->clock_is_off = true;
	return (err);
}

/* --- terms ----------------------------------------------------------------------- */

/* The first term that is not set apart. */
static enum err
first_due(const struct broker *b, struct txn *txn, int64_t *at)
{
	struct view_due due[PAGE];
	const struct view_due *after = NULL;
	struct view_due last;
	size_t n;
	enum err err;

	if (b->quarantine.n == 0)
		return (view_next_due(txn, at));
	do {
		err = view_due(txn, INT64_MAX, after, due, PAGE, &n);
		for (size_t i = 0; i < n && err == ERR_OK; i++)
			if (!quarantine_knows(&b->quarantine, &due[i])) {
				*at = due[i].at_ms;
				return (ERR_OK);
			}
		if (n > 0)
			last = due[n - 1];
		after = &last;
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

/**
 * timers_next(b, at_ms):
 * Store when the next term or tick is due.
 */
enum err
timers_next(struct broker *b, int64_t *at_ms)
{
	struct txn *txn = NULL;
	int64_t at = INT64_MAX, tick, again;
	enum err err;

	*at_ms = at;
	if (b->clock_is_off)
		return (ERR_OK);
	if ((err = store_read(b->store, &txn)) != ERR_OK)
		return (err);
	err = first_due(b, txn, &at);
	store_done(&txn);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	again = quarantine_again(&b->quarantine);
	at = again < at ? again : at;
	tick = b->turn->leaf_ms + b->set->tick_ms;
	if (tick > succession_next(b))
		tick = succession_next(b);
	*at_ms = at < tick ? at : tick;
	return (ERR_OK);
}

/* A term of which decide says that it does not run should not be due. */
static void
say_stale(const struct view_due *due)
{
	say(SAY_TROUBLE, &(struct say_ctx){ .referral = &due->referral },
	    "term %s is due but does not run", words_term(due->term));
}

static void
say_fired(const struct view_due *due, const struct decision *d)
{
	struct say_ctx ctx = { .referral = &due->referral };
	const Keten__V1__Change *c = d->facts->change;
	const char *event = c != NULL && c->n_steps > 0 ?
	    words_event((enum event)c->steps[0]->event) : "NONE";

	say(d->alarm ? SAY_ALARM : c != NULL && c->n_steps > 0 &&
	    c->steps[0]->event == KETEN__V1__EVENT__OVERDUE ? SAY_OVERDUE :
	    SAY_TIMER, &ctx, "%s of term %s", event, words_term(due->term));
}

/* ${fired}: was there a decision? */
static enum err
decide_and_write(struct broker *b, const struct view_due *due,
    struct decision *d, bool *fired)
{
	const struct ledger_with with = { .sender = NULL };
	struct decide_in in;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK)
		return (err);
	err = decide_timer(&in, &due->referral, due->term, due->offer, d);
	*fired = err == ERR_OK;
	if (err == ERR_NOT_FOUND) {
		say_stale(due);
		return (ERR_OK);
	}
	if (err != ERR_OK || (err = ledger_write(b, d, &with, NULL)) != ERR_OK)
		return (err);
	b->metrics.timers++;
	say_fired(due, d);
	return (ERR_OK);
}

/*
 * One that cannot be written is set apart, and the turn is decided again
 * without it.  A store that fails takes the process along, and is counted.
 */
static enum err
fire(struct broker *b, const struct view_due *due)
{
	struct decision d;
	bool fired = false;
	enum err err;

	quarantine_take(b, due);
	err = decide_and_write(b, due, &d, &fired);
	if (err == ERR_STORE)
		return (err);
	if (err == ERR_OK) {
		quarantine_done(b, due);
		/* Should this fail, it is not the term's doing. */
		return (fired ? eraser_follow(b, &d) : ERR_OK);
	}
	inhand_clear(b->inhand);
	quarantine_add(b, due, err);
	return (ERR_INTERNAL);
}

/* Decide a page of what is due; ${n_fired} of ${n} are not set apart. */
static enum err
fire_page(struct broker *b, const struct view_due *due, size_t n,
    size_t *n_fired)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < n && turn_has_room(b->turn) &&
	     quarantine_may_try(&b->quarantine); i++) {
		if (quarantine_has(b, &due[i]))
			continue;
		(*n_fired)++;
		err = fire(b, &due[i]);
	}
	return (err);
}

/**
 * timers_turn(b):
 * Decide what is due.
 */
enum err
timers_turn(struct broker *b)
{
	struct turn *t = b->turn;
	struct view_due due[TIMERS_MAX], last;
	const struct view_due *after = NULL;
	size_t n = 0, n_fired = 0;
	enum err err;

	if (b->clock_is_off)
		return (ERR_OK);
	do {
		err = view_due(t->txn, t->now_ms, after, due, TIMERS_MAX, &n);
		if (err == ERR_OK)
			err = fire_page(b, due, n, &n_fired);
		if (n > 0)
			last = due[n - 1];
		after = &last;
	} while (err == ERR_OK && n == TIMERS_MAX && n_fired == 0);
	if (err == ERR_OK && n_fired == 0 &&
	    t->now_ms - t->leaf_ms >= b->set->tick_ms)
		err = ledger_tick(b, KETEN__V1__TICK_WHY__TICK_IDLE);
	return (err);
}
