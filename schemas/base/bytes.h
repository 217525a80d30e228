#ifndef BYTES_H_
#define BYTES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bytes -- slices, big-endian numbers, hexadecimal and base64.
 *
 * A slice borrows: whoever made the bytes owns them, and the slice is valid as
 * long as they are.
 */
struct slice {
	const uint8_t *p;
	size_t len;
};

/**
 * slice_of(p, len), slice_str(text):
 * Make a slice of ${len} bytes at ${p}; of the characters of ${text} without
 * its NUL.
 */
static inline struct slice
slice_of(const void *p, size_t len)
{
	return ((struct slice){ .p = p, .len = len });
}
struct slice slice_str(const char *text);

/**
 * slice_eq(a, b):
 * Tell whether both hold the same bytes (not in constant time).
 */
bool slice_eq(struct slice a, struct slice b);

/**
 * be64_put(p, v), be64_get(p) and the others:
 * Write ${v} big-endian at ${p}; read it back.
 */
void be64_put(uint8_t p[8], uint64_t v);
uint64_t be64_get(const uint8_t p[8]);
void be32_put(uint8_t p[4], uint32_t v);
uint32_t be32_get(const uint8_t p[4]);
void be16_put(uint8_t p[2], uint16_t v);
uint16_t be16_get(const uint8_t p[2]);

/**
 * hex_encode(p, len, out):
 * Write ${len} bytes as 2 * ${len} lower-case digits and a NUL into ${out}.
 */
void hex_encode(const uint8_t *p, size_t len, char *out);

/**
 * hex_decode(text, out, len):
 * Read exactly 2 * ${len} digits of ${text} into ${out}.  Return false, with
 * ${out} undefined, if ${text} is longer, shorter or not hexadecimal.
 */
bool hex_decode(const char *text, uint8_t *out, size_t len);

/**
 * base64_encode(p, len, out):
 * Write standard base64 with padding and a NUL into ${out}, which holds
 * BASE64_LEN(len) bytes.  Return the number of characters.
 */
#define BASE64_LEN(len) (((len) + 2) / 3 * 4 + 1)
size_t base64_encode(const uint8_t *p, size_t len, char *out);

/**
 * base64_decode(text, n, out, cap, len):
 * Read the ${n} characters ${text}, standard alphabet, padding required and
 * nothing after it, no stray bits, into ${out} (at most ${cap} bytes) and
 * store the number of bytes in ${len}.  Return false if it is anything else.
 */
bool base64_decode(const char *text, size_t n, uint8_t *out, size_t cap,
    size_t *len);

#endif /* !BYTES_H_ */
