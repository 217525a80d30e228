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
#define POINTS_MAX (ARGS_CHECKPOINTS_MAX + 1)

/* A checkpoint whose signature is good; is its tree this one? */
struct point {
	uint64_t size;
	uint8_t root[32];
	char what[200];
	bool fits;
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
	struct point points[POINTS_MAX];
};

/* --- checkpoints ---------------------------------------------------------------- */

static enum verdict
verdict_of(enum err err)
{
	return (err == ERR_BAD_ORIGIN || err == ERR_BAD_SIGNATURE ||
		err == ERR_KEY_NOT_VALID ? VERDICT_SIGNATURE
					 : VERDICT_MALFORMED);
}

/* Take a checkpoint that is to be compared on the way. */
static MUST_CHECK enum err
take_note(struct check *c, struct slice note, const char *what)
{
	struct note_checkpoint is;
	struct point *p = &c->points[c->n_points];
	enum err err = note_check(note, &c->a->root.log, &is);

	if (err != ERR_OK) {
		findings_add(c->f, verdict_of(err), FINDING_NOWHERE,
		    "%s: %s", what, err_text(err));
		return (ERR_OK);
	}
	if (is.size > c->size) {
		findings_add(c->f, VERDICT_MISSING, c->size,
		    "%s: er waren %" PRIu64 " records, de export heeft er %"
		    PRIu64, what, is.size, c->size);
		return (ERR_OK);
	}
	p->size = is.size;
	memcpy(p->root, is.root, 32);
	(void)snprintf(p->what, sizeof(p->what), "%s", what);
	c->n_points++;
	return (quorum_add(&c->quorum, note, is.size));
}

static MUST_CHECK enum err
take_file(struct check *c, const char *path)
{
	uint8_t *data;
	size_t len;
	enum err err = file_read(path, NOTE_MAX, &data, &len);

	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", path,
		    err_text(err));
		return (err);
	}
	err = take_note(c, slice_of(data, len), path);
	free(data);
	return (err);
}

/*
 * A cosigned checkpoint.  Only those of the export's own size count here; what
 * was cosigned of other sizes is for verify on the log itself.
 */
static enum err
take_cosigned(void *cookie, const char *path)
{
	struct check *c = cookie;
	struct note_checkpoint is;
	uint8_t *data;
	size_t len;
	enum err err = file_read(path, NOTE_MAX, &data, &len);

	if (err != ERR_OK)
		return (err);
	if (note_check(slice_of(data, len), &c->a->root.log, &is) == ERR_OK &&
	    is.size == c->size) {
		if (c->n_points > 0 &&
		    !digest_eq(is.root, c->points[0].root))
			findings_add(c->f, VERDICT_FORK, FINDING_NOWHERE,
			    "%s: een getuige zag bij deze omvang een andere "
			    "boom", path);
		else
			err = quorum_add(&c->quorum, slice_of(data, len),
			    is.size);
	}
	free(data);
	return (err);
}

static MUST_CHECK enum err
take_points(struct check *c)
{
	enum err err = take_note(c, tiles_note(c->t),
	    "het controlepunt van de export");

	for (size_t i = 0; i < c->a->n_checkpoints && err == ERR_OK; i++)
		err = take_file(c, c->a->checkpoints[i]);
	if (err == ERR_OK && c->a->cosignatures != NULL)
		err = quorum_files(c->a->cosignatures, take_cosigned, c);
	return (err);
}

/* ${c->leaves} has come to some size: is that a checkpoint's? */
static void
compare_points(struct check *c)
{
	for (size_t i = 0; i < c->n_points; i++) {
		struct point *p = &c->points[i];
		uint8_t a[32], b[32];

		if (p->size != c->leaves.size)
			continue;
		tlog_frontier_root(&c->leaves, a);
		tlog_frontier_root(&c->hashes, b);
		p->fits = digest_eq(a, p->root) || digest_eq(b, p->root);
	}
}

static void
judge_points(struct check *c)
{
	for (size_t i = 0; i < c->n_points; i++)
		if (!c->points[i].fits)
			findings_add(c->f, VERDICT_FORK,
			    c->points[i].size == 0 ? FINDING_NOWHERE
						   : c->points[i].size - 1,
			    "%s over %" PRIu64 " records is van een andere "
			    "boom", c->points[i].what, c->points[i].size);
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
	if (err == ERR_OK)
		judge_points(c);
	return (err);
}

/* --- telling ------------------------------------------------------------------------------ */

static enum verdict
conclude(const struct check *c)
{
	const struct root *root = &c->a->root;
	enum verdict best = VERDICT_UNWITNESSED;

	if (root->n_witnesses > 0)
		best = c->quorum.witnessed > 0 ? VERDICT_WITNESSED
					       : VERDICT_WITNESSES;
	if (c->kinds[LEAF_ERASE] > 0)
		best = verdict_worse(best, VERDICT_ERASURES);
	return (verdict_worse(best, findings_worst(c->f)));
}

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
		report_done(&r, "witnessed", c->quorum.witnessed,
		    "records door genoeg getuigen gezien");
	report_not(&r, "wat er achter de bladen staat: verklaringen, feiten, "
		       "inhoud; die staan niet in deze export");
	report_not(&r, "handtekeningen van partners, reeksen, beslissingen: "
		       "dat doet verify op het logboek zelf");
	report_not(&r, "records na het controlepunt van de export");
	if (c->a->root.n_witnesses == 0)
		report_not(&r, "getuigen: u noemde er geen");
	return (report_print(&r, conclude(c), c->a->json));
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
	if (c->f != NULL)
		err = quorum_init(&c->quorum, &a->root);
	if (err == ERR_OK)
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
	quorum_fini(&c->quorum);
	findings_free(c->f);
	free(c);
	return (code);
}
