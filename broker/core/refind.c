/*
 * refind -- the referral that somebody means: nobody types 36 characters.
 */
#include <stdio.h>
#include <string.h>

#include "core/refind.h"

/* The row after ${id}, if it begins as ${begin} does. */
static MUST_CHECK enum err
another(struct txn *t, const struct refid *begin, size_t digits,
    struct refid *id)
{
	struct slice key, value;
	enum err err = store_next(t, TABLE_REFERRAL, &key, &value);

	/* A long row has more than one key, all of the same id. */
	while (err == ERR_OK && key.len >= sizeof(id->b) &&
	    memcmp(key.p, id->b, sizeof(id->b)) == 0)
		err = store_next(t, TABLE_REFERRAL, &key, &value);
	if (err != ERR_OK)
		return (err);
	if (key.len < sizeof(id->b))
		return (ERR_CORRUPT);
	memcpy(id->b, key.p, sizeof(id->b));
	return (refid_begins(id, begin, digits) ? ERR_OK : ERR_NOT_FOUND);
}

static MUST_CHECK enum err
first(struct txn *t, const struct refid *begin, size_t digits,
    struct refid *id)
{
	struct slice key, value;
	enum err err = store_seek(t, TABLE_REFERRAL,
	    slice_of(begin->b, sizeof(begin->b)), &key, &value);

	if (err != ERR_OK)
		return (err);
	if (key.len < sizeof(id->b))
		return (ERR_CORRUPT);
	memcpy(id->b, key.p, sizeof(id->b));
	return (refid_begins(id, begin, digits) ? ERR_OK : ERR_NOT_FOUND);
}

enum err
refind(struct txn *t, const char *text, struct refid *id,
    char why[REFIND_WHY])
{
	char one[REFID_TEXT], two[REFID_TEXT];
	struct refid begin, found, other;
	size_t digits;
	enum err err;

	if (!refid_begin(text, &begin, &digits) || digits < REFIND_DIGITS) {
		(void)snprintf(why, REFIND_WHY, "'%.60s' is geen nummer van "
		    "een verwijzing: geef het hele nummer of minstens de "
		    "eerste %d tekens", text, REFIND_DIGITS);
		return (ERR_MALFORMED);
	}
	if (digits == 2 * sizeof(begin.b))
		*id = begin;
	if ((err = first(t, &begin, digits, &found)) == ERR_NOT_FOUND)
		(void)snprintf(why, REFIND_WHY, "verwijzing %.60s is er niet",
		    text);
	if (err != ERR_OK)
		return (err);
	other = found;
	if ((err = another(t, &begin, digits, &other)) == ERR_OK) {
		(void)snprintf(why, REFIND_WHY, "met %.60s beginnen meer "
		    "verwijzingen, zoals %s en %s; geef meer tekens", text,
		    refid_text(&found, one), refid_text(&other, two));
		return (ERR_CONFLICT);
	}
	if (err != ERR_NOT_FOUND)
		return (err);
	*id = found;
	return (ERR_OK);
}
