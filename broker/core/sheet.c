/*
 * sheet -- published months as people and programs read them: what of them,
 * and in which order.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/figures.h"
#include "core/sheet_in.h"
#include "trust/digest.h"

#define FAMILY(name) KETEN__V1__REPORT_FAMILY__REPORT_##name

static const struct sheet_family families[] = {
	{ FAMILY(DECLINED), "declined", "afgewezen", "afgewezen, naar reden" },
	{ FAMILY(ACCEPTED), "accepted", "aangenomen",
	    "aangenomen, per partner" },
	{ FAMILY(PASSED), "passed", "niet aangenomen",
	    "niet aangenomen (afgewezen of geen antwoord), per partner" },
	{ FAMILY(RETURNED), "returned", "teruggegeven",
	    "teruggegeven, per partner" },
	{ FAMILY(OUTCOME), "outcome", "afgerond", "afgerond, naar uitkomst" },
	{ FAMILY(UNITS), "units", "gevraagde keren",
	    "gevraagde keren, per betaler" },
	{ FAMILY(FAILED), "failed", "gesloten door de gemeente",
	    "gesloten door de gemeente, naar reden" },
	{ FAMILY(UNOFFERED), "unoffered", "gevraagd, niemand om aan te bieden",
	    "gevraagd, niemand om aan te bieden" },
	{ FAMILY(MISSING), "missing", "gezocht en niet gevonden",
	    "gezocht en niet gevonden, per dienst" },
	{ FAMILY(TAKEN_MEDIAN), "taken_median", "tot aannemen, mediaan",
	    NULL },
	{ FAMILY(TAKEN_P90), "taken_p90", "tot aannemen, 9 van de 10", NULL },
	{ FAMILY(DONE_MEDIAN), "done_median", "tot afronden, mediaan", NULL },
	{ FAMILY(DONE_P90), "done_p90", "tot afronden, 9 van de 10", NULL },
};

#define N_FAMILIES (sizeof(families) / sizeof(families[0]))

const struct sheet_family *
sheet_family(Keten__V1__ReportFamily family)
{
	static const struct sheet_family other = { 0, "other", "anders",
		NULL };

	for (size_t i = 0; i < N_FAMILIES; i++)
		if (families[i].family == family)
			return (&families[i]);
	return (&other);
}

/* --- words ------------------------------------------------------------------- */

static const Keten__V1__ReportWord *
word_in(const Keten__V1__ReportFacts *m, const char *code)
{
	size_t low = 0, high = m->n_words;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(m->words[mid]->code, code);

		if (d == 0)
			return (m->words[mid]);
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return (NULL);
}

/* The newest month that knows it. */
static const Keten__V1__ReportWord *
word_of(const struct sheet_ask *ask, const char *code)
{
	const Keten__V1__ReportWord *w = NULL;

	for (size_t i = ask->period->n; w == NULL && i-- > 0;)
		w = word_in(ask->months[i], code);
	return (w);
}

const char *
sheet_label(const struct sheet *s, const char *code)
{
	const Keten__V1__ReportWord *w = word_of(s->ask, code);

	return (w == NULL ? "" : w->label);
}

/* --- which cells ---------------------------------------------------------------- */

static bool
is_gap(const struct sheet_ask *ask, const Keten__V1__ReportCell *c)
{
	const Keten__V1__ReportWord *w;

	if (c->family == FAMILY(UNOFFERED) || c->family == FAMILY(MISSING))
		return (true);
	if (c->family != FAMILY(DECLINED) && c->family != FAMILY(FAILED))
		return (false);
	w = word_of(ask, c->key);
	return (w != NULL && w->gap);
}

static bool
is_wanted(const struct sheet_ask *ask, const Keten__V1__ReportCell *c)
{
	if (ask->what == SHEET_GAPS && !is_gap(ask, c))
		return (false);
	return (org_is_none(&ask->who) ||
	    policy_oversees(ask->policy, &ask->who, c->group, c->area));
}

static int
by_place(const void *a, const void *b)
{
	const struct sheet_cell *x = a, *y = b;
	const struct figures_place at = { x->area, x->group, x->family,
		x->key };
	const struct figures_place other = { y->area, y->group, y->family,
		y->key };
	const int d = figures_order(&at, &other);

	return (d != 0 ? d : strcmp(x->month, y->month));
}

/* Counts of several months are added up; lead times stay those of each. */
static void
add_up(struct sheet *s)
{
	size_t n = 0;

	if (s->n == 0)
		return;
	qsort(s->cells, s->n, sizeof(*s->cells), by_place);
	for (size_t i = 1; i < s->n; i++) {
		if (by_place(&s->cells[n], &s->cells[i]) == 0)
			s->cells[n].n += s->cells[i].n;
		else
			s->cells[++n] = s->cells[i];
	}
	s->n = n + 1;
}

static MUST_CHECK enum err
collect(struct sheet *s)
{
	const struct sheet_ask *ask = s->ask;
	size_t n = 0;

	for (size_t i = 0; i < ask->period->n; i++) {
		n += ask->months[i]->n_cells;
		s->unread += ask->months[i]->unread;
	}
	s->cells = calloc(n + 1, sizeof(*s->cells));
	if (s->cells == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < ask->period->n; i++)
		for (size_t k = 0; k < ask->months[i]->n_cells; k++) {
			const Keten__V1__ReportCell *c =
			    ask->months[i]->cells[k];

			if (!is_wanted(ask, c))
				continue;
			s->cells[s->n++] = (struct sheet_cell){ c->area,
				c->group, c->family, c->key,
				ask->period->n > 1 &&
				!figures_is_count(c->family) ?
				ask->months[i]->period : "", c->n };
		}
	add_up(s);
	return (ERR_OK);
}

/* --- what was not counted ------------------------------------------------------------ */

bool
sheet_not(const struct sheet *s, size_t i, char *text, size_t cap)
{
	static const char *const always[] = {
		"alles wat in een cel (maand, wijk, groep) minder dan 3 keer "
		"gebeurde: dat staat er niet, ook niet in de totalen",
		"aantallen zelf: elk getal is afgerond op een veelvoud van 5",
		"wat aan de makelaar voorbij ging (telefoon, mail)",
		"hoe vaak er echt geholpen is: er staat hoe vaak er om "
		"gevraagd is, waar minstens 5 verwijzingen dat deden",
		"doorlooptijden waar minder dan 5 afrondingen uit de getallen "
		"blijken; uitkomst UIT-09 telt er niet in mee",
	};
	size_t n = sizeof(always) / sizeof(always[0]);

	if (i < n)
		(void)snprintf(text, cap, "%s", always[i]);
	else if (i == n && s->unread > 0)
		(void)snprintf(text, cap, "hoogstens %" PRIu64 " records "
		    "die gewist waren toen dit voor het eerst gemaakt werd", s->unread);
	else
		return (false);
	return (true);
}

/* --- all of it --------------------------------------------------------------------------- */

enum sheet_what
sheet_what(const char *name)
{
	if (strcmp(name, "figures") == 0)
		return (SHEET_FIGURES);
	return (strcmp(name, "gaps") == 0 ? SHEET_GAPS : (enum sheet_what)0);
}

static const struct {
	const char *name;
	enum sheet_format format;
	void (*write)(const struct sheet *s);
} formats[] = {
	{ "text", SHEET_TEXT, sheet_text },
	{ "json", SHEET_JSON, sheet_json },
	{ "csv", SHEET_CSV, sheet_csv },
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

enum sheet_format
sheet_format(const char *name)
{
	for (size_t i = 0; i < N_FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return (formats[i].format);
	return ((enum sheet_format)0);
}

enum err
sheet_write(const struct sheet_ask *ask, char **text, size_t *len)
{
	struct sheet s = { .ask = ask };
	char *made = NULL;
	size_t n = 0;
	enum err err = ERR_NOMEM;

	if ((s.to = open_memstream(&made, &n)) != NULL)
		err = collect(&s);
	for (size_t i = 0; err == ERR_OK && i < N_FORMATS; i++)
		if (formats[i].format == ask->format)
			formats[i].write(&s);
	free(s.cells);
	if (s.to != NULL && (ferror(s.to) || fclose(s.to) != 0) &&
	    err == ERR_OK)
		err = ERR_NOMEM;
	if (err != ERR_OK) {
		free(made);
		return (err);
	}
	*text = made;
	*len = n;
	return (ERR_OK);
}

enum err
sheet_digest(const char *origin, const struct period *period,
    const Keten__V1__ReportFacts *month, uint8_t digest[32])
{
	const struct sheet_ask ask = { .what = SHEET_FIGURES,
		.format = SHEET_JSON, .period = period, .origin = origin,
		.months = &month };
	char *text;
	size_t len;
	enum err err = sheet_write(&ask, &text, &len);

	if (err != ERR_OK)
		return (err);
	digest_of(text, len, digest);
	free(text);
	return (ERR_OK);
}
