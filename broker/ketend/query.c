/*
 * query -- questions of partners: the tree, the policy, keys, content.
 */
#include <stdlib.h>
#include <string.h>

#include "core/checkpoint.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/outbox.h"
#include "ketend/query.h"
#include "ketend/reply.h"
#include "trust/tlog.h"
#include "wire/pb.h"

/**
 * query_no(q, err, rule):
 * Refuse the question.
 */
enum err
query_no(struct query *q, enum err err, const char *rule)
{
	q->no = err;
	q->rule = rule;
	return (ERR_OK);
}

static struct arena *
pack_of(const struct query *q)
{
	return (q->b->turn->pack);
}

/* --- the tree --------------------------------------------------------------------- */

/* The newest published checkpoint, or that it is too soon to ask. */
static enum err
newest(struct query *q, struct checkpoint **cp)
{
	enum err err;

	*cp = arena_zero(pack_of(q), 1, sizeof(**cp));
	if (*cp == NULL)
		return (ERR_NOMEM);
	err = checkpoint_newest(q->b->turn->txn, *cp);
	if (err == ERR_NOT_FOUND)
		return (query_no(q, ERR_BUSY,
		    "er is nog geen controlepunt ondertekend"));
	return (err);
}

/* The answer, with room for the hashes of a path. */
static enum err
begin_proof(struct query *q, uint8_t (**path)[32], Keten__V1__Proof **out)
{
	*path = arena_zero(pack_of(q), TLOG_PATH_MAX, 32);
	*out = arena_zero(pack_of(q), 1, sizeof(**out));
	if (*path == NULL || *out == NULL)
		return (ERR_NOMEM);
	keten__v1__proof__init(*out);
	q->answer.body_case = KETEN__V1__ANSWER__BODY_PROOF;
	q->answer.proof = *out;
	return (ERR_OK);
}

static enum err
put_path(struct query *q, Keten__V1__Proof *p, uint8_t (*path)[32], size_t n)
{
	p->n_hashes = n;
	p->hashes = arena_zero(pack_of(q), n + 1, sizeof(*p->hashes));
	if (p->hashes == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++)
		p->hashes[i] = pb_of(path[i], 32);
	return (ERR_OK);
}

/* Rather a checkpoint that enough witnesses signed, if it goes that far. */
static enum err
witnessed(struct query *q, uint64_t index, struct checkpoint *cp)
{
	uint64_t size = q->b->witnesses == NULL ? 0 :
	    witnesses_size(q->b->witnesses);
	enum err err;

	if (index >= size)
		return (ERR_OK);
	err = checkpoint_covering(q->b->turn->txn, size, cp);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static enum err
query_proof(struct query *q)
{
	const Keten__V1__ProofQuery *ask = q->q->proof;
	struct tlog_reader tree = store_tree(q->b->turn->txn);
	struct checkpoint *cp;
	Keten__V1__Proof *p;
	uint8_t (*path)[32];
	size_t n = 0;
	enum err err;

	if ((err = newest(q, &cp)) != ERR_OK || q->no != ERR_OK)
		return (err);
	if (ask->size > cp->size || ask->index >= (ask->size != 0 ?
	    ask->size : cp->size))
		return (query_no(q, ERR_BUSY,
		    "zover reikt het nieuwste controlepunt nog niet"));
	if (ask->witnessed && ask->size == 0 &&
	    (err = witnessed(q, ask->index, cp)) != ERR_OK)
		return (err);
	if ((err = begin_proof(q, &path, &p)) != ERR_OK)
		return (err);
	p->index = ask->index;
	p->size = ask->size != 0 ? ask->size : cp->size;
	if (p->size == cp->size)
		p->checkpoint = cp->note;
	err = tlog_inclusion(p->index, p->size, &tree, path, &n);
	return (err != ERR_OK ? err : put_path(q, p, path, n));
}

static enum err
query_checkpoint(struct query *q)
{
	struct checkpoint *cp;
	Keten__V1__Proof *p;
	uint8_t (*path)[32];
	enum err err;

	if ((err = newest(q, &cp)) != ERR_OK || q->no != ERR_OK)
		return (err);
	if ((err = begin_proof(q, &path, &p)) != ERR_OK)
		return (err);
	p->size = cp->size;
	p->checkpoint = cp->note;
	return (ERR_OK);
}

static enum err
query_consistency(struct query *q)
{
	const Keten__V1__ConsistencyQuery *ask = q->q->consistency;
	struct tlog_reader tree = store_tree(q->b->turn->txn);
	struct checkpoint *cp;
	Keten__V1__Proof *p;
	uint8_t (*path)[32];
	size_t n = 0;
	enum err err;

	if ((err = newest(q, &cp)) != ERR_OK || q->no != ERR_OK)
		return (err);
	if ((err = begin_proof(q, &path, &p)) != ERR_OK)
		return (err);
	p->size = ask->to == 0 ? cp->size : ask->to;
	if (ask->from == 0 || ask->from > p->size || p->size > cp->size)
		return (query_no(q, ERR_BUSY,
		    "zover reikt het nieuwste controlepunt nog niet"));
	if (p->size == cp->size)
		p->checkpoint = cp->note;
	err = tlog_consistency(ask->from, p->size, &tree, path, &n);
	return (err != ERR_OK ? err : put_path(q, p, path, n));
}

/* More do not fit an answer. */
#define KEY_ROWS 512

/* --- policy and keys ---------------------------------------------------------------- */

/* A document may be longer than a frame; it goes in pieces. */
static enum err
query_policy(struct query *q)
{
	struct arena *a = pack_of(q);
	Keten__V1__PolicyAnswer *p = arena_zero(a, 1, sizeof(*p));
	uint64_t from = q->q->policy->from, left;
	Keten__V1__Facts *f = NULL;
	struct record rec;
	uint64_t index;
	enum err err;

	if (p == NULL)
		return (ERR_NOMEM);
	err = view_policy(q->b->turn->txn, q->q->policy->index, &index);
	if (err == ERR_NOT_FOUND)
		return (query_no(q, ERR_NOT_ALLOWED,
		    "dat beleidsdocument is er niet"));
	if (err != ERR_OK ||
	    (err = record_read(q->b->turn->txn, index, a, &rec)) != ERR_OK ||
	    (err = record_facts(&rec, a, &f, NULL)) != ERR_OK)
		return (err);
	if (from > rec.envelope.len)
		return (query_no(q, ERR_MALFORMED,
		    "zo lang is dat beleidsdocument niet (from)"));
	left = rec.envelope.len - from;
	keten__v1__policy_answer__init(p);
	p->index = f->policy == NULL ? 0 : f->policy->index;
	p->envelope = pb_of(rec.envelope.p + from,
	    left < QUERY_ROOM ? left : QUERY_ROOM);
	p->size = rec.envelope.len;
	q->answer.body_case = KETEN__V1__ANSWER__BODY_POLICY;
	q->answer.policy = p;
	return (ERR_OK);
}

static enum err
put_key_row(struct query *q, Keten__V1__Keys *keys, uint64_t at,
    size_t *bytes)
{
	struct arena *a = pack_of(q);
	Keten__V1__KeyRow *row = arena_zero(a, 1, sizeof(*row));
	struct slice envelope;
	uint64_t index;
	enum err err;

	if (row == NULL)
		return (ERR_NOMEM);
	err = view_key(q->b->turn->txn, at, &index, &envelope);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	keten__v1__key_row__init(row);
	row->index = index;
	row->envelope = pb_data(envelope);
	keys->rows[keys->n_rows++] = row;
	*bytes += envelope.len + 16;
	return (ERR_OK);
}

/* Certificates and what ended them, in the order of the log. */
static enum err
query_keys(struct query *q)
{
	const Keten__V1__KeysQuery *ask = q->q->keys;
	const struct keyring *kr = q->b->keys;
	Keten__V1__Keys *keys = arena_zero(pack_of(q), 1, sizeof(*keys));
	struct org who;
	uint64_t at;
	size_t bytes = 0;
	enum err err = ERR_OK;

	if (keys == NULL)
		return (ERR_NOMEM);
	keten__v1__keys__init(keys);
	keys->rows = arena_zero(pack_of(q), KEY_ROWS, sizeof(*keys->rows));
	if (keys->rows == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; err == ERR_OK && !keys->more &&
	     (at = keyring_record(kr, i, &who)) != KEYRING_NEVER; i++) {
		if ((ask->after != 0 && at <= ask->after) ||
		    (ask->partner[0] != '\0' &&
			strcmp(ask->partner, who.id) != 0))
			continue;
		keys->more = bytes >= QUERY_ROOM || keys->n_rows == KEY_ROWS;
		if (!keys->more)
			err = put_key_row(q, keys, at, &bytes);
	}
	q->answer.body_case = KETEN__V1__ANSWER__BODY_KEYS;
	q->answer.keys = keys;
	return (err);
}

/* --- content ---------------------------------------------------------------------------- */

/* Did record ${index} bring that part to the referral ${id}? */
static enum err
has_part(struct query *q, const struct refid *id, uint64_t index,
    uint32_t part, bool *has)
{
	struct view_trail trail;
	size_t n = 0;
	enum err err;

	err = view_trail(q->b->turn->txn, id, index, &trail, 1, &n);
	*has = err == ERR_OK && n == 1 && trail.index == index &&
	    part < trail.n_parts;
	return (err);
}

/* A sealed part of a referral, for who has a wrap of it.  Whoever has not
 * hears the same as if there were no such part, or one of another referral. */
static enum err
query_content(struct query *q)
{
	const Keten__V1__ContentQuery *ask = q->q->content;
	struct arena *a = pack_of(q);
	Keten__V1__ContentAnswer *out = arena_zero(a, 1, sizeof(*out));
	static const char none[] = "dit deel is er niet, of niet voor u";
	struct content_piece piece;
	struct referral r;
	struct refid id;
	bool has;
	enum err err;

	if (out == NULL)
		return (ERR_NOMEM);
	if (pb_refid(ask->referral, &id) != ERR_OK)
		return (query_no(q, ERR_MALFORMED, "referral is 16 bytes"));
	err = view_referral(q->b->turn->txn, &id, &r);
	if (err == ERR_NOT_FOUND || (err == ERR_OK &&
	    referral_roles(&r, &q->s->partner) == 0 &&
	    !org_eq(&r.custodian, &q->s->partner)))
		return (query_no(q, ERR_UNKNOWN_REFERRAL, "geen betrokkene"));
	if (err != ERR_OK)
		return (err);
	err = has_part(q, &id, ask->index, ask->part, &has);
	if (err == ERR_OK && !has)
		return (query_no(q, ERR_CONTENT_GONE, none));
	if (err == ERR_OK)
		err = record_content(q->b->turn->txn, ask->index, ask->part,
		    a, &piece);
	if (err == ERR_CONTENT_GONE || err == ERR_NOT_FOUND)
		return (query_no(q, ERR_CONTENT_GONE, none));
	if (err != ERR_OK)
		return (err);
	if (outbox_own_wraps(q->b, q->s, &piece) == 0)
		return (query_no(q, ERR_CONTENT_GONE, none));
	keten__v1__content_answer__init(out);
	if ((err = query_source(q, &r, ask->index, &out->record)) != ERR_OK)
		return (err);
	out->referral = ask->referral;
	q->answer.body_case = KETEN__V1__ANSWER__BODY_CONTENT;
	q->answer.content = out;
	return (content_pack(a, &piece, 1, &q->content));
}

/* --- all of them ---------------------------------------------------------------------------- */

static const struct {
	Keten__V1__Query__BodyCase body;
	enum err (*handle)(struct query *q);
} handlers[] = {
	{ KETEN__V1__QUERY__BODY_RESOLVE, query_resolve },
	{ KETEN__V1__QUERY__BODY_CATALOGUE, query_catalogue },
	{ KETEN__V1__QUERY__BODY_REFERRAL, query_referral },
	{ KETEN__V1__QUERY__BODY_OPEN_WORK, query_open_work },
	{ KETEN__V1__QUERY__BODY_PROOF, query_proof },
	{ KETEN__V1__QUERY__BODY_CHECKPOINT, query_checkpoint },
	{ KETEN__V1__QUERY__BODY_CONSISTENCY, query_consistency },
	{ KETEN__V1__QUERY__BODY_POLICY, query_policy },
	{ KETEN__V1__QUERY__BODY_KEYS, query_keys },
	{ KETEN__V1__QUERY__BODY_RESYNC, query_resync },
	{ KETEN__V1__QUERY__BODY_CONTENT, query_content },
};

static enum err
handle(struct query *q)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].body == q->q->body_case)
			return (handlers[i].handle(q));
	return (query_no(q, ERR_MALFORMED, "een lege vraag"));
}

/**
 * query_answer(b, s, q):
 * Answer ${q} of ${s}, or refuse it.
 */
enum err
query_answer(struct broker *b, struct session *s, const Keten__V1__Query *ask)
{
	struct query q = { .b = b, .s = s, .q = ask };
	struct reply_no no = { .query_id = ask->id };
	size_t mark = arena_used(b->turn->pack);
	enum err err;

	keten__v1__from_broker__init(&q.msg);
	keten__v1__answer__init(&q.answer);
	q.msg.body_case = KETEN__V1__FROM_BROKER__BODY_ANSWER;
	q.msg.answer = &q.answer;
	q.answer.id = ask->id;
	b->metrics.queries++;
	err = handle(&q);
	if (err == ERR_OK && q.no == ERR_OK &&
	    reply_send(b, s, &q.msg, q.content) == ERR_TOO_BIG)
		q.no = ERR_TOO_BIG;
	if (err == ERR_NOMEM || err == ERR_TOO_BIG) { /* for one answer */
		err = ERR_OK;
		q.no = ERR_TOO_BIG;
	}
	if (err == ERR_OK && q.no != ERR_OK) {
		no.err = q.no;
		no.rule = q.rule;
		no.call = q.call;
		/* If it cannot be sent, nobody is there. */
		(void)reply_refusal(b, s, &no);
	}
	arena_rewind(b->turn->pack, mark);
	return (err);
}
