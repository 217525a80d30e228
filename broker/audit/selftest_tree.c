/*
 * selftest_tree -- the tree, signed notes, witnesses: against vectors.
 */
#include <stdio.h>
#include <string.h>

#include "audit/selftest.h"
#include "core/request.h"
#include "trust/digest.h"
#include "trust/note.h"
#include "trust/proof.h"
#include "trust/tlog.h"

#define LEAVES 8

struct tree {
	uint8_t leaf[LEAVES][32];
	uint8_t root[LEAVES + 1][32];
};

/* --- the tree -------------------------------------------------------------------- */

static bool
from_hex(const json_t *v, uint8_t *out, size_t cap, size_t *len)
{
	const char *text = json_string_value(v);

	if (text == NULL || strlen(text) / 2 > cap)
		return (false);
	*len = strlen(text) / 2;
	return (hex_decode(text, out, *len));
}

static void
read_tree(const json_t *o, struct tree *t)
{
	const json_t *leaves = json_object_get(o, "leaves"),
		     *roots = json_object_get(o, "roots");
	uint8_t raw[64];
	size_t len = 0;

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < LEAVES; i++)
		if (from_hex(json_array_get(leaves, i), raw, sizeof(raw),
			&len))
			digest_leaf(slice_of(raw, len), t->leaf[i]);
	for (size_t i = 0; i <= LEAVES; i++)
		(void)from_hex(json_array_get(roots, i), t->root[i], 32, &len);
}

/* The hashes of a path; TLOG_PATH_MAX + 1 if they are none. */
static size_t
read_path(const json_t *list, uint8_t path[TLOG_PATH_MAX][32])
{
	size_t n = json_array_size(list), len = 0;

	for (size_t i = 0; i < n && i < TLOG_PATH_MAX; i++)
		if (!from_hex(json_array_get(list, i), path[i], 32, &len) ||
		    len != 32)
			return (TLOG_PATH_MAX + 1);
	return (n);
}

static void
see_roots(struct tally *t, const struct tree *tree)
{
	struct tlog_frontier f;
	uint8_t root[32];
	char what[64];

	tlog_frontier_init(&f);
	for (size_t n = 0; n <= LEAVES; n++) {
		(void)snprintf(what, sizeof(what), "root of %zu leaves", n);
		tlog_frontier_root(&f, root);
		selftest_see(t, digest_eq(root, tree->root[n]), what);
		if (n < LEAVES)
			(void)tlog_frontier_add(&f, tree->leaf[n], NULL);
	}
}

static void
see_inclusion(struct tally *t, const struct tree *tree, const json_t *row)
{
	uint8_t path[TLOG_PATH_MAX + 1][32] = { { 0 } };
	uint64_t index = selftest_number(row, "index"),
		 size = selftest_number(row, "size");
	size_t n = read_path(json_object_get(row, "path"), path);
	const uint8_t (*p)[32] = (const uint8_t(*)[32])path;
	char what[64];

	(void)snprintf(what, sizeof(what), "leaf %u of %u", (unsigned)index,
	    (unsigned)size);
	if (index >= LEAVES || size > LEAVES || n > TLOG_PATH_MAX) {
		selftest_see(t, false, what);
		return;
	}
	selftest_see(t, tlog_check_inclusion(index, size, tree->leaf[index],
	    p, n, tree->root[size]) == ERR_OK, what);
	/* Each of these is another statement, and must not hold. */
	selftest_see(t, tlog_check_inclusion(index, size, tree->leaf[index],
	    p, n + 1, tree->root[size]) != ERR_OK, what);
	selftest_see(t, tlog_check_inclusion(index, size,
	    tree->leaf[(index + 1) % LEAVES], p, n, tree->root[size]) !=
	    ERR_OK, what);
	selftest_see(t, tlog_check_inclusion(size, size, tree->leaf[index],
	    p, n, tree->root[size]) != ERR_OK, what);
	selftest_see(t, n == 0 || tlog_check_inclusion(index, size,
	    tree->leaf[index], p, n - 1, tree->root[size]) != ERR_OK, what);
}

static void
see_consistency(struct tally *t, const struct tree *tree, const json_t *row)
{
	uint8_t path[TLOG_PATH_MAX + 1][32] = { { 0 } };
	uint64_t from = selftest_number(row, "from"),
		 to = selftest_number(row, "to");
	size_t n = read_path(json_object_get(row, "proof"), path);
	const uint8_t (*p)[32] = (const uint8_t(*)[32])path;
	char what[64];

	(void)snprintf(what, sizeof(what), "from %u to %u", (unsigned)from,
	    (unsigned)to);
	if (from > LEAVES || to > LEAVES || n > TLOG_PATH_MAX) {
		selftest_see(t, false, what);
		return;
	}
	selftest_see(t, tlog_check_consistency(from, to, tree->root[from],
	    tree->root[to], p, n) == ERR_OK, what);
	selftest_see(t, tlog_check_consistency(from, to, tree->root[from],
	    tree->root[to], p, n + 1) != ERR_OK, what);
	selftest_see(t, tlog_check_consistency(from, to, tree->root[from],
	    tree->root[(to + 1) % LEAVES], p, n) != ERR_OK, what);
}

void
selftest_merkle(struct tally *t, const json_t *o)
{
	struct tree tree;
	const json_t *row;
	size_t i;

	read_tree(o, &tree);
	see_roots(t, &tree);
	json_array_foreach(json_object_get(o, "inclusion"), i, row)
		see_inclusion(t, &tree, row);
	json_array_foreach(json_object_get(o, "consistency"), i, row)
		see_consistency(t, &tree, row);
}

/* --- notes ----------------------------------------------------------------------- */

void
selftest_notes(struct tally *t, const json_t *o)
{
	const json_t *good = json_object_get(o, "checkpoint"), *row;
	struct note_checkpoint c = { .size = 0 };
	struct note_key log;
	uint8_t root[32];
	size_t i;

	if (note_key_parse(selftest_text(good, "vkey"), &log) != ERR_OK) {
		selftest_see(t, false, "vkey");
		return;
	}
	(void)selftest_hex(good, "root", root, sizeof(root));
	selftest_see(t, note_check(slice_str(selftest_text(good, "note")),
	    &log, &c) == ERR_OK && c.size == selftest_number(good, "size") &&
	    digest_eq(c.root, root), "checkpoint");
	json_array_foreach(json_object_get(o, "bad_notes"), i, row)
		selftest_see(t, note_check(slice_str(selftest_text(row,
		    "note")), &log, &c) != ERR_OK, selftest_text(row, "why"));
}

/* --- witnesses -------------------------------------------------------------------- */

static void
see_proof(struct tally *t, const json_t *o, const struct note_key *log)
{
	const char *text = selftest_text(o, "text");
	struct note_checkpoint c;
	uint8_t raw[64], hash[32];
	uint64_t index = 0;

	digest_leaf(selftest_hex(o, "leaf", raw, sizeof(raw)), hash);
	selftest_see(t, proof_check(slice_str(text), hash, log, &index, &c) ==
	    ERR_OK && index == selftest_number(o, "index"), "tlog-proof");
	hash[0] ^= 1;
	selftest_see(t, proof_check(slice_str(text), hash, log, &index, &c) !=
	    ERR_OK, "tlog-proof of another leaf");
}

static void
see_request(struct tally *t, const json_t *o, const struct note_key *log)
{
	const char *text = selftest_text(o, "text");
	struct note_checkpoint c;
	struct request r;
	uint8_t root[32];

	(void)selftest_hex(o, "root", root, sizeof(root));
	selftest_see(t, request_parse(slice_str(text), &r) == ERR_OK &&
	    r.old == selftest_number(o, "old") &&
	    note_check(r.note, log, &c) == ERR_OK &&
	    tlog_check_consistency(r.old, c.size, root, c.root,
		(const uint8_t(*)[32])r.proof, r.n) == ERR_OK,
	    "add-checkpoint");
}

void
selftest_witness(struct tally *t, const json_t *o)
{
	const json_t *two = json_object_get(o, "two_keys"), *row;
	struct note_key log, witness, new;
	struct note_checkpoint c;
	uint64_t at = 0;
	size_t i;

	if (note_key_parse(selftest_text(o, "vkey"), &log) != ERR_OK ||
	    note_key_parse(selftest_text(o, "witness"), &witness) != ERR_OK ||
	    note_key_parse(selftest_text(two, "new"), &new) != ERR_OK) {
		selftest_see(t, false, "vkey");
		return;
	}
	selftest_see(t, note_check_cosignature(slice_str(selftest_text(o,
	    "cosigned")), &witness, &at) == ERR_OK &&
	    at == selftest_number(o, "time"), "cosignature/v1");
	json_array_foreach(json_object_get(o, "bad"), i, row)
		selftest_see(t, note_check_cosignature(slice_str(
		    selftest_text(row, "note")), &witness, &at) != ERR_OK,
		    selftest_text(row, "why"));
	selftest_see(t, note_check(slice_str(selftest_text(two, "note")),
	    &log, &c) == ERR_OK && note_check(slice_str(selftest_text(two,
	    "note")), &new, &c) == ERR_OK, "two keys of a log");
	see_proof(t, json_object_get(o, "proof"), &log);
	see_request(t, json_object_get(o, "request"), &log);
}
