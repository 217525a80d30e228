/*
 * service -- ketend from start to stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/commit.h"
#include "ketend/logkey.h"
#include "ketend/notify.h"
#include "ketend/pipeline.h"
#include "ketend/reload.h"
#include "ketend/restored.h"
#include "ketend/service.h"
#include "trust/note.h"

#define READERS_MS 10000
#define CHECKPOINT_WAIT_MS 1000

/* What service_run() waits for besides the sockets. */
struct watch {
	int signal_fd;
	int timer_fd;
	int64_t watchdog_ms; /* 0: nobody asks */
	int64_t barked_ms;
	int64_t readers_ms;
	bool stop;
};

/* --- -t -------------------------------------------------------------------------------- */

static enum err
read_signer(const char *path, struct signer **s, char why[KEYFILE_WHY])
{
	struct secret *log = NULL;
	enum err err = keyfile_read(path, KEYFILE_LOG, &log, why);

	if (err != ERR_OK)
		return (err);
	*s = sign_new(log->b);
	keyfile_free(&log);
	return (*s != NULL ? ERR_OK : ERR_CRYPTO);
}

/* A key that signs has to be the one that partners are told of. */
static void
check_log_key(struct settings *set, const struct policy *p)
{
	struct signer *first = NULL, *second = NULL;
	struct logkey keys;
	char file[KEYFILE_WHY];
	const char *why = "";

	/* A missing key is a mistake of its own. */
	if (read_signer(set->log_key, &first, file) == ERR_OK &&
	    (set->other_log_key == NULL ||
		read_signer(set->other_log_key, &second, file) == ERR_OK)) {
		logkey_init(&keys, set->origin, first, second);
		if (logkey_check(&keys, NULL, policy_doc(p), &why) != ERR_OK)
			conf_mistake(set->conf, NULL, "%s", why);
	}
	sign_free(first);
	sign_free(second);
}

/* A flaw of the policy, at the line that names its file. */
static void
say_flaw(void *cookie, const char *place, const char *text)
{
	struct settings *set = cookie;

	conf_mistake(set->conf, conf_nearby(set->conf, "policy.file"),
	    "%s: %s: %s", set->policy, place, text);
}

/**
 * service_check(set):
 * Look at the files that ${set} names and at the policy.
 */
size_t
service_check(struct settings *set)
{
	struct policy *p = NULL;
	uint8_t *envelope = NULL;
	char why[RELOAD_WHY];
	struct flaws to = { .report = say_flaw, .cookie = set };
	size_t len;
	enum err err;

	(void)settings_check_files(set); /* counted below */
	err = reload_read(set, &p, &envelope, &len, why);
	if (err != ERR_OK)
		conf_mistake(set->conf, conf_nearby(set->conf, "policy.file"),
		    "%s", why);
	if (err == ERR_CONFIG)
		reload_flaws(set, &to);
	if (err == ERR_OK)
		check_log_key(set, p);
	policy_free(p);
	free(envelope);
	return (conf_mistakes(set->conf));
}

/* --- opening, in the order in which things need each other ------------------------------ */

static enum err
trouble(enum say_id id, enum err err, const char *what)
{
	say(id, NULL, "%s: %s", what, err_text(err));
	return (err);
}


static enum err
open_keys(struct broker *b)
{
	char why[KEYFILE_WHY];
	enum err err;

	err = keyfile_read(b->set->curve_key, KEYFILE_CURVE, &b->curve_key,
	    why);
	if (err == ERR_OK)
		err = read_signer(b->set->log_key, &b->signer, why);
	if (err == ERR_OK && b->set->other_log_key != NULL)
		err = read_signer(b->set->other_log_key, &b->second, why);
	if (err != ERR_OK)
		say(SAY_CONFIG, NULL, "%s", why);
	return (err);
}

static enum err
open_policy(struct broker *b)
{
	uint8_t *envelope = NULL;
	char why[RELOAD_WHY];
	size_t len;
	enum err err;

	err = reload_read(b->set, &b->policy, &envelope, &len, why);
	free(envelope);
	if (err != ERR_OK)
		say(SAY_CONFIG, NULL, "%s", why);
	return (err);
}

static enum err
open_store(struct broker *b)
{
	const struct store_config config = { .path = b->set->store,
		.origin = b->set->origin, .map_size = b->set->map_size,
		.ballast = b->set->ballast, .low_space = b->set->low_space };
	struct txn *txn = NULL;
	bool whole = true;
	enum err err;

	if ((err = store_open(&config, &b->store)) == ERR_FULL) {
		say(SAY_STORE, NULL, "%s: een andere ketend heeft deze "
		    "opslag al open; stop die eerst", b->set->store);
		return (err);
	}
	if (err != ERR_OK)
		return (trouble(SAY_STORE, err, b->set->store));
	if ((err = eraser_start(b)) != ERR_OK)
		return (trouble(SAY_STORE, err, "erasing"));
	if ((err = store_read(b->store, &txn)) != ERR_OK)
		return (trouble(SAY_STORE, err, "read"));
	err = view_is_whole(txn, &whole);
	store_done(&txn);
	if (err == ERR_OK && !whole) {
		say(SAY_NOTE, NULL, "the view is made again from the log");
		err = view_rebuild(b->store);
	}
	return (err != ERR_OK ? trouble(SAY_STORE, err, "view") : ERR_OK);
}

static enum err
open_gate(struct broker *b)
{
	const char *why = "";
	enum err err;

	if (zkeys_seed() != ERR_OK || (b->wire.ctx = zmq_ctx_new()) == NULL)
		return (trouble(SAY_SELFTEST, ERR_IO, "libzmq"));
	if ((b->gate = gate_start(b->wire.ctx)) == NULL)
		return (trouble(SAY_SELFTEST, ERR_IO, "the ZAP handler"));
	if ((err = gate_prove(b->wire.ctx, b->gate, &why)) != ERR_OK)
		say(SAY_SELFTEST, NULL, "%s", why);
	return (err);
}

static int64_t
unreachable(void *cookie, const struct org *who)
{
	struct broker *b = cookie;

	return (sessions_since(b->sessions, who));
}

static enum err
open_rest(struct broker *b)
{
	const struct settings *set = b->set;
	enum err err;

	b->turn = turn_new();
	b->keys = keyring_new();
	b->sessions = sessions_new();
	b->rewraps = rewraps_new();
	b->crew = crew_start(set->helpers);
	b->roots = roots_new();
	b->ahead = set->helpers > 0 ? ahead_new() : NULL;
	b->reports = reports_new(b->store);
	b->limits = limits_new(set->rate, set->burst, set->refusals);
	b->publish = publish_new(b->store, b->signer, b->second, set->guard,
	    set->checkpoint_ms);
	if (b->turn == NULL || b->keys == NULL || b->sessions == NULL ||
	    b->rewraps == NULL || b->crew == NULL || b->roots == NULL ||
	    b->limits == NULL || b->reports == NULL || b->publish == NULL ||
	    (set->helpers > 0 && b->ahead == NULL))
		return (trouble(SAY_CONFIG, ERR_NOMEM, "start"));
	look_init(&b->look, b->keys, unreachable, b);
	b->blinds.used = DECIDE_BLINDS; /* none was made yet */
	if ((err = inhand_open(set->inhand, &b->inhand)) != ERR_OK)
		return (trouble(SAY_CONFIG, err, set->inhand));
	if ((err = control_open(set->control, &b->control)) != ERR_OK)
		return (trouble(SAY_CONFIG, err, set->control));
	return (ERR_OK);
}

/* Without a place for their letters the policy's witnesses are not asked. */
static enum err
open_witnesses(struct broker *b)
{
	const struct settings *set = b->set;
	enum err err;

	if (set->witnesses == NULL) {
		if (policy_doc(b->policy)->n_witnesses > 0)
			say(SAY_WITNESS, NULL, "the policy names witnesses; "
			    "witness.folder does not say where they are");
		return (ERR_OK);
	}
	b->witnesses = witnesses_new(b->store, set->witnesses,
	    set->witness_late_ms, set->witness_patience_ms);
	if (b->witnesses == NULL)
		return (trouble(SAY_CONFIG, ERR_NOMEM, set->witnesses));
	witnesses_set(b->witnesses, policy_doc(b->policy));
	err = witnesses_start(b->witnesses);
	return (err != ERR_OK ? trouble(SAY_CONFIG, err, set->witnesses) :
	    ERR_OK);
}

/* A person said which tree is the one; the log says so by now. */
static void
accept_guard(struct broker *b)
{
	struct txn *txn = NULL;
	enum err err = store_read(b->store, &txn);

	if (err == ERR_OK)
		err = guard_accept(txn, b->set->guard, b->accepted.size,
		    b->accepted.root);
	store_done(&txn);
	if (err != ERR_OK)
		say(SAY_GUARD, NULL, "guard accept: %s", err_text(err));
}

static void
try_publish(struct broker *b)
{
	enum err err;

	if (b->wants_publish)
		accept_guard(b);
	b->wants_publish = false;
	err = publish_start(b->publish, &b->guard);
	if (err != ERR_OK)
		say(SAY_GUARD, NULL, "%s (%s)", guard_text(b->guard),
		    err_text(err));
}

/* A person accepted the guard. */
static enum err
publish_again(struct broker *b)
{
	try_publish(b);
	return (publish_go(b->publish));
}

/*
 * Nobody is shown a checkpoint older than what was signed: one that the last
 * process signed and could not write down any more is put into the first turn.
 */
static enum err
recover_checkpoint(struct broker *b)
{
	struct txn *txn = NULL;
	enum err err;

	if (!publish_is_running(b->publish))
		return (ERR_OK);
	if ((err = store_read(b->store, &txn)) != ERR_OK)
		return (err);
	err = checkpoint_again(txn, b->signer, b->second, b->set->guard,
	    &b->turn->checkpoint);
	store_done(&txn);
	b->turn->has_checkpoint = err == ERR_OK;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static enum err
open_wire(struct broker *b)
{
	enum err err;

	err = wire_open(&b->wire, b->wire.ctx, b->curve_key->b);
	for (size_t i = 0; err == ERR_OK && i < b->set->n_listen; i++) {
		err = wire_listen(&b->wire, settings_listen(b->set, i));
		if (err != ERR_OK)
			return (trouble(SAY_CONFIG, err,
			    settings_listen(b->set, i)));
	}
	return (err);
}

static enum err
begin(struct broker *b)
{
	enum err err;

	/* The guard is asked before anything is added to the log. */
	try_publish(b);
	sessions_started(b->sessions, clockwork_turn(&b->clock, INT64_MAX));
	if ((err = recover_checkpoint(b)) != ERR_OK)
		return (trouble(SAY_GUARD, err, "the last checkpoint"));
	if ((err = pipeline_start(b)) != ERR_OK)
		return (trouble(SAY_STORE, err, "the first turn"));
	b->started_ms = b->turn->now_ms;
	/* Now the keys are known to be those of the policy in force. */
	if ((err = publish_go(b->publish)) != ERR_OK)
		return (trouble(SAY_GUARD, err, "signing"));
	if ((err = commit_keys(b)) != ERR_OK)
		return (trouble(SAY_STORE, err, "keys"));
	if ((err = restored_start(b)) != ERR_OK)
		return (trouble(SAY_STORE, err, "what a backup forgot"));
	if ((err = open_witnesses(b)) != ERR_OK)
		return (err);
	return (open_wire(b));
}

/**
 * service_open(set, kind, clock_file, b):
 * Open everything into the new broker ${b}.
 */
enum err
service_open(struct settings *set, enum clockwork_kind kind,
    const char *clock_file, struct broker **out)
{
	struct broker *b;
	enum err err;

	*out = NULL;
	if (sodium_init() == -1)
		return (trouble(SAY_SELFTEST, ERR_CRYPTO, "libsodium"));
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (ERR_NOMEM);
	*out = b;
	b->set = set;
	if ((err = clockwork_init(&b->clock, kind, clock_file)) != ERR_OK)
		return (trouble(SAY_CONFIG, err, "KETEN_TEST_CLOCK"));
	if ((err = open_keys(b)) != ERR_OK ||
	    (err = open_policy(b)) != ERR_OK ||
	    (err = open_store(b)) != ERR_OK ||
	    (err = open_gate(b)) != ERR_OK ||
	    (err = open_rest(b)) != ERR_OK)
		return (err);
	return (begin(b));
}

/**
 * service_close(b):
 * Close everything and free ${b}.
 */
void
service_close(struct broker *b)
{
	if (b == NULL)
		return;
	ahead_free(b->ahead); /* it may have the turn's messages in hand */
	wire_close(&b->wire);
	control_close(b->control, b->set->control);
	inhand_close(b->inhand);
	publish_free(b->publish);
	reports_free(b->reports);
	witnesses_free(b->witnesses);
	limits_free(b->limits);
	roots_free(b->roots);
	crew_stop(b->crew);
	rewraps_free(b->rewraps);
	sessions_free(b->sessions);
	turn_free(b->turn);
	gate_stop(b->gate);
	if (b->wire.ctx != NULL)
		(void)zmq_ctx_term(b->wire.ctx); /* its sockets are closed */
	keyring_free(b->keys);
	store_close(b->store);
	policy_free(b->policy);
	sign_free(b->signer);
	sign_free(b->second);
	keyfile_free(&b->curve_key);
	free(b);
}

/* --- running ------------------------------------------------------------------------------ */

static bool
watch_open(struct watch *w)
{
	const struct itimerspec second = { { 1, 0 }, { 1, 0 } };
	sigset_t set;

	memset(w, 0, sizeof(*w));
	w->watchdog_ms = notify_watchdog_ms();
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	w->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	w->timer_fd = timerfd_create(CLOCK_MONOTONIC,
	    TFD_CLOEXEC | TFD_NONBLOCK);
	return (w->signal_fd != -1 && w->timer_fd != -1 &&
	    timerfd_settime(w->timer_fd, 0, &second, NULL) == 0);
}

static void
watch_close(struct watch *w)
{
	if (w->signal_fd != -1)
		(void)close(w->signal_fd); /* only read from */
	if (w->timer_fd != -1)
		(void)close(w->timer_fd); /* as above */
}

static void
take_signals(struct broker *b, struct watch *w)
{
	struct signalfd_siginfo si;

	while (read(w->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGHUP) {
			b->wants_reload = true;
			notify_send("RELOADING=1\nMONOTONIC_USEC=%lld",
			    (long long)clockwork_mono_ms() * 1000);
			say(SAY_RELOAD, NULL, "SIGHUP");
		} else
			w->stop = true;
	}
}

/* Once a second: what nobody waits for. */
static void
each_second(struct broker *b, struct watch *w)
{
	int64_t now = clockwork_mono_ms();
	bool was_busy = b->is_busy;
	uint64_t n;

	if (read(w->timer_fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return;
	b->is_busy = store_is_nearly_full(b->store);
	if (b->is_busy && !was_busy)
		say(SAY_DISK, NULL, "%s", b->set->store);
	wire_check(b);
	expiry_look(b);
	if (b->witnesses != NULL)
		witnesses_look(b->witnesses);
	if (now - w->readers_ms >= READERS_MS) {
		w->readers_ms = now;
		store_check_readers(b->store);
	}
	if (w->watchdog_ms > 0 && now - w->barked_ms >= w->watchdog_ms) {
		w->barked_ms = now;
		notify_send("WATCHDOG=1\nSTATUS=%zu partners connected",
		    sessions_partners(b->sessions));
	}
}

/* Wait until there is something to do. */
static enum err
wait_for_work(struct broker *b, const struct watch *w)
{
	zmq_pollitem_t items[5 + CONTROL_CLIENTS + 1] = {
		{ b->wire.router, 0, ZMQ_POLLIN, 0 },
		{ NULL, w->signal_fd, ZMQ_POLLIN, 0 },
		{ NULL, w->timer_fd, ZMQ_POLLIN, 0 },
		{ NULL, publish_fd(b->publish), ZMQ_POLLIN, 0 },
	};
	size_t n = 4 + control_poll(b->control, &items[4]);
	long wait_ms;
	enum err err;

	if (b->witnesses != NULL)
		items[n++] = (zmq_pollitem_t){ NULL,
			witnesses_fd(b->witnesses), ZMQ_POLLIN, 0 };
	if ((err = pipeline_wait_ms(b, &wait_ms)) != ERR_OK)
		return (err);
	if (zmq_poll(items, (int)n, wait_ms) == -1 && errno != EINTR)
		return (ERR_IO);
	return (ERR_OK);
}

static enum err
loop(struct broker *b, struct watch *w)
{
	enum err err = ERR_OK;

	while (err == ERR_OK && !w->stop) {
		if ((err = wait_for_work(b, w)) != ERR_OK)
			break;
		take_signals(b, w);
		each_second(b, w);
		control_read(b->control);
		if (b->wants_publish)
			err = publish_again(b);
		if (err != ERR_OK)
			break;
		err = pipeline_turn(b);
	}
	return (err);
}

/* The last checkpoint covers the tick of the stop, if the disk is quick. */
static enum err
last_checkpoint(struct broker *b)
{
	zmq_pollitem_t item = { NULL, publish_fd(b->publish), ZMQ_POLLIN, 0 };

	if (!publish_is_running(b->publish) ||
	    zmq_poll(&item, 1, CHECKPOINT_WAIT_MS) <= 0)
		return (ERR_OK);
	return (pipeline_checkpoint(b));
}

static enum err
drain(struct broker *b)
{
	enum err err;

	say(SAY_STOP, NULL, "drain");
	notify_send("STOPPING=1");
	b->is_draining = true;
	/* What has arrived is answered: commands with BUSY. */
	if ((err = pipeline_turn(b)) != ERR_OK ||
	    (err = pipeline_stop(b)) != ERR_OK)
		return (err);
	return (last_checkpoint(b));
}

/**
 * service_run(b):
 * Serve until SIGTERM or SIGINT, then stop in good order.
 */
enum err
service_run(struct broker *b)
{
	struct watch w;
	enum err err = ERR_IO;

	if (watch_open(&w)) {
		say(SAY_READY, NULL, "%s: %s", b->set->origin,
		    settings_listen(b->set, 0));
		notify_send("READY=1");
		err = loop(b, &w);
		if (err == ERR_OK)
			err = drain(b);
	}
	watch_close(&w);
	if (err != ERR_OK)
		say(SAY_STORE, NULL, "ends at once: %s", err_text(err));
	return (err);
}
