/*
 * catalogue -- the social map: who offers what where, and one's own entries.
 *
 *	keten catalogue --code DST-101 --area WK085501 [--open-now] [--room]
 *	keten catalogue mine
 *	keten catalogue add dienst=DST-101 capaciteit=ja gebieden=WK085501
 *	keten catalogue add --from kaart.csv
 *	keten catalogue change dienst=DST-101 capaciteit=wachtlijst
 *	keten catalogue remove --code DST-101
 *	keten catalogue missing --code DST-205 --area WK085503
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/noun.h"
#include "cli/cli.h"
#include "life/calendar.h"
#include "map/offering.h"
#include "map/json.h"

static const char *const capacities[] = { "", "plek", "geen plek",
	"wachtlijst", "eerst beoordelen" };
static const char *const capacity_words[] = { "", "HAS", "NONE",
	"WAITING_LIST", "ASSESS_FIRST" };

/* ---- showing -------------------------------------------------------------------- */

struct shown {
	const struct cli *c;
	size_t n;
	bool open_now;	       /* only what is open */
	size_t n_closed;       /* so many were not */
	struct keten_supply next; /* of those, the first to open */
};

static const char *
day(int64_t ms, char buf[16])
{
	struct cal_date d = cal_date_of(ms);

	if (ms == 0)
		return ("-");
	(void)snprintf(buf, 16, "%04d-%02d-%02d", d.year, d.month, d.day);
	return (buf);
}

static void
print_list(const char *label, const char *const *list)
{
	if (list == NULL || list[0] == NULL)
		return;
	printf("    %s", label);
	for (size_t i = 0; list[i] != NULL; i++)
		printf("%s%s", i == 0 ? " " : ", ", list[i]);
	printf("\n");
}

static void
print_ages(const struct keten_entry *e)
{
	if (e->age_from != 0 && e->age_until != 0)
		printf("    leeftijd %" PRIu32 "-%" PRIu32 "\n", e->age_from,
		    e->age_until);
	else if (e->age_from != 0)
		printf("    leeftijd vanaf %" PRIu32 "\n", e->age_from);
	else if (e->age_until != 0)
		printf("    leeftijd tot en met %" PRIu32 "\n", e->age_until);
}

static void
print_entry(const struct keten_supply *row)
{
	const struct keten_entry *e = &row->entry;
	char since[16], checked[16], opens[CAL_TEXT];

	printf("    %s sinds %s; %s%s\n",
	    e->capacity <= KETEN_ASSESS_FIRST ? capacities[e->capacity] : "?",
	    day(e->capacity_ms, since), row->is_open ? "nu open" :
	    strcmp(e->status, "closed") == 0 ? "gesloten" :
	    row->opens_ms == 0 ? "nu dicht" : "nu dicht, open vanaf ",
	    row->is_open || row->opens_ms == 0 ? "" :
	    cli_when(row->opens_ms, opens));
	print_list("in", e->areas);
	print_list("open", e->hours);
	print_list("voorwaarden", e->conditions);
	print_ages(e);
	if (e->cost_cents != 0 || e->unit[0] != '\0')
		printf("    kosten %" PRIu32 ",%02" PRIu32 " euro %s\n",
		    e->cost_cents / 100, e->cost_cents % 100, e->unit);
	printf("    nagekeken %s%s%s%s\n", day(e->checked_ms, checked),
	    e->checked_by[0] == '\0' ? "" : " door ", e->checked_by,
	    row->is_stale ? "  VEROUDERD" : "");
}

static void
print_row(const struct keten_supply *row)
{
	char until[16];

	printf("%s  %s %s%s%s%s\n", row->partner, row->service,
	    row->service_nl,
	    row->has_entry && row->entry.name[0] != '\0' ? " (" : "",
	    row->has_entry ? row->entry.name : "",
	    row->has_entry && row->entry.name[0] != '\0' ? ")" : "");
	if (row->has_entry)
		print_entry(row);
	if (row->declined[0] != '\0')
		printf("    zei %s: %s in %s (zichtbaar tot %s)\n",
		    row->declined, strcmp(row->declined, "AFW-02") == 0 ?
		    "wachtlijst" : "geen capaciteit", row->declined_area,
		    day(row->declined_until_ms, until));
}

static json_t *
json_list(const char *const *list)
{
	json_t *a = json_array();

	for (; a != NULL && list != NULL && *list != NULL; list++)
		(void)json_array_append_new(a, json_string(*list));
	return (a);
}

static json_t *
json_entry(const struct keten_supply *row)
{
	const struct keten_entry *e = &row->entry;

	if (!row->has_entry)
		return (json_null());
	return (json_pack("{s:s,s:s,s:s,s:I,s:o,s:o,s:I,s:I,s:I,s:s,s:o,s:o,"
	    "s:I,s:I,s:s,s:b,s:o,s:b,s:I,s:I}", "name", e->name, "status",
	    e->status, "capacity", e->capacity <= KETEN_ASSESS_FIRST ?
	    capacity_words[e->capacity] : "", "capacity_ms",
	    (json_int_t)e->capacity_ms, "areas", json_list(e->areas),
	    "conditions", json_list(e->conditions), "age_from",
	    (json_int_t)e->age_from, "age_until", (json_int_t)e->age_until,
	    "cost_cents", (json_int_t)e->cost_cents, "unit", e->unit, "hours",
	    json_list(e->hours), "bases", json_list(e->bases), "urgencies",
	    (json_int_t)e->urgencies, "checked_ms", (json_int_t)e->checked_ms,
	    "checked_by", e->checked_by, "open", (int)row->is_open,
	    "opens_ms", row->opens_ms == 0 ? json_null() :
	    json_integer((json_int_t)row->opens_ms), "stale",
	    (int)row->is_stale, "stale_ms", (json_int_t)row->stale_ms,
	    "index", (json_int_t)row->index));
}

static void
print_json(const struct keten_supply *row)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:o,s:s,s:s,s:I}", "partner",
	    row->partner, "service", row->service, "label", row->service_nl,
	    "entry", json_entry(row), "declined", row->declined,
	    "declined_area", row->declined_area, "declined_until_ms",
	    (json_int_t)row->declined_until_ms);

	if (j != NULL)
		(void)json_dumpf(j, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(j);
}

static void
show(void *cookie, const struct keten_supply *row)
{
	struct shown *s = cookie;

	if (s->open_now && !row->is_open) {
		/* Closed for good, or no entry at all: nobody to wait for. */
		if (row->opens_ms == 0)
			return;
		if (s->n_closed++ == 0 || row->opens_ms < s->next.opens_ms)
			s->next = *row;
		return;
	}
	s->n++;
	if (s->c->json)
		print_json(row);
	else
		print_row(row);
}

/* ---- nothing found ---------------------------------------------------------------- */

static int
send_missing(struct cli *c)
{
	uint64_t ticket;
	int rc = keten_missing(c->k, cli_get(c, OPT_CODE),
	    cli_get(c, OPT_AREA), cli_get(c, OPT_SOURCE), &ticket);

	return (rc != 0 ? cli_fail(c, rc) : cli_await(c, ticket));
}

static bool
says_yes(void)
{
	char line[16];

	fprintf(stderr, "Vastleggen dat dit hier ontbreekt? Alleen dienst en "
			"wijk, zonder persoon. [j/N] ");
	return (fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'j' || line[0] == 'J'));
}

/* Nobody offers it: that is worth knowing for who decides on supply. */
static int
offer_missing(struct cli *c)
{
	const char *code = cli_get(c, OPT_CODE), *area = cli_get(c, OPT_AREA);

	fprintf(stderr, "Niemand biedt dit aan.\n");
	if (code == NULL || area == NULL)
		return (EXIT_DONE);
	if (cli_get(c, OPT_YES) != NULL ||
	    (!c->json && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) &&
		says_yes()))
		return (send_missing(c));
	fprintf(stderr, "Leg vast dat het hier ontbreekt (dienst en wijk, "
			"zonder persoon): keten catalogue missing --code %s "
			"--area %s\n", code, area);
	return (EXIT_DONE);
}

/* There is somebody, but not at this hour. */
static int
say_closed(const struct shown *s)
{
	char when[CAL_TEXT];

	fprintf(stderr, "Nu is niemand open; %zu %s wel, op andere uren.\n",
	    s->n_closed, noun_for(s->n_closed, "vermelding past",
	    "vermeldingen passen"));
	fprintf(stderr, "Het eerst: %s, %s %s, open vanaf %s.\n",
	    s->next.partner, s->next.service, s->next.service_nl,
	    cli_when(s->next.opens_ms, when));
	fprintf(stderr, "Zonder --open-now staan ze er allemaal, met hun "
			"uren.\n");
	return (EXIT_DONE);
}

static int
search(struct cli *c, const char *partner)
{
	struct keten_search s = { .code = cli_get(c, OPT_CODE),
		.area = cli_get(c, OPT_AREA), .partner = partner,
		.room = cli_get(c, OPT_ROOM) != NULL };
	const char *age = cli_get(c, OPT_AGE);
	struct shown shown = { .c = c,
		.open_now = cli_get(c, OPT_OPEN_NOW) != NULL };
	long n = 0;
	int rc, status = cli_check_code(c, s.code);

	if (status != EXIT_DONE)
		return (status);

	if (age != NULL && (!opts_number(age, &n) || n > 150)) {
		fprintf(stderr, "keten: --age is een leeftijd in jaren\n");
		return (EXIT_USAGE);
	}
	s.age = (uint32_t)n;
	rc = keten_catalogue(c->k, &s, cli_patience(c), show, &shown);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (shown.n == 0 && shown.n_closed > 0)
		return (say_closed(&shown));
	if (shown.n == 0 && partner != NULL)
		fprintf(stderr, "%s heeft zo geen vermelding.\n", partner);
	return (shown.n == 0 && partner == NULL ? offer_missing(c)
						: EXIT_DONE);
}

static int
mine(struct cli *c)
{
	struct keten_connection conn;
	int rc = keten_connected(c->k, &conn);

	return (rc != 0 ? cli_fail(c, rc) : search(c, conn.partner));
}

/* ---- one's own entries -------------------------------------------------------------- */

static int
publish(struct cli *c, const char *json, const char *source)
{
	struct keten_order o = { .step = KETEN_PUBLISH, .text = json,
		.source = source, .actor = cli_get(c, OPT_ACTOR) };
	uint64_t ticket;
	int rc = keten_order(c->k, &o, &ticket);

	return (rc != 0 ? cli_fail(c, rc) : cli_await(c, ticket));
}

/* All entries of a file, or none: it is looked at as a whole first. */
static int
publish_file(struct cli *c, const char *path)
{
	struct map_list list = { 0 };
	struct map_trouble trouble;
	uint8_t *data;
	size_t len;
	int status = EXIT_DONE;

	if (file_read(path, MAP_FILE_MAX, &data, &len) != ERR_OK) {
		fprintf(stderr, "keten: %s is niet te lezen of te groot\n",
		    path);
		return (EXIT_USAGE);
	}
	if (offering_read((const char *)data, len, &list, &trouble) !=
	    ERR_OK) {
		fprintf(stderr, "keten: %s: %s\n", path, trouble.text);
		status = EXIT_USAGE;
	}
	free(data);
	for (size_t i = 0; status == EXIT_DONE && i < list.n; i++)
		status = publish(c, map_get(&list.items[i], MAP_TEXT), NULL);
	map_list_fini(&list);
	return (status);
}

/* "naam=Boodschappen" becomes a member. */
static bool
put_word(json_t *o, const char *word)
{
	const char *equals = strchr(word, '=');
	char name[64];

	if (equals == NULL || equals == word ||
	    (size_t)(equals - word) >= sizeof(name)) {
		fprintf(stderr, "keten: '%s' is geen veld=waarde, zoals "
				"capaciteit=ja\n", word);
		return (false);
	}
	memcpy(name, word, (size_t)(equals - word));
	name[equals - word] = '\0';
	return (json_object_set_new(o, name, json_string(equals + 1)) == 0);
}

/* The words of the command line over what ${o} has. */
static bool
put_words(const struct cli *c, json_t *o)
{
	const char *code = cli_get(c, OPT_CODE), *area = cli_get(c, OPT_AREA);

	if (code != NULL &&
	    json_object_set_new(o, "dienst", json_string(code)) != 0)
		return (false);
	if (area != NULL &&
	    json_object_set_new(o, "gebieden", json_string(area)) != 0)
		return (false);
	for (size_t i = 1; i < c->o.n_args; i++)
		if (!put_word(o, c->o.arg[i]))
			return (false);
	return (true);
}

static int
publish_object(struct cli *c, const json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	int status = text == NULL ? EXIT_SETTINGS
				  : publish(c, text, cli_get(c, OPT_SOURCE));

	free(text);
	return (status);
}

static int
add(struct cli *c)
{
	const char *from = cli_get(c, OPT_FROM);
	json_t *o;
	int status;

	if (from != NULL)
		return (publish_file(c, from));
	o = json_object();
	status = o != NULL && put_words(c, o) ? publish_object(c, o)
					      : EXIT_USAGE;
	json_decref(o);
	return (status);
}

static int
take_away(struct cli *c)
{
	json_t *o = json_object();
	int status = EXIT_USAGE;

	if (o != NULL && put_words(c, o) &&
	    json_object_set_new(o, "status", json_string("vervallen")) == 0)
		status = publish_object(c, o);
	json_decref(o);
	return (status);
}

/* ---- changing one ------------------------------------------------------------------ */

/* What an entry says now, by the names that words use. */
struct now {
	const char *service;
	json_t *o;
};

static void
put(json_t *o, const char *name, json_t *v)
{
	if (json_is_integer(v) && json_integer_value(v) == 0)
		json_decref(v);
	else
		(void)json_object_set_new(o, name, v);
}

static void
remember(void *cookie, const struct keten_supply *row)
{
	static const char *const urgencies[] = { NULL, "laag", "normaal",
		"hoog", "spoed" };
	struct now *now = cookie;
	const struct keten_entry *e = &row->entry;
	json_t *o, *list;
	char euros[32];

	if (!row->has_entry || strcmp(row->service, now->service) != 0 ||
	    now->o != NULL || (o = json_object()) == NULL)
		return;
	(void)snprintf(euros, sizeof(euros), "%" PRIu32 ",%02" PRIu32,
	    e->cost_cents / 100, e->cost_cents % 100);
	put(o, "dienst", json_string(e->service));
	put(o, "naam", json_string(e->name));
	put(o, "status", json_string(e->status));
	put(o, "capaciteit", json_string(
	    e->capacity <= KETEN_ASSESS_FIRST ? capacity_words[e->capacity]
					      : ""));
	put(o, "capaciteit_sinds", json_integer((json_int_t)e->capacity_ms));
	put(o, "gebieden", json_list(e->areas));
	put(o, "voorwaarden", json_list(e->conditions));
	put(o, "leeftijd_vanaf", json_integer(e->age_from));
	put(o, "leeftijd_tot", json_integer(e->age_until));
	put(o, "kosten", json_string(euros));
	put(o, "eenheid", json_string(e->unit));
	put(o, "openingstijden", json_list(e->hours));
	put(o, "grondslagen", json_list(e->bases));
	list = json_array();
	for (unsigned i = 1; list != NULL && i <= KETEN_EMERGENT; i++)
		if ((e->urgencies >> i & 1) != 0)
			(void)json_array_append_new(list,
			    json_string(urgencies[i]));
	put(o, "urgenties", list);
	now->o = o;
}

/* Which service the words are about. */
static const char *
service_of(const struct cli *c)
{
	static const char *const names[] = { "dienst=", "service=", "code=" };

	for (size_t i = 1; i < c->o.n_args; i++)
		for (size_t j = 0; j < 3; j++)
			if (strncasecmp(c->o.arg[i], names[j],
				strlen(names[j])) == 0)
				return (c->o.arg[i] + strlen(names[j]));
	return (cli_get(c, OPT_CODE));
}

/* Does a word say something of the capacity, but not since when? */
static bool
is_new_capacity(const struct cli *c)
{
	bool says = false;

	for (size_t i = 1; i < c->o.n_args; i++) {
		if (strncasecmp(c->o.arg[i], "capaciteit_sinds=", 17) == 0)
			return (false);
		says = says ||
		    strncasecmp(c->o.arg[i], "capaciteit=", 11) == 0;
	}
	return (says);
}

/* What is not said stays; saying it again means that it was looked at. */
static int
change(struct cli *c)
{
	struct now now = { .service = service_of(c) };
	struct keten_connection conn;
	struct keten_search s = { .code = now.service };
	int rc, status = EXIT_USAGE;

	if (now.service == NULL) {
		fprintf(stderr, "keten: noem de dienst: dienst=DST-101\n");
		return (EXIT_USAGE);
	}
	if ((rc = keten_connected(c->k, &conn)) != 0)
		return (cli_fail(c, rc));
	s.partner = conn.partner;
	rc = keten_catalogue(c->k, &s, cli_patience(c), remember, &now);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (now.o == NULL) {
		fprintf(stderr, "keten: u hebt geen vermelding voor %s; maak "
				"er een met keten catalogue add\n",
		    now.service);
		return (EXIT_REFUSED);
	}
	if (is_new_capacity(c))
		(void)json_object_del(now.o, "capaciteit_sinds");
	if (put_words(c, now.o))
		status = publish_object(c, now.o);
	json_decref(now.o);
	return (status);
}

/* ---- which of them ------------------------------------------------------------------ */

static int
missing(struct cli *c)
{
	int status;

	if (cli_get(c, OPT_CODE) == NULL || cli_get(c, OPT_AREA) == NULL) {
		fprintf(stderr, "keten catalogue missing: geef --code en "
				"--area\n");
		return (EXIT_USAGE);
	}
	status = cli_check_code(c, cli_get(c, OPT_CODE));
	return (status == EXIT_DONE ? send_missing(c) : status);
}

static const struct {
	const char *word;
	int (*run)(struct cli *c);
	size_t most; /* words, itself among them */
} words[] = {
	{ "mine", mine, 1 },
	{ "add", add, CLI_WORDS },
	{ "change", change, CLI_WORDS },
	{ "remove", take_away, CLI_WORDS },
	{ "missing", missing, 1 },
};

int
cli_catalogue(struct cli *c)
{
	if (c->o.n_args == 0)
		return (search(c, cli_get(c, OPT_PARTNER)));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(c->o.arg[0], words[i].word) != 0)
			continue;
		if (c->o.n_args <= words[i].most)
			return (words[i].run(c));
		fprintf(stderr, "keten catalogue %s: '%s' hoort hier niet\n",
		    words[i].word, c->o.arg[words[i].most]);
		return (EXIT_USAGE);
	}
	fprintf(stderr, "keten: keten catalogue kent mine, add, change, "
			"remove en missing; niet '%s'\n", c->o.arg[0]);
	return (EXIT_USAGE);
}
