/*
 * types_bytes -- messages as bytes, as others may write them or spoil them.
 */
#include <string.h>

#include "types.h"
#include "wire/pbwire.h"

static void
put_varint(struct types_bytes *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		b->p[b->len++] = (uint8_t)(n | 0x80);
	b->p[b->len++] = (uint8_t)n;
}

/* A number that ${f} may hold: small, large, negative. */
static uint64_t
number_for(struct types_bytes *b, const ProtobufCFieldDescriptor *f)
{
	const ProtobufCEnumDescriptor *e = f->descriptor;
	uint64_t n = types_next(&b->seed) >> (types_next(&b->seed) % 64);

	if (f->type == PROTOBUF_C_TYPE_BOOL)
		return (n & 1);
	if (f->type == PROTOBUF_C_TYPE_UINT32 ||
	    f->type == PROTOBUF_C_TYPE_SINT32)
		return ((uint32_t)n);
	if (f->type == PROTOBUF_C_TYPE_INT32)
		return ((uint64_t)(int64_t)(int32_t)n);
	if (f->type == PROTOBUF_C_TYPE_ENUM)
		/* Mostly not the first, which is refused. */
		return ((uint64_t)e->values[n % 32 == 0 ? 0
		    : 1 + n % (e->n_values - 1)].value);
	return (n);
}

/* Letters, or characters of two, three and four bytes among them. */
static void
put_text(struct types_bytes *b, size_t len)
{
	static const char *const strange[] = { "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x8f\xa0", "\xef\xbf\xbd" };
	const bool plain = types_next(&b->seed) % 4 != 0;
	const size_t end = b->len + len;

	while (b->len < end) {
		const char *c = strange[types_next(&b->seed) % 4];

		if (plain || types_next(&b->seed) % 4 != 0)
			c = "x";
		memcpy(b->p + b->len, c, strlen(c));
		b->len += strlen(c);
	}
}

/* A list of numbers in one piece, maybe of none. */
static void
put_packed(struct types_bytes *b, const ProtobufCFieldDescriptor *f)
{
	for (uint64_t n = types_next(&b->seed) % 6; n > 0; n--)
		put_varint(b, number_for(b, f));
}

/* One member of ${f}; false: not of this type. */
static bool
put_member(struct types_bytes *b, const ProtobufCFieldDescriptor *f, int deep)
{
	static uint8_t inner[TYPES_BYTES];
	struct types_bytes in = { .p = b->p + b->len + 8,
		.seed = types_next(&b->seed) };

	if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
		if (deep == 0)
			return (false);
		types_put(&in, f->descriptor, deep - 1);
	} else if (f->type == PROTOBUF_C_TYPE_STRING ||
	    f->type == PROTOBUF_C_TYPE_BYTES) {
		put_text(&in, types_next(&b->seed) % (in.seed % 8 != 0 ? 20
		    : 200));
	} else if (f->label == PROTOBUF_C_LABEL_REPEATED && in.seed % 2 != 0) {
		put_packed(&in, f);
	} else {
		put_varint(b, (uint64_t)f->id << 3);
		put_varint(b, number_for(b, f));
		return (true);
	}
	memcpy(inner, in.p, in.len);
	put_varint(b, (uint64_t)f->id << 3 | 2);
	put_varint(b, in.len);
	memcpy(b->p + b->len, inner, in.len);
	b->len += in.len;
	return (true);
}

/* Some members of a list, or a value; true if there is one now. */
static bool
put_field(struct types_bytes *b, const ProtobufCFieldDescriptor *f, int deep)
{
	uint64_t n = f->label == PROTOBUF_C_LABEL_REPEATED
	    ? types_next(&b->seed) % 4 : 1;
	bool some = false;

	for (; n > 0 && b->len < TYPES_BYTES / 4; n--)
		some |= put_member(b, f, deep);
	return (some);
}

/* Any fields of ${d}; in a second round, now and then, more of the lists. */
void
types_put(struct types_bytes *b, const ProtobufCMessageDescriptor *d, int deep)
{
	const int rounds = types_next(&b->seed) % 8 == 0 ? 2 : 1;
	uint32_t oneof = 0;

	for (int round = 0; round < rounds; round++)
		for (unsigned int i = 0; i < d->n_fields; i++) {
			const ProtobufCFieldDescriptor *f = &d->fields[i];
			bool list = f->label == PROTOBUF_C_LABEL_REPEATED;
			bool one = (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;

			if (types_next(&b->seed) % 3 == 0 ||
			    (round > 0 && !list) || (one && oneof != 0))
				continue;
			if (put_field(b, f, deep) && one)
				oneof = f->id;
		}
}

void
types_spoil(struct types_bytes *b)
{
	for (uint64_t n = types_next(&b->seed) % 3 + 1; n > 0 && b->len > 1; n--) {
		size_t at = (size_t)(types_next(&b->seed) % b->len);

		if (types_next(&b->seed) % 4 == 0)
			b->len = at + 1;
		else if (types_next(&b->seed) % 2 == 0)
			b->p[at] ^= (uint8_t)(1u << types_next(&b->seed) % 8);
		else
			b->p[at] = (uint8_t)types_next(&b->seed);
	}
}
