/*
 * unpack -- make protobuf-c's structures from bytes that were looked through.
 *
 * One allocation for a message, for each list, and for each text and bytes
 * field that is not empty: the sums of prescan.c.
 */
#include <string.h>

#include "wire/pbwire.h"
#include "wire/prescan.h"
#include "wire/unpack.h"

/* One value as it stands on the wire: a number, or bytes. */
struct value {
	uint64_t n;
	struct slice s;
};

/* One message being made. */
struct making {
	struct arena *a;
	const ProtobufCMessageDescriptor *d;
	uint8_t *m;
	size_t depth;
	/* Of each list that has begun: members still to come. */
	uint16_t left[PRESCAN_WIDTH_MAX];
};

static ProtobufCMessage *make_message(struct arena *a,
    const ProtobufCMessageDescriptor *d, struct slice s, size_t depth);

/* Take the value behind a tag; false: the bytes end. */
static inline bool
take_value(struct slice *s, unsigned int type, struct value *v)
{
	v->n = 0;
	if (type == WIRE_VARINT)
		return (pbwire_varint(s, &v->n) > 0);
	if (type == WIRE_LEN)
		return (pbwire_varint(s, &v->n) > 0 &&
		    pbwire_take(s, v->n, &v->s));
	if (type != WIRE_64 && type != WIRE_32)
		return (false);
	if (!pbwire_take(s, type == WIRE_64 ? 8 : 4, &v->s))
		return (false);
	/* Little-endian on the wire and, with memcpy, here. */
	memcpy(&v->n, v->s.p, v->s.len);
	return (true);
}

/* --- one value ----------------------------------------------------------- */

static void
put_number(uint8_t *at, ProtobufCType type, uint64_t n)
{
	const uint32_t n32 = (uint32_t)n;
	protobuf_c_boolean b = n != 0;

	if (type == PROTOBUF_C_TYPE_SINT64)
		n = (n >> 1) ^ (0 - (n & 1));
	if (type == PROTOBUF_C_TYPE_BOOL)
		memcpy(at, &b, sizeof(b));
	else if (pbwire_member(type) == 8)
		memcpy(at, &n, 8);
	else if (type == PROTOBUF_C_TYPE_SINT32)
		memcpy(at, &(uint32_t){ (n32 >> 1) ^ (0 - (n32 & 1)) }, 4);
	else
		memcpy(at, &n32, 4);
}

static bool
put_bytes(struct arena *a, uint8_t *at, struct slice s)
{
	ProtobufCBinaryData b = { .len = s.len };

	if (s.len > 0) {
		if ((b.data = arena_alloc(a, s.len)) == NULL)
			return (false);
		memcpy(b.data, s.p, s.len);
	}
	memcpy(at, &b, sizeof(b));
	return (true);
}

/* Write the value ${v} of ${f} where it belongs. */
static bool
put_value(struct making *k, const ProtobufCFieldDescriptor *f, uint8_t *at,
    const struct value *v)
{
	void *p = NULL;

	switch (f->type) {
	case PROTOBUF_C_TYPE_BYTES:
		return (put_bytes(k->a, at, v->s));
	case PROTOBUF_C_TYPE_STRING:
		p = arena_text(k->a, v->s);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		p = make_message(k->a, f->descriptor, v->s, k->depth + 1);
		break;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		put_number(at, f->type, v->n);
		return (true);
	}
	memcpy(at, &p, sizeof(p));
	return (p != NULL);
}

/* --- lists ---------------------------------------------------------------- */

static bool
is_packed(const ProtobufCFieldDescriptor *f, unsigned int type)
{
	return (type == WIRE_LEN && pbwire_type(f->type) != WIRE_LEN);
}

/* How many numbers there are in a list in one piece. */
static size_t
count_packed(const ProtobufCFieldDescriptor *f, struct slice s)
{
	size_t n = 0;

	if (pbwire_type(f->type) != WIRE_VARINT)
		return (s.len / pbwire_member(f->type));
	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] < 0x80;
	return (n);
}

/* Count the members of the list ${f} in ${s}, the rest of the message. */
static bool
count_members(const struct making *k, const ProtobufCFieldDescriptor *f,
    struct slice s, size_t *count)
{
	size_t n = 0;

	while (s.len > 0) {
		struct value v;
		uint64_t tag;

		if (pbwire_varint(&s, &tag) == 0 ||
		    !take_value(&s, (unsigned int)(tag & 7), &v))
			return (false);
		if (pbwire_field(k->d, tag >> 3) == f)
			n += is_packed(f, (unsigned int)(tag & 7))
			    ? count_packed(f, v.s) : 1;
	}
	*count = n;
	return (n <= UINT16_MAX);
}

/* Make the array of the list ${f}, whose first member is the first in ${s}. */
static bool
make_list(struct making *k, const ProtobufCFieldDescriptor *f, struct slice s)
{
	void *list;
	size_t n;

	if (!count_members(k, f, s, &n))
		return (false);
	/* An empty one may have been written as a list in one piece. */
	if (n == 0)
		return (true);
	list = arena_alloc(k->a, n * pbwire_member(f->type));
	if (list == NULL)
		return (false);
	memcpy(k->m + f->offset, &list, sizeof(list));
	k->left[f - k->d->fields] = (uint16_t)n;
	return (true);
}

/* Add one member to the list of ${f}. */
static bool
add_member(struct making *k, const ProtobufCFieldDescriptor *f,
    const struct value *v)
{
	const size_t at = (size_t)(f - k->d->fields);
	uint8_t *list;
	size_t n;

	memcpy(&list, k->m + f->offset, sizeof(list));
	memcpy(&n, k->m + f->quantifier_offset, sizeof(n));
	if (list == NULL || k->left[at] == 0 ||
	    !put_value(k, f, list + n * pbwire_member(f->type), v))
		return (false);
	k->left[at]--;
	n++;
	memcpy(k->m + f->quantifier_offset, &n, sizeof(n));
	return (true);
}

static bool
add_packed(struct making *k, const ProtobufCFieldDescriptor *f,
    struct slice s)
{
	struct value v;

	while (s.len > 0)
		if (!take_value(&s, (unsigned int)pbwire_type(f->type), &v) ||
		    !add_member(k, f, &v))
			return (false);
	return (true);
}

/* --- a message -------------------------------------------------------------- */

/* The list of ${f}, which begins with ${s} if it has not begun. */
static bool
put_list(struct making *k, const ProtobufCFieldDescriptor *f,
    unsigned int type, const struct value *v, struct slice s)
{
	void *list;

	memcpy(&list, k->m + f->offset, sizeof(list));
	if (list == NULL && !make_list(k, f, s))
		return (false);
	if (is_packed(f, type))
		return (add_packed(k, f, v->s));
	return (type == (unsigned int)pbwire_type(f->type) &&
	    add_member(k, f, v));
}

static bool
put_field(struct making *k, const ProtobufCFieldDescriptor *f,
    unsigned int type, const struct value *v)
{
	if (type != (unsigned int)pbwire_type(f->type))
		return (false);
	/* Which one it is of several. */
	if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		memcpy(k->m + f->quantifier_offset, &f->id, sizeof(f->id));
	return (put_value(k, f, k->m + f->offset, v));
}

/* Take one field from ${s}. */
static bool
take_field(struct making *k, struct slice *s)
{
	const ProtobufCFieldDescriptor *f;
	const struct slice from = *s;
	struct value v;
	uint64_t tag;
	unsigned int type;

	if (pbwire_varint(s, &tag) == 0)
		return (false);
	type = (unsigned int)(tag & 7);
	if (!take_value(s, type, &v))
		return (false);
	f = pbwire_field(k->d, tag >> 3);
	if (f == NULL)
		return (true);
	return (f->label == PROTOBUF_C_LABEL_REPEATED
		? put_list(k, f, type, &v, from) : put_field(k, f, type, &v));
}

static ProtobufCMessage *
make_message(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s, size_t depth)
{
	struct making k;

	if (depth > PRESCAN_DEPTH_MAX || d->n_fields > PRESCAN_WIDTH_MAX)
		return (NULL);
	k.a = a;
	k.d = d;
	k.depth = depth;
	if ((k.m = arena_alloc(a, d->sizeof_message)) == NULL)
		return (NULL);
	d->message_init((ProtobufCMessage *)(void *)k.m);
	while (s.len > 0)
		if (!take_field(&k, &s))
			return (NULL);
	return ((ProtobufCMessage *)(void *)k.m);
}

ProtobufCMessage *
unpack_message(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s)
{
	return (make_message(a, d, s, 1));
}
