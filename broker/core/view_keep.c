/*
 * view_keep -- the referrals of a scratch store, as they are in memory.
 */
#include <string.h>

#include "core/view_keep.h"
#include "life/apply.h"
#include "wire/pb.h"

/* In front of what stands here; only this process ever reads it. */
struct head {
	struct view_more more;
	uint16_t n_blinds;
	uint16_t header_len;
};

static struct slice
key_of_id(const struct refid *id)
{
	return (slice_of(id->b, sizeof(id->b)));
}

/* --- in memory ---------------------------------------------------------- */

static uint8_t *
add(uint8_t *to, const void *p, size_t len)
{
	if (len > 0)
		memcpy(to, p, len);
	return (to + len);
}

static const uint8_t *
take(const uint8_t *from, void *p, size_t len)
{
	memcpy(p, from, len);
	return (from + len);
}

/* How long it becomes. */
static size_t
length(const struct referral *r, const struct view_rest *rest)
{
	return (sizeof(struct head) + REFERRAL_FIXED +
	    r->n_offers * sizeof(r->offers[0]) +
	    r->n_parties * sizeof(r->parties[0]) +
	    rest->n_blinds * sizeof(rest->blinds[0]) + rest->header.len);
}

static struct slice
write_all(const struct view_recent *v, uint8_t out[STORE_CHUNK])
{
	const struct referral *r = &v->next;
	const struct view_rest *rest = &v->rest;
	struct head head = { .more = v->more, .n_blinds = rest->n_blinds,
		.header_len = (uint16_t)rest->header.len };
	uint8_t *p = add(out, &head, sizeof(head));

	p = add(p, r, REFERRAL_FIXED);
	p = add(p, r->offers, r->n_offers * sizeof(r->offers[0]));
	p = add(p, r->parties, r->n_parties * sizeof(r->parties[0]));
	p = add(p, rest->blinds, rest->n_blinds * sizeof(rest->blinds[0]));
	p = add(p, rest->header.p, rest->header.len);
	return (slice_of(out, (size_t)(p - out)));
}

/* The rest of the header is not copied: it points to where ${p} does. */
static void
read_all(const uint8_t *p, struct view_recent *v)
{
	struct view_rest *rest = &v->rest;
	struct referral *r = &v->r;
	struct head head;

	p = take(p, &head, sizeof(head));
	p = take(p, r, REFERRAL_FIXED);
	p = take(p, r->offers, r->n_offers * sizeof(r->offers[0]));
	p = take(p, r->parties, r->n_parties * sizeof(r->parties[0]));
	p = take(p, rest->blinds, head.n_blinds * sizeof(rest->blinds[0]));
	rest->n_blinds = head.n_blinds;
	rest->header = slice_of(p, head.header_len);
	rest->known = true;
	v->id = r->id;
	v->more = head.more;
	v->row_len = 0;
	v->state = NULL;
}

enum err
view_keep_get(struct txn *t, const struct refid *id, struct arena *a,
    struct view_recent *v)
{
	struct slice value;
	enum err err = store_unpacked_get(t, key_of_id(id), &value);

	if (err != ERR_OK)
		return (err);
	read_all(value.p, v);
	return (arena_copy(a, v->rest.header, &v->rest.header) == 0
		? ERR_OK : ERR_NOMEM);
}

/* --- as a row ----------------------------------------------------------- */

static ProtobufCBinaryData
blind_in(const struct view_rest *rest, uint32_t number)
{
	for (size_t i = 0; i < rest->n_blinds; i++)
		if (rest->blinds[i].number == number)
			return (pb_of(rest->blinds[i].b,
			    sizeof(rest->blinds[i].b)));
	return ((ProtobufCBinaryData){ 0 });
}

/* The state whose row it has. */
static MUST_CHECK enum err
state_of(struct arena *a, const struct referral *r,
    const struct view_rest *rest, Keten__V1__ReferralState **out)
{
	Keten__V1__ReferralState *s = arena_zero(a, 1, sizeof(*s));
	enum err err;

	if (s == NULL)
		return (ERR_NOMEM);
	keten__v1__referral_state__init(s);
	err = pb_unpack(a, &keten__v1__facts_header__descriptor, rest->header,
	    &prescan_stored, &s->header);
	if (err == ERR_OK)
		err = apply_to_state(a, r, s);
	if (err != ERR_OK)
		return (err == ERR_NOMEM ? err : ERR_CORRUPT);
	for (size_t i = 0; i < s->n_who; i++)
		s->who[i]->blind = blind_in(rest, s->who[i]->number);
	*out = s;
	return (ERR_OK);
}

static MUST_CHECK enum err
make_row(struct arena *a, const struct view_recent *v,
    const struct referral *r, struct slice *row)
{
	Keten__V1__ReferralState *s = NULL;
	enum err err = state_of(a, r, &v->rest, &s);

	return (err != ERR_OK ? err
		: row_referral_pack(a, &v->more, s, row));
}

enum err
view_keep_row(struct txn *t, const struct refid *id, struct arena *a,
    struct slice *row)
{
	struct view_recent *v;
	struct slice value;
	enum err err = store_unpacked_get(t, key_of_id(id), &value);

	if (err != ERR_OK)
		return (err);
	v = arena_alloc(a, sizeof(*v));
	if (v == NULL)
		return (ERR_NOMEM);
	read_all(value.p, v);
	return (make_row(a, v, &v->r, row));
}

/* Its row in place of what there was. */
static MUST_CHECK enum err
write_row(struct txn *t, struct view_recent *v, const struct referral *r)
{
	struct slice key = key_of_id(&v->id), row;
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	enum err err = make_row(a, v, r, &row);

	if (err == ERR_OK && v->row_len >= STORE_CHUNK)
		err = store_del_long(t, TABLE_REFERRAL, key);
	if (err == ERR_OK)
		err = store_put_long(t, TABLE_REFERRAL, key, row);
	if (err == ERR_OK)
		v->row_len = row.len;
	arena_rewind(a, mark);
	return (err);
}

/* --- what only the state has -------------------------------------------- */

enum err
view_keep_begin(struct view_recent *v, const Keten__V1__FactsHeader *h,
    struct arena *a)
{
	v->rest.n_blinds = 0;
	v->rest.known = true;
	return (pb_pack(a, &h->base, &v->rest.header));
}

/* It was read from its row, and is now to stand here. */
static MUST_CHECK enum err
rest_of_row(struct view_recent *v, struct arena *a)
{
	const Keten__V1__ReferralState *s = v->state;
	struct view_rest *rest = &v->rest;
	enum err err = view_keep_begin(v, s->header, a);

	for (size_t i = 0; i < s->n_who && err == ERR_OK; i++) {
		const Keten__V1__OfferWho *w = s->who[i];

		if (w->blind.len != sizeof(rest->blinds[0].b))
			continue;
		if (rest->n_blinds == REFERRAL_OFFERS_MAX)
			return (ERR_CORRUPT);
		rest->blinds[rest->n_blinds].number = (uint16_t)w->number;
		memcpy(rest->blinds[rest->n_blinds++].b, w->blind.data,
		    w->blind.len);
	}
	return (err);
}

static ProtobufCBinaryData
blind_for(const struct view_rest *rest, const Keten__V1__RouteChange *who,
    uint16_t number)
{
	for (size_t i = 0; who != NULL && i < who->n_offers; i++)
		if (who->offers[i]->number == number &&
		    who->offers[i]->blind.len == sizeof(rest->blinds[0].b))
			return (who->offers[i]->blind);
	return (blind_in(rest, number));
}

/* What opens the commitments to the offers that there are now. */
static void
renew_blinds(struct view_recent *v, const Keten__V1__RouteChange *who)
{
	struct view_rest *rest = &v->rest;
	struct view_opens blinds[REFERRAL_OFFERS_MAX];
	uint16_t n = 0;

	for (size_t i = 0; i < v->next.n_offers; i++) {
		uint16_t number = v->next.offers[i].number;
		ProtobufCBinaryData b = blind_for(rest, who, number);

		if (b.len == 0)
			continue;
		blinds[n].number = number;
		memcpy(blinds[n++].b, b.data, b.len);
	}
	memcpy(rest->blinds, blinds, n * sizeof(blinds[0]));
	rest->n_blinds = n;
}

/* A row does not have the clock of an offer that has no term of its own. */
static void
forget_clocks(struct referral *r)
{
	static const struct clock off;

	for (size_t i = 0; i < r->n_offers; i++)
		if (!r->offers[i].own_term)
			r->offers[i].clock = off;
}

/* --- writing ------------------------------------------------------------ */

static bool
is_over(const struct referral *r)
{
	return (r->state == ST_CLOSED || r->state == ST_ENTERED_IN_ERROR);
}

static MUST_CHECK enum err
forget_unpacked(struct txn *t, const struct refid *id)
{
	enum err err = store_unpacked_del(t, key_of_id(id));

	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
view_keep_put(struct txn *t, struct view_recent *v,
    const Keten__V1__RouteChange *who)
{
	uint8_t value[STORE_CHUNK];
	enum err err = ERR_OK;

	if (!v->rest.known)
		err = rest_of_row(v, store_kept(t));
	if (err != ERR_OK)
		return (err);
	renew_blinds(v, who);
	forget_clocks(&v->next);
	if (is_over(&v->next) || length(&v->next, &v->rest) > sizeof(value)) {
		err = write_row(t, v, &v->next);
		return (err != ERR_OK ? err : forget_unpacked(t, &v->id));
	}
	err = store_unpacked_put(t, key_of_id(&v->id), write_all(v, value));
	if (err == ERR_OK && v->row_len > 0)
		err = store_del_long(t, TABLE_REFERRAL, key_of_id(&v->id));
	v->row_len = 0;
	return (err);
}

enum err
view_keep_del(struct txn *t, const struct refid *id)
{
	enum err err = store_unpacked_del(t, key_of_id(id));

	return (err != ERR_NOT_FOUND ? err
		: store_del_long(t, TABLE_REFERRAL, key_of_id(id)));
}

/* Let the first of those that are left have its row, and its room be free. */
static MUST_CHECK enum err
settle_first(struct txn *t, struct arena *a, struct view_recent *v)
{
	static const struct slice all;
	size_t mark = arena_used(a);
	struct slice key, value;
	enum err err = store_unpacked_seek(t, all, &key, &value);

	if (err != ERR_OK)
		return (err);
	read_all(value.p, v);
	if (arena_copy(a, v->rest.header, &v->rest.header) != 0)
		return (ERR_NOMEM);
	err = store_unpacked_del(t, key_of_id(&v->id));
	if (err == ERR_OK)
		err = write_row(t, v, &v->r);
	arena_rewind(a, mark);
	return (err);
}

enum err
view_settle(struct txn *t)
{
	struct arena *a = store_scratch(t);
	size_t mark = arena_used(a);
	struct view_recent *v;
	enum err err = ERR_OK;

	if (!store_unpacks(t))
		return (ERR_OK);
	v = arena_alloc(a, sizeof(*v));
	if (v == NULL)
		return (ERR_NOMEM);
	while (err == ERR_OK)
		err = settle_first(t, a, v);
	arena_rewind(a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}
