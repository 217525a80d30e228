/*
 * ketend -- the broker.
 *
 * SECURITY: it holds the key that signs checkpoints and the one partners
 * connect to; both stand in files that only it can read.  It cannot read who a
 * referral is about.  BUGS: one machine; see the manual of the store for what
 * happens when its disk fails.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <jansson.h>

#include "base/say.h"
#include "base/secrecy.h"
#include "base/version.h"
#include "ketend/service.h"

/* Exit codes; --help has them too. */
#define EXIT_OK 0
#define EXIT_TROUBLE 1 /* it ran and had to stop; start it again */
#define EXIT_USAGE 2
#define EXIT_MISTAKES 3 /* in configuration, keys or policy */

static const char usage_text[] =
    "Voorbeelden\n"
    "ketend -c /etc/keten/ketend.yaml          de makelaar starten\n"
    "ketend -c /etc/keten/ketend.yaml -t       alles nakijken, niets starten\n"
    "\n"
    "  -c, --config FILE    instellingen (of $KETEN_CONFIG)\n"
    "  -t, --test           noem elke fout in instellingen, sleutels, beleid\n"
    "      --json           bij -t: elke fout als een regel JSON\n"
    "      --manual         wat er in de instellingen kan staan\n"
    "      --clock=control  alleen voor tests: ketenctl zet de klok\n"
    "                       (of KETEN_TEST_CLOCK=BESTAND met milliseconden)\n"
    "  -h, --help           deze tekst\n"
    "      --version        welke uitgave dit is\n"
    "\n"
    "SIGHUP leest het beleid opnieuw, SIGTERM stopt netjes.\n"
    "Einde: 0 gestopt of in orde, 1 onderweg misgegaan (start opnieuw),\n"
    "2 verkeerd aangeroepen, 3 fouten in instellingen, sleutels of beleid.\n";

struct options {
	const char *config;
	bool test;
	bool manual;
	bool help;
	bool version;
	bool json;
	enum clockwork_kind clock;
	const char *clock_file;
};

static bool
misses(const char *word, const char *what)
{
	fprintf(stderr, "ketend: %s %s  (ketend --help)\n", word, what);
	return (false);
}

static bool
read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ "manual", no_argument, NULL, 'm' },
		{ "clock", required_argument, NULL, 'k' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c, at = 1;

	*o = (struct options){ .config = getenv("KETEN_CONFIG"),
		.clock_file = getenv("KETEN_TEST_CLOCK") };
	o->clock = o->clock_file != NULL ? CLOCKWORK_FILE : CLOCKWORK_REAL;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":c:th", longs, NULL)) != -1) {
		if (c == 'c')
			o->config = optarg;
		else if (c == 't')
			o->test = true;
		else if (c == 'h')
			o->help = true;
		else if (c == 'm')
			o->manual = true;
		else if (c == 'j')
			o->json = true;
		else if (c == 'v')
			o->version = true;
		else if (c == 'k' && strcmp(optarg, "control") == 0)
			o->clock = CLOCKWORK_CONTROL;
		else
			return (misses(argv[at], c == ':' ?
			    "heeft een waarde nodig" : "hoort hier niet"));
		at = optind;
	}
	if (optind < argc)
		return (misses(argv[optind], "hoort hier niet"));
	if (o->help || o->manual || o->version || o->config != NULL)
		return (true);
	return (misses("--config", "ontbreekt: waar staan de instellingen?"));
}

/* Signals wait for signalfd, in this thread and in all it starts; no secret
 * goes into a core dump; a peer that is gone is an error, not a signal. */
static bool
prepare_process(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return (false);
	/* Nor can another program of the same user look into this one. */
	return (secrecy_begin() &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

static void
print_json(json_t *j)
{
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		puts(text);
	free(text);
	json_decref(j);
}

/* Every mistake, for people or for programs. */
static int
say_mistakes(const struct settings *set, const struct options *o)
{
	if (!o->json)
		conf_print_mistakes(set->conf, stderr);
	for (size_t i = 0; o->json && i < conf_mistakes(set->conf); i++)
		print_json(json_pack("{s:s}", "mistake",
		    conf_mistake_text(set->conf, i)));
	return (EXIT_MISTAKES);
}

static int
test(struct settings *set, const struct options *o)
{
	if (service_check(set) > 0)
		return (say_mistakes(set, o));
	if (o->json)
		print_json(json_pack("{s:b}", "ok", 1));
	else
		printf("in orde\n");
	return (EXIT_OK);
}

static int
serve(struct settings *set, const struct options *o)
{
	struct broker *b = NULL;
	enum err err;

	say_set("ketend", set->level, set->format);
	say(SAY_START, NULL, "%s", set->origin);
	if (o->clock != CLOCKWORK_REAL)
		say(SAY_NOTE, NULL, "the clock is one for tests");
	err = service_open(set, o->clock, o->clock_file, &b);
	if (err != ERR_OK) {
		service_close(b);
		return (EXIT_MISTAKES);
	}
	/* After a failed commit nothing may be tidied up: end. */
	if (service_run(b) != ERR_OK)
		_exit(EXIT_TROUBLE);
	service_close(b);
	return (EXIT_OK);
}

int
main(int argc, char **argv)
{
	struct settings set;
	struct options o;
	enum err err;
	int status;

	if (!read_options(argc, argv, &o))
		return (EXIT_USAGE);
	if (o.version) {
		printf("ketend %s\n", VERSION);
		return (EXIT_OK);
	}
	if (o.help || o.manual) {
		if (o.help)
			fputs(usage_text, stdout);
		else
			settings_manual(stdout);
		return (EXIT_OK);
	}
	if (!prepare_process())
		return (EXIT_TROUBLE);
	err = settings_read(o.config, &set);
	if (err != ERR_OK) {
		status = EXIT_MISTAKES;
		if (set.conf != NULL)
			status = say_mistakes(&set, &o);
		else
			fprintf(stderr, "ketend: %s: %s\n", o.config,
			    err_text(err));
	} else
		status = o.test ? test(&set, &o) : serve(&set, &o);
	settings_free(&set);
	return (status);
}
