/*
 * keten -- a partner's command line.
 *
 * SECURITY: opens the device's keys and its spool, and nothing of anybody
 * else.  What is about a person comes from a file or standard input, never
 * from the command line, and goes to standard output only.
 *
 * BUGS: a text given with --text can be seen by other users of this machine
 * while the program runs; use --text @FILE or --text - where that matters.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/say.h"
#include "base/printed.h"
#include "base/secrecy.h"
#include "cli/cli.h"

#define ALWAYS (O(CONFIG) | O(JSON) | O(HELP) | O(ACTOR) | O(VERBOSE))
#define ORDER (ALWAYS | O(WAIT) | O(SOURCE) | O(VERSION))
#define WHAT (O(CODE) | O(AREA) | O(URGENCY) | O(BASIS) | O(DISCUSSED) | \
    O(FIRST) | O(NEVER) | O(PARENT) | O(RELATES))
#define SEALED (O(NOTE) | O(PERSON))
#define SERVICE (O(UNITS) | O(FREQUENCY) | O(END) | O(PAYER))

/* One step of a referral. */
#define STEP(name, step, line, more, needs) \
	{ name, cli_order, KETEN_##step, "NR", line, ORDER | (more) | (needs), \
	    needs, 1, false }

static const struct verb verbs[] = {
	{ "signal", cli_order, KETEN_SUBMIT, "", "een signaal doorgeven",
	    ORDER | WHAT | SEALED, O(CODE) | O(AREA) | O(BASIS), 0, false },
	{ "request", cli_order, KETEN_SUBMIT, "", "een dienst vragen",
	    ORDER | WHAT | SEALED | SERVICE, O(CODE) | O(AREA) | O(BASIS), 0,
	    false },
	{ "explain", cli_explain, KETEN_SUBMIT, "",
	    "wie zou gevraagd worden, en waarom de anderen niet",
	    ALWAYS | O(WAIT) | WHAT, O(CODE) | O(AREA) | O(BASIS), 0, false },
	{ "inbox", cli_inbox, 0, "", "wat er openstaat", ALWAYS | O(ALL), 0, 0,
	    false },
	{ "show", cli_show, 0, "NR", "een verwijzing met haar hele keten",
	    ALWAYS, 0, 1, false },
	{ "open", cli_open, 0, "NR", "een verzegeld deel openen",
	    ALWAYS | O(PART) | O(SEQ) | O(RECORD), 0, 1, false },
	STEP("review", REVIEW, "melden dat het aanbod bekeken wordt",
	    O(OFFER), 0),
	STEP("accept", ACCEPT, "aannemen", O(OFFER), 0),
	STEP("decline", DECLINE, "afwijzen", O(OFFER) | O(TEXT), O(REASON)),
	STEP("return", RETURN, "teruggeven na aannemen", O(TEXT), O(REASON)),
	STEP("start", START, "beginnen", 0, 0),
	STEP("ask", ASK, "een vraag stellen", O(OFFER), O(TEXT)),
	STEP("answer", ANSWER, "antwoord geven", O(OFFER), O(TEXT)),
	STEP("pause", PAUSE, "stilzetten", O(TEXT), O(REASON) | O(UNTIL)),
	STEP("resume", RESUME, "weer oppakken", 0, 0),
	STEP("report", REPORT, "verslag doen", O(TEXT) | O(DONE) | O(TOTAL),
	    0),
	STEP("supplement", SUPPLEMENT, "iets aanvullen", 0, O(TEXT)),
	STEP("urgent", RAISE_URGENCY, "meer haast geven", 0, O(URGENCY)),
	STEP("handover", HAND_OVER, "aan een ander overdragen",
	    O(BASIS) | O(NOTE) | O(TEXT), O(TO) | O(REASON)),
	{ "transfer", cli_transfer, 0, "--to PARTNER",
	    "alles wat u in behandeling hebt aan een ander aanbieden",
	    ALWAYS | O(WAIT) | O(YES) | O(TO) | O(CODE) | O(AREA) | O(BASIS) |
	    O(REASON) | O(DRY_RUN) | O(CONFIRM), O(TO), 0, false },
	STEP("retract", RETRACT, "overdracht terugnemen", 0, 0),
	STEP("complete", COMPLETE, "afronden",
	    O(TEXT) | O(CHILD) | O(OUTSIDE) | O(DONE) | O(TOTAL), O(OUTCOME)),
	STEP("giveup", GIVE_UP, "ermee stoppen; wordt opnieuw aangeboden",
	    O(TEXT) | O(DONE) | O(TOTAL), O(REASON)),
	STEP("fail", FAIL, "afsluiten zonder aanbod (regisseur)", O(TEXT),
	    O(REASON)),
	STEP("withdraw", WITHDRAW, "intrekken", O(REASON), 0),
	STEP("askwithdraw", REQUEST_WITHDRAWAL, "vragen om in te trekken",
	    O(REASON) | O(TEXT), 0),
	STEP("agree", AGREE_WITHDRAWAL, "instemmen met intrekken", 0, 0),
	STEP("refuse", REFUSE_WITHDRAWAL, "niet instemmen met intrekken",
	    O(REASON) | O(TEXT), 0),
	STEP("confirm", CONFIRM, "bevestigen (regisseur)", 0, 0),
	STEP("takeover", TAKE_OVER, "overnemen (regisseur)", O(TEXT),
	    O(REASON)),
	STEP("offermore", OFFER_MORE, "ook een ander vragen (regisseur)",
	    O(NOTE), O(TO)),
	STEP("error", MARK_ERROR, "als vergissing markeren", 0, O(REASON)),
	STEP("acknowledge", ACKNOWLEDGE, "uitkomst gelezen", 0, 0),
	STEP("erase", ERASE, "de inhoud laten wissen", 0, O(REASON)),
	STEP("retain", RETAIN, "laten bewaren (geschil, bezwaar)", O(UNTIL),
	    O(REASON)),
	STEP("unretain", UNRETAIN, "niet langer laten bewaren", 0, O(REASON)),
	STEP("reopen", REOPEN, "heropenen", O(REASON) | O(TEXT), 0),
	{ "outbox", cli_outbox, 0, "", "wat nog niet is aangekomen", ALWAYS, 0,
	    0, false },
	{ "cancel", cli_cancel, 0, "NUMMER",
	    "iets uit de outbox halen dat nog niet weg is", ALWAYS, 0, 1,
	    false },
	{ "watch", cli_watch, 0, "", "laten zien wat binnenkomt",
	    ALWAYS | O(COUNT), 0, 0, false },
	{ "find", cli_find, 0, "TEKST",
	    "zoeken in de eigen geopende persoonsdelen", ALWAYS, 0, 1, false },
	{ "opened", cli_opened, 0, "", "wie hier welk persoonsdeel opende",
	    ALWAYS, 0, 0, false },
	{ "codes", cli_codes, 0, "[BEGIN]", "de codes van het beleid", ALWAYS,
	    0, 0, false },
	{ "catalogue", cli_catalogue, 0, "[mine|add|change|remove|missing]",
	    "de sociale kaart: wie biedt wat waar; eigen vermeldingen met "
	    "veld=waarde", ALWAYS | O(WAIT) | O(SOURCE) | O(CODE) | O(AREA) |
	    O(PARTNER) | O(OPEN_NOW) | O(ROOM) | O(AGE) | O(FROM) | O(YES), 0,
	    0, false },
	{ "receipt", cli_receipt, 0, "NUMMER",
	    "bewijs dat een opdracht in het logboek staat", ALWAYS, 0, 1,
	    false },
	{ "oversight", cli_oversight, 0, "open|figures|gaps [PERIODE]",
	    "toezicht (regisseur): wat open staat; cijfers en gaten van een "
	    "maand of kwartaal", ALWAYS | O(WAIT) | O(FORMAT), 0, 1, false },
	{ "trust", cli_trust, 0, "",
	    "verbinding, beleid, sleutels en logboek, en wat veranderde",
	    ALWAYS | O(ACCEPT), 0, 0, false },
	{ "sync", cli_sync, 0, "", "alles wat loopt opnieuw vragen",
	    ALWAYS | O(NEW_LANE) | O(RESTORED), 0, 0, false },
	{ "keygen", cli_keygen, 0, "", "sleutels maken",
	    ALWAYS | O(DIR) | O(IDENTITY), 0, 0, true },
	{ "enrol", cli_enrol, 0, "", "certificaten maken voor de beheerder",
	    ALWAYS | O(DIR) | O(IDENTITY) | O(ROLE) | O(DAYS), O(IDENTITY), 0,
	    true },
	{ "key", cli_key, 0, "list|rotate|revoke|tidy",
	    "sleutels bekijken, vernieuwen, intrekken",
	    ALWAYS | O(ALL) | O(SIGN) | O(CURVE) | O(SEAL) | O(IDENTITY) |
	    O(SEND) | O(DIR) | O(ROLE) | O(DAYS) | O(DEVICE) | O(SEALING) |
	    O(SERIAL) | O(REASON) | O(SUSPECT_FROM), 0, 1, true },
};

const char *
cli_get(const struct cli *c, enum opt opt)
{
	return (c->o.value[opt]);
}

int
cli_fail(const struct cli *c, int rc)
{
	static const struct {
		int rc;
		int status;
	} rows[] = {
		{ KETEN_EARGUMENT, EXIT_USAGE },
		{ KETEN_ECONFIG, EXIT_SETTINGS },
		{ KETEN_ESPOOL, EXIT_SETTINGS },
		{ KETEN_ENONE, EXIT_REFUSED },
		{ KETEN_ETIMEOUT, EXIT_LATER },
		{ KETEN_ESEALED, EXIT_SEALED },
		{ KETEN_ETRUST, EXIT_TRUST },
		{ KETEN_EREFUSED, EXIT_REFUSED },
	};

	fprintf(stderr, "keten: %s\n", keten_error(c->k));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].rc == rc)
			return (rows[i].status);
	return (EXIT_SETTINGS);
}

/* ---- help --------------------------------------------------------------------------- */

static void
usage(void)
{
	printf("Voorbeelden:\n"
	       "  keten signal --code SIG-101 --area WK085501 --basis G-TOE "
	       "--note 'gordijnen dicht' --person @persoon.json\n"
	       "  keten accept 0190f3a2\n\n"
	       "Gebruik: keten WERKWOORD [NR] [opties]\n\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		printf("  %-12s %-10s %s\n", verbs[i].name, verbs[i].words,
		    verbs[i].line);
	printf("\nketen --version toont de uitgave, keten WERKWOORD --help "
	       "de opties.\nNR is het nummer van een verwijzing, of minstens "
	       "de eerste 8 tekens ervan.\n\nUitgang: 0 gelukt, "
	       "1 geweigerd,\n2 verkeerde woorden, 3 nog niet (het staat "
	       "klaar), 4 instellingen of opslag,\n5 de makelaar of het "
	       "logboek kan niet kloppen, 6 verzegeld voor u.\n");
}

/* Of verbs that have words of their own, better ones than any can have. */
static const struct {
	const char *name;
	const char *text;
} examples[] = {
	{ "catalogue",
	    "  keten catalogue --code DST-101 --area WK085501 --open-now\n"
	    "  keten catalogue add dienst=DST-101 capaciteit=ja "
	    "gebieden=WK085501,WK085502\n"
	    "  keten catalogue add --from kaart.csv\n"
	    "  keten catalogue change dienst=DST-101 capaciteit=wachtlijst\n"
	    "  keten catalogue missing --code DST-205 --area WK085503\n" },
	{ "transfer",
	    "  keten transfer --to zorg-z --code SIG-100 --dry-run\n"
	    "  keten transfer --to zorg-z --code SIG-100 --area WK085501\n" },
	{ "oversight",
	    "  keten oversight open\n"
	    "  keten oversight figures 2026-10\n"
	    "  keten oversight gaps 2026-Q4 --format csv > gaten.csv\n" },
	{ "key",
	    "  keten key list\n"
	    "  keten key rotate --sign --identity identity.key --send\n"
	    "  keten key revoke --device balie --identity identity.key "
	    "--reason lost\n" },
};

static void
print_examples(const struct verb *v)
{
	const char *space = v->words[0] != '\0' ? " " : "";

	printf("Voorbeelden:\n");
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (strcmp(examples[i].name, v->name) == 0) {
			fputs(examples[i].text, stdout);
			return;
		}
	printf("  keten %s%s%s\n  keten %s%s%s --json\n", v->name, space,
	    v->words, v->name, space, v->words);
}

static void
verb_usage(const struct verb *v)
{
	print_examples(v);
	printf("\nketen %s%s%s [opties]\n%s\n\n", v->name,
	    v->words[0] != '\0' ? " " : "", v->words, v->line);
	if (strcmp(v->words, "NR") == 0)
		printf("NR is het nummer van de verwijzing, of minstens de "
		       "eerste 8 tekens ervan\n\n");
	opts_help(v->options & ~v->needs, stdout);
	if (v->needs != 0) {
		printf("\nNodig:\n");
		opts_help(v->needs, stdout);
	}
}

static const struct verb *
find_verb(const char *name)
{
	const char *names[sizeof(verbs) / sizeof(verbs[0])], *near;
	size_t n = sizeof(verbs) / sizeof(verbs[0]);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return (&verbs[i]);
		names[i] = verbs[i].name;
	}
	near = conf_nearest(name, names, n);
	fprintf(stderr, "keten: '%s' ken ik niet", name);
	if (near != NULL)
		fprintf(stderr, "; bedoelde u '%s'?", near);
	fprintf(stderr, "  (keten --help)\n");
	return (NULL);
}

/* ---- running a verb -------------------------------------------------------------------- */

/* How many words can follow it: those it must have, unless it is one of
 * these. */
static size_t
most_words(const struct verb *v)
{
	static const struct {
		int (*run)(struct cli *c);
		size_t n;
	} rows[] = {
		{ cli_codes, 1 }, { cli_oversight, 2 },
		{ cli_catalogue, CLI_WORDS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].run == v->run)
			return (rows[i].n);
	return (v->n_args);
}

/* Is everything there that the verb cannot do without? */
static bool
is_complete(const struct cli *c)
{
	const struct verb *v = c->verb;
	unsigned long long missing = 0;
	long n;

	for (size_t i = 0; i < OPT__MAX; i++)
		if ((v->needs >> i & 1) && c->o.value[i] == NULL)
			missing |= 1ull << i;
	if (c->o.value[OPT_WAIT] != NULL &&
	    !opts_number(c->o.value[OPT_WAIT], &n)) {
		fprintf(stderr, "keten %s: --wait is een aantal seconden\n",
		    v->name);
		return (false);
	}
	if (c->o.n_args < v->n_args)
		fprintf(stderr, "keten %s: noem ook %s  (keten %s --help)\n",
		    v->name, v->words, v->name);
	if (c->o.n_args > most_words(v)) {
		fprintf(stderr, "keten %s: '%s' hoort hier niet  (keten %s "
		    "--help)\n", v->name, c->o.arg[most_words(v)], v->name);
		return (false);
	}
	if (missing != 0) {
		fprintf(stderr, "keten %s: dit moet er nog bij:\n", v->name);
		opts_help(missing, stderr);
	}
	return (missing == 0 && c->o.n_args >= v->n_args);
}

const char *
cli_config(const struct cli *c)
{
	const char *config = cli_get(c, OPT_CONFIG);

	if (config == NULL)
		config = getenv("KETEN_CONFIG");
	return (config == NULL ? "keten.yaml" : config);
}

/* Whatever somebody came for: an alarm is shown until it is accepted. */
static void
say_alarm(const struct cli *c)
{
	char text[400];

	if (c->verb->run != cli_trust &&
	    keten_alarm(c->k, text, sizeof(text)) == 0)
		fprintf(stderr, "\n%s\nDit blijft staan tot iemand het heeft "
				"uitgezocht: keten trust.\n", text);
}

static int
run_verb(struct cli *c)
{
	int rc;

	if (c->verb->no_device)
		return (c->verb->run(c));
	rc = keten_open(cli_config(c), &c->k);
	if (rc != 0)
		return (cli_fail(c, rc));
	rc = c->verb->run(c);
	say_alarm(c);
	keten_close(c->k);
	return (rc);
}

/* What was said must have arrived. */
static int
finish(int status)
{
	return (printed_all("keten") ? status : EXIT_SETTINGS);
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = EXIT_USAGE;

	memset(&c, 0, sizeof(c));
	if (!secrecy_begin()) {
		fprintf(stderr, "keten: geheugen is niet af te schermen\n");
		return (EXIT_SETTINGS);
	}
	(void)signal(SIGPIPE, SIG_DFL);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage();
		return (argc < 2 ? EXIT_USAGE : finish(EXIT_DONE));
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("keten %s\n", keten_version());
		return (finish(EXIT_DONE));
	}
	c.verb = find_verb(argv[1]);
	if (c.verb == NULL)
		return (EXIT_USAGE);
	if (opts_read(argc - 2, argv + 2, c.verb->options, &c.o)) {
		c.json = cli_get(&c, OPT_JSON) != NULL;
		/* That it connects is no news to who types a command. */
		say_set("keten", cli_get(&c, OPT_VERBOSE) != NULL ?
		    SAY_LEVEL_INFO : SAY_LEVEL_WARN, SAY_TEXT);
		if (cli_get(&c, OPT_HELP) != NULL) {
			verb_usage(c.verb);
			status = EXIT_DONE;
		} else if (is_complete(&c)) {
			status = run_verb(&c);
		}
	}
	opts_fini(&c.o);
	return (finish(status));
}
