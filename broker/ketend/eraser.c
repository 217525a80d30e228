/*
 * eraser -- the policy's rules of retention, run by the clock.
 */
#include <inttypes.h>
#include <string.h>

#include "base/say.h"
#include "core/erase.h"
#include "core/journal.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/eraser.h"
#include "ketend/ledger.h"
#include "policy/erasure.h"
#include "trust/leaf.h"

#define HOUR_MS (INT64_C(3600) * 1000)

/* Rows that go in one turn; one referral has fewer. */
#define ROWS 1000

/* What goes is noted beside the guard, before it can no longer be read. */
static enum err
note(struct broker *b, struct txn *t, uint64_t index)
{
	char path[JOURNAL_PATH];
	enum err err = journal_path(b->set->guard, path);

	return (err != ERR_OK ? err : journal_note(t, path, index));
}

static enum err
note_unfinished(struct broker *b, struct txn *t)
{
	char path[JOURNAL_PATH];
	uint64_t index = 0;
	enum err err = journal_path(b->set->guard, path);

	if (err == ERR_OK)
		err = journal_begin(t, path);
	while (err == ERR_OK && (err = erase_next(t, &index)) == ERR_OK)
		err = note(b, t, index++);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
eraser_start(struct broker *b)
{
	struct txn *t = NULL;
	enum err err = store_read(b->store, &t);

	if (err == ERR_OK)
		err = note_unfinished(b, t);
	store_done(&t);
	return (err != ERR_OK ? err : erase_finish(b->store));
}

/* The first two steps of an erasure that is committed. */
static enum err
begin_erasing(struct broker *b, uint64_t index)
{
	struct txn *t = NULL;
	enum err err = store_read(b->store, &t);

	if (err == ERR_OK)
		err = note(b, t, index);
	store_done(&t);
	return (err != ERR_OK ? err : erase_slots(b->store, index));
}

/* --- writing ------------------------------------------------------------------- */

static enum err
write_it(struct broker *b, const struct decision *d)
{
	const struct ledger_with with = { .sender = NULL };

	return (ledger_write(b, d, &with, NULL));
}

enum err
eraser_more(struct broker *b, const struct refid *id,
    const Keten__V1__EraseFacts *first)
{
	uint32_t number = first->number;
	uint64_t because = first->because;
	size_t n = first->n_ranges;
	enum err err = ERR_OK;

	for (uint32_t page = 1; err == ERR_OK && n == DECIDE_RANGES_MAX;
	     page++) {
		struct decide_in in;
		struct decision d;

		if ((err = ledger_in(b, &in)) != ERR_OK)
			return (err);
		err = decide_erase_more(&in, id, number, because, page, &d);
		if (err == ERR_NOT_FOUND)
			return (ERR_OK);
		n = err == ERR_OK ? d.facts->erase->n_ranges : 0;
		if (err == ERR_OK)
			err = write_it(b, &d);
	}
	return (err);
}

/* The record by which the content of ${id} goes; none if it may not. */
static enum err
erase_content(struct broker *b, const struct refid *id, uint32_t number,
    uint64_t because)
{
	struct say_ctx ctx = { .referral = id };
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK)
		return (err);
	err = decide_erase(&in, id, number, because, &d);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK || (err = write_it(b, &d)) != ERR_OK ||
	    (err = eraser_more(b, id, d.facts->erase)) != ERR_OK)
		return (err);
	b->eraser.content++;
	say(SAY_ERASED, &ctx, "content, rule %" PRIu32, number);
	return (ERR_OK);
}

/* --- what cannot be written ----------------------------------------------------- */

/* May one more fail?  When as many are set apart as can be, erasing stands
 * still until they are tried again. */
static bool
may_try(const struct broker *b)
{
	return (quarantine_may_try(&b->quarantine) &&
	    b->quarantine.n < QUARANTINE_MAX);
}

/*
 * It is set apart, and the turn is decided again without it.  A store that
 * fails takes the process along, and is counted.
 */
static enum err
set_apart(struct broker *b, const struct view_due *what, enum err err)
{
	if (err == ERR_STORE)
		return (err);
	inhand_clear(b->inhand);
	quarantine_add(b, what, err);
	b->eraser.more = true;
	return (ERR_INTERNAL);
}

/* Erase, unless it is set apart; ${tried} becomes whether it was tried. */
static enum err
try_content(struct broker *b, const struct refid *id, uint32_t number,
    bool *tried)
{
	struct view_due what = quarantine_erasure(id, number);
	enum err err;

	*tried = !quarantine_has(b, &what);
	if (!*tried)
		return (ERR_OK);
	quarantine_take(b, &what);
	err = erase_content(b, id, number, 0);
	if (err != ERR_OK)
		return (set_apart(b, &what, err));
	quarantine_done(b, &what);
	return (ERR_OK);
}

/* The same behind a decision, which stays in hand itself. */
static enum err
follow_content(struct broker *b, const struct refid *id, uint32_t number,
    uint64_t because)
{
	struct view_due what = quarantine_erasure(id, number);
	enum err err;

	/* If it waits, it goes when the rules are run. */
	if (!may_try(b) || quarantine_has(b, &what))
		return (ERR_OK);
	err = erase_content(b, id, number, because);
	return (err == ERR_OK ? ERR_OK : set_apart(b, &what, err));
}

enum err
eraser_follow(struct broker *b, const struct decision *d)
{
	struct refid id = d->referral;
	uint64_t because = store_size(b->turn->txn) - 1;
	struct referral r;
	uint32_t number;
	enum err err;

	/* On request; a record has room for so much. */
	if (d->err == ERR_OK && d->facts->erase != NULL &&
	    d->facts->erase->level == 1)
		return (eraser_more(b, &id, d->facts->erase));
	if (!d->erase || !turn_has_room(b->turn))
		return (ERR_OK);
	err = view_referral(b->turn->txn, &id, &r);
	if (err != ERR_OK)
		return (err);
	number = erasure_at_once(b->policy, &r);
	return (number == 0 ? ERR_OK
			    : follow_content(b, &id, number, because));
}

/* --- what is due ------------------------------------------------------------------ */

static enum err
run_content(struct broker *b)
{
	struct erase_due due[ERASER_TURN + QUARANTINE_MAX];
	size_t n = 0, n_tried = 0;
	bool tried;
	enum err err;

	/* What is set apart takes nobody's place. */
	err = erase_content_due(b->turn->txn, b->policy, b->turn->leaf_ms, due,
	    ERASER_TURN + b->quarantine.n, &n);
	for (size_t i = 0; err == ERR_OK && i < n && n_tried < ERASER_TURN &&
	     turn_has_room(b->turn) && may_try(b); i++) {
		err = try_content(b, &due[i].referral, due[i].number, &tried);
		n_tried += err == ERR_OK && tried;
	}
	/* More than may fail in one turn: on in the next. */
	if (err == ERR_OK)
		b->eraser.more = n_tried == ERASER_TURN ||
		    (!quarantine_may_try(&b->quarantine) &&
		    b->quarantine.n < QUARANTINE_MAX);
	return (err);
}

static enum err
write_page(struct broker *b, const struct decide_log *page)
{
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_erase_log(&in, page, &d)) != ERR_OK ||
	    (err = write_it(b, &d)) != ERR_OK)
		return (err);
	for (size_t i = 0; i < page->n_ranges; i++)
		b->eraser.records += page->ranges[i]->count;
	say(SAY_ERASED, NULL, "records in %zu ranges, rule %" PRIu32,
	    page->n_ranges, page->number);
	return (ERR_OK);
}

/* All pages of it or none. */
static enum err
write_log(struct broker *b, const struct erase_log *log)
{
	const struct refid none = { { 0 } };
	struct view_due what = quarantine_erasure(&none,
	    erase_log_page(log, 0)->number);
	enum err err = ERR_OK;

	/* Until it can be written, no other rule's come behind it. */
	if (!may_try(b) || quarantine_has(b, &what))
		return (ERR_OK);
	quarantine_take(b, &what);
	for (size_t i = 0; err == ERR_OK && i < erase_log_pages(log); i++)
		err = write_page(b, erase_log_page(log, i));
	if (err != ERR_OK)
		return (set_apart(b, &what, err));
	quarantine_done(b, &what);
	b->eraser.more = true;
	return (ERR_OK);
}

/* Whole records: by one rule in a turn. */
static enum err
run_log(struct broker *b)
{
	struct erase_log *log = NULL;
	enum err err;

	err = erase_log_find(b->turn->txn, b->policy, b->turn->leaf_ms, &log);
	if (err == ERR_NOT_FOUND) {
		b->eraser.month = erasure_month(b->turn->now_ms);
		return (ERR_OK);
	}
	if (err == ERR_OK)
		err = write_log(b, log);
	erase_log_free(log);
	return (err);
}

/* Look for what is due, now. */
static enum err
run(struct broker *b)
{
	enum err err;

	quarantine_retry(b);
	err = run_content(b);
	if (err == ERR_OK && !b->eraser.more &&
	    b->eraser.month != erasure_month(b->turn->now_ms))
		err = run_log(b);
	return (err);
}

enum err
eraser_turn(struct broker *b)
{
	struct eraser *e = &b->eraser;
	int64_t now = b->turn->now_ms;

	/* A clock that is not trusted lets nothing go. */
	if (b->clock_is_off || b->policy == NULL ||
	    (now < e->next_ms && !e->more) || !turn_has_room(b->turn))
		return (ERR_OK);
	e->next_ms = now + HOUR_MS;
	return (run(b));
}

bool
eraser_waits(const struct broker *b)
{
	return ((b->eraser.more && !b->clock_is_off) || b->eraser.has_rows);
}

/* --- after the commit --------------------------------------------------------------- */

static bool
is_erase(const struct made *m)
{
	return (m->out.leaf.len >= LEAF_LEN && m->out.leaf.p[4] == LEAF_ERASE);
}

/* Rows of large erasures go a thousand at a time. */
static enum err
drop_rows(struct broker *b)
{
	struct txn *t = NULL;
	uint64_t index = 0;
	bool done = false;
	enum err err = store_read(b->store, &t);

	if (err == ERR_OK)
		err = erase_next(t, &index);
	store_done(&t);
	if (err == ERR_NOT_FOUND) {
		b->eraser.has_rows = false;
		return (ERR_OK);
	}
	return (err != ERR_OK ? err
			      : erase_rows(b->store, index, ROWS, &done));
}

enum err
eraser_done(struct broker *b)
{
	const struct turn *t = b->turn;
	enum err err = ERR_OK;

	for (size_t i = 0; i < t->n_made && err == ERR_OK; i++) {
		bool done = false;

		if (!is_erase(&t->made[i]))
			continue;
		err = begin_erasing(b, t->made[i].out.index);
		if (err == ERR_OK)
			err = erase_rows(b->store, t->made[i].out.index, ROWS,
			    &done);
		b->eraser.has_rows = b->eraser.has_rows || !done;
	}
	if (err == ERR_OK && b->eraser.has_rows)
		err = drop_rows(b);
	return (err);
}

/* --- the operator ---------------------------------------------------------------------- */

#define LIST_MAX 256

enum err
order_erase(struct broker *b, struct order *o)
{
	uint64_t content = b->eraser.content, records = b->eraser.records;
	enum err err;

	if (b->clock_is_off)
		return (order_no(o, ERR_WRONG_STATE, "de klok wordt betwijfeld: "
		    "eerst ketenctl clock accept"));
	b->eraser.month = 0;
	b->eraser.next_ms = b->turn->now_ms + HOUR_MS;
	if ((err = run(b)) != ERR_OK)
		return (err);
	o->data = json_pack("{s:I, s:I, s:b}",
	    "content", (json_int_t)(b->eraser.content - content),
	    "records", (json_int_t)(b->eraser.records - records),
	    "more", (int)b->eraser.more);
	return (o->data == NULL ? ERR_NOMEM : ERR_OK);
}

static enum err
add_due(struct broker *b, json_t *list, const struct erase_due *d)
{
	char id[REFID_TEXT];
	json_t *row = json_pack("{s:s, s:I, s:s, s:I}",
	    "referral", refid_text(&d->referral, id),
	    "rule", (json_int_t)d->number,
	    "what", erasure_text(b->policy, d->number),
	    "ended_ms", (json_int_t)d->ended_ms);

	return (row != NULL && json_array_append_new(list, row) == 0
		? ERR_OK : ERR_NOMEM);
}

/* Who wants it to stay: nothing is due that somebody wants. */
static enum err
add_holds(struct broker *b, json_t *list, const struct refid *id)
{
	struct view_hold hold[8];
	char text[REFID_TEXT];
	size_t n = 0;
	enum err err = view_holds(b->turn->txn, id, hold, 8, &n);

	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		json_t *row = json_pack("{s:s, s:s, s:s, s:I}",
		    "referral", refid_text(id, text),
		    "partner", hold[i].who.id, "reason", hold[i].reason,
		    "until_ms", (json_int_t)hold[i].until_ms);

		if (row == NULL || json_array_append_new(list, row) != 0)
			err = ERR_NOMEM;
	}
	return (err);
}

static enum err
all_holds(struct broker *b, json_t *list)
{
	struct slice key, value;
	struct refid id, last = { { 0 } };
	enum err err = store_seek(b->turn->txn, TABLE_HOLD, slice_of("", 0),
	    &key, &value);

	while (err == ERR_OK && json_array_size(list) < LIST_MAX) {
		uint8_t next[17];

		memcpy(id.b, key.p, sizeof(id.b));
		if (!refid_eq(&id, &last))
			err = add_holds(b, list, &id);
		last = id;
		memcpy(next, id.b, 16);
		next[16] = 0xff; /* behind all partners' names */
		if (err == ERR_OK)
			err = store_seek(b->turn->txn, TABLE_HOLD,
			    slice_of(next, sizeof(next)), &key, &value);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
order_erase_list(struct broker *b, struct order *o)
{
	struct erase_due due[LIST_MAX];
	json_t *list = json_array(), *held = json_array();
	size_t n = 0;
	enum err err;

	o->data = json_pack("{s:o, s:o}", "due", list, "held", held);
	if (o->data == NULL)
		return (ERR_NOMEM);
	err = erase_content_due(b->turn->txn, b->policy, b->turn->leaf_ms, due,
	    LIST_MAX, &n);
	for (size_t i = 0; i < n && err == ERR_OK; i++)
		err = add_due(b, list, &due[i]);
	if (err == ERR_OK)
		err = all_holds(b, held);
	return (err != ERR_OK ? err : ledger_access(b, "erase", "list"));
}

static enum err
add_awaited(struct broker *b, json_t *list, const struct view_await *w)
{
	char id[REFID_TEXT];
	struct slice bytes;
	struct leaf leaf = { .time_ms = 0 };
	json_t *row;

	if (store_leaf(b->turn->txn, w->index, &bytes) != ERR_OK ||
	    leaf_decode(bytes, &leaf) != ERR_OK)
		return (ERR_CORRUPT);
	row = json_pack("{s:s, s:I, s:I, s:s, s:s, s:I}",
	    "referral", refid_text(&w->referral, id),
	    "index", (json_int_t)w->index,
	    "erased_ms", (json_int_t)leaf.time_ms,
	    "partner", w->partner.id, "mailbox", w->mailbox.id,
	    "away_since_ms", (json_int_t)sessions_since(b->sessions,
	    &w->partner));
	return (row != NULL && json_array_append_new(list, row) == 0
		? ERR_OK : ERR_NOMEM);
}

enum err
order_erase_status(struct broker *b, struct order *o)
{
	struct view_await page[16], last;
	const struct view_await *after = NULL;
	size_t n;
	enum err err;

	if ((o->data = json_array()) == NULL)
		return (ERR_NOMEM);
	do {
		err = view_awaiting(b->turn->txn, after, page, 16, &n);
		for (size_t i = 0; i < n && err == ERR_OK; i++)
			err = add_awaited(b, o->data, &page[i]);
		if (n > 0)
			last = page[n - 1];
		after = &last;
	} while (err == ERR_OK && n == 16 &&
	    json_array_size(o->data) < LIST_MAX);
	return (err != ERR_OK ? err : ledger_access(b, "erase", "status"));
}
