/*
 * chains -- what only shows in the order of the log.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/chains.h"
#include "core/map.h"
#include "trust/leaf.h"
#include "wire/pb.h"

#define NAME 32 /* partner, mailbox */
#define NONE UINT64_MAX

struct lane {
	uint64_t last;
	uint64_t at; /* record of the last link, for doubt */
};

struct chain {
	uint32_t version;
	uint64_t at;
	size_t newest; /* link + 1 in the list of leaves; 0: none */
};

/* Hashes of what was delivered and not yet acknowledged. */
struct mailbox {
	uint64_t last;
	uint64_t acked;
	uint64_t at;
	bool has_hash; /* false after a doubt, until the next ACK */
	uint8_t hash[32]; /* at last */
	uint8_t acked_hash[32];
	size_t cap; /* of the ring: seq % cap; always a power of two */
	uint8_t (*ring)[32];
};

/* One record about a referral: the beginning of its leaf hash. */
struct link {
	uint64_t leaf;
	size_t before;
};

struct chains {
	struct findings *f;
	struct map *lanes;     /* partner, lane */
	struct map *mailboxes; /* partner, mailbox */
	struct map *referrals; /* id */
	size_t n_links;
	size_t cap_links;
	struct link *links;
	bool is_doubtful;
	uint64_t doubt; /* the last record that could not be read */
	struct chains_count n;
};

struct chains *
chains_new(struct findings *f)
{
	struct chains *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return (NULL);
	c->f = f;
	c->lanes = map_new(NAME + 8, sizeof(struct lane));
	c->mailboxes = map_new(2 * NAME, sizeof(struct mailbox));
	c->referrals = map_new(16, sizeof(struct chain));
	if (c->lanes == NULL || c->mailboxes == NULL ||
	    c->referrals == NULL) {
		chains_free(c);
		return (NULL);
	}
	return (c);
}

void
chains_free(struct chains *c)
{
	struct mailbox *m;
	size_t at = 0;

	if (c == NULL)
		return;
	while (c->mailboxes != NULL &&
	    (m = map_next(c->mailboxes, &at)) != NULL)
		free(m->ring);
	map_free(c->lanes);
	map_free(c->mailboxes);
	map_free(c->referrals);
	free(c->links);
	free(c);
}

/* Was there a record that cannot be read since record ${at}? */
static bool
in_doubt(const struct chains *c, uint64_t at)
{
	return (c->is_doubtful && c->doubt >= at);
}

static void
put_name(uint8_t key[NAME], const char *name)
{
	size_t len = strlen(name);

	memset(key, 0, NAME);
	memcpy(key, name, len < NAME ? len : NAME);
}

/* --- numbers --------------------------------------------------------------------------- */

static MUST_CHECK enum err
take_number(struct chains *c, const struct examined *one,
    const Keten__V1__Sender *s)
{
	uint8_t key[NAME + 8] = { 0 };
	char lane[17] = "";
	struct lane *l;

	if (s->lane.len != 8) {
		findings_add(c->f, VERDICT_MALFORMED, one->index,
		    "de rij van de afzender heeft geen 8 bytes");
		return (ERR_OK);
	}
	put_name(key, s->partner);
	memcpy(key + NAME, s->lane.data, 8);
	l = map_add(c->lanes, key);
	if (l == NULL)
		return (ERR_NOMEM);
	if (s->number != l->last + 1 && !in_doubt(c, l->at)) {
		hex_encode(s->lane.data, 8, lane);
		findings_add(c->f, VERDICT_GAP, one->index,
		    "%.31s, rij %s: na nummer %" PRIu64 " komt %" PRIu64,
		    s->partner, lane, l->last, s->number);
	}
	l->last = s->number;
	l->at = one->index;
	c->n.statements++;
	return (ERR_OK);
}

/* --- referrals ---------------------------------------------------------------------------- */

static uint64_t
short_leaf(const uint8_t leaf_hash[32])
{
	return (be64_get(leaf_hash));
}

/* Remember that this record was about the referral. */
static MUST_CHECK enum err
add_link(struct chains *c, struct chain *r, const struct examined *one)
{
	uint64_t leaf = short_leaf(one->leaf_hash);

	if (r->newest != 0 && c->links[r->newest - 1].leaf == leaf)
		return (ERR_OK);
	if (c->n_links == c->cap_links) {
		size_t cap = c->cap_links == 0 ? 4096 : 2 * c->cap_links;
		struct link *more = realloc(c->links, cap * sizeof(*more));

		if (more == NULL)
			return (ERR_NOMEM);
		c->links = more;
		c->cap_links = cap;
	}
	c->links[c->n_links].leaf = leaf;
	c->links[c->n_links].before = r->newest;
	r->newest = ++c->n_links;
	return (ERR_OK);
}

static MUST_CHECK enum err
take_change(struct chains *c, const struct examined *one,
    const Keten__V1__Change *ch)
{
	char text[REFID_TEXT];
	struct refid id;
	struct chain *r;

	if (pb_refid(ch->referral, &id) != ERR_OK) {
		findings_add(c->f, VERDICT_MALFORMED, one->index,
		    "dit record verandert iets zonder naam");
		return (ERR_OK);
	}
	r = map_add(c->referrals, id.b);
	if (r == NULL)
		return (ERR_NOMEM);
	if (ch->version_before != r->version && !in_doubt(c, r->at))
		findings_add(c->f, VERDICT_GAP, one->index,
		    "verwijzing %s was versie %" PRIu32 ", maar dit record "
		    "gaat verder op versie %" PRIu32, refid_text(&id, text),
		    r->version, ch->version_before);
	if (ch->version_after < ch->version_before)
		findings_add(c->f, VERDICT_GAP, one->index,
		    "verwijzing %s gaat terug in versie",
		    refid_text(&id, text));
	r->version = ch->version_after;
	r->at = one->index;
	return (add_link(c, r, one));
}

/* The record whose leaf the sender had seen must have been about the same
 * referral; else it was shown a record that is not here. */
static void
check_seen_leaf(struct chains *c, const struct examined *one)
{
	const struct chain *r = map_find(c->referrals, one->referral.b);
	uint64_t leaf = short_leaf(one->seen_leaf);

	if (one->seen_leaf_len == 0 || c->is_doubtful)
		return;
	for (size_t i = r == NULL ? 0 : r->newest; i != 0;
	     i = c->links[i - 1].before)
		if (c->links[i - 1].leaf == leaf)
			return;
	findings_add(c->f, VERDICT_FORK, one->index,
	    "de afzender had een record van deze verwijzing gezien dat niet "
	    "in dit logboek staat");
}

static MUST_CHECK enum err
take_referrals(struct chains *c, const struct examined *one)
{
	const Keten__V1__Facts *f = one->facts;
	struct chain *r;
	enum err err = ERR_OK;

	check_seen_leaf(c, one);
	if (f->change != NULL)
		err = take_change(c, one, f->change);
	for (size_t i = 0; i < f->n_children && err == ERR_OK; i++)
		err = take_change(c, one, f->children[i]);
	if (err != ERR_OK || !one->has_owner)
		return (err);
	/* A refusal changes nothing but its sender has seen it. */
	r = map_find(c->referrals, one->owner.b);
	return (r == NULL ? ERR_OK : add_link(c, r, one));
}

/* --- deliveries ------------------------------------------------------------------------------ */

static MUST_CHECK enum err
find_mailbox(struct chains *c, const char *partner, const char *mailbox,
    struct mailbox **m)
{
	uint8_t key[2 * NAME];

	put_name(key, partner);
	put_name(key + NAME, mailbox);
	*m = map_add(c->mailboxes, key);
	if (*m != NULL && (*m)->last == 0 && (*m)->at == 0)
		(*m)->has_hash = !c->is_doubtful;
	return (*m == NULL ? ERR_NOMEM : ERR_OK);
}

/* Room in the ring for one more that is not acknowledged. */
static MUST_CHECK enum err
grow_ring(struct mailbox *m)
{
	size_t cap = m->cap == 0 ? 16 : 2 * m->cap;
	uint8_t(*more)[32];

	if (m->last + 1 - m->acked < m->cap)
		return (ERR_OK);
	more = calloc(cap, sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	for (uint64_t seq = m->acked + 1; m->cap > 0 && seq <= m->last; seq++)
		memcpy(more[seq % cap], m->ring[seq % m->cap], 32);
	free(m->ring);
	m->ring = more;
	m->cap = cap;
	return (ERR_OK);
}

/* The chain is broken off: what comes is a new beginning. */
static void
begin_anew(struct mailbox *m, uint64_t last)
{
	m->has_hash = false;
	m->last = last;
	m->acked = last;
}

static MUST_CHECK enum err
take_delivery(struct chains *c, const struct examined *one,
    const Keten__V1__Sent *s)
{
	struct mailbox *m;
	enum err err = find_mailbox(c, s->partner, s->mailbox, &m);

	if (err != ERR_OK)
		return (err);
	if (s->seq != m->last + 1) {
		if (!in_doubt(c, m->at))
			findings_add(c->f, VERDICT_GAP, one->index,
			    "brievenbus %.31s/%.31s: na bezorging %" PRIu64
			    " komt %" PRIu64, s->partner, s->mailbox, m->last,
			    s->seq);
		begin_anew(m, s->seq - 1);
	}
	err = grow_ring(m);
	if (err != ERR_OK)
		return (err);
	m->last = s->seq;
	m->at = one->index;
	leaf_running(m->hash, s->seq, one->leaf_hash, m->hash);
	memcpy(m->ring[s->seq % m->cap], m->hash, 32);
	c->n.deliveries++;
	return (ERR_OK);
}

/* Go on from the hash that the receiver signed, as ours is in doubt. */
static void
take_hash(struct chains *c, struct mailbox *m, const uint8_t hash[32],
    uint64_t n)
{
	c->n.acks_unchecked++;
	m->has_hash = n == m->last;
	m->acked = n;
	memcpy(m->acked_hash, hash, 32);
	if (m->has_hash)
		memcpy(m->hash, hash, 32);
}

static MUST_CHECK enum err
take_ack(struct chains *c, const struct examined *one,
    const Keten__V1__AckFacts *a)
{
	struct mailbox *m;
	const uint8_t *is;
	enum err err = find_mailbox(c, a->partner, a->mailbox, &m);

	if (err != ERR_OK || a->running_hash.len != 32)
		return (err);
	c->n.acks++;
	if (a->n > m->last && in_doubt(c, m->at))
		begin_anew(m, a->n);
	if (a->n > m->last || a->n < m->acked) {
		findings_add(c->f, VERDICT_GAP, one->index,
		    "brievenbus %.31s/%.31s: bevestigd tot %" PRIu64
		    ", maar bezorgd is %" PRIu64 " tot %" PRIu64, a->partner,
		    a->mailbox, a->n, m->acked, m->last);
		return (ERR_OK);
	}
	if (!m->has_hash) {
		take_hash(c, m, a->running_hash.data, a->n);
		return (ERR_OK);
	}
	is = a->n == m->acked ? m->acked_hash : m->ring[a->n % m->cap];
	if (memcmp(a->running_hash.data, is, 32) != 0)
		findings_add(c->f, VERDICT_FORK, one->index,
		    "brievenbus %.31s/%.31s: de ontvanger tekende bij "
		    "bezorging %" PRIu64 " voor iets anders dan hier staat",
		    a->partner, a->mailbox, a->n);
	memcpy(m->acked_hash, is, 32);
	m->acked = a->n;
	return (ERR_OK);
}

/* --- one record --------------------------------------------------------------------------------- */

enum err
chains_take(struct chains *c, const struct examined *one)
{
	const Keten__V1__RouteFacts *route = one->route;
	enum err err;

	if (!one->is_read) {
		c->is_doubtful = true;
		c->doubt = one->index;
		return (ERR_OK);
	}
	err = take_referrals(c, one);
	if (err == ERR_OK && route != NULL && route->sender != NULL)
		err = take_number(c, one, route->sender);
	for (size_t i = 0; route != NULL && i < route->n_deliveries &&
	     err == ERR_OK; i++)
		err = take_delivery(c, one, route->deliveries[i]);
	if (err == ERR_OK && one->facts->ack != NULL)
		err = take_ack(c, one, one->facts->ack);
	return (err);
}

void
chains_count(const struct chains *c, struct chains_count *n)
{
	*n = c->n;
	n->lanes = map_count(c->lanes);
	n->mailboxes = map_count(c->mailboxes);
	n->referrals = map_count(c->referrals);
}
