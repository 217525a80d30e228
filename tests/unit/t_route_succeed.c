/*
 * Who took the place of a partner that has ended has it everywhere on a
 * ladder: asked first, not to be asked, for information.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"
#include "policy/route.h"

static const char lwdb[] = "lwdb-noord", wel[] = "welzijn-w",
		  home[] = "thuiszorg-t", care[] = "zorg-z",
		  carers[] = "mantelzorg-m";

/* The carers end; home care takes over what is about signals, residential care
 * the rest. */
#define CARERS "    phone: 013-5550105\n"
#define ENDS CARERS "    ended: 2026-09-01\n    successors:\n" \
	"      - {partner: thuiszorg-t, codes: [SIG]}\n" \
	"      - {partner: zorg-z}\n"
#define R501 "{id: R-SIG-501, codes: [SIG-501], rungs"
#define INFORMS "{id: R-SIG-501, codes: [SIG-501], inform: [mantelzorg-m, " \
	"welzijn-w], rungs"

static const char *const law[][2] = { { CARERS, ENDS }, { R501, INFORMS } };

static struct ladder l;
static struct org first[1], never[1];

static struct route_ask
ask(const char *code, const char *day)
{
	return ((struct route_ask){ .from = org_of(lwdb), .code = code,
		.area = "WK085501", .urgency = KETEN__V1__URGENCY__NORMAL,
		.basis = "G-TOE", .discussed = KETEN__V1__DISCUSSED__AGREES,
		.first = first, .never = never, .now_ms = bed_time(day) });
}

#define BEFORE "2026-08-31 10:00"
#define AFTER "2026-09-02 10:00"

static void
make(const struct policy *p, const struct route_ask *a)
{
	const char *rule;

	assert_int_equal(route_ladder(p, a, &l, &rule), ERR_OK);
}

static void
assert_rung(size_t i, uint32_t no, const char *who)
{
	assert_true(i < l.n_rungs);
	assert_int_equal(l.rungs[i].no, no);
	assert_int_equal(l.rungs[i].n, 1);
	assert_string_equal(l.rungs[i].candidates[0].id, who);
}

static void
test_who_is_named_first_is_followed(void **state)
{
	struct policy *p = bed_policy(law, 2);
	struct route_ask a = ask("SIG-101", BEFORE);

	(void)state;
	first[0] = org_of(carers);
	a.n_first = 1;
	make(p, &a);
	assert_rung(0, 0, carers);
	assert_rung(1, 1, wel);
	a = ask("SIG-101", AFTER);
	a.n_first = 1;
	make(p, &a);
	assert_rung(0, 0, home);
	assert_int_equal(route_why_not(p, &a, &l, &first[0]), ROUTE_WHY_ENDED);
	/* Another code, another successor. */
	a = ask("DST-403", AFTER);
	a.n_first = 1;
	make(p, &a);
	assert_rung(0, 0, care);
	policy_free(p);
}

static void
test_who_is_never_to_be_asked_is_followed(void **state)
{
	struct policy *p = bed_policy(law, 2);
	struct route_ask a = ask("SIG-203", BEFORE);
	struct org next = org_of(home);

	(void)state;
	never[0] = org_of(carers);
	a.n_never = 1;
	make(p, &a);
	assert_rung(0, 1, home);
	a = ask("SIG-203", AFTER);
	a.n_never = 1;
	make(p, &a);
	assert_int_equal(l.n_rungs, 0);
	assert_int_equal(route_why_not(p, &a, &l, &next), ROUTE_WHY_NEVER);
	policy_free(p);
}

static const char *
informed(const struct policy *p, const struct route_ask *a, size_t i)
{
	static struct org who;

	return (route_inform(p, a, &l, i, &who) ? who.id : "-");
}

static void
test_who_is_informed_is_followed_and_explain_says_so(void **state)
{
	const char *const nobody[][2] = { { CARERS,
	    CARERS "    ended: 2026-09-01\n" }, { R501, INFORMS },
	    { "rungs: [[mantelzorg-m], [welzijn-w]]", "rungs: [[welzijn-w]]" } };
	struct policy *p = bed_policy(law, 2);
	struct route_ask a = ask("SIG-501", BEFORE);
	char text[4096];

	(void)state;
	make(p, &a);
	assert_string_equal(informed(p, &a, 0), carers);
	a = ask("SIG-501", AFTER);
	make(p, &a);
	assert_string_equal(informed(p, &a, 0), home);
	assert_string_equal(informed(p, &a, 1), wel);
	assert_string_equal(informed(p, &a, 2), "-");
	(void)route_explain(p, &a, &l, ERR_OK, NULL, text, sizeof(text));
	assert_non_null(strstr(text, "Ter kennisgeving aan Thuiszorg T, in "
	    "plaats van Mantelzorgsteunpunt M."));
	assert_non_null(strstr(text, "Ter kennisgeving aan Welzijn W.\n"));
	policy_free(p);

	/* Nobody comes after it: then it is told to nobody. */
	p = bed_policy(nobody, 3);
	make(p, &a);
	assert_string_equal(informed(p, &a, 0), "");
	assert_string_equal(informed(p, &a, 1), wel);
	(void)route_explain(p, &a, &l, ERR_OK, NULL, text, sizeof(text));
	assert_non_null(strstr(text, "Ter kennisgeving aan niemand: "));
	policy_free(p);
}

static void
test_the_broker_informs_the_successor(void **state)
{
	struct world *w = bed_world(law, 2);
	struct bed_new s = { .who = lwdb, .code = "SIG-501" };
	struct refid id = bed_new(w, s);

	(void)state;
	assert_int_equal(bed_told(w, carers, id)->role,
	    KETEN__V1__DELIVERY_ROLE__INFORMED);
	assert_null(bed_told(w, home, id));
	world_tick(w, bed_time(AFTER));
	id = bed_new(w, s);
	assert_int_equal(bed_told(w, home, id)->role,
	    KETEN__V1__DELIVERY_ROLE__INFORMED);
	assert_null(bed_told(w, carers, id));
	assert_non_null(bed_told(w, wel, id));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_named_first_is_followed),
		cmocka_unit_test(test_who_is_never_to_be_asked_is_followed),
		cmocka_unit_test(
		    test_who_is_informed_is_followed_and_explain_says_so),
		cmocka_unit_test(test_the_broker_informs_the_successor),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
