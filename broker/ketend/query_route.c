/*
 * query_route -- who would be asked, in which order, and why not the others.
 */
#include <string.h>

#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/query.h"
#include "policy/route.h"
#include "wire/pb.h"

/* What a reader takes of one text, with its NUL. */
#define EXPLAIN_MAX ((size_t)8 * 1024)
/* More of those who are not asked are only counted: an answer is one frame. */
#define SKIPPED_MAX 512
#define HOURS_TEXT 160

static Keten__V1__Why *
make_why(struct arena *a, const char *partner, enum route_why why)
{
	Keten__V1__Why *w = arena_zero(a, 1, sizeof(*w));

	if (w == NULL)
		return (NULL);
	keten__v1__why__init(w);
	w->partner = arena_text(a, slice_str(partner));
	w->reason = pb_string(route_why_name(why));
	return (w->partner == NULL ? NULL : w);
}

static enum err
put_rung(struct query *q, const struct route_rung *rung,
    Keten__V1__ResolvedRung **out)
{
	struct arena *a = q->b->turn->pack;
	const struct calendar *cal = policy_calendar(q->b->policy);
	Keten__V1__ResolvedRung *r = arena_zero(a, 1, sizeof(*r));
	char *hours = arena_zero(a, 1, HOURS_TEXT);

	if (r == NULL || hours == NULL)
		return (ERR_NOMEM);
	keten__v1__resolved_rung__init(r);
	r->candidates = arena_zero(a, rung->n + 1, sizeof(*r->candidates));
	if (r->candidates == NULL)
		return (ERR_NOMEM);
	for (uint32_t i = 0; i < rung->n; i++) {
		r->candidates[i] =
		    arena_text(a, slice_str(rung->candidates[i].id));
		if (r->candidates[i] == NULL)
			return (ERR_NOMEM);
	}
	r->n_candidates = rung->n;
	r->until_ms = cal_deadline(cal, &rung->hours, q->b->turn->now_ms,
	    rung->offer);
	(void)hours_text(&rung->hours, hours, HOURS_TEXT);
	r->hours = hours;
	*out = r;
	return (ERR_OK);
}

/* Name those of the policy whose reason is NOT_ON_LADDER, or all others. */
static enum err
put_reasons(struct query *q, const enum route_why *whys, bool far,
    Keten__V1__ResolveAnswer *out)
{
	const Keten__V1__Policy *doc = policy_doc(q->b->policy);

	for (size_t i = 0; i < doc->n_partners; i++) {
		if (whys[i] == ROUTE_WHY_NONE ||
		    (whys[i] == ROUTE_WHY_NOT_ON_LADDER) != far)
			continue;
		if (out->n_skipped == SKIPPED_MAX) {
			out->skipped_more++;
			continue;
		}
		out->skipped[out->n_skipped] = make_why(q->b->turn->pack,
		    doc->partners[i]->id, whys[i]);
		if (out->skipped[out->n_skipped] == NULL)
			return (ERR_NOMEM);
		out->n_skipped++;
	}
	return (ERR_OK);
}

/* Everybody in the policy who is not on the ladder, with the reason: first
 * those for whom there is one in particular. */
static enum err
put_skipped(struct query *q, const struct route_ask *ask,
    const struct ladder *ladder, Keten__V1__ResolveAnswer *out)
{
	const Keten__V1__Policy *doc = policy_doc(q->b->policy);
	struct arena *a = q->b->turn->pack;
	enum route_why *whys = arena_zero(a, doc->n_partners + 1,
	    sizeof(*whys));
	enum err err;

	out->skipped = arena_zero(a, SKIPPED_MAX, sizeof(*out->skipped));
	if (whys == NULL || out->skipped == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < doc->n_partners; i++) {
		struct org who = org_of(doc->partners[i]->id);

		whys[i] = route_why_not(q->b->policy, ask, ladder, &who);
	}
	err = put_reasons(q, whys, false, out);
	return (err != ERR_OK ? err : put_reasons(q, whys, true, out));
}

static enum err
put_ladder(struct query *q, const struct route_ask *ask,
    const struct ladder *ladder, char *explain)
{
	struct arena *a = q->b->turn->pack;
	Keten__V1__ResolveAnswer *out = arena_zero(a, 1, sizeof(*out));
	enum err err;

	if (out == NULL)
		return (ERR_NOMEM);
	keten__v1__resolve_answer__init(out);
	out->rungs = arena_zero(a, ROUTE_RUNGS, sizeof(*out->rungs));
	if (out->rungs == NULL)
		return (ERR_NOMEM);
	for (uint32_t i = 0; i < ladder->n_rungs; i++) {
		err = put_rung(q, &ladder->rungs[i],
		    &out->rungs[out->n_rungs++]);
		if (err != ERR_OK)
			return (err);
	}
	if ((err = put_skipped(q, ask, ladder, out)) != ERR_OK)
		return (err);
	out->regisseur = arena_text(a, slice_str(ladder->regisseur.id));
	out->custodian = arena_text(a, slice_str(ladder->custodian.id));
	if (out->regisseur == NULL || out->custodian == NULL)
		return (ERR_NOMEM);
	out->early = ladder->early;
	out->explain = pb_string(explain);
	out->policy_index = policy_index(q->b->policy);
	q->answer.body_case = KETEN__V1__ANSWER__BODY_RESOLVE;
	q->answer.resolve = out;
	return (ERR_OK);
}

/* Names of ${from} as organisations, at most ${max}. */
static size_t
orgs(char **from, size_t n, struct org *to, size_t max)
{
	size_t i;

	for (i = 0; i < n && i < max; i++)
		to[i] = org_of(from[i]);
	return (i);
}

/* --- for a SUBMIT --------------------------------------------------------------- */

static enum err
resolve_submit(struct query *q, const Keten__V1__Header *h)
{
	struct arena *a = q->b->turn->pack;
	struct ladder *ladder = arena_zero(a, 1, sizeof(*ladder));
	char *text = arena_zero(a, 1, EXPLAIN_MAX);
	struct org first[ROUTE_FIRST], never[REFERRAL_NEVER_MAX];
	struct route_ask ask = {
		.from = q->s->partner, .code = h->code, .area = h->area,
		.edition = h->area_year, .urgency = (unsigned)h->urgency,
		.basis = h->basis, .discussed = (unsigned)h->discussed,
		.first = first, .never = never,
		.now_ms = q->b->turn->now_ms,
		.unreachable = q->b->look.view.unreachable,
		.checked = q->b->look.view.checked,
		.cookie = q->b->look.view.cookie,
	};
	const char *rule = NULL;
	enum err err;

	if (ladder == NULL || text == NULL)
		return (ERR_NOMEM);
	look_at(&q->b->look, q->b->turn->txn);
	ask.n_first = orgs(h->first, h->n_first, first, ROUTE_FIRST);
	ask.n_never = orgs(h->never, h->n_never, never, REFERRAL_NEVER_MAX);
	err = route_ladder(q->b->policy, &ask, ladder, &rule);
	(void)route_explain(q->b->policy, &ask, ladder, err, rule, text,
	    EXPLAIN_MAX);
	if (err != ERR_OK) {
		q->call = ladder->call;
		return (query_no(q, err, rule));
	}
	return (put_ladder(q, &ask, ladder, text));
}

/* --- for a handover --------------------------------------------------------------- */

static void
ask_of(const struct broker *b, const struct referral *r,
    const struct org *from, struct route_ask *ask)
{
	*ask = (struct route_ask){
		.from = *from, .code = r->code, .area = r->area,
		.urgency = (unsigned)r->urgency, .basis = r->basis,
		.discussed = r->discussed, .never = r->never,
		.n_never = r->n_never, .regisseur = r->r,
		.now_ms = b->turn->now_ms,
	};
}

/* Who may be named: all that route_check_one() lets through. */
static enum err
named(struct query *q, const struct referral *r, const struct route_ask *ask,
    const char *to, struct ladder *ladder)
{
	const Keten__V1__Policy *doc = policy_doc(q->b->policy);
	struct route_rung *rung = &ladder->rungs[0];
	const char *rule = NULL;
	enum err err = ERR_OK;

	ladder->regisseur = r->r;
	ladder->custodian = r->custodian;
	ladder->n_rungs = 1;
	rung->hours = *cal_work_hours();
	rung->offer = cal_term(policy_terms(q->b->policy), CAL_TERM_HANDOVER,
	    (unsigned)r->urgency);
	for (size_t i = 0; i < doc->n_partners; i++) {
		struct org who = org_of(doc->partners[i]->id);
		enum err one;

		if ((to[0] != '\0' && strcmp(to, who.id) != 0) ||
		    org_eq(&who, &r->b) || org_eq(&who, &r->h) ||
		    org_eq(&who, &r->r) || rung->n == ROUTE_RUNG_MAX)
			continue;
		one = route_check_one(q->b->policy, ask, &who, NULL, &rule);
		if (one == ERR_OK)
			rung->candidates[rung->n++] = who;
		else
			err = one;
	}
	if (rung->n > 0)
		return (ERR_OK);
	return (query_no(q, err == ERR_OK ? ERR_NOT_ALLOWED : err, rule));
}

static enum err
resolve_handover(struct query *q)
{
	struct arena *a = q->b->turn->pack;
	struct ladder *ladder = arena_zero(a, 1, sizeof(*ladder));
	struct referral *r = arena_zero(a, 1, sizeof(*r));
	struct route_ask ask;
	struct refid id;
	enum err err;

	if (ladder == NULL || r == NULL)
		return (ERR_NOMEM);
	if (pb_refid(q->q->resolve->referral, &id) != ERR_OK)
		return (query_no(q, ERR_MALFORMED, "referral is 16 bytes"));
	err = view_referral(q->b->turn->txn, &id, r);
	if (err == ERR_NOT_FOUND || (err == ERR_OK &&
	    referral_roles(r, &q->s->partner) == 0))
		return (query_no(q, ERR_UNKNOWN_REFERRAL, "geen betrokkene"));
	if (err != ERR_OK)
		return (err);
	ask_of(q->b, r, &q->s->partner, &ask);
	if (q->q->resolve->header != NULL &&
	    q->q->resolve->header->basis[0] != '\0')
		ask.basis = q->q->resolve->header->basis;
	err = named(q, r, &ask, q->q->resolve->to, ladder);
	if (err != ERR_OK || q->no != ERR_OK)
		return (err);
	return (put_ladder(q, &ask, ladder, NULL));
}

/**
 * query_resolve(q):
 * Who would be asked.
 */
enum err
query_resolve(struct query *q)
{
	const Keten__V1__Resolve *r = q->q->resolve;

	if (r->referral.len != 0)
		return (resolve_handover(q));
	if (r->header == NULL)
		return (query_no(q, ERR_MALFORMED, "resolve: kop ontbreekt"));
	return (resolve_submit(q, r->header));
}
