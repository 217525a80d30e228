/*
 * witnesses_ask -- what the thread does: ask, look for answers, believe none
 * that it did not check.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/instant.h"
#include "base/say.h"
#include "core/request.h"
#include "ketend/clockwork.h"
#include "ketend/witnesses_in.h"
#include "trust/lines.h"
#include "trust/tlog.h"

#define ROUND_MS 1000	   /* at most one checkpoint so often */
#define LOOK_MS 100	   /* how often a folder is looked into */
#define AGAIN_MS 60000	   /* who refused is asked again then */
#define TRIES_MAX 3
#define SCAN_MAX 100000	   /* checkpoints looked at when we begin */

/* --- who they are ---------------------------------------------------------------- */

static bool
is_same(const struct witness_who *a, const struct witness_who *b)
{
	return (strcmp(a->name, b->name) == 0 &&
	    strcmp(a->key.name, b->key.name) == 0 &&
	    memcmp(a->key.pub, b->key.pub, sizeof(a->key.pub)) == 0);
}

static const struct witness_one *
known(const struct witnesses *w, const struct witness_who *who)
{
	for (size_t i = 0; i < w->n_ones; i++)
		if (is_same(&w->one[i].who, who))
			return (&w->one[i]);
	return (NULL);
}

/* A new one: its folder is there, and holds no letter of before. */
static void
meet(const struct witnesses *w, const struct witness_who *who,
    struct witness_one *one)
{
	memset(one, 0, sizeof(*one));
	one->who = *who;
	if ((size_t)snprintf(one->dir, sizeof(one->dir), "%s/%s", w->folder,
		who->name) >= sizeof(one->dir) ||
	    file_mkdirs(one->dir, 0775) != ERR_OK ||
	    postbox_clear(one->dir, 0) != ERR_OK)
		say(SAY_WITNESS, NULL, "%s: the folder %s cannot be used",
		    who->name, one->dir);
}

/* Which of them signed this one, and which have not signed a newer one? */
static size_t
count_signed(struct witnesses *w, const struct checkpoint *c)
{
	size_t n = 0;
	uint64_t time_s;

	for (size_t i = 0; i < w->n_ones; i++) {
		struct witness_one *one = &w->one[i];

		if (note_check_cosignature(slice_of(c->note, c->len),
			&one->who.key, &time_s) != ERR_OK)
			continue;
		n++;
		if (one->size >= c->size)
			continue;
		one->size = one->old = c->size;
		one->signed_ms = (int64_t)time_s * 1000;
	}
	return (n);
}

/* Go back to the newest checkpoint that enough have signed. */
static MUST_CHECK enum err
scan(struct witnesses *w)
{
	struct checkpoint *c = malloc(sizeof(*c));
	struct txn *t = NULL;
	uint64_t newest = 0, found = 0;
	enum err err = c == NULL ? ERR_NOMEM : store_read(w->store, &t);

	if (err == ERR_OK)
		err = checkpoint_newest(t, c);
	for (size_t i = 0; err == ERR_OK && i < SCAN_MAX; i++) {
		if (newest == 0)
			newest = c->size;
		if (w->n_ones == 0 || count_signed(w, c) >= w->quorum) {
			found = w->n_ones == 0 ? 0 : c->size;
			break;
		}
		if (store_is_stale(t))
			err = store_renew(t);
		if (err == ERR_OK)
			err = checkpoint_before(t, c->size, c);
	}
	store_done(&t);
	free(c);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	witnesses_found(w, found, newest);
	return (ERR_OK);
}

/* The policy may name others than before. */
static MUST_CHECK enum err
take_names(struct witnesses *w)
{
	struct witness_who who[WITNESSES_MAX];
	struct witness_one *new;
	uint64_t generation;
	size_t n;

	bell_lock(&w->bell);
	memcpy(who, w->who, sizeof(who));
	n = w->n_who;
	w->quorum = w->who_quorum;
	generation = w->who_generation;
	bell_unlock(&w->bell);
	if (generation == w->generation)
		return (ERR_OK);
	if ((new = calloc(WITNESSES_MAX, sizeof(*new))) == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++) {
		const struct witness_one *is = known(w, &who[i]);

		if (is != NULL)
			new[i] = *is;
		else
			meet(w, &who[i], &new[i]);
	}
	w->generation = generation;
	memcpy(w->one, new, sizeof(w->one));
	w->n_ones = n;
	w->target.size = 0;
	free(new);
	return (scan(w));
}

/* --- answers --------------------------------------------------------------------- */

/* It said no: once in the log, and after a while once more. */
static void
refused(struct witnesses *w, struct witness_one *one, int status,
    const char *why)
{
	if (one->refused != status)
		say(SAY_WITNESS, NULL, "%s: %d, %s (checkpoint of %" PRIu64
		    " records, it saw %" PRIu64 ")", one->who.name, status,
		    why, one->asked.size, one->old);
	one->refused = status;
	one->not_before = clockwork_mono_ms() + AGAIN_MS;
	bell_lock(&w->bell);
	w->state.refusals++;
	bell_unlock(&w->bell);
}

/* Does ${line} sign the checkpoint that was asked about? */
static bool
is_signature(const struct witness_one *one, struct slice line,
    uint64_t *time_s)
{
	char note[NOTE_MAX];
	size_t len = one->asked.len;

	if (line.len >= sizeof(note) - len)
		return (false);
	memcpy(note, one->asked.note, len);
	memcpy(note + len, line.p, line.len);
	return (note_check_cosignature(slice_of(note, len + line.len),
		    &one->who.key, time_s) == ERR_OK);
}

/* 200: some lines, of which one is the signature of the key we know. */
static void
take_signature(struct witnesses *w, struct witness_one *one,
    struct slice body)
{
	struct slice rest = body, line;
	struct cosigned c = { .size = one->asked.size };
	uint64_t time_s;

	while (lines_next(&rest, &line)) {
		/* With its newline. */
		line = slice_of(line.p, line.len + 1);
		if (line.len >= sizeof(c.line) ||
		    !is_signature(one, line, &time_s))
			continue;
		memcpy(c.line, line.p, line.len);
		c.len = line.len;
		if (!witnesses_give(w, &c))
			return; /* it is asked again */
		one->size = one->old = c.size;
		one->signed_ms = (int64_t)time_s * 1000;
		one->refused = 0;
		one->tries = 0;
		return;
	}
	refused(w, one, 200, "its signature is not right");
}

/* 409: it saw another number of records last than we thought. */
static void
take_size(struct witnesses *w, struct witness_one *one, struct slice body)
{
	struct slice rest = body, line;
	uint64_t has, newest;

	bell_lock(&w->bell);
	newest = w->state.newest;
	bell_unlock(&w->bell);
	if (!lines_next(&rest, &line) || !lines_decimal(line, &has)) {
		refused(w, one, 409, "it does not say what it saw");
		return;
	}
	one->old = has;
	if (has > newest)
		refused(w, one, 409, "it saw more than there is");
	else if (has == one->asked_old || ++one->tries > TRIES_MAX)
		refused(w, one, 409, "it saw another log of that size");
	else if (has > w->target.size)
		w->target_mono = 0; /* go on with the newest */
}

static void
take_answer(struct witnesses *w, struct witness_one *one, int status,
    struct slice body)
{
	if (status == 200)
		take_signature(w, one, body);
	else if (status == 409)
		take_size(w, one, body);
	else
		refused(w, one, status, "it refuses");
}

/* Has the letter that waits an answer, or waited too long? */
static MUST_CHECK enum err
look(struct witnesses *w, struct witness_one *one, uint8_t *buf)
{
	size_t len = 0;
	int status = 0;
	enum err err;

	if (one->id == 0)
		return (ERR_OK);
	err = postbox_answer(one->dir, one->id, &status, buf, &len);
	if (err == ERR_NOT_FOUND &&
	    clockwork_mono_ms() - one->asked_mono < w->patience_ms)
		return (ERR_OK);
	one->id = 0;
	if (err == ERR_OK)
		take_answer(w, one, status, slice_of(buf, len));
	else if (err == ERR_MALFORMED)
		refused(w, one, 200, "its answer cannot be read");
	/* Trouble with the folder is trouble with this witness only. */
	if (postbox_clear(one->dir, 0) != ERR_OK)
		one->not_before = clockwork_mono_ms() + ROUND_MS;
	return (ERR_OK);
}

/* --- asking --------------------------------------------------------------------------- */

static uint64_t
next_id(struct witnesses *w)
{
	uint64_t id = (uint64_t)instant_ms(CLOCK_REALTIME);

	if (id <= w->last_id)
		id = w->last_id + 1;
	w->last_id = id;
	return (id);
}

static MUST_CHECK enum err
read_proof(struct witnesses *w, struct request *r, uint64_t size)
{
	struct tlog_reader tree;
	struct txn *t = NULL;
	enum err err;

	if (r->old == 0 || r->old == size)
		return (ERR_OK);
	err = store_read(w->store, &t);
	if (err == ERR_OK) {
		tree = store_tree(t);
		err = tlog_consistency(r->old, size, &tree, r->proof, &r->n);
	}
	store_done(&t);
	return (err);
}

static MUST_CHECK enum err
ask(struct witnesses *w, struct witness_one *one)
{
	struct request r = { .old = one->old,
		.note = slice_of(w->target.note, w->target.len) };
	char text[REQUEST_MAX];
	size_t len;
	enum err err = read_proof(w, &r, w->target.size);

	if (err == ERR_OK)
		err = request_make(&r, text, &len);
	if (err != ERR_OK)
		return (err);
	one->id = next_id(w);
	one->asked = w->target;
	one->asked_old = one->old;
	one->asked_mono = clockwork_mono_ms();
	if (postbox_ask(one->dir, one->id, slice_of(text, len)) != ERR_OK) {
		one->id = 0;
		refused(w, one, 1, "its folder cannot be written");
	}
	return (ERR_OK);
}

/* --- rounds ---------------------------------------------------------------------------- */

static size_t
n_signed(const struct witnesses *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_ones; i++)
		n += w->one[i].size >= w->target.size;
	return (n);
}

static bool
is_over(const struct witnesses *w, int64_t now)
{
	int64_t age = now - w->target_mono;

	if (w->target.size == 0 || w->target_mono == 0)
		return (true);
	return (age >= w->patience_ms ||
	    (age >= ROUND_MS && n_signed(w) >= w->quorum));
}

/* Everybody signed, or nobody will: on to the newest. */
static MUST_CHECK enum err
begin_round(struct witnesses *w, int64_t now)
{
	struct txn *t = NULL;
	uint64_t before = w->target.size;
	enum err err = store_read(w->store, &t);

	if (err == ERR_OK)
		err = checkpoint_newest(t, &w->target);
	store_done(&t);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	w->target_mono = now;
	if (w->target.size != before)
		witnesses_begin_round(w, w->target.size);
	return (ERR_OK);
}

static void
tell_state(struct witnesses *w)
{
	bell_lock(&w->bell);
	for (size_t i = 0; i < w->n_ones; i++) {
		struct witness_state *s = &w->state.each[i];

		memcpy(s->name, w->one[i].who.name, sizeof(s->name));
		s->size = w->one[i].size;
		s->signed_ms = w->one[i].signed_ms;
		s->refused = w->one[i].refused;
		s->has = w->one[i].old;
	}
	bell_unlock(&w->bell);
}

static int64_t
how_long(struct witnesses *w, bool has_newer, int64_t now)
{
	int64_t wait = has_newer ? LOOK_MS : -1;

	for (size_t i = 0; i < w->n_ones; i++) {
		if (w->one[i].id != 0)
			return (LOOK_MS);
		if (w->one[i].not_before > now && wait < 0)
			wait = 1000;
	}
	return (wait);
}

static bool
may_ask(const struct witnesses *w, const struct witness_one *one, int64_t now)
{
	return (w->target.size != 0 && one->id == 0 &&
	    one->size < w->target.size && one->old <= w->target.size &&
	    now >= one->not_before);
}

enum err
witnesses_ask(struct witnesses *w, int64_t *wait_ms)
{
	static const int64_t forever = -1;
	uint8_t buf[POSTBOX_MAX];
	int64_t now = clockwork_mono_ms();
	uint64_t newest;
	enum err err = take_names(w);

	*wait_ms = forever;
	if (err != ERR_OK || w->n_ones == 0)
		return (err);
	for (size_t i = 0; err == ERR_OK && i < w->n_ones; i++)
		err = look(w, &w->one[i], buf);
	bell_lock(&w->bell);
	newest = w->state.newest;
	bell_unlock(&w->bell);
	if (err == ERR_OK && newest > w->target.size && is_over(w, now))
		err = begin_round(w, now);
	for (size_t i = 0; err == ERR_OK && i < w->n_ones; i++)
		if (may_ask(w, &w->one[i], now))
			err = ask(w, &w->one[i]);
	tell_state(w);
	*wait_ms = how_long(w, newest > w->target.size, now);
	return (err);
}
