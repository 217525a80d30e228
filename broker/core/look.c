/*
 * look -- the store as decide may see it.
 */
#include <string.h>

#include "core/erase.h"
#include "core/look.h"
#include "core/record.h"
#include "core/view.h"
#include "policy/supply.h"
#include "wire/pb.h"

#define TRAIL_PAGE 32

_Static_assert(DECIDE_SENT_MAX == VIEW_PIECES_MAX,
    "what decide sends, the outbox keeps");

/* Remember the first thing that should have been readable and was not; what
 * is erased need not be. */
static bool
good(struct look *l, enum err err)
{
	if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_CONTENT_GONE &&
	    l->fault == ERR_OK)
		l->fault = err;
	return (err == ERR_OK);
}

static bool
look_referral(void *cookie, const struct refid *id, struct referral *out)
{
	struct look *l = cookie;

	return (good(l, view_referral(l->txn, id, out)));
}

static size_t
look_children(void *cookie, const struct refid *id,
    const struct refid *after, struct refid *out, size_t max)
{
	struct look *l = cookie;
	size_t n = 0;

	return (good(l, view_children(l->txn, id, after, out, max, &n))
		? n : 0);
}

static size_t
look_pieces(void *cookie, const struct refid *id,
    const struct decide_piece *after, struct decide_piece *out, size_t max)
{
	struct look *l = cookie;
	struct view_trail page[TRAIL_PAGE];
	uint64_t from = after == NULL ? 0 : after->index;
	size_t n = 0, got;

	do {
		if (!good(l, view_trail(l->txn, id, from, page, TRAIL_PAGE,
			&got)))
			return (n);
		for (size_t i = 0; i < got; i++) {
			for (uint32_t k = 0; k < page[i].n_parts; k++) {
				if (after != NULL &&
				    page[i].index == after->index &&
				    k <= after->part)
					continue;
				if (n == max)
					return (n);
				out[n++] = (struct decide_piece){
					.index = page[i].index,
					.part = k,
					.kind = (Keten__V1__PartKind)
						    page[i].kinds[k],
				};
			}
			from = page[i].index + 1;
		}
	} while (got == TRAIL_PAGE);
	return (n);
}

static bool
look_digest(void *cookie, uint64_t index, uint32_t part,
    struct decide_digest *out)
{
	struct look *l = cookie;
	struct arena *a = store_scratch(l->txn);
	size_t mark = arena_used(a);
	Keten__V1__Facts *f = NULL;
	struct record rec;
	bool found = false;

	if (good(l, record_read(l->txn, index, a, &rec)) &&
	    good(l, record_facts(&rec, a, &f, NULL)) && part < f->n_parts)
		found = pb_bytes(f->parts[part]->sha256, 32, out->sha256) ==
			ERR_OK &&
		    pb_bytes(f->parts[part]->plain_commit, 32,
			out->plain_commit) == ERR_OK;
	arena_rewind(a, mark);
	return (found);
}

static bool
look_has_wrap(void *cookie, uint64_t index, uint32_t part,
    const struct org *who)
{
	struct look *l = cookie;

	for (size_t i = 0; i < keyring_n_seals(l->keys); i++) {
		const struct keyring_seal *k = keyring_seal_nth(l->keys, i);
		bool has = false;

		if (org_eq(&k->partner, who) &&
		    good(l, record_has_wrap(l->txn, index, part, k->key_id,
			&has)) && has &&
		    !look_refuted(l, index, part, k->key_id))
			return (true);
	}
	return (false);
}

static bool
look_has_key(void *cookie, uint64_t index, uint32_t part, const char *key_id)
{
	struct look *l = cookie;
	bool has = false;

	return (good(l, record_has_wrap(l->txn, index, part, key_id, &has)) &&
	    has && !look_refuted(l, index, part, key_id));
}

bool
look_refuted(struct look *l, uint64_t index, uint32_t part,
    const char *key_id)
{
	bool is = false;

	return (good(l, view_is_refuted(l->txn, index, part, key_id, &is)) &&
	    is);
}

bool
look_refuted_by(void *cookie, uint64_t index, uint32_t part,
    const char *key_id, const struct org *who)
{
	struct look *l = cookie;
	bool is = false;

	return (good(l, view_refuted_by(l->txn, index, part, key_id, who,
		    &is)) && is);
}

bool
look_wrap_of(struct look *l, struct txn *log, uint64_t index, uint32_t part,
    const struct org *who, struct decide_wrap *out)
{
	const struct keyring_seal *k = keyring_seal(l->keys, who);

	if (k == NULL || !l->view.has_key(l, index, part, k->key_id))
		return (false);
	memcpy(out->key_id, k->key_id, sizeof(out->key_id));
	return (good(l, look_maker(l->txn, log, index, part, k->key_id,
		    &out->by)) && !org_is_none(&out->by));
}

static bool
look_wrap(void *cookie, const struct refid *id, uint64_t index, uint32_t part,
    const struct org *who, struct decide_wrap *out)
{
	struct look *l = cookie;

	(void)id;
	return (look_wrap_of(l, l->txn, index, part, who, out));
}

static struct org
look_key_owner(void *cookie, const char *key_id)
{
	struct look *l = cookie;
	const struct keyring_seal *k = keyring_seal_by_id(l->keys, key_id);

	return (k == NULL || k->ended != KEYRING_NEVER ? org_of("")
						       : k->partner);
}

static uint64_t
look_last_seq(void *cookie, const struct org *partner, const char *mailbox)
{
	struct look *l = cookie;
	struct view_mailbox mb;

	memset(&mb, 0, sizeof(mb));
	(void)good(l, view_mailbox(l->txn, partner, mailbox, &mb));
	return (mb.last);
}

/* Does that mailbox still hold the delivery that brought the offer? */
static bool
waits_in(struct look *l, const struct org *who, const char *mailbox,
    const struct refid *id, uint32_t offer)
{
	struct view_outbox page[TRAIL_PAGE];
	uint64_t after = 0;
	size_t got = 0;

	do {
		if (!good(l, view_outbox(l->txn, who, mailbox, after, page,
			TRAIL_PAGE, &got)))
			return (false);
		for (size_t i = 0; i < got; i++) {
			if (page[i].offer == offer &&
			    (page[i].with & DECIDE_WITH_OFFER) != 0 &&
			    refid_eq(&page[i].referral, id))
				return (true);
			after = page[i].seq;
		}
	} while (got == TRAIL_PAGE);
	return (false);
}

static bool
look_undelivered(void *cookie, const struct org *who, const char *mailbox,
    const struct refid *id, uint32_t offer)
{
	return (waits_in(cookie, who, mailbox, id, offer));
}

static int64_t
look_unreachable(void *cookie, const struct org *who)
{
	struct look *l = cookie;

	return (l->unreachable == NULL ? 0 : l->unreachable(l->cookie, who));
}

static int64_t
look_checked(void *cookie, const struct org *who, const char *code)
{
	struct look *l = cookie;
	struct arena *a = store_scratch(l->txn);
	size_t mark = arena_used(a);
	struct view_entry entry;
	enum err err = view_entry(l->txn, code, who, a, &entry);
	int64_t checked = 0;

	if (err != ERR_NOT_FOUND && good(l, err) &&
	    strcmp(entry.entry->status, SUPPLY_WITHDRAWN) != 0)
		checked = entry.entry->checked_ms;
	arena_rewind(a, mark);
	return (checked);
}

static size_t
look_content(void *cookie, const struct refid *id, size_t skip,
    struct decide_range *out, size_t max)
{
	struct look *l = cookie;
	size_t n = 0;

	return (good(l, erase_content_of(l->txn, id, skip, out,
	    max, &n)) ? n : 0);
}

static bool
look_retained(void *cookie, const struct refid *id, int64_t now_ms)
{
	struct look *l = cookie;
	bool is = false;

	(void)good(l, erase_is_retained(l->txn, id, now_ms, &is));
	return (is);
}

static bool
look_awaited(void *cookie, uint64_t index, const struct org *who,
    const char *mailbox)
{
	struct look *l = cookie;
	bool is = false;

	(void)good(l, view_awaited(l->txn, index, who, mailbox, &is));
	return (is);
}

void
look_init(struct look *l, const struct keyring *keys,
    int64_t (*unreachable)(void *cookie, const struct org *who), void *cookie)
{
	memset(l, 0, sizeof(*l));
	l->keys = keys;
	l->unreachable = unreachable;
	l->cookie = cookie;
	l->view = (struct decide_view){
		.cookie = l,
		.referral = look_referral,
		.children = look_children,
		.pieces = look_pieces,
		.digest = look_digest,
		.has_wrap = look_has_wrap,
		.has_key = look_has_key,
		.wrap_of = look_wrap,
		.refuted_by = look_refuted_by,
		.key_owner = look_key_owner,
		.last_seq = look_last_seq,
		.undelivered = look_undelivered,
		.unreachable = look_unreachable,
		.checked = look_checked,
		.content = look_content,
		.retained = look_retained,
		.awaited = look_awaited,
	};
}

void
look_at(struct look *l, struct txn *txn)
{
	l->txn = txn;
	l->fault = ERR_OK;
}

enum err
look_fault(const struct look *l)
{
	return (l->fault);
}
