/*
 * report -- what people read at the end of an audit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/report.h"
#include "base/bytes.h"
#include "base/noun.h"

/* Nobody reads more on a screen; --json has them all. */
#define SHOWN_MAX 40

void
report_done(struct report *r, const char *name, uint64_t number,
    const char *text)
{
	struct report_line *l = &r->done[r->n_done];

	if (r->n_done == REPORT_LINES_MAX)
		return;
	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	(void)snprintf(l->text, sizeof(l->text), "%s", text);
	l->has_number = true;
	l->number = number;
	r->n_done++;
}

void
report_not(struct report *r, const char *text)
{
	if (r->n_not < REPORT_LINES_MAX)
		r->not_checked[r->n_not++] = text;
}

void
report_group(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		hex_encode(bytes + i, 1, out);
		out += 2;
		if (i % 2 == 1 && i + 1 < len)
			*out++ = ' ';
	}
	*out = '\0';
}

/* --- for people ------------------------------------------------------------------------ */

static void
print_hash(const char *name, const uint8_t hash[32])
{
	char text[96];

	report_group(hash, 32, text);
	(void)printf("%-16s %.39s\n%-16s %s\n", name, text, "", text + 40);
}

static void
print_head(const struct report *r)
{
	char root64[BASE64_LEN(32)];
	uint8_t digest[32];

	(void)printf("Logboek          %s\n", r->origin);
	(void)printf("Map              %s\n", r->path);
	(void)printf("Omvang           %" PRIu64 " %s\n", r->size,
	    noun_for(r->size, "record", "records"));
	if (r->root != NULL) {
		(void)base64_encode(r->root, 32, root64);
		(void)printf("Wortel           %s\n", root64);
		print_hash("  om voor te lezen", r->root);
	}
	if (r->trust != NULL && r->trust->has_log) {
		root_digest(r->trust, digest);
		print_hash("Sleutel logboek", digest);
	}
	if (r->trust != NULL && r->trust->has_introducer)
		print_hash("Sleutel beheer", r->trust->introducer);
}

static void
print_findings(struct findings *f)
{
	size_t n = findings_kept(f);
	size_t shown = n < SHOWN_MAX ? n : SHOWN_MAX;

	if (n == 0)
		return;
	(void)printf("\nGevonden\n");
	for (size_t i = 0; i < shown; i++) {
		const struct finding *one = findings_nth(f, i);

		if (one->is_note)
			(void)printf("  [let op] ");
		else
			(void)printf("  [%d] ", one->verdict);
		if (one->index != FINDING_NOWHERE)
			(void)printf("record %" PRIu64 ": ", one->index);
		(void)printf("%s\n", one->text);
	}
	if (n > shown)
		(void)printf("  ... en nog %zu; alles staat in --json\n",
		    n - shown);
}

/* Of witnesses only verify can speak. */
static const char *
sentence(const struct report *r, enum verdict verdict)
{
	if (verdict == VERDICT_UNWITNESSED && strcmp(r->command, "replay") == 0)
		return ("alles klopt; naar getuigen kijkt keten-audit verify");
	return (verdict_text(verdict));
}

static void
print_rest(const struct report *r, enum verdict verdict)
{
	(void)printf("\nNagekeken\n");
	for (size_t i = 0; i < r->n_done; i++)
		(void)printf("  %8" PRIu64 "  %s\n", r->done[i].number,
		    r->done[i].text);
	if (r->n_not > 0)
		(void)printf("\nNiet nagekeken\n");
	for (size_t i = 0; i < r->n_not; i++)
		(void)printf("  - %s\n", r->not_checked[i]);
	(void)printf("\nOordeel %d: %s.\n", verdict, sentence(r, verdict));
	if (findings_first(r->f) != FINDING_NOWHERE)
		(void)printf("Het eerste record waar iets mee is: %" PRIu64
			     ".\n", findings_first(r->f));
}

/* --- for programs ------------------------------------------------------------------------- */

static void
dump(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	if (text != NULL)
		(void)printf("%s\n", text);
	free(text);
	json_decref(o);
}

static void
dump_findings(struct findings *f)
{
	for (size_t i = 0; i < findings_kept(f); i++) {
		const struct finding *one = findings_nth(f, i);
		json_t *o = one->is_note
		    ? json_pack("{s:s}", "type", "note")
		    : json_pack("{s:s,s:i,s:s}", "type", "finding", "code",
			  (int)one->verdict, "name",
			  verdict_name(one->verdict));

		if (one->index != FINDING_NOWHERE)
			(void)json_object_set_new(o, "index",
			    json_integer((json_int_t)one->index));
		(void)json_object_set_new(o, "text",
		    json_string(one->text));
		dump(o);
	}
}

static void
set_hex(json_t *o, const char *name, const uint8_t hash[32])
{
	char hex[65];

	hex_encode(hash, 32, hex);
	(void)json_object_set_new(o, name, json_string(hex));
}

static void
dump_verdict(const struct report *r, enum verdict verdict)
{
	json_t *o = json_pack("{s:s,s:s,s:i,s:s,s:s,s:s,s:I,s:I}", "type",
	    "verdict", "command", r->command, "code", (int)verdict, "name",
	    verdict_name(verdict), "text", sentence(r, verdict), "origin",
	    r->origin, "size", (json_int_t)r->size, "findings",
	    (json_int_t)findings_total(r->f));
	json_t *done = json_object(), *not_done = json_array();
	uint8_t digest[32];

	if (r->root != NULL)
		set_hex(o, "root", r->root);
	if (r->trust != NULL && r->trust->has_log) {
		root_digest(r->trust, digest);
		set_hex(o, "log_key", digest);
	}
	if (r->trust != NULL && r->trust->has_introducer)
		set_hex(o, "introducer", r->trust->introducer);
	if (findings_first(r->f) != FINDING_NOWHERE)
		(void)json_object_set_new(o, "first",
		    json_integer((json_int_t)findings_first(r->f)));
	for (size_t i = 0; i < r->n_done; i++)
		(void)json_object_set_new(done, r->done[i].name,
		    json_integer((json_int_t)r->done[i].number));
	for (size_t i = 0; i < r->n_not; i++)
		(void)json_array_append_new(not_done,
		    json_string(r->not_checked[i]));
	(void)json_object_set_new(o, "checked", done);
	(void)json_object_set_new(o, "not_checked", not_done);
	dump(o);
}

int
report_print(struct report *r, enum verdict verdict, bool json)
{
	if (json) {
		dump_findings(r->f);
		dump_verdict(r, verdict);
	} else {
		print_head(r);
		print_findings(r->f);
		print_rest(r, verdict);
	}
	return ((int)verdict);
}
