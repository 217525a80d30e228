#ifndef PBWIRE_H_
#define PBWIRE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"

/*
 * pbwire -- protobuf's bytes, as prescan.c and unpack.c read them: every field
 * of every message passes here twice, so it is all inline.
 */
enum wire_type {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_LEN = 2,
	WIRE_32 = 5,
};

/**
 * pbwire_varint(s, out):
 * Take a number of at most 64 bits from ${s}.  Return how many bytes that were;
 * 0 if it does not end, or is larger: then ${s} stays as it is.
 */
static inline size_t
pbwire_varint(struct slice *s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	/* Nearly all are tags, lengths and small numbers. */
	if (s->len > 0 && s->p[0] < 0x80) {
		*out = *s->p++;
		s->len--;
		return (1);
	}
	for (i = 0; i < s->len && i < 10; i++) {
		const uint8_t b = s->p[i];

		if (i == 9 && b > 1)
			return (0);
		v |= (uint64_t)(b & 0x7f) << (7 * i);
		if (b & 0x80)
			continue;
		s->p += i + 1;
		s->len -= i + 1;
		*out = v;
		return (i + 1);
	}
	return (0);
}

/**
 * pbwire_take(s, n, out):
 * Take ${n} bytes from ${s}; false if there are fewer.
 */
static inline bool
pbwire_take(struct slice *s, uint64_t n, struct slice *out)
{
	if (n > s->len)
		return (false);
	*out = slice_of(s->p, (size_t)n);
	s->p += n;
	s->len -= (size_t)n;
	return (true);
}

/**
 * pbwire_field(d, id):
 * Return the field number ${id} of ${d}, or NULL.
 */
static inline const ProtobufCFieldDescriptor *
pbwire_field(const ProtobufCMessageDescriptor *d, uint64_t id)
{
	size_t low = 0, high = d->n_fields;

	/* Ours are numbered from 1, mostly without gaps. */
	if (id - 1 < d->n_fields && d->fields[id - 1].id == id)
		return (&d->fields[id - 1]);
	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (d->fields[mid].id == id)
			return (&d->fields[mid]);
		if (d->fields[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return (NULL);
}

/**
 * pbwire_type(type):
 * Return how a value of that type is written, if not in a packed list.
 */
static inline enum wire_type
pbwire_type(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		return (WIRE_VARINT);
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return (WIRE_64);
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return (WIRE_32);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	return (WIRE_LEN);
}

/**
 * pbwire_member(type):
 * Return what one member takes in the array of a list.
 */
static inline size_t
pbwire_member(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return (8);
	case PROTOBUF_C_TYPE_BOOL:
		return (sizeof(protobuf_c_boolean));
	case PROTOBUF_C_TYPE_BYTES:
		return (sizeof(ProtobufCBinaryData));
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return (sizeof(void *));
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
		break;
	}
	return (4);
}

#endif /* !PBWIRE_H_ */
