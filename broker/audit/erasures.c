/*
 * erasures -- was everything that is not there any more erased, and might it
 * be?
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/erasures_in.h"
#include "policy/erasure.h"
#include "wire/pb.h"

#define HOLDS 4

/* One referral, as far as it matters here.  Names are numbers: there are few
 * of them and many of these. */
struct track {
	bool is_known; /* its beginning went by */
	bool is_cut;   /* a finding said that part of it is gone */
	uint8_t state;
	uint8_t kind;
	uint16_t b, h, r;
	char code[REFERRAL_CODE];
	char area[REFERRAL_AREA];
	char basis[REFERRAL_CODE];
	char outcome[REFERRAL_CODE];
	int64_t submitted_ms;
	int64_t ended_ms;
	uint64_t erased_by; /* + 1 */
	struct {
		uint16_t who;
		int64_t until_ms; /* 0: no end */
	} hold[HOLDS];
	uint8_t n_holds;
};

#define AWAIT_KEY (8 + 2 * NAME)

struct erasures *
erasures_new(struct tree *tree, const struct history *history,
    struct findings *f)
{
	struct erasures *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return (NULL);
	e->tree = tree;
	e->history = history;
	e->f = f;
	e->tracks = map_new(16, sizeof(struct track));
	e->orders = map_new(8, sizeof(struct refid));
	e->awaited = map_new(AWAIT_KEY, 1);
	if (e->tracks == NULL || e->orders == NULL || e->awaited == NULL) {
		erasures_free(e);
		return (NULL);
	}
	return (e);
}

void
erasures_free(struct erasures *e)
{
	if (e == NULL)
		return;
	map_free(e->tracks);
	map_free(e->orders);
	map_free(e->awaited);
	free(e->names);
	free(e->gone);
	free(e->range);
	free(e);
}

/* --- names -------------------------------------------------------------------------- */

/* The number of a partner, from 1; 0 is nobody. */
static MUST_CHECK enum err
number_of(struct erasures *e, const char *name, uint16_t *out)
{
	char (*more)[NAME];
	size_t i;

	*out = 0;
	if (name[0] == '\0')
		return (ERR_OK);
	for (i = 0; i < e->n_names; i++)
		if (strncmp(e->names[i], name, NAME - 1) == 0)
			break;
	if (i == e->n_names) {
		if (i == UINT16_MAX - 1)
			return (ERR_NOMEM);
		more = realloc(e->names, (i + 1) * sizeof(*more));
		if (more == NULL)
			return (ERR_NOMEM);
		e->names = more;
		memset(e->names[i], 0, NAME);
		memcpy(e->names[i], name, strnlen(name, NAME - 1));
		e->n_names++;
	}
	*out = (uint16_t)(i + 1);
	return (ERR_OK);
}

static struct org
org_at(const struct erasures *e, uint16_t n)
{
	return (org_of(n == 0 ? "" : e->names[n - 1]));
}

/* --- following referrals --------------------------------------------------------------- */

static void
copy_text(char *out, size_t cap, const char *text)
{
	size_t len = strnlen(text, cap - 1);

	memcpy(out, text, len);
	out[len] = '\0';
}

static void
begin(struct track *k, const struct examined *one)
{
	const Keten__V1__FactsHeader *h = one->facts->header;

	k->is_known = true;
	k->submitted_ms = one->facts->time_ms;
	copy_text(k->code, sizeof(k->code), h->code);
	copy_text(k->area, sizeof(k->area), h->area);
	copy_text(k->basis, sizeof(k->basis), h->basis);
}

/* Enough of a referral to ask the policy about it. */
static void
referral_of(const struct erasures *e, const struct track *k,
    struct referral *r)
{
	memset(r, 0, sizeof(*r));
	r->state = (enum state)k->state;
	r->b = org_at(e, k->b);
	r->h = org_at(e, k->h);
	r->r = org_at(e, k->r);
	memcpy(r->code, k->code, sizeof(r->code));
	memcpy(r->area, k->area, sizeof(r->area));
	memcpy(r->basis, k->basis, sizeof(r->basis));
	memcpy(r->outcome, k->outcome, sizeof(r->outcome));
	r->submitted_ms = k->submitted_ms;
	r->ended_ms = k->ended_ms;
}

static bool
is_live(const struct track *k)
{
	struct referral r = { .state = (enum state)k->state };

	return (referral_is_live(&r));
}

/* A referral goes on of which older records are erased as a whole. */
static void
say_cut(struct erasures *e, const struct examined *one, struct track *k,
    const struct refid *id)
{
	char text[REFID_TEXT];

	if (k->is_cut ||
	    one->facts->kind == KETEN__V1__RECORD_KIND__RECORD_POLICY)
		return;
	k->is_cut = true;
	for (size_t i = 0; i < e->n_gone; i++)
		if (e->gone[i].level == 2) {
			findings_add(e->f, VERDICT_MISSING, one->index,
			    "verwijzing %s gaat verder, maar haar eerdere "
			    "records zijn weg", refid_text(id, text));
			return;
		}
}

static MUST_CHECK enum err
take_change(struct erasures *e, const struct examined *one,
    const Keten__V1__Change *c)
{
	const Keten__V1__After *a = c->after;
	struct track *k;
	struct refid id;
	bool was_live;

	if (a == NULL || pb_refid(c->referral, &id) != ERR_OK)
		return (ERR_OK); /* found already */
	k = map_add(e->tracks, id.b);
	if (k == NULL)
		return (ERR_NOMEM);
	if (c->version_before == 0 && one->facts->header != NULL)
		begin(k, one);
	else if (!k->is_known)
		say_cut(e, one, k, &id);
	was_live = k->state == 0 || is_live(k);
	k->state = (uint8_t)a->state;
	copy_text(k->outcome, sizeof(k->outcome), a->outcome);
	if (is_live(k))
		k->ended_ms = 0;
	else if (was_live)
		k->ended_ms = one->facts->time_ms;
	if (number_of(e, a->originator, &k->b) != ERR_OK ||
	    number_of(e, a->holder, &k->h) != ERR_OK)
		return (ERR_NOMEM);
	return (number_of(e, a->regisseur, &k->r));
}

static MUST_CHECK enum err
take_hold(struct erasures *e, const struct examined *one)
{
	const Keten__V1__RetainFacts *f = one->facts->retain;
	struct track *k;
	uint16_t who;
	size_t i = 0;

	if (!one->has_owner || one->route == NULL ||
	    one->route->sender == NULL)
		return (ERR_OK);
	k = map_add(e->tracks, one->owner.b);
	if (k == NULL ||
	    number_of(e, one->route->sender->partner, &who) != ERR_OK)
		return (ERR_NOMEM);
	while (i < k->n_holds && k->hold[i].who != who)
		i++;
	if (f->lifted) {
		if (i < k->n_holds)
			k->hold[i] = k->hold[--k->n_holds];
		return (ERR_OK);
	}
	/* More than there are parties who may: the last place serves. */
	if (i == HOLDS)
		i = HOLDS - 1;
	k->hold[i].who = who;
	k->hold[i].until_ms = f->until_ms;
	if (i >= k->n_holds)
		k->n_holds = (uint8_t)(i + 1);
	return (ERR_OK);
}

/* --- authority -------------------------------------------------------------------------- */

static bool
is_held(const struct track *k, int64_t now_ms)
{
	for (size_t i = 0; i < k->n_holds; i++)
		if (k->hold[i].until_ms == 0 || k->hold[i].until_ms > now_ms)
			return (true);
	return (false);
}

/* Why the erasure by ${one} may not be; NULL: it may. */
static const char *
content_flaw(const struct erasures *e, const struct examined *one,
    const struct track *k)
{
	const struct policy *p = history_policy(e->history, one->index);
	const Keten__V1__EraseFacts *f = one->facts->erase;
	const Keten__V1__Sender *s =
	    one->route == NULL ? NULL : one->route->sender;
	struct referral r;
	struct org who;

	referral_of(e, k, &r);
	if (is_live(k))
		return ("de verwijzing liep nog");
	if (k->erased_by != 0)
		return ("de inhoud was al gewist");
	if (is_held(k, one->facts->time_ms))
		return ("iemand had gevraagd om te bewaren");
	if (p == NULL)
		return ("er was geen beleid van kracht");
	if (!erasure_is_due(p, f->number, &r, one->facts->time_ms))
		return ("geen regel van het beleid liet het op dat moment toe");
	if (f->number != ERASURE_REQUEST)
		return (s == NULL ? NULL : "een regel, maar door iemand "
					   "ondertekend");
	if (s == NULL || one->n_signatures == 0)
		return ("niemand heeft het verzoek ondertekend");
	who = org_of(s->partner);
	return (erasure_may_ask(p, &r, &who)
		? NULL : "wie het vroeg, is er volgens het convenant niet "
			 "verantwoordelijk voor");
}

/*
 * Why a backup may not be rid of what was erased after it; NULL: it may.  That
 * somebody accepted the backup as the log has to stand in it too, see
 * erasures_check(): else nothing was lost that could have given the right.
 */
static const char *
again_flaw(struct erasures *e, const struct examined *one,
    const struct track *k)
{
	if (k->erased_by != 0)
		return ("de inhoud was al gewist");
	if (one->n_signatures > 0)
		return ("een regel, maar door iemand ondertekend");
	if (e->n.again++ == 0)
		e->first_again = one->index;
	return (NULL);
}

/* More of an erasure for which the record before had no room. */
static const char *
page_flaw(const struct examined *one, const struct track *k)
{
	return (k->erased_by == one->index ? NULL : "zij gaat verder waar "
	    "niets begon");
}

static void
await_key(uint64_t index, const char *partner, const char *mailbox,
    uint8_t key[AWAIT_KEY])
{
	memset(key, 0, AWAIT_KEY);
	be64_put(key, index);
	memcpy(key + 8, partner, strnlen(partner, NAME - 1));
	memcpy(key + 8 + NAME, mailbox, strnlen(mailbox, NAME - 1));
}

static MUST_CHECK enum err
await_all(struct erasures *e, const struct examined *one)
{
	const Keten__V1__RouteFacts *rf = one->route;

	for (size_t i = 0; rf != NULL && i < rf->n_deliveries; i++) {
		uint8_t key[AWAIT_KEY], *mark;

		await_key(one->index, rf->deliveries[i]->partner,
		    rf->deliveries[i]->mailbox, key);
		mark = map_add(e->awaited, key);
		if (mark == NULL)
			return (ERR_NOMEM);
		*mark = 1;
	}
	return (ERR_OK);
}

static void
take_confirmed(struct erasures *e, const struct examined *one)
{
	uint8_t key[AWAIT_KEY], *mark;

	if (one->route == NULL || one->route->sender == NULL)
		return;
	await_key(one->facts->erased->index, one->route->sender->partner,
	    one->facts->erased->mailbox, key);
	mark = map_find(e->awaited, key);
	if (mark != NULL)
		*mark = 0;
}

static MUST_CHECK enum err
take_content(struct erasures *e, const struct examined *one)
{
	char text[REFID_TEXT];
	const char *flaw;
	struct refid id, *order;
	struct track *k;
	uint8_t key[8];

	if (one->facts->change == NULL ||
	    pb_refid(one->facts->change->referral, &id) != ERR_OK) {
		findings_add(e->f, VERDICT_MALFORMED, one->index,
		    "een wissing van inhoud die geen verwijzing noemt");
		return (ERR_OK);
	}
	be64_put(key, one->index);
	order = map_add(e->orders, key);
	k = map_add(e->tracks, id.b);
	if (order == NULL || k == NULL)
		return (ERR_NOMEM);
	*order = id;
	flaw = one->facts->erase->page > 0 ? page_flaw(one, k)
	    : one->facts->erase->number == ERASURE_AGAIN
	    ? again_flaw(e, one, k) : content_flaw(e, one, k);
	if (flaw != NULL)
		findings_add(e->f, VERDICT_MISSING, one->index,
		    "wissing van %s zonder recht daartoe: %s",
		    refid_text(&id, text), flaw);
	k->erased_by = one->index + 1;
	e->n.judged++;
	return (await_all(e, one));
}

/* The rule must be one of the policy then; the age of what goes is looked at
 * with each record that is gone. */
static void
take_log(struct erasures *e, const struct examined *one)
{
	const struct policy *p = history_policy(e->history, one->index);
	const Keten__V1__PolicyRetention *rule = p == NULL ? NULL
	    : erasure_rule(p, one->facts->erase->number);

	e->n.judged++;
	if (rule == NULL || rule->level != 2)
		findings_add(e->f, VERDICT_MISSING, one->index,
		    "hele records gewist zonder recht daartoe: regel %" PRIu32
		    " van het beleid is er niet of gaat daar niet over",
		    one->facts->erase->number);
}

static MUST_CHECK enum err
note_gone(struct erasures *e, const struct examined *one, uint8_t level)
{
	if (e->n_gone == e->cap_gone) {
		size_t cap = e->cap_gone == 0 ? 256 : 2 * e->cap_gone;
		struct gone *more = realloc(e->gone, cap * sizeof(*more));

		if (more == NULL)
			return (ERR_NOMEM);
		e->gone = more;
		e->cap_gone = cap;
	}
	e->gone[e->n_gone++] = (struct gone){ one->index, level,
		one->is_read && one->has_owner, one->owner };
	return (ERR_OK);
}

/* What the facts say about erasing. */
static MUST_CHECK enum err
take_facts(struct erasures *e, const struct examined *one)
{
	const Keten__V1__Facts *f = one->facts;
	enum err err = ERR_OK;

	/* Before the change: that already says that it is erased. */
	if (f->erase != NULL && f->erase->level == 1)
		err = take_content(e, one);
	else if (f->erase != NULL)
		take_log(e, one);
	if (err == ERR_OK && f->change != NULL)
		err = take_change(e, one, f->change);
	for (size_t i = 0; i < f->n_children && err == ERR_OK; i++)
		err = take_change(e, one, f->children[i]);
	if (err == ERR_OK && f->retain != NULL)
		err = take_hold(e, one);
	if (f->erased != NULL)
		take_confirmed(e, one);
	return (err);
}

enum err
erasures_take(struct erasures *e, const struct examined *one)
{
	enum err err = ERR_OK;

	if (one->is_gone)
		return (note_gone(e, one, 2));
	e->is_accepted = e->is_accepted || one->is_accepted;
	if (one->lost_content)
		err = note_gone(e, one, 1);
	if (err == ERR_OK && one->is_read)
		err = take_facts(e, one);
	return (err);
}

void
erasures_count(const struct erasures *e, struct erasures_count *n)
{
	*n = e->n;
}
