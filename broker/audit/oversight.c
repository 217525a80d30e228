/*
 * oversight -- a regisseur's reports, made again from the log.
 *
 * The same cells by the same code as the broker's, counted from the records.
 * Where the month was published, the two are compared: what differs is a
 * finding.  What was erased since cannot be counted again; then the published
 * cells are what there is, and their digest says that they are those.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/progress.h"
#include "core/openlist.h"
#include "core/sheet.h"
#include "core/survey.h"
#include "trust/leaf.h"

/* A month of 64,000 cells, unpacked, twice, and up to three of them. */
#define ARENA ((size_t)128 << 20)

struct oversight {
	const struct args *a;
	struct store *st;
	struct txn *txn;
	struct arena *arena;
	struct policy *policy; /* in force now: says who oversees what */
	struct period period;
	struct sheet_ask ask;
	bool is_open; /* the live list instead */
	int64_t now_ms; /* of the last record */
	const Keten__V1__ReportFacts *months[PERIOD_MONTHS];
	struct progress bar;
	enum verdict worst;
};

/* --- one month ------------------------------------------------------------- */

static bool
show_progress(void *cookie, uint64_t done, uint64_t of)
{
	struct oversight *o = cookie;

	o->bar.of = of;
	progress_at(&o->bar, done);
	return (true);
}

static void
found(struct oversight *o, enum verdict v, uint32_t month, const char *text)
{
	o->worst = verdict_worse(o->worst, v);
	(void)fprintf(stderr, "keten-audit: %04" PRIu32 "-%02" PRIu32 ": %s\n",
	    month / 100, month % 100, text);
}

/* What was published of it, beside what follows from the records. */
static void
compare(struct oversight *o, uint32_t month,
    const Keten__V1__ReportFacts *published,
    const Keten__V1__ReportFacts *counted)
{
	if (survey_same(published, counted))
		return;
	/* Where anything is gone, nobody can say what it was. */
	if (counted->unread > 0)
		found(o, VERDICT_ERASURES, month, "records van deze maand zijn "
		    "gewist; het rapport is niet opnieuw te tellen. Dit is wat "
		    "er gepubliceerd is, en de samenvatting (SHA-256) klopt");
	else
		found(o, VERDICT_DECIDED, month, "het gepubliceerde rapport "
		    "volgt niet uit de records");
}

static MUST_CHECK enum err
count(struct oversight *o, uint32_t month, Keten__V1__ReportFacts **counted)
{
	const struct survey_progress progress = { show_progress, o };
	enum err err;

	progress_start(&o->bar, "records geteld", 0);
	err = survey_month(o->txn, month, &progress, o->arena, counted);
	progress_stop(&o->bar);
	return (err);
}

static MUST_CHECK enum err
take_month(struct oversight *o, size_t i)
{
	uint32_t month = o->period.months[i];
	Keten__V1__ReportFacts *published = NULL, *counted = NULL;
	enum err found_err = survey_published(o->txn, month, o->arena,
	    &published);
	enum err err;

	if (found_err != ERR_OK && found_err != ERR_NOT_FOUND &&
	    found_err != ERR_DIGEST)
		return (found_err);
	if ((err = count(o, month, &counted)) != ERR_OK)
		return (err);
	if (found_err == ERR_DIGEST)
		found(o, VERDICT_HASH, month, "het gepubliceerde rapport is "
		    "niet dat van zijn samenvatting (SHA-256)");
	if (published != NULL)
		compare(o, month, published, counted);
	else
		(void)fprintf(stderr, "keten-audit: %s is nog niet "
		    "gepubliceerd: zo zou het rapport er uitzien.\n",
		    counted->period);
	o->months[i] = published != NULL ? published : counted;
	return (ERR_OK);
}

/* --- what is asked for --------------------------------------------------------- */

static enum err
usage(const char *text)
{
	(void)fprintf(stderr, "keten-audit: %s\n", text);
	return (ERR_CONFIG);
}

static MUST_CHECK enum err
read_ask(struct oversight *o)
{
	const struct args *a = o->a;
	const char *what = a->n_targets > 0 ? a->targets[0] : "figures";
	const char *format = a->json ? "json" : a->format == NULL ? "text"
								  : a->format;

	o->ask.what = sheet_what(what);
	o->ask.format = sheet_format(format);
	o->ask.period = &o->period;
	o->ask.months = o->months;
	o->ask.origin = store_origin(o->st);
	o->ask.policy = o->policy;
	o->is_open = strcmp(what, "open") == 0;
	if ((o->ask.what == 0 && !o->is_open) || a->n_targets > 2)
		return (usage("report open, of report figures|gaps [2026-10 "
			      "of 2026-Q4]"));
	if (o->ask.format == 0)
		return (usage("--format is text, json of csv"));
	if (a->partner != NULL) {
		o->ask.who = org_of(a->partner);
		if (!policy_oversees_any(o->policy, &o->ask.who))
			return (usage("deze partner heeft geen toezicht in het "
				      "beleid"));
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
read_now(struct oversight *o)
{
	struct slice bytes;
	struct leaf leaf;
	enum err err;

	/* There is a policy, so there are records. */
	if ((err = store_leaf(o->txn, store_size(o->txn) - 1, &bytes)) !=
	    ERR_OK || (err = leaf_decode(bytes, &leaf)) != ERR_OK)
		return (err);
	o->now_ms = leaf.time_ms;
	return (ERR_OK);
}

/* The period, which must be over by the time of the last record. */
static MUST_CHECK enum err
read_period(struct oversight *o)
{
	if (o->a->n_targets < 2)
		period_last(o->now_ms, &o->period);
	else if (!period_parse(o->a->targets[1], &o->period))
		return (usage("de periode is een maand (2026-10) of een "
			      "kwartaal (2026-Q4)"));
	if (!period_is_over(&o->period, o->now_ms))
		return (usage("het logboek reikt niet tot na die periode: er "
			      "kan nog iets bij komen"));
	return (ERR_OK);
}

/* Who oversees what, stands in the policy that is in force now. */
static MUST_CHECK enum err
read_policy(struct oversight *o)
{
	enum err err = survey_policy(o->txn, UINT64_MAX, &o->policy);

	return (err == ERR_NOT_FOUND ?
	    usage("er staat nog geen beleid in het logboek") : err);
}

/* --- all of it --------------------------------------------------------------------- */

static MUST_CHECK enum err
write_figures(struct oversight *o, char **text, size_t *len)
{
	enum err err = read_period(o);

	for (size_t i = 0; err == ERR_OK && i < o->period.n; i++)
		err = take_month(o, i);
	return (err == ERR_OK ? sheet_write(&o->ask, text, len) : err);
}

/* As the broker's own tables have it; replay compares those with the log. */
static MUST_CHECK enum err
write_open(struct oversight *o, char **text, size_t *len)
{
	const struct survey_progress progress = { show_progress, o };
	const struct openlist_ask ask = { .who = o->ask.who,
		.now_ms = o->now_ms, .format = o->ask.format };
	enum err err;

	progress_start(&o->bar, "verwijzingen gelezen", 0);
	err = openlist_write(o->txn, &ask, &progress, text, len);
	progress_stop(&o->bar);
	return (err);
}

static MUST_CHECK enum err
run(struct oversight *o)
{
	char *text = NULL;
	size_t len = 0;
	enum err err;

	if ((err = store_read(o->st, &o->txn)) != ERR_OK ||
	    (err = read_policy(o)) != ERR_OK ||
	    (err = read_ask(o)) != ERR_OK || (err = read_now(o)) != ERR_OK)
		return (err);
	err = o->is_open ? write_open(o, &text, &len)
			 : write_figures(o, &text, &len);
	if (err == ERR_OK && fwrite(text, 1, len, stdout) != len)
		err = ERR_IO;
	free(text);
	return (err);
}

int
command_report(const struct args *a)
{
	struct oversight o = { .a = a, .worst = VERDICT_WITNESSED };
	int code = (int)VERDICT_USAGE;
	enum err err;

	if (command_open(a, &o.st) != ERR_OK)
		return (code);
	o.arena = arena_new(ARENA);
	err = o.arena == NULL ? ERR_NOMEM : run(&o);
	if (err == ERR_OK)
		code = (int)o.worst;
	else if (err != ERR_CONFIG)
		code = command_trouble(err);
	store_done(&o.txn);
	policy_free(o.policy);
	arena_free(o.arena);
	store_close(o.st);
	return (code);
}
