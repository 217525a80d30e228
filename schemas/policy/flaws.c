/*
 * flaws -- what may not be in a policy document: the tools.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "base/conf.h"
#include "policy/flaws_impl.h"

#define TEXT_MAX 512

void
flaws_add(struct finder *f, const char *path, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	f->n++;
	if (f->to->report == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	va_end(ap);
	f->to->report(f->to->cookie, path, text);
}

const char *
flaws_path(char buf[FLAWS_PATH], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, FLAWS_PATH, fmt, ap); /* cut leads nearby */
	va_end(ap);
	return (buf);
}

void
flaws_unknown(struct finder *f, const char *path, const char *what,
    const char *word, const char *const *words, size_t n)
{
	const char *near = words != NULL ? conf_nearest(word, words, n) : NULL;

	if (near != NULL)
		flaws_add(f, path, "%s '%s' bestaat niet; bedoelde u '%s'?",
		    what, word, near);
	else
		flaws_add(f, path, "%s '%s' bestaat niet", what, word);
}

bool
flaws_seen(struct finder *f, char space, const char *name, size_t i,
    size_t *first)
{
	uint32_t was;

	if (f->seen == NULL || !lookup_get_name(f->seen, space, name, &was)) {
		if (f->seen == NULL || lookup_put_name(f->seen, space, name,
			(uint32_t)i) != ERR_OK)
			flaws_add(f, "", "het geheugen is op; dit beleid is "
					 "niet helemaal nagekeken");
		return (false);
	}
	if (first != NULL)
		*first = was;
	return (true);
}

void
flaws_partner(struct finder *f, const char *path, const char *id)
{
	const char **words;

	if (policy_partner_no(f->p, id) >= 0)
		return;
	words = calloc(f->p->n_partners + 1, sizeof(*words));
	for (size_t i = 0; words != NULL && i < f->p->n_partners; i++)
		words[i] = f->p->partners[i]->id;
	flaws_unknown(f, path, "partner", id, words, f->p->n_partners);
	free(words);
}

static bool
is_pattern(const struct policy *p, const char *pattern)
{
	for (size_t i = 0; i < p->n_codes; i++)
		if (policy_matches_row(&p->codes[i], pattern))
			return (true);
	return (false);
}

void
flaws_pattern(struct finder *f, const char *path, const char *pattern)
{
	int no = policy_code_no(f->p, pattern);
	const char **words;

	if (no >= 0 && f->p->codes[no].code != NULL &&
	    f->p->codes[no].code->protected_) {
		flaws_add(f, path, "code '%s' is beschermd; noem hier de "
		    "groep '%s'", pattern, f->p->codes[no].code->group);
		return;
	}
	if (is_pattern(f->p, pattern))
		return;
	words = calloc(f->p->n_codes + 1, sizeof(*words));
	for (size_t i = 0; words != NULL && i < f->p->n_codes; i++)
		words[i] = f->p->codes[i].name;
	flaws_unknown(f, path, "code of groep", pattern, words, f->p->n_codes);
	free(words);
}

void
flaws_area(struct finder *f, const char *path, const char *area)
{
	uint32_t nos[AREA_LEVELS];
	const char **words, *near;
	size_t n;

	if (!area_is_valid(area)) {
		flaws_add(f, path, "'%s' is geen CBS-code; schrijf GM met 4, "
		    "WK met 6 of BU met 8 tekens erachter", area);
		return;
	}
	n = policy_areas_of(f->p, area, nos);
	for (size_t i = 0; i + 1 < n; i++)
		if (f->p->areas[nos[i]].row != NULL)
			return;
	words = calloc(f->doc->n_areas + 1, sizeof(*words));
	for (size_t i = 0; words != NULL && i < f->doc->n_areas; i++)
		words[i] = f->doc->areas[i]->code;
	near = words != NULL ? conf_nearest(area, words, f->doc->n_areas) :
			       NULL;
	flaws_add(f, path, "gebied '%s' ligt in geen gebied van de lijst "
	    "'areas'; voeg de gemeente daar toe%s%s%s", area,
	    near != NULL ? ", of bedoelde u '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
	free(words);
}

/* Kinds that some partner has; networks: with the nearest to ${word}. */
static void
kind_unknown(struct finder *f, const char *path, const char *word)
{
	const char **words = calloc(f->p->n_partners + 1, sizeof(*words));

	for (size_t i = 0; words != NULL && i < f->p->n_partners; i++)
		words[i] = f->p->partners[i]->kind;
	flaws_unknown(f, path, "een partner van de soort", word, words,
	    f->p->n_partners);
	free(words);
}

static void
network_unknown(struct finder *f, const char *path, const char *word)
{
	const char **words = calloc(f->doc->n_networks + 1, sizeof(*words));

	for (size_t i = 0; words != NULL && i < f->doc->n_networks; i++)
		words[i] = f->doc->networks[i]->id;
	flaws_unknown(f, path, "netwerk", word, words, f->doc->n_networks);
	free(words);
}

void
flaws_party(struct finder *f, const char *path,
    const Keten__V1__PolicyParty *party)
{
	uint32_t no;

	switch (party->who_case) {
	case KETEN__V1__POLICY_PARTY__WHO_PARTNER:
		flaws_partner(f, path, party->partner);
		return;
	case KETEN__V1__POLICY_PARTY__WHO_KIND:
		if (!policy_kind_no(f->p, party->kind, &no))
			kind_unknown(f, path, party->kind);
		return;
	case KETEN__V1__POLICY_PARTY__WHO_NETWORK:
		if (policy_network(f->p, party->network) == NULL)
			network_unknown(f, path, party->network);
		return;
	case KETEN__V1__POLICY_PARTY__WHO_ANYONE:
		return;
	case KETEN__V1__POLICY_PARTY__WHO__NOT_SET:
	case _KETEN__V1__POLICY_PARTY__WHO__CASE_IS_INT_SIZE:
		break;
	}
	flaws_add(f, path, "hier hoort een partner, 'kind:soort', "
	    "'network:naam' of 'anyone'");
}

void
flaws_hours(struct finder *f, const char *path,
    const Keten__V1__PolicyHours *hours)
{
	if (hours == NULL)
		return;
	if (hours->n_open == 0)
		flaws_add(f, path, "deze openingstijden zijn nooit open");
	if (hours->n_open > HOURS_MAX)
		flaws_add(f, path, "te veel openingstijden (hoogstens %d)",
		    HOURS_MAX);
	for (size_t i = 0; i < hours->n_open; i++) {
		const Keten__V1__PolicyOpen *o = hours->open[i];

		if (o->day < 1 || o->day > 7 || o->from_min >= o->to_min ||
		    o->to_min > 1440) {
			flaws_add(f, path, "openingstijd %zu klopt niet",
			    i + 1);
			continue;
		}
		if (i > 0 && (o->day < hours->open[i - 1]->day ||
				 (o->day == hours->open[i - 1]->day &&
				     o->from_min < hours->open[i - 1]->to_min)))
			flaws_add(f, path, "openingstijden overlappen of "
			    "staan niet op volgorde");
	}
}

bool
flaws_is_span(const Keten__V1__PolicySpan *s)
{
	return (s == NULL ||
	    (s->n > 0 &&
		(s->unit == KETEN__V1__POLICY_UNIT__POLICY_UNIT_WORK_MINUTES ||
		    s->unit ==
			KETEN__V1__POLICY_UNIT__POLICY_UNIT_CLOCK_MINUTES ||
		    s->unit ==
			KETEN__V1__POLICY_UNIT__POLICY_UNIT_CALENDAR_DAYS)));
}

void
flaws_skip(struct finder *f, const char *path,
    const Keten__V1__PolicySkip *s)
{
	if (s == NULL)
		return;
	if (!flaws_is_span(s->unreachable) || !flaws_is_span(s->entry))
		flaws_add(f, path, "een termijn duurt minstens 1 minuut");
	if (s->unreachable == NULL && s->entry == NULL)
		flaws_add(f, path, "noem unreachable of entry, of laat skip "
				   "weg");
}

void
flaws_term(struct finder *f, const char *path,
    const Keten__V1__PolicyTerm *t)
{
	const char *words[CAL_TERM__MAX];
	size_t n = 0;

	if (t == NULL)
		return;
	for (int i = CAL_TERM_NONE + 1; i < CAL_TERM__MAX; i++)
		words[n++] = cal_term_name((enum cal_term)i);
	if (cal_term_from_name(t->term) == CAL_TERM_NONE)
		flaws_unknown(f, path, "termijn", t->term, words, n);
	if (!flaws_is_span(t->emergent) || !flaws_is_span(t->high) ||
	    !flaws_is_span(t->normal) || !flaws_is_span(t->low))
		flaws_add(f, path, "een termijn duurt minstens 1 minuut");
	if (t->emergent == NULL && t->high == NULL && t->normal == NULL &&
	    t->low == NULL)
		flaws_add(f, path, "noem minstens een van emergent, high, "
				   "normal en low");
	/* Spoed waits for no opening hours. */
	if (t->emergent != NULL && t->emergent->unit ==
	    KETEN__V1__POLICY_UNIT__POLICY_UNIT_WORK_MINUTES)
		flaws_add(f, path, "emergent loopt op de klok; schrijf "
				   "bijvoorbeeld '30 min' of '2 h'");
}

size_t
flaws_find(const struct policy *p, const struct flaws *to)
{
	struct finder f = { .p = p, .doc = policy_doc(p), .to = to,
		.seen = lookup_new() };

	flaws_people(&f);
	flaws_things(&f);
	flaws_covenants(&f);
	flaws_conflicts(&f);
	flaws_routes(&f);
	lookup_free(f.seen);
	return (f.n);
}

size_t
flaws_next(const struct policy *old, const struct policy *p,
    const struct flaws *to)
{
	const Keten__V1__Policy *a = policy_doc(old), *b = policy_doc(p);
	struct finder f = { .p = p, .doc = b, .to = to };

	if (b->index <= a->index)
		flaws_add(&f, "index", "het volgnummer gaat niet vooruit: nu "
		    "geldt %" PRIu64 "; schrijf index: %" PRIu64, a->index,
		    a->index + 1);
	if (strcmp(a->origin, b->origin) != 0)
		flaws_add(&f, "origin", "de naam van de keten mag niet "
		    "veranderen; schrijf origin: %s", a->origin);
	if (b->valid_from_ms < a->valid_from_ms)
		flaws_add(&f, "valid_from", "dit beleid gaat eerder in dan het "
		    "beleid dat nu geldt; neem een latere dag");
	for (size_t i = 0; i < old->n_partners; i++)
		if (policy_partner_no(p, old->partners[i]->id) < 0)
			flaws_add(&f, "partners", "partner '%s' is verdwenen; "
			    "laat hem staan, met een einddatum (ended)",
			    old->partners[i]->id);
	return (f.n);
}
