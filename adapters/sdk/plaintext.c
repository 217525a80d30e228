/*
 * plaintext -- text made comparable.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/plaintext.h"
#include "trust/digest.h"

/* U+00C0 ... U+00FF without their accents; a space where there is no letter. */
static const char latin1[64 + 1] =
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty";

/* U+0100 ... U+017F likewise, two to a letter with few exceptions. */
static const char latin_a[128 + 1] =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii"
    "iijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuu"
    "wwyyyzzzzzzs";

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z');
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* Decode one character; bytes that are not UTF-8 count as themselves. */
static uint32_t
next_char(const unsigned char **p)
{
	const unsigned char *s = *p;
	uint32_t c = s[0];
	size_t n = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	*p = s + 1;
	if (n == 0)
		return (c);
	c &= 0x3fu >> n;
	for (size_t i = 1; i <= n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return (s[0]);
		c = c << 6 | (s[i] & 0x3fu);
	}
	*p = s + n + 1;
	return (c);
}

/* What one character becomes; 0: it disappears (an accent on its own). */
static char
fold(uint32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return ((char)(c - 'A' + 'a'));
	if (c >= 0x20 && c < 0x7f)
		return ((char)c);
	if (c >= 0xc0 && c <= 0xff)
		return (latin1[c - 0xc0]);
	if (c >= 0x100 && c <= 0x17f)
		return (latin_a[c - 0x100]);
	if (c >= 0x300 && c <= 0x36f)
		return (0);
	/* Curly apostrophes and long dashes are what they look like. */
	if (c == 0x2018 || c == 0x2019)
		return ('\'');
	if (c >= 0x2010 && c <= 0x2015)
		return ('-');
	return (c > 0x7f && c != 0xa0 ? '?' : ' ');
}

static void
cut_words(struct plain *p, size_t len)
{
	size_t i = 0;

	while (i < len) {
		const char *t = p->folded;
		bool letters = is_letter(t[i]);
		size_t from = i;

		if (!letters && !is_digit(t[i])) {
			i++;
			continue;
		}
		while (i < len && (letters ? is_letter(t[i]) : is_digit(t[i])))
			i++;
		p->words[p->n++] = (struct plain_word){
			.kind = letters ? PLAIN_LETTERS : PLAIN_DIGITS,
			.at = from,
			.len = i - from,
			.gap = from == 0 ? '\0' : t[from - 1],
		};
	}
}

bool
plain_of(const char *text, struct plain *p)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t cap = strlen(text) + 1;
	size_t len = 0;

	memset(p, 0, sizeof(*p));
	p->folded = malloc(cap);
	p->words = calloc(cap, sizeof(*p->words));
	if (p->folded == NULL || p->words == NULL) {
		plain_fini(p);
		return (false);
	}
	while (*s != '\0') {
		char c = fold(next_char(&s));

		if (c != '\0')
			p->folded[len++] = c;
	}
	p->folded[len] = '\0';
	cut_words(p, len);
	return (true);
}

void
plain_fini(struct plain *p)
{
	if (p->folded != NULL)
		digest_wipe(p->folded, strlen(p->folded));
	free(p->folded);
	free(p->words);
	memset(p, 0, sizeof(*p));
}

bool
plain_is(const struct plain *p, size_t i, const char *word)
{
	return (i < p->n && strlen(word) == p->words[i].len &&
	    memcmp(p->folded + p->words[i].at, word, p->words[i].len) == 0);
}

bool
plain_is_any(const struct plain *p, size_t i, const char *const *words,
    size_t n)
{
	for (size_t j = 0; j < n; j++)
		if (plain_is(p, i, words[j]))
			return (true);
	return (false);
}

bool
plain_same(const struct plain *a, size_t i, const struct plain *b, size_t j)
{
	return (a->words[i].len == b->words[j].len &&
	    memcmp(a->folded + a->words[i].at, b->folded + b->words[j].at,
		a->words[i].len) == 0);
}

size_t
plain_chars(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			n++;
	return (n);
}

/* Do the characters between word ${i} - 1 and ${i} join two groups of digits
 * of one number? */
static bool
joins(const struct plain *p, size_t i)
{
	const struct plain_word *was = &p->words[i - 1], *w = &p->words[i];

	if (was->kind != PLAIN_DIGITS || w->kind != PLAIN_DIGITS ||
	    w->at - (was->at + was->len) > 3)
		return (false);
	for (size_t j = was->at + was->len; j < w->at; j++)
		if (strchr(" .-/()", p->folded[j]) == NULL)
			return (false);
	return (true);
}

/* +31 6..., 0031 6... and 31 6... are 06... */
static size_t
national(char *digits, size_t len, bool plus)
{
	size_t cut = 0;

	if (strncmp(digits, "0031", 4) == 0)
		cut = 4;
	else if (plus && strncmp(digits, "31", 2) == 0)
		cut = 2;
	if (cut == 0 || cut >= len)
		return (len);
	/* +31 (0)6: the nought in brackets is the one we put there. */
	if (digits[cut] == '0')
		cut++;
	digits[0] = '0';
	memmove(digits + 1, digits + cut, len - cut + 1);
	return (len - cut + 1);
}

size_t
plain_number(const struct plain *p, size_t i, char *out, size_t cap,
    size_t *next)
{
	bool plus;
	size_t len = 0;

	if (i >= p->n || p->words[i].kind != PLAIN_DIGITS)
		return (0);
	plus = p->words[i].gap == '+';
	for (size_t j = i; j < p->n; j++) {
		if (j > i && !joins(p, j))
			break;
		if (p->words[j].len >= cap - len)
			return (0);
		memcpy(out + len, p->folded + p->words[j].at, p->words[j].len);
		len += p->words[j].len;
		*next = j + 1;
	}
	out[len] = '\0';
	return (national(out, len, plus));
}

/* The value of a word of digits, at most four of them; -1 if it is none. */
static int
small(const struct plain *p, size_t i)
{
	int v = 0;

	if (i >= p->n || p->words[i].kind != PLAIN_DIGITS ||
	    p->words[i].len > 4)
		return (-1);
	for (size_t j = 0; j < p->words[i].len; j++)
		v = v * 10 + (p->folded[p->words[i].at + j] - '0');
	return (v);
}

/* A month by number, or by at least three letters of its name. */
static int
month(const struct plain *p, size_t i)
{
	static const char *const names[] = { "januari", "februari", "maart",
		"april", "mei", "juni", "juli", "augustus", "september",
		"oktober", "november", "december" };

	if (i < p->n && p->words[i].kind == PLAIN_DIGITS)
		return (small(p, i));
	for (int m = 0; i < p->n && m < 12; m++)
		if (p->words[i].len >= 3 &&
		    strncmp(p->folded + p->words[i].at, names[m],
			p->words[i].len) == 0)
			return (m + 1);
	/* "mrt" is how people shorten maart. */
	return (plain_is(p, i, "mrt") ? 3 : -1);
}

bool
plain_date(const struct plain *p, size_t i, char out[9])
{
	int first = small(p, i), m = month(p, i + 1), last = small(p, i + 2);
	int y, d;

	if (first < 0 || m < 1 || m > 12 || last < 0)
		return (false);
	y = first > 31 ? first : last;
	d = first > 31 ? last : first;
	/* Two digits of a year: who was born in 41 was born in 1941. */
	if (y < 100)
		y += y > 30 ? 1900 : 2000;
	if (y < 1880 || y > 2100 || d < 1 || d > 31)
		return (false);
	(void)snprintf(out, 9, "%04u%02u%02u", (unsigned)y % 10000,
	    (unsigned)m % 100, (unsigned)d % 100);
	return (true);
}
