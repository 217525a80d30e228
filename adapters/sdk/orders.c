/*
 * orders -- what somebody wants done, and what became of it.
 */
#include <stdio.h>
#include <string.h>

#include "sdk/orders.h"
#include "sdk/rows.h"

enum { ROW_VERSION = 1, NAMES_MAX = 64 };

/* ---- rows ----------------------------------------------------------------- */

static void
write_names(struct row *row, const char *const *names)
{
	uint32_t n = 0;

	while (names != NULL && names[n] != NULL)
		n++;
	row_u32(row, n);
	for (uint32_t i = 0; i < n; i++)
		row_text(row, names[i]);
}

static const char *const *
read_names(struct row_reader *row, struct arena *a)
{
	uint32_t n = row_get_u32(row);
	const char **names;

	if (n == 0 || n > NAMES_MAX) {
		row->bad = row->bad || n > NAMES_MAX;
		return (NULL);
	}
	names = arena_zero(a, n + 1, sizeof(*names));
	if (names == NULL) {
		row->bad = true;
		return (NULL);
	}
	for (uint32_t i = 0; i < n; i++)
		names[i] = row_get_text(row, a);
	return (names);
}

/* The texts of an order, in the order in which they are written. */
#define TEXTS(X) \
	X(referral) X(actor) X(code) X(area) X(basis) X(frequency) X(payer) \
	X(parent) X(relates) X(note) X(person) X(to) X(reason) X(outcome) \
	X(child) X(outside) X(text)
#define NUMBERS(X) \
	X(step) X(version) X(offer) X(urgency) X(discussed) X(units) \
	X(units_done) X(units_total)

static void
write_want(struct row *row, const struct keten_order *w)
{
#define X(f) row_text(row, w->f);
	TEXTS(X)
#undef X
#define X(f) row_u32(row, (uint32_t)w->f);
	NUMBERS(X)
#undef X
	row_u64(row, (uint64_t)w->end_ms);
	row_u64(row, (uint64_t)w->until_ms);
	write_names(row, w->first);
	write_names(row, w->never);
}

static void
read_want(struct row_reader *row, struct arena *a, struct keten_order *w)
{
	memset(w, 0, sizeof(*w));
#define X(f) w->f = row_get_text(row, a);
	TEXTS(X)
#undef X
#define X(f) w->f = row_get_u32(row);
	NUMBERS(X)
#undef X
	w->end_ms = (int64_t)row_get_u64(row);
	w->until_ms = (int64_t)row_get_u64(row);
	w->first = read_names(row, a);
	w->never = read_names(row, a);
}

static void
write_order(struct row *row, const struct order *o)
{
	row_u32(row, ROW_VERSION);
	row_u32(row, (uint32_t)o->status);
	row_raw(row, o->referral.b, sizeof(o->referral.b));
	row_u64(row, (uint64_t)o->made_ms);
	row_u64(row, (uint64_t)o->retry_ms);
	write_want(row, &o->want);
	row_u64(row, o->number);
	row_u64(row, o->index);
	row_u32(row, (uint32_t)o->code);
	row_u32(row, o->version);
	row_text(row, o->rule);
	row_text(row, o->text);
	row_text(row, o->todo);
	row_bytes(row, o->leaf);
	row_raw(row, o->salt, sizeof(o->salt));
}

enum err
orders_get(struct spool_txn *txn, struct arena *a, uint64_t ticket,
    struct order *o)
{
	struct row_reader row;
	struct slice value;
	enum err err;

	err = spool_get(txn, SPOOL_ORDER, spool_key_num(ticket), a, &value);
	if (err != ERR_OK)
		return (err);
	memset(o, 0, sizeof(*o));
	row = row_read(value);
	if (row_get_u32(&row) != ROW_VERSION)
		return (ERR_CORRUPT);
	o->ticket = ticket;
	o->status = row_get_u32(&row);
	row_get_raw(&row, o->referral.b, sizeof(o->referral.b));
	o->made_ms = (int64_t)row_get_u64(&row);
	o->retry_ms = (int64_t)row_get_u64(&row);
	read_want(&row, a, &o->want);
	o->number = row_get_u64(&row);
	o->index = row_get_u64(&row);
	o->code = row_get_u32(&row);
	o->version = row_get_u32(&row);
	o->rule = row_get_text(&row, a);
	o->text = row_get_text(&row, a);
	o->todo = row_get_text(&row, a);
	o->leaf = row_get_bytes(&row);
	row_get_raw(&row, o->salt, sizeof(o->salt));
	return (row.bad ? ERR_CORRUPT : ERR_OK);
}

enum err
orders_read(struct spool *spool, struct arena *a, uint64_t ticket,
    struct order *o)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(spool, false, &txn);

	if (err == ERR_OK)
		err = orders_get(txn, a, ticket, o);
	spool_abort(&txn);
	return (err);
}

static struct spool_key
busy_key(const struct refid *id, uint64_t ticket)
{
	struct spool_key k = { .len = sizeof(id->b) + 8 };

	memcpy(k.b, id->b, sizeof(id->b));
	be64_put(k.b + sizeof(id->b), ticket);
	return (k);
}

/* Will nothing more happen to it? */
static bool
is_over(const struct order *o)
{
	return (o->status != KETEN_WAITING && o->status != KETEN_SENT);
}

/* Its place among the open ones, by ticket and by referral. */
static MUST_CHECK enum err
put_place(struct spool_txn *txn, const struct order *o)
{
	struct spool_key key = spool_key_num(o->ticket);
	struct spool_key busy = busy_key(&o->referral, o->ticket);
	struct slice nothing = slice_of(NULL, 0);
	enum err err;

	if (is_over(o)) {
		err = spool_del(txn, SPOOL_OPEN, key);
		return (err == ERR_OK ? spool_del(txn, SPOOL_BUSY, busy)
				      : err);
	}
	err = spool_put(txn, SPOOL_OPEN, key, nothing);
	return (err == ERR_OK ? spool_put(txn, SPOOL_BUSY, busy, nothing)
			      : err);
}

enum err
orders_put(struct spool_txn *txn, struct order *o)
{
	struct spool_key key = spool_key_num(o->ticket);
	struct row row;
	uint32_t slot;
	enum err err = spool_slot(txn, &o->referral, &slot);

	if (err != ERR_OK)
		return (err);
	if (is_over(o))
		o->want.note = o->want.person = o->want.text = NULL;
	row_init(&row);
	write_order(&row, o);
	err = row.bad ? ERR_NOMEM
		      : spool_put_under(txn, SPOOL_ORDER, key, slot,
			    row_slice(&row));
	row_fini(&row);
	return (err == ERR_OK ? put_place(txn, o) : err);
}

/* ---- adding --------------------------------------------------------------- */

/* The ticket that the source of ${want} got before; ERR_NOT_FOUND: none. */
static MUST_CHECK enum err
known_source(struct spool_txn *txn, struct arena *a, struct spool_key source,
    uint64_t *ticket)
{
	size_t mark = arena_used(a);
	struct slice value;
	enum err err = spool_get(txn, SPOOL_SOURCE, source, a, &value);

	if (err == ERR_OK && value.len == 8)
		*ticket = be64_get(value.p);
	arena_rewind(a, mark);
	return (err);
}

static MUST_CHECK enum err
add(struct spool_txn *txn, struct order *o)
{
	struct spool_key last = { 0 };
	enum err err = spool_last(txn, SPOOL_ORDER, &last);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	o->ticket = err == ERR_OK ? spool_key_get_num(&last) + 1 : 1;
	return (orders_put(txn, o));
}

enum err
orders_add(struct spool *spool, struct arena *a,
    const struct keten_order *want, const char *actor,
    const struct refid *referral, int64_t now_ms, uint64_t *ticket)
{
	struct order o = { .status = KETEN_WAITING, .referral = *referral,
		.made_ms = now_ms, .want = *want };
	struct spool_txn *txn = NULL;
	struct spool_key source = { 0 };
	uint8_t b[8];
	enum err err;

	o.want.actor = actor;
	if ((err = spool_begin(spool, true, &txn)) != ERR_OK)
		return (err);
	if (want->source != NULL) {
		source = spool_source_key(spool, want->source);
		err = known_source(txn, a, source, ticket);
		if (err != ERR_NOT_FOUND) {
			spool_abort(&txn);
			return (err);
		}
	}
	err = add(txn, &o);
	be64_put(b, o.ticket);
	if (err == ERR_OK && want->source != NULL)
		err = spool_put(txn, SPOOL_SOURCE, source, slice_of(b, 8));
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	if (err == ERR_OK)
		*ticket = o.ticket;
	return (err);
}

/* ---- asking --------------------------------------------------------------- */

enum err
orders_next(struct spool_txn *txn, uint64_t *ticket)
{
	struct spool_key key = spool_key_num(*ticket);
	enum err err = spool_after(txn, SPOOL_OPEN, &key);

	if (err == ERR_OK)
		*ticket = spool_key_get_num(&key);
	return (err);
}

enum err
orders_on(struct spool_txn *txn, const struct refid *id, uint64_t *ticket)
{
	struct spool_key key = busy_key(id, 0);
	enum err err = spool_from(txn, SPOOL_BUSY, &key);

	if (err != ERR_OK)
		return (err);
	if (memcmp(key.b, id->b, sizeof(id->b)) != 0)
		return (ERR_NOT_FOUND);
	*ticket = spool_key_get_num(&key);
	return (ERR_OK);
}

void
orders_no(struct order *o, enum keten_status status, enum err code,
    const char *rule)
{
	o->status = status;
	o->code = code;
	o->rule = rule;
	o->text = err_text(code);
	o->todo = err_todo(code);
}

static void
copy(char *out, size_t cap, const char *text)
{
	(void)snprintf(out, cap, "%s", text == NULL ? "" : text);
}

void
orders_tell(const struct order *o, struct keten_outcome *out)
{
	memset(out, 0, sizeof(*out));
	out->ticket = o->ticket;
	out->status = o->status;
	out->step = o->want.step;
	if (!refid_is_none(&o->referral))
		(void)refid_text(&o->referral, out->referral);
	out->index = o->index;
	out->number = o->number;
	copy(out->code, sizeof(out->code),
	    o->code == ERR_OK ? "" : err_name(o->code));
	copy(out->rule, sizeof(out->rule), o->rule);
	copy(out->text, sizeof(out->text), o->text);
	copy(out->todo, sizeof(out->todo), o->todo);
	out->version = o->version;
}
