/*
 * The policy document: asking it, signing it, and every flaw in its source.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "demo_policy.h"
#include "policy/flaws.h"
#include "wire/envelope.h"

/* Tuesday 14 April 2026, 10:00 in Amsterdam. */
#define NOW INT64_C(1776153600000)
#define YEAR (INT64_C(365) * 86400000)

static struct policy *p;

static int
setup(void **state)
{
	(void)state;
	p = demo_policy(NULL, NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	policy_free(p);
	return (0);
}

/* --- asking -------------------------------------------------------------- */

static void
test_partners_are_found_by_name(void **state)
{
	struct org t = org_of("thuiszorg-t"), x = org_of("niemand");

	(void)state;
	assert_string_equal(policy_partner(p, &t)->name, "Thuiszorg T");
	assert_null(policy_partner(p, &x));
	assert_non_null(policy_identity_key(p, &t));
	assert_null(policy_identity_key(p, &x));
	assert_true(policy_has_mailbox(p, &t, "main"));
	assert_false(policy_has_mailbox(p, &t, "desk"));
	assert_false(policy_has_mailbox(p, &x, "main"));
	assert_true(policy_has_role(p, &t,
	    KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE));
	assert_false(policy_has_role(p, &t,
	    KETEN__V1__POLICY_ROLE__POLICY_ROLE_REGISSEUR));
	assert_true(policy_has_ended(p, &x, NOW));
	assert_false(policy_has_ended(p, &t, NOW));
}

static void
test_a_network_has_its_members(void **state)
{
	struct org v = org_of("vrijwilligers-v"), o = org_of("v-oost"),
		   w = org_of("welzijn-w");

	(void)state;
	assert_true(policy_network_has(p, &v, &o));
	assert_true(policy_network_has(p, &v, &v));
	assert_false(policy_network_has(p, &v, &w));
	assert_false(policy_network_has(p, &o, &v));
}

static void
test_only_the_group_of_a_protected_code_is_in_a_header(void **state)
{
	const char *rule = NULL;

	(void)state;
	assert_int_equal(policy_check_code(p, "SIG-101", &rule), ERR_OK);
	assert_int_equal(policy_check_code(p, "SIG-300", &rule), ERR_OK);
	assert_int_equal(policy_check_code(p, "SIG-303", &rule), ERR_BAD_CODE);
	assert_non_null(strstr(rule, "groep"));
	assert_int_equal(policy_check_code(p, "SIG-100", &rule), ERR_BAD_CODE);
	assert_int_equal(policy_check_code(p, "SIG-999", &rule), ERR_BAD_CODE);
	assert_int_equal(policy_check_code(p, "", &rule), ERR_BAD_CODE);
	assert_string_equal(policy_header_code(p, "SIG-303"), "SIG-300");
	assert_string_equal(policy_header_code(p, "SIG-603"), "SIG-600");
	assert_string_equal(policy_header_code(p, "SIG-301"), "SIG-301");
	assert_string_equal(policy_header_code(p, "SIG-300"), "SIG-300");
	assert_null(policy_header_code(p, "SIG-999"));
	assert_true(policy_is_protected(p, "SIG-600"));
	assert_false(policy_is_protected(p, "SIG-301"));
	assert_true(policy_is_signal(p, "SIG-300"));
	assert_false(policy_is_signal(p, "DST-101"));
	assert_string_equal(policy_code_label(p, "SIG-303"),
	    "vermoeden van mishandeling");
	assert_true(policy_code(p, "SIG-901")->text_required);
}

static void
test_codes_are_meant_by_themselves_group_or_kind(void **state)
{
	(void)state;
	assert_true(policy_code_in(p, "*", "SIG-300"));
	assert_true(policy_code_in(p, "SIG", "SIG-300"));
	assert_true(policy_code_in(p, "SIG-200", "SIG-204"));
	assert_true(policy_code_in(p, "SIG-204", "SIG-204"));
	assert_false(policy_code_in(p, "DST", "SIG-204"));
	assert_false(policy_code_in(p, "SIG-300", "SIG-301"));
	assert_false(policy_code_in(p, "*", "SIG-302"));
}

static void
test_areas_are_as_fine_as_routing_needs(void **state)
{
	const char *rule = NULL;
	static const struct {
		const char *code;
		const char *area;
		uint32_t edition;
		enum err err;
	} asks[] = {
		{ "SIG-101", "WK085501", 2025, ERR_OK },
		{ "SIG-101", "WK085501", 0, ERR_OK },
		{ "SIG-101", "GM0855", 2025, ERR_OK },
		{ "SIG-101", "WK085501", 2024, ERR_BAD_AREA },
		{ "SIG-101", "WK085599", 2025, ERR_BAD_AREA },
		{ "SIG-101", "GM0363", 2025, ERR_BAD_AREA },
		{ "SIG-101", "BU08550101", 2025, ERR_BAD_AREA },
		{ "SIG-101", "wk085501", 2025, ERR_BAD_AREA },
		{ "SIG-101", "", 2025, ERR_BAD_AREA },
		{ "SIG-300", "GM0855", 2025, ERR_OK },
		{ "SIG-300", "WK085501", 2025, ERR_BAD_AREA },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		if (policy_check_area(p, asks[i].code, asks[i].area,
			asks[i].edition, &rule) != asks[i].err)
			fail_msg("%s %s", asks[i].code, asks[i].area);
}

static enum err
covenant(const char *from, const char *to, const char *code, const char *basis,
    unsigned discussed, int64_t now)
{
	struct policy_ask ask = { org_of(from), org_of(to), code, "WK085501",
		basis, discussed, now };
	const Keten__V1__PolicyCovenant *c = NULL;
	const char *rule = NULL;
	enum err err = policy_covenant(p, &ask, &c, &rule);

	assert_int_equal(err == ERR_OK, c != NULL);
	assert_non_null(rule);
	return (err);
}

static void
test_a_covenant_says_who_what_where_when_and_why(void **state)
{
	(void)state;
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-TOE", 1, NOW), ERR_OK);
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-OVK", 1, NOW), ERR_NO_BASIS);
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-801",
	    "G-TOE", 1, NOW), ERR_NO_COVENANT);
	assert_int_equal(covenant("lwdb-noord", "lwdb-noord", "SIG-101",
	    "G-TOE", 1, NOW), ERR_NO_COVENANT);
	assert_int_equal(covenant("niemand", "welzijn-w", "SIG-101", "G-TOE",
	    1, NOW), ERR_NO_COVENANT);
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-TOE", 1, NOW - 2 * YEAR), ERR_NO_COVENANT);
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-TOE", 1, NOW + 9 * YEAR), ERR_NO_COVENANT);
	assert_int_equal(covenant("thuiszorg-t", "v-oost", "DST-101", "G-OVK",
	    0, NOW), ERR_OK);
	assert_int_equal(covenant("thuiszorg-t", "vrijwilligers-v", "DST-101",
	    "G-OVK", 0, NOW), ERR_OK);
}

static void
test_a_covenant_lasts_through_its_last_day(void **state)
{
	int64_t end = cal_midnight((struct cal_date){ 2035, 1, 1 });

	(void)state;
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-TOE", 1, end - 1), ERR_OK);
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-TOE", 1, end), ERR_NO_COVENANT);
}

static const char *
refusal(int64_t now)
{
	struct policy_ask ask = { org_of("lwdb-noord"), org_of("welzijn-w"),
		"SIG-101", "WK085501", "G-TOE", 1, now };
	const char *rule = NULL;

	assert_int_equal(policy_covenant(p, &ask, NULL, &rule),
	    ERR_NO_COVENANT);
	return (rule);
}

static void
test_a_covenant_of_another_day_is_named_with_its_day(void **state)
{
	(void)state;
	assert_string_equal(refusal(cal_midnight((struct cal_date){ 2035, 1,
	    1 })), "convenant: COV-02 is verlopen op 31-12-2034, de laatste "
	    "dag");
	assert_string_equal(refusal(cal_midnight((struct cal_date){ 2024, 12,
	    31 })), "convenant: COV-02 geldt pas vanaf 01-01-2025");
}

static void
test_a_landlord_hears_of_arrears_only_on_consent(void **state)
{
	(void)state;
	assert_int_equal(covenant("lwdb-noord", "corporatie-c", "SIG-402",
	    "G-TOE", KETEN__V1__DISCUSSED__AGREES, NOW), ERR_OK);
	assert_int_equal(covenant("lwdb-noord", "corporatie-c", "SIG-402",
	    "G-TOE", KETEN__V1__DISCUSSED__OBJECTS, NOW), ERR_NO_BASIS);
	assert_int_equal(covenant("lwdb-noord", "corporatie-c", "SIG-402",
	    "G-PUB", KETEN__V1__DISCUSSED__AGREES, NOW), ERR_NO_BASIS);
}

static void
test_consent_is_only_what_the_person_agreed_to(void **state)
{
	(void)state;
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-TOE", KETEN__V1__DISCUSSED__NOT_YET_UNREACHED, NOW),
	    ERR_NO_BASIS);
	assert_int_equal(covenant("lwdb-noord", "welzijn-w", "SIG-101",
	    "G-GBL", KETEN__V1__DISCUSSED__NOT_YET_UNREACHED, NOW), ERR_OK);
}

static void
test_every_code_and_area_of_the_demo_has_a_regisseur(void **state)
{
	(void)state;
	assert_string_equal(policy_regisseur(p, "SIG-101", "WK085501")
	    ->partner, "gemeente-r");
	assert_string_equal(policy_regisseur(p, "SIG-300", "GM0855")->partner,
	    "gemeente-r");
	assert_null(policy_regisseur(p, "SIG-101", "GM0363"));
}

/* Two more rows: one that only places, one that only oversees. */
static const char duties[] = "feestdagen]\n"
    "  - {partner: gemeente-r, areas: [WK085501], groups: [DST-100],\n"
    "     duties: [placing], contact: huis, night_phone: 1,\n"
    "     night_hours: altijd}\n"
    "  - {partner: zorg-z, areas: [WK085502], groups: [SIG-200, DST],\n"
    "     duties: [oversight], contact: inzicht}\n";

static bool
oversees(const struct policy *d, const char *who, const char *code,
    const char *area)
{
	struct org o = org_of(who);

	return (policy_oversees(d, &o, code, area));
}

static void
test_oversight_has_areas_and_groups_and_places_nothing(void **state)
{
	struct policy *d = demo_policy("feestdagen]\n", duties);

	(void)state;
	assert_true(oversees(d, "gemeente-r", "SIG-300", "GM0855"));
	assert_true(oversees(d, "gemeente-r", NULL, "WK085501"));
	assert_false(oversees(d, "gemeente-r", NULL, NULL)); /* GM0855 only */
	assert_false(oversees(d, "welzijn-w", "SIG-101", "WK085502"));
	assert_true(oversees(d, "zorg-z", "SIG-203", "WK085502"));
	assert_true(oversees(d, "zorg-z", "SIG-200", "WK085502"));
	assert_true(oversees(d, "zorg-z", "DST-100", "WK085502"));
	assert_false(oversees(d, "zorg-z", "SIG-101", "WK085502"));
	assert_false(oversees(d, "zorg-z", "SIG-300", "WK085502"));
	assert_false(oversees(d, "zorg-z", NULL, "WK085502"));
	assert_false(oversees(d, "zorg-z", "DST-100", "WK085501"));
	assert_false(oversees(d, "zorg-z", "DST-100", "GM0855")); /* too wide */
	assert_false(oversees(d, "zorg-z", "SIG-999", "WK085502"));
	/* Who only oversees is nobody's last rung; who only places sees no
	 * more than the other rows let it. */
	assert_string_equal(policy_regisseur(d, "DST-101", "WK085502")
	    ->contact, "wijkregie");
	assert_string_equal(policy_regisseur(d, "DST-101", "WK085501")
	    ->contact, "huis");
	policy_free(d);
}

static void
test_at_night_the_night_contact_answers(void **state)
{
	const Keten__V1__PolicyRegisseur *r;
	int64_t day = cal_midnight((struct cal_date){ 2026, 4, 18 });

	(void)state;
	r = policy_regisseur(p, "SIG-101", "WK085501");
	assert_false(policy_night_open(p, r, day + 3 * 3600000));
	assert_true(policy_night_open(p, r, day + 8 * 3600000));
	assert_string_equal(policy_call(p, "SIG-101", r), "013-5550199");
	assert_string_equal(policy_call(p, "SIG-101", NULL), "112");
}

static void
test_veilig_thuis_is_shown_with_suspected_abuse(void **state)
{
	(void)state;
	assert_string_equal(policy_alarm(p, "SIG-101", 0)->phone, "112");
	assert_null(policy_alarm(p, "SIG-101", 1));
	assert_string_equal(policy_alarm(p, "SIG-303", 1)->phone,
	    "0800-2000");
	assert_true(policy_alarm(p, "SIG-303", 1)->n_steps >= 5);
	assert_string_equal(policy_alarm(p, "SIG-300", 1)->phone,
	    "0800-2000");
	assert_null(policy_alarm(p, "SIG-303", 2));
}

static void
test_words_come_from_their_own_list(void **state)
{
	(void)state;
	assert_true(policy_word(p, POLICY_DECLINES, "AFW-01")->capacity);
	assert_null(policy_word(p, POLICY_OUTCOMES, "AFW-01"));
	assert_true(policy_word(p, POLICY_OUTCOMES, "UIT-03")->names_target);
	assert_true(policy_word(p, POLICY_BASES, "G-ANO")->anonymous);
	assert_non_null(policy_word(p, POLICY_PAYERS, "wmo"));
	assert_true(policy_reason_fits(p, "RED-01", "FAIL"));
	assert_false(policy_reason_fits(p, "RED-01", "PAUSE"));
	assert_true(policy_reason_fits(p, "RED-99", "PAUSE"));
	assert_false(policy_reason_fits(p, "RED-98", "PAUSE"));
}

static void
test_retention_goes_by_code_and_level(void **state)
{
	(void)state;
	assert_int_equal(policy_retention(p, 1, "SIG-101")->rule, 1);
	assert_int_equal(policy_retention(p, 1, "DST-101")->rule, 2);
	assert_int_equal(policy_retention(p, 2, "DST-101")->rule, 3);
	assert_null(policy_retention(p, 3, "DST-101"));
}

static void
test_the_policy_changes_holidays_and_terms(void **state)
{
	struct policy *own = demo_policy("terms:\n",
	    "terms:\n  - {term: OFFER, normal: 3 wd, emergent: 10 min}\n");
	struct cal_date day = { 2027, 12, 31 };

	(void)state;
	assert_true(cal_is_holiday(policy_calendar(p), day));
	assert_int_equal(cal_term(policy_terms(own), CAL_TERM_OFFER,
	    KETEN__V1__URGENCY__NORMAL).n, 3 * 510);
	assert_int_equal(cal_term(policy_terms(own), CAL_TERM_OFFER,
	    KETEN__V1__URGENCY__EMERGENT).n, 10);
	assert_int_equal(cal_term(policy_terms(own), CAL_TERM_OFFER,
	    KETEN__V1__URGENCY__HIGH).n, 240);
	policy_free(own);
}

static void
test_who_stops_has_a_successor(void **state)
{
	struct policy *own = demo_policy("    kind: welzijn\n",
	    "    kind: welzijn\n    ended: 2030-01-01\n"
	    "    successor: zorg-z\n");
	struct org w = org_of("welzijn-w"), s;
	int64_t end = cal_midnight((struct cal_date){ 2030, 1, 1 });
	struct policy_ask about = { .code = "SIG-101", .area = "WK085501",
		.now_ms = end - 1 };
	bool holder = true;

	(void)state;
	s = policy_successor(own, &w, &about, NULL);
	assert_string_equal(s.id, "welzijn-w");
	about.now_ms = end;
	s = policy_successor(own, &w, &about, &holder);
	assert_string_equal(s.id, "zorg-z");
	assert_false(holder);
	assert_true(policy_has_ended(own, &w, end));
	assert_false(policy_has_ended(own, &w, end - 1));
	policy_free(own);
}

static void
test_two_take_over_one_by_code_and_area(void **state)
{
	struct policy *own = demo_policy("    kind: welzijn\n",
	    "    kind: welzijn\n    ended: 2030-01-01\n"
	    "    successors:\n"
	    "      - partner: thuiszorg-t\n"
	    "        codes: [SIG-200, DST]\n"
	    "        areas: [WK085501]\n"
	    "        holder: true\n"
	    "      - partner: zorg-z\n");
	struct org w = org_of("welzijn-w"), s;
	int64_t end = cal_midnight((struct cal_date){ 2030, 1, 1 });
	struct policy_ask about = { .code = "SIG-203", .area = "WK085501",
		.now_ms = end };
	bool holder = false;

	(void)state;
	s = policy_successor(own, &w, &about, &holder);
	assert_string_equal(s.id, "thuiszorg-t");
	assert_true(holder);
	about.area = "WK085502";
	s = policy_successor(own, &w, &about, &holder);
	assert_string_equal(s.id, "zorg-z");
	assert_false(holder);
	about.area = "WK085501";
	about.code = "SIG-101";
	s = policy_successor(own, &w, &about, &holder);
	assert_string_equal(s.id, "zorg-z");
	assert_false(holder);
	policy_free(own);
}

/* Who ended before the document began still stands on its ladders. */
static void
test_a_rung_of_who_ended_is_its_successors(void **state)
{
	struct policy *own = demo_policy("    phone: 013-5550105\n",
	    "    phone: 013-5550105\n    ended: 2024-06-01\n"
	    "    successors: [{partner: zorg-z, codes: [SIG]},\n"
	    "      {partner: thuiszorg-t}]\n");

	(void)state;
	policy_free(own);
}

/* Covenants that name who ended are those of the successor, from then on. */
static void
test_a_successor_stands_in_the_covenants(void **state)
{
	struct policy *own = demo_policy("    kind: welzijn\n",
	    "    kind: welzijn\n    ended: 2030-01-01\n"
	    "    successor: zorg-z\n");
	int64_t end = cal_midnight((struct cal_date){ 2030, 1, 1 });
	struct policy_ask ask = { .from = org_of("lwdb-noord"),
		.to = org_of("welzijn-w"), .code = "SIG-300",
		.area = "GM0855", .basis = "G-PUB", .now_ms = end - 1 };
	const char *rule;

	(void)state;
	assert_int_equal(policy_covenant(own, &ask, NULL, &rule), ERR_OK);
	ask.to = org_of("zorg-z");
	assert_int_equal(policy_covenant(own, &ask, NULL, &rule),
	    ERR_NO_COVENANT);
	ask.now_ms = end;
	assert_int_equal(policy_covenant(own, &ask, NULL, &rule), ERR_OK);
	policy_free(own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partners_are_found_by_name),
		cmocka_unit_test(test_a_network_has_its_members),
		cmocka_unit_test(
		    test_only_the_group_of_a_protected_code_is_in_a_header),
		cmocka_unit_test(
		    test_codes_are_meant_by_themselves_group_or_kind),
		cmocka_unit_test(test_areas_are_as_fine_as_routing_needs),
		cmocka_unit_test(
		    test_a_covenant_says_who_what_where_when_and_why),
		cmocka_unit_test(
		    test_a_covenant_of_another_day_is_named_with_its_day),
		cmocka_unit_test(test_a_covenant_lasts_through_its_last_day),
		cmocka_unit_test(
		    test_a_landlord_hears_of_arrears_only_on_consent),
		cmocka_unit_test(
		    test_consent_is_only_what_the_person_agreed_to),
		cmocka_unit_test(
		    test_every_code_and_area_of_the_demo_has_a_regisseur),
		cmocka_unit_test(
		    test_oversight_has_areas_and_groups_and_places_nothing),
		cmocka_unit_test(test_at_night_the_night_contact_answers),
		cmocka_unit_test(
		    test_veilig_thuis_is_shown_with_suspected_abuse),
		cmocka_unit_test(test_words_come_from_their_own_list),
		cmocka_unit_test(test_retention_goes_by_code_and_level),
		cmocka_unit_test(test_the_policy_changes_holidays_and_terms),
		cmocka_unit_test(test_who_stops_has_a_successor),
		cmocka_unit_test(test_two_take_over_one_by_code_and_area),
		cmocka_unit_test(test_a_successor_stands_in_the_covenants),
		cmocka_unit_test(test_a_rung_of_who_ended_is_its_successors),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
