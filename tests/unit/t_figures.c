/*
 * Figures: what is published of counts, and an attack on it that tries every
 * combination of counts there can be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/figures.h"
#include "core/period.h"
#include "core/sheet.h"
#include "demo_policy.h"
#include "trust/digest.h"
#include "wire/pb.h"

#define FAMILY(name) KETEN__V1__REPORT_FAMILY__REPORT_##name
#define ARENA ((size_t)4 << 20)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct policy *policy;
static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	policy = demo_policy(NULL, NULL);
	arena = arena_new(ARENA);
	return (arena == NULL ? -1 : 0);
}

static int
end(void **state)
{
	(void)state;
	policy_free(policy);
	arena_free(arena);
	return (0);
}

static void
add(struct figures *f, const char *area, const char *group,
    Keten__V1__ReportFamily family, const char *key, unsigned times)
{
	const struct figures_at at = { area, group };

	for (unsigned i = 0; i < times; i++)
		assert_int_equal(figures_add(f, &at, family, key, 1), ERR_OK);
}

static void
done(struct figures *f, const char *key, unsigned times, uint32_t hours)
{
	const struct figures_at at = { "WK085501", "SIG-100" };

	add(f, at.area, at.group, FAMILY(OUTCOME), key, times);
	for (unsigned i = 0; i < times && strcmp(key, FIGURES_KNOWN) != 0;
	     i++)
		assert_int_equal(figures_lead(f, &at, hours, hours + 1),
		    ERR_OK);
}

/* Publish ${f}, which is used up. */
static Keten__V1__ReportFacts *
published(struct figures *f)
{
	Keten__V1__ReportFacts *r = NULL;

	assert_int_equal(figures_publish(f, policy, arena, &r), ERR_OK);
	figures_free(f);
	return (r);
}

/* What it says of that; 0 if nothing. */
static uint32_t
says(const Keten__V1__ReportFacts *r, Keten__V1__ReportFamily family,
    const char *key)
{
	uint32_t n = 0;

	for (size_t i = 0; i < r->n_cells; i++)
		if (r->cells[i]->family == family &&
		    strcmp(r->cells[i]->key, key) == 0)
			n += r->cells[i]->n;
	return (n);
}

/* --- rounding ------------------------------------------------------------- */

static void
test_every_count_is_rounded_to_five_and_nothing_is_said_of_zero(void **state)
{
	static const struct {
		unsigned is;
		uint32_t said;
	} rows[] = { { 1, 0 }, { 2, 0 }, { 3, 5 }, { 4, 5 }, { 5, 5 },
		{ 7, 5 }, { 8, 10 }, { 12, 10 }, { 13, 15 }, { 1002, 1000 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct figures *f = figures_new();
		Keten__V1__ReportFacts *r;

		arena_reset(arena);
		add(f, "WK085501", "SIG-100", FAMILY(DECLINED), "AFW-01",
		    rows[i].is);
		r = published(f);
		assert_int_equal(r->n_cells, rows[i].said == 0 ? 0 : 1);
		assert_int_equal(says(r, FAMILY(DECLINED), "AFW-01"),
		    rows[i].said);
		assert_true(rows[i].said == 0 ||
		    figures_at_least(rows[i].said) <= rows[i].is);
	}
}

static void
test_nothing_is_told_of_less_than_a_district(void **state)
{
	struct figures *f = figures_new();
	Keten__V1__ReportFacts *r;

	(void)state;
	arena_reset(arena);
	add(f, "BU08550101", "SIG-100", FAMILY(FAILED), "RED-01", 2);
	add(f, "BU08550102", "SIG-100", FAMILY(FAILED), "RED-01", 2);
	r = published(f);
	assert_int_equal(r->n_cells, 1);
	assert_string_equal(r->cells[0]->area, "WK085501");
	assert_int_equal(r->cells[0]->n, 5);
	assert_int_equal(r->n_words, 3);
	assert_string_equal(r->words[0]->code, "RED-01");
	assert_true(r->words[0]->gap);
	assert_string_equal(r->words[1]->code, "SIG-100");
	assert_true(r->words[1]->label[0] != '\0');
}

static void
test_units_of_fewer_than_five_are_not_told(void **state)
{
	const struct figures_at at = { "WK085501", "DST-100" };
	struct figures *f = figures_new();

	(void)state;
	arena_reset(arena);
	for (int i = 0; i < 4; i++)
		assert_int_equal(figures_add(f, &at, FAMILY(UNITS), "wmo",
		    50), ERR_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(figures_add(f, &at, FAMILY(UNITS), "zvw",
		    3), ERR_OK);
	assert_int_equal(published(f)->n_cells, 1);
}

static void
test_lead_times_are_told_where_what_is_told_proves_five(void **state)
{
	static const struct {
		unsigned helped, partly, known;
		bool told;
	} rows[] = { { 5, 0, 0, false }, { 7, 0, 0, false },
		{ 8, 0, 0, true }, { 3, 3, 0, true }, { 2, 2, 2, false },
		{ 0, 0, 50, false }, { 7, 2, 50, false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct figures *f = figures_new();
		Keten__V1__ReportFacts *r;

		arena_reset(arena);
		done(f, "UIT-01", rows[i].helped, 4);
		done(f, "UIT-02", rows[i].partly, 6);
		done(f, FIGURES_KNOWN, rows[i].known, 0);
		r = published(f);
		assert_true((says(r, FAMILY(TAKEN_MEDIAN), "") != 0) ==
		    rows[i].told);
		assert_true((says(r, FAMILY(DONE_P90), "") != 0) ==
		    rows[i].told);
	}
}

static void
test_median_and_ninetieth_percentile_are_of_the_sorted_hours(void **state)
{
	static const uint32_t hours[] = { 40, 3, 7, 7, 1, 100, 12, 5, 9, 2 };
	const struct figures_at at = { "WK085501", "SIG-100" };
	struct figures *f = figures_new();
	Keten__V1__ReportFacts *r;

	(void)state;
	arena_reset(arena);
	for (size_t i = 0; i < COUNT(hours); i++) {
		add(f, at.area, at.group, FAMILY(OUTCOME), "UIT-01", 1);
		assert_int_equal(figures_lead(f, &at, hours[i], 2 * hours[i]),
		    ERR_OK);
	}
	r = published(f); /* 1 2 3 5 7 7 9 12 40 100 */
	assert_int_equal(says(r, FAMILY(TAKEN_MEDIAN), ""), 7);
	assert_int_equal(says(r, FAMILY(TAKEN_P90), ""), 40);
	assert_int_equal(says(r, FAMILY(DONE_MEDIAN), ""), 14);
	assert_int_equal(says(r, FAMILY(DONE_P90), ""), 80);
}

/* --- sheets --------------------------------------------------------------------- */

static char *
sheet(enum sheet_what what, enum sheet_format format, const char *period,
    const Keten__V1__ReportFacts *const *months, const char *who)
{
	struct period p;
	const struct sheet_ask ask = { .what = what, .format = format,
		.period = &p, .origin = "test", .months = months,
		.who = org_of(who), .policy = policy };
	char *text = NULL;
	size_t len = 0;

	assert_true(period_parse(period, &p));
	assert_int_equal(sheet_write(&ask, &text, &len), ERR_OK);
	assert_int_equal(strlen(text), len);
	return (text);
}

static void
has(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("no %s in:\n%s", what, text);
}

static void
test_a_quarter_and_the_totals_are_sums_of_what_was_told(void **state)
{
	const Keten__V1__ReportFacts *months[3];
	char *text;

	(void)state;
	arena_reset(arena);
	for (unsigned i = 0; i < 3; i++) { /* 3 and 2: told as 5 and 0 */
		struct figures *f = figures_new();
		Keten__V1__ReportFacts *r;

		add(f, "WK085501", "SIG-100", FAMILY(DECLINED), "AFW-01", 3);
		add(f, "WK085502", "SIG-100", FAMILY(DECLINED), "AFW-01", 4);
		add(f, "WK085503", "SIG-100", FAMILY(DECLINED), "AFW-01", 2);
		add(f, "WK085501", "SIG-100", FAMILY(ACCEPTED), "welzijn-w",
		    15);
		add(f, "WK085501", "SIG-100", FAMILY(PASSED), "welzijn-w", 5);
		r = published(f);
		r->period = pb_string(i == 0 ? "2026-10" : i == 1 ?
		    "2026-11" : "2026-12");
		months[i] = r;
	}
	text = sheet(SHEET_FIGURES, SHEET_JSON, "2026-Q4", months, NULL);
	has(text, "\"area\":\"WK085501\",\"group\":\"SIG-100\",\"figure\":"
		  "\"declined\",\"key\":\"AFW-01\",\"n\":15}");
	assert_null(strstr(text, "WK085503"));
	free(text);
	text = sheet(SHEET_FIGURES, SHEET_TEXT, "2026-Q4", months, NULL);
	has(text, "30  AFW-01");
	has(text, "75%  welzijn-w");
	has(text, "Niet geteld");
	free(text);
	text = sheet(SHEET_GAPS, SHEET_CSV, "2026-Q4", months, NULL);
	has(text, "\xef\xbb\xbf\"periode\";");
	has(text, "\"AFW-01\";\"geen capaciteit\";\"15\"\r\n");
	assert_null(strstr(text, "aangenomen"));
	free(text);
}

static void
test_what_was_known_already_stands_apart_from_the_outcomes(void **state)
{
	struct figures *f = figures_new();
	const Keten__V1__ReportFacts *month;
	Keten__V1__ReportFacts *r;
	const char *apart;
	char *text;

	(void)state;
	arena_reset(arena);
	done(f, "UIT-01", 10, 4);
	done(f, FIGURES_KNOWN, 5, 0);
	done(f, "UIT-10", 5, 4);
	r = published(f);
	r->period = pb_string("2026-10");
	month = r;
	text = sheet(SHEET_FIGURES, SHEET_TEXT, "2026-10", &month, NULL);
	has(text, "  afgerond, naar uitkomst\n"
		  "          10  UIT-01  geholpen\n"
		  "           5  UIT-10  dubbel\n");
	apart = strstr(text, "  apart: bleek al bekend bij hulp\n"
			     "           5  UIT-09");
	assert_non_null(apart);
	free(text);
}

/* One more row: zorg-z oversees something, and places nothing. */
static const char row_of_zorg[] = "feestdagen]\n"
    "  - {partner: zorg-z, areas: [WK085502], groups: [SIG-200],\n"
    "     duties: [oversight], contact: inzicht}\n";

static void
test_a_regisseur_sees_its_own_areas_and_groups_and_the_same_numbers(
    void **state)
{
	struct policy *mine = policy, *d = demo_policy("feestdagen]\n",
	    row_of_zorg);
	struct figures *f = figures_new();
	const Keten__V1__ReportFacts *month;
	Keten__V1__ReportFacts *r;
	char *text;

	(void)state;
	arena_reset(arena);
	add(f, "WK085501", "SIG-200", FAMILY(DECLINED), "AFW-01", 20);
	add(f, "WK085502", "SIG-200", FAMILY(DECLINED), "AFW-01", 4);
	add(f, "WK085502", "SIG-100", FAMILY(DECLINED), "AFW-01", 30);
	add(f, "GM0855", "SIG-300", FAMILY(DECLINED), "AFW-01", 40);
	r = published(f);
	r->period = pb_string("2026-10");
	month = r;
	policy = d;
	text = sheet(SHEET_FIGURES, SHEET_JSON, "2026-10", &month, "zorg-z");
	has(text, "\"area\":\"WK085502\",\"group\":\"SIG-200\",\"figure\":"
		  "\"declined\",\"key\":\"AFW-01\",\"n\":5}");
	assert_null(strstr(text, "SIG-100"));
	assert_null(strstr(text, "SIG-300"));
	assert_null(strstr(text, "WK085501"));
	free(text);
	/* Its totals are of what it sees. */
	text = sheet(SHEET_GAPS, SHEET_TEXT, "2026-10", &month, "zorg-z");
	has(text, "       5  AFW-01");
	free(text);
	text = sheet(SHEET_FIGURES, SHEET_JSON, "2026-10", &month,
	    "welzijn-w");
	assert_null(strstr(text, "\"n\":"));
	free(text);
	policy = mine;
	policy_free(d);
}

/* --- the attack -------------------------------------------------------------------- */

/*
 * Worlds: each says how often six things happened, in two months.  Somebody who
 * gets every report there is of them, and can compute without end, knows of
 * the true world that it is one of those that give the same bytes.  So: go
 * through all of them, and see whether in every set of worlds that look alike
 * a count of 1 to 4 could also have been another one.
 */
#define THINGS 6
#define MOST 5 /* each happened 0 to so many times */

static const struct thing {
	unsigned month;
	const char *area;
	Keten__V1__ReportFamily family;
	const char *key;
	uint32_t hours; /* an outcome: how long it took */
	unsigned often; /* besides, so that rounding turns at other places */
} things[THINGS] = {
	{ 0, "WK085501", FAMILY(DECLINED), "AFW-01", 0, 0 },
	{ 0, "WK085501", FAMILY(DECLINED), "AFW-02", 0, 0 },
	{ 0, "WK085501", FAMILY(PASSED), "welzijn-w", 0, 0 },
	{ 0, "WK085501", FAMILY(OUTCOME), "UIT-01", 3, 3 },
	{ 0, "WK085501", FAMILY(OUTCOME), "UIT-02", 50, 0 },
	{ 1, "WK085501", FAMILY(DECLINED), "AFW-01", 0, 0 },
};

struct world {
	uint8_t seen[32]; /* digest of all the reports */
	uint8_t n[THINGS];
};

static void
put(struct figures *f, const struct thing *t, unsigned n)
{
	const struct figures_at at = { t->area, "SIG-100" };

	add(f, at.area, at.group, t->family, t->key, n);
	for (unsigned i = 0; t->hours != 0 && i < n; i++)
		assert_int_equal(figures_lead(f, &at, t->hours, t->hours),
		    ERR_OK);
}

/* Everything anybody can ask for about ${n}. */
static void
look(const uint8_t n[THINGS], uint8_t seen[32])
{
	static const char *const periods[] = { "2026-10", "2026-11",
		"2026-Q4" };
	static const char *const names[] = { "2026-10", "2026-11",
		"2026-12" };
	const Keten__V1__ReportFacts *months[3];
	struct figures *f[3];
	struct digest d;

	arena_reset(arena);
	for (size_t i = 0; i < 3; i++)
		f[i] = figures_new();
	for (size_t i = 0; i < THINGS; i++)
		put(f[things[i].month], &things[i],
		    n[i] + things[i].often);
	for (size_t i = 0; i < 3; i++) {
		Keten__V1__ReportFacts *r = published(f[i]);

		r->period = pb_string(names[i]);
		months[i] = r;
	}
	digest_init(&d);
	for (size_t i = 0; i < 6; i++) {
		/* Text has all that the others have, and totals. */
		char *text = sheet(i % 2 == 0 ? SHEET_FIGURES : SHEET_GAPS,
		    SHEET_TEXT, periods[i / 2],
		    &months[i / 2 == 2 ? 0 : i / 2],
		    i < 2 ? "gemeente-r" : NULL);

		digest_add(&d, text, strlen(text) + 1);
		free(text);
	}
	digest_fini(&d, seen);
}

static int
by_seen(const void *a, const void *b)
{
	return (memcmp(((const struct world *)a)->seen,
	    ((const struct world *)b)->seen, 32));
}

/* Is thing ${i} the same in all ${n} of these, and a small number? */
static bool
is_pinned(const struct world *w, size_t n, size_t i)
{
	for (size_t k = 1; k < n; k++)
		if (w[k].n[i] != w[0].n[i])
			return (false);
	return (w[0].n[i] + things[i].often >= 1 &&
	    w[0].n[i] + things[i].often <= 4);
}

/* How many small counts the reports of all these worlds give away. */
static size_t
count_pinned(struct world *w, size_t n)
{
	size_t pinned = 0, to;

	qsort(w, n, sizeof(*w), by_seen);
	for (size_t from = 0; from < n; from = to) {
		for (to = from + 1; to < n && by_seen(&w[from], &w[to]) == 0;
		     to++)
			continue;
		for (size_t i = 0; i < THINGS; i++)
			pinned += is_pinned(&w[from], to - from, i);
	}
	return (pinned);
}

static size_t
all_worlds(struct world **out)
{
	size_t n = 1;
	struct world *w;

	for (size_t i = 0; i < THINGS; i++)
		n *= MOST + 1;
	assert_non_null(w = calloc(n, sizeof(*w)));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0, rest = i; k < THINGS; k++) {
			w[i].n[k] = (uint8_t)(rest % (MOST + 1));
			rest /= MOST + 1;
		}
	*out = w;
	return (n);
}

static void
test_all_reports_together_give_no_small_count_away(void **state)
{
	struct world *w;
	size_t n = all_worlds(&w);

	(void)state;
	for (size_t i = 0; i < n; i++)
		look(w[i].n, w[i].seen);
	assert_int_equal(count_pinned(w, n), 0);
	free(w);
}

/*
 * The same attack on reports as one would naively make them: a rounded total
 * beside its rounded parts, and exact quarters.  It must succeed, or it proves
 * nothing about ours.
 */
static void
look_naively(const uint8_t n[THINGS], uint8_t seen[32])
{
	uint32_t out[THINGS + 2] = { 0 };

	for (size_t i = 0; i < THINGS; i++) {
		out[i] = figures_round(n[i]);
		out[THINGS] += n[i];
		if (things[i].month == 0)
			out[THINGS + 1] += n[i];
	}
	out[THINGS] = figures_round(out[THINGS]);
	out[THINGS + 1] = figures_round(out[THINGS + 1]);
	digest_of(out, sizeof(out), seen);
}

static void
test_the_same_attack_breaks_totals_that_are_rounded_by_themselves(void **state)
{
	struct world *w;
	size_t n = all_worlds(&w);

	(void)state;
	for (size_t i = 0; i < n; i++)
		look_naively(w[i].n, w[i].seen);
	assert_true(count_pinned(w, n) > 0);
	free(w);
}

/* --- subtracting ---------------------------------------------------------------------- */

/*
 * A larger network: every number of every report, over every pair of them, of
 * which one is inside the other.  What is left when they are subtracted has to
 * be what was published of the rest, to the last digit.
 */
#define AREAS 2
#define GROUPS 3
#define KEYS 2
#define MONTHS 3
#define CELLS (AREAS * GROUPS * KEYS * MONTHS)

struct number {
	bool has[CELLS]; /* which cells it is the sum of */
	uint32_t n;
};

static const char *const areas[AREAS] = { "WK085501", "WK085502" };
static const char *const groups[GROUPS] = { "DST-100", "SIG-100",
	"SIG-200" };
static const char *const keys[KEYS] = { "AFW-01", "AFW-02" };

static void
publish_random(unsigned true_n[CELLS], uint32_t told[CELLS],
    const Keten__V1__ReportFacts *months[MONTHS])
{
	size_t cell = 0;

	for (size_t m = 0; m < MONTHS; m++) {
		struct figures *f = figures_new();
		Keten__V1__ReportFacts *r;

		for (size_t i = 0; i < CELLS / MONTHS; i++, cell++) {
			true_n[cell] = (unsigned)rand() % 9;
			add(f, areas[i % AREAS], groups[i / AREAS % GROUPS],
			    FAMILY(DECLINED), keys[i / AREAS / GROUPS],
			    true_n[cell]);
			told[cell] = figures_round(true_n[cell]);
		}
		r = published(f);
		r->period = pb_string(m == 0 ? "2026-10" : m == 1 ?
		    "2026-11" : "2026-12");
		months[m] = r;
	}
}

/* The number that the reports ${text} (JSON) give for an area, group and key,
 * each of which may be NULL: all. */
static uint32_t
read_number(const char *text, const char *area, const char *group,
    const char *key)
{
	char a[32] = "", g[32] = "", k[32] = "";
	uint32_t sum = 0;
	const char *line = text, *n;

	if (area != NULL)
		(void)snprintf(a, sizeof(a), "\"area\":\"%s\"", area);
	if (group != NULL)
		(void)snprintf(g, sizeof(g), "\"group\":\"%s\"", group);
	if (key != NULL)
		(void)snprintf(k, sizeof(k), "\"key\":\"%s\"", key);
	for (; *line != '\0'; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");
		char one[256];

		if (len >= sizeof(one))
			continue; /* the last line, about what is not counted */
		memcpy(one, line, len);
		one[len] = '\0';
		if ((n = strstr(one, "\"n\":")) != NULL &&
		    strstr(one, a) != NULL && strstr(one, g) != NULL &&
		    strstr(one, k) != NULL)
			sum += (uint32_t)strtoul(n + 4, NULL, 10);
	}
	return (sum);
}

static size_t
collect(const Keten__V1__ReportFacts *const *months, struct number *out)
{
	static const char *const periods[] = { "2026-10", "2026-11",
		"2026-12", "2026-Q4" };
	size_t n = 0;

	for (size_t p = 0; p < COUNT(periods); p++) {
		char *text = sheet(SHEET_FIGURES, SHEET_JSON, periods[p],
		    &months[p == 3 ? 0 : p], NULL);

		for (size_t i = 0; i < (AREAS + 1) * (GROUPS + 1) * (KEYS + 1);
		     i++) {
			size_t a = i % (AREAS + 1);
			size_t g = i / (AREAS + 1) % (GROUPS + 1);
			size_t k = i / (AREAS + 1) / (GROUPS + 1);
			struct number *x = &out[n++];

			memset(x, 0, sizeof(*x));
			x->n = read_number(text, a == AREAS ? NULL : areas[a],
			    g == GROUPS ? NULL : groups[g],
			    k == KEYS ? NULL : keys[k]);
			for (size_t c = 0; c < CELLS; c++) {
				size_t in = c % (CELLS / MONTHS);

				x->has[c] = (p == 3 || c / (CELLS / MONTHS) ==
				    p) && (a == AREAS || in % AREAS == a) &&
				    (g == GROUPS || in / AREAS % GROUPS == g) &&
				    (k == KEYS || in / AREAS / GROUPS == k);
			}
		}
		free(text);
	}
	return (n);
}

/* What is in ${a} and not in ${b}; false unless ${b} is all in ${a}. */
static bool
rest_of(const struct number *a, const struct number *b, size_t *n,
    size_t *last)
{
	*n = 0;
	for (size_t i = 0; i < CELLS; i++) {
		if (b->has[i] && !a->has[i])
			return (false);
		if (a->has[i] && !b->has[i]) {
			(*n)++;
			*last = i;
		}
	}
	return (true);
}

static void
test_subtracting_any_two_numbers_leaves_only_what_was_published(void **state)
{
	static struct number numbers[4 * (AREAS + 1) * (GROUPS + 1) *
	    (KEYS + 1)];
	const Keten__V1__ReportFacts *months[MONTHS];
	unsigned true_n[CELLS];
	uint32_t told[CELLS];
	size_t n, rest, last = 0, single = 0;

	(void)state;
	srand(20261123);
	for (int round = 0; round < 5; round++) {
		arena_reset(arena);
		publish_random(true_n, told, months);
		n = collect(months, numbers);
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < n; k++) {
				uint32_t left = numbers[i].n - numbers[k].n;

				if (i == k || !rest_of(&numbers[i],
				    &numbers[k], &rest, &last))
					continue;
				assert_int_equal(left % FIGURES_BASE, 0);
				if (rest != 1)
					continue;
				/* One cell is left: between told - 2 and told
				 * + 2, and that is what anybody could read. */
				assert_int_equal(left, told[last]);
				assert_true(left == 0 ? true_n[last] <= 2 :
				    true_n[last] + 2 >= left &&
				    true_n[last] <= left + 2);
				single++;
			}
	}
	assert_true(single > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_count_is_rounded_to_five_and_nothing_is_said_of_zero),
		cmocka_unit_test(test_nothing_is_told_of_less_than_a_district),
		cmocka_unit_test(test_units_of_fewer_than_five_are_not_told),
		cmocka_unit_test(
		    test_lead_times_are_told_where_what_is_told_proves_five),
		cmocka_unit_test(
		    test_median_and_ninetieth_percentile_are_of_the_sorted_hours),
		cmocka_unit_test(
		    test_a_quarter_and_the_totals_are_sums_of_what_was_told),
		cmocka_unit_test(
		    test_what_was_known_already_stands_apart_from_the_outcomes),
		cmocka_unit_test(
		    test_a_regisseur_sees_its_own_areas_and_groups_and_the_same_numbers),
		cmocka_unit_test(
		    test_all_reports_together_give_no_small_count_away),
		cmocka_unit_test(
		    test_the_same_attack_breaks_totals_that_are_rounded_by_themselves),
		cmocka_unit_test(
		    test_subtracting_any_two_numbers_leaves_only_what_was_published),
	};

	return (cmocka_run_group_tests(tests, begin, end));
}
