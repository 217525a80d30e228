/*
 * eye -- what decide could see when it decided record i, seen again later.
 */
#include <string.h>

#include "audit/eye.h"
#include "wire/pb.h"

/* index, part, key id */
#define WRAP_KEY (8 + 4 + KEYRING_SEAL_ID - 1)

static bool
wrap_key(uint64_t index, uint32_t part, const char *key_id,
    uint8_t key[WRAP_KEY])
{
	if (strlen(key_id) != KEYRING_SEAL_ID - 1)
		return (false);
	be64_put(key, index);
	be32_put(key + 8, part);
	memcpy(key + 12, key_id, KEYRING_SEAL_ID - 1);
	return (true);
}

/* The part as it was signed, in the scratch arena; NULL: it is not there. */
static const Keten__V1__Part *
signed_part(struct eye *e, uint64_t index, uint32_t part)
{
	struct arena *a = store_scratch(e->log);
	Keten__V1__Facts *f = NULL;
	struct record rec;
	enum err err = record_read(e->log, index, a, &rec);

	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, NULL);
	if (err != ERR_OK && err != ERR_NOT_FOUND &&
	    e->look.fault == ERR_OK)
		e->look.fault = err;
	return (err == ERR_OK && part < f->n_parts ? f->parts[part] : NULL);
}

static bool
eye_digest(void *cookie, uint64_t index, uint32_t part,
    struct decide_digest *out)
{
	struct eye *e = cookie;
	struct arena *a = store_scratch(e->log);
	size_t mark = arena_used(a);
	const Keten__V1__Part *p = signed_part(e, index, part);
	bool found = p != NULL &&
	    pb_bytes(p->sha256, 32, out->sha256) == ERR_OK &&
	    pb_bytes(p->plain_commit, 32, out->plain_commit) == ERR_OK;

	arena_rewind(a, mark);
	return (found);
}

/* Did the part come with a wrap for that key? */
static bool
came_with(const Keten__V1__Part *p, const char *key_id)
{
	for (size_t i = 0; i < p->n_wrapped_for; i++)
		if (strcmp(p->wrapped_for[i], key_id) == 0)
			return (true);
	return (false);
}

static bool
eye_has_wrap(void *cookie, uint64_t index, uint32_t part,
    const struct org *who)
{
	struct eye *e = cookie;
	const struct keyring *keys = e->look.keys;
	struct arena *a = store_scratch(e->log);
	size_t mark = arena_used(a);
	const Keten__V1__Part *p = signed_part(e, index, part);
	bool has = false;

	for (size_t i = 0; p != NULL && !has && i < keyring_n_seals(keys);
	     i++) {
		const struct keyring_seal *k = keyring_seal_nth(keys, i);
		uint8_t key[WRAP_KEY];

		if (!org_eq(&k->partner, who))
			continue;
		has = came_with(p, k->key_id) ||
		    (wrap_key(index, part, k->key_id, key) &&
			map_find(e->wraps, key) != NULL);
	}
	arena_rewind(a, mark);
	return (has);
}

enum err
eye_init(struct eye *e, const struct keyring *keys)
{
	memset(e, 0, sizeof(*e));
	look_init(&e->look, keys, NULL, NULL);
	/* The view hands back what it was given: the look, which is the eye's
	 * first member. */
	e->look.view.digest = eye_digest;
	e->look.view.has_wrap = eye_has_wrap;
	e->wraps = map_new(WRAP_KEY, 1);
	return (e->wraps == NULL ? ERR_NOMEM : ERR_OK);
}

void
eye_fini(struct eye *e)
{
	map_free(e->wraps);
	e->wraps = NULL;
}

void
eye_at(struct eye *e, struct txn *view, struct txn *log)
{
	look_at(&e->look, view);
	e->log = log;
}

enum err
eye_note(struct eye *e, const Keten__V1__Facts *facts)
{
	const Keten__V1__RewrapFacts *r = facts->rewrap;
	uint8_t key[WRAP_KEY];

	for (size_t i = 0; r != NULL && i < r->n_parts; i++)
		if (wrap_key(r->parts[i]->index, r->parts[i]->part,
			r->key_id, key) &&
		    map_add(e->wraps, key) == NULL)
			return (ERR_NOMEM);
	return (ERR_OK);
}
