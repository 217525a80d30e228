/*
 * store_memory_file -- where the pages of a scratch store are: in memory, and
 * when there are many in a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/store_memory_in.h"

/* Space is taken an eighth at a time, but not less and not more than this. */
#define STEP_MIN ((uint64_t)1 << 20)
#define STEP_MAX ((uint64_t)64 << 20)

/* Less address space is not worth to begin with. */
#define SPACE_MIN ((uint64_t)1 << 30)

/*
 * What is in plain memory costs a tenth less in all: pages of a file are each
 * cleared, counted and written at some time.  But they can be put aside when
 * memory is short.  So plain memory is for logs of a million records, and no
 * more of it than a sixteenth of the machine's, and a 512th of what there may
 * be.
 */
#define PLAIN_MAX ((uint64_t)512 << 20)
#define PLAIN_PART 16
#define PLAIN_OF_MAX 512

enum err
store_memory_grow(struct store_memory *m)
{
	uint64_t step = m->size / 8;
	int rc;

	if (m->size < m->plain) {
		m->size = m->plain;
		return (ERR_OK);
	}
	if (step < STEP_MIN)
		step = STEP_MIN;
	if (step > STEP_MAX)
		step = STEP_MAX;
	step -= step % ROWPAGE_SIZE;
	if (step > m->max - m->size)
		return (ERR_FULL);
	do {
		rc = posix_fallocate(m->fd, (off_t)m->size, (off_t)step);
	} while (rc == EINTR);
	if (rc != 0)
		return (rc == ENOSPC || rc == EFBIG || rc == EDQUOT ? ERR_FULL
								    : ERR_IO);
	m->size += step;
	return (ERR_OK);
}

static MUST_CHECK enum err
open_file(struct store_memory *m, const char *dir)
{
	char path[4200];
	int n = snprintf(path, sizeof(path), "%s/rows", dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return (ERR_IO);
	m->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (m->fd < 0 || unlink(path) != 0)
		return (ERR_IO);
	return (ERR_OK);
}

/*
 * Address space for all there may be; it costs nothing until it is used.  Where
 * so much is not to be had, less will do.
 */
static MUST_CHECK enum err
map_file(struct store_memory *m)
{
	void *p;

	do {
		p = mmap(NULL, m->max, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_NORESERVE, m->fd, 0);
	} while (p == MAP_FAILED && (m->max /= 2) >= SPACE_MIN);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	m->base = p;
	(void)madvise(p, m->max, MADV_DONTDUMP); /* as private as the log */
	return (ERR_OK);
}

static uint64_t
plain_of(uint64_t max)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	uint64_t n = max / PLAIN_OF_MAX;

	if (n > PLAIN_MAX)
		n = PLAIN_MAX;
	if (pages < 0 || size < 0)
		return (0);
	if (n / (uint64_t)size > (uint64_t)pages / PLAIN_PART)
		n = (uint64_t)pages / PLAIN_PART * (uint64_t)size;
	return (n - n % ROWPAGE_SIZE);
}

/* Put plain memory in the place of the beginning of the file. */
static MUST_CHECK enum err
map_plain(struct store_memory *m)
{
	void *p;

	m->plain = plain_of(m->max);
	if (m->plain == 0)
		return (ERR_OK);
	p = mmap(m->base, m->plain, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	(void)madvise(p, m->plain, MADV_HUGEPAGE);
	(void)madvise(p, m->plain, MADV_DONTDUMP);
	return (ERR_OK);
}

enum err
store_memory_open(const char *dir, uint64_t max, struct store_memory **m)
{
	struct store_memory *made = calloc(1, sizeof(*made));
	enum err err;

	if (made == NULL)
		return (ERR_NOMEM);
	made->fd = -1;
	made->pages = 1;
	made->max = max - max % ROWPAGE_SIZE;
	err = open_file(made, dir);
	if (err == ERR_OK)
		err = map_file(made);
	if (err == ERR_OK)
		err = map_plain(made);
	if (err == ERR_OK)
		err = store_memory_grow(made);
	if (err != ERR_OK) {
		store_memory_close(made);
		return (err);
	}
	*m = made;
	return (ERR_OK);
}

void
store_memory_close(struct store_memory *m)
{
	if (m == NULL)
		return;
	if (m->base != NULL)
		(void)munmap(m->base, m->max);
	if (m->fd >= 0)
		(void)close(m->fd);
	free(m);
}

uint64_t
store_memory_bytes(const struct store_memory *m)
{
	return ((uint64_t)m->pages * ROWPAGE_SIZE);
}

bool
store_memory_is_full(const struct store_memory *m)
{
	return (store_memory_bytes(m) > m->max / 5 * 4);
}
