/*
 * scribe -- from a draft to signed bytes with a number.
 */
#include <string.h>

#include "sdk/rows.h"
#include "sdk/scribe.h"
#include "sdk/wipe.h"
#include "trust/digest.h"
#include "wire/pb.h"
#include "wire/statement.h"

enum { ROW_VERSION = 1 };

/* What stands in a statement beside its body, kept while it is packed. */
struct around {
	uint8_t nonce[STATEMENT_NONCE];
	uint8_t leaf[32];
	struct slice lane;
	struct slice seen; /* size u64, root[32]; empty before the first */
	uint64_t number;
};

static MUST_CHECK enum err
look_around(const struct keten *k, struct spool_txn *txn, struct arena *a,
    struct around *x)
{
	enum err err;

	memset(x, 0, sizeof(*x));
	if ((err = digest_random(x->nonce, sizeof(x->nonce))) != ERR_OK ||
	    (err = spool_meta_get(txn, "lane", a, &x->lane)) != ERR_OK ||
	    (err = spool_meta_u64(txn, "next", &x->number)) != ERR_OK)
		return (err);
	if (x->number == 0)
		x->number = 1;
	err = spool_meta_get(txn, "seen", a, &x->seen);
	(void)k;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* The newest record of the referral that we have seen. */
static MUST_CHECK enum err
put_seen_leaf(struct spool_txn *txn, struct arena *a, const struct draft *d,
    struct around *x, Keten__V1__Statement *st)
{
	struct dossier c;
	enum err err = casebook_get(txn, a, &d->referral, &c);

	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK || c.newest_index == 0)
		return (err);
	memcpy(x->leaf, c.newest_leaf, sizeof(x->leaf));
	st->seen_leaf = pb_of(x->leaf, sizeof(x->leaf));
	return (ERR_OK);
}

static void
put_body(struct draft *d, Keten__V1__Statement *st)
{
	if (d->kind == ENVELOPE_COMMAND) {
		st->body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
		st->command = &d->command;
	} else if (d->kind == ENVELOPE_REWRAP) {
		st->body_case = KETEN__V1__STATEMENT__BODY_REWRAP;
		st->rewrap = &d->rewrap;
	} else if (d->kind == ENVELOPE_UNREADABLE) {
		st->body_case = KETEN__V1__STATEMENT__BODY_UNREADABLE;
		st->unreadable = &d->unreadable;
	} else if (d->kind == ENVELOPE_ERASE) {
		st->body_case = KETEN__V1__STATEMENT__BODY_ERASE;
		st->erase = &d->erase;
	} else if (d->kind == ENVELOPE_RETAIN) {
		st->body_case = KETEN__V1__STATEMENT__BODY_RETAIN;
		st->retain = &d->retain;
	} else if (d->kind == ENVELOPE_UNRETAIN) {
		st->body_case = KETEN__V1__STATEMENT__BODY_UNRETAIN;
		st->unretain = &d->unretain;
	} else if (d->kind == ENVELOPE_CATALOGUE) {
		st->body_case = KETEN__V1__STATEMENT__BODY_CATALOGUE;
		st->catalogue = d->catalogue;
	} else if (d->kind == ENVELOPE_MISSING) {
		st->body_case = KETEN__V1__STATEMENT__BODY_MISSING;
		st->missing = &d->missing;
	} else {
		st->body_case = KETEN__V1__STATEMENT__BODY_ERASED;
		st->erased = &d->erased;
	}
}

static void
put_common(const struct keten *k, const struct draft *d,
    const struct around *x, Keten__V1__Statement *st)
{
	st->version = STATEMENT_VERSION;
	st->origin = pb_string(k->dev.origin);
	st->partner = pb_string(k->dev.partner.id);
	st->device = pb_string(k->dev.name.id);
	st->lane = pb_data(x->lane);
	st->number = x->number;
	st->nonce = pb_of(x->nonce, sizeof(x->nonce));
	if (!refid_is_none(&d->referral))
		st->referral = pb_of(d->referral.b, sizeof(d->referral.b));
	if (x->seen.len == 40) {
		st->seen_size = be64_get(x->seen.p);
		st->seen_root = pb_of(x->seen.p + 8, 32);
	}
	st->policy_index = k->policy == NULL ? 0 : policy_index(k->policy);
	st->actor = pb_string(d->actor == NULL ? k->dev.actor : d->actor);
	st->made_ms = handle_now();
}

static MUST_CHECK enum err
put_out(struct spool_txn *txn, const struct draft *d, uint64_t number,
    struct slice envelope, struct slice content)
{
	struct row row;
	uint32_t slot;
	enum err err = spool_slot(txn, &d->referral, &slot);

	if (err != ERR_OK)
		return (err);
	row_init(&row);
	row_u32(&row, ROW_VERSION);
	row_u64(&row, d->ticket);
	row_raw(&row, d->referral.b, sizeof(d->referral.b));
	row_bytes(&row, envelope);
	row_bytes(&row, content);
	err = row.bad ? ERR_NOMEM
		      : spool_put_under(txn, SPOOL_OUT, spool_key_num(number),
			    slot, row_slice(&row));
	row_fini(&row);
	return (err);
}

/* Sign ${d} as ${x} says and write it down. */
static MUST_CHECK enum err
sign(const struct keten *k, struct spool_txn *txn, struct arena *a,
    struct draft *d, struct around *x)
{
	Keten__V1__Statement st;
	struct slice body, envelope, content = slice_of(NULL, 0);
	enum err err;

	keten__v1__statement__init(&st);
	if ((err = put_seen_leaf(txn, a, d, x, &st)) != ERR_OK)
		return (err);
	put_common(k, d, x, &st);
	put_body(d, &st);
	if ((err = pb_pack(a, &st.base, &body)) != ERR_OK ||
	    (err = envelope_make(a, d->kind, body, k->dev.signer,
		 &envelope)) != ERR_OK)
		return (err);
	if (d->n_pieces > 0 && (err = content_pack(a, d->pieces, d->n_pieces,
				    &content)) != ERR_OK)
		return (err);
	return (put_out(txn, d, x->number, envelope, content));
}

enum err
scribe_sign(const struct keten *k, struct spool_txn *txn, struct arena *a,
    struct draft *d, uint64_t *number)
{
	struct around x;
	enum err err;

	if ((err = look_around(k, txn, a, &x)) != ERR_OK ||
	    (err = sign(k, txn, a, d, &x)) != ERR_OK ||
	    (err = spool_meta_set_u64(txn, "next", x.number + 1)) != ERR_OK)
		return (err);
	*number = x.number;
	return (ERR_OK);
}

enum err
scribe_sign_as(const struct keten *k, struct spool_txn *txn, struct arena *a,
    struct draft *d, uint64_t number)
{
	struct around x;
	enum err err = look_around(k, txn, a, &x);

	x.number = number;
	return (err == ERR_OK ? sign(k, txn, a, d, &x) : err);
}

/* ---- what was signed ------------------------------------------------------ */

enum err
scribe_out(struct spool_txn *txn, struct arena *a, uint64_t number,
    struct outgoing *out)
{
	struct row_reader row;
	struct slice value;
	enum err err;

	err = spool_get(txn, SPOOL_OUT, spool_key_num(number), a, &value);
	if (err != ERR_OK)
		return (err);
	row = row_read(value);
	if (row_get_u32(&row) != ROW_VERSION)
		return (ERR_CORRUPT);
	out->number = number;
	out->ticket = row_get_u64(&row);
	row_get_raw(&row, out->referral.b, sizeof(out->referral.b));
	out->envelope = row_get_bytes(&row);
	out->content = row_get_bytes(&row);
	return (row.bad ? ERR_CORRUPT : ERR_OK);
}

enum err
scribe_next(struct spool_txn *txn, uint64_t *number)
{
	struct spool_key key = spool_key_num(*number);
	enum err err = spool_from(txn, SPOOL_OUT, &key);

	if (err == ERR_OK)
		*number = spool_key_get_num(&key);
	return (err);
}

enum err
scribe_strip(struct spool_txn *txn, struct arena *a, uint64_t number)
{
	struct outgoing out;
	struct draft *d = arena_zero(a, 1, sizeof(*d));
	enum err err = d == NULL ? ERR_NOMEM
				 : scribe_out(txn, a, number, &out);

	if (err != ERR_OK)
		return (err);
	d->ticket = out.ticket;
	d->referral = out.referral;
	return (put_out(txn, d, number, out.envelope, slice_of(NULL, 0)));
}

/* ---- another key ----------------------------------------------------------- */

/* Sign what stands in ${out} again; ${*did} if that was needed. */
static MUST_CHECK enum err
resign_one(const struct keten *k, struct spool_txn *txn, struct arena *a,
    const struct outgoing *out, bool *did)
{
	struct draft *d = arena_zero(a, 1, sizeof(*d));
	uint8_t key_id[SIGN_KEY_ID];
	struct slice envelope;
	struct envelope env;
	enum err err;

	*did = false;
	if (d == NULL)
		return (ERR_NOMEM);
	if ((err = envelope_parse(a, out->envelope, &env, NULL)) != ERR_OK)
		return (err);
	sign_key_id(sign_public(k->dev.signer), key_id);
	if (memcmp(key_id, env.key_id, SIGN_KEY_ID) == 0)
		return (ERR_OK);
	*did = true;
	d->ticket = out->ticket;
	d->referral = out->referral;
	err = envelope_make(a, env.kind, env.body, k->dev.signer, &envelope);
	if (err != ERR_OK)
		return (err);
	return (put_out(txn, d, out->number, envelope, out->content));
}

enum err
scribe_resign(const struct keten *k, struct spool_txn *txn, struct arena *a,
    uint64_t number, size_t *n)
{
	uint64_t at = number;
	enum err err;

	*n = 0;
	for (; (err = scribe_next(txn, &at)) == ERR_OK; at++) {
		size_t mark = arena_used(a);
		struct outgoing out;
		bool did = false;

		if ((err = scribe_out(txn, a, at, &out)) == ERR_OK)
			err = resign_one(k, txn, a, &out, &did);
		arena_rewind(a, mark);
		if (err != ERR_OK)
			return (err);
		*n += did;
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* The order of ${ticket} waits again. */
static MUST_CHECK enum err
wait_again(struct spool_txn *txn, struct arena *a, uint64_t ticket)
{
	struct order o;
	enum err err;

	if (ticket == 0)
		return (ERR_OK);
	if ((err = orders_get(txn, a, ticket, &o)) != ERR_OK)
		return (err);
	if (o.status != KETEN_SENT)
		return (ERR_OK);
	o.status = KETEN_WAITING;
	o.number = 0;
	return (orders_put(txn, &o));
}

enum err
scribe_unsign(struct spool_txn *txn, struct arena *a, uint64_t number)
{
	uint64_t n = number;
	enum err err;

	while ((err = scribe_next(txn, &n)) == ERR_OK) {
		size_t mark = arena_used(a);
		struct outgoing out;

		if ((err = scribe_out(txn, a, n, &out)) == ERR_OK)
			err = wait_again(txn, a, out.ticket);
		if (err == ERR_OK)
			err = wipe_unsigned(txn, a, &out);
		arena_rewind(a, mark);
		if (err == ERR_OK)
			err = spool_del(txn, SPOOL_OUT, spool_key_num(n));
		if (err != ERR_OK)
			return (err);
	}
	if (err != ERR_NOT_FOUND)
		return (err);
	return (spool_meta_set_u64(txn, "next", number));
}
