/*
 * replay -- make the whole state again from the log, deciding everything once
 * more on the way, and compare both with what the broker has.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/commands.h"
#include "audit/fetch.h"
#include "audit/pool.h"
#include "audit/progress.h"
#include "audit/redecide.h"
#include "audit/report.h"
#include "core/decide.h"
#include "core/erased.h"
#include "core/record.h"
#include "core/view.h"
#include "trust/leaf.h"

/* Records between two waits for the disk. */
#define BATCH 5000

/* How often to begin again when whole records are erased meanwhile. */
#define RUNS_MAX 5

/* The largest record, unpacked. */
#define ARENA ((size_t)32 << 20)

struct replay {
	const struct args *a;
	struct findings *f;
	struct store *log;
	struct store *made; /* in a folder that has no name any more */
	struct txn *from; /* of the log */
	struct txn *to;	  /* of what is made; NULL between two batches */
	struct redecide *again;
	struct erased *gone; /* whole records, as the leaves say ... */
	uint64_t known;	     /* ... of so many */
	bool has_gaps;	     /* some are gone before the one at hand */
	struct arena *arena;
	struct progress bar;
	uint64_t size;
	uint64_t same;
	uint64_t given;
	uint64_t other_engine;
	uint64_t not_decided;
	uint64_t erased;
	bool is_held;  /* the log must be seen as it was at one moment */
	bool is_stuck; /* a record could not be applied: nothing follows */
	bool is_moving; /* whole records went each time it was tried */
};

/* --- a store of our own ------------------------------------------------------------------ */

static void
remove_files(const char *dir)
{
	static const char *const names[] = { "vault.keys", "broker.lock",
		"ballast" };
	char path[4200];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path); /* not all of them were made */
	}
	(void)rmdir(dir);
}

/*
 * What is made here is as private as the log.  The files lose their names as
 * soon as they are open, so that nothing stays behind however this ends.
 */
static MUST_CHECK enum err
open_made(struct replay *r)
{
	const char *tmp = getenv("TMPDIR");
	char dir[4096];
	struct store_config c = { .path = dir,
		.origin = store_origin(r->log), .scratch = true };
	enum err err;

	(void)snprintf(dir, sizeof(dir), "%s/keten-audit-XXXXXX",
	    tmp == NULL || tmp[0] == '\0' ? "/tmp" : tmp);
	if (mkdtemp(dir) == NULL) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", dir,
		    strerror(errno));
		return (ERR_IO);
	}
	err = store_open(&c, &r->made);
	remove_files(dir);
	return (err);
}

/* --- one record ----------------------------------------------------------------------------- */

static MUST_CHECK enum err
decide_again(struct replay *r, struct fetched *f)
{
	enum redecide_result result = REDECIDE_NOT;
	char why[REDECIDE_WHY];
	enum err err = redecide_record(r->again, r->to, r->from, f, &result,
	    why);

	if (err != ERR_OK)
		return (err);
	switch (result) {
	case REDECIDE_SAME:
		r->same++;
		break;
	case REDECIDE_GIVEN:
		r->same++;
		r->given++;
		break;
	case REDECIDE_OTHER:
		/* What it was decided on is not all there any more. */
		if (r->has_gaps) {
			r->not_decided++;
			break;
		}
		findings_add(r->f, VERDICT_DECIDED, f->index, "%s", why);
		break;
	case REDECIDE_ENGINE:
		r->other_engine++;
		break;
	case REDECIDE_NOT:
		r->not_decided++;
		break;
	case REDECIDE_MALFORMED:
		findings_add(r->f, VERDICT_MALFORMED, f->index,
		    "wat ondertekend is, is niet te lezen: %s", why);
		break;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
apply(struct replay *r, const struct fetched *f)
{
	const struct record *rec = &f->rec;
	struct view_in in = { .index = f->index,
		.time_ms = rec->leaf.time_ms, .pair = rec->pair,
		.owner = rec->has_owner ? &rec->owner : NULL,
		.facts = f->facts, .route = f->route,
		.envelope = rec->envelope, .has_gaps = r->has_gaps,
		.log = r->from };

	memcpy(in.leaf_hash, rec->leaf_hash, 32);
	return (view_apply(r->to, &in));
}

/* Of an erased record only the number of its pair counts. */
static MUST_CHECK enum err
skip_erased(struct replay *r, uint64_t index)
{
	struct store_counters *c = store_counters(r->to);
	uint32_t pair;
	enum err err = record_pair(r->from, index, &pair);

	if (err != ERR_OK)
		return (err);
	if (pair != RECORD_NO_PAIR && pair >= c->next_pair)
		c->next_pair = pair + 1;
	c->applied = index + 1;
	r->erased++;
	return (ERR_OK);
}

/* The replay cannot go on from here. */
static MUST_CHECK enum err
stuck(struct replay *r, enum verdict verdict, uint64_t index,
    const char *text)
{
	findings_add(r->f, verdict, index, "%s", text);
	r->is_stuck = true;
	return (ERR_OK);
}

static MUST_CHECK enum err
take_record(struct replay *r, struct fetched *f)
{
	enum err err;

	if (!f->is_whole)
		return (stuck(r, VERDICT_HASH, f->index,
		    "het record is niet wat het blad heeft vastgelegd"));
	err = decide_again(r, f);
	if (f->facts_err == ERR_CORRUPT)
		return (stuck(r, VERDICT_MALFORMED, f->index,
		    "de feiten zijn niet te lezen"));
	if (err == ERR_OK)
		err = apply(r, f);
	if (err == ERR_CORRUPT)
		return (stuck(r, VERDICT_DECIDED, f->index,
		    "de feiten volgen niet uit wat er was"));
	if (err == ERR_OK)
		err = redecide_applied(r->again, f);
	if (err == ERR_CORRUPT)
		return (stuck(r, VERDICT_MALFORMED, f->index,
		    "dit beleid of certificaat is niet te lezen"));
	return (err);
}

static MUST_CHECK enum err
take_one(struct replay *r, struct fetched *f)
{
	if (f->is_erased)
		return (skip_erased(r, f->index));
	r->has_gaps = f->index < erased_until(r->gone);
	redecide_gaps(r->again, r->has_gaps);
	if (f->err == ERR_OK)
		return (take_record(r, f));
	if (f->err == ERR_CONTENT_GONE)
		return (skip_erased(r, f->index));
	if (f->err == ERR_NOT_FOUND)
		return (stuck(r, VERDICT_MISSING, f->index,
		    "het record ontbreekt"));
	if (f->err == ERR_CORRUPT)
		return (stuck(r, VERDICT_HASH, f->index,
		    "het record is niet te lezen: de bytes zijn veranderd"));
	return (f->err);
}

/* --- many -------------------------------------------------------------------------------------- */

/* The records since the last batch are in the store, if they all could be. */
static MUST_CHECK enum err
end_batch(struct replay *r, enum err err)
{
	if (r->to == NULL)
		return (err);
	if (err == ERR_OK && !r->is_stuck)
		return (store_commit(&r->to));
	store_abort(&r->to);
	return (err);
}

/* Called in the order of the records. */
static MUST_CHECK enum err
take(void *cookie, struct fetched *f)
{
	struct replay *r = cookie;
	enum err err = ERR_OK;

	if (!r->is_held && store_is_stale(r->from))
		err = store_renew(r->from);
	if (err == ERR_OK && r->to == NULL)
		err = store_begin(r->made, &r->to);
	if (err == ERR_OK)
		err = take_one(r, f);
	if (err == ERR_OK && !r->is_stuck)
		r->size = f->index + 1;
	progress_at(&r->bar, f->index + 1);
	if (r->is_stuck)
		return (ERR_NOT_FOUND); /* there is nothing more to take */
	return (r->size % BATCH == 0 ? end_batch(r, err) : err);
}

/* All of the log so far, by all cores: one takes what the others fetch. */
static MUST_CHECK enum err
take_until(struct replay *r, uint64_t until)
{
	size_t cores = pool_cores(r->a->threads);
	struct fetch_job job = { .log = r->log, .gone = r->gone,
		.from = r->size, .until = until,
		.threads = cores > 1 ? cores - 1 : 1, .cookie = r,
		.take = take };

	enum err err = fetch_all(&job);

	return (end_batch(r, r->is_stuck ? ERR_OK : err));
}

/* What was added meanwhile, as ${r->from} sees it. */
static MUST_CHECK enum err
take_rest(struct replay *r)
{
	uint64_t until = store_size(r->from);
	enum err err = ERR_OK;

	for (uint64_t i = r->size; i < until && err == ERR_OK; i++) {
		struct fetched f;

		arena_reset(r->arena);
		err = fetch_record(r->from, r->gone, i, r->arena, &f);
		if (err == ERR_OK)
			err = take(r, &f);
	}
	return (end_batch(r, r->is_stuck ? ERR_OK : err));
}

/* Everything that was made is in the tables. */
static MUST_CHECK enum err
settle(struct replay *r)
{
	enum err err = store_begin(r->made, &r->to);

	if (err == ERR_OK)
		err = view_settle(r->to);
	return (end_batch(r, err));
}

/* Say in which row the two differ. */
static void
say_difference(struct replay *r, const struct view_difference *d)
{
	char key[2 * 24 + 1];
	size_t n = d->key_len < 24 ? d->key_len : 24;

	hex_encode(d->key, n, key);
	findings_add(r->f, VERDICT_HASH, FINDING_NOWHERE,
	    "tabel %s is niet wat er uit het logboek volgt: rij %s %s",
	    store_table_name(d->table), key,
	    d->only_a ? "hoort er niet"
		      : d->only_b ? "ontbreekt" : "is anders");
}

/* Nobody's place may be left standing long after it ended. */
static MUST_CHECK enum err
look_for_undone(struct replay *r, struct txn *made)
{
	struct org who = { "" };
	uint64_t n = 0;
	enum err err;

	if (r->has_gaps)
		return (ERR_OK);
	err = redecide_undone(r->again, made, r->from, &who, &n);
	if (err == ERR_OK && n > 0)
		findings_add(r->f, VERDICT_DECIDED, FINDING_NOWHERE,
		    "%llu plaatsen van wie niet meer meedoet zijn niet "
		    "overgegaan, de eerste van %s", (unsigned long long)n,
		    who.id);
	return (err);
}

/*
 * The state must be compared with a log that does not grow meanwhile: go on to
 * the very record that one transaction sees, and compare within that.
 */
static MUST_CHECK enum err
compare(struct replay *r)
{
	struct view_difference d;
	struct txn *made = NULL;
	enum err err = store_renew(r->from);

	r->is_held = true;
	if (err == ERR_OK)
		err = take_rest(r);
	if (err != ERR_OK || r->is_stuck)
		return (err);
	err = settle(r);
	if (err == ERR_OK)
		err = store_read(r->made, &made);
	if (err != ERR_OK)
		return (err);
	err = view_compare(r->from, made, &d);
	if (err == ERR_DIGEST) {
		say_difference(r, &d);
		err = ERR_OK;
	}
	if (err == ERR_OK)
		err = look_for_undone(r, made);
	store_done(&made);
	return (err);
}

/* --- a log of which records go meanwhile --------------------------------------------------------- */

/* From the beginning: everything but the log itself. */
static MUST_CHECK enum err
begin(struct replay *r)
{
	const struct args *a = r->a;
	struct store *log = r->log;

	store_done(&r->from);
	store_close(r->made);
	arena_free(r->arena);
	redecide_free(r->again);
	erased_free(r->gone);
	findings_free(r->f);
	*r = (struct replay){ .a = a, .log = log };
	r->f = findings_new();
	r->again = redecide_new();
	r->arena = arena_new(ARENA);
	if (r->f == NULL || r->again == NULL || r->arena == NULL)
		return (ERR_NOMEM);
	return (open_made(r));
}

/*
 * Store whether the broker began to erase whole records while they were gone
 * through: what was found then may only be that they went.
 */
static MUST_CHECK enum err
has_moved(struct replay *r, bool *moved)
{
	enum err err = store_renew(r->from);

	*moved = false;
	for (uint64_t i = r->known; err == ERR_OK && i < store_size(r->from);
	     i++) {
		struct slice bytes;
		struct leaf leaf;

		err = store_leaf(r->from, i, &bytes);
		if (err == ERR_OK && leaf_decode(bytes, &leaf) == ERR_OK &&
		    leaf.kind == LEAF_ERASE && leaf.clear.len > 0 &&
		    leaf.clear.p[0] == 2)
			*moved = true;
	}
	return (err);
}

static MUST_CHECK enum err
run(struct replay *r)
{
	uint64_t until;
	enum err err = begin(r);

	if (err == ERR_OK)
		err = store_read(r->log, &r->from);
	if (err != ERR_OK)
		return (err);
	until = r->known = store_size(r->from);
	if (r->a->until < until)
		until = r->a->until;
	err = erased_load(r->from, &r->gone);
	progress_start(&r->bar, "opnieuw beslist", until);
	if (err == ERR_OK)
		err = take_until(r, until);
	progress_stop(&r->bar);
	if (err == ERR_OK && !r->is_stuck && r->a->until == UINT64_MAX)
		err = compare(r);
	return (err);
}

/* Erasing whole records is rare: it will not happen so often in a row. */
static MUST_CHECK enum err
run_on_live(struct replay *r)
{
	bool moved = true;
	enum err err = ERR_OK;

	for (int i = 0; i < RUNS_MAX && moved && err == ERR_OK; i++) {
		err = run(r);
		if (err == ERR_OK)
			err = has_moved(r, &moved);
	}
	r->is_moving = moved;
	return (err);
}

/* --- the end -------------------------------------------------------------------------------------- */

static int
tell(struct replay *r)
{
	struct report rep = { .command = "replay",
		.origin = store_origin(r->log), .path = store_path(r->log),
		.size = r->size, .trust = &r->a->root, .f = r->f };
	enum verdict best = VERDICT_UNWITNESSED;

	report_done(&rep, "applied", r->size,
	    "records opnieuw toegepast");
	report_done(&rep, "decided", r->same,
	    "records opnieuw beslist, met dezelfde uitkomst");
	if (r->given > 0)
		report_done(&rep, "given", r->given,
		    "daarvan gegeven een weigering om wat niet in het "
		    "logboek staat");
	if (r->erased > 0) {
		best = VERDICT_ERASURES;
		report_done(&rep, "erased", r->erased, "gewiste records");
	}
	if (r->not_decided > 0)
		report_done(&rep, "not_decided", r->not_decided,
		    "records van een soort die niet beslist wordt");
	if (r->other_engine > 0) {
		report_done(&rep, "other_engine", r->other_engine,
		    "records onder regels van een andere versie");
		report_not(&rep, "beslissingen van een versie van de regels "
				 "die dit programma niet kent");
	}
	if (r->is_moving)
		report_not(&rep, "of een verschil echt is: er werden steeds "
				 "hele records gewist; draai dit later weer");
	if (r->is_stuck)
		report_not(&rep, "alles na het record waar het naspelen "
				 "ophield");
	if (r->a->until != UINT64_MAX)
		report_not(&rep, "de afgeleide tabellen: met --until is er "
				 "niets om ze mee te vergelijken");
	report_not(&rep, "handtekeningen, boom en controlepunten: dat doet "
			 "keten-audit verify");
	report_not(&rep, "of wie als niet verbonden genoteerd staat, dat ook "
			 "was; voor de beslissing maakt het niet uit");
	report_not(&rep, "welke termijnen een herstart had moeten verschuiven "
			 "en niet noemde");
	return (report_print(&rep, verdict_worse(best, findings_worst(r->f)),
	    r->a->json));
}

int
command_replay(const struct args *a)
{
	struct replay r = { .a = a };
	int code = (int)VERDICT_USAGE;
	enum err err;

	if (command_open(a, &r.log) != ERR_OK)
		return (code);
	err = run_on_live(&r);
	store_done(&r.from);
	code = err == ERR_OK ? tell(&r) : command_trouble(err);
	store_close(r.made);
	arena_free(r.arena);
	redecide_free(r.again);
	erased_free(r.gone);
	findings_free(r.f);
	store_close(r.log);
	return (code);
}
