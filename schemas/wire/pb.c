/*
 * pb -- protobuf in and out of an arena.
 */
#include <string.h>

#include "wire/copy.h"
#include "wire/onewalk.h"
#include "wire/pack.h"
#include "wire/pb.h"
#include "wire/unpack.h"

/**
 * pb_refuse(err, text, rule):
 * Point ${rule} at ${text}, if it is not NULL, and return ${err}.
 */
enum err
pb_refuse(enum err err, const char *text, const char **rule)
{
	if (rule != NULL)
		*rule = text;
	return (err);
}

/* Pre-scan first, unpack after. */
static MUST_CHECK enum err
unpack_in_two(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s, const struct prescan_limits *limits,
    ProtobufCMessage **msg, const char **rule)
{
	struct prescan found;
	size_t mark = arena_used(a);
	enum err err = prescan_message(d, s, limits, &found, rule);

	if (err != ERR_OK)
		return (err);
	*msg = NULL;
	if (found.memory <= arena_left(a))
		*msg = unpack_message(a, d, s);
	if (*msg == NULL) {
		arena_rewind(a, mark);
		return (pb_refuse(ERR_NOMEM, "geen geheugen", rule));
	}
	return (ERR_OK);
}

/**
 * pb_unpack_why(a, d, s, limits, msg, rule):
 * Check ${s} as a ${d}, unpack it into ${a}, store its pointer in ${msg}.
 */
enum err
pb_unpack_why(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s, const struct prescan_limits *limits, void *msg,
    const char **rule)
{
	ProtobufCMessage *m = onewalk_unpack(a, d, s, limits);

	if (m == NULL) {
		enum err err = unpack_in_two(a, d, s, limits, &m, rule);

		if (err != ERR_OK)
			return (err);
	}
	memcpy(msg, &m, sizeof(m));
	return (ERR_OK);
}

/**
 * pb_unpack(a, d, s, limits, msg):
 * The same for whoever does not ask why.
 */
enum err
pb_unpack(struct arena *a, const ProtobufCMessageDescriptor *d, struct slice s,
    const struct prescan_limits *limits, void *msg)
{
	return (pb_unpack_why(a, d, s, limits, msg, NULL));
}

/* Ask how long it becomes, then write it. */
static MUST_CHECK enum err
pack_in_two(struct arena *a, struct slice head, const ProtobufCMessage *msg,
    struct slice *out)
{
	const size_t len = protobuf_c_message_get_packed_size(msg);
	uint8_t *p = arena_alloc(a, head.len + len);

	if (p == NULL)
		return (ERR_NOMEM);
	copy_bytes(p, head.p, head.len);
	(void)protobuf_c_message_pack(msg, p + head.len); /* those ${len} */
	*out = slice_of(p, head.len + len);
	return (ERR_OK);
}

/**
 * pb_pack(a, msg, out):
 * Serialise ${msg} into ${a} and point ${out} at the bytes.
 */
enum err
pb_pack(struct arena *a, const ProtobufCMessage *msg, struct slice *out)
{
	return (pb_pack_behind(a, slice_of(NULL, 0), msg, out));
}

/**
 * pb_pack_behind(a, head, msg, out):
 * The same, behind a copy of ${head}.
 */
enum err
pb_pack_behind(struct arena *a, struct slice head, const ProtobufCMessage *msg,
    struct slice *out)
{
	return (pack_message(a, head, msg, out) ? ERR_OK
	    : pack_in_two(a, head, msg, out));
}

/**
 * pb_pack_within(a, most, msg, out):
 * The same as pb_pack() if that makes at most ${most} bytes.
 */
enum err
pb_pack_within(struct arena *a, size_t most, const ProtobufCMessage *msg,
    struct slice *out)
{
	const size_t mark = arena_used(a);
	struct slice s;
	enum err err = pb_pack(a, msg, &s);

	if (err != ERR_OK)
		return (protobuf_c_message_get_packed_size(msg) > most
			? ERR_TOO_BIG : err);
	if (s.len > most) {
		arena_rewind(a, mark);
		return (ERR_TOO_BIG);
	}
	*out = s;
	return (ERR_OK);
}

/**
 * pb_slice(field), pb_data(s), pb_of(p, len):
 * A field as a slice; a slice, or bytes, as a field to be packed.
 */
struct slice
pb_slice(ProtobufCBinaryData field)
{
	return (slice_of(field.data, field.len));
}

ProtobufCBinaryData
pb_data(struct slice s)
{
	return (pb_of(s.p, s.len));
}

ProtobufCBinaryData
pb_of(const void *p, size_t len)
{
	/* The generated structures have no const; packing does not write. */
	union {
		const void *in;
		uint8_t *out;
	} u = { .in = p };

	return ((ProtobufCBinaryData){ .len = len, .data = u.out });
}

/**
 * pb_bytes(field, n, out):
 * Copy ${field} into ${out} if it has exactly ${n} bytes.
 */
enum err
pb_bytes(ProtobufCBinaryData field, size_t n, void *out)
{
	if (field.len != n)
		return (ERR_MALFORMED);
	if (n > 0)
		memcpy(out, field.data, n);
	return (ERR_OK);
}

/**
 * pb_string(text):
 * ${text} as a string field to be packed; NULL becomes "".
 */
char *
pb_string(const char *text)
{
	union {
		const char *in;
		char *out;
	} u = { .in = text != NULL ? text : "" };

	return (u.out);
}

/**
 * pb_org(text, org):
 * Read a partner's name.
 */
enum err
pb_org(const char *text, struct org *org)
{
	struct org o = org_of(text);

	if (org_is_none(&o))
		return (ERR_MALFORMED);
	*org = o;
	return (ERR_OK);
}

/**
 * pb_refid(field, id):
 * Read a referral's id.
 */
enum err
pb_refid(ProtobufCBinaryData field, struct refid *id)
{
	if (!refid_from(field.data, field.len, id))
		return (ERR_MALFORMED);
	return (ERR_OK);
}
