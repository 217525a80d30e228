/*
 * area -- CBS codes of municipalities, districts and neighbourhoods.
 */
#include <string.h>

#include "base/area.h"

static const struct shape {
	char letters[3];
	size_t digits; /* must be digits, */
	size_t tail;   /* and then digits or capitals */
	enum area_kind kind;
} shapes[] = {
	{ "GM", 4, 0, AREA_GM },
	{ "WK", 4, 2, AREA_WK },
	{ "BU", 4, 4, AREA_BU },
};

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static bool
has_shape(const char *code, const struct shape *s)
{
	if (strncmp(code, s->letters, 2) != 0 ||
	    strlen(code) != 2 + s->digits + s->tail)
		return (false);
	for (size_t i = 0; i < s->digits; i++)
		if (!is_digit(code[2 + i]))
			return (false);
	for (size_t i = 0; i < s->tail; i++) {
		char c = code[2 + s->digits + i];

		if (!is_digit(c) && !(c >= 'A' && c <= 'Z'))
			return (false);
	}
	return (true);
}

enum area_kind
area_kind(const char *code)
{
	if (code == NULL)
		return (AREA_NONE);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (has_shape(code, &shapes[i]))
			return (shapes[i].kind);
	return (AREA_NONE);
}

bool
area_is_valid(const char *code)
{
	return (area_kind(code) != AREA_NONE);
}

bool
area_contains(const char *outer, const char *inner)
{
	if (!area_is_valid(outer) || !area_is_valid(inner))
		return (false);
	return (strncmp(outer + 2, inner + 2, strlen(outer + 2)) == 0);
}

bool
area_municipality(const char *code, char gm[AREA_MAX + 1])
{
	if (!area_is_valid(code))
		return (false);
	memcpy(gm, "GM", 2);
	memcpy(gm + 2, code + 2, 4);
	gm[6] = '\0';
	return (true);
}

bool
area_coarse(const char *code, char out[AREA_MAX + 1])
{
	enum area_kind kind = area_kind(code);
	size_t len = strlen(code);

	if (kind == AREA_NONE)
		return (false);
	memset(out, 0, AREA_MAX + 1);
	memcpy(out, code, len);
	if (kind == AREA_BU) {
		memcpy(out, "WK", 2);
		memset(out + len - 2, 0, 2);
	}
	return (true);
}
