/*
 * tree -- every leaf and every stored node of the log, hashed again.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/progress.h"
#include "audit/tree.h"
#include "core/pile.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/tlog.h"

#define LEVELS 64

/* A stored hash that is wrong, and what it should be. */
struct mended {
	uint64_t idx; /* see tlog.h */
	uint8_t hash[32];
};

struct tree {
	uint64_t size;
	uint8_t root[32];
	int64_t last_ms;
	struct pile marked;  /* uint64_t */
	struct pile erased;  /* struct tree_erased */
	struct pile mended;  /* struct mended */
};

/* --- one leaf --------------------------------------------------------------------- */

/* The right edge of the stored tree, with what it should be where known. */
struct edge {
	uint8_t stored[LEVELS][32];
	uint8_t other[LEVELS][32];
	bool is_bad[LEVELS];
};

struct pass {
	struct tree *t;
	struct txn *txn;
	struct findings *f;
	struct edge edge;
	uint64_t index;
};

static MUST_CHECK enum err
note_erasure(struct tree *t, uint64_t by, const struct leaf *leaf)
{
	struct leaf_range *ranges = calloc(LEAF_ERASE_MAX, sizeof(*ranges));
	struct leaf_erase e;
	enum err err = ERR_NOMEM;

	if (ranges == NULL)
		return (ERR_NOMEM);
	err = leaf_erase_decode(leaf->clear, ranges, LEAF_ERASE_MAX, &e);
	for (size_t i = 0; err == ERR_OK && i < e.n; i++) {
		const struct tree_erased one = { by, ranges[i].first,
			ranges[i].count, e.level };

		err = pile_add(&t->erased, &one);
	}
	free(ranges);
	return (err);
}

/* Read what the leaf itself says. */
static MUST_CHECK enum err
look_inside(struct pass *p, struct slice bytes)
{
	struct tree *t = p->t;
	struct leaf leaf;
	enum err err = ERR_OK;

	if (leaf_decode(bytes, &leaf) != ERR_OK ||
	    leaf.kind == LEAF_ANCHOR) {
		findings_add(p->f, VERDICT_MALFORMED, p->index,
		    "dit blad is geen geldig blad");
		return (ERR_OK);
	}
	if (leaf.time_ms < t->last_ms)
		findings_add(p->f, VERDICT_GAP, p->index,
		    "de tijd loopt terug");
	t->last_ms = leaf.time_ms;
	if (leaf.kind == LEAF_KEY || leaf.kind == LEAF_POLICY)
		err = pile_add(&t->marked, &p->index);
	if (err == ERR_OK && leaf.kind == LEAF_ERASE &&
	    note_erasure(t, p->index, &leaf) != ERR_OK)
		findings_add(p->f, VERDICT_MALFORMED, p->index,
		    "wat dit record wist is niet te lezen");
	return (err);
}

static MUST_CHECK enum err
mend(struct pass *p, unsigned int level, const uint8_t hash[32])
{
	struct mended m;

	m.idx = tlog_index(level, p->index >> level);
	memcpy(m.hash, hash, 32);
	return (pile_add(&p->t->mended, &m));
}

/* Could a node be made of these two, stored or mended? */
static bool
is_node_of(const struct edge *e, unsigned int level,
    const uint8_t right[32], const uint8_t other[32], bool bad,
    const uint8_t node[32], uint8_t should[32])
{
	for (int i = 0; i < 4; i++) {
		bool left_other = (i & 1) != 0, right_other = (i & 2) != 0;
		uint8_t h[32];

		if ((left_other && !e->is_bad[level]) ||
		    (right_other && !bad))
			continue;
		digest_node(left_other ? e->other[level] : e->stored[level],
		    right_other ? other : right, h);
		if (i == 0)
			memcpy(should, h, 32);
		if (digest_eq(h, node))
			return (true);
	}
	return (false);
}

/*
 * Compare the hashes stored with this leaf with what lies below them.  ${n}
 * there should be, ${have} there are.
 */
static MUST_CHECK enum err
check_nodes(struct pass *p, const uint8_t leaf_hash[32], const uint8_t *row,
    size_t have, size_t n)
{
	struct edge *e = &p->edge;
	uint8_t stored[32], other[32], should[32];
	bool bad = have == 0 || !digest_eq(row, leaf_hash);
	enum err err = ERR_OK;

	memcpy(stored, have == 0 ? leaf_hash : row, 32);
	memcpy(other, leaf_hash, 32);
	if (bad) {
		findings_add(p->f,
		    have == 0 ? VERDICT_MISSING : VERDICT_HASH, p->index,
		    have == 0 ? "de hashes bij dit blad ontbreken"
			      : "het blad past niet bij zijn hash in de boom");
		err = mend(p, 0, leaf_hash);
	}
	for (unsigned int level = 0; level + 1 < n && err == ERR_OK;
	     level++) {
		const uint8_t *node = level + 1 < have
		    ? row + (level + 1) * 32 : NULL;
		bool fits = is_node_of(e, level, stored, other, bad,
		    node == NULL ? stored : node, should);

		if (node != NULL && !fits)
			findings_add(p->f, VERDICT_HASH, p->index,
			    "knoop %u boven dit blad past niet bij wat "
			    "eronder staat", level + 1);
		bad = node == NULL || !fits;
		if (bad)
			err = mend(p, level + 1, should);
		memcpy(stored, node == NULL ? should : node, 32);
		memcpy(other, should, 32);
	}
	memcpy(e->stored[n - 1], stored, 32);
	memcpy(e->other[n - 1], other, 32);
	e->is_bad[n - 1] = bad;
	return (err);
}

/* How many hashes leaf ${index} completes, itself included. */
static size_t
completes(uint64_t index)
{
	return ((size_t)__builtin_ctzll(index + 1) + 1);
}

static MUST_CHECK enum err
check_leaf(struct pass *p)
{
	struct slice leaf, row = { NULL, 0 };
	uint8_t key[8], hash[32];
	size_t n = completes(p->index);
	size_t have;
	enum err err;

	be64_put(key, p->index);
	err = store_get(p->txn, TABLE_HASH, slice_of(key, 8), &row);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	have = err == ERR_OK ? row.len / 32 : 0;
	err = store_leaf(p->txn, p->index, &leaf);
	if (err == ERR_NOT_FOUND) {
		findings_add(p->f, VERDICT_MISSING, p->index,
		    "het blad ontbreekt");
		err = pile_add(&p->t->marked, &p->index);
		if (have == 0 || err != ERR_OK)
			return (err);
		memcpy(hash, row.p, 32);
		return (check_nodes(p, hash, row.p, have, n));
	}
	if (err != ERR_OK)
		return (err);
	digest_leaf(leaf, hash);
	if (row.len != n * 32 && have > 0)
		findings_add(p->f, VERDICT_HASH, p->index,
		    "er staan %zu hashes bij dit blad in plaats van %zu",
		    have, n);
	err = check_nodes(p, hash, row.p, have, n);
	if (err != ERR_OK)
		return (err);
	/* Bytes that are not what was hashed do not even say what they are. */
	if (have > 0 && digest_eq(hash, row.p))
		return (look_inside(p, leaf));
	return (pile_add(&p->t->marked, &p->index));
}

/* --- what lies beyond -------------------------------------------------------------- */

/* Rows that belong to records that have no leaf: the end was cut off. */
static MUST_CHECK enum err
check_beyond(struct txn *txn, struct findings *f)
{
	static const enum table tables[] = { TABLE_HASH, TABLE_RECORD,
		TABLE_CONTENT };
	static const struct slice all;
	uint64_t size = store_size(txn);

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct slice key, value;
		enum err err = store_before(txn, tables[i], all, &key,
		    &value);

		if (err == ERR_NOT_FOUND)
			continue;
		if (err != ERR_OK)
			return (err);
		if (key.len >= 8 && be64_get(key.p) >= size)
			findings_add(f, VERDICT_MISSING, size,
			    "in tabel %s staat iets van record %" PRIu64
			    ", maar het logboek houdt hier op",
			    store_table_name(tables[i]), be64_get(key.p));
	}
	return (ERR_OK);
}

/* --- roots --------------------------------------------------------------------------- */

struct mended_reader {
	const struct tree *t;
	struct tlog_reader stored;
};

static enum err
read_mended(void *cookie, const uint64_t *idx, size_t n, uint8_t (*hash)[32])
{
	struct mended_reader *r = cookie;
	const struct pile *l = &r->t->mended;
	enum err err = r->stored.read(r->stored.cookie, idx, n, hash);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < l->n; k++) {
			struct mended m;

			memcpy(&m, l->p + k * l->size, sizeof(m));
			if (m.idx == idx[i])
				memcpy(hash[i], m.hash, 32);
		}
	return (err);
}

bool
tree_has_root(const struct tree *t, struct txn *txn, uint64_t size,
    const uint8_t root[32])
{
	struct mended_reader r = { t, store_tree(txn) };
	const struct tlog_reader mended = { read_mended, &r };
	uint8_t is[32];

	if (tlog_root(size, &r.stored, is) == ERR_OK && digest_eq(is, root))
		return (true);
	return (t->mended.n > 0 && tlog_root(size, &mended, is) == ERR_OK &&
	    digest_eq(is, root));
}

/* --- all of it -------------------------------------------------------------------------- */

static MUST_CHECK enum err
check_all(struct pass *p, uint64_t until)
{
	struct progress bar;
	enum err err = ERR_OK;

	progress_start(&bar, "boom", until);
	for (p->index = 0; p->index < until && err == ERR_OK; p->index++) {
		if ((p->index & 1023) == 0) {
			progress_at(&bar, p->index);
			if (store_is_stale(p->txn))
				err = store_renew(p->txn);
		}
		if (err == ERR_OK)
			err = check_leaf(p);
	}
	progress_stop(&bar);
	return (err);
}

/* The root over the right edge, as it should be. */
static void
root_of(const struct edge *e, uint64_t size, uint8_t root[32])
{
	struct tlog_frontier f;

	tlog_frontier_init(&f);
	f.size = size;
	for (unsigned int i = 0; i < LEVELS; i++)
		if ((size >> i) & 1)
			memcpy(f.hash[i], e->is_bad[i] ? e->other[i]
						       : e->stored[i], 32);
	tlog_frontier_root(&f, root);
}

enum err
tree_check(struct txn *txn, uint64_t until, struct findings *f,
    struct tree **t)
{
	struct pass *p = calloc(1, sizeof(*p));
	struct tree *tree = calloc(1, sizeof(*tree));
	enum err err = ERR_NOMEM;

	if (p == NULL || tree == NULL)
		goto out;
	tree->size = until;
	tree->marked.size = sizeof(uint64_t);
	tree->erased.size = sizeof(struct tree_erased);
	tree->mended.size = sizeof(struct mended);
	p->t = tree;
	p->f = f;
	p->txn = txn;
	err = check_beyond(txn, f);
	if (err == ERR_OK)
		err = check_all(p, until);
	if (err == ERR_OK) {
		root_of(&p->edge, until, tree->root);
		*t = tree;
		tree = NULL;
	}
out:
	free(p);
	tree_free(tree);
	return (err);
}

void
tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	free(t->marked.p);
	free(t->erased.p);
	free(t->mended.p);
	free(t);
}

uint64_t
tree_size(const struct tree *t)
{
	return (t->size);
}

const uint8_t *
tree_root(const struct tree *t)
{
	return (t->root);
}

size_t
tree_n_marked(const struct tree *t)
{
	return (t->marked.n);
}

uint64_t
tree_marked(const struct tree *t, size_t i)
{
	uint64_t index;

	memcpy(&index, t->marked.p + i * sizeof(index), sizeof(index));
	return (index);
}

size_t
tree_n_erasures(const struct tree *t)
{
	return (t->erased.n);
}

const struct tree_erased *
tree_erasure(const struct tree *t, size_t i)
{
	const struct tree_erased *e = (const void *)t->erased.p;

	return (&e[i]);
}

enum err
tree_read_erasures(struct tree *t, struct txn *txn)
{
	enum err err = ERR_OK;

	for (uint64_t i = t->size; i < store_size(txn) && err == ERR_OK;
	     i++) {
		struct slice bytes;
		struct leaf leaf;

		err = store_leaf(txn, i, &bytes);
		if (err == ERR_OK && leaf_decode(bytes, &leaf) == ERR_OK &&
		    leaf.kind == LEAF_ERASE)
			err = note_erasure(t, i, &leaf);
	}
	return (err);
}
