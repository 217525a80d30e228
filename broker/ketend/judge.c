/*
 * judge -- decide the messages of a turn, in the order in which they came.
 */
#include <string.h>

#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/certify.h"
#include "ketend/judge.h"
#include "ketend/ledger.h"
#include "ketend/reports.h"
#include "ketend/validate.h"
#include "trust/digest.h"
#include "trust/tlog.h"

/* Refuse without a record. */
static enum err
late(struct message *m, enum err err, const char *rule)
{
	m->late = err;
	m->late_rule = rule;
	return (ERR_OK);
}

/* --- statements ---------------------------------------------------------------- */

/* Look at number and key again.  ${go}: it is still to be decided. */
static enum err
again(struct broker *b, struct message *m, bool *go)
{
	const struct session *s = m->session;
	bool repeat = false;
	enum err err;

	*go = false;
	err = validate_number(b, m, &repeat, &m->repeat_index);
	if (err == ERR_GAP)
		return (late(m, err, "nummers stijgen met een"));
	if (err == ERR_NUMBER_REUSED)
		return (late(m, err, "dit nummer hoort bij andere bytes"));
	if (err == ERR_CONTENT_GONE)
		return (late(m, err, "het antwoord op dit nummer is gewist"));
	if (err != ERR_OK)
		return (err);
	if (repeat) {
		m->is_repeat = m->is_late_repeat = true;
		return (ERR_OK);
	}
	if (m->key != keyring_device(b->keys, &s->partner, s->device))
		return (late(m, ERR_KEY_NOT_VALID,
		    "de sleutel is zojuist vervangen of ingetrokken"));
	*go = true;
	return (ERR_OK);
}

/* Who says it.  The decision points into this until it is written down. */
static struct decide_sender
sender_of(const struct message *m)
{
	struct decide_sender s = { .partner = m->session->partner };

	memcpy(s.device, m->session->device, sizeof(s.device));
	memcpy(s.body_hash, m->body_hash, sizeof(s.body_hash));
	return (s);
}

static enum err
decide_it(struct broker *b, struct message *m, const struct decide_in *in,
    const struct decide_sender *sender, struct decision *d)
{
	const uint8_t *lane = m->st->lane.data;

	if (m->is_internal)
		return (decide_refuse(in, m->st, sender, ERR_INTERNAL,
		    "deze opdracht kon niet worden verwerkt", d));
	if (inhand_is_poison(b->inhand, &sender->partner, lane,
	    m->st->number)) {
		say(SAY_POISON, &(struct say_ctx){ .partner = &sender->partner,
		    .number = m->st->number }, "refused");
		return (decide_refuse(in, m->st, sender, ERR_INTERNAL,
		    "deze opdracht liet het programma twee keer stoppen", d));
	}
	inhand_take(b->inhand, &sender->partner, lane, m->st->number);
	return (decide_statement(in, m->st, sender, m->content_err,
	    m->content_rule, d));
}

static enum err
judge_statement(struct broker *b, struct message *m)
{
	const struct ledger_with with = { .envelope = m->signed_bytes,
		.content = m->content.n > 0 ? &m->content : NULL,
		.sender = &m->session->partner };
	const struct decide_sender sender = sender_of(m);
	struct made *made = NULL;
	struct decide_in in;
	struct decision d;
	enum err err;
	bool go;

	if (m->is_repeat)
		return (ERR_OK);
	if ((err = again(b, m, &go)) != ERR_OK || !go)
		return (err);
	if ((err = ledger_in(b, &in)) != ERR_OK)
		return (err);
	err = decide_it(b, m, &in, &sender, &d);
	if (err == ERR_OK)
		err = ledger_write(b, &d, &with, &made);
	if (err == ERR_OK)
		err = eraser_follow(b, &d);
	inhand_clear(b->inhand);
	if (err != ERR_OK)
		return (err);
	m->made = (size_t)(made - b->turn->made) + 1;
	return (ERR_OK);
}

/* --- acknowledgements ------------------------------------------------------------ */

/* Somebody has verified a tree: is it this one?  If not, one of us two holds
 * a history that the other does not know. */
static void
check_seen(struct broker *b, const struct message *m)
{
	const Keten__V1__Ack *ack = m->ack;
	struct tlog_reader tree = store_tree(b->turn->txn);
	uint8_t root[32];

	if (ack->seen_size == 0)
		return;
	if (ack->seen_size <= store_size(b->turn->txn) &&
	    tlog_root(ack->seen_size, &tree, root) == ERR_OK &&
	    memcmp(root, ack->seen_root.data, sizeof(root)) == 0)
		return;
	say(SAY_GUARD, &(struct say_ctx){ .partner = &m->session->partner,
	    .seq = ack->seen_size }, "a partner has verified another tree");
	b->metrics.forks++;
}

/* The running hash of that mailbox at ${n}, which is not acknowledged yet. */
static enum err
hash_at(struct broker *b, const struct message *m,
    const struct view_mailbox *mb, uint8_t hash[32])
{
	struct view_outbox row;
	enum err err;

	if (m->ack->n == mb->last) {
		memcpy(hash, mb->last_hash, 32);
		return (ERR_OK);
	}
	err = view_delivery(b->turn->txn, &m->session->partner,
	    m->ack->mailbox, m->ack->n, &row);
	if (err == ERR_OK)
		memcpy(hash, row.running_hash, 32);
	return (err);
}

static enum err
judge_ack(struct broker *b, struct message *m)
{
	const struct ledger_with with = { .envelope = m->signed_bytes,
		.sender = &m->session->partner };
	struct view_mailbox mb;
	struct decide_in in;
	struct decision d;
	uint8_t hash[32];
	enum err err;

	err = view_mailbox(b->turn->txn, &m->session->partner,
	    m->ack->mailbox, &mb);
	if (err != ERR_OK || m->ack->n <= mb.acked) /* old news: no leaf */
		return (err);
	if (m->ack->n > mb.last)
		return (late(m, ERR_MALFORMED,
		    "ack: zover is deze brievenbus nog niet"));
	if ((err = hash_at(b, m, &mb, hash)) != ERR_OK)
		return (err);
	if (memcmp(hash, m->ack->running_hash.data, sizeof(hash)) != 0)
		return (late(m, ERR_DIGEST,
		    "ack: de lopende hash is niet die van de makelaar"));
	check_seen(b, m);
	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_ack(&in, m->ack, &d)) != ERR_OK)
		return (err);
	return (ledger_write(b, &d, &with, NULL));
}

/* --- all of them ------------------------------------------------------------------ */

static enum err
judge_one(struct broker *b, struct message *m)
{
	if (m->session == NULL || m->err != ERR_OK)
		return (ERR_OK);
	if (m->st != NULL)
		return (judge_statement(b, m));
	if (m->ack != NULL)
		return (judge_ack(b, m));
	if (certify_is(m))
		return (certify_judge(b, m));
	if (reports_is(m))
		return (reports_judge(b, m));
	return (ERR_OK);
}

/**
 * judge_turn(b, n):
 * Decide the first ${n} messages of the turn.
 */
enum err
judge_turn(struct broker *b, size_t n)
{
	struct turn *t = b->turn;
	enum err err;

	for (size_t i = 0; i < n && turn_has_room(t); i++) {
		struct message *m = &t->message[i];

		err = judge_one(b, m);
		if (err == ERR_OK) {
			m->is_done = true;
			/* What comes behind it is for the next turn, with the
			 * keys as they are then. */
			if (t->keys_changed)
				break;
			continue;
		}
		/* Not the disk, and not for the second time: try without. */
		if (err != ERR_STORE && m->st != NULL && !m->is_internal) {
			say(SAY_TROUBLE, &(struct say_ctx){
			    .partner = &m->session->partner,
			    .number = m->st->number },
			    "cannot be written down: %s", err_text(err));
			m->is_internal = true;
			return (ERR_INTERNAL);
		}
		return (err);
	}
	return (ERR_OK);
}
