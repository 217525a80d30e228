/*
 * world_see -- what decide may look at, in a world in memory.
 */
#include <string.h>

#include "world.h"

static bool
see_referral(void *cookie, const struct refid *id, struct referral *out)
{
	const struct world_ref *r = world_find(cookie, id);

	if (r == NULL)
		return (false);
	*out = r->now;
	return (true);
}

static size_t
see_children(void *cookie, const struct refid *id, const struct refid *after,
    struct refid *out, size_t max)
{
	const struct world_ref *r = world_find(cookie, id);
	size_t from = 0, n = 0;

	for (size_t i = 0; after != NULL && r != NULL && i < r->n_kids; i++)
		if (refid_eq(&r->kids[i], after))
			from = i + 1;
	for (size_t i = from; r != NULL && i < r->n_kids && n < max; i++)
		out[n++] = r->kids[i];
	return (n);
}

static size_t
see_pieces(void *cookie, const struct refid *id,
    const struct decide_piece *after, struct decide_piece *out, size_t max)
{
	const struct world_ref *r = world_find(cookie, id);
	size_t n = 0;

	for (size_t i = 0; r != NULL && i < r->n_pieces && n < max; i++) {
		const struct world_piece *p = &r->pieces[i];

		if (after != NULL && (p->index < after->index ||
		    (p->index == after->index && p->part <= after->part)))
			continue;
		out[n++] = (struct decide_piece){ .index = p->index,
			.part = p->part, .kind = p->kind };
	}
	return (n);
}

/* In this world the digest of a part is where it is. */
static bool
see_digest(void *cookie, uint64_t index, uint32_t part,
    struct decide_digest *out)
{
	(void)cookie;
	memset(out, 0, sizeof(*out));
	be64_put(out->sha256, index);
	out->sha256[31] = (uint8_t)part;
	memcpy(out->plain_commit, out->sha256, 32);
	return (true);
}

static bool
see_wrap(void *cookie, uint64_t index, uint32_t part, const struct org *who)
{
	const struct world *w = cookie;
	uint32_t bit = 1u << world_org(w, who);

	for (size_t i = w->n_refs; i-- > 0;)
		for (size_t k = 0; k < w->refs[i].n_pieces; k++) {
			const struct world_piece *p = &w->refs[i].pieces[k];

			if (p->index == index && p->part == part)
				return ((p->wraps & bit) != 0);
		}
	return (false);
}

/* In this world the id of a sealing key is its owner's name. */
static bool
see_key(void *cookie, uint64_t index, uint32_t part, const char *key_id)
{
	struct org owner = org_of(key_id);

	return (see_wrap(cookie, index, part, &owner));
}

/* Whoever wraps something in this world does it well. */
static bool
see_wrap_of(void *cookie, const struct refid *id, uint64_t index,
    uint32_t part, const struct org *who, struct decide_wrap *out)
{
	(void)cookie;
	(void)id;
	(void)index;
	(void)part;
	(void)who;
	(void)out;
	return (false);
}

static bool
see_refuted(void *cookie, uint64_t index, uint32_t part, const char *key_id,
    const struct org *who)
{
	(void)cookie;
	(void)index;
	(void)part;
	(void)key_id;
	(void)who;
	return (false);
}

static struct org
see_owner(void *cookie, const char *key_id)
{
	const struct world *w = cookie;
	struct org owner = org_of(key_id);

	return (world_org(w, &owner) == WORLD_ORGS ? org_of(NULL) : owner);
}

static uint64_t
see_seq(void *cookie, const struct org *partner, const char *mailbox)
{
	const struct world *w = cookie;

	return (w->seqs[world_org(w, partner)][world_box(w, partner,
	    mailbox)]);
}

static bool
see_undelivered(void *cookie, const struct org *who, const char *mailbox,
    const struct refid *id, uint32_t offer)
{
	const struct world *w = cookie;
	const struct world_ref *r = world_find(w, id);
	uint32_t org = world_org(w, who), box = world_box(w, who, mailbox);

	for (size_t i = 0; r != NULL && i < r->n_out; i++)
		if (r->out[i].org == org && r->out[i].box == box &&
		    r->out[i].offer == offer)
			return (true);
	return (false);
}

static int64_t
see_unreachable(void *cookie, const struct org *who)
{
	const struct world *w = cookie;
	uint32_t org = world_org(w, who);

	if (org >= w->n_orgs || !w->away[org])
		return (0);
	return (w->away_since_ms != 0 ? w->away_since_ms : w->now_ms - 1);
}

/* Whoever has an entry has one for every code. */
static int64_t
see_checked(void *cookie, const struct org *who, const char *code)
{
	const struct world *w = cookie;
	uint32_t org = world_org(w, who);

	(void)code;
	return (org < w->n_orgs ? w->checked_ms[org] : 0);
}

/* Nothing is erased in this world, so nothing is kept from it either. */
static size_t
see_content(void *cookie, const struct refid *id, size_t skip,
    struct decide_range *out, size_t max)
{
	const struct world_ref *r = world_find(cookie, id);
	uint64_t last = UINT64_MAX;
	size_t n = 0, passed = 0;

	for (size_t i = 0; r != NULL && i < r->n_pieces; i++) {
		uint64_t index = r->pieces[i].index;

		if (index == last)
			continue;
		last = index;
		if (passed++ >= skip && n < max)
			out[n++] = (struct decide_range){ .first = index,
				.count = 1 };
	}
	return (n);
}

static bool
see_retained(void *cookie, const struct refid *id, int64_t now_ms)
{
	(void)cookie;
	(void)id;
	(void)now_ms;
	return (false);
}

static bool
see_awaited(void *cookie, uint64_t index, const struct org *who,
    const char *mailbox)
{
	(void)cookie;
	(void)index;
	(void)who;
	(void)mailbox;
	return (false);
}

void
world_see(struct world *w)
{
	w->view = (struct decide_view){ .cookie = w,
		.referral = see_referral, .children = see_children,
		.pieces = see_pieces, .digest = see_digest,
		.has_wrap = see_wrap, .has_key = see_key,
		.wrap_of = see_wrap_of, .refuted_by = see_refuted,
		.key_owner = see_owner, .last_seq = see_seq,
		.undelivered = see_undelivered,
		.unreachable = see_unreachable, .checked = see_checked,
		.content = see_content,
		.retained = see_retained, .awaited = see_awaited };
}
