/*
 * notecheck -- does a public text look as if it were about a person?
 */
#include <stdio.h>
#include <string.h>

#include "sdk/notecheck.h"
#include "sdk/plaintext.h"

static const char *const titles[] = { "mevrouw", "mevr", "mw", "meneer",
	"mijnheer", "dhr", "fam" };

/* Streets end in these. */
static const char *const streets[] = { "straat", "weg", "laan", "plein",
	"dijk", "kade", "gracht", "hof", "steeg", "singel", "pad" };

/* Two letters after four digits that make no postcode: "2026 en later". */
static const char *const small_words[] = { "en", "of", "op", "in", "te", "de",
	"om", "tm", "is", "na", "er", "al" };

#define N(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_letters(const struct plain *p, size_t i)
{
	return (i < p->n && p->words[i].kind == PLAIN_LETTERS);
}

static bool
is_digits(const struct plain *p, size_t i, size_t len)
{
	return (i < p->n && p->words[i].kind == PLAIN_DIGITS &&
	    (len == 0 || p->words[i].len == len));
}

/* "mevrouw De Vries", "de heer Jansen". */
static bool
is_titled(const struct plain *p, size_t i)
{
	if (!is_letters(p, i + 1))
		return (false);
	return (plain_is_any(p, i, titles, N(titles)) ||
	    (i > 0 && plain_is(p, i, "heer") && plain_is(p, i - 1, "de")));
}

/* "Dorpsstraat 12" */
static bool
is_address(const struct plain *p, size_t i)
{
	if (!is_letters(p, i) || !is_digits(p, i + 1, 0))
		return (false);
	for (size_t j = 0; j < N(streets); j++) {
		size_t n = strlen(streets[j]);

		if (p->words[i].len > n &&
		    memcmp(p->folded + p->words[i].at + p->words[i].len - n,
			streets[j], n) == 0)
			return (true);
	}
	return (false);
}

/* "1234 AB" */
static bool
is_postcode(const struct plain *p, size_t i)
{
	return (is_digits(p, i, 4) && is_letters(p, i + 1) &&
	    p->words[i + 1].len == 2 &&
	    !plain_is_any(p, i + 1, small_words, N(small_words)));
}

/* What word ${i} begins that belongs to a person, or NULL. */
static const char *
person_at(const struct plain *p, size_t i)
{
	char number[32], date[9];
	size_t next;

	if (is_titled(p, i))
		return ("een naam van iemand");
	if (is_address(p, i))
		return ("een straat met huisnummer");
	if (is_postcode(p, i))
		return ("een volledige postcode");
	if (plain_date(p, i, date))
		return ("een datum");
	if (is_digits(p, i, 0) &&
	    plain_number(p, i, number, sizeof(number), &next) >= 8)
		return ("een telefoonnummer of ander lang nummer");
	return (NULL);
}

enum err
notecheck_public(const char *text, char why[NOTECHECK_WHY])
{
	const char *what = strchr(text, '@') == NULL ? NULL : "een mailadres";
	struct plain p;

	if (!plain_of(text, &p))
		return (ERR_NOMEM);
	for (size_t i = 0; what == NULL && i < p.n; i++)
		what = person_at(&p, i);
	plain_fini(&p);
	if (what == NULL)
		return (ERR_OK);
	(void)snprintf(why, NOTECHECK_WHY, "De naam van de dienst bevat %s. "
	    "De sociale kaart leest iedereen: laat weg wat over een persoon "
	    "gaat.", what);
	return (ERR_NOT_ALLOWED);
}
