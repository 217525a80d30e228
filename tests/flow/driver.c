/*
 * driver -- one partner's device, driven by a script.
 *
 * The flow tests start one of these per partner.  It reads orders as JSON, one
 * per line, on standard input, hands them to libketen, and writes what comes
 * of them to standard output, one JSON object per line:
 *
 *	{"id":1,"do":"order","step":"ACCEPT","referral":"0190..."}
 *	{"id":1,"ticket":7}
 *	{"event":"outcome","ticket":7,"status":"done","index":12,...}
 *	{"event":"news","seq":3,"step":"ACCEPT",...}
 *
 * It is a test's hand and nothing else: what it can do is what keten.h offers.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sdk/keten.h"

/* More than one content part takes, as JSON. */
#define LINE_CAP ((size_t)1024 * 1024)
#define LIST_MAX 16
/* How long to sleep when nothing happens: short, because another process may
 * have the connection and then there is no descriptor to wait for. */
#define NAP_MS 20

struct driver {
	struct keten *k;
	char *line; /* what was read and is not yet a whole line */
	size_t len;
	uint64_t *open; /* tickets without an outcome */
	size_t n_open, cap_open;
	uint64_t seen; /* newest news told */
	bool connected;
	bool is_done;
};

static void
say(json_t *j)
{
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

	if (text == NULL)
		abort();
	puts(text);
	fflush(stdout);
	free(text);
	json_decref(j);
}

static json_int_t
id_of(const json_t *in)
{
	return (json_integer_value(json_object_get(in, "id")));
}

/* A call of the SDK failed: its number and its sentence. */
static void
fail(const struct driver *d, const json_t *in, int rc)
{
	say(json_pack("{s:I,s:i,s:s}", "id", id_of(in), "error", rc, "text",
	    keten_error(d->k)));
}

/* ---- what became of an order ------------------------------------------------ */

static json_t *
outcome_json(const struct keten_outcome *r)
{
	static const char *const statuses[] = { "", "waiting", "sent", "done",
		"refused", "failed" };

	return (json_pack("{s:s,s:I,s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:s,s:i}",
	    "event", "outcome", "ticket", (json_int_t)r->ticket, "status",
	    statuses[r->status], "step", keten_step_name(r->step), "referral",
	    r->referral, "index", (json_int_t)r->index, "number",
	    (json_int_t)r->number, "code", r->code, "rule", r->rule, "text",
	    r->text, "todo", r->todo, "version", (int)r->version));
}

/* Tell about every order that is decided since the last look. */
static void
tell_outcomes(struct driver *d)
{
	struct keten_outcome r;
	size_t left = 0;

	for (size_t i = 0; i < d->n_open; i++) {
		if (keten_outcome(d->k, d->open[i], &r) == 0 &&
		    r.status != KETEN_WAITING && r.status != KETEN_SENT)
			say(outcome_json(&r));
		else
			d->open[left++] = d->open[i];
	}
	d->n_open = left;
}

static void
remember(struct driver *d, uint64_t ticket)
{
	for (size_t i = 0; i < d->n_open; i++)
		if (d->open[i] == ticket)
			return;
	if (d->n_open == d->cap_open) {
		d->cap_open = d->cap_open * 2 + 64;
		d->open = realloc(d->open, d->cap_open * sizeof(*d->open));
		if (d->open == NULL)
			abort();
	}
	d->open[d->n_open++] = ticket;
}

/* ---- orders ------------------------------------------------------------------- */

static const char *
text_at(const json_t *in, const char *key)
{
	return (json_string_value(json_object_get(in, key)));
}

static json_int_t
number_at(const json_t *in, const char *key)
{
	return (json_integer_value(json_object_get(in, key)));
}

/* A list of names; NULL if it is not given. */
static const char *const *
names_at(const json_t *in, const char *key, const char *list[LIST_MAX + 1])
{
	const json_t *a = json_object_get(in, key);
	size_t n = json_array_size(a);

	if (n == 0 || n > LIST_MAX)
		return (NULL);
	for (size_t i = 0; i < n; i++)
		list[i] = json_string_value(json_array_get(a, i));
	list[n] = NULL;
	return (list);
}

static void
read_texts(const json_t *in, struct keten_order *o)
{
	const struct {
		const char *key;
		const char **to;
	} rows[] = {
		{ "referral", &o->referral }, { "source", &o->source },
		{ "actor", &o->actor }, { "code", &o->code },
		{ "area", &o->area }, { "basis", &o->basis },
		{ "frequency", &o->frequency }, { "payer", &o->payer },
		{ "parent", &o->parent }, { "relates", &o->relates },
		{ "note", &o->note }, { "person", &o->person },
		{ "to", &o->to }, { "reason", &o->reason },
		{ "outcome", &o->outcome }, { "child", &o->child },
		{ "outside", &o->outside }, { "text", &o->text },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		*rows[i].to = text_at(in, rows[i].key);
}

static void
read_numbers(const json_t *in, struct keten_order *o)
{
	const struct {
		const char *key;
		uint32_t *to;
	} rows[] = {
		{ "version", &o->version }, { "offer", &o->offer },
		{ "units", &o->units }, { "units_done", &o->units_done },
		{ "units_total", &o->units_total },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		*rows[i].to = (uint32_t)number_at(in, rows[i].key);
	o->urgency = (enum keten_urgency)number_at(in, "urgency");
	o->discussed = (enum keten_discussed)number_at(in, "discussed");
	o->end_ms = number_at(in, "end_ms");
	o->until_ms = number_at(in, "until_ms");
}

static void
read_order(const json_t *in, struct keten_order *o,
    const char *first[LIST_MAX + 1], const char *never[LIST_MAX + 1])
{
	const char *step = text_at(in, "step");

	memset(o, 0, sizeof(*o));
	o->step = keten_step_of(step == NULL ? "" : step);
	read_texts(in, o);
	read_numbers(in, o);
	o->first = names_at(in, "first", first);
	o->never = names_at(in, "never", never);
}

static void
do_order(struct driver *d, const json_t *in)
{
	const char *first[LIST_MAX + 1], *never[LIST_MAX + 1];
	struct keten_order o;
	uint64_t ticket;
	int rc;

	read_order(in, &o, first, never);
	rc = keten_order(d->k, &o, &ticket);
	if (rc != 0) {
		fail(d, in, rc);
		return;
	}
	say(json_pack("{s:I,s:I}", "id", id_of(in), "ticket",
	    (json_int_t)ticket));
	remember(d, ticket);
}

static void
do_resolve(struct driver *d, const json_t *in)
{
	const char *first[LIST_MAX + 1], *never[LIST_MAX + 1], *text;
	struct keten_order o;
	int rc;

	read_order(in, &o, first, never);
	o.step = KETEN_SUBMIT;
	rc = keten_resolve(d->k, &o, 5000, &text);
	if (rc != 0)
		fail(d, in, rc);
	else
		say(json_pack("{s:I,s:s}", "id", id_of(in), "text", text));
}

/* ---- looking ------------------------------------------------------------------ */

static json_t *
referral_json(const struct keten_referral *r)
{
	json_t *j = json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:i}",
	    "referral", r->id, "role", (int)r->role, "state", r->state,
	    "holder", r->holder, "originator", r->originator, "regisseur",
	    r->regisseur, "code", r->code, "area", r->area, "version",
	    (int)r->version, "epoch", (int)r->epoch, "offer", (int)r->offer);
	json_t *more = json_pack(
	    "{s:s,s:I,s:I,s:s,s:b,s:b,s:b,s:s,s:s,s:s,s:I,s:i,s:i,s:i,s:s}",
	    "offer_state", r->offer_state, "offer_until_ms",
	    (json_int_t)r->offer_until_ms, "next_ms", (json_int_t)r->next_ms,
	    "next_term", r->next_term, "overdue", r->overdue, "unread",
	    r->unread, "withdrawal_asked", r->withdrawal_asked, "outcome",
	    r->outcome, "reason", r->reason, "may", r->may, "newest_index",
	    (json_int_t)r->newest_index, "openable", (int)r->openable,
	    "units_done", (int)r->units_done, "units_total",
	    (int)r->units_total, "fhir", r->fhir_status);

	if (j == NULL || more == NULL)
		abort();
	(void)json_object_update(j, more);
	json_decref(more);
	return (j);
}

static void
do_show(struct driver *d, const json_t *in)
{
	const char *id = text_at(in, "referral");
	struct keten_referral r;
	json_t *j;
	int rc = keten_show(d->k, id == NULL ? "" : id, &r);

	if (rc != 0) {
		fail(d, in, rc);
		return;
	}
	j = referral_json(&r);
	(void)json_object_set_new(j, "id", json_integer(id_of(in)));
	say(j);
}

static bool
add_referral(void *cookie, const struct keten_referral *r)
{
	return (json_array_append_new(cookie, referral_json(r)) == 0);
}

static void
do_list(struct driver *d, const json_t *in)
{
	json_t *a = json_array();
	int rc = keten_list(d->k, add_referral, a);

	if (rc != 0) {
		json_decref(a);
		fail(d, in, rc);
		return;
	}
	say(json_pack("{s:I,s:o}", "id", id_of(in), "referrals", a));
}

static void
do_open(struct driver *d, const json_t *in)
{
	const char *id = text_at(in, "referral");
	json_int_t record = number_at(in, "record");
	char *text;
	size_t len;
	int rc = record != 0
	    ? keten_open_text(d->k, id == NULL ? "" : id, (uint64_t)record,
		  &text, &len)
	    : keten_open_part(d->k, id == NULL ? "" : id,
		  (enum keten_part)number_at(in, "part"),
		  text_at(in, "actor"), (uint64_t)number_at(in, "seq"), &text,
		  &len);

	if (rc != 0) {
		fail(d, in, rc);
		return;
	}
	say(json_pack("{s:I,s:s%}", "id", id_of(in), "text", text, len));
	keten_wipe(text, len);
}

static void
do_link(struct driver *d, const json_t *in)
{
	struct keten_connection c;
	int rc = keten_connected(d->k, &c);

	if (rc != 0) {
		fail(d, in, rc);
		return;
	}
	say(json_pack("{s:I,s:b,s:b,s:I,s:I,s:I,s:s}", "id", id_of(in),
	    "connected", c.connected, "here", c.here, "waiting",
	    (json_int_t)c.waiting, "last_seq", (json_int_t)c.last_seq,
	    "log_size", (json_int_t)c.log_size, "why", c.why));
}

static void
do_receipt(struct driver *d, const json_t *in)
{
	const char *text;
	int rc = keten_receipt(d->k, (uint64_t)number_at(in, "ticket"), 10000,
	    &text);

	if (rc != 0)
		fail(d, in, rc);
	else
		say(json_pack("{s:I,s:s}", "id", id_of(in), "text", text));
}

static void
do_outcome(struct driver *d, const json_t *in)
{
	struct keten_outcome r;
	json_t *j;
	int rc = keten_outcome(d->k, (uint64_t)number_at(in, "ticket"), &r);

	if (rc != 0) {
		fail(d, in, rc);
		return;
	}
	j = outcome_json(&r);
	(void)json_object_del(j, "event");
	(void)json_object_set_new(j, "id", json_integer(id_of(in)));
	say(j);
}

static void
do_renew(struct driver *d, const json_t *in)
{
	int rc = keten_renew(d->k);

	if (rc == 0)
		say(json_pack("{s:I,s:b}", "id", id_of(in), "ok", 1));
	else
		fail(d, in, rc);
}

static void
do_quit(struct driver *d, const json_t *in)
{
	d->is_done = true;
	say(json_pack("{s:I,s:b}", "id", id_of(in), "ok", 1));
}

/* ---- lines --------------------------------------------------------------------- */

static void
obey(struct driver *d, const char *line)
{
	static const struct {
		const char *word;
		void (*run)(struct driver *d, const json_t *in);
	} rows[] = {
		{ "order", do_order }, { "outcome", do_outcome },
		{ "show", do_show }, { "list", do_list }, { "open", do_open },
		{ "resolve", do_resolve }, { "link", do_link },
		{ "receipt", do_receipt }, { "renew", do_renew },
		{ "quit", do_quit },
	};
	json_t *in = json_loads(line, 0, NULL);
	const char *word = in == NULL ? NULL : text_at(in, "do");

	for (size_t i = 0; word != NULL && i < sizeof(rows) / sizeof(rows[0]);
	     i++)
		if (strcmp(rows[i].word, word) == 0) {
			rows[i].run(d, in);
			json_decref(in);
			return;
		}
	fprintf(stderr, "driver: not an order: %s\n", line);
	json_decref(in);
}

/* Take what is there on standard input; false at its end. */
static bool
read_lines(struct driver *d)
{
	ssize_t n = read(STDIN_FILENO, d->line + d->len, LINE_CAP - d->len);
	char *nl;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return (false);
	if (n > 0)
		d->len += (size_t)n;
	while ((nl = memchr(d->line, '\n', d->len)) != NULL) {
		size_t used = (size_t)(nl - d->line) + 1;

		*nl = '\0';
		obey(d, d->line);
		memmove(d->line, d->line + used, d->len - used);
		d->len -= used;
	}
	return (d->len < LINE_CAP);
}

/* ---- news ---------------------------------------------------------------------- */

static const char *
step_name(enum keten_step step)
{
	switch ((int)step) {
	case KETEN_CONTENT:
		return ("CONTENT");
	case KETEN_ERASED:
		return ("ERASED");
	case KETEN_ALARM:
		return ("ALARM");
	}
	return (step == 0 ? "" : keten_step_name(step));
}

static void
tell_news(struct driver *d)
{
	struct keten_news n;

	while (keten_next(d->k, "flow", &n) == 0) {
		say(json_pack("{s:s,s:I,s:I,s:s,s:i,s:s,s:s,s:I,s:i,s:s}",
		    "event", "news", "seq", (json_int_t)n.seq, "index",
		    (json_int_t)n.index, "step", step_name(n.step), "role",
		    (int)n.role, "referral", n.referral, "by", n.by, "time_ms",
		    (json_int_t)n.time_ms, "parts", (int)n.part_mask, "text",
		    n.text));
		if (keten_read(d->k, "flow", n.seq) != 0)
			return;
	}
}

static void
tell_link(struct driver *d)
{
	struct keten_connection c;

	if (keten_connected(d->k, &c) != 0 || c.connected == d->connected)
		return;
	d->connected = c.connected;
	say(json_pack("{s:s,s:b,s:s}", "event", "link", "connected",
	    c.connected, "why", c.why));
}

static void
nap(const struct driver *d)
{
	struct pollfd p[2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = keten_fd(d->k), .events = POLLIN },
	};

	(void)poll(p, p[1].fd < 0 ? 1 : 2, NAP_MS);
}

static int
serve(struct driver *d)
{
	int rc;

	while (!d->is_done) {
		nap(d);
		if (!read_lines(d))
			return (0);
		rc = keten_run(d->k, 0);
		if (rc != 0) {
			say(json_pack("{s:s,s:i,s:s}", "event", "trouble",
			    "error", rc, "text", keten_error(d->k)));
			if (rc != KETEN_ETRUST)
				return (1);
		}
		tell_outcomes(d);
		tell_news(d);
		tell_link(d);
	}
	return (0);
}

/* Orders of an earlier run that were not decided yet. */
static void
find_open(void *cookie, const struct keten_outcome *out)
{
	remember(cookie, out->ticket);
}

int
main(int argc, char **argv)
{
	struct driver d;
	int rc;

	memset(&d, 0, sizeof(d));
	if (argc != 2) {
		fprintf(stderr, "usage: driver SETTINGS\n");
		return (2);
	}
	d.line = malloc(LINE_CAP + 1);
	if (d.line == NULL || keten_open(argv[1], &d.k) != 0) {
		fprintf(stderr, "driver: %s\n", keten_error(NULL));
		return (1);
	}
	(void)fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	(void)keten_orders(d.k, find_open, &d);
	say(json_pack("{s:s}", "event", "ready"));
	rc = serve(&d);
	keten_close(d.k);
	free(d.open);
	free(d.line);
	return (rc);
}
