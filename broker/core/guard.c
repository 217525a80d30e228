/*
 * guard -- the last checkpoint that was published, kept outside the store.
 *
 * The file has two lines of GUARD_LINE bytes:
 *
 *	keten-guard-v1 <size> <root> <checksum> <origin>, spaces, newline
 *
 * with size in 20 decimal digits, the root in hexadecimal, and as checksum the
 * first 16 digits of SHA-256 of "size root origin".  The line with the larger
 * size counts, of equal ones the first.  A new one is written over the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/guard.h"
#include "trust/digest.h"

#define GUARD_LINE 384
#define MAGIC "keten-guard-v1"
#define CHECK 16

const char *
guard_text(enum guard_verdict v)
{
	switch (v) {
	case GUARD_FITS:
		return ("Het logboek sluit aan op wat gepubliceerd is.");
	case GUARD_NEW:
		return ("Dit is een nieuw logboek.");
	case GUARD_MISSING:
		return ("Er zijn records, maar er is geen wachtbestand.");
	case GUARD_BEHIND:
		return ("Het logboek is korter dan wat gepubliceerd is: "
			"waarschijnlijk is een reservekopie teruggezet.");
	case GUARD_BESIDE:
		return ("Het logboek is een ander dan wat gepubliceerd is.");
	case GUARD_OTHER:
		return ("Het wachtbestand is van een ander logboek.");
	case GUARD_BROKEN:
		return ("Het wachtbestand is niet te lezen.");
	}
	return ("");
}

/* The checksum over what a line says. */
static void
checksum(const struct guard *g, char out[CHECK + 1])
{
	uint8_t size[8];
	uint8_t hash[32];
	const struct slice s[3] = { { size, 8 }, { g->root, 32 },
		slice_str(g->origin) };

	be64_put(size, g->size);
	digest_slices(s, 3, hash);
	hex_encode(hash, CHECK / 2, out);
}

static void
format_line(const struct guard *g, char line[GUARD_LINE + 1])
{
	char root[65];
	char check[CHECK + 1];
	int n;

	hex_encode(g->root, 32, root);
	checksum(g, check);
	n = snprintf(line, GUARD_LINE, MAGIC " %020" PRIu64 " %s %s %s",
	    g->size, root, check, g->origin);
	memset(line + n, ' ', (size_t)(GUARD_LINE - n));
	line[GUARD_LINE - 1] = '\n';
	line[GUARD_LINE] = '\0';
}

/* Read one line; false if it is not whole. */
static bool
parse_line(const char *line, struct guard *g)
{
	char text[GUARD_LINE + 1];
	char again[GUARD_LINE + 1];
	struct guard r;
	char root[65];

	memcpy(text, line, GUARD_LINE);
	text[GUARD_LINE] = '\0';
	memset(&r, 0, sizeof(r));
	if (sscanf(text, MAGIC " %20" SCNu64 " %64s %*16s %128s", &r.size, root,
		r.origin) != 3 || !hex_decode(root, r.root, 32))
		return (false);
	/* Written again it must be the same: checksum, spaces and all. */
	format_line(&r, again);
	if (memcmp(again, line, GUARD_LINE) != 0)
		return (false);
	*g = r;
	return (true);
}

/* Read both lines; return which one counts, -1 if none does. */
static MUST_CHECK enum err
read_lines(const char *path, struct guard *g, int *which)
{
	uint8_t *data;
	size_t len;
	struct guard line;
	enum err err = file_read(path, (size_t)2 * GUARD_LINE, &data, &len);

	*which = -1;
	if (err == ERR_FULL)
		return (ERR_CORRUPT);
	if (err != ERR_OK)
		return (err);
	for (int i = 0; (size_t)(i + 1) * GUARD_LINE <= len; i++) {
		if (!parse_line((const char *)data + i * GUARD_LINE, &line))
			continue;
		if (*which < 0 || line.size > g->size) {
			*g = line;
			*which = i;
		}
	}
	free(data);
	return (*which < 0 ? ERR_CORRUPT : ERR_OK);
}

enum err
guard_read(const char *path, struct guard *g)
{
	struct guard r;
	int which;
	enum err err = read_lines(path, &r, &which);

	if (err == ERR_OK)
		*g = r;
	return (err);
}

/* A new file, or one that says something else: whole, in place of the old. */
static MUST_CHECK enum err
write_anew(const char *path, const struct guard *g)
{
	char lines[2 * GUARD_LINE + 1];

	format_line(g, lines);
	format_line(g, lines + GUARD_LINE);
	return (file_write(path, lines, sizeof(lines) - 1, 0600));
}

static MUST_CHECK enum err
write_line(const char *path, const struct guard *g, int which)
{
	char line[GUARD_LINE + 1];
	enum err err = ERR_IO;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return (ERR_IO);
	format_line(g, line);
	if (pwrite(fd, line, GUARD_LINE, (off_t)which * GUARD_LINE) ==
		GUARD_LINE && fdatasync(fd) == 0)
		err = ERR_OK;
	if (close(fd) != 0)
		err = ERR_IO;
	return (err);
}

enum err
guard_write(const char *path, const struct guard *g)
{
	struct guard was;
	int which;
	enum err err = read_lines(path, &was, &which);

	if (err == ERR_IO)
		return (err);
	/* Only a larger size over the older line; the newer one stays. */
	if (err != ERR_OK || g->size <= was.size ||
	    strcmp(g->origin, was.origin) != 0)
		return (write_anew(path, g));
	return (write_line(path, g, which == 0 ? 1 : 0));
}

/* --- against the tree --------------------------------------------------- */

static MUST_CHECK enum err
judge_tree(struct txn *t, const struct guard *g, enum guard_verdict *verdict)
{
	struct tlog_reader reader = store_tree(t);
	uint8_t root[32];
	enum err err;

	if (strcmp(g->origin, store_origin(store_of(t))) != 0) {
		*verdict = GUARD_OTHER;
		return (ERR_OK);
	}
	if (g->size > store_size(t)) {
		*verdict = GUARD_BEHIND;
		return (ERR_OK);
	}
	err = tlog_root(g->size, &reader, root);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	*verdict = digest_eq(root, g->root) ? GUARD_FITS : GUARD_BESIDE;
	return (ERR_OK);
}

enum err
guard_judge(struct txn *t, const char *path, enum guard_verdict *verdict)
{
	struct guard g;
	enum err err = guard_read(path, &g);

	if (err == ERR_NOT_FOUND) {
		*verdict = store_size(t) == 0 ? GUARD_NEW : GUARD_MISSING;
		return (ERR_OK);
	}
	if (err == ERR_CORRUPT) {
		*verdict = GUARD_BROKEN;
		return (ERR_OK);
	}
	return (err != ERR_OK ? err : judge_tree(t, &g, verdict));
}

/* The guard that says so, for the log that ${t} reads. */
static MUST_CHECK enum err
make(struct txn *t, uint64_t size, const uint8_t root[32], struct guard *g)
{
	const char *origin = store_origin(store_of(t));

	memset(g, 0, sizeof(*g));
	if (strlen(origin) > GUARD_ORIGIN_MAX)
		return (ERR_FULL);
	memcpy(g->origin, origin, strlen(origin));
	memcpy(g->root, root, 32);
	g->size = size;
	return (ERR_OK);
}

enum err
guard_check(struct txn *t, uint64_t size, const uint8_t root[32])
{
	enum guard_verdict verdict;
	struct guard g;
	enum err err = make(t, size, root, &g);

	if (err == ERR_OK)
		err = judge_tree(t, &g, &verdict);
	if (err != ERR_OK)
		return (err);
	if (verdict == GUARD_BEHIND)
		return (ERR_NOT_FOUND);
	return (verdict == GUARD_FITS ? ERR_OK : ERR_DIGEST);
}

enum err
guard_accept(struct txn *t, const char *path, uint64_t size,
    const uint8_t root[32])
{
	struct guard g;
	enum err err = guard_check(t, size, root);

	if (err == ERR_OK)
		err = make(t, size, root, &g);
	return (err != ERR_OK ? err : write_anew(path, &g));
}
