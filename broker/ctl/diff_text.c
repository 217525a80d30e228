/*
 * diff_text -- a value of a policy as text, by the document's own description.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ctl/diff_in.h"

static const struct {
	const char *field;
	const char *word;
} words[] = {
	{ "name", "naam" }, { "kind", "soort" }, { "roles", "rollen" },
	{ "identity_key", "identiteitssleutel" },
	{ "former_identity_keys", "vroegere sleutels" },
	{ "mailboxes", "brievenbussen" }, { "phone", "telefoon" },
	{ "hours", "openingstijden" }, { "areas", "gebieden" },
	{ "ended_ms", "doet mee tot" }, { "successor", "opvolger" },
	{ "successors", "opvolgers" }, { "gone", "weg" },
	{ "members", "leden" }, { "mode", "volgorde" },
	{ "groups", "groepen" }, { "night_phone", "nachtnummer" },
	{ "night_hours", "nachttijden" }, { "contact", "contact" },
	{ "from", "van" }, { "to", "naar" }, { "codes", "codes" },
	{ "bases", "grondslagen" }, { "controller", "verantwoordelijke" },
	{ "content", "inhoud" }, { "discussed", "besproken" },
	{ "valid_from_ms", "geldig vanaf" },
	{ "valid_until_ms", "geldig tot" }, { "document", "stuk" },
	{ "urgencies", "urgenties" }, { "rungs", "sporten" },
	{ "regisseur_direct", "meteen naar de regisseur" },
	{ "disclosure_early", "persoonsdeel vooraf" },
	{ "custodian", "bewaarder" },
	{ "custodian_partner", "bewaarder" }, { "inform", "ter kennisgeving" },
	{ "terms", "termijnen" }, { "label", "omschrijving" },
	{ "days", "dagen" }, { "emergent", "spoed" }, { "high", "hoog" },
	{ "normal", "normaal" }, { "low", "laag" },
	{ "function_partner", "functie bij" }, { "function", "functie" },
	{ "function_phone", "telefoon van de functie" },
};

const char *
diff_word(const char *field)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].field, field) == 0)
			return (words[i].word);
	return (field);
}

/* --- a value as text ----------------------------------------------------- */

static void put_message(FILE *f, const ProtobufCMessage *m);

static bool
ends_with(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return (n >= m && strcmp(text + n - m, tail) == 0);
}

static void
put_enum(FILE *f, const ProtobufCFieldDescriptor *d, int v)
{
	const ProtobufCEnumValue *e =
	    protobuf_c_enum_descriptor_get_value(d->descriptor, v);

	fputs(e == NULL ? "?" : e->name, f);
}

static void
put_bytes(FILE *f, const ProtobufCBinaryData *b)
{
	char hex[2 * 8 + 1];

	hex_encode(b->data, b->len < 8 ? b->len : 8, hex);
	fputs(b->len == 0 ? "geen" : hex, f);
}

/* The value of field ${d} that lies at ${at}; of a list, one member. */
static void
put_value(FILE *f, const ProtobufCFieldDescriptor *d, const void *at)
{
	char text[CAL_TEXT];
	int64_t ms;

	switch (d->type) {
	case PROTOBUF_C_TYPE_STRING:
		fputs(*(char *const *)at, f);
		return;
	case PROTOBUF_C_TYPE_MESSAGE:
		put_message(f, *(const ProtobufCMessage *const *)at);
		return;
	case PROTOBUF_C_TYPE_BYTES:
		put_bytes(f, at);
		return;
	case PROTOBUF_C_TYPE_ENUM:
		put_enum(f, d, *(const int *)at);
		return;
	case PROTOBUF_C_TYPE_BOOL:
		fputs(*(const protobuf_c_boolean *)at ? "ja" : "nee", f);
		return;
	case PROTOBUF_C_TYPE_INT64:
		ms = *(const int64_t *)at;
		fputs(ends_with(d->name, "_ms") && ms != 0 ?
		    cal_text(ms, text) : ms == 0 ? "geen einde" : "", f);
		return;
	case PROTOBUF_C_TYPE_UINT64:
		fprintf(f, "%" PRIu64, *(const uint64_t *)at);
		return;
	case PROTOBUF_C_TYPE_UINT32:
		fprintf(f, "%" PRIu32, *(const uint32_t *)at);
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
		break; /* a policy has none of these */
	}
}

static size_t
size_of(const ProtobufCFieldDescriptor *d)
{
	switch (d->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return (sizeof(void *));
	case PROTOBUF_C_TYPE_BYTES:
		return (sizeof(ProtobufCBinaryData));
	case PROTOBUF_C_TYPE_ENUM:
		return (sizeof(int));
	case PROTOBUF_C_TYPE_BOOL:
		return (sizeof(protobuf_c_boolean));
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return (8);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		break;
	}
	return (4);
}

/* Is the field there, in ${m}?  (A member of a oneof, a message, a list.) */
static bool
is_there(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
{
	const char *at = (const char *)m;

	if (d->label == PROTOBUF_C_LABEL_REPEATED)
		return (*(const size_t *)(const void *)(at +
		    d->quantifier_offset) > 0);
	if ((d->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
		return (*(const uint32_t *)(const void *)(at +
		    d->quantifier_offset) == d->id);
	if (d->type == PROTOBUF_C_TYPE_MESSAGE)
		return (*(void *const *)(const void *)(at + d->offset) !=
		    NULL);
	return (true);
}

static void
put_field(FILE *f, const ProtobufCFieldDescriptor *d,
    const ProtobufCMessage *m)
{
	const char *at = (const char *)m + d->offset;
	size_t n;

	if (!is_there(d, m)) {
		fputs("niets", f);
		return;
	}
	if (d->label != PROTOBUF_C_LABEL_REPEATED) {
		put_value(f, d, at);
		return;
	}
	n = *(const size_t *)(const void *)((const char *)m +
	    d->quantifier_offset);
	at = *(const char *const *)(const void *)at;
	for (size_t i = 0; i < n; i++) {
		fputs(i > 0 ? ", " : "", f);
		put_value(f, d, at + i * size_of(d));
	}
}

/* Does the field say nothing: not there, zero, empty? */
static bool
is_silent(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
{
	static const char zeros[16];
	const char *at = (const char *)m + d->offset;

	if (!is_there(d, m))
		return (true);
	if (d->label == PROTOBUF_C_LABEL_REPEATED ||
	    d->type == PROTOBUF_C_TYPE_MESSAGE)
		return (false);
	if (d->type == PROTOBUF_C_TYPE_STRING)
		return ((*(char *const *)(const void *)at)[0] == '\0');
	if (d->type == PROTOBUF_C_TYPE_BYTES)
		return (((const ProtobufCBinaryData *)(const void *)at)->len ==
		    0);
	return (memcmp(at, zeros, size_of(d)) == 0);
}

/* A message inside another: one value bare, more with their names. */
static void
put_message(FILE *f, const ProtobufCMessage *m)
{
	struct hours h;
	size_t n = 0, at = 0;
	char text[256];

	if (m->descriptor == &keten__v1__policy_hours__descriptor) {
		policy_hours((const Keten__V1__PolicyHours *)m, &h);
		fputs(hours_text(&h, text, sizeof(text)), f);
		return;
	}
	for (unsigned i = 0; i < m->descriptor->n_fields; i++)
		n += !is_silent(&m->descriptor->fields[i], m);
	fputs(n > 1 ? "[" : "", f);
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *d = &m->descriptor->fields[i];

		if (is_silent(d, m))
			continue;
		fputs(at++ > 0 ? "; " : "", f);
		if (n > 1)
			fprintf(f, "%s ", diff_word(d->name));
		put_field(f, d, m);
	}
	fputs(n > 1 ? "]" : "", f);
}

/* The field as text, which the caller frees. */
char *
diff_text(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort(); /* a tool that runs once */
	put_field(f, d, m);
	if (fclose(f) != 0 || text == NULL)
		abort(); /* likewise */
	return (text);
}
