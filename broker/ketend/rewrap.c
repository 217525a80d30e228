/*
 * rewrap -- ask those who can open a sealed part to wrap it for who may now.
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "core/checkpoint.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/rewrap_ask.h"
#include "wire/pb.h"

#define JOBS_MAX 65536
#define SCANS_MAX 4096
#define ASKS_TURN 64	/* asks looked at in one turn */
#define SCAN_TURN 32	/* referrals looked through in one turn */

#define NEXT_MS 1000	/* then the next one is asked */
#define CHECKPOINT_MS 40 /* how soon to look for the checkpoint again */
#define ROUND_MS 15000	/* when everybody was asked: begin again */
#define NEVER INT64_MAX	/* until somebody connects */

struct rewraps {
	size_t n;
	size_t cap;
	struct rewrap_job *job;
	size_t n_scans;
	struct scan {
		struct org who;
		struct refid after;
		bool begun;
	} scan[SCANS_MAX];
};

/**
 * rewraps_new():
 * Return an empty list, or NULL.
 */
struct rewraps *
rewraps_new(void)
{
	return (calloc(1, sizeof(struct rewraps)));
}

static struct rewrap_job *
find(struct rewraps *rw, const struct rewrap_job *like)
{
	for (size_t i = 0; i < rw->n; i++)
		if (rw->job[i].note_only == like->note_only &&
		    refid_eq(&rw->job[i].referral, &like->referral) &&
		    org_eq(&rw->job[i].to, &like->to))
			return (&rw->job[i]);
	return (NULL);
}

/* If there is no room or memory, the next HELLO finds it again. */
static void
add(struct rewraps *rw, const struct rewrap_job *j)
{
	struct rewrap_job *old = find(rw, j);
	struct rewrap_job *more;
	size_t cap;

	if (old != NULL) {
		if (j->because != 0)
			*old = *j;
		return;
	}
	if (rw->n == rw->cap) {
		cap = rw->cap == 0 ? 64 : 2 * rw->cap;
		if (cap > JOBS_MAX ||
		    (more = realloc(rw->job, cap * sizeof(*more))) == NULL)
			return;
		rw->job = more;
		rw->cap = cap;
	}
	rw->job[rw->n++] = *j;
}

/**
 * rewraps_connected(rw, who):
 * ${who} has connected.
 */
void
rewraps_connected(struct rewraps *rw, const struct org *who)
{
	for (size_t i = 0; i < rw->n; i++) {
		if (rw->job[i].next_ms == NEVER)
			rw->job[i].next_ms = 0;
	}
	for (size_t i = 0; i < rw->n_scans; i++)
		if (org_eq(&rw->scan[i].who, who))
			return;
	if (rw->n_scans < SCANS_MAX)
		rw->scan[rw->n_scans++] = (struct scan){ .who = *who };
}

static void
take_made(struct rewraps *rw, const struct turn *t)
{
	for (size_t i = 0; i < t->n_made; i++) {
		const struct made *m = &t->made[i];

		for (size_t k = 0; k < m->n_wants; k++)
			add(rw, &(struct rewrap_job){
			    .referral = m->wants[k].referral,
			    .to = m->wants[k].who,
			    .note_only = m->wants[k].note_only,
			    .because = m->out.index + 1 });
	}
}

/* --- looking through open work ------------------------------------------------- */

static void
look_through(struct rewraps *rw, const struct referral *r)
{
	struct rewrap_job j = { .referral = r->id };

	if (!referral_is_live(r) || r->erased)
		return;
	/* A holder by ACCEPT, CONFIRM or TAKE_OVER. */
	if (r->state != ST_OFFERED && r->state != ST_ESCALATED &&
	    !r->openable) {
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

	err = view_open_work(b->turn->txn, &s->who, s->begun ? &s->after :
	    NULL, id, SCAN_TURN, &n);
	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		err = view_referral(b->turn->txn, &id[i], &r);
		if (err == ERR_OK)
			look_through(rw, &r);
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

/**
 * rewraps_turn(rw, b):
 * Take in what this turn's records want, and send the asks that are due.
 */
enum err
rewraps_turn(struct rewraps *rw, struct broker *b)
{
	struct checkpoint cp;
	bool have_cp = false, keep;
	size_t asked = 0;
	enum err err;

	take_made(rw, b->turn);
	if ((err = scan(rw, b)) != ERR_OK)
		return (err);
	for (size_t i = 0; i < rw->n && asked < ASKS_TURN;) {
		if (rw->job[i].next_ms > b->turn->mono_ms) {
			i++;
			continue;
		}
		if (!have_cp) {
			cp.size = 0;
			err = checkpoint_newest(b->turn->txn, &cp);
			if (err != ERR_OK && err != ERR_NOT_FOUND)
				return (err);
			have_cp = true;
		}
		asked++;
		keep = true;
		if ((err = go_on(b, &rw->job[i], &cp, &keep)) != ERR_OK)
			return (err);
		arena_reset(b->turn->pack);
		if (keep)
			i++;
		else
			rw->job[i] = rw->job[--rw->n];
	}
	return (ERR_OK);
}

/**
 * rewraps_next(rw):
 * Return the monotonic time at which there is something to do.
 */
int64_t
rewraps_next(const struct rewraps *rw)
{
	int64_t next = INT64_MAX;

	if (rw->n_scans > 0)
		return (0);
	for (size_t i = 0; i < rw->n; i++)
		if (rw->job[i].next_ms < next)
			next = rw->job[i].next_ms;
	return (next);
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
 * rewraps_free(rw):
 * Free ${rw}.
 */
void
rewraps_free(struct rewraps *rw)
{
	if (rw == NULL)
		return;
	free(rw->job);
	free(rw);
}
