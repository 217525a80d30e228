/*
 * org -- the names of things that must not be mixed up.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/org.h"

/* What may stand in a name; the first character is one of the letters. */
static bool
is_name_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
}

/* Names are read wherever a message or a row is: once over it is enough. */
struct org
org_of(const char *text)
{
	static const struct org none;
	struct org o;
	size_t n = 0;

	memset(&o, 0, sizeof(o));
	if (text == NULL || text[0] < 'a' || text[0] > 'z')
		return (none);
	for (; n < ORG_MAX && is_name_char(text[n]); n++)
		o.id[n] = text[n];
	return (text[n] == '\0' ? o : none);
}

struct refid
refid_new(int64_t now_ms, const uint8_t random[10])
{
	struct refid id;
	uint64_t ms = (uint64_t)now_ms;

	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)(ms >> (8 * (5 - i)));
	memcpy(id.b + 6, random, 10);
	id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x70);
	id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
	return (id);
}

bool
refid_parse(const char *text, struct refid *id)
{
	static const uint8_t dash[4] = { 8, 13, 18, 23 };
	char hex[33];
	size_t n = 0;
	struct refid out;

	if (strlen(text) != 36)
		return (false);
	for (size_t i = 0; i < 36; i++) {
		if (i == dash[0] || i == dash[1] || i == dash[2] ||
		    i == dash[3]) {
			if (text[i] != '-')
				return (false);
			continue;
		}
		hex[n++] = (char)tolower((unsigned char)text[i]);
	}
	hex[n] = '\0';
	if (!hex_decode(hex, out.b, sizeof(out.b)))
		return (false);
	*id = out;
	return (true);
}

bool
refid_begin(const char *text, struct refid *begin, size_t *digits)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	memset(begin, 0, sizeof(*begin));
	for (; *text != '\0'; text++) {
		const char *at = strchr(hex, tolower((unsigned char)*text));

		if (*text == '-')
			continue;
		if (at == NULL || n == 2 * sizeof(begin->b))
			return (false);
		begin->b[n / 2] = (uint8_t)(begin->b[n / 2] |
		    (n % 2 == 0 ? (at - hex) << 4 : at - hex));
		n++;
	}
	*digits = n;
	return (n > 0);
}

bool
refid_begins(const struct refid *id, const struct refid *begin, size_t digits)
{
	if (memcmp(id->b, begin->b, digits / 2) != 0)
		return (false);
	return (digits % 2 == 0 || (id->b[digits / 2] & 0xf0) ==
	    (begin->b[digits / 2] & 0xf0));
}

const char *
refid_text(const struct refid *id, char text[REFID_TEXT])
{
	char hex[33];

	hex_encode(id->b, sizeof(id->b), hex);
	(void)snprintf(text, REFID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
	return (text);
}

bool
refid_from(const uint8_t *p, size_t len, struct refid *id)
{
	if (len != sizeof(id->b) || (p[6] & 0xf0) != 0x70 ||
	    (p[8] & 0xc0) != 0x80)
		return (false);
	memcpy(id->b, p, sizeof(id->b));
	return (true);
}

bool
refid_eq(const struct refid *a, const struct refid *b)
{
	return (memcmp(a->b, b->b, sizeof(a->b)) == 0);
}

bool
refid_is_none(const struct refid *id)
{
	static const struct refid none;

	return (refid_eq(id, &none));
}
