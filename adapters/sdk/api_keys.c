/*
 * api -- keys and certificates.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "sdk/desk_asks.h"
#include "sdk/handle.h"
#include "sdk/steward.h"
#include "sdk/witness.h"
#include "trust/digest.h"
#include "wire/pb.h"

/* ---- which there are -------------------------------------------------------- */

/* Is its secret half here, and is it the one that is used? */
static void
look_in_box(const struct keten *k, const struct cert *c, struct keten_key *key)
{
	const struct keybox *b = &k->dev.box;

	if (!org_eq(&c->partner, &k->dev.partner))
		return;
	if (org_is_none(&c->device)) {
		key->is_here = keybox_seal(b, c->seal_id) != NULL;
		key->is_used = strcmp(b->seal[b->seal_at].id, c->seal_id) == 0;
		return;
	}
	if (!org_eq(&c->device, &k->dev.name))
		return;
	for (size_t i = 0; i < b->n_sign; i++)
		if (memcmp(sign_public(b->sign[i].signer), c->sign_key,
			SIGN_PUB) == 0) {
			key->is_here = true;
			key->is_used = i == b->sign_at &&
			    c->ended == CERTS_NEVER;
		}
}

static void
describe(const struct keten *k, const struct cert *c, struct keten_key *key)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->partner, c->partner.id, sizeof(key->partner));
	memcpy(key->device, c->device.id, sizeof(key->device));
	if (org_is_none(&c->device))
		memcpy(key->id, c->seal_id, sizeof(key->id));
	else
		hex_encode(c->key_id, sizeof(c->key_id), key->id);
	key->serial = c->serial;
	key->index = c->index;
	key->ended = c->ended == CERTS_NEVER ? 0 : c->ended;
	key->is_revoked = c->is_revoked;
	key->suspect_from = c->suspect_from == CERTS_NEVER ? 0
							    : c->suspect_from;
	key->not_after_ms = c->not_after_ms;
	look_in_box(k, c, key);
}

int
keten_keys(struct keten *k, const char *partner,
    void (*each)(void *cookie, const struct keten_key *key), void *cookie)
{
	struct org who = partner == NULL ? k->dev.partner : org_of(partner);
	enum err err = handle_refresh(k);
	const struct cert *c;

	if (err != ERR_OK)
		return (handle_err(k, err));
	for (size_t i = 0; (c = certs_nth(k->certs, i)) != NULL; i++) {
		struct keten_key key;

		if (partner != NULL && partner[0] == '\0')
			who = c->partner;
		if (!org_eq(&c->partner, &who))
			continue;
		describe(k, c, &key);
		each(cookie, &key);
	}
	return (0);
}

/* ---- putting one into the log ------------------------------------------------ */

/* The record that came back has to be that of what we sent. */
static MUST_CHECK enum err
check_answer(struct keten *k, const Keten__V1__FromBroker *reply,
    const void *envelope, size_t len, uint64_t *index)
{
	const Keten__V1__Record *r = NULL;
	struct witnessed w;
	uint8_t hash[32];
	const char *what;
	enum err err;

	if (reply->answer->body_case == KETEN__V1__ANSWER__BODY_CERTIFIED)
		r = reply->answer->certified->record;
	if (r == NULL)
		return (ERR_DIGEST);
	if ((err = witness_record(k->a, r, &w, &what)) != ERR_OK)
		return (err);
	digest_of(envelope, len, hash);
	if (w.kind != LEAF_KEY || !digest_eq(hash, w.envelope_hash))
		return (ERR_DIGEST);
	*index = w.index;
	return (ERR_OK);
}

/* The sentence of a refusal, and of no answer. */
static int
tell(struct keten *k, enum err err, const Keten__V1__FromBroker *reply)
{
	if (err == ERR_OK)
		return (0);
	if (err == ERR_DIGEST)
		return (handle_fail(k, KETEN_ETRUST, "Wat de makelaar als "
		    "bewijs gaf is niet van dit certificaat. Bel beheer."));
	if (!err_is_wire(err))
		return (handle_err(k, err));
	return (handle_fail(k, KETEN_EREFUSED, "%s %s%s%s", err_text(err),
	    reply == NULL ? "" : reply->refusal->rule,
	    reply == NULL || reply->refusal->rule[0] == '\0' ? "" : " ",
	    err_todo(err)));
}

int
keten_certify(struct keten *k, const void *envelope, size_t len,
    int timeout_ms, uint64_t *index)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__Certify c = KETEN__V1__CERTIFY__INIT;
	Keten__V1__FromBroker *reply = NULL;
	size_t mark = arena_used(k->a);
	uint64_t at = 0;
	enum err err;
	int rc;

	q.body_case = KETEN__V1__QUERY__BODY_CERTIFY;
	q.certify = &c;
	c.envelope = pb_of(envelope, len);
	err = desk_ask(k, &q, timeout_ms, &reply, NULL);
	if (err == ERR_OK)
		err = check_answer(k, reply, envelope, len, &at);
	rc = tell(k, err, reply);
	if (rc == 0 && index != NULL)
		*index = at;
	arena_rewind(k->a, mark);
	return (rc);
}
