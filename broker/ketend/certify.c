/*
 * certify -- certificates and their ends: checked here, counted from the
 * record after theirs.
 */
#include <string.h>

#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/certify.h"
#include "ketend/ledger.h"
#include "ketend/reply.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* --- is it right? -------------------------------------------------------- */

/* Signed by the partner's identity key; an end also by the introducer. */
static bool
is_signed(const struct broker *b, const struct envelope *env,
    const Keten__V1__KeyStatement *key)
{
	struct org who = org_of(key->partner);
	const uint8_t *identity = policy_identity_key(b->policy, &who);

	if (identity != NULL && envelope_check(env, identity) == ERR_OK)
		return (true);
	return (key->body_case == KETEN__V1__KEY_STATEMENT__BODY_REVOKE &&
	    envelope_check(env, b->set->introducer) == ERR_OK);
}

/**
 * certify_fault(b, bytes, key):
 * Return what is wrong with ${bytes}; NULL: nothing.
 */
const char *
certify_fault(struct broker *b, struct slice bytes,
    Keten__V1__KeyStatement **key)
{
	const char *rule = "dit is geen certificaat";
	struct envelope env;
	struct org who;

	if (envelope_parse(b->turn->out, bytes, &env, &rule) != ERR_OK)
		return (rule);
	if (env.kind != ENVELOPE_KEY)
		return ("dit is geen certificaat");
	if (statement_parse_key(b->turn->out, env.body, key, &rule) != ERR_OK)
		return (rule);
	if (strcmp((*key)->origin, b->set->origin) != 0)
		return ("dit certificaat is voor een ander logboek (origin)");
	who = org_of((*key)->partner);
	if (policy_partner(b->policy, &who) == NULL)
		return ("deze partner staat niet in het beleid");
	if (!is_signed(b, &env, *key))
		return ("niet ondertekend met de identiteitssleutel die in "
			"het beleid staat");
	if (keyring_check(b->keys, *key, &rule) != ERR_OK)
		return (rule);
	return (NULL);
}

/* --- writing it down ------------------------------------------------------ */

/**
 * certify_kind(key):
 * Return what it is, in one word.
 */
const char *
certify_kind(const Keten__V1__KeyStatement *key)
{
	if (key->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE)
		return ("device");
	if (key->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		return ("sealing");
	return ("revoke");
}

/**
 * certify_write(b, bytes, key, made):
 * Write the KEY record.
 */
enum err
certify_write(struct broker *b, struct slice bytes,
    const Keten__V1__KeyStatement *key, struct made **made)
{
	const struct ledger_with with = { .envelope = bytes };
	struct org who = org_of(key->partner);
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_key(&in, key, &d)) != ERR_OK ||
	    (err = ledger_write(b, &d, &with, made)) != ERR_OK)
		return (err);
	b->turn->keys_changed = true;
	if (key->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		b->turn->keys_of = who;
	say(SAY_KEY, &(struct say_ctx){ .partner = &who,
	    .seq = (*made)->out.index }, "%s", certify_kind(key));
	return (ERR_OK);
}

/* What a new certificate costs, in questions: it takes a turn of its own, is
 * told to everybody and is remembered for good.  Sixteen in a row, then two a
 * second. */
#define COST 500

/* --- in a session ----------------------------------------------------------- */

/**
 * certify_is(m):
 * Tell whether ${m} brings a certificate.
 */
bool
certify_is(const struct message *m)
{
	return (m->to != NULL &&
	    m->to->body_case == KETEN__V1__TO_BROKER__BODY_QUERY &&
	    m->to->query->body_case == KETEN__V1__QUERY__BODY_CERTIFY);
}

static enum err
no(struct message *m, enum err err, const char *rule)
{
	m->late = err;
	m->late_rule = rule;
	return (ERR_OK);
}

/* Where a certificate with that name and serial, or its end, stands; 0: not. */
static uint64_t
place_of(const struct broker *b, const Keten__V1__KeyStatement *key)
{
	const Keten__V1__Revoke *r = key->body_case ==
	    KETEN__V1__KEY_STATEMENT__BODY_REVOKE ? key->revoke : NULL;
	const char *device = r != NULL ? r->device :
	    key->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE ?
	    key->device->device : "";
	uint64_t serial = r != NULL ? r->serial : device[0] != '\0' ?
	    key->device->serial : key->sealing->serial;
	struct org who = org_of(key->partner);

	for (size_t i = keyring_n_devices(b->keys);
	     device[0] != '\0' && i-- > 0;) {
		const struct keyring_device *d = keyring_device_nth(b->keys,
		    i);

		if (d->serial == serial && org_eq(&d->partner, &who) &&
		    strcmp(d->device, device) == 0)
			return (r != NULL ? d->ended : d->added);
	}
	for (size_t i = keyring_n_seals(b->keys);
	     device[0] == '\0' && i-- > 0;) {
		const struct keyring_seal *k = keyring_seal_nth(b->keys, i);

		if (k->serial == serial && org_eq(&k->partner, &who))
			return (r != NULL ? k->ended : k->added);
	}
	return (0);
}

/**
 * certify_find(b, bytes, key, index):
 * Is it there already, to the byte?
 */
enum err
certify_find(struct broker *b, struct slice bytes,
    const Keten__V1__KeyStatement *key, uint64_t *index)
{
	uint64_t at = place_of(b, key), found;
	struct slice was;
	enum err err;

	*index = 0;
	if (at == 0 || at == KEYRING_NEVER)
		return (ERR_OK);
	err = view_key(b->turn->txn, at, &found, &was);
	if (err == ERR_OK && found == at && slice_eq(was, bytes))
		*index = at;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/**
 * certify_judge(b, m):
 * Decide the query ${m}.
 */
enum err
certify_judge(struct broker *b, struct message *m)
{
	Keten__V1__KeyStatement *key = NULL;
	struct made *made = NULL;
	const char *fault;
	struct slice bytes;
	enum err err;

	if (b->clock_is_off || b->is_draining)
		return (no(m, ERR_BUSY, b->clock_is_off ?
		    "de klok wordt nagekeken" : "de makelaar stopt"));
	if (!limits_allow(b->limits, &m->session->partner, 0,
	    b->turn->mono_ms))
		return (no(m, ERR_TOO_FAST,
		    "meer dan de afgesproken opdrachten"));
	/* The answer still looks at it. */
	if (arena_copy(b->turn->out, pb_slice(m->to->query->certify->envelope),
	    &bytes) != 0)
		return (ERR_NOMEM);
	fault = certify_fault(b, bytes, &key);
	if (fault != NULL && key != NULL) {
		/* Whoever did not hear so asks again. */
		err = certify_find(b, bytes, key, &m->repeat_index);
		if (err != ERR_OK || m->repeat_index != 0)
			return (err);
	}
	if (fault != NULL)
		return (no(m, ERR_KEY_NOT_VALID, fault));
	if (!limits_ask(b->limits, &m->session->partner, COST,
	    b->turn->mono_ms))
		return (no(m, ERR_TOO_FAST,
		    "te veel certificaten achter elkaar; wacht even"));
	if ((err = certify_write(b, bytes, key, &made)) != ERR_OK)
		return (err);
	m->made = (size_t)(made - b->turn->made) + 1;
	return (ERR_OK);
}

static void
send_record(struct broker *b, struct message *m,
    const struct record_out *out)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Answer answer = KETEN__V1__ANSWER__INIT;
	Keten__V1__Certified c = KETEN__V1__CERTIFIED__INIT;
	Keten__V1__Record record = KETEN__V1__RECORD__INIT;
	enum err err;

	reply_record(out, true, &record);
	c.record = &record;
	answer.id = m->to->query->id;
	answer.body_case = KETEN__V1__ANSWER__BODY_CERTIFIED;
	answer.certified = &c;
	msg.body_case = KETEN__V1__FROM_BROKER__BODY_ANSWER;
	msg.answer = &answer;
	/* If nobody is there any more, the log has it all the same. */
	err = reply_send(b, m->session, &msg, slice_of(NULL, 0));
	(void)err;
}

/**
 * certify_answer(b, m):
 * Send the record, which was written just now or is there already.
 */
enum err
certify_answer(struct broker *b, struct message *m)
{
	struct record_out out;
	struct record rec;
	enum err err;

	if (m->made != 0) {
		send_record(b, m, &b->turn->made[m->made - 1].out);
		return (ERR_OK);
	}
	err = record_read(b->turn->txn, m->repeat_index, b->turn->pack, &rec);
	if (err != ERR_OK)
		return (err);
	reply_record_of(&rec, &out);
	send_record(b, m, &out);
	return (ERR_OK);
}
