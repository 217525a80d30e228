/*
 * offline -- what ketenctl does without a broker: keys, and the policy.
 *
 * The introducer's key signs the policy and nothing else; keep it on a stick
 * and sign on a machine without network.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/file.h"
#include "ctl/ctl.h"
#include "policy/policy.h"
#include "policy/source.h"
#include "trust/keyfile.h"
#include "trust/note.h"
#include "wire/envelope.h"

#define PATH_LEN 1200
#define POLICY_MAX ((size_t)4 << 20)
#define ARENA_LEN ((size_t)16 << 20)

/* ---- keys ------------------------------------------------------------------ */

static const struct {
	const char *name;
	enum keyfile_kind kind;
} keys[] = {
	{ "log", KEYFILE_LOG },
	{ "curve", KEYFILE_CURVE },
	{ "introducer", KEYFILE_INTRODUCER },
};

/* Make the key ${dir}/${name}.key, and ${name}.pub beside it. */
static int
make_key(const char *dir, const char *name, enum keyfile_kind kind)
{
	char path[PATH_LEN], why[KEYFILE_WHY] = "no memory", hex[130];
	struct keyfile_public pub;
	struct secret *s = keyfile_new(kind);
	enum err err;

	(void)snprintf(path, sizeof(path), "%s/%s.key", dir, name);
	err = s == NULL ? ERR_NOMEM : keyfile_write(path, s, why);
	if (err == ERR_OK)
		err = keyfile_public(s, &pub);
	keyfile_free(&s);
	if (err != ERR_OK) {
		fprintf(stderr, "ketenctl: %s: %s\n", path, why);
		return (CTL_FILE);
	}
	hex_encode(pub.b, pub.len, hex);
	printf("%-11s %s\n", name, hex);
	(void)strcat(hex, "\n");
	(void)snprintf(path, sizeof(path), "%s/%s.pub", dir, name);
	if (file_write(path, hex, strlen(hex), 0644) != ERR_OK) {
		fprintf(stderr, "ketenctl: cannot write %s\n", path);
		return (CTL_FILE);
	}
	return (CTL_DONE);
}

int
ctl_keygen(const struct ctl *c)
{
	const char *dir = c->dir == NULL ? "." : c->dir;
	int status = CTL_USAGE;

	if (file_mkdirs(dir, 0700) != ERR_OK) {
		fprintf(stderr, "ketenctl: cannot make %s\n", dir);
		return (CTL_FILE);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (c->n_args > 0 && strcmp(c->arg[0], keys[i].name) != 0)
			continue;
		status = make_key(dir, keys[i].name, keys[i].kind);
		if (status != CTL_DONE)
			return (status);
	}
	if (status == CTL_USAGE)
		fprintf(stderr, "ketenctl: keygen makes log, curve or "
				"introducer; without a word all three\n");
	return (status);
}

/* ---- the policy --------------------------------------------------------------- */

/* Compile ${path}, saying every mistake; the caller frees ${body}. */
static int
compile(const char *path, uint8_t **body, size_t *len)
{
	struct conf *conf = NULL;
	enum err err = source_compile(path, body, len, &conf);

	if (conf != NULL && err != ERR_OK)
		conf_print_mistakes(conf, stderr);
	else if (err != ERR_OK)
		fprintf(stderr, "ketenctl: %s: %s\n", path, err_text(err));
	conf_close(conf);
	if (err == ERR_CONFIG)
		return (CTL_REFUSED);
	return (err == ERR_OK ? CTL_DONE : CTL_FILE);
}

static int
policy_check(const struct ctl *c)
{
	uint8_t *body = NULL;
	size_t len = 0;
	int status = compile(c->arg[1], &body, &len);

	if (status == CTL_DONE)
		printf("%s is in orde: %zu bytes.\n", c->arg[1], len);
	free(body);
	return (status);
}

static struct signer *
read_introducer(const char *path)
{
	struct secret *s = NULL;
	struct signer *signer;
	char why[KEYFILE_WHY];

	if (keyfile_read(path, KEYFILE_INTRODUCER, &s, why) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s: %s\n", path, why);
		return (NULL);
	}
	signer = sign_new(s->b);
	keyfile_free(&s);
	return (signer);
}

static int
sign_to(const struct ctl *c, const uint8_t *body, size_t len)
{
	struct signer *signer = read_introducer(c->key);
	struct arena *a = arena_new(ARENA_LEN);
	struct slice envelope;
	int status = CTL_FILE;

	if (signer != NULL && a != NULL &&
	    envelope_make(a, ENVELOPE_POLICY, slice_of(body, len), signer,
		&envelope) == ERR_OK &&
	    file_write(c->out, envelope.p, envelope.len, 0644) == ERR_OK) {
		printf("%s is ondertekend: %zu bytes.  Laad het met "
		       "`ketenctl policy load %s` of SIGHUP.\n", c->out,
		    envelope.len, c->out);
		status = CTL_DONE;
	} else if (signer != NULL)
		fprintf(stderr, "ketenctl: cannot write %s\n", c->out);
	arena_free(a);
	sign_free(signer);
	return (status);
}

static int
policy_sign(const struct ctl *c)
{
	uint8_t *body = NULL;
	size_t len = 0;
	int status;

	if (c->key == NULL || c->out == NULL) {
		fprintf(stderr, "ketenctl: policy sign FILE.yaml --key "
				"introducer.key --out policy.signed\n");
		return (CTL_USAGE);
	}
	status = compile(c->arg[1], &body, &len);
	if (status == CTL_DONE)
		status = sign_to(c, body, len);
	free(body);
	return (status);
}

/**
 * ctl_read_policy(path, p):
 * Read a policy from its source (.yaml) or as it was signed.
 */
int
ctl_read_policy(const char *path, struct policy **p)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	struct envelope env;
	struct arena *a = NULL;
	struct slice body;
	const char *dot = strrchr(path, '.'), *rule = "";
	int status = CTL_FILE;

	if (dot != NULL && strcmp(dot, ".yaml") == 0) {
		status = compile(path, &bytes, &len);
		body = slice_of(bytes, len);
	} else if (file_read(path, POLICY_MAX, &bytes, &len) == ERR_OK &&
	    (a = arena_new(ARENA_LEN)) != NULL &&
	    envelope_parse(a, slice_of(bytes, len), &env, &rule) == ERR_OK) {
		status = CTL_DONE;
		body = env.body;
	} else
		fprintf(stderr, "ketenctl: %s: geen beleid %s\n", path, rule);
	if (status == CTL_DONE && policy_new(body, p) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s: geen geldig beleid\n", path);
		status = CTL_REFUSED;
	}
	arena_free(a);
	free(bytes);
	return (status);
}

int
ctl_policy(const struct ctl *c)
{
	static const struct {
		const char *name;
		int (*run)(const struct ctl *c);
	} what[] = {
		{ "check", policy_check },
		{ "sign", policy_sign },
		{ "diff", ctl_policy_diff },
	};

	for (size_t i = 0; c->n_args >= 2 && i < 3; i++)
		if (strcmp(c->arg[0], what[i].name) == 0)
			return (what[i].run(c));
	if (c->n_args == 0 || strcmp(c->arg[0], "load") == 0 ||
	    strcmp(c->arg[0], "show") == 0)
		return (ctl_online(c, "policy"));
	fprintf(stderr, "ketenctl: policy check|sign|diff|load FILE, of "
			"policy show\n");
	return (CTL_USAGE);
}
