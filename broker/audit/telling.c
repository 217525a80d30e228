/*
 * telling -- one record in words.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/telling.h"
#include "base/noun.h"
#include "life/words.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* --- small words ----------------------------------------------------------- */

const char *
telling_kind_nl(enum leaf_kind kind)
{
	switch (kind) {
	case LEAF_COMMAND:
		return ("een verklaring van een partner");
	case LEAF_REFUSED:
		return ("een geweigerde verklaring");
	case LEAF_CLOCK:
		return ("een termijn die voorbij was");
	case LEAF_DELIVERED:
		return ("een ontvangstbevestiging");
	case LEAF_REWRAP:
		return ("een doorgegeven sleutelkopie");
	case LEAF_KEY:
		return ("een certificaat");
	case LEAF_ERASE:
		return ("een wissing");
	case LEAF_POLICY:
		return ("een beleidsdocument");
	case LEAF_TICK:
		return ("de klok van de makelaar");
	case LEAF_ACCESS:
		return ("een inzage");
	case LEAF_ANCHOR:
		break;
	}
	return ("onbekend");
}

const char *
telling_role_nl(Keten__V1__DeliveryRole role)
{
	static const char *const names[] = { "", "bron", "kandidaat", "houder",
		"regisseur", "bewaarder", "eerder betrokken",
		"ter kennisgeving" };
	size_t i = (size_t)role;

	return (i < sizeof(names) / sizeof(names[0]) ? names[i] : "");
}

const char *
telling_iso(int64_t time_ms, char out[TELLING_ISO])
{
	time_t s = (time_t)(time_ms / 1000);
	unsigned int ms = (unsigned int)((uint64_t)time_ms % 1000);
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	memset(out, 0, TELLING_ISO);
	(void)gmtime_r(&s, &tm);
	if (strftime(out, 20, "%Y-%m-%dT%H:%M:%S", &tm) == 19)
		(void)snprintf(out + 19, 6, ".%03uZ", ms % 1000);
	return (out);
}

/* --- what happened ------------------------------------------------------------ */

/* Add to ${t->what} what still fits. */
static void add(struct telling *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct telling *t, const char *fmt, ...)
{
	size_t len = strlen(t->what);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->what + len, sizeof(t->what) - len, fmt, ap);
	va_end(ap);
}

/* "indienen, aanbieden, naar de gemeente". */
static void
say_steps(struct telling *t, const Keten__V1__Change *c)
{
	for (size_t i = 0; i < c->n_steps; i++) {
		const Keten__V1__Step *s = c->steps[i];

		add(t, "%s%s", i == 0 ? "" : ", ",
		    words_event_nl((enum event)s->event));
		if (s->reason[0] != '\0')
			add(t, " (%s)", s->reason);
	}
	if (c->n_steps == 0)
		add(t, "termijnen verschoven");
	else if (t->reason[0] == '\0')
		t->reason = c->steps[0]->reason;
}

static void
say_key(struct telling *t, const Keten__V1__KeyFacts *k)
{
	add(t, "%s van %s: %s %s, nummer %" PRIu64,
	    k->revoked ? "intrekken" : "toevoegen", k->partner,
	    k->device[0] != '\0' ? "apparaat" : "verzegelsleutel",
	    k->device[0] != '\0' ? k->device : k->sealing_key_id, k->serial);
	if (k->suspect_from != 0)
		add(t, ", verdacht vanaf record %" PRIu64, k->suspect_from);
}

static void
say_tick(struct telling *t, const Keten__V1__TickFacts *k)
{
	static const char *const why[] = { "de klok", "niets te doen",
		"de makelaar begon", "de makelaar stopte",
		"herstart: termijnen verschoven", "klok goedgekeurd" };

	add(t, "%s", (size_t)k->why < sizeof(why) / sizeof(why[0])
	    ? why[k->why] : why[0]);
}

static void
say_entry(struct telling *t, const Keten__V1__CatalogueFacts *c)
{
	const Keten__V1__CatalogueEntry *e = c->entry;

	if (e == NULL)
		return;
	add(t, "sociale kaart: %s %s %s%s", c->partner,
	    strcmp(e->status, "withdrawn") == 0 ? "biedt niet meer" : "biedt",
	    e->service,
	    strcmp(e->status, "closed") == 0 ? ", nu gesloten" : "");
}

static void
say_erase(struct telling *t, const Keten__V1__EraseFacts *e)
{
	uint64_t n = 0;

	for (size_t i = 0; i < e->n_ranges; i++)
		n += e->ranges[i]->count;
	add(t, "wissen van %s van %" PRIu64 " %s, regel %s (%" PRIu32
	    ")", e->level == 1 ? "de inhoud" : "alles", n,
	    noun_for(n, "record", "records"), e->rule,
	    e->number);
}

/* The facts that are not about the life of a referral, one sentence each. */
static void
say_else(struct telling *t)
{
	const Keten__V1__Facts *f = t->facts;

	if (f->refused != NULL)
		add(t, "geweigerd: %s%s%s", t->refused,
		    f->refused->rule[0] == '\0' ? "" : ", ",
		    f->refused->rule);
	else if (f->rewrap != NULL)
		add(t, "sleutelkopie voor %s", f->rewrap->to);
	else if (f->unreadable != NULL)
		add(t, "kan deel %" PRIu32 " van record %" PRIu64
		    " niet openen", f->unreadable->part, f->unreadable->index);
	else if (f->key != NULL)
		say_key(t, f->key);
	else if (f->policy != NULL)
		add(t, "beleid %" PRIu64, f->policy->index);
	else if (f->ack != NULL)
		add(t, "ontvangen door %s (%s) tot en met bericht %" PRIu64,
		    f->ack->partner, f->ack->mailbox, f->ack->n);
	else if (f->tick != NULL)
		say_tick(t, f->tick);
	else if (f->catalogue != NULL)
		say_entry(t, f->catalogue);
	else if (f->missing != NULL)
		add(t, "sociale kaart: %s zocht %s in %s en vond niets",
		    f->missing->partner, f->missing->code, f->missing->area);
	else if (f->access != NULL && f->access->report != NULL &&
	    f->access->report->pages > 0)
		add(t, "cijfers over %s gepubliceerd, blad %" PRIu32
		    " van %" PRIu32, f->access->report->period,
		    f->access->report->page + 1, f->access->report->pages);
	else if (f->access != NULL)
		telling_access(f->access, t->what);
	else if (f->erase != NULL)
		say_erase(t, f->erase);
	else if (f->retain != NULL)
		add(t, "%s: %s", f->retain->lifted ? "mag weer gewist worden"
						    : "bewaren",
		    f->retain->reason);
	else if (f->erased != NULL)
		add(t, "wissing van record %" PRIu64 " uitgevoerd",
		    f->erased->index);
}

/* The event's name: of a command or timer, else the kind of record. */
static const char *
event_of(const struct telling *t)
{
	if (t->facts->refused == NULL && t->change != NULL &&
	    t->change->n_steps > 0)
		return (words_event((enum event)t->change->steps[0]->event));
	if (t->st != NULL &&
	    t->st->body_case == KETEN__V1__STATEMENT__BODY_COMMAND)
		return (words_event((enum event)t->st->command->event));
	if (t->facts->unreadable != NULL)
		return ("CONTENT_UNREADABLE");
	if (t->facts->catalogue != NULL)
		return ("CATALOGUE");
	if (t->facts->missing != NULL)
		return ("MISSING");
	if (t->facts->retain != NULL)
		return (t->facts->retain->lifted ? "UNRETAIN" : "RETAIN");
	if (t->facts->erased != NULL)
		return ("ERASED");
	return (t->kind == LEAF_DELIVERED ? "ACK" : leaf_kind_name(t->kind));
}

/* What was tried by a command that was refused. */
static void
say_tried(struct telling *t)
{
	if (t->facts->refused == NULL || t->st == NULL ||
	    t->st->body_case != KETEN__V1__STATEMENT__BODY_COMMAND)
		return;
	add(t, "%s ", words_event_nl((enum event)t->st->command->event));
}

/* --- who said it ----------------------------------------------------------------- */

/* What was signed cannot be read: then only the facts speak. */
static MUST_CHECK enum err
read_signed(const struct record *rec, struct arena *a, struct telling *t)
{
	Keten__V1__Statement *st;
	Keten__V1__Ack *ack;
	Keten__V1__KeyStatement *ks;
	enum err err = envelope_parse(a, rec->envelope, &t->env, NULL);

	if (err != ERR_OK)
		return (err == ERR_NOMEM ? err : ERR_OK);
	t->has_envelope = true;
	if (t->env.kind == ENVELOPE_POLICY)
		return (ERR_OK);
	if (t->env.kind == ENVELOPE_ACK) {
		err = statement_parse_ack(a, t->env.body, &ack, NULL);
		t->ack = err == ERR_OK ? ack : NULL;
	} else if (t->env.kind == ENVELOPE_KEY) {
		err = statement_parse_key(a, t->env.body, &ks, NULL);
		t->ks = err == ERR_OK ? ks : NULL;
	} else {
		err = statement_parse(a, t->env.kind, t->env.body, &st, NULL);
		t->st = err == ERR_OK ? st : NULL;
	}
	return (err == ERR_NOMEM ? err : ERR_OK);
}

static void
name_sender(struct telling *t)
{
	if (t->st != NULL) {
		t->partner = t->st->partner;
		t->device = t->st->device;
		t->actor = t->st->actor;
		t->made_ms = t->st->made_ms;
		if (t->st->body_case == KETEN__V1__STATEMENT__BODY_COMMAND)
			t->reason = t->st->command->reason[0] != '\0'
			    ? t->st->command->reason
			    : t->st->command->outcome;
	} else if (t->ack != NULL) {
		t->partner = t->ack->partner;
		t->device = t->ack->device;
		t->made_ms = t->ack->made_ms;
	} else if (t->ks != NULL) {
		t->partner = t->ks->partner;
		t->made_ms = t->ks->made_ms;
	} else if (t->facts->access != NULL &&
	    strcmp(t->facts->access->who, "ketenctl") != 0) {
		/* A report went to a partner. */
		t->partner = t->facts->access->who;
	}
}

/* The referral that was changed, or was meant. */
static void
name_referral(const struct record *rec, struct telling *t)
{
	const Keten__V1__Facts *f = t->facts;

	if (f->change != NULL &&
	    pb_refid(f->change->referral, &t->referral) == ERR_OK) {
		t->change = f->change;
		return;
	}
	if (t->st != NULL && t->st->referral.len == 16 &&
	    pb_refid(t->st->referral, &t->referral) == ERR_OK)
		return;
	if (rec->has_owner)
		t->referral = rec->owner;
}

enum err
telling_of(const struct record *rec, struct arena *a, struct telling *t)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *rf;
	enum err err = record_facts(rec, a, &f, &rf);

	memset(t, 0, sizeof(*t));
	if (err != ERR_OK)
		return (err);
	t->index = rec->index;
	t->time_ms = rec->leaf.time_ms;
	t->kind = rec->leaf.kind;
	memcpy(t->leaf_hash, rec->leaf_hash, 32);
	t->facts = f;
	t->route = rf;
	t->partner = t->device = t->actor = t->reason = t->refused = "";
	if (rec->envelope.len > 0)
		err = read_signed(rec, a, t);
	if (err != ERR_OK)
		return (err);
	name_sender(t);
	name_referral(rec, t);
	if (f->refused != NULL)
		t->refused = err_name((enum err)f->refused->code);
	t->event = event_of(t);
	say_tried(t);
	if (t->change != NULL && f->refused == NULL)
		say_steps(t, t->change);
	else
		say_else(t);
	return (ERR_OK);
}

const Keten__V1__Change *
telling_change(const struct telling *t, const struct refid *id)
{
	struct refid is;

	if (t->change != NULL && refid_eq(&t->referral, id))
		return (t->change);
	for (size_t i = 0; i < t->facts->n_children; i++)
		if (pb_refid(t->facts->children[i]->referral, &is) == ERR_OK &&
		    refid_eq(&is, id))
			return (t->facts->children[i]);
	return (NULL);
}
