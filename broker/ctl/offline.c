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
#include "policy/flaws.h"
#include "policy/policy.h"
#include "policy/source.h"
#include "trust/keyfile.h"
#include "trust/note.h"
#include "trust/sign.h"
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

static void
say_json(json_t *j)
{
	ctl_json(j);
	json_decref(j);
}

/* Make the key ${dir}/${name}.key, and ${name}.pub beside it. */
static int
make_key(const struct ctl *c, const char *dir, const char *name,
    enum keyfile_kind kind)
{
	char path[PATH_LEN], why[KEYFILE_WHY] = "geen geheugen", hex[130];
	struct keyfile_public pub;
	struct secret *s = keyfile_new(kind);
	enum err err;

	(void)snprintf(path, sizeof(path), "%s/%s.key", dir, name);
	err = s == NULL ? ERR_NOMEM : keyfile_write(path, s, why);
	if (err == ERR_OK)
		err = keyfile_public(s, &pub);
	keyfile_free(&s);
	if (err != ERR_OK) {
		fprintf(stderr, "ketenctl: %s\n", why);
		return (CTL_FILE);
	}
	hex_encode(pub.b, pub.len, hex);
	if (c->json)
		say_json(json_pack("{s:s, s:s, s:s}", "key", name, "public",
		    hex, "file", path));
	else
		printf("%-11s %s\n", name, hex);
	(void)strcat(hex, "\n");
	(void)snprintf(path, sizeof(path), "%s/%s.pub", dir, name);
	if (file_write(path, hex, strlen(hex), 0644) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s kan niet worden geschreven\n", path);
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
		fprintf(stderr, "ketenctl: map %s kan niet worden gemaakt\n", dir);
		return (CTL_FILE);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (c->n_args > 0 && strcmp(c->arg[0], keys[i].name) != 0)
			continue;
		status = make_key(c, dir, keys[i].name, keys[i].kind);
		if (status != CTL_DONE)
			return (status);
	}
	if (status == CTL_USAGE)
		fprintf(stderr, "ketenctl: keygen maakt log, curve of "
				"introducer; zonder woord alle drie\n");
	return (status);
}

/* ---- the policy --------------------------------------------------------------- */

/* What is allowed, but hardly meant: where it stands. */
struct doubts {
	const char *path;
	const struct conf *conf; /* NULL: the document is a signed one */
};

static void
say_doubt(void *cookie, const char *place, const char *text)
{
	const struct doubts *d = cookie;

	if (d->conf != NULL)
		fprintf(stderr, "%s:%zu: let op: %s\n", d->path,
		    conf_line(conf_nearby(d->conf, place)), text);
	else
		fprintf(stderr, "%s: %s: let op: %s\n", d->path, place, text);
}

static void
say_doubts(const char *path, const struct conf *conf, const struct policy *p)
{
	struct doubts d = { path, conf };
	const struct flaws to = { .report = say_doubt, .cookie = &d };

	(void)flaws_doubts(p, &to); /* each was said */
}

static void
say_doubts_of(const char *path, const struct conf *conf, const uint8_t *body,
    size_t len)
{
	struct policy *p = NULL;

	if (policy_read(slice_of(body, len), &p) == ERR_OK)
		say_doubts(path, conf, p);
	policy_free(p);
}

/* Compile ${path}, which is to follow ${old} (NULL: none), saying every
 * mistake; the caller frees ${body}. */
static int
compile(const char *path, const struct policy *old, uint8_t **body,
    size_t *len)
{
	struct conf *conf = NULL;
	enum err err = source_compile_next(path, old, body, len, &conf);

	if (conf != NULL && err != ERR_OK)
		conf_print_mistakes(conf, stderr);
	else if (err != ERR_OK)
		fprintf(stderr, "ketenctl: %s: %s\n", path,
		    err == ERR_NOT_FOUND ? "dit bestand is er niet" :
		    err_text(err));
	else
		say_doubts_of(path, conf, *body, *len);
	conf_close(conf);
	if (err == ERR_CONFIG)
		return (CTL_REFUSED);
	return (err == ERR_OK ? CTL_DONE : CTL_FILE);
}

bool
ctl_is_source(const char *path)
{
	const char *dot = strrchr(path, '.');

	return (dot != NULL && strcmp(dot, ".yaml") == 0);
}

/* ---- checking what is signed ---- */

static void
say_flaw(void *cookie, const char *place, const char *text)
{
	fprintf(stderr, "%s: %s%s%s\n", (const char *)cookie, place,
	    place[0] != '\0' ? ": " : "", text);
}

/* Is it signed with the key whose public half stands in ${file}? */
static int
check_signature(const char *path, const struct envelope *env,
    const char *file)
{
	uint8_t *text = NULL, key[SIGN_PUB];
	size_t len = 0;
	int status = CTL_DONE;

	if (file_read(file, 512, &text, &len) != ERR_OK || len < 2 * SIGN_PUB) {
		fprintf(stderr, "ketenctl: %s: hier hoort de openbare sleutel "
		    "van beheer (introducer.pub)\n", file);
		free(text);
		return (CTL_FILE);
	}
	text[2 * SIGN_PUB] = '\0';
	if (!hex_decode((const char *)text, key, sizeof(key)) ||
	    envelope_check(env, key) != ERR_OK) {
		fprintf(stderr, "%s: de handtekening is niet die van %s, of er "
		    "is iets veranderd; onderteken de bron opnieuw met "
		    "`ketenctl policy sign`\n", path, file);
		status = CTL_REFUSED;
	}
	free(text);
	return (status);
}

/* Everything that is wrong with a signed document. */
static int
check_signed(const struct ctl *c, const char *path, const struct policy *old)
{
	struct flaws to = { .report = say_flaw,
		.cookie = (char *)(uintptr_t)path };
	struct arena *a = arena_new(ARENA_LEN);
	struct policy *p = NULL;
	struct envelope env;
	uint8_t *bytes = NULL;
	const char *rule = "";
	size_t len = 0, n = 0;
	int status = CTL_FILE;

	if (a == NULL || file_read(path, POLICY_MAX, &bytes, &len) != ERR_OK ||
	    envelope_parse(a, slice_of(bytes, len), &env, &rule) != ERR_OK ||
	    env.kind != ENVELOPE_POLICY ||
	    policy_read(env.body, &p) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s: geen ondertekend beleid, of "
		    "niet te lezen%s%s (de bron eindigt op .yaml)\n", path,
		    rule[0] != '\0' ? ": " : "", rule);
		goto out;
	}
	status = c->key == NULL ? CTL_DONE : check_signature(path, &env,
					     c->key);
	n = flaws_find(p, &to);
	if (old != NULL)
		n += flaws_next(old, p, &to);
	if (n > 0)
		status = CTL_REFUSED;
	else
		say_doubts(path, NULL, p);
	if (status == CTL_DONE && c->json)
		say_json(json_pack("{s:s, s:b, s:I, s:b}", "file", path, "ok",
		    1, "index", (json_int_t)policy_index(p),
		    "signature_checked", c->key != NULL));
	else if (status == CTL_DONE)
		printf("%s is in orde: document %llu%s.\n", path,
		    (unsigned long long)policy_index(p),
		    c->key == NULL ? "; de handtekening is niet nagekeken "
				     "(--key introducer.pub)" : "");

out:
	policy_free(p);
	arena_free(a);
	free(bytes);
	return (status);
}

int
ctl_policy_check(const struct ctl *c)
{
	struct policy *old = NULL;
	uint8_t *body = NULL;
	size_t len = 0;
	int status = CTL_DONE;

	if (c->n_args > 1)
		status = ctl_read_policy(c->arg[1], &old);
	if (status == CTL_DONE && !ctl_is_source(c->arg[0])) {
		status = check_signed(c, c->arg[0], old);
	} else if (status == CTL_DONE) {
		status = compile(c->arg[0], old, &body, &len);
		if (status == CTL_DONE && c->json)
			say_json(json_pack("{s:s, s:b, s:I}", "file",
			    c->arg[0], "ok", 1, "bytes", (json_int_t)len));
		else if (status == CTL_DONE)
			printf("%s is in orde: %zu bytes.\n", c->arg[0], len);
	}
	policy_free(old);
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
		fprintf(stderr, "ketenctl: %s\n", why);
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
		if (c->json)
			say_json(json_pack("{s:s, s:I}", "file", c->out,
			    "bytes", (json_int_t)envelope.len));
		else
			printf("%s is ondertekend: %zu bytes.  Laad het met "
			    "`ketenctl policy load %s` of SIGHUP.\n", c->out,
			    envelope.len, c->out);
		status = CTL_DONE;
	} else if (signer != NULL)
		fprintf(stderr, "ketenctl: %s kan niet worden geschreven\n", c->out);
	arena_free(a);
	sign_free(signer);
	return (status);
}

int
ctl_policy_sign(const struct ctl *c)
{
	uint8_t *body = NULL;
	size_t len = 0;
	int status;

	if (c->key == NULL || c->out == NULL) {
		fprintf(stderr, "ketenctl policy sign: noem ook %s\n",
		    c->key == NULL ? "de sleutel van beheer: --key "
		    "introducer.key" : "waar het komt: --out policy.signed");
		return (CTL_USAGE);
	}
	status = compile(c->arg[0], NULL, &body, &len);
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
	const char *rule = "";
	int status = CTL_FILE;

	if (ctl_is_source(path)) {
		status = compile(path, NULL, &bytes, &len);
		body = slice_of(bytes, len);
	} else if (file_read(path, POLICY_MAX, &bytes, &len) == ERR_OK &&
	    (a = arena_new(ARENA_LEN)) != NULL &&
	    envelope_parse(a, slice_of(bytes, len), &env, &rule) == ERR_OK) {
		status = CTL_DONE;
		body = env.body;
	} else
		fprintf(stderr, "ketenctl: %s: dit bestand is er niet, of het "
		    "is geen ondertekend beleid%s%s\n", path,
		    rule[0] != '\0' ? ": " : "", rule);
	if (status == CTL_DONE && policy_new(body, p) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s: geen geldig beleid\n", path);
		status = CTL_REFUSED;
	} else if (status == CTL_DONE && !ctl_is_source(path))
		say_doubts(path, NULL, *p);
	arena_free(a);
	free(bytes);
	return (status);
}
