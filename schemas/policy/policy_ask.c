/*
 * policy -- asking it: codes, areas, covenants, regisseurs, terms.
 */
#include <string.h>

#include "base/area.h"
#include "policy/policy_impl.h"

/* Always there, also where the policy names no number at all. */
static const char emergency[] = "112";

/* --- codes --------------------------------------------------------------- */

static const struct code_row *
row_of(const struct policy *p, const char *name)
{
	int i = policy_code_no(p, name);

	return (i < 0 ? NULL : &p->codes[i]);
}

const struct code_row *
policy_header_row(const struct policy *p, const char *code)
{
	const struct code_row *r = row_of(p, code);

	return (r != NULL && r->header ? r : NULL);
}

const Keten__V1__PolicyCode *
policy_code(const struct policy *p, const char *code)
{
	const struct code_row *r = row_of(p, code);

	return (r != NULL ? r->code : NULL);
}

const Keten__V1__PolicyGroup *
policy_group(const struct policy *p, const char *id)
{
	const struct code_row *r = row_of(p, id);

	return (r != NULL && r->code == NULL ? r->group : NULL);
}

enum err
policy_check_code(const struct policy *p, const char *code, const char **rule)
{
	const struct code_row *r = row_of(p, code);

	if (r != NULL && r->header)
		return (ERR_OK);
	if (r == NULL)
		*rule = "code: staat niet in het beleid";
	else if (r->code != NULL)
		*rule = "code: beschermd, in de kop staat alleen de groep";
	else
		*rule = "code: een groep, en geen beschermde";
	return (ERR_BAD_CODE);
}

const char *
policy_header_code(const struct policy *p, const char *code)
{
	const struct code_row *r = row_of(p, code);

	if (r == NULL)
		return (NULL);
	if (r->header)
		return (r->name);
	return (r->code != NULL && r->group != NULL ? r->group->id : NULL);
}

bool
policy_is_protected(const struct policy *p, const char *code)
{
	const struct code_row *r = policy_header_row(p, code);

	return (r != NULL && r->code == NULL);
}

static Keten__V1__PolicyCodeKind
kind_of(const struct code_row *r)
{
	return (r->code != NULL ? r->code->kind : r->group->kind);
}

bool
policy_is_signal(const struct policy *p, const char *code)
{
	const struct code_row *r = policy_header_row(p, code);

	return (r != NULL && kind_of(r) ==
	    KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SIGNAL);
}

const char *
policy_code_label(const struct policy *p, const char *code)
{
	const struct code_row *r = row_of(p, code);

	if (r == NULL)
		return (code);
	return (r->code != NULL ? r->code->label : r->group->label);
}

bool
policy_matches_row(const struct code_row *r, const char *pattern)
{
	if (strcmp(pattern, "*") == 0 || strcmp(pattern, r->name) == 0)
		return (true);
	if (strcmp(pattern, "SIG") == 0)
		return (kind_of(r) ==
		    KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SIGNAL);
	if (strcmp(pattern, "DST") == 0)
		return (kind_of(r) ==
		    KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SERVICE);
	return (r->group != NULL && strcmp(pattern, r->group->id) == 0);
}

bool
policy_code_in(const struct policy *p, const char *pattern, const char *code)
{
	const struct code_row *r = policy_header_row(p, code);

	return (r != NULL && policy_matches_row(r, pattern));
}

/* --- areas --------------------------------------------------------------- */

/* The narrowest row in which ${area} lies; NULL: it lies in none. */
static const struct area_info *
area_row(const struct policy *p, const char *area)
{
	uint32_t nos[AREA_LEVELS];
	size_t n = policy_areas_of(p, area, nos);

	for (size_t i = 0; i + 1 < n; i++)
		if (p->areas[nos[i]].row != NULL)
			return (&p->areas[nos[i]]);
	return (NULL);
}

/*
 * A municipality without listed districts has all of them; one with a list
 * has only those.
 */
static bool
is_known(const struct area_info *a, enum area_kind kind)
{
	if (a == NULL)
		return (false);
	if (area_kind(a->row->code) >= kind)
		return (true);
	return (area_kind(a->row->code) == AREA_GM ? !a->has_wk : !a->has_bu);
}

/* Does anything in this district depend on the neighbourhood? */
static bool
needs_neighbourhood(const struct policy *p, const char *area)
{
	uint32_t nos[AREA_LEVELS];
	size_t n = policy_areas_of(p, area, nos);

	for (size_t i = 0; i < n; i++)
		if (p->areas[nos[i]].needs_bu)
			return (true);
	return (false);
}

enum err
policy_check_area(const struct policy *p, const char *code, const char *area,
    uint32_t edition, const char **rule)
{
	const struct area_info *row = area_row(p, area);
	enum area_kind kind = area_kind(area);

	if (kind == AREA_NONE)
		*rule = "gebied: geen CBS-code";
	else if (!is_known(row, kind))
		*rule = "gebied: hoort niet bij deze keten";
	else if (edition != 0 && row->row->edition != edition)
		*rule = "gebied: een ander jaar van de CBS-lijst";
	else if (policy_is_protected(p, code) && kind != AREA_GM)
		*rule = "gebied: bij een beschermde code alleen de gemeente";
	else if (kind == AREA_BU && !needs_neighbourhood(p, area))
		*rule = "gebied: niet fijner dan de wijk";
	else
		return (ERR_OK);
	return (ERR_BAD_AREA);
}

/* --- words --------------------------------------------------------------- */

const Keten__V1__PolicyWord *
policy_word(const struct policy *p, enum policy_list list, const char *code)
{
	const Keten__V1__Policy *d = p->doc;
	const struct {
		Keten__V1__PolicyWord **words;
		size_t n;
	} lists[POLICY_LIST__MAX] = {
		[POLICY_DECLINES] = { d->declines, d->n_declines },
		[POLICY_OUTCOMES] = { d->outcomes, d->n_outcomes },
		[POLICY_BASES] = { d->bases, d->n_bases },
		[POLICY_REASONS] = { d->reasons, d->n_reasons },
		[POLICY_PAYERS] = { d->payers, d->n_payers },
		[POLICY_OUTSIDES] = { d->outsides, d->n_outsides },
	};

	for (size_t i = 0; i < lists[list].n; i++)
		if (strcmp(lists[list].words[i]->code, code) == 0)
			return (lists[list].words[i]);
	return (NULL);
}

bool
policy_reason_fits(const struct policy *p, const char *code,
    const char *event)
{
	const Keten__V1__PolicyWord *w = policy_word(p, POLICY_REASONS, code);

	for (size_t i = 0; w != NULL && i < w->n_events; i++)
		if (strcmp(w->events[i], event) == 0)
			return (true);
	return (w != NULL && w->n_events == 0);
}

/* --- covenants ----------------------------------------------------------- */

static bool
allows_basis(const Keten__V1__PolicyCovenant *c, const char *basis)
{
	for (size_t i = 0; i < c->n_bases; i++)
		if (strcmp(c->bases[i], basis) == 0)
			return (true);
	return (false);
}

/* Is what was discussed with the person enough for this covenant and basis? */
static bool
allows_discussed(const struct policy *p, const Keten__V1__PolicyCovenant *c,
    const struct policy_ask *ask)
{
	const Keten__V1__PolicyWord *w;

	if (ask->discussed == 0)
		return (true);
	w = policy_word(p, POLICY_BASES, ask->basis);
	if (w != NULL && w->consent &&
	    ask->discussed != KETEN__V1__DISCUSSED__AGREES)
		return (false);
	for (size_t i = 0; i < c->n_discussed; i++)
		if ((unsigned)c->discussed[i] == ask->discussed)
			return (true);
	return (c->n_discussed == 0);
}

/* What was found so far. */
struct found {
	const struct policy *p;
	const struct policy_ask *ask;
	const struct pact *best; /* the first of the document that allows it */
	const struct pact *early; /* fits but for the day: the next */
	const struct pact *ended; /* likewise: the last */
	bool is_talk; /* one fits but for what was discussed */
	bool is_basis; /* one fits but for the basis */
};

static void
weigh(void *cookie, const struct pact *a)
{
	struct found *f = cookie;

	if (!allows_basis(a->row, f->ask->basis))
		f->is_basis = true;
	else if (!allows_discussed(f->p, a->row, f->ask))
		f->is_talk = true;
	else if (f->best == NULL || a < f->best)
		f->best = a;
}

static void
weigh_off(void *cookie, const struct pact *a)
{
	struct found *f = cookie;
	const Keten__V1__PolicyCovenant *c = a->row;

	if (!allows_basis(c, f->ask->basis))
		return;
	if (f->ask->now_ms < c->valid_from_ms) {
		if (f->early == NULL ||
		    c->valid_from_ms < f->early->row->valid_from_ms)
			f->early = a;
	} else if (f->ended == NULL ||
	    c->valid_until_ms > f->ended->row->valid_until_ms)
		f->ended = a;
}

const char policy_no_covenant[] = "convenant: er is er geen tussen deze "
    "partners voor deze code, dit gebied en deze dag";

enum err
policy_covenant(const struct policy *p, const struct policy_ask *ask,
    const Keten__V1__PolicyCovenant **covenant, const char **rule)
{
	struct found f = { .p = p, .ask = ask };

	*rule = policy_no_covenant;
	policy_each_pact_off(p, ask, weigh, weigh_off, &f);
	if (f.best != NULL) {
		if (covenant != NULL)
			*covenant = f.best->row;
		return (ERR_OK);
	}
	if (f.is_talk)
		*rule = "grondslag: wat met de persoon besproken is, is "
			"hiervoor niet genoeg";
	else if (f.is_basis)
		*rule = "grondslag: niet in het convenant";
	else if (f.early != NULL)
		*rule = f.early->early;
	else if (f.ended != NULL)
		*rule = f.ended->ended;
	return (f.is_talk || f.is_basis ? ERR_NO_BASIS : ERR_NO_COVENANT);
}

struct control {
	const struct policy_ask *ask;
	const struct org *who;
	bool is;
};

static void
control(void *cookie, const struct pact *a)
{
	struct control *c = cookie;

	if (strcmp(a->row->controller, c->who->id) == 0 ||
	    (a->row->originator_erases && org_eq(c->who, &c->ask->from)))
		c->is = true;
}

bool
policy_controls(const struct policy *p, const struct policy_ask *ask,
    const struct org *who)
{
	struct control c = { .ask = ask, .who = who };

	policy_each_pact(p, ask, control, &c);
	return (c.is);
}

/* --- regisseur ----------------------------------------------------------- */

bool
policy_has_duty(const Keten__V1__PolicyRegisseur *r, Keten__V1__PolicyDuty duty)
{
	for (size_t i = 0; i < r->n_duties; i++)
		if (r->duties[i] == duty)
			return (true);
	return (r->n_duties == 0);
}

const Keten__V1__PolicyRegisseur *
policy_regisseur(const struct policy *p, const char *code, const char *area)
{
	int no = policy_code_no(p, code);
	uint32_t nos[AREA_LEVELS], i;
	size_t n = policy_areas_of(p, area, nos);

	for (size_t k = 0; k < n && no >= 0; k++) {
		struct place_key key = { nos[k], (uint32_t)no };

		if (lookup_get(p->regisseurs, &key, sizeof(key), &i))
			return (p->doc->regisseurs[i]);
	}
	return (NULL);
}

/* Does the row hold all of ${code} (NULL: of all codes)? */
static bool
holds_code(const Keten__V1__PolicyRegisseur *r, const struct code_row *row)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (row == NULL ? strcmp(r->groups[i], "*") == 0 :
				  policy_matches_row(row, r->groups[i]))
			return (true);
	return (r->n_groups == 0);
}

bool
policy_oversees(const struct policy *p, const struct org *who,
    const char *code, const char *area)
{
	const struct code_row *row = code != NULL ? row_of(p, code) : NULL;

	if (code != NULL && row == NULL)
		return (false);
	for (size_t i = 0; i < p->doc->n_regisseurs; i++) {
		const Keten__V1__PolicyRegisseur *r = p->doc->regisseurs[i];

		if (strcmp(r->partner, who->id) == 0 &&
		    policy_has_duty(r,
			KETEN__V1__POLICY_DUTY__POLICY_DUTY_OVERSIGHT) &&
		    holds_code(r, row) &&
		    (area != NULL ? policy_area_in(r->areas, r->n_areas,
					area) : r->n_areas == 0))
			return (true);
	}
	return (false);
}

bool
policy_oversees_any(const struct policy *p, const struct org *who)
{
	for (size_t i = 0; i < p->doc->n_regisseurs; i++)
		if (strcmp(p->doc->regisseurs[i]->partner, who->id) == 0 &&
		    policy_has_duty(p->doc->regisseurs[i],
			KETEN__V1__POLICY_DUTY__POLICY_DUTY_OVERSIGHT))
			return (true);
	return (false);
}

void
policy_hours(const Keten__V1__PolicyHours *from, struct hours *hours)
{
	if (from == NULL) {
		*hours = *cal_work_hours();
		return;
	}
	memset(hours, 0, sizeof(*hours));
	hours->holidays = from->holidays != 0;
	for (size_t i = 0; i < from->n_open && i < HOURS_MAX; i++) {
		const Keten__V1__PolicyOpen *o = from->open[i];
		struct hours_open *to = &hours->open[hours->n++];

		to->day = (uint8_t)(o->day - 1);
		to->from_min = (uint16_t)o->from_min;
		to->to_min = (uint16_t)o->to_min;
	}
}

static bool
is_open(const struct policy *p, const Keten__V1__PolicyHours *from,
    int64_t now_ms)
{
	struct hours h;

	policy_hours(from, &h);
	return (cal_is_open(&p->cal, &h, now_ms));
}

bool
policy_night_open(const struct policy *p,
    const Keten__V1__PolicyRegisseur *r, int64_t now_ms)
{
	struct org org = org_of(r->partner);
	const Keten__V1__PolicyPartner *w = policy_partner(p, &org);

	if (r->night_phone[0] != '\0' && r->night_hours != NULL &&
	    is_open(p, r->night_hours, now_ms))
		return (true);
	return (w != NULL && is_open(p, w->hours, now_ms));
}

const Keten__V1__PolicyAlarm *
policy_alarm(const struct policy *p, const char *code, size_t i)
{
	const struct code_row *r = row_of(p, code);

	for (size_t k = 0; k < p->doc->n_alarms; k++) {
		const Keten__V1__PolicyAlarm *a = p->doc->alarms[k];
		bool fits = a->n_codes == 0;

		for (size_t c = 0; c < a->n_codes && !fits && r != NULL; c++)
			fits = policy_matches_row(r, a->codes[c]);
		if (fits && i-- == 0)
			return (a);
	}
	return (NULL);
}

const char *
policy_call(const struct policy *p, const char *code,
    const Keten__V1__PolicyRegisseur *r)
{
	const Keten__V1__PolicyPartner *w = NULL;
	const Keten__V1__PolicyAlarm *a;
	struct org org;

	if (r != NULL && r->night_phone[0] != '\0')
		return (r->night_phone);
	if (r != NULL) {
		org = org_of(r->partner);
		w = policy_partner(p, &org);
	}
	if (w != NULL && w->phone[0] != '\0')
		return (w->phone);
	a = policy_alarm(p, code, 0);
	return (a != NULL ? a->phone : emergency);
}

/* --- terms and retention ------------------------------------------------- */

const struct cal_terms *
policy_terms(const struct policy *p)
{
	return (&p->terms);
}

static void
apply_span(const Keten__V1__PolicySpan *from, struct cal_span *to)
{
	if (from == NULL)
		return;
	to->unit = (enum cal_unit)from->unit;
	to->n = from->n;
}

void
policy_apply_term(const Keten__V1__PolicyTerm *term, struct cal_terms *terms)
{
	enum cal_term t = cal_term_from_name(term->term);
	struct cal_span *to = terms->span[t];

	if (t == CAL_TERM_NONE)
		return;
	apply_span(term->emergent, &to[KETEN__V1__URGENCY__EMERGENT]);
	apply_span(term->high, &to[KETEN__V1__URGENCY__HIGH]);
	apply_span(term->normal, &to[KETEN__V1__URGENCY__NORMAL]);
	apply_span(term->low, &to[KETEN__V1__URGENCY__LOW]);
}

const Keten__V1__PolicyRetention *
policy_retention(const struct policy *p, uint32_t level, const char *code)
{
	for (size_t i = 0; i < p->doc->n_retention; i++) {
		const Keten__V1__PolicyRetention *r = p->doc->retention[i];

		if (r->level != level)
			continue;
		if (r->n_codes == 0)
			return (r);
		for (size_t k = 0; k < r->n_codes; k++)
			if (policy_code_in(p, r->codes[k], code))
				return (r);
	}
	return (NULL);
}
