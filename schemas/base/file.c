/*
 * file -- whole files, written so that a crash leaves the old or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Read until ${cap} bytes are there or the file ends. */
static ssize_t
read_all(int fd, uint8_t *p, size_t cap)
{
	size_t n = 0;

	while (n < cap) {
		ssize_t got = read(fd, p + n, cap - n);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return (-1);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return ((ssize_t)n);
}

/* How big is it?  Things that are no file have no size and get all of max. */
static enum err
room_for(int fd, size_t max, size_t *cap)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode))
		return (ERR_IO);
	if (!S_ISREG(st.st_mode)) {
		*cap = max;
		return (ERR_OK);
	}
	if ((uintmax_t)st.st_size > max)
		return (ERR_FULL);
	*cap = (size_t)st.st_size;
	return (ERR_OK);
}

/* Read all of ${fd}, and close it. */
static enum err
take_all(int fd, size_t max, uint8_t **data, size_t *len)
{
	uint8_t *p = NULL;
	size_t cap = 0;
	ssize_t n;
	enum err err = room_for(fd, max, &cap);

	if (err != ERR_OK)
		goto out;

	/* One byte more shows a file that grew meanwhile; it holds the NUL. */
	err = ERR_NOMEM;
	p = malloc(cap + 1);
	if (p == NULL)
		goto out;
	n = read_all(fd, p, cap + 1);
	err = n == -1 ? ERR_IO : (size_t)n > cap ? ERR_FULL : ERR_OK;
	if (err != ERR_OK)
		goto out;
	p[n] = '\0';
	*data = p;
	*len = (size_t)n;
	p = NULL;

out:
	free(p);
	(void)close(fd); /* only read from */
	return (err);
}

enum err
file_read(const char *path, size_t max, uint8_t **data, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return (errno == ENOENT ? ERR_NOT_FOUND : ERR_IO);
	return (take_all(fd, max, data, len));
}

enum err
file_read_given(const char *path, size_t max, uint8_t **data, size_t *len)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1)
		return (errno == ENOENT ? ERR_NOT_FOUND : errno == ELOOP ||
		    errno == ENXIO ? ERR_MALFORMED : ERR_IO);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd); /* not even read from */
		return (ERR_MALFORMED);
	}
	return (take_all(fd, max, data, len));
}

enum err
file_make(const char *path, mode_t mode, int *fd)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return (ERR_IO);
	*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    mode);
	return (*fd == -1 ? ERR_IO : ERR_OK);
}

bool
file_write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t put = write(fd, p, len);

		if (put == -1 && errno == EINTR)
			continue;
		if (put <= 0)
			return (false);
		p += put;
		len -= (size_t)put;
	}
	return (true);
}

bool
file_write_at(int fd, const void *data, size_t len, off_t at)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t put = pwrite(fd, p, len, at);

		if (put == -1 && errno == EINTR)
			continue;
		if (put <= 0)
			return (false);
		p += put;
		len -= (size_t)put;
		at += put;
	}
	return (true);
}

/* The folder in which ${path} lies. */
static bool
folder_of(const char *path, char *out, size_t cap)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	if (slash == NULL)
		return (snprintf(out, cap, ".") < (int)cap);
	if (n == 0)
		n = 1; /* "/" itself */
	if (n >= cap)
		return (false);
	memcpy(out, path, n);
	out[n] = '\0';
	return (true);
}

/* Fill the file ${fd} and make it durable, with exactly these rights. */
static bool
fill(int fd, const void *data, size_t len, mode_t mode)
{
	return (fchmod(fd, mode) == 0 && file_write_all(fd, data, len) &&
	    fsync(fd) == 0);
}

enum err
file_write(const char *path, const void *data, size_t len, mode_t mode)
{
	char tmp[PATH_MAX];
	bool done;
	int fd;

	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		return (ERR_IO);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd == -1)
		return (ERR_IO);
	done = fill(fd, data, len, mode);
	if (close(fd) != 0 || !done || rename(tmp, path) != 0) {
		(void)unlink(tmp); /* what is left of it helps nobody */
		return (ERR_IO);
	}
	return (file_sync_name(path));
}

enum err
file_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return (ERR_IO);
	rc = fsync(fd);
	(void)close(fd); /* only synced */
	return (rc == 0 ? ERR_OK : ERR_IO);
}

enum err
file_sync_name(const char *path)
{
	char folder[PATH_MAX];

	if (!folder_of(path, folder, sizeof(folder)))
		return (ERR_IO);
	return (file_sync_dir(folder));
}

static bool
make_one(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return (true);
	return (errno == EEXIST && stat(path, &st) == 0 &&
	    S_ISDIR(st.st_mode));
}

enum err
file_mkdirs(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return (ERR_IO);
	memcpy(part, path, len + 1);
	for (size_t i = 1; i < len; i++) {
		if (part[i] != '/' || part[i - 1] == '/')
			continue;
		part[i] = '\0';
		if (!make_one(part, mode))
			return (ERR_IO);
		part[i] = '/';
	}
	return (make_one(part, mode) ? ERR_OK : ERR_IO);
}

enum err
file_lock(const char *path, int *fd)
{
	int f = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	enum err err;

	if (f == -1)
		return (ERR_IO);
	if (flock(f, LOCK_EX | LOCK_NB) == 0) {
		*fd = f;
		return (ERR_OK);
	}
	err = errno == EWOULDBLOCK ? ERR_FULL : ERR_IO;
	(void)close(f); /* nothing was written */
	return (err);
}

enum err
file_is_private(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (errno == ENOENT ? ERR_NOT_FOUND : ERR_IO);
	return ((st.st_mode & (S_IRWXG | S_IRWXO)) == 0 ? ERR_OK : ERR_CONFIG);
}

enum err
file_beside(const char *base, const char *name, char *out, size_t cap)
{
	const char *slash = strrchr(base, '/');
	int n;

	if (name[0] == '/' || slash == NULL)
		n = snprintf(out, cap, "%s", name);
	else
		n = snprintf(out, cap, "%.*s/%s", (int)(slash - base), base,
		    name);
	return (n >= 0 && (size_t)n < cap ? ERR_OK : ERR_FULL);
}
