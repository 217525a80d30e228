/*
 * deliver -- after the commit: receipts, refusals, answers, and the outbox.
 */
#include <string.h>

#include "base/say.h"
#include "core/checkpoint.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/certify.h"
#include "ketend/deliver.h"
#include "ketend/outbox.h"
#include "ketend/query.h"
#include "ketend/reply.h"
#include "ketend/reports.h"
#include "wire/pb.h"

/* Mailboxes served in one turn: the others come in the next. */
#define SERVED_MAX 256

static struct slice
lane_of(const struct message *m)
{
	return (m->st == NULL ? slice_of(NULL, 0) : pb_slice(m->st->lane));
}

/* Whatever goes wrong with sending is the receiver's affair. */
static void
sent(enum err err)
{
	(void)err;
}

/* --- outcomes -------------------------------------------------------------------- */

/* The number that is free now; 0 if there was no statement to be read. */
static uint64_t
expected(struct broker *b, const struct message *m)
{
	uint64_t last = 0;

	if (m->st == NULL)
		return (0);
	/* If it cannot be read, the next message will show that. */
	if (view_lane(b->turn->txn, &m->session->partner, m->st->lane.data,
	    &last) != ERR_OK)
		return (m->expected);
	return (last + 1);
}

static void
answer_refused(struct broker *b, struct message *m, enum err why,
    const char *rule)
{
	struct say_ctx ctx = { .partner = &m->session->partner,
		.number = m->st == NULL ? 0 : m->st->number };
	struct reply_no no = { .lane = lane_of(m), .number = ctx.number,
		.err = why, .rule = rule, .expected = expected(b, m) };

	if (m->to != NULL &&
	    m->to->body_case == KETEN__V1__TO_BROKER__BODY_QUERY)
		no.query_id = m->to->query->id;
	say(why == ERR_TOO_FAST ? SAY_TOO_FAST : why == ERR_BUSY ? SAY_BUSY :
	    SAY_REFUSED, &ctx, "%s: %s", err_name(why),
	    rule == NULL ? "" : rule);
	/* Those that ask for patience would use up the day's budget by being
	 * given. */
	if (why != ERR_GAP && why != ERR_BUSY && why != ERR_TOO_FAST)
		limits_refused(b->limits, &m->session->partner,
		    b->turn->mono_ms);
	sent(reply_refusal(b, m->session, &no));
}

static void
answer_made(struct broker *b, struct message *m)
{
	const struct made *made = &b->turn->made[m->made - 1];
	struct say_ctx ctx = { .partner = &m->session->partner,
		.seq = made->out.index, .number = m->st->number };
	struct reply_no no = { .lane = lane_of(m), .number = m->st->number,
		.err = made->err, .rule = made->rule,
		.current_version = made->current_version, .call = made->call,
		.record = &made->out, .sees_route = made->sees_route };

	inhand_forget(b->inhand, ctx.partner, m->st->lane.data,
	    m->st->number);
	if (made->err == ERR_OK) {
		say(SAY_ACCEPTED, &ctx, "record %llu",
		    (unsigned long long)made->out.index);
		sent(reply_receipt(b, m->session, lane_of(m), m->st->number,
		    &made->out, made->sees_route, false));
		return;
	}
	say(SAY_REFUSED, &ctx, "%s: %s", err_name(made->err), made->rule);
	limits_refused(b->limits, ctx.partner, b->turn->mono_ms);
	sent(reply_refusal(b, m->session, &no));
}

/* Might the sender see the route facts of this record of its own? */
static bool
may_see(struct broker *b, const struct session *s, const struct record *rec,
    const Keten__V1__Facts *f)
{
	const Keten__V1__After *a =
	    f->change == NULL ? NULL : f->change->after;
	struct referral r;

	if (a != NULL)
		return (strcmp(a->originator, s->partner.id) == 0 ||
		    strcmp(a->holder, s->partner.id) == 0 ||
		    strcmp(a->regisseur, s->partner.id) == 0);
	if (!rec->has_owner ||
	    view_referral(b->turn->txn, &rec->owner, &r) != ERR_OK)
		return (true);
	return (org_eq(&r.b, &s->partner) || org_eq(&r.h, &s->partner) ||
	    org_eq(&r.r, &s->partner));
}

/* The same number again: the same outcome again. */
static enum err
answer_repeat(struct broker *b, struct message *m)
{
	struct reply_no no = { .lane = lane_of(m), .number = m->st->number,
		.repeat = true };
	Keten__V1__Facts *f = NULL;
	struct record_out out;
	struct record rec;
	enum err err;

	b->metrics.repeats++;
	err = record_read(b->turn->txn, m->repeat_index, b->turn->pack, &rec);
	if (err == ERR_CONTENT_GONE) {
		no.err = ERR_CONTENT_GONE;
		sent(reply_refusal(b, m->session, &no));
		return (ERR_OK);
	}
	if (err != ERR_OK ||
	    (err = record_facts(&rec, b->turn->pack, &f, NULL)) != ERR_OK)
		return (err);
	reply_record_of(&rec, &out);
	no.sees_route = may_see(b, m->session, &rec, f);
	if (f->refused == NULL) {
		sent(reply_receipt(b, m->session, lane_of(m), m->st->number,
		    &out, no.sees_route, true));
		return (ERR_OK);
	}
	no.err = (enum err)f->refused->code;
	no.rule = f->refused->rule;
	no.current_version = f->refused->current_version;
	no.call = f->refused->call;
	no.record = &out;
	sent(reply_refusal(b, m->session, &no));
	return (ERR_OK);
}

/* --- the rest of a session -------------------------------------------------------- */

static enum err
welcome(struct broker *b, struct message *m)
{
	const Keten__V1__Hello *h = m->to->hello;
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Welcome w = KETEN__V1__WELCOME__INIT;
	struct session *s = m->session;
	struct txn *txn = b->turn->txn;
	struct checkpoint cp;
	struct view_mailbox mb;
	enum err err;

	cp.note[0] = '\0';
	err = checkpoint_newest(txn, &cp);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	if ((err = view_mailbox(txn, &s->partner, s->mailbox.id, &mb)) !=
	    ERR_OK || (err = view_lane(txn, &s->partner, s->lane,
	    &w.last_number)) != ERR_OK)
		return (err);
	msg.body_case = KETEN__V1__FROM_BROKER__BODY_WELCOME;
	msg.welcome = &w;
	w.origin = pb_string(b->set->origin);
	w.time_ms = b->turn->now_ms;
	w.window = b->set->window;
	w.max_header = (uint32_t)FRAME_HEADER_MAX;
	w.max_content = (uint32_t)FRAME_CONTENT_MAX;
	w.policy_index = policy_index(b->policy);
	w.checkpoint = pb_string(cp.note);
	w.last_delivery = mb.last;
	w.keys_index = keyring_next(b->keys);
	s->credit = h->credit;
	s->wants_notices = h->notices;
	s->sent = h->last_delivery > mb.acked ? h->last_delivery : mb.acked;
	s->last = mb.last;
	if (reply_send(b, s, &msg, slice_of(NULL, 0)) != ERR_OK)
		return (ERR_OK);
	sessions_ready(b->sessions, s);
	rewraps_connected(b->rewraps, &s->partner);
	return (ERR_OK);
}

static void
credit(struct broker *b, struct message *m)
{
	m->session->credit += m->to->credit->n;
	/* More than this is nobody's intention. */
	if (m->session->credit > UINT32_MAX)
		m->session->credit = UINT32_MAX;
	sessions_ready(b->sessions, m->session);
}

static enum err
answer_rest(struct broker *b, struct message *m)
{
	switch (m->to->body_case) {
	case KETEN__V1__TO_BROKER__BODY_HELLO:
		return (welcome(b, m));
	case KETEN__V1__TO_BROKER__BODY_CREDIT:
		credit(b, m);
		return (ERR_OK);
	case KETEN__V1__TO_BROKER__BODY_QUERY:
		return (query_answer(b, m->session, m->to->query));
	case KETEN__V1__TO_BROKER__BODY_PING:
		sent(reply_pong(b, m->session, m->to->ping->n));
		return (ERR_OK);
	case KETEN__V1__TO_BROKER__BODY_BYE:
		wire_end(b, m->session, SESSION_DONE);
		return (ERR_OK);
	case KETEN__V1__TO_BROKER__BODY_PONG:
	case KETEN__V1__TO_BROKER__BODY_SUBMIT:
	case KETEN__V1__TO_BROKER__BODY_ACK:
	case KETEN__V1__TO_BROKER__BODY__NOT_SET:
	case _KETEN__V1__TO_BROKER__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return (ERR_OK);
}

static enum err
answer(struct broker *b, struct message *m)
{
	if (m->err != ERR_OK) {
		answer_refused(b, m, m->err, m->rule);
		if (!m->is_known && m->session != NULL)
			wire_end(b, m->session, wire_why(b, m->session));
		return (ERR_OK);
	}
	if (m->late != ERR_OK) {
		answer_refused(b, m, m->late, m->late_rule);
		return (ERR_OK);
	}
	if (m->is_repeat)
		return (answer_repeat(b, m));
	if (certify_is(m))
		return (certify_answer(b, m));
	if (m->report != NULL) {
		reports_answer(b, m);
		return (ERR_OK);
	}
	if (m->made != 0) {
		answer_made(b, m);
		return (ERR_OK);
	}
	return (answer_rest(b, m));
}

/* --- the outbox --------------------------------------------------------------------- */

/* Look up, for everybody there is, what waits. */
static enum err
tell_everybody(struct broker *b)
{
	struct session *s;
	size_t at = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK &&
	    (s = sessions_next(b->sessions, &at)) != NULL) {
		struct view_mailbox mb;

		if (sessions_consumer(b->sessions, &s->partner, s->mailbox.id) !=
		    s)
			continue;
		err = view_mailbox(b->turn->txn, &s->partner, s->mailbox.id,
		    &mb);
		if (err != ERR_OK || mb.last <= s->last)
			continue;
		s->last = mb.last;
		sessions_ready(b->sessions, s);
	}
	return (err);
}

static enum err
tell_sessions(struct broker *b)
{
	const struct turn *t = b->turn;

	for (size_t i = 0; i < t->n_marks; i++) {
		struct session *s = sessions_consumer(b->sessions,
		    &t->mark[i].partner, t->mark[i].mailbox.id);

		if (s == NULL || t->mark[i].seq <= s->last)
			continue;
		s->last = t->mark[i].seq;
		sessions_ready(b->sessions, s);
	}
	return (t->all_told ? tell_everybody(b) : ERR_OK);
}

static enum err
serve_mailboxes(struct broker *b)
{
	struct session *s;
	enum err err = ERR_OK;

	for (int i = 0; err == ERR_OK && i < SERVED_MAX; i++) {
		if ((s = sessions_take_ready(b->sessions)) == NULL)
			break;
		err = outbox_serve(b, s);
	}
	return (err);
}

/* --- keys and policy --------------------------------------------------------------- */

static void
notice(struct broker *b, struct session *s)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Notice n = KETEN__V1__NOTICE__INIT;

	n.policy_index = policy_index(b->policy);
	n.keys_index = keyring_next(b->keys);
	msg.body_case = KETEN__V1__FROM_BROKER__BODY_NOTICE;
	msg.notice = &n;
	sent(reply_send(b, s, &msg, slice_of(NULL, 0)));
}

/* Keys or policy changed in this turn: end the sessions that are not welcome
 * any more, and tell the others. */
static void
after_keys(struct broker *b)
{
	struct turn *t = b->turn;
	struct session *s;
	size_t at = 0;

	wire_check(b);
	while ((s = sessions_next(b->sessions, &at)) != NULL)
		if (s->is_open && s->wants_notices)
			notice(b, s);
	/* What it may have and its new key does not open is asked for. */
	if (!org_is_none(&t->keys_of))
		rewraps_connected(b->rewraps, &t->keys_of);
	arena_reset(t->pack);
}

/**
 * deliver_turn(b, n):
 * Answer, tell the sessions, and serve the mailboxes.
 */
enum err
deliver_turn(struct broker *b, size_t n)
{
	struct turn *t = b->turn;
	enum err err;

	if ((err = store_read(b->store, &t->txn)) != ERR_OK)
		return (err);
	look_at(&b->look, t->txn);
	err = tell_sessions(b);
	say_gather();
	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		struct message *m = &t->message[i];

		if (!m->is_done || m->session == NULL)
			continue;
		err = answer(b, m);
		arena_reset(t->pack);
	}
	say_flush();
	/* Whoever brought an end or a successor of its own key has its answer;
	 * from here on nothing is sent to whom that concerns. */
	if (t->keys_changed || t->policy_changed)
		after_keys(b);
	if (err == ERR_OK)
		err = serve_mailboxes(b);
	if (err == ERR_OK)
		err = rewraps_turn(b->rewraps, b);
	store_done(&t->txn);
	return (err);
}
