/*
 * steward -- what passes over the line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "sdk/scribe.h"
#include "sdk/steward_in.h"
#include "sdk/tidings.h"
#include "wire/envelope.h"
#include "wire/frame.h"
#include "wire/pb.h"

enum {
	PUMP_MAX = 512,
	ACK_MS = 1000,
	ACK_MANY = 64,
	REPLACED_MS = 30000,
	DRAIN_MS = 1000,
	REVOKED_MS = 60000,
	REKEYED_MS = 100,
	SYNC_MS = 1000,
};

/* ---- sending -------------------------------------------------------------- */

enum err
steward_send(struct steward *s, Keten__V1__ToBroker *msg, struct slice content)
{
	struct arena *a = s->k->a;
	size_t mark = arena_used(a);
	struct slice header;
	enum err err;

	if (s->line == NULL)
		return (ERR_TIMEOUT);
	err = frame_pack_to(a, msg, &header);
	if (err == ERR_OK)
		err = line_send(s->line, header, content);
	arena_rewind(a, mark);
	if (err == ERR_BUSY || err == ERR_NOT_FOUND || err == ERR_IO) {
		steward_hang_up(s, 0, "De verbinding neemt niets meer aan; er "
		    "wordt opnieuw verbonden.");
		return (ERR_TIMEOUT);
	}
	return (err);
}

enum err
steward_hello(struct steward *s)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Hello hello = KETEN__V1__HELLO__INIT;
	struct keten *k = s->k;
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct slice lane, seen = slice_of(NULL, 0);
	enum err err;

	if ((err = spool_begin(k->spool, false, &txn)) != ERR_OK)
		return (err);
	err = spool_meta_get(txn, "lane", k->a, &lane);
	if (err == ERR_OK)
		err = spool_meta_u64(txn, "last-seq", &hello.last_delivery);
	if (err == ERR_OK &&
	    (err = spool_meta_get(txn, "seen", k->a, &seen)) == ERR_NOT_FOUND)
		err = ERR_OK;
	spool_abort(&txn);
	if (err != ERR_OK)
		return (err);
	hello.lane = pb_data(lane);
	hello.mailbox = pb_string(k->dev.mailbox.id);
	if (seen.len == 40) {
		hello.seen_size = be64_get(seen.p);
		hello.seen_root = pb_of(seen.p + 8, 32);
	}
	hello.software = pb_string("libketen/1.0");
	hello.credit = STEWARD_CREDIT;
	hello.notices = true;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_HELLO;
	msg.hello = &hello;
	err = steward_send(s, &msg, slice_of(NULL, 0));
	arena_rewind(k->a, mark);
	return (err == ERR_TIMEOUT ? ERR_OK : err);
}

/* ---- acknowledging -------------------------------------------------------- */

static MUST_CHECK enum err
read_ack(struct keten *k, Keten__V1__Ack *ack)
{
	struct spool_txn *txn = NULL;
	struct slice running, seen = slice_of(NULL, 0);
	enum err err;

	if ((err = spool_begin(k->spool, false, &txn)) != ERR_OK)
		return (err);
	if ((err = spool_meta_u64(txn, "last-seq", &ack->n)) == ERR_OK)
		err = spool_meta_get(txn, "running", k->a, &running);
	if (err == ERR_OK &&
	    (err = spool_meta_get(txn, "seen", k->a, &seen)) == ERR_NOT_FOUND)
		err = ERR_OK;
	spool_abort(&txn);
	if (err != ERR_OK)
		return (err);
	ack->running_hash = pb_data(running);
	if (seen.len == 40) {
		ack->seen_size = be64_get(seen.p);
		ack->seen_root = pb_of(seen.p + 8, 32);
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
send_ack(struct steward *s)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__SendAck send = KETEN__V1__SEND_ACK__INIT;
	Keten__V1__Ack ack = KETEN__V1__ACK__INIT;
	struct keten *k = s->k;
	size_t mark = arena_used(k->a);
	struct slice body, envelope;
	enum err err;

	ack.version = 1;
	ack.origin = pb_string(k->dev.origin);
	ack.partner = pb_string(k->dev.partner.id);
	ack.device = pb_string(k->dev.name.id);
	ack.mailbox = pb_string(k->dev.mailbox.id);
	ack.made_ms = handle_now();
	err = read_ack(k, &ack);
	if (err == ERR_OK && ack.n > s->acked) {
		if ((err = pb_pack(k->a, &ack.base, &body)) == ERR_OK)
			err = envelope_make(k->a, ENVELOPE_ACK, body,
			    k->dev.signer, &envelope);
		if (err == ERR_OK) {
			send.envelope = pb_data(envelope);
			msg.body_case = KETEN__V1__TO_BROKER__BODY_ACK;
			msg.ack = &send;
			err = steward_send(s, &msg, slice_of(NULL, 0));
		}
		if (err == ERR_OK)
			s->acked = ack.n;
	}
	arena_rewind(k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
steward_acknowledge(struct steward *s, bool *did)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Credit credit = KETEN__V1__CREDIT__INIT;
	enum err err;

	/* Nothing else waiting: at once.  Otherwise together. */
	if (s->ack_mono == 0 || (s->n_held > 0 && s->uncredited < ACK_MANY &&
		s->uncredited < STEWARD_CREDIT / 2 &&
		handle_mono() < s->ack_mono))
		return (ERR_OK);
	*did = true;
	s->ack_mono = 0;
	if ((err = send_ack(s)) != ERR_OK || s->uncredited == 0)
		return (err);
	credit.n = s->uncredited;
	s->uncredited = 0;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_CREDIT;
	msg.credit = &credit;
	return (steward_send(s, &msg, slice_of(NULL, 0)));
}

/* ---- the first words ------------------------------------------------------ */

/* What the broker has of our lane and mailbox, against what we have. */
static MUST_CHECK enum err
compare_lane(struct steward *s, uint64_t last_delivery)
{
	struct spool_txn *txn = NULL;
	uint64_t next, last_seq = 0, first = 0;
	enum err err;

	if ((err = spool_begin(s->k->spool, false, &txn)) != ERR_OK)
		return (err);
	if ((err = spool_meta_u64(txn, "next", &next)) == ERR_OK)
		err = spool_meta_u64(txn, "last-seq", &last_seq);
	if (err == ERR_OK && (err = scribe_next(txn, &first)) == ERR_NOT_FOUND) {
		first = next == 0 ? 1 : next;
		err = ERR_OK;
	}
	spool_abort(&txn);
	if (err != ERR_OK)
		return (err);
	if (next == 0)
		next = 1;
	s->cursor = s->first_out = first;
	s->is_careful = false;
	/* If nothing is on its way to us, it was acknowledged long ago. */
	s->sync_mono = last_seq == 0 && last_delivery > 0
	    ? handle_mono() + SYNC_MS
	    : 0;
	s->is_stuck = s->last_number >= next;
	if (s->is_stuck)
		say(SAY_NUMBER_REUSED, NULL,
		    "the broker knows number %llu, this spool is at %llu",
		    (unsigned long long)s->last_number,
		    (unsigned long long)next);
	/* A device that reads no mailbox hears of none. */
	if (last_delivery != 0 && last_delivery < last_seq)
		tidings_alarm(s->k, NULL, "de makelaar is afleveringen kwijt "
		    "die hier al zijn");
	/* The oldest unanswered one may be one further, not more. */
	if (s->last_number + 1 < first)
		tidings_alarm(s->k, NULL, "de makelaar is opdrachten kwijt "
		    "waarvan hij eerder een ontvangstbewijs gaf");
	return (ERR_OK);
}

static MUST_CHECK enum err
on_welcome(struct steward *s, const Keten__V1__Welcome *w)
{
	if (s->state != STEWARD_GREETING)
		return (ERR_OK);
	if (strcmp(w->origin, s->k->dev.origin) != 0) {
		steward_hang_up(s, REVOKED_MS, "Deze makelaar houdt een ander "
		    "logboek bij. Kijk in de instellingen bij origin.");
		return (ERR_OK);
	}
	say(SAY_CONNECT, NULL, "connected to %s", s->k->dev.endpoint);
	s->state = STEWARD_UP;
	s->backoff_ms = 0;
	s->why[0] = '\0';
	s->up_since_ms = handle_now();
	s->told_ahead_ms = w->time_ms - handle_now();
	s->is_told = true;
	s->window = w->window == 0 ? 1 : w->window;
	s->last_number = w->last_number;
	if (w->policy_index > s->policy_index)
		s->policy_index = w->policy_index;
	/* Nothing of ours is on its way: what came after this is not used. */
	s->unused_from = w->last_number + 1;
	s->strange = 0;
	s->keys_mono = 0;
	if (w->keys_index == 0 || w->keys_index != s->keys_index)
		s->n_fresh = 0;
	s->keys_index = w->keys_index;
	free(s->checkpoint);
	s->checkpoint = w->checkpoint[0] == '\0' ? NULL
						 : strdup(w->checkpoint);
	s->is_newest = true;
	s->acked = 0;
	s->uncredited = 0;
	s->ack_mono = handle_mono();
	s->hold_mono = s->answer_mono = 0;
	s->seen_stamp = 0;
	steward_tell(s);
	return (compare_lane(s, w->last_delivery));
}

static void
on_bye(struct steward *s, const Keten__V1__Bye *bye)
{
	if (strcmp(bye->reason, "replaced") == 0)
		steward_hang_up(s, REPLACED_MS, "Een ander programma met "
		    "dezelfde postbus nam de verbinding over.");
	else if (strcmp(bye->reason, "rekeyed") == 0)
		steward_hang_up(s, REKEYED_MS, "Dit apparaat heeft een nieuw "
		    "certificaat; er wordt opnieuw verbonden.");
	else if (strcmp(bye->reason, "revoked") == 0)
		steward_hang_up(s, REVOKED_MS, "De sleutel van dit apparaat "
		    "is ingetrokken. Vraag beheer om een nieuwe.");
	else
		steward_hang_up(s, DRAIN_MS, "De makelaar sloot af; er wordt "
		    "opnieuw verbonden.");
}

static void
on_notice(struct steward *s, const Keten__V1__Notice *n)
{
	if (n->policy_index > s->policy_index)
		s->policy_index = n->policy_index;
	if (n->keys_index == s->keys_index)
		return;
	s->keys_index = n->keys_index;
	steward_rekeyed(s);
}

static MUST_CHECK enum err
on_ping(struct steward *s, Keten__V1__Ping *ping)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	enum err err;

	msg.body_case = KETEN__V1__TO_BROKER__BODY_PONG;
	msg.pong = ping;
	err = steward_send(s, &msg, slice_of(NULL, 0));
	return (err == ERR_TIMEOUT ? ERR_OK : err);
}

/* ---- reading -------------------------------------------------------------- */

static struct held *
hold(const struct frame *f)
{
	struct held *h = malloc(sizeof(*h) + f->header.len + f->content.len);

	if (h == NULL)
		return (NULL);
	h->next = NULL;
	h->header_len = f->header.len;
	h->content_len = f->has_content ? f->content.len : 0;
	memcpy(h->bytes, f->header.p, f->header.len);
	if (h->content_len > 0)
		memcpy(h->bytes + h->header_len, f->content.p,
		    h->content_len);
	return (h);
}

static MUST_CHECK enum err
keep(struct steward *s, const struct frame *f, bool is_answer)
{
	struct held *h = hold(f);

	if (h == NULL)
		return (ERR_NOMEM);
	if (is_answer) {
		free(s->answer);
		s->answer = h;
		return (ERR_OK);
	}
	*s->last = h;
	s->last = &h->next;
	s->n_held++;
	return (ERR_OK);
}

static MUST_CHECK enum err
on_message(struct steward *s, const struct frame *f,
    Keten__V1__FromBroker *m)
{
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_WELCOME)
		return (on_welcome(s, m->welcome));
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_PING)
		return (on_ping(s, m->ping));
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_BYE) {
		on_bye(s, m->bye);
		return (ERR_OK);
	}
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_NOTICE) {
		on_notice(s, m->notice);
		return (ERR_OK);
	}
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_ANSWER)
		return (s->is_asking && m->answer->id == s->query_id
			? keep(s, f, true)
			: ERR_OK);
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL &&
	    m->refusal->query_id != 0)
		return (s->is_asking && m->refusal->query_id == s->query_id
			? keep(s, f, true)
			: ERR_OK);
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_PONG ||
	    s->state != STEWARD_UP)
		return (ERR_OK);
	return (keep(s, f, false));
}

static MUST_CHECK enum err
on_frame(struct steward *s, const struct frame *f)
{
	struct arena *a = s->k->a;
	size_t mark = arena_used(a);
	Keten__V1__FromBroker *m;
	const char *rule;
	enum err err;

	s->heard_mono = handle_mono();
	if (f->fault != ERR_OK)
		return (ERR_OK);
	err = frame_parse_from(a, f->header, &m, &rule);
	if (err == ERR_OK)
		err = on_message(s, f, m);
	else if (err != ERR_NOMEM) {
		say(SAY_TROUBLE, NULL, "a message of the broker cannot be "
		    "read: %s", rule);
		err = ERR_OK;
	}
	arena_rewind(a, mark);
	return (err);
}

enum err
steward_pump(struct steward *s, bool *did)
{
	struct frame f;
	enum err err = ERR_OK;

	frame_init(&f);
	for (int i = 0; i < PUMP_MAX && s->line != NULL; i++) {
		if ((err = line_recv(s->line, &f)) != ERR_OK)
			break;
		*did = true;
		if ((err = on_frame(s, &f)) != ERR_OK)
			break;
	}
	frame_fini(&f);
	if (err == ERR_IO) {
		steward_hang_up(s, 0, "De verbinding viel weg; er wordt "
		    "opnieuw verbonden.");
		return (ERR_OK);
	}
	return (err == ERR_TIMEOUT ? ERR_OK : err);
}

/* ---- for other processes -------------------------------------------------- */
