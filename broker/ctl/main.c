/*
 * ketenctl -- the operator's tool.
 *
 * SECURITY: whoever may open the control socket may see which organisations
 * handle which referral (never whom it is about), let certificates in that are
 * signed by a partner's identity key, and reload a signed policy; nobody can
 * change a referral with it.  What it shows of referrals and mailboxes is
 * written in the log.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/secrecy.h"
#include "ctl/ctl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct command {
	const char *name;
	int (*run)(const struct ctl *c); /* NULL: a request to the broker */
	const char *words;
	const char *help;
} commands[] = {
	{ "status", NULL, "", "hoe het met de makelaar gaat" },
	{ "queue", NULL, "", "wat op wie wacht, en hoe lang" },
	{ "show", NULL, "VERWIJZING", "waar een verwijzing staat, en haar keten" },
	{ "explain", NULL, "VERWIJZING", "wie gevraagd wordt, en waarom de anderen niet" },
	{ "report", ctl_report, "open | figures|gaps [PERIODE]", "wat open staat; cijfers en gaten van een maand of kwartaal" },
	{ "enrol", NULL, "BESTAND...", "certificaten aannemen" },
	{ "partner", ctl_partner, "[list|revoke|suspect] ...", "wie meedoet, met welke sleutels; een sleutel intrekken" },
	{ "policy", ctl_policy, "check|sign|diff|load|show ...", "het beleid nakijken, ondertekenen, vergelijken, laden" },
	{ "erase", NULL, "[list|status]", "de bewaarregels nu uitvoeren; wat er aan de beurt is; wie niet bevestigde" },
	{ "backup", ctl_backup, "MAP", "een reservekopie maken, terwijl de makelaar draait" },
	{ "restore", ctl_restore, "MAP --to MAP --guard F", "een reservekopie terugzetten" },
	{ "metrics", NULL, "", "tellers, als tekst voor Prometheus" },
	{ "clock", NULL, "[accept]", "de klok; accept als zij toch goed is" },
	{ "guard", NULL, "[accept GROOTTE WORTEL]", "het bewaakte controlepunt" },
	{ "keygen", ctl_keygen, "[log|curve|introducer]", "sleutels maken, in --dir" },
};

static void
print_help(FILE *to)
{
	fprintf(to, "ketenctl status\n"
	    "ketenctl policy check config/demo/policy.yaml\n"
	    "ketenctl policy check nieuw.yaml policy.signed\n\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(to, "  %-8s %-30s %s\n", commands[i].name,
		    commands[i].words, commands[i].help);
	fprintf(to, "\n"
	    "  --socket PAD     waar de makelaar luistert (of $KETEN_CONTROL;\n"
	    "                   anders run/control.sock)\n"
	    "  --json           een object per regel\n"
	    "  --dir MAP        keygen: waar de sleutels komen\n"
	    "  --key F --out F  policy sign: sleutel van beheer, uitkomst;\n"
	    "                   policy check: introducer.pub, voor wat ondertekend is\n"
	    "  --from PARTNER --code CODE --area GEBIED [--urgency HIGH]\n"
	    "  [--basis G-TOE] [--at '2026-04-27 08:30']\n"
	    "                   explain van iets dat er nog niet is, op dat moment\n"
	    "  --partner P --format text|json|csv  report: alleen wat deze\n"
	    "                   regisseur mag zien; in welke vorm\n"
	    "  --partner P --device D|--sealing ID --key F [--reason R]\n"
	    "  [--suspect-from RECORD] [--out F]  partner revoke, suspect: met\n"
	    "                   de sleutel van beheer of van de partner zelf\n"
	    "  --vault MAP      backup, restore: de sleutels, apart van de rest\n"
	    "  --store MAP      backup: het logboek, als er geen makelaar draait\n"
	    "  --to MAP --guard F [--without-journal]  restore: waarheen; het\n"
	    "                   wachtbestand, met ernaast wat gewist is\n"
	    "\n"
	    "Einde: 0 gelukt, 1 geweigerd of fouten gevonden, 2 verkeerd\n"
	    "aangeroepen, 3 de makelaar is niet te bereiken, 4 een bestand\n"
	    "kan niet worden gelezen of geschreven.\n");
}

static void
set_option(struct ctl *c, int o, const char *value)
{
	struct {
		int o;
		const char **to;
	} texts[] = {
		{ 's', &c->socket }, { 'k', &c->key }, { 'o', &c->out },
		{ 'd', &c->dir }, { 'w', &c->why }, { 'f', &c->from },
		{ 'c', &c->code }, { 'a', &c->area }, { 'u', &c->urgency },
		{ 'b', &c->basis }, { 't', &c->at },
		{ 'P', &c->partner }, { 'D', &c->device },
		{ 'Z', &c->sealing }, { 'R', &c->reason },
		{ 'F', &c->suspect_from }, { 'm', &c->format },
		{ 'O', &c->store }, { 'V', &c->vault }, { 'T', &c->to },
		{ 'G', &c->guard },
	};

	if (o == 'j')
		c->json = true;
	if (o == 'W')
		c->without_journal = true;
	/* erase --status is erase status. */
	if ((o == 'L' || o == 'S') && c->n_args < CTL_ARGS)
		c->arg[c->n_args++] = o == 'L' ? "list" : "status";
	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].o == o)
			*texts[i].to = value;
}

/* Read the command line; the first word is the subcommand. */
static bool
read_words(int argc, char **argv, struct ctl *c, const char **name,
    bool *help)
{
	static const struct option longs[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "key", required_argument, NULL, 'k' },
		{ "out", required_argument, NULL, 'o' },
		{ "dir", required_argument, NULL, 'd' },
		{ "why", required_argument, NULL, 'w' },
		{ "from", required_argument, NULL, 'f' },
		{ "code", required_argument, NULL, 'c' },
		{ "area", required_argument, NULL, 'a' },
		{ "urgency", required_argument, NULL, 'u' },
		{ "basis", required_argument, NULL, 'b' },
		{ "at", required_argument, NULL, 't' },
		{ "partner", required_argument, NULL, 'P' },
		{ "device", required_argument, NULL, 'D' },
		{ "sealing", required_argument, NULL, 'Z' },
		{ "reason", required_argument, NULL, 'R' },
		{ "suspect-from", required_argument, NULL, 'F' },
		{ "format", required_argument, NULL, 'm' },
		{ "store", required_argument, NULL, 'O' },
		{ "vault", required_argument, NULL, 'V' },
		{ "to", required_argument, NULL, 'T' },
		{ "guard", required_argument, NULL, 'G' },
		{ "without-journal", no_argument, NULL, 'W' },
		{ "json", no_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'L' },
		{ "status", no_argument, NULL, 'S' },
		{ "no-color", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (o == '?')
			return (false);
		if (o == 'h')
			*help = true;
		set_option(c, o, optarg);
	}
	if (optind < argc)
		*name = argv[optind++];
	while (optind < argc) {
		if (c->n_args == CTL_ARGS) {
			fprintf(stderr, "ketenctl: hoogstens %d woorden\n",
			    CTL_ARGS);
			return (false);
		}
		c->arg[c->n_args++] = argv[optind++];
	}
	return (*help || *name != NULL);
}

static int
run(const struct ctl *c, const char *name)
{
	const char *names[COUNT(commands)];
	const char *near;

	for (size_t i = 0; i < COUNT(commands); i++) {
		names[i] = commands[i].name;
		if (strcmp(names[i], name) != 0)
			continue;
		return (commands[i].run != NULL ? commands[i].run(c) :
		    ctl_online(c, name));
	}
	near = conf_nearest(name, names, COUNT(names));
	fprintf(stderr, "ketenctl: onbekende opdracht %s%s%s%s  "
	    "(ketenctl --help)\n", name,
	    near == NULL ? "" : "; bedoelde u ", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
	return (CTL_USAGE);
}

int
main(int argc, char **argv)
{
	struct ctl c = { .socket = getenv("KETEN_CONTROL") };
	const char *name = NULL;
	bool help = false;

	if (!secrecy_begin()) {
		fprintf(stderr, "ketenctl: geheugen is niet af te schermen\n");
		return (CTL_FILE);
	}
	if (!read_words(argc, argv, &c, &name, &help)) {
		print_help(stderr);
		return (CTL_USAGE);
	}
	if (help) {
		print_help(stdout);
		return (CTL_DONE);
	}
	if (c.socket == NULL)
		c.socket = "run/control.sock";
	return (run(&c, name));
}
