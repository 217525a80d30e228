/*
 * rewrapper -- let somebody else read what we can read, when the log says so.
 */
#include <string.h>

#include "base/say.h"
#include "life/words.h"
#include "sdk/ckpt.h"
#include "sdk/intake.h"
#include "sdk/rewrapper.h"
#include "sdk/scribe.h"
#include "sdk/tidings.h"
#include "trust/digest.h"
#include "wire/frame.h"
#include "wire/pb.h"

/* A question to rewrap, as far as it has been checked. */
struct asked {
	const Keten__V1__RewrapAsk *ask;
	struct refid id;
	struct org to;
	struct seal_public key;
	struct witnessed because;
	struct said said;
	bool has_said;
	bool may_person; /* else the note only */
};

static MUST_CHECK enum err
wrong(const char **what, const char *text)
{
	*what = text;
	return (ERR_DIGEST);
}

/* ---- is it in the log? ---------------------------------------------------- */

static MUST_CHECK enum err
check_proof(struct steward *s, const struct asked *x, const char **what)
{
	const Keten__V1__RewrapAsk *q = x->ask;
	uint8_t path[TLOG_PATH_MAX][32];
	struct note_checkpoint c;
	enum err err;

	if (q->n_proof > TLOG_PATH_MAX)
		return (wrong(what, "een bewijs is te lang"));
	for (size_t i = 0; i < q->n_proof; i++)
		if (pb_bytes(q->proof[i], 32, path[i]) != ERR_OK)
			return (wrong(what, "een bewijs is niet te lezen"));
	err = ckpt_see(s->k, s, slice_str(q->checkpoint), false, &c);
	if (err != ERR_OK) {
		*what = "het controlepunt bij een verzoek klopt niet";
		return (err);
	}
	if (tlog_check_inclusion(x->because.index, c.size,
		x->because.leaf_hash, (const uint8_t(*)[32])path, q->n_proof,
		c.root) != ERR_OK)
		return (wrong(what, "wat recht geeft op inzage staat niet in "
		    "het logboek"));
	return (ERR_OK);
}

static MUST_CHECK enum err
check_said(struct steward *s, struct asked *x, const char **what)
{
	struct keten *k = s->k;
	struct slice envelope = pb_slice(x->ask->because_envelope);
	enum err err;

	if (envelope.len == 0)
		return (ERR_OK);
	err = witness_statement(k->a, k->certs, k->dev.origin, envelope,
	    &x->because, &x->said, what);
	if (err == ERR_NOT_FOUND) {
		if ((err = steward_certs(s, &x->said.partner, true)) != ERR_OK)
			return (err);
		err = witness_statement(k->a, k->certs, k->dev.origin,
		    envelope, &x->because, &x->said, what);
	}
	x->has_said = err == ERR_OK;
	return (err == ERR_NOT_FOUND || err == ERR_MALFORMED ? ERR_DIGEST
							     : err);
}

/* ---- does it give the right? ---------------------------------------------- */

static bool
gives_right(Keten__V1__Event ev)
{
	return (ev == KETEN__V1__EVENT__ACCEPT ||
	    ev == KETEN__V1__EVENT__CONFIRM ||
	    ev == KETEN__V1__EVENT__TAKE_OVER);
}

/* Did ${to} take responsibility, signed, for this referral or its parent? */
static bool
has_taken(const struct asked *x)
{
	const Keten__V1__Change *own = witness_change(&x->because, &x->id);
	const Keten__V1__Change *main = x->because.facts->change;

	if (!x->has_said || !org_eq(&x->said.partner, &x->to) ||
	    x->said.st->body_case != KETEN__V1__STATEMENT__BODY_COMMAND ||
	    !gives_right(x->said.st->command->event))
		return (false);
	if (own == NULL || own->after == NULL || main == NULL ||
	    main->after == NULL ||
	    strcmp(main->after->holder, x->to.id) != 0)
		return (false);
	return (strcmp(own->after->holder, x->to.id) == 0 ||
	    strcmp(own->after->originator, x->to.id) == 0);
}

/* Does the record say that a partner ended and ${to} is B or custodian now? */
static bool
says_succeeded(const struct asked *x)
{
	const Keten__V1__Change *c = witness_change(&x->because, &x->id);

	return (x->because.kind == LEAF_CLOCK && c != NULL &&
	    c->after != NULL && c->n_steps > 0 &&
	    c->steps[0]->event == KETEN__V1__EVENT__SUCCEED &&
	    (strcmp(c->after->originator, x->to.id) == 0 ||
		strcmp(c->after->custodian, x->to.id) == 0));
}

/*
 * Nobody signs a succession but the introducer, in the policy: there ${to} has
 * to be the successor of somebody who ended, for what this is about.
 * ERR_NOT_ALLOWED: that policy has not come here yet.
 */
static MUST_CHECK enum err
check_succeeded(struct steward *s, struct asked *x)
{
	const struct policy *p = s->k->policy;
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(s->k->a);
	struct policy_ask about;
	struct dossier c;
	enum err err;

	if (!says_succeeded(x))
		return (ERR_OK);
	if (p == NULL || policy_index(p) < x->because.facts->policy_index)
		return (ERR_NOT_ALLOWED);
	if ((err = spool_begin(s->k->spool, false, &txn)) != ERR_OK)
		return (err);
	err = casebook_get(txn, s->k->a, &x->id, &c);
	spool_abort(&txn);
	if (err == ERR_OK) {
		about = (struct policy_ask){ .code = c.r.code,
			.area = c.r.area, .now_ms = x->because.facts->time_ms };
		x->may_person = x->may_person ||
		    policy_is_successor(p, &x->to, &about);
	}
	arena_rewind(s->k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* Has ${to} an offer that the record made, or left, open? */
static bool
has_offer(const struct asked *x)
{
	const Keten__V1__Change *c = witness_change(&x->because, &x->id);
	const Keten__V1__RouteChange *who = witness_who(&x->because, &x->id);

	for (size_t i = 0; who != NULL && c != NULL && i < who->n_offers; i++) {
		const Keten__V1__OfferWho *w = who->offers[i];

		if (strcmp(w->to, x->to.id) != 0)
			continue;
		for (size_t j = 0; j < c->n_offers; j++)
			if (c->offers[j]->number == w->number &&
			    words_is_open(
				(enum offer_state)c->offers[j]->state) &&
			    witness_offer(&x->because, &x->id, w->number,
				&x->to, pb_slice(w->blind)) == ERR_OK)
				return (true);
	}
	return (false);
}

/* Became R, or a successor, holder without a statement of its own?  Then the
 * person part waits for its CONFIRM; the note need not. */
static bool
is_party(const struct asked *x)
{
	const Keten__V1__Change *c = witness_change(&x->because, &x->id);

	return (c != NULL && c->after != NULL &&
	    (strcmp(c->after->holder, x->to.id) == 0 ||
		strcmp(c->after->regisseur, x->to.id) == 0 ||
		strcmp(c->after->originator, x->to.id) == 0));
}

/*
 * An old ACCEPT stays in the log for ever.  If we have heard since of another
 * holder, whoever signed it has had its turn.
 */
static MUST_CHECK enum err
check_still(struct steward *s, struct asked *x)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(s->k->a);
	struct dossier c;
	enum err err;

	if ((err = spool_begin(s->k->spool, false, &txn)) != ERR_OK)
		return (err);
	err = casebook_get(txn, s->k->a, &x->id, &c);
	spool_abort(&txn);
	arena_rewind(s->k->a, mark);
	if (err == ERR_OK && c.newest_index > x->because.index &&
	    !org_eq(&c.r.h, &x->to) && !org_eq(&c.r.b, &x->to) &&
	    !org_eq(&c.r.custodian, &x->to))
		x->may_person = false;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static bool
is_same_key(const struct seal_public *a, const struct seal_public *b)
{
	return (memcmp(a->x, b->x, sizeof(a->x)) == 0 &&
	    memcmp(a->y, b->y, sizeof(a->y)) == 0);
}

/*
 * Is the key the one with which we would seal for ${x}->to ourselves?  One
 * that was revoked, replaced or is past its date is certified just as well.
 * ERR_NOT_ALLOWED if not: it may only be that we are asked a moment too late.
 */
static MUST_CHECK enum err
check_key(struct steward *s, const struct asked *x)
{
	const struct certs *c = s->k->certs;

	for (int turn = 0; turn < 2; turn++) {
		const struct seal_public *key = certs_seal_key(c, &x->to,
		    steward_now(s));
		enum err err;

		if (key != NULL && is_same_key(key, &x->key))
			return (ERR_OK);
		if (turn == 0 &&
		    (err = steward_certs(s, &x->to, true)) != ERR_OK)
			return (err);
	}
	return (ERR_NOT_ALLOWED);
}

static MUST_CHECK enum err
check_right(struct asked *x, const char **what)
{
	if (x->because.kind == LEAF_REFUSED)
		return (wrong(what, "een geweigerde stap geeft geen inzage"));
	x->may_person = has_taken(x);
	if (x->may_person || has_offer(x) || is_party(x) || says_succeeded(x))
		return (ERR_OK);
	return (wrong(what, "er wordt inzage gevraagd voor wie dat niet mag"));
}

static MUST_CHECK enum err
check_asked(struct steward *s, struct asked *x, const char **what)
{
	struct keten *k = s->k;
	const Keten__V1__RewrapAsk *q = x->ask;
	enum err err;

	x->to = org_of(q->to);
	if (!refid_from(q->referral.data, q->referral.len, &x->id) ||
	    q->because == NULL || org_is_none(&x->to))
		return (wrong(what, "een verzoek om inzage is niet te lezen"));
	if ((err = witness_record(k->a, q->because, &x->because, what)) !=
		ERR_OK ||
	    (err = check_said(s, x, what)) != ERR_OK ||
	    (err = check_right(x, what)) != ERR_OK ||
	    (err = check_succeeded(s, x)) != ERR_OK ||
	    (err = check_proof(s, x, what)) != ERR_OK ||
	    (err = check_still(s, x)) != ERR_OK)
		return (err);
	if (certs_read_sealing(k->a, k->policy, k->dev.origin,
		pb_slice(q->certificate), &x->to, &x->key) != ERR_OK)
		return (wrong(what, "de sleutel bij een verzoek om inzage is "
		    "niet die van de partner"));
	return (check_key(s, x));
}

/* ---- wrapping ------------------------------------------------------------- */

/* Wrap one part; ERR_NOT_FOUND if it is not here, or not for this receiver. */
static MUST_CHECK enum err
wrap_part(struct steward *s, struct spool_txn *txn, const struct asked *x,
    const Keten__V1__RewrapPart *q, struct content_piece *cp,
    const char **what)
{
	struct keten *k = s->k;
	struct seal_opened opened;
	struct seal_wrap *wrap;
	Keten__V1__UnreadableWhy why;
	struct piece p;
	enum err err;

	err = casebook_piece_get(txn, k->a, &x->id, q->index, q->part, &p);
	if (err != ERR_OK)
		return (err);
	if (!slice_eq(pb_slice(q->sha256), slice_of(p.sha256, 32)) ||
	    !slice_eq(pb_slice(q->plain_commit),
		slice_of(p.plain_commit, 32)))
		return (wrong(what, "er wordt inzage gevraagd in andere "
		    "inhoud dan er is"));
	if (!x->may_person && p.kind != KETEN__V1__PART_KIND__NOTE)
		return (ERR_NOT_FOUND);
	if (sealer_open(&k->dev, &x->id, &p, &opened, &why) != ERR_OK)
		return (ERR_NOT_FOUND);
	seal_opened_fini(&opened);
	if ((wrap = arena_zero(k->a, 1, sizeof(*wrap))) == NULL)
		return (ERR_NOMEM);
	if ((err = seal_rewrap(&p.wrap, keybox_seal(&k->dev.box,
		p.wrap.key_id), &x->key, 1, wrap)) != ERR_OK)
		return (err);
	memset(cp, 0, sizeof(*cp));
	cp->index = q->index;
	cp->part = q->part;
	cp->kind = p.kind;
	cp->wraps = wrap;
	cp->n_wraps = 1;
	return (ERR_OK);
}

static MUST_CHECK enum err
wrap_all(struct steward *s, struct spool_txn *txn, const struct asked *x,
    struct draft *d, const char **what)
{
	Keten__V1__Rewrap *r = &d->rewrap;
	enum err err;

	r->parts = arena_zero(s->k->a, x->ask->n_parts, sizeof(*r->parts));
	if (r->parts == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0;
	     i < x->ask->n_parts && d->n_pieces < CONTENT_PIECES_MAX; i++) {
		err = wrap_part(s, txn, x, x->ask->parts[i],
		    &d->pieces[d->n_pieces], what);
		if (err == ERR_NOT_FOUND)
			continue;
		if (err != ERR_OK)
			return (err);
		r->parts[r->n_parts++] = x->ask->parts[i];
		d->n_pieces++;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
sign(struct steward *s, struct spool_txn *txn, const struct asked *x,
    struct draft *d, const char **what)
{
	struct say_ctx ctx = { .referral = &x->id, .partner = &x->to };
	char key_id[SEAL_KEY_ID];
	uint64_t number;
	enum err err;

	d->kind = ENVELOPE_REWRAP;
	d->referral = x->id;
	keten__v1__rewrap__init(&d->rewrap);
	seal_key_id(&x->key, key_id);
	d->rewrap.to = pb_string(x->to.id);
	d->rewrap.key_id = key_id;
	d->rewrap.because = x->because.index;
	if ((err = wrap_all(s, txn, x, d, what)) != ERR_OK)
		return (err);
	/* Nothing of it is here: the broker asks the next one. */
	if (d->n_pieces == 0)
		return (ERR_OK);
	say(SAY_REWRAPPED, &ctx, "%zu parts", d->n_pieces);
	return (scribe_sign(s->k, txn, s->k->a, d, &number));
}

static MUST_CHECK enum err
answer(struct steward *s, const struct asked *x, const char **what)
{
	struct draft *d = arena_zero(s->k->a, 1, sizeof(*d));
	struct spool_txn *txn = NULL;
	enum err err;

	if (d == NULL)
		return (ERR_NOMEM);
	if ((err = spool_begin(s->k->spool, true, &txn)) != ERR_OK)
		return (err);
	err = sign(s, txn, x, d, what);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
one(struct steward *s, const Keten__V1__RewrapAsk *ask)
{
	struct asked *x = arena_zero(s->k->a, 1, sizeof(*x));
	const char *what = "een verzoek om inzage is niet te lezen";
	enum err err;

	if (x == NULL)
		return (ERR_NOMEM);
	x->ask = ask;
	err = check_asked(s, x, &what);
	if (err == ERR_OK)
		err = answer(s, x, &what);
	if (err == ERR_NOMEM || err == ERR_STORE || err == ERR_TIMEOUT)
		return (err);
	if (err == ERR_NOT_ALLOWED)
		say(SAY_DEBUG, &(struct say_ctx){ .referral = &x->id,
		    .partner = &x->to }, "asked to wrap for a key that does "
		    "not count now");
	else if (err != ERR_OK)
		tidings_alarm(s->k, &x->id, what);
	return (ERR_OK);
}

enum err
rewrapper_turn(struct steward *s, bool *did)
{
	while (s->first != NULL && s->state == STEWARD_UP) {
		const struct held *h = s->first;
		size_t mark = arena_used(s->k->a);
		Keten__V1__FromBroker *m;
		enum err err;

		err = frame_parse_from(s->k->a,
		    slice_of(h->bytes, h->header_len), &m, NULL);
		if (err != ERR_OK ||
		    m->body_case != KETEN__V1__FROM_BROKER__BODY_REWRAP_ASK) {
			arena_rewind(s->k->a, mark);
			return (err == ERR_NOMEM ? err : ERR_OK);
		}
		*did = true;
		err = one(s, m->rewrap_ask);
		arena_rewind(s->k->a, mark);
		/* Without an answer of the broker it is asked again anyway. */
		if (s->first == h)
			steward_unhold(s);
		if (err == ERR_NOMEM || err == ERR_STORE)
			return (err);
	}
	return (ERR_OK);
}
