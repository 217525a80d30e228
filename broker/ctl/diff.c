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

#include "core/decide.h"
#include "ctl/ctl.h"
#include "ctl/diff_in.h"
#include "policy/policy.h"

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

/* A comparison in progress. */
struct diff {
	const struct ctl *c;
	size_t n;
};

/* --- a difference -------------------------------------------------------- */

void
diff_say(json_t *j)
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
		diff_say(json_pack("{s:s, s:s, s:s}", "change", sign == '+' ?
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
		diff_say(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "change",
		    "changed", "what", word, "id", key, "field", d->name,
		    "old", was, "new", is));
	else
		printf("~ %s%s%s: %s was %s, wordt %s\n", word,
		    key[0] != '\0' ? " " : "", key, diff_word(d->name), was,
		    is);
}

/* Compare two rows field by field. */
static void
compare(struct diff *f, const char *word, const char *key,
    const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	for (unsigned i = 0; i < a->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *d = &a->descriptor->fields[i];
		char *was = diff_text(d, a), *is = diff_text(d, b);

		if (strcmp(was, is) != 0)
			say_field(f, word, key, d, was, is);
		free(was);
		free(is);
	}
}

/* --- the lists ----------------------------------------------------------- */

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
	char *key = diff_text(r->key, r->row[i]), *other;

	*which = 0;
	for (size_t k = 0; k < i; k++) {
		other = diff_text(r->key, r->row[k]);
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
		char *one = diff_text(r->key, r->row[i]);

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
		was = diff_text(d, &a->base);
		is = diff_text(d, &b->base);
		if (strcmp(was, is) != 0)
			say_field(f, "document", "", d, was, is);
		free(was);
		free(is);
	}
}

/* --- who stops ----------------------------------------------------------- */

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
		diff_say(json_pack("{s:s, s:s, s:s, s:I, s:b}", "change",
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

/* --- all of it ----------------------------------------------------------- */

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
		status = diff_open(c, file, next);
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

	if (rc == CTL_DONE) {
		*file = strdup(diff_string(data, "file"));
		rc = *file == NULL ? CTL_FILE : CTL_DONE;
	}
	json_decref(data);
	return (rc);
}

int
ctl_policy_diff(const struct ctl *c)
{
	struct policy *old = NULL, *next = NULL;
	char *file = NULL;
	int status = CTL_DONE;

	if (c->n_args == 1)
		status = ask_file(c, &file);
	if (status == CTL_DONE)
		status = ctl_read_policy(file != NULL ? file : c->arg[0],
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
