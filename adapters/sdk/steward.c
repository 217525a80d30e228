/*
 * steward -- connecting, greeting, and the turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "sdk/ckpt.h"
#include "sdk/desk_asks.h"
#include "sdk/dispatch.h"
#include "sdk/intake.h"
#include "sdk/keywatch.h"
#include "sdk/resync.h"
#include "sdk/purge.h"
#include "sdk/rewrapper.h"
#include "sdk/steward.h"
#include "sdk/steward_in.h"
#include "wire/pb.h"
#include "wire/zkeys.h"

enum {
	OPEN_MS = 5000,	   /* for the keys to be agreed */
	WELCOME_MS = 10000,
	PING_MS = 15000,   /* of silence */
	DEAD_MS = 45000,
	STRANGER_MS = 3000,
	SLICE_MS = 500,	   /* look at the clock at least so often */
};

/* ---- life ----------------------------------------------------------------- */

struct steward *
steward_of(struct keten *k)
{
	struct steward *s;

	if (k->steward != NULL)
		return (k->steward);
	if (!spool_lead(k->spool))
		return (NULL);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->k = k;
	s->last = &s->first;
	s->epoll_fd = -1;
	s->zmq = zmq_ctx_new();
	if (s->zmq == NULL || zkeys_seed() != ERR_OK) {
		steward_free(s);
		return (NULL);
	}
	(void)snprintf(s->why, sizeof(s->why), "Er wordt verbinding gezocht.");
	keywatch_choose(k);
	k->steward = s;
	return (s);
}

void
steward_free(struct steward *s)
{
	if (s == NULL)
		return;
	steward_drop_held(s);
	line_close(s->line);
	if (s->zmq != NULL)
		(void)zmq_ctx_term(s->zmq);
	if (s->epoll_fd >= 0)
		(void)close(s->epoll_fd);
	free(s->checkpoint);
	free(s);
}

/* ---- connecting ----------------------------------------------------------- */

static MUST_CHECK enum err
dial(struct steward *s)
{
	enum err err;

	/* Somebody may have made new keys meanwhile. */
	(void)keybox_look_again(&s->k->dev.box);
	device_use(&s->k->dev);
	err = line_open(s->zmq, &s->k->dev, &s->line);
	if (err != ERR_OK) {
		steward_hang_up(s, 0,
		    "Het adres %s is niet te gebruiken. Kijk in de "
		    "instellingen bij endpoint.", s->k->dev.endpoint);
		return (ERR_OK);
	}
	s->state = STEWARD_TRYING;
	s->due_mono = handle_mono() + OPEN_MS;
	return (ERR_OK);
}

/* What to say of a line that is gone; false: it is not gone. */
static bool
is_gone(struct steward *s, enum line_state state)
{
	if (state == LINE_STRANGER) {
		/* Perhaps it knows another key of ours by now, or still. */
		bool others = keybox_next_curve(&s->k->dev.box) &&
		    ++s->strange % s->k->dev.box.n_curve != 0;

		steward_hang_up(s, others ? 1 : STRANGER_MS,
		    "De makelaar kent deze sleutel niet, of broker_key is niet "
		    "de zijne. Vraag beheer of dit apparaat is aangemeld.");
		return (true);
	}
	if (state != LINE_NOBODY)
		return (false);
	steward_hang_up(s, 0, s->state == STEWARD_UP
		? "De verbinding viel weg; er wordt opnieuw verbonden."
		: "De makelaar is niet te bereiken; het wordt opnieuw "
		  "geprobeerd. Er is niets verloren.");
	return (true);
}

/* Move the connection on; true if something happened. */
static MUST_CHECK enum err
connect_step(struct steward *s, bool *did)
{
	int64_t now = handle_mono();
	enum line_state state;

	if (s->state == STEWARD_OFF) {
		if (now < s->due_mono)
			return (ERR_OK);
		*did = true;
		return (dial(s));
	}
	state = line_state(s->line);
	if (is_gone(s, state)) {
		*did = true;
		return (ERR_OK);
	}
	if (s->state == STEWARD_TRYING && state == LINE_OPEN) {
		*did = true;
		s->state = STEWARD_GREETING;
		s->due_mono = now + WELCOME_MS;
		return (steward_hello(s));
	}
	if (s->state != STEWARD_UP && now >= s->due_mono) {
		*did = true;
		steward_hang_up(s, 0,
		    "De makelaar antwoordt niet; het wordt opnieuw "
		    "geprobeerd. Er is niets verloren.");
	}
	return (ERR_OK);
}

/* Is anybody still there? */
static MUST_CHECK enum err
keep_alive(struct steward *s)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Ping ping = KETEN__V1__PING__INIT;
	int64_t now = handle_mono();

	if (now - s->heard_mono > DEAD_MS) {
		steward_hang_up(s, 0,
		    "De makelaar zwijgt; er wordt opnieuw verbonden.");
		return (ERR_OK);
	}
	if (now - s->heard_mono < PING_MS || now - s->ping_mono < PING_MS)
		return (ERR_OK);
	s->ping_mono = now;
	ping.n = (uint64_t)now;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_PING;
	msg.ping = &ping;
	return (steward_send(s, &msg, slice_of(NULL, 0)));
}

/* ---- the turn ------------------------------------------------------------- */

/* The work of a connection that is up, in this order. */
static enum err (*const work[])(struct steward *, bool *) = {
	intake_turn,
	rewrapper_turn,
	ckpt_turn,
	desk_asks_turn,
	resync_turn,
	purge_turn,
	dispatch_turn,
	steward_acknowledge,
};

static MUST_CHECK enum err
do_work(struct steward *s, bool *did)
{
	enum err err = steward_policy(s);

	if (err == ERR_OK && s->state == STEWARD_UP)
		err = keywatch_turn(s);
	if (err == ERR_TIMEOUT)
		return (ERR_OK);
	for (size_t i = 0; i < sizeof(work) / sizeof(work[0]); i++) {
		if (err != ERR_OK || s->state != STEWARD_UP)
			break;
		err = work[i](s, did);
		/* A question without an answer: the line is being looked at. */
		if (err == ERR_TIMEOUT)
			err = ERR_OK;
	}
	if (err == ERR_OK && s->state == STEWARD_UP)
		err = keep_alive(s);
	return (err);
}

/* How long may we sleep before the clock has work for us? */
static int
may_sleep(const struct steward *s, int timeout_ms)
{
	int64_t now = handle_mono(), until = now + SLICE_MS;

	if (s->state != STEWARD_UP && s->due_mono < until)
		until = s->due_mono;
	if (s->state == STEWARD_UP && s->ack_mono != 0 && s->ack_mono < until)
		until = s->ack_mono;
	if (s->state == STEWARD_UP && s->hold_mono > now &&
	    s->hold_mono < until)
		until = s->hold_mono;
	if (until < now)
		return (0);
	return (until - now < timeout_ms ? (int)(until - now) : timeout_ms);
}

static MUST_CHECK enum err
once(struct steward *s, bool *did)
{
	enum err err = connect_step(s, did);

	if (err == ERR_OK && s->line != NULL)
		err = steward_pump(s, did);
	if (err == ERR_OK && s->state == STEWARD_UP)
		err = do_work(s, did);
	return (err);
}

enum err
steward_turn(struct steward *s, int timeout_ms)
{
	int64_t end = handle_mono() + timeout_ms;
	enum err err;

	for (;;) {
		int64_t left;
		bool did = false;

		spool_wake_clear(s->k->spool);
		err = once(s, &did);
		left = end - handle_mono();
		if (err != ERR_OK || did || left <= 0)
			break;
		line_wait(s->line, spool_wake_fd(s->k->spool),
		    may_sleep(s, (int)left));
	}
	/* What is left over must wake whoever waits on our descriptor. */
	if (s->n_held > 0)
		spool_wake(s->k->spool);
	return (err);
}
