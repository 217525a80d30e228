/*
 * postbox -- a folder in which a log and one witness leave each other letters.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "core/postbox.h"

#define PATH_LEN 4096
#define NAME_LEN 64

/* What a name says; status 0: it is a request. */
struct letter {
	uint64_t id;
	int status;
};

/* --- names ------------------------------------------------------------------ */

static void
write_name(const struct letter *l, char out[NAME_LEN])
{
	if (l->status == 0)
		(void)snprintf(out, NAME_LEN, "%" PRIu64 ".request", l->id);
	else
		(void)snprintf(out, NAME_LEN, "%" PRIu64 ".%03d", l->id,
		    l->status);
}

static bool
take_name(const char *name, struct letter *l)
{
	char *rest;

	if (name[0] < '1' || name[0] > '9')
		return (false);
	l->id = strtoull(name, &rest, 10);
	if (strcmp(rest, ".request") == 0) {
		l->status = 0;
		return (true);
	}
	if (rest[0] != '.' || strlen(rest) != 4 ||
	    strspn(rest + 1, "0123456789") != 3)
		return (false);
	l->status = (int)strtol(rest + 1, NULL, 10);
	return (l->status >= 100);
}

/* Only what we would write so ourselves: a number that is too large would
 * name another letter. */
static bool
read_name(const char *name, struct letter *l)
{
	char again[NAME_LEN];

	if (!take_name(name, l))
		return (false);
	write_name(l, again);
	return (strcmp(name, again) == 0);
}

/* --- one file ---------------------------------------------------------------- */

/* Nobody sees half of it: a name that is no letter's, and then this one. */
static MUST_CHECK enum err
put(const char *dir, const struct letter *l, struct slice text)
{
	char path[PATH_LEN], beside[PATH_LEN + 8], name[NAME_LEN];
	enum err err;
	int fd;

	write_name(l, name);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path))
		return (ERR_IO);
	(void)snprintf(beside, sizeof(beside), "%s/.%s", dir, name);
	/* What a crash left there is in the way. */
	if (unlink(beside) != 0 && errno != ENOENT)
		return (ERR_IO);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0644);
	if (fd == -1)
		return (ERR_IO);
	err = file_write_all(fd, text.p, text.len) ? ERR_OK : ERR_IO;
	/* The other side is another user, whatever our umask: who may come
	 * here the folder says. */
	if (err == ERR_OK && fchmod(fd, 0644) != 0)
		err = ERR_IO;
	if (close(fd) != 0)
		err = ERR_IO;
	if (err == ERR_OK && rename(beside, path) != 0)
		err = ERR_IO;
	if (err != ERR_OK)
		(void)unlink(beside); /* in the way of nobody if it stays */
	return (err);
}

static MUST_CHECK enum err
get(const char *dir, const struct letter *l, uint8_t *out, size_t *len)
{
	char path[PATH_LEN], name[NAME_LEN];
	struct stat st;
	ssize_t n = -1;
	int fd;

	write_name(l, name);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	/* A pipe must not make us wait, nor a link lead elsewhere. */
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return (errno == ENOENT ? ERR_NOT_FOUND : errno == ELOOP
			? ERR_MALFORMED : ERR_IO);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uintmax_t)st.st_size > POSTBOX_MAX) {
		(void)close(fd); /* only read from */
		return (ERR_MALFORMED);
	}
	n = pread(fd, out, POSTBOX_MAX, 0);
	(void)close(fd); /* only read from */
	if (n == -1)
		return (ERR_IO);
	*len = (size_t)n;
	return (ERR_OK);
}

/* --- all files ------------------------------------------------------------------ */

/* Call ${each} for every letter until it returns false. */
static MUST_CHECK enum err
walk(const char *dir, bool (*each)(void *cookie, const struct letter *l),
    void *cookie)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	struct letter l;

	if (d == NULL)
		return (errno == ENOENT ? ERR_NOT_FOUND : ERR_IO);
	while ((e = readdir(d)) != NULL)
		if (read_name(e->d_name, &l) && !each(cookie, &l))
			break;
	(void)closedir(d); /* only read from */
	return (ERR_OK);
}

struct finding_answer {
	uint64_t id;
	struct letter l;
	bool is_there;
};

static bool
is_answer(void *cookie, const struct letter *l)
{
	struct finding_answer *f = cookie;

	if (l->id != f->id || l->status == 0)
		return (true);
	f->l = *l;
	f->is_there = true;
	return (false);
}

static MUST_CHECK enum err
find_answer(const char *dir, struct finding_answer *f)
{
	enum err err = walk(dir, is_answer, f);

	return (err == ERR_OK && !f->is_there ? ERR_NOT_FOUND : err);
}

/* All letters, as they lie there. */
struct gathering {
	struct letter *letters; /* POSTBOX_LETTERS */
	size_t n;
	bool is_full;
};

static bool
gather(void *cookie, const struct letter *l)
{
	struct gathering *g = cookie;

	g->is_full = g->n == POSTBOX_LETTERS;
	if (!g->is_full)
		g->letters[g->n++] = *l;
	return (!g->is_full);
}

/* A request stands before its answers. */
static int
by_id(const void *a, const void *b)
{
	const struct letter *x = a, *y = b;

	if (x->id != y->id)
		return (x->id < y->id ? -1 : 1);
	return ((x->status > y->status) - (x->status < y->status));
}

struct clearing {
	const char *dir;
	uint64_t keep;
	bool failed;
};

static bool
clear_one(void *cookie, const struct letter *l)
{
	struct clearing *c = cookie;
	char path[PATH_LEN], name[NAME_LEN];

	if (l->id == c->keep)
		return (true);
	write_name(l, name);
	(void)snprintf(path, sizeof(path), "%s/%s", c->dir, name);
	if (unlink(path) != 0 && errno != ENOENT)
		c->failed = true;
	return (true);
}

/* --- the log's side ----------------------------------------------------------------- */

/**
 * postbox_ask(dir, id, text):
 * Leave the request ${id}.
 */
enum err
postbox_ask(const char *dir, uint64_t id, struct slice text)
{
	const struct letter l = { id, 0 };

	return (put(dir, &l, text));
}

/**
 * postbox_answer(dir, id, status, out, len):
 * Read the answer to ${id}.
 */
enum err
postbox_answer(const char *dir, uint64_t id, int *status, uint8_t *out,
    size_t *len)
{
	struct finding_answer f = { .id = id };
	enum err err = find_answer(dir, &f);

	if (err == ERR_OK)
		err = get(dir, &f.l, out, len);
	if (err == ERR_OK)
		*status = f.l.status;
	return (err);
}

/**
 * postbox_clear(dir, keep):
 * Take away all letters but those about ${keep}.
 */
enum err
postbox_clear(const char *dir, uint64_t keep)
{
	struct clearing c = { .dir = dir, .keep = keep };
	enum err err = walk(dir, clear_one, &c);

	return (err == ERR_OK && c.failed ? ERR_IO : err);
}

/* --- the witness's side --------------------------------------------------------------- */

static bool
is_unanswered(const struct gathering *g, size_t i)
{
	return (g->letters[i].status == 0 && (i + 1 == g->n ||
	    g->letters[i + 1].id != g->letters[i].id));
}

/**
 * postbox_waiting(dir, ids, n):
 * List the requests that have no answer.
 */
enum err
postbox_waiting(const char *dir, uint64_t **ids, size_t *n)
{
	struct gathering g = { .letters = calloc(POSTBOX_LETTERS,
	    sizeof(*g.letters)) };
	uint64_t *found = calloc(POSTBOX_LETTERS, sizeof(*found));
	size_t k = 0;
	enum err err = ERR_NOMEM;

	if (g.letters != NULL && found != NULL)
		err = walk(dir, gather, &g);
	if (err == ERR_OK && g.is_full)
		err = ERR_FULL;
	if (err == ERR_OK) {
		qsort(g.letters, g.n, sizeof(*g.letters), by_id);
		for (size_t i = 0; i < g.n; i++)
			if (is_unanswered(&g, i))
				found[k++] = g.letters[i].id;
		*ids = found;
		*n = k;
		found = NULL;
	}
	free(found);
	free(g.letters);
	return (err);
}

/**
 * postbox_request(dir, id, out, len):
 * Read the request ${id}.
 */
enum err
postbox_request(const char *dir, uint64_t id, uint8_t *out, size_t *len)
{
	const struct letter l = { id, 0 };

	return (get(dir, &l, out, len));
}

/**
 * postbox_reply(dir, id, status, body):
 * Answer the request ${id}.
 */
enum err
postbox_reply(const char *dir, uint64_t id, int status, struct slice body)
{
	const struct letter l = { id, status };

	return (put(dir, &l, body));
}
