/*
 * eye -- what decide could see when it decided record i, seen again later.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/eye.h"
#include "wire/pb.h"

/* index, part, key id */
#define WRAP_KEY (8 + 4 + KEYRING_SEAL_ID - 1)

/* The largest record, unpacked. */
#define ARENA ((size_t)32 << 20)

/*
 * What a record with parts brought, without reading it again: most are asked
 * about soon after.  What does not fit, or went by too long ago, is read.
 */
#define NOTED 4096
#define NOTED_PARTS 4
#define NOTED_KEYS 32

struct eye_parts {
	uint64_t index;
	size_t n_parts; /* 0: nothing is noted here */
	size_t n_keys;
	struct decide_digest digest[NOTED_PARTS];
	struct {
		uint32_t part;
		char id[KEYRING_SEAL_ID];
	} key[NOTED_KEYS];
};

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

/*
 * The record that brought a part; false: there is no such part.  One REWRAP
 * makes decide ask five times about the same one.
 */
static bool
read_part(struct eye *e, uint64_t index, uint32_t part)
{
	struct record rec;
	enum err err = ERR_OK;

	if (!e->has_part || e->part_index != index) {
		e->has_part = false;
		arena_reset(e->a);
		err = record_read(e->log, index, e->a, &rec);
		if (err == ERR_OK)
			err = record_facts(&rec, e->a, &e->part_facts,
			    &e->part_route);
		e->has_part = err == ERR_OK;
		e->part_index = index;
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND &&
	    e->look.fault == ERR_OK)
		e->look.fault = err;
	return (err == ERR_OK && part < e->part_facts->n_parts);
}

static const struct eye_parts *
noted(const struct eye *e, uint64_t index, uint32_t part)
{
	const struct eye_parts *n = &e->noted[index % NOTED];

	return (n->index == index && part < n->n_parts ? n : NULL);
}

static MUST_CHECK enum err
digest_from(const Keten__V1__Part *p, struct decide_digest *out)
{
	enum err err = pb_bytes(p->sha256, 32, out->sha256);

	return (err == ERR_OK ? pb_bytes(p->plain_commit, 32,
	    out->plain_commit) : err);
}

/* Note the keys that came with the parts; false: there are too many. */
static bool
note_keys(struct eye_parts *n, const Keten__V1__RouteFacts *rf)
{
	for (size_t i = 0; rf != NULL && i < rf->n_wraps; i++)
		for (size_t k = 0; k < rf->wraps[i]->n_key_ids; k++) {
			const char *id = rf->wraps[i]->key_ids[k];

			if (n->n_keys == NOTED_KEYS ||
			    strlen(id) != KEYRING_SEAL_ID - 1)
				return (false);
			n->key[n->n_keys].part = rf->wraps[i]->part;
			memcpy(n->key[n->n_keys++].id, id, KEYRING_SEAL_ID);
		}
	return (true);
}

static void
note_parts(struct eye *e, uint64_t index, const Keten__V1__Facts *f,
    const Keten__V1__RouteFacts *rf)
{
	struct eye_parts *n = &e->noted[index % NOTED];
	bool ok = true;

	if (f->n_parts == 0 || f->n_parts > NOTED_PARTS)
		return;
	n->index = index;
	n->n_keys = 0;
	for (size_t i = 0; i < f->n_parts && ok; i++)
		ok = digest_from(f->parts[i], &n->digest[i]) == ERR_OK;
	n->n_parts = ok && note_keys(n, rf) ? f->n_parts : 0;
}

static bool
eye_digest(void *cookie, uint64_t index, uint32_t part,
    struct decide_digest *out)
{
	struct eye *e = cookie;
	const struct eye_parts *n = noted(e, index, part);

	if (n != NULL) {
		*out = n->digest[part];
		return (true);
	}
	return (read_part(e, index, part) &&
	    digest_from(e->part_facts->parts[part], out) == ERR_OK);
}

/* Is that part there?  ${n} is set if it need not be read for that. */
static bool
has_part(struct eye *e, uint64_t index, uint32_t part,
    const struct eye_parts **n)
{
	*n = noted(e, index, part);
	return (*n != NULL || read_part(e, index, part));
}

/* Did the part, which is there, come with a wrap for that key? */
static bool
came_with(const struct eye *e, const struct eye_parts *n, uint32_t part,
    const char *key_id)
{
	const Keten__V1__RouteFacts *rf = e->part_route;

	for (size_t i = 0; n != NULL && i < n->n_keys; i++)
		if (n->key[i].part == part &&
		    strcmp(n->key[i].id, key_id) == 0)
			return (true);
	for (size_t i = 0; n == NULL && rf != NULL && i < rf->n_wraps; i++)
		for (size_t k = 0; rf->wraps[i]->part == part &&
		     k < rf->wraps[i]->n_key_ids; k++)
			if (strcmp(rf->wraps[i]->key_ids[k], key_id) == 0)
				return (true);
	return (false);
}

/* Was there a wrap for that key by now that counts, given the record of the
 * part? */
static bool
has_key(struct eye *e, const struct eye_parts *n, uint64_t index,
    uint32_t part, const char *key_id)
{
	uint8_t key[WRAP_KEY];

	return ((came_with(e, n, part, key_id) ||
	    (wrap_key(index, part, key_id, key) &&
		map_find(e->wraps, key) != NULL)) &&
	    !look_refuted(&e->look, index, part, key_id));
}

static bool
eye_has_key(void *cookie, uint64_t index, uint32_t part, const char *key_id)
{
	struct eye *e = cookie;
	const struct eye_parts *n;

	return (has_part(e, index, part, &n) &&
	    has_key(e, n, index, part, key_id));
}

static bool
eye_has_wrap(void *cookie, uint64_t index, uint32_t part,
    const struct org *who)
{
	struct eye *e = cookie;
	const struct keyring *keys = e->look.keys;
	const struct eye_parts *n;
	bool has = false;

	if (!has_part(e, index, part, &n))
		return (false);
	for (size_t i = 0; !has && i < keyring_n_seals(keys); i++) {
		const struct keyring_seal *k = keyring_seal_nth(keys, i);

		has = org_eq(&k->partner, who) &&
		    has_key(e, n, index, part, k->key_id);
	}
	return (has);
}

static bool
eye_wrap_of(void *cookie, const struct refid *id, uint64_t index,
    uint32_t part, const struct org *who, struct decide_wrap *out)
{
	struct eye *e = cookie;

	(void)id;
	return (look_wrap_of(&e->look, e->log, index, part, who, out));
}

static int64_t
eye_unreachable(void *cookie, const struct org *who)
{
	const struct eye *e = cookie;

	for (size_t i = 0; e->route != NULL && i < e->route->n_absences; i++)
		if (strcmp(e->route->absences[i]->partner, who->id) == 0)
			return (e->route->absences[i]->since_ms);
	for (size_t i = 0; e->route != NULL && i < e->route->n_unreachable;
	     i++)
		if (strcmp(e->route->unreachable[i], who->id) == 0)
			return (e->now_ms); /* not so long that it decided */
	return (0);
}

/* Where deliveries of erased records are missing, the record says how far the
 * mailbox was; that it did not lie shows in what was acknowledged. */
static uint64_t
eye_last_seq(void *cookie, const struct org *partner, const char *mailbox)
{
	struct eye *e = cookie;

	for (size_t i = 0; e->has_gaps && e->route != NULL &&
	     i < e->route->n_deliveries; i++) {
		const Keten__V1__Sent *s = e->route->deliveries[i];

		if (strcmp(s->partner, partner->id) == 0 &&
		    strcmp(s->mailbox, mailbox) == 0)
			return (s->seq - 1);
	}
	return (e->last_seq(cookie, partner, mailbox));
}

enum err
eye_init(struct eye *e, const struct keyring *keys)
{
	memset(e, 0, sizeof(*e));
	look_init(&e->look, keys, eye_unreachable, e);
	/* The view hands back what it was given: the look, which is the eye's
	 * first member. */
	e->look.view.digest = eye_digest;
	e->look.view.has_wrap = eye_has_wrap;
	e->look.view.has_key = eye_has_key;
	e->look.view.wrap_of = eye_wrap_of;
	e->last_seq = e->look.view.last_seq;
	e->look.view.last_seq = eye_last_seq;
	e->wraps = map_new(WRAP_KEY, 1);
	e->a = arena_new(ARENA);
	e->noted = calloc(NOTED, sizeof(*e->noted));
	return (e->wraps == NULL || e->a == NULL || e->noted == NULL
		? ERR_NOMEM : ERR_OK);
}

void
eye_fini(struct eye *e)
{
	map_free(e->wraps);
	arena_free(e->a);
	free(e->noted);
	e->wraps = NULL;
	e->a = NULL;
	e->noted = NULL;
}

void
eye_at(struct eye *e, struct txn *view, struct txn *log,
    const Keten__V1__RouteFacts *route, int64_t now_ms)
{
	look_at(&e->look, view);
	e->now_ms = now_ms;
	e->log = log;
	e->route = route;
}

enum err
eye_note(struct eye *e, uint64_t index, const Keten__V1__Facts *facts,
    const Keten__V1__RouteFacts *route)
{
	const Keten__V1__RewrapFacts *r = facts->rewrap;
	uint8_t key[WRAP_KEY];

	note_parts(e, index, facts, route);
	for (size_t i = 0; r != NULL && i < r->n_parts; i++)
		if (wrap_key(r->parts[i]->index, r->parts[i]->part,
			r->key_id, key) &&
		    map_add(e->wraps, key) == NULL)
			return (ERR_NOMEM);
	return (ERR_OK);
}
