/*
 * route -- saying in Dutch what was decided and why.
 */
#include <inttypes.h>
#include <string.h>

#include "base/pen.h"
#include "policy/route_impl.h"

static const char *const urgencies[CAL_URGENCIES] = { "?", "laag", "gewoon",
	"hoog", "spoed" };

static const char *
name_of(const struct policy *p, const struct org *who)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, who);

	return (w != NULL && w->name[0] != '\0' ? w->name : who->id);
}

/* Under which covenant, and what the receiver may get by it. */
static void
put_covenant(struct pen *t, const struct policy *p,
    const struct route_ask *ask, const struct org *to)
{
	const struct policy_ask q = { ask->from, *to, ask->code, ask->area,
		ask->basis, ask->discussed, ask->now_ms };
	const Keten__V1__PolicyCovenant *c;
	const char *rule;

	if (policy_covenant(p, &q, &c, &rule) != ERR_OK)
		return;
	pen_put(t, ", convenant %s", c->id);
	for (size_t i = 0; i < c->n_content; i++)
		pen_put(t, "%s%s", i == 0 ? ", ook " : " en ", c->content[i]);
}

static void
put_candidate(struct pen *t, const struct policy *p,
    const struct route_ask *ask, const struct route_rung *r, size_t i)
{
	char when[CAL_TEXT];

	pen_put(t, "%s%s (%s", i > 0 ? ", " : "", name_of(p, &r->candidates[i]),
	    r->candidates[i].id);
	put_covenant(t, p, ask, &r->candidates[i]);
	if (r->unreachable_ms[i] != 0)
		pen_put(t, ", niet bereikbaar sinds %s",
		    cal_text(r->unreachable_ms[i], when));
	pen_put(t, ")");
}

static void
put_rung(struct pen *t, const struct policy *p, const struct route_ask *ask,
    const struct route_rung *r, size_t step)
{
	int64_t until = cal_deadline(&p->cal, &r->hours, ask->now_ms,
	    r->offer);
	char span[32], hours[128], when[CAL_TEXT];

	pen_put(t, "%zu. ", step);
	if (r->no == 0)
		pen_put(t, "Eerst, op verzoek van de bron: ");
	else
		pen_put(t, "Sport %" PRIu32 ": ", r->no);
	for (size_t i = 0; i < r->n; i++)
		put_candidate(t, p, ask, r, i);
	pen_put(t, ". Termijn %s (%s)",
	    cal_span_text(r->offer, span, sizeof(span)),
	    hours_text(&r->hours, hours, sizeof(hours)));
	if (until != INT64_MAX)
		pen_put(t, "; van nu af tot %s", cal_text(until, when));
	pen_put(t, ".\n");
}

static void
put_head(struct pen *t, const struct policy *p, const struct route_ask *ask,
    const struct ladder *l)
{
	pen_put(t, "%s %s in %s, %s, van %s.\n", ask->code,
	    policy_code_label(p, ask->code), ask->area,
	    urgencies[ask->urgency < CAL_URGENCIES ? ask->urgency : 0],
	    name_of(p, &ask->from));
	if (l->route != NULL)
		pen_put(t, "Route %s van beleid %" PRIu64 ".\n", l->route->id,
		    policy_index(p));
}

static void
put_refusal(struct pen *t, const struct ladder *l, enum err err,
    const char *rule)
{
	pen_put(t, "Geweigerd: %s (%s; regel: %s)\n", err_text(err),
	    err_name(err), rule != NULL ? rule : "-");
	if (err == ERR_NOBODY_NOW)
		pen_put(t, "Bel %s. Bij direct gevaar: 112.\n",
		    l->call != NULL ? l->call : "112");
	else
		pen_put(t, "%s\n", err_todo(err));
}

/* Who is told, and for whom it stands if that one has ended. */
static void
put_informed(struct pen *t, const struct policy *p, const char *named,
    const struct org *who)
{
	struct org old = org_of(named);

	if (org_is_none(who))
		pen_put(t, "Ter kennisgeving aan niemand: %s doet niet meer "
		    "mee.\n", name_of(p, &old));
	else if (!org_eq(who, &old))
		pen_put(t, "Ter kennisgeving aan %s, in plaats van %s.\n",
		    name_of(p, who), name_of(p, &old));
	else
		pen_put(t, "Ter kennisgeving aan %s.\n", name_of(p, who));
}

static void
put_ladder(struct pen *t, const struct policy *p,
    const struct route_ask *ask, const struct ladder *l)
{
	struct org who;

	for (size_t i = 0; i < l->n_rungs; i++)
		put_rung(t, p, ask, &l->rungs[i], i + 1);
	pen_put(t, "%s %s (%s), als regisseur.\n",
	    l->n_rungs > 0 ? "Daarna:" : "Meteen naar:",
	    name_of(p, &l->regisseur), l->regisseur.id);
	if (org_is_none(&l->custodian))
		pen_put(t, "Bewaarder van het persoonsdeel: geen.\n");
	else
		pen_put(t, "Bewaarder van het persoonsdeel: %s.\n",
		    name_of(p, &l->custodian));
	if (l->early)
		pen_put(t, "Let op: op deze route kunnen de kandidaten het "
		       "persoonsdeel vooraf openen.\n");
	for (size_t i = 0; route_inform(p, ask, l, i, &who); i++)
		put_informed(t, p, l->route->inform[i], &who);
}

/* Since when, of who was left out because of that. */
static void
put_since(struct pen *t, const struct ladder *l, const struct org *who)
{
	char when[CAL_TEXT];
	size_t i = 0;

	while (i < l->n_skips && !org_eq(&l->skips[i].who, who))
		i++;
	if (i < l->n_skips && l->skips[i].since_ms != 0)
		pen_put(t, " (sinds %s)", cal_text(l->skips[i].since_ms, when));
	pen_put(t, ".\n");
}

/* A covenant that has expired, or is still to begin, is named. */
static void
put_day(struct pen *t, const struct policy *p, const struct route_ask *ask,
    const struct org *who)
{
	const struct policy_ask q = { ask->from, *who, ask->code, ask->area,
		ask->basis, ask->discussed, ask->now_ms };
	const char *rule;

	if (policy_covenant(p, &q, NULL, &rule) == ERR_NO_COVENANT &&
	    rule != policy_no_covenant)
		pen_put(t, " (%s)", rule);
}

/* Room for the line that says what is left out. */
#define TAIL ((size_t)160)

static bool
is_cut(const struct pen *t)
{
	return (t->len >= t->cap);
}

/* Take back what was written behind ${len}. */
static void
rewind_to(struct pen *t, size_t len)
{
	t->len = len;
	t->out[len] = '\0';
}

/* What began to be written and did not fit goes as a whole line, and it is
 * said how many are not named. */
static void
put_tail(struct pen *t, size_t cap, size_t n_left)
{
	size_t len = t->cap - 1;

	while (len > 0 && t->out[len - 1] != '\n')
		len--;
	rewind_to(t, len);
	t->cap = cap;
	if (n_left > 0)
		pen_put(t, "- en nog %zu andere%s; de hele lijst heeft beheer "
		    "(ketenctl explain).\n", n_left, n_left == 1 ? "" : "n");
	else
		pen_put(t, "Hier past niet meer; de rest heeft beheer "
		    "(ketenctl explain).\n");
}

/* How many of them found no place. */
static size_t
put_others(struct pen *t, const struct policy *p,
    const struct route_ask *ask, const struct ladder *l)
{
	size_t n_left = 0;
	bool head = false;

	for (size_t i = 0; i < p->n_partners; i++) {
		struct org who = org_of(p->partners[i]->id);
		enum route_why why = route_why_not(p, ask, l, &who);

		if (why == ROUTE_WHY_NONE)
			continue;
		if (!head)
			pen_put(t, "Niet gevraagd:\n");
		head = true;
		pen_put(t, "- %s (%s): %s", name_of(p, &who), who.id,
		    route_why_text(why));
		if (why == ROUTE_WHY_NO_COVENANT)
			put_day(t, p, ask, &who);
		put_since(t, l, &who);
		n_left += is_cut(t);
	}
	return (n_left);
}

size_t
route_explain(const struct policy *p, const struct route_ask *ask,
    const struct ladder *l, enum err err, const char *rule, char *buf,
    size_t cap)
{
	struct pen t = { buf, cap < ROUTE_EXPLAIN_LEAST ? cap : cap - TAIL,
		0 };
	size_t n_left = 0;

	buf[0] = '\0';
	put_head(&t, p, ask, l);
	if (err != ERR_OK)
		put_refusal(&t, l, err, rule);
	else
		put_ladder(&t, p, ask, l);
	if (err == ERR_OK || l->n_skips > 0)
		n_left = put_others(&t, p, ask, l);
	if (is_cut(&t) && t.cap < cap)
		put_tail(&t, cap, n_left);
	return (pen_len(&t));
}
