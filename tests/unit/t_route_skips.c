/*
 * Ladders: who is passed over, for a time or for good.
 */
#include "route_bench.h"

static int64_t
away(void *cookie, const struct org *who)
{
	struct org t = org_of("thuiszorg-t");

	*(int *)cookie += 1;
	return (org_eq(who, &t) ? NOW - HOUR : 0);
}

static void
test_who_is_unreachable_is_shown_and_asked_all_the_same(void **state)
{
	struct route_ask a = ask("lwdb-noord", "SIG-203");
	char text[4096];
	int asked = 0;

	(void)state;
	a.unreachable = away;
	a.cookie = &asked;
	assert_ladder(&a, "thuiszorg-t");
	assert_int_equal(l.rungs[0].unreachable_ms[0], NOW - HOUR);
	assert_int_equal(asked, 1);
	(void)route_explain(p, &a, &l, ERR_OK, NULL, text, sizeof(text));
	assert_non_null(strstr(text,
	    "niet bereikbaar sinds di 14-04-2026 09:00"));
}

static int64_t
checked(void *cookie, const struct org *who, const char *code)
{
	(void)cookie;
	if (strcmp(who->id, "v-west") == 0 && strcmp(code, "SIG-702") == 0)
		return (NOW - 366 * 24 * HOUR);
	return (strcmp(who->id, "v-zuid") == 0 ? NOW - 24 * HOUR : 0);
}

static int64_t
long_away(void *cookie, const struct org *who)
{
	(void)cookie;
	return (strcmp(who->id, "v-oost") == 0 ? NOW - 29 * 24 * HOUR : 0);
}

static void
test_who_is_away_or_out_of_date_too_long_is_skipped(void **state)
{
	struct route_ask a = ask("lwdb-noord", "SIG-702");
	struct policy *own, *demo = p;
	char text[8192];

	(void)state;
	assert_ladder(&a, "v-oost,v-west,v-zuid");
	a.checked = checked;
	assert_ladder(&a, "v-oost,v-zuid");
	assert_int_equal(why(&a, "v-west"), ROUTE_WHY_OUT_OF_DATE);
	a.unreachable = long_away;
	assert_ladder(&a, "v-zuid");
	assert_int_equal(why(&a, "v-oost"), ROUTE_WHY_UNREACHABLE);
	(void)route_explain(p, &a, &l, ERR_OK, NULL, text, sizeof(text));
	assert_non_null(strstr(text, "(v-oost): is al te lang niet bereikbaar "
				     "(sinds ma 16-03-2026 09:00)"));
	assert_non_null(strstr(text, "nagekeken (sinds zo 13-04-2025 10:00)"));

	/* A day less long, and nobody minds. */
	a.now_ms -= 48 * HOUR;
	assert_ladder(&a, "v-oost,v-west,v-zuid");

	/* A route may be more patient, or less. */
	own = demo_policy("codes: [SIG-702]\n    rungs",
	    "codes: [SIG-702]\n    skip: {unreachable: 20 d}\n    rungs");
	p = own;
	assert_ladder(&a, "v-west,v-zuid");
	p = demo;
	policy_free(own);
}

static void
test_a_named_partner_is_checked_like_a_candidate(void **state)
{
	static const struct {
		const char *to;
		const char *code;
		const char *basis;
		enum err err;
		enum route_why why;
	} asks[] = {
		{ "zorg-z", "SIG-206", "G-TOE", ERR_OK, ROUTE_WHY_NONE },
		{ "niemand", "SIG-206", "G-TOE", ERR_UNKNOWN_PARTNER,
		    ROUTE_WHY_UNKNOWN },
		{ "auditor-a", "SIG-206", "G-TOE", ERR_NOT_ALLOWED,
		    ROUTE_WHY_NO_ROLE },
		{ "lwdb-noord", "SIG-206", "G-TOE", ERR_NO_COVENANT,
		    ROUTE_WHY_NO_COVENANT },
		{ "zorg-z", "SIG-206", "G-OVK", ERR_NO_BASIS,
		    ROUTE_WHY_NO_BASIS },
		{ "zorg-z", "SIG-302", "G-TOE", ERR_BAD_CODE, ROUTE_WHY_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct route_ask a = ask("thuiszorg-t", asks[i].code);
		struct org to = org_of(asks[i].to);
		enum route_why w = ROUTE_WHY_NONE;

		a.basis = asks[i].basis;
		assert_int_equal(route_check_one(p, &a, &to, &w, &rule),
		    asks[i].err);
		assert_int_equal(w, asks[i].why);
	}
}

static void
test_somebody_who_stopped_is_not_asked(void **state)
{
	struct policy *own = demo_policy("    kind: mantelzorg\n",
	    "    kind: mantelzorg\n    ended: 2027-01-01\n");
	struct route_ask a = ask("lwdb-noord", "SIG-301");

	(void)state;
	assert_int_equal(route_ladder(own, &a, &l, &rule), ERR_OK);
	assert_int_equal(l.n_rungs, 2);
	a.now_ms = cal_midnight((struct cal_date){ 2027, 1, 1 });
	assert_int_equal(route_ladder(own, &a, &l, &rule), ERR_OK);
	assert_int_equal(l.n_rungs, 1);
	assert_int_equal(why(&a, "mantelzorg-m"), ROUTE_WHY_ENDED);
	policy_free(own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_who_is_unreachable_is_shown_and_asked_all_the_same),
		cmocka_unit_test(
		    test_who_is_away_or_out_of_date_too_long_is_skipped),
		cmocka_unit_test(
		    test_a_named_partner_is_checked_like_a_candidate),
		cmocka_unit_test(test_somebody_who_stopped_is_not_asked),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
