/*
 * export_fhir -- the log as a Bundle of FHIR R4 AuditEvents, with the fields
 * that NEN 7513 asks for: who, for which organisation, did what, when, to which
 * record, on which basis, and whether it was let through.
 *
 *	who, function		agent[0].who, altId, role
 *	organisation		agent[1].who
 *	action			type, subtype, action
 *	when			recorded (the broker's clock), detail tijd afzender
 *	which record		entity[0].what (the referral), entity[1] (the leaf)
 *	basis			agent[0].purposeOfUse, policy (the covenant)
 *	result			outcome, outcomeDesc
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/export.h"
#include "base/bytes.h"
#include "life/words.h"

#define DCM "http://dicom.nema.org/resources/ontology/DCM"
#define HL7 "http://terminology.hl7.org/CodeSystem/"

/* One event in the making. */
struct happening {
	const char *origin;
	const struct walk *w;
	const struct walk_step *s;
	const struct walk_about *about; /* or NULL */
};

/* --- small pieces ------------------------------------------------------------ */

static void
set(json_t *o, const char *name, json_t *v)
{
	if (v != NULL)
		(void)json_object_set_new(o, name, v);
}

/* Text that is there; empty strings are not allowed in FHIR. */
static void
set_text(json_t *o, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		set(o, name, json_string(text));
}

static json_t *
coding(const char *system, const char *code, const char *display)
{
	json_t *o = json_object();

	set_text(o, "system", system);
	set_text(o, "code", code);
	set_text(o, "display", display);
	return (o);
}

static json_t *
concept(const char *system, const char *code, const char *display)
{
	return (json_pack("{s:[o]}", "coding",
	    coding(system, code, display)));
}

static json_t *
reference(const char *system, const char *value, const char *display)
{
	json_t *o = json_pack("{s:{s:s,s:s}}", "identifier", "system", system,
	    "value", value);

	set_text(o, "display", display);
	return (o);
}

static void
detail(json_t *list, const char *type, const char *value)
{
	if (value != NULL && value[0] != '\0')
		(void)json_array_append_new(list, json_pack("{s:s,s:s}",
		    "type", type, "valueString", value));
}

/* --- what ------------------------------------------------------------------------ */

/* Of each kind of record: what DICOM calls it, and what was done. */
static const struct sort {
	const char *code;
	const char *display;
	const char *action;
} sorts[] = {
	[LEAF_COMMAND] = { "110110", "Patient Record", "U" },
	[LEAF_REFUSED] = { "110110", "Patient Record", "U" },
	[LEAF_CLOCK] = { "110110", "Patient Record", "E" },
	[LEAF_DELIVERED] = { "110107", "Import", "R" },
	[LEAF_REWRAP] = { "110110", "Patient Record", "U" },
	[LEAF_KEY] = { "110137", "User Security Attributes Changed", "U" },
	[LEAF_ERASE] = { "110105", "DICOM Study Deleted", "D" },
	[LEAF_POLICY] = { "110131", "Security Configuration", "U" },
	[LEAF_TICK] = { "110100", "Application Activity", "E" },
	[LEAF_ACCESS] = { "110101", "Audit Log Used", "R" },
	[LEAF_ANCHOR] = { "110100", "Application Activity", "E" },
};

static const struct sort *
sort_of(const struct walk_step *s)
{
	size_t kind = (size_t)s->t.kind;

	if (!s->has_leaf || kind >= sizeof(sorts) / sizeof(sorts[0]) ||
	    sorts[kind].code == NULL)
		kind = LEAF_TICK;
	return (&sorts[kind]);
}

static const char *
action_of(const struct walk_step *s)
{
	if (strcmp(s->t.event, "SUBMIT") == 0)
		return ("C");
	if (strcmp(s->t.event, "REVIEW") == 0)
		return ("R");
	return (sort_of(s)->action);
}

/* 0 success, 4 refused, 8 the record is not what it was. */
static const char *
outcome_of(const struct walk_step *s)
{
	if (s->verdict == VERDICT_HASH || s->verdict == VERDICT_MISSING ||
	    s->verdict == VERDICT_MALFORMED)
		return ("8");
	return (s->t.refused[0] != '\0' ? "4" : "0");
}

/* --- who -------------------------------------------------------------------------- */

static const char *
name_of(const struct happening *e, const char *partner)
{
	const struct policy *p = walk_policy(e->w);
	struct org who = org_of(partner);
	const Keten__V1__PolicyPartner *found =
	    p == NULL ? NULL : policy_partner(p, &who);

	return (found == NULL ? partner : found->name);
}

/* On which basis it was done: of the referral, and the covenant for it. */
static void
add_basis(const struct happening *e, json_t *agent)
{
	const struct policy *p = walk_policy(e->w);
	const Keten__V1__PolicyWord *word;
	struct org who = org_of(e->s->t.partner);
	const char *covenant;
	char uri[80];

	if (e->about == NULL || e->about->basis[0] == '\0')
		return;
	covenant = walk_covenant(e->w, e->about, &who, e->s->t.time_ms);
	if (covenant[0] != '\0') {
		(void)snprintf(uri, sizeof(uri), "urn:keten:convenant:%.50s",
		    covenant);
		set(agent, "policy", json_pack("[s]", uri));
	}
	word = p == NULL ? NULL : policy_word(p, POLICY_BASES,
	    e->about->basis);
	set(agent, "purposeOfUse", json_pack("[o]",
	    concept("urn:keten:grondslag", e->about->basis,
		word == NULL ? NULL : word->label)));
}

/* The device that said it, or the broker itself. */
static json_t *
actor_agent(const struct happening *e)
{
	const struct telling *t = &e->s->t;
	const char *role = walk_role(e->about, t->partner);
	json_t *o = json_object();
	char id[2 * ORG_MAX + 2];

	if (t->partner[0] == '\0') {
		set(o, "type", concept(DCM, "110150", "Application"));
		set(o, "who", reference("urn:keten:logboek", e->origin,
		    "makelaar"));
		set(o, "requestor", json_true());
		return (o);
	}
	(void)snprintf(id, sizeof(id), "%.31s%s%.31s", t->partner,
	    t->device[0] == '\0' ? "" : "/", t->device);
	if (t->actor[0] != '\0')
		set(o, "type", concept(HL7 "extra-security-role-type",
		    "humanuser", "human user"));
	else
		set(o, "type", concept(DCM, "110150", "Application"));
	if (role[0] != '\0')
		set(o, "role", json_pack("[{s:s}]", "text", role));
	set(o, "who", reference("urn:keten:apparaat", id, id));
	set_text(o, "altId", t->actor);
	set(o, "requestor", json_true());
	add_basis(e, o);
	return (o);
}

static json_t *
agents(const struct happening *e)
{
	const char *partner = e->s->t.partner;
	json_t *list = json_pack("[o]", actor_agent(e)), *o;

	if (partner[0] == '\0')
		return (list);
	o = json_object();
	set(o, "type", json_pack("{s:s}", "text", "organisatie"));
	set(o, "who", reference("urn:keten:partner", partner,
	    name_of(e, partner)));
	set(o, "requestor", json_false());
	(void)json_array_append_new(list, o);
	return (list);
}

/* --- to what ------------------------------------------------------------------------ */

static json_t *
referral_entity(const struct happening *e)
{
	char id[REFID_TEXT], urn[9 + REFID_TEXT];
	const Keten__V1__Change *c = e->s->t.change;
	json_t *o = json_object(), *list = json_array();

	(void)snprintf(urn, sizeof(urn), "urn:uuid:%s",
	    refid_text(&e->s->t.referral, id));
	set(o, "what", reference("urn:ietf:rfc:3986", urn, "verwijzing"));
	set(o, "type", coding(HL7 "audit-entity-type", "2",
	    "System Object"));
	set(o, "role", coding(HL7 "object-role", "4", "Domain Resource"));
	if (e->about != NULL) {
		detail(list, "code", e->about->code);
		detail(list, "gebied", e->about->area);
		detail(list, "urgentie", words_urgency(e->about->urgency));
		detail(list, "grondslag", e->about->basis);
	}
	if (c != NULL && c->after != NULL) {
		detail(list, "toestand",
		    words_state((enum state)c->after->state));
		detail(list, "houder", c->after->holder);
	}
	detail(list, "reden", e->s->t.reason);
	if (json_array_size(list) > 0)
		set(o, "detail", list);
	else
		json_decref(list);
	return (o);
}

static json_t *
record_entity(const struct happening *e)
{
	char number[24], hex[65], when[TELLING_ISO];
	json_t *o = json_object(), *list = json_array();

	(void)snprintf(number, sizeof(number), "%" PRIu64, e->s->index);
	set(o, "what", reference("urn:keten:record", number,
	    "record in het logboek"));
	set(o, "type", coding(HL7 "audit-entity-type", "2",
	    "System Object"));
	set(o, "role", coding(HL7 "object-role", "13",
	    "Security Resource"));
	hex_encode(e->s->t.leaf_hash, 32, hex);
	detail(list, "hash van het blad", e->s->has_leaf ? hex : "");
	if (e->s->t.made_ms > 0)
		detail(list, "tijd afzender",
		    telling_iso(e->s->t.made_ms, when));
	detail(list, "soort", e->s->has_leaf
	    ? leaf_kind_name(e->s->t.kind) : "");
	if (json_array_size(list) > 0)
		set(o, "detail", list);
	else
		json_decref(list);
	return (o);
}

/* --- one event ------------------------------------------------------------------------ */

/* The same record has the same id in every export. */
static void
event_id(const struct happening *e, char out[REFID_TEXT])
{
	struct refid id;

	memcpy(id.b, e->s->t.leaf_hash, 16);
	if (!e->s->has_leaf)
		be64_put(id.b + 8, e->s->index);
	id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x80);
	id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
	(void)refid_text(&id, out);
}

static json_t *
event_json(const struct happening *e)
{
	const struct sort *sort = sort_of(e->s);
	char id[REFID_TEXT], when[TELLING_ISO];
	json_t *o = json_pack("{s:s}", "resourceType", "AuditEvent");
	json_t *entities = json_array();

	event_id(e, id);
	set_text(o, "id", id);
	set(o, "type", coding(DCM, sort->code, sort->display));
	set(o, "subtype", json_pack("[o]", coding("urn:keten:handeling",
	    e->s->t.event, words_event_nl(
	    words_event_from(e->s->t.event)))));
	set_text(o, "action", action_of(e->s));
	set_text(o, "recorded", telling_iso(e->s->t.time_ms, when));
	set_text(o, "outcome", outcome_of(e->s));
	set_text(o, "outcomeDesc", e->s->has ? e->s->t.what
					     : verdict_text(e->s->verdict));
	set(o, "agent", agents(e));
	set(o, "source", json_pack("{s:s,s:o,s:[o]}", "site", e->origin,
	    "observer", reference("urn:keten:logboek", e->origin, "Keten"),
	    "type", coding(HL7 "security-source-type", "4",
		"Application Server")));
	if (!refid_is_none(&e->s->t.referral))
		(void)json_array_append_new(entities, referral_entity(e));
	(void)json_array_append_new(entities, record_entity(e));
	set(o, "entity", entities);
	return (o);
}

static void
write_event(struct export *x, const struct happening *e, bool is_first)
{
	json_t *o = event_json(e);
	char *text = json_dumps(o, JSON_COMPACT), id[REFID_TEXT];

	event_id(e, id);
	if (text != NULL)
		(void)fprintf(x->to,
		    "%s{\"fullUrl\":\"urn:uuid:%s\",\"resource\":%s}",
		    is_first ? "\n" : ",\n", id, text);
	free(text);
	json_decref(o);
}

enum err
export_fhir(struct export *x)
{
	struct walk *w = NULL;
	struct walk_step s;
	bool is_first = true;
	enum err err = walk_new(x->txn, x->a->until, &w);

	if (err == ERR_OK)
		(void)fprintf(x->to, "{\"resourceType\":\"Bundle\",\"type\":"
				     "\"collection\",\"entry\":[");
	while (err == ERR_OK && (err = walk_next(w, &s)) == ERR_OK) {
		struct happening e = { store_origin(store_of(x->txn)), w, &s,
			NULL };

		if (s.index < x->a->from)
			continue;
		if (!refid_is_none(&s.t.referral))
			e.about = walk_about(w, &s.t.referral);
		x->worst = verdict_worse(x->worst, s.verdict);
		write_event(x, &e, is_first);
		is_first = false;
	}
	walk_free(w);
	if (err == ERR_NOT_FOUND)
		(void)fprintf(x->to, "\n]}\n");
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}
