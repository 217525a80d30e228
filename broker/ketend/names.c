/*
 * names -- from a short key to a thing: open addressing, FNV-1a, no deletions
 * in place (a removed place stays taken until the next growth).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ketend/names.h"

struct place {
	void *thing; /* NULL: never used, or &gone: used once */
	uint8_t len;
	uint8_t key[NAMES_KEY];
};

struct names {
	struct place *place;
	size_t cap;  /* a power of two */
	size_t used; /* with those that are gone */
	size_t n;
};

static char gone;

static size_t
hash(const void *key, size_t len)
{
	const uint8_t *p = key;
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return ((size_t)(h ^ (h >> 29)));
}

/* The place of ${key}, or the free one where it would be. */
static struct place *
find(const struct names *m, const void *key, size_t len)
{
	size_t at = hash(key, len);

	for (;; at++) {
		struct place *p = &m->place[at & (m->cap - 1)];

		if (p->thing == NULL || (p->thing != &gone && p->len == len &&
		    memcmp(p->key, key, len) == 0))
			return (p);
	}
}

static enum err
grow(struct names *m)
{
	struct names bigger = { .cap = m->n < m->cap / 4 ? m->cap :
	    2 * m->cap };

	bigger.place = calloc(bigger.cap, sizeof(*bigger.place));
	if (bigger.place == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < m->cap; i++) {
		const struct place *p = &m->place[i];

		if (p->thing == NULL || p->thing == &gone)
			continue;
		*find(&bigger, p->key, p->len) = *p;
		bigger.used++;
	}
	bigger.n = bigger.used;
	free(m->place);
	*m = bigger;
	return (ERR_OK);
}

/**
 * names_new():
 * Return an empty map, or NULL.
 */
struct names *
names_new(void)
{
	struct names *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (NULL);
	m->cap = 64;
	if ((m->place = calloc(m->cap, sizeof(*m->place))) == NULL) {
		free(m);
		return (NULL);
	}
	return (m);
}

/**
 * names_get(m, key, len):
 * Return the thing called by the ${len} bytes ${key}, or NULL.
 */
void *
names_get(const struct names *m, const void *key, size_t len)
{
	return (len > NAMES_KEY ? NULL : find(m, key, len)->thing);
}

/**
 * names_put(m, key, len, thing):
 * Call ${thing} that.
 */
enum err
names_put(struct names *m, const void *key, size_t len, void *thing)
{
	struct place *p;
	enum err err;

	if (len > NAMES_KEY)
		return (ERR_FULL);
	if (m->used >= m->cap / 4 * 3 && (err = grow(m)) != ERR_OK)
		return (err);
	p = find(m, key, len);
	if (p->thing == NULL) {
		m->used++;
		m->n++;
		p->len = (uint8_t)len;
		memcpy(p->key, key, len);
	}
	p->thing = thing;
	return (ERR_OK);
}

/**
 * names_remove(m, key, len):
 * Forget that name and return the thing it was, or NULL.
 */
void *
names_remove(struct names *m, const void *key, size_t len)
{
	struct place *p;
	void *thing;

	if (len > NAMES_KEY)
		return (NULL);
	p = find(m, key, len);
	if ((thing = p->thing) == NULL)
		return (NULL);
	p->thing = &gone;
	m->n--;
	return (thing);
}

/**
 * names_next(m, at):
 * Walk: return the first thing from place ${*at} on.
 */
void *
names_next(const struct names *m, size_t *at)
{
	while (*at < m->cap) {
		const struct place *p = &m->place[(*at)++];

		if (p->thing != NULL && p->thing != &gone)
			return (p->thing);
	}
	return (NULL);
}

/**
 * names_count(m):
 * Return how many there are.
 */
size_t
names_count(const struct names *m)
{
	return (m->n);
}

/**
 * names_free(m):
 * Free the map, not the things.
 */
void
names_free(struct names *m)
{
	if (m == NULL)
		return;
	free(m->place);
	free(m);
}
