/*
 * verify -- the whole log, every byte of it, by all cores.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/chains.h"
#include "audit/erasures.h"
#include "audit/commands.h"
#include "audit/examine.h"
#include "audit/history.h"
#include "audit/points.h"
#include "audit/pool.h"
#include "audit/progress.h"
#include "audit/quorum.h"
#include "audit/report.h"
#include "audit/tree.h"

/* Records that a worker takes at a time, and room for them unpacked. */
#define BATCH 64
#define BATCH_ARENA ((size_t)16 << 20)

struct batch {
	uint64_t from;
	size_t n;
	struct arena *keep;
	struct examined one[BATCH];
	enum err err;
};

struct verify {
	const struct args *a;
	struct store *store;
	struct findings *f;
	struct tree *tree;
	struct history *history;
	struct logkeys *logkeys;
	struct chains *chains;
	struct points points;
	uint64_t size;
	uint64_t next; /* record to fill the next batch from */
	struct progress bar;
	struct examine examine;
	struct examiner *examiner[POOL_WORKERS_MAX];
	struct erasures *erasures;
	struct erasures_count erased;
	uint64_t signatures;
	uint64_t unchecked;
	uint64_t suspect;
	uint64_t content_bytes;
	enum err err;
};

/* --- the records -------------------------------------------------------------------- */

static bool
fill(void *cookie, void *slot)
{
	struct verify *v = cookie;
	struct batch *b = slot;

	if (v->err != ERR_OK || v->next >= v->size)
		return (false);
	b->from = v->next;
	b->n = v->size - v->next < BATCH ? (size_t)(v->size - v->next)
					 : BATCH;
	v->next += b->n;
	return (true);
}

static void
work(void *cookie, size_t worker, void *slot)
{
	struct verify *v = cookie;
	struct batch *b = slot;

	b->err = ERR_OK;
	for (size_t i = 0; i < b->n && b->err == ERR_OK; i++)
		b->err = examine_record(v->examiner[worker], b->from + i,
		    b->keep, &b->one[i]);
}

/* Its transaction belongs to the thread that began it. */
static void
stop(void *cookie, size_t worker)
{
	struct verify *v = cookie;

	examine_stop(v->examiner[worker]);
}

static MUST_CHECK enum err
take(struct verify *v, const struct examined *one)
{
	enum err err = chains_take(v->chains, one);

	v->signatures += one->n_signatures;
	v->unchecked += one->n_unchecked;
	v->suspect += one->n_suspect;
	v->content_bytes += one->content_bytes;
	return (err == ERR_OK ? erasures_take(v->erasures, one) : err);
}

static void
drain(void *cookie, void *slot)
{
	struct verify *v = cookie;
	struct batch *b = slot;

	if (v->err == ERR_OK)
		v->err = b->err;
	for (size_t i = 0; i < b->n && v->err == ERR_OK; i++)
		v->err = take(v, &b->one[i]);
	arena_reset(b->keep);
	progress_at(&v->bar, b->from + b->n);
}

static MUST_CHECK enum err
run_pool(struct verify *v, size_t workers)
{
	void *slots[2 * POOL_WORKERS_MAX + 2] = { 0 };
	struct pool_job job = { .workers = workers,
		.n_slots = 2 * workers + 2, .slots = slots, .cookie = v,
		.fill = fill, .work = work, .stop = stop, .drain = drain };
	enum err err = ERR_OK;

	for (size_t i = 0; i < job.n_slots && err == ERR_OK; i++) {
		struct batch *b = calloc(1, sizeof(*b));

		slots[i] = b;
		if (b == NULL || (b->keep = arena_new(BATCH_ARENA)) == NULL)
			err = ERR_NOMEM;
	}
	if (err == ERR_OK)
		err = pool_run(&job);
	for (size_t i = 0; i < job.n_slots; i++) {
		struct batch *b = slots[i];

		if (b != NULL)
			arena_free(b->keep);
		free(b);
	}
	return (err);
}

static MUST_CHECK enum err
check_records(struct verify *v)
{
	size_t workers = pool_cores(v->a->threads);
	enum err err = ERR_OK;

	v->examine = (struct examine){ v->store, v->tree, v->history, v->f };
	v->chains = chains_new(v->f);
	v->erasures = erasures_new(v->tree, v->history, v->f);
	if (v->chains == NULL || v->erasures == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < workers && err == ERR_OK; i++) {
		v->examiner[i] = examine_new(&v->examine);
		if (v->examiner[i] == NULL)
			err = ERR_NOMEM;
	}
	progress_start(&v->bar, "records", v->size);
	if (err == ERR_OK)
		err = run_pool(v, workers);
	progress_stop(&v->bar);
	for (size_t i = 0; i < workers; i++)
		examine_free(v->examiner[i]);
	return (err != ERR_OK ? err : v->err);
}

/* --- all of it --------------------------------------------------------------------------- */

static MUST_CHECK enum err
check_points(struct verify *v, struct txn *txn)
{
	v->logkeys = logkeys_new(&v->a->root, v->history, v->f);
	if (v->logkeys == NULL)
		return (ERR_NOMEM);
	return (points_check(txn, v->tree, v->logkeys, v->a, v->f,
	    &v->points));
}

static MUST_CHECK enum err
check_all(struct verify *v, struct txn *txn)
{
	enum err err;

	v->size = store_size(txn);
	err = tree_check(txn, v->size, v->f, &v->tree);
	if (err == ERR_OK)
		err = store_renew(txn);
	if (err == ERR_OK)
		err = history_read(txn, v->tree, &v->a->root, v->f,
		    &v->history);
	if (err == ERR_OK)
		err = check_records(v);
	if (err == ERR_OK)
		err = store_renew(txn);
	if (err == ERR_OK)
		err = check_points(v, txn);
	if (err == ERR_OK)
		err = erasures_check(v->erasures, txn);
	if (err == ERR_OK)
		erasures_count(v->erasures, &v->erased);
	return (err);
}

static void
say_done(const struct verify *v, struct report *r)
{
	struct chains_count n;

	chains_count(v->chains, &n);
	report_done(r, "leaves", v->size, "bladen en hun knopen in de boom");
	report_done(r, "signatures", v->signatures,
	    "handtekeningen met een sleutel die toen geldig was");
	if (v->suspect > 0)
		report_done(r, "suspect", v->suspect,
		    "daarvan met een sleutel die toen verdacht was: kijk "
		    "ernaar");
	report_done(r, "policies", history_n_policies(v->history),
	    "beleidsdocumenten");
	if (logkeys_changes(v->logkeys) > 0)
		report_done(r, "log_keys", logkeys_changes(v->logkeys),
		    "keer een andere sleutel van het logboek, door beide "
		    "getekend");
	report_done(r, "keys", history_n_keys(v->history), "certificaten");
	report_done(r, "referrals", n.referrals,
	    "verwijzingen, versie voor versie");
	report_done(r, "statements", n.statements,
	    "genummerde verklaringen op volgorde");
	report_done(r, "deliveries", n.deliveries, "bezorgingen");
	report_done(r, "acks", n.acks - n.acks_unchecked,
	    "bevestigingen tegen wat bezorgd is");
	report_done(r, "content_bytes", v->content_bytes,
	    "bytes verzegelde inhoud tegen wat ondertekend is");
	report_done(r, "checkpoints", v->points.n + v->points.n_outside,
	    "controlepunten");
	report_done(r, "checkpoint_size", v->points.newest,
	    "records onder het nieuwste gepubliceerde controlepunt");
	if (v->a->root.n_witnesses > 0) {
		report_done(r, "cosignatures", v->points.n_cosignatures,
		    "handtekeningen van getuigen");
		report_done(r, "quorum", v->points.n_witnesses,
		    "getuigen zagen iets van dit logboek");
		report_done(r, "witnessed", v->points.witnessed,
		    "records door genoeg getuigen gezien");
	}
	if (v->erased.gone > 0 || v->erased.judged > 0) {
		report_done(r, "erased", v->erased.gone,
		    "keer rechtmatig gewist");
		report_done(r, "erasures", v->erased.judged,
		    "wissingen: of ze mochten");
		report_done(r, "unconfirmed", v->erased.waiting,
		    "postbussen die een wissing nog niet bevestigden");
	}
	if (v->unchecked > 0)
		report_not(r, "handtekeningen waarvan het certificaat of het "
			      "beleid niet te lezen is");
	if (n.acks_unchecked > 0)
		report_not(r, "enkele ontvangstbevestigingen na een record "
			      "dat niet te lezen is");
}

static void
say_not(const struct verify *v, struct report *r)
{
	report_not(r, "wat er in de verzegelde delen staat: dat kan alleen de "
		      "ontvanger zien");
	report_not(r, "of de beslissingen volgen uit de regels: dat doet "
		      "keten-audit replay");
	report_not(r, "de tabellen die uit het logboek zijn afgeleid: dat "
		      "doet keten-audit replay");
	report_not(r, "wie buiten de makelaar om bij de bestanden kan: wie de "
		      "machine beheert, kan ze lezen");
	report_not(r, "de klok van de makelaar: de volgorde staat vast, de "
		      "tijd is wat hij zei");
	if (v->points.newest < v->size)
		report_not(r, "de laatste records zijn nog niet door een "
			      "gepubliceerd controlepunt gedekt");
	if (v->erased.gone > 0)
		report_not(r, "wat er in gewiste records stond: daarvan zijn "
			      "soort, tijd en plaats in de boom over");
	if (v->erased.again > 0)
		report_not(r, "of mocht wat na het terugzetten van een "
			      "reservekopie opnieuw gewist is: dat stond in "
			      "de records die verloren zijn");
	if (v->erased.going > 0)
		report_not(r, "of weg is wat op dit moment gewist wordt");
	if (v->a->root.n_witnesses == 0)
		report_not(r, "getuigen: u noemde er geen");
	if (v->a->guard == NULL)
		report_not(r, "het bewaakte controlepunt (--guard)");
}

static int
tell(struct verify *v)
{
	struct report r = { .command = "verify",
		.origin = store_origin(v->store),
		.path = store_path(v->store), .size = v->size,
		.root = tree_root(v->tree), .trust = &v->a->root, .f = v->f };

	say_done(v, &r);
	say_not(v, &r);
	return (report_print(&r, quorum_verdict(&v->a->root,
	    v->points.witnessed, v->erased.gone > 0,
	    findings_worst(v->f)), v->a->json));
}

/* The keys must come from outside, or there is nothing to verify with. */
static bool
has_trust(const struct args *a)
{
	if (a->root.has_log && (a->root.has_introducer || a->tiles != NULL))
		return (true);
	(void)fprintf(stderr,
	    "keten-audit: verify heeft de sleutel van het logboek (--vkey) en "
	    "van beheer (--introducer) nodig, of --trust BESTAND.\n"
	    "Vraag ze aan beheer of aan een partner, niet aan de makelaar "
	    "die u nakijkt.\n");
	return (false);
}

int
command_verify(const struct args *a)
{
	struct verify *v;
	struct txn *txn = NULL;
	int code = (int)VERDICT_USAGE;
	enum err err = ERR_NOMEM;

	if (!has_trust(a))
		return (code);
	if (a->tiles != NULL)
		return (command_verify_tiles(a));
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return (command_trouble(ERR_NOMEM));
	v->a = a;
	v->f = findings_new();
	if (v->f == NULL || command_open(a, &v->store) != ERR_OK)
		goto out;
	err = store_read(v->store, &txn);
	if (err == ERR_OK)
		err = check_all(v, txn);
	store_done(&txn);
	code = err == ERR_OK ? tell(v) : command_trouble(err);
out:
	chains_free(v->chains);
	erasures_free(v->erasures);
	logkeys_free(v->logkeys);
	history_free(v->history);
	tree_free(v->tree);
	store_close(v->store);
	findings_free(v->f);
	free(v);
	return (code);
}
