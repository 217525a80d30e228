/*
 * order_enrol -- certificates: checked here, counted from their leaf on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/order.h"
#include "wire/envelope.h"
#include "wire/statement.h"

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

/* Everything that can be wrong with it, as a sentence; NULL: nothing. */
static const char *
find_fault(struct broker *b, struct slice bytes, struct envelope *env,
    Keten__V1__KeyStatement **key)
{
	const char *rule = "dit is geen certificaat";
	struct org who;

	if (envelope_parse(b->turn->out, bytes, env, &rule) != ERR_OK)
		return (rule);
	if (env->kind != ENVELOPE_KEY)
		return ("dit is geen certificaat");
	if (statement_parse_key(b->turn->out, env->body, key, &rule) != ERR_OK)
		return (rule);
	if (strcmp((*key)->origin, b->set->origin) != 0)
		return ("dit certificaat is voor een ander logboek (origin)");
	who = org_of((*key)->partner);
	if (policy_partner(b->policy, &who) == NULL)
		return ("deze partner staat niet in het beleid");
	if (!is_signed(b, env, *key))
		return ("niet ondertekend met de identiteitssleutel die in "
			"het beleid staat");
	if (keyring_check(b->keys, *key, &rule) != ERR_OK)
		return (rule);
	return (NULL);
}

static const char *
kind_of(const Keten__V1__KeyStatement *key)
{
	if (key->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE)
		return ("device");
	if (key->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		return ("sealing");
	return ("revoke");
}

static enum err
write_key(struct broker *b, struct order *o, struct slice bytes,
    const Keten__V1__KeyStatement *key)
{
	const struct ledger_with with = { .envelope = bytes };
	struct org who = org_of(key->partner);
	struct made *made = NULL;
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_key(&in, key, &d)) != ERR_OK ||
	    (err = ledger_write(b, &d, &with, &made)) != ERR_OK)
		return (err);
	b->turn->keys_changed = true;
	say(SAY_KEY, &(struct say_ctx){ .partner = &who,
	    .seq = made->out.index }, "%s", kind_of(key));
	o->data = json_pack("{s:s, s:s, s:I}", "partner", key->partner,
	    "kind", kind_of(key), "index", (json_int_t)made->out.index);
	return (ERR_OK);
}

/**
 * order_enrol(b, o):
 * Take one certificate, an envelope in base64.
 */
enum err
order_enrol(struct broker *b, struct order *o)
{
	const char *text = order_text(o, "envelope");
	Keten__V1__KeyStatement *key = NULL;
	const char *fault;
	struct envelope env;
	uint8_t *bytes;
	size_t cap, len = 0;

	if (text == NULL)
		return (order_no(o, ERR_MALFORMED, "envelope is missing"));
	cap = strlen(text) / 4 * 3 + 3;
	if ((bytes = arena_alloc(b->turn->out, cap)) == NULL)
		return (order_no(o, ERR_TOO_BIG, "too long"));
	if (!base64_decode(text, strlen(text), bytes, cap, &len))
		return (order_no(o, ERR_MALFORMED, "not base64"));
	fault = find_fault(b, slice_of(bytes, len), &env, &key);
	if (fault != NULL)
		return (order_no(o, ERR_KEY_NOT_VALID, "%s", fault));
	return (write_key(b, o, slice_of(bytes, len), key));
}
