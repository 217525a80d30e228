/*
 * redecide -- decide a record once more, on the state before it, and compare.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/eye.h"
#include "audit/pbjson.h"
#include "audit/redecide_in.h"
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
	arena_wipe_late(r->a);
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

enum err
redecide_facts(struct trial *t)
{
	enum err err = fetch_facts(t->f, t->in.arena);

	t->facts = t->f->facts;
	t->route = t->f->route;
	return (err != ERR_OK ? err : t->f->facts_err);
}

/* Say what is not as it was decided again. */
static MUST_CHECK enum err
say_difference(struct trial *t, const struct decision *d)
{
	enum err err = redecide_facts(t);

	if (err != ERR_OK)
		return (err);
	if (!explain(&t->facts->base, &d->facts->base, "feiten", t->why) &&
	    !explain(t->route == NULL ? NULL : &t->route->base,
		&d->route->base, "route", t->why))
		(void)snprintf(t->why, REDECIDE_WHY,
		    "hetzelfde, maar in andere bytes");
	return (ERR_OK);
}

/* The same bytes: what was decided stands for what was read. */
static void
take_facts(struct trial *t, const struct decision *d)
{
	if (t->f->facts != NULL)
		return;
	t->f->facts = d->facts;
	t->f->route = d->route;
}

/* Compare a decision with the record, byte for byte. */
enum err
redecide_compare(struct trial *t, const struct decision *d)
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
		take_facts(t, d);
		if (has_same_owner(t, d))
			t->result = REDECIDE_SAME;
		else
			(void)snprintf(t->why, REDECIDE_WHY, "het record "
			    "staat bij een andere verwijzing");
		return (ERR_OK);
	}
	return (say_difference(t, d));
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

static void
put_blind(struct redecide *r, size_t at, ProtobufCBinaryData blind)
{
	if (at >= DECIDE_BLINDS || blind.len != sizeof(r->random[0]))
		return;
	memcpy(r->random[at], blind.data, sizeof(r->random[0]));
	if (at >= r->n_random)
		r->n_random = at + 1;
}

/*
 * Put the recorded blinds where decide took them from.  Facts are read if there
 * are several changes with offers (fetch.c).
 */
static void
put_random(struct trial *t)
{
	const Keten__V1__RouteFacts *rf = t->route;
	size_t base = 0, n = rf == NULL ? 0 : rf->n_changes;

	memset(t->r->random, 0, t->r->n_random * sizeof(t->r->random[0]));
	t->r->n_random = 0;
	/* Nothing follows from changes after the last one with offers. */
	while (n > 0 && rf->changes[n - 1]->n_offers == 0)
		n--;
	for (size_t i = 0; i < n; i++) {
		const Keten__V1__RouteChange *who = rf->changes[i];
		const Keten__V1__Change *c = i + 1 == n ? NULL :
		    change_nth(t->facts, i);

		for (size_t k = 0; k < who->n_offers; k++)
			put_blind(t->r, base + k, who->offers[k]->blind);
		if (c != NULL)
			base += fresh_offers(t->view, c);
	}
}

/* --- the kinds --------------------------------------------------------------------------------- */

enum err
redecide_malformed(struct trial *t, enum err err, const char *rule)
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
	const Keten__V1__Refused *no;
	struct decision d;
	enum err err = redecide_facts(t);

	if (err != ERR_OK)
		return (err);
	no = t->facts->refused;
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
		err = redecide_compare(t, &d);
	if (err == ERR_OK && t->result == REDECIDE_SAME)
		t->result = REDECIDE_GIVEN;
	return (err);
}

static MUST_CHECK enum err
try_statement(struct trial *t)
{
	struct decide_sender *sender;
	const struct fetched *f = t->f;
	struct decision d;
	enum err err;

	if (!f->has_said)
		return (redecide_malformed(t, ERR_MALFORMED, "er is niets ondertekend"));
	if (f->said_err != ERR_OK)
		return (redecide_malformed(t, f->said_err, f->said_rule));
	/* The facts of the decision point into it. */
	sender = arena_alloc(t->in.arena, sizeof(*sender));
	if (sender == NULL)
		return (ERR_NOMEM);
	sender->partner = org_of(f->st->partner);
	(void)snprintf(sender->device, sizeof(sender->device), "%s",
	    f->st->device);
	memcpy(sender->body_hash, f->body_hash, sizeof(sender->body_hash));
	err = decide_statement(&t->in, f->st, sender, ERR_OK, NULL, &d);
	if (err == ERR_OK)
		err = redecide_compare(t, &d);
	if (err == ERR_OK && t->result == REDECIDE_OTHER)
		err = try_given(t, f->st, sender);
	return (err);
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
		return (redecide_malformed(t, err, rule));
	err = decide_ack(&t->in, ack, &d);
	return (err != ERR_OK ? err : redecide_compare(t, &d));
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
		return (redecide_malformed(t, err, rule));
	err = decide_key(&t->in, key, &d);
	return (err != ERR_OK ? err : redecide_compare(t, &d));
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
		return (redecide_malformed(t, err, "het beleid is niet te lezen"));
	t->in.policy = p;
	err = decide_policy(&t->in, &d);
	if (err == ERR_OK)
		err = redecide_compare(t, &d);
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
		return (redecide_malformed(t, ERR_MALFORMED, "geen feiten"));
	err = decide_access(&t->in, f->who, f->what, f->why, f->report,
	    &d);
	return (err != ERR_OK ? err : redecide_compare(t, &d));
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
		return (redecide_malformed(t, ERR_MALFORMED, "geen feiten"));
	t->result = REDECIDE_NOT;
	if (f->level != 1)
		return (ERR_OK);
	if (t->facts->change == NULL ||
	    pb_refid(t->facts->change->referral, &id) != ERR_OK)
		return (redecide_malformed(t, ERR_MALFORMED, "geen verwijzing"));
	if (f->page > 0)
		err = decide_erase_more(&t->in, &id, f->number, f->because,
		    f->page, &d);
	else if (f->number == ERASURE_AGAIN)
		err = decide_erase_again(&t->in, &id, &d);
	else
		err = decide_erase(&t->in, &id, f->number, f->because, &d);
	if (err != ERR_NOT_FOUND)
		return (err != ERR_OK ? err : redecide_compare(t, &d));
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
		return (redecide_clock(t));
	case LEAF_DELIVERED:
		return (try_ack(t));
	case LEAF_KEY:
		return (try_key(t));
	case LEAF_POLICY:
		return (try_policy(t));
	case LEAF_TICK:
		return (redecide_tick(t));
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

static MUST_CHECK enum err
decide_again(struct trial *t, struct txn *log)
{
	struct redecide *r = t->r;
	enum err err = ERR_OK;

	/* Behind a gap more is taken from the record than deciding needs. */
	if (r->eye.has_gaps || t->f->facts_err != ERR_OK)
		err = redecide_facts(t);
	if (err != ERR_OK || t->f->engine != DECIDE_ENGINE)
		return (err);
	eye_at(&r->eye, t->view, log, t->route, t->in.now_ms);
	put_random(t);
	err = try_kind(t);
	return (err != ERR_OK ? err : look_fault(&r->eye.look));
}

enum err
redecide_record(struct redecide *r, struct txn *view, struct txn *log,
    struct fetched *f, enum redecide_result *result, char why[REDECIDE_WHY])
{
	struct trial t = { .r = r, .view = view, .f = f, .rec = &f->rec,
		.facts = f->facts, .route = f->route,
		.result = REDECIDE_ENGINE, .why = why,
		.in = { .policy = r->policy, .view = &r->eye.look.view,
			.arena = r->a, .now_ms = f->rec.leaf.time_ms,
			.index = f->index,
			.random = (const uint8_t(*)[16])r->random } };
	enum err err;

	why[0] = '\0';
	arena_reset(r->a);
	err = decide_again(&t, log);
	if (err == ERR_OK)
		err = redecide_facts(&t);
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

	if (rec->leaf.kind == LEAF_KEY)
		err = keyring_add(r->keys, rec->index, rec->envelope, r->a);
	r->last_ms = rec->leaf.time_ms;
	if (err == ERR_OK && rec->leaf.kind == LEAF_POLICY) {
		err = open_policy(&t, &p);
		if (err == ERR_OK) {
			r->policy_ms = rec->leaf.time_ms;
			policy_free(r->policy);
			r->policy = p;
		}
	}
	if (err == ERR_OK)
		err = eye_note(&r->eye, f->index, f->facts, f->route);
	return (err == ERR_OK || err == ERR_NOMEM ? err : ERR_CORRUPT);
}
