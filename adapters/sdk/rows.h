#ifndef ROWS_H_
#define ROWS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "wire/arena.h"

/*
 * rows -- how the spool's own rows are written: numbers big-endian, bytes with
 * their length before them, nothing else.  A reader that runs out of bytes is
 * "bad" from then on and gives zeros, so that it is asked once, at the end.
 */
struct row {
	uint8_t *p;
	size_t len;
	size_t cap;
	bool bad; /* out of memory */
};

struct row_reader {
	struct slice rest;
	bool bad;
};

/**
 * row_init(r), row_fini(r):
 * Begin an empty row; wipe and free it.
 */
void row_init(struct row *r);
void row_fini(struct row *r);

/**
 * row_u32(r, v), row_u64(r, v), row_raw(r, p, len), row_bytes(r, s),
 * row_text(r, text):
 * Add a number; bytes of a length that the reader knows; bytes with their
 * length; a text, of which NULL stays different from "".
 */
void row_u32(struct row *r, uint32_t v);
void row_u64(struct row *r, uint64_t v);
void row_raw(struct row *r, const void *p, size_t len);
void row_bytes(struct row *r, struct slice s);
void row_text(struct row *r, const char *text);

/**
 * row_slice(r):
 * Return what was written, valid until ${r} changes.
 */
struct slice row_slice(const struct row *r);

/**
 * row_read(s):
 * Return a reader at the beginning of ${s}, which must outlive it.
 */
struct row_reader row_read(struct slice s);

/**
 * row_get_u32(r) and the others:
 * Read back what was written, in that order.  row_get_bytes() borrows from
 * what is read; row_get_text() copies into ${a}; row_get_chars() copies into
 * ${out}, cut to ${cap}.
 */
uint32_t row_get_u32(struct row_reader *r);
uint64_t row_get_u64(struct row_reader *r);
void row_get_raw(struct row_reader *r, void *out, size_t len);
struct slice row_get_bytes(struct row_reader *r);
const char *row_get_text(struct row_reader *r, struct arena *a);
void row_get_chars(struct row_reader *r, char *out, size_t cap);

#endif /* !ROWS_H_ */
