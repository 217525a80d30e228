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
#include "trust/digest.h"

#define TEXT_MAX 600

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
	return (ERR_OK);
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
		if (conf_has(c, "quorum"))
			r->quorum = (size_t)conf_number(c, "quorum");
	}
	conf_print_mistakes(c, stderr);
	err = conf_mistakes(c) == 0 ? ERR_OK : ERR_CONFIG;
	conf_close(c);
	return (err);
}
