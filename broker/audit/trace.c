/*
 * trace -- the chain of one referral, as people read it.
 *
 * Each record is checked against its leaf, and the referral is followed by
 * applying the facts; the broker's own table only says where to look.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "base/noun.h"
#include "core/keyring.h"
#include "core/record.h"
#include "core/view.h"
#include "life/apply.h"
#include "life/calendar.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

#define ARENA ((size_t)16 << 20)
#define PAGE 64
#define TERMS 256

/* One record of the chain. */
struct link {
	uint64_t index;
	int64_t time_ms;
	enum leaf_kind kind;
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route;
	const Keten__V1__Change *change; /* to this referral; or NULL */
	char who[2 * ORG_MAX + 2];
	char actor[20];
	uint64_t suspect_from; /* of the key it is signed with */
};

struct trace {
	const struct args *a;
	struct txn *txn;
	struct arena *arena;
	struct keyring *keys;
	struct refid id;
	struct referral r; /* as of the record that is shown */
	bool has_begun;
	bool is_lost; /* a record is missing: the state is not known */
	size_t n;
	enum verdict worst;
};

/* --- reading ------------------------------------------------------------------------- */

/* The change in this record to the referral that is traced. */
static const Keten__V1__Change *
own_change(const struct trace *t, const Keten__V1__Facts *f)
{
	struct refid id;

	if (f->change != NULL && pb_refid(f->change->referral, &id) ==
	    ERR_OK && refid_eq(&id, &t->id))
		return (f->change);
	for (size_t i = 0; i < f->n_children; i++)
		if (pb_refid(f->children[i]->referral, &id) == ERR_OK &&
		    refid_eq(&id, &t->id))
			return (f->children[i]);
	return (NULL);
}

static const Keten__V1__RouteChange *
own_names(const struct trace *t, const Keten__V1__RouteFacts *rf)
{
	struct refid id;

	for (size_t i = 0; rf != NULL && i < rf->n_changes; i++)
		if (pb_refid(rf->changes[i]->referral, &id) == ERR_OK &&
		    refid_eq(&id, &t->id))
			return (rf->changes[i]);
	return (NULL);
}

/* Follow the referral through this record. */
static void
follow(struct trace *t, const struct link *l)
{
	enum err err = ERR_OK;

	if (l->change == NULL || t->is_lost)
		return;
	if (!t->has_begun)
		err = l->facts->header == NULL ? ERR_CORRUPT
		    : apply_header(&t->r, &t->id, l->facts->header, l->route);
	if (err == ERR_OK)
		err = apply_change(&t->r, l->change, own_names(t, l->route));
	t->has_begun = true;
	t->is_lost = err != ERR_OK;
}

/* Who said it: a device, and the function or staff number it gave. */
static void
read_who(struct trace *t, const struct record *rec, struct link *l)
{
	const Keten__V1__Sender *s = l->route == NULL ? NULL
						      : l->route->sender;
	const struct keyring_device *d;
	Keten__V1__Statement *st;
	struct envelope env;

	l->suspect_from = KEYRING_NEVER;
	if (s == NULL) {
		(void)snprintf(l->who, sizeof(l->who), "de klok");
		return;
	}
	(void)snprintf(l->who, sizeof(l->who), "%.31s/%.31s", s->partner,
	    s->device);
	if (envelope_parse(t->arena, rec->envelope, &env, NULL) != ERR_OK)
		return;
	if (statement_parse(t->arena, env.kind, env.body, &st, NULL) ==
		ERR_OK)
		(void)snprintf(l->actor, sizeof(l->actor), "%.16s",
		    st->actor);
	d = keyring_by_sign(t->keys, env.key_id, l->index);
	if (d != NULL && l->index >= d->suspect_from)
		l->suspect_from = d->suspect_from;
}

static MUST_CHECK enum err
read_link(struct trace *t, uint64_t index, struct link *l)
{
	struct record rec;
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *rf;
	enum err err = record_read(t->txn, index, t->arena, &rec);

	memset(l, 0, sizeof(*l));
	if (err == ERR_OK)
		err = record_check(&rec);
	if (err == ERR_OK)
		err = record_facts(&rec, t->arena, &f, &rf);
	if (err != ERR_OK)
		return (err);
	l->index = index;
	l->time_ms = rec.leaf.time_ms;
	l->kind = rec.leaf.kind;
	l->facts = f;
	l->route = rf;
	l->change = own_change(t, f);
	read_who(t, &rec, l);
	return (ERR_OK);
}

/* --- in words --------------------------------------------------------------------------- */

/* What happened, apart from the steps of the life cycle. */
static const char *
what_else(const struct link *l)
{
	const Keten__V1__Facts *f = l->facts;

	if (f->refused != NULL)
		return ("geweigerd");
	if (f->rewrap != NULL)
		return ("sleutel doorgegeven");
	if (f->unreadable != NULL)
		return ("inhoud niet te openen");
	if (f->tick != NULL)
		return ("herstart: termijnen verschoven");
	return ("verandering zonder stap");
}

/* The steps of a record: "aanbieden (rij 1), naar de gemeente (rij 8)". */
static void
steps_text(const struct link *l, char *out, size_t cap)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; l->change != NULL && i < l->change->n_steps; i++) {
		const Keten__V1__Step *s = l->change->steps[i];
		int n = snprintf(out + len, cap - len, "%s%s%s%s (rij %" PRIu32
		    ")", i == 0 ? "" : ", ",
		    words_event_nl((enum event)s->event),
		    s->reason[0] == '\0' ? "" : " ", s->reason, s->row);

		if (n < 0 || (size_t)n >= cap - len)
			return;
		len += (size_t)n;
	}
	if (len > 0)
		return;
	if (l->facts->refused != NULL)
		(void)snprintf(out, cap, "geweigerd: %s, %s",
		    err_name((enum err)l->facts->refused->code),
		    l->facts->refused->rule);
	else
		(void)snprintf(out, cap, "%s", what_else(l));
}

/* The terms that run: "iemand vinden tot di 28-04-2026 12:00". */
static void
terms_text(const struct trace *t, char *out, size_t cap)
{
	char when[CAL_TEXT];
	size_t len = 0;

	out[0] = '\0';
	for (int i = 1; i < TERM__MAX; i++) {
		const struct clock *c = &t->r.clocks[i];
		int n;

		if (!c->running)
			continue;
		n = snprintf(out + len, cap - len, "%s%s tot %s",
		    len == 0 ? "" : "; ", words_term_nl((enum term)i),
		    cal_text(c->at_ms, when));
		if (n < 0 || (size_t)n >= cap - len)
			return;
		len += (size_t)n;
	}
}

static void
print_link(const struct trace *t, const struct link *l)
{
	char when[CAL_TEXT], steps[300], terms[TERMS];

	steps_text(l, steps, sizeof(steps));
	terms_text(t, terms, sizeof(terms));
	(void)printf("%8" PRIu64 "  %-22s  %s\n", l->index,
	    cal_text(l->time_ms, when), steps);
	(void)printf("%10s%-22s  door %s%s%s%s\n", "", "", l->who,
	    l->actor[0] == '\0' ? "" : " (", l->actor,
	    l->actor[0] == '\0' ? "" : ")");
	if (l->suspect_from != KEYRING_NEVER)
		(void)printf("%10s%-22s  LET OP: met een sleutel die verdacht "
			     "is vanaf record %" PRIu64 "\n", "", "",
		    l->suspect_from);
	if (l->change == NULL || t->is_lost)
		return;
	(void)printf("%10s%-22s  %s; houder %s; versie %" PRIu32 "\n", "", "",
	    words_state_nl(t->r.state), t->r.h.id, t->r.version);
	if (terms[0] != '\0')
		(void)printf("%10s%-22s  %s\n", "", "", terms);
}

/* --- as JSON -------------------------------------------------------------------------------- */

static json_t *
steps_json(const struct link *l)
{
	json_t *list = json_array();

	for (size_t i = 0; l->change != NULL && i < l->change->n_steps; i++) {
		const Keten__V1__Step *s = l->change->steps[i];

		(void)json_array_append_new(list,
		    json_pack("{s:s,s:i,s:s,s:s,s:s,s:s}", "event",
			words_event((enum event)s->event), "row",
			(int)s->row, "from",
			words_state((enum state)s->from), "to",
			words_state((enum state)s->to), "holder", s->holder,
			"reason", s->reason));
	}
	return (list);
}

static json_t *
terms_json(const struct trace *t)
{
	json_t *o = json_object();

	for (int i = 1; i < TERM__MAX; i++)
		if (t->r.clocks[i].running)
			(void)json_object_set_new(o,
			    words_term((enum term)i),
			    json_integer(t->r.clocks[i].at_ms));
	return (o);
}

static void
dump_link(const struct trace *t, const struct link *l)
{
	json_t *o = json_pack("{s:I,s:I,s:s,s:s,s:s}", "index",
	    (json_int_t)l->index, "time_ms", (json_int_t)l->time_ms, "kind",
	    leaf_kind_name(l->kind), "who", l->who, "actor", l->actor);
	char *text;

	(void)json_object_set_new(o, "steps", steps_json(l));
	if (l->suspect_from != KEYRING_NEVER)
		(void)json_object_set_new(o, "suspect_from",
		    json_integer((json_int_t)l->suspect_from));
	if (l->facts->refused != NULL)
		(void)json_object_set_new(o, "refused",
		    json_string(err_name((enum err)l->facts->refused->code)));
	if (l->change != NULL && !t->is_lost) {
		(void)json_object_set_new(o, "state",
		    json_string(words_state(t->r.state)));
		(void)json_object_set_new(o, "holder",
		    json_string(t->r.h.id));
		(void)json_object_set_new(o, "version",
		    json_integer(t->r.version));
		(void)json_object_set_new(o, "deadlines", terms_json(t));
	}
	text = json_dumps(o, JSON_COMPACT);
	if (text != NULL)
		(void)printf("%s\n", text);
	free(text);
	json_decref(o);
}

/* --- all of it --------------------------------------------------------------------------------- */

/* A link that cannot be shown. */
static MUST_CHECK enum err
no_link(struct trace *t, uint64_t index, enum err err)
{
	enum verdict v = err == ERR_CONTENT_GONE ? VERDICT_ERASURES
	    : err == ERR_NOT_FOUND		 ? VERDICT_MISSING
						 : VERDICT_HASH;

	if (err == ERR_STORE || err == ERR_NOMEM || err == ERR_IO)
		return (err);
	t->worst = verdict_worse(t->worst, v);
	t->is_lost = true;
	(void)fprintf(stderr, "keten-audit: record %" PRIu64 ": %s\n", index,
	    verdict_text(v));
	return (ERR_OK);
}

static MUST_CHECK enum err
show_link(struct trace *t, uint64_t index)
{
	struct link l;
	enum err err;

	arena_reset(t->arena);
	err = read_link(t, index, &l);
	if (err != ERR_OK)
		return (no_link(t, index, err));
	follow(t, &l);
	if (t->a->json)
		dump_link(t, &l);
	else
		print_link(t, &l);
	t->n++;
	return (ERR_OK);
}

static void
print_head(const struct trace *t)
{
	struct referral *r = calloc(1, sizeof(*r));
	char id[REFID_TEXT];

	(void)printf("Verwijzing %s\n", refid_text(&t->id, id));
	if (r != NULL && view_referral(t->txn, &t->id, r) == ERR_OK)
		(void)printf("Code %s, gebied %s, %s; bron %s, regisseur %s\n"
			     "Nu: %s, houder %s\n",
		    r->code, r->area, words_urgency_nl(r->urgency), r->b.id,
		    r->r.id, words_state_nl(r->state), r->h.id);
	(void)printf("\n  record  tijd                    wat\n");
	free(r);
}

static MUST_CHECK enum err
show_all(struct trace *t)
{
	struct view_trail page[PAGE];
	uint64_t from = 0;
	size_t n;
	enum err err;

	do {
		err = view_trail(t->txn, &t->id, from, page, PAGE, &n);
		for (size_t i = 0; i < n && err == ERR_OK; i++) {
			err = show_link(t, page[i].index);
			from = page[i].index + 1;
		}
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

static enum err
trace_one(struct trace *t, const char *text)
{
	uint64_t index;
	enum err err = command_find(t->txn, text, &index, &t->id);

	if (err != ERR_OK)
		return (err);
	if (refid_is_none(&t->id)) {
		(void)fprintf(stderr, "keten-audit: trace vraagt een "
				      "verwijzing; voor een record is er "
				      "show\n");
		return (ERR_CONFIG);
	}
	if (!t->a->json)
		print_head(t);
	err = show_all(t);
	if (err == ERR_OK && !t->a->json)
		(void)printf("\n%zu %s bij zijn blad.  Dat er "
			     "geen andere zijn, zegt alleen replay.\n"
			     "Wie haar bekeek zonder iets te doen: keten-audit "
			     "access.\n", t->n, noun_for(t->n,
			     "record; het past", "records; elk past"));
	return (err);
}

int
command_trace(const struct args *a)
{
	struct trace t = { .a = a, .worst = VERDICT_WITNESSED };
	struct store *st = NULL;
	enum err err;

	if (command_open(a, &st) != ERR_OK)
		return ((int)VERDICT_USAGE);
	t.arena = arena_new(ARENA);
	t.keys = keyring_new();
	err = t.arena == NULL || t.keys == NULL ? ERR_NOMEM
						: store_read(st, &t.txn);
	if (err == ERR_OK)
		err = keyring_load(t.keys, t.txn);
	if (err == ERR_OK)
		err = trace_one(&t, a->targets[0]);
	store_done(&t.txn);
	keyring_free(t.keys);
	arena_free(t.arena);
	store_close(st);
	return (err == ERR_OK ? (int)t.worst : (int)VERDICT_USAGE);
}
