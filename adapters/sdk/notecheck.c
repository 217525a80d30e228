/*
 * notecheck -- does an offer note give away who it is about?
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sdk/notecheck.h"
#include "sdk/plaintext.h"

/* What the members of a person part hold, by words in their names. */
enum holds {
	HOLDS_TEXT, /* only what can be known by its form */
	HOLDS_NAME,
	HOLDS_STREET,
	HOLDS_POSTCODE,
	HOLDS_BORN,
	HOLDS_NUMBER, /* of a house: means nothing without the street */
	HOLDS_PLACE   /* city, country: may be in a note */
};

static const struct {
	const char *part;
	enum holds holds;
} members[] = {
	/* The first that fits counts, so the longer ones come first. */
	{ "postcode", HOLDS_POSTCODE },
	{ "postalcode", HOLDS_POSTCODE },
	{ "zip", HOLDS_POSTCODE },
	{ "housenumber", HOLDS_NUMBER },
	{ "huisnummer", HOLDS_NUMBER },
	{ "city", HOLDS_PLACE },
	{ "plaats", HOLDS_PLACE },
	{ "country", HOLDS_PLACE },
	{ "land", HOLDS_PLACE },
	{ "district", HOLDS_PLACE },
	{ "state", HOLDS_PLACE },
	{ "street", HOLDS_STREET },
	{ "straat", HOLDS_STREET },
	{ "address", HOLDS_STREET },
	{ "adres", HOLDS_STREET },
	{ "line", HOLDS_STREET },
	{ "name", HOLDS_NAME },
	{ "naam", HOLDS_NAME },
	{ "family", HOLDS_NAME },
	{ "given", HOLDS_NAME },
	{ "born", HOLDS_BORN },
	{ "birth", HOLDS_BORN },
	{ "geboren", HOLDS_BORN },
	{ "geboorte", HOLDS_BORN },
};

/* Words that stand in names but are not what somebody is called. */
static const char *const small_words[] = { "van", "von", "de", "den", "der",
	"het", "ten", "ter", "te", "op", "aan", "bij", "in", "uit", "tot",
	"la", "le", "el", "al", "da", "di", "du", "dos", "des", "en", "mw",
	"mevr", "mevrouw", "dhr", "heer", "meneer", "de heer", "fam",
	"familie", "ing", "drs", "dr", "mr", "prof", "jr", "sr" };

/* Between a street and its number people write these. */
static const char *const number_words[] = { "nr", "nummer", "no",
	"huisnummer", "huisnr" };

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct check {
	const struct plain *note;
	char *why;
	enum err err;
};

static void
refuse(struct check *c, const char *what)
{
	if (c->err != ERR_OK)
		return;
	c->err = ERR_NOT_ALLOWED;
	(void)snprintf(c->why, NOTECHECK_WHY,
	    "De toelichting noemt %s uit het persoonsdeel. Haal dat weg: wie "
	    "nog niet heeft aangenomen mag niet weten om wie het gaat.", what);
}

/* Is word ${j} of the note the name, or the name with an s ("Jans")? */
static bool
is_named(const struct plain *note, size_t j, const struct plain *name,
    size_t i)
{
	const struct plain_word *w = &note->words[j], *v = &name->words[i];
	const char *t = note->folded + w->at;

	if (w->kind != PLAIN_LETTERS || w->len < v->len ||
	    memcmp(t, name->folded + v->at, v->len) != 0)
		return (false);
	return (w->len == v->len || (w->len == v->len + 1 && t[v->len] == 's'));
}

static void
check_name(struct check *c, const struct plain *name)
{
	for (size_t i = 0; i < name->n; i++) {
		/* Initials and "van de" are in every sentence. */
		if (name->words[i].kind != PLAIN_LETTERS ||
		    name->words[i].len < 2 ||
		    plain_is_any(name, i, small_words, N(small_words)))
			continue;
		for (size_t j = 0; j < c->note->n; j++)
			if (is_named(c->note, j, name, i))
				refuse(c, "een naam");
	}
}

/* How many words of ${street}, from its first, stand at word ${j} of the note?
 * Only whole: all its words before a number. */
static size_t
street_at(const struct plain *note, size_t j, const struct plain *street)
{
	size_t n = 0;

	while (n < street->n && street->words[n].kind == PLAIN_LETTERS) {
		if (j + n >= note->n || !plain_same(note, j + n, street, n))
			return (0);
		n++;
	}
	return (n);
}

static void
check_street(struct check *c, const struct plain *street)
{
	const struct plain *note = c->note;

	for (size_t j = 0; j < note->n; j++) {
		size_t n = street_at(note, j, street);

		if (n == 0)
			continue;
		n += j;
		if (plain_is_any(note, n, number_words, N(number_words)))
			n++;
		if (n < note->n && note->words[n].kind == PLAIN_DIGITS)
			refuse(c, "een straat met huisnummer");
	}
}

static void
check_postcode(struct check *c, const struct plain *code)
{
	/* "1234 AB" and "1234AB" are both two words. */
	if (code->n < 2 || code->words[0].len != 4 || code->words[1].len != 2)
		return;
	for (size_t j = 0; j + 1 < c->note->n; j++)
		if (plain_same(c->note, j, code, 0) &&
		    plain_same(c->note, j + 1, code, 1))
			refuse(c, "een volledige postcode");
}

static void
check_born(struct check *c, const struct plain *born)
{
	char theirs[9], ours[9];

	for (size_t i = 0; i < born->n; i++) {
		if (!plain_date(born, i, theirs))
			continue;
		for (size_t j = 0; j < c->note->n; j++)
			if (plain_date(c->note, j, ours) &&
			    strcmp(theirs, ours) == 0)
				refuse(c, "een geboortedatum");
		return;
	}
}

/* Long numbers, wherever they stand: telephone and BSN. */
static void
check_numbers(struct check *c, const struct plain *p)
{
	char theirs[32], ours[32];
	size_t next, after;

	for (size_t i = 0; i < p->n; i = next) {
		size_t n = plain_number(p, i, theirs, sizeof(theirs), &next);

		if (n == 0)
			next = i + 1;
		if (n < 9)
			continue;
		for (size_t j = 0; j < c->note->n; j++)
			if (plain_number(c->note, j, ours, sizeof(ours),
				&after) == n && strcmp(theirs, ours) == 0)
				refuse(c, n == 9 ? "een nummer van negen cijfers"
						 : "een telefoonnummer");
	}
}

static bool
is_mail_char(char ch)
{
	return ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') ||
	    (ch != '\0' && strchr("._%+-@", ch) != NULL));
}

/* Mail addresses, wherever they stand. */
static void
check_mail(struct check *c, const struct plain *p)
{
	const char *t = p->folded;

	for (const char *at = strchr(t, '@'); at != NULL;
	     at = strchr(at + 1, '@')) {
		const char *from = at, *to = at;
		char mail[256];

		while (from > t && is_mail_char(from[-1]))
			from--;
		while (is_mail_char(*to))
			to++;
		while (to > at && to[-1] == '.')
			to--;
		if (from == at || to == at + 1 ||
		    (size_t)(to - from) >= sizeof(mail))
			continue;
		memcpy(mail, from, (size_t)(to - from));
		mail[to - from] = '\0';
		if (strstr(c->note->folded, mail) != NULL)
			refuse(c, "een mailadres");
	}
}

static void
check_text(struct check *c, enum holds holds, const char *text)
{
	struct plain p;

	if (!plain_of(text, &p)) {
		c->err = ERR_NOMEM;
		return;
	}
	check_numbers(c, &p);
	check_mail(c, &p);
	if (holds == HOLDS_NAME)
		check_name(c, &p);
	if (holds == HOLDS_STREET)
		check_street(c, &p);
	if (holds == HOLDS_POSTCODE)
		check_postcode(c, &p);
	if (holds == HOLDS_BORN)
		check_born(c, &p);
	plain_fini(&p);
}

/* What a member called ${name} inside one that holds ${outer} holds. */
static enum holds
member_holds(const char *name, enum holds outer)
{
	struct plain p;
	enum holds holds = outer;

	if (!plain_of(name, &p))
		return (outer);
	for (size_t i = 0; i < N(members); i++)
		if (strstr(p.folded, members[i].part) != NULL) {
			holds = members[i].holds;
			break;
		}
	plain_fini(&p);
	return (holds);
}

/* Person parts are shallow; what is deeper is not looked at by anybody. */
#define DEPTH_MAX 16

static void
check_json(struct check *c, const json_t *v, enum holds holds, int depth)
{
	if (depth > DEPTH_MAX || c->err != ERR_OK)
		return;
	if (json_is_string(v)) {
		check_text(c, holds, json_string_value(v));
	} else if (json_is_integer(v)) {
		char digits[32];

		(void)snprintf(digits, sizeof(digits), "%lld",
		    (long long)json_integer_value(v));
		check_text(c, holds, digits);
	} else if (json_is_array(v)) {
		for (size_t i = 0; i < json_array_size(v); i++)
			check_json(c, json_array_get(v, i), holds, depth + 1);
	} else if (json_is_object(v)) {
		/* jansson's iterators take no const, and only read. */
		json_t *o = (json_t *)(uintptr_t)v;

		for (void *it = json_object_iter(o); it != NULL;
		     it = json_object_iter_next(o, it))
			check_json(c, json_object_iter_value(it),
			    member_holds(json_object_iter_key(it), holds),
			    depth + 1);
	}
}

/* The test of eleven that every BSN passes. */
static bool
is_bsn(const char *d)
{
	int sum = -(d[8] - '0');

	for (int i = 0; i < 8; i++)
		sum += (9 - i) * (d[i] - '0');
	return (sum % 11 == 0 && strcmp(d, "000000000") != 0);
}

/* A BSN does not belong in a note, whoever's it is. */
static void
check_bsn(struct check *c)
{
	char digits[32];
	size_t next;

	for (size_t j = 0; j < c->note->n; j = next) {
		size_t n = plain_number(c->note, j, digits, sizeof(digits),
		    &next);

		if (n == 0)
			next = j + 1;
		if (n == 9 && is_bsn(digits))
			refuse(c, "een nummer dat een BSN kan zijn");
	}
}

static enum err
check_person(struct check *c, const char *person)
{
	json_t *o = json_loads(person, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(o)) {
		json_decref(o);
		(void)snprintf(c->why, NOTECHECK_WHY,
		    "Het persoonsdeel is geen JSON-object.");
		return (ERR_MALFORMED);
	}
	check_json(c, o, HOLDS_TEXT, 0);
	json_decref(o);
	return (c->err);
}

enum err
notecheck(const char *note, const char *person, char why[NOTECHECK_WHY])
{
	struct plain p;
	struct check c = { .note = &p, .why = why };
	enum err err = ERR_OK;

	if (plain_chars(note) > NOTECHECK_MAX) {
		(void)snprintf(why, NOTECHECK_WHY,
		    "De toelichting heeft %zu tekens; er passen er %d in. "
		    "Zet het hele verhaal in het persoonsdeel.",
		    plain_chars(note), NOTECHECK_MAX);
		return (ERR_NOT_ALLOWED);
	}
	if (!plain_of(note, &p))
		return (ERR_NOMEM);
	check_bsn(&c);
	err = person != NULL && c.err == ERR_OK ? check_person(&c, person)
						: c.err;
	plain_fini(&p);
	return (err);
}
