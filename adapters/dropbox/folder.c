#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "dropbox/folder.h"

static const char *const places[PLACE__MAX] = {
    [PLACE_IN] = "in",
    [PLACE_IN_TMP] = "in/tmp",
    [PLACE_OUT_TMP] = "out/tmp",
    [PLACE_OUT_NEW] = "out/new",
    [PLACE_OUT_BUSY] = "out/busy",
    [PLACE_DONE] = "done",
    [PLACE_FAILED] = "failed",
    [PLACE_KETEN] = ".keten",
    [PLACE_KEYS] = ".keten/key",
    [PLACE_REFERRALS] = ".keten/ref",
};

const char *
folder_place(enum place place)
{
	return (places[place]);
}

static enum err
open_place(struct folder *f, enum place place)
{
	char path[sizeof(f->root) + 32];
	mode_t mode = place >= PLACE_KETEN ? 0700 : 0770;
	enum err err;

	(void)snprintf(path, sizeof(path), "%s/%s", f->root, places[place]);
	err = file_mkdirs(path, mode);
	if (err != ERR_OK)
		return (err);
	f->fd[place] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (f->fd[place] < 0 ? ERR_IO : ERR_OK);
}

/* Does it end as file_write() calls what it has not yet renamed?  A plan is
 * called after a partner's file, whose name may end like that; those without
 * a file the ledger removes when it opens. */
static bool
is_unfinished(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL || strlen(dot) != 7 ||
	    strncmp(name, FOLDER_PLAN, strlen(FOLDER_PLAN)) == 0)
		return (false);
	for (const char *p = dot + 1; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p))
			return (false);
	return (true);
}

/* What we were writing when we were killed: it may hold anything, and nobody
 * will ever look for it under that name. */
static enum err
remove_unfinished(const struct folder *f)
{
	static const enum place ours[] = {PLACE_IN_TMP, PLACE_KETEN,
	    PLACE_KEYS, PLACE_REFERRALS};
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < 4; i++) {
		char **names = NULL;
		size_t n = 0;

		err = folder_list(f, ours[i], &names, &n);
		for (size_t k = 0; err == ERR_OK && k < n; k++)
			if (is_unfinished(names[k]))
				err = folder_remove(f, ours[i], names[k]);
		folder_names_free(names, n);
	}
	return (err);
}

enum err
folder_open(const char *path, struct folder *f)
{
	char lock[sizeof(f->root) + 32];
	enum err err;

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < PLACE__MAX; i++)
		f->fd[i] = -1;
	f->lock = -1;
	if (strlen(path) >= sizeof(f->root))
		return (ERR_IO);
	(void)snprintf(f->root, sizeof(f->root), "%s", path);
	(void)snprintf(lock, sizeof(lock), "%s/.keten/lock", path);

	err = open_place(f, PLACE_KETEN);
	if (err == ERR_OK)
		err = file_lock(lock, &f->lock);
	for (int i = 0; err == ERR_OK && i < PLACE__MAX; i++)
		if (f->fd[i] < 0)
			err = open_place(f, (enum place)i);
	if (err == ERR_OK)
		err = remove_unfinished(f);
	if (err == ERR_OK)
		err = file_sync_dir(path);
	if (err != ERR_OK)
		folder_close(f);
	return (err);
}

void
folder_close(struct folder *f)
{
	for (size_t i = 0; i < PLACE__MAX; i++)
		if (f->fd[i] >= 0) {
			(void)close(f->fd[i]);
			f->fd[i] = -1;
		}
	if (f->lock >= 0)
		(void)close(f->lock);
	f->lock = -1;
}

struct entry {
	char *name;
	struct timespec when;
};

static int
by_age(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->when.tv_sec != y->when.tv_sec)
		return (x->when.tv_sec < y->when.tv_sec ? -1 : 1);
	if (x->when.tv_nsec != y->when.tv_nsec)
		return (x->when.tv_nsec < y->when.tv_nsec ? -1 : 1);
	return (strcmp(x->name, y->name));
}

/* A plain file, not one of ours in the making, not a link to elsewhere. */
static bool
is_plain(const struct folder *f, enum place place, const char *name,
    struct stat *st)
{
	return (name[0] != '.' && fstatat(f->fd[place], name, st,
	    AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st->st_mode));
}

static DIR *
open_dir(const struct folder *f, enum place place)
{
	int fd = openat(f->fd[place], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL && fd >= 0)
		(void)close(fd);
	return (dir);
}

static enum err
add_entry(struct entry **list, size_t *n, const char *name,
    const struct stat *st)
{
	struct entry *more = reallocarray(*list, *n + 1, sizeof(*more));

	if (more == NULL)
		return (ERR_NOMEM);
	*list = more;
	more[*n].when = st->st_mtim;
	more[*n].name = strdup(name);
	if (more[*n].name == NULL)
		return (ERR_NOMEM);
	(*n)++;
	return (ERR_OK);
}

enum err
folder_list(const struct folder *f, enum place place, char ***names, size_t *n)
{
	DIR *dir = open_dir(f, place);
	struct entry *list = NULL;
	struct dirent *d;
	struct stat st;
	char **out = NULL;
	size_t count = 0;
	enum err err = ERR_OK;

	if (dir == NULL)
		return (ERR_IO);
	while (err == ERR_OK && (d = readdir(dir)) != NULL)
		if (is_plain(f, place, d->d_name, &st))
			err = add_entry(&list, &count, d->d_name, &st);
	(void)closedir(dir);
	if (count > 0)
		qsort(list, count, sizeof(*list), by_age);
	if (err == ERR_OK && (out = calloc(count + 1, sizeof(*out))) == NULL)
		err = ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		if (err == ERR_OK)
			out[i] = list[i].name;
		else
			free(list[i].name);
	}
	free(list);
	if (err != ERR_OK)
		return (err);
	*names = out;
	*n = count;
	return (ERR_OK);
}

void
folder_names_free(char **names, size_t n)
{
	for (size_t i = 0; names != NULL && i < n; i++)
		free(names[i]);
	free(names);
}

size_t
folder_count(const struct folder *f, enum place place)
{
	char **names = NULL;
	size_t n = 0;

	if (folder_list(f, place, &names, &n) != ERR_OK)
		return (0);
	folder_names_free(names, n);
	return (n);
}

enum err
folder_write(const struct folder *f, enum place place, const char *name,
    const void *data, size_t len)
{
	char path[sizeof(f->root) + 32 + FOLDER_NAME_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s/%s", f->root, places[place],
	    name);
	return (file_write(path, data, len,
	    place >= PLACE_KETEN ? 0600 : 0660));
}

static enum err
read_all(int fd, size_t size, char **data)
{
	char *p = malloc(size + 1);
	size_t have = 0;

	if (p == NULL)
		return (ERR_NOMEM);
	while (have < size) {
		ssize_t n = read(fd, p + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			free(p);
			return (ERR_IO);
		}
		have += (size_t)n;
	}
	p[size] = '\0';
	*data = p;
	return (ERR_OK);
}

enum err
folder_read(const struct folder *f, enum place place, const char *name,
    size_t max, char **data, size_t *len)
{
	/* Never through a link, and never waiting for a pipe. */
	int fd = openat(f->fd[place], name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	enum err err = ERR_IO;

	if (fd < 0)
		return (errno == ENOENT ? ERR_NOT_FOUND : ERR_IO);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		goto out;
	err = ERR_FULL;
	if ((uintmax_t)st.st_size > max)
		goto out;
	err = read_all(fd, (size_t)st.st_size, data);
	if (err == ERR_OK)
		*len = (size_t)st.st_size;
out:
	(void)close(fd);
	return (err);
}

enum err
folder_move(const struct folder *f, enum place from, const char *name,
    enum place to, const char *as)
{
	if (renameat2(f->fd[from], name, f->fd[to], as,
	    RENAME_NOREPLACE) != 0) {
		if (errno == EEXIST)
			return (ERR_FULL);
		if (errno == ENOENT)
			return (ERR_NOT_FOUND);
		/* Some network file systems do not know the flag. */
		if ((errno != EINVAL && errno != ENOSYS) ||
		    folder_has(f, to, as) ||
		    renameat(f->fd[from], name, f->fd[to], as) != 0)
			return (ERR_IO);
	}
	if (fsync(f->fd[to]) != 0 || fsync(f->fd[from]) != 0)
		return (ERR_IO);
	return (ERR_OK);
}

bool
folder_has(const struct folder *f, enum place place, const char *name)
{
	struct stat st;

	return (fstatat(f->fd[place], name, &st, AT_SYMLINK_NOFOLLOW) == 0);
}

static void
overwrite(const struct folder *f, enum place place, const char *name)
{
	static const char zeros[4096];
	/* As in folder_read(): a pipe that somebody put here has no reader. */
	int fd = openat(f->fd[place], name,
	    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	/* What has another name too is somebody's who keeps it. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1) {
		off_t left = st.st_size;

		while (left > 0) {
			ssize_t n = write(fd, zeros, left > (off_t)sizeof(zeros)
			    ? sizeof(zeros) : (size_t)left);

			if (n <= 0)
				break;
			left -= n;
		}
		(void)fdatasync(fd);
	}
	(void)close(fd);
}

enum err
folder_remove(const struct folder *f, enum place place, const char *name)
{
	overwrite(f, place, name);
	if (unlinkat(f->fd[place], name, 0) != 0 && errno != ENOENT)
		return (ERR_IO);
	return (fsync(f->fd[place]) == 0 ? ERR_OK : ERR_IO);
}
