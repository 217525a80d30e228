/*
 * backup -- a copy of a store while the broker runs: making it.
 */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "core/backup_in.h"
#include "core/erase.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/tlog.h"

#define BLOCK ((size_t)1 << 20)
#define TRIES 8
#define LOOK_MS 200
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const char readme[] =
    "Dit zijn de sleutels waarmee de reservekopie van het logboek te lezen "
    "is.\n\n"
    "Bewaar ze op een andere plek dan het logboek, alleen leesbaar voor wie "
    "terugzet,\n"
    "en hoogstens 30 dagen: daarna vernietigt u ze.  Wie ze langer bewaart, "
    "bewaart\n"
    "ook wat intussen gewist is.  Het logboek zelf mag blijven: zonder deze "
    "sleutels\n"
    "is er niets in te lezen dan dat er iets gebeurde, en wanneer.\n";

/* --- shared --------------------------------------------------------------- */

enum err
backup_path(const char *dir, const char *name, char out[BACKUP_PATH])
{
	int n = snprintf(out, BACKUP_PATH, "%s/%s", dir, name);

	return (n < 0 || n >= BACKUP_PATH ? ERR_FULL : ERR_OK);
}

enum err
backup_why(char *why, enum err err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, BACKUP_WHY, fmt, ap); /* may be cut */
	va_end(ap);
	return (err);
}

static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	bool empty = d != NULL;

	while (empty && (e = readdir(d)) != NULL)
		empty = strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0;
	if (d != NULL)
		(void)closedir(d); /* only read */
	return (empty);
}

enum err
backup_claim(const char *dir, char *why)
{
	if (file_mkdirs(dir, 0700) != ERR_OK)
		return (backup_why(why, ERR_IO, "%s is niet te maken: %s", dir,
		    strerror(errno)));
	if (!is_empty(dir))
		return (backup_why(why, ERR_FULL, "%s is niet leeg; er wordt "
		    "niets overschreven.  Noem een nieuwe map.", dir));
	return (ERR_OK);
}

/* Read ${in} to its end into ${out} (-1: nowhere) and the digest. */
static bool
pour(int in, int out, uint8_t *block, const struct backup_progress *p,
    const char *what, uint8_t sha256[32], uint64_t *len)
{
	struct digest d;
	struct stat sb;
	ssize_t n;

	*len = 0;
	digest_init(&d);
	if (fstat(in, &sb) != 0 || !S_ISREG(sb.st_mode)) {
		errno = EINVAL;
		return (false);
	}
	while ((n = read(in, block, BLOCK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (out != -1 && !file_write_all(out, block, (size_t)n)))
			return (false);
		digest_add(&d, block, (size_t)n);
		*len += (uint64_t)n;
		if (p != NULL)
			p->at(p->cookie, what, *len, (uint64_t)sb.st_size);
	}
	digest_fini(&d, sha256);
	return (out == -1 || fsync(out) == 0);
}

enum err
backup_copy(const char *from, const char *to,
    const struct backup_progress *p, const char *what, uint8_t sha256[32],
    uint64_t *len, char *why)
{
	uint8_t *block = malloc(BLOCK);
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int out = -1;
	enum err err = ERR_OK;

	if (in == -1)
		err = backup_why(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    "%s: %s", from, strerror(errno));
	else if (to != NULL && file_make(to, 0600, &out) != ERR_OK)
		err = backup_why(why, ERR_IO, "%s: %s", to, strerror(errno));
	else if (block == NULL ||
	    !pour(in, out, block, p, what, sha256, len))
		err = backup_why(why, ERR_IO, "%s: %s",
		    to == NULL ? from : to, strerror(errno));
	if (in != -1)
		(void)close(in); /* only read */
	if (out != -1 && close(out) != 0 && err == ERR_OK)
		err = backup_why(why, ERR_IO, "%s: %s", to, strerror(errno));
	if (block != NULL)
		digest_wipe(block, BLOCK);
	free(block);
	return (err);
}

static void
unlink_in(const char *dir, const char *name)
{
	char path[BACKUP_PATH];

	if (backup_path(dir, name, path) == ERR_OK)
		(void)unlink(path); /* not there: as it should be */
}

void
backup_tidy(const char *dir)
{
	unlink_in(dir, "lock.mdb");
	unlink_in(dir, "broker.lock");
}

/* Overwrite a file of keys before it goes. */
static void
shred(const char *dir)
{
	static const uint8_t zero[4096];
	char path[BACKUP_PATH];
	struct stat sb;
	int fd = -1;

	if (backup_path(dir, "vault.keys", path) == ERR_OK)
		fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK |
		    O_CLOEXEC);
	/* What has another name too may be somebody else's. */
	if (fd != -1 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    sb.st_nlink == 1)
		for (off_t at = 0; at < sb.st_size; at += 4096)
			if (!file_write_all(fd, zero, sizeof(zero)))
				break;
	if (fd != -1) {
		(void)fsync(fd); /* as well as can be: it goes in any case */
		(void)close(fd);
	}
	unlink_in(dir, "vault.keys");
}

void
backup_drop(const char *dir)
{
	shred(dir);
	unlink_in(dir, "data.mdb");
	backup_tidy(dir);
	(void)rmdir(dir); /* the caller may have made it before */
}

/* --- copying ---------------------------------------------------------------- */

struct job {
	const char *store;
	const char *dir;
	const char *vault;
	const struct backup_progress *p;
	struct backup *b;
	char *why;
	struct store *live;
	char to[BACKUP_PATH]; /* dir/store */
	char keys[BACKUP_PATH]; /* vault/vault.keys */
};

/* While LMDB writes the copy, a thread looks how far it is. */
struct watch {
	const struct job *j;
	int fd;
	pthread_mutex_t lock;
	pthread_cond_t done_now;
	bool done;
};

static void
see(const struct watch *w)
{
	uint64_t of = store_bytes(w->j->live);
	struct stat sb;

	if (fstat(w->fd, &sb) == 0)
		w->j->p->at(w->j->p->cookie, "logboek",
		    (uint64_t)sb.st_size, of);
}

static void *
watch_main(void *cookie)
{
	struct watch *w = cookie;
	struct timespec at;

	pthread_mutex_lock(&w->lock);
	while (!w->done) {
		(void)clock_gettime(CLOCK_REALTIME, &at);
		at.tv_nsec += (long)LOOK_MS * 1000000;
		at.tv_sec += at.tv_nsec / 1000000000;
		at.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&w->done_now, &w->lock, &at);
		see(w);
	}
	pthread_mutex_unlock(&w->lock);
	return (NULL);
}

static MUST_CHECK enum err
copy_watched(const struct job *j, int fd)
{
	struct watch w = { .j = j, .fd = fd };
	pthread_t thread;
	bool watched;
	enum err err;

	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.done_now, NULL);
	watched = j->p != NULL &&
	    pthread_create(&thread, NULL, watch_main, &w) == 0;
	err = store_copy(j->live, fd);
	if (watched) {
		pthread_mutex_lock(&w.lock);
		w.done = true;
		pthread_cond_signal(&w.done_now);
		pthread_mutex_unlock(&w.lock);
		(void)pthread_join(thread, NULL); /* it ends by itself */
	}
	pthread_cond_destroy(&w.done_now);
	pthread_mutex_destroy(&w.lock);
	return (err);
}

static MUST_CHECK enum err
copy_store(const struct job *j)
{
	char path[BACKUP_PATH];
	enum err err = backup_path(j->to, "data.mdb", path);
	int fd = -1;

	if (err == ERR_OK)
		err = file_make(path, 0600, &fd);
	if (err != ERR_OK)
		return (backup_why(j->why, ERR_IO, "%s: %s", path,
		    strerror(errno)));
	err = copy_watched(j, fd);
	if (err == ERR_OK && fsync(fd) != 0)
		err = ERR_IO;
	if (close(fd) != 0 && err == ERR_OK)
		err = ERR_IO;
	return (err == ERR_OK ? ERR_OK
	    : backup_why(j->why, err, "%s: het kopieren mislukte; is er plaats "
		"genoeg?  Gooi deze map weg en probeer het opnieuw", path));
}

static MUST_CHECK enum err
copy_keys(const struct job *j)
{
	char from[BACKUP_PATH], to[BACKUP_PATH];
	uint8_t sha256[32];
	uint64_t len;
	enum err err = backup_path(j->store, "vault.keys", from);

	if (err == ERR_OK)
		err = backup_path(j->to, "vault.keys", to);
	return (err != ERR_OK ? err : backup_copy(from, to, j->p, "sleutels",
	    sha256, &len, j->why));
}

/* Carry out in the copy what its log says is erased; see what it is. */
static MUST_CHECK enum err
settle(const struct job *j)
{
	struct store_config c = { .path = j->to, .origin = j->b->origin,
		.map_size = 2 * store_bytes(j->live) + (UINT64_C(64) << 20) };
	struct tlog_reader reader;
	struct store *st = NULL;
	struct txn *t = NULL;
	enum err err = store_open(&c, &st);

	if (err == ERR_OK)
		err = erase_finish(st);
	if (err == ERR_OK)
		err = store_read(st, &t);
	if (err == ERR_OK) {
		j->b->size = store_size(t);
		reader = store_tree(t);
		err = tlog_root(j->b->size, &reader, j->b->root);
	}
	store_done(&t);
	store_close(st);
	backup_tidy(j->to);
	return (err == ERR_OK ? ERR_OK : backup_why(j->why, err,
	    "de kopie is niet te openen: %s", err_text(err)));
}

/* Did the broker erase anything since that moment? */
static MUST_CHECK enum err
erased_since(const struct job *j, bool *since)
{
	struct txn *t = NULL;
	enum err err = store_read(j->live, &t);

	*since = false;
	for (uint64_t i = j->b->size; err == ERR_OK && i < store_size(t) &&
	     !*since; i++) {
		struct slice bytes;

		err = store_leaf(t, i, &bytes);
		*since = err == ERR_OK && bytes.len >= LEAF_LEN &&
		    bytes.p[4] == LEAF_ERASE;
	}
	store_done(&t);
	return (err == ERR_OK ? ERR_OK : backup_why(j->why, err,
	    "%s: %s", j->store, err_text(err)));
}

static MUST_CHECK enum err
copy_both(const struct job *j)
{
	bool again = true;
	enum err err = ERR_OK;

	for (int i = 0; i < TRIES && again && err == ERR_OK; i++) {
		err = copy_store(j);
		if (err == ERR_OK)
			err = copy_keys(j);
		if (err == ERR_OK)
			err = settle(j);
		if (err == ERR_OK)
			err = erased_since(j, &again);
	}
	if (err == ERR_OK && again)
		err = backup_why(j->why, ERR_BUSY, "er werd steeds gewist "
		    "tijdens het kopieren; probeer het straks weer");
	return (err);
}

/* --- the rest of it ------------------------------------------------------------ */

/* The keys to their own place; the digests of both. */
static MUST_CHECK enum err
part(const struct job *j)
{
	char data[BACKUP_PATH], keys[BACKUP_PATH], text[BACKUP_PATH];
	struct backup *b = j->b;
	enum err err = backup_path(j->to, "data.mdb", data);

	if (err == ERR_OK)
		err = backup_path(j->to, "vault.keys", keys);
	if (err == ERR_OK)
		err = backup_path(j->vault, "LEESMIJ.txt", text);
	if (err == ERR_OK)
		err = backup_copy(keys, j->keys, NULL, "", b->vault_sha256,
		    &b->vault_bytes, j->why);
	shred(j->to);
	if (err == ERR_OK)
		err = file_write(text, readme, sizeof(readme) - 1, 0600);
	if (err == ERR_OK)
		err = backup_copy(data, NULL, j->p, "nalezen",
		    b->store_sha256, &b->store_bytes, j->why);
	if (err == ERR_OK)
		err = file_sync_dir(j->vault);
	return (err == ERR_OK ? file_sync_dir(j->to) : err);
}

static MUST_CHECK enum err
write_manifest(const struct job *j)
{
	const struct backup *b = j->b;
	char root[65], store[65], vault[65], path[BACKUP_PATH];
	json_t *m;
	char *text;
	enum err err = backup_path(j->dir, "manifest.json", path);

	hex_encode(b->root, 32, root);
	hex_encode(b->store_sha256, 32, store);
	hex_encode(b->vault_sha256, 32, vault);
	m = json_pack("{s:s, s:s, s:I, s:s, s:I, s:{s:s, s:I, s:s},"
	    " s:{s:s, s:I, s:s, s:I}}", "format", BACKUP_FORMAT,
	    "origin", b->origin, "size", (json_int_t)b->size, "root", root,
	    "made_ms", (json_int_t)b->made_ms,
	    "store", "file", "store/data.mdb", "bytes",
	    (json_int_t)b->store_bytes, "sha256", store,
	    "vault", "file", "vault.keys", "bytes",
	    (json_int_t)b->vault_bytes, "sha256", vault, "keep_until_ms",
	    (json_int_t)(b->made_ms + BACKUP_VAULT_DAYS * DAY_MS));
	text = m == NULL ? NULL : json_dumps(m, JSON_INDENT(1));
	json_decref(m);
	if (err == ERR_OK)
		err = text == NULL ? ERR_NOMEM
		    : file_write(path, text, strlen(text), 0600);
	free(text);
	return (err == ERR_OK ? ERR_OK
	    : backup_why(j->why, err, "%s: %s", path, err_text(err)));
}

static void
drop_all(const struct job *j)
{
	backup_drop(j->to);
	shred(j->vault);
	unlink_in(j->vault, "LEESMIJ.txt");
	unlink_in(j->dir, "manifest.json");
	(void)rmdir(j->vault); /* if we made it, it is empty */
	(void)rmdir(j->dir);
}

static MUST_CHECK enum err
open_live(struct job *j)
{
	const struct store_config c = { .path = j->store, .read_only = true };
	enum err err = store_open(&c, &j->live);

	if (err != ERR_OK)
		return (backup_why(j->why, err, "%s: %s", j->store,
		    err_text(err)));
	if (strlen(store_origin(j->live)) >= BACKUP_ORIGIN)
		return (backup_why(j->why, ERR_CORRUPT, "%s: de naam van het "
		    "logboek is te lang", j->store));
	(void)snprintf(j->b->origin, BACKUP_ORIGIN, "%s",
	    store_origin(j->live));
	return (ERR_OK);
}

enum err
backup_make(const char *store, const char *dir, const char *vault,
    int64_t now_ms, const struct backup_progress *p, struct backup *b,
    char *why)
{
	struct job j = { .store = store, .dir = dir, .p = p, .b = b,
		.why = why };
	char own[BACKUP_PATH];
	enum err err = backup_path(dir, "vault", own);

	memset(b, 0, sizeof(*b));
	b->made_ms = now_ms;
	j.vault = vault != NULL ? vault : own;
	if (err == ERR_OK)
		err = backup_path(dir, "store", j.to);
	if (err == ERR_OK)
		err = backup_path(j.vault, "vault.keys", j.keys);
	if (err == ERR_OK && (err = open_live(&j)) == ERR_OK &&
	    (err = backup_claim(dir, why)) == ERR_OK &&
	    (err = backup_claim(j.vault, why)) == ERR_OK) {
		err = backup_claim(j.to, why);
		if (err == ERR_OK)
			err = copy_both(&j);
		if (err == ERR_OK)
			err = part(&j);
		if (err == ERR_OK)
			err = write_manifest(&j);
		if (err != ERR_OK)
			drop_all(&j);
	}
	store_close(j.live);
	return (err);
}
