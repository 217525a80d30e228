/*
 * t_statement -- the shape of what is signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/pb.h"
#include "wire/statement.h"

/* A statement that is right in everything, to be spoilt in one place. */
struct good {
	Keten__V1__Statement st;
	Keten__V1__Command c;
	Keten__V1__Header h;
	Keten__V1__Part part;
	Keten__V1__Part *parts[9];
	char *keys[17];
	char *names[17];
	Keten__V1__Rewrap rewrap;
	Keten__V1__RewrapPart rewrap_part;
	Keten__V1__RewrapPart *rewrap_parts[33];
	Keten__V1__Unreadable unreadable;
	Keten__V1__Erase erase;
	Keten__V1__Erased erased;
	Keten__V1__Retain retain;
	Keten__V1__Unretain unretain;
	Keten__V1__CatalogueEntry entry;
	Keten__V1__Missing missing;
};

static const uint8_t uuid[16] = { 1, 0x9b, 0, 0, 0, 1, 0x70, 1, 0x80, 1 };
static const uint8_t zeros[64];

static void
make_part(struct good *g)
{
	keten__v1__part__init(&g->part);
	g->part.kind = KETEN__V1__PART_KIND__PERSON;
	g->part.sha256 = g->part.plain_commit = pb_of(zeros, 32);
	g->part.length = 15360;
	g->part.nonce = pb_of(zeros, 16);
	for (size_t i = 0; i < 17; i++) {
		g->keys[i] = pb_string("00112233445566aa");
		g->names[i] = pb_string("welzijn-w");
	}
	g->part.wrapped_for = g->keys;
	g->part.n_wrapped_for = 16;
	for (size_t i = 0; i < 9; i++)
		g->parts[i] = &g->part;
}

static void
make_command(struct good *g)
{
	keten__v1__command__init(&g->c);
	keten__v1__header__init(&g->h);
	g->c.event = KETEN__V1__EVENT__SUBMIT;
	g->c.header = &g->h;
	g->c.parts = g->parts;
	g->c.n_parts = 8;
	g->h.code = pb_string("SIG-101");
	g->h.area = pb_string("WK085501");
	g->h.urgency = KETEN__V1__URGENCY__NORMAL;
	g->h.basis = pb_string("G-TOE");
	g->h.discussed = KETEN__V1__DISCUSSED__AGREES;
	g->h.frequency = pb_string("1/week");
	g->h.payer = pb_string("wmo");
	g->h.first = g->h.never = g->names;
	g->h.n_first = g->h.n_never = 1;
}

static void
make_others(struct good *g)
{
	keten__v1__rewrap__init(&g->rewrap);
	keten__v1__rewrap_part__init(&g->rewrap_part);
	keten__v1__unreadable__init(&g->unreadable);
	keten__v1__erase__init(&g->erase);
	keten__v1__erased__init(&g->erased);
	keten__v1__retain__init(&g->retain);
	keten__v1__unretain__init(&g->unretain);
	keten__v1__catalogue_entry__init(&g->entry);
	keten__v1__missing__init(&g->missing);
	g->missing.code = pb_string("DST-101");
	g->missing.area = pb_string("WK085501");
	g->rewrap.to = pb_string("welzijn-w");
	g->rewrap.key_id = pb_string("00112233445566aa");
	g->rewrap_part.sha256 = pb_of(zeros, 32);
	g->rewrap_part.plain_commit = pb_of(zeros, 32);
	for (size_t i = 0; i < 33; i++)
		g->rewrap_parts[i] = &g->rewrap_part;
	g->rewrap.parts = g->rewrap_parts;
	g->rewrap.n_parts = 32;
	g->unreadable.why = KETEN__V1__UNREADABLE_WHY__NO_WRAP;
	g->erase.rule = pb_string("term");
	g->erase.level = 1;
	g->retain.reason = g->unretain.reason = pb_string("geschil");
	g->entry.service = pb_string("DST-101");
	g->entry.status = pb_string("active");
	g->entry.capacity = KETEN__V1__CAPACITY__HAS;
}

static void
make(struct good *g)
{
	memset(g, 0, sizeof(*g));
	keten__v1__statement__init(&g->st);
	g->st.version = 1;
	g->st.origin = pb_string("keten.example/noord");
	g->st.partner = pb_string("lwdb-noord");
	g->st.device = pb_string("balie");
	g->st.lane = pb_of(zeros, 8);
	g->st.number = 1;
	g->st.nonce = pb_of(zeros, 32);
	g->st.referral = pb_of(uuid, 16);
	g->st.actor = pb_string("WIJK-12");
	g->st.made_ms = INT64_C(1790000000000);
	make_part(g);
	make_command(g);
	make_others(g);
	g->st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	g->st.command = &g->c;
}

static enum err
parse(struct arena *a, const struct good *g, enum envelope_kind kind)
{
	Keten__V1__Statement *st = NULL;
	const char *rule = NULL;
	struct slice s;
	enum err err;

	assert_int_equal(pb_pack(a, &g->st.base, &s), ERR_OK);
	err = statement_parse(a, kind, s, &st, &rule);
	assert_true((rule != NULL) == (err != ERR_OK));
	assert_true((st == NULL) == (err != ERR_OK));
	arena_reset(a);
	return (err);
}

#define AFTER(kind, change, want) do { \
	make(&g); \
	change; \
	assert_int_equal(parse(a, &g, (kind)), (want)); \
} while (0)
#define BAD(change) AFTER(ENVELOPE_COMMAND, change, ERR_MALFORMED)
#define FINE(change) AFTER(ENVELOPE_COMMAND, change, ERR_OK)

static void
test_a_statement_without_fault_is_read(void **state)
{
	struct arena *a = *state;
	struct good g;

	FINE((void)0);
	FINE((g.st.seen_size = 3, g.st.seen_root = pb_of(zeros, 32)));
	FINE(g.st.seen_leaf = pb_of(zeros, 32));
	FINE(g.c.n_parts = 0);
	FINE((g.c.event = KETEN__V1__EVENT__ACCEPT, g.c.header = NULL));
	FINE(g.h.parent = pb_of(uuid, 16));
}

static void
test_another_version_is_named_as_such(void **state)
{
	struct arena *a = *state;
	struct good g;

	AFTER(ENVELOPE_COMMAND, g.st.version = 2, ERR_VERSION);
	AFTER(ENVELOPE_COMMAND, g.st.version = 0, ERR_VERSION);
}

static void
test_each_common_field_has_its_shape(void **state)
{
	struct arena *a = *state;
	struct good g;

	BAD(g.st.origin = pb_string(""));
	BAD(g.st.origin = pb_string("keten|noord"));
	BAD(g.st.partner = pb_string("Lwdb"));
	BAD(g.st.partner = pb_string(""));
	BAD(g.st.device = pb_string("balie/1"));
	BAD(g.st.lane.len = 7);
	BAD(g.st.lane.len = 9);
	BAD(g.st.number = 0);
	BAD(g.st.nonce.len = 31);
	BAD(g.st.referral.len = 0);
	BAD(g.st.referral.len = 15);
	BAD(g.st.referral = pb_of(zeros, 16));	/* not a UUIDv7 */
	BAD(g.st.seen_leaf = pb_of(zeros, 20));
	BAD(g.st.seen_size = 1);
	BAD(g.st.seen_root = pb_of(zeros, 32));
	BAD(g.st.actor = pb_string(""));
	BAD(g.st.actor = pb_string("wijk"));
	BAD(g.st.actor = pb_string("ABCDEFGHIJKLMNOPQ"));
	BAD(g.st.made_ms = -1);
	BAD(g.st.made_ms = INT64_MAX);
}

static void
test_each_field_of_a_command_has_its_shape(void **state)
{
	struct arena *a = *state;
	struct good g;

	BAD(g.c.event = 0);
	BAD(g.c.header = NULL);
	BAD(g.c.event = KETEN__V1__EVENT__ACCEPT);	/* with a header */
	BAD((g.c.event = KETEN__V1__EVENT__HAND_OVER, g.c.header = NULL));
	BAD((g.c.event = KETEN__V1__EVENT__OFFER_MORE, g.c.header = NULL));
	BAD((g.c.event = KETEN__V1__EVENT__RAISE_URGENCY, g.c.header = NULL));
	BAD(g.c.to = pb_string("Mevrouw Jansen"));
	BAD(g.c.reason = pb_string("geen tijd"));
	BAD(g.c.outcome = pb_string("UIT-01 geholpen"));
	BAD(g.c.until_ms = -5);
	BAD(g.c.child = pb_of(zeros, 16));
	BAD(g.c.outside = pb_string("J. Jansen"));
	BAD(g.c.basis = pb_string("toe"));
	BAD(g.c.n_parts = 9);
}

static void
test_each_field_of_a_header_has_its_shape(void **state)
{
	struct arena *a = *state;
	struct good g;

	BAD(g.h.code = pb_string("eenzaam"));
	BAD(g.h.code = pb_string(""));
	BAD(g.h.area = pb_string("Dorpsstraat 1"));
	BAD(g.h.area = pb_string(""));
	BAD(g.h.urgency = 0);
	BAD(g.h.basis = pb_string(""));
	BAD(g.h.discussed = 0);
	BAD(g.h.frequency = pb_string("elke dag om 8"));
	BAD(g.h.end_ms = -1);
	BAD(g.h.payer = pb_string("zijn dochter"));
	BAD(g.h.parent = pb_of(uuid, 8));
	BAD(g.h.relates = pb_of(zeros, 16));
	BAD(g.h.n_first = 17);
	BAD(g.names[0] = pb_string("Jan"));
}

static void
test_each_field_of_a_part_has_its_shape(void **state)
{
	struct arena *a = *state;
	struct good g;

	BAD(g.part.kind = 0);
	BAD(g.part.sha256.len = 31);
	BAD(g.part.length = 4096);
	BAD(g.part.length = 0);
	BAD(g.part.plain_commit.len = 0);
	BAD(g.part.nonce.len = 15);
	BAD(g.part.contains = 8);
	BAD(g.part.contains = 1; g.part.kind = KETEN__V1__PART_KIND__TEXT);
	BAD(g.part.n_wrapped_for = 0);
	BAD(g.part.n_wrapped_for = 17);
	BAD(g.keys[3] = pb_string("00112233445566AA"));
	BAD(g.keys[3] = pb_string("00112233445566a"));
	FINE(g.part.length = 261120);
}

#define BODY(name, member) (g.st.body_case = \
    KETEN__V1__STATEMENT__BODY_##name, g.st.member = &g.member)

static void
test_the_type_of_the_envelope_fits_the_body(void **state)
{
	struct arena *a = *state;
	struct good g;

	for (int k = 0; k < ENVELOPE__MAX; k++)
		AFTER((enum envelope_kind)k, (void)0,
		    k == ENVELOPE_COMMAND ? ERR_OK : ERR_MALFORMED);
	AFTER(ENVELOPE_COMMAND, g.st.body_case = 0, ERR_MALFORMED);
	AFTER(ENVELOPE_REWRAP, BODY(REWRAP, rewrap), ERR_OK);
	AFTER(ENVELOPE_UNREADABLE, BODY(UNREADABLE, unreadable), ERR_OK);
	AFTER(ENVELOPE_ERASE, BODY(ERASE, erase), ERR_OK);
	AFTER(ENVELOPE_RETAIN, BODY(RETAIN, retain), ERR_OK);
	AFTER(ENVELOPE_UNRETAIN, BODY(UNRETAIN, unretain), ERR_OK);
	AFTER(ENVELOPE_ERASED, BODY(ERASED, erased), ERR_OK);
	AFTER(ENVELOPE_ERASED, (BODY(ERASED, erased), g.st.referral.len = 0),
	    ERR_OK);
	AFTER(ENVELOPE_RETAIN, BODY(UNRETAIN, unretain), ERR_MALFORMED);
}

static void
test_each_field_of_the_other_kinds_has_its_shape(void **state)
{
	struct arena *a = *state;
	struct good g;

	AFTER(ENVELOPE_REWRAP, (BODY(REWRAP, rewrap),
	    g.rewrap.to = pb_string("")), ERR_MALFORMED);
	AFTER(ENVELOPE_REWRAP, (BODY(REWRAP, rewrap),
	    g.rewrap.key_id = pb_string("x")), ERR_MALFORMED);
	AFTER(ENVELOPE_REWRAP, (BODY(REWRAP, rewrap), g.rewrap.n_parts = 33),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_REWRAP, (BODY(REWRAP, rewrap), g.rewrap.n_parts = 0),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_REWRAP, (BODY(REWRAP, rewrap),
	    g.rewrap_part.sha256.len = 3), ERR_MALFORMED);
	AFTER(ENVELOPE_UNREADABLE, (BODY(UNREADABLE, unreadable),
	    g.unreadable.why = 0), ERR_MALFORMED);
	AFTER(ENVELOPE_ERASE, (BODY(ERASE, erase), g.erase.level = 3),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_RETAIN, (BODY(RETAIN, retain),
	    g.retain.reason = pb_string("een heel verhaal")), ERR_MALFORMED);
}

static void
test_a_catalogue_entry_is_about_no_referral(void **state)
{
	struct arena *a = *state;
	struct good g;

#define ENTRY (g.st.body_case = KETEN__V1__STATEMENT__BODY_CATALOGUE, \
    g.st.catalogue = &g.entry, g.st.referral.len = 0)
	AFTER(ENVELOPE_CATALOGUE, ENTRY, ERR_OK);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.st.referral.len = 16),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.capacity = 0),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY,
	    g.entry.service = pb_string("koken")), ERR_MALFORMED);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.age_until = 200),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.age_from = 65,
	    g.entry.age_until = 18), ERR_MALFORMED);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY,
	    g.entry.status = pb_string("withdrawn")), ERR_OK);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY,
	    g.entry.status = pb_string("vol")), ERR_MALFORMED);
}

static void
test_the_hours_of_an_entry_can_be_read(void **state)
{
	struct arena *a = *state;
	char *good[] = { pb_string("ma-vr 08:30-17:00"),
		pb_string("za 09:00-12:00") };
	char *twice[] = { pb_string("ma-vr 08:30-17:00"),
		pb_string("di 09:00-12:00") };
	char *none[] = { pb_string("elke dag") };
	struct good g;

	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.hours = good,
	    g.entry.n_hours = 2), ERR_OK);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.hours = twice,
	    g.entry.n_hours = 2), ERR_MALFORMED);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.hours = none,
	    g.entry.n_hours = 1), ERR_MALFORMED);
}

static void
test_what_a_service_is_called_has_no_room_for_a_person(void **state)
{
	static const char *const bad[] = { "bel 0612345678",
		"vraag naar m.jansen@tn.nl", "regel 1\nregel 2",
		"wist \xc2\x9b" "2J het scherm", "nu \xe2\x80\xae" "laak", "\xe2\x81\xa6",
		"regel 1\xe2\x80\xa8regel 2", "\x1b[2J",
		"een naam die langer is dan wat iemand nog op een kaartje kan "
		"lezen, want zo lang is hij" };
	struct arena *a = *state;
	struct good g;

	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.name = pb_string(
	    "Klussendienst De Buurt (55+), 7 dagen")), ERR_OK);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY, g.entry.name = pb_string(
	    "Caf\xc3\xa9 \xe2\x80\x98t Hoekje \xe2\x82\xac 2")), ERR_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		AFTER(ENVELOPE_CATALOGUE, (ENTRY,
		    g.entry.name = pb_string(bad[i])), ERR_MALFORMED);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY,
	    g.entry.checked_by = pb_string("LOKET-1")), ERR_OK);
	AFTER(ENVELOPE_CATALOGUE, (ENTRY,
	    g.entry.checked_by = pb_string("Jan Jansen")), ERR_MALFORMED);
}

static void
test_what_is_missing_is_a_service_in_an_area(void **state)
{
	struct arena *a = *state;
	struct good g;

#define MISSING (g.st.body_case = KETEN__V1__STATEMENT__BODY_MISSING, \
    g.st.missing = &g.missing, g.st.referral.len = 0)
	AFTER(ENVELOPE_MISSING, MISSING, ERR_OK);
	AFTER(ENVELOPE_CATALOGUE, MISSING, ERR_MALFORMED);
	AFTER(ENVELOPE_MISSING, (MISSING, g.st.referral.len = 16),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_MISSING, (MISSING, g.missing.area = pb_string("")),
	    ERR_MALFORMED);
	AFTER(ENVELOPE_MISSING, (MISSING,
	    g.missing.code = pb_string("koken voor mevrouw")), ERR_MALFORMED);
}

static void
test_an_ack_has_its_shape(void **state)
{
	struct arena *a = *state;
	Keten__V1__Ack m, *out;

	for (int i = 0; i < 7; i++) {
		const char *rule = NULL;
		struct slice s;
		enum err err;

		keten__v1__ack__init(&m);
		m.version = i == 1 ? 2 : 1;
		m.origin = pb_string(i == 2 ? "" : "keten.example");
		m.partner = pb_string("welzijn-w");
		m.device = pb_string("balie");
		m.mailbox = pb_string(i == 3 ? "" : "main");
		m.n = i == 4 ? 0 : 9;
		m.running_hash = pb_of(zeros, i == 5 ? 31 : 32);
		m.seen_size = i == 6;
		assert_int_equal(pb_pack(a, &m.base, &s), ERR_OK);
		err = statement_parse_ack(a, s, &out, &rule);
		assert_int_equal(err, i == 0 ? ERR_OK : i == 1 ? ERR_VERSION :
		    ERR_MALFORMED);
		assert_true((rule != NULL) == (i != 0));
	}
	assert_int_equal(out->n, 9);
}

static enum err
parse_key(struct arena *a, Keten__V1__KeyStatement *m)
{
	Keten__V1__KeyStatement *out;
	const char *rule = NULL;
	struct slice s;
	enum err err;

	m->origin = pb_string("keten.example");
	m->partner = pb_string("welzijn-w");
	m->version = 1;
	assert_int_equal(pb_pack(a, &m->base, &s), ERR_OK);
	err = statement_parse_key(a, s, &out, &rule);
	assert_true((rule != NULL) == (err != ERR_OK));
	return (err);
}

static void
test_certificates_have_their_shape(void **state)
{
	struct arena *a = *state;
	Keten__V1__KeyStatement m;
	Keten__V1__DeviceCertificate d;
	Keten__V1__SealingCertificate s;

	keten__v1__key_statement__init(&m);
	assert_int_equal(parse_key(a, &m), ERR_MALFORMED);
	keten__v1__device_certificate__init(&d);
	m.body_case = KETEN__V1__KEY_STATEMENT__BODY_DEVICE;
	m.device = &d;
	d.device = pb_string("balie");
	d.serial = 1;
	d.curve_key = d.sign_key = pb_of(zeros, 32);
	d.role = KETEN__V1__DEVICE_ROLE__FULL;
	assert_int_equal(parse_key(a, &m), ERR_OK);
	d.role = 0;
	assert_int_equal(parse_key(a, &m), ERR_MALFORMED);
	d.role = KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY;
	d.sign_key.len = 33;
	assert_int_equal(parse_key(a, &m), ERR_MALFORMED);

	keten__v1__sealing_certificate__init(&s);
	m.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	m.sealing = &s;
	s.serial = 1;
	s.key_x = s.key_y = pb_of(zeros, 32);
	assert_int_equal(parse_key(a, &m), ERR_OK);
	s.serial = 0;
	assert_int_equal(parse_key(a, &m), ERR_MALFORMED);
}

static void
test_a_revocation_names_one_thing(void **state)
{
	struct arena *a = *state;
	Keten__V1__KeyStatement m;
	Keten__V1__Revoke r;

	keten__v1__key_statement__init(&m);
	keten__v1__revoke__init(&r);
	m.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	m.revoke = &r;
	r.serial = 1;
	r.reason = pb_string("lost");
	assert_int_equal(parse_key(a, &m), ERR_MALFORMED);
	r.device = pb_string("balie");
	assert_int_equal(parse_key(a, &m), ERR_OK);
	r.sealing_key_id = pb_string("00112233445566aa");
	assert_int_equal(parse_key(a, &m), ERR_MALFORMED);
	r.device = pb_string("");
	assert_int_equal(parse_key(a, &m), ERR_OK);
	r.reason = pb_string("");
	assert_int_equal(parse_key(a, &m), ERR_MALFORMED);
}

static int
set_up(void **state)
{
	return ((*state = arena_new(1 << 20)) == NULL);
}

static int
tear_down(void **state)
{
	arena_free(*state);
	return (0);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_statement_without_fault_is_read),
		T(another_version_is_named_as_such),
		T(each_common_field_has_its_shape),
		T(each_field_of_a_command_has_its_shape),
		T(each_field_of_a_header_has_its_shape),
		T(each_field_of_a_part_has_its_shape),
		T(the_type_of_the_envelope_fits_the_body),
		T(each_field_of_the_other_kinds_has_its_shape),
		T(a_catalogue_entry_is_about_no_referral),
		T(the_hours_of_an_entry_can_be_read),
		T(what_a_service_is_called_has_no_room_for_a_person),
		T(what_is_missing_is_a_service_in_an_area),
		T(an_ack_has_its_shape),
		T(certificates_have_their_shape),
		T(a_revocation_names_one_thing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
