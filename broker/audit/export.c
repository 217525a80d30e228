/*
 * export -- the log in the forms that other people's programs read: lines of
 * JSON here, tables, AuditEvents and tiles in files of their own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/export.h"
#include "audit/recordjson.h"
#include "audit/tiles.h"
#include "core/checkpoint.h"
#include "trust/digest.h"

#define ARENA ((size_t)32 << 20)

/* --- lines of JSON ----------------------------------------------------------- */

/* What is not there is a line of its own, so that the lines can be counted. */
static json_t *
absent_json(uint64_t index, enum err err)
{
	return (json_pack("{s:I,s:s}", "index", (json_int_t)index, "absent",
	    verdict_name(recordjson_verdict(err))));
}

static void
dump(FILE *to, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	if (text != NULL)
		(void)fprintf(to, "%s\n", text);
	free(text);
	json_decref(o);
}

static MUST_CHECK enum err
export_line(struct export *x, uint64_t index)
{
	json_t *o = NULL;
	enum verdict v = VERDICT_WITNESSED;
	enum err err;

	arena_reset(x->arena);
	err = recordjson_of(x->txn, index, x->arena, true, &o, &v);
	if (err == ERR_STORE || err == ERR_NOMEM || err == ERR_IO)
		return (err);
	if (err != ERR_OK) {
		v = recordjson_verdict(err);
		o = absent_json(index, err);
	}
	x->worst = verdict_worse(x->worst, v);
	dump(x->to, o);
	return (ERR_OK);
}

static MUST_CHECK enum err
export_jsonl(struct export *x)
{
	uint64_t until = store_size(x->txn);
	enum err err = ERR_OK;

	if (x->a->until < until)
		until = x->a->until;
	for (uint64_t i = x->a->from; i < until && err == ERR_OK; i++) {
		if (store_is_stale(x->txn))
			err = store_renew(x->txn);
		if (err == ERR_OK)
			err = export_line(x, i);
	}
	return (err);
}

/* --- tiles ------------------------------------------------------------------------ */

static MUST_CHECK enum err
say_tiles(struct export *x, const char *dir, const struct checkpoint *point,
    const uint8_t root[32])
{
	if (digest_eq(root, point->root)) {
		(void)fprintf(stderr, "%" PRIu64 " bladen in %s; de rest is "
				      "nog niet gepubliceerd (%" PRIu64 ").\n",
		    point->size, dir, store_size(x->txn) - point->size);
		return (ERR_OK);
	}
	x->worst = VERDICT_FORK;
	(void)fprintf(stderr, "keten-audit: de bladen in de opslag zijn niet "
			      "die van het controlepunt; verify zegt welk.\n");
	return (ERR_OK);
}

static MUST_CHECK enum err
export_tiles(struct export *x)
{
	const char *dir = x->a->n_targets == 1 ? x->a->targets[0] : x->a->out;
	struct checkpoint point;
	uint8_t root[32];
	enum err err;

	if (dir == NULL) {
		(void)fprintf(stderr, "keten-audit: noem de map waar de "
				      "tegels komen\n");
		return (ERR_CONFIG);
	}
	err = checkpoint_newest(x->txn, &point);
	if (err == ERR_NOT_FOUND)
		(void)fprintf(stderr, "keten-audit: er is nog geen "
				      "controlepunt gepubliceerd\n");
	if (err != ERR_OK)
		return (err);
	err = tiles_write(x->txn, &point, dir, root);
	if (err == ERR_OK)
		return (say_tiles(x, dir, &point, root));
	if (err == ERR_NOT_FOUND)
		x->worst = VERDICT_MISSING;
	(void)fprintf(stderr, "keten-audit: %s: %s\n", dir,
	    err == ERR_NOT_FOUND ? verdict_text(VERDICT_MISSING)
				 : err_text(err));
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* --- all of them --------------------------------------------------------------------- */

static const struct format {
	const char *name;
	enum err (*run)(struct export *x);
	bool is_folder;
} formats[] = {
	{ "jsonl", export_jsonl, false },
	{ "csv", export_csv, false },
	{ "fhir", export_fhir, false },
	{ "tiles", export_tiles, true },
};

static const struct format *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (name != NULL && strcmp(formats[i].name, name) == 0)
			return (&formats[i]);
	return (name == NULL ? &formats[0] : NULL);
}

/* Half an export looks like a whole one: it does not stay. */
static bool
arrives(struct export *x)
{
	bool lost = ferror(x->to) != 0;

	if (x->to == stdout)
		return (fflush(x->to) == 0 && !lost);
	if (fclose(x->to) == 0 && !lost)
		return (true);
	if (remove(x->a->out) == 0)
		(void)fprintf(stderr, "keten-audit: %s is weer weggehaald\n",
		    x->a->out);
	return (false);
}

static MUST_CHECK enum err
run(struct export *x, const struct format *f)
{
	enum err err = ERR_OK;

	x->to = stdout;
	if (!f->is_folder && x->a->out != NULL &&
	    (x->to = fopen(x->a->out, "we")) == NULL) {
		(void)fprintf(stderr, "keten-audit: %s is niet te maken\n",
		    x->a->out);
		return (ERR_IO);
	}
	err = f->run(x);
	if (!arrives(x)) {
		(void)fprintf(stderr, "keten-audit: niet alles is geschreven; "
				      "maak plaats en probeer het opnieuw\n");
		err = ERR_IO;
	}
	return (err);
}

int
command_export(const struct args *a)
{
	struct export x = { .a = a, .worst = VERDICT_WITNESSED };
	const struct format *f = find(a->format);
	struct store *st = NULL;
	enum err err;

	if (f == NULL || a->n_targets > (f->is_folder ? 1 : 0)) {
		(void)fprintf(stderr, "keten-audit: export --format jsonl, "
				      "csv of fhir (--out BESTAND), of tiles "
				      "MAP\n");
		return ((int)VERDICT_USAGE);
	}
	err = command_open(a, &st);
	if (err != ERR_OK)
		return ((int)VERDICT_USAGE);
	x.arena = arena_new(ARENA);
	err = x.arena == NULL ? ERR_NOMEM : store_read(st, &x.txn);
	if (err == ERR_OK)
		err = run(&x, f);
	store_done(&x.txn);
	arena_free(x.arena);
	store_close(st);
	return (err == ERR_OK ? (int)x.worst : (int)VERDICT_USAGE);
}
