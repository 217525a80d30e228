/*
 * examine_signed -- what a partner signed.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/examine_in.h"
#include "trust/digest.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* Which envelopes a leaf of a kind may stand for. */
static bool
fits_kind(enum leaf_kind leaf, enum envelope_kind kind)
{
	switch (leaf) {
	case LEAF_COMMAND:
		return (kind == ENVELOPE_COMMAND ||
		    kind == ENVELOPE_UNREADABLE ||
		    kind == ENVELOPE_CATALOGUE || kind == ENVELOPE_MISSING ||
		    kind == ENVELOPE_ERASED ||
		    kind == ENVELOPE_RETAIN || kind == ENVELOPE_UNRETAIN);
	case LEAF_REFUSED:
		return (envelope_has_number(kind));
	case LEAF_REWRAP:
		return (kind == ENVELOPE_REWRAP);
	case LEAF_ERASE:
		return (kind == ENVELOPE_ERASE || kind == ENVELOPE_COMMAND);
	case LEAF_DELIVERED:
		return (kind == ENVELOPE_ACK);
	case LEAF_KEY:
		return (kind == ENVELOPE_KEY);
	case LEAF_POLICY:
		return (kind == ENVELOPE_POLICY);
	case LEAF_CLOCK:
	case LEAF_TICK:
	case LEAF_ACCESS:
	case LEAF_ANCHOR:
		break;
	}
	return (false);
}

/* The broker's own records have no envelope; all others have one. */
static bool
needs_envelope(enum leaf_kind leaf)
{
	return (leaf != LEAF_CLOCK && leaf != LEAF_TICK &&
	    leaf != LEAF_ACCESS && leaf != LEAF_ERASE);
}

/* --- signatures ----------------------------------------------------------------------- */

static bool
is_good(const struct good_root *g, const struct envelope *env,
    const uint8_t key[SIGN_PUB])
{
	return (g->is_set && g->n == env->n &&
	    memcmp(g->root, env->root, 32) == 0 &&
	    memcmp(g->signature, env->signature, SIGN_SIG) == 0 &&
	    memcmp(g->key, key, SIGN_PUB) == 0);
}

/* A root that was checked before needs no second check, only the path. */
static enum err
check_signature(struct examiner *e, const struct envelope *env,
    const uint8_t key[SIGN_PUB])
{
	struct good_root *g = &e->good[env->root[0] % GOOD_ROOTS];
	enum err err;

	if (!env->is_batch)
		return (envelope_check(env, key));
	err = envelope_check_path(env);
	if (err != ERR_OK || is_good(g, env, key))
		return (err);
	err = envelope_check_root(env, key);
	if (err == ERR_OK) {
		g->is_set = true;
		g->n = env->n;
		memcpy(g->root, env->root, 32);
		memcpy(g->signature, env->signature, SIGN_SIG);
		memcpy(g->key, key, SIGN_PUB);
	}
	return (err);
}

/* The device that says it: was its key valid at this record, and is it its
 * signature? */
static void
check_signer(struct examiner *e, const struct envelope *env,
    const char *partner, const char *device, const Keten__V1__Statement *st,
    struct examined *out)
{
	const struct keyring_device *d = keyring_by_sign(
	    history_keys(e->x->history), env->key_id, out->index);
	struct findings *f = e->x->f;

	if (d == NULL && history_has_lost_key(e->x->history, out->index)) {
		out->n_unchecked++; /* the certificate cannot be read */
		return;
	}
	if (d == NULL) {
		findings_add(f, VERDICT_KEY, out->index,
		    "getekend met een sleutel die toen niet geldig was "
		    "(%.31s/%.31s)", partner, device);
		return;
	}
	if (strcmp(d->partner.id, partner) != 0 ||
	    strcmp(d->device, device) != 0) {
		findings_add(f, VERDICT_KEY, out->index,
		    "getekend met de sleutel van %s/%s, maar gezegd door "
		    "%.31s/%.31s", d->partner.id, d->device, partner, device);
		return;
	}
	if (check_signature(e, env, d->sign_key) != ERR_OK) {
		findings_add(f, VERDICT_SIGNATURE, out->index,
		    "de handtekening van %s/%s klopt niet", partner, device);
		return;
	}
	out->n_signatures++;
	if (out->index >= d->suspect_from) {
		out->n_suspect++;
		findings_note(f, out->index,
		    "getekend met de sleutel van %s/%s, die verdacht is vanaf "
		    "record %" PRIu64 ": het telt, maar kijk ernaar",
		    partner, device, d->suspect_from);
	}
	if (st != NULL && !keyring_may_say(d->role, st))
		findings_add(f, VERDICT_KEY, out->index,
		    "%s/%s mocht alleen indienen", partner, device);
}

/* --- the tree it had seen ---------------------------------------------------------------- */

static void
check_seen(struct examiner *e, uint64_t size, ProtobufCBinaryData root,
    const char *partner, const struct examined *out)
{
	if (size == 0)
		return;
	if (size == e->seen_size && root.len == 32 &&
	    memcmp(root.data, e->seen_root, 32) == 0)
		return;
	if (size > out->index) {
		findings_add(e->x->f, VERDICT_FORK, out->index,
		    "%.31s zag een logboek van %" PRIu64 " records, toen "
		    "dit er nog geen %" PRIu64 " had", partner, size, size);
		return;
	}
	if (root.len != 32 ||
	    !tree_has_root(e->x->tree, e->txn, size, root.data)) {
		findings_add(e->x->f, VERDICT_FORK, out->index,
		    "%.31s heeft bij %" PRIu64 " records een andere boom "
		    "gezien dan deze", partner, size);
		return;
	}
	e->seen_size = size;
	memcpy(e->seen_root, root.data, 32);
}

static void
check_origin(struct examiner *e, const char *origin,
    const struct examined *out)
{
	if (strcmp(origin, store_origin(e->x->store)) != 0)
		findings_add(e->x->f, VERDICT_SIGNATURE, out->index,
		    "getekend voor een ander logboek: %.128s", origin);
}

/* --- the kinds ------------------------------------------------------------------------------ */

/* The facts must say whose number was used, and for which bytes. */
static void
check_sender(struct examiner *e, const struct envelope *env,
    const Keten__V1__Statement *st, const struct examined *out)
{
	const Keten__V1__Sender *s =
	    out->route == NULL ? NULL : out->route->sender;
	uint8_t hash[32];

	digest_of(env->body.p, env->body.len, hash);
	if (s == NULL || strcmp(s->partner, st->partner) != 0 ||
	    strcmp(s->device, st->device) != 0 || s->number != st->number ||
	    !slice_eq(pb_slice(s->lane), pb_slice(st->lane)) ||
	    !slice_eq(pb_slice(s->body_hash), slice_of(hash, 32)))
		findings_add(e->x->f, VERDICT_HASH, out->index,
		    "de feiten noemen een andere afzender of andere bytes "
		    "dan er ondertekend zijn");
}

static MUST_CHECK enum err
examine_statement(struct examiner *e, const struct envelope *env,
    struct examined *out)
{
	Keten__V1__Statement *st;
	const char *rule = "";
	enum err err = statement_parse(e->a, env->kind, env->body, &st, &rule);

	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK) {
		findings_add(e->x->f, VERDICT_MALFORMED, out->index,
		    "de verklaring is niet te lezen: %s", rule);
		return (ERR_OK);
	}
	check_origin(e, st->origin, out);
	check_signer(e, env, st->partner, st->device, st, out);
	check_sender(e, env, st, out);
	check_seen(e, st->seen_size, st->seen_root, st->partner, out);
	if (st->body_case == KETEN__V1__STATEMENT__BODY_COMMAND)
		e->command = st->command;
	if (st->seen_leaf.len == 32) {
		out->seen_leaf_len = 32;
		memcpy(out->seen_leaf, st->seen_leaf.data, 32);
	}
	if (st->referral.len == 16)
		memcpy(out->referral.b, st->referral.data, 16);
	return (ERR_OK);
}

static MUST_CHECK enum err
examine_ack(struct examiner *e, const struct envelope *env,
    struct examined *out)
{
	const Keten__V1__AckFacts *f = out->facts->ack;
	Keten__V1__Ack *ack;
	const char *rule = "";
	enum err err = statement_parse_ack(e->a, env->body, &ack, &rule);

	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK) {
		findings_add(e->x->f, VERDICT_MALFORMED, out->index,
		    "de ontvangstbevestiging is niet te lezen: %s", rule);
		return (ERR_OK);
	}
	check_origin(e, ack->origin, out);
	check_signer(e, env, ack->partner, ack->device, NULL, out);
	check_seen(e, ack->seen_size, ack->seen_root, ack->partner, out);
	if (f == NULL || strcmp(f->partner, ack->partner) != 0 ||
	    strcmp(f->mailbox, ack->mailbox) != 0 || f->n != ack->n ||
	    !slice_eq(pb_slice(f->running_hash),
		pb_slice(ack->running_hash)))
		findings_add(e->x->f, VERDICT_HASH, out->index,
		    "de feiten noemen een andere bevestiging dan er "
		    "ondertekend is");
	return (ERR_OK);
}

enum err
examine_signed(struct examiner *e, const struct record *rec,
    struct examined *out)
{
	enum leaf_kind kind = rec->leaf.kind;
	struct envelope env;
	const char *rule = "";
	enum err err;

	if (rec->envelope.len == 0) {
		if (needs_envelope(kind))
			findings_add(e->x->f, VERDICT_SIGNATURE, rec->index,
			    "niemand heeft dit %s-record ondertekend",
			    leaf_kind_name(kind));
		return (ERR_OK);
	}
	err = envelope_parse(e->a, rec->envelope, &env, &rule);
	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK || !fits_kind(kind, env.kind)) {
		findings_add(e->x->f, VERDICT_MALFORMED, rec->index,
		    "de envelop is niet te lezen of hoort niet bij een "
		    "%s-record: %s", leaf_kind_name(kind), rule);
		return (ERR_OK);
	}
	if (kind == LEAF_DELIVERED)
		return (examine_ack(e, &env, out));
	/* Keys and policies were looked at in their own order. */
	if (kind == LEAF_KEY || kind == LEAF_POLICY) {
		out->n_signatures++;
		return (ERR_OK);
	}
	return (examine_statement(e, &env, out));
}
