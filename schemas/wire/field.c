#include <string.h>

#include "trust/seal.h"
#include "wire/field.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* The last second of the year 9999. */
#define TIME_MAX INT64_C(253402300799000)

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum err
field_check(const struct field_row *rows, size_t n, const char **rule)
{
	for (size_t i = 0; i < n; i++)
		if (!rows[i].holds)
			return (pb_refuse(ERR_MALFORMED, rows[i].rule, rule));
	return (ERR_OK);
}

bool
field_of(const char *text, const char *set, size_t min, size_t max)
{
	const size_t len = strlen(text);

	return (len >= min && len <= max && strspn(text, set) == len);
}

bool
field_code(const char *text, size_t min)
{
	return (field_of(text, UPPER FIELD_DIGITS "-", min,
	    STATEMENT_CODE_MAX));
}

bool
field_word(const char *text, size_t min)
{
	return (field_of(text, UPPER FIELD_LOWER FIELD_DIGITS "-", min,
	    ORG_MAX));
}

bool
field_area(const char *text, size_t min)
{
	return (field_of(text, UPPER FIELD_DIGITS, min, 10));
}

bool
field_name(const char *text)
{
	const struct org o = org_of(text);

	return (!org_is_none(&o));
}

bool
field_name_or_none(const char *text)
{
	return (text[0] == '\0' || field_name(text));
}

bool
field_origin(const char *text)
{
	return (field_of(text, UPPER FIELD_LOWER FIELD_DIGITS "./:_-", 1,
	    STATEMENT_ORIGIN_MAX));
}

bool
field_key_id(const char *text)
{
	return (field_of(text, FIELD_DIGITS "abcdef", SEAL_KEY_ID - 1,
	    SEAL_KEY_ID - 1));
}

bool
field_time(int64_t ms)
{
	return (ms >= 0 && ms <= TIME_MAX);
}

bool
field_refid(ProtobufCBinaryData field)
{
	struct refid id;

	return (pb_refid(field, &id) == ERR_OK);
}

bool
field_refid_or_none(ProtobufCBinaryData field)
{
	return (field.len == 0 || field_refid(field));
}

bool
field_hash_or_none(ProtobufCBinaryData field)
{
	return (field.len == 0 || field.len == STATEMENT_HASH);
}

bool
field_seen(uint64_t size, ProtobufCBinaryData root)
{
	return (size == 0 ? root.len == 0 : root.len == STATEMENT_HASH);
}

bool
field_all(bool (*is)(const char *), char *const *list, size_t n, size_t max)
{
	if (n > max)
		return (false);
	for (size_t i = 0; i < n; i++)
		if (!is(list[i]))
			return (false);
	return (true);
}
