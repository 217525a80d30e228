/*
 * intake -- check what arrived, a batch at a time.
 */
#include <string.h>

#include "base/say.h"
#include "sdk/ckpt.h"
#include "sdk/intake.h"
#include "sdk/tidings.h"
#include "trust/digest.h"
#include "wire/frame.h"
#include "wire/pb.h"

enum {
	ALARM_MS = 30000,
	/* Leave room in the arena for writing what was read. */
	ROOM = 6 << 20,
};

/* ---- checking ------------------------------------------------------------- */

static const Keten__V1__Record *
record_of(const Keten__V1__FromBroker *m)
{
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_RECEIPT)
		return (m->receipt->record);
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL)
		return (m->refusal->record);
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_DELIVERY)
		return (m->delivery->record);
	return (NULL);
}

/*
 * Must the statement have come along?  To B, H and R nobody took a step by the
 * broker's word alone.  (A copy of a SUBMIT "for information" has none.)
 */
static bool
needs_statement(const struct steward *s, const struct arrival *v)
{
	const Keten__V1__Facts *f = v->w.facts;
	const char *self = s->k->dev.partner.id;
	const Keten__V1__After *a =
	    f->change == NULL ? NULL : f->change->after;

	if (v->w.kind != LEAF_COMMAND || a == NULL ||
	    (f->header != NULL && v->msg->delivery->role ==
		KETEN__V1__DELIVERY_ROLE__INFORMED))
		return (false);
	return (strcmp(a->originator, self) == 0 ||
	    strcmp(a->holder, self) == 0 || strcmp(a->regisseur, self) == 0);
}

/* Check who signed what caused the delivery, asking for its keys if need be. */
static MUST_CHECK enum err
check_statement(struct steward *s, struct arrival *v, const char **what)
{
	struct keten *k = s->k;
	struct slice envelope = pb_slice(v->msg->delivery->envelope);
	enum err err;

	if (envelope.len == 0 && needs_statement(s, v)) {
		*what = "een stap zonder de handtekening van wie hem zette";
		return (ERR_DIGEST);
	}
	if (envelope.len == 0)
		return (ERR_OK);
	for (int turn = 0; turn < 2; turn++) {
		err = witness_statement(k->a, k->certs, k->dev.origin,
		    envelope, &v->w, &v->said, what);
		if (err != ERR_NOT_FOUND)
			break;
		err = steward_certs(s, &v->said.partner, true);
		if (err != ERR_OK)
			return (err);
		err = ERR_NOT_FOUND;
	}
	v->has_said = err == ERR_OK;
	return (err == ERR_NOT_FOUND ? ERR_DIGEST : err);
}

/* A SUBMIT's record that comes along must be one, and be whole. */
static MUST_CHECK enum err
check_opening(struct steward *s, struct arrival *v, const char **what)
{
	const Keten__V1__Record *r = v->msg->delivery->opening;
	struct witnessed w;
	enum err err;

	if (r == NULL)
		return (ERR_OK);
	if ((err = witness_record(s->k->a, r, &w, what)) != ERR_OK)
		return (err);
	if (w.facts->header == NULL || w.facts->change == NULL) {
		*what = "het begin van de verwijzing is geen indiening";
		return (ERR_DIGEST);
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
check_delivery(struct steward *s, struct arrival *v, const char **what)
{
	enum err err = check_statement(s, v, what);

	if (err == ERR_OK)
		err = check_opening(s, v, what);
	/* A newer policy may be needed to make sense of what follows. */
	if (err == ERR_OK && v->w.facts->policy_index > s->policy_index)
		s->policy_index = v->w.facts->policy_index;
	return (err);
}

/*
 * Read the message ${h} into ${v} and check everything about it that needs no
 * transaction.  ERR_DIGEST, with ${what} for the alarm, if it cannot be
 * right; ERR_TIMEOUT if the broker did not answer about a key.
 */
static enum err
intake_check(struct steward *s, const struct held *h, struct arrival *v,
    const char **what)
{
	struct arena *a = s->k->a;
	const Keten__V1__Record *r;
	enum err err;

	memset(v, 0, sizeof(*v));
	*what = "een bericht is niet te lezen";
	err = frame_parse_from(a, slice_of(h->bytes, h->header_len), &v->msg,
	    what);
	if (err == ERR_OK && h->content_len > 0)
		err = content_parse(a, slice_of(h->bytes + h->header_len,
		    h->content_len), &v->content, what);
	if (err != ERR_OK)
		return (err == ERR_NOMEM ? err : ERR_DIGEST);
	r = record_of(v->msg);
	if (r != NULL &&
	    v->msg->body_case == KETEN__V1__FROM_BROKER__BODY_DELIVERY &&
	    witness_erased(r, &v->w)) {
		v->is_erased = v->has_record = true;
		return (ERR_OK);
	}
	if (r != NULL) {
		err = witness_record(a, r, &v->w, what);
		v->has_record = err == ERR_OK;
	}
	if (err == ERR_OK &&
	    v->msg->body_case == KETEN__V1__FROM_BROKER__BODY_DELIVERY) {
		if (!v->has_record) {
			*what = "een aflevering zonder blad";
			return (ERR_DIGEST);
		}
		err = check_delivery(s, v, what);
	}
	return (err == ERR_MALFORMED || err == ERR_TOO_BIG ||
		err == ERR_VERSION || err == ERR_CORRUPT ? ERR_DIGEST : err);
}

/* ---- writing -------------------------------------------------------------- */

static MUST_CHECK enum err
write_one(struct steward *s, struct spool_txn *txn, const struct arrival *v,
    const char **what)
{
	if (v->msg->body_case == KETEN__V1__FROM_BROKER__BODY_RECEIPT)
		return (intake_receipt(s, txn, v, what));
	if (v->msg->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL)
		return (intake_refusal(s, txn, v, what));
	if (v->msg->body_case == KETEN__V1__FROM_BROKER__BODY_DELIVERY)
		return (intake_delivery(s, txn, v, what));
	return (ERR_OK);
}

static MUST_CHECK enum err
write_all(struct steward *s, const struct arrival *list, size_t n,
    const char **what)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(s->k->a);
	uint64_t top = 0;
	int64_t time_ms = 0;
	enum err err = spool_begin(s->k->spool, true, &txn);

	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		err = write_one(s, txn, &list[i], what);
		arena_rewind(s->k->a, mark);
		if (list[i].has_record && list[i].w.index > top)
			top = list[i].w.index;
		if (list[i].has_record && list[i].w.time_ms > time_ms)
			time_ms = list[i].w.time_ms;
	}
	if (err == ERR_OK && top > 0)
		err = ckpt_saw(s->k, txn, top);
	if (err == ERR_OK && time_ms > steward_now(s))
		err = handle_clock(s->k, txn, time_ms);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

/* What cannot be right: nobody is told that we have it. */
static void
distrust(struct steward *s, const char *what)
{
	tidings_alarm(s->k, NULL, what);
	steward_hang_up(s, ALARM_MS, "Wat de makelaar stuurde klopt niet (%s). "
	    "Het is niet bevestigd. Bel beheer.", what);
}

/* After the transaction: deliveries are durable, and may be acknowledged. */
static void
count_deliveries(struct steward *s, const struct arrival *list, size_t n)
{
	uint32_t some = 0;

	for (size_t i = 0; i < n; i++)
		if (list[i].msg->body_case ==
		    KETEN__V1__FROM_BROKER__BODY_DELIVERY)
			some++;
	/* A checkpoint over it has to come. */
	if (s->checkpoint_mono == 0)
		s->checkpoint_mono = handle_mono() + 2000;
	if (s->checkpoint_mono > handle_mono() + s->k->dev.log_still_ms)
		s->checkpoint_mono = handle_mono() + s->k->dev.log_still_ms;
	if (some == 0)
		return;
	s->uncredited += some;
	if (s->ack_mono == 0)
		s->ack_mono = handle_mono() + 1000;
}

/* Is this for rewrapper.c? */
static bool
is_ask(const struct arrival *v)
{
	return (v->msg->body_case == KETEN__V1__FROM_BROKER__BODY_REWRAP_ASK);
}

/* Check as many as there are, go together, and fit. */
static MUST_CHECK enum err
check_all(struct steward *s, struct arrival *list, size_t *n,
    const char **what)
{
	enum err err = ERR_OK;

	*n = 0;
	for (const struct held *h = s->first; h != NULL && *n < INTAKE_BATCH &&
	     arena_left(s->k->a) > ROOM; h = h->next) {
		err = intake_check(s, h, &list[*n], what);
		if (err != ERR_OK || is_ask(&list[*n]))
			break;
		(*n)++;
	}
	/* What was right before the one that is wrong counts. */
	return (*n > 0 ? ERR_OK : err);
}

enum err
intake_turn(struct steward *s, bool *did)
{
	struct arrival list[INTAKE_BATCH];
	size_t n = 0, mark = arena_used(s->k->a);
	const char *what = "";
	enum err err;

	if (s->first == NULL)
		return (ERR_OK);
	err = check_all(s, list, &n, &what);
	/* The line may have gone while a key was asked for. */
	if (err == ERR_OK && n > 0 && s->state == STEWARD_UP) {
		*did = true;
		err = write_all(s, list, n, &what);
		if (err == ERR_DIGEST && n > 1) {
			/* Find out which one, and keep those before it. */
			for (size_t i = 0; i < n; i++) {
				err = write_all(s, &list[i], 1, &what);
				if (err != ERR_OK)
					break;
				count_deliveries(s, &list[i], 1);
				steward_unhold(s);
			}
			n = 0;
		}
		if (err == ERR_OK) {
			count_deliveries(s, list, n);
			for (size_t i = 0; i < n; i++)
				steward_unhold(s);
		}
	}
	arena_rewind(s->k->a, mark);
	if (err == ERR_DIGEST) {
		distrust(s, what);
		return (ERR_OK);
	}
	return (err);
}
