#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dropbox/answer.h"
#include "map/check.h"
#include "map/csv.h"
#include "map/fhir/fhir.h"
#include "map/news.h"

static bool
is_sent(const struct answer_item *item)
{
	return (item->out.status == KETEN_DONE);
}

/* One sentence about one item. */
static void
sentence(const struct answer_item *item, char out[1024])
{
	const struct keten_outcome *r = &item->out;
	const char *step = map_get(item->o, MAP_STEP);

	if (item->nothing)
		(void)snprintf(out, 1024, "Niets veranderd: dit is al bekend "
		    "als verwijzing %s.", r->referral);
	else if (is_sent(item) && r->referral[0] == '\0')
		(void)snprintf(out, 1024, "Verstuurd: %s. Nummer %llu in het "
		    "logboek.", keten_step_label(map_step_of(step)),
		    (unsigned long long)r->index);
	else if (is_sent(item))
		(void)snprintf(out, 1024, "Verstuurd: %s. Verwijzing %s, "
		    "nummer %llu in het logboek.",
		    keten_step_label(map_step_of(step)), r->referral,
		    (unsigned long long)r->index);
	else
		(void)snprintf(out, 1024, "Niet gelukt: %s%s%s%s%s%s%s%s",
		    r->text, r->rule[0] == '\0' ? "" : " (", r->rule,
		    r->rule[0] == '\0' ? "" : ")",
		    r->todo[0] == '\0' ? "" : " ", r->todo,
		    r->code[0] == '\0' ? "" : " Code: ", r->code);
}

static bool
is_abuse(const struct answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const char *code = map_get(a->items[i].o, MAP_CODE);

		if (code != NULL && strcmp(code, "SIG-303") == 0)
			return (true);
	}
	return (false);
}

static void
page(FILE *to, const struct answer *a)
{
	char text[1024];

	for (size_t i = 0; i < a->n; i++) {
		const struct answer_item *item = &a->items[i];

		if (a->is_many)
			(void)fprintf(to, "Regel %zu: ", item->o->row);
		sentence(item, text);
		(void)fprintf(to, "%s\n", text);
		if (map_get(item->o, MAP_REMARK) != NULL)
			(void)fprintf(to, "Niet meegestuurd: %s.\n",
			    map_get(item->o, MAP_REMARK));
	}
	if (is_abuse(a))
		(void)fprintf(to, "\n%s\n", MAP_VEILIG_THUIS);
}

static enum err
write_file(const struct folder *f, enum place place, const char *name,
    const char *ending, const char *data, size_t len)
{
	char as[FOLDER_NAME_MAX + 1];

	(void)snprintf(as, sizeof(as), "%.220s%s", name, ending);
	return (folder_write(f, place, as, data, len));
}

static enum err
write_page(const struct answer *a, enum place place, const char *name)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	enum err err;

	if (to == NULL)
		return (ERR_NOMEM);
	page(to, a);
	if (fclose(to) != 0) {
		free(text);
		return (ERR_NOMEM);
	}
	err = write_file(a->l->f, place, name, place == PLACE_DONE ?
	    ".uitkomst.txt" : ".fout.txt", text, len);
	free(text);
	return (err);
}

static const char *
status(const struct answer_item *item)
{
	return (item->nothing ? "niets veranderd" :
	    is_sent(item) ? "verstuurd" : "niet gelukt");
}

static json_t *
row_json(const struct answer_item *item)
{
	const struct keten_outcome *r = &item->out;
	char text[1024];

	sentence(item, text);
	return (json_pack("{s:I,s:s,s:s,s:s*,s:s*,s:I,s:s*,s:s}", "regel",
	    (json_int_t)item->o->row, "status", status(item), "stap",
	    map_get(item->o, MAP_STEP), "kenmerk", map_get(item->o, MAP_KEY),
	    "verwijzing", r->referral[0] == '\0' ? NULL : r->referral,
	    "lognummer", (json_int_t)r->index, "code",
	    r->code[0] == '\0' ? NULL : r->code, "bericht", text));
}

static enum err
task_json(const struct answer *a, const struct answer_item *item,
    json_t **out)
{
	struct keten_news news = {.index = item->out.index};
	struct keten_referral r;
	struct keten_connection c;
	struct map_news m = {.news = &news, .r = &r, .code_label = "",
	    .outcome_label = "", .reason_label = ""};
	char *key = NULL;
	json_t *context = NULL;
	enum err err;

	if (keten_show(a->k, item->out.referral, &r) != 0)
		return (ERR_NOT_FOUND);
	(void)snprintf(news.text, sizeof(news.text), "%s",
	    item->nothing ? "Niets veranderd." : "Verstuurd.");
	news.time_ms = r.changed_ms;
	m.code_label = r.code_nl;
	if (keten_connected(a->k, &c) == 0)
		m.partner = c.partner;
	ledger_about(a->l, item->out.referral, &key, &context);
	m.context = context;
	err = fhir_task(a->use, &m, out);
	free(key);
	json_decref(context);
	return (err);
}

/* One entry per item; of a single one just that entry. */
static enum err
collect(const struct answer *a, json_t **out)
{
	json_t *list = json_array();
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < a->n; i++) {
		const struct answer_item *item = &a->items[i];
		json_t *row = NULL;

		if (a->use->kind->form == MAP_FHIR &&
		    item->out.referral[0] != '\0' &&
		    (is_sent(item) || item->nothing))
			err = task_json(a, item, &row);
		if (row == NULL && err != ERR_NOMEM) {
			row = row_json(item);
			err = ERR_OK;
		}
		if (row == NULL || json_array_append_new(list, row) != 0)
			err = ERR_NOMEM;
	}
	if (err == ERR_OK && !a->is_many)
		*out = json_incref(json_array_get(list, 0));
	else if (err == ERR_OK)
		*out = json_incref(list);
	json_decref(list);
	return (err == ERR_OK && *out == NULL ? ERR_NOMEM : err);
}

static enum err
write_json(const struct answer *a, enum place place, const char *name)
{
	json_t *json = NULL;
	char *text;
	enum err err = collect(a, &json);

	if (err != ERR_OK)
		return (err);
	text = json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	if (text == NULL)
		return (ERR_NOMEM);
	err = write_file(a->l->f, place, name, ".uitkomst.json", text,
	    strlen(text));
	free(text);
	return (err);
}

static enum err
write_csv(const struct answer *a, enum place place, const char *name)
{
	static const char *const columns[] = {"regel", "status", "stap",
	    "kenmerk", "verwijzing", "lognummer", "bericht"};
	struct csv_text t = {0};
	enum err err = ERR_NOMEM;
	char row[24], index[24], text[1024];

	csv_begin(&t);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		csv_cell(&t, columns[i]);
	csv_end_row(&t);
	for (size_t i = 0; i < a->n; i++) {
		const struct answer_item *item = &a->items[i];

		(void)snprintf(row, sizeof(row), "%zu", item->o->row);
		(void)snprintf(index, sizeof(index), "%llu",
		    (unsigned long long)item->out.index);
		sentence(item, text);
		csv_cell(&t, row);
		csv_cell(&t, status(item));
		csv_cell(&t, map_get(item->o, MAP_STEP));
		csv_cell(&t, map_get(item->o, MAP_KEY));
		csv_cell(&t, item->out.referral);
		csv_cell(&t, index);
		csv_cell(&t, text);
		csv_end_row(&t);
	}
	if (!t.failed)
		err = write_file(a->l->f, place, name, ".uitkomst.csv", t.p,
		    t.len);
	csv_text_fini(&t);
	return (err);
}

enum err
answer_write(const struct answer *a, enum place place, const char *name)
{
	enum err err = write_page(a, place, name);

	if (err != ERR_OK)
		return (err);
	if (a->use->kind->form == MAP_CSV)
		return (write_csv(a, place, name));
	return (write_json(a, place, name));
}

enum err
answer_refuse(const struct folder *f, const char *name, const char *why,
    bool abuse)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "%s\nDit bestand is niet verstuurd. "
	    "Verbeter het en zet het opnieuw in out/new.\n%s%s%s",
	    why, abuse ? "\n" : "", abuse ? MAP_VEILIG_THUIS : "",
	    abuse ? "\n" : "");
	return (write_file(f, PLACE_FAILED, name, ".fout.txt", text,
	    strlen(text)));
}
