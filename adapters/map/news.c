#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "life/calendar.h"
#include "map/check.h"
#include "map/csv.h"
#include "map/fhir/fhir.h"
#include "map/news.h"
#include "map/tell.h"

const char *
map_time(int64_t ms, char buf[MAP_TIME])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	buf[0] = '\0';
	if (ms > 0 && gmtime_r(&seconds, &tm) != NULL)
		(void)strftime(buf, MAP_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return (buf);
}

char *
map_part_text(const char *json)
{
	static const char *const names[] = {"text", "tekst", "note",
	    "toelichting"};
	json_t *root = json_loads(json, JSON_DECODE_ANY, NULL);
	const char *text = json_string_value(root);
	char *copy;

	for (size_t i = 0; text == NULL && i < 4; i++)
		text = json_string_value(json_object_get(root, names[i]));
	copy = text == NULL ? NULL : strdup(text);
	json_decref(root);
	return (copy);
}

void
map_may(const struct keten_referral *r,
    void (*each)(void *cookie, enum keten_step step), void *cookie)
{
	char name[64];
	const char *p = r->may;

	while (*p != '\0') {
		size_t n = strcspn(p, " ,");
		enum keten_step step;

		if (n > 0 && n < sizeof(name)) {
			memcpy(name, p, n);
			name[n] = '\0';
			step = keten_step_of(name);
			if (step != 0 && step != KETEN_SUBMIT &&
			    map_step_word(step)[0] != '\0')
				each(cookie, step);
		}
		p += n;
		p += strspn(p, " ,");
	}
}

/* What to put in an example where the step needs it. */
static const struct {
	enum map_field field;
	const char *text;
} examples[] = {
    {MAP_TEXT, "uw tekst"},
    {MAP_OUTCOME, "UIT-01"},
    {MAP_TO, "naam-van-de-partner"},
    {MAP_UNTIL, "2026-12-31"},
    {MAP_URGENCY, "haast"},
    {MAP_BASIS, "G-TOE"},
};

enum err
map_example(const struct keten_referral *r, enum keten_step step,
    json_t **out)
{
	json_t *o = json_pack("{s:s,s:s}", map_field_name(MAP_STEP),
	    map_step_word(step), map_field_name(MAP_REFERRAL), r->id);

	if (o == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (map_step_needs(step, examples[i].field) &&
		    json_object_set_new(o, map_field_name(examples[i].field),
		    json_string(examples[i].text)) != 0) {
			json_decref(o);
			return (ERR_NOMEM);
		}
	if (map_step_needs(step, MAP_REASON) &&
	    json_object_set_new(o, map_field_name(MAP_REASON),
	    json_string(map_step_reason(step))) != 0) {
		json_decref(o);
		return (ERR_NOMEM);
	}
	*out = o;
	return (ERR_OK);
}

/* Take over ${json} as a file; it is always freed. */
static enum err
json_file(json_t *json, const char *ending, struct map_file *file)
{
	file->ending = ending;
	file->data = json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	if (file->data == NULL)
		return (ERR_NOMEM);
	file->len = strlen(file->data);
	return (ERR_OK);
}

static enum err
write_fhir(const struct map_use *use, const struct map_news *m,
    struct map_file files[MAP_FILES], size_t *n)
{
	json_t *task = NULL, *bundle = NULL;
	enum err err = fhir_task(use, m, &task);

	if (err == ERR_OK && m->person != NULL)
		err = fhir_bundle(task, m, &bundle);
	if (err == ERR_OK) {
		err = json_file(bundle != NULL ? bundle : json_incref(task),
		    ".json", &files[*n]);
		*n += err == ERR_OK;
	}
	json_decref(task);
	return (err);
}

static enum err
write_form(const struct map_use *use, const struct map_news *m,
    struct map_file files[MAP_FILES], size_t *n)
{
	json_t *json = NULL;
	enum err err;

	if (use->kind->form == MAP_FHIR && m->r != NULL)
		return (write_fhir(use, m, files, n));
	if (use->kind->form == MAP_CSV) {
		files[*n].ending = ".csv";
		err = tell_csv(use, m, &files[*n].data, &files[*n].len);
	} else {
		err = tell_json(use, m, &json);
		if (err == ERR_OK)
			err = json_file(json, ".json", &files[*n]);
	}
	*n += err == ERR_OK;
	return (err);
}

enum err
map_write(const struct map_use *use, const struct map_news *m,
    struct map_file files[MAP_FILES], size_t *n)
{
	enum err err;

	memset(files, 0, MAP_FILES * sizeof(files[0]));
	*n = 0;
	err = write_form(use, m, files, n);
	/* JSON has room for everything; the others get a page for people. */
	if (err == ERR_OK && use->kind->form != MAP_JSON) {
		files[*n].ending = ".txt";
		err = tell_text(m, &files[*n].data, &files[*n].len);
		*n += err == ERR_OK;
	}
	if (err != ERR_OK)
		map_files_fini(files, *n);
	return (err);
}

void
map_files_fini(struct map_file files[MAP_FILES], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (files[i].data != NULL)
			explicit_bzero(files[i].data, files[i].len);
		free(files[i].data);
		files[i].data = NULL;
	}
}
