#ifndef DEMO_POLICY_H_
#define DEMO_POLICY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/policy.h"
#include "policy/source.h"
#include "trust/sign.h"

/*
 * demo_policy -- for tests: config/demo/policy.yaml in a folder of its own,
 * with a key for every partner made from its name, and with any piece of text
 * replaced by another.
 */
struct demo {
	char folder[64];
	char path[128];
};

static inline void
demo_key(const struct demo *d, const char *id)
{
	uint8_t seed[SIGN_SEED] = { 0 };
	char path[256], hex[2 * SIGN_PUB + 1];
	struct signer *s;

	(void)snprintf((char *)seed, sizeof(seed), "%s", id);
	s = sign_new(seed);
	if (s == NULL)
		abort();
	hex_encode(sign_public(s), SIGN_PUB, hex);
	sign_free(s);
	(void)snprintf(path, sizeof(path), "%s/partners/%s.pub", d->folder,
	    id);
	if (file_write(path, hex, strlen(hex), 0644) != ERR_OK)
		abort();
}

/* Make the folder and the keys of the cast. */
static inline void
demo_begin(struct demo *d)
{
	static const char *const cast[] = { "lwdb-noord", "thuiszorg-t",
		"welzijn-w", "corporatie-c", "mantelzorg-m", "vrijwilligers-v",
		"v-oost", "v-west", "v-zuid", "zorg-z", "gemeente-r",
		"auditor-a" };
	char sub[80];

	(void)snprintf(d->folder, sizeof(d->folder), "/tmp/keten-demo-XXXXXX");
	if (mkdtemp(d->folder) == NULL)
		abort();
	(void)snprintf(sub, sizeof(sub), "%s/partners", d->folder);
	if (mkdir(sub, 0755) != 0)
		abort();
	(void)snprintf(d->path, sizeof(d->path), "%s/policy.yaml", d->folder);
	for (size_t i = 0; i < sizeof(cast) / sizeof(cast[0]); i++)
		demo_key(d, cast[i]);
}

/* Copy ${from} to the demo's source with ${old} replaced by ${new}, once. */
static inline void
demo_replace(const struct demo *d, const char *from, const char *old,
    const char *new)
{
	uint8_t *text;
	size_t len;
	char *at, *out;
	FILE *f;

	if (file_read(from, 1 << 20, &text, &len) != ERR_OK)
		abort();
	out = (char *)text;
	at = old != NULL ? strstr(out, old) : NULL;
	f = fopen(d->path, "w");
	if (f == NULL || (old != NULL && at == NULL))
		abort(); /* or the demo has changed under the test */
	if (at != NULL) {
		(void)fprintf(f, "%.*s%s", (int)(at - out), out, new);
		out = at + strlen(old);
	}
	(void)fprintf(f, "%s", out);
	(void)fclose(f);
	free(text);
}

/* Write the demo's source with ${old} replaced by ${new} (NULL: as it is). */
static inline void
demo_write(const struct demo *d, const char *old, const char *new)
{
	demo_replace(d, "config/demo/policy.yaml", old, new);
}

/* Replace one piece more. */
static inline void
demo_edit(const struct demo *d, const char *old, const char *new)
{
	demo_replace(d, d->path, old, new);
}

/* Compile what was written and throw the folder away; the caller frees it. */
static inline struct policy *
demo_end(const struct demo *d)
{
	struct policy *p = NULL;
	struct conf *conf;
	uint8_t *body;
	size_t len;
	char command[128];

	if (source_compile(d->path, &body, &len, &conf) != ERR_OK) {
		if (conf != NULL)
			conf_print_mistakes(conf, stderr);
		abort();
	}
	conf_close(conf);
	if (policy_new(slice_of(body, len), &p) != ERR_OK)
		abort();
	free(body);
	(void)snprintf(command, sizeof(command), "rm -rf %s", d->folder);
	if (system(command) != 0)
		abort();
	return (p);
}

/* The policy itself; the caller frees it. */
static inline struct policy *
demo_policy(const char *old, const char *new)
{
	struct demo d;

	demo_begin(&d);
	demo_write(&d, old, new);
	return (demo_end(&d));
}

#endif /* !DEMO_POLICY_H_ */
