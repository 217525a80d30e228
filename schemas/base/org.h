#ifndef ORG_H_
#define ORG_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * org -- the names of things that must not be mixed up.
 *
 * A partner is named by a short text of the policy document, "thuiszorg-t":
 * [a-z][a-z0-9-]{0,30}.  It is kept by value, zero-filled, so that two names
 * are equal when their bytes are.  A referral is named by a UUIDv7 (RFC 9562).
 */
#define ORG_MAX 31

struct org {
	char id[ORG_MAX + 1];
};

struct refid {
	uint8_t b[16];
};

#define REFID_TEXT 37 /* 36 characters and a NUL */

/**
 * org_of(text):
 * Return the organisation called ${text}; the empty one if ${text} is NULL,
 * "" or not a valid name.
 */
struct org org_of(const char *text);

/**
 * org_is_none(o), org_eq(a, b):
 * Tell whether ${o} is the empty one; whether both are the same.  Inline,
 * because every decision asks this some hundred times.
 */
static inline bool
org_is_none(const struct org *o)
{
	return (o->id[0] == '\0');
}

static inline bool
org_eq(const struct org *a, const struct org *b)
{
	uint64_t x[4], y[4];

	memcpy(x, a->id, sizeof(x));
	memcpy(y, b->id, sizeof(y));
	return (((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) |
		    (x[3] ^ y[3])) == 0);
}
_Static_assert(sizeof(struct org) == 32, "four words to compare");

/**
 * refid_new(now_ms, random):
 * Return the UUIDv7 of ${now_ms} with the 10 random bytes ${random}.
 */
struct refid refid_new(int64_t now_ms, const uint8_t random[10]);

/**
 * refid_parse(text, id):
 * Read the 36 characters ${text} into ${id}; false (and ${id} untouched) if
 * they are not a UUID.
 */
bool refid_parse(const char *text, struct refid *id);

/**
 * refid_begin(text, begin, digits):
 * Read the beginning of an id, 1 to 32 hexadecimal digits with dashes between
 * them or not, into ${begin} (the rest is zeros) and their number into
 * ${digits}.  False, with both undefined, if ${text} is none.
 */
bool refid_begin(const char *text, struct refid *begin, size_t *digits);

/**
 * refid_begins(id, begin, digits):
 * Tell whether ${id} begins with the ${digits} digits of ${begin}.
 */
bool refid_begins(const struct refid *id, const struct refid *begin,
    size_t digits);

/**
 * refid_text(id, text):
 * Write ${id} as 36 lower-case characters and a NUL into ${text}; return it.
 */
const char *refid_text(const struct refid *id, char text[REFID_TEXT]);

/**
 * refid_from(p, len, id):
 * Take the ${len} bytes at ${p} as an id; false unless there are 16 and they
 * are a UUIDv7.
 */
bool refid_from(const uint8_t *p, size_t len, struct refid *id);

/**
 * refid_eq(a, b), refid_is_none(id):
 * Tell whether both are the same; whether ${id} is all zeros.
 */
bool refid_eq(const struct refid *a, const struct refid *b);
bool refid_is_none(const struct refid *id);

#endif /* !ORG_H_ */
