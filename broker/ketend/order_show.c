/*
 * order_show -- what waits, who is there, and where one referral stands.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/refind.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/order.h"
#include "policy/route.h"
#include "trust/leaf.h"

#define TRAIL_PAGE 64
/* An explanation names every partner: a line each. */
#define EXPLAIN_HEAD ((size_t)16 * 1024)
#define EXPLAIN_LINE 192
#define EXPLAIN_MAX ((size_t)6 * 1024 * 1024)

/* --- who waits for what ------------------------------------------------------------- */

/* Since when the oldest delivery waits; 0 if none does. */
static enum err
oldest(struct broker *b, const struct org *who, const char *mailbox,
    uint64_t acked, int64_t *since_ms)
{
	struct view_outbox row;
	struct slice bytes;
	struct leaf leaf;
	size_t n = 0;
	enum err err;

	*since_ms = 0;
	err = view_outbox(b->turn->txn, who, mailbox, acked, &row, 1, &n);
	if (err != ERR_OK || n == 0)
		return (err);
	if ((err = store_leaf(b->turn->txn, row.index, &bytes)) != ERR_OK ||
	    (err = leaf_decode(bytes, &leaf)) != ERR_OK)
		return (err);
	*since_ms = leaf.time_ms;
	return (ERR_OK);
}

static enum err
queue_mailbox(struct broker *b, json_t *list, const struct org *who,
    const char *mailbox)
{
	struct session *s = sessions_consumer(b->sessions, who, mailbox);
	struct view_mailbox mb;
	int64_t since;
	json_t *row;
	enum err err;

	err = view_mailbox(b->turn->txn, who, mailbox, &mb);
	if (err != ERR_OK ||
	    (err = oldest(b, who, mailbox, mb.acked, &since)) != ERR_OK)
		return (err);
	row = json_pack("{s:s, s:s, s:I, s:I, s:I, s:b, s:b, s:I, s:I}",
	    "partner", who->id, "mailbox", mailbox,
	    "last", (json_int_t)mb.last, "acked", (json_int_t)mb.acked,
	    "waiting", (json_int_t)(mb.last - mb.acked),
	    "enrolled", (int)keyring_has_device(b->keys, who),
	    "connected", s != NULL,
	    "away_since_ms", (json_int_t)(s != NULL ? 0 :
	    sessions_since(b->sessions, who)),
	    "oldest_ms", (json_int_t)since);
	return (row != NULL && json_array_append_new(list, row) == 0 ?
	    ERR_OK : ERR_NOMEM);
}

/**
 * order_queue(b, o):
 * What waits in each mailbox, since when, and whether anybody is there.
 */
enum err
order_queue(struct broker *b, struct order *o)
{
	const Keten__V1__Policy *doc = policy_doc(b->policy);
	enum err err = ERR_OK;

	if ((o->data = json_array()) == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < doc->n_partners; i++) {
		const Keten__V1__PolicyPartner *p = doc->partners[i];
		struct org who = org_of(p->id);

		for (size_t k = 0; k < p->n_mailboxes && err == ERR_OK; k++)
			err = queue_mailbox(b, o->data, &who,
			    p->mailboxes[k]);
	}
	return (err != ERR_OK ? err : ledger_access(b, "queue", "ketenctl"));
}

/* --- partners -------------------------------------------------------------------------- */

static json_int_t
number_of(uint64_t index)
{
	return (index == KEYRING_NEVER ? 0 : (json_int_t)index);
}

/* Its devices: those that count, or with ${all} also those that did.  Without
 * memory the list is shorter; it is only shown. */
static json_t *
devices_of(const struct broker *b, const struct org *who, bool all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < keyring_n_devices(b->keys); i++) {
		const struct keyring_device *d = keyring_device_nth(b->keys,
		    i);

		if (!org_eq(&d->partner, who) ||
		    (d->ended != KEYRING_NEVER && !all))
			continue;
		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:I, s:I, s:I, s:s, s:I, s:I}",
		    "device", d->device,
		    "serial", (json_int_t)d->serial,
		    "added", (json_int_t)d->added,
		    "not_after_ms", (json_int_t)d->not_after_ms,
		    "role", d->role ==
		    KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY ? "submit-only" :
		    "full",
		    "ended", number_of(d->ended),
		    "suspect_from", number_of(d->suspect_from)));
	}
	return (list);
}

/* The same of its sealing keys. */
static json_t *
seals_of(const struct broker *b, const struct org *who, bool all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < keyring_n_seals(b->keys); i++) {
		const struct keyring_seal *k = keyring_seal_nth(b->keys, i);

		if (!org_eq(&k->partner, who) ||
		    (k->ended != KEYRING_NEVER && !all))
			continue;
		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:I, s:I, s:I, s:I, s:I}", "key", k->key_id,
		    "serial", (json_int_t)k->serial,
		    "added", (json_int_t)k->added,
		    "not_after_ms", (json_int_t)k->not_after_ms,
		    "ended", number_of(k->ended),
		    "suspect_from", number_of(k->suspect_from)));
	}
	return (list);
}

static enum err
add_partner(struct broker *b, json_t *list, const Keten__V1__PolicyPartner *p,
    bool all)
{
	struct org who = org_of(p->id);
	const struct keyring_seal *seal = keyring_seal(b->keys, &who);
	json_t *row;

	row = json_pack("{s:s, s:s, s:s, s:I, s:b, s:s, s:o, s:o}",
	    "partner", p->id, "name", p->name, "kind", p->kind,
	    "away_since_ms", (json_int_t)sessions_since(b->sessions, &who),
	    "ended", (int)policy_has_ended(b->policy, &who, b->turn->now_ms),
	    "sealing_key", seal == NULL ? "" : seal->key_id,
	    "devices", devices_of(b, &who, all),
	    "sealing", seals_of(b, &who, all));
	return (row != NULL && json_array_append_new(list, row) == 0 ?
	    ERR_OK : ERR_NOMEM);
}

/**
 * order_partner(b, o):
 * Who takes part, with which devices, and who is there; all or one.
 */
enum err
order_partner(struct broker *b, struct order *o)
{
	const Keten__V1__Policy *doc = policy_doc(b->policy);
	const char *only = order_text(o, "partner");
	enum err err = ERR_OK;

	if ((o->data = json_array()) == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < doc->n_partners && err == ERR_OK; i++)
		if (only == NULL || strcmp(only, doc->partners[i]->id) == 0)
			err = add_partner(b, o->data, doc->partners[i],
			    json_is_true(json_object_get(o->ask, "all")));
	if (err == ERR_OK && only != NULL && json_array_size(o->data) == 0)
		return (order_no(o, ERR_UNKNOWN_PARTNER, "%s: %s", only,
		    err_text(ERR_UNKNOWN_PARTNER)));
	return (err);
}

/* --- one referral -------------------------------------------------------------------------- */

static json_t *
steps_of(const Keten__V1__Facts *f)
{
	json_t *list = json_array();

	for (size_t i = 0; f->change != NULL && i < f->change->n_steps; i++) {
		const Keten__V1__Step *s = f->change->steps[i];

		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:I, s:s, s:s, s:s}", "event",
		    words_event((enum event)s->event), "row",
		    (json_int_t)s->row, "to", words_state((enum state)s->to),
		    "holder", s->holder, "reason", s->reason));
	}
	return (list);
}

static enum err
add_record(struct broker *b, json_t *list, uint64_t index)
{
	struct arena *a = b->turn->pack;
	size_t mark = arena_used(a);
	Keten__V1__RouteFacts *route = NULL;
	Keten__V1__Facts *f = NULL;
	struct record rec;
	json_t *row;
	enum err err;

	err = record_read(b->turn->txn, index, a, &rec);
	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, &route);
	if (err == ERR_CONTENT_GONE)
		row = json_pack("{s:I, s:b}", "index", (json_int_t)index,
		    "erased", 1);
	else if (err != ERR_OK)
		return (err);
	else
		row = json_pack("{s:I, s:I, s:s, s:s, s:s, s:o}",
		    "index", (json_int_t)index,
		    "time_ms", (json_int_t)f->time_ms,
		    "kind", leaf_kind_name(rec.leaf.kind),
		    "partner", route != NULL && route->sender != NULL ?
		    route->sender->partner : "",
		    "refused", f->refused == NULL ? "" :
		    err_name((enum err)f->refused->code),
		    "steps", steps_of(f));
	arena_rewind(a, mark);
	return (row != NULL && json_array_append_new(list, row) == 0 ?
	    ERR_OK : ERR_NOMEM);
}

static enum err
trail_of(struct broker *b, const struct refid *id, json_t *list)
{
	struct view_trail page[TRAIL_PAGE];
	uint64_t from = 0;
	size_t n;
	enum err err;

	do {
		err = view_trail(b->turn->txn, id, from, page, TRAIL_PAGE,
		    &n);
		for (size_t i = 0; err == ERR_OK && i < n; i++) {
			err = add_record(b, list, page[i].index);
			from = page[i].index + 1;
		}
	} while (err == ERR_OK && n == TRAIL_PAGE);
	return (err);
}

static json_t *
offers_of(const struct referral *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->n_offers; i++)
		(void)json_array_append_new(list, json_pack(
		    "{s:I, s:s, s:s, s:I, s:s, s:b}", "number",
		    (json_int_t)r->offers[i].number, "to",
		    r->offers[i].to.id, "state",
		    words_offer(r->offers[i].state), "rung",
		    (json_int_t)r->offers[i].rung, "reason",
		    words_reason(r->offers[i].reason), "delivered",
		    (int)r->offers[i].delivered));
	return (list);
}

static json_t *
terms_of(const struct referral *r)
{
	json_t *list = json_array();

	for (int i = 1; i < TERM__MAX; i++)
		if (r->clocks[i].running || r->clocks[i].frozen)
			(void)json_array_append_new(list, json_pack(
			    "{s:s, s:I, s:b}", "term",
			    words_term((enum term)i), "at_ms",
			    (json_int_t)r->clocks[i].at_ms, "frozen",
			    (int)r->clocks[i].frozen));
	return (list);
}

static json_t *
referral_json(const struct referral *r)
{
	char id[REFID_TEXT];

	return (json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
	    "s:I, s:I, s:I, s:b, s:o, s:o}",
	    "referral", refid_text(&r->id, id), "code", r->code,
	    "area", r->area, "urgency", words_urgency(r->urgency),
	    "state", words_state(r->state), "label",
	    words_state_nl(r->state), "originator", r->b.id,
	    "holder", r->h.id, "regisseur", r->r.id,
	    "version", (json_int_t)r->version, "epoch", (json_int_t)r->epoch,
	    "flags", (json_int_t)r->flags, "openable", (int)r->openable,
	    "offers", offers_of(r), "terms", terms_of(r)));
}

/* The referral that the request names, with the whole of its id in ${id};
 * NULL: it was refused. */
static enum err
named(struct broker *b, struct order *o, char id[REFID_TEXT],
    struct referral **r)
{
	const char *text = order_text(o, "referral");
	char why[REFIND_WHY] = "";
	struct refid found;
	enum err err;

	*r = NULL;
	err = refind(b->turn->txn, text == NULL ? "" : text, &found, why);
	if (err == ERR_NOT_FOUND)
		return (order_no(o, ERR_UNKNOWN_REFERRAL, "%s", why));
	if (err == ERR_MALFORMED || err == ERR_CONFLICT)
		return (order_no(o, ERR_MALFORMED, "%s", why));
	if (err != ERR_OK)
		return (err);
	*r = arena_zero(b->turn->out, 1, sizeof(**r));
	if (*r == NULL)
		return (ERR_NOMEM);
	(void)refid_text(&found, id);
	return (view_referral(b->turn->txn, &found, *r));
}

/**
 * order_show(b, o):
 * Where one referral stands, and its chain.
 */
enum err
order_show(struct broker *b, struct order *o)
{
	char id[REFID_TEXT];
	struct referral *r;
	json_t *trail;
	enum err err;

	if ((err = named(b, o, id, &r)) != ERR_OK || r == NULL)
		return (err);
	if ((o->data = referral_json(r)) == NULL ||
	    (trail = json_array()) == NULL)
		return (ERR_NOMEM);
	if (json_object_set_new(o->data, "trail", trail) != 0)
		return (ERR_NOMEM);
	if ((err = trail_of(b, &r->id, trail)) != ERR_OK)
		return (err);
	return (ledger_access(b, id, "show"));
}

/* --- why ----------------------------------------------------------------------------------------- */

static const char *
text_or(const struct order *o, const char *name, const char *other)
{
	const char *text = order_text(o, name);

	return (text == NULL ? other : text);
}

/* The question, from the request or from a referral that there is. */
static void
fill_ask(struct broker *b, const struct order *o, const struct referral *r,
    struct route_ask *ask)
{
	*ask = (struct route_ask){
		.from = r != NULL ? r->b : org_of(order_text(o, "from")),
		.code = r != NULL ? r->code : text_or(o, "code", ""),
		.area = r != NULL ? r->area : text_or(o, "area", ""),
		.urgency = r != NULL ? (unsigned)r->urgency :
		    (unsigned)words_urgency_from(text_or(o, "urgency",
		    "NORMAL")),
		.basis = r != NULL ? r->basis : text_or(o, "basis", "G-TOE"),
		.discussed = r != NULL ? r->discussed : 1,
		.first = r != NULL ? r->first : NULL,
		.n_first = r != NULL ? r->n_first : 0,
		.never = r != NULL ? r->never : NULL,
		.n_never = r != NULL ? r->n_never : 0,
		.now_ms = b->turn->now_ms,
		.unreachable = b->look.view.unreachable,
		.checked = b->look.view.checked, .cookie = b->look.view.cookie,
	};
	if (r != NULL)
		ask->regisseur = r->r;
	else if (order_number(o, "at_ms") > 0)
		ask->now_ms = order_number(o, "at_ms");
	look_at(&b->look, b->turn->txn);
}

/* How long an explanation may be under this policy. */
static size_t
explain_room(const struct broker *b)
{
	size_t cap = EXPLAIN_HEAD +
	    policy_doc(b->policy)->n_partners * EXPLAIN_LINE;

	return (cap < EXPLAIN_MAX ? cap : EXPLAIN_MAX);
}

/**
 * order_explain(b, o):
 * Who is asked in which order, and why not the others: of a referral, or of
 * one that somebody might submit.
 */
enum err
order_explain(struct broker *b, struct order *o)
{
	struct ladder *ladder = arena_zero(b->turn->pack, 1, sizeof(*ladder));
	size_t cap = explain_room(b);
	char *text = arena_zero(b->turn->pack, 1, cap);
	struct referral *r = NULL;
	char id[REFID_TEXT];
	struct route_ask ask;
	const char *rule = NULL;
	enum err err, found;

	if (ladder == NULL || text == NULL)
		return (ERR_NOMEM);
	if (order_text(o, "referral") != NULL) {
		err = named(b, o, id, &r);
		if (err != ERR_OK || r == NULL)
			return (err);
	}
	fill_ask(b, o, r, &ask);
	found = route_ladder(b->policy, &ask, ladder, &rule);
	(void)route_explain(b->policy, &ask, ladder, found, rule, text,
	    cap);
	o->data = json_pack("{s:s, s:s}", "outcome", err_name(found), "text",
	    text);
	if (o->data == NULL)
		return (ERR_NOMEM);
	return (r == NULL ? ERR_OK : ledger_access(b, id, "explain"));
}
