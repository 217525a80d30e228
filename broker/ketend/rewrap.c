/*
 * rewrap -- ask those who can open a sealed part to wrap it for who may now.
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "core/checkpoint.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/names.h"
#include "ketend/rewrap_ask.h"
#include "wire/pb.h"

#define JOBS_MAX 65536
#define SCANS_MAX 4096
#define ASKS_TURN 64	/* asks looked at in one turn */
#define ASKS_MS 40	/* and how long that may take: parts can be large */
#define SCAN_TURN 32	/* referrals looked through in one turn */

#define NEXT_MS 1000	/* then the next one is asked */
#define CHECKPOINT_MS 40 /* how soon to look for the checkpoint again */
#define ROUND_MS 15000	/* when everybody was asked: begin again */
#define NEVER INT64_MAX	/* until somebody connects */

struct rewraps {
	size_t n;
	size_t cap;
	struct rewrap_job **job;
	struct names *by_key; /* so that none is there twice */
	int64_t soonest_ms;   /* of all; nothing is due before */
	size_t at;	      /* where the next turn begins: all get theirs */
	size_t victim;	      /* who makes room when there is none */
	size_t n_scans;
	struct scan {
		struct org who;
		struct refid after;
		bool begun;
		bool lost_key; /* a sealing key of its was revoked */
	} scan[SCANS_MAX];
};

/* What a job is called. */
struct job_key {
	struct refid referral;
	struct org to;
	uint8_t note_only;
};

static struct job_key
key_of(const struct rewrap_job *j)
{
	return ((struct job_key){ j->referral, j->to, j->note_only });
}

_Static_assert(sizeof(struct job_key) <= NAMES_KEY, "it is a key");

/**
 * rewraps_new():
 * Return an empty list, or NULL.
 */
struct rewraps *
rewraps_new(void)
{
	struct rewraps *rw = calloc(1, sizeof(*rw));

	if (rw == NULL)
		return (NULL);
	rw->soonest_ms = NEVER;
	if ((rw->by_key = names_new()) == NULL) {
		free(rw);
		return (NULL);
	}
	return (rw);
}

static bool
make_room(struct rewraps *rw)
{
	size_t cap = rw->cap == 0 ? 64 : 2 * rw->cap;
	struct rewrap_job **more;

	if (rw->n < rw->cap)
		return (true);
	if (cap > JOBS_MAX ||
	    (more = realloc(rw->job, cap * sizeof(struct rewrap_job *))) ==
	    NULL)
		return (false);
	rw->job = more;
	rw->cap = cap;
	return (true);
}

static void drop(struct rewraps *rw, size_t i);

/* If there is no memory, the next HELLO finds it again; that also finds the
 * one that makes room for another.  So nobody keeps the list by filling it. */
static void
add(struct rewraps *rw, const struct rewrap_job *like)
{
	struct job_key key = key_of(like);
	struct rewrap_job *j = names_get(rw->by_key, &key, sizeof(key));

	if (j != NULL) {
		if (like->because != 0)
			*j = *like;
		j->next_ms = 0;
		j->turn = 0;
		j->has_some = false;
	} else {
		if (!make_room(rw) && rw->n > 0)
			drop(rw, rw->victim++ % rw->n);
		if (rw->n == rw->cap || (j = malloc(sizeof(*j))) == NULL)
			return;
		*j = *like;
		if (names_put(rw->by_key, &key, sizeof(key), j) != ERR_OK) {
			free(j);
			return;
		}
		rw->job[rw->n++] = j;
	}
	rw->soonest_ms = 0;
}

static void
drop(struct rewraps *rw, size_t i)
{
	struct job_key key = key_of(rw->job[i]);

	(void)names_remove(rw->by_key, &key, sizeof(key));
	free(rw->job[i]);
	rw->job[i] = rw->job[--rw->n];
}

/**
 * rewraps_connected(rw, who):
 * ${who} has connected.
 */
void
rewraps_connected(struct rewraps *rw, const struct org *who)
{
	for (size_t i = 0; i < rw->n; i++) {
		if (rw->job[i]->next_ms == NEVER)
			rw->job[i]->next_ms = 0;
	}
	rw->soonest_ms = 0;
	for (size_t i = 0; i < rw->n_scans; i++)
		if (org_eq(&rw->scan[i].who, who))
			return;
	if (rw->n_scans < SCANS_MAX)
		rw->scan[rw->n_scans++] = (struct scan){ .who = *who };
}

/* Somebody wrapped some of it and may well have more: ask on at once. */
static void
poke(struct rewraps *rw, const struct wants *w)
{
	for (uint8_t note_only = 0; note_only < 2; note_only++) {
		struct job_key key = { w->referral, w->who, note_only };
		struct rewrap_job *j = names_get(rw->by_key, &key,
		    sizeof(key));

		if (j == NULL)
			continue;
		j->next_ms = 0;
		j->turn = 0;
		rw->soonest_ms = 0;
	}
}

static void
take_made(struct rewraps *rw, const struct turn *t)
{
	for (size_t i = 0; i < t->n_made; i++) {
		const struct made *m = &t->made[i];

		for (size_t k = 0; k < m->n_wants; k++) {
			if (m->wants[k].poke) {
				poke(rw, &m->wants[k]);
				continue;
			}
			add(rw, &(struct rewrap_job){
			    .referral = m->wants[k].referral,
			    .to = m->wants[k].who,
			    .note_only = m->wants[k].note_only,
			    .because = m->wants[k].again ? 0
				: m->out.index + 1 });
		}
	}
}

/* --- looking through open work ------------------------------------------------- */

/* Was a sealing key of ${who} revoked?  Then what it opened may be shut. */
static bool
has_lost_key(const struct broker *b, const struct org *who)
{
	for (size_t i = 0; i < keyring_n_seals(b->keys); i++) {
		const struct keyring_seal *k = keyring_seal_nth(b->keys, i);

		if (k->ended != KEYRING_NEVER && org_eq(&k->partner, who))
			return (true);
	}
	return (false);
}

/* Who took somebody's place in it, by the policy: B, or the custodian. */
static void
look_for_successors(const struct broker *b, struct rewraps *rw,
    const struct referral *r)
{
	const struct policy_ask about = { .code = r->code, .area = r->area,
		.now_ms = b->turn->now_ms };
	struct rewrap_job j = { .referral = r->id };

	if (policy_is_successor(b->policy, &r->b, &about)) {
		j.to = r->b;
		add(rw, &j);
	}
	if (!org_is_none(&r->custodian) &&
	    policy_is_successor(b->policy, &r->custodian, &about)) {
		j.to = r->custodian;
		add(rw, &j);
	}
}

static void
look_through(const struct broker *b, struct rewraps *rw,
    const struct referral *r, bool lost_key)
{
	struct rewrap_job j = { .referral = r->id };

	if (!referral_is_live(r) || r->erased)
		return;
	look_for_successors(b, rw, r);
	/* A holder by ACCEPT, CONFIRM or TAKE_OVER. */
	if (r->state != ST_OFFERED && r->state != ST_ESCALATED &&
	    (!r->openable || r->unreadable || lost_key)) {
		j.to = r->h;
		add(rw, &j);
	}
	j.note_only = true;
	for (size_t i = 0; i < r->n_offers; i++) {
		if (!words_is_open(r->offers[i].state))
			continue;
		j.to = r->offers[i].to;
		add(rw, &j);
	}
}

static enum err
scan_page(struct rewraps *rw, struct broker *b, struct scan *s, bool *end)
{
	struct refid id[SCAN_TURN];
	struct referral r;
	size_t n = 0;
	enum err err;

	if (!s->begun)
		s->lost_key = has_lost_key(b, &s->who);
	err = view_open_work(b->turn->txn, &s->who, s->begun ? &s->after :
	    NULL, id, SCAN_TURN, &n);
	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		err = view_referral(b->turn->txn, &id[i], &r);
		if (err == ERR_OK)
			look_through(b, rw, &r, org_eq(&r.h, &s->who) &&
			    s->lost_key);
		s->after = id[i];
		s->begun = true;
	}
	*end = n < SCAN_TURN;
	return (err);
}

static enum err
scan(struct rewraps *rw, struct broker *b)
{
	bool end = true;
	enum err err;

	if (rw->n_scans == 0)
		return (ERR_OK);
	err = scan_page(rw, b, &rw->scan[0], &end);
	if (err != ERR_OK || !end)
		return (err);
	memmove(&rw->scan[0], &rw->scan[1],
	    --rw->n_scans * sizeof(rw->scan[0]));
	return (ERR_OK);
}

/* --- asking ------------------------------------------------------------------------ */

/* Do what is due for one; ${keep}: it is not finished. */
static enum err
go_on(struct broker *b, struct rewrap_job *j, const struct checkpoint *cp,
    bool *keep)
{
	enum rewrap_outcome outcome;
	enum err err;

	if ((err = rewrap_ask(b, j, cp, &outcome)) != ERR_OK)
		return (err);
	*keep = outcome != REWRAP_DONE;
	switch (outcome) {
	case REWRAP_DONE:
		break;
	case REWRAP_EARLY:
		j->next_ms = b->turn->mono_ms + CHECKPOINT_MS;
		break;
	case REWRAP_ASKED:
		j->next_ms = b->turn->mono_ms + NEXT_MS;
		break;
	case REWRAP_ROUND:
		j->next_ms = b->turn->mono_ms + ROUND_MS;
		break;
	case REWRAP_NOBODY:
		j->next_ms = NEVER;
		break;
	}
	return (ERR_OK);
}

/* What is due, at most ASKS_TURN; note when the next is. */
static enum err
work_off(struct rewraps *rw, struct broker *b, const struct checkpoint *cp)
{
	int64_t soonest = NEVER, end = clockwork_mono_ms() + ASKS_MS;
	size_t asked = 0, n = rw->n, i = n == 0 ? 0 : rw->at % n;
	bool keep;
	enum err err;

	for (size_t k = 0; k < n; k++) {
		if (i >= rw->n)
			i = 0;
		keep = true;
		if (rw->job[i]->next_ms <= b->turn->mono_ms &&
		    asked < ASKS_TURN && clockwork_mono_ms() < end) {
			asked++;
			rw->at = i + 1;
			err = go_on(b, rw->job[i], cp, &keep);
			arena_reset(b->turn->pack);
			if (err != ERR_OK)
				return (err);
		}
		if (!keep) {
			/* Another comes in its place: look again soon. */
			drop(rw, i);
			soonest = 0;
			if (rw->n == 0)
				break;
			continue;
		}
		if (rw->job[i]->next_ms < soonest)
			soonest = rw->job[i]->next_ms;
		i++;
	}
	rw->soonest_ms = rw->n == 0 ? NEVER : soonest;
	return (ERR_OK);
}

/**
 * rewraps_turn(rw, b):
 * Take in what this turn's records want, and send the asks that are due.
 */
enum err
rewraps_turn(struct rewraps *rw, struct broker *b)
{
	struct checkpoint cp;
	enum err err;

	take_made(rw, b->turn);
	if ((err = scan(rw, b)) != ERR_OK)
		return (err);
	if (rw->soonest_ms > b->turn->mono_ms)
		return (ERR_OK);
	cp.size = 0;
	err = checkpoint_newest(b->turn->txn, &cp);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	return (work_off(rw, b, &cp));
}

/**
 * rewraps_next(rw):
 * Return the monotonic time at which there is something to do.
 */
int64_t
rewraps_next(const struct rewraps *rw)
{
	return (rw->n_scans > 0 ? 0 : rw->soonest_ms);
}

/**
 * rewraps_count(rw):
 * Return how many wait for a wrap.
 */
size_t
rewraps_count(const struct rewraps *rw)
{
	return (rw->n);
}

/**
 * rewraps_asked(rw):
 * Return for how many of them somebody is there who can make it.
 */
size_t
rewraps_asked(const struct rewraps *rw)
{
	size_t n = rw->n_scans;

	for (size_t i = 0; i < rw->n; i++)
		n += rw->job[i]->next_ms != NEVER;
	return (n);
}

/**
 * rewraps_free(rw):
 * Free ${rw}.
 */
void
rewraps_free(struct rewraps *rw)
{
	if (rw == NULL)
		return;
	for (size_t i = 0; i < rw->n; i++)
		free(rw->job[i]);
	names_free(rw->by_key);
	free(rw->job);
	free(rw);
}
