/*
 * show -- everything that stands in one record; export -- in all of them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/pbjson.h"
#include "keten/v1/policy.pb-c.h"
#include "core/record.h"
#include "life/calendar.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

#define ARENA ((size_t)32 << 20)

struct show {
	const struct args *a;
	struct txn *txn;
	struct arena *arena;
	enum verdict worst;
};

static void
set_hex(json_t *o, const char *name, struct slice bytes)
{
	char *hex = malloc(2 * bytes.len + 1);

	if (hex == NULL)
		return;
	hex_encode(bytes.p, bytes.len, hex);
	(void)json_object_set_new(o, name, json_string(hex));
	free(hex);
}

/* --- what was signed -------------------------------------------------------------------- */

/* The body of an envelope, whatever its kind; NULL: it cannot be read. */
static json_t *
body_json(struct show *s, const struct envelope *env)
{
	Keten__V1__Statement *st;
	Keten__V1__KeyStatement *key;
	Keten__V1__Ack *ack;
	Keten__V1__Policy *policy;

	if (env->kind == ENVELOPE_ACK)
		return (statement_parse_ack(s->arena, env->body, &ack,
			    NULL) == ERR_OK ? pbjson_of(&ack->base) : NULL);
	if (env->kind == ENVELOPE_KEY)
		return (statement_parse_key(s->arena, env->body, &key,
			    NULL) == ERR_OK ? pbjson_of(&key->base) : NULL);
	if (env->kind == ENVELOPE_POLICY)
		return (pb_unpack(s->arena, &keten__v1__policy__descriptor,
			    env->body, &prescan_policy, &policy) == ERR_OK
			? pbjson_of(&policy->base) : NULL);
	return (statement_parse(s->arena, env->kind, env->body, &st, NULL) ==
		    ERR_OK ? pbjson_of(&st->base) : NULL);
}

static json_t *
envelope_json(struct show *s, struct slice bytes)
{
	struct envelope env;
	json_t *o = json_object(), *body;

	if (envelope_parse(s->arena, bytes, &env, NULL) != ERR_OK) {
		set_hex(o, "bytes", bytes);
		return (o);
	}
	(void)json_object_set_new(o, "type",
	    json_string(envelope_type(env.kind)));
	set_hex(o, "key_id", slice_of(env.key_id, SIGN_KEY_ID));
	set_hex(o, "signature", slice_of(env.signature, SIGN_SIG));
	if (env.is_batch)
		(void)json_object_set_new(o, "batch",
		    json_pack("{s:I,s:I}", "n", (json_int_t)env.n, "at",
			(json_int_t)env.at));
	body = body_json(s, &env);
	if (body != NULL)
		(void)json_object_set_new(o, "body", body);
	return (o);
}

/* --- the sealed parts ---------------------------------------------------------------------- */

static json_t *
wraps_json(const struct content_piece *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_wraps; i++)
		(void)json_array_append_new(list,
		    json_string(p->wraps[i].key_id));
	return (list);
}

static json_t *
content_json(struct show *s, uint64_t index, size_t n_parts)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < n_parts; i++) {
		struct content_piece p;
		json_t *o = json_pack("{s:i}", "part", (int)i);
		enum err err = record_content(s->txn, index, i, s->arena, &p);

		if (err == ERR_OK) {
			(void)json_object_set_new(o, "bytes",
			    json_integer((json_int_t)p.bytes.len));
			set_hex(o, "sha256", slice_of(p.sha256, 32));
			(void)json_object_set_new(o, "wraps",
			    wraps_json(&p));
		} else {
			(void)json_object_set_new(o, "missing",
			    json_string(err_name(err)));
		}
		(void)json_array_append_new(list, o);
	}
	return (list);
}

/* --- one record ------------------------------------------------------------------------------ */

static json_t *
leaf_json(const struct record *rec)
{
	char when[CAL_TEXT];
	json_t *o = json_pack("{s:I,s:s,s:I,s:s}", "index",
	    (json_int_t)rec->index, "kind", leaf_kind_name(rec->leaf.kind),
	    "time_ms", (json_int_t)rec->leaf.time_ms, "time",
	    cal_text(rec->leaf.time_ms, when));

	set_hex(o, "leaf", rec->leaf_bytes);
	set_hex(o, "leaf_hash", slice_of(rec->leaf_hash, 32));
	return (o);
}

/* All of the record as one object; what is wrong with it in ${v}. */
static MUST_CHECK enum err
record_json(struct show *s, uint64_t index, json_t **out, enum verdict *v)
{
	struct record rec;
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *rf;
	json_t *o;
	enum err err = record_read(s->txn, index, s->arena, &rec);

	if (err != ERR_OK)
		return (err);
	o = leaf_json(&rec);
	set_hex(o, "salt", slice_of(rec.salt, LEAF_SALT));
	*v = record_check(&rec) == ERR_OK ? VERDICT_WITNESSED : VERDICT_HASH;
	(void)json_object_set_new(o, "committed",
	    json_boolean(*v == VERDICT_WITNESSED));
	if (rec.envelope.len > 0)
		(void)json_object_set_new(o, "envelope",
		    envelope_json(s, rec.envelope));
	if (record_facts(&rec, s->arena, &f, &rf) == ERR_OK) {
		(void)json_object_set_new(o, "facts", pbjson_of(&f->base));
		if (rf != NULL)
			(void)json_object_set_new(o, "route",
			    pbjson_of(&rf->base));
		if (f->n_parts > 0)
			(void)json_object_set_new(o, "content",
			    content_json(s, index, f->n_parts));
	} else {
		*v = verdict_worse(*v, VERDICT_MALFORMED);
	}
	*out = o;
	return (ERR_OK);
}

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

static enum verdict
verdict_of(enum err err)
{
	return (err == ERR_CONTENT_GONE	      ? VERDICT_ERASURES
		: err == ERR_NOT_FOUND	      ? VERDICT_MISSING
		: err == ERR_CORRUPT	      ? VERDICT_HASH
					      : VERDICT_USAGE);
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
	err = record_json(s, index, &o, &v);
	if (err != ERR_OK) {
		s->worst = verdict_worse(s->worst, verdict_of(err));
		(void)fprintf(stderr, "keten-audit: record %" PRIu64 ": %s\n",
		    index, verdict_text(verdict_of(err)));
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

/* --- all of them ---------------------------------------------------------------------------------- */

/* What is not there is a line of its own, so that the lines can be counted. */
static json_t *
absent_json(uint64_t index, enum err err)
{
	return (json_pack("{s:I,s:s}", "index", (json_int_t)index, "absent",
	    verdict_name(verdict_of(err))));
}

static enum err
export_lines(struct show *s, FILE *to)
{
	uint64_t until = store_size(s->txn);
	enum err err = ERR_OK;

	if (s->a->until < until)
		until = s->a->until;
	for (uint64_t i = s->a->from; i < until; i++) {
		json_t *o = NULL;
		enum verdict v = VERDICT_WITNESSED;

		if (store_is_stale(s->txn) &&
		    (err = store_renew(s->txn)) != ERR_OK)
			return (err);
		arena_reset(s->arena);
		err = record_json(s, i, &o, &v);
		if (err == ERR_STORE || err == ERR_NOMEM || err == ERR_IO)
			return (err);
		if (err != ERR_OK) {
			v = verdict_of(err);
			o = absent_json(i, err);
		}
		s->worst = verdict_worse(s->worst, v);
		dump(to, o);
		json_decref(o);
	}
	return (ERR_OK);
}

int
command_export(const struct args *a)
{
	struct show s = { .a = a, .worst = VERDICT_WITNESSED };
	struct store *st = NULL;
	FILE *to = stdout;
	enum err err = begin(&s, &st);

	if (err == ERR_OK && a->out != NULL &&
	    (to = fopen(a->out, "we")) == NULL) {
		(void)fprintf(stderr, "keten-audit: %s is niet te maken\n",
		    a->out);
		err = ERR_IO;
	}
	if (err == ERR_OK)
		err = export_lines(&s, to);
	if (to != NULL && (to == stdout ? fflush(to) : fclose(to)) != 0) {
		(void)fprintf(stderr, "keten-audit: niet alles is "
				      "geschreven\n");
		err = ERR_IO;
	}
	return (end(&s, st, err));
}
