#ifndef COPY_H_
#define COPY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * copy -- bytes from one place to another, mostly few: keys, hashes and codes,
 * for which a call costs more than the copying.
 */

/**
 * copy_bytes(to, from, n):
 * Copy ${n} bytes; they may not overlap.  ${from} may be NULL if ${n} is 0.
 */
static inline void
copy_bytes(uint8_t *to, const uint8_t *from, size_t n)
{
	if (n > 32)
		memcpy(to, from, n);
	else if (n >= 16) {
		memcpy(to, from, 16);
		memcpy(to + n - 16, from + n - 16, 16);
	} else if (n >= 8) {
		memcpy(to, from, 8);
		memcpy(to + n - 8, from + n - 8, 8);
	} else
		for (; n > 0; n--)
			*to++ = *from++;
}

/* Does one of the eight bytes of ${v} have its high bit, or none at all? */
static inline uint64_t
copy_strange(uint64_t v)
{
	return (((v - UINT64_C(0x0101010101010101)) | v) &
	    UINT64_C(0x8080808080808080));
}

/**
 * copy_ascii(to, from, n):
 * The same, and tell whether what was copied is all ASCII without NUL.  Each
 * byte is read before it is written and looked at as it is written, so that
 * the answer is about the copy, whoever may be writing to ${from}.
 */
static inline bool
copy_ascii(uint8_t *to, const uint8_t *from, size_t n)
{
	uint64_t strange = 0, v;

	if (n < 8) {
		for (; n > 0; n--) {
			const uint8_t b = *from++;

			/* NUL becomes a byte with its high bit. */
			strange |= (uint64_t)((b - 1u) | b) & 0x80;
			*to++ = b;
		}
		return (strange == 0);
	}
	for (size_t i = 0; i < n - 8; i += 8) {
		memcpy(&v, from + i, 8);
		memcpy(to + i, &v, 8);
		strange |= copy_strange(v);
	}
	memcpy(&v, from + n - 8, 8);
	memcpy(to + n - 8, &v, 8);
	return ((strange | copy_strange(v)) == 0);
}

#endif /* !COPY_H_ */
