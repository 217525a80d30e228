/*
 * witness -- check what the broker shows against what can be computed.
 */
#include <string.h>

#include "life/apply.h"
#include "sdk/witness.h"
#include "trust/digest.h"
#include "wire/pb.h"
#include "wire/statement.h"

static MUST_CHECK enum err
fault(const char **what, const char *text)
{
	*what = text;
	return (ERR_DIGEST);
}

/* The digest of the route facts, from themselves or as given. */
static MUST_CHECK enum err
route_digest(const Keten__V1__Record *r, uint8_t out[32], const char **what)
{
	uint8_t given[32];

	if (r->route_facts.len == 0 && r->route_hash.len == 32)
		return (pb_bytes(r->route_hash, 32, out));
	digest_of(r->route_facts.data, r->route_facts.len, out);
	if (r->route_hash.len != 0 &&
	    (pb_bytes(r->route_hash, 32, given) != ERR_OK ||
		!digest_eq(given, out)))
		return (fault(what, "de routefeiten hebben een andere hash"));
	return (ERR_OK);
}

/* Does the leaf bind salt, envelope hash and facts? */
static MUST_CHECK enum err
check_leaf(const Keten__V1__Record *r, struct witnessed *w, const char **what)
{
	uint8_t facts[32], route[32], record[32], salt[LEAF_SALT];
	struct leaf leaf;
	enum err err;

	if (leaf_decode(pb_slice(r->leaf), &leaf) != ERR_OK ||
	    pb_bytes(r->salt, LEAF_SALT, salt) != ERR_OK ||
	    pb_bytes(r->envelope_hash, 32, w->envelope_hash) != ERR_OK)
		return (fault(what, "het blad van het logboek is niet te lezen"));
	if ((err = route_digest(r, route, what)) != ERR_OK)
		return (err);
	digest_of(r->facts.data, r->facts.len, facts);
	leaf_record_from(salt, w->envelope_hash, facts, route, record);
	if (!digest_eq(record, leaf.record))
		return (fault(what, "het blad past niet bij de feiten"));
	w->index = r->index;
	w->time_ms = leaf.time_ms;
	w->kind = leaf.kind;
	digest_leaf(pb_slice(r->leaf), w->leaf_hash);
	return (ERR_OK);
}

bool
witness_erased(const Keten__V1__Record *r, struct witnessed *w)
{
	struct leaf leaf;

	if (r->facts.len != 0 || r->salt.len != 0 ||
	    r->envelope_hash.len != 0 || r->route_facts.len != 0 ||
	    leaf_decode(pb_slice(r->leaf), &leaf) != ERR_OK)
		return (false);
	memset(w, 0, sizeof(*w));
	w->index = r->index;
	w->time_ms = leaf.time_ms;
	w->kind = leaf.kind;
	digest_leaf(pb_slice(r->leaf), w->leaf_hash);
	return (true);
}

enum err
witness_record(struct arena *a, const Keten__V1__Record *r,
    struct witnessed *w, const char **what)
{
	enum err err;

	memset(w, 0, sizeof(*w));
	*what = "de feiten zijn niet te lezen";
	if ((err = check_leaf(r, w, what)) != ERR_OK)
		return (err);
	*what = "de feiten zijn niet te lezen";
	err = pb_unpack(a, &keten__v1__facts__descriptor, pb_slice(r->facts),
	    &prescan_stored, &w->facts);
	if (err == ERR_OK && r->route_facts.len > 0)
		err = pb_unpack(a, &keten__v1__route_facts__descriptor,
		    pb_slice(r->route_facts), &prescan_stored, &w->route);
	if (err != ERR_OK)
		return (err);
	if (w->facts->index != w->index || w->facts->time_ms != w->time_ms ||
	    (int)w->facts->kind != (int)w->kind)
		return (fault(what, "de feiten horen bij een ander blad"));
	return (ERR_OK);
}

/* ---- the statement -------------------------------------------------------- */

/* Are the parts of the statement those in the facts, in that order? */
static bool
same_parts(const Keten__V1__Command *c, const Keten__V1__Facts *f)
{
	if (c->n_parts != f->n_parts)
		return (false);
	for (size_t i = 0; i < c->n_parts; i++) {
		const Keten__V1__Part *p = c->parts[i], *q = f->parts[i];

		if (p->kind != q->kind || p->contains != q->contains ||
		    !slice_eq(pb_slice(p->sha256), pb_slice(q->sha256)) ||
		    !slice_eq(pb_slice(p->plain_commit),
			pb_slice(q->plain_commit)) ||
		    !slice_eq(pb_slice(p->nonce), pb_slice(q->nonce)))
			return (false);
	}
	return (true);
}

/* Is the sender in the route facts who signed? */
static bool
same_sender(const struct said *s, const Keten__V1__RouteFacts *route)
{
	const Keten__V1__Sender *from = route == NULL ? NULL : route->sender;
	uint8_t hash[32];

	if (from == NULL)
		return (true);
	digest_of(s->env.body.p, s->env.body.len, hash);
	return (strcmp(from->partner, s->st->partner) == 0 &&
	    strcmp(from->device, s->st->device) == 0 &&
	    slice_eq(pb_slice(from->lane), pb_slice(s->st->lane)) &&
	    from->number == s->st->number &&
	    slice_eq(pb_slice(from->body_hash), slice_of(hash, 32)));
}

static MUST_CHECK enum err
fits(const struct said *s, const struct witnessed *w, const char **what)
{
	const Keten__V1__Change *c = w->facts->change;
	const Keten__V1__Command *cmd = s->st->command;

	if (!same_sender(s, w->route))
		return (fault(what, "de afzender in de feiten is een ander"));
	if (c == NULL || s->st->body_case != KETEN__V1__STATEMENT__BODY_COMMAND)
		return (ERR_OK);
	if (!slice_eq(pb_slice(c->referral), pb_slice(s->st->referral)))
		return (fault(what, "de feiten gaan over een andere verwijzing"));
	if (c->n_steps == 0 || c->steps[0]->event != cmd->event)
		return (fault(what, "de feiten zijn van een andere stap"));
	if (!same_parts(cmd, w->facts))
		return (fault(what, "de feiten noemen andere inhoud"));
	return (ERR_OK);
}

enum err
witness_statement(struct arena *a, const struct certs *c, const char *origin,
    struct slice envelope, const struct witnessed *w, struct said *said,
    const char **what)
{
	uint8_t hash[32];
	const uint8_t *key;
	enum err err;

	memset(said, 0, sizeof(*said));
	*what = "de verklaring is niet te lezen";
	digest_of(envelope.p, envelope.len, hash);
	if (!digest_eq(hash, w->envelope_hash))
		return (fault(what, "het blad is van een andere verklaring"));
	if ((err = envelope_parse(a, envelope, &said->env, NULL)) != ERR_OK ||
	    (err = statement_parse(a, said->env.kind, said->env.body,
		 &said->st, NULL)) != ERR_OK)
		return (err);
	said->partner = org_of(said->st->partner);
	said->device = org_of(said->st->device);
	if (strcmp(said->st->origin, origin) != 0)
		return (fault(what, "de verklaring is voor een ander logboek"));

	if (c == NULL)
		return (fits(said, w, what));
	key = certs_sign_key(c, &said->partner, &said->device,
	    said->env.key_id, w->index);
	if (key == NULL) {
		*what = "de sleutel van de afzender is niet bekend";
		return (ERR_NOT_FOUND);
	}
	if (envelope_check(&said->env, key) != ERR_OK)
		return (fault(what, "de handtekening van de afzender klopt niet"));
	return (fits(said, w, what));
}

/* ---- looking up ----------------------------------------------------------- */

static bool
is_about(ProtobufCBinaryData referral, const struct refid *id)
{
	return (slice_eq(pb_slice(referral), slice_of(id->b, sizeof(id->b))));
}

const Keten__V1__Change *
witness_change(const struct witnessed *w, const struct refid *id)
{
	const Keten__V1__Facts *f = w->facts;

	if (f->change != NULL && is_about(f->change->referral, id))
		return (f->change);
	for (size_t i = 0; i < f->n_children; i++)
		if (is_about(f->children[i]->referral, id))
			return (f->children[i]);
	return (NULL);
}

const Keten__V1__RouteChange *
witness_who(const struct witnessed *w, const struct refid *id)
{
	for (size_t i = 0; w->route != NULL && i < w->route->n_changes; i++)
		if (is_about(w->route->changes[i]->referral, id))
			return (w->route->changes[i]);
	return (NULL);
}

enum err
witness_offer(const struct witnessed *w, const struct refid *id,
    uint32_t number, const struct org *self, struct slice blind)
{
	const Keten__V1__Change *c = witness_change(w, id);
	uint8_t commit[32];

	for (size_t i = 0; c != NULL && i < c->n_offers; i++) {
		const Keten__V1__OfferChange *o = c->offers[i];

		if (o->number != number || o->commit.len == 0)
			continue;
		if (blind.len != 16)
			return (ERR_DIGEST);
		apply_commit(blind.p, self, commit);
		if (!slice_eq(pb_slice(o->commit), slice_of(commit, 32)))
			return (ERR_DIGEST);
	}
	return (ERR_OK);
}
