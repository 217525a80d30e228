/*
 * lines -- reading the line-based texts of the log.
 */
#include <string.h>

#include "trust/lines.h"
#include "trust/note.h"

bool
lines_next(struct slice *rest, struct slice *line)
{
	const uint8_t *end;

	if (rest->len == 0)
		return (false);
	end = memchr(rest->p, '\n', rest->len);
	if (end == NULL)
		return (false);
	for (const uint8_t *p = rest->p; p < end; p++)
		if (*p < ' ' || *p == 0x7f)
			return (false);
	*line = slice_of(rest->p, (size_t)(end - rest->p));
	*rest = slice_of(end + 1, rest->len - line->len - 1);
	return (true);
}

bool
lines_decimal(struct slice line, uint64_t *v)
{
	uint64_t sum = 0;

	if (line.len == 0 || (line.len > 1 && line.p[0] == '0'))
		return (false);
	for (size_t i = 0; i < line.len; i++) {
		uint64_t digit = (uint64_t)line.p[i] - '0';

		if (line.p[i] < '0' || line.p[i] > '9' ||
		    sum > (UINT64_MAX - digit) / 10)
			return (false);
		sum = sum * 10 + digit;
	}
	*v = sum;
	return (true);
}

bool
lines_is_base64(struct slice line)
{
	uint8_t group[3];
	size_t len;

	if (line.len % 4 != 0)
		return (false);
	for (size_t i = 0; i < line.len; i += 4) {
		if (!base64_decode((const char *)line.p + i, 4, group,
			sizeof(group), &len) ||
		    (len < 3 && i + 4 < line.len))
			return (false);
	}
	return (true);
}

bool
lines_is_name(struct slice name)
{
	if (name.len == 0 || name.len > NOTE_NAME_MAX)
		return (false);
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == '+')
			return (false);
	return (true);
}
