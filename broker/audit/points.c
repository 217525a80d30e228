/*
 * points -- every checkpoint there is, compared with the tree.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/points.h"
#include "audit/progress.h"
#include "audit/quorum.h"
#include "base/file.h"
#include "core/guard.h"
#include "trust/digest.h"
#include "trust/note.h"

struct checking {
	struct txn *txn;
	const struct tree *tree;
	struct logkeys *keys;
	struct findings *f;
	struct points *p;
	struct quorum quorum;
	uint64_t good; /* largest size that fits */
	uint64_t bad;  /* smallest one that does not; 0: none */
};

/* --- one note ----------------------------------------------------------------------- */

static enum verdict
verdict_of(enum err err)
{
	switch ((int)err) {
	case ERR_BAD_ORIGIN:
	case ERR_BAD_SIGNATURE:
	case ERR_KEY_NOT_VALID:
		return (VERDICT_SIGNATURE);
	default:
		return (VERDICT_MALFORMED);
	}
}

static const char *
trouble_of(enum err err)
{
	switch ((int)err) {
	case ERR_BAD_ORIGIN:
		return ("is van een ander logboek");
	case ERR_BAD_SIGNATURE:
		return ("heeft een handtekening die niet klopt");
	case ERR_KEY_NOT_VALID:
		return ("is niet getekend met de sleutel van het logboek die toen gold");
	default:
		return ("is geen geldig controlepunt");
	}
}

/* A size and a root that somebody vouches for: are they this tree's? */
static bool
compare(struct checking *c, uint64_t size, const uint8_t root[32],
    const char *what)
{
	uint64_t have = store_size(c->txn);

	if (size > have) {
		findings_add(c->f, VERDICT_MISSING, have,
		    "%s: er waren %" PRIu64 " records, er zijn er nog %"
		    PRIu64, what, size, have);
		return (false);
	}
	if (size > tree_size(c->tree))
		return (true); /* came while we were reading */
	if (tree_has_root(c->tree, c->txn, size, root)) {
		if (size > c->good)
			c->good = size;
		return (true);
	}
	if (c->bad == 0 || size < c->bad)
		c->bad = size;
	findings_add(c->f, VERDICT_FORK,
	    size == 0 ? FINDING_NOWHERE : size - 1,
	    "%s over %" PRIu64 " records is van een andere boom", what, size);
	return (false);
}

static void
check_note(struct checking *c, struct slice bytes, const char *what,
    uint64_t expected)
{
	struct note_checkpoint is;
	/* Those in the store come in order of size. */
	enum err err = expected != 0 ? logkeys_published(c->keys, bytes, &is)
				     : logkeys_check(c->keys, bytes, &is);

	if (err != ERR_OK) {
		findings_add(c->f, verdict_of(err), FINDING_NOWHERE,
		    "%s %s", what, trouble_of(err));
		return;
	}
	if (expected != 0 && is.size != expected) {
		findings_add(c->f, VERDICT_MALFORMED, FINDING_NOWHERE,
		    "%s staat onder %" PRIu64 " maar gaat over %" PRIu64
		    " records", what, expected, is.size);
		return;
	}
	if (!compare(c, is.size, is.root, what))
		return;
	quorum_add(&c->quorum, quorum_mask(&c->quorum, bytes), is.size);
}

/* --- those in the store ------------------------------------------------------------------ */

static MUST_CHECK enum err
check_published(struct checking *c)
{
	struct slice key, value;
	struct progress bar;
	uint8_t from[8] = { 0 };
	enum err err = ERR_OK;

	progress_start(&bar, "controlepunten",
	    store_count(c->txn, TABLE_CHECKPOINT));
	for (;;) {
		if (store_is_stale(c->txn))
			err = store_renew(c->txn);
		if (err == ERR_OK)
			err = store_seek(c->txn, TABLE_CHECKPOINT,
			    slice_of(from, sizeof(from)), &key, &value);
		if (err != ERR_OK)
			break;
		if (key.len != 8 || be64_get(key.p) == UINT64_MAX) {
			findings_add(c->f, VERDICT_MALFORMED,
			    FINDING_NOWHERE,
			    "in de tabel met controlepunten staat iets "
			    "anders");
			break;
		}
		check_note(c, value, "een gepubliceerd controlepunt",
		    be64_get(key.p));
		progress_at(&bar, ++c->p->n);
		be64_put(from, be64_get(key.p) + 1);
	}
	progress_stop(&bar);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* --- those from outside -------------------------------------------------------------------- */

static MUST_CHECK enum err
check_file(struct checking *c, const char *path)
{
	uint8_t *data;
	size_t len;
	enum err err = file_read(path, NOTE_MAX, &data, &len);

	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", path,
		    err_text(err));
		return (err);
	}
	check_note(c, slice_of(data, len), path, 0);
	c->p->n_outside++;
	free(data);
	return (ERR_OK);
}

static enum err
check_cosigned(void *cookie, const char *path)
{
	return (check_file(cookie, path));
}

static MUST_CHECK enum err
check_cosignatures(struct checking *c, const char *dir)
{
	enum err err = quorum_files(dir, check_cosigned, c);

	if (err == ERR_NOT_FOUND || err == ERR_IO)
		(void)fprintf(stderr, "keten-audit: %s: %s\n", dir,
		    err_text(err));
	return (err);
}

static MUST_CHECK enum err
check_guard(struct checking *c, const char *path)
{
	struct guard g;
	enum err err = guard_read(path, &g);

	if (err == ERR_CORRUPT) {
		findings_add(c->f, VERDICT_MALFORMED, FINDING_NOWHERE,
		    "het bewaakte controlepunt is niet te lezen");
		return (ERR_OK);
	}
	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", path,
		    err_text(err));
		return (err);
	}
	if (strcmp(g.origin, store_origin(store_of(c->txn))) != 0) {
		findings_add(c->f, VERDICT_SIGNATURE, FINDING_NOWHERE,
		    "het bewaakte controlepunt is van een ander logboek");
		return (ERR_OK);
	}
	(void)compare(c, g.size, g.root, "het bewaakte controlepunt");
	return (ERR_OK);
}

/* Say between which two records the histories part. */
static void
narrow_down(const struct checking *c)
{
	if (c->bad == 0)
		return;
	if (c->good >= c->bad) {
		findings_add(c->f, VERDICT_FORK, c->bad - 1,
		    "er zijn twee geschiedenissen ondertekend: deze, en een "
		    "die bij %" PRIu64 " niet meer dezelfde is", c->bad);
		return;
	}
	findings_add(c->f, VERDICT_FORK, c->good,
	    "tot en met %" PRIu64 " records is het logboek zoals het "
	    "ondertekend is; bij %" PRIu64 " niet meer", c->good, c->bad);
}

enum err
points_check(struct txn *txn, const struct tree *tree, struct logkeys *keys,
    const struct args *a, struct findings *f, struct points *p)
{
	struct checking c = { .txn = txn, .tree = tree, .keys = keys, .f = f,
		.p = p };
	enum err err;

	memset(p, 0, sizeof(*p));
	quorum_init(&c.quorum, &a->root);
	err = check_published(&c);
	if (err == ERR_OK)
		p->newest = c.good;
	for (size_t i = 0; i < a->n_checkpoints && err == ERR_OK; i++)
		err = check_file(&c, a->checkpoints[i]);
	if (err == ERR_OK && a->cosignatures != NULL)
		err = check_cosignatures(&c, a->cosignatures);
	if (err == ERR_OK && a->guard != NULL)
		err = check_guard(&c, a->guard);
	narrow_down(&c);
	p->witnessed = quorum_size(&c.quorum);
	p->n_witnesses = quorum_witnesses(&c.quorum);
	p->n_cosignatures = c.quorum.n;
	return (err);
}
