/*
 * Ladders: who is asked, in which order, and why nobody else is.
 */
#include "route_bench.h"

static void
test_first_rungs_are_those_of_the_design(void **state)
{
	static const struct {
		const char *code;
		const char *ladder;
	} routes[] = {
		{ "SIG-101", "welzijn-w" },
		{ "SIG-103", "welzijn-w" },
		{ "SIG-201", "thuiszorg-t" },
		{ "SIG-202", "welzijn-w" },
		{ "SIG-203", "thuiszorg-t" },
		{ "SIG-206", "thuiszorg-t" },
		{ "SIG-301", "mantelzorg-m | welzijn-w" },
		{ "SIG-401", "" },
		{ "SIG-402", "welzijn-w" },
		{ "SIG-403", "" },
		{ "SIG-501", "corporatie-c" },
		{ "SIG-502", "welzijn-w" },
		{ "SIG-701", "welzijn-w" },
		{ "SIG-702", "v-oost,v-west,v-zuid" },
		{ "SIG-801", "" },
		{ "SIG-901", "" },
		{ "DST-202", "corporatie-c" },
		{ "DST-206", "corporatie-c" },
		{ "DST-502", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct route_ask a = ask("lwdb-noord", routes[i].code);

		assert_ladder(&a, routes[i].ladder);
		assert_string_equal(l.regisseur.id, "gemeente-r");
	}
}

static void
test_every_code_of_the_demo_has_a_route(void **state)
{
	const Keten__V1__Policy *d = policy_doc(p);

	(void)state;
	for (size_t i = 0; i < d->n_codes; i++) {
		struct route_ask a = ask("lwdb-noord",
		    policy_header_code(p, d->codes[i]->code));

		if (d->codes[i]->protected_)
			a.area = "GM0855";
		assert_int_equal(route_ladder(p, &a, &l, &rule), ERR_OK);
	}
}

static void
test_volunteers_follow_after_the_lwdb(void **state)
{
	struct route_ask a = ask("thuiszorg-t", "DST-101");

	(void)state;
	assert_ladder(&a, "lwdb-noord | v-oost,v-west,v-zuid");
	assert_int_equal(l.rungs[0].no, 1);
	assert_int_equal(l.rungs[1].no, 2);
	assert_int_equal(l.rungs[0].offer.n, 2 * 510);
	assert_true(l.rungs[0].is_open);
	assert_true(org_is_none(&l.custodian));
	assert_int_equal(why(&a, "v-oost"), ROUTE_WHY_NONE);
	assert_int_equal(why(&a, "welzijn-w"), ROUTE_WHY_NOT_ON_LADDER);
	assert_int_equal(why(&a, "thuiszorg-t"), ROUTE_WHY_ORIGINATOR);
	assert_int_equal(why(&a, "gemeente-r"), ROUTE_WHY_REGISSEUR);
	assert_int_equal(why(&a, "niemand"), ROUTE_WHY_UNKNOWN);
}

static void
test_the_originator_is_never_a_candidate(void **state)
{
	struct route_ask a = ask("lwdb-noord", "DST-101");

	(void)state;
	assert_ladder(&a, "v-oost,v-west,v-zuid");
	assert_int_equal(l.rungs[0].no, 2);
	assert_int_equal(why(&a, "lwdb-noord"), ROUTE_WHY_ORIGINATOR);
	a = ask("gemeente-r", "DST-403");
	a.basis = "G-PUB";
	assert_ladder(&a, "welzijn-w | zorg-z");
}

static void
test_first_comes_before_the_ladder_and_only_once(void **state)
{
	struct org first[3] = { org_of("v-zuid"), org_of("corporatie-c"),
		org_of("zorg-z") };
	struct route_ask a = ask("thuiszorg-t", "DST-101");

	(void)state;
	a.first = first;
	a.n_first = 1;
	assert_ladder(&a, "v-zuid | lwdb-noord | v-oost,v-west");
	assert_int_equal(l.rungs[0].no, 0);
	a.n_first = 2;
	assert_ladder(&a, "v-zuid,corporatie-c | lwdb-noord | v-oost,v-west");
	a.n_first = 3;
	assert_ladder(&a, "NOT_ALLOWED");
	first[0] = org_of("thuiszorg-t");
	a.n_first = 1;
	assert_ladder(&a, "NOT_ALLOWED");
	first[0] = org_of("gemeente-r");
	assert_ladder(&a, "NOT_ALLOWED");
	/* Who may not have it is skipped, and that is said. */
	first[0] = org_of("auditor-a");
	assert_ladder(&a, "lwdb-noord | v-oost,v-west,v-zuid");
	assert_int_equal(why(&a, "auditor-a"), ROUTE_WHY_NO_ROLE);
}

static void
test_never_and_earlier_are_skipped(void **state)
{
	struct org never[1] = { org_of("v-west") };
	struct org earlier[1] = { org_of("lwdb-noord") };
	struct route_ask a = ask("thuiszorg-t", "DST-101");

	(void)state;
	a.never = never;
	a.n_never = 1;
	a.earlier = earlier;
	a.n_earlier = 1;
	assert_ladder(&a, "v-oost,v-zuid");
	assert_int_equal(why(&a, "v-west"), ROUTE_WHY_NEVER);
	assert_int_equal(why(&a, "lwdb-noord"), ROUTE_WHY_EARLIER);
	a.first = never;
	a.n_first = 1;
	assert_ladder(&a, "NOT_ALLOWED");
}

static void
test_a_protected_code_goes_to_one_and_to_nobody_else(void **state)
{
	struct org first[2] = { org_of("zorg-z"), org_of("thuiszorg-t") };
	struct route_ask a = ask("lwdb-noord", "SIG-300");

	(void)state;
	a.basis = "G-VIT";
	a.discussed = KETEN__V1__DISCUSSED__NOT_YET_UNSAFE;
	assert_ladder(&a, "BAD_AREA");
	a.area = "GM0855";
	assert_ladder(&a, "welzijn-w");
	assert_int_equal(l.rungs[0].n, 1);
	assert_string_equal(l.custodian.id, "gemeente-r");
	assert_false(route_inform(p, &a, &l, 0, &first[0]));
	a.first = first;
	a.n_first = 2;
	assert_ladder(&a, "NOT_ALLOWED");
	a.n_first = 0;
	a.code = "SIG-303";
	assert_ladder(&a, "BAD_CODE");
	a.code = "SIG-600";
	assert_ladder(&a, "");
}

static void
test_each_refusal_has_its_own_code(void **state)
{
	struct route_ask a = ask("lwdb-noord", "SIG-999");
	char text[8192];

	(void)state;
	assert_ladder(&a, "BAD_CODE");
	a = ask("niemand", "SIG-101");
	assert_ladder(&a, "UNKNOWN_PARTNER");
	a = ask("auditor-a", "SIG-101");
	assert_ladder(&a, "NOT_ALLOWED");
	a = ask("lwdb-noord", "SIG-101");
	a.area = "GM0363";
	assert_ladder(&a, "BAD_AREA");
	a = ask("lwdb-noord", "SIG-101");
	a.basis = "G-XXX";
	assert_ladder(&a, "NO_BASIS");
	a = ask("lwdb-noord", "SIG-101");
	a.discussed = KETEN__V1__DISCUSSED__OBJECTS;
	assert_ladder(&a, "NO_BASIS");
	a = ask("lwdb-noord", "SIG-101");
	a.now_ms = NOW + INT64_C(400000000000);
	assert_ladder(&a, "NO_COVENANT");
	(void)route_explain(p, &a, &l, ERR_NO_COVENANT, rule, text,
	    sizeof(text));
	assert_non_null(strstr(rule, "is verlopen op 31-12-2034"));
	assert_non_null(strstr(text, rule));
	assert_non_null(strstr(strstr(text, "Niet gevraagd"), "(convenant: "));
	a = ask("lwdb-noord", "SIG-101");
	a.urgency = 0;
	assert_ladder(&a, "MALFORMED");
	a.urgency = 5;
	assert_ladder(&a, "MALFORMED");
}

static void
test_no_route_is_said(void **state)
{
	struct policy *own = demo_policy(
	    "  - {id: R-SIG-701, codes: [SIG-701], rungs: [[welzijn-w]]}\n",
	    "");
	struct route_ask a = ask("lwdb-noord", "SIG-701");

	(void)state;
	assert_int_equal(route_ladder(own, &a, &l, &rule), ERR_NO_ROUTE);
	policy_free(own);
}

static void
test_where_no_candidate_may_have_it_the_regisseur_does(void **state)
{
	struct route_ask a = ask("lwdb-noord", "SIG-101");

	(void)state;
	a.basis = "G-WET"; /* in the covenant with R only */
	assert_ladder(&a, "");
	assert_int_equal(why(&a, "welzijn-w"), ROUTE_WHY_NO_BASIS);
}

static void
test_emergencies_skip_who_is_closed(void **state)
{
	struct route_ask a = ask("lwdb-noord", "SIG-301");

	(void)state;
	a.urgency = KETEN__V1__URGENCY__EMERGENT;
	assert_ladder(&a, "mantelzorg-m | welzijn-w");
	assert_int_equal(l.rungs[0].offer.unit, CAL_CLOCK);
	assert_int_equal(l.rungs[0].offer.n, 30);
	/* At night nobody answers, R neither. */
	a.now_ms = NIGHT;
	assert_ladder(&a, "NOBODY_NOW");
	assert_string_equal(l.call, "013-5550199");
	assert_int_equal(why(&a, "welzijn-w"), ROUTE_WHY_CLOSED);
	/* In the morning the night contact does. */
	a.now_ms = NIGHT + 5 * HOUR;
	assert_ladder(&a, "");
	/* Not urgent: the offer is made at once, its term waits. */
	a.now_ms = NIGHT;
	a.urgency = KETEN__V1__URGENCY__HIGH;
	assert_ladder(&a, "mantelzorg-m | welzijn-w");
	assert_false(l.rungs[0].is_open);
	assert_int_equal(cal_deadline(policy_calendar(p), &l.rungs[0].hours,
	    NIGHT, l.rungs[0].offer),
	    cal_midnight((struct cal_date){ 2026, 4, 20 }) + 12 * HOUR +
		30 * MINUTE);
}

static void
test_the_night_shift_is_asked_at_night(void **state)
{
	struct route_ask a = ask("lwdb-noord", "SIG-204");

	(void)state;
	a.urgency = KETEN__V1__URGENCY__EMERGENT;
	a.now_ms = NIGHT;
	assert_ladder(&a, "thuiszorg-t");
	assert_string_equal(l.route->id, "R-SIG-204-spoed");
	assert_true(l.early);
	assert_int_equal(l.rungs[0].offer.n, 15);
	a.urgency = KETEN__V1__URGENCY__HIGH;
	assert_ladder(&a, "thuiszorg-t");
	assert_string_equal(l.route->id, "R-SIG-200");
	assert_false(l.early);
}

static void
test_a_rung_runs_in_its_own_hours(void **state)
{
	struct route_ask a = ask("thuiszorg-t", "DST-301");
	char text[64];

	(void)state;
	assert_ladder(&a, "v-oost,v-west,v-zuid | lwdb-noord");
	assert_string_equal(hours_text(&l.rungs[0].hours, text,
	    sizeof(text)), "ma-za 09:00-18:00");
	assert_int_equal(l.rungs[0].offer.n, 510);
	assert_string_equal(hours_text(&l.rungs[1].hours, text,
	    sizeof(text)), "ma-vr 08:30-17:00");
	assert_int_equal(l.rungs[1].offer.n, 2 * 510);
}

static void
test_the_narrowest_route_wins(void **state)
{
	struct policy *own = demo_policy("routes:\n",
	    "routes:\n"
	    "  - {id: A, codes: ['*'], rungs: [[zorg-z]], areas: [WK085507]}\n"
	    "  - {id: B, codes: [SIG-100], rungs: [[zorg-z]]}\n"
	    "  - {id: C, codes: [SIG-100], from: ['kind:lwdb'], "
	    "rungs: [[mantelzorg-m]]}\n"
	    "  - {id: D, codes: [SIG-100], from: [lwdb-noord], "
	    "rungs: [[thuiszorg-t]], urgencies: [high]}\n"
	    "  - {id: E, codes: [SIG-101], rungs: [[welzijn-w]]}\n");
	struct route_ask a = ask("lwdb-noord", "SIG-101");
	static const struct {
		const char *from;
		const char *code;
		const char *area;
		unsigned urgency;
		const char *route;
	} asks[] = {
		{ "lwdb-noord", "SIG-101", "WK085501", 2, "C" },
		{ "lwdb-noord", "SIG-101", "WK085501", 3, "D" },
		{ "lwdb-noord", "SIG-101", "WK085507", 3, "A" },
		{ "corporatie-c", "SIG-101", "WK085501", 2, "E" },
		{ "corporatie-c", "SIG-102", "WK085501", 2, "B" },
		{ "corporatie-c", "SIG-203", "WK085501", 2, "R-SIG-200" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		a.from = org_of(asks[i].from);
		a.code = asks[i].code;
		a.area = asks[i].area;
		a.urgency = asks[i].urgency;
		assert_int_equal(route_ladder(own, &a, &l, &rule), ERR_OK);
		assert_string_equal(l.route->id, asks[i].route);
	}
	policy_free(own);
}

static void
test_one_after_another_makes_rungs_of_one(void **state)
{
	struct policy *own = demo_policy(
	    "    rungs: [[v-oost, v-west, v-zuid]]",
	    "    rungs: [{candidates: [v-oost, v-west, v-zuid], "
	    "mode: one-after-another}]");
	struct route_ask a = ask("lwdb-noord", "SIG-702");

	(void)state;
	assert_int_equal(route_ladder(own, &a, &l, &rule), ERR_OK);
	assert_int_equal(l.n_rungs, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(l.rungs[i].n, 1);
		assert_int_equal(l.rungs[i].no, i + 1);
	}
	assert_string_equal(l.rungs[2].candidates[0].id, "v-zuid");
	/* Numbers stay when somebody falls out. */
	a = ask("v-west", "SIG-702");
	assert_int_equal(route_ladder(own, &a, &l, &rule), ERR_OK);
	assert_int_equal(l.n_rungs, 2);
	assert_int_equal(l.rungs[1].no, 3);
	assert_int_equal(l.skips[0].rung, 2);
	policy_free(own);
}

static void
test_networks_and_kinds_are_everybody_in_them(void **state)
{
	struct policy *own = demo_policy(
	    "    rungs: [[v-oost, v-west, v-zuid]]",
	    "    rungs: [['network:vrijwilligers-v']]");
	struct policy *kind = demo_policy(
	    "    rungs: [[v-oost, v-west, v-zuid]]",
	    "    rungs: [['kind:vrijwilligers']]");
	struct route_ask a = ask("v-west", "SIG-702");

	(void)state;
	assert_int_equal(route_ladder(own, &a, &l, &rule), ERR_OK);
	assert_int_equal(l.n_rungs, 1);
	assert_int_equal(l.rungs[0].n, 2);
	assert_string_equal(l.rungs[0].candidates[1].id, "v-zuid");
	assert_int_equal(route_ladder(kind, &a, &l, &rule), ERR_OK);
	assert_int_equal(l.rungs[0].n, 2);
	policy_free(own);
	policy_free(kind);
}

static size_t
count_lines(const char *text, const char *start)
{
	size_t n = 0;

	for (; *text != '\0'; text = strchr(text, '\n') + 1)
		n += strncmp(text, start, strlen(start)) == 0;
	return (n);
}

/* Into less room than it needs go whole lines, and how many are missing. */
static void
test_what_does_not_fit_is_said(const struct route_ask *a, enum err err,
    const char *whole)
{
	char text[4096];
	size_t all = count_lines(whole, "- ");

	assert_true(strlen(whole) > ROUTE_EXPLAIN_LEAST);
	for (size_t cap = ROUTE_EXPLAIN_LEAST; cap < strlen(whole) + 200;
	     cap++) {
		size_t len = route_explain(p, a, &l, err, rule, text, cap);
		const char *tail = strstr(text, "\n- en nog ");

		assert_int_equal(len, strlen(text));
		assert_true(len < cap && text[len - 1] == '\n');
		if (tail == NULL)
			assert_string_equal(text, whole);
		else
			assert_int_equal(count_lines(text, "- ") - 1 +
			    strtoul(tail + 10, NULL, 10), all);
	}
}

static void
test_it_is_explained_in_dutch(void **state)
{
	struct route_ask a = ask("thuiszorg-t", "DST-101");
	char text[4096], cut[64];
	enum err err = route_ladder(p, &a, &l, &rule);

	(void)state;
	assert_true(route_explain(p, &a, &l, err, rule, text, sizeof(text)) ==
	    strlen(text));
	assert_non_null(strstr(text, "DST-101 boodschappen in WK085501, "
				     "gewoon, van Thuiszorg T.\n"));
	assert_non_null(strstr(text, "1. Sport 1: LWDB Noord (lwdb-noord, "
				     "convenant COV-07, ook clinical). "
				     "Termijn 2 werkdagen"));
	assert_non_null(strstr(text, "van nu af tot do 16-04-2026 10:00"));
	assert_non_null(strstr(text, "Daarna: Gemeente Voorbeeldstad "
				     "(gemeente-r), als regisseur.\n"));
	assert_non_null(strstr(text, "- Welzijn W (welzijn-w): staat niet op "
				     "de ladder"));
	(void)route_explain(p, &a, &l, err, rule, cut, sizeof(cut));
	assert_int_equal(strlen(cut), sizeof(cut) - 1);

	test_what_does_not_fit_is_said(&a, err, text);
	a.code = "SIG-302";
	err = route_ladder(p, &a, &l, &rule);
	(void)route_explain(p, &a, &l, err, rule, text, sizeof(text));
	assert_non_null(strstr(text, "Geweigerd: "));
	assert_non_null(strstr(text, "alleen de groep"));
}

static void
test_the_same_question_gives_the_same_ladder(void **state)
{
	struct route_ask a = ask("thuiszorg-t", "DST-201");
	static struct ladder again;

	(void)state;
	assert_int_equal(route_ladder(p, &a, &l, &rule), ERR_OK);
	assert_int_equal(route_ladder(p, &a, &again, &rule), ERR_OK);
	assert_memory_equal(&l, &again, offsetof(struct ladder, rungs));
	for (size_t i = 0; i < l.n_rungs; i++) {
		const struct route_rung *was = &l.rungs[i];
		const struct route_rung *is = &again.rungs[i];

		assert_int_equal(was->no, is->no);
		assert_int_equal(was->n, is->n);
		assert_memory_equal(was->candidates, is->candidates,
		    was->n * sizeof(was->candidates[0]));
		assert_memory_equal(was->unreachable_ms, is->unreachable_ms,
		    was->n * sizeof(was->unreachable_ms[0]));
		assert_memory_equal(&was->hours, &is->hours, sizeof(was->hours));
		assert_int_equal(was->offer.unit, is->offer.unit);
		assert_int_equal(was->offer.n, is->offer.n);
		assert_int_equal(was->is_open, is->is_open);
	}
	assert_memory_equal(l.skips, again.skips,
	    l.n_skips * sizeof(l.skips[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_rungs_are_those_of_the_design),
		cmocka_unit_test(test_every_code_of_the_demo_has_a_route),
		cmocka_unit_test(test_volunteers_follow_after_the_lwdb),
		cmocka_unit_test(test_the_originator_is_never_a_candidate),
		cmocka_unit_test(
		    test_first_comes_before_the_ladder_and_only_once),
		cmocka_unit_test(test_never_and_earlier_are_skipped),
		cmocka_unit_test(
		    test_a_protected_code_goes_to_one_and_to_nobody_else),
		cmocka_unit_test(test_each_refusal_has_its_own_code),
		cmocka_unit_test(test_no_route_is_said),
		cmocka_unit_test(
		    test_where_no_candidate_may_have_it_the_regisseur_does),
		cmocka_unit_test(test_emergencies_skip_who_is_closed),
		cmocka_unit_test(test_the_night_shift_is_asked_at_night),
		cmocka_unit_test(test_a_rung_runs_in_its_own_hours),
		cmocka_unit_test(test_the_narrowest_route_wins),
		cmocka_unit_test(test_one_after_another_makes_rungs_of_one),
		cmocka_unit_test(
		    test_networks_and_kinds_are_everybody_in_them),
		cmocka_unit_test(test_it_is_explained_in_dutch),
		cmocka_unit_test(test_the_same_question_gives_the_same_ladder),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
