/*
 * keten-audit -- look the broker's log over without trusting the broker.
 *
 * SECURITY: only reads.  It needs the store with its vault.keys, so whoever
 * runs it sees what the broker sees: who, what code, where, when; never who it
 * is about.  Keys to verify with come from the command line or a file, never
 * from the store.  replay makes a copy of the state in a file without a name
 * under $TMPDIR, which is gone when it ends.
 *
 * BUGS: replay holds one read transaction while it compares the tables, longer
 * than a second on a large log; meanwhile the broker's file grows instead of
 * using old pages again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "base/conf.h"
#include "base/printed.h"
#include "base/secrecy.h"
#include "base/version.h"

static const struct command {
	const char *name;
	int (*run)(const struct args *a);
	const char *line; /* Dutch */
	const char *arguments;
	size_t min, max; /* how many of those */
	const char *options; /* besides ARGS_ALWAYS */
	const char *examples[2];
} commands[] = {
	{ "verify", command_verify,
	    "reken het hele logboek na: bytes, boom, handtekeningen, reeksen",
	    "", 0, 0, "cosignatures guard checkpoint tiles threads",
	    { "keten-audit verify --store /var/lib/keten/log --trust "
	      "vertrouwen.yaml",
		"keten-audit verify --store kopie --vkey log.vkey "
		"--introducer beheer.pub --json" } },
	{ "replay", command_replay,
	    "speel het logboek na: alles toepassen, alles opnieuw beslissen",
	    "", 0, 0, "until threads",
	    { "keten-audit replay --store /var/lib/keten/log",
		"keten-audit replay --store kopie --until 1000" } },
	{ "trace", command_trace, "de keten van een verwijzing, stap voor stap",
	    "VERWIJZING", 1, 1, "",
	    { "keten-audit trace --store kopie "
	      "019a8f6e-0000-7000-8000-000000000001",
		"keten-audit trace --store kopie --json "
		"019a8f6e-0000-7000-8000-000000000001" } },
	{ "show", command_show, "alles wat er in een record staat",
	    "RECORD|VERWIJZING ...", 1, 16, "",
	    { "keten-audit show --store kopie 17",
		"keten-audit show --store kopie --json 17 18" } },
	{ "prove", command_prove,
	    "een bewijs dat een record in het logboek staat (tlog-proof)",
	    "RECORD|VERWIJZING", 1, 1, "out",
	    { "keten-audit prove --store kopie 17 > 17.tlog-proof",
		"keten-audit prove --store kopie --out bewijzen "
		"019a8f6e-0000-7000-8000-000000000001" } },
	{ "receipt", command_receipt,
	    "wat een bewijs bewijst, zonder netwerk; met --store: of het er "
	    "nog staat",
	    "BESTAND", 1, 1, "leaf leaf-hash",
	    { "keten-audit receipt 17.tlog-proof --vkey log.vkey",
		"keten-audit receipt 17.tlog-proof --trust vertrouwen.yaml "
		"--store kopie" } },
	{ "checkpoint", command_checkpoint,
	    "het nieuwste controlepunt en de wortel van nu", "", 0, 0, "",
	    { "keten-audit checkpoint --store kopie --vkey log.vkey",
		"keten-audit checkpoint --store kopie > controlepunt.txt" } },
	{ "export", command_export,
	    "het logboek voor andere programma's: jsonl (alles, met de bytes "
	    "zelf),\n  csv (Excel), fhir (AuditEvents, NEN 7513), tiles "
	    "(C2SP tlog-tiles, voor iedereen)",
	    "[MAP]", 0, 1, "format from until out",
	    { "keten-audit export --store kopie --format csv --out log.csv",
		"keten-audit export --store kopie --format tiles tegels" } },
	{ "case", command_case,
	    "een dossier: een bestand dat de keten van een verwijzing bewijst "
	    "zonder het logboek",
	    "VERWIJZING", 0, 1, "check out",
	    { "keten-audit case --store kopie --out dossier.json "
	      "019a8f6e-0000-7000-8000-000000000001",
		"keten-audit case --check dossier.json --trust "
		"vertrouwen.yaml" } },
	{ "access", command_access,
	    "inzage: wie deed wat met een verwijzing, voor welke organisatie, "
	    "op welke grondslag",
	    "VERWIJZING", 1, 1, "format",
	    { "keten-audit access --store kopie "
	      "019a8f6e-0000-7000-8000-000000000001",
		"keten-audit access --store kopie --format csv "
		"019a8f6e-0000-7000-8000-000000000001 > inzage.csv" } },
	{ "consistency", command_consistency,
	    "bewijs dat een ouder controlepunt het begin is van het logboek",
	    "AANTAL|CONTROLEPUNT", 1, 1, "tiles out",
	    { "keten-audit consistency --store kopie --vkey log.vkey "
	      "oud-controlepunt.txt",
		"keten-audit consistency --tiles tegels 1000 > verzoek.txt" } },
	{ "keys", command_keys,
	    "alle certificaten: van wie, vanaf welk record, tot welk, wat "
	    "verdacht is", "", 0, 0, "",
	    { "keten-audit keys --store kopie --introducer beheer.pub",
		"keten-audit keys --store kopie --trust vertrouwen.yaml "
		"--json" } },
	{ "sample", command_sample,
	    "een steekproef die een ander kan herhalen, elk record nagekeken",
	    "[SOORT]", 0, 1, "number seed until",
	    { "keten-audit sample -n 50 --seed 2026-11 --store kopie --trust "
	      "vertrouwen.yaml",
		"keten-audit sample -n 20 --seed woord --store kopie "
		"--introducer beheer.pub COMMAND" } },
	{ "report", command_report,
	    "cijfers of gaten van een maand of kwartaal, opnieuw geteld uit "
	    "het logboek;\n  of wat er open stond bij het laatste record",
	    "open | figures|gaps [PERIODE]", 0, 2, "partner format",
	    { "keten-audit report --store kopie figures 2026-10",
		"keten-audit report --store kopie --partner gemeente-r "
		"--format csv gaps 2026-Q4 > gaten.csv" } },
	{ "selftest", command_selftest,
	    "de toetsen die bij het programma horen: rekent het zoals de "
	    "anderen?", "", 0, 0, "",
	    { "keten-audit selftest", "keten-audit selftest --json" } },
	{ "witness", command_witness,
	    "een getuige: tekent wat op het vorige volgt, weigert de rest",
	    "[keygen|vkey]", 0, 1, "key name state new folder request tiles out "
		"watch",
	    { "keten-audit witness keygen --key getuige.key --name "
	      "getuige.nl/w1",
		"keten-audit witness --key getuige.key --name getuige.nl/w1 "
		"--state getuige.state\n      --vkey log.vkey --folder "
		"/srv/getuigen/w1 --watch 1" } },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_codes(FILE *to)
{
	enum verdict v;

	(void)fprintf(to, "\nHet programma eindigt met het ergste wat het "
			  "vond, van goed naar slecht:\n");
	for (size_t i = 0; verdict_nth(i, &v) == 0; i++)
		(void)fprintf(to, "  %2d  %s\n", (int)v, verdict_text(v));
	(void)fprintf(to, "Wat alleen iets toont of schrijft (trace, show, prove, "
			  "export, ...) eindigt met 0\nals het kon wat er "
			  "gevraagd is.\n");
}

static void
print_help(FILE *to)
{
	(void)fprintf(to, "Voorbeelden\n  %s\n  %s\n\n"
			  "keten-audit OPDRACHT [OPTIES]\n\n",
	    commands[0].examples[0], commands[1].examples[0]);
	for (size_t i = 0; i < N_COMMANDS; i++)
		(void)fprintf(to, "  %-11s %s\n", commands[i].name,
		    commands[i].line);
	(void)fprintf(to, "\nUitleg bij een opdracht: keten-audit OPDRACHT "
			  "--help\n");
	print_codes(to);
}

static void
print_command(const struct command *c)
{
	(void)printf("Voorbeelden\n  %s\n  %s\n\n"
		     "keten-audit %s [OPTIES] %s\n  %s\n\n",
	    c->examples[0], c->examples[1], c->name, c->arguments, c->line);
	if (strstr(c->arguments, "VERWIJZING") != NULL)
		(void)printf("VERWIJZING is het hele nummer, of minstens de "
			     "eerste 8 tekens\n\n");
	if (c->options[0] != '\0')
		args_print_options(c->options, stdout);
	(void)printf("%sBij elke opdracht\n", c->options[0] != '\0' ? "\n"
								    : "");
	args_print_options(ARGS_ALWAYS, stdout);
	print_codes(stdout);
}

static const struct command *
find(const char *name)
{
	const char *names[N_COMMANDS];
	const char *near;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return (&commands[i]);
		names[i] = commands[i].name;
	}
	near = conf_nearest(name, names, N_COMMANDS);
	(void)fprintf(stderr, "keten-audit: de opdracht %s is er niet%s%s%s  "
	    "(keten-audit --help)\n", name, near == NULL ? "" : "; bedoelde u ",
	    near == NULL ? "" : near, near == NULL ? "" : "?");
	return (NULL);
}

/* A word too many, or too few, is no small matter: it meant something. */
static bool
fits(const struct command *c, const struct args *a)
{
	if (a->n_targets > c->max) {
		(void)fprintf(stderr, "keten-audit: %s: '%s' hoort hier niet  "
		    "(keten-audit %s --help)\n", c->name,
		    a->targets[c->max], c->name);
		return (false);
	}
	if (a->n_targets < c->min) {
		(void)fprintf(stderr, "keten-audit: %s: noem ook %s  "
		    "(keten-audit %s --help)\n", c->name, c->arguments,
		    c->name);
		return (false);
	}
	return (true);
}

/* What was said must have arrived. */
static int
finish(int code)
{
	return (printed_all("keten-audit") ? code : (int)VERDICT_USAGE);
}

int
main(int argc, char **argv)
{
	const struct command *c;
	struct args a;

	/* A witness has a key. */
	if (!secrecy_begin())
		return ((int)VERDICT_USAGE);
	if (argc < 2) {
		print_help(stderr);
		return ((int)VERDICT_USAGE);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return (finish(0));
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("keten-audit %s\n", VERSION);
		return (finish(0));
	}
	c = find(argv[1]);
	if (c == NULL || args_parse(argc - 2, argv + 2, c->options, &a) !=
	    ERR_OK)
		return ((int)VERDICT_USAGE);
	if (a.help) {
		print_command(c);
		return (finish(0));
	}
	if (!fits(c, &a))
		return ((int)VERDICT_USAGE);
	return (finish(c->run(&a)));
}
