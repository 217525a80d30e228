/*
 * api -- what the covenants let into a person part.
 */
#include <string.h>

#include "policy/route.h"
#include "sdk/casebook.h"
#include "sdk/dispatch.h"
#include "sdk/handle.h"
#include "sdk/reader.h"
#include "sdk/scribe.h"

_Static_assert(KETEN_MAY_BSN == (int)ROUTE_BSN &&
    KETEN_MAY_PHOTO == (int)ROUTE_PHOTO &&
    KETEN_MAY_CLINICAL == (int)ROUTE_CLINICAL, "the same bits");

static unsigned
of_submit(struct keten *k, const struct keten_order *o)
{
	struct draft *d = arena_zero(k->a, 1, sizeof(*d));
	struct order *order = arena_zero(k->a, 1, sizeof(*order));
	const char *rule;

	if (d == NULL || order == NULL || o->code == NULL || o->area == NULL ||
	    o->basis == NULL)
		return (0);
	order->want = *o;
	if (scribe_header(k, k->a, order, d, &rule) != ERR_OK)
		return (0);
	return (dispatch_content(k, &d->header, handle_broker_now(k)));
}

/* What it is about stands in our records of it. */
static MUST_CHECK enum err
find(struct keten *k, const char *referral, struct dossier *c)
{
	struct spool_txn *txn = NULL;
	struct refid id;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK && !refid_parse(referral, &id))
		err = reader_find(txn, referral, &id);
	if (err == ERR_OK)
		err = casebook_get(txn, k->a, &id, c);
	spool_abort(&txn);
	return (err);
}

static unsigned
of_hand_over(struct keten *k, const struct keten_order *o)
{
	struct dossier *c = arena_zero(k->a, 1, sizeof(*c));
	struct route_ask ask;
	struct org to;

	if (c == NULL || o->referral == NULL || o->to == NULL ||
	    find(k, o->referral, c) != ERR_OK)
		return (0);
	to = org_of(o->to);
	memset(&ask, 0, sizeof(ask));
	ask.from = k->dev.partner;
	ask.code = c->r.code;
	ask.area = c->r.area;
	ask.basis = o->basis != NULL ? o->basis : c->r.basis;
	ask.discussed = (unsigned)c->r.discussed;
	ask.now_ms = handle_broker_now(k);
	return (route_content(k->policy, &ask, &to));
}

unsigned
keten_may_contain(struct keten *k, const struct keten_order *o)
{
	size_t mark = arena_used(k->a);
	unsigned may = 0;

	if (handle_refresh(k) != ERR_OK || k->policy == NULL)
		return (KETEN_MAY_UNKNOWN);
	if (o->step == KETEN_SUBMIT)
		may = of_submit(k, o);
	else if (o->step == KETEN_HAND_OVER)
		may = of_hand_over(k, o);
	arena_rewind(k->a, mark);
	return (may);
}
