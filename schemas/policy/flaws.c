/*
 * flaws -- what may not be in a policy document: the tools, and covenants.
 */
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

/* Say that ${word} is not one of ${n} ${words}, and which was meant. */
static void
add_unknown(struct finder *f, const char *path, const char *what,
    const char *word, const char **words, size_t n)
{
	const char *near = words != NULL ? conf_nearest(word, words, n) : NULL;

	if (near != NULL)
		flaws_add(f, path, "%s '%s' bestaat niet; bedoelde u '%s'?",
		    what, word, near);
	else
		flaws_add(f, path, "%s '%s' bestaat niet", what, word);
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
	add_unknown(f, path, "partner", id, words, f->p->n_partners);
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
	add_unknown(f, path, "code of groep", pattern, words, f->p->n_codes);
	free(words);
}

void
flaws_area(struct finder *f, const char *path, const char *area)
{
	if (!area_is_valid(area)) {
		flaws_add(f, path, "'%s' is geen CBS-code; schrijf GM met 4, "
		    "WK met 6 of BU met 8 tekens erachter", area);
		return;
	}
	for (size_t i = 0; i < f->doc->n_areas; i++)
		if (area_contains(f->doc->areas[i]->code, area))
			return;
	flaws_add(f, path, "gebied '%s' ligt in geen gebied van de lijst "
	    "'areas'; voeg de gemeente daar toe", area);
}

static bool
is_kind_used(const struct policy *p, const char *kind)
{
	for (size_t i = 0; i < p->n_partners; i++)
		if (strcmp(p->partners[i]->kind, kind) == 0)
			return (true);
	return (false);
}

void
flaws_party(struct finder *f, const char *path,
    const Keten__V1__PolicyParty *party)
{
	switch (party->who_case) {
	case KETEN__V1__POLICY_PARTY__WHO_PARTNER:
		flaws_partner(f, path, party->partner);
		return;
	case KETEN__V1__POLICY_PARTY__WHO_KIND:
		if (!is_kind_used(f->p, party->kind))
			flaws_add(f, path, "er is geen partner van de soort "
			    "'%s'", party->kind);
		return;
	case KETEN__V1__POLICY_PARTY__WHO_NETWORK:
		if (policy_network(f->p, party->network) == NULL)
			flaws_add(f, path, "netwerk '%s' bestaat niet",
			    party->network);
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
		add_unknown(f, path, "termijn", t->term, words, n);
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

/* --- covenants ----------------------------------------------------------- */

static const char *const content_words[] = { "bsn", "photo", "clinical" };

static void
covenant_lists(struct finder *f, const Keten__V1__PolicyCovenant *c, size_t i)
{
	char path[FLAWS_PATH];

	for (size_t k = 0; k < c->n_from; k++)
		flaws_party(f, flaws_path(path, "covenants[%zu].from[%zu]", i,
		    k), c->from[k]);
	for (size_t k = 0; k < c->n_to; k++)
		flaws_party(f, flaws_path(path, "covenants[%zu].to[%zu]", i,
		    k), c->to[k]);
	for (size_t k = 0; k < c->n_codes; k++)
		flaws_pattern(f, flaws_path(path, "covenants[%zu].codes[%zu]",
		    i, k), c->codes[k]);
	for (size_t k = 0; k < c->n_areas; k++)
		flaws_area(f, flaws_path(path, "covenants[%zu].areas[%zu]", i,
		    k), c->areas[k]);
	for (size_t k = 0; k < c->n_bases; k++)
		if (policy_word(f->p, POLICY_BASES, c->bases[k]) == NULL)
			flaws_add(f, flaws_path(path,
			    "covenants[%zu].bases[%zu]", i, k),
			    "grondslag '%s' staat niet in 'bases'",
			    c->bases[k]);
	for (size_t k = 0; k < c->n_content; k++)
		if (strcmp(c->content[k], content_words[0]) != 0 &&
		    strcmp(c->content[k], content_words[1]) != 0 &&
		    strcmp(c->content[k], content_words[2]) != 0)
			flaws_add(f, flaws_path(path,
			    "covenants[%zu].content[%zu]", i, k),
			    "'%s' kan hier niet; kies uit bsn, photo, clinical",
			    c->content[k]);
	for (size_t k = 0; k < c->n_discussed; k++)
		if (c->discussed[k] < KETEN__V1__DISCUSSED__AGREES ||
		    c->discussed[k] > KETEN__V1__DISCUSSED__NOT_YET_UNABLE)
			flaws_add(f, flaws_path(path,
			    "covenants[%zu].discussed[%zu]", i, k),
			    "dit is geen stand van het gesprek");
}

static void
covenant_itself(struct finder *f, const Keten__V1__PolicyCovenant *c, size_t i)
{
	char path[FLAWS_PATH];

	(void)flaws_path(path, "covenants[%zu]", i);
	if (c->id[0] == '\0')
		flaws_add(f, path, "dit convenant heeft geen id");
	for (size_t k = 0; k < i; k++)
		if (strcmp(f->doc->covenants[k]->id, c->id) == 0)
			flaws_add(f, path, "convenant '%s' staat er twee keer",
			    c->id);
	if (c->n_from == 0 || c->n_to == 0)
		flaws_add(f, path, "convenant '%s' noemt niet wie naar wie "
		    "mag verwijzen (from, to)", c->id);
	if (c->n_bases == 0)
		flaws_add(f, path, "convenant '%s' noemt geen grondslag "
		    "(bases)", c->id);
	if (c->valid_until_ms != 0 && c->valid_until_ms <= c->valid_from_ms)
		flaws_add(f, flaws_path(path, "covenants[%zu].valid_until", i),
		    "convenant '%s' eindigt voor het begint; draai de data om",
		    c->id);
	(void)flaws_path(path, "covenants[%zu].controller", i);
	if (c->controller[0] == '\0')
		flaws_add(f, path, "convenant '%s' noemt geen "
		    "verwerkingsverantwoordelijke (controller)", c->id);
	else
		flaws_partner(f, path, c->controller);
}

void
flaws_covenants(struct finder *f)
{
	if (f->doc->n_covenants == 0)
		flaws_add(f, "", "er is geen enkel convenant (covenants)");
	for (size_t i = 0; i < f->doc->n_covenants; i++) {
		covenant_itself(f, f->doc->covenants[i], i);
		covenant_lists(f, f->doc->covenants[i], i);
	}
}

size_t
flaws_find(const struct policy *p, const struct flaws *to)
{
	struct finder f = { .p = p, .doc = policy_doc(p), .to = to };

	flaws_people(&f);
	flaws_things(&f);
	flaws_covenants(&f);
	flaws_routes(&f);
	return (f.n);
}
