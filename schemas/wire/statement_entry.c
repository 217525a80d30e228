/*
 * statement -- what an entry of the catalogue may look like.
 */
#include <string.h>

#include "base/area.h"
#include "base/hours.h"
#include "wire/field.h"
#include "wire/statement.h"

static bool
is_long_code(const char *text)
{
	return (field_code(text, 1));
}

/* "ma-vr 08:30-17:00" */
static bool
is_hours(const char *text)
{
	return (field_of(text, FIELD_LOWER FIELD_DIGITS " :,-", 1, 64));
}

/* The three things an entry can be. */
static bool
is_status(const char *text)
{
	return (strcmp(text, "active") == 0 || strcmp(text, "closed") == 0 ||
	    strcmp(text, "withdrawn") == 0);
}

/* All of them together: no overlap, and no more than fit. */
static bool
are_hours(char *const *list, size_t n)
{
	struct hours hours = { .n = 0 };

	if (n > 14)
		return (false);
	for (size_t i = 0; i < n; i++)
		if (!is_hours(list[i]) || !hours_read(list[i], &hours))
			return (false);
	return (true);
}

/*
 * Does the character at ${c}, in good UTF-8, do something to who shows it: a
 * control (C1: U+0080 to U+009F), another line (U+2028, U+2029), or a turn of
 * the direction of what follows (U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069)?
 */
static bool
is_control(const unsigned char *c)
{
	if (c[0] < ' ' || c[0] == 0x7f)
		return (true);
	if (c[0] == 0xc2)
		return (c[1] >= 0x80 && c[1] <= 0x9f);
	if (c[0] != 0xe2)
		return (false);
	return ((c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f ||
		    (c[2] >= 0xa8 && c[2] <= 0xae))) ||
	    (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/*
 * The only words in clear that somebody chose: what a service is called.  No
 * room for a mail address, a telephone number or a BSN in it, and nothing that
 * moves a terminal or turns round what stands behind it.
 */
static bool
is_title(const char *text)
{
	size_t digits = 0;

	if (strlen(text) > STATEMENT_TITLE_MAX)
		return (false);
	for (const char *c = text; *c != '\0'; c++) {
		if (is_control((const unsigned char *)c) || *c == '@')
			return (false);
		digits += *c >= '0' && *c <= '9';
	}
	return (digits <= STATEMENT_TITLE_DIGITS);
}

enum err
statement_check_entry(const Keten__V1__CatalogueEntry *c, const char **rule)
{
	const struct field_row rows[] = {
		{ field_code(c->service, 1), "kaart: dienst" },
		{ is_status(c->status),
		    "kaart: status is active, closed of withdrawn" },
		{ c->capacity != 0, "kaart: capaciteit" },
		{ field_time(c->capacity_ms) && field_time(c->checked_ms),
		    "kaart: datum" },
		{ field_all(area_is_valid, c->areas, c->n_areas, 64),
		    "kaart: gebieden" },
		{ c->age_from <= 150 && c->age_until <= 150 &&
		    (c->age_until == 0 || c->age_from <= c->age_until),
		    "kaart: leeftijd" },
		{ field_of(c->unit, FIELD_LOWER FIELD_DIGITS " -", 0, 32),
		    "kaart: eenheid" },
		{ are_hours(c->hours, c->n_hours), "kaart: uren" },
		{ field_all(is_long_code, c->bases, c->n_bases, 16),
		    "kaart: grondslagen" },
		{ c->n_urgencies <= 4, "kaart: urgenties" },
		{ field_all(is_long_code, c->conditions, c->n_conditions, 16),
		    "kaart: voorwaarden zijn codes" },
		{ is_title(c->name), "kaart: naam, hoogstens 80 tekens, zonder "
		    "mailadres of lang nummer" },
		{ field_code(c->checked_by, 0), "kaart: nagekeken door een "
		    "functie of personeelsnummer" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
}
