/*
 * fresh -- what the records of this turn bring to those who are told.
 */
#include <string.h>

#include "ketend/fresh.h"
#include "wire/pb.h"

static bool
erases(const struct decision *d)
{
	return (d->erase ||
	    d->facts->kind == KETEN__V1__RECORD_KIND__RECORD_ERASE);
}

static size_t
count_offers(const Keten__V1__RouteFacts *route)
{
	size_t n = 0;

	for (size_t i = 0; route != NULL && i < route->n_changes; i++)
		n += route->changes[i]->n_offers;
	return (n);
}

/* The blinds of one referral's new offers. */
static void
keep_blinds(struct made *m, const Keten__V1__RouteChange *c)
{
	struct refid id;

	if (pb_refid(c->referral, &id) != ERR_OK)
		return;
	for (size_t i = 0; i < c->n_offers; i++) {
		struct blind *b = &m->blinds[m->n_blinds];

		if (pb_bytes(c->offers[i]->blind, sizeof(b->b), b->b) !=
		    ERR_OK)
			continue;
		b->referral = id;
		b->offer = c->offers[i]->number;
		m->n_blinds++;
	}
}

/**
 * fresh_keep(t, m, content, d):
 * Remember what the deliveries of ${m} carry.
 */
enum err
fresh_keep(struct turn *t, struct made *m, const struct content *content,
    const struct decision *d)
{
	size_t n = count_offers(d->route);

	if (erases(d))
		t->has_erased = true;
	m->content = content;
	if (n == 0)
		return (ERR_OK);
	m->blinds = arena_alloc(t->out, n * sizeof(*m->blinds));
	if (m->blinds == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < d->route->n_changes; i++)
		keep_blinds(m, d->route->changes[i]);
	return (ERR_OK);
}

/**
 * fresh_piece(t, index, part, piece):
 * Part ${part} of record ${index}, if it is of this turn.
 */
bool
fresh_piece(const struct turn *t, uint64_t index, uint32_t part,
    struct content_piece *piece)
{
	const struct made *m = t->has_erased ? NULL : turn_find(t, index);
	const struct content *c = m == NULL ? NULL : m->content;

	/* In a command parts stand in their order, each with its bytes; what
	 * a REWRAP brings belongs to another record. */
	if (c == NULL || part >= c->n || c->pieces[part].bytes.len == 0)
		return (false);
	*piece = c->pieces[part];
	piece->index = index;
	return (true);
}

/**
 * fresh_blind(t, index, id, offer):
 * The blind of an offer that record ${index} made, if it is of this turn.
 */
const uint8_t *
fresh_blind(const struct turn *t, uint64_t index, const struct refid *id,
    uint32_t offer)
{
	const struct made *m = turn_find(t, index);

	for (size_t i = 0; m != NULL && i < m->n_blinds; i++)
		if (m->blinds[i].offer == offer &&
		    refid_eq(&m->blinds[i].referral, id))
			return (m->blinds[i].b);
	return (NULL);
}
