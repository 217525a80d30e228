#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/check.h"
#include "map/fhir/fhir.h"
#include "map/fhir/parts.h"

#define NSTATUS 12

/* Put a new value in; what is missing is simply not there. */
static bool
put(json_t *to, const char *name, json_t *value)
{
	return (value == NULL || json_object_set_new(to, name, value) == 0);
}

static json_t *
text(const char *p)
{
	return (p == NULL || p[0] == '\0' ? NULL : json_string(p));
}

/* A CodeableConcept of one of our lists. */
static json_t *
concept(const char *system, const char *code, const char *label)
{
	if (code[0] == '\0')
		return (NULL);
	return (json_pack("{s:[{s:s,s:s,s:s*}],s:s}", "coding", "system",
	    system, "code", code, "display",
	    label == NULL || label[0] == '\0' ? NULL : label, "text",
	    label == NULL || label[0] == '\0' ? code : label));
}

static json_t *
organisation(const char *partner)
{
	if (partner[0] == '\0')
		return (NULL);
	return (json_pack("{s:s,s:{s:s,s:s},s:s}", "type", "Organization",
	    "identifier", "system", "urn:keten:partner", "value", partner,
	    "display", partner));
}

static const char *
priority(enum keten_urgency urgency)
{
	switch (urgency) {
	case KETEN_HIGH:
		return ("urgent");
	case KETEN_EMERGENT:
		return ("stat");
	case KETEN_LOW:
	case KETEN_NORMAL:
		break;
	}
	return ("routine");
}

/* What the SDK says, if R4 knows it. */
static const char *
status_of(const struct keten_referral *r)
{
	return (fhir_status("Task", r->fhir_status) != NULL ?
	    r->fhir_status : "requested");
}

static json_t *
instant(int64_t ms)
{
	char buf[MAP_TIME];

	return (text(map_time(ms, buf)));
}

/* Our own name for it stands beside whatever the sender called it. */
static bool
put_identifiers(json_t *t, const struct map_news *m)
{
	json_t *all = json_deep_copy(json_object_get(m->context,
	    "identifier"));
	char urn[64];

	(void)snprintf(urn, sizeof(urn), "urn:uuid:%s", m->r->id);
	if (all == NULL)
		all = json_array();
	if (all == NULL || json_array_append_new(all, json_pack("{s:s,s:s}",
	    "system", "urn:ietf:rfc:3986", "value", urn)) != 0) {
		json_decref(all);
		return (false);
	}
	return (put(t, "identifier", all));
}

/* The id the sender gave, else the referral; a new epoch is a new Task. */
static bool
put_id(json_t *t, const struct map_news *m)
{
	const char *theirs = fhir_text(m->context, "id");
	char id[64], before[96];

	if (theirs != NULL)
		return (put(t, "id", json_string(theirs)));
	(void)snprintf(id, sizeof(id), "%s", m->r->id);
	if (m->r->epoch > 1)
		(void)snprintf(id, sizeof(id), "%s-e%u", m->r->id,
		    m->r->epoch);
	if (m->r->epoch > 2)
		(void)snprintf(before, sizeof(before), "Task/%s-e%u",
		    m->r->id, m->r->epoch - 1);
	else
		(void)snprintf(before, sizeof(before), "Task/%s", m->r->id);
	if (m->r->epoch > 1 && json_object_get(t, "basedOn") == NULL &&
	    !put(t, "basedOn", json_pack("[{s:s}]", "reference", before)))
		return (false);
	return (put(t, "id", json_string(id)));
}

/* What came in goes back as it was. */
static bool
put_received(json_t *t, const json_t *context)
{
	static const char *const names[] = {"groupIdentifier", "basedOn",
	    "partOf", "focus", "for", "requester", "code"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *value = json_object_get(context, names[i]);

		if (value != NULL &&
		    !put(t, names[i], json_deep_copy(value)))
			return (false);
	}
	return (true);
}

/* Who gets it from us has no request of its own: it is contained. */
static json_t *
request(const struct map_news *m)
{
	const struct keten_referral *r = m->r;
	const char *status = status_of(r);
	json_t *sr;

	sr = json_pack("{s:s,s:s,s:s,s:s,s:s,s:o*,s:{s:s},s:o*}",
	    "resourceType", "ServiceRequest", "id", "aanvraag", "status",
	    strcmp(status, "completed") == 0 ? "completed" :
	    strcmp(status, "entered-in-error") == 0 ? "entered-in-error" :
	    strcmp(status, "cancelled") == 0 ? "revoked" : "active",
	    "intent", "order", "priority", priority(r->urgency), "code",
	    concept("urn:keten:code", r->code, m->code_label), "subject",
	    "display", "staat in het persoonsdeel", "requester",
	    organisation(r->originator));
	if (sr == NULL)
		return (NULL);
	if ((r->units > 0 && !put(sr, "quantityQuantity",
	    json_pack("{s:i}", "value", (int)r->units))) ||
	    (r->end_ms > 0 && !put(sr, "occurrencePeriod",
	    json_pack("{s:o*}", "end", instant(r->end_ms))))) {
		json_decref(sr);
		return (NULL);
	}
	return (sr);
}

static bool
put_focus(json_t *t, const struct map_news *m)
{
	json_t *sr, *list;

	if (m->context != NULL)
		return (true);
	sr = request(m);
	list = json_pack("[o*]", sr);
	return (list != NULL && put(t, "contained", list) &&
	    put(t, "focus", json_pack("{s:s,s:s}", "reference", "#aanvraag",
	    "type", "ServiceRequest")));
}

/* One line of input or output: {type: {text}, value...}. */
static bool
line(json_t *list, const char *what, const char *kind, json_t *value)
{
	json_t *row;

	if (value == NULL)
		return (true);
	row = json_pack("{s:{s:s},s:o}", "type", "text", what, kind, value);
	return (row != NULL && json_array_append_new(list, row) == 0);
}

static bool
put_list(json_t *t, const char *name, json_t *list, bool whole)
{
	if (!whole || json_array_size(list) == 0) {
		json_decref(list);
		return (whole);
	}
	return (put(t, name, list));
}

struct inputs {
	json_t *list;
	bool ok;
};

static void
may_step(void *cookie, enum keten_step step)
{
	struct inputs *in = cookie;

	in->ok = in->ok && line(in->list, "mogelijke stap", "valueCode",
	    json_string(keten_step_name(step)));
}

static bool
put_input(json_t *t, const struct map_news *m)
{
	struct inputs in = {json_array(), true};

	if (in.list == NULL)
		return (false);
	in.ok = line(in.list, "gebied", "valueString", text(m->r->area)) &&
	    line(in.list, "grondslag", "valueString", text(m->r->basis)) &&
	    line(in.list, "betaler", "valueString", text(m->r->payer)) &&
	    line(in.list, "frequentie", "valueString", text(m->r->frequency));
	map_may(m->r, may_step, &in);
	return (put_list(t, "input", in.list, in.ok));
}

static bool
put_output(json_t *t, const struct map_news *m)
{
	const struct keten_referral *r = m->r;
	json_t *list = json_array();
	bool ok;

	if (list == NULL)
		return (false);
	ok = line(list, "uitkomst", "valueCodeableConcept",
	    concept("urn:keten:outcome", r->outcome, m->outcome_label)) &&
	    line(list, "bericht", "valueString", text(m->text));
	if (ok && r->units_done > 0)
		ok = line(list, "gedaan", "valueInteger",
		    json_integer((json_int_t)r->units_done));
	if (ok && r->newest_index > 0) {
		char index[24];

		(void)snprintf(index, sizeof(index), "%llu",
		    (unsigned long long)r->newest_index);
		ok = line(list, "nummer in het logboek", "valueString",
		    json_string(index));
	}
	return (put_list(t, "output", list, ok));
}

/* Keten's own sentences carry an author, so that nobody sends them back. */
static bool
note(json_t *list, const char *sentence, int64_t ms)
{
	if (sentence == NULL || sentence[0] == '\0')
		return (true);
	return (json_array_append_new(list, json_pack("{s:s,s:o*,s:s}",
	    "authorString", "Keten", "time", instant(ms), "text",
	    sentence)) == 0);
}

static bool
put_notes(json_t *t, const struct map_news *m)
{
	json_t *list = json_array();
	bool ok;

	if (list == NULL)
		return (false);
	ok = note(list, m->news->text, m->news->time_ms) &&
	    note(list, m->r->overdue ? "Te laat: de termijn is verstreken." :
	    NULL, 0) &&
	    note(list, strcmp(m->r->code, "SIG-303") == 0 ? MAP_VEILIG_THUIS :
	    NULL, 0);
	return (put_list(t, "note", list, ok));
}

static json_t *
business_status(const struct map_use *use, const struct keten_referral *r)
{
	const char *theirs = map_use_state(use, r->state);
	json_t *all;

	if (r->state[0] == '\0')
		return (NULL);
	all = json_pack("[{s:s,s:s,s:s}]", "system", "urn:keten:state",
	    "code", r->state, "display",
	    r->state_nl[0] != '\0' ? r->state_nl : r->state);
	if (all != NULL && r->overdue)
		(void)json_array_append_new(all, json_pack("{s:s,s:s,s:s}",
		    "system", "urn:keten:flag", "code", "overdue", "display",
		    "te laat"));
	return (json_pack("{s:o,s:s}", "coding", all, "text",
	    r->overdue ? "te laat" : theirs != NULL ? theirs :
	    r->state_nl[0] != '\0' ? r->state_nl : r->state));
}

static bool
put_status(json_t *t, const struct map_use *use, const struct map_news *m)
{
	const struct keten_referral *r = m->r;
	int64_t until = r->offer_until_ms > 0 ? r->offer_until_ms :
	    r->next_ms;

	return (put(t, "status", json_string(status_of(r))) &&
	    put(t, "statusReason", concept("urn:keten:reason", r->reason,
	    m->reason_label)) &&
	    put(t, "businessStatus", business_status(use, r)) &&
	    put(t, "intent", json_string("order")) &&
	    put(t, "priority", json_string(priority(r->urgency))) &&
	    put(t, "authoredOn", instant(r->submitted_ms)) &&
	    put(t, "lastModified", instant(m->news->time_ms)) &&
	    (until <= 0 || put(t, "restriction", json_pack("{s:{s:o*}}",
	    "period", "end", instant(until)))));
}

static bool
put_who(json_t *t, const struct map_news *m)
{
	const struct keten_referral *r = m->r;
	const char *owner = r->role == KETEN_CANDIDATE && m->partner != NULL ?
	    m->partner : r->holder;

	if (!put(t, "owner", organisation(owner)))
		return (false);
	if (json_object_get(t, "requester") == NULL &&
	    !put(t, "requester", organisation(r->originator)))
		return (false);
	if (json_object_get(t, "code") == NULL &&
	    !put(t, "code", concept("urn:keten:code", r->code,
	    m->code_label)))
		return (false);
	if (r->parent[0] != '\0' && json_object_get(t, "partOf") == NULL) {
		char parent[64];

		(void)snprintf(parent, sizeof(parent), "Task/%s", r->parent);
		return (put(t, "partOf", json_pack("[{s:s}]", "reference",
		    parent)));
	}
	return (put(t, "description", text(m->note)));
}

enum err
fhir_task(const struct map_use *use, const struct map_news *m, json_t **out)
{
	json_t *t = json_pack("{s:s}", "resourceType", "Task");

	if (t == NULL)
		return (ERR_NOMEM);
	if (!put_received(t, m->context) || !put_id(t, m) ||
	    !put_identifiers(t, m) || !put_status(t, use, m) ||
	    !put_focus(t, m) || !put_who(t, m) || !put_notes(t, m) ||
	    !put_input(t, m) || !put_output(t, m)) {
		json_decref(t);
		return (ERR_NOMEM);
	}
	*out = t;
	return (ERR_OK);
}
