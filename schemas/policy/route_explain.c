/*
 * route -- saying in Dutch what was decided and why.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/route_impl.h"

/* Text being made; what does not fit is left out. */
struct text {
	char *p;
	size_t len;
	size_t cap;
};

static void __attribute__((format(printf, 2, 3)))
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < t->cap - t->len ? (size_t)n :
							t->cap - t->len - 1;
}

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
put_covenant(struct text *t, const struct policy *p,
    const struct route_ask *ask, const struct org *to)
{
	const struct policy_ask q = { ask->from, *to, ask->code, ask->area,
		ask->basis, ask->discussed, ask->now_ms };
	const Keten__V1__PolicyCovenant *c;
	const char *rule;

	if (policy_covenant(p, &q, &c, &rule) != ERR_OK)
		return;
	put(t, ", convenant %s", c->id);
	for (size_t i = 0; i < c->n_content; i++)
		put(t, "%s%s", i == 0 ? ", ook " : " en ", c->content[i]);
}

static void
put_candidate(struct text *t, const struct policy *p,
    const struct route_ask *ask, const struct route_rung *r, size_t i)
{
	char when[CAL_TEXT];

	put(t, "%s%s (%s", i > 0 ? ", " : "", name_of(p, &r->candidates[i]),
	    r->candidates[i].id);
	put_covenant(t, p, ask, &r->candidates[i]);
	if (r->unreachable_ms[i] != 0)
		put(t, ", niet bereikbaar sinds %s",
		    cal_text(r->unreachable_ms[i], when));
	put(t, ")");
}

static void
put_rung(struct text *t, const struct policy *p, const struct route_ask *ask,
    const struct route_rung *r, size_t step)
{
	int64_t until = cal_deadline(&p->cal, &r->hours, ask->now_ms,
	    r->offer);
	char span[32], hours[128], when[CAL_TEXT];

	put(t, "%zu. ", step);
	if (r->no == 0)
		put(t, "Eerst, op verzoek van de bron: ");
	else
		put(t, "Sport %" PRIu32 ": ", r->no);
	for (size_t i = 0; i < r->n; i++)
		put_candidate(t, p, ask, r, i);
	put(t, ". Termijn %s (%s)",
	    cal_span_text(r->offer, span, sizeof(span)),
	    hours_text(&r->hours, hours, sizeof(hours)));
	if (until != INT64_MAX)
		put(t, "; van nu af tot %s", cal_text(until, when));
	put(t, ".\n");
}

static void
put_head(struct text *t, const struct policy *p, const struct route_ask *ask,
    const struct ladder *l)
{
	put(t, "%s %s in %s, %s, van %s.\n", ask->code,
	    policy_code_label(p, ask->code), ask->area,
	    urgencies[ask->urgency < CAL_URGENCIES ? ask->urgency : 0],
	    name_of(p, &ask->from));
	if (l->route != NULL)
		put(t, "Route %s van beleid %" PRIu64 ".\n", l->route->id,
		    policy_index(p));
}

static void
put_refusal(struct text *t, const struct ladder *l, enum err err,
    const char *rule)
{
	put(t, "Geweigerd: %s (%s; regel: %s)\n", err_text(err), err_name(err),
	    rule != NULL ? rule : "-");
	if (err == ERR_NOBODY_NOW)
		put(t, "Bel %s. Bij direct gevaar: 112.\n",
		    l->call != NULL ? l->call : "112");
	else
		put(t, "%s\n", err_todo(err));
}

static void
put_ladder(struct text *t, const struct policy *p,
    const struct route_ask *ask, const struct ladder *l)
{
	struct org who;

	for (size_t i = 0; i < l->n_rungs; i++)
		put_rung(t, p, ask, &l->rungs[i], i + 1);
	put(t, "%s %s (%s), als regisseur.\n",
	    l->n_rungs > 0 ? "Daarna:" : "Meteen naar:",
	    name_of(p, &l->regisseur), l->regisseur.id);
	if (org_is_none(&l->custodian))
		put(t, "Bewaarder van het persoonsdeel: geen.\n");
	else
		put(t, "Bewaarder van het persoonsdeel: %s.\n",
		    name_of(p, &l->custodian));
	if (l->early)
		put(t, "Let op: op deze route kunnen de kandidaten het "
		       "persoonsdeel vooraf openen.\n");
	who = route_inform(l, 0);
	for (size_t i = 1; !org_is_none(&who); i++) {
		put(t, "Ter kennisgeving aan %s.\n", name_of(p, &who));
		who = route_inform(l, i);
	}
}

/* Since when, of who was left out because of that. */
static void
put_since(struct text *t, const struct ladder *l, const struct org *who)
{
	char when[CAL_TEXT];
	size_t i = 0;

	while (i < l->n_skips && !org_eq(&l->skips[i].who, who))
		i++;
	if (i < l->n_skips && l->skips[i].since_ms != 0)
		put(t, " (sinds %s)", cal_text(l->skips[i].since_ms, when));
	put(t, ".\n");
}

/* A covenant that has expired, or is still to begin, is named. */
static void
put_day(struct text *t, const struct policy *p, const struct route_ask *ask,
    const struct org *who)
{
	const struct policy_ask q = { ask->from, *who, ask->code, ask->area,
		ask->basis, ask->discussed, ask->now_ms };
	const char *rule;

	if (policy_covenant(p, &q, NULL, &rule) == ERR_NO_COVENANT &&
	    rule != policy_no_covenant)
		put(t, " (%s)", rule);
}

static void
put_others(struct text *t, const struct policy *p,
    const struct route_ask *ask, const struct ladder *l)
{
	bool head = false;

	for (size_t i = 0; i < p->n_partners; i++) {
		struct org who = org_of(p->partners[i]->id);
		enum route_why why = route_why_not(p, ask, l, &who);

		if (why == ROUTE_WHY_NONE)
			continue;
		if (!head)
			put(t, "Niet gevraagd:\n");
		head = true;
		put(t, "- %s (%s): %s", name_of(p, &who), who.id,
		    route_why_text(why));
		if (why == ROUTE_WHY_NO_COVENANT)
			put_day(t, p, ask, &who);
		put_since(t, l, &who);
	}
}

size_t
route_explain(const struct policy *p, const struct route_ask *ask,
    const struct ladder *l, enum err err, const char *rule, char *buf,
    size_t cap)
{
	struct text t = { buf, 0, cap };

	buf[0] = '\0';
	put_head(&t, p, ask, l);
	if (err != ERR_OK)
		put_refusal(&t, l, err, rule);
	else
		put_ladder(&t, p, ask, l);
	if (err == ERR_OK || l->n_skips > 0)
		put_others(&t, p, ask, l);
	return (t.len);
}
