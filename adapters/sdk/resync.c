/*
 * resync -- ask for every live referral of this partner.
 */
#include <string.h>

#include "base/say.h"
#include "sdk/casebook.h"
#include "sdk/intake.h"
#include "sdk/resync.h"
#include "sdk/tidings.h"
#include "wire/pb.h"

enum { ASK_MS = 10000 };

static const char flag[] = "sync";

/* ---- the wish ------------------------------------------------------------- */

static MUST_CHECK enum err
set_flag(struct keten *k, uint64_t value)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = spool_meta_set_u64(txn, flag, value);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

enum err
resync_want(struct keten *k)
{
	enum err err = set_flag(k, 1);

	spool_wake(k->spool);
	return (err);
}

enum err
resync_is_wanted(struct keten *k, bool *is)
{
	struct spool_txn *txn = NULL;
	uint64_t value = 0;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK)
		err = spool_meta_u64(txn, flag, &value);
	spool_abort(&txn);
	if (err == ERR_OK)
		*is = value != 0;
	return (err);
}

/* ---- one referral --------------------------------------------------------- */

static MUST_CHECK enum err
take_records(struct steward *s, struct spool_txn *txn,
    const Keten__V1__ReferralView *v, const struct refid *id,
    struct witnessed *newest, const char **what)
{
	struct filing opening = { .record = v->opening };
	struct filing last = { .record = v->newest, .role = (uint32_t)v->role };
	const struct org *self = &s->k->dev.partner;
	struct arena *a = s->k->a;
	struct witnessed w;
	struct dossier d;
	enum err err;

	if (v->newest == NULL || v->opening == NULL) {
		*what = "een verwijzing zonder blad";
		return (ERR_DIGEST);
	}
	if ((err = witness_record(a, v->opening, &w, what)) != ERR_OK ||
	    (err = witness_record(a, v->newest, newest, what)) != ERR_OK ||
	    (err = casebook_file(txn, a, self, id, &opening, &d)) != ERR_OK ||
	    (err = casebook_base(txn, a, newest->index, newest->leaf_hash,
		 pb_slice(v->state), (uint32_t)v->role)) != ERR_OK)
		return (err);
	return (casebook_file(txn, a, self, id, &last, &d));
}

static MUST_CHECK enum err
take_view(struct steward *s, const Keten__V1__ReferralView *v,
    struct witnessed *newest, const char **what)
{
	struct spool_txn *txn = NULL;
	struct refid id;
	enum err err;

	*what = "een verwijzing is niet te lezen";
	if (!refid_from(v->referral.data, v->referral.len, &id))
		return (ERR_DIGEST);
	if ((err = spool_begin(s->k->spool, true, &txn)) != ERR_OK)
		return (err);
	err = take_records(s, txn, v, &id, newest, what);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err == ERR_CORRUPT || err == ERR_MALFORMED ? ERR_DIGEST
							   : err);
}

/* ---- its sealed parts ----------------------------------------------------- */

static MUST_CHECK enum err
keep_content(struct steward *s, const struct refid *id,
    const struct witnessed *newest, struct slice frame)
{
	struct arrival v = { .w = *newest };
	struct spool_txn *txn = NULL;
	const char *what = "";
	uint32_t mask = 0;
	enum err err;

	err = content_parse(s->k->a, frame, &v.content, NULL);
	if (err == ERR_OK)
		err = spool_begin(s->k->spool, true, &txn);
	if (err == ERR_OK)
		err = intake_pieces(s, txn, id, &v, &mask, &what);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	/* A part of a record we do not have cannot be checked: without it. */
	return (err == ERR_DIGEST || err == ERR_MALFORMED ? ERR_OK : err);
}

/* The record that brought the part, if it came along and is what it says;
 * else one of those that are here may announce it. */
static const struct witnessed *
source_of(struct steward *s, const struct refid *id,
    const Keten__V1__PieceRef *ref, const Keten__V1__ContentAnswer *answer,
    const struct witnessed *newest)
{
	struct witnessed *w = arena_zero(s->k->a, 1, sizeof(*w));
	const char *what;

	if (answer->record == NULL || w == NULL)
		return (newest);
	if (witness_record(s->k->a, answer->record, w, &what) != ERR_OK ||
	    w->index != ref->index || witness_change(w, id) == NULL) {
		tidings_alarm(s->k, id, "de regel bij een verzegeld deel is "
		    "een andere dan gevraagd");
		return (newest);
	}
	return (w);
}

static MUST_CHECK enum err
ask_content(struct steward *s, const struct refid *id,
    const struct witnessed *newest, const Keten__V1__PieceRef *ref)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__ContentQuery cq = KETEN__V1__CONTENT_QUERY__INIT;
	Keten__V1__FromBroker *reply;
	struct slice frame;
	size_t mark = arena_used(s->k->a);
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_CONTENT;
	q.content = &cq;
	cq.referral = pb_of(id->b, sizeof(id->b));
	cq.index = ref->index;
	cq.part = ref->part;
	err = steward_ask(s, &q, ASK_MS, s->k->a, &reply, &frame);
	if (err == ERR_OK && frame.len > 0 && reply->answer->body_case ==
		KETEN__V1__ANSWER__BODY_CONTENT)
		err = keep_content(s, id, source_of(s, id, ref,
		    reply->answer->content, newest), frame);
	arena_rewind(s->k->a, mark);
	/* Not for us, or erased: then without it. */
	return (err_is_wire(err) ? ERR_OK : err);
}

/* Ask for each part that the view names; where it stopped in ${last}. */
static MUST_CHECK enum err
ask_contents(struct steward *s, const Keten__V1__ReferralView *v,
    const struct refid *id, const struct witnessed *newest,
    Keten__V1__PieceRef *last)
{
	Keten__V1__ReferralState *state;
	enum err err;

	err = pb_unpack(s->k->a, &keten__v1__referral_state__descriptor,
	    pb_slice(v->state), &prescan_stored, &state);
	for (size_t i = 0; err == ERR_OK && i < state->n_pieces; i++) {
		err = ask_content(s, id, newest, state->pieces[i]);
		last->index = state->pieces[i]->index;
		last->part = state->pieces[i]->part;
	}
	return (err);
}

/* The parts behind ${last}; ${*more} if there are still others. */
static MUST_CHECK enum err
ask_more(struct steward *s, const struct refid *id,
    const struct witnessed *newest, Keten__V1__PieceRef *last, bool *more)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__ReferralQuery rq = KETEN__V1__REFERRAL_QUERY__INIT;
	const Keten__V1__PieceRef was = *last;
	Keten__V1__FromBroker *reply;
	size_t mark = arena_used(s->k->a);
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_REFERRAL;
	q.referral = &rq;
	rq.referral = pb_of(id->b, sizeof(id->b));
	rq.after = last;
	*more = false;
	err = steward_ask(s, &q, ASK_MS, s->k->a, &reply, NULL);
	if (err == ERR_OK && reply->answer->body_case ==
		KETEN__V1__ANSWER__BODY_REFERRALS &&
	    reply->answer->referrals->n_referrals == 1) {
		const Keten__V1__ReferralView *v =
		    reply->answer->referrals->referrals[0];

		err = ask_contents(s, v, id, newest, last);
		/* Who answers the same page for ever is not asked for ever. */
		*more = v->more_pieces && (last->index > was.index ||
		    (last->index == was.index && last->part > was.part));
	}
	arena_rewind(s->k->a, mark);
	return (err_is_wire(err) ? ERR_OK : err);
}

static MUST_CHECK enum err
take_content(struct steward *s, const Keten__V1__ReferralView *v,
    const struct witnessed *newest)
{
	Keten__V1__PieceRef last = KETEN__V1__PIECE_REF__INIT;
	bool more = v->more_pieces;
	struct refid id;
	enum err err;

	if (!refid_from(v->referral.data, v->referral.len, &id))
		return (ERR_MALFORMED);
	err = ask_contents(s, v, &id, newest, &last);
	while (err == ERR_OK && more)
		err = ask_more(s, &id, newest, &last, &more);
	return (err);
}

/* ---- all of them ---------------------------------------------------------- */

static MUST_CHECK enum err
take_page(struct steward *s, const Keten__V1__Referrals *page)
{
	const char *what = "";
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < page->n_referrals; i++) {
		size_t mark = arena_used(s->k->a);
		struct witnessed newest;

		err = take_view(s, page->referrals[i], &newest, &what);
		if (err == ERR_OK)
			err = take_content(s, page->referrals[i], &newest);
		arena_rewind(s->k->a, mark);
		if (err == ERR_DIGEST) {
			tidings_alarm(s->k, NULL, what);
			err = ERR_OK;
		}
	}
	return (err);
}

static MUST_CHECK enum err
ask_all(struct steward *s)
{
	uint8_t after[16];
	size_t len = 0;
	enum err err;

	do {
		Keten__V1__Query q = KETEN__V1__QUERY__INIT;
		Keten__V1__ResyncQuery rq = KETEN__V1__RESYNC_QUERY__INIT;
		Keten__V1__FromBroker *reply;
		size_t mark = arena_used(s->k->a);

		q.body_case = KETEN__V1__QUERY__BODY_RESYNC;
		q.resync = &rq;
		rq.after = pb_of(after, len);
		err = steward_ask(s, &q, ASK_MS, s->k->a, &reply, NULL);
		len = 0;
		if (err == ERR_OK && reply->answer->body_case ==
			KETEN__V1__ANSWER__BODY_REFERRALS) {
			const Keten__V1__Referrals *page =
			    reply->answer->referrals;

			if (page->more_after.len == sizeof(after)) {
				len = sizeof(after);
				memcpy(after, page->more_after.data, len);
			}
			err = take_page(s, page);
		}
		arena_rewind(s->k->a, mark);
	} while (err == ERR_OK && len > 0);
	return (err);
}

enum err
resync_turn(struct steward *s, bool *did)
{
	uint64_t stamp = spool_stamp(s->k->spool);
	bool wanted = s->wants_sync;
	enum err err = ERR_OK;

	if (s->sync_mono != 0 && handle_mono() >= s->sync_mono) {
		s->sync_mono = 0;
		wanted = s->wants_sync = true;
	}
	if (!wanted && stamp == s->sync_stamp)
		return (ERR_OK);
	s->sync_stamp = stamp;
	if (!wanted && ((err = resync_is_wanted(s->k, &wanted)) != ERR_OK ||
			   !wanted))
		return (err);
	*did = true;
	err = ask_all(s);
	if (err == ERR_OK)
		err = set_flag(s->k, 0);
	if (err == ERR_OK)
		s->wants_sync = false;
	/* A broker that will not answer this does not stop the rest. */
	if (err_is_wire(err)) {
		s->wants_sync = false;
		err = set_flag(s->k, 0);
	}
	return (err);
}
