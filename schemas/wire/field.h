#ifndef FIELD_H_
#define FIELD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/err.h"

/*
 * field -- what a field of a signed message may look like.
 *
 * A check is a row: what must hold, and the rule that says so.  The rows of
 * one message are all looked at before the first one that fails is named;
 * none of them costs more than its field.
 */
struct field_row {
	bool holds;
	const char *rule; /* constant Dutch text */
};

#define FIELD_LOWER "abcdefghijklmnopqrstuvwxyz"
#define FIELD_DIGITS "0123456789"

#define FIELD_ROWS(r) (r), sizeof(r) / sizeof((r)[0])

/**
 * field_check(rows, n, rule):
 * Return ERR_MALFORMED, and the rule in ${rule} (may be NULL), for the first
 * of the ${n} rows that does not hold.
 */
MUST_CHECK enum err field_check(const struct field_row *rows, size_t n,
    const char **rule);

/**
 * field_of(text, set, min, max):
 * Is it ${min} to ${max} characters, all of them out of ${set}?
 */
bool field_of(const char *text, const char *set, size_t min, size_t max);

/**
 * field_code(text, min), field_word(text, min), field_area(text, min):
 * Is it a code in capitals; a word of a closed list of the policy, which may
 * be in small letters; the code of an area?  Of at least ${min} characters.
 */
bool field_code(const char *text, size_t min);
bool field_word(const char *text, size_t min);
bool field_area(const char *text, size_t min);

/**
 * field_name(text), field_name_or_none(text):
 * Is it the name of an organisation; or that or nothing?
 */
bool field_name(const char *text);
bool field_name_or_none(const char *text);

/**
 * field_origin(text), field_key_id(text), field_time(ms):
 * Is it the origin of a log ("keten.example/noord": no space, no control, no
 * '|'); the name of a key; a time of the years 1970 to 9999?
 */
bool field_origin(const char *text);
bool field_key_id(const char *text);
bool field_time(int64_t ms);

/**
 * field_refid(field), field_refid_or_none(field), field_hash_or_none(field):
 * Is it the number of a referral (a UUIDv7); a hash; or nothing?
 */
bool field_refid(ProtobufCBinaryData field);
bool field_refid_or_none(ProtobufCBinaryData field);
bool field_hash_or_none(ProtobufCBinaryData field);

/**
 * field_seen(size, root):
 * Is it a checkpoint, a size and a root, or neither?
 */
bool field_seen(uint64_t size, ProtobufCBinaryData root);

/**
 * field_all(is, list, n, max):
 * Are they ${max} at most, and is each what ${is} asks?
 */
bool field_all(bool (*is)(const char *), char *const *list, size_t n,
    size_t max);

#endif /* !FIELD_H_ */
