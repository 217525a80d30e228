/*
 * telling_access -- who was shown what from the log, in a sentence.
 */
#include <stdio.h>
#include <string.h>

#include "audit/telling.h"
#include "base/bytes.h"

/* "%s" is what was shown; NULL fits anything. */
static const struct {
	const char *why;
	const char *what;
	const char *nl;
} sentences[] = {
	{ "show", NULL, "bekeek verwijzing %s" },
	{ "explain", NULL, "bekeek waarom verwijzing %s zo loopt" },
	{ "ketenctl", "queue", "bekeek de wachtrij (%s)" },
	{ "list", "erase", "bekeek wat er gewist moet worden (%s)" },
	{ "status", "erase", "bekeek wie een wissing nog niet bevestigde (%s)" },
	{ "", "backup", "maakte een reservekopie (%s)" },
	{ "policy diff", "open work",
	    "bekeek wat een nieuw beleid met het open werk doet (%s)" },
	{ "report", NULL, "kreeg een rapport: %s" },
	{ "publiceren", NULL, "publiceerde de cijfers van %s" },
};

/* The names of reports. */
static const struct {
	const char *name;
	const char *nl;
} reports[] = {
	{ "open", "wat er open staat" },
	{ "figures", "cijfers" },
	{ "gaps", "gaten in het aanbod" },
};

/* "figures 2026-10 csv": "cijfers 2026-10 csv". */
static void
name_report(const char *what, char *out, size_t cap)
{
	size_t len = strcspn(what, " ");

	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
		if (strlen(reports[i].name) == len &&
		    memcmp(reports[i].name, what, len) == 0) {
			(void)snprintf(out, cap, "%s%s", reports[i].nl,
			    what + len);
			return;
		}
	(void)snprintf(out, cap, "%s", what);
}

static const char *
who_of(const Keten__V1__AccessFacts *f)
{
	return (strcmp(f->who, "ketenctl") == 0 ? "de beheerder" : f->who);
}

static const char *
sentence_of(const Keten__V1__AccessFacts *f)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strcmp(sentences[i].why, f->why) == 0 &&
		    (sentences[i].what == NULL ||
			strcmp(sentences[i].what, f->what) == 0))
			return (sentences[i].nl);
	return (NULL);
}

/* Put ${what} in the place of "%s" in ${nl}. */
static void
fill_in(const char *nl, const char *what, char *out, size_t cap)
{
	const char *at = strstr(nl, "%s");

	(void)snprintf(out, cap, "%.*s%s%s", (int)(at - nl), nl, what,
	    at + 2);
}

void
telling_access(const Keten__V1__AccessFacts *f, char out[TELLING_WHAT])
{
	const char *nl = sentence_of(f);
	char what[TELLING_WHAT / 2], did[TELLING_WHAT - 120], of[40] = "";

	if (nl == NULL) {
		(void)snprintf(out, TELLING_WHAT, "%.40s zag %.60s, reden: %.40s",
		    who_of(f), f->what, f->why);
		return;
	}
	name_report(f->what, what, sizeof(what));
	fill_in(nl, what, did, sizeof(did));
	if (f->report != NULL && f->report->pages > 0)
		(void)snprintf(of, sizeof(of), ", bladzijde %u van %u",
		    f->report->page + 1, f->report->pages);
	(void)snprintf(out, TELLING_WHAT, "%.40s %s%s", who_of(f), did, of);
}
