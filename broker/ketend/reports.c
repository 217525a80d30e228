/*
 * reports -- what a regisseur oversees, for itself and for the operator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "core/figures.h"
#include "core/sheet.h"
#include "core/survey.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/reply.h"
#include "ketend/reports.h"
#include "ketend/shelf.h"
#include "wire/pb.h"

/* A quarter of 3 x 64,000 cells, unpacked; untouched memory costs nothing. */
#define ARENA ((size_t)96 << 20)

/* A part has to fit a header frame. */
#define PART ((size_t)48 * 1024)

/* What reading months and writing a report of them costs, in questions: it
 * stops everybody else meanwhile.  Sixteen in a row, then two a second.  A
 * place in the line for the thread that reads the log costs the same. */
#define COST 500

/* Publishing takes its records in one turn; others may have used some. */
#define ROOM_MADE (TURN_MADE / 2)
#define ROOM_OUT (TURN_OUT / 4)

struct reports {
	struct counter *counter;
	struct arena *a;
	struct shelf *shelf;
};

struct reports *
reports_new(struct store *st)
{
	struct reports *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return (NULL);
	r->counter = counter_new(st);
	r->shelf = shelf_new(SHELF_BYTES);
	if (r->counter == NULL || r->shelf == NULL) {
		reports_free(r);
		r = NULL;
	}
	return (r);
}

void
reports_free(struct reports *r)
{
	if (r == NULL)
		return;
	counter_free(r->counter);
	shelf_free(r->shelf);
	arena_free(r->a);
	free(r);
}

static const char only_overseers[] =
    "alleen een regisseur met toezicht in het beleid krijgt rapporten";

static enum err
no(struct reports_answer *out, enum err err, const char *rule)
{
	out->no = err;
	out->rule = rule;
	return (ERR_OK);
}

/* A report that cannot be made is no reason to stop everything else; a disk
 * that does not answer is. */
static enum err
trouble(struct reports_answer *out, enum err err)
{
	if (err == ERR_STORE)
		return (err);
	say(SAY_TROUBLE, NULL, "a report cannot be made: %s", err_text(err));
	return (no(out, ERR_INTERNAL,
	    "dit rapport is niet te maken; laat beheer het nakijken"));
}

/* Somebody asks, in this turn. */
struct payer {
	struct broker *b;
	const struct reports_ask *ask;
};

/* Can a partner that asks itself pay for one more now?  The operator need
 * not. */
static bool
pays(void *cookie)
{
	const struct payer *p = cookie;

	return (limits_ask(p->b->limits, &p->ask->who, COST,
	    p->b->turn->mono_ms));
}

static struct counter_asker
asker_of(struct payer *p)
{
	return ((struct counter_asker){ .who = p->ask->who,
	    .mono_ms = p->b->turn->mono_ms,
	    .pays = p->ask->is_metered ? pays : NULL, .cookie = p });
}

static enum err
too_fast(struct reports_answer *out)
{
	return (no(out, ERR_TOO_FAST,
	    "te veel rapporten achter elkaar; wacht even"));
}

/* --- publishing a month --------------------------------------------------------- */

static bool
has_room(const struct turn *t)
{
	return (t->n_made < ROOM_MADE && arena_used(t->out) < ROOM_OUT);
}

static MUST_CHECK enum err
publish_month(struct broker *b, const struct reports_ask *ask,
    const Keten__V1__ReportFacts *counted)
{
	Keten__V1__ReportFacts page;
	enum err err = ERR_OK;

	for (uint32_t i = 0; i < survey_pages(counted) && err == ERR_OK;
	     i++) {
		survey_page(counted, i, &page);
		err = ledger_report(b, ask->to, counted->period,
		    "publiceren", &page);
	}
	return (err);
}

/* Count ${month}, or find that somebody did, and publish it. */
static MUST_CHECK enum err
count_month(struct broker *b, const struct reports_ask *ask, uint32_t month,
    struct reports_answer *out)
{
	const Keten__V1__ReportFacts *counted = NULL;
	struct payer payer = { b, ask };
	const struct counter_asker asker = asker_of(&payer);
	enum err err = counter_month(b->reports->counter, month, &asker,
	    &counted, &out->progress);

	if (err == ERR_BUSY || (err == ERR_OK && !has_room(b->turn))) {
		out->ready = false;
		return (ERR_OK);
	}
	if (err == ERR_TOO_FAST)
		return (too_fast(out));
	if (err == ERR_TOO_BIG)
		return (no(out, err, "deze maand heeft te veel cijfers"));
	if (err != ERR_OK)
		return (trouble(out, err));
	err = publish_month(b, ask, counted);
	if (err == ERR_OK)
		counter_spent(b->reports->counter);
	return (err);
}

/* Whoever asks while a month is counted asks often: what is cheap goes first,
 * and nothing is read that is not needed yet. */
static MUST_CHECK enum err
publish_missing(struct broker *b, const struct reports_ask *ask,
    const struct period *p, struct reports_answer *out)
{
	Keten__V1__ReportFacts *empty;
	enum err err = ERR_OK;
	uint64_t index;

	for (size_t i = 0; i < p->n && err == ERR_OK && out->no == ERR_OK &&
	     out->ready; i++) {
		err = view_report(b->turn->txn, p->months[i], &index);
		/* Of a month from before the log nothing is published. */
		if (err == ERR_NOT_FOUND)
			err = survey_published(b->turn->txn, p->months[i],
			    b->reports->a, &empty);
		if (err == ERR_NOT_FOUND)
			err = count_month(b, ask, p->months[i], out);
	}
	return (err);
}

/* The month as it was published. */
static MUST_CHECK enum err
take_month(struct broker *b, uint32_t month,
    const Keten__V1__ReportFacts **report, struct reports_answer *out)
{
	Keten__V1__ReportFacts *published = NULL;
	enum err err = survey_published(b->turn->txn, month, b->reports->a,
	    &published);

	*report = published;
	if (err == ERR_DIGEST)
		return (no(out, err, "het gepubliceerde rapport is niet meer "
		    "wat het was; laat beheer het nakijken"));
	return (err == ERR_OK ? ERR_OK : trouble(out, err));
}

/* --- giving ----------------------------------------------------------------------- */

/* Keep ${text}, which is taken over, and write down who gets it. */
static MUST_CHECK enum err
give(struct broker *b, const struct reports_ask *ask, const char *period,
    char *text, size_t len, struct reports_answer *out)
{
	struct shelf_report kept;
	Keten__V1__ReportFacts given = KETEN__V1__REPORT_FACTS__INIT;
	char what[64];

	shelf_put(b->reports->shelf, &ask->who, policy_index(b->policy), text,
	    len, &kept);
	out->ready = true;
	out->text = kept.text;
	out->len = kept.len;
	memcpy(out->sha256, kept.sha256, 32);
	given.period = pb_string(period);
	given.sha256 = pb_of(kept.sha256, 32);
	(void)snprintf(what, sizeof(what), "%s%s%s %s", ask->what,
	    period[0] == '\0' ? "" : " ", period, ask->format);
	return (ledger_report(b, ask->to, what, "report", &given));
}

static MUST_CHECK enum err
make_figures(struct broker *b, const struct reports_ask *ask,
    struct reports_answer *out)
{
	const Keten__V1__ReportFacts *months[PERIOD_MONTHS];
	struct payer payer = { b, ask };
	struct period p;
	const struct sheet_ask sheet = { .what = sheet_what(ask->what),
		.format = sheet_format(ask->format), .period = &p,
		.origin = b->set->origin, .months = months, .who = ask->who,
		.policy = b->policy };
	char *text = NULL;
	size_t len;
	enum err err = ERR_OK;

	if (ask->period[0] == '\0')
		period_last(b->turn->now_ms, &p);
	else if (!period_parse(ask->period, &p))
		return (no(out, ERR_MALFORMED, "een periode is een maand "
		    "(2026-10) of een kwartaal (2026-Q4)"));
	if (!period_is_over(&p, b->turn->now_ms))
		return (no(out, ERR_NOT_ALLOWED,
		    "cijfers zijn er pas als de maand of het kwartaal voorbij "
		    "is"));
	if (b->clock_is_off || b->is_busy)
		return (no(out, ERR_BUSY, b->clock_is_off ?
		    "de klok wordt nagekeken" : "de schijf is bijna vol"));
	out->ready = true;
	err = publish_missing(b, ask, &p, out);
	if (err == ERR_OK && out->no == ERR_OK && out->ready &&
	    ask->is_metered && !pays(&payer))
		return (too_fast(out));
	for (size_t i = 0; i < p.n && err == ERR_OK && out->no == ERR_OK &&
	     out->ready; i++)
		err = take_month(b, p.months[i], &months[i], out);
	if (err != ERR_OK || out->no != ERR_OK || !out->ready)
		return (err);
	if ((err = sheet_write(&sheet, &text, &len)) != ERR_OK)
		return (err);
	return (give(b, ask, p.text, text, len, out));
}

/* --- the live list -------------------------------------------------------------------- */

/* Who is not connected now.  A partner that takes no part is not missed. */
static size_t
find_away(struct broker *b, struct openlist_away *away)
{
	const Keten__V1__Policy *doc = policy_doc(b->policy);
	size_t n = 0;

	for (size_t i = 0; i < doc->n_partners; i++) {
		struct org who = org_of(doc->partners[i]->id);
		int64_t since = sessions_since(b->sessions, &who);

		if (since != 0 && !policy_has_ended(b->policy, &who,
		    b->turn->now_ms))
			away[n++] = (struct openlist_away){ who, since,
				keyring_has_device(b->keys, &who) };
	}
	return (n);
}

static MUST_CHECK enum err
make_open(struct broker *b, const struct reports_ask *ask,
    struct reports_answer *out)
{
	size_t n = policy_doc(b->policy)->n_partners, len = 0;
	struct openlist_away *away = calloc(n + 1, sizeof(*away));
	struct openlist_ask open = { .who = ask->who,
		.now_ms = b->turn->now_ms,
		.format = sheet_format(ask->format), .away = away };
	struct payer payer = { b, ask };
	const struct counter_asker asker = asker_of(&payer);
	char *text = NULL;
	enum err err;

	if (away == NULL)
		return (ERR_NOMEM);
	open.n_away = find_away(b, away);
	err = counter_open(b->reports->counter, &open, &asker, &text, &len,
	    &out->progress);
	free(away);
	if (err == ERR_BUSY)
		return (ERR_OK);
	if (err == ERR_TOO_FAST)
		return (too_fast(out));
	return (err != ERR_OK ? trouble(out, err) : give(b, ask, "", text,
	    len, out));
}

/**
 * reports_make(b, ask, out):
 * Make the report ${ask} in this turn, or begin to.
 */
enum err
reports_make(struct broker *b, const struct reports_ask *ask,
    struct reports_answer *out)
{
	struct reports *r = b->reports;
	bool open = strcmp(ask->what, "open") == 0;

	memset(out, 0, sizeof(*out));
	if (r->a == NULL && (r->a = arena_new(ARENA)) == NULL)
		return (ERR_NOMEM);
	arena_reset(r->a);
	if (!open && sheet_what(ask->what) == 0)
		return (no(out, ERR_MALFORMED,
		    "een rapport is open, figures of gaps"));
	if (sheet_format(ask->format) == 0)
		return (no(out, ERR_MALFORMED,
		    "een vorm is text, json of csv"));
	if (!org_is_none(&ask->who) &&
	    !policy_oversees_any(b->policy, &ask->who))
		return (no(out, ERR_NOT_ALLOWED, only_overseers));
	return (open ? make_open(b, ask, out) : make_figures(b, ask, out));
}

/* --- in a session ----------------------------------------------------------------------- */

/**
 * reports_is(m):
 * Tell whether ${m} asks for a report.
 */
bool
reports_is(const struct message *m)
{
	return (m->to != NULL &&
	    m->to->body_case == KETEN__V1__TO_BROKER__BODY_QUERY &&
	    m->to->query->body_case == KETEN__V1__QUERY__BODY_REPORT);
}

static void
late(struct message *m, enum err err, const char *rule)
{
	m->late = err;
	m->late_rule = rule;
}

/* The answer, all but its id, in the turn's memory. */
static Keten__V1__ReportAnswer *
answer_of(struct turn *t, const char *text, size_t len, size_t offset,
    const uint8_t sha256[32])
{
	Keten__V1__ReportAnswer *a = arena_zero(t->out, 1, sizeof(*a));
	size_t n = len - offset < PART ? len - offset : PART;
	struct slice digest, part;

	if (a == NULL || arena_copy(t->out, slice_of(sha256, 32), &digest) !=
	    0 || arena_copy(t->out, slice_of(text + offset, n), &part) != 0)
		return (NULL);
	keten__v1__report_answer__init(a);
	a->ready = true;
	a->total = len;
	a->offset = offset;
	a->sha256 = pb_data(digest);
	a->part = pb_data(part);
	return (a);
}

static Keten__V1__ReportAnswer *
not_yet(struct turn *t, const struct counter_progress *progress)
{
	Keten__V1__ReportAnswer *a = arena_zero(t->out, 1, sizeof(*a));

	if (a != NULL) {
		keten__v1__report_answer__init(a);
		a->done = progress->done;
		a->of = progress->of;
	}
	return (a);
}

static MUST_CHECK enum err
first_part(struct broker *b, struct message *m)
{
	const Keten__V1__ReportQuery *q = m->to->query->report;
	const struct reports_ask ask = { .what = q->what,
		.period = q->period, .format = q->format,
		.who = m->session->partner, .to = m->session->partner.id,
		.is_metered = true };
	struct reports_answer out;
	enum err err = reports_make(b, &ask, &out);

	if (err != ERR_OK)
		return (err);
	if (out.no != ERR_OK) {
		late(m, out.no, out.rule);
		return (ERR_OK);
	}
	m->report = out.ready ? answer_of(b->turn, out.text, out.len, 0,
	    out.sha256) : not_yet(b->turn, &out.progress);
	return (m->report == NULL ? ERR_NOMEM : ERR_OK);
}

/* A part of a report that was given under the policy that is in force. */
static MUST_CHECK enum err
later_part(struct broker *b, struct message *m)
{
	const Keten__V1__ReportQuery *q = m->to->query->report;
	const struct org *who = &m->session->partner;
	struct shelf_report kept;

	if (!policy_oversees_any(b->policy, who))
		late(m, ERR_NOT_ALLOWED, only_overseers);
	else if (q->sha256.len != 32 || shelf_find(b->reports->shelf, who,
	    policy_index(b->policy), q->sha256.data, &kept) != ERR_OK ||
	    q->offset > kept.len)
		late(m, ERR_BUSY, "dit rapport is er niet meer; begin opnieuw");
	else if ((m->report = answer_of(b->turn, kept.text, kept.len,
	    (size_t)q->offset, kept.sha256)) == NULL)
		return (ERR_NOMEM);
	return (ERR_OK);
}

/**
 * reports_judge(b, m):
 * Make the report, or find it.
 */
enum err
reports_judge(struct broker *b, struct message *m)
{
	m->report = NULL;
	if (b->is_draining)
		late(m, ERR_BUSY, "de makelaar stopt");
	else if (m->to->query->report->offset == 0)
		return (first_part(b, m));
	else
		return (later_part(b, m));
	return (ERR_OK);
}

/**
 * reports_answer(b, m):
 * Send it.
 */
void
reports_answer(struct broker *b, struct message *m)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Answer answer = KETEN__V1__ANSWER__INIT;
	enum err err;

	answer.id = m->to->query->id;
	answer.body_case = KETEN__V1__ANSWER__BODY_REPORT;
	answer.report = m->report;
	msg.body_case = KETEN__V1__FROM_BROKER__BODY_ANSWER;
	msg.answer = &answer;
	/* If nobody is there any more, the log says all the same that they
	 * got it. */
	err = reply_send(b, m->session, &msg, slice_of(NULL, 0));
	(void)err;
}
