/*
 * erase_carry -- what later records lean on of those that go: how far lanes
 * and mailboxes were, and what the catalogue shows.
 */
#include <stdlib.h>
#include <string.h>

#include "core/erase_in.h"
#include "core/record.h"
#include "core/view_rows.h"
#include "wire/pb.h"

/* What the carry is made of, each once. */
struct carry {
	struct erase_find *f;
	struct arena *a; /* where the carry lives */
	struct pile boxes; /* struct key */
	struct pile lanes; /* struct key */
	struct pile entries; /* struct key of the catalogue */
	struct pile shortages; /* struct key */
};

static MUST_CHECK enum err
note_key(struct pile *l, const struct key *k)
{
	for (size_t i = 0; i < l->n; i++) {
		struct key had;

		memcpy(&had, l->p + i * sizeof(had), sizeof(had));
		if (slice_eq(key_slice(&had), key_slice(k)))
			return (ERR_OK);
	}
	return (pile_add(l, k));
}

static MUST_CHECK enum err
note_route(struct carry *c, const Keten__V1__RouteFacts *route)
{
	const Keten__V1__Sender *s = route == NULL ? NULL : route->sender;
	struct key k;
	enum err err = ERR_OK;

	if (s != NULL && s->lane.len == 8) {
		k = key_of_lane(s->partner, s->lane.data);
		err = note_key(&c->lanes, &k);
	}
	for (size_t i = 0; route != NULL && i < route->n_deliveries &&
	     err == ERR_OK; i++) {
		k = key_of_box(route->deliveries[i]->partner,
		    route->deliveries[i]->mailbox);
		err = note_key(&c->boxes, &k);
	}
	return (err);
}

static MUST_CHECK enum err
note_shortage(struct carry *c, const Keten__V1__Shortage *s)
{
	struct key k = { 0 };

	key_text(&k, s->service);
	key_text(&k, s->partner);
	key_text(&k, s->area);
	return (note_key(&c->shortages, &k));
}

static MUST_CHECK enum err
note_record(struct carry *c, uint64_t index)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *route;
	struct record rec;
	struct key k = { 0 };
	struct leaf leaf;
	enum err err = erase_leaf(c->f->t, index, &leaf);

	/* These say nothing that is carried on; acknowledgements of a month
	 * are those of every mailbox there is. */
	if (err != ERR_OK || leaf.kind == LEAF_DELIVERED ||
	    leaf.kind == LEAF_ACCESS)
		return (err);
	arena_reset(c->f->a);
	err = record_read(c->f->t, index, c->f->a, &rec);
	if (err == ERR_OK)
		err = record_facts(&rec, c->f->a, &f, &route);
	if (err == ERR_OK)
		err = note_route(c, route);
	if (err == ERR_OK && route != NULL && route->shortage != NULL)
		err = note_shortage(c, route->shortage);
	if (err == ERR_OK && f->catalogue != NULL &&
	    f->catalogue->entry != NULL) {
		key_text(&k, f->catalogue->entry->service);
		key_text(&k, f->catalogue->partner);
		err = note_key(&c->entries, &k);
	}
	return (err);
}

static MUST_CHECK enum err
note_all_boxes(struct carry *c)
{
	struct slice key, value;
	enum err err = store_seek(c->f->t, TABLE_MAILBOX, slice_of("", 0),
	    &key, &value);

	while (err == ERR_OK) {
		struct key k = { 0 };

		key_bytes(&k, key.p, key.len);
		err = note_key(&c->boxes, &k);
		if (err == ERR_OK)
			err = store_next(c->f->t, TABLE_MAILBOX, &key, &value);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

int
erase_by_index(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x < y ? -1 : x > y);
}

static bool
goes(const struct erase_find *f, uint64_t index)
{
	return (f->index.n > 0 && bsearch(&index, f->index.p, f->index.n,
				      sizeof(index), erase_by_index) != NULL);
}

/* The two texts of the key of a mailbox or of an entry. */
static MUST_CHECK enum err
texts_of(struct arena *a, const struct key *k, const char **one,
    const char **two)
{
	const char *p = arena_text(a, slice_of(k->b, strlen(
	    (const char *)k->b)));

	if (p == NULL)
		return (ERR_NOMEM);
	*one = p;
	p = (const char *)k->b + strlen(p) + 1;
	*two = arena_text(a, slice_str(p));
	return (*two == NULL ? ERR_NOMEM : ERR_OK);
}

/* A lane whose highest number goes: that it was used has to be remembered. */
static MUST_CHECK enum err
carry_lane(struct carry *c, const struct key *lane,
    Keten__V1__CarryLane **out)
{
	const char *partner = (const char *)lane->b;
	const uint8_t *bytes = lane->b + strlen(partner) + 1;
	struct org who = org_of(partner);
	uint64_t last = 0, index = 0;
	uint8_t hash[32];
	struct slice copy;
	enum err err = view_lane(c->f->t, &who, bytes, &last);

	*out = NULL;
	if (err == ERR_OK)
		err = view_seen(c->f->t, &who, bytes, last, &index, hash);
	if (err != ERR_OK || !goes(c->f, index))
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	*out = arena_zero(c->a, 1, sizeof(**out));
	if (*out == NULL || arena_copy(c->a, slice_of(bytes, 8), &copy) != 0)
		return (ERR_NOMEM);
	keten__v1__carry_lane__init(*out);
	(*out)->partner = pb_string(arena_text(c->a, slice_str(partner)));
	(*out)->lane = pb_data(copy);
	(*out)->last = last;
	return ((*out)->partner == NULL ? ERR_NOMEM : ERR_OK);
}

static MUST_CHECK enum err
carry_lanes(struct carry *c, Keten__V1__Carry *out)
{
	enum err err = ERR_OK;

	out->lanes = arena_zero(c->a, c->lanes.n + 1, sizeof(*out->lanes));
	if (out->lanes == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < c->lanes.n && err == ERR_OK; i++) {
		Keten__V1__CarryLane *one;
		struct key k;

		memcpy(&k, c->lanes.p + i * sizeof(k), sizeof(k));
		err = carry_lane(c, &k, &one);
		if (err == ERR_OK && one != NULL)
			out->lanes[out->n_lanes++] = one;
	}
	return (err);
}

/* What waits in a mailbox and goes, or is gone already. */
static MUST_CHECK enum err
carry_waiting(struct carry *c, const struct org *who,
    Keten__V1__CarryMailbox *m)
{
	struct view_outbox page[16];
	struct pile found = { .size = sizeof(page[0]) };
	uint64_t after = m->acked;
	size_t n;
	enum err err;

	do {
		err = view_outbox(c->f->t, who, m->mailbox, after, page, 16,
		    &n);
		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			after = page[i].seq;
			if ((int)page[i].role == 0 ||
			    goes(c->f, page[i].index))
				err = pile_add(&found, &page[i]);
		}
	} while (err == ERR_OK && n == 16);
	m->waiting = arena_zero(c->a, found.n + 1, sizeof(*m->waiting));
	if (err == ERR_OK && m->waiting == NULL)
		err = ERR_NOMEM;
	for (size_t i = 0; i < found.n && err == ERR_OK; i++) {
		Keten__V1__CarryWaiting *w = arena_zero(c->a, 1, sizeof(*w));
		struct view_outbox d;

		if (w == NULL) {
			err = ERR_NOMEM;
			break;
		}
		memcpy(&d, found.p + i * sizeof(d), sizeof(d));
		keten__v1__carry_waiting__init(w);
		w->seq = d.seq;
		w->index = d.index;
		m->waiting[m->n_waiting++] = w;
	}
	free(found.p);
	return (err);
}

static MUST_CHECK enum err
carry_box(struct carry *c, const struct key *box,
    Keten__V1__CarryMailbox **out)
{
	Keten__V1__CarryMailbox *m = arena_zero(c->a, 1, sizeof(*m));
	const char *partner, *mailbox;
	struct view_mailbox mb;
	struct slice hash;
	struct org who;
	enum err err = m == NULL ? ERR_NOMEM
				 : texts_of(c->a, box, &partner, &mailbox);

	if (err != ERR_OK)
		return (err);
	who = org_of(partner);
	err = view_mailbox(c->f->t, &who, mailbox, &mb);
	if (err == ERR_OK &&
	    arena_copy(c->a, slice_of(mb.acked_hash, 32), &hash) != 0)
		err = ERR_NOMEM;
	if (err != ERR_OK)
		return (err);
	keten__v1__carry_mailbox__init(m);
	m->partner = pb_string(partner);
	m->mailbox = pb_string(mailbox);
	m->acked = mb.acked;
	m->acked_hash = pb_data(hash);
	*out = m;
	return (carry_waiting(c, &who, m));
}

static MUST_CHECK enum err
carry_boxes(struct carry *c, Keten__V1__Carry *out)
{
	enum err err = ERR_OK;

	out->mailboxes =
	    arena_zero(c->a, c->boxes.n + 1, sizeof(*out->mailboxes));
	if (out->mailboxes == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < c->boxes.n && err == ERR_OK; i++) {
		struct key k;

		memcpy(&k, c->boxes.p + i * sizeof(k), sizeof(k));
		err = carry_box(c, &k, &out->mailboxes[i]);
		if (err == ERR_OK)
			out->n_mailboxes++;
	}
	return (err);
}

/* An entry of the catalogue that a record brought which goes. */
static MUST_CHECK enum err
carry_entry(struct carry *c, const struct key *k,
    Keten__V1__CarryEntry **out)
{
	const char *service, *partner;
	struct slice row, copy;
	enum err err = store_get(c->f->t, TABLE_CATALOGUE, key_slice(k), &row);

	*out = NULL;
	if (err == ERR_OK && row.len < 8)
		err = ERR_CORRUPT;
	if (err != ERR_OK || !goes(c->f, be64_get(row.p)))
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	err = texts_of(c->a, k, &service, &partner);
	*out = arena_zero(c->a, 1, sizeof(**out));
	if (*out == NULL || arena_copy(c->a, row, &copy) != 0)
		return (ERR_NOMEM);
	keten__v1__carry_entry__init(*out);
	(*out)->partner = pb_string(partner);
	(*out)->index = be64_get(copy.p);
	if (err == ERR_OK &&
	    pb_unpack(c->a, &keten__v1__catalogue_entry__descriptor,
		slice_of(copy.p + 8, copy.len - 8), &prescan_stored,
		&(*out)->entry) != ERR_OK)
		err = ERR_CORRUPT;
	return (err);
}

static MUST_CHECK enum err
carry_entries(struct carry *c, Keten__V1__Carry *out)
{
	enum err err = ERR_OK;

	out->catalogue =
	    arena_zero(c->a, c->entries.n + 1, sizeof(*out->catalogue));
	if (out->catalogue == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < c->entries.n && err == ERR_OK; i++) {
		Keten__V1__CarryEntry *one;
		struct key k;

		memcpy(&k, c->entries.p + i * sizeof(k), sizeof(k));
		err = carry_entry(c, &k, &one);
		if (err == ERR_OK && one != NULL)
			out->catalogue[out->n_catalogue++] = one;
	}
	return (err);
}

static MUST_CHECK enum err
make_shortage(struct arena *a, const struct view_shortage *s,
    Keten__V1__CarryShortage **out)
{
	Keten__V1__CarryShortage *one = arena_zero(a, 1, sizeof(*one));
	Keten__V1__Shortage *to = arena_zero(a, 1, sizeof(*to));

	if (one == NULL || to == NULL)
		return (ERR_NOMEM);
	keten__v1__carry_shortage__init(one);
	keten__v1__shortage__init(to);
	to->partner = arena_text(a, slice_str(s->partner.id));
	to->service = arena_text(a, slice_str(s->service));
	to->area = arena_text(a, slice_str(s->area));
	to->reason = arena_text(a, slice_str(s->reason));
	to->until_ms = s->until_ms;
	one->index = s->index;
	one->shortage = to;
	*out = one;
	return (to->partner == NULL || to->service == NULL ||
	    to->area == NULL || to->reason == NULL ? ERR_NOMEM : ERR_OK);
}

/*
 * A decline for want of room in a record that goes.  Also one whose time is
 * over: it may have taken the place of an older one that stays in the log.
 */
static MUST_CHECK enum err
carry_shortage(struct carry *c, const struct key *k,
    Keten__V1__CarryShortage **out)
{
	struct view_shortage s;
	struct slice row;
	enum err err = store_get(c->f->t, TABLE_SHORTAGE, key_slice(k), &row);

	*out = NULL;
	if (err == ERR_OK)
		err = row_shortage_read(key_slice(k), row, &s);
	if (err != ERR_OK || !goes(c->f, s.index))
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	return (make_shortage(c->a, &s, out));
}

static MUST_CHECK enum err
carry_shortages(struct carry *c, Keten__V1__Carry *out)
{
	enum err err = ERR_OK;

	out->shortages =
	    arena_zero(c->a, c->shortages.n + 1, sizeof(*out->shortages));
	if (out->shortages == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < c->shortages.n && err == ERR_OK; i++) {
		Keten__V1__CarryShortage *one;
		struct key k;

		memcpy(&k, c->shortages.p + i * sizeof(k), sizeof(k));
		err = carry_shortage(c, &k, &one);
		if (err == ERR_OK && one != NULL)
			out->shortages[out->n_shortages++] = one;
	}
	return (err);
}

enum err
erase_carry(struct erase_find *f, struct arena *a, Keten__V1__Carry **carry)
{
	struct carry c = { .f = f, .a = a,
		.boxes = { .size = sizeof(struct key) },
		.lanes = { .size = sizeof(struct key) },
		.entries = { .size = sizeof(struct key) },
		.shortages = { .size = sizeof(struct key) } };
	Keten__V1__Carry *out = arena_zero(a, 1, sizeof(*out));
	enum err err = out == NULL ? ERR_NOMEM : ERR_OK;

	for (size_t i = 0; i < f->index.n && err == ERR_OK; i++) {
		uint64_t index;

		memcpy(&index, f->index.p + i * sizeof(index), sizeof(index));
		err = note_record(&c, index);
	}
	if (err == ERR_OK && f->month)
		err = note_all_boxes(&c);
	if (err == ERR_OK) {
		keten__v1__carry__init(out);
		err = carry_lanes(&c, out);
	}
	if (err == ERR_OK)
		err = carry_boxes(&c, out);
	if (err == ERR_OK)
		err = carry_entries(&c, out);
	if (err == ERR_OK)
		err = carry_shortages(&c, out);
	free(c.boxes.p);
	free(c.lanes.p);
	free(c.entries.p);
	free(c.shortages.p);
	*carry = out;
	return (err);
}
