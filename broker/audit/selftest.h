#ifndef SELFTEST_H_
#define SELFTEST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/bytes.h"

/*
 * selftest -- the test vectors of tests/vectors, which stand in the program
 * itself, and what reading them has in common.
 *
 * They were made by another implementation, written from the protocol's
 * specification.  An auditor who runs them knows that this program, on this
 * machine with these libraries, computes what everybody else computes.
 */

/* What one group found. */
struct tally {
	size_t n;
	size_t wrong;
	char first[160]; /* the first that was wrong */
};

/**
 * selftest_see(t, good, what):
 * Count one; ${what} says which it was.
 */
void selftest_see(struct tally *t, bool good, const char *what);

/**
 * selftest_hex(o, name, out, cap):
 * Return the bytes that stand in ${o} at ${name} as hexadecimal digits, put
 * into ${out}; nothing if there are none, or more than ${cap}.
 */
struct slice selftest_hex(const json_t *o, const char *name, uint8_t *out,
    size_t cap);

/**
 * selftest_text(o, name), selftest_number(o, name):
 * Return what stands there; "" and 0 if it is nothing of the kind.
 */
const char *selftest_text(const json_t *o, const char *name);
uint64_t selftest_number(const json_t *o, const char *name);

/**
 * selftest_merkle(t, o), ...
 * The groups, in selftest_tree.c (the tree, notes, witnesses) and
 * selftest_keys.c (signatures, leaves, sealed parts).
 */
void selftest_merkle(struct tally *t, const json_t *o);
void selftest_notes(struct tally *t, const json_t *o);
void selftest_witness(struct tally *t, const json_t *o);
void selftest_leaves(struct tally *t, const json_t *o);
void selftest_signatures(struct tally *t, const json_t *o);
void selftest_batches(struct tally *t, const json_t *o);
void selftest_sealed(struct tally *t, const json_t *o);
void selftest_headers(struct tally *t, const json_t *o);

#endif /* !SELFTEST_H_ */
