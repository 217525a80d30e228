/*
 * rewrap_ask -- one missing wrap: what is missing, who can help, the message.
 */
#include <string.h>

#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/outbox.h"
#include "ketend/reply.h"
#include "ketend/rewrap_ask.h"
#include "trust/tlog.h"
#include "wire/pb.h"

#define PAGE 32
#define HELPERS (REFERRAL_PARTIES_MAX + 4)

/* So many parts and records of one story are looked at in one go: some
 * milliseconds. */
#define LOOK_PARTS 4096
#define LOOK_RECORDS 512

/* What is missing. */
struct missing {
	size_t n;
	bool all; /* there is nothing behind them */
	struct decide_piece piece[DECIDE_PIECES_MAX];
};

/* May it have anything now? */
static bool
has_right(const struct rewrap_job *j, const struct referral *r)
{
	if (!referral_is_live(r) || r->erased)
		return (false);
	if (j->note_only)
		return (org_eq(&j->to, &r->r) ||
		    referral_open_offer(r, &j->to) != NULL);
	return (org_eq(&j->to, &r->h) || org_eq(&j->to, &r->b) ||
	    org_eq(&j->to, &r->custodian));
}

/* Who is nothing but custodian keeps the person part, and no more. */
static bool
is_keeper(const struct rewrap_job *j, const struct referral *r)
{
	return (!j->note_only && !org_eq(&j->to, &r->h) &&
	    !org_eq(&j->to, &r->b) && !org_eq(&j->to, &r->r));
}

/* A candidate gets the note of the SUBMIT and that of its own offer: what was
 * written for another one who was named is not for it. */
static bool
is_for(const struct rewrap_job *j, const struct referral *r,
    const struct decide_piece *p, uint64_t opening)
{
	if (is_keeper(j, r))
		return (p->kind == KETEN__V1__PART_KIND__PERSON);
	if (!j->note_only)
		return (true);
	return (p->kind == KETEN__V1__PART_KIND__NOTE &&
	    (p->index == opening || p->index + 1 == j->because));
}

/* Has it no wrap of this part that counts?  Then note it. */
static enum err
note_missing(struct broker *b, const struct decide_piece *p,
    const char *key_id, struct missing *m)
{
	bool has;
	enum err err = record_has_wrap(b->turn->txn, p->index, p->part,
	    key_id, &has);

	if (err == ERR_CONTENT_GONE || err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err == ERR_OK &&
	    (!has || look_refuted(&b->look, p->index, p->part, key_id)))
		m->piece[m->n++] = *p;
	return (err);
}

/* Where the job is: behind what it has, or what nobody can give. */
static struct decide_piece *
place_of(struct rewrap_job *j)
{
	return (j->has_after ? &j->after : &j->has);
}

/* Of another key nothing is known. */
static void
use_key(struct rewrap_job *j, const char *key_id)
{
	if (strcmp(j->key_id, key_id) == 0)
		return;
	memcpy(j->key_id, key_id, sizeof(j->key_id));
	j->has_some = j->has_after = false;
}

/* One part more was looked at; as long as nothing was missing, the next look
 * begins behind it. */
static void
pass(struct rewrap_job *j, const struct decide_piece *p,
    const struct missing *m)
{
	if (m->n > 0)
		return;
	*place_of(j) = *p;
	j->has_some = j->has_some || !j->has_after;
}

/* As many as one question can name, from where the job is; ${m}->all tells
 * whether that is to the end.  ERR_BUSY: none so far, and there is more. */
static enum err
find_missing(struct broker *b, struct rewrap_job *j,
    const struct referral *r, const char *key_id, struct missing *m)
{
	const struct decide_view *v = &b->look.view;
	bool begun = j->has_after || j->has_some;
	struct decide_piece page[PAGE], at = *place_of(j);
	struct view_more more;
	size_t looked = 0;
	enum err err;

	m->n = 0;
	m->all = true;
	err = view_more(b->turn->txn, &j->referral, &more);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	for (size_t n = PAGE; n == PAGE;) {
		n = v->pieces(v->cookie, &j->referral, begun ? &at : NULL,
		    page, PAGE);
		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			if (m->n == DECIDE_PIECES_MAX ||
			    looked++ == LOOK_PARTS) {
				m->all = false;
				err = look_fault(&b->look);
				return (err == ERR_OK && m->n == 0 ?
				    ERR_BUSY : err);
			}
			at = page[i];
			begun = true;
			if (is_for(j, r, &at, more.opening_index))
				err = note_missing(b, &at, key_id, m);
			pass(j, &at, m);
		}
		if (err != ERR_OK)
			return (err);
	}
	return (look_fault(&b->look));
}

/* Nobody is left to be asked for these: on to those behind them, or from the
 * first again. */
static void
move_on(struct rewrap_job *j, const struct missing *m,
    enum rewrap_outcome *outcome)
{
	if (!m->all)
		*outcome = REWRAP_EARLY;
	else if (j->turn != 0 || j->has_after)
		*outcome = REWRAP_ROUND;
	else
		*outcome = REWRAP_NOBODY;
	j->has_after = !m->all;
	if (j->has_after)
		j->after = m->piece[m->n - 1];
	j->turn = 0;
}

/* --- by which record ------------------------------------------------------------- */

static bool
gives_right(const struct rewrap_job *j, const Keten__V1__Facts *f,
    const Keten__V1__RouteFacts *route)
{
	Keten__V1__Event ev;

	if (route == NULL || f->change == NULL || f->change->n_steps == 0)
		return (false);
	if (j->note_only) {
		for (size_t i = 0; i < route->n_changes; i++)
			for (size_t k = 0; k < route->changes[i]->n_offers; k++)
				if (strcmp(route->changes[i]->offers[k]->to,
				    j->to.id) == 0)
					return (true);
		return (false);
	}
	ev = f->change->steps[0]->event;
	if (ev == KETEN__V1__EVENT__SUCCEED && f->change->after != NULL)
		return (strcmp(f->change->after->originator, j->to.id) == 0 ||
		    strcmp(f->change->after->custodian, j->to.id) == 0);
	return ((ev == KETEN__V1__EVENT__ACCEPT ||
	    ev == KETEN__V1__EVENT__CONFIRM ||
	    ev == KETEN__V1__EVENT__TAKE_OVER) && route->sender != NULL &&
	    strcmp(route->sender->partner, j->to.id) == 0);
}

static enum err
look_at_record(struct broker *b, struct rewrap_job *j, uint64_t index)
{
	struct arena *a = b->turn->pack;
	size_t mark = arena_used(a);
	Keten__V1__RouteFacts *route;
	Keten__V1__Facts *f;
	struct record rec;
	enum err err = record_read(b->turn->txn, index, a, &rec);

	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, &route);
	if (err == ERR_OK && gives_right(j, f, route))
		j->found = index + 1;
	arena_rewind(a, mark);
	return (err == ERR_CONTENT_GONE ? ERR_OK : err);
}

/* The newest record in the referral's trail that gives the right.  ERR_BUSY:
 * there is more to look at. */
static enum err
find_because(struct broker *b, struct rewrap_job *j)
{
	struct view_trail trail[PAGE];
	size_t n, looked = 0;

	do {
		enum err err = view_trail(b->turn->txn, &j->referral,
		    j->looked, trail, PAGE, &n);

		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			if (looked++ == LOOK_RECORDS)
				return (ERR_BUSY);
			j->looked = trail[i].index + 1;
			err = look_at_record(b, j, trail[i].index);
		}
		if (err != ERR_OK)
			return (err);
	} while (n == PAGE);
	j->because = j->found;
	return (ERR_OK);
}

/* --- who can help ------------------------------------------------------------------ */

static size_t
helpers_of(const struct referral *r, struct org who[HELPERS])
{
	size_t n = 0;

	who[n++] = r->b;
	who[n++] = r->h;
	for (size_t i = r->n_parties; i-- > 0;)
		who[n++] = r->parties[i];
	who[n++] = r->custodian;
	who[n++] = r->r;
	return (n);
}

/* The missing parts that ${who} can open itself, without those of which it
 * made a wrap for that key that opened nothing. */
static size_t
can_open(struct broker *b, const struct org *who, const char *key_id,
    const struct missing *m, struct missing *own)
{
	const struct decide_view *v = &b->look.view;

	own->n = 0;
	for (size_t i = 0; i < m->n; i++)
		if (v->has_wrap(v->cookie, m->piece[i].index,
		    m->piece[i].part, who) &&
		    !v->refuted_by(v->cookie, m->piece[i].index,
			m->piece[i].part, key_id, who))
			own->piece[own->n++] = m->piece[i];
	return (own->n);
}

/* The connected helper whose turn it is, with what it can open; NULL: no more. */
static struct session *
next_helper(struct broker *b, const struct referral *r,
    const struct rewrap_job *j, const char *key_id, const struct missing *m,
    struct missing *own)
{
	uint32_t skip = j->turn;
	struct org who[HELPERS];
	size_t n = helpers_of(r, who);
	struct session *s;

	for (size_t i = 0; i < n; i++) {
		bool again = org_is_none(&who[i]) || org_eq(&who[i], &j->to);

		for (size_t k = 0; k < i && !again; k++)
			again = org_eq(&who[i], &who[k]);
		if (again || (s = sessions_any(b->sessions, &who[i])) == NULL ||
		    can_open(b, &who[i], key_id, m, own) == 0)
			continue;
		if (skip-- == 0)
			return (s);
	}
	return (NULL);
}

/* --- the message --------------------------------------------------------------------- */

static enum err
put_parts(struct broker *b, const struct missing *m,
    Keten__V1__RewrapAsk *ask)
{
	const struct decide_view *v = &b->look.view;
	struct arena *a = b->turn->pack;
	struct decide_digest *d = arena_zero(a, m->n, sizeof(*d));
	Keten__V1__RewrapPart *p = arena_zero(a, m->n, sizeof(*p));

	ask->parts = arena_zero(a, m->n, sizeof(*ask->parts));
	if (d == NULL || p == NULL || ask->parts == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < m->n; i++) {
		if (!v->digest(v->cookie, m->piece[i].index, m->piece[i].part,
		    &d[i]))
			return (ERR_CORRUPT);
		keten__v1__rewrap_part__init(&p[i]);
		p[i].index = m->piece[i].index;
		p[i].part = m->piece[i].part;
		p[i].sha256 = pb_of(d[i].sha256, 32);
		p[i].plain_commit = pb_of(d[i].plain_commit, 32);
		ask->parts[ask->n_parts++] = &p[i];
	}
	return (ERR_OK);
}

static enum err
put_proof(struct broker *b, uint64_t index, const struct checkpoint *cp,
    Keten__V1__RewrapAsk *ask)
{
	struct tlog_reader tree = store_tree(b->turn->txn);
	struct arena *a = b->turn->pack;
	uint8_t (*path)[32] = arena_zero(a, TLOG_PATH_MAX, 32);
	size_t n = 0;
	enum err err;

	ask->proof = arena_zero(a, TLOG_PATH_MAX, sizeof(*ask->proof));
	if (path == NULL || ask->proof == NULL)
		return (ERR_NOMEM);
	err = tlog_inclusion(index, cp->size, &tree, path, &n);
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		ask->proof[ask->n_proof++] = pb_of(path[i], 32);
	ask->checkpoint = pb_string(cp->note);
	return (err);
}

static enum err
send_ask(struct broker *b, struct session *s, const struct rewrap_job *j,
    const struct keyring_seal *key, const struct checkpoint *cp,
    const struct missing *m)
{
	struct say_ctx ctx = { .partner = &s->partner,
		.referral = &j->referral, .seq = j->because - 1 };
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__RewrapAsk ask = KETEN__V1__REWRAP_ASK__INIT;
	Keten__V1__Record because;
	struct record_out out;
	struct slice envelope, certificate;
	uint64_t index;
	enum err err;

	msg.body_case = KETEN__V1__FROM_BROKER__BODY_REWRAP_ASK;
	msg.rewrap_ask = &ask;
	err = outbox_record(b, j->because - 1, &out, &envelope);
	if (err == ERR_OK)
		err = view_key(b->turn->txn, key->added, &index, &certificate);
	if (err != ERR_OK || (err = put_parts(b, m, &ask)) != ERR_OK ||
	    (err = put_proof(b, j->because - 1, cp, &ask)) != ERR_OK)
		return (err);
	reply_record(&out, true, &because);
	ask.referral = pb_of(j->referral.b, sizeof(j->referral.b));
	ask.to = pb_string(j->to.id);
	ask.certificate = pb_data(certificate);
	ask.because = &because;
	ask.because_envelope = pb_data(envelope);
	if (reply_send(b, s, &msg, slice_of(NULL, 0)) == ERR_OK) {
		b->metrics.rewrap_asks++;
		say(SAY_DEBUG, &ctx, "asked to wrap %zu parts for %s", m->n,
		    j->to.id);
	}
	return (ERR_OK);
}

/**
 * rewrap_ask(b, j, cp, outcome):
 * Ask the next one for what ${j} misses.
 */
enum err
rewrap_ask(struct broker *b, struct rewrap_job *j, const struct checkpoint *cp,
    enum rewrap_outcome *outcome)
{
	const struct keyring_seal *key = keyring_seal(b->keys, &j->to);
	struct missing *m = arena_zero(b->turn->pack, 2, sizeof(*m));
	struct referral *r = arena_zero(b->turn->pack, 1, sizeof(*r));
	struct session *s;
	enum err err;

	if (m == NULL || r == NULL)
		return (ERR_NOMEM);
	*outcome = REWRAP_DONE;
	err = view_referral(b->turn->txn, &j->referral, r);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && (!has_right(j, r) ||
	    policy_has_ended(b->policy, &j->to, b->turn->now_ms))))
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	*outcome = REWRAP_NOBODY;
	if (key == NULL ||
	    keyring_has_expired(key->not_after_ms, b->turn->now_ms))
		return (ERR_OK);
	use_key(j, key->key_id);
	if ((j->because == 0 && (err = find_because(b, j)) != ERR_OK) ||
	    (err = find_missing(b, j, r, key->key_id, &m[0])) != ERR_OK) {
		*outcome = REWRAP_EARLY;
		return (err == ERR_BUSY ? ERR_OK : err);
	}
	if (j->because == 0 || (m[0].n == 0 && !j->has_after)) {
		*outcome = REWRAP_DONE;
		return (ERR_OK);
	}
	/* Who has just wrapped some may well have more: the same one again. */
	if (m[0].n < j->left)
		j->turn = 0;
	j->left = m[0].n;
	if (cp->size < j->because) {
		*outcome = REWRAP_EARLY;
		return (ERR_OK);
	}
	s = next_helper(b, r, j, key->key_id, &m[0], &m[1]);
	if (s == NULL) {
		move_on(j, &m[0], outcome);
		return (ERR_OK);
	}
	j->turn++;
	*outcome = REWRAP_ASKED;
	return (send_ask(b, s, j, key, cp, &m[1]));
}
