#include <stdlib.h>
#include <string.h>

#include "map/fhir/fhir.h"
#include "map/tell.h"
#include "map/write.h"

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
