#include <string.h>

#include "base/area.h"
#include "trust/seal.h"
#include "wire/field.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* One of the four lengths a sealed plaintext has. */
static bool
is_padded(size_t len)
{
	return (len > 36 && seal_padded(len - 36) == len);
}

static enum err
check_part(const Keten__V1__Part *p, const char **rule)
{
	const struct field_row rows[] = {
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
		{ p->n_wrapped_for > 0 && field_all(field_key_id,
		    p->wrapped_for, p->n_wrapped_for, STATEMENT_WRAPS_MAX),
		    "deel: een tot 16 sleutels van 16 cijfers" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
}

static enum err
check_header(const Keten__V1__Header *h, const char **rule)
{
	const struct field_row rows[] = {
		{ field_code(h->code, 1), "kop: code" },
		{ field_area(h->area, 1), "kop: gebied" },
		{ h->area_year <= 9999, "kop: jaar van het gebied" },
		{ h->urgency != 0, "kop: urgentie" },
		{ field_code(h->basis, 1), "kop: grondslag" },
		{ h->discussed != 0, "kop: besproken" },
		{ field_of(h->frequency, FIELD_LOWER FIELD_DIGITS "/", 0, 16),
		    "kop: frequentie" },
		{ field_time(h->end_ms), "kop: einddatum" },
		{ field_word(h->payer, 0), "kop: betaler" },
		{ field_refid_or_none(h->parent), "kop: parent is een UUIDv7" },
		{ field_refid_or_none(h->relates),
		    "kop: relates is een UUIDv7" },
		{ field_all(field_name, h->first, h->n_first,
		    STATEMENT_NAMES_MAX), "kop: first noemt hoogstens 16 partners" },
		{ field_all(field_name, h->never, h->n_never,
		    STATEMENT_NAMES_MAX), "kop: never noemt hoogstens 16 partners" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
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
	const struct field_row rows[] = {
		{ c->event != 0, "opdracht: gebeurtenis" },
		{ (c->header != NULL) ==
		    (c->event == KETEN__V1__EVENT__SUBMIT),
		    "opdracht: een kop bij SUBMIT, en alleen daar" },
		{ field_name_or_none(c->to), "opdracht: naam van een partner" },
		{ !names_partner(c->event) || c->to[0] != '\0',
		    "opdracht: HAND_OVER en OFFER_MORE noemen een partner" },
		{ c->event != KETEN__V1__EVENT__RAISE_URGENCY ||
		    c->urgency != 0, "opdracht: RAISE_URGENCY noemt urgentie" },
		{ field_word(c->reason, 0), "opdracht: reden is een code" },
		{ field_word(c->outcome, 0), "opdracht: uitkomst is een code" },
		{ field_time(c->until_ms), "opdracht: datum" },
		{ field_refid_or_none(c->child),
		    "opdracht: child is een UUIDv7" },
		{ field_word(c->outside, 0), "opdracht: outside is een code" },
		{ field_code(c->basis, 0), "opdracht: grondslag is een code" },
		{ c->n_parts <= STATEMENT_PARTS_MAX,
		    "opdracht: hoogstens 8 delen" },
	};
	enum err err = field_check(FIELD_ROWS(rows), rule);

	if (err == ERR_OK && c->header != NULL)
		err = check_header(c->header, rule);
	for (size_t i = 0; err == ERR_OK && i < c->n_parts; i++)
		err = check_part(c->parts[i], rule);
	return (err);
}

static enum err
check_rewrap(const Keten__V1__Rewrap *r, const char **rule)
{
	const struct field_row rows[] = {
		{ field_name(r->to), "rewrap: naam van een partner" },
		{ field_key_id(r->key_id), "rewrap: sleutel van 16 cijfers" },
		{ r->n_parts >= 1 && r->n_parts <= 32,
		    "rewrap: een tot 32 delen" },
	};
	enum err err = field_check(FIELD_ROWS(rows), rule);

	for (size_t i = 0; err == ERR_OK && i < r->n_parts; i++)
		if (r->parts[i]->sha256.len != STATEMENT_HASH ||
		    r->parts[i]->plain_commit.len != STATEMENT_HASH)
			err = pb_refuse(ERR_MALFORMED,
			    "rewrap: sha256 en plain_commit zijn 32 bytes",
			    rule);
	return (err);
}

static enum err
check_missing(const Keten__V1__Missing *m, const char **rule)
{
	const struct field_row rows[] = {
		{ field_code(m->code, 1), "ontbreekt: dienst" },
		{ area_is_valid(m->area), "ontbreekt: gebied" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
}

static enum err
check_words(const Keten__V1__Statement *st, const char **rule)
{
	const struct field_row rows[] = {
		{ st->body_case != KETEN__V1__STATEMENT__BODY_UNREADABLE ||
		    st->unreadable->why != 0, "onleesbaar: waarom" },
		{ st->body_case != KETEN__V1__STATEMENT__BODY_ERASE ||
		    (field_word(st->erase->rule, 1) && (st->erase->level == 1 ||
		    st->erase->level == 2)), "wissen: regel, niveau 1 of 2" },
		{ st->body_case != KETEN__V1__STATEMENT__BODY_RETAIN ||
		    (field_word(st->retain->reason, 1) &&
		    field_time(st->retain->until_ms)),
		    "bewaren: reden en datum" },
		{ st->body_case != KETEN__V1__STATEMENT__BODY_UNRETAIN ||
		    field_word(st->unretain->reason, 1), "vrijgeven: reden" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
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
	return (about != ABOUT_NONE && field_refid(referral));
}

/* What all statements have in common. */
static enum err
check_common(const Keten__V1__Statement *st, enum about about,
    const char **rule)
{
	const struct field_row rows[] = {
		{ field_origin(st->origin),
		    "veld origin: naam van een logboek" },
		{ field_name(st->partner),
		    "veld partner: [a-z][a-z0-9-]{0,30}" },
		{ field_name(st->device),
		    "veld device: [a-z][a-z0-9-]{0,30}" },
		{ st->lane.len == STATEMENT_LANE, "veld lane: 8 bytes" },
		{ st->number >= 1, "veld number: vanaf 1" },
		{ st->nonce.len == STATEMENT_NONCE, "veld nonce: 32 bytes" },
		{ is_about(about, st->referral),
		    "veld referral: een UUIDv7 waar het er een aangaat" },
		{ field_hash_or_none(st->seen_leaf),
		    "veld seen_leaf: 0 of 32 bytes" },
		{ field_seen(st->seen_size, st->seen_root),
		    "velden seen_size en seen_root: samen, 32 bytes" },
		{ field_code(st->actor, 1), "veld actor: [A-Z0-9-]{1,16}" },
		{ field_time(st->made_ms), "veld made_ms: een tijd" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
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

	const struct field_row rows[] = {
		{ field_origin(m->origin), "ack: naam van een logboek" },
		{ field_name(m->partner), "ack: partner" },
		{ field_name(m->device), "ack: apparaat" },
		{ field_name(m->mailbox), "ack: postbus" },
		{ m->n >= 1, "ack: nummer vanaf 1" },
		{ m->running_hash.len == STATEMENT_HASH,
		    "ack: running_hash is 32 bytes" },
		{ field_seen(m->seen_size, m->seen_root),
		    "ack: seen_size en seen_root samen, 32 bytes" },
		{ field_time(m->made_ms), "ack: tijd" },
	};

	if ((err = field_check(FIELD_ROWS(rows), rule)) == ERR_OK)
		*ack = m;
	return (err);
}
