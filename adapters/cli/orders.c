/*
 * orders -- the verbs that want something done.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/cli.h"
#include "life/calendar.h"

#define NAMES_MAX 16

/* Dutch words, and those of the protocol, for what has a number. */
struct word {
	const char *nl;
	const char *en;
	int value;
};

static const struct word urgencies[] = {
	{ "laag", "LOW", KETEN_LOW },
	{ "normaal", "NORMAL", KETEN_NORMAL },
	{ "hoog", "HIGH", KETEN_HIGH },
	{ "spoed", "EMERGENT", KETEN_EMERGENT },
};

static const struct word answers[] = {
	{ "ja", "AGREES", KETEN_AGREES },
	{ "bezwaar", "OBJECTS", KETEN_OBJECTS },
	{ "niet-bereikt", "NOT_YET_UNREACHED", KETEN_NOT_REACHED },
	{ "niet-veilig", "NOT_YET_UNSAFE", KETEN_NOT_SAFE },
	{ "niet-mogelijk", "NOT_YET_UNABLE", KETEN_NOT_ABLE },
};

static const char *const statuses[] = { "", "waiting", "sent", "done",
	"refused", "failed" };
static const char *const statuses_nl[] = { "", "wacht", "verstuurd",
	"gelukt", "geweigerd", "mislukt" };

static bool
word_of(const struct word *w, size_t n, const char *opt, const char *text,
    int *value)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(w[i].nl, text) == 0 ||
		    strcasecmp(w[i].en, text) == 0) {
			*value = w[i].value;
			return (true);
		}
	fprintf(stderr, "keten: --%s is een van:", opt);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, " %s", w[i].nl);
	fprintf(stderr, "\n");
	return (false);
}

/* A date is the end of that day, by the local clock. */
static bool
date_of(const char *opt, const char *text, int64_t *ms)
{
	struct cal_date d;

	if (!cal_date_read(text, &d)) {
		fprintf(stderr, "keten: --%s is een datum als 2026-12-31\n",
		    opt);
		return (false);
	}
	*ms = cal_local(d, 23 * 60 + 59);
	return (true);
}

static bool
number_of(const char *opt, const char *text, uint32_t *out)
{
	long n;

	if (!opts_number(text, &n) || n > UINT32_MAX) {
		fprintf(stderr, "keten: --%s is een getal\n", opt);
		return (false);
	}
	*out = (uint32_t)n;
	return (true);
}

/* Cut "a,b,c" in place into a NULL-terminated list. */
static void
names_of(char *text, const char *list[NAMES_MAX + 1])
{
	size_t n = 0;
	char *save = NULL;

	for (char *p = strtok_r(text, ", ", &save);
	     p != NULL && n < NAMES_MAX; p = strtok_r(NULL, ", ", &save))
		list[n++] = p;
	list[n] = NULL;
}

/* The values that are numbers, dates or words. */
static bool
read_values(struct cli *c, struct keten_order *o)
{
	const char *v;
	int w;

	if ((v = cli_get(c, OPT_URGENCY)) != NULL) {
		if (!word_of(urgencies, 4, "urgency", v, &w))
			return (false);
		o->urgency = (enum keten_urgency)w;
	}
	if ((v = cli_get(c, OPT_DISCUSSED)) != NULL) {
		if (!word_of(answers, 5, "discussed", v, &w))
			return (false);
		o->discussed = (enum keten_discussed)w;
	}
	if ((v = cli_get(c, OPT_END)) != NULL && !date_of("end", v, &o->end_ms))
		return (false);
	if ((v = cli_get(c, OPT_UNTIL)) != NULL &&
	    !date_of("until", v, &o->until_ms))
		return (false);
	return (true);
}

static bool
read_numbers(struct cli *c, struct keten_order *o)
{
	const struct {
		enum opt opt;
		const char *name;
		uint32_t *to;
	} rows[] = {
		{ OPT_UNITS, "units", &o->units },
		{ OPT_DONE, "done", &o->units_done },
		{ OPT_TOTAL, "total", &o->units_total },
		{ OPT_OFFER, "offer", &o->offer },
		{ OPT_VERSION, "version", &o->version },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *v = cli_get(c, rows[i].opt);

		if (v != NULL && !number_of(rows[i].name, v, rows[i].to))
			return (false);
	}
	return (true);
}

/* The values that are texts, as they stand. */
static void
read_texts(struct cli *c, struct keten_order *o)
{
	o->actor = cli_get(c, OPT_ACTOR);
	o->source = cli_get(c, OPT_SOURCE);
	o->code = cli_get(c, OPT_CODE);
	o->area = cli_get(c, OPT_AREA);
	o->basis = cli_get(c, OPT_BASIS);
	o->frequency = cli_get(c, OPT_FREQUENCY);
	o->payer = cli_get(c, OPT_PAYER);
	o->parent = cli_get(c, OPT_PARENT);
	o->relates = cli_get(c, OPT_RELATES);
	o->note = cli_get(c, OPT_NOTE);
	o->person = cli_get(c, OPT_PERSON);
	o->text = cli_get(c, OPT_TEXT);
	o->reason = cli_get(c, OPT_REASON);
	o->outcome = cli_get(c, OPT_OUTCOME);
	o->to = cli_get(c, OPT_TO);
	o->child = cli_get(c, OPT_CHILD);
	o->outside = cli_get(c, OPT_OUTSIDE);
}

/* What an order points at. */
struct names {
	const char *first[NAMES_MAX + 1];
	const char *never[NAMES_MAX + 1];
	struct keten_referral other[3]; /* parent, relates, child */
};

/* Another referral may be named by the beginning of its number too. */
static int
whole_ids(struct cli *c, struct keten_order *o, struct names *n)
{
	const char **const ids[] = { &o->parent, &o->relates, &o->child };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		int rc;

		if (*ids[i] == NULL || strlen(*ids[i]) == 36)
			continue;
		rc = keten_show(c->k, *ids[i], &n->other[i]);
		if (rc != 0)
			return (cli_fail(c, rc));
		*ids[i] = n->other[i].id;
	}
	return (EXIT_DONE);
}

static int
read_order(struct cli *c, struct keten_order *o, struct names *n)
{
	memset(o, 0, sizeof(*o));
	o->step = c->verb->step;
	o->referral = c->verb->n_args > 0 ? c->o.arg[0] : NULL;
	read_texts(c, o);
	if (c->o.value[OPT_FIRST] != NULL) {
		names_of(c->o.value[OPT_FIRST], n->first);
		o->first = n->first;
	}
	if (c->o.value[OPT_NEVER] != NULL) {
		names_of(c->o.value[OPT_NEVER], n->never);
		o->never = n->never;
	}
	if (o->step == KETEN_SUBMIT) {
		o->urgency = KETEN_NORMAL;
		o->discussed = KETEN_AGREES;
	}
	if (!read_values(c, o) || !read_numbers(c, o))
		return (EXIT_USAGE);
	return (whole_ids(c, o, n));
}

/* ---- what became of it ------------------------------------------------------ */

static void
print_json(const struct keten_outcome *r)
{
	json_t *j = json_pack("{s:I,s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:s,s:i}",
	    "ticket", (json_int_t)r->ticket, "status", statuses[r->status],
	    "step", keten_step_name(r->step), "referral", r->referral, "index",
	    (json_int_t)r->index, "number", (json_int_t)r->number, "code",
	    r->code, "rule", r->rule, "text", r->text, "todo", r->todo,
	    "version", (int)r->version);
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		puts(text);
	free(text);
	json_decref(j);
}

/* Some things are about none. */
static void
print_referral(const struct keten_outcome *r)
{
	if (r->referral[0] != '\0')
		printf("%s\n", r->referral);
}

static void
print_text(const struct keten_outcome *r)
{
	switch (r->status) {
	case KETEN_DONE:
		print_referral(r);
		fprintf(stderr, "Gelukt: %s staat als regel %" PRIu64
				" in het logboek (bewijs: keten receipt %"
				PRIu64 ").\n",
		    keten_step_label(r->step), r->index, r->ticket);
		return;
	case KETEN_REFUSED:
	case KETEN_FAILED:
		fprintf(stderr, "Niet gelukt (%s): %s\n", r->code, r->text);
		if (r->rule[0] != '\0')
			fprintf(stderr, "Regel: %s\n", r->rule);
		fprintf(stderr, "Wat nu? %s\n", r->todo);
		return;
	case KETEN_WAITING:
	case KETEN_SENT:
		print_referral(r);
		fprintf(stderr, "Nog geen antwoord; het staat klaar onder "
				"nummer %" PRIu64 " en gaat vanzelf verder "
				"(keten outbox).\n", r->ticket);
		return;
	}
}

static int
finish(const struct cli *c, const struct keten_outcome *r)
{
	if (c->json)
		print_json(r);
	else
		print_text(r);
	switch (r->status) {
	case KETEN_DONE:
		return (EXIT_DONE);
	case KETEN_REFUSED:
	case KETEN_FAILED:
		return (EXIT_REFUSED);
	case KETEN_WAITING:
	case KETEN_SENT:
		break;
	}
	return (EXIT_LATER);
}

int
cli_patience(const struct cli *c)
{
	const char *v = cli_get(c, OPT_WAIT);
	long n = 10;

	if (v != NULL && !opts_number(v, &n))
		n = 10;
	return ((int)(n > 3600 ? 3600 : n) * 1000);
}

/* Acute danger is no referral; and some codes ask for more than one. */
static void
warn_emergency(const struct cli *c, const struct keten_order *o)
{
	const char *warning;

	if (o->step != KETEN_SUBMIT || o->code == NULL)
		return;
	warning = keten_warning(c->k, o->code);
	/* Without a policy yet: the number for the whole country. */
	if (strcmp(o->code, "SIG-303") == 0 &&
	    keten_label(c->k, o->code)[0] == '\0')
		warning = "Veilig Thuis: 0800-2000. Volg de meldcode.\n";
	if (warning[0] != '\0')
		fprintf(stderr, "Let op, bij deze code: %s", warning);
	if (!c->json || warning[0] != '\0')
		fprintf(stderr, "Bij direct gevaar: bel 112. Keten is geen "
				"alarmnummer.\n");
}

int
cli_await(const struct cli *c, uint64_t ticket)
{
	struct keten_outcome r;
	int rc = cli_patience(c) == 0 ? keten_outcome(c->k, ticket, &r)
				  : keten_wait(c->k, ticket, cli_patience(c), &r);

	if (rc != 0 && rc != KETEN_ETIMEOUT)
		return (cli_fail(c, rc));
	return (finish(c, &r));
}

int
cli_order(struct cli *c)
{
	struct names n;
	struct keten_order o;
	uint64_t ticket;
	int rc, status = read_order(c, &o, &n);

	if (status != EXIT_DONE)
		return (status);
	warn_emergency(c, &o);
	rc = keten_order(c->k, &o, &ticket);
	if (rc != 0)
		return (cli_fail(c, rc));
	return (cli_await(c, ticket));
}

int
cli_explain(struct cli *c)
{
	const char *text;
	struct names n;
	struct keten_order o;
	int rc, status = read_order(c, &o, &n);

	if (status != EXIT_DONE)
		return (status);
	o.step = KETEN_SUBMIT;
	rc = keten_resolve(c->k, &o, cli_patience(c), &text);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (c->json)
		return (cli_put(json_pack("{s:s}", "text", text)));
	fputs(text, stdout);
	return (EXIT_DONE);
}

/* ---- what waits ---------------------------------------------------------------- */

static void
show_waiting(void *cookie, const struct keten_outcome *r)
{
	const struct cli *c = cookie;

	if (c->json) {
		print_json(r);
		return;
	}
	printf("%6" PRIu64 "  %-9s %-20s %s%s%s\n", r->ticket,
	    statuses_nl[r->status], keten_step_label(r->step), r->referral,
	    r->text[0] != '\0' ? "  " : "", r->text);
}

int
cli_outbox(struct cli *c)
{
	int rc = keten_orders(c->k, show_waiting, c);

	return (rc == 0 ? EXIT_DONE : cli_fail(c, rc));
}

int
cli_cancel(struct cli *c)
{
	long n;
	int rc;

	if (!opts_number(c->o.arg[0], &n)) {
		fprintf(stderr, "keten: geef het nummer uit keten outbox\n");
		return (EXIT_USAGE);
	}
	rc = keten_cancel(c->k, (uint64_t)n);
	if (rc == KETEN_ENONE) {
		fprintf(stderr, "keten: nummer %ld staat niet in de outbox, of "
				"is al weg; kijk met keten outbox\n", n);
		return (EXIT_REFUSED);
	}
	if (rc != 0)
		return (cli_fail(c, rc));
	if (c->json)
		return (cli_put(json_pack("{s:I}", "cancelled",
		    (json_int_t)n)));
	fprintf(stderr, "Nummer %ld is uit de outbox gehaald.\n", n);
	return (EXIT_DONE);
}
