/*
 * dispatch -- sign what waits, send what is signed.
 */
#include <string.h>

#include "base/say.h"
#include "sdk/dispatch.h"
#include "sdk/tidings.h"
#include "wire/pb.h"

enum {
	LOOK_MAX = 1024, /* open orders looked at in one turn */
	SIGN_MAX = 16,	  /* signed in one transaction */
	ROOM = 6 << 20,	  /* to be left in the arena for sealing one more */
	RETRY_MS = 5000,
	ANSWER_MS = 10000, /* without an answer so long: send again */
	LOOK_MS = 1000,
};

/* ---- which orders --------------------------------------------------------- */

/* Is an open order about ${id} older than ${ticket}? */
static MUST_CHECK enum err
is_busy(struct spool_txn *txn, const struct refid *id, uint64_t ticket,
    bool *is)
{
	uint64_t oldest;
	enum err err = orders_on(txn, id, &oldest);

	if (err == ERR_OK && oldest < ticket)
		*is = true;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* Does ${o} name a referral that has to be there first? */
static MUST_CHECK enum err
waits_for(struct spool_txn *txn, const struct order *o, bool *is)
{
	const char *const names[] = { o->want.parent, o->want.child,
		o->want.relates };
	struct refid id;
	enum err err = is_busy(txn, &o->referral, o->ticket, is);

	for (size_t i = 0; err == ERR_OK && i < 3; i++)
		if (names[i] != NULL && refid_parse(names[i], &id))
			err = is_busy(txn, &id, o->ticket, is);
	return (err);
}

/* Is it the turn of the order ${ticket}? */
static MUST_CHECK enum err
is_ready(struct steward *s, struct spool_txn *txn, uint64_t ticket, bool *is)
{
	size_t mark = arena_used(s->k->a);
	bool waits = false;
	struct order o;
	enum err err = orders_get(txn, s->k->a, ticket, &o);

	if (err == ERR_OK)
		err = waits_for(txn, &o, &waits);
	if (err == ERR_OK)
		*is = o.status == KETEN_WAITING && !waits &&
		    o.retry_ms <= handle_now();
	arena_rewind(s->k->a, mark);
	return (err);
}

/* Collect the tickets of the orders whose turn it is. */
static MUST_CHECK enum err
collect(struct steward *s, uint64_t *tickets, size_t *n)
{
	struct spool_txn *txn = NULL;
	uint64_t ticket = 0;
	enum err err;

	*n = 0;
	if ((err = spool_begin(s->k->spool, false, &txn)) != ERR_OK)
		return (err);
	for (size_t looked = 0; err == ERR_OK && looked < LOOK_MAX &&
	     *n < SIGN_MAX; looked++) {
		bool ready = false;

		err = orders_next(txn, &ticket);
		if (err == ERR_OK)
			err = is_ready(s, txn, ticket, &ready);
		if (ready)
			tickets[(*n)++] = ticket;
	}
	spool_abort(&txn);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* ---- signing -------------------------------------------------------------- */

/* Write what became of ${o} without a number. */
static MUST_CHECK enum err
write_order(struct keten *k, struct order *o)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = orders_put(txn, o);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

/* Orders that only need a number. */
struct ready {
	size_t n;
	struct order *order[SIGN_MAX];
	struct draft *draft[SIGN_MAX];
};

static MUST_CHECK enum err
sign_one(struct keten *k, struct spool_txn *txn, struct order *o,
    struct draft *d)
{
	size_t mark = arena_used(k->a);
	struct order now;
	enum err err = orders_get(txn, k->a, o->ticket, &now);

	/* Somebody may have taken it back meanwhile. */
	if (err == ERR_OK && now.status == KETEN_WAITING)
		err = scribe_sign(k, txn, k->a, d, &o->number);
	arena_rewind(k->a, mark);
	if (err != ERR_OK || now.status != KETEN_WAITING)
		return (err);
	o->status = KETEN_SENT;
	o->code = ERR_OK;
	o->rule = o->text = o->todo = NULL;
	return (orders_put(txn, o));
}

/* One wait for the disk, however many there are. */
static MUST_CHECK enum err
sign_ready(struct keten *k, const struct ready *r)
{
	struct spool_txn *txn = NULL;
	enum err err = ERR_OK;

	if (r->n == 0)
		return (ERR_OK);
	err = spool_begin(k->spool, true, &txn);
	for (size_t i = 0; err == ERR_OK && i < r->n; i++)
		err = sign_one(k, txn, r->order[i], r->draft[i]);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

/* The order cannot go out as it is. */
static MUST_CHECK enum err
fail(struct steward *s, struct order *o, enum err err, const char *rule)
{
	struct say_ctx ctx = { .referral = &o->referral };

	if (err == ERR_DIGEST) {
		tidings_alarm(s->k, &o->referral, rule);
		orders_no(o, KETEN_FAILED, ERR_NOT_ALLOWED, rule);
		o->text = "Wat de makelaar antwoordt past niet bij het "
			  "ondertekende beleid; er is niets verstuurd.";
		o->todo = "Bel beheer en dien daarna opnieuw in.";
	} else {
		orders_no(o, KETEN_FAILED, err, rule);
	}
	say(SAY_REFUSED, &ctx, "%s: %s", err_name(err),
	    rule == NULL ? "" : rule);
	return (write_order(s->k, o));
}

/* Some things pass by themselves. */
static bool
may_pass(enum err err)
{
	return (err == ERR_BUSY || err == ERR_TOO_FAST);
}

/* Make the draft of an order and put both into ${r}, or fail the order. */
static MUST_CHECK enum err
prepare(struct steward *s, uint64_t ticket, struct ready *r, bool *did)
{
	struct draft *d = arena_zero(s->k->a, 1, sizeof(*d));
	struct order *o = arena_zero(s->k->a, 1, sizeof(*o));
	const char *rule = NULL;
	enum err err;

	if (d == NULL || o == NULL)
		return (ERR_NOMEM);
	if ((err = orders_read(s->k->spool, s->k->a, ticket, o)) != ERR_OK ||
	    o->status != KETEN_WAITING)
		return (err);
	err = dispatch_draft(s, o, d, &rule);
	if (err == ERR_TIMEOUT || err == ERR_STORE)
		return (err);
	*did = true;
	if (err == ERR_OK) {
		r->order[r->n] = o;
		r->draft[r->n++] = d;
		return (ERR_OK);
	}
	if (may_pass(err)) {
		o->retry_ms = handle_now() + RETRY_MS;
		return (write_order(s->k, o));
	}
	return (fail(s, o, err, rule));
}

/* No new numbers: say so at every order that waits. */
static MUST_CHECK enum err
show_stuck(struct steward *s, uint64_t ticket)
{
	struct order o;
	enum err err = orders_read(s->k->spool, s->k->a, ticket, &o);

	if (err != ERR_OK || o.status != KETEN_WAITING ||
	    o.code == ERR_NUMBER_REUSED)
		return (err);
	orders_no(&o, KETEN_WAITING, ERR_NUMBER_REUSED,
	    "de opslag loopt achter op de makelaar");
	return (write_order(s->k, &o));
}

/* Prepare as many as fit into the arena, then sign them together. */
static MUST_CHECK enum err
sign_some(struct steward *s, const uint64_t *tickets, size_t n, bool *did)
{
	struct ready r = { 0 };
	size_t all = arena_used(s->k->a);
	enum err err = ERR_OK, signed_err;

	for (size_t i = 0; err == ERR_OK && i < n &&
	     (i == 0 || arena_left(s->k->a) > ROOM); i++) {
		size_t mark = arena_used(s->k->a), before = r.n;

		err = s->is_stuck ? show_stuck(s, tickets[i])
				  : prepare(s, tickets[i], &r, did);
		if (r.n == before)
			arena_rewind(s->k->a, mark);
	}
	signed_err = sign_ready(s->k, &r);
	arena_rewind(s->k->a, all);
	return (err != ERR_OK ? err : signed_err);
}

static MUST_CHECK enum err
sign_all(struct steward *s, bool *did)
{
	uint64_t tickets[SIGN_MAX], stamp = spool_stamp(s->k->spool);
	bool some = false;
	size_t n;
	enum err err;

	/* Nobody wrote anything: nothing new to sign. */
	if (stamp == s->seen_stamp && handle_mono() < s->look_mono)
		return (ERR_OK);
	if ((err = collect(s, tickets, &n)) != ERR_OK ||
	    (err = sign_some(s, tickets, n, &some)) != ERR_OK)
		return (err);
	if (some) {
		*did = true;
	} else {
		s->seen_stamp = stamp;
		s->look_mono = handle_mono() + LOOK_MS;
	}
	return (ERR_OK);
}

/* ---- sending -------------------------------------------------------------- */

static MUST_CHECK enum err
send_one(struct steward *s, const struct outgoing *out)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Submit submit = KETEN__V1__SUBMIT__INIT;

	submit.envelope = pb_data(out->envelope);
	msg.body_case = KETEN__V1__TO_BROKER__BODY_SUBMIT;
	msg.submit = &submit;
	return (steward_send(s, &msg, out->content));
}

/* Read the row at the cursor; ERR_NOT_FOUND: everything was sent. */
static MUST_CHECK enum err
read_next(struct steward *s, struct outgoing *out)
{
	struct spool_txn *txn = NULL;
	uint64_t number = s->cursor, first = 0;
	enum err err = spool_begin(s->k->spool, false, &txn);

	if (err == ERR_OK && (err = scribe_next(txn, &first)) == ERR_OK)
		s->first_out = first;
	else if (err == ERR_NOT_FOUND)
		s->first_out = s->cursor;
	if (err == ERR_OK && (err = scribe_next(txn, &number)) == ERR_OK)
		err = scribe_out(txn, s->k->a, number, out);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
send_all(struct steward *s, bool *did)
{
	uint64_t window = s->is_careful ? 1 : s->window;
	int64_t now = handle_mono();
	enum err err = ERR_OK;

	if (now < s->hold_mono)
		return (ERR_OK);
	/* Receipts can be lost; the same bytes get the same answer. */
	if (s->answer_mono != 0 && now >= s->answer_mono) {
		s->cursor = s->first_out;
		s->answer_mono = 0;
	}
	while (err == ERR_OK && s->state == STEWARD_UP) {
		size_t mark = arena_used(s->k->a);
		struct outgoing out;

		err = read_next(s, &out);
		if (err == ERR_OK && out.number >= s->first_out + window) {
			arena_rewind(s->k->a, mark);
			break;
		}
		if (err == ERR_OK && (err = send_one(s, &out)) == ERR_OK) {
			s->cursor = out.number + 1;
			if (out.number >= s->unused_from)
				s->unused_from = s->cursor;
			s->answer_mono = now + ANSWER_MS;
			*did = true;
		}
		arena_rewind(s->k->a, mark);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
dispatch_turn(struct steward *s, bool *did)
{
	bool more = false;
	enum err err = sign_all(s, did);

	if (err != ERR_OK || s->state != STEWARD_UP)
		return (err);
	err = send_all(s, &more);
	*did = *did || more;
	return (err);
}
