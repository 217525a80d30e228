/*
 * backup_restore -- the way back: look at it, put it there, erase what was
 * erased since.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/bytes.h"
#include "base/file.h"
#include "core/backup_in.h"
#include "core/erase.h"
#include "core/journal.h"
#include "trust/digest.h"
#include "trust/tlog.h"

#define MANIFEST_MAX ((size_t)64 * 1024)

/* --- what it is ---------------------------------------------------------------- */

static bool
read_part(const json_t *m, const char *name, uint64_t *bytes,
    uint8_t sha256[32])
{
	const json_t *j = json_object_get(m, name);
	const char *hex = json_string_value(json_object_get(j, "sha256"));
	json_int_t n = json_integer_value(json_object_get(j, "bytes"));

	*bytes = (uint64_t)n;
	return (n > 0 && hex != NULL && hex_decode(hex, sha256, 32));
}

static bool
read_manifest(const json_t *m, struct backup *b)
{
	const char *format = json_string_value(json_object_get(m, "format"));
	const char *origin = json_string_value(json_object_get(m, "origin"));
	const char *root = json_string_value(json_object_get(m, "root"));
	json_int_t size = json_integer_value(json_object_get(m, "size"));

	if (format == NULL || strcmp(format, BACKUP_FORMAT) != 0 ||
	    origin == NULL || strlen(origin) >= BACKUP_ORIGIN ||
	    root == NULL || !hex_decode(root, b->root, 32) || size < 0)
		return (false);
	memcpy(b->origin, origin, strlen(origin) + 1);
	b->size = (uint64_t)size;
	b->made_ms = json_integer_value(json_object_get(m, "made_ms"));
	return (read_part(m, "store", &b->store_bytes, b->store_sha256) &&
	    read_part(m, "vault", &b->vault_bytes, b->vault_sha256));
}

enum err
backup_read(const char *dir, struct backup *b, char *why)
{
	char path[BACKUP_PATH];
	uint8_t *text = NULL;
	json_t *m = NULL;
	size_t len;
	enum err err = backup_path(dir, "manifest.json", path);

	memset(b, 0, sizeof(*b));
	if (err == ERR_OK)
		err = file_read_given(path, MANIFEST_MAX, &text, &len);
	if (err == ERR_OK) {
		m = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES,
		    NULL);
		if (!read_manifest(m, b))
			err = ERR_CORRUPT;
	}
	json_decref(m);
	free(text);
	if (err == ERR_NOT_FOUND)
		return (backup_why(why, err, "%s is er niet: dit is geen "
		    "reservekopie, of een die niet af is", path));
	return (err == ERR_OK ? ERR_OK
	    : backup_why(why, err, "%s is niet te lezen", path));
}

/* --- putting it there ------------------------------------------------------------ */

struct back {
	struct backup_to *to;
	const struct backup_progress *p;
	struct backup *b;
	char *why;
	char journal[JOURNAL_PATH];
};

static MUST_CHECK enum err
see_journal(struct back *k)
{
	enum err err = journal_path(k->to->guard, k->journal);

	if (err != ERR_OK)
		return (err);
	k->to->has_journal = access(k->journal, R_OK) == 0;
	if (k->to->has_journal || k->to->without_journal)
		return (ERR_OK);
	return (backup_why(k->why, ERR_NOT_FOUND, "%s is er niet: daarin "
	    "staat wat na de reservekopie gewist is.  Noem met --guard het "
	    "wachtbestand waar het naast ligt.  Is het echt weg, zoek dan in "
	    "een export of bij partners wat intussen gewist is, en gebruik "
	    "--without-journal", k->journal));
}

/* One file, which must be what was made. */
static MUST_CHECK enum err
put_file(const struct back *k, const char *from, const char *name,
    uint64_t bytes, const uint8_t sha256[32])
{
	char to[BACKUP_PATH];
	uint8_t is[32];
	struct stat sb;
	uint64_t len = 0;
	enum err err = backup_path(k->to->store, name, to);

	/* One of another length fills no disk before it is refused. */
	if (err == ERR_OK && stat(from, &sb) == 0 &&
	    (uint64_t)sb.st_size != bytes)
		len = (uint64_t)sb.st_size;
	else if (err == ERR_OK)
		err = backup_copy(from, to, k->p, name, is, &len, k->why);
	if (err == ERR_OK && (len != bytes || !digest_eq(is, sha256)))
		err = backup_why(k->why, ERR_DIGEST, "%s is niet wat er "
		    "gekopieerd is: beschadigd, of van een andere "
		    "reservekopie", from);
	return (err);
}

static MUST_CHECK enum err
put_files(const struct back *k)
{
	char data[BACKUP_PATH], own[BACKUP_PATH], keys[BACKUP_PATH];
	enum err err = backup_path(k->to->dir, "store/data.mdb", data);

	if (err == ERR_OK)
		err = backup_path(k->to->dir, "vault", own);
	if (err == ERR_OK)
		err = backup_path(k->to->vault != NULL ? k->to->vault : own,
		    "vault.keys", keys);
	if (err == ERR_OK && access(keys, R_OK) != 0)
		err = backup_why(k->why, ERR_NOT_FOUND, "%s: %s.  Noem met "
		    "--vault de map waar de sleutels van deze reservekopie "
		    "liggen", keys, strerror(errno));
	if (err == ERR_OK)
		err = put_file(k, data, "data.mdb", k->b->store_bytes,
		    k->b->store_sha256);
	if (err == ERR_OK)
		err = put_file(k, keys, "vault.keys", k->b->vault_bytes,
		    k->b->vault_sha256);
	return (err == ERR_OK ? file_sync_dir(k->to->store) : err);
}

/* Is it the tree that it says? */
static MUST_CHECK enum err
check_tree(const struct back *k, struct txn *t)
{
	struct tlog_reader reader = store_tree(t);
	uint8_t root[32];
	enum err err = ERR_DIGEST;

	if (store_size(t) == k->b->size)
		err = tlog_root(k->b->size, &reader, root);
	if (err == ERR_OK && !digest_eq(root, k->b->root))
		err = ERR_DIGEST;
	return (err);
}

static MUST_CHECK enum err
judge(const struct back *k, struct store *st)
{
	struct txn *t = NULL;
	enum err err = store_read(st, &t);

	if (err == ERR_OK)
		err = check_tree(k, t);
	if (err == ERR_OK)
		err = guard_judge(t, k->to->guard, &k->to->verdict);
	store_done(&t);
	if (err == ERR_OK && guard_read(k->to->guard, &k->to->was) != ERR_OK)
		memset(&k->to->was, 0, sizeof(k->to->was));
	return (err);
}

static MUST_CHECK enum err
settle(const struct back *k)
{
	struct store_config c = { .path = k->to->store,
		.origin = k->b->origin,
		.map_size = 2 * k->b->store_bytes + (UINT64_C(64) << 20) };
	struct store *st = NULL;
	enum err err = store_open(&c, &st);

	if (err == ERR_OK)
		err = judge(k, st);
	if (err == ERR_OK)
		err = erase_finish(st);
	if (err == ERR_OK && k->to->has_journal)
		err = journal_wipe(st, k->journal, &k->to->wiped);
	store_close(st);
	backup_tidy(k->to->store);
	return (err == ERR_OK ? ERR_OK : backup_why(k->why, err,
	    "het teruggezette logboek deugt niet: %s", err_text(err)));
}

enum err
backup_restore(struct backup_to *to, const struct backup_progress *p,
    struct backup *b, char *why)
{
	struct back k = { .to = to, .p = p, .b = b, .why = why };
	enum err err = backup_read(to->dir, b, why);

	to->wiped = 0;
	if (err == ERR_OK)
		err = see_journal(&k);
	if (err != ERR_OK || (err = backup_claim(to->store, why)) != ERR_OK)
		return (err);
	err = put_files(&k);
	if (err == ERR_OK)
		err = settle(&k);
	if (err != ERR_OK)
		backup_drop(to->store);
	return (err);
}
