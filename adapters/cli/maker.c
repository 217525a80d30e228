/*
 * maker -- what certificates are made from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "cli/maker.h"
#include "sdk/handle.h"
#include "trust/keyfile.h"
#include "wire/pb.h"

#define PATH_LEN 1200
#define DAY_MS ((int64_t)24 * 3600 * 1000)

static bool
read_identity(struct maker *m, const char *path)
{
	struct secret *s = NULL;
	char why[KEYFILE_WHY];

	if (keyfile_read(path, KEYFILE_IDENTITY, &s, why) != ERR_OK) {
		fprintf(stderr, "keten: %s\n", why);
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
	m->now_ms = instant_ms(CLOCK_REALTIME);
	m->until_ms = m->now_ms + n * DAY_MS;
	/* The time of making: it never goes back while clocks do not. */
	m->serial = (uint64_t)m->now_ms;
	m->dir = cli_get(c, OPT_DIR) == NULL ? "." : cli_get(c, OPT_DIR);
	return (true);
}

int
maker_open(struct cli *c, struct maker *m)
{
	const char *config = cli_config(c);
	char why[DEVICE_WHY];

	memset(m, 0, sizeof(*m));
	m->json = c->json;
	if (!read_wishes(c, m))
		return (EXIT_USAGE);
	if (device_read(config, &m->device, why) != ERR_OK) {
		fprintf(stderr, "keten: %s\n", why);
		return (EXIT_SETTINGS);
	}
	m->arena = arena_new((size_t)64 * 1024);
	if (m->arena == NULL || file_mkdirs(m->dir, 0755) != ERR_OK) {
		fprintf(stderr, "keten: de map %s is niet te maken\n",
		    m->dir);
		return (EXIT_SETTINGS);
	}
	return (read_identity(m, cli_get(c, OPT_IDENTITY)) ? EXIT_DONE
							   : EXIT_SETTINGS);
}

/* Whose key it is, if it is anybody's. */
static const char *
owner_of(const struct policy *p, const uint8_t *key)
{
	const Keten__V1__Policy *doc = policy_doc(p);

	for (size_t i = 0; i < doc->n_partners; i++)
		if (doc->partners[i]->identity_key.len == SIGN_PUB &&
		    memcmp(doc->partners[i]->identity_key.data, key,
			SIGN_PUB) == 0)
			return (doc->partners[i]->id);
	return (NULL);
}

static int
compare_keys(const struct cli *c, const struct maker *m,
    const struct policy *p)
{
	const uint8_t *key = sign_public(m->identity);
	const uint8_t *ours = p == NULL ? NULL :
	    policy_identity_key(p, &m->device.partner);
	const char *owner;

	if (ours == NULL || memcmp(ours, key, SIGN_PUB) == 0)
		return (EXIT_DONE);
	owner = owner_of(p, key);
	fprintf(stderr, "keten: %s is niet de identiteitssleutel die %s in "
			"het beleid heeft%s%s; de makelaar zou dit weigeren, "
			"dus er is niets gemaakt.\nGeef de sleutel van %s, of "
			"laat beheer eerst een beleid met de nieuwe sleutel "
			"laden.\n", cli_get(c, OPT_IDENTITY),
	    m->device.partner.id, owner == NULL ? "" : ", maar die van ",
	    owner == NULL ? "" : owner, m->device.partner.id);
	return (EXIT_REFUSED);
}

int
maker_is_ours(struct cli *c, const struct maker *m)
{
	struct keten *k = NULL;
	int status;

	if (c->k != NULL)
		return (compare_keys(c, m, c->k->policy));
	/* Before the first connection there is no spool, nor a policy. */
	if (access(m->device.spool, F_OK) != 0 ||
	    keten_open(cli_config(c), &k) != 0)
		return (EXIT_DONE);
	status = compare_keys(c, m, k->policy);
	keten_close(k);
	return (status);
}

struct keymake
maker_keymake(const struct maker *m)
{
	return ((struct keymake){ .a = m->arena, .by = m->identity,
	    .origin = m->device.origin, .partner = m->device.partner.id,
	    .made_ms = m->now_ms });
}

bool
maker_write(struct maker *m, struct slice envelope, const char *name)
{
	char path[PATH_LEN];

	m->last = envelope;
	(void)snprintf(path, sizeof(path), "%s/%s", m->dir, name);
	if (file_write(path, envelope.p, envelope.len, 0644) != ERR_OK) {
		fprintf(stderr, "keten: %s is niet te schrijven; kijk of er "
				"plaats is en of u in die map mag schrijven\n",
		    path);
		return (false);
	}
	if (m->json)
		(void)cli_put(json_pack("{s:s}", "file", path));
	else
		printf("%s\n", path);
	return (true);
}

static bool
cannot_make(void)
{
	fprintf(stderr, "keten: het certificaat is niet te maken\n");
	return (false);
}

bool
maker_device(struct maker *m, const char *name)
{
	Keten__V1__DeviceCertificate d = KETEN__V1__DEVICE_CERTIFICATE__INIT;
	struct keymake k = maker_keymake(m);
	struct slice envelope;

	d.device = pb_string(m->device.name.id);
	d.serial = m->serial;
	d.curve_key = pb_of(m->device.curve_public.b, 32);
	d.sign_key = pb_of(sign_public(m->device.signer), SIGN_PUB);
	d.role = m->role;
	d.not_after_ms = m->until_ms;
	if (keymake_device(&k, &d, &envelope) != ERR_OK)
		return (cannot_make());
	return (maker_write(m, envelope, name));
}

bool
maker_sealing(struct maker *m, const char *name)
{
	struct keymake k = maker_keymake(m);
	struct slice envelope;

	if (keymake_sealing(&k, &m->device.seal.pub, m->serial, m->until_ms,
		&envelope) != ERR_OK)
		return (cannot_make());
	return (maker_write(m, envelope, name));
}

void
maker_close(struct maker *m)
{
	sign_free(m->identity);
	arena_free(m->arena);
	device_fini(&m->device);
}
