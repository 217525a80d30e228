/*
 * show -- everything that stands in one record.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/recordjson.h"
#include "base/org.h"
#include "life/calendar.h"

#define ARENA ((size_t)32 << 20)

struct show {
	const struct args *a;
	struct txn *txn;
	struct arena *arena;
	enum verdict worst;
};

/* --- for people -------------------------------------------------------------------------------- */

static void print_value(const char *name, json_t *v, int depth);

static void
print_members(json_t *v, int depth)
{
	const char *key;
	json_t *one;
	size_t i;

	if (json_is_array(v)) {
		json_array_foreach(v, i, one) {
			char name[24];

			(void)snprintf(name, sizeof(name), "%zu", i);
			print_value(name, one, depth);
		}
		return;
	}
	json_object_foreach(v, key, one)
		print_value(key, one, depth);
}

/* An instant also in words. */
static void
print_number(const char *name, json_t *v)
{
	size_t len = strlen(name);
	char when[CAL_TEXT];

	(void)printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (len > 3 && strcmp(name + len - 3, "_ms") == 0 &&
	    json_integer_value(v) > 0)
		(void)printf("  (%s)",
		    cal_text((int64_t)json_integer_value(v), when));
}

static void
print_value(const char *name, json_t *v, int depth)
{
	(void)printf("%*s%s:", 2 * depth, "", name);
	if (json_is_object(v) || json_is_array(v)) {
		(void)printf("\n");
		print_members(v, depth + 1);
		return;
	}
	(void)printf(" ");
	if (json_is_integer(v))
		print_number(name, v);
	else if (json_is_string(v))
		(void)printf("%s", json_string_value(v));
	else
		(void)printf("%s", json_is_true(v) ? "ja" : "nee");
	(void)printf("\n");
}

static void
dump(FILE *to, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	if (text != NULL)
		(void)fprintf(to, "%s\n", text);
	free(text);
}

static enum err
show_one(struct show *s, const char *text)
{
	json_t *o = NULL;
	struct refid id;
	uint64_t index;
	enum verdict v;
	enum err err = command_find(s->txn, text, &index, &id);

	if (err != ERR_OK)
		return (err);
	err = recordjson_of(s->txn, index, s->arena, false, &o, &v);
	if (err != ERR_OK) {
		s->worst = verdict_worse(s->worst, recordjson_verdict(err));
		(void)fprintf(stderr, "keten-audit: record %" PRIu64 ": %s\n",
		    index, verdict_text(recordjson_verdict(err)));
		return (ERR_OK);
	}
	s->worst = verdict_worse(s->worst, v);
	if (s->a->json)
		dump(stdout, o);
	else
		print_members(o, 0);
	json_decref(o);
	return (ERR_OK);
}

static enum err
begin(struct show *s, struct store **st)
{
	enum err err = command_open(s->a, st);

	if (err != ERR_OK)
		return (err);
	s->arena = arena_new(ARENA);
	return (s->arena == NULL ? ERR_NOMEM : store_read(*st, &s->txn));
}

static int
end(struct show *s, struct store *st, enum err err)
{
	store_done(&s->txn);
	arena_free(s->arena);
	store_close(st);
	return (err == ERR_OK ? (int)s->worst : (int)VERDICT_USAGE);
}

int
command_show(const struct args *a)
{
	struct show s = { .a = a, .worst = VERDICT_WITNESSED };
	struct store *st = NULL;
	enum err err;

	if (a->n_targets == 0) {
		(void)fprintf(stderr, "keten-audit: noem een record of een "
				      "verwijzing\n");
		return ((int)VERDICT_USAGE);
	}
	err = begin(&s, &st);
	for (size_t i = 0; i < a->n_targets && err == ERR_OK; i++)
		err = show_one(&s, a->targets[i]);
	return (end(&s, st, err));
}
