/*
 * tiles -- a log as a folder of files that other people's tools read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/progress.h"
#include "audit/tiles.h"
#include "base/file.h"
#include "trust/digest.h"
#include "trust/note.h"

#define LEVELS 8 /* 256 to the power of 8 leaves are more than there can be */
#define ENTRY_MAX 65535
#define ENTRIES_MAX ((size_t)TILES_WIDTH * (2 + ENTRY_MAX))
#define FULL_PATH 4096

/* --- names ----------------------------------------------------------------- */

/* "x001/x234/067" */
static void
number_path(uint64_t n, char out[48])
{
	unsigned int groups[7];
	size_t len = 0, count = 0;

	do {
		groups[count++] = (unsigned int)(n % 1000);
		n /= 1000;
	} while (n > 0 && count < 7);
	while (count-- > 0)
		len += (size_t)snprintf(out + len, 48 - len, "%s%03u%s",
		    count > 0 ? "x" : "", groups[count],
		    count > 0 ? "/" : "");
}

/* The path of a tile; ${level} LEVELS stands for the entries. */
static void
tile_path(const char *dir, unsigned int level, uint64_t n, size_t width,
    char out[FULL_PATH])
{
	char number[48], kind[16] = "entries", part[16] = "";

	number_path(n, number);
	if (level < LEVELS)
		(void)snprintf(kind, sizeof(kind), "%u", level);
	if (width < TILES_WIDTH)
		(void)snprintf(part, sizeof(part), ".p/%zu", width);
	(void)snprintf(out, FULL_PATH, "%s/tile/%s/%s%s", dir, kind, number,
	    part);
}

/* --- writing ----------------------------------------------------------------- */

struct writing {
	const char *dir;
	struct tlog_frontier tree;
	size_t width[LEVELS];
	uint64_t number[LEVELS];
	uint8_t row[LEVELS][TILES_WIDTH][32];
	uint8_t *entries;
	size_t entries_len;
};

/* Make the folders above ${path}, and the file.  Tiles can be made again, so
 * that nobody waits for the disk; the checkpoint comes last. */
static MUST_CHECK enum err
write_file(char path[FULL_PATH], const void *data, size_t len)
{
	char *slash = strrchr(path, '/');
	enum err err;
	bool good;
	int fd;

	*slash = '\0';
	err = file_mkdirs(path, 0755);
	*slash = '/';
	if (err != ERR_OK || (err = file_make(path, 0644, &fd)) != ERR_OK)
		return (err);
	good = file_write_all(fd, data, len);
	return (close(fd) == 0 && good ? ERR_OK : ERR_IO);
}

/* Write the tile that is in the making at ${level}, and begin the next. */
static MUST_CHECK enum err
write_tile(struct writing *w, unsigned int level)
{
	char path[FULL_PATH];
	size_t width = w->width[level];
	enum err err = ERR_OK;

	if (level == 0) {
		tile_path(w->dir, LEVELS, w->number[0], width, path);
		err = write_file(path, w->entries, w->entries_len);
		w->entries_len = 0;
	}
	if (err == ERR_OK) {
		tile_path(w->dir, level, w->number[level], width, path);
		err = write_file(path, w->row[level], width * 32);
	}
	w->width[level] = 0;
	w->number[level]++;
	return (err);
}

static MUST_CHECK enum err
add_leaf(struct writing *w, struct slice leaf)
{
	uint8_t hash[32], made[TLOG_NEW_MAX][32];
	size_t n;
	enum err err = ERR_OK;

	if (leaf.len > ENTRY_MAX)
		return (ERR_TOO_BIG);
	be16_put(w->entries + w->entries_len, (uint16_t)leaf.len);
	memcpy(w->entries + w->entries_len + 2, leaf.p, leaf.len);
	w->entries_len += 2 + leaf.len;
	digest_leaf(leaf, hash);
	n = tlog_frontier_add(&w->tree, hash, made);
	for (unsigned int level = 0;
	     level < LEVELS && 8 * level < n && err == ERR_OK; level++) {
		memcpy(w->row[level][w->width[level]++], made[8 * level], 32);
		if (w->width[level] == TILES_WIDTH)
			err = write_tile(w, level);
	}
	return (err);
}

static MUST_CHECK enum err
add_leaves(struct writing *w, struct txn *txn, uint64_t size)
{
	struct progress bar;
	struct slice leaf;
	enum err err = ERR_OK;

	progress_start(&bar, "bladen", size);
	while (w->tree.size < size && err == ERR_OK) {
		if (store_is_stale(txn))
			err = store_renew(txn);
		if (err == ERR_OK)
			err = store_leaf(txn, w->tree.size, &leaf);
		if (err == ERR_OK)
			err = add_leaf(w, leaf);
		progress_at(&bar, w->tree.size);
	}
	progress_stop(&bar);
	return (err);
}

enum err
tiles_write(struct txn *txn, const struct checkpoint *point, const char *dir,
    uint8_t root[32])
{
	struct writing *w = calloc(1, sizeof(*w));
	char path[FULL_PATH];
	enum err err = ERR_NOMEM;

	if (w != NULL)
		w->entries = malloc(ENTRIES_MAX);
	if (w == NULL || w->entries == NULL)
		goto out;
	w->dir = dir;
	tlog_frontier_init(&w->tree);
	err = add_leaves(w, txn, point->size);
	for (unsigned int i = 0; i < LEVELS && err == ERR_OK; i++)
		if (w->width[i] > 0)
			err = write_tile(w, i);
	if (err == ERR_OK)
		err = file_mkdirs(dir, 0755);
	if (err == ERR_OK) {
		(void)snprintf(path, sizeof(path), "%s/checkpoint", dir);
		err = file_write(path, point->note, point->len, 0644);
	}
	if (err == ERR_OK)
		tlog_frontier_root(&w->tree, root);
out:
	if (w != NULL)
		free(w->entries);
	free(w);
	return (err);
}

/* --- reading -------------------------------------------------------------------- */

struct tiles {
	char *dir;
	char note[NOTE_MAX];
	size_t note_len;
	uint64_t size;
	uint8_t *entries; /* what tiles_entries() points into */
	bool has_row;	  /* the tile that tiles_tree() read last */
	unsigned int level;
	uint64_t n;
	uint8_t row[TILES_WIDTH][32];
};

static MUST_CHECK enum err
read_note(struct tiles *t)
{
	char path[FULL_PATH];
	struct note note;
	uint8_t *data;
	size_t len;
	enum err err;

	(void)snprintf(path, sizeof(path), "%s/checkpoint", t->dir);
	err = file_read_given(path, NOTE_MAX - 1, &data, &len);
	if (err != ERR_OK)
		return (err == ERR_FULL ? ERR_MALFORMED : err);
	memcpy(t->note, data, len);
	t->note_len = len;
	free(data);
	err = note_parse(tiles_note(t), &note);
	if (err == ERR_OK)
		t->size = note.checkpoint.size;
	return (err);
}

enum err
tiles_open(const char *dir, struct tiles **t)
{
	struct tiles *made = calloc(1, sizeof(*made));
	enum err err = ERR_NOMEM;

	if (made != NULL && (made->dir = strdup(dir)) != NULL)
		err = read_note(made);
	if (err == ERR_OK) {
		*t = made;
		return (ERR_OK);
	}
	tiles_close(made);
	return (err);
}

void
tiles_close(struct tiles *t)
{
	if (t == NULL)
		return;
	free(t->dir);
	free(t->entries);
	free(t);
}

struct slice
tiles_note(const struct tiles *t)
{
	return (slice_of(t->note, t->note_len));
}

uint64_t
tiles_size(const struct tiles *t)
{
	return (t->size);
}

size_t
tiles_width(const struct tiles *t, unsigned int level, uint64_t n)
{
	uint64_t there = level >= LEVELS ? 0 : t->size >> (8 * level);

	if (n >= there / TILES_WIDTH + 1)
		return (0);
	there -= n * TILES_WIDTH;
	return (there < TILES_WIDTH ? (size_t)there : TILES_WIDTH);
}

/* Read a tile's file: of a partial one, also the whole tile of a log that has
 * grown since will do. */
static MUST_CHECK enum err
read_tile(const struct tiles *t, unsigned int level, uint64_t n, size_t width,
    size_t max, uint8_t **data, size_t *len)
{
	char path[FULL_PATH];
	enum err err;

	tile_path(t->dir, level, n, width, path);
	err = file_read_given(path, max, data, len);
	if (err == ERR_NOT_FOUND && width < TILES_WIDTH) {
		tile_path(t->dir, level, n, TILES_WIDTH, path);
		err = file_read_given(path, max, data, len);
	}
	return (err == ERR_FULL ? ERR_MALFORMED : err);
}

enum err
tiles_hashes(struct tiles *t, unsigned int level, uint64_t n,
    uint8_t out[TILES_WIDTH][32])
{
	size_t width = tiles_width(t, level, n), len;
	uint8_t *data;
	enum err err = width == 0 ? ERR_NOT_FOUND
	    : read_tile(t, level, n, width, (size_t)TILES_WIDTH * 32, &data,
		  &len);

	if (err != ERR_OK)
		return (err);
	if (len == width * 32 || len == (size_t)TILES_WIDTH * 32)
		memcpy(out, data, width * 32);
	else
		err = ERR_MALFORMED;
	free(data);
	return (err);
}

enum err
tiles_entries(struct tiles *t, uint64_t n, struct slice out[TILES_WIDTH])
{
	size_t width = tiles_width(t, 0, n), len = 0, at = 0;
	uint8_t *data;
	enum err err = width == 0 ? ERR_NOT_FOUND
	    : read_tile(t, LEVELS, n, width, ENTRIES_MAX, &data, &len);

	if (err != ERR_OK)
		return (err);
	free(t->entries);
	t->entries = data;
	for (size_t i = 0; i < width; i++) {
		size_t size = len - at < 2 ? 0 : be16_get(data + at);

		if (len - at < 2 || size > len - at - 2)
			return (ERR_MALFORMED);
		out[i] = slice_of(data + at + 2, size);
		at += 2 + size;
	}
	return (ERR_OK);
}

/* --- the tree ---------------------------------------------------------------------- */

/* The root of the 2^height hashes at ${row}. */
static void
fold(const uint8_t (*row)[32], unsigned int height, uint8_t out[32])
{
	uint8_t hash[TILES_WIDTH][32];
	size_t n = (size_t)1 << height;

	memcpy(hash, row, n * 32);
	for (; n > 1; n /= 2)
		for (size_t i = 0; i < n / 2; i++)
			digest_node(hash[2 * i], hash[2 * i + 1], hash[i]);
	memcpy(out, hash[0], 32);
}

static enum err
read_hashes(void *cookie, const uint64_t *idx, size_t n, uint8_t (*hash)[32])
{
	struct tiles *t = cookie;

	for (size_t i = 0; i < n; i++) {
		unsigned int level, height;
		uint64_t at, tile;
		enum err err = ERR_OK;

		tlog_split(idx[i], &level, &at);
		height = level % 8;
		tile = at >> (8 - height);
		if (!t->has_row || t->level != level / 8 || t->n != tile)
			err = tiles_hashes(t, level / 8, tile, t->row);
		if (err != ERR_OK)
			return (err);
		t->has_row = true;
		t->level = level / 8;
		t->n = tile;
		fold((const uint8_t(*)[32])t->row +
		    ((at << height) % TILES_WIDTH), height, hash[i]);
	}
	return (ERR_OK);
}

struct tlog_reader
tiles_tree(struct tiles *t)
{
	const struct tlog_reader r = { read_hashes, t };

	return (r);
}
