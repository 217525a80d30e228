/*
 * PROTOCOL.md against the code: its tables are those the code is made from,
 * its numbers those of the .proto files, and every message and field of those
 * is explained in it.
 *
 *   t_protocol            compare
 *   t_protocol --write    write the tables into PROTOCOL.md anew
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keten/v1/common.pb-c.h"
#include "keten/v1/facts.pb-c.h"
#include "life/lifecycle.h"
#include "trust/leaf.h"

#define DOCUMENT "schemas/PROTOCOL.md"
#define TABLE_MAX ((size_t)64 * 1024)

/* --- the tables ------------------------------------------------------------ */

/* Text that grows; a table that does not fit is a mistake of this test. */
struct pen {
	char *out;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void
put(struct pen *p, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(p->out + p->len, TABLE_MAX - p->len, fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < TABLE_MAX - p->len);
	p->len += (size_t)n;
}

static void
make_lifecycle(struct pen *p)
{
	p->len += lifecycle_markdown(p->out + p->len, TABLE_MAX - p->len);
	assert_true(p->len < TABLE_MAX);
}

static void
make_states(struct pen *p)
{
	put(p, "| State | # | live | label | FHIR Task.status |\n"
	    "|---|---|---|---|---|\n");
#define STATE(name, number, live, label, fhir)                                 \
	put(p, "| %s | %d | %s | %s | %s |\n", #name, number,                  \
	    (live) ? "yes" : "no", label, fhir);
#include "tbl/words.h"
}

static void
make_events(struct pen *p)
{
	put(p, "| Event | # | kind | label |\n|---|---|---|---|\n");
#define EVENT(name, number, kind, label)                                       \
	put(p, "| %s | %d | %s | %s |\n", #name, number, #kind, label);
#include "tbl/words.h"
}

static void
make_offers(struct pen *p)
{
	put(p, "| OfferState | # | open | label | FHIR Task.status |\n"
	    "|---|---|---|---|---|\n");
#define OFFER(name, number, open, label, fhir)                                 \
	put(p, "| %s | %d | %s | %s | %s |\n", #name, number,                  \
	    (open) ? "yes" : "no", label, fhir);
#include "tbl/words.h"
}

static void
make_flags(struct pen *p)
{
	put(p, "| flag | bit | label |\n|---|---|---|\n");
#define FLAG(name, bit, label)                                                 \
	put(p, "| %s | %d | %s |\n", #name, bit, label);
#include "tbl/words.h"
}

static void
make_urgencies(struct pen *p)
{
	put(p, "| Urgency | # | label | FHIR priority |\n|---|---|---|---|\n");
#define URGENCY(name, number, label, fhir)                                     \
	put(p, "| %s | %d | %s | %s |\n", #name, number, label, fhir);
#include "tbl/words.h"
}

static void
make_reasons(struct pen *p)
{
	put(p, "| the broker's reason | # | label |\n|---|---|---|\n");
#define REASON(name, number, label)                                            \
	put(p, "| %s | %d | %s |\n", #name, number, label);
#include "tbl/words.h"
}

static void
make_terms(struct pen *p)
{
	put(p, "| term | # | when it passes | sets OVERDUE | RAISE_URGENCY "
	    "shortens it | length | label |\n|---|---|---|---|---|---|---|\n");
#define TERM(name, number, event, overdue, urgent, length, label)              \
	put(p, "| %s | %d | %s | %s | %s | %s | %s |\n", #name, number,        \
	    #event, (overdue) ? "yes" : "no", (urgent) ? "yes" : "no",         \
	    strcmp(#length, "NONE") == 0 ? "named" : #length, label);
#include "tbl/words.h"
}

static void
make_lengths(struct pen *p)
{
	put(p, "| length | EMERGENT | HIGH | NORMAL | LOW | label |\n"
	    "|---|---|---|---|---|---|\n");
#define WH(n) #n " wh"
#define WD(n) #n " wd"
#define MIN(n) #n " min"
#define H(n) #n " h"
#define D(n) #n " x 24 h"
#define DAYS(n) #n " d"
#define WEEKS(n) #n " weeks"
#define TERM(name, number, e, h, n, l, label)                                  \
	put(p, "| %s | %s | %s | %s | %s | %s |\n", #name, e, h, n, l, label);
#include "tbl/terms.h"
#undef TERM
}

static void
make_whys(struct pen *p)
{
	put(p, "| why not | what people see |\n|---|---|\n");
#define WHY(name, number, nl) put(p, "| %s | %s |\n", #name, nl);
#include "tbl/whys.h"
#undef WHY
}

static void
make_errors(struct pen *p)
{
	put(p, "| error | # | consumes | text | what to do |\n"
	    "|---|---|---|---|---|\n");
#define WIRE(name, number, consumes, text, todo)                               \
	put(p, "| %s | %d | %s | %s | %s |\n", #name, number, #consumes,       \
	    text, todo);
#define HERE(name, number, text)
#include "tbl/errors.h"
#undef WIRE
#undef HERE
}

static void
make_kinds(struct pen *p)
{
	static const char *const what[] = { [LEAF_COMMAND] = "a command taken",
		[LEAF_REFUSED] = "a statement refused after its checks",
		[LEAF_CLOCK] = "a term that passed",
		[LEAF_DELIVERED] = "a signed acknowledgement",
		[LEAF_REWRAP] = "more wraps",
		[LEAF_KEY] = "a certificate, or its end",
		[LEAF_ERASE] = "content or records erased",
		[LEAF_POLICY] = "a policy document in force",
		[LEAF_TICK] = "the broker's clock; RESTART too",
		[LEAF_ACCESS] = "something shown from the log",
		[LEAF_ANCHOR] = "reserved: neither made nor taken" };

	put(p, "| kind | # | is |\n|---|---|---|\n");
	for (int k = LEAF_COMMAND; k <= LEAF_ANCHOR; k++)
		put(p, "| %s | %d | %s |\n",
		    leaf_kind_name((enum leaf_kind)k), k, what[k]);
}

static const struct {
	const char *name;
	void (*make)(struct pen *p);
} tables[] = {
	{ "lifecycle", make_lifecycle }, { "states", make_states },
	{ "events", make_events }, { "offers", make_offers },
	{ "flags", make_flags }, { "urgencies", make_urgencies },
	{ "reasons", make_reasons }, { "lengths", make_lengths },
	{ "terms", make_terms }, { "whys", make_whys },
	{ "kinds", make_kinds }, { "errors", make_errors },
};

#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

/* --- the document ---------------------------------------------------------- */

static char *
read_file(const char *path)
{
	char *text = NULL;
	size_t len = 0, cap = 0, n;
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return (NULL);
	do {
		if (len + 65536 > cap) {
			cap = cap == 0 ? 262144 : 2 * cap;
			text = realloc(text, cap);
			assert_non_null(text);
		}
		n = fread(text + len, 1, 65536 - 1, f);
		len += n;
	} while (n > 0);
	(void)fclose(f); /* only read from */
	text[len] = '\0';
	return (text);
}

/* Find what stands between the marks of table ${name}. */
static char *
find_table(char *text, const char *name, char **end)
{
	char mark[64];
	char *at;

	(void)snprintf(mark, sizeof(mark), "<!-- table %s -->\n", name);
	if ((at = strstr(text, mark)) == NULL)
		return (NULL);
	at += strlen(mark);
	*end = strstr(at, "<!-- end -->");
	return (*end == NULL ? NULL : at);
}

static char *
table_text(size_t i)
{
	struct pen p = { malloc(TABLE_MAX), 0 };

	assert_non_null(p.out);
	p.out[0] = '\0';
	tables[i].make(&p);
	return (p.out);
}

static void
test_every_table_is_the_one_in_the_code(void **state)
{
	char *text = read_file(DOCUMENT), *at, *end, *is;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < N_TABLES; i++) {
		is = table_text(i);
		at = find_table(text, tables[i].name, &end);
		assert_non_null(at);
		if ((size_t)(end - at) != strlen(is) ||
		    memcmp(at, is, strlen(is)) != 0)
			fail_msg("table %s of PROTOCOL.md is not that of the "
			    "code: run t_protocol --write", tables[i].name);
		free(is);
	}
	free(text);
}

static int
write_document(void)
{
	char *text = read_file(DOCUMENT), *at, *end, *is;
	FILE *f;

	if (text == NULL)
		return (1);
	for (size_t i = 0; i < N_TABLES; i++) {
		char *more;
		size_t head, tail;

		if ((at = find_table(text, tables[i].name, &end)) == NULL) {
			fprintf(stderr, "no table %s\n", tables[i].name);
			return (1);
		}
		is = table_text(i);
		head = (size_t)(at - text);
		tail = strlen(end);
		more = malloc(head + strlen(is) + tail + 1);
		assert_non_null(more);
		memcpy(more, text, head);
		memcpy(more + head, is, strlen(is));
		memcpy(more + head + strlen(is), end, tail + 1);
		free(text);
		free(is);
		text = more;
	}
	if ((f = fopen(DOCUMENT, "w")) == NULL)
		return (1);
	fputs(text, f);
	free(text);
	return (fclose(f) == 0 ? 0 : 1);
}

/* --- numbers --------------------------------------------------------------- */

struct number {
	const char *name;
	int value;
};

/* The enum ${d} has exactly the ${n} numbers of ${is}, and 0. */
static void
same_numbers(const ProtobufCEnumDescriptor *d, const char *prefix,
    const struct number *is, size_t n)
{
	char name[64];

	assert_int_equal(d->n_value_names, n + 1);
	for (size_t i = 0; i < n; i++) {
		const ProtobufCEnumValue *v;

		(void)snprintf(name, sizeof(name), "%s%s", prefix, is[i].name);
		v = protobuf_c_enum_descriptor_get_value_by_name(d, name);
		if (v == NULL || v->value != is[i].value)
			fail_msg("%s.%s is not %d", d->name, name,
			    is[i].value);
	}
}

#define SAME(d, prefix, is)                                                    \
	same_numbers(&(d), prefix, is, sizeof(is) / sizeof((is)[0]))

static void
test_the_words_have_the_numbers_of_the_proto_files(void **state)
{
	static const struct number states[] = {
#define STATE(name, number, live, label, fhir) { #name, number },
#include "tbl/words.h"
	};
	static const struct number events[] = {
#define EVENT(name, number, kind, label) { #name, number },
#include "tbl/words.h"
	};
	static const struct number urgencies[] = {
#define URGENCY(name, number, label, fhir) { #name, number },
#include "tbl/words.h"
	};

	(void)state;
	SAME(keten__v1__state__descriptor, "", states);
	SAME(keten__v1__event__descriptor, "", events);
	SAME(keten__v1__urgency__descriptor, "", urgencies);
}

/* EXPIRED is the name of a state already, so an offer's is LAPSED. */
static void
test_offers_have_the_numbers_of_the_proto_files(void **state)
{
	struct number offers[] = {
#define OFFER(name, number, open, label, fhir) { #name, number },
#include "tbl/words.h"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		if (strcmp(offers[i].name, "EXPIRED") == 0)
			offers[i].name = "LAPSED";
	SAME(keten__v1__offer_state__descriptor, "OFFER_", offers);
}

static void
test_errors_have_the_numbers_of_the_proto_files(void **state)
{
	static const struct number errors[] = {
#define WIRE(name, number, consumes, text, todo) { #name, number },
#define HERE(name, number, text)
#include "tbl/errors.h"
#undef WIRE
#undef HERE
	};

	(void)state;
	SAME(keten__v1__error_code__descriptor, "", errors);
}

static void
test_leaves_have_the_numbers_of_the_proto_files(void **state)
{
	struct number kinds[LEAF_ANCHOR];

	(void)state;
	for (int k = LEAF_COMMAND; k <= LEAF_ANCHOR; k++)
		kinds[k - 1] = (struct number){
			leaf_kind_name((enum leaf_kind)k), k };
	SAME(keten__v1__record_kind__descriptor, "RECORD_", kinds);
}

/* --- every message and field ----------------------------------------------- */

/* One .proto file, read word by word. */
struct words {
	char *text;
	char *at;
	char word[64];
};

/* The next word, or one of "{}=;"; false at the end. */
static bool
next_word(struct words *w)
{
	size_t n = 0;

	for (;;) {
		w->at += strspn(w->at, " \t\n");
		if (w->at[0] != '/' || w->at[1] != '/')
			break;
		w->at += strcspn(w->at, "\n");
	}
	if (*w->at == '\0')
		return (false);
	n = strcspn(w->at, " \t\n{}=;/");
	n = n == 0 ? 1 : n;
	assert_true(n < sizeof(w->word));
	memcpy(w->word, w->at, n);
	w->word[n] = '\0';
	w->at += n;
	return (true);
}

/* Where the text about the next message begins, or the next section. */
static const char *
next_head(const char *at)
{
	for (; *at != '\0'; at++)
		if ((at[0] == '\n' && at[1] == '#') ||
		    (at[0] == '*' && at[1] == '*' && at[2] >= 'A' &&
		    at[2] <= 'Z'))
			return (at);
	return (at);
}

/* Does the text about ${message} name ${field}?  "": is there such a text? */
static bool
explains(const char *text, const char *message, const char *field)
{
	char head[80], name[80];
	const char *at, *here;

	(void)snprintf(head, sizeof(head), "**%s**", message);
	(void)snprintf(name, sizeof(name), "`%s`", field);
	if ((at = strstr(text, head)) == NULL)
		return (false);
	if (field[0] == '\0')
		return (true);
	at += strlen(head);
	here = strstr(at, name);
	return (here != NULL && here < next_head(at));
}

struct count {
	size_t messages;
	size_t fields;
	size_t missing;
};

static void
look_for(const char *text, const char *message, const char *field,
    struct count *n)
{
	if (explains(text, message, field))
		return;
	print_error("%s %s is not explained\n", message, field);
	n->missing++;
}

/* A message: up to its closing brace, a name before "=" is a field. */
static void
read_message(struct words *w, const char *text, struct count *n)
{
	char message[64], before[64] = "";
	size_t depth = 0;

	assert_true(next_word(w));
	memcpy(message, w->word, sizeof(message));
	look_for(text, message, "", n);
	n->messages++;
	do {
		assert_true(next_word(w));
		if (w->word[0] == '{')
			depth++;
		else if (w->word[0] == '}')
			depth--;
		else if (w->word[0] == '=') {
			look_for(text, message, before, n);
			n->fields++;
		}
		memcpy(before, w->word, sizeof(before));
	} while (depth > 0 || w->word[0] != '}');
}

static void
read_proto(const char *path, const char *text, struct count *n)
{
	struct words w = { .text = read_file(path) };

	assert_non_null(w.text);
	w.at = w.text;
	while (next_word(&w))
		if (strcmp(w.word, "message") == 0)
			read_message(&w, text, n);
	free(w.text);
}

static void
test_every_message_and_field_is_explained(void **state)
{
	struct count n = { 0, 0, 0 };
	char *text = read_file(DOCUMENT);
	glob_t g;

	(void)state;
	assert_non_null(text);
	assert_int_equal(glob("schemas/keten/v1/*.proto", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		read_proto(g.gl_pathv[i], text, &n);
	globfree(&g);
	free(text);
	/* That it reads them at all. */
	assert_true(n.messages > 100 && n.fields > 400);
	assert_int_equal(n.missing, 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_table_is_the_one_in_the_code),
		cmocka_unit_test(
		    test_the_words_have_the_numbers_of_the_proto_files),
		cmocka_unit_test(
		    test_offers_have_the_numbers_of_the_proto_files),
		cmocka_unit_test(
		    test_errors_have_the_numbers_of_the_proto_files),
		cmocka_unit_test(
		    test_leaves_have_the_numbers_of_the_proto_files),
		cmocka_unit_test(test_every_message_and_field_is_explained),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return (write_document());
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
