/*
 * root -- whom an auditor believes before looking at anything.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/root.h"
#include "base/bytes.h"
#include "base/conf.h"
#include "base/file.h"
#include "policy/policy.h"
#include "trust/digest.h"

#define TEXT_MAX 600
#define POLICY_FILE_MAX ((size_t)16 << 20)

static enum err
wrong(const char *text, const char **why)
{
	*why = text;
	return (ERR_CONFIG);
}

/* The first line of the file ${path}. */
static MUST_CHECK enum err
read_line(const char *path, char out[TEXT_MAX], const char **why)
{
	uint8_t *data;
	size_t len = 0;
	enum err err = file_read(path, 64 * 1024, &data, &len);
	size_t n = 0;

	if (err != ERR_OK)
		return (wrong("dat bestand is er niet of is niet te lezen",
		    why));
	while (n < len && n < TEXT_MAX - 1 && !isspace(data[n])) {
		out[n] = (char)data[n];
		n++;
	}
	out[n] = '\0';
	free(data);
	return (ERR_OK);
}

/*
 * The text that was meant: itself when ${fits} says so, else that in the file
 * it names.
 */
static MUST_CHECK enum err
resolve(const char *text, bool (*fits)(const char *), char out[TEXT_MAX],
    const char **why)
{
	if (strncmp(text, "file:", 5) == 0)
		return (read_line(text + 5, out, why));
	if (!fits(text))
		return (read_line(text, out, why));
	(void)snprintf(out, TEXT_MAX, "%s", text);
	return (ERR_OK);
}

static bool
looks_like_vkey(const char *text)
{
	return (strchr(text, '+') != NULL);
}

static bool
looks_like_hex(const char *text)
{
	uint8_t key[32];

	return (hex_decode(text, key, sizeof(key)));
}

static MUST_CHECK enum err
read_vkey(const char *text, enum note_type type, struct note_key *key,
    const char **why)
{
	char vkey[TEXT_MAX];
	enum err err = resolve(text, looks_like_vkey, vkey, why);

	if (err != ERR_OK)
		return (err);
	if (note_key_parse(vkey, key) != ERR_OK)
		return (wrong("dit is geen vkey (naam+id+base64)", why));
	if (key->type != type)
		return (wrong(type == NOTE_LOG
			? "dit is niet de sleutel van een logboek"
			: "dit is niet de sleutel van een getuige", why));
	return (ERR_OK);
}

enum err
root_vkey(struct root *r, const char *text, const char **why)
{
	enum err err = read_vkey(text, NOTE_LOG, &r->log, why);

	r->has_log = err == ERR_OK;
	return (err);
}

enum err
root_witness(struct root *r, const char *text, const char **why)
{
	enum err err;

	if (r->n_witnesses == ROOT_WITNESSES_MAX)
		return (wrong("hoogstens 16 getuigen", why));
	err = read_vkey(text, NOTE_WITNESS, &r->witnesses[r->n_witnesses],
	    why);
	if (err == ERR_OK)
		r->n_witnesses++;
	return (err);
}

enum err
root_introducer(struct root *r, const char *text, const char **why)
{
	char hex[TEXT_MAX];
	enum err err = resolve(text, looks_like_hex, hex, why);

	if (err != ERR_OK)
		return (err);
	if (!hex_decode(hex, r->introducer, sizeof(r->introducer)))
		return (wrong("de sleutel van beheer is 64 hexadecimale "
			      "cijfers", why));
	r->has_introducer = true;
	return (ERR_OK);
}

enum err
root_origin(struct root *r, const char *text, const char **why)
{
	if (text[0] == '\0' || strlen(text) > ROOT_ORIGIN_MAX)
		return (wrong("de naam van een logboek heeft 1 tot 128 "
			      "tekens", why));
	memset(r->origin, 0, sizeof(r->origin));
	memcpy(r->origin, text, strlen(text));
	return (ERR_OK);
}

enum err
root_policy(struct root *r, const char *path, const char **why)
{
	if (strncmp(path, "file:", 5) == 0)
		path += 5;
	if (strlen(path) >= sizeof(r->policy))
		return (wrong("dat pad is te lang", why));
	memcpy(r->policy, path, strlen(path) + 1);
	return (ERR_OK);
}

/* --- keys of before and after ---------------------------------------------------- */

static bool
is_known(const struct root *r, const struct note_key *key)
{
	for (size_t i = 0; i <= r->n_others; i++) {
		const struct note_key *k = i == 0 ? &r->log
						  : &r->others[i - 1];

		if (strcmp(k->name, key->name) == 0 &&
		    memcmp(k->pub, key->pub, sizeof(k->pub)) == 0)
			return (true);
	}
	return (false);
}

/* The ${i}th key of the log that ${doc} names; false if there is none. */
static bool
nth_key(const Keten__V1__Policy *doc, size_t i, struct note_key *key)
{
	const char *vkey = i == 0 ? doc->log_vkey
				  : doc->former_log_vkey[i - 1];

	return (vkey[0] != '\0' && note_key_parse(vkey, key) == ERR_OK &&
	    key->type == NOTE_LOG);
}

bool
root_follow(struct root *r, const Keten__V1__Policy *doc)
{
	struct note_key key;
	bool leads = false;

	for (size_t i = 0; i <= doc->n_former_log_vkey; i++)
		leads = leads || (nth_key(doc, i, &key) && is_known(r, &key));
	if (!leads)
		return (false);
	for (size_t i = 0; i <= doc->n_former_log_vkey; i++)
		if (nth_key(doc, i, &key) && !is_known(r, &key) &&
		    strcmp(key.name, r->log.name) == 0 &&
		    r->n_others < ROOT_KEYS_MAX)
			r->others[r->n_others++] = key;
	return (true);
}

enum err
root_note_check(const struct root *r, struct slice bytes,
    struct note_checkpoint *c)
{
	enum err err = note_check(bytes, &r->log, c);

	for (size_t i = 0; err == ERR_KEY_NOT_VALID && i < r->n_others; i++)
		err = note_check(bytes, &r->others[i], c);
	return (err);
}

static MUST_CHECK enum err
read_policy(struct root *r, const char **why)
{
	struct policy *p = NULL;
	uint8_t *data = NULL;
	size_t len = 0;
	enum err err;

	if (!r->has_log || !r->has_introducer)
		return (wrong("--policy vraagt ook de sleutel van het logboek "
			      "en die van beheer", why));
	if (file_read(r->policy, POLICY_FILE_MAX, &data, &len) != ERR_OK)
		return (wrong("het beleid is niet te lezen", why));
	err = policy_open(slice_of(data, len), r->introducer, &p);
	free(data);
	if (err != ERR_OK)
		return (wrong("het beleid is niet getekend met de sleutel van "
			      "beheer die u opgaf", why));
	if (!root_follow(r, policy_doc(p)))
		err = wrong("het beleid noemt de sleutel van het logboek die "
			    "u opgaf niet", why);
	policy_free(p);
	return (err);
}

enum err
root_complete(struct root *r, const char **why)
{
	if (r->has_log && r->origin[0] == '\0' &&
	    root_origin(r, r->log.name, why) != ERR_OK)
		return (ERR_CONFIG);
	if (r->has_log && strcmp(r->origin, r->log.name) != 0)
		return (wrong("de sleutel van het logboek heeft een andere "
			      "naam dan origin", why));
	if (r->quorum > r->n_witnesses)
		return (wrong("quorum: zoveel getuigen zijn er niet genoemd",
		    why));
	if (r->quorum == 0)
		r->quorum = r->n_witnesses;
	return (r->policy[0] == '\0' ? ERR_OK : read_policy(r, why));
}

void
root_digest(const struct root *r, uint8_t out[32])
{
	char vkey[NOTE_VKEY_MAX];
	size_t len = note_key_format(&r->log, vkey);

	digest_of(vkey, len, out);
}

/* --- the file ------------------------------------------------------------------- */

/* clang-format off */
static const struct conf_setting table[] = {
	{ "origin", CONF_TEXT, 1, ROOT_ORIGIN_MAX, false, NULL,
	    "De naam van het logboek." },
	{ "vkey", CONF_TEXT, 1, 4000, false, NULL,
	    "De openbare sleutel van het logboek, of file:pad." },
	{ "introducer", CONF_TEXT, 1, 4000, false, NULL,
	    "De openbare sleutel van beheer, 64 cijfers, of file:pad." },
	{ "witnesses", CONF_LIST, 1, 4000, false, NULL,
	    "De sleutels van getuigen, of file:pad." },
	{ "policy", CONF_PATH, 1, 4000, false, NULL,
	    "Een ondertekend beleid, om een vervangen sleutel van het logboek "
	    "te volgen zonder het logboek." },
	{ "quorum", CONF_NUMBER, 1, ROOT_WITNESSES_MAX, false, NULL,
	    "Hoeveel getuigen er minstens nodig zijn." },
};
/* clang-format on */

typedef enum err root_fn(struct root *r, const char *text, const char **why);

/* Give one text to ${take}; a file is seen from the folder of ${path}. */
static void
take(struct root *r, struct conf *c, const char *path, const char *name,
    const char *text, root_fn *take_fn)
{
	char full[PATH_MAX + 8] = "file:";
	const char *why = "";

	if (text == NULL)
		return;
	if (strncmp(text, "file:", 5) == 0) {
		if (file_beside(path, text + 5, full + 5, PATH_MAX) != ERR_OK) {
			conf_mistake(c, NULL, "%s: dat pad is te lang", name);
			return;
		}
		text = full;
	}
	if (take_fn(r, text, &why) != ERR_OK)
		conf_mistake(c, conf_nearby(c, name), "%s: %s", name, why);
}

enum err
root_load(struct root *r, const char *path)
{
	struct conf *c = NULL;
	enum err err = conf_open(path, &c);

	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", path,
		    err_text(err));
		return (err);
	}
	if (conf_check(c, table, sizeof(table) / sizeof(table[0])) ==
	    ERR_OK) {
		take(r, c, path, "origin", conf_text(c, "origin"),
		    root_origin);
		take(r, c, path, "vkey", conf_text(c, "vkey"), root_vkey);
		take(r, c, path, "introducer", conf_text(c, "introducer"),
		    root_introducer);
		for (size_t i = 0; i < conf_count(c, "witnesses"); i++)
			take(r, c, path, "witnesses",
			    conf_item(c, "witnesses", i), root_witness);
		if (conf_has(c, "policy"))
			take(r, c, path, "policy", conf_text(c, "policy"),
			    root_policy);
		if (conf_has(c, "quorum"))
			r->quorum = (size_t)conf_number(c, "quorum");
	}
	conf_print_mistakes(c, stderr);
	err = conf_mistakes(c) == 0 ? ERR_OK : ERR_CONFIG;
	conf_close(c);
	return (err);
}
