#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/org.h"
#include "dropbox/ledger.h"

#define READY "ready"
#define PLAN FOLDER_PLAN
#define STATE_MAX (8 * 1024 * 1024)

static enum err
write_json(const struct folder *f, enum place place, const char *name,
    const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	enum err err;

	if (text == NULL)
		return (ERR_NOMEM);
	err = folder_write(f, place, name, text, strlen(text));
	explicit_bzero(text, strlen(text));
	free(text);
	return (err);
}

static enum err
read_json(const struct folder *f, enum place place, const char *name,
    json_t **value)
{
	char *text = NULL;
	size_t len = 0;
	enum err err = folder_read(f, place, name, STATE_MAX, &text, &len);

	if (err != ERR_OK)
		return (err);
	*value = json_loadb(text, len, 0, NULL);
	explicit_bzero(text, len);
	free(text);
	return (*value == NULL ? ERR_CORRUPT : ERR_OK);
}

static void
forget_files(struct ledger *l)
{
	folder_names_free(l->files, l->n_files);
	l->files = NULL;
	l->n_files = 0;
}

static enum err
copy_files(struct ledger *l, const json_t *list)
{
	char **files = calloc(json_array_size(list) + 1, sizeof(*files));

	if (files == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name =
		    json_string_value(json_array_get(list, i));

		files[i] = strdup(name == NULL ? "" : name);
		if (files[i] == NULL) {
			folder_names_free(files, i);
			return (ERR_NOMEM);
		}
	}
	forget_files(l);
	l->files = files;
	l->n_files = json_array_size(list);
	return (ERR_OK);
}

static enum err
take_ready(struct ledger *l, const json_t *ready, const char *who)
{
	const char *is = json_string_value(json_object_get(ready, "who"));

	if (is == NULL || strcmp(is, who) != 0)
		return (ERR_OK);
	l->has_ready = true;
	l->seq = (uint64_t)json_integer_value(json_object_get(ready, "seq"));
	l->index = (uint64_t)json_integer_value(
	    json_object_get(ready, "index"));
	l->time_ms = json_integer_value(json_object_get(ready, "time"));
	return (copy_files(l, json_object_get(ready, "files")));
}

/* A plan whose file is decided: the stop came between the two. */
static void
drop_old_plans(const struct folder *f)
{
	char **names = NULL;
	size_t n = 0;

	if (folder_list(f, PLACE_KETEN, &names, &n) != ERR_OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i], PLAN, strlen(PLAN)) == 0 &&
		    !folder_has(f, PLACE_OUT_BUSY, names[i] + strlen(PLAN)))
			/* The next start tries again. */
			(void)!folder_remove(f, PLACE_KETEN, names[i]);
	folder_names_free(names, n);
}

enum err
ledger_open(const struct folder *f, const char *who, struct ledger *l)
{
	json_t *ready = NULL;
	enum err err;

	memset(l, 0, sizeof(*l));
	l->f = f;
	if (strlen(who) >= sizeof(l->who))
		return (ERR_FULL);
	memcpy(l->who, who, strlen(who) + 1);
	err = read_json(f, PLACE_KETEN, READY, &ready);
	if (err == ERR_OK)
		err = take_ready(l, ready, who);
	else if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	json_decref(ready);
	if (err == ERR_OK)
		drop_old_plans(f);
	else
		ledger_close(l);
	return (err);
}

void
ledger_close(struct ledger *l)
{
	forget_files(l);
	l->has_ready = false;
}

enum err
ledger_ready(struct ledger *l, const struct keten_news *news,
    char *const *names, size_t n)
{
	json_t *files = json_array();
	json_t *ready = NULL;
	enum err err = ERR_NOMEM;

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(files, json_string(names[i])) != 0)
			goto out;
	ready = json_pack("{s:s,s:I,s:I,s:I,s:O}", "who", l->who, "seq",
	    (json_int_t)news->seq, "index", (json_int_t)news->index, "time",
	    (json_int_t)news->time_ms, "files", files);
	if (ready == NULL)
		goto out;
	err = write_json(l->f, PLACE_KETEN, READY, ready);
	if (err == ERR_OK)
		err = take_ready(l, ready, l->who);
out:
	json_decref(files);
	json_decref(ready);
	return (err);
}

bool
ledger_is_ready(const struct ledger *l, const struct keten_news *news)
{
	return (l->has_ready && l->seq == news->seq &&
	    l->index == news->index && l->time_ms == news->time_ms);
}

static void
key_name(const char *key, char name[2 * SHA256_DIGEST_LENGTH + 1])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	(void)SHA256((const unsigned char *)key, strlen(key), digest);
	hex_encode(digest, sizeof(digest), name);
}

/* Do ${each} with the name of the file of every one of ${keys}, a line each. */
static enum err
each_key(const struct folder *f, const char *keys, const char *referral,
    enum err (*each)(const struct folder *, const char *, const char *))
{
	char name[2 * SHA256_DIGEST_LENGTH + 1];
	enum err err = ERR_OK;

	while (err == ERR_OK && keys != NULL && *keys != '\0') {
		size_t n = strcspn(keys, "\n");
		char *key = strndup(keys, n);

		if (key == NULL)
			return (ERR_NOMEM);
		key_name(key, name);
		free(key);
		err = each(f, name, referral);
		keys += n + (keys[n] == '\n');
	}
	return (err);
}

/* One file per name; later things of the same name win. */
static enum err
learn_key(const struct folder *f, const char *name, const char *referral)
{
	return (folder_write(f, PLACE_KEYS, name, referral, strlen(referral)));
}

static enum err
forget_key(const struct folder *f, const char *name, const char *referral)
{
	(void)referral;
	return (folder_remove(f, PLACE_KEYS, name));
}

static bool
has(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(text, json_string_value(
		    json_array_get(list, i))) == 0)
			return (true);
	return (false);
}

static enum err
set_text(json_t *to, const char *name, const char *text)
{
	if (text == NULL)
		return (ERR_OK);
	return (json_object_set_new(to, name, json_string(text)) == 0 ?
	    ERR_OK : ERR_NOMEM);
}

static enum err
learn_order(json_t *about, const struct map_order *o)
{
	enum err err;

	if (o == NULL || map_get(o, MAP_STEP) == NULL ||
	    strcmp(map_get(o, MAP_STEP), "SUBMIT") != 0)
		return (ERR_OK);
	err = set_text(about, "key", map_get(o, MAP_KEY));
	if (err == ERR_OK)
		err = set_text(about, "keys", map_get(o, MAP_KEYS));
	if (err == ERR_OK)
		err = set_text(about, "context", map_get(o, MAP_CONTEXT));
	return (err);
}

static enum err
add_file(json_t *about, const char *name, enum place place)
{
	json_t *files = json_object_get(about, "files");
	char where[FOLDER_NAME_MAX + 32];

	if (files == NULL) {
		files = json_array();
		if (json_object_set_new(about, "files", files) != 0)
			return (ERR_NOMEM);
	}
	(void)snprintf(where, sizeof(where), "%d/%s", (int)place, name);
	if (has(files, where))
		return (ERR_OK);
	return (json_array_append_new(files, json_string(where)) == 0 ?
	    ERR_OK : ERR_NOMEM);
}

static bool
is_referral(const char *text)
{
	struct refid id;

	return (refid_parse(text, &id));
}

enum err
ledger_learn(struct ledger *l, const char *referral,
    const struct map_order *o, const char *name, enum place place)
{
	json_t *about = NULL;
	enum err err;

	if (!is_referral(referral))
		return (ERR_OK);
	err = read_json(l->f, PLACE_REFERRALS, referral, &about);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) {
		about = json_object();
		err = about == NULL ? ERR_NOMEM : ERR_OK;
	}
	if (err == ERR_OK)
		err = learn_order(about, o);
	if (err == ERR_OK)
		err = add_file(about, name, place);
	if (err == ERR_OK)
		err = write_json(l->f, PLACE_REFERRALS, referral, about);
	if (err == ERR_OK && o != NULL && map_get(o, MAP_STEP) != NULL &&
	    strcmp(map_get(o, MAP_STEP), "SUBMIT") == 0)
		err = each_key(l->f, map_get(o, MAP_KEYS), referral,
		    learn_key);
	json_decref(about);
	return (err);
}

bool
ledger_known(const struct ledger *l, const char *key,
    char referral[KETEN_ID_TEXT])
{
	char name[2 * SHA256_DIGEST_LENGTH + 1];
	char *text = NULL;
	size_t len = 0;
	bool known = false;

	key_name(key, name);
	if (folder_read(l->f, PLACE_KEYS, name, 64, &text, &len) != ERR_OK)
		return (false);
	if (is_referral(text)) {
		memcpy(referral, text, KETEN_ID_TEXT);
		known = true;
	}
	free(text);
	return (known);
}

void
ledger_about(const struct ledger *l, const char *referral, char **key,
    json_t **context)
{
	json_t *about = NULL;
	const char *text;

	*key = NULL;
	*context = NULL;
	if (!is_referral(referral) || read_json(l->f, PLACE_REFERRALS,
	    referral, &about) != ERR_OK)
		return;
	text = json_string_value(json_object_get(about, "key"));
	if (text != NULL)
		*key = strdup(text);
	text = json_string_value(json_object_get(about, "context"));
	if (text != NULL)
		*context = json_loads(text, 0, NULL);
	json_decref(about);
}

/* --- plans --------------------------------------------------------------- */

static void
plan_name(const char *name, char out[FOLDER_NAME_MAX + 8])
{
	(void)snprintf(out, FOLDER_NAME_MAX + 8, PLAN "%s", name);
}

enum err
ledger_plan(struct ledger *l, const char *name, const struct map_list *list)
{
	char file[FOLDER_NAME_MAX + 8];
	json_t *json = NULL;
	enum err err = map_to_json(list, &json);

	if (err != ERR_OK)
		return (err);
	plan_name(name, file);
	err = write_json(l->f, PLACE_KETEN, file, json);
	json_decref(json);
	return (err);
}

enum err
ledger_plan_read(struct ledger *l, const char *name, struct map_list *list)
{
	char file[FOLDER_NAME_MAX + 8];
	json_t *json = NULL;
	enum err err;

	plan_name(name, file);
	err = read_json(l->f, PLACE_KETEN, file, &json);
	if (err == ERR_OK)
		err = map_from_json(json, list);
	json_decref(json);
	return (err);
}

enum err
ledger_plan_done(struct ledger *l, const char *name)
{
	char file[FOLDER_NAME_MAX + 8];

	plan_name(name, file);
	return (folder_remove(l->f, PLACE_KETEN, file));
}

/* --- erasing ------------------------------------------------------------- */

static enum err
remove_one(const struct folder *f, enum place place, const char *name,
    size_t *removed)
{
	if (!folder_has(f, place, name))
		return (ERR_OK);
	(*removed)++;
	return (folder_remove(f, place, name));
}

/* Files that we named ourselves carry the referral in their name. */
static enum err
purge_named(const struct folder *f, enum place place, const char *referral,
    size_t *removed)
{
	char **names = NULL;
	size_t n = 0;
	enum err err = folder_list(f, place, &names, &n);

	for (size_t i = 0; err == ERR_OK && i < n; i++)
		if (strstr(names[i], referral) != NULL)
			err = remove_one(f, place, names[i], removed);
	folder_names_free(names, n);
	return (err);
}

/* A file and the answers beside it. */
static enum err
remove_all(const struct folder *f, enum place place, const char *name,
    size_t *removed)
{
	static const char *const endings[] = {"", ".uitkomst.txt",
	    ".uitkomst.json", ".uitkomst.csv", ".fout.txt"};
	char as[FOLDER_NAME_MAX + 1];
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < 5; i++) {
		(void)snprintf(as, sizeof(as), "%.220s%s", name, endings[i]);
		err = remove_one(f, place, as, removed);
	}
	return (err);
}

/* Files that the partner named are in the ledger, as "place/name". */
static enum err
purge_listed(const struct folder *f, const json_t *about, size_t *removed)
{
	const json_t *files = json_object_get(about, "files");
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < json_array_size(files); i++) {
		const char *where =
		    json_string_value(json_array_get(files, i));
		const char *slash = where == NULL ? NULL : strchr(where, '/');
		long place;

		if (slash == NULL)
			continue;
		place = strtol(where, NULL, 10);
		if (place < 0 || place >= PLACE_KETEN)
			continue;
		err = remove_all(f, (enum place)place, slash + 1, removed);
	}
	return (err);
}

enum err
ledger_purge(struct ledger *l, const char *referral, size_t *removed)
{
	static const enum place ours[] = {PLACE_IN, PLACE_IN_TMP, PLACE_DONE,
	    PLACE_FAILED};
	json_t *about = NULL;
	enum err err = ERR_OK;

	if (!is_referral(referral))
		return (ERR_OK);
	for (size_t i = 0; err == ERR_OK && i < 4; i++)
		err = purge_named(l->f, ours[i], referral, removed);
	if (err != ERR_OK || read_json(l->f, PLACE_REFERRALS, referral,
	    &about) != ERR_OK)
		return (err);
	err = purge_listed(l->f, about, removed);
	if (err == ERR_OK)
		err = each_key(l->f, json_string_value(json_object_get(about,
		    "keys")), referral, forget_key);
	/* Last: while it is there, an interrupted purge can go on. */
	if (err == ERR_OK)
		err = folder_remove(l->f, PLACE_REFERRALS, referral);
	json_decref(about);
	return (err);
}
