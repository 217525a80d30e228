/*
 * sample -- some records, drawn so that another auditor with the same word
 * draws the same, each examined as verify does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/examine.h"
#include "audit/findings.h"
#include "audit/history.h"
#include "audit/telling.h"
#include "audit/tree.h"
#include "base/noun.h"
#include "trust/digest.h"

#define ARENA ((size_t)16 << 20)
#define NUMBER 50

struct sample {
	const struct args *a;
	struct store *st;
	struct txn *txn;
	struct findings *f;
	struct tree *tree;
	struct history *h;
	struct arena *keep;
	struct examine x;
	struct examiner *e;
	size_t n_all; /* records to draw from */
	size_t cap_all;
	uint64_t *all;
	size_t n;
};

/* --- drawing --------------------------------------------------------------------- */

/* Is record ${index} of the kind that was asked for? */
static bool
is_wanted(struct sample *s, uint64_t index)
{
	struct slice bytes;
	struct leaf leaf;

	return (s->a->n_targets == 0 ||
	    (store_leaf(s->txn, index, &bytes) == ERR_OK &&
		leaf_decode(bytes, &leaf) == ERR_OK &&
		strcmp(leaf_kind_name(leaf.kind), s->a->targets[0]) == 0));
}

static MUST_CHECK enum err
collect(struct sample *s, uint64_t until)
{
	enum err err = ERR_OK;

	for (uint64_t i = 0; i < until && err == ERR_OK; i++) {
		if (store_is_stale(s->txn))
			err = store_renew(s->txn);
		if (err != ERR_OK || !is_wanted(s, i))
			continue;
		if (s->n_all == s->cap_all) {
			size_t cap = s->cap_all == 0 ? 1024 : 2 * s->cap_all;
			uint64_t *more = realloc(s->all, cap * sizeof(*more));

			if (more == NULL)
				return (ERR_NOMEM);
			s->all = more;
			s->cap_all = cap;
		}
		s->all[s->n_all++] = i;
	}
	return (err);
}

/* A number below ${below} that follows from the word and the turn. */
static uint64_t
draw(const char *seed, uint64_t turn, uint64_t below)
{
	uint8_t be[8], hash[32];
	const struct slice s[] = { slice_of("keten1/sample", 14),
		slice_str(seed), slice_of("", 1), slice_of(be, 8) };

	be64_put(be, turn);
	digest_slices(s, sizeof(s) / sizeof(s[0]), hash);
	return (be64_get(hash) % below);
}

static int
compare(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x < y ? -1 : x > y);
}

/* Shuffle as many to the front as are wanted, and put those in order. */
static void
choose(struct sample *s)
{
	size_t want = s->a->number == 0 ? NUMBER : (size_t)s->a->number;

	s->n = want < s->n_all ? want : s->n_all;
	for (size_t i = 0; i < s->n; i++) {
		size_t k = i + (size_t)draw(s->a->seed, i, s->n_all - i);
		uint64_t was = s->all[i];

		s->all[i] = s->all[k];
		s->all[k] = was;
	}
	if (s->n > 0)
		qsort(s->all, s->n, sizeof(*s->all), compare);
}

/* --- looking ------------------------------------------------------------------------ */

static void
print(const struct sample *s, uint64_t index, const struct telling *t,
    bool good)
{
	char when[CAL_TEXT], iso[TELLING_ISO], *text;
	json_t *o;

	if (!s->a->json) {
		(void)printf("%8" PRIu64 "  %s  %-4s %s%s%s\n", index,
		    t == NULL ? "" : cal_text(t->time_ms, when),
		    good ? "goed" : "FOUT",
		    t == NULL ? "niet te lezen" : t->partner,
		    t == NULL || t->partner[0] == '\0' ? "" : ": ",
		    t == NULL ? "" : t->what);
		return;
	}
	o = json_pack("{s:I,s:b}", "index", (json_int_t)index, "good", good);
	if (t != NULL)
		(void)json_object_update_new(o, json_pack("{s:s,s:s,s:s,s:s}",
		    "time", telling_iso(t->time_ms, iso), "partner",
		    t->partner, "event", t->event, "what", t->what));
	text = json_dumps(o, JSON_COMPACT);
	if (text != NULL)
		(void)printf("%s\n", text);
	free(text);
	json_decref(o);
}

static MUST_CHECK enum err
look(struct sample *s, uint64_t index)
{
	uint64_t before = findings_total(s->f);
	struct examined one;
	struct record rec;
	struct telling t;
	enum err err;

	arena_reset(s->keep);
	err = examine_record(s->e, index, s->keep, &one);
	if (err != ERR_OK)
		return (err);
	examine_stop(s->e);
	err = store_read(s->st, &s->txn);
	if (err == ERR_OK)
		err = record_read(s->txn, index, s->keep, &rec);
	if (err == ERR_OK)
		err = telling_of(&rec, s->keep, &t);
	store_done(&s->txn);
	print(s, index, err == ERR_OK ? &t : NULL,
	    findings_total(s->f) == before);
	return (err == ERR_STORE || err == ERR_NOMEM || err == ERR_IO
		? err : ERR_OK);
}

static void
print_end(const struct sample *s, uint64_t until)
{
	for (size_t i = 0; i < findings_kept(s->f); i++) {
		const struct finding *one = findings_nth(s->f, i);

		(void)fprintf(stderr, "keten-audit: [%d] record %" PRIu64
				      ": %s\n", (int)one->verdict, one->index,
		    one->text);
	}
	(void)fprintf(stderr,
	    "%zu van %zu %s, getrokken met --seed %s --until %" PRIu64
	    ".\nDe rest is niet nagekeken, en ook bij deze niet de volgorde "
	    "van nummers, versies\nen bezorgingen: dat doet keten-audit "
	    "verify.\n", s->n, s->n_all, noun_for(s->n_all, "record",
	    "records"), s->a->seed, until);
}

static MUST_CHECK enum err
run(struct sample *s)
{
	uint64_t until = store_size(s->txn);
	enum err err;

	if (s->a->until < until)
		until = s->a->until;
	err = tree_check(s->txn, store_size(s->txn), s->f, &s->tree);
	if (err == ERR_OK)
		err = history_read(s->txn, s->tree, &s->a->root, s->f, &s->h);
	if (err == ERR_OK)
		err = collect(s, until);
	if (err != ERR_OK)
		return (err);
	choose(s);
	s->x = (struct examine){ s->st, s->tree, s->h, s->f };
	s->e = examine_new(&s->x);
	if (s->e == NULL)
		return (ERR_NOMEM);
	/* A thread has one transaction at a time: the examiner's, or ours. */
	store_done(&s->txn);
	for (size_t i = 0; i < s->n && err == ERR_OK; i++)
		err = look(s, s->all[i]);
	print_end(s, until);
	return (err);
}

static bool
is_asked_well(const struct args *a)
{
	if (a->seed != NULL && a->n_targets <= 1 && a->root.has_introducer)
		return (true);
	(void)fprintf(stderr, "keten-audit: sample -n 50 --seed WOORD "
			      "[COMMAND|REFUSED|...], met --introducer of "
			      "--trust\n");
	return (false);
}

int
command_sample(const struct args *a)
{
	struct sample s = { .a = a };
	enum err err = ERR_NOMEM;
	int code;

	if (!is_asked_well(a))
		return ((int)VERDICT_USAGE);
	s.f = findings_new();
	s.keep = arena_new(ARENA);
	if (s.f != NULL && s.keep != NULL)
		err = command_open(a, &s.st);
	if (err == ERR_OK)
		err = store_read(s.st, &s.txn);
	if (err == ERR_OK)
		err = run(&s);
	code = err == ERR_OK ? (int)findings_worst(s.f) : (int)VERDICT_USAGE;
	examine_free(s.e);
	history_free(s.h);
	tree_free(s.tree);
	store_done(&s.txn);
	store_close(s.st);
	arena_free(s.keep);
	findings_free(s.f);
	free(s.all);
	return (code);
}
