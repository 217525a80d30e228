/*
 * purge -- content was erased at the broker, so it goes here too.
 */
#include <string.h>

#include "base/say.h"
#include "policy/erasure.h"
#include "sdk/orders.h"
#include "sdk/purge.h"
#include "sdk/tidings.h"
#include "sdk/wipe.h"
#include "wire/pb.h"

/* ---- may it be? ----------------------------------------------------------- */

static MUST_CHECK enum err
wrong(const char **what, const char *text)
{
	*what = text;
	return (ERR_DIGEST);
}

/* The referral as the record leaves it, as far as the policy asks for it. */
static void
referral_of(const Keten__V1__After *a, const struct dossier *c,
    struct referral *r)
{
	*r = c->r;
	r->state = (enum state)a->state;
	r->b = org_of(a->originator);
	r->h = org_of(a->holder);
	r->r = org_of(a->regisseur);
	r->ended_ms = a->ended_ms;
	memset(r->outcome, 0, sizeof(r->outcome));
	if (strlen(a->outcome) < sizeof(r->outcome))
		memcpy(r->outcome, a->outcome, strlen(a->outcome));
}

static MUST_CHECK enum err
check_request(const struct policy *p, const struct arrival *v,
    const struct referral *r, const char **what)
{
	if (!v->has_said ||
	    v->said.st->body_case != KETEN__V1__STATEMENT__BODY_ERASE)
		return (wrong(what, "een wissing op verzoek, zonder verzoek"));
	if (!erasure_may_ask(p, r, &v->said.partner))
		return (wrong(what, "een wissing op verzoek van wie dat niet "
		    "mag vragen"));
	return (ERR_OK);
}

enum err
purge_check(const struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const struct refid *id, const char **what)
{
	const Keten__V1__EraseFacts *f = v->w.facts->erase;
	const Keten__V1__Change *ch = witness_change(&v->w, id);
	const struct policy *p = s->k->policy;
	struct referral *r = arena_alloc(s->k->a, sizeof(*r));
	struct dossier c;
	enum err err;

	if (r == NULL)
		return (ERR_NOMEM);
	if (f == NULL || ch == NULL || ch->after == NULL || f->level != 1)
		return (wrong(what, "een wissing die niet zegt wat"));
	err = casebook_get(txn, s->k->a, id, &c);
	/* Nothing of it is here: nothing can be lost. */
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	referral_of(ch->after, &c, r);
	if (referral_is_live(r))
		return (wrong(what, "een wissing van een verwijzing die nog "
		    "loopt"));
	/* Under another policy than ours we cannot know. */
	if (p == NULL || v->w.facts->policy_index != policy_index(p))
		return (ERR_OK);
	if (!erasure_is_due(p, f->number, r, v->w.time_ms))
		return (wrong(what, "een wissing die het beleid niet "
		    "toestaat"));
	return (f->number == ERASURE_REQUEST ? check_request(p, v, r, what)
					      : ERR_OK);
}

/* ---- step 1 --------------------------------------------------------------- */

/* An order keeps what became of it, and loses what it said. */
static MUST_CHECK enum err
strip_order(struct spool_txn *txn, struct arena *a, uint64_t ticket,
    const struct dossier *c)
{
	struct order o;
	enum err err = orders_get(txn, a, ticket, &o);

	if (err != ERR_OK)
		return (err);
	o.want.note = o.want.person = o.want.text = NULL;
	if (o.want.code != NULL)
		o.want.code = c->r.code;
	if (o.want.area != NULL)
		o.want.area = c->r.area;
	if (o.status == KETEN_WAITING)
		orders_no(&o, KETEN_FAILED, ERR_CONTENT_GONE,
		    "de inhoud van deze verwijzing is gewist");
	return (orders_put(txn, &o));
}

static MUST_CHECK enum err
strip_news(struct spool_txn *txn, struct arena *a, uint64_t seq)
{
	static const char text[] =
	    "De tekst hiervan is gewist, met de inhoud van de verwijzing.";
	struct keten_news n;
	enum err err = tidings_get(txn, a, seq, &n);

	if (err != ERR_OK)
		return (err);
	memset(n.text, 0, sizeof(n.text));
	memcpy(n.text, text, sizeof(text));
	return (tidings_rewrite(txn, &n));
}

/* Write everything again that stands under the slot, without what it held. */
static MUST_CHECK enum err
strip_all(const struct steward *s, struct spool_txn *txn, uint32_t slot,
    const struct dossier *c)
{
	static const enum spool_table tables[] = { SPOOL_ORDER, SPOOL_OUT,
		SPOOL_NEWS };
	struct arena *a = s->k->a;
	enum err err = ERR_OK;

	for (size_t i = 0; i < 3; i++) {
		struct spool_key key = { 0 };

		while ((err = spool_after_under(txn, tables[i], slot,
			    &key)) == ERR_OK) {
			uint64_t n = spool_key_get_num(&key);
			size_t mark = arena_used(a);

			if (tables[i] == SPOOL_ORDER)
				err = strip_order(txn, a, n, c);
			else if (tables[i] == SPOOL_OUT)
				err = scribe_strip(txn, a, n);
			else
				err = strip_news(txn, a, n);
			arena_rewind(a, mark);
			if (err != ERR_OK)
				return (err);
		}
		if (err != ERR_NOT_FOUND)
			return (err);
	}
	return (ERR_OK);
}

enum err
purge_begin(const struct steward *s, struct spool_txn *txn,
    const struct refid *id, uint64_t index)
{
	struct spool_key last = { 0 };
	uint64_t place = 1;
	struct dossier c;
	uint32_t slot;
	enum err err = casebook_get(txn, s->k->a, id, &c);

	if (err == ERR_OK)
		err = spool_slot_close(txn, id, &slot);
	if (err == ERR_OK && slot != 0)
		err = strip_all(s, txn, slot, &c);
	if (err == ERR_OK)
		err = casebook_purge(txn, s->k->a, id);
	/* Nothing of it was ever here: there is no news that anybody outside
	 * has to read first. */
	if (err == ERR_NOT_FOUND)
		return (wipe_put(txn, id, index, 0));
	/* The news of it comes next in the list. */
	if (err == ERR_OK)
		err = spool_last(txn, SPOOL_NEWS, &last);
	if (err == ERR_OK)
		place = spool_key_get_num(&last) + 1;
	if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	return (err == ERR_OK ? wipe_put(txn, id, index, place) : err);
}

/* ---- steps 2 and 3 -------------------------------------------------------- */

/* How far the slowest of those is who keep things outside. */
static MUST_CHECK enum err
slowest(struct spool_txn *txn, struct arena *a, uint64_t *place)
{
	static const char prefix[] = "keeper:";
	const size_t len = sizeof(prefix) - 1;
	struct spool_key key = spool_key_of(prefix, len);
	enum err err;

	*place = UINT64_MAX;
	while ((err = spool_after(txn, SPOOL_META, &key)) == ERR_OK &&
	    key.len > len && memcmp(key.b, prefix, len) == 0) {
		uint64_t at = 0;
		struct slice v;

		err = spool_get(txn, SPOOL_READER,
		    spool_key_of(key.b + len, key.len - len), a, &v);
		if (err == ERR_OK && v.len == 8)
			at = be64_get(v.p);
		else if (err != ERR_OK && err != ERR_NOT_FOUND)
			return (err);
		if (at < *place)
			*place = at;
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
confirm(const struct steward *s, struct spool_txn *txn,
    const struct refid *id, uint64_t index)
{
	struct say_ctx ctx = { .referral = id };
	struct draft *d = arena_zero(s->k->a, 1, sizeof(*d));
	uint64_t number;
	enum err err;

	if (d == NULL)
		return (ERR_NOMEM);
	d->kind = ENVELOPE_ERASED;
	d->referral = *id;
	keten__v1__erased__init(&d->erased);
	d->erased.index = index;
	d->erased.mailbox = pb_string(s->k->dev.mailbox.id);
	err = scribe_sign(s->k, txn, s->k->a, d, &number);
	if (err == ERR_OK)
		err = wipe_drop(txn, id);
	if (err == ERR_OK)
		say(SAY_ERASED, &ctx, "record %llu, confirmed",
		    (unsigned long long)index);
	return (err);
}

/* Wipe and, if all keepers are that far, confirm one; ${key} is its place. */
static MUST_CHECK enum err
finish_one(struct steward *s, const struct spool_key *key, bool *did)
{
	struct spool_txn *txn = NULL;
	struct wipe w;
	struct refid id;
	uint64_t place;
	enum err err;

	memcpy(id.b, key->b, sizeof(id.b));
	if ((err = spool_slot_wipe(s->k->spool, &id)) != ERR_OK ||
	    (err = spool_begin(s->k->spool, true, &txn)) != ERR_OK)
		return (err);
	err = wipe_get(txn, s->k->a, &id, &w);
	if (err == ERR_OK)
		err = slowest(txn, s->k->a, &place);
	if (err == ERR_OK && place >= w.place) {
		err = confirm(s, txn, &id, w.index);
		if (err == ERR_OK)
			err = spool_commit(&txn);
		*did = err == ERR_OK;
	}
	spool_abort(&txn);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
purge_turn(struct steward *s, bool *did)
{
	uint64_t stamp = spool_stamp(s->k->spool);
	struct spool_key key = { 0 };
	enum err err = ERR_OK;

	/* Nobody wrote anything: nobody read on. */
	if (stamp == s->purge_stamp)
		return (ERR_OK);
	while (err == ERR_OK) {
		struct spool_txn *txn = NULL;
		size_t mark = arena_used(s->k->a);

		err = spool_begin(s->k->spool, false, &txn);
		if (err == ERR_OK)
			err = spool_after(txn, SPOOL_WIPE, &key);
		spool_abort(&txn);
		if (err == ERR_OK)
			err = finish_one(s, &key, did);
		arena_rewind(s->k->a, mark);
	}
	if (err != ERR_NOT_FOUND)
		return (err);
	if (!*did)
		s->purge_stamp = stamp;
	return (ERR_OK);
}
