/*
 * casebook -- the referrals this device knows, rebuilt from their records.
 */
#include <string.h>

#include "life/apply.h"
#include "sdk/casebook.h"
#include "sdk/rows.h"
#include "wire/pb.h"

enum { ROW_VERSION = 1 };

static struct spool_key
referral_key(const struct refid *id)
{
	return (spool_key_of(id->b, sizeof(id->b)));
}

static struct spool_key
record_key(const struct refid *id, uint64_t index)
{
	struct spool_key k = { .len = sizeof(id->b) + 8 };

	memcpy(k.b, id->b, sizeof(id->b));
	be64_put(k.b + sizeof(id->b), index);
	return (k);
}

/* ---- the row of a referral ------------------------------------------------ */

static void
copy_chars(char *out, size_t cap, const char *text)
{
	size_t n = strnlen(text, cap - 1);

	memcpy(out, text, n);
	out[n] = '\0';
}

static void
write_dossier(struct row *row, const struct dossier *d, struct slice state)
{
	row_u32(row, ROW_VERSION);
	row_bytes(row, state);
	row_u32(row, d->role);
	row_u64(row, d->opening_index);
	row_u64(row, d->newest_index);
	row_raw(row, d->newest_leaf, 32);
	row_text(row, d->exact_code);
	row_text(row, d->exact_area);
	row_text(row, d->frequency);
	row_text(row, d->payer);
	row_raw(row, d->relates.b, sizeof(d->relates.b));
	row_u32(row, d->is_early);
	row_u32(row, d->openable);
	row_u32(row, d->is_erased);
	row_u64(row, d->base_index);
	row_bytes(row, d->base);
}

enum err
casebook_put(struct spool_txn *txn, struct arena *a, const struct dossier *d)
{
	Keten__V1__ReferralState s;
	size_t mark = arena_used(a);
	struct slice state;
	struct row row;
	uint32_t slot;
	enum err err = spool_slot(txn, &d->r.id, &slot);

	if (err != ERR_OK)
		return (err);
	keten__v1__referral_state__init(&s);
	err = apply_to_state(a, &d->r, &s);
	if (err == ERR_OK)
		err = pb_pack(a, &s.base, &state);
	if (err != ERR_OK) {
		arena_rewind(a, mark);
		return (err);
	}
	row_init(&row);
	write_dossier(&row, d, state);
	err = row.bad ? ERR_NOMEM
		      : spool_put_under(txn, SPOOL_REFERRAL,
			    referral_key(&d->r.id), slot, row_slice(&row));
	row_fini(&row);
	arena_rewind(a, mark);
	return (err);
}

static MUST_CHECK enum err
read_state(struct arena *a, struct slice state, struct referral *r)
{
	Keten__V1__ReferralState *s;
	size_t mark = arena_used(a);
	enum err err;

	err = pb_unpack(a, &keten__v1__referral_state__descriptor, state,
	    &prescan_stored, &s);
	if (err == ERR_OK)
		err = apply_from_state(s, r);
	arena_rewind(a, mark);
	return (err);
}

enum err
casebook_get(struct spool_txn *txn, struct arena *a, const struct refid *id,
    struct dossier *d)
{
	struct row_reader row;
	struct slice value, state;
	enum err err;

	err = spool_get(txn, SPOOL_REFERRAL, referral_key(id), a, &value);
	if (err != ERR_OK)
		return (err);
	memset(d, 0, sizeof(*d));
	row = row_read(value);
	if (row_get_u32(&row) != ROW_VERSION)
		return (ERR_CORRUPT);
	state = row_get_bytes(&row);
	d->role = row_get_u32(&row);
	d->opening_index = row_get_u64(&row);
	d->newest_index = row_get_u64(&row);
	row_get_raw(&row, d->newest_leaf, 32);
	row_get_chars(&row, d->exact_code, sizeof(d->exact_code));
	row_get_chars(&row, d->exact_area, sizeof(d->exact_area));
	row_get_chars(&row, d->frequency, sizeof(d->frequency));
	row_get_chars(&row, d->payer, sizeof(d->payer));
	row_get_raw(&row, d->relates.b, sizeof(d->relates.b));
	d->is_early = row_get_u32(&row) != 0;
	d->openable = row_get_u32(&row);
	d->is_erased = row_get_u32(&row) != 0;
	d->base_index = row_get_u64(&row);
	d->base = row_get_bytes(&row);
	return (row.bad ? ERR_CORRUPT : read_state(a, state, &d->r));
}

/* ---- records -------------------------------------------------------------- */

static MUST_CHECK enum err
put_record(struct spool_txn *txn, struct arena *a, const struct refid *id,
    const struct filing *f)
{
	size_t mark = arena_used(a);
	struct slice packed;
	struct row row;
	enum err err = pb_pack(a, &f->record->base, &packed);

	if (err != ERR_OK)
		return (err);
	row_init(&row);
	row_u32(&row, ROW_VERSION);
	row_bytes(&row, packed);
	row_bytes(&row, f->envelope);
	row_u64(&row, f->news);
	row_u32(&row, f->role);
	row_u32(&row, f->offer);
	row_bytes(&row, f->blind);
	err = row.bad ? ERR_NOMEM
		      : spool_put(txn, SPOOL_RECORD,
			    record_key(id, f->record->index), row_slice(&row));
	row_fini(&row);
	arena_rewind(a, mark);
	return (err);
}

enum err
casebook_record(struct spool_txn *txn, struct arena *a, const struct refid *id,
    uint64_t index, struct filing *f)
{
	Keten__V1__Record *record;
	struct row_reader row;
	struct slice value, packed;
	enum err err;

	err = spool_get(txn, SPOOL_RECORD, record_key(id, index), a, &value);
	if (err != ERR_OK)
		return (err);
	memset(f, 0, sizeof(*f));
	row = row_read(value);
	if (row_get_u32(&row) != ROW_VERSION)
		return (ERR_CORRUPT);
	packed = row_get_bytes(&row);
	f->envelope = row_get_bytes(&row);
	f->news = row_get_u64(&row);
	f->role = row_get_u32(&row);
	f->offer = row_get_u32(&row);
	f->blind = row_get_bytes(&row);
	if (row.bad)
		return (ERR_CORRUPT);
	err = pb_unpack(a, &keten__v1__record__descriptor, packed,
	    &prescan_stored, &record);
	if (err == ERR_OK)
		f->record = record;
	return (err);
}

enum err
casebook_next(struct spool_txn *txn, const struct refid *id, uint64_t *index)
{
	struct spool_key k = record_key(id, *index);
	enum err err = spool_from(txn, SPOOL_RECORD, &k);

	if (err != ERR_OK)
		return (err);
	if (memcmp(k.b, id->b, sizeof(id->b)) != 0)
		return (ERR_NOT_FOUND);
	*index = spool_key_get_num(&k);
	return (ERR_OK);
}

/* ---- applying ------------------------------------------------------------- */

/* Our own offer has our name, even where route facts are not for us. */
static void
own_offer(struct referral *r, uint32_t number, const struct org *self)
{
	for (size_t i = 0; number != 0 && i < r->n_offers; i++)
		if (r->offers[i].number == number)
			r->offers[i].to = *self;
}

static bool
is_opening(const struct witnessed *w, const Keten__V1__Change *c)
{
	return (w->facts->header != NULL && c == w->facts->change &&
	    c->n_steps > 0 &&
	    c->steps[0]->event == KETEN__V1__EVENT__SUBMIT);
}

static MUST_CHECK enum err
open_dossier(struct dossier *d, const struct refid *id,
    const struct witnessed *w)
{
	const Keten__V1__FactsHeader *h = w->facts->header;
	enum err err = apply_header(&d->r, id, h, w->route);

	if (err != ERR_OK)
		return (err);
	copy_chars(d->frequency, sizeof(d->frequency), h->frequency);
	copy_chars(d->payer, sizeof(d->payer), h->payer);
	(void)refid_from(h->relates.data, h->relates.len, &d->relates);
	d->is_early = h->early;
	d->opening_index = w->index;
	d->r.submitted_ms = w->time_ms;
	return (ERR_OK);
}

/* Let ${d} be as it is after the record ${f}. */
static MUST_CHECK enum err
apply_one(struct arena *a, struct dossier *d, const struct refid *id,
    const struct org *self, const struct filing *f)
{
	const Keten__V1__Change *c;
	struct witnessed w;
	const char *what;
	enum err err;

	if ((err = witness_record(a, f->record, &w, &what)) != ERR_OK)
		return (err);
	d->newest_index = w.index;
	memcpy(d->newest_leaf, w.leaf_hash, 32);
	if (f->role != 0)
		d->role = f->role;
	if ((c = witness_change(&w, id)) == NULL)
		return (ERR_OK);
	if (is_opening(&w, c) &&
	    (err = open_dossier(d, id, &w)) != ERR_OK)
		return (err);
	/* Records that were not for us may have come in between. */
	d->r.id = *id;
	d->r.version = c->version_before;
	err = apply_change(&d->r, c, witness_who(&w, id));
	if (err == ERR_OK)
		own_offer(&d->r, f->offer, self);
	return (err);
}

/* A base that came with a resync may not know which offers are ours; the
 * records before it that we have do. */
static MUST_CHECK enum err
name_offers(struct spool_txn *txn, struct arena *a, struct dossier *d,
    const struct refid *id, const struct org *self)
{
	uint64_t index = 0;
	enum err err;

	while ((err = casebook_next(txn, id, &index)) == ERR_OK &&
	    index <= d->base_index) {
		size_t mark = arena_used(a);
		struct filing f;

		err = casebook_record(txn, a, id, index, &f);
		if (err == ERR_OK)
			own_offer(&d->r, f.offer, self);
		arena_rewind(a, mark);
		if (err != ERR_OK)
			return (err);
		index++;
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* Build ${d} again from its base and every record after it. */
static MUST_CHECK enum err
rebuild(struct spool_txn *txn, struct arena *a, struct dossier *d,
    const struct refid *id, const struct org *self)
{
	uint64_t index = 0;
	enum err err = ERR_OK;

	memset(&d->r, 0, sizeof(d->r));
	d->r.id = *id;
	if (d->base.len > 0) {
		index = d->base_index + 1;
		err = read_state(a, d->base, &d->r);
		if (err == ERR_OK)
			err = name_offers(txn, a, d, id, self);
	}
	while (err == ERR_OK &&
	    (err = casebook_next(txn, id, &index)) == ERR_OK) {
		size_t mark = arena_used(a);
		struct filing f;

		err = casebook_record(txn, a, id, index, &f);
		if (err == ERR_OK)
			err = apply_one(a, d, id, self, &f);
		arena_rewind(a, mark);
		index++;
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* What is known of a record already stays, unless this filing says more. */
static MUST_CHECK enum err
merge(struct spool_txn *txn, struct arena *a, const struct refid *id,
    struct filing *f, bool *was_there)
{
	struct filing old;
	enum err err = casebook_record(txn, a, id, f->record->index, &old);

	*was_there = err == ERR_OK;
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	/* One place in the log has one leaf. */
	if (!slice_eq(pb_slice(old.record->leaf), pb_slice(f->record->leaf)))
		return (ERR_CORRUPT);
	if (f->record->route_facts.len == 0)
		f->record = old.record;
	if (f->envelope.len == 0)
		f->envelope = old.envelope;
	if (f->news == 0)
		f->news = old.news;
	if (f->role == 0)
		f->role = old.role;
	if (f->offer == 0) {
		f->offer = old.offer;
		f->blind = old.blind;
	}
	return (ERR_OK);
}

enum err
casebook_file(struct spool_txn *txn, struct arena *a, const struct org *self,
    const struct refid *id, const struct filing *f, struct dossier *d)
{
	struct filing full = *f;
	bool was_there, is_newest;
	enum err err = casebook_get(txn, a, id, d);

	if (err == ERR_NOT_FOUND) {
		memset(d, 0, sizeof(*d));
		d->r.id = *id;
		err = ERR_OK;
	}
	is_newest = f->record->index > d->newest_index ||
	    d->newest_index == 0;
	if (err == ERR_OK)
		err = merge(txn, a, id, &full, &was_there);
	if (err == ERR_OK)
		err = put_record(txn, a, id, &full);
	if (err != ERR_OK)
		return (err);
	if (is_newest && !was_there)
		err = apply_one(a, d, id, self, &full);
	else
		err = rebuild(txn, a, d, id, self);
	if (err == ERR_OK && f->role != 0 && f->record->index >=
		d->newest_index)
		d->role = f->role;
	return (err == ERR_OK ? casebook_put(txn, a, d) : err);
}

enum err
casebook_news(struct spool_txn *txn, struct arena *a, const struct refid *id,
    uint64_t index, uint64_t news)
{
	size_t mark = arena_used(a);
	struct filing f;
	enum err err = casebook_record(txn, a, id, index, &f);

	f.news = news;
	if (err == ERR_OK)
		err = put_record(txn, a, id, &f);
	arena_rewind(a, mark);
	return (err);
}

enum err
casebook_base(struct spool_txn *txn, struct arena *a, uint64_t index,
    const uint8_t leaf_hash[32], struct slice state,
    uint32_t role)
{
	struct dossier d, old;
	enum err err;

	memset(&d, 0, sizeof(d));
	if ((err = read_state(a, state, &d.r)) != ERR_OK)
		return (err);
	err = casebook_get(txn, a, &d.r.id, &old);
	if (err == ERR_OK && old.newest_index >= index)
		return (ERR_OK);
	if (err == ERR_OK) {
		struct referral r = d.r;

		d = old;
		d.r = r;
	} else if (err != ERR_NOT_FOUND) {
		return (err);
	}
	d.role = role;
	d.base = state;
	d.base_index = d.newest_index = index;
	memcpy(d.newest_leaf, leaf_hash, 32);
	return (casebook_put(txn, a, &d));
}
