/*
 * source -- reading single values of the policy's YAML.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/file.h"
#include "life/day.h"
#include "policy/source_impl.h"

/* A key in hexadecimal and a line end; a vkey with a long name. */
#define KEY_FILE_MAX 512

char *
source_copy(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		abort(); /* a tool that runs once */
	return (copy);
}

/* --- files --------------------------------------------------------------- */

/*
 * The text that ${node} names: itself, or with "file:" before it the contents
 * of a file beside the source.  NULL after a mistake; the caller frees it.
 */
static char *
text_or_file(struct source *s, const struct conf_node *node)
{
	const char *text = conf_scalar(node);
	char path[PATH_MAX];
	uint8_t *data;
	size_t len;
	enum err err;

	if (strncmp(text, "file:", 5) != 0)
		return (source_copy(text));
	err = file_beside(conf_file(s->conf), text + 5, path, sizeof(path));
	if (err == ERR_OK)
		err = file_read(path, KEY_FILE_MAX, &data, &len);
	if (err != ERR_OK) {
		conf_mistake(s->conf, node, "'%s' %s", text + 5,
		    err == ERR_NOT_FOUND ?
			"is er niet; maak de sleutel eerst (keten keygen) en "
			"zet het openbare deel daar" :
			"kan niet worden gelezen");
		return (NULL);
	}
	while (len > 0 && isspace(data[len - 1]))
		data[--len] = '\0';
	return ((char *)data);
}

static void
read_key(struct source *s, const struct conf_node *node,
    ProtobufCBinaryData *to)
{
	char *text = text_or_file(s, node);
	uint8_t key[32];

	if (text == NULL)
		return;
	if (!hex_decode(text, key, sizeof(key))) {
		conf_mistake(s->conf, node, "een sleutel is 64 hexadecimale "
					    "tekens, of file:pad");
	} else {
		to->data = malloc(sizeof(key));
		if (to->data == NULL)
			abort(); /* a tool that runs once */
		memcpy(to->data, key, sizeof(key));
		to->len = sizeof(key);
	}
	free(text);
}

/* --- scalars ------------------------------------------------------------- */

static bool
ends_with(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return (n >= m && strcmp(text + n - m, tail) == 0);
}

static void
read_uint(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, uint64_t max, uint64_t *to)
{
	struct cal_date d;
	int64_t v;

	if (strcmp(f->name, "date") == 0) {
		if (cal_date_read(conf_scalar(node), &d))
			*to = (uint64_t)(d.year * 10000 + d.month * 100 +
			    d.day);
		else
			conf_mistake(s->conf, node,
			    "'%s' is geen datum; schrijf 2026-04-27",
			    conf_scalar(node));
		return;
	}
	if (conf_read_number(conf_scalar(node), &v) && v >= 0 &&
	    (uint64_t)v <= max)
		*to = (uint64_t)v;
	else
		conf_mistake(s->conf, node, "'%s': hier hoort een geheel "
		    "getal, niet '%s'", f->name, conf_scalar(node));
}

/*
 * A day.  What lasts "until" a day lasts that whole day; anything else begins
 * with the day.
 */
static void
read_date(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, int64_t *to)
{
	struct cal_date d;

	if (!cal_date_read(conf_scalar(node), &d)) {
		conf_mistake(s->conf, node,
		    "'%s' is geen datum; schrijf 2026-04-27",
		    conf_scalar(node));
		return;
	}
	if (ends_with(f->name, "until_ms"))
		d = day_to_date(day_from_date(d) + 1);
	*to = cal_midnight(d);
}

/* Write the word of an enum as people do: "one-after-another". */
static void
enum_word(const ProtobufCEnumDescriptor *d, unsigned i, char out[64])
{
	const char *zero = d->values[0].name;
	size_t prefix = strlen(zero) - strlen("UNSPECIFIED");
	const char *name = d->values[i].name;
	size_t n = 0;

	if (strncmp(name, zero, prefix) == 0)
		name += prefix;
	for (; name[n] != '\0' && n < 63; n++)
		out[n] = name[n] == '_' ? '-' :
					  (char)tolower((unsigned char)name[n]);
	out[n] = '\0';
}

static void
read_enum(struct source *s, const struct conf_node *node,
    const ProtobufCEnumDescriptor *d, int *to)
{
	char names[16][64], all[256] = "";
	size_t len = 0;

	for (unsigned i = 1; i < d->n_values && i < 16; i++) {
		enum_word(d, i, names[i]);
		if (strcasecmp(names[i], conf_scalar(node)) == 0) {
			*to = d->values[i].value;
			return;
		}
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
		    len > 0 ? ", " : "", names[i]);
		if (len >= sizeof(all))
			len = sizeof(all) - 1;
	}
	conf_mistake(s->conf, node, "'%s' kan hier niet; kies uit %s",
	    conf_scalar(node), all);
}

static void
read_bool(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, protobuf_c_boolean *to)
{
	bool v = false;

	if (!conf_read_bool(conf_scalar(node), &v))
		conf_mistake(s->conf, node, "'%s': ja of nee, niet '%s'",
		    f->name, conf_scalar(node));
	*to = v;
}

static void
read_text(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, char **to)
{
	char *text;

	if (ends_with(f->name, "vkey"))
		text = text_or_file(s, node);
	else
		text = source_copy(conf_scalar(node));
	*to = text != NULL ? text : source_copy("");
}

void
source_read_scalar(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, void *slot)
{
	uint64_t v = 0;

	switch (f->type) {
	case PROTOBUF_C_TYPE_UINT32:
		read_uint(s, node, f, UINT32_MAX, &v);
		*(uint32_t *)slot = (uint32_t)v;
		return;
	case PROTOBUF_C_TYPE_UINT64:
		read_uint(s, node, f, INT64_MAX, &v);
		*(uint64_t *)slot = v;
		return;
	case PROTOBUF_C_TYPE_INT64:
		read_date(s, node, f, slot);
		return;
	case PROTOBUF_C_TYPE_BOOL:
		read_bool(s, node, f, slot);
		return;
	case PROTOBUF_C_TYPE_ENUM:
		read_enum(s, node, f->descriptor, slot);
		return;
	case PROTOBUF_C_TYPE_STRING:
		read_text(s, node, f, slot);
		return;
	case PROTOBUF_C_TYPE_BYTES:
		read_key(s, node, slot);
		return;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	abort(); /* policy.proto has none of these */
}

/* --- messages with a form of their own ----------------------------------- */

static void
add_open(Keten__V1__PolicyHours *to, const struct hours_open *o)
{
	Keten__V1__PolicyOpen *open = malloc(sizeof(*open));

	if (open == NULL)
		abort(); /* a tool that runs once */
	keten__v1__policy_open__init(open);
	open->day = o->day + 1u;
	open->from_min = o->from_min;
	open->to_min = o->to_min;
	to->open[to->n_open++] = open;
}

/* "ma-vr 08:30-17:00", a list of such, "altijd"; "feestdagen" adds those. */
static void
read_hours(struct source *s, const struct conf_node *node,
    Keten__V1__PolicyHours *to)
{
	size_t n = conf_is_list(node) ? conf_size(node) : 1;
	struct hours h;

	memset(&h, 0, sizeof(h));
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *at = conf_is_list(node) ?
		    conf_at(node, i) : node;
		const char *text = conf_scalar(at);

		if (text != NULL && strcmp(text, "feestdagen") == 0)
			h.holidays = true;
		else if (text == NULL || !hours_read(text, &h))
			conf_mistake(s->conf, at, "'%s' zijn geen openings"
			    "tijden, of ze overlappen; schrijf 'ma-vr "
			    "08:30-17:00' of 'altijd'",
			    text != NULL ? text : "");
	}
	to->holidays = h.holidays;
	to->open = calloc(h.n + 1u, sizeof(*to->open));
	if (to->open == NULL)
		abort(); /* a tool that runs once */
	for (size_t i = 0; i < h.n; i++)
		add_open(to, &h.open[i]);
}

/* Does ${text} begin with ${prefix}?  Then what follows it. */
static const char *
after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return (strncmp(text, prefix, n) == 0 ? text + n : NULL);
}

static void
read_party(struct source *s, const struct conf_node *node,
    Keten__V1__PolicyParty *to)
{
	const char *text = conf_scalar(node);
	const char *rest;

	if (text == NULL) {
		conf_mistake(s->conf, node, "hier hoort een partner, "
		    "'kind:soort', 'network:naam' of 'anyone'");
	} else if (strcmp(text, "anyone") == 0) {
		to->who_case = KETEN__V1__POLICY_PARTY__WHO_ANYONE;
		to->anyone = true;
	} else if ((rest = after(text, "kind:")) != NULL) {
		to->who_case = KETEN__V1__POLICY_PARTY__WHO_KIND;
		to->kind = source_copy(rest);
	} else if ((rest = after(text, "network:")) != NULL) {
		to->who_case = KETEN__V1__POLICY_PARTY__WHO_NETWORK;
		to->network = source_copy(rest);
	} else {
		to->who_case = KETEN__V1__POLICY_PARTY__WHO_PARTNER;
		to->partner = source_copy(text);
	}
}

static void
read_candidate(struct source *s, const struct conf_node *node,
    Keten__V1__PolicyCandidate *to)
{
	const char *text = conf_scalar(node);
	const char *rest;

	if (text == NULL) {
		conf_mistake(s->conf, node, "hier hoort een partner, "
		    "'kind:soort' of 'network:naam'");
	} else if ((rest = after(text, "kind:")) != NULL) {
		to->who_case = KETEN__V1__POLICY_CANDIDATE__WHO_KIND;
		to->kind = source_copy(rest);
	} else if ((rest = after(text, "network:")) != NULL) {
		to->who_case = KETEN__V1__POLICY_CANDIDATE__WHO_NETWORK;
		to->network = source_copy(rest);
	} else {
		to->who_case = KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER;
		to->partner = source_copy(text);
	}
}

static void
read_span(struct source *s, const struct conf_node *node,
    Keten__V1__PolicySpan *to)
{
	const char *text = conf_scalar(node);
	struct cal_span span;

	if (text == NULL || !cal_span_read(text, &span)) {
		conf_mistake(s->conf, node, "'%s' is geen termijn; schrijf "
		    "'2 wd' (werkdagen), '4 wh' (werkuren), '30 min', '2 h', "
		    "'14 d' of '4 weken'", text != NULL ? text : "");

		/* Good enough to go on looking for other mistakes. */
		span.unit = CAL_CLOCK;
		span.n = 1;
	}
	to->unit = (Keten__V1__PolicyUnit)span.unit;
	to->n = span.n;
}

/* A rung that is only a list of candidates. */
static void
read_rung(struct source *s, const struct conf_node *node,
    Keten__V1__PolicyRung *to)
{
	size_t n = conf_is_list(node) ? conf_size(node) : 1;

	to->candidates = calloc(n + 1, sizeof(*to->candidates));
	if (to->candidates == NULL)
		abort(); /* a tool that runs once */
	for (size_t i = 0; i < n; i++) {
		Keten__V1__PolicyCandidate *c = malloc(sizeof(*c));

		if (c == NULL)
			abort(); /* a tool that runs once */
		keten__v1__policy_candidate__init(c);
		read_candidate(s, conf_is_list(node) ? conf_at(node, i) : node,
		    c);
		to->candidates[to->n_candidates++] = c;
	}
}

bool
source_read_message(struct source *s, const struct conf_node *node,
    ProtobufCMessage *msg)
{
	const ProtobufCMessageDescriptor *d = msg->descriptor;

	if (d == &keten__v1__policy_hours__descriptor)
		read_hours(s, node, (Keten__V1__PolicyHours *)msg);
	else if (d == &keten__v1__policy_party__descriptor)
		read_party(s, node, (Keten__V1__PolicyParty *)msg);
	else if (d == &keten__v1__policy_candidate__descriptor)
		read_candidate(s, node, (Keten__V1__PolicyCandidate *)msg);
	else if (d == &keten__v1__policy_span__descriptor)
		read_span(s, node, (Keten__V1__PolicySpan *)msg);
	else if (d == &keten__v1__policy_rung__descriptor &&
	    !conf_is_map(node))
		read_rung(s, node, (Keten__V1__PolicyRung *)msg);
	else
		return (false);
	return (true);
}

bool
source_read_special(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, ProtobufCMessage *msg)
{
	Keten__V1__PolicyRoute *r = (Keten__V1__PolicyRoute *)msg;
	const char *text = conf_scalar(node);

	if (msg->descriptor != &keten__v1__policy_route__descriptor ||
	    strcmp(f->name, "custodian") != 0)
		return (false);
	if (text == NULL) {
		conf_mistake(s->conf, node, "custodian is none, regisseur of "
					    "een partner");
	} else if (strcmp(text, "none") == 0) {
		r->custodian =
		    KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_NONE;
	} else if (strcmp(text, "regisseur") == 0) {
		r->custodian =
		    KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_REGISSEUR;
	} else {
		r->custodian =
		    KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_PARTNER;
		r->custodian_partner = source_copy(text);
	}
	return (true);
}
