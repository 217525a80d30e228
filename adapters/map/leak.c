#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "map/check.h"
#include "sdk/notecheck.h"

/*
 * What must not leave, or not to everybody: a BSN in no text, and in the offer
 * note nothing that says who it is about.  The second is the SDK's own check,
 * asked here already, so that a table with one bad row is refused before any
 * row of it is sent.
 */

enum err
map_gives_away(const struct map_order *o, const char *note,
    struct map_trouble *trouble)
{
	char why[NOTECHECK_WHY] = "";
	char *person = NULL;
	enum err err = map_person(o, &person);

	if (err != ERR_OK)
		return (err);
	err = notecheck(note, person, why);
	if (person != NULL) {
		explicit_bzero(person, strlen(person));
		free(person);
	}
	if (err == ERR_OK || err == ERR_NOMEM)
		return (err);
	return (map_fail(trouble, "%s", why));
}

/* The eleven test: 9a + 8b + ... + 2h - i is a multiple of 11. */
static bool
is_bsn(const char *const digit[9])
{
	int sum = 0;

	for (int i = 0; i < 8; i++)
		sum += (9 - i) * (*digit[i] - '0');
	sum -= *digit[8] - '0';
	return (sum != 0 && sum % 11 == 0);
}

/* Nine digits from ${p} on, with single dots, spaces or dashes between. */
static const char *
nine(char *p, char *digit[9])
{
	size_t n = 0;

	for (; n < 9; p++) {
		if (isdigit((unsigned char)*p))
			digit[n++] = p;
		else if (n == 0 || strchr(" .-", *p) == NULL || *p == '\0' ||
		    !isdigit((unsigned char)p[1]))
			return (NULL);
	}
	return (p);
}

size_t
map_mask_bsn(char *text)
{
	char *digit[9] = {0};
	size_t found = 0;

	for (char *p = text; *p != '\0'; p++) {
		const char *end;

		if (!isdigit((unsigned char)*p) ||
		    (p > text && isdigit((unsigned char)p[-1])))
			continue;
		end = nine(p, digit);
		if (end == NULL || isdigit((unsigned char)*end) ||
		    !is_bsn((const char *const *)digit))
			continue;
		for (size_t i = 0; i < 9; i++)
			*digit[i] = 'x';
		found++;
	}
	return (found);
}
