/*
 * recordjson -- everything that stands in one record, as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/pbjson.h"
#include "audit/recordjson.h"
#include "core/record.h"
#include "keten/v1/policy.pb-c.h"
#include "life/calendar.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* What is read with. */
struct reading {
	struct txn *txn;
	struct arena *arena;
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

void
recordjson_base64(json_t *o, const char *name, struct slice bytes)
{
	char *text = malloc(BASE64_LEN(bytes.len));

	if (text == NULL)
		return;
	(void)base64_encode(bytes.p, bytes.len, text);
	(void)json_object_set_new(o, name, json_string(text));
	free(text);
}

/* --- what was signed -------------------------------------------------------------------- */

/* The body of an envelope, whatever its kind; NULL: it cannot be read. */
static json_t *
body_json(struct reading *s, const struct envelope *env)
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
envelope_json(struct reading *s, struct slice bytes)
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
content_json(struct reading *s, uint64_t index, size_t n_parts)
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

/* The bytes themselves: with these and the leaf anybody can check who signed
 * what, whatever this program says about it. */
static json_t *
raw_json(const struct record *rec)
{
	json_t *o = json_object();

	recordjson_base64(o, "envelope", rec->envelope);
	recordjson_base64(o, "facts", rec->facts);
	recordjson_base64(o, "route", rec->route);
	return (o);
}

/* What is inside, for who reads it; what cannot be read in ${v}. */
static void
add_inside(struct reading *s, const struct record *rec, json_t *o,
    enum verdict *v)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *rf;

	if (rec->envelope.len > 0)
		(void)json_object_set_new(o, "envelope",
		    envelope_json(s, rec->envelope));
	if (record_facts(rec, s->arena, &f, &rf) != ERR_OK) {
		*v = verdict_worse(*v, VERDICT_MALFORMED);
		return;
	}
	(void)json_object_set_new(o, "facts", pbjson_of(&f->base));
	if (rf != NULL)
		(void)json_object_set_new(o, "route", pbjson_of(&rf->base));
	if (f->n_parts > 0)
		(void)json_object_set_new(o, "content",
		    content_json(s, rec->index, f->n_parts));
}

enum err
recordjson_of(struct txn *txn, uint64_t index, struct arena *a, bool raw,
    json_t **out, enum verdict *v)
{
	struct reading s = { txn, a };
	struct record rec;
	json_t *o;
	enum err err = record_read(txn, index, a, &rec);

	if (err != ERR_OK)
		return (err);
	o = leaf_json(&rec);
	set_hex(o, "salt", slice_of(rec.salt, LEAF_SALT));
	*v = record_check(&rec) == ERR_OK ? VERDICT_WITNESSED : VERDICT_HASH;
	(void)json_object_set_new(o, "committed",
	    json_boolean(*v == VERDICT_WITNESSED));
	add_inside(&s, &rec, o, v);
	if (raw)
		(void)json_object_set_new(o, "raw", raw_json(&rec));
	*out = o;
	return (ERR_OK);
}

enum verdict
recordjson_verdict(enum err err)
{
	return (err == ERR_CONTENT_GONE	      ? VERDICT_ERASURES
		: err == ERR_NOT_FOUND	      ? VERDICT_MISSING
		: err == ERR_CORRUPT	      ? VERDICT_HASH
					      : VERDICT_USAGE);
}
