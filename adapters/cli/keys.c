/*
 * keys -- the verbs that make keys and certificates.
 *
 * The identity key certifies and is used for nothing else; it may live on a
 * stick in a safe.  Everything that acts has a key of its own, which a
 * certificate binds to partner and device and which can be revoked alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "cli/cli.h"
#include "keten/v1/keys.pb-c.h"
#include "sdk/device.h"
#include "trust/keyfile.h"
#include "wire/envelope.h"
#include "wire/pb.h"

#define PATH_LEN 1200
#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* ---- keygen -------------------------------------------------------------------- */

/* Make the key ${path} unless it is there; print its public half. */
static bool
make_key(const char *path, enum keyfile_kind kind)
{
	struct secret *s = NULL;
	struct keyfile_public pub = { .len = 0 };
	char why[KEYFILE_WHY] = "geen geheugen", hex[129] = "";
	enum err err = keyfile_read(path, kind, &s, why);

	if (err == ERR_NOT_FOUND) {
		s = keyfile_new(kind);
		err = s == NULL ? ERR_NOMEM : keyfile_write(path, s, why);
	}
	if (err == ERR_OK && kind != KEYFILE_SPOOL)
		err = keyfile_public(s, &pub);
	keyfile_free(&s);
	if (err != ERR_OK) {
		fprintf(stderr, "keten: %s: %s\n", path, why);
		return (false);
	}
	hex_encode(pub.b, pub.len, hex);
	if (kind == KEYFILE_IDENTITY)
		printf("%s\n", hex);
	fprintf(stderr, "%-18s %s\n", keyfile_kind_name(kind), path);
	return (true);
}

static bool
make_device(const char *dir)
{
	static const struct {
		const char *name;
		enum keyfile_kind kind;
	} keys[] = {
		{ "sign.key", KEYFILE_SIGN },
		{ "curve.key", KEYFILE_CURVE },
		{ "seal.key", KEYFILE_SEAL },
		{ "spool.key", KEYFILE_SPOOL },
	};
	char path[PATH_LEN];

	if (file_mkdirs(dir, 0700) != ERR_OK) {
		fprintf(stderr, "keten: de map %s is niet te maken\n", dir);
		return (false);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, keys[i].name);
		if (!make_key(path, keys[i].kind))
			return (false);
	}
	return (true);
}

int
cli_keygen(struct cli *c)
{
	const char *dir = cli_get(c, OPT_DIR);
	const char *identity = cli_get(c, OPT_IDENTITY);

	if (dir == NULL && identity == NULL) {
		fprintf(stderr, "keten: geef --dir MAP (sleutels van een "
				"apparaat), --identity FILE, of beide\n");
		return (EXIT_USAGE);
	}
	if (identity != NULL && !make_key(identity, KEYFILE_IDENTITY))
		return (EXIT_SETTINGS);
	if (dir != NULL && !make_device(dir))
		return (EXIT_SETTINGS);
	return (EXIT_DONE);
}

/* ---- enrol ---------------------------------------------------------------------- */

/* What a certificate is made from. */
struct maker {
	struct arena *arena;
	struct device device;
	struct signer *identity;
	struct keyfile_public sign;
	int64_t now_ms;
	int64_t until_ms;
	Keten__V1__DeviceRole role;
	const char *dir;
};

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static bool
write_cert(struct maker *m, Keten__V1__KeyStatement *ks, const char *name)
{
	struct slice body, envelope;
	char path[PATH_LEN];

	ks->version = 1;
	ks->origin = pb_string(m->device.origin);
	ks->partner = pb_string(m->device.partner.id);
	ks->made_ms = m->now_ms;
	if (pb_pack(m->arena, &ks->base, &body) != ERR_OK ||
	    envelope_make(m->arena, ENVELOPE_KEY, body, m->identity,
		&envelope) != ERR_OK)
		return (false);
	(void)snprintf(path, sizeof(path), "%s/%s", m->dir, name);
	if (file_write(path, envelope.p, envelope.len, 0644) != ERR_OK) {
		fprintf(stderr, "keten: %s is niet te schrijven\n", path);
		return (false);
	}
	printf("%s\n", path);
	return (true);
}

/* The serial is the time of making: it never goes back while clocks do not. */
static bool
certify_device(struct maker *m)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__DeviceCertificate d = KETEN__V1__DEVICE_CERTIFICATE__INIT;
	char name[2 * ORG_MAX + 16];

	d.device = pb_string(m->device.name.id);
	d.serial = (uint64_t)m->now_ms;
	d.curve_key = pb_of(m->device.curve_public.b, 32);
	d.sign_key = pb_of(sign_public(m->device.signer), SIGN_PUB);
	d.role = m->role;
	d.not_after_ms = m->until_ms;
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_DEVICE;
	ks.device = &d;
	(void)snprintf(name, sizeof(name), "%s.%s.cert",
	    m->device.partner.id, m->device.name.id);
	return (write_cert(m, &ks, name));
}

static bool
certify_sealing(struct maker *m)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__SealingCertificate s = KETEN__V1__SEALING_CERTIFICATE__INIT;
	char name[ORG_MAX + 16];

	s.serial = (uint64_t)m->now_ms;
	s.key_x = pb_of(m->device.seal.pub.x, 32);
	s.key_y = pb_of(m->device.seal.pub.y, 32);
	s.not_after_ms = m->until_ms;
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	ks.sealing = &s;
	(void)snprintf(name, sizeof(name), "%s.sealing.cert",
	    m->device.partner.id);
	return (write_cert(m, &ks, name));
}

static bool
read_identity(struct maker *m, const char *path)
{
	struct secret *s = NULL;
	char why[KEYFILE_WHY];

	if (keyfile_read(path, KEYFILE_IDENTITY, &s, why) != ERR_OK) {
		fprintf(stderr, "keten: %s: %s\n", path, why);
		return (false);
	}
	m->identity = sign_new(s->b);
	keyfile_free(&s);
	return (m->identity != NULL);
}

/* What stands on the command line. */
static bool
read_wishes(struct cli *c, struct maker *m)
{
	const char *days = cli_get(c, OPT_DAYS), *role = cli_get(c, OPT_ROLE);
	long n = 365;

	if (days != NULL && (!opts_number(days, &n) || n == 0 || n > 3660)) {
		fprintf(stderr, "keten: --days is een getal van 1 tot 3660\n");
		return (false);
	}
	if (role != NULL && strcmp(role, "full") != 0 &&
	    strcmp(role, "submit-only") != 0) {
		fprintf(stderr, "keten: --role is full of submit-only\n");
		return (false);
	}
	m->role = role != NULL && strcmp(role, "submit-only") == 0
	    ? KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY
	    : KETEN__V1__DEVICE_ROLE__FULL;
	m->now_ms = now_ms();
	m->until_ms = m->now_ms + n * DAY_MS;
	m->dir = cli_get(c, OPT_DIR) == NULL ? "." : cli_get(c, OPT_DIR);
	return (true);
}

int
cli_enrol(struct cli *c)
{
	struct maker m;
	char why[DEVICE_WHY];
	const char *config = cli_get(c, OPT_CONFIG);
	int status = EXIT_SETTINGS;

	memset(&m, 0, sizeof(m));
	if (!read_wishes(c, &m))
		return (EXIT_USAGE);
	if (device_read(config == NULL ? "keten.yaml" : config, &m.device,
		why) != ERR_OK) {
		fprintf(stderr, "keten: %s\n", why);
		return (EXIT_SETTINGS);
	}
	m.arena = arena_new((size_t)64 * 1024);
	if (m.arena != NULL && file_mkdirs(m.dir, 0755) == ERR_OK &&
	    read_identity(&m, cli_get(c, OPT_IDENTITY)) &&
	    certify_device(&m) && certify_sealing(&m)) {
		fprintf(stderr, "Geef deze certificaten aan de beheerder: "
				"ketenctl enrol FILE...\n");
		status = EXIT_DONE;
	}
	sign_free(m.identity);
	arena_free(m.arena);
	device_fini(&m.device);
	return (status);
}
