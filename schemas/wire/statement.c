/*
 * statement -- read what an organisation signed, and check its shape.
 *
 * A check is a row: what must hold, and the rule that says so.  The rows of
 * one message are all looked at before the first one that fails is named;
 * none of them costs more than its field.
 */
#include <string.h>

#include "base/area.h"
#include "life/calendar.h"
#include "trust/seal.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* The last second of the year 9999. */
#define TIME_MAX INT64_C(253402300799000)

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

struct row {
	bool holds;
	const char *rule;
};

#define ROWS(r) (r), sizeof(r) / sizeof((r)[0])

static enum err
check_rows(const struct row *rows, size_t n, const char **rule)
{
	for (size_t i = 0; i < n; i++)
		if (!rows[i].holds)
			return (pb_refuse(ERR_MALFORMED, rows[i].rule, rule));
	return (ERR_OK);
}

/* Is it ${min} to ${max} characters, all of them out of ${set}? */
static bool
is_of(const char *text, const char *set, size_t min, size_t max)
{
	const size_t len = strlen(text);

	return (len >= min && len <= max && strspn(text, set) == len);
}

static bool
is_code(const char *text, size_t min)
{
	return (is_of(text, UPPER DIGITS "-", min, STATEMENT_CODE_MAX));
}

/* A word of a closed list of the policy, which may be in small letters. */
static bool
is_word(const char *text, size_t min)
{
	return (is_of(text, UPPER LOWER DIGITS "-", min, ORG_MAX));
}

static bool
is_area(const char *text, size_t min)
{
	return (is_of(text, UPPER DIGITS, min, 10));
}

static bool
is_name(const char *text)
{
	const struct org o = org_of(text);

	return (!org_is_none(&o));
}

static bool
is_name_or_none(const char *text)
{
	return (text[0] == '\0' || is_name(text));
}

/* The origin of a log: "keten.example/noord".  No space, no control, no '|'. */
static bool
is_origin(const char *text)
{
	return (is_of(text, UPPER LOWER DIGITS "./:_-", 1,
	    STATEMENT_ORIGIN_MAX));
}

static bool
is_key_id(const char *text)
{
	return (is_of(text, DIGITS "abcdef", SEAL_KEY_ID - 1, SEAL_KEY_ID - 1));
}

static bool
is_time(int64_t ms)
{
	return (ms >= 0 && ms <= TIME_MAX);
}

static bool
is_refid(ProtobufCBinaryData field)
{
	struct refid id;

	return (pb_refid(field, &id) == ERR_OK);
}

static bool
is_refid_or_none(ProtobufCBinaryData field)
{
	return (field.len == 0 || is_refid(field));
}

static bool
is_hash_or_none(ProtobufCBinaryData field)
{
	return (field.len == 0 || field.len == STATEMENT_HASH);
}

/* A checkpoint is a size and a root, or neither. */
static bool
is_seen(uint64_t size, ProtobufCBinaryData root)
{
	return (size == 0 ? root.len == 0 : root.len == STATEMENT_HASH);
}

static bool
are(bool (*is)(const char *), char *const *list, size_t n, size_t max)
{
	if (n > max)
		return (false);
	for (size_t i = 0; i < n; i++)
		if (!is(list[i]))
			return (false);
	return (true);
}

static bool
is_long_code(const char *text)
{
	return (is_code(text, 1));
}

static bool
is_long_area(const char *text)
{
	return (area_is_valid(text));
}

/* "ma-vr 08:30-17:00" */
static bool
is_hours(const char *text)
{
	return (is_of(text, LOWER DIGITS " :,-", 1, 64));
}

/* One of the four lengths a sealed plaintext has. */
static bool
is_padded(size_t len)
{
	return (len > 36 && seal_padded(len - 36) == len);
}

static enum err
check_part(const Keten__V1__Part *p, const char **rule)
{
	const struct row rows[] = {
		{ p->kind != 0, "deel: soort" },
		{ p->sha256.len == STATEMENT_HASH, "deel: sha256 is 32 bytes" },
		{ is_padded(p->length), "deel: lengte is een van de vier" },
		{ p->plain_commit.len == STATEMENT_HASH,
		    "deel: plain_commit is 32 bytes" },
		{ p->nonce.len == 16, "deel: nonce is 16 bytes" },
		{ p->contains <= STATEMENT_CONTAINS &&
		    (p->contains == 0 ||
			p->kind == KETEN__V1__PART_KIND__PERSON),
		    "deel: alleen een persoonsdeel zegt wat erin staat" },
		{ p->n_wrapped_for > 0 && are(is_key_id, p->wrapped_for,
		    p->n_wrapped_for, STATEMENT_WRAPS_MAX),
		    "deel: een tot 16 sleutels van 16 cijfers" },
	};

	return (check_rows(ROWS(rows), rule));
}

static enum err
check_header(const Keten__V1__Header *h, const char **rule)
{
	const struct row rows[] = {
		{ is_code(h->code, 1), "kop: code" },
		{ is_area(h->area, 1), "kop: gebied" },
		{ h->area_year <= 9999, "kop: jaar van het gebied" },
		{ h->urgency != 0, "kop: urgentie" },
		{ is_code(h->basis, 1), "kop: grondslag" },
		{ h->discussed != 0, "kop: besproken" },
		{ is_of(h->frequency, LOWER DIGITS "/", 0, 16),
		    "kop: frequentie" },
		{ is_time(h->end_ms), "kop: einddatum" },
		{ is_word(h->payer, 0), "kop: betaler" },
		{ is_refid_or_none(h->parent), "kop: parent is een UUIDv7" },
		{ is_refid_or_none(h->relates), "kop: relates is een UUIDv7" },
		{ are(is_name, h->first, h->n_first, STATEMENT_NAMES_MAX),
		    "kop: first noemt hoogstens 16 partners" },
		{ are(is_name, h->never, h->n_never, STATEMENT_NAMES_MAX),
		    "kop: never noemt hoogstens 16 partners" },
	};

	return (check_rows(ROWS(rows), rule));
}

static bool
names_partner(Keten__V1__Event event)
{
	return (event == KETEN__V1__EVENT__HAND_OVER ||
	    event == KETEN__V1__EVENT__OFFER_MORE);
}

static enum err
check_command(const Keten__V1__Command *c, const char **rule)
{
	const struct row rows[] = {
		{ c->event != 0, "opdracht: gebeurtenis" },
		{ (c->header != NULL) ==
		    (c->event == KETEN__V1__EVENT__SUBMIT),
		    "opdracht: een kop bij SUBMIT, en alleen daar" },
		{ is_name_or_none(c->to), "opdracht: naam van een partner" },
		{ !names_partner(c->event) || c->to[0] != '\0',
		    "opdracht: HAND_OVER en OFFER_MORE noemen een partner" },
		{ c->event != KETEN__V1__EVENT__RAISE_URGENCY ||
		    c->urgency != 0, "opdracht: RAISE_URGENCY noemt urgentie" },
		{ is_word(c->reason, 0), "opdracht: reden is een code" },
		{ is_word(c->outcome, 0), "opdracht: uitkomst is een code" },
		{ is_time(c->until_ms), "opdracht: datum" },
		{ is_refid_or_none(c->child), "opdracht: child is een UUIDv7" },
		{ is_word(c->outside, 0), "opdracht: outside is een code" },
		{ is_code(c->basis, 0), "opdracht: grondslag is een code" },
		{ c->n_parts <= STATEMENT_PARTS_MAX,
		    "opdracht: hoogstens 8 delen" },
	};
	enum err err = check_rows(ROWS(rows), rule);

	if (err == ERR_OK && c->header != NULL)
		err = check_header(c->header, rule);
	for (size_t i = 0; err == ERR_OK && i < c->n_parts; i++)
		err = check_part(c->parts[i], rule);
	return (err);
}

static enum err
check_rewrap(const Keten__V1__Rewrap *r, const char **rule)
{
	const struct row rows[] = {
		{ is_name(r->to), "rewrap: naam van een partner" },
		{ is_key_id(r->key_id), "rewrap: sleutel van 16 cijfers" },
		{ r->n_parts >= 1 && r->n_parts <= 32,
		    "rewrap: een tot 32 delen" },
	};
	enum err err = check_rows(ROWS(rows), rule);

	for (size_t i = 0; err == ERR_OK && i < r->n_parts; i++)
		if (r->parts[i]->sha256.len != STATEMENT_HASH ||
		    r->parts[i]->plain_commit.len != STATEMENT_HASH)
			err = pb_refuse(ERR_MALFORMED,
			    "rewrap: sha256 en plain_commit zijn 32 bytes",
			    rule);
	return (err);
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
		if (!is_hours(list[i]) || !cal_hours_read(list[i], &hours))
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
	const struct row rows[] = {
		{ is_code(c->service, 1), "kaart: dienst" },
		{ is_status(c->status),
		    "kaart: status is active, closed of withdrawn" },
		{ c->capacity != 0, "kaart: capaciteit" },
		{ is_time(c->capacity_ms) && is_time(c->checked_ms),
		    "kaart: datum" },
		{ are(is_long_area, c->areas, c->n_areas, 64),
		    "kaart: gebieden" },
		{ c->age_from <= 150 && c->age_until <= 150 &&
		    (c->age_until == 0 || c->age_from <= c->age_until),
		    "kaart: leeftijd" },
		{ is_of(c->unit, LOWER DIGITS " -", 0, 32),
		    "kaart: eenheid" },
		{ are_hours(c->hours, c->n_hours), "kaart: uren" },
		{ are(is_long_code, c->bases, c->n_bases, 16),
		    "kaart: grondslagen" },
		{ c->n_urgencies <= 4, "kaart: urgenties" },
		{ are(is_long_code, c->conditions, c->n_conditions, 16),
		    "kaart: voorwaarden zijn codes" },
		{ is_title(c->name), "kaart: naam, hoogstens 80 tekens, zonder "
		    "mailadres of lang nummer" },
		{ is_code(c->checked_by, 0), "kaart: nagekeken door een functie "
		    "of personeelsnummer" },
	};

	return (check_rows(ROWS(rows), rule));
}

static enum err
check_missing(const Keten__V1__Missing *m, const char **rule)
{
	const struct row rows[] = {
		{ is_code(m->code, 1), "ontbreekt: dienst" },
		{ area_is_valid(m->area), "ontbreekt: gebied" },
	};

	return (check_rows(ROWS(rows), rule));
}

static enum err
check_words(const Keten__V1__Statement *st, const char **rule)
{
	const struct row rows[] = {
		{ st->body_case != KETEN__V1__STATEMENT__BODY_UNREADABLE ||
		    st->unreadable->why != 0, "onleesbaar: waarom" },
		{ st->body_case != KETEN__V1__STATEMENT__BODY_ERASE ||
		    (is_word(st->erase->rule, 1) && (st->erase->level == 1 ||
		    st->erase->level == 2)), "wissen: regel, niveau 1 of 2" },
		{ st->body_case != KETEN__V1__STATEMENT__BODY_RETAIN ||
		    (is_word(st->retain->reason, 1) &&
		    is_time(st->retain->until_ms)),
		    "bewaren: reden en datum" },
		{ st->body_case != KETEN__V1__STATEMENT__BODY_UNRETAIN ||
		    is_word(st->unretain->reason, 1), "vrijgeven: reden" },
	};

	return (check_rows(ROWS(rows), rule));
}

/* What each kind has for a body, and whether it is about a referral. */
enum about { ABOUT_NONE, ABOUT_ONE, ABOUT_EITHER };

static const struct {
	Keten__V1__Statement__BodyCase body;
	enum about about;
} shape_of[ENVELOPE__MAX] = {
	[ENVELOPE_COMMAND] = { KETEN__V1__STATEMENT__BODY_COMMAND, ABOUT_ONE },
	[ENVELOPE_REWRAP] = { KETEN__V1__STATEMENT__BODY_REWRAP, ABOUT_ONE },
	[ENVELOPE_UNREADABLE] = { KETEN__V1__STATEMENT__BODY_UNREADABLE,
	    ABOUT_ONE },
	[ENVELOPE_ERASE] = { KETEN__V1__STATEMENT__BODY_ERASE, ABOUT_ONE },
	/* An ERASE record may name more than one referral. */
	[ENVELOPE_ERASED] = { KETEN__V1__STATEMENT__BODY_ERASED,
	    ABOUT_EITHER },
	[ENVELOPE_RETAIN] = { KETEN__V1__STATEMENT__BODY_RETAIN, ABOUT_ONE },
	[ENVELOPE_UNRETAIN] = { KETEN__V1__STATEMENT__BODY_UNRETAIN,
	    ABOUT_ONE },
	[ENVELOPE_CATALOGUE] = { KETEN__V1__STATEMENT__BODY_CATALOGUE,
	    ABOUT_NONE },
	[ENVELOPE_MISSING] = { KETEN__V1__STATEMENT__BODY_MISSING,
	    ABOUT_NONE },
};

static bool
is_about(enum about about, ProtobufCBinaryData referral)
{
	if (referral.len == 0)
		return (about != ABOUT_ONE);
	return (about != ABOUT_NONE && is_refid(referral));
}

/* What all statements have in common. */
static enum err
check_common(const Keten__V1__Statement *st, enum about about,
    const char **rule)
{
	const struct row rows[] = {
		{ is_origin(st->origin), "veld origin: naam van een logboek" },
		{ is_name(st->partner), "veld partner: [a-z][a-z0-9-]{0,30}" },
		{ is_name(st->device), "veld device: [a-z][a-z0-9-]{0,30}" },
		{ st->lane.len == STATEMENT_LANE, "veld lane: 8 bytes" },
		{ st->number >= 1, "veld number: vanaf 1" },
		{ st->nonce.len == STATEMENT_NONCE, "veld nonce: 32 bytes" },
		{ is_about(about, st->referral),
		    "veld referral: een UUIDv7 waar het er een aangaat" },
		{ is_hash_or_none(st->seen_leaf),
		    "veld seen_leaf: 0 of 32 bytes" },
		{ is_seen(st->seen_size, st->seen_root),
		    "velden seen_size en seen_root: samen, 32 bytes" },
		{ is_code(st->actor, 1), "veld actor: [A-Z0-9-]{1,16}" },
		{ is_time(st->made_ms), "veld made_ms: een tijd" },
	};

	return (check_rows(ROWS(rows), rule));
}

static enum err
check_body(const Keten__V1__Statement *st, const char **rule)
{
	if (st->body_case == KETEN__V1__STATEMENT__BODY_COMMAND)
		return (check_command(st->command, rule));
	if (st->body_case == KETEN__V1__STATEMENT__BODY_REWRAP)
		return (check_rewrap(st->rewrap, rule));
	if (st->body_case == KETEN__V1__STATEMENT__BODY_CATALOGUE)
		return (statement_check_entry(st->catalogue, rule));
	if (st->body_case == KETEN__V1__STATEMENT__BODY_MISSING)
		return (check_missing(st->missing, rule));
	return (check_words(st, rule));
}

/**
 * statement_parse(a, kind, body, st, rule):
 * Read the body of an envelope of kind ${kind} and check its shape.
 */
enum err
statement_parse(struct arena *a, enum envelope_kind kind, struct slice body,
    Keten__V1__Statement **st, const char **rule)
{
	Keten__V1__Statement *m;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__statement__descriptor, body,
	    &prescan_statement, &m, rule);
	if (err != ERR_OK)
		return (err);
	if (m->version != STATEMENT_VERSION)
		return (pb_refuse(ERR_VERSION, "veld version: 1", rule));
	if (!envelope_has_number(kind) ||
	    m->body_case != shape_of[kind].body)
		return (pb_refuse(ERR_MALFORMED,
		    "het type van de envelop past niet bij de verklaring",
		    rule));
	err = check_common(m, shape_of[kind].about, rule);
	if (err == ERR_OK)
		err = check_body(m, rule);
	if (err == ERR_OK)
		*st = m;
	return (err);
}

/**
 * statement_parse_ack(a, body, ack, rule):
 * The same for the body of an envelope of kind ack.
 */
enum err
statement_parse_ack(struct arena *a, struct slice body, Keten__V1__Ack **ack,
    const char **rule)
{
	Keten__V1__Ack *m;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__ack__descriptor, body,
	    &prescan_statement, &m, rule);
	if (err != ERR_OK)
		return (err);
	if (m->version != STATEMENT_VERSION)
		return (pb_refuse(ERR_VERSION, "veld version: 1", rule));

	const struct row rows[] = {
		{ is_origin(m->origin), "ack: naam van een logboek" },
		{ is_name(m->partner), "ack: partner" },
		{ is_name(m->device), "ack: apparaat" },
		{ is_name(m->mailbox), "ack: postbus" },
		{ m->n >= 1, "ack: nummer vanaf 1" },
		{ m->running_hash.len == STATEMENT_HASH,
		    "ack: running_hash is 32 bytes" },
		{ is_seen(m->seen_size, m->seen_root),
		    "ack: seen_size en seen_root samen, 32 bytes" },
		{ is_time(m->made_ms), "ack: tijd" },
	};

	if ((err = check_rows(ROWS(rows), rule)) == ERR_OK)
		*ack = m;
	return (err);
}

static enum err
check_device(const Keten__V1__DeviceCertificate *d, const char **rule)
{
	const struct row rows[] = {
		{ is_name(d->device), "certificaat: apparaat" },
		{ d->serial >= 1, "certificaat: serienummer vanaf 1" },
		{ d->curve_key.len == 32, "certificaat: curve_key 32 bytes" },
		{ d->sign_key.len == 32, "certificaat: sign_key 32 bytes" },
		{ d->role != 0, "certificaat: rol" },
		{ is_time(d->not_after_ms), "certificaat: einddatum" },
	};

	return (check_rows(ROWS(rows), rule));
}

static enum err
check_sealing(const Keten__V1__SealingCertificate *s, const char **rule)
{
	const struct row rows[] = {
		{ s->serial >= 1, "certificaat: serienummer vanaf 1" },
		{ s->key_x.len == 32 && s->key_y.len == 32,
		    "certificaat: sleutel van twee maal 32 bytes" },
		{ is_time(s->not_after_ms), "certificaat: einddatum" },
	};

	return (check_rows(ROWS(rows), rule));
}

static enum err
check_revoke(const Keten__V1__Revoke *r, const char **rule)
{
	const bool device = r->device[0] != '\0';
	const bool sealing = r->sealing_key_id[0] != '\0';
	const struct row rows[] = {
		{ device != sealing,
		    "intrekken: een apparaat of een sleutel" },
		{ is_name_or_none(r->device), "intrekken: apparaat" },
		{ !sealing || is_key_id(r->sealing_key_id),
		    "intrekken: sleutel van 16 cijfers" },
		{ r->serial >= 1, "intrekken: serienummer vanaf 1" },
		{ is_of(r->reason, LOWER, 1, 16), "intrekken: reden" },
	};

	return (check_rows(ROWS(rows), rule));
}

/**
 * statement_parse_key(a, body, key, rule):
 * The same for the body of an envelope of kind key.
 */
enum err
statement_parse_key(struct arena *a, struct slice body,
    Keten__V1__KeyStatement **key, const char **rule)
{
	Keten__V1__KeyStatement *m;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__key_statement__descriptor, body,
	    &prescan_statement, &m, rule);
	if (err != ERR_OK)
		return (err);
	if (m->version != STATEMENT_VERSION)
		return (pb_refuse(ERR_VERSION, "veld version: 1", rule));

	const struct row rows[] = {
		{ is_origin(m->origin), "sleutel: naam van een logboek" },
		{ is_name(m->partner), "sleutel: partner" },
		{ is_time(m->made_ms), "sleutel: tijd" },
		{ m->body_case != KETEN__V1__KEY_STATEMENT__BODY__NOT_SET,
		    "sleutel: zonder inhoud" },
	};

	err = check_rows(ROWS(rows), rule);
	if (err != ERR_OK)
		return (err);
	if (m->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE)
		err = check_device(m->device, rule);
	else if (m->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		err = check_sealing(m->sealing, rule);
	else
		err = check_revoke(m->revoke, rule);
	if (err == ERR_OK)
		*key = m;
	return (err);
}
