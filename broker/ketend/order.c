/*
 * order -- what the operator can ask for: the table, and what concerns the
 * broker itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "core/guard.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/order.h"
#include "ketend/reload.h"
#include "ketend/timers.h"
#include "policy/flaws.h"

#define METRICS_TEXT ((size_t)16 * 1024)

/* The answer, or that there is no memory for it. */
static enum err
give(struct order *o, json_t *data)
{
	o->data = data;
	return (data != NULL ? ERR_OK : order_no(o, ERR_NOMEM, "no memory"));
}

/* --- numbers ------------------------------------------------------------------------- */

static void
fill_expiry(struct broker *b)
{
	struct metrics *m = &b->metrics;
	struct expiry_counts n;

	expiry_count(b, &n);
	m->keys_month = n.month;
	m->keys_week = n.week;
	m->keys_day = n.day;
	m->keys_over = n.over;
}

static void
fill_witnesses(struct broker *b)
{
	struct metrics *m = &b->metrics;
	struct witnesses_state w;

	if (b->witnesses == NULL)
		return;
	witnesses_state(b->witnesses, &w);
	m->witnesses = w.n;
	m->witnessed = w.size;
	m->witness_lag = w.n == 0 || w.newest < w.size ? 0 :
	    w.newest - w.size;
	m->witness_lag_s = (uint64_t)(w.lag_ms / 1000);
	m->witness_late = w.is_late;
	m->cosignatures = w.signatures;
	m->witness_refusals = w.refusals;
}

/* How it is with each, for `ketenctl status`. */
static json_t *
list_witnesses(struct broker *b)
{
	struct witnesses_state w = { .n = 0 };
	json_t *list = json_array();

	if (b->witnesses != NULL)
		witnesses_state(b->witnesses, &w);
	/* Without memory the list is shorter; it is only shown. */
	for (size_t i = 0; list != NULL && i < w.n; i++)
		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:I, s:I, s:I, s:i}",
		    "name", w.each[i].name,
		    "signed", (json_int_t)w.each[i].size,
		    "signed_ms", (json_int_t)w.each[i].signed_ms,
		    "saw", (json_int_t)w.each[i].has,
		    "refused", w.each[i].refused));
	return (list);
}

/* What checkpoints are signed with, as vkeys. */
static json_t *
list_log_keys(const struct broker *b)
{
	const struct signer *const keys[] = { b->signer, b->second };
	json_t *list = json_array();
	char text[NOTE_VKEY_MAX];
	struct note_key key;

	for (size_t i = 0; list != NULL && i < 2; i++)
		if (keys[i] != NULL && note_key_make(b->set->origin,
			NOTE_LOG, sign_public(keys[i]), &key) == ERR_OK) {
			(void)note_key_format(&key, text);
			(void)json_array_append_new(list, json_string(text));
		}
	return (list);
}

static void
fill_gauges(struct broker *b)
{
	struct metrics *m = &b->metrics;
	struct checkpoint *cp = &b->turn->checkpoint;

	m->size = store_size(b->turn->txn);
	/* The place of the next one serves to read the newest. */
	if (!b->turn->has_checkpoint &&
	    checkpoint_newest(b->turn->txn, cp) != ERR_OK)
		cp->size = 0;
	m->published = cp->size;
	m->connections = sessions_count(b->sessions);
	m->partners = sessions_partners(b->sessions);
	m->keys = gate_size(b->gate);
	m->refused_handshakes = gate_refused(b->gate);
	m->is_busy = b->is_busy;
	m->clock_is_off = b->clock_is_off;
	m->is_signing = publish_is_running(b->publish);
	fill_expiry(b);
	fill_witnesses(b);
}

static enum err
order_metrics(struct broker *b, struct order *o)
{
	char *text = malloc(METRICS_TEXT);
	json_t *data = NULL;

	if (text != NULL) {
		fill_gauges(b);
		(void)metrics_text(&b->metrics, text, METRICS_TEXT);
		data = json_pack("{s:s}", "text", text);
	}
	free(text);
	return (give(o, data));
}

/* How the broker is. */
static enum err
order_status(struct broker *b, struct order *o)
{
	const struct metrics *m = &b->metrics;

	fill_gauges(b);
	return (give(o, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:s, s:b, s:I, s:I, s:b, s:I, "
	    "s:o, s:o, s:o}",
	    "origin", b->set->origin,
	    "size", (json_int_t)m->size,
	    "checkpoint", (json_int_t)m->published,
	    "time_ms", (json_int_t)b->turn->now_ms,
	    "newest_ms", (json_int_t)b->turn->leaf_ms,
	    "started_ms", (json_int_t)b->started_ms,
	    "connections", (json_int_t)m->connections,
	    "partners", (json_int_t)m->partners,
	    "devices", (json_int_t)m->keys,
	    "policy", (json_int_t)policy_index(b->policy),
	    "waiting_wraps", (json_int_t)rewraps_count(b->rewraps),
	    "asked_wraps", (json_int_t)rewraps_asked(b->rewraps),
	    "busy", (int)b->is_busy,
	    "clock_off", (int)b->clock_is_off,
	    "signing", (int)m->is_signing,
	    "guard", guard_text(b->guard),
	    "walking", (int)clockwork_is_walking(&b->clock),
	    "witnessed", (json_int_t)m->witnessed,
	    "witness_lag_s", (json_int_t)m->witness_lag_s,
	    "witness_late", (int)m->witness_late,
	    "quarantined", (json_int_t)m->quarantined,
	    "log_keys", list_log_keys(b),
	    "witnesses", list_witnesses(b),
	    "expiring", expiry_list(b))));
}

/* --- policy ------------------------------------------------------------------------------ */

static void
add_doubt(void *cookie, const char *path, const char *text)
{
	(void)path;
	/* Without memory the list is shorter; it is only shown. */
	(void)json_array_append_new(cookie, json_string(text));
}

static json_t *
list_doubts(const struct policy *p)
{
	json_t *list = json_array();
	const struct flaws to = { .report = add_doubt, .cookie = list };

	if (list != NULL)
		(void)flaws_doubts(p, &to); /* they are in the list */
	return (list);
}

static enum err
order_policy(struct broker *b, struct order *o)
{
	char hash[65];

	hex_encode(policy_hash(b->policy), 32, hash);
	return (give(o, json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:o}",
	    "index", (json_int_t)policy_index(b->policy),
	    "origin", policy_origin(b->policy), "file", b->set->policy,
	    "sha256", hash,
	    "introducer", policy_doc(b->policy)->introducer,
	    "partners", (json_int_t)policy_doc(b->policy)->n_partners,
	    "doubts", list_doubts(b->policy))));
}

static enum err
order_reload(struct broker *b, struct order *o)
{
	char why[RELOAD_WHY];
	enum err err;

	err = reload_turn(b, why);
	if (err == ERR_CONFIG)
		return (order_no(o, err, "%s", why));
	return (err != ERR_OK ? err : order_policy(b, o));
}

/* --- clock --------------------------------------------------------------------------------- */

static enum err
order_clock(struct broker *b, struct order *o)
{
	static const char *const kinds[] = { "real", "control", "file" };

	return (give(o, json_pack("{s:I, s:I, s:s, s:I, s:b, s:b}",
	    "time_ms", (json_int_t)b->turn->now_ms,
	    "newest_ms", (json_int_t)b->turn->leaf_ms,
	    "kind", kinds[b->clock.kind],
	    "to_ms", (json_int_t)b->clock.to_ms,
	    "off", (int)b->clock_is_off,
	    "walking", (int)clockwork_is_walking(&b->clock))));
}

static enum err
order_clock_accept(struct broker *b, struct order *o)
{
	enum err err;

	if (!b->clock_is_off)
		return (order_no(o, ERR_WRONG_STATE,
		    "de klok wordt niet betwijfeld"));
	err = timers_accept(b);
	return (err != ERR_OK ? err : order_clock(b, o));
}

/* Only a clock for tests can be moved. */
static enum err
order_clock_move(struct broker *b, struct order *o)
{
	int64_t to = order_number(o, "to_ms"), by = order_number(o, "by_ms");
	bool jump = json_is_true(json_object_get(o->ask, "jump"));
	enum err err;

	if (to < 0 && by < 0)
		return (order_no(o, ERR_MALFORMED,
		    "to_ms or by_ms is missing"));
	if (to < 0)
		to = b->clock.to_ms + by;
	err = jump ? clockwork_jump(&b->clock, to) :
	    clockwork_send(&b->clock, to);
	if (err != ERR_OK)
		return (order_no(o, err,
		    "deze klok kan niet worden gezet (of niet terug)"));
	return (order_clock(b, o));
}

/* --- guard ---------------------------------------------------------------------------------- */

static enum err
order_guard(struct broker *b, struct order *o)
{
	struct tlog_reader tree = store_tree(b->turn->txn);
	uint64_t size = store_size(b->turn->txn);
	uint8_t root[32];
	char hex[65], guard_hex[65] = "";
	struct guard g = { .size = 0 };
	enum err err;

	if ((err = tlog_root(size, &tree, root)) != ERR_OK)
		return (err);
	hex_encode(root, 32, hex);
	if (guard_read(b->set->guard, &g) == ERR_OK)
		hex_encode(g.root, 32, guard_hex);
	return (give(o, json_pack("{s:s, s:b, s:I, s:s, s:I, s:s}",
	    "text", guard_text(b->guard),
	    "signing", (int)publish_is_running(b->publish),
	    "size", (json_int_t)size, "root", hex,
	    "guard_size", (json_int_t)g.size, "guard_root", guard_hex)));
}

/* Why that tree cannot be accepted. */
static enum err
no_accept(struct order *o, enum err err)
{
	return (order_no(o, err, "%s", err == ERR_DIGEST
	    ? "bij die grootte hoort een andere wortel"
	    : err == ERR_NOT_FOUND ? "zo groot is het logboek niet"
				   : err_text(err)));
}

/* The decision is written in the log before it takes effect. */
static enum err
write_accept(struct broker *b, const struct decide_guard *g)
{
	const struct ledger_with with = { .sender = NULL };
	struct decide_in in;
	struct decision d;
	enum err err;

	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_guard(&in, g, &d)) != ERR_OK)
		return (err);
	return (ledger_write(b, &d, &with, NULL));
}

static enum err
order_guard_accept(struct broker *b, struct order *o)
{
	const char *hex = order_text(o, "root");
	int64_t size = order_number(o, "size");
	struct decide_guard *g = &b->accepted;
	struct guard was;
	enum err err;

	memset(g, 0, sizeof(*g));
	if (size < 0 || hex == NULL || !hex_decode(hex, g->root, 32))
		return (order_no(o, ERR_MALFORMED,
		    "noem de grootte, en de wortel in 64 cijfers"));
	if (publish_is_running(b->publish))
		return (order_no(o, ERR_WRONG_STATE,
		    "er wordt ondertekend: er is niets te aanvaarden"));
	g->size = (uint64_t)size;
	if ((err = guard_check(b->turn->txn, g->size, g->root)) != ERR_OK)
		return (no_accept(o, err));
	g->is_known = guard_read(b->set->guard, &was) == ERR_OK;
	if (g->is_known) {
		g->was_size = was.size;
		memcpy(g->was_root, was.root, 32);
	}
	if ((err = write_accept(b, g)) != ERR_OK)
		return (err);
	say(SAY_CONTROL, NULL, "guard accept %lld", (long long)size);
	b->wants_publish = true;
	return (order_guard(b, o));
}

/* --- backup --------------------------------------------------------------------------------- */

/* Whoever may connect here may read the store too: say where it is, and write
 * down that it was copied. */
static enum err
order_backup(struct broker *b, struct order *o)
{
	char *path = realpath(store_path(b->store), NULL);
	enum err err;

	if (path == NULL)
		return (order_no(o, ERR_IO, "%s", store_path(b->store)));
	err = give(o, json_pack("{s:s}", "store", path));
	free(path);
	return (err != ERR_OK ? err : ledger_access(b, "backup", ""));
}

/* --- the table --------------------------------------------------------------------------------- */

static const struct {
	const char *cmd;
	enum err (*handle)(struct broker *b, struct order *o);
} orders[] = {
	{ "status", order_status },
	{ "metrics", order_metrics },
	{ "queue", order_queue },
	{ "show", order_show },
	{ "explain", order_explain },
	{ "report", order_report },
	{ "erase", order_erase },
	{ "erase list", order_erase_list },
	{ "erase status", order_erase_status },
	{ "enrol", order_enrol },
	{ "partner", order_partner },
	{ "policy", order_policy },
	{ "policy impact", order_impact },
	{ "policy reload", order_reload },
	{ "clock", order_clock },
	{ "clock accept", order_clock_accept },
	{ "clock move", order_clock_move },
	{ "backup", order_backup },
	{ "guard", order_guard },
	{ "guard accept", order_guard_accept },
};

/**
 * order_run(b, o):
 * Carry out ${o}.
 */
enum err
order_run(struct broker *b, struct order *o)
{
	const char *cmd = order_text(o, "cmd");

	if (cmd == NULL)
		return (order_no(o, ERR_MALFORMED,
		    "a request is one line of JSON with a \"cmd\""));
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(orders[i].cmd, cmd) == 0)
			return (orders[i].handle(b, o));
	return (order_no(o, ERR_NOT_FOUND, "no such request: %s", cmd));
}
