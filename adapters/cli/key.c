/*
 * key -- the keys of this partner: which there are, new ones, and their end.
 *
 *	keten key list
 *	keten key rotate [--sign] [--curve] [--seal] --identity FILE [--send]
 *	keten key revoke --device D | --sealing ID --reason R --identity FILE
 *	keten key tidy
 *
 * Rotate makes new key files beside the old ones and certificates for them;
 * revoke makes a statement that ends a key.  Both are files for the operator
 * (ketenctl enrol, ketenctl partner revoke), and with --send they go through
 * this device's own connection at once.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "cli/cli.h"
#include "cli/maker.h"
#include "life/calendar.h"
#include "sdk/keywatch.h"
#include "trust/keyfile.h"

#define SEND_MS 15000
#define NAME_LEN (2 * ORG_MAX + 64)

/* ---- the connection ---------------------------------------------------------- */

static int
open_device(struct cli *c)
{
	int rc = c->k != NULL ? 0 : keten_open(cli_config(c), &c->k);

	return (rc == 0 ? EXIT_DONE : cli_fail(c, rc));
}

/* Put what was made last into the log, or say who does. */
static int
pass_on(struct cli *c, const struct maker *m, const char *command)
{
	uint64_t index;
	int status, rc;

	if (cli_get(c, OPT_SEND) == NULL) {
		fprintf(stderr, "Geef dit aan de beheerder: %s.  Het geldt "
				"zodra het in het logboek staat.\n", command);
		return (EXIT_DONE);
	}
	if ((status = open_device(c)) != EXIT_DONE)
		return (status);
	rc = keten_certify(c->k, m->last.p, m->last.len, SEND_MS, &index);
	if (rc != 0)
		return (cli_fail(c, rc));
	fprintf(stderr, "Het staat in het logboek, record %" PRIu64 ".\n",
	    index);
	return (EXIT_DONE);
}

/* ---- list ---------------------------------------------------------------------- */

static void
list_json(const struct keten_key *k)
{
	json_t *j = json_pack(
	    "{s:s,s:s,s:s,s:I,s:I,s:I,s:b,s:I,s:I,s:b,s:b}", "partner",
	    k->partner, "device", k->device, "id", k->id, "serial",
	    (json_int_t)k->serial, "index", (json_int_t)k->index, "ended",
	    (json_int_t)k->ended, "revoked", (int)k->is_revoked,
	    "suspect_from", (json_int_t)k->suspect_from, "not_after_ms",
	    (json_int_t)k->not_after_ms, "here", (int)k->is_here, "used",
	    (int)k->is_used);

	if (j != NULL)
		(void)json_dumpf(j, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(j);
}

static const char *
state_of(const struct keten_key *k)
{
	if (k->ended != 0)
		return (k->is_revoked ? "ingetrokken" : "vervangen");
	return (k->is_used ? "in gebruik" : "geldig");
}

static void
list_one(void *cookie, const struct keten_key *k)
{
	const struct cli *c = cookie;
	char until[CAL_TEXT] = "-";

	if (k->ended != 0 && cli_get(c, OPT_ALL) == NULL)
		return;
	if (c->json) {
		list_json(k);
		return;
	}
	if (k->not_after_ms != 0)
		(void)cal_text(k->not_after_ms, until);
	printf("%-10s %-16s %s  record %-6" PRIu64 " tot %-20s %s%s",
	    k->device[0] == '\0' ? "zegel" : "apparaat",
	    k->device[0] == '\0' ? "-" : k->device, k->id, k->index, until,
	    state_of(k), k->is_here ? ", hier" : "");
	if (k->ended != 0)
		printf(" bij record %" PRIu64, k->ended);
	if (k->suspect_from != 0)
		printf(", verdacht vanaf %" PRIu64, k->suspect_from);
	printf("\n");
}

static int
list(struct cli *c)
{
	int rc, status = open_device(c);

	if (status != EXIT_DONE)
		return (status);
	if ((rc = cli_catch_up(c)) == 0)
		rc = keten_keys(c->k, NULL, list_one, c);
	return (rc == 0 ? EXIT_DONE : cli_fail(c, rc));
}

/* ---- rotate --------------------------------------------------------------------- */

/* Make a key beside the others and let the device use it. */
static bool
new_key(struct maker *m, enum keyfile_kind kind, const char *stem)
{
	char id[KEYBOX_ID], name[KEYBOX_NAME], why[KEYFILE_WHY] = "";
	char path[KEYBOX_DIR + KEYBOX_NAME];
	struct secret *s = keyfile_new(kind);
	struct keyfile_public pub;
	bool ok = s != NULL && keyfile_public(s, &pub) == ERR_OK;

	if (ok) {
		keybox_id(&pub, kind, id);
		(void)snprintf(name, sizeof(name), "%s-%s.key", stem, id);
		keybox_path(&m->device.box, name, path);
		ok = keyfile_write(path, s, why) == ERR_OK;
	}
	keyfile_free(&s);
	ok = ok && keybox_look_again(&m->device.box) &&
	    (kind == KEYFILE_SIGN ? keybox_use_sign(&m->device.box, pub.b)
		: kind == KEYFILE_CURVE
		? keybox_use_curve(&m->device.box, pub.b)
		: keybox_use_seal(&m->device.box, id));
	device_use(&m->device);
	if (ok)
		fprintf(stderr, "%-18s %s\n", keyfile_kind_name(kind), path);
	else
		fprintf(stderr, "keten: er is geen nieuwe sleutel te maken: "
				"%s\n", why);
	return (ok);
}

/* The keys that are used now, as far as certificates say. */
struct known {
	const struct device *dev;
	uint64_t device;  /* highest serial there is */
	uint64_t sealing;
};

static void
note_serial(void *cookie, const struct keten_key *k)
{
	struct known *n = cookie;

	if (k->device[0] == '\0') {
		if (k->serial > n->sealing)
			n->sealing = k->serial;
	} else if (strcmp(k->device, n->dev->name.id) == 0 &&
	    k->serial > n->device)
		n->device = k->serial;
}

/* Which keys count now, and how far serials are; from the spool if there is
 * one, which is not needed. */
static void
look_at_log(struct cli *c, struct maker *m, struct known *n)
{
	struct keten *k = NULL;

	memset(n, 0, sizeof(*n));
	n->dev = &m->device;
	if (cli_get(c, OPT_SEND) == NULL && access(m->device.spool, F_OK) != 0)
		return;
	if (keten_open(cli_config(c), &k) != 0)
		return;
	keywatch_choose(k);
	(void)keybox_use_sign(&m->device.box, sign_public(k->dev.signer));
	(void)keybox_use_curve(&m->device.box, k->dev.curve_public.b);
	device_use(&m->device);
	(void)keten_keys(k, NULL, note_serial, n);
	/* A process opens a spool once. */
	keten_close(k);
}

static void
next_serial(struct maker *m, uint64_t highest)
{
	m->serial = (uint64_t)m->now_ms;
	if (m->serial <= highest)
		m->serial = highest + 1;
}

static bool
rotate_device(struct cli *c, struct maker *m, bool sign, bool curve,
    uint64_t highest, int *status)
{
	char name[NAME_LEN];

	if ((sign && !new_key(m, KEYFILE_SIGN, "sign")) ||
	    (curve && !new_key(m, KEYFILE_CURVE, "curve")))
		return (false);
	next_serial(m, highest);
	(void)snprintf(name, sizeof(name), "%s.%s.%" PRIu64 ".cert",
	    m->device.partner.id, m->device.name.id, m->serial);
	if (!maker_device(m, name))
		return (false);
	*status = pass_on(c, m, "ketenctl enrol FILE");
	return (true);
}

static bool
rotate_sealing(struct cli *c, struct maker *m, uint64_t highest, int *status)
{
	char name[NAME_LEN];

	if (!new_key(m, KEYFILE_SEAL, "seal"))
		return (false);
	next_serial(m, highest);
	(void)snprintf(name, sizeof(name), "%s.sealing.%" PRIu64 ".cert",
	    m->device.partner.id, m->serial);
	if (!maker_sealing(m, name))
		return (false);
	*status = pass_on(c, m, "ketenctl enrol FILE");
	fprintf(stderr, "Zet de nieuwe zegelsleutel ook bij de andere "
			"apparaten van %s; de oude blijft nodig voor wat er "
			"al is.\n", m->device.partner.id);
	return (true);
}

static int
rotate(struct cli *c)
{
	bool sign = cli_get(c, OPT_SIGN) != NULL;
	bool curve = cli_get(c, OPT_CURVE) != NULL;
	bool seal = cli_get(c, OPT_SEAL) != NULL;
	struct maker m;
	struct known known;
	int more = EXIT_DONE, status = maker_open(c, &m);

	/* Without a word: all that makes up the device. */
	if (!sign && !curve && !seal)
		sign = curve = true;
	if (status == EXIT_DONE && m.device.box.is_credentials) {
		fprintf(stderr, "keten: de sleutels komen uit systemd; maak "
				"nieuwe met instellingen die de map zelf "
				"noemen (keys)\n");
		status = EXIT_SETTINGS;
	}
	if (status == EXIT_DONE)
		status = maker_is_ours(c, &m);
	if (status == EXIT_DONE)
		look_at_log(c, &m, &known);
	if (status == EXIT_DONE && seal &&
	    !rotate_sealing(c, &m, known.sealing, &status))
		status = EXIT_SETTINGS;
	if (status == EXIT_DONE && (sign || curve) &&
	    !rotate_device(c, &m, sign, curve, known.device, &more))
		more = EXIT_SETTINGS;
	maker_close(&m);
	return (status != EXIT_DONE ? status : more);
}

/* ---- revoke --------------------------------------------------------------------- */

/* The newest certificate of what is to end. */
struct target {
	const char *device;
	const char *sealing;
	uint64_t serial;
};

static void
match(void *cookie, const struct keten_key *k)
{
	struct target *t = cookie;

	if ((t->device != NULL ? strcmp(k->device, t->device) == 0
			       : k->device[0] == '\0' &&
		    strcmp(k->id, t->sealing) == 0) &&
	    k->serial > t->serial)
		t->serial = k->serial;
}

static int
find_serial(struct cli *c, struct target *t)
{
	const char *text = cli_get(c, OPT_SERIAL);
	int rc, status;
	long n = 0;

	if (text != NULL) {
		if (!opts_number(text, &n) || n == 0) {
			fprintf(stderr, "keten: --serial is een getal\n");
			return (EXIT_USAGE);
		}
		t->serial = (uint64_t)n;
		return (EXIT_DONE);
	}
	if ((status = open_device(c)) != EXIT_DONE)
		return (status);
	if ((rc = cli_catch_up(c)) == 0)
		rc = keten_keys(c->k, NULL, match, t);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (t->serial != 0)
		return (EXIT_DONE);
	fprintf(stderr, "keten: van %s is geen certificaat bekend; kijk met "
			"keten key list --all, of geef --serial\n",
	    t->device != NULL ? t->device : t->sealing);
	return (EXIT_REFUSED);
}

static bool
read_end(struct cli *c, struct keymake_end *end)
{
	const char *from = cli_get(c, OPT_SUSPECT_FROM);
	long n = 0;

	end->device = cli_get(c, OPT_DEVICE);
	end->seal_id = cli_get(c, OPT_SEALING);
	end->reason = cli_get(c, OPT_REASON);
	if ((end->device == NULL) == (end->seal_id == NULL)) {
		fprintf(stderr, "keten: geef --device NAAM of --sealing ID\n");
		return (false);
	}
	if (end->reason == NULL || !keymake_is_reason(end->reason)) {
		fprintf(stderr, "keten: --reason is lost, stolen, replaced of "
				"ended\n");
		return (false);
	}
	if (from != NULL && (!opts_number(from, &n) || n == 0)) {
		fprintf(stderr, "keten: --suspect-from is het nummer van een "
				"record\n");
		return (false);
	}
	end->suspect_from = (uint64_t)n;
	return (true);
}

static int
make_end(struct cli *c, struct maker *m, const struct keymake_end *end)
{
	struct keymake k = maker_keymake(m);
	struct slice envelope;
	char name[NAME_LEN];

	(void)snprintf(name, sizeof(name), "%s.%s.revoke",
	    m->device.partner.id,
	    end->device != NULL ? end->device : end->seal_id);
	if (keymake_revoke(&k, end, &envelope) != ERR_OK ||
	    !maker_write(m, envelope, name))
		return (EXIT_SETTINGS);
	return (pass_on(c, m, "ketenctl partner revoke FILE"));
}

static int
end_key(struct cli *c)
{
	struct keymake_end end = { .serial = 0 };
	struct target t;
	struct maker m;
	int status;

	if (!read_end(c, &end))
		return (EXIT_USAGE);
	t = (struct target){ end.device, end.seal_id, 0 };
	if ((status = maker_open(c, &m)) == EXIT_DONE)
		status = find_serial(c, &t);
	if (status == EXIT_DONE)
		status = maker_is_ours(c, &m);
	end.serial = t.serial;
	if (status == EXIT_DONE)
		status = make_end(c, &m, &end);
	maker_close(&m);
	return (status);
}

/* ---- tidy ------------------------------------------------------------------------- */

/* Overwrite and remove the file of a key that nobody takes any more. */
static void
remove_key(const struct keybox *b, const char *name, bool json)
{
	static const char zeros[128];
	char path[KEYBOX_DIR + KEYBOX_NAME];
	FILE *f;

	keybox_path(b, name, path);
	if ((f = fopen(path, "r+e")) != NULL) {
		(void)fwrite(zeros, 1, sizeof(zeros), f);
		(void)fflush(f);
		(void)fdatasync(fileno(f));
		(void)fclose(f); /* what counts is that it goes */
	}
	if (unlink(path) != 0)
		fprintf(stderr, "keten: %s is niet weg te halen: %s\n", path,
		    strerror(errno));
	else if (json)
		(void)cli_put(json_pack("{s:s}", "removed", path));
	else
		printf("%s\n", path);
}

/* Signing and CURVE keys older than the ones of now; sealing keys stay. */
static int
tidy(struct cli *c)
{
	const struct keybox *b;
	const struct cert *now;
	int rc, status = open_device(c);

	if (status != EXIT_DONE)
		return (status);
	if ((rc = cli_catch_up(c)) != 0)
		return (cli_fail(c, rc));
	b = &c->k->dev.box;
	now = certs_device(c->k->certs, &c->k->dev.partner, &c->k->dev.name);
	keywatch_choose(c->k);
	if (now == NULL || memcmp(now->sign_key, sign_public(
		b->sign[b->sign_at].signer), SIGN_PUB) != 0 ||
	    memcmp(now->curve_key, b->curve[b->curve_at].pub, 32) != 0) {
		fprintf(stderr, "keten: welke sleutels gelden is hier niet "
				"bekend; er is niets weggehaald\n");
		return (EXIT_REFUSED);
	}
	for (size_t i = 0; i < b->n_sign; i++)
		if (b->sign[i].made_ns < b->sign[b->sign_at].made_ns)
			remove_key(b, b->sign[i].name, c->json);
	for (size_t i = 0; i < b->n_curve; i++)
		if (b->curve[i].made_ns < b->curve[b->curve_at].made_ns)
			remove_key(b, b->curve[i].name, c->json);
	return (EXIT_DONE);
}

/* ---- the words ---------------------------------------------------------------------- */

int
cli_key(struct cli *c)
{
	static const struct {
		const char *word;
		int (*run)(struct cli *c);
		bool identity;
	} words[] = {
		{ "list", list, false },
		{ "rotate", rotate, true },
		{ "revoke", end_key, true },
		{ "tidy", tidy, false },
	};
	int status = EXIT_USAGE;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, c->o.arg[0]) != 0)
			continue;
		if (words[i].identity && cli_get(c, OPT_IDENTITY) == NULL) {
			fprintf(stderr, "keten key %s: geef ook --identity "
					"FILE\n", words[i].word);
			return (EXIT_USAGE);
		}
		status = words[i].run(c);
		keten_close(c->k);
		c->k = NULL;
		return (status);
	}
	fprintf(stderr, "keten: key list, rotate, revoke of tidy\n");
	return (status);
}
