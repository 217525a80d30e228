/*
 * restored -- what was erased after a backup was made, is erased from it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/say.h"
#include "core/journal.h"
#include "core/record.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/certify.h"
#include "ketend/commit.h"
#include "ketend/ledger.h"
#include "ketend/restored.h"
#include "policy/erasure.h"

/* The largest record. */
#define ARENA ((size_t)4 << 20)

/* A referral whose content is still there, and why it went before. */
struct again {
	struct refid id;
	uint32_t number;
};

struct list {
	struct txn *t;
	struct arena *a;
	struct again *one;
	size_t n;
	size_t cap;
	bool is_behind; /* the journal knows more than the log */
};

/* --- what has to go --------------------------------------------------------------- */

static enum err
add(struct list *l, const struct refid *id, uint32_t number)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		struct again *more = realloc(l->one, cap * sizeof(*more));

		if (more == NULL)
			return (ERR_NOMEM);
		l->one = more;
		l->cap = cap;
	}
	l->one[l->n++] = (struct again){ *id, number };
	return (ERR_OK);
}

/* Whose record is it, and does the log say that its content is erased? */
static enum err
look_up(struct list *l, uint64_t index, uint32_t number, bool *done)
{
	struct referral r;
	struct record rec;
	enum err err;

	arena_reset(l->a);
	err = record_read(l->t, index, l->a, &rec);
	if (err == ERR_CONTENT_GONE || err == ERR_NOT_FOUND)
		return (ERR_OK); /* erased as a whole */
	if (err != ERR_OK || !rec.has_owner)
		return (err);
	err = view_referral(l->t, &rec.owner, &r);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	*done = true;
	return (r.erased ? ERR_OK : add(l, &rec.owner, number));
}

static enum err
take_row(void *cookie, const struct journal_row *row)
{
	struct list *l = cookie;
	bool done = false;
	enum err err = ERR_OK;

	/* All of a row are of one referral: the first that is here will do. */
	for (size_t i = 0; i < row->n && err == ERR_OK && !done; i++)
		if (journal_has(l->t, &row->gone[i]))
			err = look_up(l, row->gone[i].index, row->number,
			    &done);
	return (err);
}

static enum err
collect(struct broker *b, struct list *l)
{
	char path[JOURNAL_PATH];
	bool fits = true;
	enum err err = journal_path(b->set->guard, path);

	if (err == ERR_OK)
		err = store_read(b->store, &l->t);
	if (err == ERR_OK)
		err = journal_fits(l->t, path, &fits);
	l->is_behind = err == ERR_OK && !fits;
	if (l->is_behind)
		err = journal_each(path, take_row, l);
	store_done(&l->t);
	return (err);
}

/* --- and goes ----------------------------------------------------------------------- */

static enum err
erase_again(struct broker *b, const struct again *one)
{
	const struct ledger_with with = { .sender = NULL };
	struct say_ctx ctx = { .referral = &one->id };
	bool own = one->number == ERASURE_REQUEST ||
	    one->number == ERASURE_AGAIN;
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK)
		return (err);
	err = own ? ERR_NOT_FOUND
		  : decide_erase(&in, &one->id, one->number, 0, &d);
	if (err == ERR_NOT_FOUND) {
		own = true;
		err = decide_erase_again(&in, &one->id, &d);
	}
	if (err == ERR_NOT_FOUND) /* twice in the journal */
		return (ERR_OK);
	if (err != ERR_OK ||
	    (err = ledger_write(b, &d, &with, NULL)) != ERR_OK ||
	    (err = eraser_more(b, &one->id, d.facts->erase)) != ERR_OK)
		return (err);
	b->eraser.content++;
	say(SAY_ERASED, &ctx, "again, after a backup was put back: rule %"
	    PRIu32 "%s", one->number, own ? ", and nobody is told" : "");
	return (ERR_OK);
}

static enum err
begin(struct broker *b)
{
	turn_reset(b->turn);
	b->turn->now_ms = clockwork_turn(&b->clock, INT64_MAX);
	b->turn->mono_ms = clockwork_mono_ms();
	return (store_begin(b->store, &b->turn->txn));
}

/* --- keys ----------------------------------------------------------------------------- */

/* Take it as if somebody brought it; one that is no good or known is passed
 * over. */
static enum err
take_key(struct broker *b, struct slice bytes)
{
	Keten__V1__KeyStatement *key = NULL;
	struct made *made = NULL;
	uint64_t known = 0;
	struct slice own;
	enum err err;

	if (arena_copy(b->turn->out, bytes, &own) != 0)
		return (ERR_NOMEM);
	if (certify_fault(b, own, &key) != NULL)
		return (ERR_OK);
	err = certify_find(b, own, key, &known);
	return (err != ERR_OK || known != 0 ? err
	    : certify_write(b, own, key, &made));
}

static enum err
key_turn(void *cookie, struct slice bytes)
{
	struct broker *b = cookie;
	enum err err = begin(b);

	if (err == ERR_OK)
		err = take_key(b, bytes);
	if (err == ERR_OK)
		err = commit_turn(b);
	store_abort(&b->turn->txn);
	return (err);
}

static enum err
restore_keys(struct broker *b)
{
	char path[JOURNAL_PATH];
	struct txn *t = NULL;
	bool fits = true;
	enum err err = journal_keys_path(b->set->guard, path);

	if (err == ERR_OK)
		err = store_read(b->store, &t);
	if (err == ERR_OK)
		err = journal_keys_begin(t, path, &fits);
	store_done(&t);
	if (err == ERR_OK && !fits)
		err = journal_keys_each(path, key_turn, b);
	return (err);
}

/* --- all of it ----------------------------------------------------------------------- */

/* As many as fit a turn, from ${*at} on. */
static enum err
one_turn(struct broker *b, const struct list *l, size_t *at)
{
	enum err err = begin(b);

	while (err == ERR_OK && *at < l->n && turn_has_room(b->turn))
		err = erase_again(b, &l->one[(*at)++]);
	if (err == ERR_OK)
		err = commit_turn(b);
	store_abort(&b->turn->txn);
	return (err);
}

/* The rules, until nothing is due any more. */
static enum err
run_rules(struct broker *b)
{
	int n_apart = 0;
	enum err err;

	do {
		err = begin(b);
		quarantine_turn(&b->quarantine);
		if (err == ERR_OK)
			err = eraser_turn(b);
		if (err == ERR_OK)
			err = commit_turn(b);
		store_abort(&b->turn->txn);
		/* One was set apart: again, without it. */
		if (err == ERR_INTERNAL && n_apart++ < QUARANTINE_MAX)
			err = ERR_OK;
	} while (err == ERR_OK && eraser_waits(b));
	return (err);
}

enum err
restored_start(struct broker *b)
{
	struct list l = { .a = arena_new(ARENA) };
	size_t at = 0;
	enum err err = l.a == NULL ? ERR_NOMEM : restore_keys(b);

	if (err == ERR_OK)
		err = collect(b, &l);

	while (err == ERR_OK && at < l.n)
		err = one_turn(b, &l, &at);
	if (err == ERR_OK && l.is_behind)
		err = run_rules(b);
	free(l.one);
	arena_free(l.a);
	return (err);
}
