/*
 * pipeline -- one turn of the broker: six stages, in order.  Read this first.
 */
#include "base/say.h"
#include "core/checkpoint.h"
#include "ketend/broker.h"
#include "ketend/commit.h"
#include "ketend/decode.h"
#include "ketend/deliver.h"
#include "ketend/judge.h"
#include "ketend/ledger.h"
#include "ketend/pipeline.h"
#include "ketend/reload.h"
#include "ketend/timers.h"
#include "ketend/validate.h"

/* A turn that cannot be written is decided again without whoever is to blame;
 * more blame than this, and it is us. */
#define UNDO_MAX 64

/* With fewer records or messages than this nobody waits for the disk. */
#define AHEAD_MIN 16

/* How often a clock in a file is looked at. */
#define FILE_CLOCK_MS 20

/* --- what is decided in a turn ---------------------------------------------------- */

/* A witness's signature goes under its checkpoint, if there is room. */
static enum err
put_cosigned(struct broker *b, const struct cosigned *c)
{
	enum err err;

	err = checkpoint_cosign(b->turn->txn, c->size, slice_of(c->line,
	    c->len));
	if (err == ERR_NOT_FOUND || err == ERR_FULL)
		say(SAY_WITNESS, NULL, "a signature for %llu records: %s",
		    (unsigned long long)c->size, err_text(err));
	else if (err != ERR_OK)
		return (err);
	b->turn->has_written = true;
	return (ERR_OK);
}

/* A checkpoint that was signed meanwhile is written down with the rest. */
static enum err
put_checkpoint(struct broker *b)
{
	struct turn *t = b->turn;
	enum err err = ERR_OK;

	if (t->has_checkpoint) {
		err = checkpoint_put(t->txn, &t->checkpoint);
		t->has_written = true;
	}
	for (size_t i = 0; err == ERR_OK && i < t->n_cosigned; i++)
		err = put_cosigned(b, &t->cosigned[i]);
	return (err);
}

/* SIGHUP: if the new policy is no good, the old one stays. */
static enum err
reload_asked(struct broker *b)
{
	char why[RELOAD_WHY];
	enum err err;

	if (!b->wants_reload)
		return (ERR_OK);
	b->wants_reload = false;
	err = reload_turn(b, why);
	return (err == ERR_CONFIG ? ERR_OK : err);
}

/* What is due comes before what has arrived. */
static enum err
decide_once(struct broker *b, size_t n)
{
	enum err err;

	if ((err = put_checkpoint(b)) != ERR_OK ||
	    (err = timers_turn(b)) != ERR_OK ||
	    (err = eraser_turn(b)) != ERR_OK ||
	    (err = reload_asked(b)) != ERR_OK ||
	    (err = control_turn(b)) != ERR_OK ||
	    (err = succession_turn(b)) != ERR_OK)
		return (err);
	return (judge_turn(b, n));
}

/* Decide until it can be written down. */
static enum err
decide_turn(struct broker *b, size_t n)
{
	const uint64_t content = b->eraser.content;
	const uint64_t records = b->eraser.records;
	enum err err = ERR_INTERNAL;

	for (int i = 0; err == ERR_INTERNAL && i < UNDO_MAX; i++) {
		if (i > 0) {
			store_abort(&b->turn->txn);
			turn_undo(b->turn);
			succession_look(b);
			b->eraser.content = content;
			b->eraser.records = records;
			b->metrics.undone++;
			err = store_begin(b->store, &b->turn->txn);
			if (err != ERR_OK)
				return (err);
		}
		err = decide_once(b, n);
	}
	return (err);
}

/* --- the turn ---------------------------------------------------------------------- */

/*
 * The next turn's messages are looked at while this one is written: but not
 * if there are too few to wake somebody for, or keys may be other ones then.
 */
static enum err
look_ahead(struct broker *b)
{
	struct turn *t = b->turn;
	size_t from = t->n;
	enum err err;

	if (b->ahead == NULL || t->n_made < AHEAD_MIN || t->keys_changed ||
	    t->policy_changed || b->wants_reload || b->is_draining ||
	    control_has_request(b->control))
		return (ERR_OK);
	if ((err = wire_read(b, from)) != ERR_OK || t->n - from < AHEAD_MIN)
		return (err);
	for (size_t i = from; i < t->n; i++) {
		struct message *m = &t->message[i];

		if (m->session != NULL)
			m->by = keyring_device(b->keys, &m->session->partner,
			    m->session->device);
	}
	ahead_start(b->ahead, &t->message[from], t->n - from, t->ahead);
	return (ERR_OK);
}

/* Write the turn down and tell everybody. */
static enum err
finish(struct broker *b, size_t n)
{
	enum err err;

	if ((err = commit_turn(b)) != ERR_OK)
		return (err);
	control_answer(b->control);
	return (deliver_turn(b, n));
}

static enum err
begin(struct broker *b)
{
	struct turn *t = b->turn;
	int64_t due;
	enum err err;

	if ((err = timers_next(b, &due)) != ERR_OK)
		return (err);
	turn_reset(t);
	quarantine_turn(&b->quarantine);
	t->now_ms = clockwork_turn(&b->clock, due);
	t->mono_ms = clockwork_mono_ms();
	timers_check_clock(b);
	t->has_checkpoint = publish_take(b->publish, &t->checkpoint);
	if (t->has_checkpoint)
		b->metrics.checkpoints++;
	t->n_cosigned = b->witnesses == NULL ? 0 :
	    witnesses_take(b->witnesses, t->cosigned, TURN_COSIGNED);
	return (ERR_OK);
}

/**
 * pipeline_turn(b):
 * Do one turn.
 */
enum err
pipeline_turn(struct broker *b)
{
	struct turn *t = b->turn;
	size_t n = 0;
	enum err err;

	if ((err = begin(b)) != ERR_OK)
		return (err);
	wire_cut(b);
	/* What may change keys or policy has a turn for itself. */
	if (!control_has_request(b->control) && !b->wants_reload) {
		if ((err = wire_read(b, 0)) != ERR_OK)
			return (err);
		n = decode_turn(b);
	}
	if ((err = store_begin(b->store, &t->txn)) != ERR_OK)
		return (err);
	if ((err = validate_turn(b, n)) != ERR_OK ||
	    (err = decide_turn(b, n)) != ERR_OK ||
	    (err = look_ahead(b)) != ERR_OK ||
	    (err = finish(b, n)) != ERR_OK)
		store_abort(&t->txn);
	if (b->ahead != NULL)
		ahead_stop(b->ahead);
	return (err);
}

/* --- the first and the last --------------------------------------------------------- */

/**
 * pipeline_start(b):
 * The turn with which a broker begins.
 */
enum err
pipeline_start(struct broker *b)
{
	struct turn *t = b->turn;
	enum err err;

	t->now_ms = clockwork_turn(&b->clock, INT64_MAX);
	t->mono_ms = clockwork_mono_ms();
	if ((err = store_begin(b->store, &t->txn)) != ERR_OK)
		return (err);
	if ((err = put_checkpoint(b)) != ERR_OK ||
	    (err = record_last_time(t->txn, &t->leaf_ms)) != ERR_OK ||
	    (err = reload_start(b)) != ERR_OK ||
	    (err = timers_start(b)) != ERR_OK ||
	    (err = commit_turn(b)) != ERR_OK)
		store_abort(&t->txn);
	return (err);
}

static void
say_goodbye(struct broker *b)
{
	struct session *s;
	size_t at = 0;

	while ((s = sessions_next(b->sessions, &at)) != NULL)
		wire_end(b, s, SESSION_DRAIN);
}

/**
 * pipeline_stop(b):
 * The turn with which it ends.
 */
enum err
pipeline_stop(struct broker *b)
{
	struct turn *t = b->turn;
	enum err err;

	if ((err = begin(b)) != ERR_OK)
		return (err);
	if ((err = store_begin(b->store, &t->txn)) != ERR_OK)
		return (err);
	if ((err = put_checkpoint(b)) != ERR_OK ||
	    (err = ledger_tick(b, KETEN__V1__TICK_WHY__TICK_STOP)) != ERR_OK ||
	    (err = commit_turn(b)) != ERR_OK)
		store_abort(&t->txn);
	say_goodbye(b);
	return (err);
}

/**
 * pipeline_checkpoint(b):
 * A turn that only writes down a checkpoint.
 */
enum err
pipeline_checkpoint(struct broker *b)
{
	enum err err;

	if ((err = begin(b)) != ERR_OK ||
	    (err = store_begin(b->store, &b->turn->txn)) != ERR_OK)
		return (err);
	if ((err = put_checkpoint(b)) != ERR_OK ||
	    (err = commit_turn(b)) != ERR_OK)
		store_abort(&b->turn->txn);
	return (err);
}

/* --- waiting --------------------------------------------------------------------------- */

static int64_t
sooner(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

static bool
has_work(const struct broker *b)
{
	return (sessions_has_ready(b->sessions) ||
	    clockwork_is_walking(&b->clock) || b->wants_reload ||
	    control_has_request(b->control) || eraser_waits(b) ||
	    b->succession.is_looking);
}

/**
 * pipeline_wait_ms(b, wait_ms):
 * Store how long nothing has to be done unless something arrives.
 */
enum err
pipeline_wait_ms(struct broker *b, long *wait_ms)
{
	int64_t mono = clockwork_mono_ms(), wait = 1000, due, rewrap;
	enum err err;

	*wait_ms = 0;
	if (turn_has_left(b->turn))
		return (ERR_OK);
	/* Nothing of the last turn stays in memory while nobody comes. */
	turn_reset(b->turn);
	if (has_work(b))
		return (ERR_OK);
	if ((err = timers_next(b, &due)) != ERR_OK)
		return (err);
	if (b->clock.kind == CLOCKWORK_FILE)
		wait = FILE_CLOCK_MS;
	if (b->clock.kind == CLOCKWORK_REAL && due != INT64_MAX)
		wait = sooner(wait, due - clockwork_turn(&b->clock, due));
	if (b->wire.n_cuts > 0)
		wait = sooner(wait, wire_next_cut(&b->wire) - mono);
	rewrap = rewraps_next(b->rewraps);
	if (rewrap != INT64_MAX)
		wait = sooner(wait, rewrap - mono);
	*wait_ms = wait < 0 ? 0 : (long)wait;
	return (ERR_OK);
}
