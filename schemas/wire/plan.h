#ifndef PLAN_H_
#define PLAN_H_

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

/*
 * plan -- what packing and unpacking want to know of a message type, in the
 * order in which they ask for it.
 *
 * A generated descriptor says everything, but a field's takes more than a cache
 * line and what follows from it (its tag, the size of a member, which others
 * exclude it) has to be found again for each value.  A plan is made from the
 * descriptor the first time a type comes by and stays for the life of the
 * process: it holds nothing but what the program was built with.
 *
 * It knows what our schemas hold and no more: proto3 with texts, bytes,
 * messages, enums, bools and unsigned or 64-bit numbers written as varints.
 * What it does not know goes the general way (unpack.h, protobuf-c), more
 * slowly.
 */

/* Tags of at most two bytes; ours reach 36. */
#define PLAN_ID_MAX 127

/* One bit for each field of a message; ours have at most 29. */
#define PLAN_FIELDS_MAX 64

enum plan_type {
	PLAN_U32,
	PLAN_U64,	/* and int64: the same bytes */
	PLAN_BOOL,
	PLAN_ENUM,
	PLAN_TEXT,
	PLAN_BYTES,
	PLAN_MESSAGE,
};

enum plan_form {
	PLAN_SINGLE,	/* left out when it is zero or empty */
	PLAN_CHOICE,	/* one of a oneof */
	PLAN_LIST,
	PLAN_PACKED,	/* a list that is written in one piece */
};

/* A power of two: its place is found by a shift. */
struct plan_field {
	uint64_t bit;		/* its own, in a set of fields */
	uint64_t bars;		/* it may not come after one of these */
	/* There is nothing to write if, with the 8 bytes at ${look} as a number
	 * n, (n & mask) == blank. */
	uint64_t mask, blank;
	union {
		uint64_t values;	/* of an enum, without 0: a bit each */
		const struct plan *message;
		const void *empty;	/* what a text is if it is not there */
	};
	uint16_t look;		/* in the structure: */
	uint16_t offset;
	uint16_t count;		/* how many, or which of the oneof */
	uint16_t tag;		/* of one value */
	uint8_t head[2];	/* how it is written, packed or not: */
	uint8_t n_head;		/* these bytes */
	uint8_t type;		/* enum plan_type */
	uint8_t form;		/* enum plan_form */
	uint8_t member;		/* bytes of one in a list */
	uint8_t id;
	uint8_t next;		/* the first field behind it of another oneof */
	uint8_t pad[8];
};

_Static_assert(sizeof(struct plan_field) == 64, "a cache line");

struct plan {
	const ProtobufCMessageDescriptor *d;
	const void *image;	/* of a message without fields */
	size_t size;		/* of it */
	size_t n_fields;
	uint8_t place[PLAN_ID_MAX + 1]; /* one more than where a field is; 0 */
	struct plan_field fields[];
};

/**
 * plan_of(d):
 * Return the plan of ${d}, or NULL if it holds something that plans do not know
 * or there is no memory: then go the general way.  Valid for ever.  Any thread
 * may call it at any moment.
 */
const struct plan *plan_of(const ProtobufCMessageDescriptor *d);

#endif /* !PLAN_H_ */
