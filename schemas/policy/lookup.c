/*
 * lookup -- numbers by key: a hash table with the keys in one block.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/lookup.h"

#define SLOTS_MIN 64 /* a power of two, as is every number of slots */
#define KEY_MAX 80 /* longer than any name that a policy may have */

struct slot {
	uint32_t hash;
	uint32_t at;  /* of its key in the block */
	uint32_t tag; /* of its key; 0: nothing here */
	uint32_t value;
};

/* A key: some bytes, among those of one kind (0: those without). */
struct key {
	const uint8_t *p;
	size_t len;
	uint8_t space;
};

struct lookup {
	struct slot *slots;
	size_t n_slots;
	size_t n;
	uint8_t *keys;
	size_t len;
	size_t cap;
};

/* Up to eight bytes as a number; the same on every machine. */
static uint64_t
word_of(const uint8_t *p, size_t len)
{
	uint64_t w = 0;

	for (size_t i = 0; i < len; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return (w);
}

/* Eight bytes at a time: multiplied by an odd number, and folded because the
 * high bits know most and the low bits choose the slot. */
static uint32_t
hash_of(const struct key *k)
{
	uint64_t h = (k->len << 8 | k->space) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = 0;

	for (; k->len - at >= 8; at += 8) {
		h = (h ^ word_of(k->p + at, 8)) *
		    UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	h = (h ^ word_of(k->p + at, k->len - at)) *
	    UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 29;
	return ((uint32_t)(h ^ h >> 32));
}

/* Its length, plus one, and its kind. */
static uint32_t
tag_of(const struct key *k)
{
	return ((uint32_t)(k->len + 1) << 8 | k->space);
}

/* The slot that has ${key}, or the free one where it belongs. */
static struct slot *
slot_of(const struct lookup *l, uint32_t hash, const struct key *k)
{
	size_t i = hash & (l->n_slots - 1);
	uint32_t tag = tag_of(k);

	while (l->slots[i].tag != 0 &&
	    (l->slots[i].hash != hash || l->slots[i].tag != tag ||
		(k->len > 0 &&
		    memcmp(l->keys + l->slots[i].at, k->p, k->len) != 0)))
		i = (i + 1) & (l->n_slots - 1);
	return (&l->slots[i]);
}

struct lookup *
lookup_new(void)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return (NULL);
	l->n_slots = SLOTS_MIN;
	l->slots = calloc(l->n_slots, sizeof(*l->slots));
	if (l->slots == NULL) {
		free(l);
		return (NULL);
	}
	return (l);
}

/* Twice as many slots, when half of them are taken. */
static enum err
make_room(struct lookup *l)
{
	struct slot *old = l->slots;
	size_t n = l->n_slots;

	if (l->n * 2 < n)
		return (ERR_OK);
	l->slots = calloc(2 * n, sizeof(*l->slots));
	if (l->slots == NULL) {
		l->slots = old;
		return (ERR_NOMEM);
	}
	l->n_slots = 2 * n;
	/* They are all different, so that only the free ones count. */
	for (size_t i = 0; i < n; i++) {
		size_t to = old[i].hash & (l->n_slots - 1);

		if (old[i].tag == 0)
			continue;
		while (l->slots[to].tag != 0)
			to = (to + 1) & (l->n_slots - 1);
		l->slots[to] = old[i];
	}
	free(old);
	return (ERR_OK);
}

static enum err
keep_key(struct lookup *l, const void *key, size_t len, uint32_t *at)
{
	if (len > l->cap - l->len) {
		size_t cap = 2 * (l->cap + len) + 1024;
		uint8_t *keys = cap > UINT32_MAX ? NULL :
						   realloc(l->keys, cap);

		if (keys == NULL)
			return (ERR_NOMEM);
		l->keys = keys;
		l->cap = cap;
	}
	*at = (uint32_t)l->len;
	if (len > 0)
		memcpy(l->keys + l->len, key, len);
	l->len += len;
	return (ERR_OK);
}

static enum err
put(struct lookup *l, const struct key *k, uint32_t value)
{
	uint32_t hash = hash_of(k), at;
	struct slot *s;
	enum err err;

	if ((err = make_room(l)) != ERR_OK)
		return (err);
	s = slot_of(l, hash, k);
	if (s->tag == 0) {
		if ((err = keep_key(l, k->p, k->len, &at)) != ERR_OK)
			return (err);
		*s = (struct slot){ hash, at, tag_of(k), value };
		l->n++;
	}
	s->value = value;
	return (ERR_OK);
}

static bool
get(const struct lookup *l, const struct key *k, uint32_t *value)
{
	const struct slot *s = slot_of(l, hash_of(k), k);

	if (s->tag == 0)
		return (false);
	*value = s->value;
	return (true);
}

enum err
lookup_put(struct lookup *l, const void *key, size_t len, uint32_t value)
{
	const struct key k = { key, len, 0 };

	return (put(l, &k, value));
}

bool
lookup_get(const struct lookup *l, const void *key, size_t len,
    uint32_t *value)
{
	const struct key k = { key, len, 0 };

	return (get(l, &k, value));
}

/* A name too long for a policy is nobody's. */
static bool
name_key(struct key *k, char space, const char *name)
{
	*k = (struct key){ (const uint8_t *)name, strlen(name),
		(uint8_t)space };
	return (k->len < KEY_MAX);
}

enum err
lookup_put_name(struct lookup *l, char space, const char *name, uint32_t value)
{
	struct key k;

	return (name_key(&k, space, name) ? put(l, &k, value) : ERR_OK);
}

bool
lookup_get_name(const struct lookup *l, char space, const char *name,
    uint32_t *value)
{
	struct key k;

	return (name_key(&k, space, name) && get(l, &k, value));
}

void
lookup_free(struct lookup *l)
{
	if (l == NULL)
		return;
	free(l->slots);
	free(l->keys);
	free(l);
}
