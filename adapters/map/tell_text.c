#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life/calendar.h"
#include "map/check.h"
#include "map/tell.h"

struct page {
	FILE *to;
	const struct keten_referral *r;
};

static void
line(FILE *to, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		(void)fprintf(to, "%s: %s\n", name, text);
}

static void
line_of_two(FILE *to, const char *name, const char *code, const char *label)
{
	if (code[0] != '\0')
		(void)fprintf(to, "%s: %s%s%s\n", name, code,
		    label[0] == '\0' ? "" : " ", label);
}

static void
state(FILE *to, const struct map_news *m)
{
	const struct keten_referral *r = m->r;
	int64_t until = r->offer_until_ms > 0 ? r->offer_until_ms :
	    r->next_ms;
	char buf[CAL_TEXT];

	line_of_two(to, "Wat", r->code,
	    m->code_label[0] != '\0' ? m->code_label : r->code_nl);
	line(to, "Gebied", r->area);
	line(to, "Toestand", r->state_nl);
	line(to, "Bron", r->originator);
	line(to, "Houder", r->holder);
	line_of_two(to, "Uitkomst", r->outcome, m->outcome_label);
	line_of_two(to, "Reden", r->reason, m->reason_label);
	if (until > 0)
		(void)fprintf(to, "Termijn: %s%s%s\n", cal_text(until, buf),
		    r->next_nl[0] == '\0' ? "" : ", ", r->next_nl);
	if (r->overdue)
		(void)fprintf(to, "Let op: de termijn is verstreken.\n");
	if (strcmp(r->code, "SIG-303") == 0)
		(void)fprintf(to, "\n%s\n", MAP_VEILIG_THUIS);
}

static void
step(void *cookie, enum keten_step s)
{
	const struct page *p = cookie;
	json_t *example = NULL;
	char *text;

	if (map_example(p->r, s, &example) != ERR_OK)
		return;
	text = json_dumps(example, JSON_COMPACT);
	(void)fprintf(p->to, "  %s\n    %s\n", keten_step_label(s),
	    text == NULL ? "" : text);
	free(text);
	json_decref(example);
}

static void
page(FILE *to, const struct map_news *m)
{
	struct page p = {to, m->r};
	char buf[CAL_TEXT];

	(void)fprintf(to, "%s\n\n", m->news->text);
	line(to, "Verwijzing", m->news->referral);
	line(to, "Uw kenmerk", m->key);
	(void)fprintf(to, "Tijd: %s\n", cal_text(m->news->time_ms, buf));
	line(to, "Door", m->news->by);
	if (m->r != NULL)
		state(to, m);
	line(to, "\nToelichting", m->note);
	line(to, "\nTekst", m->text);
	if (m->person != NULL)
		(void)fprintf(to, "\nHet persoonsdeel staat in het bestand "
		    "hiernaast.\n");
	if (m->r == NULL || m->r->may[0] == '\0')
		return;
	(void)fprintf(to, "\nWat u nu kunt doen: zet een bestand met de "
	    "naam iets.json in out/new met daarin:\n\n");
	map_may(m->r, step, &p);
}

enum err
tell_text(const struct map_news *m, char **data, size_t *len)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return (ERR_NOMEM);
	page(to, m);
	if (fclose(to) != 0) {
		free(text);
		return (ERR_NOMEM);
	}
	*data = text;
	*len = n;
	return (ERR_OK);
}
