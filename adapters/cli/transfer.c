/*
 * transfer -- hand over a whole caseload, one signed HAND_OVER each.
 *
 * What is remembered lies in the spool and nowhere else: every order has a
 * source made of the receiver, the referral, its version and the policy's
 * index, so that doing it again, after a crash or twice by mistake, finds the
 * order that was there and sends nothing a second time.  After a refusal a new
 * policy makes it another order; after a decline the new version does.
 *
 * Protected codes go one by one, each with a yes of its own.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/area.h"
#include "base/noun.h"
#include "cli/cli.h"

/* Orders written and not answered at one time; stopping leaves no more. */
#define WINDOW 32
#define SOURCE_LEN 128

enum fate {
	FATE_NONE, /* not begun */
	FATE_OFFERED,
	FATE_REFUSED,
	FATE_LATER,	  /* no answer yet; it stays in the spool */
	FATE_UNCONFIRMED, /* a protected code, and nobody said yes */
};

static const char *const fates[] = { "not-begun", "offered", "refused",
	"waiting", "unconfirmed" };

struct item {
	struct keten_referral r;
	bool is_protected;
	enum fate fate;
	uint64_t ticket;
	struct keten_outcome out;
};

struct transfer {
	struct cli *c;
	struct keten_connection net;
	const char *to;
	const char *reason;
	struct item *item;
	size_t n;
	size_t cap;
	size_t already; /* under way to somebody already */
	size_t count[5]; /* of each fate */
	bool no_memory;
};

/* ---- which ones ---------------------------------------------------------- */

static bool
is_state(const struct keten_referral *r, const char *const *states)
{
	for (size_t i = 0; states[i] != NULL; i++)
		if (strcmp(r->state, states[i]) == 0)
			return (true);
	return (false);
}

static bool
is_meant(const struct transfer *t, const struct keten_referral *r)
{
	const char *code = cli_get(t->c, OPT_CODE);
	const char *area = cli_get(t->c, OPT_AREA);

	return (strcmp(r->holder, t->net.partner) == 0 &&
	    (code == NULL || keten_matches(t->c->k, code, r->code)) &&
	    (area == NULL || area_contains(area, r->area)));
}

static bool
collect(void *cookie, const struct keten_referral *r)
{
	static const char *const at_work[] = { "ACCEPTED", "IN_PROGRESS",
		"AWAITING_INFO", "ON_HOLD", NULL };
	static const char *const on_its_way[] = { "HANDOVER_OFFERED", NULL };
	struct transfer *t = cookie;
	struct item *more;

	if (!is_meant(t, r))
		return (true);
	t->already += is_state(r, on_its_way);
	if (!is_state(r, at_work))
		return (true);
	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : 2 * t->cap;
		more = realloc(t->item, t->cap * sizeof(*more));
		t->no_memory = more == NULL;
		if (more == NULL)
			return (false);
		t->item = more;
	}
	memset(&t->item[t->n], 0, sizeof(*t->item));
	t->item[t->n].r = *r;
	t->item[t->n].is_protected = keten_protected(t->c->k, r->code);
	t->n++;
	return (true);
}

/* Oldest first: those have waited longest. */
static int
by_age(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->r.submitted_ms != y->r.submitted_ms)
		return (x->r.submitted_ms < y->r.submitted_ms ? -1 : 1);
	return (strcmp(x->r.id, y->r.id));
}

/* ---- saying -------------------------------------------------------------- */

static void
say_json(const struct transfer *t, const struct item *i)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:s,s:I,s:I,s:s,s:s,"
	    "s:s,s:s}", "referral", i->r.id, "code", i->r.code, "area",
	    i->r.area, "state", i->r.state, "protected", (int)i->is_protected,
	    "to", t->to, "fate", fates[i->fate], "ticket",
	    (json_int_t)i->ticket, "index", (json_int_t)i->out.index, "error",
	    i->out.code, "rule", i->out.rule, "text", i->out.text, "todo",
	    i->out.todo);
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		puts(text);
	(void)fflush(stdout); /* what was done shows, whatever comes next */
	free(text);
	json_decref(j);
}

static void
say_text(const struct item *i)
{
	printf("%s  %-8s %-10s %s", i->r.id, i->r.code, i->r.area,
	    i->fate == FATE_OFFERED ? "aangeboden" :
	    i->fate == FATE_REFUSED ? "geweigerd" :
	    i->fate == FATE_LATER ? "staat klaar, nog geen antwoord" :
	    i->fate == FATE_UNCONFIRMED ?
	    "beschermde code: bevestig met --confirm" : i->r.state_nl);
	if (i->fate == FATE_REFUSED)
		printf(" (%s): %s %s", i->out.code, i->out.text, i->out.todo);
	printf("\n");
	(void)fflush(stdout);
}

static bool
shows_progress(const struct transfer *t)
{
	return (!t->c->json && isatty(STDERR_FILENO) != 0);
}

static void
progress(const struct transfer *t)
{
	size_t done = 0;

	for (size_t i = FATE_OFFERED; i <= FATE_UNCONFIRMED; i++)
		done += t->count[i];
	if (shows_progress(t))
		fprintf(stderr, "\r%zu van %zu; %zu geweigerd%s", done, t->n,
		    t->count[FATE_REFUSED], done == t->n ? "\n" : "");
}

/* ${i} has come to its end, as far as this run goes. */
static void
settle(struct transfer *t, struct item *i, enum fate fate)
{
	i->fate = fate;
	t->count[fate]++;
	if (shows_progress(t))
		fprintf(stderr, "\r\033[K");
	if (t->c->json)
		say_json(t, i);
	else
		say_text(i);
	progress(t);
}

static void
say_sum(const struct transfer *t)
{
	if (t->c->json) {
		printf("{\"to\":\"%s\",\"found\":%zu,\"already\":%zu,"
		       "\"offered\":%zu,\"refused\":%zu,\"waiting\":%zu,"
		       "\"unconfirmed\":%zu}\n", t->to, t->n, t->already,
		    t->count[FATE_OFFERED], t->count[FATE_REFUSED],
		    t->count[FATE_LATER] + t->count[FATE_NONE],
		    t->count[FATE_UNCONFIRMED]);
		return;
	}
	fprintf(stderr, "Van %zu %s: %zu aangeboden aan %s, %zu "
	    "geweigerd, %zu zonder antwoord,\n%zu beschermd en niet bevestigd; "
	    "%zu waren al aan iemand aangeboden.\nU blijft houder tot er is "
	    "aangenomen.\n", t->n, noun_for(t->n, "verwijzing",
	    "verwijzingen"), t->count[FATE_OFFERED], t->to,
	    t->count[FATE_REFUSED], t->count[FATE_LATER] +
	    t->count[FATE_NONE], t->count[FATE_UNCONFIRMED], t->already);
}

/* ---- a yes --------------------------------------------------------------- */

static bool
says_yes(void)
{
	char answer[16] = "";

	(void)fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return (false);
	answer[strcspn(answer, "\n")] = '\0';
	return (strcmp(answer, "ja") == 0);
}

static bool
can_ask(const struct transfer *t)
{
	return (!t->c->json && isatty(STDIN_FILENO) != 0);
}

/* Is ${id} in the list of --confirm?  Whole ids only: a beginning could mean
 * another one tomorrow. */
static bool
is_named(const struct transfer *t, const char *id)
{
	const char *p = cli_get(t->c, OPT_CONFIRM);
	size_t len = strlen(id);

	while (p != NULL && *p != '\0') {
		if (strncmp(p, id, len) == 0 &&
		    (p[len] == '\0' || p[len] == ','))
			return (true);
		p = strchr(p, ',');
		p = p == NULL ? NULL : p + 1;
	}
	return (false);
}

static bool
is_confirmed(const struct transfer *t, const struct item *i)
{
	if (!i->is_protected || is_named(t, i->r.id))
		return (true);
	if (!can_ask(t))
		return (false);
	fprintf(stderr, "\nBeschermde code %s in %s, %s.\nOverdragen aan %s?  "
	    "Typ ja: ", i->r.code, i->r.area, i->r.id, t->to);
	return (says_yes());
}

static bool
goes_on(const struct transfer *t)
{
	if (t->n == 0 || cli_get(t->c, OPT_YES) != NULL || !can_ask(t))
		return (true);
	fprintf(stderr, "%zu %s overdragen aan %s (reden %s)?  Typ "
	    "ja: ", t->n, noun_for(t->n, "verwijzing", "verwijzingen"), t->to, t->reason);
	return (says_yes());
}

/* ---- handing over -------------------------------------------------------- */

static int
order(struct transfer *t, struct item *i)
{
	char source[SOURCE_LEN];
	struct keten_order o;

	(void)snprintf(source, sizeof(source), "transfer:%s:%s:%" PRIu32 ":%"
	    PRIu64, t->to, i->r.id, i->r.version, t->net.policy_index);
	memset(&o, 0, sizeof(o));
	o.step = KETEN_HAND_OVER;
	o.referral = i->r.id;
	o.source = source;
	o.actor = cli_get(t->c, OPT_ACTOR);
	o.version = i->r.version;
	o.to = t->to;
	o.reason = t->reason;
	o.basis = cli_get(t->c, OPT_BASIS);
	return (keten_order(t->c->k, &o, &i->ticket));
}

/* How long one answer may take, in ms. */
static int
patience(const struct transfer *t)
{
	const char *v = cli_get(t->c, OPT_WAIT);
	long n = 10;

	if (v != NULL && !opts_number(v, &n))
		n = 10;
	return ((int)(n > 3600 ? 3600 : n) * 1000);
}

static int
await(struct transfer *t, struct item *i)
{
	int rc = keten_wait(t->c->k, i->ticket, patience(t), &i->out);

	if (rc != 0 && rc != KETEN_ETIMEOUT)
		return (rc);
	if (i->out.status == KETEN_DONE)
		settle(t, i, FATE_OFFERED);
	else if (i->out.status == KETEN_REFUSED ||
	    i->out.status == KETEN_FAILED)
		settle(t, i, FATE_REFUSED);
	else
		settle(t, i, FATE_LATER);
	return (0);
}

/* What the SDK itself refuses is one refusal, and no reason to stop. */
static int
begin(struct transfer *t, struct item *i)
{
	int rc;

	if (!is_confirmed(t, i)) {
		settle(t, i, FATE_UNCONFIRMED);
		return (0);
	}
	rc = order(t, i);
	if (rc != KETEN_EREFUSED && rc != KETEN_EARGUMENT)
		return (rc);
	(void)snprintf(i->out.text, sizeof(i->out.text), "%s",
	    keten_error(t->c->k)); /* may be cut */
	settle(t, i, FATE_REFUSED);
	return (0);
}

static bool
is_sent(const struct item *i)
{
	return (i->fate == FATE_NONE && i->ticket != 0);
}

/* Keep a few under way; a protected one is alone.  Without an answer to the
 * oldest nothing more is begun. */
static int
run(struct transfer *t)
{
	size_t oldest = 0, next = 0;
	int rc = 0;

	while (rc == 0 && oldest < t->n) {
		bool alone = next > oldest && (t->item[next - 1].is_protected ||
		    (next < t->n && t->item[next].is_protected));

		if (next < t->n && next - oldest < WINDOW && !alone &&
		    t->count[FATE_LATER] == 0) {
			rc = begin(t, &t->item[next++]);
			continue;
		}
		if (oldest == next)
			break;
		if (is_sent(&t->item[oldest]))
			rc = await(t, &t->item[oldest]);
		oldest++;
	}
	for (size_t i = 0; i < t->n; i++)
		t->count[FATE_NONE] += t->item[i].fate == FATE_NONE;
	return (rc);
}

static void
list(const struct transfer *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->c->json)
			say_json(t, &t->item[i]);
		else
			say_text(&t->item[i]);
	if (!t->c->json)
		fprintf(stderr, "%zu %s aan %s worden "
		    "aangeboden; er is niets gedaan.\n", t->n,
		    noun_for(t->n, "verwijzing zou", "verwijzingen zouden"), t->to);
}

static int
status(const struct transfer *t)
{
	if (t->count[FATE_REFUSED] > 0 || t->count[FATE_UNCONFIRMED] > 0)
		return (EXIT_REFUSED);
	if (t->count[FATE_LATER] > 0 || t->count[FATE_NONE] > 0)
		return (EXIT_LATER);
	return (EXIT_DONE);
}

/* Who we are, what there is, and on which reason. */
static int
look(struct transfer *t)
{
	int rc = cli_catch_up(t->c);

	if (rc == 0)
		rc = keten_connected(t->c->k, &t->net);
	if (rc == 0)
		rc = keten_list(t->c->k, collect, t);
	if (rc != 0)
		return (rc);
	if (t->n > 0)
		qsort(t->item, t->n, sizeof(*t->item), by_age);
	t->reason = cli_get(t->c, OPT_REASON);
	if (t->reason == NULL)
		t->reason = keten_reason(t->c->k, KETEN_HAND_OVER);
	return (0);
}

static int
transfer(struct transfer *t)
{
	int rc = look(t);

	if (rc != 0)
		return (cli_fail(t->c, rc));
	if (t->no_memory) {
		fprintf(stderr, "keten: te weinig geheugen\n");
		return (EXIT_SETTINGS);
	}
	if (keten_partner(t->c->k, t->to)[0] == '\0') {
		fprintf(stderr, "keten: partner '%s' staat niet in het beleid; "
		    "er is niets gedaan.\n", t->to);
		return (EXIT_USAGE);
	}
	if (cli_get(t->c, OPT_DRY_RUN) != NULL) {
		list(t);
		return (EXIT_DONE);
	}
	if (!goes_on(t)) {
		fprintf(stderr, "Er is niets gedaan.\n");
		return (EXIT_REFUSED);
	}
	rc = run(t);
	if (rc != 0)
		return (cli_fail(t->c, rc));
	say_sum(t);
	return (status(t));
}

int
cli_transfer(struct cli *c)
{
	struct transfer t;
	int rc;

	memset(&t, 0, sizeof(t));
	t.c = c;
	t.to = cli_get(c, OPT_TO);
	rc = transfer(&t);
	free(t.item);
	return (rc);
}
