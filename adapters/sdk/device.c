/*
 * device -- who this device is, where the broker is, and its keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/conf.h"
#include "base/file.h"
#include "sdk/device.h"
#include "trust/digest.h"

/* 4 GiB of address space; the file grows with what is in it. */
#define SPOOL_SIZE_DEFAULT ((int64_t)4 << 30)
#define SPOOL_SIZE_MIN ((int64_t)1 << 20)
#define RECONNECT_MAX_DEFAULT 10000
#define LOG_STILL_DEFAULT 120000

enum field {
	F_ORIGIN,
	F_PARTNER,
	F_DEVICE,
	F_MAILBOX,
	F_ENDPOINT,
	F_BROKER_KEY,
	F_INTRODUCER_KEY,
	F_LOG_VKEY,
	F_KEYS,
	F_SPOOL,
	F_SPOOL_SIZE,
	F_ACTOR,
	F_RECONNECT_MAX,
	F_LOG_STILL,
	F__MAX
};

static const struct {
	const char *key;
	bool required;
	const char *def;
} table[F__MAX] = {
	[F_ORIGIN] = { "origin", true, NULL },
	[F_PARTNER] = { "partner", true, NULL },
	[F_DEVICE] = { "device", true, NULL },
	[F_MAILBOX] = { "mailbox", false, "main" },
	[F_ENDPOINT] = { "endpoint", true, NULL },
	[F_BROKER_KEY] = { "broker_key", true, NULL },
	[F_INTRODUCER_KEY] = { "introducer_key", true, NULL },
	[F_LOG_VKEY] = { "log_vkey", false, NULL },
	[F_KEYS] = { "keys", true, NULL },
	[F_SPOOL] = { "spool", true, NULL },
	[F_SPOOL_SIZE] = { "spool_size", false, NULL },
	[F_ACTOR] = { "actor", true, NULL },
	[F_RECONNECT_MAX] = { "reconnect_max", false, NULL },
	[F_LOG_STILL] = { "log_still", false, NULL },
};

/* What the readers below work on. */
struct reading {
	struct conf *conf;
	const char *path;
	const struct conf_node *node[F__MAX];
	struct device *set;
};

/* The text of a field, or its default; "" if it is not there. */
static const char *
text_of(const struct reading *rd, enum field f)
{
	const char *text = conf_scalar(rd->node[f]);

	if (text == NULL)
		text = table[f].def;
	return (text == NULL ? "" : text);
}

static void
mistake(const struct reading *rd, enum field f, const char *what)
{
	conf_mistake(rd->conf, rd->node[f], "%s: %s", table[f].key, what);
}

/* Find the fields; complain about unknown and missing ones. */
static void
find_fields(struct reading *rd)
{
	const struct conf_node *root = conf_root(rd->conf);
	const char *known[F__MAX + 2];
	size_t n = 0;

	for (enum field f = 0; f < F__MAX; f++)
		known[n++] = table[f].key;
	known[n++] = "adapter";
	known[n] = NULL;
	conf_known_keys(rd->conf, root, known);

	for (enum field f = 0; f < F__MAX; f++) {
		rd->node[f] = conf_get(root, table[f].key);
		if (rd->node[f] == NULL && table[f].required)
			mistake(rd, f, "ontbreekt");
		else if (rd->node[f] != NULL && !conf_is_scalar(rd->node[f]))
			mistake(rd, f, "moet een tekst zijn");
	}
}

static void
read_text(const struct reading *rd, enum field f, char *out, size_t cap)
{
	const char *text = text_of(rd, f);
	size_t len = strlen(text);

	if (len >= cap) {
		mistake(rd, f, "is te lang");
		return;
	}
	memcpy(out, text, len + 1);
}

static void
read_name(const struct reading *rd, enum field f, struct org *out)
{
	const char *text = text_of(rd, f);

	*out = org_of(text);
	if (rd->node[f] != NULL && org_is_none(out))
		mistake(rd, f, "een naam heeft kleine letters, cijfers en '-'");
}

/* A public key: 64 digits, or "file:" and a file with these. */
static void
read_key(const struct reading *rd, enum field f, uint8_t out[32])
{
	const char *text = text_of(rd, f);
	char path[DEVICE_PATH];
	uint8_t *data = NULL;
	size_t len;

	if (rd->node[f] == NULL)
		return;
	if (strncmp(text, "file:", 5) != 0) {
		if (!hex_decode(text, out, 32))
			mistake(rd, f, "64 cijfers 0-9a-f, of file:PAD");
		return;
	}
	if (file_beside(rd->path, text + 5, path, sizeof(path)) != ERR_OK ||
	    file_read(path, 4096, &data, &len) != ERR_OK) {
		mistake(rd, f, "dit bestand is niet te lezen");
		return;
	}
	data[strcspn((char *)data, " \t\r\n")] = '\0';
	if (!hex_decode((char *)data, out, 32))
		mistake(rd, f, "in dit bestand staan geen 64 cijfers 0-9a-f");
	free(data);
}

static void
read_log_key(const struct reading *rd)
{
	struct device *set = rd->set;

	if (rd->node[F_LOG_VKEY] == NULL)
		return;
	if (note_key_parse(text_of(rd, F_LOG_VKEY), &set->log_key) != ERR_OK)
		mistake(rd, F_LOG_VKEY, "naam+nummer+sleutel, zoals beheer die geeft");
	else
		set->has_log_key = true;
}

/* Letters, digits and '-': a function or a staff number, never a name. */
static void
read_actor(const struct reading *rd)
{
	char *actor = rd->set->actor;

	read_text(rd, F_ACTOR, actor, DEVICE_ACTOR);
	if (strspn(actor, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") !=
	    strlen(actor))
		mistake(rd, F_ACTOR, "hoofdletters, cijfers en '-'");
}

static void
read_numbers(const struct reading *rd)
{
	int64_t size = SPOOL_SIZE_DEFAULT;
	int64_t ms = RECONNECT_MAX_DEFAULT, still = LOG_STILL_DEFAULT;

	if (rd->node[F_SPOOL_SIZE] != NULL &&
	    (!conf_read_size(text_of(rd, F_SPOOL_SIZE), &size) ||
		size < SPOOL_SIZE_MIN))
		mistake(rd, F_SPOOL_SIZE, "een maat, zoals 4 GiB");
	if (rd->node[F_RECONNECT_MAX] != NULL &&
	    (!conf_read_ms(text_of(rd, F_RECONNECT_MAX), &ms) || ms < 100))
		mistake(rd, F_RECONNECT_MAX, "een duur, zoals 10 s");
	if (rd->node[F_LOG_STILL] != NULL &&
	    (!conf_read_ms(text_of(rd, F_LOG_STILL), &still) || still < 1000))
		mistake(rd, F_LOG_STILL, "een duur, zoals 2 min");
	rd->set->log_still_ms = still;
	rd->set->spool_size = (size_t)size;
	rd->set->reconnect_max_ms = ms;
}

static void
read_path(const struct reading *rd, enum field f, char *out)
{
	if (rd->node[f] != NULL &&
	    file_beside(rd->path, text_of(rd, f), out, DEVICE_PATH) !=
		ERR_OK)
		mistake(rd, f, "is te lang");
}

void
device_use(struct device *set)
{
	const struct keybox *b = &set->box;

	set->signer = b->sign[b->sign_at].signer;
	set->seal = b->seal[b->seal_at].key;
	set->curve = b->curve[b->curve_at].secret;
	set->curve_public.len = 32;
	memcpy(set->curve_public.b, b->curve[b->curve_at].pub, 32);
	set->spool_key = b->spool;
}

static void
wrong_key(void *cookie, const char *why)
{
	mistake(cookie, F_KEYS, why);
}

/* A folder beside the settings, or systemd's credentials. */
static void
read_secrets(struct reading *rd)
{
	const char *text = text_of(rd, F_KEYS);
	char dir[DEVICE_PATH] = "";

	if (strncmp(text, "credentials", 11) == 0)
		read_text(rd, F_KEYS, dir, sizeof(dir));
	else
		read_path(rd, F_KEYS, dir);
	if (dir[0] != '\0' && keybox_open(&rd->set->box, dir, wrong_key, rd) ==
		ERR_OK)
		device_use(rd->set);
}

static void
read_all(struct reading *rd)
{
	struct device *set = rd->set;

	find_fields(rd);
	read_text(rd, F_ORIGIN, set->origin, sizeof(set->origin));
	read_name(rd, F_PARTNER, &set->partner);
	read_name(rd, F_DEVICE, &set->name);
	read_name(rd, F_MAILBOX, &set->mailbox);
	read_text(rd, F_ENDPOINT, set->endpoint, sizeof(set->endpoint));
	read_key(rd, F_BROKER_KEY, set->broker_key);
	read_key(rd, F_INTRODUCER_KEY, set->introducer_key);
	read_log_key(rd);
	read_actor(rd);
	read_numbers(rd);
	read_path(rd, F_SPOOL, set->spool);
	if (rd->node[F_KEYS] != NULL)
		read_secrets(rd);
}

/* All mistakes, one line each, as far as they fit. */
static void
tell_mistakes(struct conf *conf, char why[DEVICE_WHY])
{
	size_t len = 0;

	why[0] = '\0';
	for (size_t i = 0; i < conf_mistakes(conf); i++) {
		int n = snprintf(why + len, DEVICE_WHY - len, "%s%s",
		    i == 0 ? "" : "\n", conf_mistake_text(conf, i));

		if (n < 0 || (size_t)n >= DEVICE_WHY - len)
			return;
		len += (size_t)n;
	}
}

enum err
device_read(const char *path, struct device *set, char why[DEVICE_WHY])
{
	struct reading rd = { .path = path, .set = set };
	enum err err = ERR_OK;

	memset(set, 0, sizeof(*set));
	if (conf_open(path, &rd.conf) != ERR_OK) {
		(void)snprintf(why, DEVICE_WHY,
		    "%s: dit bestand is er niet of is niet te lezen", path);
		return (ERR_CONFIG);
	}
	if (conf_mistakes(rd.conf) == 0)
		read_all(&rd);
	if (conf_mistakes(rd.conf) > 0) {
		tell_mistakes(rd.conf, why);
		err = ERR_CONFIG;
	}
	conf_close(rd.conf);
	if (err != ERR_OK)
		device_fini(set);
	return (err);
}

void
device_fini(struct device *set)
{
	keybox_fini(&set->box);
	seal_key_wipe(&set->seal);
	digest_wipe(set, sizeof(*set));
}
