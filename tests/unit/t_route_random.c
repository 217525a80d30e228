/*
 * Two hundred policies that nobody thought up: what route finds, what it
 * explains, what the broker then really offers, and a slow reading of the
 * protocol agree.
 *
 * KETEN_SEED=n repeats a run; KETEN_POLICIES=n throws more of them;
 * KETEN_ROUTES_OUT=FILE writes down what was found, for tests/interop/ladders.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "help/bed.h"
#include "help/dice.h"
#include "help/slow.h"

#define POLICIES 200
#define QUESTIONS 20
#define TEXT_MAX ((size_t)64 * 1024)
#define HOUR ((int64_t)3600 * 1000)
#define DAY (24 * HOUR)

/* One question, by the world it is asked in. */
struct trial {
	struct dice d, policies;
	uint64_t seed; /* of the policy */
	size_t question;
	struct world *w;
	struct org first[1], never[1];
	struct route_ask ask;
	struct slow_ladder slow;
	struct ladder l;
	enum err err;
	const char *rule;
	char text[TEXT_MAX];
	FILE *out; /* where others may read it; NULL: nowhere */
	size_t n_ok, n_offered; /* how much was really compared */
};

/* Say where it went wrong, so that it can be repeated. */
static void
differ(const struct trial *t, const char *what)
{
	print_error("policy %llu, question %zu: %s\n%s %s %s urgency %u basis "
	    "%s discussed %u; first %s never %s\n%s\n",
	    (unsigned long long)t->seed, t->question, what, t->ask.from.id,
	    t->ask.code, t->ask.area, t->ask.urgency, t->ask.basis,
	    t->ask.discussed, t->ask.n_first > 0 ? t->first[0].id : "-",
	    t->ask.n_never > 0 ? t->never[0].id : "-", t->text);
	fail();
}

static const char *
any_of(struct dice *d, const char *(*list)(size_t i))
{
	uint32_t n = 0;

	while (list(n) != NULL)
		n++;
	return (list(dice_throw(d, n)));
}

/* Throw who is away, who has looked after its entry, and the time. */
static void
throw_world(struct trial *t)
{
	struct world *w = t->w;

	w->now_ms += dice_throw(&t->d, 30 * 60) * INT64_C(60000);
	w->away_since_ms = w->now_ms - dice_throw(&t->d, 40) * DAY - 1;
	for (size_t i = 0; i < w->n_orgs; i++) {
		w->away[i] = dice_throw(&t->d, 5) == 0;
		w->checked_ms[i] = dice_throw(&t->d, 3) != 0 ? 0 :
		    w->now_ms - dice_throw(&t->d, 400) * DAY;
	}
}

static void
throw_question(struct trial *t)
{
	static const char *const bases[] = { "G-TOE", "G-TOE", "G-PUB",
		"G-PUB", "G-PUB", "G-VIT", "G-VIT", "G-XXX" };
	struct route_ask *a = &t->ask;

	throw_world(t);
	memset(a, 0, sizeof(*a));
	a->from = org_of(any_of(&t->d, dice_partner));
	a->code = any_of(&t->d, dice_code);
	a->area = dice_throw(&t->d, 4) != 0 ? "WK085501" :
	    any_of(&t->d, dice_area);
	if (strcmp(a->code, "SIG-300") == 0 || strcmp(a->code, "SIG-600") == 0)
		a->area = dice_throw(&t->d, 5) != 0 ? "GM0855" : a->area;
	a->urgency = 1 + dice_throw(&t->d, 4);
	a->basis = bases[dice_throw(&t->d, 8)];
	a->discussed = KETEN__V1__DISCUSSED__AGREES;
	if (dice_throw(&t->d, 4) == 0)
		a->discussed = KETEN__V1__DISCUSSED__OBJECTS;
	t->first[0] = org_of(any_of(&t->d, dice_partner));
	t->never[0] = org_of(any_of(&t->d, dice_partner));
	a->first = t->first;
	a->n_first = dice_throw(&t->d, 3) == 0;
	a->never = t->never;
	a->n_never = dice_throw(&t->d, 3) == 0;
	a->now_ms = t->w->now_ms;
	a->unreachable = t->w->view.unreachable;
	a->checked = t->w->view.checked;
	a->cookie = t->w;
}

/* --- the ladder ---------------------------------------------------------- */

static void
compare_informed(struct trial *t)
{
	const struct slow_ladder *s = &t->slow;
	struct org who;
	size_t n = 0;

	for (size_t i = 0; route_inform(t->w->policy, &t->ask, &t->l, i, &who);
	     i++)
		if (!org_is_none(&who) &&
		    (n == s->n_informed || strcmp(who.id, s->informed[n++]) != 0))
			differ(t, who.id);
	if (n != s->n_informed)
		differ(t, "somebody is not informed");
}

static void
compare_ladder(struct trial *t)
{
	const struct slow_ladder *s = &t->slow;
	const struct ladder *l = &t->l;

	if (t->err != s->err)
		differ(t, err_name(s->err));
	if (t->err != ERR_OK)
		return;
	if (strcmp(l->route->id, s->route) != 0)
		differ(t, s->route);
	if (strcmp(l->regisseur.id, s->regisseur) != 0 ||
	    strcmp(l->custodian.id, s->custodian) != 0 ||
	    l->early != s->early)
		differ(t, "regisseur, custodian or disclosure");
	compare_informed(t);
	if (l->n_rungs != s->n_rungs)
		differ(t, "another number of rungs");
	for (size_t i = 0; i < s->n_rungs; i++) {
		const struct route_rung *a = &l->rungs[i];
		const struct slow_rung *b = &s->rungs[i];

		if (a->no != b->no || a->n != b->n ||
		    a->offer.unit != b->offer.unit || a->offer.n != b->offer.n)
			differ(t, "a rung: number, size or term");
		for (size_t k = 0; k < b->n; k++)
			if (strcmp(a->candidates[k].id, b->who[k]) != 0)
				differ(t, b->who[k]);
	}
}

static void
compare_whys(struct trial *t)
{
	const Keten__V1__Policy *d = policy_doc(t->w->policy);

	for (size_t i = 0; t->err == ERR_OK && i < d->n_partners; i++) {
		struct org who = org_of(d->partners[i]->id);
		enum route_why why = route_why_not(t->w->policy, &t->ask,
		    &t->l, &who);

		if (why == t->slow.why[i])
			continue;
		print_error("%s: %s, and slowly %s\n", who.id,
		    route_why_name(why), route_why_name(t->slow.why[i]));
		differ(t, "why not");
	}
}

/* --- what is explained --------------------------------------------------- */

/* Find the line of the text that begins with ${start}, ended by a NUL. */
static const char *
line_of(const struct trial *t, const char *start, char out[1024])
{
	size_t len = strlen(start);

	for (const char *at = t->text; at != NULL && *at != '\0';) {
		const char *end = strchr(at, '\n');
		size_t n = end != NULL ? (size_t)(end - at) : strlen(at);

		if (strncmp(at, start, len) == 0 && n < 1024) {
			memcpy(out, at, n);
			out[n] = '\0';
			return (out);
		}
		at = end != NULL ? end + 1 : NULL;
	}
	return (NULL);
}

/* "1. Sport 1: De a (a), De b (b, niet bereikbaar ...). Termijn ..." */
static void
compare_line(struct trial *t, size_t i)
{
	const struct slow_rung *r = &t->slow.rungs[i];
	char start[32], line[1024], want[96], when[CAL_TEXT];
	int64_t until = cal_deadline(policy_calendar(t->w->policy), &r->hours,
	    t->ask.now_ms, r->offer);
	const char *at, *term;

	(void)snprintf(start, sizeof(start), "%zu. ", i + 1);
	at = line_of(t, start, line);
	if (at == NULL || (term = strstr(at, ". Termijn ")) == NULL)
		differ(t, "no line for a rung");
	for (size_t k = 0; k < r->n; k++) {
		(void)snprintf(want, sizeof(want), "De %s (%s", r->who[k],
		    r->who[k]);
		at = strstr(at, want);
		if (at == NULL || at > term)
			differ(t, r->who[k]);
		at += strlen(want);
	}
	if (strstr(at, " (") != NULL && strstr(at, " (") < term &&
	    strncmp(strstr(at, "De ") != NULL ? strstr(at, "De ") : "", "De ",
		3) == 0 && strstr(at, "De ") < term)
		differ(t, "somebody else stands on the line");
	(void)snprintf(want, sizeof(want), "van nu af tot %s.",
	    cal_text(until, when));
	if (strstr(term, want) == NULL)
		differ(t, want);
}

static void
compare_reasons(struct trial *t)
{
	const Keten__V1__Policy *d = policy_doc(t->w->policy);
	char start[128], line[1024];

	for (size_t i = 0; i < d->n_partners; i++) {
		const char *id = d->partners[i]->id, *at;

		(void)snprintf(start, sizeof(start), "- De %s (%s): ", id, id);
		at = line_of(t, start, line);
		if ((at != NULL) != (t->slow.why[i] != ROUTE_WHY_NONE))
			differ(t, start);
		if (at != NULL && strncmp(at + strlen(start),
			route_why_text(t->slow.why[i]),
			strlen(route_why_text(t->slow.why[i]))) != 0)
			differ(t, start);
	}
}

static void
compare_text(struct trial *t)
{
	char want[128], line[1024];

	(void)route_explain(t->w->policy, &t->ask, &t->l, t->err, t->rule,
	    t->text, TEXT_MAX);
	if (t->slow.err != ERR_OK) {
		(void)snprintf(want, sizeof(want), "(%s; regel: ",
		    err_name(t->slow.err));
		if (strstr(t->text, want) == NULL)
			differ(t, want);
		return;
	}
	for (size_t i = 0; i < t->slow.n_rungs; i++)
		compare_line(t, i);
	(void)snprintf(want, sizeof(want), "%zu. ", t->slow.n_rungs + 1);
	if (line_of(t, want, line) != NULL)
		differ(t, "a rung too many");
	(void)snprintf(want, sizeof(want), "%s De %s (%s), als regisseur.",
	    t->slow.n_rungs > 0 ? "Daarna:" : "Meteen naar:",
	    t->slow.regisseur, t->slow.regisseur);
	if (line_of(t, want, line) == NULL)
		differ(t, want);
	compare_reasons(t);
}

/* --- what is really offered ---------------------------------------------- */

static void
compare_offers(struct trial *t, const struct referral *r,
    const struct slow_rung *g)
{
	if (referral_n_open(r) != g->n)
		differ(t, "another number of offers is open");
	for (size_t k = 0; k < g->n; k++) {
		size_t i = 0;

		while (i < r->n_offers && (!words_is_open(r->offers[i].state) ||
			strcmp(r->offers[i].to.id, g->who[k]) != 0))
			i++;
		if (i == r->n_offers || r->offers[i].rung != g->no)
			differ(t, g->who[k]);
	}
	t->n_offered += g->n;
}

/* Submit it to the core of the broker, and let everybody decline. */
static void
compare_broker(struct trial *t)
{
	struct bed_new say = { .who = t->ask.from.id, .code = t->ask.code,
		.area = t->ask.area, .basis = t->ask.basis,
		.urgency = (enum urgency)t->ask.urgency,
		.first = t->ask.n_first > 0 ? t->first[0].id : NULL,
		.never = t->ask.n_never > 0 ? t->never[0].id : NULL,
		.discussed = t->ask.discussed,
		.custodian = t->slow.custodian };
	struct refid id;
	enum err err = bed_submit(t->w, say, &id);

	if (err != t->slow.err)
		differ(t, err_name(err));
	for (size_t i = 0; err == ERR_OK && i < t->slow.n_rungs; i++) {
		const struct slow_rung *g = &t->slow.rungs[i];

		compare_offers(t, bed_ref(t->w, id), g);
		for (size_t k = 0; k < g->n; k++)
			bed_must(t->w, (struct bed_step){ g->who[k],
				EV_DECLINE, .id = id });
	}
	if (err == ERR_OK && (bed_ref(t->w, id)->state != ST_ESCALATED ||
	    strcmp(bed_ref(t->w, id)->h.id, t->slow.regisseur) != 0))
		differ(t, "it does not end at the regisseur");
	t->n_ok += err == ERR_OK;
}

/* --- for a reading in another language ---------------------------------- */

static void
write_names(FILE *f, const char *name, const struct org *list, size_t n)
{
	fprintf(f, ", \"%s\": [", name);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s\"%s\"", i > 0 ? ", " : "", list[i].id);
	fprintf(f, "]");
}

static void
write_policy(FILE *f, const struct policy *p)
{
	struct slice body = policy_body(p);

	fprintf(f, "{\"policy\": \"");
	for (size_t i = 0; i < body.len; i++)
		fprintf(f, "%02x", body.p[i]);
	fprintf(f, "\"}\n");
}

/*
 * The question, and the ladder as somebody finds it who does not know who is
 * away; not for EMERGENT, where opening hours count.
 */
static void
write_case(FILE *f, const struct trial *t)
{
	struct route_ask a = t->ask;
	struct org informed[SLOW_PARTNERS];
	struct ladder *l = calloc(1, sizeof(*l));
	const char *rule;
	size_t n = 0;
	enum err err;

	if (l == NULL)
		abort();
	a.unreachable = NULL;
	a.checked = NULL;
	err = route_ladder(t->w->policy, &a, l, &rule);
	fprintf(f, "{\"from\": \"%s\", \"code\": \"%s\", \"area\": \"%s\", "
	    "\"urgency\": %u, \"basis\": \"%s\", \"discussed\": %u, \"now\": "
	    "%lld, \"err\": \"%s\"", a.from.id, a.code, a.area, a.urgency,
	    a.basis, a.discussed, (long long)a.now_ms, err_name(err));
	write_names(f, "first", a.first, a.n_first);
	write_names(f, "never", a.never, a.n_never);
	if (err == ERR_OK) {
		fprintf(f, ", \"regisseur\": \"%s\", \"custodian\": \"%s\", "
		    "\"early\": %s, \"rungs\": [", l->regisseur.id,
		    l->custodian.id, l->early ? "true" : "false");
		for (uint32_t i = 0; i < l->n_rungs; i++) {
			fprintf(f, "%s{\"no\": %u", i > 0 ? ", " : "",
			    l->rungs[i].no);
			write_names(f, "who", l->rungs[i].candidates,
			    l->rungs[i].n);
			fprintf(f, "}");
		}
		fprintf(f, "]");
		for (size_t i = 0; n < SLOW_PARTNERS && route_inform(
		    t->w->policy, &a, l, i, &informed[n]); i++)
			n += !org_is_none(&informed[n]) &&
			    !org_eq(&informed[n], &a.from);
		write_names(f, "informed", informed, n);
	}
	fprintf(f, "}\n");
	free(l);
}

/* --- all of it ----------------------------------------------------------- */

static void
ask_one(struct trial *t)
{
	const Keten__V1__Policy *d = policy_doc(t->w->policy);

	t->text[0] = '\0';
	throw_question(t);
	slow_ladder(d, policy_calendar(t->w->policy), &t->ask, &t->slow);
	t->err = route_ladder(t->w->policy, &t->ask, &t->l, &t->rule);
	compare_ladder(t);
	compare_whys(t);
	compare_text(t);
	compare_broker(t);
	if (t->out != NULL && t->ask.urgency != KETEN__V1__URGENCY__EMERGENT)
		write_case(t->out, t);
}

static uint64_t
number_from(const char *name, uint64_t other)
{
	const char *text = getenv(name);

	return (text != NULL ? strtoull(text, NULL, 10) : other);
}

static void
test_explain_offers_and_a_slow_reading_agree(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));
	uint64_t seed, many = number_from("KETEN_POLICIES", POLICIES);
	size_t tries = 0;

	(void)state;
	assert_non_null(t);
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		abort();
	seed = number_from("KETEN_SEED", seed % 1000000000);
	print_message("# KETEN_SEED=%llu\n", (unsigned long long)seed);
	if (getenv("KETEN_ROUTES_OUT") != NULL)
		t->out = fopen(getenv("KETEN_ROUTES_OUT"), "w");
	dice_begin(&t->policies);
	for (uint64_t i = 0; i < many; i++) {
		t->seed = seed + i;
		t->d.stream = t->seed ^ 0x5eed;
		t->w = world_new(t->seed, dice_policy(&t->policies, t->seed,
		    &tries));
		t->w->now_ms += dice_throw(&t->d, 150) * DAY;
		if (t->out != NULL)
			write_policy(t->out, t->w->policy);
		for (t->question = 0; t->question < QUESTIONS; t->question++)
			ask_one(t);
		world_free(t->w);
	}
	dice_end(&t->policies);
	print_message("# %llu policies (of %zu thrown), %llu questions, %zu "
	    "taken, %zu offers\n", (unsigned long long)many, tries,
	    (unsigned long long)many * QUESTIONS, t->n_ok, t->n_offered);
	/* Or the dice would not be about anything. */
	assert_true(t->n_ok > many * QUESTIONS / 20);
	assert_true(t->n_offered > many);
	if (t->out != NULL)
		assert_int_equal(fclose(t->out), 0);
	free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explain_offers_and_a_slow_reading_agree),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
