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
	uint32_t len; /* of its key, plus one; 0: nothing here */
	uint32_t value;
};

struct lookup {
	struct slot *slots;
	size_t n_slots;
	size_t n;
	uint8_t *keys;
	size_t len;
	size_t cap;
};

/* FNV-1a, stirred at the end because the low bits choose the slot. */
static uint32_t
hash_of(const uint8_t *p, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	h ^= h >> 15;
	h *= 0x2c1b3c6du;
	return (h ^ h >> 13);
}

/* The slot that has ${key}, or the free one where it belongs. */
static struct slot *
slot_of(const struct lookup *l, uint32_t hash, const void *key, size_t len)
{
	size_t i = hash & (l->n_slots - 1);

	while (l->slots[i].len != 0 &&
	    (l->slots[i].hash != hash || l->slots[i].len != len + 1 ||
		memcmp(l->keys + l->slots[i].at, key, len) != 0))
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
	for (size_t i = 0; i < n; i++)
		if (old[i].len != 0)
			*slot_of(l, old[i].hash, l->keys + old[i].at,
			    old[i].len - 1) = old[i];
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
	memcpy(l->keys + l->len, key, len);
	l->len += len;
	return (ERR_OK);
}

enum err
lookup_put(struct lookup *l, const void *key, size_t len, uint32_t value)
{
	uint32_t hash = hash_of(key, len), at;
	struct slot *s;
	enum err err;

	if ((err = make_room(l)) != ERR_OK)
		return (err);
	s = slot_of(l, hash, key, len);
	if (s->len == 0) {
		if ((err = keep_key(l, key, len, &at)) != ERR_OK)
			return (err);
		*s = (struct slot){ hash, at, (uint32_t)len + 1, value };
		l->n++;
	}
	s->value = value;
	return (ERR_OK);
}

bool
lookup_get(const struct lookup *l, const void *key, size_t len,
    uint32_t *value)
{
	const struct slot *s = slot_of(l, hash_of(key, len), key, len);

	if (s->len == 0)
		return (false);
	*value = s->value;
	return (true);
}

/* Write the key of a name into ${key}; a name too long for it is nobody's. */
static size_t
name_key(char key[KEY_MAX], char space, const char *name)
{
	size_t len = strlen(name);

	if (len > KEY_MAX - 1)
		return (0);
	key[0] = space;
	memcpy(key + 1, name, len);
	return (len + 1);
}

enum err
lookup_put_name(struct lookup *l, char space, const char *name, uint32_t value)
{
	char key[KEY_MAX];
	size_t len = name_key(key, space, name);

	return (len == 0 ? ERR_OK : lookup_put(l, key, len, value));
}

bool
lookup_get_name(const struct lookup *l, char space, const char *name,
    uint32_t *value)
{
	char key[KEY_MAX];
	size_t len = name_key(key, space, name);

	return (len != 0 && lookup_get(l, key, len, value));
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
