/*
 * intake -- what became of our own statements.
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "sdk/intake.h"
#include "sdk/orders.h"
#include "sdk/scribe.h"
#include "sdk/tidings.h"
#include "trust/digest.h"
#include "wire/pb.h"

enum { BUSY_MS = 1000, KEY_MS = 5000, NEVER_MS = 30000 };

static MUST_CHECK enum err
wrong(const char **what, const char *text)
{
	*what = text;
	return (ERR_DIGEST);
}

static MUST_CHECK enum err
is_our_lane(struct steward *s, struct spool_txn *txn,
    ProtobufCBinaryData lane, bool *is)
{
	struct slice own;
	enum err err = spool_meta_get(txn, "lane", s->k->a, &own);

	if (err == ERR_OK)
		*is = slice_eq(own, pb_slice(lane));
	return (err);
}

/* ---- into the casebook ---------------------------------------------------- */

/* File what our own step did, to this referral and to others we know. */
static MUST_CHECK enum err
file_own(struct steward *s, struct spool_txn *txn, const struct arrival *v,
    const Keten__V1__Record *r, const struct outgoing *out)
{
	const Keten__V1__Facts *f = v->w.facts;
	struct filing filing = { .record = r, .envelope = out->envelope };
	struct dossier c;
	struct refid id;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i <= f->n_children; i++) {
		const Keten__V1__Change *ch =
		    i == 0 ? f->change : f->children[i - 1];

		if (ch == NULL ||
		    !refid_from(ch->referral.data, ch->referral.len, &id))
			continue;
		if (i > 0 && casebook_get(txn, s->k->a, &id, &c) ==
			ERR_NOT_FOUND)
			continue;
		err = casebook_file(txn, s->k->a, &s->k->dev.partner, &id,
		    &filing, &c);
	}
	return (err == ERR_CORRUPT ? ERR_DIGEST : err);
}

static MUST_CHECK enum err
keep_part(struct steward *s, struct spool_txn *txn, const struct refid *id,
    uint64_t index, uint32_t at, const Keten__V1__Part *part,
    const struct content_piece *cp)
{
	const struct seal_wrap *wrap;
	struct piece p = { .index = index,
		.part = at,
		.kind = part->kind,
		.from = s->k->dev.partner,
		.sealed = cp->bytes,
		.state = PIECE_OPENS };

	if (pb_bytes(part->sha256, 32, p.sha256) != ERR_OK ||
	    pb_bytes(part->plain_commit, 32, p.plain_commit) != ERR_OK ||
	    pb_bytes(part->nonce, 16, p.nonce) != ERR_OK)
		return (ERR_CORRUPT);
	if ((wrap = sealer_own_wrap(&s->k->dev, cp)) != NULL) {
		p.has_wrap = true;
		p.wrap = *wrap;
	}
	return (casebook_piece_put(txn, s->k->a, id, &p));
}

/* Our own parts, under the index they got. */
static MUST_CHECK enum err
keep_parts(struct steward *s, struct spool_txn *txn, const struct said *said,
    const struct outgoing *out, uint64_t index)
{
	const Keten__V1__Command *c = said->st->command;
	struct content content;
	enum err err = ERR_OK;

	if (said->st->body_case != KETEN__V1__STATEMENT__BODY_COMMAND ||
	    out->content.len == 0)
		return (ERR_OK);
	err = content_parse(s->k->a, out->content, &content, NULL);
	if (err != ERR_OK || content.n != c->n_parts)
		return (err == ERR_NOMEM ? err : ERR_CORRUPT);
	for (size_t i = 0; err == ERR_OK && i < content.n; i++)
		err = keep_part(s, txn, &out->referral, index, (uint32_t)i,
		    c->parts[i], &content.pieces[i]);
	return (err);
}

/* What the broker's header is too coarse to say, we know from our own order. */
static MUST_CHECK enum err
keep_exact(struct steward *s, struct spool_txn *txn, const struct order *o)
{
	struct dossier c;
	enum err err;

	if (o->want.step != KETEN_SUBMIT)
		return (ERR_OK);
	err = casebook_get(txn, s->k->a, &o->referral, &c);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	(void)strncpy(c.exact_code, o->want.code, sizeof(c.exact_code) - 1);
	(void)strncpy(c.exact_area, o->want.area, sizeof(c.exact_area) - 1);
	return (casebook_put(txn, s->k->a, &c));
}

/* ---- receipts ------------------------------------------------------------- */

/* Is the record ${w} that of our own bytes? */
static MUST_CHECK enum err
is_of_ours(struct steward *s, const struct arrival *v,
    const struct outgoing *out, struct said *said, const char **what)
{
	uint8_t hash[32];
	enum err err;

	if (!v->has_record)
		return (wrong(what, "een ontvangstbewijs zonder blad"));
	digest_of(out->envelope.p, out->envelope.len, hash);
	if (!digest_eq(hash, v->w.envelope_hash))
		return (wrong(what, "het ontvangstbewijs is van een andere "
		    "opdracht"));
	err = witness_statement(s->k->a, NULL, s->k->dev.origin,
	    out->envelope, &v->w, said, what);
	return (err == ERR_MALFORMED ? ERR_DIGEST : err);
}

/* Does the record say that it was done, and not merely that it came? */
static MUST_CHECK enum err
is_done(const struct arrival *v, const struct said *said, const char **what)
{
	bool step = said->st->body_case ==
	    KETEN__V1__STATEMENT__BODY_COMMAND;

	if (v->w.kind == LEAF_REFUSED || v->w.facts->refused != NULL)
		return (wrong(what, "een ontvangstbewijs van een weigering"));
	if (step && (v->w.kind != LEAF_COMMAND || v->w.facts->change == NULL))
		return (wrong(what, "een ontvangstbewijs waarin niets "
		    "gebeurde"));
	return (ERR_OK);
}

static MUST_CHECK enum err
settle_order(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const Keten__V1__Record *r,
    const struct outgoing *out, struct order *o)
{
	enum err err;

	if (out->ticket == 0)
		return (ERR_OK);
	if ((err = orders_get(txn, s->k->a, out->ticket, o)) != ERR_OK)
		return (err);
	o->index = v->w.index;
	o->leaf = pb_slice(r->leaf);
	return (pb_bytes(r->salt, sizeof(o->salt), o->salt) == ERR_OK
		? ERR_OK
		: ERR_DIGEST);
}

/*
 * The next order about the same referral was given while this one was on its
 * way: it is about what this one leaves, whatever came after that.
 */
static MUST_CHECK enum err
pass_on(struct steward *s, struct spool_txn *txn, const struct arrival *v,
    const struct refid *id)
{
	const Keten__V1__Change *ch = witness_change(&v->w, id);
	struct dossier c;
	struct order o;
	uint64_t ticket;
	enum err err = orders_on(txn, id, &ticket);

	if (err == ERR_OK && ch != NULL &&
	    (err = orders_get(txn, s->k->a, ticket, &o)) == ERR_OK &&
	    (err = casebook_get(txn, s->k->a, id, &c)) == ERR_OK) {
		c.r.version = ch->version_after;
		scribe_saw(s->k, &c, &o.want);
		err = orders_put(txn, &o);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* The row is forgotten only here, after everything in it was accounted for. */
static MUST_CHECK enum err
forget(struct steward *s, struct spool_txn *txn, uint64_t number)
{
	s->answer_mono = 0;
	if (s->checkpoint_mono == 0)
		s->checkpoint_mono = handle_mono() + 2000;
	return (spool_del(txn, SPOOL_OUT, spool_key_num(number)));
}

enum err
intake_receipt(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const char **what)
{
	const Keten__V1__Receipt *r = v->msg->receipt;
	struct outgoing out;
	struct order o;
	struct said said;
	bool ours = false;
	enum err err;

	*what = "het ontvangstbewijs past niet bij wat er was";
	if ((err = is_our_lane(s, txn, r->lane, &ours)) != ERR_OK || !ours)
		return (err);
	err = scribe_out(txn, s->k->a, r->number, &out);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	if ((err = is_of_ours(s, v, &out, &said, what)) != ERR_OK ||
	    (err = is_done(v, &said, what)) != ERR_OK ||
	    (err = file_own(s, txn, v, r->record, &out)) != ERR_OK ||
	    (err = keep_parts(s, txn, &said, &out, v->w.index)) != ERR_OK ||
	    (err = settle_order(s, txn, v, r->record, &out, &o)) != ERR_OK)
		return (err);
	if (out.ticket != 0) {
		if ((err = keep_exact(s, txn, &o)) != ERR_OK)
			return (err);
		o.status = KETEN_DONE;
		o.code = ERR_OK;
		o.rule = o.text = o.todo = NULL;
		if ((err = orders_put(txn, &o)) != ERR_OK ||
		    (err = pass_on(s, txn, v, &out.referral)) != ERR_OK)
			return (err);
	}
	return (forget(s, txn, r->number));
}

/* ---- refusals ------------------------------------------------------------- */

static void
fill_refusal(const Keten__V1__Refusal *r, struct order *o)
{
	orders_no(o, KETEN_REFUSED, (enum err)r->code, r->rule);
	if (r->text[0] != '\0')
		o->text = r->text;
	if (r->todo[0] != '\0')
		o->todo = r->todo;
	if (r->call[0] != '\0')
		o->rule = r->call;
	o->version = r->current_version;
}

/*
 * Our number's record is erased, it says.  By our own clock, which was the one
 * the order was made by, that takes as long as the policy's shortest term.
 */
static MUST_CHECK enum err
check_gone(struct steward *s, struct spool_txn *txn,
    const struct outgoing *out)
{
	struct order o;
	char what[160];
	enum err err;

	if (out->ticket == 0)
		return (ERR_OK);
	err = orders_get(txn, s->k->a, out->ticket, &o);
	if (err != ERR_OK ||
	    intake_may_be_gone(s, o.made_ms, handle_now()))
		return (err);
	(void)snprintf(what, sizeof(what), "de makelaar zegt dat het antwoord "
	    "op opdracht %llu gewist is, en die moet nog bewaard blijven",
	    (unsigned long long)out->ticket);
	return (tidings_alarm_in(txn, NULL, what));
}

/* A refusal that is in the log: the number is used, and the order is over. */
static MUST_CHECK enum err
refused_for_good(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const struct outgoing *out, const char **what)
{
	const Keten__V1__Refusal *r = v->msg->refusal;
	struct order o;
	struct said said;
	enum err err;

	/* Only a number whose record was erased may come without it. */
	if (r->record == NULL &&
	    r->code != KETEN__V1__ERROR_CODE__CONTENT_GONE)
		return (wrong(what, "een weigering die niet in het logboek "
		    "staat"));
	if (r->record != NULL) {
		if ((err = is_of_ours(s, v, out, &said, what)) != ERR_OK)
			return (err);
		if (v->w.kind != LEAF_REFUSED ||
		    v->w.facts->refused == NULL ||
		    v->w.facts->refused->code != r->code)
			return (wrong(what, "de weigering staat anders in het "
			    "logboek"));
	}
	if (r->record == NULL && (err = check_gone(s, txn, out)) != ERR_OK)
		return (err);
	if (out->ticket != 0) {
		if (r->record != NULL)
			err = settle_order(s, txn, v, r->record, out, &o);
		else
			err = orders_get(txn, s->k->a, out->ticket, &o);
		if (err != ERR_OK)
			return (err);
		fill_refusal(r, &o);
		if ((err = orders_put(txn, &o)) != ERR_OK)
			return (err);
	}
	return (forget(s, txn, out->number));
}

/* Show at the order why it waits. */
static MUST_CHECK enum err
show(struct steward *s, struct spool_txn *txn, const struct outgoing *out,
    const Keten__V1__Refusal *r)
{
	struct order o;
	enum err err;

	if (out->ticket == 0)
		return (ERR_OK);
	if ((err = orders_get(txn, s->k->a, out->ticket, &o)) != ERR_OK)
		return (err);
	fill_refusal(r, &o);
	o.status = KETEN_SENT;
	return (orders_put(txn, &o));
}

/* Our bytes are not acceptable as they are: take them, and all after, back. */
static MUST_CHECK enum err
take_back(struct steward *s, struct spool_txn *txn,
    const struct outgoing *out, const Keten__V1__Refusal *r)
{
	struct order o;
	enum err err = ERR_OK;

	say(SAY_REFUSED, NULL, "number %llu: %s",
	    (unsigned long long)out->number, err_name((enum err)r->code));
	if (out->ticket != 0) {
		err = orders_get(txn, s->k->a, out->ticket, &o);
		if (err == ERR_OK) {
			fill_refusal(r, &o);
			err = orders_put(txn, &o);
		}
	}
	if (err == ERR_OK)
		err = scribe_unsign(txn, s->k->a, out->number);
	s->cursor = s->first_out = out->number;
	s->is_careful = false;
	return (err);
}

/*
 * One number that was lost makes a GAP of everything behind it: go back once
 * for it, not once for each.  A broker that expects a number which it has given
 * a receipt for cannot be helped by sending.
 */
static void
go_back(struct steward *s, const Keten__V1__Refusal *r)
{
	if (r->expected_number != 0 && r->expected_number < s->first_out) {
		s->hold_mono = handle_mono() + NEVER_MS;
		say(SAY_TROUBLE, NULL, "the broker expects number %llu again",
		    (unsigned long long)r->expected_number);
		return;
	}
	if (s->back_to == s->first_out)
		return;
	s->cursor = s->back_to = s->first_out;
	s->answer_mono = 0;
}

/* What to do after a refusal that used up no number. */
static MUST_CHECK enum err
not_used(struct steward *s, struct spool_txn *txn, const struct outgoing *out,
    const Keten__V1__Refusal *r)
{
	int64_t now = handle_mono();
	enum err code = (enum err)r->code;

	if (code == ERR_GAP) {
		go_back(s, r);
		return (ERR_OK);
	}
	/* Go back, never ahead of what has no answer yet. */
	s->cursor = s->first_out;
	s->answer_mono = 0;
	if (code == ERR_BUSY || code == ERR_TOO_FAST) {
		s->hold_mono = now + BUSY_MS;
		return (show(s, txn, out, r));
	}
	if (code == ERR_MALFORMED || code == ERR_TOO_BIG)
		return (take_back(s, txn, out, r));
	if (code == ERR_NUMBER_REUSED) {
		s->is_stuck = true;
		s->hold_mono = now + NEVER_MS;
		say(SAY_NUMBER_REUSED, NULL, "number %llu",
		    (unsigned long long)out->number);
		return (show(s, txn, out, r));
	}
	/* Key, signature, origin, version: somebody has to do something.  With
	 * a newer key of ours the same numbers may do. */
	if (code == ERR_KEY_NOT_VALID) {
		s->unused_from = out->number;
		steward_rekeyed(s);
	}
	s->hold_mono = now + KEY_MS;
	return (show(s, txn, out, r));
}

enum err
intake_refusal(struct steward *s, struct spool_txn *txn,
    const struct arrival *v, const char **what)
{
	const Keten__V1__Refusal *r = v->msg->refusal;
	uint64_t number = r->number;
	struct outgoing out;
	bool ours = true;
	enum err err;

	*what = "de weigering past niet bij wat er was";
	if (r->code == KETEN__V1__ERROR_CODE__HELLO_FIRST)
		return (ERR_OK);
	if (r->lane.len > 0 &&
	    ((err = is_our_lane(s, txn, r->lane, &ours)) != ERR_OK || !ours))
		return (err);
	/* Which one was not readable?  One at a time, and it will be known. */
	if (r->lane.len == 0 && !s->is_careful) {
		s->is_careful = true;
		s->cursor = s->first_out;
		s->answer_mono = 0;
		return (ERR_OK);
	}
	if (r->lane.len == 0)
		number = s->first_out;
	err = scribe_out(txn, s->k->a, number, &out);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	if (err_consumes_number((enum err)r->code))
		return (refused_for_good(s, txn, v, &out, what));
	return (not_used(s, txn, &out, r));
}
