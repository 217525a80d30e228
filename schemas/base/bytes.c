/*
 * bytes -- slices, big-endian numbers, hexadecimal and base64.
 */
#include <string.h>

#include "base/bytes.h"

struct slice
slice_str(const char *text)
{
	return (slice_of(text, strlen(text)));
}

bool
slice_eq(struct slice a, struct slice b)
{
	return (a.len == b.len &&
	    (a.len == 0 || memcmp(a.p, b.p, a.len) == 0));
}

void
be64_put(uint8_t p[8], uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

uint64_t
be64_get(const uint8_t p[8])
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = (v << 8) | p[i];
	return (v);
}

void
be32_put(uint8_t p[4], uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

uint32_t
be32_get(const uint8_t p[4])
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = (v << 8) | p[i];
	return (v);
}

void
be16_put(uint8_t p[2], uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

uint16_t
be16_get(const uint8_t p[2])
{
	return ((uint16_t)((p[0] << 8) | p[1]));
}

void
hex_encode(const uint8_t *p, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * len] = '\0';
}

/* The value of one hexadecimal digit, or -1. */
static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

bool
hex_decode(const char *text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int hi = digit(text[2 * i]);
		int lo = hi < 0 ? -1 : digit(text[2 * i + 1]);

		if (lo < 0)
			return (false);
		out[i] = (uint8_t)(hi * 16 + lo);
	}
	return (text[2 * len] == '\0');
}

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_encode(const uint8_t *p, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)p[i] << 16;

		if (left > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		out[n++] = alphabet[v >> 18];
		out[n++] = alphabet[(v >> 12) & 63];
		out[n++] = left > 1 ? alphabet[(v >> 6) & 63] : '=';
		out[n++] = left > 2 ? alphabet[v & 63] : '=';
	}
	out[n] = '\0';
	return (n);
}

/* The value of one base64 character, or -1. */
static int
sextet(char c)
{
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);

	return (at == NULL ? -1 : (int)(at - alphabet));
}

bool
base64_decode(const char *text, size_t n, uint8_t *out, size_t cap, size_t *len)
{
	size_t pad = 0, k = 0;

	if (n % 4 != 0)
		return (false);
	if (n > 0 && text[n - 1] == '=')
		pad = text[n - 2] == '=' ? 2 : 1;
	if (n / 4 * 3 - pad > cap)
		return (false);

	for (size_t i = 0; i < n; i += 4) {
		size_t skip = i + 4 == n ? pad : 0;
		uint32_t v = 0;

		for (size_t j = 0; j < 4; j++) {
			int s = j >= 4 - skip ? 0 : sextet(text[i + j]);

			if (s < 0)
				return (false);
			v = (v << 6) | (uint32_t)s;
		}
		/* The bits that padding leaves over must be zero. */
		if ((skip == 1 && (v & 0xff) != 0) ||
		    (skip == 2 && (v & 0xffff) != 0))
			return (false);
		for (size_t j = 0; j < 3 - skip; j++)
			out[k++] = (uint8_t)(v >> (16 - 8 * j));
	}
	*len = k;
	return (true);
}
