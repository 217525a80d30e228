/*
 * dispatch -- from an order to a draft, with the broker's and the policy's word
 * about who is to read it.
 */
#include <string.h>

#include "policy/route.h"
#include "sdk/dispatch.h"
#include "wire/pb.h"
#include "wire/statement.h"

enum { ASK_MS = 10000 };

static MUST_CHECK enum err
no(enum err err, const char **rule, const char *text)
{
	*rule = text;
	return (err);
}

/* ---- who would be asked --------------------------------------------------- */

/* The question to the policy that goes with the header of ${d}. */
struct asked {
	struct org first[ROUTE_FIRST];
	struct org never[STATEMENT_NAMES_MAX];
	struct route_ask ask;
};

static MUST_CHECK enum err
put_orgs(char *const *names, size_t n, struct org *out, size_t max,
    const char **rule)
{
	if (n > max)
		return (no(ERR_NOT_ALLOWED, rule, "te veel partners genoemd"));
	for (size_t i = 0; i < n; i++) {
		out[i] = org_of(names[i]);
		if (org_is_none(&out[i]))
			return (no(ERR_UNKNOWN_PARTNER, rule,
			    "first of never noemt geen partner"));
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
ask_of(const struct keten *k, const Keten__V1__Header *h, int64_t now_ms,
    struct asked *x, const char **rule)
{
	enum err err;

	memset(x, 0, sizeof(*x));
	if ((err = put_orgs(h->first, h->n_first, x->first, ROUTE_FIRST,
		 rule)) != ERR_OK ||
	    (err = put_orgs(h->never, h->n_never, x->never,
		 STATEMENT_NAMES_MAX, rule)) != ERR_OK)
		return (err);
	x->ask.from = k->dev.partner;
	x->ask.code = h->code;
	x->ask.area = h->area;
	x->ask.edition = h->area_year;
	x->ask.urgency = (unsigned)h->urgency;
	x->ask.basis = h->basis;
	x->ask.discussed = (unsigned)h->discussed;
	x->ask.first = x->first;
	x->ask.n_first = h->n_first;
	x->ask.never = x->never;
	x->ask.n_never = h->n_never;
	x->ask.now_ms = now_ms;
	return (ERR_OK);
}

static bool
is_on(const struct ladder *l, const char *name)
{
	struct org o = org_of(name);

	for (uint32_t i = 0; i < l->n_rungs; i++)
		for (uint32_t j = 0; j < l->rungs[i].n; j++)
			if (org_eq(&l->rungs[i].candidates[j], &o))
				return (true);
	return (false);
}

/* A candidate that is closed by our clock may be open by the broker's. */
static bool
may_be(const struct policy *p, const struct route_ask *ask,
    const struct ladder *l, const char *name)
{
	struct org o = org_of(name);

	return (is_on(l, name) ||
	    route_why_not(p, ask, l, &o) == ROUTE_WHY_CLOSED);
}

static MUST_CHECK enum err
check_answer(const struct policy *p, const struct route_ask *ask,
    const struct ladder *l, const Keten__V1__ResolveAnswer *r,
    const char **rule)
{
	for (size_t i = 0; i < r->n_rungs; i++)
		for (size_t j = 0; j < r->rungs[i]->n_candidates; j++)
			if (!may_be(p, ask, l,
				r->rungs[i]->candidates[j]))
				return (no(ERR_DIGEST, rule,
				    "de makelaar noemt een kandidaat die niet "
				    "in het beleid staat"));
	if (strcmp(r->regisseur, l->regisseur.id) != 0)
		return (no(ERR_DIGEST, rule,
		    "de makelaar noemt een andere regisseur"));
	if (strcmp(r->custodian, l->custodian.id) != 0)
		return (no(ERR_DIGEST, rule,
		    "de makelaar noemt een andere bewaarder"));
	if (r->early && !l->early)
		return (no(ERR_DIGEST, rule,
		    "de makelaar wil het persoonsdeel vooraf tonen"));
	return (ERR_OK);
}

static MUST_CHECK enum err
ask_broker(struct steward *s, const Keten__V1__Header *h,
    Keten__V1__ResolveAnswer **answer, const char **rule)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__Resolve r = KETEN__V1__RESOLVE__INIT;
	Keten__V1__FromBroker *reply;
	Keten__V1__Header header = *h;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_RESOLVE;
	q.resolve = &r;
	r.header = &header;
	err = steward_ask(s, &q, ASK_MS, s->k->a, &reply, NULL);
	if (err_is_wire(err) && err != ERR_OK)
		*rule = reply->refusal->rule;
	if (err != ERR_OK)
		return (err);
	if (reply->answer->body_case != KETEN__V1__ANSWER__BODY_RESOLVE)
		return (no(ERR_DIGEST, rule,
		    "de makelaar antwoordt op een andere vraag"));
	*answer = reply->answer->resolve;
	return (ERR_OK);
}

enum err
dispatch_check(struct keten *k, const Keten__V1__Header *h, int64_t now_ms,
    const Keten__V1__ResolveAnswer *answer, const char **rule)
{
	struct ladder *l = arena_zero(k->a, 1, sizeof(*l));
	struct asked *x = arena_zero(k->a, 1, sizeof(*x));
	enum err err;

	if (l == NULL || x == NULL)
		return (ERR_NOMEM);
	/* By another policy than ours: it proves nothing, either way. */
	if (answer->policy_index != policy_index(k->policy))
		return (no(ERR_BUSY, rule,
		    "het beleid wordt juist vernieuwd"));
	if ((err = ask_of(k, h, now_ms, x, rule)) != ERR_OK)
		return (err);
	err = route_ladder(k->policy, &x->ask, l, rule);
	if (err == ERR_NOBODY_NOW)
		*rule = l->call;
	return (err == ERR_OK
		? check_answer(k->policy, &x->ask, l, answer, rule)
		: err);
}

unsigned
dispatch_content(const struct keten *k, const Keten__V1__Header *h,
    int64_t now_ms)
{
	struct asked x;
	const char *rule;

	if (ask_of(k, h, now_ms, &x, &rule) != ERR_OK)
		return (0);
	return (route_content(k->policy, &x.ask, NULL));
}

enum err
dispatch_resolve(struct steward *s, const struct draft *d,
    Keten__V1__ResolveAnswer **answer, const char **rule)
{
	enum err err = ask_broker(s, &d->header, answer, rule);

	if (err != ERR_OK)
		return (err);
	/*
	 * A newer policy than the draft was made by, which a delivery may have
	 * spoken of before: fetch it, and make the draft again.
	 */
	if ((*answer)->policy_index > policy_index(s->k->policy)) {
		if ((*answer)->policy_index > s->policy_index)
			s->policy_index = (*answer)->policy_index;
		err = steward_policy(s);
		return (err == ERR_OK ? ERR_TIMEOUT : err);
	}
	return (dispatch_check(s->k, &d->header, steward_now(s), *answer,
	    rule));
}

/* ---- who is to read it ---------------------------------------------------- */

/* The sealing key of ${who}, checked; who has none gets a wrap later. */
static MUST_CHECK enum err
add_reader(struct steward *s, const struct org *who, struct sealer_keys *keys)
{
	enum err err;

	if (org_is_none(who) || org_eq(who, &s->k->dev.partner))
		return (ERR_OK);
	if ((err = steward_certs(s, who, false)) != ERR_OK)
		return (err);
	sealer_add(keys, certs_seal_key(s->k->certs, who, steward_now(s)));
	return (ERR_OK);
}

static MUST_CHECK enum err
add_named(struct steward *s, const char *name, struct sealer_keys *keys)
{
	struct org o = org_of(name);

	return (add_reader(s, &o, keys));
}

/* Ourselves always: what we sealed we must be able to show. */
static void
add_self(struct steward *s, struct readers *r)
{
	sealer_add(&r->note, &s->k->dev.seal.pub);
	sealer_add(&r->person, &s->k->dev.seal.pub);
	sealer_add(&r->text, &s->k->dev.seal.pub);
}

static MUST_CHECK enum err
add_candidates(struct steward *s, const Keten__V1__ResolveAnswer *a,
    struct readers *r)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < a->n_rungs; i++)
		for (size_t j = 0; j < a->rungs[i]->n_candidates; j++) {
			const char *name = a->rungs[i]->candidates[j];

			if ((err = add_named(s, name, &r->note)) != ERR_OK)
				return (err);
			if (a->early && (err = add_named(s, name,
					     &r->person)) != ERR_OK)
				return (err);
			/* Texts are for those who have an offer now. */
			if (i == 0 &&
			    (err = add_named(s, name, &r->text)) != ERR_OK)
				return (err);
		}
	return (ERR_OK);
}

static MUST_CHECK enum err
readers_of_submit(struct steward *s, const Keten__V1__ResolveAnswer *a,
    struct readers *r)
{
	enum err err;

	memset(r, 0, sizeof(*r));
	add_self(s, r);
	if ((err = add_named(s, a->regisseur, &r->note)) != ERR_OK ||
	    (err = add_named(s, a->regisseur, &r->text)) != ERR_OK ||
	    (err = add_named(s, a->custodian, &r->person)) != ERR_OK)
		return (err);
	return (add_candidates(s, a, r));
}

/* B, H and R; in OFFERED those with an open offer; who is named in the step. */
static MUST_CHECK enum err
readers_of_step(struct steward *s, const struct order *o,
    const struct dossier *c, struct readers *r)
{
	const struct referral *f = &c->r;
	enum err err;

	memset(r, 0, sizeof(*r));
	add_self(s, r);
	if ((err = add_reader(s, &f->b, &r->text)) != ERR_OK ||
	    (err = add_reader(s, &f->h, &r->text)) != ERR_OK ||
	    (err = add_reader(s, &f->r, &r->text)) != ERR_OK)
		return (err);
	for (size_t i = 0; f->state == ST_OFFERED && i < f->n_offers; i++)
		if (words_is_open(f->offers[i].state) &&
		    (err = add_reader(s, &f->offers[i].to, &r->text)) !=
			ERR_OK)
			return (err);
	if (o->want.to != NULL &&
	    (err = add_named(s, o->want.to, &r->text)) != ERR_OK)
		return (err);
	r->note = r->text;
	return (ERR_OK);
}

/* ---- the draft ------------------------------------------------------------ */

static MUST_CHECK enum err
draft_submit(struct steward *s, const struct order *o, struct draft *d,
    const char **rule)
{
	struct readers *r = arena_zero(s->k->a, 1, sizeof(*r));
	Keten__V1__ResolveAnswer *answer;
	enum err err;

	if (r == NULL)
		return (ERR_NOMEM);
	if ((err = scribe_header(s->k, s->k->a, o, d, rule)) != ERR_OK ||
	    (err = dispatch_resolve(s, d, &answer, rule)) != ERR_OK ||
	    (err = readers_of_submit(s, answer, r)) != ERR_OK)
		return (err);
	return (scribe_parts(s->k, s->k->a, o, r, d));
}

static MUST_CHECK enum err
get_dossier(struct steward *s, const struct refid *id, struct dossier *c)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(s->k->spool, false, &txn);

	if (err == ERR_OK)
		err = casebook_get(txn, s->k->a, id, c);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
draft_step(struct steward *s, const struct order *o, struct draft *d,
    const char **rule)
{
	struct readers *r = arena_zero(s->k->a, 1, sizeof(*r));
	struct dossier *c = arena_zero(s->k->a, 1, sizeof(*c));
	enum err err;

	if (r == NULL || c == NULL)
		return (ERR_NOMEM);
	err = get_dossier(s, &o->referral, c);
	if (err == ERR_NOT_FOUND)
		c = NULL;
	else if (err != ERR_OK)
		return (err);
	if ((err = scribe_step(s->k, s->k->a, o, c, d, rule)) != ERR_OK ||
	    (o->want.note == NULL && o->want.text == NULL))
		return (err);
	if (c == NULL)
		return (no(ERR_UNKNOWN_REFERRAL, rule,
		    "voor wie de tekst is, is hier niet bekend"));
	if ((err = readers_of_step(s, o, c, r)) != ERR_OK)
		return (err);
	return (scribe_parts(s->k, s->k->a, o, r, d));
}

enum err
dispatch_draft(struct steward *s, const struct order *o, struct draft *d,
    const char **rule)
{
	if (s->k->policy == NULL)
		return (ERR_TIMEOUT);
	d->kind = ENVELOPE_COMMAND;
	d->referral = o->referral;
	d->ticket = o->ticket;
	d->actor = o->want.actor;
	if (scribe_is_request(o->want.step)) {
		scribe_request(o, d);
		return (ERR_OK);
	}
	if (scribe_is_public(o->want.step))
		return (scribe_public(s->k, s->k->a, o, o->made_ms +
		    steward_now(s) - handle_now(), d, rule));
	if (o->want.step == KETEN_SUBMIT)
		return (draft_submit(s, o, d, rule));
	return (draft_step(s, o, d, rule));
}
