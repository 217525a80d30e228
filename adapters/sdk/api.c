/*
 * api -- opening, closing, the connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sdk/handle.h"
#include "sdk/rows.h"
#include "sdk/scribe.h"
#include "sdk/steward.h"
#include "trust/digest.h"

enum { NAP_MS = 20 };

/* Why keten_open() failed in this thread. */
static _Thread_local char open_why[HANDLE_WHY];

/* ---- opening -------------------------------------------------------------- */

/* A new spool gets its lane. */
static MUST_CHECK enum err
make_lane(struct keten *k)
{
	struct spool_txn *txn = NULL;
	struct slice lane;
	uint8_t fresh[8];
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = spool_meta_get(txn, "lane", k->a, &lane);
	if (err == ERR_NOT_FOUND) {
		if ((err = digest_random(fresh, sizeof(fresh))) == ERR_OK)
			err = spool_meta_put(txn, "lane", slice_of(fresh, 8));
		if (err == ERR_OK)
			err = spool_commit(&txn);
	}
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
set_up(struct keten *k)
{
	enum err err;

	k->a = arena_new(HANDLE_ARENA);
	k->certs = certs_new(k->dev.origin);
	if (k->a == NULL || k->certs == NULL)
		return (ERR_NOMEM);
	err = spool_open(k->dev.spool, k->dev.spool_size,
	    k->dev.spool_key->b, &k->spool);
	if (err == ERR_OK)
		err = make_lane(k);
	if (err == ERR_OK)
		err = handle_refresh(k);
	return (err);
}

int
keten_open(const char *config, struct keten **out)
{
	struct keten *k = calloc(1, sizeof(*k));
	enum err err;
	int code;

	*out = NULL;
	if (k == NULL) {
		(void)snprintf(open_why, sizeof(open_why),
		    "Er is geen geheugen meer.");
		return (KETEN_ENOMEM);
	}
	if (device_read(config, &k->dev, open_why) != ERR_OK) {
		free(k);
		return (KETEN_ECONFIG);
	}
	if ((err = set_up(k)) == ERR_OK) {
		*out = k;
		return (0);
	}
	code = handle_err(k, err);
	memcpy(open_why, k->why, sizeof(open_why));
	keten_close(k);
	return (code);
}

void
keten_close(struct keten *k)
{
	if (k == NULL)
		return;
	steward_free(k->steward);
	spool_close(k->spool);
	certs_free(k->certs);
	policy_free(k->policy);
	arena_free(k->a);
	device_fini(&k->dev);
	free(k->text);
	digest_wipe(k->why, sizeof(k->why));
	free(k);
}

const char *
keten_error(const struct keten *k)
{
	return (k == NULL ? open_why : k->why);
}

/* ---- running -------------------------------------------------------------- */

/* Another process has the connection: wait until it changed something. */
static void
watch(struct keten *k, int timeout_ms)
{
	int64_t end = handle_mono() + timeout_ms;
	uint64_t stamp = spool_stamp(k->spool);

	while (handle_mono() < end && spool_stamp(k->spool) == stamp) {
		struct timespec t = { .tv_nsec = NAP_MS * 1000000L };

		(void)nanosleep(&t, NULL); /* waking early is fine */
	}
}

int
keten_run(struct keten *k, int timeout_ms)
{
	struct steward *s = steward_of(k);
	enum err err;

	if (s == NULL) {
		watch(k, timeout_ms);
		err = handle_refresh(k);
	} else {
		err = steward_turn(s, timeout_ms);
	}
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

int
keten_fd(struct keten *k)
{
	struct steward *s = steward_of(k);

	return (s == NULL ? -1 : steward_fd(s));
}

/* ---- how it stands -------------------------------------------------------- */

/* What the process with the connection last wrote about it. */
static MUST_CHECK enum err
read_line(struct keten *k, struct spool_txn *txn, struct keten_connection *c)
{
	struct row_reader row;
	struct slice v;
	enum err err = spool_meta_get(txn, "line", k->a, &v);

	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	row = row_read(v);
	c->connected = row_get_u32(&row) != 0;
	c->since_ms = (int64_t)row_get_u64(&row);
	row_get_chars(&row, c->why, sizeof(c->why));
	return (row.bad ? ERR_CORRUPT : ERR_OK);
}

static MUST_CHECK enum err
read_counts(struct keten *k, struct spool_txn *txn,
    struct keten_connection *c)
{
	struct slice seen;
	enum err err;

	c->waiting = spool_count(txn, SPOOL_OPEN);
	if ((err = spool_meta_u64(txn, "last-seq", &c->last_seq)) != ERR_OK)
		return (err);
	err = spool_meta_get(txn, "seen", k->a, &seen);
	if (err == ERR_OK && seen.len == 40) {
		c->log_size = be64_get(seen.p);
		memcpy(c->log_root, seen.p + 8, 32);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
read_connection(struct keten *k, struct keten_connection *c)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK)
		err = read_counts(k, txn, c);
	if (err == ERR_OK && k->steward == NULL)
		err = read_line(k, txn, c);
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	return (err);
}

static void
own_line(const struct steward *s, struct keten_connection *c)
{
	c->here = true;
	c->connected = s->state == STEWARD_UP;
	c->since_ms = c->connected ? s->up_since_ms : 0;
	(void)snprintf(c->why, sizeof(c->why), "%s", s->why);
	if (s->is_stuck)
		(void)snprintf(c->why, sizeof(c->why), "%s",
		    "De opslag is teruggezet: nummers zijn al gebruikt. Kijk "
		    "welke opdrachten al in de keten staan en draai dan keten "
		    "sync --new-lane.");
}

int
keten_connected(struct keten *k, struct keten_connection *c)
{
	enum err err;

	memset(c, 0, sizeof(*c));
	memcpy(c->partner, k->dev.partner.id, sizeof(c->partner));
	memcpy(c->device, k->dev.name.id, sizeof(c->device));
	(void)snprintf(c->origin, sizeof(c->origin), "%.*s",
	    (int)sizeof(c->origin) - 1, k->dev.origin);
	if ((err = read_connection(k, c)) != ERR_OK)
		return (handle_err(k, err));
	if (k->policy != NULL)
		c->policy_index = policy_index(k->policy);
	if (k->steward != NULL) {
		own_line(k->steward, c);
	} else if (!spool_has_leader(k->spool)) {
		c->connected = false;
		c->since_ms = 0;
		(void)snprintf(c->why, sizeof(c->why),
		    "Er draait nog geen programma dat de verbinding houdt.");
	}
	return (0);
}

/* ---- a spool that was put back -------------------------------------------- */

/* Orders that were sent and never answered: nobody here can know. */
static MUST_CHECK enum err
give_up_sent(struct keten *k, struct spool_txn *txn)
{
	uint64_t ticket = 0;
	enum err err;

	while ((err = orders_next(txn, &ticket)) == ERR_OK) {
		size_t mark = arena_used(k->a);
		struct order o;

		err = orders_get(txn, k->a, ticket, &o);
		if (err == ERR_OK && o.status == KETEN_SENT) {
			orders_no(&o, KETEN_FAILED, ERR_NUMBER_REUSED, NULL);
			o.text = "Verstuurd voordat de opslag werd "
				 "teruggezet; het antwoord is er niet meer.";
			o.todo = "Kijk eerst of deze stap al in de keten "
				 "staat; zo niet, dien opnieuw in.";
			err = orders_put(txn, &o);
		} else if (err == ERR_OK && o.code == ERR_NUMBER_REUSED) {
			o.code = ERR_OK;
			o.rule = o.text = o.todo = NULL;
			err = orders_put(txn, &o);
		}
		arena_rewind(k->a, mark);
		if (err != ERR_OK)
			return (err);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
empty_out(struct spool_txn *txn)
{
	struct spool_key key = { 0 };
	enum err err;

	while ((err = spool_after(txn, SPOOL_OUT, &key)) == ERR_OK)
		if ((err = spool_del(txn, SPOOL_OUT, key)) != ERR_OK)
			return (err);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
renew(struct keten *k)
{
	struct spool_txn *txn = NULL;
	uint8_t lane[8];
	enum err err = digest_random(lane, sizeof(lane));

	if (err == ERR_OK)
		err = spool_begin(k->spool, true, &txn);
	if (err == ERR_OK &&
	    (err = spool_meta_put(txn, "lane", slice_of(lane, 8))) == ERR_OK &&
	    (err = spool_meta_set_u64(txn, "next", 1)) == ERR_OK &&
	    (err = spool_meta_set_u64(txn, "last-seq", 0)) == ERR_OK &&
	    (err = spool_meta_set_u64(txn, "sync", 1)) == ERR_OK &&
	    (err = give_up_sent(k, txn)) == ERR_OK &&
	    (err = empty_out(txn)) == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

int
keten_renew(struct keten *k)
{
	enum err err;

	/* Whoever has the connection knows the old lane by heart. */
	if (steward_of(k) == NULL)
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Een ander programma heeft de verbinding. Stop dat eerst, "
		    "en probeer het dan opnieuw."));
	steward_hang_up(k->steward, 0, "De opslag wordt opnieuw ingericht.");
	k->steward->is_stuck = false;
	err = renew(k);
	return (err == ERR_OK ? 0 : handle_err(k, err));
}
