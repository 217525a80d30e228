#ifndef TYPES_H_
#define TYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "wire/arena.h"

/*
 * types -- every message type of every schema, and messages that nobody thought
 * up: as structures, and as bytes, good and bad.
 */

/* All of them, as the generated headers declare them. */
extern const ProtobufCMessageDescriptor *const types[];
extern const size_t n_types;

/**
 * types_next(seed), types_throw(seed, n):
 * Return a number of 64 bits; one from 0 up to and not with ${n}.  The same from
 * the same seed, which moves on and may not be 0.
 */
uint64_t types_next(uint64_t *seed);
uint64_t types_throw(uint64_t *seed, uint64_t n);

/**
 * types_make(d, a, seed, deep):
 * Return a message of type ${d} in ${a}, whose fields hold anything that a
 * program could put there, absurd things too (a oneof that is none, a number that
 * is no value of its enum), with messages in it ${deep} levels down.
 */
ProtobufCMessage *types_make(const ProtobufCMessageDescriptor *d,
    struct arena *a, uint64_t *seed, int deep);

/* Bytes that grow: ${p} has room for 4 * TYPES_BYTES. */
#define TYPES_BYTES 65536
struct types_bytes {
	uint8_t *p;
	size_t len;
	uint64_t seed;
};

/**
 * types_put(b, d, deep):
 * Add a message of type ${d} to ${b} as others may write it: lists in two parts
 * or with their numbers in one piece, members of any length.
 */
void types_put(struct types_bytes *b, const ProtobufCMessageDescriptor *d,
    int deep);

/**
 * types_spoil(b):
 * Change ${b} somewhere, or cut it off.
 */
void types_spoil(struct types_bytes *b);

/**
 * types_same(a, b):
 * Tell whether two messages of one type hold the same, field by field.
 */
bool types_same(const ProtobufCMessage *a, const ProtobufCMessage *b);

#endif /* !TYPES_H_ */
