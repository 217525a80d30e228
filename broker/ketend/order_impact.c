/*
 * order_impact -- what a policy that is not in force would mean to what is
 * open: for `ketenctl policy diff`.
 *
 * The document lies beside the one in force, compiled and not signed; it only
 * answers questions.  Each request looks at a page of what is open, so that no
 * turn is long; the last place of a page is where the next one begins.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/order.h"
#include "policy/route.h"
#include "wire/pb.h"

#define BODY_MAX ((size_t)4 << 20)
#define PAGE 256

/* One request in the making. */
struct impact {
	struct broker *b;
	struct policy *next;
	json_t *rows;
	struct ladder *ladder;
};

static enum err
read_next(struct broker *b, struct order *o, struct policy **next)
{
	char path[512];
	uint8_t *body = NULL;
	size_t len = 0;
	enum err err;

	(void)snprintf(path, sizeof(path), "%s.diff", b->set->policy);
	err = file_read_given(path, BODY_MAX, &body, &len);
	if (err == ERR_OK)
		err = policy_new(slice_of(body, len), next);
	free(body);
	if (err != ERR_OK)
		return (order_no(o, err, "%s: %s", path, err_text(err)));
	return (ERR_OK);
}

static void
add_row(struct impact *x, const struct referral *r, const char *what,
    const struct org *partner, const struct org *successor, const char *text)
{
	char id[REFID_TEXT];

	/* Without memory the list is shorter; it is only shown. */
	(void)json_array_append_new(x->rows, json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
	    "what", what, "referral", refid_text(&r->id, id),
	    "code", r->code, "area", r->area, "state", words_state(r->state),
	    "holder", r->h.id, "partner", partner->id,
	    "successor", successor->id, "text", text));
}

/* --- routes -------------------------------------------------------------- */

static enum err
ladder_of(struct impact *x, const struct policy *p, const struct referral *r,
    const char **rule)
{
	const struct route_ask ask = { .from = r->b, .code = r->code,
		.area = r->area, .urgency = (unsigned)r->urgency,
		.basis = r->basis, .discussed = r->discussed,
		.never = r->never, .n_never = r->n_never,
		.regisseur = r->r, .now_ms = x->b->turn->now_ms };

	return (route_ladder(p, &ask, x->ladder, rule));
}

static void
look_at_route(struct impact *x, const struct referral *r)
{
	const struct org nobody = { "" };
	const char *rule = "";

	if (ladder_of(x, x->b->policy, r, &rule) != ERR_OK ||
	    ladder_of(x, x->next, r, &rule) == ERR_OK)
		return;
	add_row(x, r, "no-route", &r->b, &nobody, rule);
}

/* --- successors ---------------------------------------------------------- */

/* Does ${who} end by the new document, who has not ended by the old one? */
static bool
is_ending(const struct impact *x, const struct org *who, int64_t *at_ms)
{
	const Keten__V1__PolicyPartner *w = policy_partner(x->next, who);

	*at_ms = x->b->turn->now_ms;
	if (w == NULL || (w->ended_ms == 0 && !w->gone))
		return (false);
	if (w->ended_ms > *at_ms)
		*at_ms = w->ended_ms;
	return (!policy_has_ended(x->b->policy, who, *at_ms));
}

/* What would become of the part of ${old} in it. */
static enum err
look_at_part(struct impact *x, const struct referral *r,
    const struct org *old)
{
	struct decide_in in;
	struct decision d;
	struct org next = { "" };
	int64_t at_ms;
	const char *holder;
	enum err err;

	if (!is_ending(x, old, &at_ms))
		return (ERR_OK);
	if ((err = ledger_in(x->b, &in)) != ERR_OK)
		return (err);
	in.policy = x->next;
	in.now_ms = at_ms;
	err = decide_succeed(&in, &r->id, old, &d);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	next = policy_successor(x->next, old, &(struct policy_ask){
	    .code = r->code, .area = r->area, .now_ms = at_ms }, NULL);
	holder = d.facts->change->after->holder;
	if (org_eq(&r->h, old) && strcmp(holder, old->id) == 0)
		add_row(x, r, "take-over", old, &next,
		    "de regisseur neemt over en draagt verder over");
	else
		add_row(x, r, org_is_none(&next) ? "ended" : "succession",
		    old, &next, "");
	return (ERR_OK);
}

static enum err
look_at_one(struct impact *x, const struct referral *r)
{
	const struct org *who[REFERRAL_OFFERS_MAX + 4] = { &r->b, &r->h, &r->r,
		&r->custodian };
	size_t n = 4;
	enum err err = ERR_OK;

	for (size_t i = 0; i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state))
			who[n++] = &r->offers[i].to;
	if (referral_is_live(r))
		look_at_route(x, r);
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		bool again = org_is_none(who[i]);

		for (size_t k = 0; k < i && !again; k++)
			again = org_eq(who[i], who[k]);
		if (!again)
			err = look_at_part(x, r, who[i]);
	}
	return (err);
}

/* --- a page -------------------------------------------------------------- */

/* Where the last page ended; false: this is the first. */
static bool
read_after(const struct order *o, struct view_due *after)
{
	const char *id = order_text(o, "referral");

	memset(after, 0, sizeof(*after));
	if (id == NULL || !refid_parse(id, &after->referral))
		return (false);
	after->at_ms = order_number(o, "at_ms");
	after->term = (enum term)order_number(o, "term");
	after->offer = (uint16_t)order_number(o, "offer");
	return (true);
}

static json_t *
place(const struct view_due *at)
{
	char id[REFID_TEXT];

	return (json_pack("{s:s, s:I, s:i, s:i}", "referral",
	    refid_text(&at->referral, id), "at_ms", (json_int_t)at->at_ms,
	    "term", (int)at->term, "offer", (int)at->offer));
}

static enum err
look_at_page(struct impact *x, struct order *o)
{
	struct view_due page[PAGE], after;
	struct referral *r = arena_zero(x->b->turn->pack, 1, sizeof(*r));
	bool goes_on = read_after(o, &after);
	size_t n = 0;
	enum err err;

	x->ladder = arena_zero(x->b->turn->pack, 1, sizeof(*x->ladder));
	if (r == NULL || x->ladder == NULL)
		return (ERR_NOMEM);
	err = view_due(x->b->turn->txn, INT64_MAX, goes_on ? &after : NULL,
	    page, PAGE, &n);
	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		err = view_referral(x->b->turn->txn, &page[i].referral, r);
		if (err == ERR_OK)
			err = look_at_one(x, r);
	}
	if (err != ERR_OK)
		return (err);
	if (!goes_on && (err = ledger_access(x->b, "open work",
		"policy diff")) != ERR_OK)
		return (err);
	o->data = json_pack("{s:I, s:O, s:o}", "looked", (json_int_t)n, "rows",
	    x->rows, "next", n < PAGE ? json_null() : place(&page[n - 1]));
	return (o->data == NULL ? ERR_NOMEM : ERR_OK);
}

/**
 * order_impact(b, o):
 * What the document beside the one in force would mean to what is open.
 */
enum err
order_impact(struct broker *b, struct order *o)
{
	struct impact x = { .b = b };
	enum err err = read_next(b, o, &x.next);

	if (err != ERR_OK || x.next == NULL)
		return (err);
	x.rows = json_array();
	err = x.rows == NULL ? ERR_NOMEM : look_at_page(&x, o);
	json_decref(x.rows);
	policy_free(x.next);
	return (err);
}
