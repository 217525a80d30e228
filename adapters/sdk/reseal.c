/*
 * reseal -- what waits is sealed for the keys of now.
 */
#include <string.h>

#include "base/say.h"
#include "sdk/dispatch.h"
#include "sdk/reseal.h"
#include "sdk/scribe.h"
#include "wire/pb.h"
#include "wire/prescan.h"

/* ---- is it old? ----------------------------------------------------------- */

/* Whose key is that?  Nobody's if it is not known here. */
static struct org
owner_of(const struct certs *certs, const char *key_id)
{
	const struct cert *c;

	for (size_t i = 0; (c = certs_nth(certs, i)) != NULL; i++)
		if (org_is_none(&c->device) && strcmp(c->seal_id, key_id) == 0)
			return (c->partner);
	return (org_of(""));
}

/* Would we seal for another key of that partner now? */
static MUST_CHECK enum err
is_old(struct steward *s, const char *key_id, bool *old)
{
	struct org who = owner_of(s->k->certs, key_id);
	const struct seal_public *key;
	char now_id[SEAL_KEY_ID];
	enum err err;

	if (org_is_none(&who))
		return (ERR_OK);
	if ((err = steward_certs(s, &who, false)) != ERR_OK)
		return (err);
	key = certs_seal_key(s->k->certs, &who, steward_now(s));
	if (key != NULL)
		seal_key_id(key, now_id);
	*old = *old || key == NULL || strcmp(now_id, key_id) != 0;
	return (ERR_OK);
}

static MUST_CHECK enum err
is_stale(struct steward *s, const struct outgoing *out, bool *old)
{
	Keten__V1__Statement *st;
	struct envelope env;
	enum err err;

	/* Only orders can be made again; and what is erased has no content. */
	if (out->ticket == 0 || out->content.len == 0)
		return (ERR_OK);
	if ((err = envelope_parse(s->k->a, out->envelope, &env, NULL)) !=
		ERR_OK ||
	    (err = pb_unpack(s->k->a, &keten__v1__statement__descriptor,
		 env.body, &prescan_statement, &st)) != ERR_OK)
		return (err);
	if (st->body_case != KETEN__V1__STATEMENT__BODY_COMMAND)
		return (ERR_OK);
	for (size_t i = 0; i < st->command->n_parts; i++)
		for (size_t j = 0; j < st->command->parts[i]->n_wrapped_for;
		     j++) {
			err = is_old(s,
			    st->command->parts[i]->wrapped_for[j], old);
			if (err != ERR_OK)
				return (err);
		}
	return (ERR_OK);
}

/* ---- making it again ------------------------------------------------------- */

static MUST_CHECK enum err
read_out(struct keten *k, uint64_t *number, struct outgoing *out)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK && (err = scribe_next(txn, number)) == ERR_OK)
		err = scribe_out(txn, k->a, *number, out);
	spool_abort(&txn);
	return (err);
}

/* Write the new draft in its place; or, without one, take numbers back. */
static MUST_CHECK enum err
write_anew(struct keten *k, uint64_t number, struct draft *d)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = d == NULL ? scribe_unsign(txn, k->a, number)
				: scribe_sign_as(k, txn, k->a, d, number);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
make_again(struct steward *s, const struct outgoing *out)
{
	struct say_ctx ctx = { .referral = &out->referral,
		.number = out->number };
	struct draft *d = arena_zero(s->k->a, 1, sizeof(*d));
	struct order *o = arena_zero(s->k->a, 1, sizeof(*o));
	const char *rule = NULL;
	enum err err;

	if (d == NULL || o == NULL)
		return (ERR_NOMEM);
	if ((err = orders_read(s->k->spool, s->k->a, out->ticket, o)) != ERR_OK)
		return (err);
	err = dispatch_draft(s, o, d, &rule);
	if (err == ERR_TIMEOUT || err == ERR_STORE || err == ERR_NOMEM)
		return (err);
	say(SAY_KEY, &ctx, "sealed anew: somebody has another sealing key");
	return (write_anew(s->k, out->number, err == ERR_OK ? d : NULL));
}

enum err
reseal_turn(struct steward *s)
{
	uint64_t number = s->unused_from;
	enum err err = ERR_OK;

	if (number == 0)
		return (ERR_OK);
	for (; err == ERR_OK; number++) {
		size_t mark = arena_used(s->k->a);
		struct outgoing out;
		bool old = false;

		if ((err = read_out(s->k, &number, &out)) == ERR_OK)
			err = is_stale(s, &out, &old);
		/* Asking may have cost us the line, and what is unused. */
		if (err == ERR_OK && s->state != STEWARD_UP)
			err = ERR_TIMEOUT;
		if (err == ERR_OK && old)
			err = make_again(s, &out);
		arena_rewind(s->k->a, mark);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}
