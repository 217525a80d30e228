/*
 * selftest -- run the vectors that stand in the program, and say what held.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/selftest.h"

/* Made from tests/vectors by the Makefile. */
extern const unsigned char vectors_tree[], vectors_witness[],
    vectors_records[], vectors_signed[], vectors_sealed[];
extern const unsigned long vectors_tree_len, vectors_witness_len,
    vectors_records_len, vectors_signed_len, vectors_sealed_len;

/* A file of vectors: its name, and its bytes as they were built in. */
struct vectors {
	const char *name;
	const uint8_t *bytes;
	size_t len;
};

static const struct group {
	const char *name;
	const char *file;
	void (*run)(struct tally *t, const json_t *o);
	const char *nl;
} groups[] = {
	{ "merkle", "tree", selftest_merkle,
	    "boom: wortels, insluiting en vervolg (RFC 6962, RFC 9162)" },
	{ "note", "tree", selftest_notes,
	    "controlepunten, en negen die geweigerd moeten worden (C2SP)" },
	{ "witness", "witness", selftest_witness,
	    "handtekeningen van getuigen, bewijs en verzoek (C2SP)" },
	{ "leaf", "records", selftest_leaves,
	    "bladen van het logboek, en kapotte" },
	{ "ed25519", "signed", selftest_signatures,
	    "handtekeningen Ed25519 (RFC 8032) over DSSE" },
	{ "batch", "signed", selftest_batches,
	    "een handtekening onder veel verklaringen" },
	{ "jwe", "sealed", selftest_sealed,
	    "een verzegeld deel van een andere bibliotheek openen (RFC 7516)" },
	{ "jwe-header", "sealed", selftest_headers,
	    "koppen van JWE die geweigerd moeten worden" },
};

/* Find the file ${name}; false if it is not one of them. */
static bool
find_vectors(const char *name, struct vectors *v)
{
	const struct vectors all[] = {
		{ "tree", vectors_tree, vectors_tree_len },
		{ "witness", vectors_witness, vectors_witness_len },
		{ "records", vectors_records, vectors_records_len },
		{ "signed", vectors_signed, vectors_signed_len },
		{ "sealed", vectors_sealed, vectors_sealed_len },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].name, name) == 0) {
			*v = all[i];
			return (true);
		}
	return (false);
}

/* --- reading ------------------------------------------------------------------- */

void
selftest_see(struct tally *t, bool good, const char *what)
{
	t->n++;
	if (good)
		return;
	if (t->wrong++ == 0)
		(void)snprintf(t->first, sizeof(t->first), "%s", what);
}

struct slice
selftest_hex(const json_t *o, const char *name, uint8_t *out, size_t cap)
{
	const char *text = selftest_text(o, name);
	size_t len = strlen(text) / 2;

	if (len > cap || !hex_decode(text, out, len))
		return (slice_of(out, 0));
	return (slice_of(out, len));
}

const char *
selftest_text(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return (text == NULL ? "" : text);
}

uint64_t
selftest_number(const json_t *o, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(o, name));

	return (n < 0 ? 0 : (uint64_t)n);
}

/* --- running --------------------------------------------------------------------- */

static void
run_group(const struct group *g, struct tally *t)
{
	struct vectors v;
	json_t *o = !find_vectors(g->file, &v) ? NULL
	    : json_loadb((const char *)v.bytes, v.len,
		  JSON_REJECT_DUPLICATES, NULL);

	memset(t, 0, sizeof(*t));
	if (o == NULL)
		selftest_see(t, false, "de vectoren zijn niet te lezen");
	else
		g->run(t, o);
	/* A group that did nothing proved nothing. */
	if (t->n == 0)
		selftest_see(t, false, "er was niets te toetsen");
	json_decref(o);
}

static void
print_group(const struct group *g, const struct tally *t, bool json)
{
	char *text;
	json_t *o;

	if (!json) {
		(void)printf("  %-10s %5zu  %-6s %s\n", g->name, t->n,
		    t->wrong == 0 ? "klopt" : "FOUT", g->nl);
		if (t->wrong > 0)
			(void)printf("  %-10s %5zu  fout   %s\n", "", t->wrong,
			    t->first);
		return;
	}
	o = json_pack("{s:s,s:s,s:I,s:I,s:s}", "type", "group", "name",
	    g->name, "vectors", (json_int_t)t->n, "wrong",
	    (json_int_t)t->wrong, "first", t->first);
	text = json_dumps(o, JSON_COMPACT);
	(void)printf("%s\n", text == NULL ? "{}" : text);
	free(text);
	json_decref(o);
}

int
command_selftest(const struct args *a)
{
	struct tally t;
	size_t n = 0, wrong = 0;
	int code;

	if (!a->json)
		(void)printf("  groep     toetsen uitslag\n");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		run_group(&groups[i], &t);
		print_group(&groups[i], &t, a->json);
		n += t.n;
		wrong += t.wrong;
	}
	code = wrong == 0 ? 0 : (int)VERDICT_HASH;
	if (a->json)
		(void)printf("{\"type\":\"verdict\",\"command\":\"selftest\","
			     "\"code\":%d,\"vectors\":%zu,\"wrong\":%zu}\n",
		    code, n, wrong);
	else
		(void)printf("\n%s: %zu toetsen, %zu fout.\n", wrong == 0
			? "Dit programma rekent zoals de anderen"
			: "VERTROUW DIT PROGRAMMA NIET op deze machine", n,
		    wrong);
	return (code);
}
