/*
 * pbjson -- any of our messages as JSON, for people and for comparing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/pbjson.h"
#include "base/bytes.h"
#include "base/org.h"

#define PATH_MAX_LEN 160

/* --- one value ----------------------------------------------------------------- */

/* Bytes that name a referral are shown as people write it. */
static bool
is_referral(const char *field)
{
	static const char *const names[] = { "referral", "parent", "child",
		"relates", "children" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(field, names[i]) == 0)
			return (true);
	return (false);
}

static json_t *
of_bytes(const char *field, const ProtobufCBinaryData *b)
{
	char uuid[REFID_TEXT];
	struct refid id;
	json_t *text;
	char *hex;

	if (is_referral(field) && refid_from(b->data, b->len, &id))
		return (json_string(refid_text(&id, uuid)));
	hex = malloc(2 * b->len + 1);
	if (hex == NULL)
		return (NULL);
	hex_encode(b->data, b->len, hex);
	text = json_string(hex);
	free(hex);
	return (text);
}

static json_t *
of_enum(const ProtobufCEnumDescriptor *d, int value)
{
	const ProtobufCEnumValue *v =
	    protobuf_c_enum_descriptor_get_value(d, value);

	return (v == NULL ? json_integer(value) : json_string(v->name));
}

/* The value at ${p}, whatever it is; JSON null for an absent message. */
static json_t *
of_value(const ProtobufCFieldDescriptor *f, const void *p)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return (json_integer(*(const uint32_t *)p));
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return (json_integer(*(const int32_t *)p));
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return (json_integer((json_int_t)*(const uint64_t *)p));
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return (json_integer(*(const int64_t *)p));
	case PROTOBUF_C_TYPE_BOOL:
		return (json_boolean(*(const protobuf_c_boolean *)p));
	case PROTOBUF_C_TYPE_ENUM:
		return (of_enum(f->descriptor, *(const int *)p));
	case PROTOBUF_C_TYPE_STRING:
		return (json_string(*(char *const *)p));
	case PROTOBUF_C_TYPE_BYTES:
		return (of_bytes(f->name, p));
	case PROTOBUF_C_TYPE_MESSAGE:
		return (*(ProtobufCMessage *const *)p == NULL
			? json_null()
			: pbjson_of(*(ProtobufCMessage *const *)p));
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		break;
	}
	return (json_null()); /* our messages have no such fields */
}

static size_t
size_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return (8);
	case PROTOBUF_C_TYPE_BOOL:
		return (sizeof(protobuf_c_boolean));
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return (sizeof(void *));
	case PROTOBUF_C_TYPE_BYTES:
		return (sizeof(ProtobufCBinaryData));
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
		break;
	}
	return (4);
}

/* Absent, zero or empty: left out. */
static bool
is_default(const ProtobufCFieldDescriptor *f, const void *p)
{
	static const uint8_t zero[8];

	if (f->type == PROTOBUF_C_TYPE_STRING)
		return (*(char *const *)p == NULL ||
		    **(char *const *)p == '\0');
	if (f->type == PROTOBUF_C_TYPE_BYTES)
		return (((const ProtobufCBinaryData *)p)->len == 0);
	return (memcmp(p, zero, size_of(f->type)) == 0);
}

/* --- fields ---------------------------------------------------------------------- */

static json_t *
of_list(const ProtobufCFieldDescriptor *f, const uint8_t *base)
{
	size_t n = *(const size_t *)(const void *)(base +
	    f->quantifier_offset);
	const uint8_t *at;
	json_t *list;

	if (n == 0)
		return (NULL);
	memcpy(&at, base + f->offset, sizeof(at));
	list = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list,
		    of_value(f, at + i * size_of(f->type)));
	return (list);
}

static bool
is_other_case(const ProtobufCFieldDescriptor *f, const uint8_t *base)
{
	uint32_t which;

	if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
		return (false);
	memcpy(&which, base + f->quantifier_offset, sizeof(which));
	return (which != f->id);
}

static json_t *
of_field(const ProtobufCFieldDescriptor *f, const uint8_t *base)
{
	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		return (of_list(f, base));
	if (is_other_case(f, base) || is_default(f, base + f->offset))
		return (NULL);
	return (of_value(f, base + f->offset));
}

json_t *
pbjson_of(const ProtobufCMessage *msg)
{
	const ProtobufCMessageDescriptor *d = msg->descriptor;
	const uint8_t *base = (const uint8_t *)(const void *)msg;
	json_t *o = json_object();

	if (o == NULL)
		return (NULL);
	for (unsigned i = 0; i < d->n_fields; i++) {
		json_t *v = of_field(&d->fields[i], base);

		if (v != NULL &&
		    json_object_set_new(o, d->fields[i].name, v) != 0) {
			json_decref(o);
			return (NULL);
		}
	}
	return (o);
}

/* --- comparing ----------------------------------------------------------------------- */

static void
put_difference(const char *path, json_t *was, json_t *is,
    char *out, size_t cap)
{
	char *a = was == NULL ? NULL : json_dumps(was, JSON_ENCODE_ANY |
	    JSON_COMPACT);
	char *b = is == NULL ? NULL : json_dumps(is, JSON_ENCODE_ANY |
	    JSON_COMPACT);

	(void)snprintf(out, cap, "%s: er staat %.60s, maar het is %.60s",
	    path[0] == '\0' ? "alles" : path, a == NULL ? "niets" : a,
	    b == NULL ? "niets" : b);
	free(a);
	free(b);
}

static bool differ(json_t *was, json_t *is, const char *path,
    char *out, size_t cap);

static bool
differ_at(json_t *was, json_t *is, const char *path,
    const char *name, char *out, size_t cap)
{
	char deeper[PATH_MAX_LEN];

	(void)snprintf(deeper, sizeof(deeper), "%s%s%s", path,
	    path[0] == '\0' || name[0] == '[' ? "" : ".", name);
	return (differ(was, is, deeper, out, cap));
}

static bool
differ_lists(json_t *was, json_t *is, const char *path, char *out,
    size_t cap)
{
	size_t n = json_array_size(was), m = json_array_size(is);

	for (size_t i = 0; i < n || i < m; i++) {
		char name[24];

		(void)snprintf(name, sizeof(name), "[%zu]", i);
		if (differ_at(json_array_get(was, i), json_array_get(is, i),
			path, name, out, cap))
			return (true);
	}
	return (false);
}

static bool
differ_objects(json_t *was, json_t *is, const char *path, char *out,
    size_t cap)
{
	json_t *both[2] = { was, is };

	/* What is only in the second one shows in the second round. */
	for (size_t k = 0; k < 2; k++) {
		const char *key;
		json_t *v;

		json_object_foreach(both[k], key, v)
			if (differ_at(json_object_get(was, key),
				json_object_get(is, key), path, key, out,
				cap))
				return (true);
	}
	return (false);
}

static bool
differ(json_t *was, json_t *is, const char *path, char *out,
    size_t cap)
{
	if (was != NULL && is != NULL && json_is_object(was) &&
	    json_is_object(is))
		return (differ_objects(was, is, path, out, cap));
	if (was != NULL && is != NULL && json_is_array(was) &&
	    json_is_array(is))
		return (differ_lists(was, is, path, out, cap));
	if (was != NULL && is != NULL && json_equal(was, is))
		return (false);
	put_difference(path, was, is, out, cap);
	return (true);
}

bool
pbjson_difference(json_t *was, json_t *is, char *out, size_t cap)
{
	return (differ(was, is, "", out, cap));
}
