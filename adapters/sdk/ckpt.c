/*
 * ckpt -- is there one log, and does it only grow?
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "sdk/ckpt.h"
#include "sdk/desk_asks.h"
#include "sdk/still.h"
#include "sdk/tidings.h"
#include "trust/digest.h"
#include "wire/pb.h"

enum {
	ASK_MS = 10000,
	EVERY_MS = 60000,
	AGAIN_MS = 5000,
	ALARM_MS = 30000,
	STILL_MS = 2000,
	/* So often the newest may be smaller than what we saw before: a broker
	 * that was cut off signs anew a moment after it starts. */
	BEHIND_MAX = 3,
	/* So often it is asked before the log is said to stand still. */
	STILL_MAX = 3,
};

static MUST_CHECK enum err
alarm_at(struct keten *k, struct steward *s, const char *what)
{
	tidings_alarm(k, NULL, what);
	if (s != NULL)
		steward_hang_up(s, ALARM_MS,
		    "Het logboek klopt niet (%s). Bel beheer.", what);
	return (ERR_DIGEST);
}

/* Ask the broker, ourselves or through whoever has the connection. */
static MUST_CHECK enum err
ask(struct keten *k, struct steward *s, Keten__V1__Query *q,
    Keten__V1__FromBroker **reply)
{
	if (s != NULL)
		return (steward_ask(s, q, ASK_MS, k->a, reply, NULL));
	return (desk_ask(k, q, ASK_MS, reply, NULL));
}

/* The newest one that was verified; size 0 before the first. */
static MUST_CHECK enum err
read_seen(struct keten *k, struct note_checkpoint *seen)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct slice v;
	enum err err;

	memset(seen, 0, sizeof(*seen));
	if ((err = spool_begin(k->spool, false, &txn)) != ERR_OK)
		return (err);
	err = spool_meta_get(txn, "seen", k->a, &v);
	spool_abort(&txn);
	if (err == ERR_OK && v.len == 40) {
		seen->size = be64_get(v.p);
		memcpy(seen->root, v.p + 8, 32);
	}
	arena_rewind(k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
write_seen(struct keten *k, const struct note_checkpoint *c, struct slice note)
{
	struct spool_txn *txn = NULL;
	uint8_t v[40];
	enum err err;

	be64_put(v, c->size);
	memcpy(v + 8, c->root, 32);
	if ((err = spool_begin(k->spool, true, &txn)) != ERR_OK)
		return (err);
	if ((err = spool_meta_put(txn, "seen", slice_of(v, 40))) == ERR_OK)
		err = spool_meta_put(txn, "seen-note", note);
	if (err == ERR_OK)
		err = still_covered(txn, k->a, c->size, handle_now());
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

/* ---- consistency ---------------------------------------------------------- */

/* Copy the hashes of a proof; false if there are too many or odd ones. */
static bool
copy_path(const Keten__V1__Proof *p, uint8_t path[TLOG_PATH_MAX][32])
{
	if (p->n_hashes > TLOG_PATH_MAX)
		return (false);
	for (size_t i = 0; i < p->n_hashes; i++)
		if (pb_bytes(p->hashes[i], 32, path[i]) != ERR_OK)
			return (false);
	return (true);
}

/* Is the tree ${a} the beginning of ${b}?  Ask for the proof. */
static MUST_CHECK enum err
check_consistency(struct keten *k, struct steward *s,
    const struct note_checkpoint *a, const struct note_checkpoint *b)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__ConsistencyQuery cq = KETEN__V1__CONSISTENCY_QUERY__INIT;
	uint8_t path[TLOG_PATH_MAX][32];
	size_t mark = arena_used(k->a);
	Keten__V1__FromBroker *reply;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_CONSISTENCY;
	q.consistency = &cq;
	cq.from = a->size;
	cq.to = b->size;
	err = ask(k, s, &q, &reply);
	if (err == ERR_OK &&
	    (reply->answer->body_case != KETEN__V1__ANSWER__BODY_PROOF ||
		!copy_path(reply->answer->proof, path)))
		err = ERR_DIGEST;
	if (err == ERR_OK)
		err = tlog_check_consistency(a->size, b->size, a->root,
		    b->root, (const uint8_t(*)[32])path,
		    reply->answer->proof->n_hashes);
	arena_rewind(k->a, mark);
	if (err == ERR_DIGEST)
		return (alarm_at(k, s, "twee controlepunten horen niet bij een "
		    "logboek: het is gesplitst"));
	/* A refusal proves nothing; it is asked again. */
	return (err_is_wire(err) ? ERR_TIMEOUT : err);
}

static MUST_CHECK enum err
compare(struct keten *k, struct steward *s,
    const struct note_checkpoint *seen, const struct note_checkpoint *c,
    bool is_newest)
{
	if (s != NULL && is_newest && c->size >= seen->size)
		s->behind = 0;
	if (seen->size == 0)
		return (ERR_OK);
	if (c->size == seen->size)
		return (digest_eq(c->root, seen->root)
			? ERR_OK
			: alarm_at(k, s, "er zijn twee logboeken van dezelfde "
			    "lengte: het is gesplitst"));
	if (c->size < seen->size && is_newest && s != NULL &&
	    ++s->behind >= BEHIND_MAX)
		return (alarm_at(k, s, "het logboek is korter geworden"));
	if (c->size < seen->size && is_newest)
		return (ERR_BUSY);
	return (c->size > seen->size ? check_consistency(k, s, seen, c)
				     : check_consistency(k, s, c, seen));
}

/* ---- a new key of the log -------------------------------------------------- */

/* The old key and, in the policy, the introducer vouch for the new one. */
static MUST_CHECK enum err
take_new_key(struct keten *k)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = handle_log_accept(k, txn);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	if (err == ERR_OK)
		tidings_trust(k, "SLEUTELS: het logboek heeft een nieuwe "
		    "sleutel. De oude sleutel en beheer ondertekenden hem; "
		    "hij geldt vanaf nu.");
	return (err);
}

/* Only the new key signs, and nobody that we pinned vouches for it. */
static MUST_CHECK enum err
ask_somebody(struct keten *k, struct steward *s)
{
	tidings_trust(k, "SLEUTELS: het logboek tekent met een sleutel die het "
	    "beleid noemt, maar uw instellingen niet. Vraag beheer of dat "
	    "klopt, kijk met keten trust, en aanvaard hem met keten trust "
	    "--accept.");
	if (s != NULL)
		steward_hang_up(s, ALARM_MS, "Het logboek heeft een nieuwe "
		    "sleutel waarover iemand moet beslissen: keten trust.");
	return (ERR_TIMEOUT);
}

/*
 * Did a key of before sign it?  Of a checkpoint that we are past already that
 * is enough: it still has to be the beginning of what we verified.
 */
static bool
is_of_before(const struct keten *k, struct slice note,
    const struct note_checkpoint *seen, struct note_checkpoint *c)
{
	struct note_key key;

	for (size_t i = 0; handle_log_former(k, i, &key); i++)
		if (note_check(note, &key, c) == ERR_OK)
			return (c->size <= seen->size);
	return (false);
}

/* Is the checkpoint ${note} signed with the key that counts? */
static MUST_CHECK enum err
check_signed(struct keten *k, struct steward *s, struct slice note,
    const struct note_checkpoint *seen, struct note_checkpoint *c)
{
	struct note_key key, next;
	struct note_checkpoint same;
	enum err err = handle_log_key(k, &key);
	bool pending = handle_log_pending(k, &next);

	if (err != ERR_OK)
		return (err);
	if (note_check(note, &key, c) == ERR_OK)
		return (pending && note_check(note, &next, &same) == ERR_OK
			? take_new_key(k)
			: ERR_OK);
	if (pending && note_check(note, &next, c) == ERR_OK)
		return (ask_somebody(k, s));
	if (is_of_before(k, note, seen, c))
		return (ERR_OK);
	return (alarm_at(k, s, "een controlepunt is niet door het logboek "
	    "ondertekend"));
}

enum err
ckpt_see(struct keten *k, struct steward *s, struct slice note, bool is_newest,
    struct note_checkpoint *out)
{
	struct note_checkpoint c, seen;
	enum err err;

	if ((err = read_seen(k, &seen)) != ERR_OK ||
	    (err = check_signed(k, s, note, &seen, &c)) != ERR_OK ||
	    (err = compare(k, s, &seen, &c, is_newest)) != ERR_OK)
		return (err);
	if (c.size > seen.size && (err = write_seen(k, &c, note)) != ERR_OK)
		return (err);
	if (out != NULL)
		*out = c;
	return (ERR_OK);
}

/* ---- does it move? ---------------------------------------------------------- */

/* The size of the newest one that was verified, in a transaction. */
static MUST_CHECK enum err
seen_size(struct keten *k, struct spool_txn *txn, uint64_t *size)
{
	size_t mark = arena_used(k->a);
	struct slice v;
	enum err err = spool_meta_get(txn, "seen", k->a, &v);

	*size = err == ERR_OK && v.len == 40 ? be64_get(v.p) : 0;
	arena_rewind(k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
ckpt_saw(struct keten *k, struct spool_txn *txn, uint64_t index)
{
	uint64_t size;
	enum err err = seen_size(k, txn, &size);

	return (err != ERR_OK ? err
			      : still_saw(txn, k->a, index, size,
				    handle_now()));
}

/* We asked just now; is what waits longest still not covered? */
static MUST_CHECK enum err
look_still(struct steward *s)
{
	struct spool_txn *txn = NULL;
	struct still still;
	enum err err = spool_begin(s->k->spool, false, &txn);

	if (err == ERR_OK)
		err = still_read(txn, s->k->a, &still);
	spool_abort(&txn);
	if (err != ERR_OK)
		return (err);
	if (!still_is_long(&still, s->k->dev.log_still_ms, handle_now())) {
		s->still = 0;
		/* Something waits: look again when it would be too long. */
		if (still.waits_for != UINT64_MAX &&
		    s->checkpoint_mono > handle_mono() +
			s->k->dev.log_still_ms)
			s->checkpoint_mono = handle_mono() +
			    s->k->dev.log_still_ms;
		return (ERR_OK);
	}
	if (++s->still < STILL_MAX)
		s->checkpoint_mono = handle_mono() + STILL_MS;
	else if (s->still == STILL_MAX)
		tidings_alarm(s->k, NULL, "het logboek staat stil: de makelaar "
		    "antwoordt, maar tekent niet meer voor wat hij ons gaf");
	return (ERR_OK);
}

/* ---- now and then --------------------------------------------------------- */

static MUST_CHECK enum err
ask_newest(struct steward *s)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__CheckpointQuery cq = KETEN__V1__CHECKPOINT_QUERY__INIT;
	size_t mark = arena_used(s->k->a);
	Keten__V1__FromBroker *reply;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_CHECKPOINT;
	q.checkpoint = &cq;
	err = steward_ask(s, &q, ASK_MS, s->k->a, &reply, NULL);
	if (err == ERR_OK &&
	    reply->answer->body_case == KETEN__V1__ANSWER__BODY_PROOF &&
	    reply->answer->proof->checkpoint[0] != '\0')
		err = ckpt_see(s->k, s,
		    slice_str(reply->answer->proof->checkpoint), true, NULL);
	arena_rewind(s->k->a, mark);
	return (err);
}

enum err
ckpt_turn(struct steward *s, bool *did)
{
	char *note = s->checkpoint;
	enum err err = ERR_OK;

	if (s->k->policy == NULL)
		return (ERR_OK);
	if (note != NULL) {
		*did = true;
		s->checkpoint = NULL;
		s->checkpoint_mono = handle_mono() + EVERY_MS;
		err = ckpt_see(s->k, s, slice_str(note), s->is_newest, NULL);
		free(note);
		if (err == ERR_BUSY)
			s->checkpoint_mono = handle_mono() + AGAIN_MS;
	} else if (s->checkpoint_mono != 0 &&
	    handle_mono() >= s->checkpoint_mono) {
		*did = true;
		s->checkpoint_mono = handle_mono() + EVERY_MS;
		err = ask_newest(s);
		if (err == ERR_TIMEOUT || err_is_wire(err))
			s->checkpoint_mono = handle_mono() + AGAIN_MS;
		/* Without an answer it is the connection that stands still. */
		if (err == ERR_OK || err_is_wire(err))
			err = look_still(s);
	}
	if (err == ERR_STORE || err == ERR_NOMEM)
		return (err);
	/* What was wrong is in the news; the rest goes on. */
	return (ERR_OK);
}

/* ---- one leaf ------------------------------------------------------------- */

enum err
ckpt_proof(struct keten *k, struct steward *s, uint64_t index,
    const uint8_t leaf_hash[32], struct slice *note, uint8_t path[TLOG_PATH_MAX][32], size_t *n)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__ProofQuery pq = KETEN__V1__PROOF_QUERY__INIT;
	const Keten__V1__Proof *p;
	Keten__V1__FromBroker *reply;
	struct note_checkpoint c;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_PROOF;
	q.proof = &pq;
	pq.index = index;
	pq.witnessed = 1;
	err = ask(k, s, &q, &reply);
	if (err != ERR_OK)
		return (err);
	if (reply->answer->body_case != KETEN__V1__ANSWER__BODY_PROOF)
		return (ERR_DIGEST);
	p = reply->answer->proof;
	err = ckpt_see(k, s, slice_str(p->checkpoint), false, &c);
	if (err != ERR_OK)
		return (err);
	if (!copy_path(p, path) ||
	    tlog_check_inclusion(index, c.size, leaf_hash,
		(const uint8_t(*)[32])path, p->n_hashes,
		c.root) != ERR_OK)
		return (alarm_at(k, s, "een blad waarvan wij het bewijs hebben "
		    "staat niet in het logboek"));
	*note = slice_str(p->checkpoint);
	*n = p->n_hashes;
	return (ERR_OK);
}
