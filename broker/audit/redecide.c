/*
 * redecide -- decide a record once more, on the state before it, and compare.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/eye.h"
#include "audit/pbjson.h"
#include "audit/redecide.h"
#include "core/decide.h"
#include "core/view.h"
#include "life/words.h"
#include "policy/erasure.h"
#include "trust/digest.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* A change of a parent with 64 descendants, each with its ladder. */
#define ARENA ((size_t)64 << 20)

struct redecide {
	struct keyring *keys;
	struct eye eye;
	struct policy *policy;
	struct arena *a;
	uint8_t random[DECIDE_BLINDS][16];
};

/* One record that is being decided. */
struct trial {
	struct redecide *r;
	struct txn *view;
	const struct fetched *f;
	const struct record *rec; /* ${f}'s */
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route;
	struct decide_in in;
	enum redecide_result result;
	char *why;
};

struct redecide *
redecide_new(void)
{
	struct redecide *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return (NULL);
	r->keys = keyring_new();
	r->a = arena_new(ARENA);
	if (r->keys == NULL || r->a == NULL ||
	    eye_init(&r->eye, r->keys) != ERR_OK) {
		redecide_free(r);
		return (NULL);
	}
	return (r);
}

void
redecide_free(struct redecide *r)
{
	if (r == NULL)
		return;
	eye_fini(&r->eye);
	policy_free(r->policy);
	arena_free(r->a);
	keyring_free(r->keys);
	free(r);
}

/* --- comparing ------------------------------------------------------------------------ */

/* Say where two messages differ; false if they do not. */
static bool
explain(const ProtobufCMessage *was, const ProtobufCMessage *is,
    const char *what, char why[REDECIDE_WHY])
{
	json_t *a = was == NULL ? json_object() : pbjson_of(was);
	json_t *b = is == NULL ? json_object() : pbjson_of(is);
	char text[REDECIDE_WHY - 32];
	bool differ = a != NULL && b != NULL &&
	    pbjson_difference(a, b, text, sizeof(text));

	if (differ)
		(void)snprintf(why, REDECIDE_WHY, "%s: %s", what, text);
	json_decref(a);
	json_decref(b);
	return (differ);
}

/* The referral under which it is kept stands in no hash: look here. */
static bool
has_same_owner(const struct trial *t, const struct decision *d)
{
	if (refid_is_none(&d->referral))
		return (!t->rec->has_owner);
	return (t->rec->has_owner &&
	    refid_eq(&t->rec->owner, &d->referral));
}

/* Compare a decision with the record, byte for byte. */
static MUST_CHECK enum err
compare(struct trial *t, const struct decision *d)
{
	struct slice facts, route;
	enum err err = pb_pack(t->in.arena, &d->facts->base, &facts);

	if (err == ERR_OK)
		err = pb_pack(t->in.arena, &d->route->base, &route);
	if (err != ERR_OK)
		return (err);
	t->result = REDECIDE_OTHER;
	if (slice_eq(facts, t->rec->facts) &&
	    slice_eq(route, t->rec->route)) {
		if (has_same_owner(t, d))
			t->result = REDECIDE_SAME;
		else
			(void)snprintf(t->why, REDECIDE_WHY, "het record "
			    "staat bij een andere verwijzing");
		return (ERR_OK);
	}
	if (!explain(&t->facts->base, &d->facts->base, "feiten", t->why) &&
	    !explain(t->route == NULL ? NULL : &t->route->base,
		&d->route->base, "route", t->why))
		(void)snprintf(t->why, REDECIDE_WHY,
		    "hetzelfde, maar in andere bytes");
	return (ERR_OK);
}

/* --- what cannot be invented ------------------------------------------------------------- */

/* The change that route change ${i} belongs to: the order is the same. */
static const Keten__V1__Change *
change_nth(const Keten__V1__Facts *f, size_t i)
{
	if (f->change != NULL)
		return (i == 0 ? f->change
			       : i - 1 < f->n_children ? f->children[i - 1]
						       : NULL);
	return (i < f->n_children ? f->children[i] : NULL);
}

/* How many offers a change made, counting any that are gone again. */
static size_t
fresh_offers(struct txn *view, const Keten__V1__Change *c)
{
	struct referral *r = calloc(1, sizeof(*r));
	struct refid id;
	uint32_t had = 0, has = c->after == NULL ? 0 : c->after->last_offer;

	if (r != NULL && pb_refid(c->referral, &id) == ERR_OK &&
	    view_referral(view, &id, r) == ERR_OK)
		had = r->last_offer;
	free(r);
	return (has > had ? has - had : 0);
}

/* Put the recorded blinds where decide took them from. */
static void
put_random(struct trial *t)
{
	const Keten__V1__RouteFacts *rf = t->route;
	size_t base = 0, n = rf == NULL ? 0 : rf->n_changes;

	memset(t->r->random, 0, sizeof(t->r->random));
	/* Nothing follows from changes after the last one with offers. */
	while (n > 0 && rf->changes[n - 1]->n_offers == 0)
		n--;
	for (size_t i = 0; i < n; i++) {
		const Keten__V1__RouteChange *who = rf->changes[i];
		const Keten__V1__Change *c = change_nth(t->facts, i);

		for (size_t k = 0; k < who->n_offers; k++)
			if (base + k < DECIDE_BLINDS &&
			    who->offers[k]->blind.len == 16)
				memcpy(t->r->random[base + k],
				    who->offers[k]->blind.data, 16);
		if (c != NULL && i + 1 < n)
			base += fresh_offers(t->view, c);
	}
}

/* --- the kinds --------------------------------------------------------------------------------- */

static MUST_CHECK enum err
malformed(struct trial *t, enum err err, const char *rule)
{
	if (err == ERR_NOMEM)
		return (err);
	t->result = REDECIDE_MALFORMED;
	(void)snprintf(t->why, REDECIDE_WHY, "%s", rule);
	return (ERR_OK);
}

/*
 * A refusal that rests on what is not in the log (the content frame, an
 * abnormal end): taken as given, but then it must be exactly that.
 */
static MUST_CHECK enum err
try_given(struct trial *t, const Keten__V1__Statement *st,
    const struct decide_sender *sender)
{
	const Keten__V1__Refused *no = t->facts->refused;
	struct decision d;
	enum err err;

	if (no == NULL)
		return (ERR_OK);
	if (no->code == KETEN__V1__ERROR_CODE__DIGEST)
		err = decide_statement(&t->in, st, sender, ERR_DIGEST,
		    no->rule, &d);
	else if (no->code == KETEN__V1__ERROR_CODE__INTERNAL)
		err = decide_refuse(&t->in, st, sender, ERR_INTERNAL,
		    no->rule, &d);
	else
		return (ERR_OK);
	if (err == ERR_OK)
		err = compare(t, &d);
	if (err == ERR_OK && t->result == REDECIDE_SAME)
		t->result = REDECIDE_GIVEN;
	return (err);
}

static MUST_CHECK enum err
try_statement(struct trial *t)
{
	struct decide_sender sender = { .partner = org_of("") };
	const struct fetched *f = t->f;
	struct decision d;
	enum err err;

	if (!f->has_said)
		return (malformed(t, ERR_MALFORMED, "er is niets ondertekend"));
	if (f->said_err != ERR_OK)
		return (malformed(t, f->said_err, f->said_rule));
	sender.partner = org_of(f->st->partner);
	(void)snprintf(sender.device, sizeof(sender.device), "%s",
	    f->st->device);
	memcpy(sender.body_hash, f->body_hash, sizeof(sender.body_hash));
	err = decide_statement(&t->in, f->st, &sender, ERR_OK, NULL, &d);
	if (err == ERR_OK)
		err = compare(t, &d);
	if (err == ERR_OK && t->result == REDECIDE_OTHER)
		err = try_given(t, f->st, &sender);
	return (err);
}

/* A term that had passed, and may be the one that fired. */
struct passed {
	int64_t at_ms;
	enum term term;
	uint16_t offer;
};

static void
add_passed(struct passed *list, size_t *n, const struct clock *c,
    enum term term, uint16_t offer, int64_t now_ms)
{
	struct passed one = { c->at_ms, term, offer };
	size_t i;

	if (!c->running || c->at_ms > now_ms)
		return;
	/* In order of time, as the broker takes them. */
	for (i = (*n)++; i > 0 && list[i - 1].at_ms > one.at_ms; i--)
		list[i] = list[i - 1];
	list[i] = one;
}

static size_t
find_passed(const struct referral *r, int64_t now_ms,
    struct passed list[TERM__MAX + REFERRAL_OFFERS_MAX])
{
	size_t n = 0;

	for (int i = 1; i < TERM__MAX; i++)
		add_passed(list, &n, &r->clocks[i], (enum term)i, 0, now_ms);
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].own_term)
			add_passed(list, &n, &r->offers[i].clock, TERM_MORE,
			    r->offers[i].number, now_ms);
	return (n);
}

static MUST_CHECK enum err
try_timer(struct trial *t)
{
	struct passed list[TERM__MAX + REFERRAL_OFFERS_MAX];
	struct referral *r = arena_zero(t->in.arena, 1, sizeof(*r));
	struct refid id;
	char first[REDECIDE_WHY] = "";
	size_t n = 0;
	enum err err = ERR_OK;

	if (r == NULL)
		return (ERR_NOMEM);
	if (t->facts->change != NULL &&
	    pb_refid(t->facts->change->referral, &id) == ERR_OK &&
	    view_referral(t->view, &id, r) == ERR_OK)
		n = find_passed(r, t->in.now_ms, list);
	t->result = REDECIDE_OTHER;
	(void)snprintf(t->why, REDECIDE_WHY,
	    "er was op dat moment geen termijn voorbij");
	for (size_t i = 0; i < n && t->result != REDECIDE_SAME; i++) {
		struct decision d;

		err = decide_timer(&t->in, &id, list[i].term, list[i].offer,
		    &d);
		if (err == ERR_NOT_FOUND)
			continue;
		if (err == ERR_OK)
			err = compare(t, &d);
		if (err != ERR_OK)
			return (err);
		if (first[0] == '\0')
			memcpy(first, t->why, sizeof(first));
	}
	if (first[0] != '\0')
		memcpy(t->why, first, sizeof(first));
	return (ERR_OK);
}

static bool
is_succession(const Keten__V1__Facts *f)
{
	return (f->change != NULL && f->change->n_steps > 0 &&
	    f->change->steps[0]->event == KETEN__V1__EVENT__SUCCEED);
}

/* Try one who had a part in it and may have ended. */
static MUST_CHECK enum err
try_ended(struct trial *t, const struct refid *id, const struct org *old)
{
	struct decision d;
	enum err err;

	if (t->result == REDECIDE_SAME || org_is_none(old))
		return (ERR_OK);
	err = decide_succeed(&t->in, id, old, &d);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	return (err != ERR_OK ? err : compare(t, &d));
}

/* The facts do not say whose place was taken: one of those who had one. */
static MUST_CHECK enum err
try_succession(struct trial *t)
{
	struct referral *r = arena_zero(t->in.arena, 1, sizeof(*r));
	struct refid id;
	enum err err = ERR_OK;

	if (r == NULL)
		return (ERR_NOMEM);
	t->result = REDECIDE_OTHER;
	(void)snprintf(t->why, REDECIDE_WHY,
	    "volgens het beleid was hier niemand op te volgen");
	if (pb_refid(t->facts->change->referral, &id) != ERR_OK ||
	    view_referral(t->view, &id, r) != ERR_OK)
		return (ERR_OK);
	const struct org *const who[] = { &r->b, &r->h, &r->r,
		&r->custodian };

	for (size_t i = 0; err == ERR_OK && i < 4; i++)
		err = try_ended(t, &id, who[i]);
	for (size_t i = 0; err == ERR_OK && i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state))
			err = try_ended(t, &id, &r->offers[i].to);
	return (err);
}

/* The referrals that a RESTART moved, from its facts. */
static MUST_CHECK enum err
try_restart(struct trial *t)
{
	const Keten__V1__TickFacts *f = t->facts->tick;
	struct refid ids[DECIDE_RESTART_MAX];
	struct decision d;
	size_t n = 0;
	enum err err;

	for (size_t i = 0; i < t->facts->n_children; i++)
		if (n < DECIDE_RESTART_MAX &&
		    pb_refid(t->facts->children[i]->referral, &ids[n]) ==
			ERR_OK)
			n++;
	err = decide_restart(&t->in, f->from_ms, f->until_ms, f->page, ids, n,
	    &d);
	return (err != ERR_OK ? err : compare(t, &d));
}

/* What a person accepted is given. */
static MUST_CHECK enum err
try_accepted(struct trial *t)
{
	const Keten__V1__TickFacts *f = t->facts->tick;
	struct decide_guard g = { .size = f->size,
		.is_known = f->guard_root.len > 0, .was_size = f->guard_size };
	struct decision d;
	enum err err = pb_bytes(f->root, 32, g.root);

	if (err == ERR_OK && g.is_known)
		err = pb_bytes(f->guard_root, 32, g.was_root);
	if (err != ERR_OK)
		return (malformed(t, ERR_MALFORMED, "geen wortel"));
	err = decide_guard(&t->in, &g, &d);
	return (err != ERR_OK ? err : compare(t, &d));
}

static MUST_CHECK enum err
try_tick(struct trial *t)
{
	struct decision d;
	enum err err;

	if (t->facts->tick == NULL)
		return (malformed(t, ERR_MALFORMED, "geen feiten"));
	if (t->facts->tick->why == KETEN__V1__TICK_WHY__TICK_GUARD_ACCEPTED)
		return (try_accepted(t));
	if (t->facts->tick->why == KETEN__V1__TICK_WHY__TICK_RESTART)
		return (try_restart(t));
	err = decide_tick(&t->in, t->facts->tick->why, &d);
	return (err != ERR_OK ? err : compare(t, &d));
}

static MUST_CHECK enum err
try_ack(struct trial *t)
{
	Keten__V1__Ack *ack;
	struct envelope env;
	struct decision d;
	const char *rule = "";
	enum err err = envelope_parse(t->in.arena, t->rec->envelope, &env,
	    &rule);

	if (err == ERR_OK)
		err = statement_parse_ack(t->in.arena, env.body, &ack, &rule);
	if (err != ERR_OK)
		return (malformed(t, err, rule));
	err = decide_ack(&t->in, ack, &d);
	return (err != ERR_OK ? err : compare(t, &d));
}

static MUST_CHECK enum err
try_key(struct trial *t)
{
	Keten__V1__KeyStatement *key;
	struct envelope env;
	struct decision d;
	const char *rule = "";
	enum err err = envelope_parse(t->in.arena, t->rec->envelope, &env,
	    &rule);

	if (err == ERR_OK)
		err = statement_parse_key(t->in.arena, env.body, &key, &rule);
	if (err != ERR_OK)
		return (malformed(t, err, rule));
	err = decide_key(&t->in, key, &d);
	return (err != ERR_OK ? err : compare(t, &d));
}

static MUST_CHECK enum err
open_policy(struct trial *t, struct policy **p)
{
	struct envelope env;
	enum err err = envelope_parse(t->in.arena, t->rec->envelope, &env,
	    NULL);

	return (err != ERR_OK ? err : policy_read(env.body, p));
}

/* The new document is in force in its own record. */
static MUST_CHECK enum err
try_policy(struct trial *t)
{
	struct policy *p = NULL;
	struct decision d;
	enum err err = open_policy(t, &p);

	if (err != ERR_OK)
		return (malformed(t, err, "het beleid is niet te lezen"));
	t->in.policy = p;
	err = decide_policy(&t->in, &d);
	if (err == ERR_OK)
		err = compare(t, &d);
	t->in.policy = t->r->policy;
	policy_free(p);
	return (err);
}

static MUST_CHECK enum err
try_access(struct trial *t)
{
	const Keten__V1__AccessFacts *f = t->facts->access;
	struct decision d;
	enum err err;

	if (f == NULL)
		return (malformed(t, ERR_MALFORMED, "geen feiten"));
	err = decide_access(&t->in, f->who, f->what, f->why, f->report,
	    &d);
	return (err != ERR_OK ? err : compare(t, &d));
}

/* Content that went by a rule.  Whole records can only be erased once. */
static MUST_CHECK enum err
try_erase(struct trial *t)
{
	const Keten__V1__EraseFacts *f = t->facts->erase;
	struct decision d;
	struct refid id;
	enum err err;

	if (f == NULL)
		return (malformed(t, ERR_MALFORMED, "geen feiten"));
	t->result = REDECIDE_NOT;
	if (f->level != 1)
		return (ERR_OK);
	if (t->facts->change == NULL ||
	    pb_refid(t->facts->change->referral, &id) != ERR_OK)
		return (malformed(t, ERR_MALFORMED, "geen verwijzing"));
	err = f->number == ERASURE_AGAIN
	    ? decide_erase_again(&t->in, &id, &d)
	    : decide_erase(&t->in, &id, f->number, f->because, &d);
	if (err != ERR_NOT_FOUND)
		return (err != ERR_OK ? err : compare(t, &d));
	t->result = REDECIDE_OTHER;
	(void)snprintf(t->why, REDECIDE_WHY,
	    "er was geen regel die dit op dat moment liet wissen");
	return (ERR_OK);
}

static MUST_CHECK enum err
try_kind(struct trial *t)
{
	switch (t->rec->leaf.kind) {
	case LEAF_COMMAND:
	case LEAF_REFUSED:
	case LEAF_REWRAP:
		if (t->r->policy == NULL)
			break; /* nothing can be decided without one */
		return (try_statement(t));
	case LEAF_CLOCK:
		if (t->r->policy == NULL)
			break;
		return (is_succession(t->facts) ? try_succession(t) :
		    try_timer(t));
	case LEAF_DELIVERED:
		return (try_ack(t));
	case LEAF_KEY:
		return (try_key(t));
	case LEAF_POLICY:
		return (try_policy(t));
	case LEAF_TICK:
		return (try_tick(t));
	case LEAF_ACCESS:
		return (try_access(t));
	case LEAF_ERASE:
		if (t->r->policy == NULL)
			break;
		return (t->rec->envelope.len > 0 ? try_statement(t)
						 : try_erase(t));
	case LEAF_ANCHOR:
		break;
	}
	t->result = REDECIDE_NOT;
	return (ERR_OK);
}

enum err
redecide_record(struct redecide *r, struct txn *view, struct txn *log,
    const struct fetched *f, enum redecide_result *result,
    char why[REDECIDE_WHY])
{
	struct trial t = { .r = r, .view = view, .f = f, .rec = &f->rec,
		.facts = f->facts, .route = f->route,
		.result = REDECIDE_ENGINE, .why = why };
	enum err err = ERR_OK;

	why[0] = '\0';
	if (f->facts->engine == DECIDE_ENGINE) {
		arena_reset(r->a);
		eye_at(&r->eye, view, log, f->route, f->rec.leaf.time_ms);
		t.in = (struct decide_in){ .policy = r->policy,
			.view = &r->eye.look.view, .arena = r->a,
			.now_ms = f->rec.leaf.time_ms, .index = f->index,
			.random = (const uint8_t(*)[16])r->random };
		put_random(&t);
		err = try_kind(&t);
		if (err == ERR_OK)
			err = look_fault(&r->eye.look);
	}
	if (err == ERR_OK)
		*result = t.result;
	return (err);
}

void
redecide_gaps(struct redecide *r, bool has_gaps)
{
	r->eye.has_gaps = has_gaps;
}

/* --- going on --------------------------------------------------------------------------------- */

enum err
redecide_applied(struct redecide *r, const struct fetched *f)
{
	const struct record *rec = &f->rec;
	struct trial t = { .r = r, .rec = rec, .in = { .arena = r->a } };
	struct policy *p = NULL;
	enum err err = ERR_OK;

	arena_reset(r->a);
	if (rec->leaf.kind == LEAF_KEY)
		err = keyring_add(r->keys, rec->index, rec->envelope, r->a);
	if (err == ERR_OK && rec->leaf.kind == LEAF_POLICY) {
		err = open_policy(&t, &p);
		if (err == ERR_OK) {
			policy_free(r->policy);
			r->policy = p;
		}
	}
	if (err == ERR_OK)
		err = eye_note(&r->eye, f->index, f->facts, f->route);
	return (err == ERR_OK || err == ERR_NOMEM ? err : ERR_CORRUPT);
}
