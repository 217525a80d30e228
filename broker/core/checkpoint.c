/*
 * checkpoint -- sign the tree: read again, hash again, guard, sign, publish.
 */
#include <stdlib.h>
#include <string.h>

#include "core/checkpoint.h"
#include "core/guard.h"
#include "trust/digest.h"

struct checkpointer {
	struct store *st;
	const struct signer *signer;
	const struct signer *second; /* NULL: there is one key */
	char *guard_path;
	struct tlog_frontier tree; /* up to the last checkpoint */
};

/* Begin where the guard says that was published last. */
static MUST_CHECK enum err
begin(struct checkpointer *cp)
{
	struct txn *t;
	struct tlog_reader reader;
	struct guard g = { .size = 0 };
	enum guard_verdict verdict;
	enum err err = store_read(cp->st, &t);

	if (err != ERR_OK)
		return (err);
	err = guard_judge(t, cp->guard_path, &verdict);
	if (err == ERR_OK && verdict != GUARD_FITS && verdict != GUARD_NEW)
		err = ERR_CORRUPT;
	if (err == ERR_OK && verdict == GUARD_FITS)
		err = guard_read(cp->guard_path, &g);
	if (err == ERR_OK) {
		reader = store_tree(t);
		err = tlog_frontier_load(&cp->tree, g.size, &reader);
	}
	store_done(&t);
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

enum err
checkpoint_new(struct store *st, const struct signer *signer,
    const struct signer *second, const char *guard_path,
    struct checkpointer **cp)
{
	struct checkpointer *c = calloc(1, sizeof(*c));
	enum err err = ERR_NOMEM;

	if (c == NULL)
		return (ERR_NOMEM);
	c->st = st;
	c->signer = signer;
	c->second = second;
	c->guard_path = strdup(guard_path);
	if (c->guard_path != NULL)
		err = begin(c);
	if (err != ERR_OK) {
		checkpoint_free(c);
		return (err);
	}
	*cp = c;
	return (ERR_OK);
}

void
checkpoint_free(struct checkpointer *cp)
{
	if (cp == NULL)
		return;
	free(cp->guard_path);
	free(cp);
}

/*
 * Add one leaf to the tree in memory from the bytes in the store, and compare
 * every hash that it completes with what is stored.
 */
static MUST_CHECK enum err
add_again(struct txn *t, struct tlog_frontier *tree)
{
	struct tlog_reader reader = store_tree(t);
	uint8_t made[TLOG_NEW_MAX][32];
	uint8_t stored[TLOG_NEW_MAX][32];
	uint64_t number[TLOG_NEW_MAX];
	uint64_t first = tlog_count(tree->size);
	uint8_t hash[32];
	struct slice leaf;
	size_t n;
	enum err err = store_leaf(t, tree->size, &leaf);

	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	digest_leaf(leaf, hash);
	n = tlog_frontier_add(tree, hash, made);
	for (size_t i = 0; i < n; i++)
		number[i] = first + i;
	err = reader.read(reader.cookie, number, n, stored);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
	return (memcmp(made, stored, n * 32) == 0 ? ERR_OK : ERR_CORRUPT);
}

/* Grow ${tree} to what is committed now. */
static MUST_CHECK enum err
catch_up(struct store *st, struct tlog_frontier *tree)
{
	struct txn *t;
	uint64_t size;
	enum err err = store_read(st, &t);

	if (err != ERR_OK)
		return (err);
	size = store_size(t);
	if (size < tree->size)
		err = ERR_CORRUPT;
	else if (size == tree->size)
		err = ERR_NOT_FOUND;
	while (err == ERR_OK && tree->size < size) {
		/* The first time this may be long: let go now and then. */
		if (store_is_stale(t))
			err = store_renew(t);
		if (err == ERR_OK)
			err = add_again(t, tree);
	}
	store_done(&t);
	return (err);
}

/* What the guard says, as a signed note. */
static MUST_CHECK enum err
make_note(const struct guard *g, const struct signer *signer,
    const struct signer *second, struct checkpoint *out)
{
	struct note_checkpoint c = { .size = g->size };
	enum err err;

	_Static_assert(sizeof(c.origin) >= sizeof(g->origin), "it has to fit");
	memcpy(c.origin, g->origin, sizeof(g->origin));
	memcpy(c.root, g->root, 32);
	out->size = g->size;
	memcpy(out->root, g->root, 32);
	err = note_sign(&c, signer, out->note, sizeof(out->note), &out->len);
	if (err == ERR_OK && second != NULL)
		err = note_sign_more(slice_of(out->note, out->len), second,
		    out->note, sizeof(out->note), &out->len);
	return (err);
}

static MUST_CHECK enum err
sign(const struct checkpointer *cp, const uint8_t root[32], uint64_t size,
    struct checkpoint *out)
{
	struct guard g = { .size = size };
	const char *origin = store_origin(cp->st);
	enum err err;

	if (strlen(origin) > GUARD_ORIGIN_MAX)
		return (ERR_FULL);
	memcpy(g.origin, origin, strlen(origin));
	memcpy(g.root, root, 32);
	err = make_note(&g, cp->signer, cp->second, out);
	/* Before anybody sees the signature. */
	return (err != ERR_OK ? err : guard_write(cp->guard_path, &g));
}

enum err
checkpoint_make(struct checkpointer *cp, struct checkpoint *out)
{
	struct tlog_frontier tree = cp->tree;
	struct checkpoint c;
	uint8_t root[32];
	enum err err = catch_up(cp->st, &tree);

	if (err != ERR_OK)
		return (err);
	memset(&c, 0, sizeof(c));
	tlog_frontier_root(&tree, root);
	err = sign(cp, root, tree.size, &c);
	if (err != ERR_OK)
		return (err);
	cp->tree = tree;
	*out = c;
	return (ERR_OK);
}

/* --- the published ones ------------------------------------------------- */

enum err
checkpoint_again(struct txn *t, const struct signer *signer,
    const struct signer *second, const char *guard_path,
    struct checkpoint *out)
{
	struct checkpoint c;
	struct guard g;
	enum err err = guard_read(guard_path, &g);

	if (err != ERR_OK || g.size == 0)
		return (err == ERR_OK ? ERR_NOT_FOUND : err);
	err = checkpoint_covering(t, g.size, &c);
	if (err == ERR_OK)
		return (ERR_NOT_FOUND);
	if (err == ERR_NOT_FOUND)
		err = make_note(&g, signer, second, &c);
	if (err == ERR_OK)
		*out = c;
	return (err);
}

enum err
checkpoint_put(struct txn *t, const struct checkpoint *c)
{
	uint8_t key[8];

	if (c->len > STORE_CHUNK)
		return (ERR_FULL);
	be64_put(key, c->size);
	return (store_put(t, TABLE_CHECKPOINT, slice_of(key, sizeof(key)),
	    slice_of(c->note, c->len)));
}

static MUST_CHECK enum err
read_row(struct slice key, struct slice value, struct checkpoint *c)
{
	struct note note;

	if (key.len != 8 || value.len >= sizeof(c->note) ||
	    note_parse(value, &note) != ERR_OK ||
	    note.checkpoint.size != be64_get(key.p))
		return (ERR_CORRUPT);
	c->size = note.checkpoint.size;
	memcpy(c->root, note.checkpoint.root, 32);
	memcpy(c->note, value.p, value.len);
	c->note[value.len] = '\0';
	c->len = value.len;
	return (ERR_OK);
}

enum err
checkpoint_newest(struct txn *t, struct checkpoint *c)
{
	static const struct slice all;
	struct slice key, value;
	enum err err = store_before(t, TABLE_CHECKPOINT, all, &key, &value);

	return (err != ERR_OK ? err : read_row(key, value, c));
}

enum err
checkpoint_covering(struct txn *t, uint64_t size, struct checkpoint *c)
{
	struct slice key, value;
	uint8_t from[8];
	enum err err;

	be64_put(from, size);
	err = store_seek(t, TABLE_CHECKPOINT, slice_of(from, sizeof(from)),
	    &key, &value);
	return (err != ERR_OK ? err : read_row(key, value, c));
}

enum err
checkpoint_before(struct txn *t, uint64_t size, struct checkpoint *c)
{
	struct slice key, value;
	uint8_t until[8];
	enum err err;

	be64_put(until, size);
	err = store_before(t, TABLE_CHECKPOINT, slice_of(until,
	    sizeof(until)), &key, &value);
	return (err != ERR_OK ? err : read_row(key, value, c));
}

enum err
checkpoint_cosign(struct txn *t, uint64_t size, struct slice line)
{
	struct checkpoint c;
	enum err err = checkpoint_covering(t, size, &c);

	if (err != ERR_OK)
		return (err);
	if (c.size != size)
		return (ERR_NOT_FOUND);
	if (memmem(c.note, c.len, line.p, line.len) != NULL)
		return (ERR_OK);
	if (line.len >= sizeof(c.note) - c.len)
		return (ERR_FULL);
	memcpy(c.note + c.len, line.p, line.len);
	c.len += line.len;
	c.note[c.len] = '\0';
	return (checkpoint_put(t, &c));
}
