/*
 * flaws -- covenants, and what contradicts something else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "base/conf.h"
#include "policy/flaws_impl.h"

/* --- covenants ----------------------------------------------------------- */

static const char *const content_words[] = { "bsn", "photo", "clinical" };

static void
basis_unknown(struct finder *f, const char *path, const char *word)
{
	const char **words = calloc(f->doc->n_bases + 1, sizeof(*words));
	const char *near;

	for (size_t i = 0; words != NULL && i < f->doc->n_bases; i++)
		words[i] = f->doc->bases[i]->code;
	near = words != NULL ? conf_nearest(word, words, f->doc->n_bases) :
			       NULL;
	flaws_add(f, path, "grondslag '%s' staat niet in 'bases'%s%s%s", word,
	    near != NULL ? "; bedoelde u '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
	free(words);
}

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
			basis_unknown(f, flaws_path(path,
			    "covenants[%zu].bases[%zu]", i, k), c->bases[k]);
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
	if (flaws_seen(f, 'c', c->id, i, NULL))
		flaws_add(f, path, "convenant '%s' staat er twee keer", c->id);
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
	if (c->document[0] == '\0')
		flaws_add(f, path, "convenant '%s' noemt niet waar het "
		    "ondertekende stuk ligt (document)", c->id);
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

/* --- covenants that contradict ------------------------------------------- */

static bool
overlap_in_time(const Keten__V1__PolicyCovenant *a,
    const Keten__V1__PolicyCovenant *b)
{
	return ((a->valid_until_ms == 0 ||
		    b->valid_from_ms < a->valid_until_ms) &&
	    (b->valid_until_ms == 0 || a->valid_from_ms < b->valid_until_ms));
}

static bool
overlap_in_area(const Keten__V1__PolicyCovenant *a,
    const Keten__V1__PolicyCovenant *b)
{
	if (a->n_areas == 0 || b->n_areas == 0)
		return (true);
	for (size_t i = 0; i < a->n_areas; i++)
		for (size_t k = 0; k < b->n_areas; k++)
			if (area_contains(a->areas[i], b->areas[k]) ||
			    area_contains(b->areas[k], a->areas[i]))
				return (true);
	return (false);
}

/* The first code that both are about; NULL: none. */
static const char *
common_code(const struct policy *p, const struct pact *a, const struct pact *b)
{
	for (size_t i = 0; i < p->n_codes; i++)
		if ((a->codes[i / 8] & b->codes[i / 8]) >> (i % 8) & 1)
			return (p->codes[i].name);
	return (NULL);
}

static bool
same_party(const Keten__V1__PolicyParty *a, const Keten__V1__PolicyParty *b)
{
	if (a->who_case != b->who_case)
		return (false);
	switch (a->who_case) {
	case KETEN__V1__POLICY_PARTY__WHO_PARTNER:
		return (strcmp(a->partner, b->partner) == 0);
	case KETEN__V1__POLICY_PARTY__WHO_KIND:
		return (strcmp(a->kind, b->kind) == 0);
	case KETEN__V1__POLICY_PARTY__WHO_NETWORK:
		return (strcmp(a->network, b->network) == 0);
	case KETEN__V1__POLICY_PARTY__WHO_ANYONE:
		return (true);
	case KETEN__V1__POLICY_PARTY__WHO__NOT_SET:
	case _KETEN__V1__POLICY_PARTY__WHO__CASE_IS_INT_SIZE:
		break;
	}
	return (false);
}

/* May the same partner be meant by one of each?  Anyone is everybody. */
static bool
overlap_in_party(Keten__V1__PolicyParty *const *a, size_t n,
    Keten__V1__PolicyParty *const *b, size_t m)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			if (a[i]->who_case ==
				KETEN__V1__POLICY_PARTY__WHO_ANYONE ||
			    b[k]->who_case ==
				KETEN__V1__POLICY_PARTY__WHO_ANYONE ||
			    same_party(a[i], b[k]))
				return (true);
	return (false);
}

static bool
same_words(char *const *a, size_t n, char *const *b, size_t m)
{
	size_t same = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			same += strcmp(a[i], b[k]) == 0;
	return (same == n && same == m);
}

/* A basis that both accept, but not after the same talk with the person. */
static const char *
basis_at_odds(const struct policy *p, const Keten__V1__PolicyCovenant *a,
    const Keten__V1__PolicyCovenant *b)
{
	uint32_t sa = 0, sb = 0;

	for (size_t i = 0; i < a->n_discussed; i++)
		sa |= 1u << ((unsigned)a->discussed[i] & 31);
	for (size_t i = 0; i < b->n_discussed; i++)
		sb |= 1u << ((unsigned)b->discussed[i] & 31);
	for (size_t i = 0; i < a->n_bases && sa != sb; i++) {
		const Keten__V1__PolicyWord *w =
		    policy_word(p, POLICY_BASES, a->bases[i]);

		/* With consent the person has always agreed. */
		if (w == NULL || w->consent)
			continue;
		for (size_t k = 0; k < b->n_bases; k++)
			if (strcmp(a->bases[i], b->bases[k]) == 0)
				return (a->bases[i]);
	}
	return (NULL);
}

/* Two covenants about the same: what do they not agree on? */
static void
compare(struct finder *f, size_t i, const struct pact *a,
    const struct pact *b)
{
	const Keten__V1__PolicyCovenant *x = a->row, *y = b->row;
	const char *code = common_code(f->p, a, b), *basis;
	char path[FLAWS_PATH];

	if (code == NULL || !overlap_in_time(x, y) || !overlap_in_area(x, y) ||
	    !overlap_in_party(x->from, x->n_from, y->from, y->n_from))
		return;
	(void)flaws_path(path, "covenants[%zu]", i);
	basis = basis_at_odds(f->p, x, y);
	if (strcmp(x->controller, y->controller) != 0)
		flaws_add(f, path, "convenant '%s' en '%s' spreken elkaar "
		    "tegen over %s: de een noemt '%s' als verantwoordelijke, "
		    "de ander '%s'; maak er een van", x->id, y->id, code,
		    x->controller, y->controller);
	if (!same_words(x->content, x->n_content, y->content, y->n_content))
		flaws_add(f, path, "convenant '%s' en '%s' spreken elkaar "
		    "tegen over %s: de ontvanger mag volgens het ene andere "
		    "inhoud krijgen dan volgens het andere (content)", x->id,
		    y->id, code);
	if (basis != NULL)
		flaws_add(f, path, "convenant '%s' en '%s' spreken elkaar "
		    "tegen over %s: bij grondslag %s vragen ze een ander "
		    "gesprek met de persoon (discussed)", x->id, y->id, code,
		    basis);
}

/* With each earlier one that names one of the same receivers, once. */
static void
contradictions(struct finder *f, size_t i, size_t *last)
{
	const struct pact *a = &f->p->pacts[i];

	for (size_t t = 0; t < a->row->n_to; t++) {
		uint32_t link = policy_pacts_to(f->p, a->row->to[t]);

		for (; link != 0; link = f->p->links[link].next) {
			size_t k = f->p->links[link].value;

			if (k >= i || last[k] == i + 1)
				continue;
			last[k] = i + 1;
			compare(f, i, a, &f->p->pacts[k]);
		}
	}
}

/* Consent that is never there. */
static void
no_consent(struct finder *f, const Keten__V1__PolicyCovenant *c, size_t i)
{
	char path[FLAWS_PATH];

	for (size_t k = 0; k < c->n_discussed; k++)
		if (c->discussed[k] == KETEN__V1__DISCUSSED__AGREES)
			return;
	for (size_t k = 0; k < c->n_bases && c->n_discussed > 0; k++) {
		const Keten__V1__PolicyWord *w =
		    policy_word(f->p, POLICY_BASES, c->bases[k]);

		if (w != NULL && w->consent)
			flaws_add(f, flaws_path(path,
			    "covenants[%zu].discussed", i), "convenant '%s' "
			    "spreekt zichzelf tegen: grondslag %s is "
			    "toestemming, maar 'agrees' staat niet in "
			    "discussed", c->id, c->bases[k]);
	}
}

/* --- two regisseurs ------------------------------------------------------ */

/* Who names the same area and codes as closely as the one that counts? */
static void
second_regisseur(struct finder *f, const Keten__V1__PolicyRegisseur *r,
    size_t i)
{
	char path[FLAWS_PATH];

	if (!policy_has_duty(r, KETEN__V1__POLICY_DUTY__POLICY_DUTY_PLACING))
		return;
	for (size_t a = 0; a < (r->n_areas == 0 ? 1 : r->n_areas); a++)
		for (size_t k = 0; k < f->p->n_codes; k++) {
			const struct code_row *row = &f->p->codes[k];
			const Keten__V1__PolicyRegisseur *other =
			    policy_regisseur_at(f->p, k,
				r->n_areas == 0 ? NULL : r->areas[a]);

			if (!row->header || other == NULL || other == r ||
			    strcmp(other->partner, r->partner) == 0 ||
			    policy_fit_group(row, r) == 0 ||
			    policy_fit_group(row, r) !=
				policy_fit_group(row, other))
				continue;
			flaws_add(f, flaws_path(path, "regisseurs[%zu]", i),
			    "'%s' en '%s' zijn allebei regisseur voor %s in "
			    "%s; noem er een, of bij een van beide de groepen",
			    other->partner, r->partner, row->name,
			    r->n_areas == 0 ? "elk gebied" : r->areas[a]);
			return;
		}
}

void
flaws_conflicts(struct finder *f)
{
	size_t *last = calloc(f->p->n_pacts + 1, sizeof(*last));

	if (last == NULL)
		flaws_add(f, "", "het geheugen is op; dit beleid is niet "
				 "helemaal nagekeken");
	for (size_t i = 0; i < f->p->n_pacts; i++) {
		if (last != NULL)
			contradictions(f, i, last);
		no_consent(f, f->doc->covenants[i], i);
	}
	free(last);
	for (size_t i = 0; i < f->doc->n_regisseurs; i++)
		second_regisseur(f, f->doc->regisseurs[i], i);
}
