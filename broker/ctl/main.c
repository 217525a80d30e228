/*
 * ketenctl -- the operator's tool.
 *
 * SECURITY: whoever may open the control socket may see which organisations
 * handle which referral (never whom it is about), let certificates in that are
 * signed by a partner's identity key, and reload a signed policy; nobody can
 * change a referral with it.  What it shows of referrals and mailboxes is
 * written in the log.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printed.h"
#include "base/secrecy.h"
#include "base/version.h"
#include "ctl/ctl.h"
#include "ctl/opts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ENDING "partner device sealing key reason suspect-from out"

static const struct command commands[] = {
	{ "status", ctl_status, "", 0, 0, "", "hoe het met de makelaar gaat",
	    "ketenctl status" },
	{ "queue", ctl_queue, "", 0, 0, "", "wat op wie wacht, en hoe lang",
	    "ketenctl queue" },
	{ "show", ctl_referral, "VERWIJZING", 1, 1, "",
	    "waar een verwijzing staat, en haar keten",
	    "ketenctl show 0190f3a2-77c1" },
	{ "explain", ctl_explain, "[VERWIJZING]", 0, 1,
	    "from code area urgency basis at",
	    "wie gevraagd wordt, en waarom de anderen niet",
	    "ketenctl explain --from lwdb-noord --code SIG-301 --area "
	    "WK085501 --at '2026-04-24 16:30'" },
	{ "report", ctl_report, "open | figures|gaps [PERIODE]", 0, 2,
	    "partner format",
	    "wat open staat; cijfers en gaten van een maand of kwartaal",
	    "ketenctl report figures 2026-10 --partner gemeente-r" },
	{ "enrol", ctl_enrol, "BESTAND...", 1, CTL_ARGS, "",
	    "certificaten aannemen", "ketenctl enrol certificaten/*.cert" },
	{ "partner", ctl_partner, "[PARTNER]", 0, 1, "",
	    "wie meedoet, met welke sleutels van nu",
	    "ketenctl partner thuiszorg-t" },
	{ "partner list", ctl_partner_list, "[PARTNER]", 0, 1, "",
	    "alle sleutels die er ooit waren", "ketenctl partner list" },
	{ "partner revoke", ctl_partner_revoke, "[BESTAND]", 0, 1, ENDING,
	    "een sleutel intrekken",
	    "ketenctl partner revoke --partner welzijn-w --device laptop "
	    "--key introducer.key --reason stolen" },
	{ "partner suspect", ctl_partner_suspect, "[PARTNER]", 0, 1, ENDING,
	    "wat verdacht is; met --key: een sleutel verdacht maken",
	    "ketenctl partner suspect welzijn-w" },
	{ "policy check", ctl_policy_check, "BESTAND [WAT-NU-GELDT]", 1, 2,
	    "key", "een beleid nakijken: elke fout, met de regel",
	    "ketenctl policy check nieuw.yaml policy.signed" },
	{ "policy sign", ctl_policy_sign, "BESTAND.yaml", 1, 1, "key out",
	    "een beleid ondertekenen",
	    "ketenctl policy sign policy.yaml --key introducer.key --out "
	    "policy.signed" },
	{ "policy diff", ctl_policy_diff, "[OUD] NIEUW", 1, 2, "",
	    "wat een ander beleid zou veranderen, ook aan wat open staat",
	    "ketenctl policy diff policy.signed" },
	{ "policy load", ctl_policy_load, "[BESTAND]", 0, 1, "",
	    "een ondertekend beleid laten gelden",
	    "ketenctl policy load policy.signed" },
	{ "policy show", ctl_policy_show, "", 0, 0, "", "welk beleid geldt",
	    "ketenctl policy show" },
	{ "erase", ctl_erase, "", 0, 0, "",
	    "de bewaarregels nu uitvoeren", "ketenctl erase" },
	{ "erase list", ctl_erase_list, "", 0, 0, "",
	    "wat er aan de beurt is, en wat iemand laat bewaren",
	    "ketenctl erase list" },
	{ "erase status", ctl_erase_status, "", 0, 0, "",
	    "wie nog niet bevestigde dat er gewist is",
	    "ketenctl erase status" },
	{ "backup", ctl_backup, "MAP", 1, 1, "vault store",
	    "een reservekopie maken, terwijl de makelaar draait",
	    "ketenctl backup /mnt/kopie --vault /mnt/sleutels" },
	{ "restore", ctl_restore, "MAP", 1, 1,
	    "vault to guard without-journal", "een reservekopie terugzetten",
	    "ketenctl restore /mnt/kopie --vault /mnt/sleutels --to "
	    "/var/lib/keten/store --guard /srv/guard/guard" },
	{ "metrics", ctl_metrics, "", 0, 0, "",
	    "tellers, als tekst voor Prometheus", "ketenctl metrics" },
	{ "clock", ctl_clock, "", 0, 0, "", "hoe laat de makelaar denkt dat "
	    "het is", "ketenctl clock" },
	{ "clock accept", ctl_clock_accept, "", 0, 0, "",
	    "de klok is goed, ook al sprong zij", "ketenctl clock accept" },
	{ "clock set", ctl_clock_set, "MILLISECONDEN", 1, 1, "",
	    "alleen een testklok: lopen naar (met +: zoveel verder)",
	    "ketenctl clock set +3600000" },
	{ "clock jump", ctl_clock_jump, "MILLISECONDEN", 1, 1, "",
	    "alleen een testklok: springen", "ketenctl clock jump +3600000" },
	{ "guard", ctl_guard, "", 0, 0, "",
	    "het bewaakte controlepunt, en of er ondertekend wordt",
	    "ketenctl guard" },
	{ "guard accept", ctl_guard_accept, "GROOTTE WORTEL", 2, 2, "",
	    "beslissen dat dit logboek verder gaat",
	    "ketenctl guard accept 1042 3b01efdcdfea3d83..." },
	{ "keygen", ctl_keygen, "[log|curve|introducer]", 0, 1, "dir",
	    "sleutels maken; zonder woord alle drie",
	    "ketenctl keygen --dir keys" },
};

static void
print_exits(FILE *to)
{
	fprintf(to, "\nEinde: 0 gelukt, 1 geweigerd of fouten gevonden, 2 "
	    "verkeerd aangeroepen,\n3 de makelaar is niet te bereiken, 4 een "
	    "bestand kan niet worden gelezen of\ngeschreven.\n");
}

static void
print_help(FILE *to)
{
	fprintf(to, "Voorbeelden\n  ketenctl status\n"
	    "  ketenctl policy check policy.yaml\n\n"
	    "ketenctl OPDRACHT [OPTIES]\n\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(to, "  %-15s %-29s %s\n", commands[i].name,
		    commands[i].words, commands[i].line);
	fprintf(to, "\nUitleg bij een opdracht: ketenctl OPDRACHT --help\n"
	    "  --socket PAD           waar de makelaar luistert (of "
	    "$KETEN_CONTROL;\n%26sanders run/control.sock)\n"
	    "  --json                 voor programma's: een object per regel\n"
	    "  --version              welke uitgave dit is\n", "");
	print_exits(to);
}

static void
print_command(const struct command *c)
{
	printf("Voorbeelden\n  %s\n  %s --json\n\nketenctl %s%s%s [OPTIES]\n"
	    "  %s\n\n", c->example, c->example, c->name,
	    c->words[0] == '\0' ? "" : " ", c->words, c->line);
	if (strstr(c->words, "VERWIJZING") != NULL)
		printf("VERWIJZING is het hele nummer, of minstens de eerste "
		    "8 tekens\n\n");
	opts_print(c->options);
	opts_print(OPTS_ALWAYS);
}

/* The commands that begin with ${topic}; false if there are none. */
static bool
print_topic(const char *topic)
{
	size_t len = strlen(topic), n = 0;

	for (size_t i = 0; i < COUNT(commands); i++) {
		const char *name = commands[i].name;

		if (strncmp(name, topic, len) != 0 ||
		    (name[len] != '\0' && name[len] != ' '))
			continue;
		printf("%s", n++ > 0 ? "\n" : "");
		print_command(&commands[i]);
	}
	if (n > 0)
		print_exits(stdout);
	return (n > 0);
}

/* What was asked about: two words name one command, one word all of them. */
static int
help(const struct opts *o)
{
	if (o->topic == NULL || strcmp(o->topic, "help") == 0) {
		print_help(stdout);
	} else if (o->command != NULL && strchr(o->command->name, ' ') !=
	    NULL) {
		print_command(o->command);
		print_exits(stdout);
	} else if (!print_topic(o->topic)) {
		fprintf(stderr, "ketenctl: onbekende opdracht %s  (ketenctl "
		    "--help)\n", o->topic);
		return (CTL_USAGE);
	}
	return (CTL_DONE);
}

/* What was said must have arrived. */
static int
finish(int status)
{
	return (printed_all("ketenctl") ? status : CTL_FILE);
}

int
main(int argc, char **argv)
{
	struct ctl c = { .socket = getenv("KETEN_CONTROL") };
	struct opts o;

	if (!secrecy_begin()) {
		fprintf(stderr, "ketenctl: geheugen is niet af te schermen\n");
		return (CTL_FILE);
	}
	if (argc == 2 && strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return (finish(CTL_DONE));
	}
	if (!opts_read(argc, argv, commands, COUNT(commands), &c, &o))
		return (CTL_USAGE);
	if (o.version) {
		printf("ketenctl %s\n", VERSION);
		return (finish(CTL_DONE));
	}
	if (o.help)
		return (finish(help(&o)));
	if (o.command == NULL) {
		print_help(stderr);
		return (CTL_USAGE);
	}
	if (c.socket == NULL)
		c.socket = "run/control.sock";
	return (finish(o.command->run(&c)));
}
