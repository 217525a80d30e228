/*
 * slots -- one key per referral.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sdk/slots.h"
#include "trust/digest.h"

/* Slots made at once: 8 KiB, one wait for the disk per 256 referrals. */
#define BLOCK 256

/* The first place.  Its NULs count. */
static const uint8_t head[SLOTS_KEY] = "keten-slots-v1";

struct slots {
	int fd;
	uint8_t bytes[SLOTS_KEY]; /* for a moment */
};

static MUST_CHECK enum err
read_place(const struct slots *s, uint32_t place, uint8_t out[SLOTS_KEY])
{
	ssize_t n;

	do {
		n = pread(s->fd, out, SLOTS_KEY, (off_t)place * SLOTS_KEY);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return (ERR_IO);
	return (n == SLOTS_KEY ? ERR_OK : ERR_CORRUPT);
}

/* Whole places there are; part of a block may be left of a crash. */
static MUST_CHECK enum err
count(const struct slots *s, uint32_t *n)
{
	struct stat sb;

	if (fstat(s->fd, &sb) != 0)
		return (ERR_IO);
	if (sb.st_size / SLOTS_KEY >= (off_t)UINT32_MAX)
		return (ERR_CORRUPT);
	*n = (uint32_t)(sb.st_size / SLOTS_KEY);
	return (ERR_OK);
}

static MUST_CHECK enum err
begin(struct slots *s)
{
	uint8_t was[SLOTS_KEY];
	uint32_t n;
	enum err err = count(s, &n);

	if (err == ERR_OK && n == 0) {
		return (file_write_at(s->fd, head, SLOTS_KEY, 0) &&
		    fsync(s->fd) == 0 ? ERR_OK : ERR_IO);
	}
	if (err == ERR_OK)
		err = read_place(s, 0, was);
	if (err == ERR_OK && memcmp(was, head, SLOTS_KEY) != 0)
		err = ERR_CORRUPT;
	return (err);
}

enum err
slots_open(const char *path, struct slots **slots)
{
	struct slots *s = calloc(1, sizeof(*s));
	enum err err;

	if (s == NULL)
		return (ERR_NOMEM);
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	err = s->fd < 0 ? ERR_IO : begin(s);
	if (err != ERR_OK) {
		slots_close(s);
		return (err);
	}
	*slots = s;
	return (ERR_OK);
}

void
slots_close(struct slots *s)
{
	if (s == NULL)
		return;
	digest_wipe(s->bytes, sizeof(s->bytes));
	if (s->fd >= 0)
		(void)close(s->fd); /* everything written was waited for */
	free(s);
}

static MUST_CHECK enum err
add_block(const struct slots *s, uint32_t from)
{
	uint8_t block[BLOCK * SLOTS_KEY];
	enum err err = digest_random(block, sizeof(block));

	if (err == ERR_OK && !file_write_at(s->fd, block, sizeof(block),
	    (off_t)from * SLOTS_KEY))
		err = ERR_IO;
	digest_wipe(block, sizeof(block));
	/* On the disk before any of them is used. */
	return (err == ERR_OK && fsync(s->fd) != 0 ? ERR_IO : err);
}

enum err
slots_make(struct slots *s, uint32_t slot)
{
	uint32_t n = 0;
	enum err err = count(s, &n);

	while (err == ERR_OK && n <= slot) {
		err = add_block(s, n);
		if (err == ERR_OK)
			err = count(s, &n);
	}
	return (err);
}

static bool
is_wiped(const uint8_t bytes[SLOTS_KEY])
{
	static const uint8_t zero[SLOTS_KEY];

	return (digest_same(bytes, zero, SLOTS_KEY));
}

enum err
slots_key(struct slots *s, uint32_t slot, const uint8_t spool_key[SLOTS_KEY],
    uint8_t key[SLOTS_KEY])
{
	const struct slice parts[] = { slice_str("keten-spool-slot"),
		slice_of(spool_key, SLOTS_KEY),
		slice_of(s->bytes, SLOTS_KEY) };
	enum err err;

	if (slot == 0) {
		memcpy(key, spool_key, SLOTS_KEY);
		return (ERR_OK);
	}
	/* Another process may have wiped it since: always read. */
	if ((err = read_place(s, slot, s->bytes)) != ERR_OK)
		return (err);
	if (is_wiped(s->bytes))
		return (ERR_CONTENT_GONE);
	digest_slices(parts, 3, key);
	digest_wipe(s->bytes, sizeof(s->bytes));
	return (ERR_OK);
}

enum err
slots_wipe(struct slots *s, uint32_t slot)
{
	static const uint8_t zero[SLOTS_KEY];
	uint32_t n = 0;
	enum err err = count(s, &n);

	if (err == ERR_OK && (slot == 0 || slot >= n))
		return (ERR_OK); /* nothing was ever sealed under it */
	if (err == ERR_OK && (!file_write_at(s->fd, zero, SLOTS_KEY,
	    (off_t)slot * SLOTS_KEY) || fdatasync(s->fd) != 0))
		err = ERR_IO;
	return (err);
}
