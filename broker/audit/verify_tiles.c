/*
 * verify_tiles -- what can be seen of a log from its export in tiles: every
 * leaf, every hash, the tree, and who signed it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/commands.h"
#include "audit/progress.h"
#include "audit/quorum.h"
#include "audit/report.h"
#include "audit/tiles.h"
#include "base/file.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/note.h"

#define LEVELS 8

/* A checkpoint whose signature is good; is its tree this one? */
struct point {
	uint64_t size;
	uint8_t root[32];
	char what[200];
	uint32_t witnesses; /* who signed it too */
};

/* One tile of hashes, while its leaves go by. */
struct row {
	bool is_there;
	uint8_t hash[TILES_WIDTH][32];
};

struct check {
	const struct args *a;
	struct tiles *t;
	struct findings *f;
	struct quorum quorum;
	uint64_t size;
	struct slice entry[TILES_WIDTH];
	bool has_entries;
	struct row rows[LEVELS];
	struct tlog_frontier leaves; /* made of the leaves */
	struct tlog_frontier hashes; /* made of the tiles of level 0 */
	int64_t last_ms;
	uint64_t n_tiles;
	uint64_t kinds[LEAF_ANCHOR + 1];
	size_t n_points;
	struct point *points; /* in order of size */
	size_t at; /* the next of them */
};

/* --- checkpoints ---------------------------------------------------------------- */

static enum verdict
verdict_of(enum err err)
{
	return (err == ERR_BAD_ORIGIN || err == ERR_BAD_SIGNATURE ||
		err == ERR_KEY_NOT_VALID ? VERDICT_SIGNATURE
					 : VERDICT_MALFORMED);
}

static MUST_CHECK enum err
add_point(struct check *c, const struct note_checkpoint *is,
    struct slice note, const char *what)
{
	struct point *more = realloc(c->points,
	    (c->n_points + 1) * sizeof(*more));

	if (more == NULL)
		return (ERR_NOMEM);
	c->points = more;
	more += c->n_points++;
	memset(more, 0, sizeof(*more));
	more->size = is->size;
	memcpy(more->root, is->root, 32);
	(void)snprintf(more->what, sizeof(more->what), "%s", what);
	more->witnesses = quorum_mask(&c->quorum, note);
	return (ERR_OK);
}

/*
 * Take a checkpoint that is to be compared on the way.  One of a log that has
 * grown since says nothing about this export, unless it should be in it.
 */
static MUST_CHECK enum err
take_note(struct check *c, struct slice note, const char *what, bool must)
{
	struct note_checkpoint is;
	enum err err = root_note_check(&c->a->root, note, &is);

	if (err != ERR_OK) {
		findings_add(c->f, verdict_of(err), FINDING_NOWHERE,
		    "%s: %s", what, err_text(err));
		return (ERR_OK);
	}
	if (is.size <= c->size)
		return (add_point(c, &is, note, what));
	if (must)
		findings_add(c->f, VERDICT_MISSING, c->size,
		    "%s: er waren %" PRIu64 " records, de export heeft er %"
		    PRIu64, what, is.size, c->size);
	return (ERR_OK);
}

static MUST_CHECK enum err
take_file(struct check *c, const char *path, bool must)
{
	uint8_t *data;
	size_t len;
	enum err err = file_read(path, NOTE_MAX, &data, &len);

	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", path,
		    err_text(err));
		return (err);
	}
	err = take_note(c, slice_of(data, len), path, must);
	free(data);
	return (err);
}

static enum err
take_cosigned(void *cookie, const char *path)
{
	return (take_file(cookie, path, false));
}

static int
by_size(const void *a, const void *b)
{
	struct point x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x.size < y.size ? -1 : x.size > y.size);
}

static MUST_CHECK enum err
take_points(struct check *c)
{
	enum err err = take_note(c, tiles_note(c->t),
	    "het controlepunt van de export", true);

	for (size_t i = 0; i < c->a->n_checkpoints && err == ERR_OK; i++)
		err = take_file(c, c->a->checkpoints[i], true);
	if (err == ERR_OK && c->a->cosignatures != NULL)
		err = quorum_files(c->a->cosignatures, take_cosigned, c);
	if (c->n_points > 0)
		qsort(c->points, c->n_points, sizeof(*c->points), by_size);
	return (err);
}

/* The leaves have come to some size: compare the checkpoints of that size. */
static void
compare_points(struct check *c)
{
	for (; c->at < c->n_points && c->points[c->at].size == c->leaves.size;
	     c->at++) {
		struct point *p = &c->points[c->at];
		uint8_t a[32], b[32];

		tlog_frontier_root(&c->leaves, a);
		tlog_frontier_root(&c->hashes, b);
		if (digest_eq(a, p->root) || digest_eq(b, p->root))
			quorum_add(&c->quorum, p->witnesses, p->size);
		else
			findings_add(c->f, VERDICT_FORK,
			    p->size == 0 ? FINDING_NOWHERE : p->size - 1,
			    "%s over %" PRIu64 " records is van een andere "
			    "boom", p->what, p->size);
	}
}

/* --- tiles ---------------------------------------------------------------------------- */

/* Say once that a tile is not as it should be. */
static MUST_CHECK enum err
no_tile(struct check *c, enum err err, const char *level, uint64_t n)
{
	if (err != ERR_NOT_FOUND && err != ERR_MALFORMED)
		return (err);
	findings_add(c->f,
	    err == ERR_NOT_FOUND ? VERDICT_MISSING : VERDICT_MALFORMED,
	    FINDING_NOWHERE, "tegel %s/%" PRIu64 " %s", level, n,
	    err == ERR_NOT_FOUND ? "ontbreekt"
				 : "heeft niet de lengte die erbij hoort");
	return (ERR_OK);
}

static MUST_CHECK enum err
read_row(struct check *c, unsigned int level, uint64_t n)
{
	char name[16];
	enum err err = tiles_hashes(c->t, level, n, c->rows[level].hash);

	c->rows[level].is_there = err == ERR_OK;
	c->n_tiles++;
	(void)snprintf(name, sizeof(name), "%u", level);
	return (err == ERR_OK ? ERR_OK : no_tile(c, err, name, n));
}

/* The leaves from here on: the next tile of them, and of their hashes. */
static MUST_CHECK enum err
next_tile(struct check *c, uint64_t n)
{
	enum err err = read_row(c, 0, n);

	if (err != ERR_OK)
		return (err);
	err = tiles_entries(c->t, n, c->entry);
	c->has_entries = err == ERR_OK;
	c->n_tiles++;
	return (err == ERR_OK ? ERR_OK : no_tile(c, err, "entries", n));
}

/* --- leaves --------------------------------------------------------------------------- */

static void
check_leaf(struct check *c, uint64_t index, struct slice bytes)
{
	struct leaf leaf;

	if (leaf_decode(bytes, &leaf) != ERR_OK ||
	    leaf.kind == LEAF_ANCHOR) {
		findings_add(c->f, VERDICT_MALFORMED, index,
		    "dit blad is geen geldig blad");
		return;
	}
	c->kinds[leaf.kind]++;
	if (leaf.time_ms < c->last_ms)
		findings_add(c->f, VERDICT_GAP, index,
		    "de tijd loopt terug");
	c->last_ms = leaf.time_ms;
}

/* Compare a hash that this leaf completes with the tile it stands in. */
static MUST_CHECK enum err
check_node(struct check *c, unsigned int level, uint64_t index,
    const uint8_t hash[32])
{
	uint64_t n = index >> (8 * level);
	struct row *row = &c->rows[level];
	enum err err = ERR_OK;

	if (n % TILES_WIDTH == 0)
		err = read_row(c, level, n / TILES_WIDTH);
	if (err == ERR_OK && row->is_there &&
	    !digest_eq(row->hash[n % TILES_WIDTH], hash))
		findings_add(c->f, VERDICT_HASH, index,
		    "in tegel %u/%" PRIu64 " past hash %" PRIu64
		    " niet bij wat eronder staat", level, n / TILES_WIDTH,
		    n % TILES_WIDTH);
	return (err);
}

static MUST_CHECK enum err
check_one(struct check *c, uint64_t index)
{
	size_t at = (size_t)(index % TILES_WIDTH), n;
	uint8_t hash[32], made[TLOG_NEW_MAX][32];
	const uint8_t *stored = c->rows[0].hash[at];
	enum err err = at == 0 ? next_tile(c, index / TILES_WIDTH) : ERR_OK;

	if (err != ERR_OK)
		return (err);
	if (c->has_entries)
		digest_leaf(c->entry[at], hash);
	else
		memcpy(hash, stored, 32);
	if (c->has_entries && c->rows[0].is_there && !digest_eq(hash, stored))
		findings_add(c->f, VERDICT_HASH, index,
		    "het blad past niet bij zijn hash in de tegel");
	else if (c->has_entries)
		check_leaf(c, index, c->entry[at]);
	(void)tlog_frontier_add(&c->hashes,
	    c->rows[0].is_there ? stored : hash, NULL);
	n = tlog_frontier_add(&c->leaves, hash, made);
	for (unsigned int level = 1; level < LEVELS && 8 * level < n &&
	     err == ERR_OK; level++)
		err = check_node(c, level, index, made[8 * level]);
	compare_points(c);
	return (err);
}

static MUST_CHECK enum err
check_all(struct check *c)
{
	struct progress bar;
	enum err err = take_points(c);

	tlog_frontier_init(&c->leaves);
	tlog_frontier_init(&c->hashes);
	compare_points(c);
	progress_start(&bar, "bladen", c->size);
	for (uint64_t i = 0; i < c->size && err == ERR_OK; i++) {
		err = check_one(c, i);
		progress_at(&bar, i);
	}
	progress_stop(&bar);
	return (err);
}

/* --- telling ------------------------------------------------------------------------------ */

static int
tell(struct check *c)
{
	uint8_t root[32];
	struct report r = { .command = "verify",
		.origin = c->a->root.origin, .path = c->a->tiles,
		.size = c->size, .root = root, .trust = &c->a->root,
		.f = c->f };

	tlog_frontier_root(&c->leaves, root);
	report_done(&r, "leaves", c->size, "bladen");
	report_done(&r, "tiles", c->n_tiles, "tegels");
	report_done(&r, "checkpoints", c->n_points, "controlepunten");
	report_done(&r, "commands", c->kinds[LEAF_COMMAND],
	    "bladen van een verklaring");
	report_done(&r, "erasures", c->kinds[LEAF_ERASE],
	    "bladen van een wissing");
	if (c->a->root.n_witnesses > 0)
		report_done(&r, "witnessed", quorum_size(&c->quorum),
		    "records door genoeg getuigen gezien");
	report_not(&r, "wat er achter de bladen staat: verklaringen, feiten, "
		       "inhoud; die staan niet in deze export");
	report_not(&r, "handtekeningen van partners, reeksen, beslissingen: "
		       "dat doet verify op het logboek zelf");
	report_not(&r, "records na het controlepunt van de export");
	if (c->a->root.n_witnesses == 0)
		report_not(&r, "getuigen: u noemde er geen");
	return (report_print(&r, quorum_verdict(&c->a->root,
	    quorum_size(&c->quorum), c->kinds[LEAF_ERASE] > 0,
	    findings_worst(c->f)), c->a->json));
}

int
command_verify_tiles(const struct args *a)
{
	struct check *c = calloc(1, sizeof(*c));
	int code = (int)VERDICT_USAGE;
	enum err err = ERR_NOMEM;

	if (c == NULL)
		return (command_trouble(ERR_NOMEM));
	c->a = a;
	c->f = findings_new();
	quorum_init(&c->quorum, &a->root);
	if (c->f != NULL)
		err = tiles_open(a->tiles, &c->t);
	if (err == ERR_MALFORMED) {
		findings_add(c->f, VERDICT_MALFORMED, FINDING_NOWHERE,
		    "het controlepunt van de export is niet te lezen");
		err = ERR_OK;
	} else if (err == ERR_OK) {
		c->size = tiles_size(c->t);
		err = check_all(c);
	}
	code = err == ERR_OK ? tell(c) : command_trouble(err);
	tiles_close(c->t);
	free(c->points);
	findings_free(c->f);
	free(c);
	return (code);
}
