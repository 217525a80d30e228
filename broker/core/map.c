/*
 * map -- from keys of one length to values of one size, in memory.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"

#define FIRST 1024 /* places; always a power of two */

/* A place is a byte that says whether it is taken, the key, the value. */
struct map {
	size_t key_len;
	size_t value_at; /* aligned for anything */
	size_t place;
	size_t n;
	size_t cap;
	uint8_t *rows;
};

static size_t
aligned(size_t len)
{
	return ((len + 15) & ~(size_t)15);
}

struct map *
map_new(size_t key_len, size_t value_len)
{
	struct map *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return (NULL);
	m->key_len = key_len;
	m->value_at = aligned(1 + key_len);
	m->place = m->value_at + aligned(value_len);
	m->cap = FIRST;
	m->rows = calloc(m->cap, m->place);
	if (m->rows == NULL) {
		free(m);
		return (NULL);
	}
	return (m);
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	free(m->rows);
	free(m);
}

/* FNV-1a with a last stir: keys here are ids and names, nobody's weapon. */
static size_t
hash_of(const uint8_t *key, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		h = (h ^ key[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	return ((size_t)h);
}

/* The place of ${key}: where it is, or where it would go. */
static uint8_t *
find(const struct map *m, const uint8_t *key)
{
	size_t i = hash_of(key, m->key_len) & (m->cap - 1);

	for (;; i = (i + 1) & (m->cap - 1)) {
		uint8_t *row = m->rows + i * m->place;

		if (row[0] == 0 || memcmp(row + 1, key, m->key_len) == 0)
			return (row);
	}
}

/* Twice as many places. */
static bool
grow(struct map *m)
{
	struct map more = *m;

	more.cap = m->cap * 2;
	more.rows = calloc(more.cap, more.place);
	if (more.rows == NULL)
		return (false);
	for (size_t i = 0; i < m->cap; i++) {
		const uint8_t *row = m->rows + i * m->place;

		if (row[0] != 0)
			memcpy(find(&more, row + 1), row, m->place);
	}
	free(m->rows);
	*m = more;
	return (true);
}

void *
map_find(const struct map *m, const void *key)
{
	uint8_t *row = find(m, key);

	return (row[0] == 0 ? NULL : row + m->value_at);
}

void *
map_add(struct map *m, const void *key)
{
	uint8_t *row;

	if (m->n >= m->cap / 3 * 2 && !grow(m))
		return (NULL);
	row = find(m, key);
	if (row[0] == 0) {
		row[0] = 1;
		memcpy(row + 1, key, m->key_len);
		m->n++;
	}
	return (row + m->value_at);
}

void *
map_next(const struct map *m, size_t *at)
{
	for (; *at < m->cap; (*at)++) {
		uint8_t *row = m->rows + *at * m->place;

		if (row[0] != 0) {
			(*at)++;
			return (row + m->value_at);
		}
	}
	return (NULL);
}

size_t
map_count(const struct map *m)
{
	return (m->n);
}
