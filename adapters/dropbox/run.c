#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "base/noun.h"
#include "base/say.h"
#include "base/secrecy.h"
#include "dropbox/dropin.h"
#include "dropbox/dropout.h"
#include "dropbox/options.h"
#include "dropbox/run.h"
#include "sdk/keten.h"

#define TURN_MS 200    /* how often the folder is looked at */
#define QUIET_MS 1500  /* this long nothing: idle */
#define ONCE_MS 10000  /* --once waits no longer */
#define READER "folder"

enum until { FOR_EVER, ONCE, IDLE };

enum exit_code { DONE = 0, WAITING = 1, USAGE = 2, TROUBLE = 3, ALARM = 4 };

struct run {
	struct options o;
	struct folder f;
	struct ledger l;
	struct keten *k;
	struct dropin in;
	struct dropout out;
	struct keten_connection c;
	bool has_folder, has_ledger, has_out;
	enum until until;
	int64_t since_ms, busy_ms; /* start; last time something happened */
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void
help(const struct map_kind *kind)
{
	(void)printf(
	    "Voorbeelden:\n"
	    "  keten-adapter-%s -c /etc/keten/%s.yaml\n"
	    "  keten-adapter-%s -c /etc/keten/%s.yaml --until-idle\n\n"
	    "%s\n\n"
	    "Wat in out/new staat wordt verstuurd en gaat naar done/ of, met "
	    "de reden\nernaast, naar failed/. Wat binnenkomt staat in in/.\n\n"
	    "  -c, --config BESTAND  de instellingen van dit apparaat\n"
	    "      --once            een ronde, hooguit 10 seconden\n"
	    "      --until-idle      tot er niets meer te doen is\n"
	    "      --json            meldingen als JSON-regels\n"
	    "  -h, --help            deze tekst\n"
	    "      --version         welke uitgave dit is\n\n"
	    "Uitgang: 0 klaar; 1 er wacht nog iets; 2 verkeerd gebruik of "
	    "instellingen;\n3 map of opslag niet te lezen of te schrijven; 4 "
	    "wat de makelaar laat zien\nkan niet kloppen.\n",
	    kind->name, kind->name, kind->name, kind->name, kind->title);
}

static int
open_all(struct run *r, const char *config)
{
	char who[192];
	enum err err;

	if (keten_open(config, &r->k) != 0) {
		say(SAY_CONFIG, NULL, "%s", keten_error(NULL));
		return (USAGE);
	}
	if (keten_connected(r->k, &r->c) != 0) {
		say(SAY_SPOOL, NULL, "%s", keten_error(r->k));
		return (TROUBLE);
	}
	err = folder_open(r->o.folder, &r->f);
	if (err == ERR_FULL) {
		say(SAY_CONFIG, NULL, "een ander programma bedient deze map "
		    "al; stop dat eerst");
		return (USAGE);
	}
	r->has_folder = err == ERR_OK;
	(void)snprintf(who, sizeof(who), "%.120s %.31s/%.31s", r->c.origin,
	    r->c.partner, r->c.device);
	if (err == ERR_OK)
		err = ledger_open(&r->f, who, &r->l);
	r->has_ledger = err == ERR_OK;
	if (err == ERR_OK) {
		const char *actor = r->o.actor[0] == '\0' ? NULL : r->o.actor;

		r->in = (struct dropin){.k = r->k, .l = &r->l,
		    .use = &r->o.use, .reader = READER, .actor = actor,
		    .partner = r->c.partner};
		r->out = (struct dropout){.k = r->k, .l = &r->l,
		    .use = &r->o.use, .actor = actor, .source = READER};
		err = dropout_open(&r->out);
		r->has_out = err == ERR_OK;
	}
	if (err != ERR_OK)
		say(SAY_TROUBLE, NULL, "de map is niet te openen: %s",
		    err_text(err));
	return (err == ERR_OK ? DONE : TROUBLE);
}

static void
close_all(struct run *r)
{
	if (r->has_out)
		dropout_close(&r->out);
	if (r->has_ledger)
		ledger_close(&r->l);
	if (r->has_folder)
		folder_close(&r->f);
	keten_close(r->k);
	options_fini(&r->o);
}

/* --- the notification ---------------------------------------------------- */

static bool
first_deadline(void *cookie, const struct keten_referral *r)
{
	int64_t *first = cookie;
	int64_t until = r->offer_until_ms > 0 ? r->offer_until_ms :
	    r->next_ms;

	if (r->may[0] != '\0' && until > 0 && (*first == 0 || until < *first))
		*first = until;
	return (true);
}

static void
notify(struct run *r)
{
	int64_t now = instant_ms(CLOCK_MONOTONIC);
	int64_t deadline = 0;
	size_t count = 0;

	hook_watch(&r->o.hook, now);
	if (!hook_is_due(&r->o.hook, now))
		return;
	count = folder_count(&r->f, PLACE_IN);
	if (keten_list(r->k, first_deadline, &deadline) != 0)
		deadline = 0;
	hook_start(&r->o.hook, now, count, deadline);
}

/* --- one turn ------------------------------------------------------------ */

static enum err
receive(struct run *r)
{
	bool wrote = false;
	enum err err = ERR_OK;

	while (err == ERR_OK && !stopped) {
		err = dropin_step(&r->in, &wrote);
		if (err == ERR_OK)
			r->busy_ms = instant_ms(CLOCK_MONOTONIC);
		if (wrote)
			hook_want(&r->o.hook);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* Trouble with the disk or the spool is said once, and tried again. */
static enum exit_code
turn(struct run *r, bool *troubled)
{
	int rc = keten_run(r->k, TURN_MS);
	enum err err;

	if (rc == KETEN_ETRUST) {
		/* The alarm is news too: people must find it in in/. */
		(void)!receive(r);
		return (ALARM);
	}
	err = rc != 0 && rc != KETEN_ETIMEOUT ? ERR_STORE : ERR_OK;
	if (err == ERR_OK)
		err = dropout_step(&r->out, instant_ms(CLOCK_REALTIME));
	if (err == ERR_OK)
		err = receive(r);
	notify(r);
	if (err != ERR_OK && !*troubled)
		say(SAY_TROUBLE, NULL, "%s", err == ERR_STORE ?
		    keten_error(r->k) : "de map is niet te lezen of te "
		    "schrijven");
	*troubled = err != ERR_OK;
	return (err == ERR_OK ? DONE : TROUBLE);
}

static bool
is_idle(struct run *r)
{
	int64_t now = instant_ms(CLOCK_MONOTONIC);

	if (keten_connected(r->k, &r->c) != 0 || !r->c.connected ||
	    r->c.waiting > 0 || !dropout_is_idle(&r->out) ||
	    !hook_is_idle(&r->o.hook) ||
	    folder_count(&r->f, PLACE_OUT_NEW) > 0)
		r->busy_ms = now;
	return (now - r->busy_ms >= QUIET_MS);
}

static int
loop(struct run *r)
{
	enum exit_code code = DONE;
	bool troubled = false;

	r->since_ms = r->busy_ms = instant_ms(CLOCK_MONOTONIC);
	while (!stopped) {
		code = turn(r, &troubled);
		if (code == ALARM) {
			say(SAY_FALSE_RECORD, NULL, "%s", keten_error(r->k));
			return (ALARM);
		}
		if (code == TROUBLE) {
			struct timespec wait = {0, TURN_MS * 1000000};

			(void)nanosleep(&wait, NULL);
		}
		if (r->until != FOR_EVER && code == DONE && is_idle(r))
			return (DONE);
		if (r->until == ONCE && instant_ms(CLOCK_MONOTONIC) -
		    r->since_ms > ONCE_MS)
			return (code == DONE ? WAITING : TROUBLE);
	}
	return (r->until == FOR_EVER ? DONE : WAITING);
}

static void
catch_signals(void)
{
	struct sigaction act = {.sa_handler = on_signal};

	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int
run_with(const struct map_kind *kind, const char *config, enum until until)
{
	static struct run r; /* larger than a stack frame should be */
	int code;

	r.until = until;
	if (options_read(config, kind, &r.o, stderr) != ERR_OK)
		return (USAGE);
	catch_signals();
	code = open_all(&r, config);
	if (code == DONE) {
		say(SAY_READY, NULL, "de map is klaar voor gebruik");
		code = loop(&r);
		say(SAY_STOP, NULL, "%llu %s verwerkt, %llu geweigerd",
		    (unsigned long long)r.out.taken,
		    noun_for(r.out.taken, "bestand", "bestanden"),
		    (unsigned long long)r.out.refused);
	}
	close_all(&r);
	return (code);
}

static int
misses(const struct map_kind *kind, const char *word, const char *what)
{
	(void)fprintf(stderr, "keten-adapter-%s: %s %s  (keten-adapter-%s "
	    "--help)\n", kind->name, word, what, kind->name);
	return (USAGE);
}

int
run_adapter(const struct map_kind *kind, int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"once", no_argument, NULL, 'o'},
	    {"until-idle", no_argument, NULL, 'i'},
	    {"json", no_argument, NULL, 'j'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'},
	    {NULL, 0, NULL, 0}};
	const char *config = NULL;
	enum say_format format = SAY_TEXT;
	enum until until = FOR_EVER;
	int c, at = 1;

	if (!secrecy_begin()) {
		(void)fprintf(stderr, "geheugen is niet af te schermen\n");
		return (USAGE);
	}
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":c:h", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			config = optarg;
			break;
		case 'o':
			until = ONCE;
			break;
		case 'i':
			until = IDLE;
			break;
		case 'j':
			format = SAY_JSON;
			break;
		case 'h':
			help(kind);
			return (DONE);
		case 'v':
			(void)printf("keten-adapter-%s %s\n", kind->name,
			    keten_version());
			return (DONE);
		default:
			return (misses(kind, argv[at], c == ':' ?
			    "heeft een waarde nodig" : "hoort hier niet"));
		}
		at = optind;
	}
	say_set(kind->name, SAY_LEVEL_INFO, format);
	if (optind != argc)
		return (misses(kind, argv[optind], "hoort hier niet"));
	if (config == NULL)
		return (misses(kind, "--config", "ontbreekt: waar staan de "
		    "instellingen?"));
	return (run_with(kind, config, until));
}
