/*
 * keys -- the verbs that make keys and first certificates.
 *
 * The identity key certifies and is used for nothing else; it may live on a
 * stick in a safe.  Everything that acts has a key of its own, which a
 * certificate binds to partner and device and which can be revoked alone.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/maker.h"
#include "trust/keyfile.h"

#define PATH_LEN 1200

/* ---- keygen -------------------------------------------------------------------- */

/* Make the key ${path} unless it is there; print its public half. */
static bool
make_key(const struct cli *c, const char *path, enum keyfile_kind kind)
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
		fprintf(stderr, "keten: %s\n", why);
		return (false);
	}
	hex_encode(pub.b, pub.len, hex);
	if (c->json)
		(void)cli_put(json_pack("{s:s,s:s,s:s}", "key",
		    keyfile_kind_name(kind), "file", path, "public", hex));
	else if (kind == KEYFILE_IDENTITY)
		printf("%s\n", hex);
	fprintf(stderr, "%-18s %s\n", keyfile_kind_name(kind), path);
	return (true);
}

static bool
make_device(const struct cli *c, const char *dir)
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
		if (!make_key(c, path, keys[i].kind))
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
	if (identity != NULL && !make_key(c, identity, KEYFILE_IDENTITY))
		return (EXIT_SETTINGS);
	if (dir != NULL && !make_device(c, dir))
		return (EXIT_SETTINGS);
	return (EXIT_DONE);
}

/* ---- enrol ---------------------------------------------------------------------- */

int
cli_enrol(struct cli *c)
{
	char device[2 * ORG_MAX + 16], sealing[ORG_MAX + 16];
	struct maker m;
	int status = maker_open(c, &m);

	if (status == EXIT_DONE)
		status = maker_is_ours(c, &m);
	if (status == EXIT_DONE) {
		(void)snprintf(device, sizeof(device), "%s.%s.cert",
		    m.device.partner.id, m.device.name.id);
		(void)snprintf(sealing, sizeof(sealing), "%s.sealing.cert",
		    m.device.partner.id);
		if (!maker_device(&m, device) || !maker_sealing(&m, sealing))
			status = EXIT_SETTINGS;
	}
	if (status == EXIT_DONE)
		fprintf(stderr, "Geef deze certificaten aan de beheerder: "
				"ketenctl enrol FILE...\n");
	maker_close(&m);
	return (status);
}
