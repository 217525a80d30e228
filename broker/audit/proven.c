/*
 * proven -- one record with all it takes to believe it without the log.
 */
#include <stdio.h>
#include <string.h>

#include "audit/proven.h"
#include "audit/recordjson.h"
#include "audit/telling.h"
#include "trust/digest.h"

/* --- from the store ---------------------------------------------------------- */

/* Of what was erased the leaf is left, and its place in the tree. */
static MUST_CHECK enum err
read_leaf(struct txn *txn, uint64_t index, struct arena *a, struct proven *p)
{
	struct slice leaf;
	enum err err = store_leaf(txn, index, &leaf);

	if (err != ERR_OK)
		return (err);
	p->is_gone = true;
	p->rec.index = index;
	if (arena_copy(a, leaf, &p->rec.leaf_bytes) != 0)
		return (ERR_NOMEM);
	digest_leaf(p->rec.leaf_bytes, p->rec.leaf_hash);
	return (leaf_decode(p->rec.leaf_bytes, &p->rec.leaf) == ERR_OK
		? ERR_OK : ERR_CORRUPT);
}

enum err
proven_read(struct txn *txn, uint64_t index, uint64_t size, struct arena *a,
    struct proven *p)
{
	struct tlog_reader tree = store_tree(txn);
	enum err err;

	memset(p, 0, sizeof(*p));
	err = record_read(txn, index, a, &p->rec);
	if (err == ERR_CONTENT_GONE)
		err = read_leaf(txn, index, a, p);
	else if (err == ERR_OK)
		err = record_check(&p->rec);
	if (err == ERR_OK)
		err = tlog_inclusion(index, size, &tree, p->path, &p->n_path);
	return (err);
}

/* --- in words ------------------------------------------------------------------ */

static void
set_text(json_t *o, const char *name, const char *text)
{
	if (text[0] != '\0')
		(void)json_object_set_new(o, name, json_string(text));
}

json_t *
proven_tells(const struct proven *p, struct arena *a)
{
	char when[TELLING_ISO], id[REFID_TEXT];
	struct telling t;
	json_t *o = json_object();

	if (p->is_gone) {
		set_text(o, "time", telling_iso(p->rec.leaf.time_ms, when));
		set_text(o, "event", leaf_kind_name(p->rec.leaf.kind));
		set_text(o, "what", "gewist");
		return (o);
	}
	if (telling_of(&p->rec, a, &t) != ERR_OK) {
		json_decref(o);
		return (NULL);
	}
	set_text(o, "time", telling_iso(t.time_ms, when));
	if (t.made_ms > 0)
		set_text(o, "sender_time", telling_iso(t.made_ms, when));
	set_text(o, "partner", t.partner);
	set_text(o, "device", t.device);
	set_text(o, "actor", t.actor);
	set_text(o, "event", t.event);
	set_text(o, "what", t.what);
	set_text(o, "reason", t.reason);
	set_text(o, "refused", t.refused);
	if (!refid_is_none(&t.referral))
		set_text(o, "referral", refid_text(&t.referral, id));
	return (o);
}

/* --- as JSON ----------------------------------------------------------------------- */

static json_t *
path_json(const struct proven *p)
{
	json_t *list = json_array();
	char text[BASE64_LEN(32)];

	for (size_t i = 0; i < p->n_path; i++) {
		(void)base64_encode(p->path[i], 32, text);
		(void)json_array_append_new(list, json_string(text));
	}
	return (list);
}

json_t *
proven_json(const struct proven *p, struct arena *a)
{
	const struct record *rec = &p->rec;
	json_t *o = json_pack("{s:I}", "index", (json_int_t)rec->index);

	recordjson_base64(o, "leaf", rec->leaf_bytes);
	if (!p->is_gone) {
		recordjson_base64(o, "salt", slice_of(rec->salt, LEAF_SALT));
		recordjson_base64(o, "envelope", rec->envelope);
		recordjson_base64(o, "facts", rec->facts);
		recordjson_base64(o, "route", rec->route);
	}
	(void)json_object_set_new(o, "path", path_json(p));
	(void)json_object_set_new(o, "tells", proven_tells(p, a));
	return (o);
}

/* Decode the base64 text ${v} into ${a}. */
static MUST_CHECK enum err
take_bytes(json_t *v, struct arena *a, struct slice *out)
{
	const char *text = json_string_value(v);
	size_t n = json_string_length(v), len = 0;
	uint8_t *p;

	if (text == NULL)
		return (ERR_MALFORMED);
	p = arena_alloc(a, n / 4 * 3 + 3);
	if (p == NULL)
		return (ERR_NOMEM);
	if (!base64_decode(text, n, p, n / 4 * 3 + 3, &len))
		return (ERR_MALFORMED);
	*out = slice_of(p, len);
	return (ERR_OK);
}

static MUST_CHECK enum err
take_path(json_t *list, struct arena *a, struct proven *p)
{
	enum err err = ERR_OK;

	p->n_path = json_array_size(list);
	if (!json_is_array(list) || p->n_path > TLOG_PATH_MAX)
		return (ERR_MALFORMED);
	for (size_t i = 0; i < p->n_path && err == ERR_OK; i++) {
		struct slice hash = { NULL, 0 };

		err = take_bytes(json_array_get(list, i), a, &hash);
		if (err == ERR_OK && hash.len != 32)
			err = ERR_MALFORMED;
		if (err == ERR_OK)
			memcpy(p->path[i], hash.p, 32);
	}
	return (err);
}

static MUST_CHECK enum err
take_leaf(json_t *o, struct arena *a, struct record *rec)
{
	json_t *index = json_object_get(o, "index");
	enum err err;

	if (!json_is_integer(index) || json_integer_value(index) < 0)
		return (ERR_MALFORMED);
	rec->index = (uint64_t)json_integer_value(index);
	rec->pair = RECORD_NO_PAIR;
	err = take_bytes(json_object_get(o, "leaf"), a, &rec->leaf_bytes);
	if (err != ERR_OK)
		return (err);
	digest_leaf(rec->leaf_bytes, rec->leaf_hash);
	return (leaf_decode(rec->leaf_bytes, &rec->leaf));
}

enum err
proven_parse(json_t *o, struct arena *a, struct proven *p)
{
	struct slice salt = { NULL, 0 };
	struct record *rec = &p->rec;
	enum err err;

	memset(p, 0, sizeof(*p));
	err = take_leaf(o, a, rec);
	if (err == ERR_OK)
		err = take_path(json_object_get(o, "path"), a, p);
	p->is_gone = json_object_get(o, "salt") == NULL;
	if (err != ERR_OK || p->is_gone)
		return (err);
	err = take_bytes(json_object_get(o, "salt"), a, &salt);
	if (err == ERR_OK && salt.len != LEAF_SALT)
		err = ERR_MALFORMED;
	if (err == ERR_OK) {
		memcpy(rec->salt, salt.p, LEAF_SALT);
		err = take_bytes(json_object_get(o, "envelope"), a,
		    &rec->envelope);
	}
	if (err == ERR_OK)
		err = take_bytes(json_object_get(o, "facts"), a, &rec->facts);
	if (err == ERR_OK)
		err = take_bytes(json_object_get(o, "route"), a, &rec->route);
	return (err);
}
