/*
 * diff -- what another policy would change, in words: in the document itself,
 * and, asked from the running broker, in what is open.
 *
 * The documents are compared by their own description (protobuf), so that a
 * field that is added some day is compared too; one without a word here shows
 * by its own name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "core/decide.h"
#include "ctl/ctl.h"
#include "policy/policy.h"

/* Rows of one kind that are printed as text; --json has all. */
#define SHOWN 20
#define ARENA_LEN ((size_t)8 << 20)

/* What people call a list, and by which field its rows are told apart. */
static const struct list {
	const char *field;
	const char *key;
	const char *word;
} lists[] = {
	{ "partners", "id", "partner" },
	{ "networks", "id", "netwerk" },
	{ "regisseurs", "partner", "regisseur" },
	{ "codes", "code", "code" },
	{ "groups", "id", "groep" },
	{ "areas", "code", "gebied" },
	{ "covenants", "id", "convenant" },
	{ "routes", "id", "route" },
	{ "terms", "term", "termijn" },
	{ "holidays", "date", "feestdag" },
	{ "declines", "code", "afwijsreden" },
	{ "outcomes", "code", "uitkomst" },
	{ "bases", "code", "grondslag" },
	{ "reasons", "code", "reden" },
	{ "payers", "code", "betaler" },
	{ "outsides", "code", "partij buiten" },
	{ "retention", "rule", "bewaarregel" },
	{ "witnesses", "name", "getuige" },
	{ "alarms", "phone", "alarmnummer" },
};

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

/* A comparison in progress. */
struct diff {
	const struct ctl *c;
	size_t n;
};

static const char *
word_of(const char *field)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].field, field) == 0)
			return (words[i].word);
	return (field);
}

/* --- a value as text ------------------------------------------------------------ */

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
		fputs(cal_hours_text(&h, text, sizeof(text)), f);
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
			fprintf(f, "%s ", word_of(d->name));
		put_field(f, d, m);
	}
	fputs(n > 1 ? "]" : "", f);
}

/* The field as text, which the caller frees. */
static char *
text_of(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
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

/* --- a difference ----------------------------------------------------------------- */

static void
say_json(json_t *j)
{
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		puts(text);
	free(text);
	json_decref(j);
}

static void
say_row(struct diff *f, char sign, const char *word, const char *key)
{
	f->n++;
	if (f->c->json)
		say_json(json_pack("{s:s, s:s, s:s}", "change", sign == '+' ?
		    "added" : "removed", "what", word, "id", key));
	else
		printf("%c %s %s\n", sign, word, key);
}

static void
say_field(struct diff *f, const char *word, const char *key,
    const ProtobufCFieldDescriptor *d, const char *was, const char *is)
{
	f->n++;
	if (f->c->json)
		say_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "change",
		    "changed", "what", word, "id", key, "field", d->name,
		    "old", was, "new", is));
	else
		printf("~ %s%s%s: %s was %s, wordt %s\n", word,
		    key[0] != '\0' ? " " : "", key, word_of(d->name), was, is);
}

/* Compare two rows field by field. */
static void
compare(struct diff *f, const char *word, const char *key,
    const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	for (unsigned i = 0; i < a->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *d = &a->descriptor->fields[i];
		char *was = text_of(d, a), *is = text_of(d, b);

		if (strcmp(was, is) != 0)
			say_field(f, word, key, d, was, is);
		free(was);
		free(is);
	}
}

/* --- the lists -------------------------------------------------------------------- */

/* A list of a document, and how its rows are called. */
struct rows {
	const ProtobufCMessage *const *row;
	size_t n;
	const ProtobufCFieldDescriptor *key;
};

static void
rows_of(const Keten__V1__Policy *p, const struct list *l, struct rows *r)
{
	const ProtobufCFieldDescriptor *d =
	    protobuf_c_message_descriptor_get_field_by_name(
	    &keten__v1__policy__descriptor, l->field);
	const char *at = (const char *)p;

	r->row = *(const ProtobufCMessage *const *const *)(const void *)(at +
	    d->offset);
	r->n = *(const size_t *)(const void *)(at + d->quantifier_offset);
	r->key = protobuf_c_message_descriptor_get_field_by_name(
	    d->descriptor, l->key);
}

/* The ${i}th row's key, and which of those with that key it is. */
static char *
key_of(const struct rows *r, size_t i, size_t *which)
{
	char *key = text_of(r->key, r->row[i]), *other;

	*which = 0;
	for (size_t k = 0; k < i; k++) {
		other = text_of(r->key, r->row[k]);
		*which += strcmp(other, key) == 0;
		free(other);
	}
	return (key);
}

static const ProtobufCMessage *
find(const struct rows *r, const char *key, size_t which)
{
	const ProtobufCMessage *found = NULL;

	for (size_t i = 0; i < r->n && found == NULL; i++) {
		char *one = text_of(r->key, r->row[i]);

		if (strcmp(one, key) == 0 && which-- == 0)
			found = r->row[i];
		free(one);
	}
	return (found);
}

static void
compare_lists(struct diff *f, const struct list *l,
    const Keten__V1__Policy *a, const Keten__V1__Policy *b)
{
	struct rows was, is;
	size_t which;

	rows_of(a, l, &was);
	rows_of(b, l, &is);
	for (size_t i = 0; i < was.n; i++) {
		char *key = key_of(&was, i, &which);

		if (find(&is, key, which) == NULL)
			say_row(f, '-', l->word, key);
		free(key);
	}
	for (size_t i = 0; i < is.n; i++) {
		char *key = key_of(&is, i, &which);
		const ProtobufCMessage *old = find(&was, key, which);

		if (old == NULL)
			say_row(f, '+', l->word, key);
		else
			compare(f, l->word, key, old, is.row[i]);
		free(key);
	}
}

static bool
is_list(const char *field)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(lists[i].field, field) == 0)
			return (true);
	return (false);
}

/* What stands in the document and in no list. */
static void
compare_heads(struct diff *f, const Keten__V1__Policy *a,
    const Keten__V1__Policy *b)
{
	const ProtobufCMessageDescriptor *m = &keten__v1__policy__descriptor;

	for (unsigned i = 0; i < m->n_fields; i++) {
		const ProtobufCFieldDescriptor *d = &m->fields[i];
		char *was, *is;

		if (is_list(d->name) || strcmp(d->name, "index") == 0)
			continue;
		was = text_of(d, &a->base);
		is = text_of(d, &b->base);
		if (strcmp(was, is) != 0)
			say_field(f, "document", "", d, was, is);
		free(was);
		free(is);
	}
}

/* --- who stops ---------------------------------------------------------------------- */

static void
put_names(const char *word, char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i == 0 ? word : ", ", names[i]);
}

static void
say_succession(struct diff *f, const Keten__V1__Succession *s)
{
	char at[CAL_TEXT];

	f->n++;
	if (f->c->json) {
		say_json(json_pack("{s:s, s:s, s:s, s:I, s:b}", "change",
		    "succession", "partner", s->partner, "successor",
		    s->successor, "from_ms", (json_int_t)s->from_ms, "holder",
		    (int)s->holder));
		return;
	}
	printf("> %s doet %s%s niet meer mee; ", s->partner,
	    s->from_ms == 0 ? "" : "vanaf ",
	    s->from_ms == 0 ? "" : cal_text(s->from_ms, at));
	if (s->successor[0] == '\0')
		printf("niemand volgt hem op");
	else
		printf("%s neemt zijn plaatsen in", s->successor);
	put_names(", voor ", s->codes, s->n_codes);
	put_names(", in ", s->areas, s->n_areas);
	put_names("; ook onder convenant ", s->covenants, s->n_covenants);
	put_names("; in netwerk ", s->networks, s->n_networks);
	put_names("; op route ", s->routes, s->n_routes);
	printf("; %s\n", s->holder ?
	    "en houdt wat hij in behandeling had" :
	    "wat hij in behandeling had neemt de regisseur over");
}

static bool
is_new_end(const struct policy *old, const struct policy *next,
    const char *id)
{
	struct org org = org_of(id);
	const Keten__V1__PolicyPartner *a = policy_partner(old, &org);
	const Keten__V1__PolicyPartner *b = policy_partner(next, &org);

	return (a == NULL || b == NULL ||
	    protobuf_c_message_get_packed_size(&a->base) !=
	    protobuf_c_message_get_packed_size(&b->base) ||
	    a->ended_ms != b->ended_ms || a->gone != b->gone ||
	    strcmp(a->successor, b->successor) != 0);
}

/* The same rows as the POLICY record will have. */
static int
say_successions(struct diff *f, const struct policy *old,
    const struct policy *next)
{
	struct arena *a = arena_new(ARENA_LEN);
	struct decide_in in = { .policy = next, .arena = a };
	struct decision d;
	int status = CTL_FILE;

	if (a != NULL && decide_policy(&in, &d) == ERR_OK) {
		const Keten__V1__PolicyFacts *p = d.facts->policy;

		for (size_t i = 0; i < p->n_successions; i++)
			if (is_new_end(old, next, p->successions[i]->partner))
				say_succession(f, p->successions[i]);
		status = CTL_DONE;
	}
	arena_free(a);
	return (status);
}

/* --- what is open ------------------------------------------------------------------- */

static const struct {
	const char *what;
	const char *line;
} kinds[] = {
	{ "no-route", "open verwijzingen zouden hun route verliezen" },
	{ "succession", "open verwijzingen gaan over op een opvolger" },
	{ "take-over", "open verwijzingen wachten dan op de regisseur" },
	{ "ended", "open aanbiedingen eindigen, zonder opvolger" },
};

static const char *
string_at(const json_t *j, const char *name)
{
	const char *text = json_string_value(json_object_get(j, name));

	return (text == NULL ? "" : text);
}

static void
say_open(const json_t *row)
{
	printf("    %s  %s %s %s, houder %s%s%s%s%s%s%s\n",
	    string_at(row, "referral"), string_at(row, "code"),
	    string_at(row, "area"), string_at(row, "state"),
	    string_at(row, "holder"), string_at(row, "partner")[0] != '\0' ?
	    "; " : "", string_at(row, "partner"),
	    string_at(row, "successor")[0] != '\0' ? " -> " : "",
	    string_at(row, "successor"), string_at(row, "text")[0] != '\0' ?
	    ": " : "", string_at(row, "text"));
}

static void
say_kind(const json_t *rows, const char *what, const char *line)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(rows); i++)
		n += strcmp(string_at(json_array_get(rows, i), "what"),
		    what) == 0;
	if (n == 0)
		return;
	printf("! %zu %s\n", n, line);
	n = 0;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (strcmp(string_at(row, "what"), what) != 0)
			continue;
		if (n++ < SHOWN)
			say_open(row);
	}
	if (n > SHOWN)
		printf("    ... en %zu meer (--json toont alle)\n", n - SHOWN);
}

/* Ask page after page; the rows of all of them in ${rows}. */
static int
ask_all(const struct ctl *c, json_t *rows, size_t *looked)
{
	json_t *next = json_object(), *data;
	int rc = CTL_DONE;

	while (rc == CTL_DONE && json_is_object(next)) {
		(void)json_object_set_new(next, "cmd",
		    json_string("policy impact"));
		data = NULL;
		rc = ctl_ask(c, next, &data);
		next = NULL;
		if (rc != CTL_DONE)
			break;
		(void)json_array_extend(rows, json_object_get(data, "rows"));
		*looked += (size_t)json_integer_value(json_object_get(data,
		    "looked"));
		next = json_incref(json_object_get(data, "next"));
		json_decref(data);
		if (!c->json && isatty(STDERR_FILENO))
			fprintf(stderr, "\r%zu open verwijzingen bekeken%s",
			    *looked, json_is_object(next) ? "" : "\n");
	}
	json_decref(next);
	return (rc);
}

/* What ${p} would mean to what is open at the broker, whose policy lies in
 * ${file}. */
static int
say_impact(struct diff *f, const char *file, const struct policy *p)
{
	struct slice body = policy_body(p);
	char path[1200];
	json_t *rows = json_array();
	size_t looked = 0;
	int rc = CTL_FILE;

	(void)snprintf(path, sizeof(path), "%s.diff", file);
	if (file_write(path, body.p, body.len, 0644) != ERR_OK)
		fprintf(stderr, "ketenctl: cannot write %s\n", path);
	else
		rc = ask_all(f->c, rows, &looked);
	(void)unlink(path); /* it is of no use to anybody else */
	for (size_t i = 0; rc == CTL_DONE && f->c->json &&
	     i < json_array_size(rows); i++)
		say_json(json_incref(json_array_get(rows, i)));
	if (rc == CTL_DONE && !f->c->json) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			say_kind(rows, kinds[i].what, kinds[i].line);
		printf("%zu open verwijzingen bekeken; open aanbiedingen "
		       "houden de termijn waaronder ze zijn gedaan.\n",
		    looked);
	}
	json_decref(rows);
	return (rc);
}

/* --- all of it ------------------------------------------------------------------------ */

static int
compare_policies(const struct ctl *c, const char *file,
    const struct policy *old, const struct policy *next)
{
	struct diff f = { .c = c };
	const char *why = "";
	int status;

	if (!c->json)
		printf("document %" PRIu64 " -> %" PRIu64 "\n",
		    policy_index(old), policy_index(next));
	compare_heads(&f, policy_doc(old), policy_doc(next));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		compare_lists(&f, &lists[i], policy_doc(old),
		    policy_doc(next));
	status = say_successions(&f, old, next);
	if (status == CTL_DONE && file != NULL)
		status = say_impact(&f, file, next);
	if (f.n == 0 && !c->json)
		printf("Er verandert niets.\n");
	if (policy_check_next(old, next, &why) == ERR_OK)
		return (status);
	fprintf(stderr, "ketenctl: zo kan het niet in de plaats komen: %s\n",
	    why);
	return (CTL_REFUSED);
}

/* Where the running broker has its policy; the caller frees it. */
static int
ask_file(const struct ctl *c, char **file)
{
	json_t *data = NULL;
	int rc = ctl_ask(c, json_pack("{s:s}", "cmd", "policy"), &data);

	if (rc == CTL_DONE && (*file = strdup(string_at(data, "file"))) == NULL)
		rc = CTL_FILE;
	json_decref(data);
	return (rc);
}

int
ctl_policy_diff(const struct ctl *c)
{
	struct policy *old = NULL, *next = NULL;
	char *file = NULL;
	int status = CTL_DONE;

	if (c->n_args < 2) {
		fprintf(stderr, "ketenctl: policy diff [OUD] NIEUW; zonder "
		    "OUD tegen het beleid en het open werk van de "
		    "makelaar\n");
		return (CTL_USAGE);
	}
	if (c->n_args == 2)
		status = ask_file(c, &file);
	if (status == CTL_DONE)
		status = ctl_read_policy(file != NULL ? file : c->arg[1],
		    &old);
	if (status == CTL_DONE)
		status = ctl_read_policy(c->arg[c->n_args - 1], &next);
	if (status == CTL_DONE)
		status = compare_policies(c, file, old, next);
	policy_free(old);
	policy_free(next);
	free(file);
	return (status);
}
