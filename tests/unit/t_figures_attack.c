/*
 * An attack on published figures that tries every combination of counts there
 * can be, and every difference of two numbers.
 */
#include "figures_rig.h"

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

/* --- adding ------------------------------------------------------------------------- */

/*
 * Somebody who adds to a cell itself: of MISSING each partner may say as much
 * as it likes.  Two others said it 0 to OTHERS times each; the attacker says it
 * ${own} times, knows that, and reads the report.
 */
#define OTHERS 6
#define OWN 10
#define PAIRS ((OTHERS + 1) * (OTHERS + 1))

typedef enum err (*say_fn)(struct figures *f, const struct figures_at *at,
    const char *by);

static enum err
say_ours(struct figures *f, const struct figures_at *at, const char *by)
{
	return (figures_add_said(f, at, FAMILY(MISSING), "DST-205", by, 1));
}

static enum err
say_naively(struct figures *f, const struct figures_at *at, const char *by)
{
	(void)by;
	return (figures_add(f, at, FAMILY(MISSING), "DST-205", 1));
}

/* What is published; 0: nothing. */
static uint32_t
told(say_fn say, unsigned own, unsigned first, unsigned second)
{
	static const struct figures_at at = { "WK085501", "DST-200" };
	const struct {
		const char *by;
		unsigned n;
	} said[] = { { "zorg-z", own }, { "thuiszorg-t", first },
		{ "welzijn-w", second } };
	struct figures *f = figures_new();
	const Keten__V1__ReportFacts *r;

	arena_reset(arena);
	for (size_t i = 0; i < COUNT(said); i++)
		for (unsigned k = 0; k < said[i].n; k++)
			assert_int_equal(say(f, &at, said[i].by), ERR_OK);
	r = published(f);
	return (r->n_cells == 0 ? 0 : r->cells[0]->n);
}

/* How often two worlds that look alike to who says nothing can be told apart
 * by saying something, or the other way round. */
static size_t
count_learnt(say_fn say)
{
	uint32_t seen[OWN][PAIRS];
	size_t learnt = 0;

	for (unsigned own = 0; own < OWN; own++)
		for (unsigned i = 0; i < PAIRS; i++)
			seen[own][i] = told(say, own, i % (OTHERS + 1),
			    i / (OTHERS + 1));
	for (unsigned own = 1; own < OWN; own++)
		for (unsigned i = 0; i < PAIRS; i++)
			for (unsigned k = 0; k < i; k++)
				learnt += (seen[own][i] == seen[own][k]) !=
				    (seen[0][i] == seen[0][k]);
	return (learnt);
}

/* What the others said together, as far as who says ${own} can know it: the
 * number of small sums that only one report goes with. */
static size_t
count_pinned_sums(say_fn say, unsigned own)
{
	size_t pinned = 0;

	for (uint32_t p = 0; p <= 5 * OWN; p += 5) {
		unsigned least = UINT32_MAX, most = 0;

		for (unsigned i = 0; i < PAIRS; i++) {
			unsigned a = i % (OTHERS + 1), b = i / (OTHERS + 1);

			if (told(say, own, a, b) != p)
				continue;
			least = a + b < least ? a + b : least;
			most = a + b > most ? a + b : most;
		}
		pinned += least == most && least <= 4;
	}
	return (pinned);
}

static void
test_who_adds_of_its_own_learns_nothing_more_of_others(void **state)
{
	(void)state;
	assert_int_equal(count_learnt(say_ours), 0);
	for (unsigned own = 0; own < OWN; own++)
		assert_int_equal(count_pinned_sums(say_ours, own), 0);
}

static void
test_the_same_attack_breaks_a_sum_that_is_rounded_once(void **state)
{
	(void)state;
	assert_true(count_learnt(say_naively) > 0);
	assert_true(count_pinned_sums(say_naively, 2) > 0);
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
		    test_all_reports_together_give_no_small_count_away),
		cmocka_unit_test(
		    test_the_same_attack_breaks_totals_that_are_rounded_by_themselves),
		cmocka_unit_test(
		    test_who_adds_of_its_own_learns_nothing_more_of_others),
		cmocka_unit_test(
		    test_the_same_attack_breaks_a_sum_that_is_rounded_once),
		cmocka_unit_test(
		    test_subtracting_any_two_numbers_leaves_only_what_was_published),
	};

	return (cmocka_run_group_tests(tests, begin, end));
}
