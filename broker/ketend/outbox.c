/*
 * outbox -- what waits in a mailbox, as messages.
 */
#include <string.h>

#include "base/say.h"
#include "core/decide_work.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/fresh.h"
#include "ketend/outbox.h"
#include "ketend/reply.h"
#include "trust/digest.h"
#include "wire/pb.h"

/* What reading one sealed part, and packing the frame, may take. */
#define PIECE_ROOM ((size_t)2 * 1024 * 1024)

/* Everything of one delivery, while it is made. */
struct parcel {
	Keten__V1__FromBroker msg;
	Keten__V1__Delivery delivery;
	Keten__V1__Record record;
	Keten__V1__Record opening;
	struct record_out out;
	struct record_out opening_out;
	uint8_t blind[16];
	struct slice content;
};

/**
 * outbox_record(b, index, out, envelope):
 * Find record ${index}.
 */
enum err
outbox_record(struct broker *b, uint64_t index, struct record_out *out,
    struct slice *envelope)
{
	const struct made *made = turn_find(b->turn, index);
	struct record rec;
	enum err err;

	if (made != NULL) {
		*out = made->out;
		*envelope = made->envelope;
		return (ERR_OK);
	}
	err = record_read(b->turn->txn, index, b->turn->pack, &rec);
	if (err != ERR_OK)
		return (err);
	reply_record_of(&rec, out);
	*envelope = rec.envelope;
	return (ERR_OK);
}

/* A newer wrap takes the place of one that opened nothing. */
static bool
has_wrap_for(const struct seal_wrap *w, size_t n, const char *key_id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(w[i].key_id, key_id) == 0)
			return (true);
	return (false);
}

/**
 * outbox_own_wraps(b, s, piece):
 * Leave in ${piece} only the wraps for keys of the partner of ${s}.
 */
size_t
outbox_own_wraps(struct broker *b, const struct session *s,
    struct content_piece *piece)
{
	struct seal_wrap *own;
	size_t n = 0;

	own = arena_alloc(b->turn->pack, (piece->n_wraps + 1) * sizeof(*own));
	if (own == NULL)
		return (0);
	/* The newest ones: those are of the keys in use, and a frame takes no
	 * more than this many. */
	for (size_t i = piece->n_wraps; i-- > 0 && n < SEAL_WRAPS_MAX;) {
		const struct keyring_seal *k = keyring_seal_by_id(b->keys,
		    piece->wraps[i].key_id);

		if (k != NULL && org_eq(&k->partner, &s->partner) &&
		    !has_wrap_for(own, n, k->key_id))
			own[n++] = piece->wraps[i];
	}
	piece->wraps = own;
	piece->n_wraps = n;
	return (n);
}

/* What is erased is not sent any more; that is no fault. */
static bool
is_gone(enum err err)
{
	return (err == ERR_CONTENT_GONE || err == ERR_NOT_FOUND);
}

/* A sealed part: of this turn, or out of the store. */
static enum err
get_piece(struct broker *b, uint64_t index, uint32_t part,
    struct content_piece *piece)
{
	if (fresh_piece(b->turn, index, part, piece))
		return (ERR_OK);
	return (record_content(b->turn->txn, index, part, b->turn->pack,
	    piece));
}

/*
 * The sealed parts of a delivery that its receiver can open.  What does not
 * fit into one frame it asks for by itself (ContentQuery).
 */
static enum err
put_content(struct broker *b, const struct session *s,
    const struct view_outbox *row, struct parcel *p)
{
	struct content_piece piece[VIEW_PIECES_MAX];
	size_t n = 0, bytes = 0;
	enum err err;

	for (size_t i = 0; i < row->n_pieces; i++) {
		if (arena_left(b->turn->pack) < PIECE_ROOM)
			break;
		err = get_piece(b, row->pieces[i].index, row->pieces[i].part,
		    &piece[n]);
		if (is_gone(err))
			continue;
		if (err != ERR_OK)
			return (err);
		if (outbox_own_wraps(b, s, &piece[n]) == 0 ||
		    bytes + piece[n].bytes.len > FRAME_PARTS_MAX)
			continue;
		bytes += piece[n].bytes.len;
		n++;
	}
	if (n == 0)
		return (ERR_OK);
	err = content_pack(b->turn->pack, piece, n, &p->content);
	return (err == ERR_TOO_BIG ? ERR_OK : err); /* then by query */
}

/* The SUBMIT's record, for who sees the referral for the first time. */
static enum err
put_opening(struct broker *b, const struct view_outbox *row,
    struct parcel *p)
{
	struct slice envelope;
	struct view_more more;
	enum err err;

	if ((row->with & DECIDE_WITH_OPENING) == 0 ||
	    refid_is_none(&row->referral))
		return (ERR_OK);
	err = view_more(b->turn->txn, &row->referral, &more);
	if (err == ERR_OK && more.opening_index == row->index)
		return (ERR_OK);
	if (err == ERR_OK)
		err = outbox_record(b, more.opening_index, &p->opening_out,
		    &envelope);
	if (is_gone(err))
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	reply_record(&p->opening_out, (row->with & DECIDE_WITH_ROUTE) != 0,
	    &p->opening);
	p->delivery.opening = &p->opening;
	return (ERR_OK);
}

static enum err
put_offer(struct broker *b, const struct view_outbox *row, struct parcel *p)
{
	const uint8_t *blind;
	enum err err;

	if (row->offer == 0)
		return (ERR_OK);
	p->delivery.offer = row->offer;
	blind = fresh_blind(b->turn, row->index, &row->referral, row->offer);
	if (blind != NULL) {
		p->delivery.blind = pb_of(blind, sizeof(p->blind));
		return (ERR_OK);
	}
	err = view_blind(b->turn->txn, &row->referral, row->offer, p->blind);
	if (err == ERR_NOT_FOUND) /* of an epoch that is over */
		return (ERR_OK);
	if (err == ERR_OK)
		p->delivery.blind = pb_of(p->blind, sizeof(p->blind));
	return (err);
}

static enum err
fill(struct broker *b, const struct session *s, const struct view_outbox *row,
    struct parcel *p)
{
	struct slice envelope;
	enum err err;

	memset(p, 0, sizeof(*p));
	keten__v1__from_broker__init(&p->msg);
	keten__v1__delivery__init(&p->delivery);
	p->msg.body_case = KETEN__V1__FROM_BROKER__BODY_DELIVERY;
	p->msg.delivery = &p->delivery;
	err = outbox_record(b, row->index, &p->out, &envelope);
	if (err != ERR_OK)
		return (err);
	reply_record(&p->out, (row->with & DECIDE_WITH_ROUTE) != 0,
	    &p->record);
	p->delivery.seq = row->seq;
	p->delivery.record = &p->record;
	p->delivery.running_hash = pb_of(row->running_hash, 32);
	p->delivery.role = row->role;
	if (!refid_is_none(&row->referral))
		p->delivery.referral =
		    pb_of(row->referral.b, sizeof(row->referral.b));
	if ((row->with & DECIDE_WITH_STATEMENT) != 0)
		p->delivery.envelope = pb_data(envelope);
	if ((err = put_offer(b, row, p)) != ERR_OK ||
	    (err = put_opening(b, row, p)) != ERR_OK)
		return (err);
	return (put_content(b, s, row, p));
}

/* A record that is erased leaves its place in the mailbox: the leaf is enough
 * for the running hash, and there is nothing to read. */
static enum err
fill_erased(struct broker *b, const struct view_outbox *row,
    struct parcel *p)
{
	enum err err;

	err = store_leaf(b->turn->txn, row->index, &p->out.leaf);
	if (err != ERR_OK)
		return (err);
	keten__v1__record__init(&p->record);
	p->record.index = row->index;
	p->record.leaf = pb_data(p->out.leaf);
	p->delivery.seq = row->seq;
	p->delivery.record = &p->record;
	p->delivery.running_hash = pb_of(row->running_hash, 32);
	p->delivery.role = row->role;
	return (ERR_OK);
}

/* Send one; ${gone}: the session has ended, or cannot take more now. */
static enum err
send_one(struct broker *b, struct session *s, const struct view_outbox *row,
    bool *gone)
{
	struct parcel p;
	size_t mark = arena_used(b->turn->pack);
	enum err err;

	*gone = false;
	err = fill(b, s, row, &p);
	if (is_gone(err))
		err = fill_erased(b, row, &p);
	if (err != ERR_OK)
		goto out;
	err = reply_send(b, s, &p.msg, p.content);
	if (err == ERR_TOO_BIG) { /* the statement can be had by query */
		p.delivery.opening = NULL;
		err = reply_send(b, s, &p.msg, p.content);
	}
	*gone = err != ERR_OK;
	if (err == ERR_OK) {
		s->sent = row->seq;
		s->credit--;
		b->metrics.deliveries++;
	} else if (err == ERR_TOO_BIG)
		say(SAY_TROUBLE, &(struct say_ctx){ .partner = &s->partner,
		    .seq = row->seq }, "a delivery does not fit a frame");
	err = ERR_OK;
out:
	arena_rewind(b->turn->pack, mark);
	return (err);
}

/**
 * outbox_serve(b, s):
 * Send ${s} the deliveries that wait for it.
 */
enum err
outbox_serve(struct broker *b, struct session *s)
{
	struct view_outbox row[16];
	size_t n, served = 0;
	bool gone;
	enum err err;

	while (s->is_open && s->credit > 0 && s->sent < s->last) {
		if (served >= OUTBOX_TURN) {
			sessions_ready(b->sessions, s);
			return (ERR_OK);
		}
		err = view_outbox(b->turn->txn, &s->partner, s->mailbox.id,
		    s->sent, row, s->credit < 16 ? (size_t)s->credit : 16, &n);
		if (err != ERR_OK)
			return (err);
		if (n == 0) /* acknowledged meanwhile */
			s->sent = s->last;
		for (size_t i = 0; i < n; i++) {
			if (turn_find(b->turn, row[i].index) == NULL)
				served++;
			err = send_one(b, s, &row[i], &gone);
			if (err != ERR_OK || gone)
				return (err);
		}
	}
	return (ERR_OK);
}
