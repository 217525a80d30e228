/*
 * intake -- a delivery, written.
 */
#include <stdio.h>
#include <string.h>

#include "sdk/early.h"
#include "sdk/intake.h"
#include "sdk/purge.h"
#include "sdk/tidings.h"
#include "trust/digest.h"
#include "wire/pb.h"

static MUST_CHECK enum err
wrong(const char **what, const char *text)
{
	*what = text;
	return (ERR_DIGEST);
}

#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* ---- its place in the mailbox --------------------------------------------- */

/* The newest one that we have may come again, but not as another. */
static MUST_CHECK enum err
is_as_before(struct steward *s, struct spool_txn *txn,
    const Keten__V1__Delivery *d, uint64_t last, const char **what)
{
	struct slice was;
	enum err err;

	if (d->seq != last)
		return (ERR_OK);
	err = spool_meta_get(txn, "running", s->k->a, &was);
	if (err == ERR_OK && !slice_eq(was, pb_slice(d->running_hash)))
		return (wrong(what, "een aflevering kwam terug als een andere"));
	return (err);
}

/* The mailbox begins, or begins anew: nothing came before. */
static MUST_CHECK enum err
forget_age(struct spool_txn *txn)
{
	enum err err = spool_meta_set_u64(txn, "past-index", 0);

	return (err != ERR_OK ? err : spool_meta_set_u64(txn, "past-ms", 0));
}

/*
 * Does the delivery follow the last one?  A mailbox that is new to this spool
 * may have a history: then the first one that comes is its beginning.
 */
static MUST_CHECK enum err
follow(struct steward *s, struct spool_txn *txn, const struct arrival *v,
    bool *is_old, const char **what)
{
	const Keten__V1__Delivery *d = v->msg->delivery;
	uint8_t running[32] = { 0 }, given[32];
	struct slice was;
	uint64_t last;
	enum err err;

	*is_old = false;
	if ((err = spool_meta_u64(txn, "last-seq", &last)) != ERR_OK)
		return (err);
	if (last != 0 && d->seq <= last) {
		*is_old = true;
		return (is_as_before(s, txn, d, last, what));
	}
	if (d->seq == 0 || pb_bytes(d->running_hash, 32, given) != ERR_OK)
		return (wrong(what, "een aflevering zonder nummer of hash"));
	if (last != 0 && d->seq != last + 1)
		return (wrong(what, "er ontbreekt een aflevering"));
	err = spool_meta_get(txn, "running", s->k->a, &was);
	if (err == ERR_OK && was.len == 32)
		memcpy(running, was.p, 32);
	else if (err != ERR_NOT_FOUND)
		return (err);
	/* What came before it is not coming any more. */
	s->wants_sync = s->wants_sync || (last == 0 && d->seq != 1);
	s->sync_mono = 0;
	leaf_running(running, d->seq, v->w.leaf_hash, running);
	if ((last != 0 || d->seq == 1) && !digest_eq(running, given))
		return (wrong(what, "de lopende hash van de postbus klopt niet"));
	if ((err = spool_meta_put(txn, "running", slice_of(given, 32))) !=
	    ERR_OK || (last == 0 && (err = forget_age(txn)) != ERR_OK))
		return (err);
	return (spool_meta_set_u64(txn, "last-seq", d->seq));
}

/* Records rise with policies: one under an older policy than before is odd. */
static MUST_CHECK enum err
check_policy(struct spool_txn *txn, const struct witnessed *w,
    const char **what)
{
	uint64_t index, policy;
	enum err err;

	if ((err = spool_meta_u64(txn, "policy-leaf", &index)) != ERR_OK ||
	    (err = spool_meta_u64(txn, "policy-then", &policy)) != ERR_OK)
		return (err);
	if (w->index > index && w->facts->policy_index < policy)
		return (wrong(what, "het beleid ging terug in de tijd"));
	if (w->facts->policy_index <= policy)
		return (ERR_OK);
	err = spool_meta_set_u64(txn, "policy-leaf", w->index);
	if (err == ERR_OK)
		err = spool_meta_set_u64(txn, "policy-then",
		    w->facts->policy_index);
	return (err);
}

/* ---- which referral ------------------------------------------------------- */

static bool
id_of(ProtobufCBinaryData field, struct refid *id)
{
	return (refid_from(field.data, field.len, id));
}

/* Was a delivery about (${id}, this record) filed with news before? */
static bool
has_news(struct steward *s, struct spool_txn *txn, const struct refid *id,
    uint64_t index)
{
	size_t mark = arena_used(s->k->a);
	struct filing f;
	bool has = casebook_record(txn, s->k->a, id, index, &f) == ERR_OK &&
	    f.news != 0;

	arena_rewind(s->k->a, mark);
	return (has);
}

/* Do we know ${id}, or does the delivery bring its beginning? */
static bool
is_ours(struct steward *s, struct spool_txn *txn, const struct refid *id)
{
	size_t mark = arena_used(s->k->a);
	struct dossier c;
	bool is = casebook_get(txn, s->k->a, id, &c) == ERR_OK;

	arena_rewind(s->k->a, mark);
	return (is);
}

/*
 * A record may change a referral and its children; each gets a delivery of
 * its own, in that order.  Find the one that this delivery is about.
 */
static bool
which_referral(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, struct refid *id)
{
	const Keten__V1__Facts *f = v->w.facts;
	struct refid one;
	bool found = false;

	if (id_of(v->msg->delivery->referral, id))
		return (v->msg->delivery->opening != NULL ||
		    f->header != NULL || is_ours(s, txn, id));
	for (size_t i = 0; i <= f->n_children; i++) {
		const Keten__V1__Change *c =
		    i == 0 ? f->change : f->children[i - 1];

		if (c == NULL || !id_of(c->referral, &one))
			continue;
		if (!found) {
			*id = one;
			found = true;
		}
		if (has_news(s, txn, &one, v->w.index))
			continue;
		if (i == 0 && f->n_children == 0)
			return (true);
		if (is_ours(s, txn, &one) ||
		    v->msg->delivery->opening != NULL || f->header != NULL) {
			*id = one;
			return (true);
		}
	}
	return (found);
}

/* The SUBMIT that comes along tells the referral, too. */
static MUST_CHECK enum err
file_opening(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, struct refid *id, const char **what)
{
	struct filing f = { .record = v->msg->delivery->opening };
	struct witnessed w;
	struct dossier c;
	enum err err;

	if (f.record == NULL)
		return (ERR_OK);
	err = witness_record(s->k->a, f.record, &w, what);
	if (err != ERR_OK)
		return (err);
	if (!id_of(w.facts->change->referral, id))
		return (wrong(what, "het begin van de verwijzing heeft geen "
		    "nummer"));
	return (casebook_file(txn, s->k->a, &s->k->dev.partner, id, &f, &c));
}

/* ---- filing --------------------------------------------------------------- */

/* What the record did to other referrals that we know. */
static MUST_CHECK enum err
file_others(struct steward *s, struct spool_txn *txn, const struct refid *id,
    const struct arrival *v)
{
	const Keten__V1__Facts *f = v->w.facts;
	struct filing other = { .record = v->msg->delivery->record,
		.envelope = pb_slice(v->msg->delivery->envelope) };
	struct dossier c;
	struct refid one;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i <= f->n_children; i++) {
		const Keten__V1__Change *ch =
		    i == 0 ? f->change : f->children[i - 1];

		if (ch == NULL || !id_of(ch->referral, &one) ||
		    refid_eq(&one, id) || !is_ours(s, txn, &one))
			continue;
		err = casebook_file(txn, s->k->a, &s->k->dev.partner, &one,
		    &other, &c);
	}
	return (err);
}

static MUST_CHECK enum err
put_news(struct steward *s, struct spool_txn *txn, const struct arrival *v,
    const struct refid *id, const struct filing *f, uint32_t mask)
{
	struct org nobody = { "" };
	struct keten_news n;
	struct dossier c;
	enum err err = casebook_get(txn, s->k->a, id, &c);

	if (err != ERR_OK)
		return (err);
	tidings_of(s->k, &v->w, v->has_said ? &v->said.partner : &nobody, &c,
	    f->role, f->offer, mask, &n);
	if ((err = tidings_put(txn, &n)) != ERR_OK)
		return (err);
	return (casebook_news(txn, s->k->a, id, v->w.index, n.seq));
}

/* Content was erased at the broker: so it is here. */
static MUST_CHECK enum err
erase(struct steward *s, struct spool_txn *txn, const struct refid *id,
    const struct arrival *v)
{
	return (v->w.kind == LEAF_ERASE
		? purge_begin(s, txn, id, v->w.index)
		: ERR_OK);
}

/* A later record never begins at an earlier version. */
static bool
is_other_history(const struct dossier *was, const struct witnessed *w)
{
	const Keten__V1__Change *c = witness_change(w, &was->r.id);

	return (c != NULL && w->index > was->newest_index &&
	    c->version_before < was->r.version);
}

/*
 * Does it follow what is known?  And was a term let pass before its time: that
 * is in the log all the same, so that it is taken; but somebody has to know.
 */
static MUST_CHECK enum err
look_before(struct steward *s, struct spool_txn *txn, const struct arrival *v,
    const struct refid *id, const char **what)
{
	size_t mark = arena_used(s->k->a);
	struct dossier *was = arena_zero(s->k->a, 1, sizeof(*was));
	enum err err = was == NULL ? ERR_NOMEM
				   : casebook_get(txn, s->k->a, id, was);

	if (err == ERR_OK && is_other_history(was, &v->w))
		err = wrong(what, "de feiten volgen niet op wat er was");
	if (err == ERR_OK && v->w.index > was->newest_index &&
	    early_is(&was->r, &v->w))
		err = tidings_alarm_in(txn, id, "de makelaar liet een termijn "
		    "aflopen voordat de tijd om was");
	arena_rewind(s->k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
file(struct steward *s, struct spool_txn *txn, const struct arrival *v,
    const struct refid *id, const char **what)
{
	const Keten__V1__Delivery *d = v->msg->delivery;
	struct filing f = { .record = d->record,
		.envelope = pb_slice(d->envelope),
		.role = (uint32_t)d->role,
		.offer = d->offer,
		.blind = pb_slice(d->blind) };
	struct dossier c;
	uint32_t mask = 0;
	enum err err;

	if (d->offer != 0 &&
	    witness_offer(&v->w, id, d->offer, &s->k->dev.partner, f.blind) !=
		ERR_OK)
		return (wrong(what, "het aanbod is aan een ander"));
	if (v->w.kind == LEAF_ERASE &&
	    (err = purge_check(s, txn, v, id, what)) != ERR_OK)
		return (err);
	if ((err = look_before(s, txn, v, id, what)) != ERR_OK)
		return (err);
	err = casebook_file(txn, s->k->a, &s->k->dev.partner, id, &f, &c);
	if (err == ERR_CORRUPT)
		return (wrong(what, "de feiten volgen niet op wat er was"));
	if (err == ERR_OK)
		err = file_others(s, txn, id, v);
	if (err == ERR_OK)
		err = intake_pieces(s, txn, id, v, &mask, what);
	if (err == ERR_OK)
		err = erase(s, txn, id, v);
	if (err == ERR_OK)
		err = put_news(s, txn, v, id, &f, mask);
	return (err);
}

bool
intake_may_be_gone(const struct steward *s, int64_t time_ms, int64_t now_ms)
{
	const Keten__V1__Policy *doc = s->k->policy == NULL ? NULL
	    : policy_doc(s->k->policy);

	for (size_t i = 0; doc != NULL && i < doc->n_retention; i++)
		/* The time is the broker's word: nothing is added to it. */
		if (doc->retention[i]->level == 2 && time_ms <= now_ms -
		    (int64_t)doc->retention[i]->days * DAY_MS)
			return (true);
	return (false);
}

/* The log's time never goes back, nor do its records: what was delivered last
 * says how old this one can be at most. */
static MUST_CHECK enum err
check_age(struct spool_txn *txn, const struct arrival *v, bool *is_old)
{
	uint64_t index, time_ms;
	enum err err;

	if ((err = spool_meta_u64(txn, "past-index", &index)) != ERR_OK ||
	    (err = spool_meta_u64(txn, "past-ms", &time_ms)) != ERR_OK)
		return (err);
	*is_old = v->w.index < index || v->w.time_ms < (int64_t)time_ms;
	return (ERR_OK);
}

/* This delivery was taken: the next one is not older. */
static MUST_CHECK enum err
note_age(struct spool_txn *txn, const struct arrival *v)
{
	enum err err = spool_meta_set_u64(txn, "past-index", v->w.index);

	return (err != ERR_OK ? err : spool_meta_set_u64(txn, "past-ms",
	    (uint64_t)v->w.time_ms));
}

/*
 * Only its leaf is left: it was erased before we were there.  Where the rules
 * of the policy let it go that is said; else somebody has to know.
 */
static MUST_CHECK enum err
take_erased(struct steward *s, struct spool_txn *txn, const struct arrival *v)
{
	struct keten_news n = { .step = KETEN_TRUST, .index = v->w.index,
		.time_ms = handle_now() };
	char what[160];
	bool is_old;
	enum err err = check_age(txn, v, &is_old);

	if (err != ERR_OK)
		return (err);
	if (is_old) {
		(void)snprintf(what, sizeof(what), "de makelaar zegt dat regel "
		    "%llu gewist is, met een tijd van voor de vorige "
		    "aflevering", (unsigned long long)v->w.index);
		return (tidings_alarm_in(txn, NULL, what));
	}
	if (!intake_may_be_gone(s, v->w.time_ms, steward_now(s))) {
		(void)snprintf(what, sizeof(what), "de makelaar zegt dat regel "
		    "%llu gewist is, en die moet nog bewaard blijven",
		    (unsigned long long)v->w.index);
		return (tidings_alarm_in(txn, NULL, what));
	}
	(void)snprintf(n.text, sizeof(n.text), "GEWIST: regel %llu van het "
	    "logboek is gewist omdat de bewaartermijn om is; wat erin stond, "
	    "is hier niet aangekomen.", (unsigned long long)v->w.index);
	return (tidings_put(txn, &n));
}

enum err
intake_delivery(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const char **what)
{
	struct refid id;
	bool is_old, known;
	enum err err;

	*what = "de feiten volgen niet op wat er was";
	err = follow(s, txn, v, &is_old, what);
	if (err != ERR_OK || is_old)
		return (err);
	if (v->is_erased) {
		err = take_erased(s, txn, v);
		return (err == ERR_OK ? note_age(txn, v) : err);
	}
	if ((err = note_age(txn, v)) != ERR_OK)
		return (err);
	if ((err = check_policy(txn, &v->w, what)) != ERR_OK)
		return (err);
	known = which_referral(s, txn, v, &id);
	if (v->msg->delivery->opening != NULL) {
		err = file_opening(s, txn, v, &id, what);
		known = true;
	}
	/* Who could have asked for a copy is waited for, whether it did or not:
	 * R often hears of a referral only when it is erased. */
	if (err == ERR_OK && !known && v->w.kind == LEAF_ERASE &&
	    id_of(v->msg->delivery->referral, &id))
		return (purge_begin(s, txn, &id, v->w.index));
	/* A record about no referral (a policy) only moves the mailbox on. */
	if (err != ERR_OK || !known)
		return (err);
	err = file(s, txn, v, &id, what);
	return (err == ERR_CORRUPT ? ERR_DIGEST : err);
}
