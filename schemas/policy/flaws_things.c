/*
 * flaws -- codes, areas, words, terms and the rest of the document.
 */
#include <string.h>

#include "base/area.h"
#include "life/words.h"
#include "policy/erasure.h"
#include "policy/flaws_impl.h"

/* "SIG-101": three capitals, a dash, three digits. */
static bool
is_code(const char *t)
{
	static const char shape[] = "AAA-ddd";

	for (size_t i = 0; shape[i] != '\0'; i++)
		if ((shape[i] == 'A' && (t[i] < 'A' || t[i] > 'Z')) ||
		    (shape[i] == 'd' && (t[i] < '0' || t[i] > '9')) ||
		    (shape[i] == '-' && t[i] != '-'))
			return (false);
	return (t[7] == '\0');
}

static bool
fits_kind(const char *code, Keten__V1__PolicyCodeKind kind)
{
	if (kind == KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SIGNAL)
		return (strncmp(code, "SIG-", 4) == 0);
	if (kind == KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SERVICE)
		return (strncmp(code, "DST-", 4) == 0);
	return (false);
}

/*
 * Violence at home, substances and mental distress: whoever sees only that such
 * a signal exists must not learn what it is.  No policy may decide otherwise.
 */
static bool
must_be_protected(const char *code)
{
	static const char *const begins[] = { "SIG-302", "SIG-303", "SIG-6" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(code, begins[i], strlen(begins[i])) == 0)
			return (true);
	return (false);
}

static void
code(struct finder *f, const Keten__V1__PolicyCode *c, size_t i)
{
	const Keten__V1__PolicyGroup *g = policy_group(f->p, c->group);
	char path[FLAWS_PATH];

	(void)flaws_path(path, "codes[%zu].code", i);
	if (!is_code(c->code) || !fits_kind(c->code, c->kind))
		flaws_add(f, path, "'%s' is geen code; schrijf SIG-101 voor "
		    "een signaal, DST-101 voor een dienst", c->code);
	for (size_t k = 0; k < i; k++)
		if (strcmp(f->doc->codes[k]->code, c->code) == 0)
			flaws_add(f, path, "code '%s' staat er twee keer",
			    c->code);
	if (c->label[0] == '\0')
		flaws_add(f, path, "code '%s' heeft geen omschrijving (label)",
		    c->code);
	(void)flaws_path(path, "codes[%zu].group", i);
	if (must_be_protected(c->code) && !c->protected_)
		flaws_add(f, path, "code '%s' is altijd beschermd; zet hem in "
		    "een groep met 'protected: ja'", c->code);
	if (g == NULL)
		flaws_add(f, path, "groep '%s' van code '%s' staat niet in "
		    "'groups'", c->group, c->code);
	else if (g->protected_ != c->protected_)
		flaws_add(f, path, "in een groep zijn alle codes beschermd of "
		    "geen; zet '%s' in een andere groep", c->code);
	else if (g->kind != c->kind)
		flaws_add(f, path, "code '%s' en groep '%s' zijn niet van "
		    "dezelfde soort", c->code, c->group);
}

/* The one function is at somebody who can be asked, or at a regisseur. */
static void
function_of(struct finder *f, const Keten__V1__PolicyGroup *g,
    const char *path)
{
	struct org org = org_of(g->function_partner);

	flaws_partner(f, path, g->function_partner);
	if (policy_partner(f->p, &org) != NULL &&
	    (policy_has_ended(f->p, &org, f->doc->valid_from_ms) ||
		(!policy_has_role(f->p, &org,
		     KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE) &&
		    !policy_has_role(f->p, &org,
			KETEN__V1__POLICY_ROLE__POLICY_ROLE_REGISSEUR))))
		flaws_add(f, path, "'%s' kan groep '%s' niet behandelen: hij "
		    "doet niet mee als candidate of regisseur", org.id, g->id);
}

static void
group(struct finder *f, const Keten__V1__PolicyGroup *g, size_t i)
{
	char path[FLAWS_PATH];

	(void)flaws_path(path, "groups[%zu].id", i);
	if (!is_code(g->id) || !fits_kind(g->id, g->kind))
		flaws_add(f, path, "'%s' is geen groep; schrijf SIG-100 of "
		    "DST-100", g->id);
	for (size_t k = 0; k < i; k++)
		if (strcmp(f->doc->groups[k]->id, g->id) == 0)
			flaws_add(f, path, "groep '%s' staat er twee keer",
			    g->id);
	for (size_t k = 0; k < f->doc->n_codes; k++)
		if (strcmp(f->doc->codes[k]->code, g->id) == 0)
			flaws_add(f, path, "'%s' is ook een code", g->id);
	if (g->label[0] == '\0')
		flaws_add(f, path, "groep '%s' heeft geen omschrijving "
		    "(label)", g->id);
	if (!g->protected_)
		return;
	if (g->function_partner[0] == '\0' || g->function[0] == '\0')
		flaws_add(f, path, "groep '%s' is beschermd; noem de ene "
		    "functie die haar behandelt (function_partner en "
		    "function)", g->id);
	else
		function_of(f, g, flaws_path(path, "groups[%zu]"
		    ".function_partner", i));
}

static void
area(struct finder *f, const Keten__V1__PolicyArea *a, size_t i)
{
	char path[FLAWS_PATH];

	(void)flaws_path(path, "areas[%zu].code", i);
	if (!area_is_valid(a->code))
		flaws_add(f, path, "'%s' is geen CBS-code; schrijf GM met 4, "
		    "WK met 6 of BU met 8 tekens erachter", a->code);
	if (flaws_seen(f, 'a', a->code, i, NULL))
		flaws_add(f, path, "gebied '%s' staat er twee keer", a->code);
	if (a->edition < 2000 || a->edition > 2199)
		flaws_add(f, path, "gebied '%s' noemt het jaar van de "
		    "CBS-lijst niet (edition)", a->code);
}

/* --- words --------------------------------------------------------------- */

/* What somebody can sign for with a reason, beside the steps. */
static bool
is_request(const char *name)
{
	return (strcmp(name, "ERASE") == 0 || strcmp(name, "RETAIN") == 0 ||
	    strcmp(name, "UNRETAIN") == 0);
}

static void
word(struct finder *f, const char *list, Keten__V1__PolicyWord *const *words,
    size_t i)
{
	const Keten__V1__PolicyWord *w = words[i];
	char path[FLAWS_PATH];

	(void)flaws_path(path, "%s[%zu].code", list, i);
	if (w->code[0] == '\0' || w->label[0] == '\0')
		flaws_add(f, path, "'%s' mist een code of een omschrijving "
		    "(code, label)", w->code);
	if (strlen(w->code) > 16)
		flaws_add(f, path, "'%s' is langer dan 16 tekens", w->code);
	for (size_t k = 0; k < i; k++)
		if (strcmp(words[k]->code, w->code) == 0)
			flaws_add(f, path, "'%s' staat er twee keer", w->code);
	for (size_t k = 0; k < w->n_events; k++)
		if (words_event_from(w->events[k]) == EV_NONE &&
		    !is_request(w->events[k]))
			flaws_add(f, flaws_path(path, "%s[%zu].events[%zu]",
			    list, i, k), "stap '%s' bestaat niet",
			    w->events[k]);
}

static void
words(struct finder *f)
{
	const Keten__V1__Policy *d = f->doc;
	const struct {
		const char *name;
		Keten__V1__PolicyWord *const *words;
		size_t n;
		bool needed;
	} lists[] = {
		{ "declines", d->declines, d->n_declines, true },
		{ "outcomes", d->outcomes, d->n_outcomes, true },
		{ "bases", d->bases, d->n_bases, true },
		{ "reasons", d->reasons, d->n_reasons, true },
		{ "payers", d->payers, d->n_payers, false },
		{ "outsides", d->outsides, d->n_outsides, false },
	};

	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
		if (lists[k].needed && lists[k].n == 0)
			flaws_add(f, "", "de lijst '%s' ontbreekt of is leeg",
			    lists[k].name);
		for (size_t i = 0; i < lists[k].n; i++)
			word(f, lists[k].name, lists[k].words, i);
	}
}

/* --- the rest ------------------------------------------------------------ */

/* name+8 hexadecimal digits+base64; the base64 may hold more of '+'. */
/* A name that a folder can have. */
static bool
is_plain(const char *t)
{
	size_t len = strlen(t);

	return (len > 0 && len < 64 && t[0] != '.' &&
	    strspn(t, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len);
}

static bool
is_vkey(const char *t)
{
	size_t name = strcspn(t, "+ \n");
	size_t hex;

	if (name == 0 || t[name] != '+')
		return (false);
	hex = strspn(t + name + 1, "0123456789abcdef");
	return (hex == 8 && t[name + 9] == '+' &&
	    strlen(t + name + 10) == 44);
}

static void
retention(struct finder *f, const Keten__V1__PolicyRetention *r, size_t i)
{
	char path[FLAWS_PATH];

	(void)flaws_path(path, "retention[%zu]", i);
	if (r->rule == 0 || r->rule > ERASURE_RULE_MAX)
		flaws_add(f, path, "een bewaarregel heeft een nummer van 1 tot "
				   "%d (rule)", ERASURE_RULE_MAX);
	for (size_t k = 0; k < i; k++)
		if (f->doc->retention[k]->rule == r->rule)
			flaws_add(f, path, "bewaarregel %u staat er twee keer",
			    r->rule);
	if (r->level != 1 && r->level != 2)
		flaws_add(f, path, "level is 1 (inhoud) of 2 (regels)");
	if (r->days == 0 || (r->level == 2 && r->days < 5 * 365))
		flaws_add(f, path, "days ontbreekt of is te kort; het logboek "
				   "blijft minstens 1825 dagen");
	for (size_t k = 0; k < r->n_codes; k++)
		flaws_pattern(f, flaws_path(path, "retention[%zu].codes[%zu]",
		    i, k), r->codes[k]);
}

static void
holiday(struct finder *f, const Keten__V1__PolicyHoliday *h, size_t i)
{
	struct calendar cal = { { 0 } };
	struct cal_date d = { (int)(h->date / 10000),
		(int)(h->date / 100 % 100), (int)(h->date % 100) };
	char path[FLAWS_PATH];

	if (!cal_set_holiday(&cal, d, true))
		flaws_add(f, flaws_path(path, "holidays[%zu].date", i),
		    "dit is geen datum tussen 1970 en 2200");
}

static void
catalogue(struct finder *f)
{
	const Keten__V1__PolicyCatalogue *c = f->doc->catalogue;

	if (c != NULL && (!flaws_is_span(c->stale) ||
			     !flaws_is_span(c->shortage)))
		flaws_add(f, "catalogue", "een termijn duurt minstens 1 "
					  "minuut");
}

static void
keys_and_alarms(struct finder *f)
{
	const Keten__V1__Policy *d = f->doc;
	char path[FLAWS_PATH];

	if (d->log_vkey[0] != '\0' && !is_vkey(d->log_vkey))
		flaws_add(f, "log_vkey", "dit is geen vkey (naam+8 "
					 "cijfers+base64)");
	for (size_t i = 0; i < d->n_former_log_vkey; i++)
		if (!is_vkey(d->former_log_vkey[i]))
			flaws_add(f, flaws_path(path, "former_log_vkey[%zu]",
			    i), "dit is geen vkey (naam+8 cijfers+base64)");
		else if (strcmp(d->former_log_vkey[i], d->log_vkey) == 0)
			flaws_add(f, flaws_path(path, "former_log_vkey[%zu]",
			    i), "dit is de sleutel van nu (log_vkey)");
	for (size_t i = 0; i < d->n_witnesses; i++) {
		if (!is_vkey(d->witnesses[i]->vkey))
			flaws_add(f, flaws_path(path, "witnesses[%zu].vkey",
			    i), "dit is geen vkey (naam+8 cijfers+base64)");
		if (!is_plain(d->witnesses[i]->name))
			flaws_add(f, flaws_path(path, "witnesses[%zu].name",
			    i), "een naam is 1 tot 63 kleine letters, cijfers, "
			    "punten en streepjes, en begint niet met een "
			    "punt");
	}
	if (d->witness_quorum > d->n_witnesses)
		flaws_add(f, "witness_quorum", "er zijn maar %zu getuigen"
		    "; verlaag dit getal of noem er meer (witnesses)",
		    d->n_witnesses);
	for (size_t i = 0; i < d->n_alarms; i++) {
		(void)flaws_path(path, "alarms[%zu]", i);
		if (d->alarms[i]->phone[0] == '\0' ||
		    d->alarms[i]->label[0] == '\0')
			flaws_add(f, path, "een alarmnummer heeft phone en "
					   "label");
		for (size_t k = 0; k < d->alarms[i]->n_codes; k++)
			if (policy_code_no(f->p, d->alarms[i]->codes[k]) < 0)
				flaws_pattern(f, path,
				    d->alarms[i]->codes[k]);
	}
}

static void
head(struct finder *f)
{
	const Keten__V1__Policy *d = f->doc;

	if (d->index == 0)
		flaws_add(f, "index", "index ontbreekt: 1 voor het eerste "
		    "beleid, daarna steeds hoger");
	if (d->origin[0] == '\0' || strlen(d->origin) > 100 ||
	    strpbrk(d->origin, " +\n|") != NULL)
		flaws_add(f, "origin", "origin ontbreekt of kan niet: een naam "
		    "zonder spaties, zoals keten.voorbeeld.nl/2026");
	if (d->introducer[0] == '\0')
		flaws_add(f, "introducer", "introducer ontbreekt: wie dit "
		    "beleid ondertekent");
	if (d->valid_from_ms <= 0)
		flaws_add(f, "valid_from", "valid_from ontbreekt: de dag "
		    "waarop dit beleid ingaat");
}

void
flaws_things(struct finder *f)
{
	char path[FLAWS_PATH];

	head(f);
	if (f->doc->n_codes == 0 || f->doc->n_areas == 0)
		flaws_add(f, "", "er zijn geen codes of geen gebieden (codes, "
				 "areas)");
	for (size_t i = 0; i < f->doc->n_codes; i++)
		code(f, f->doc->codes[i], i);
	for (size_t i = 0; i < f->doc->n_groups; i++)
		group(f, f->doc->groups[i], i);
	for (size_t i = 0; i < f->doc->n_areas; i++)
		area(f, f->doc->areas[i], i);
	words(f);
	for (size_t i = 0; i < f->doc->n_terms; i++)
		flaws_term(f, flaws_path(path, "terms[%zu]", i),
		    f->doc->terms[i]);
	flaws_skip(f, "skip", f->doc->skip);
	for (size_t i = 0; i < f->doc->n_holidays; i++)
		holiday(f, f->doc->holidays[i], i);
	for (size_t i = 0; i < f->doc->n_retention; i++)
		retention(f, f->doc->retention[i], i);
	catalogue(f);
	keys_and_alarms(f);
}
