/*
 * show -- the verbs that tell what this partner knows.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/bytes.h"
#include "base/instant.h"
#include "base/noun.h"
#include "cli/cli.h"
#include "life/calendar.h"
#include "life/words.h"

static const char *const roles[] = { "", "originator", "candidate", "holder",
	"regisseur", "custodian", "former", "informed" };
static const char *const roles_nl[] = { "", "bron", "kandidaat", "houder",
	"regisseur", "bewaarder", "betrokken geweest", "ter kennisgeving" };
static const char *const urgencies[] = { "", "LOW", "NORMAL", "HIGH",
	"EMERGENT" };

int
cli_put(json_t *j)
{
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		puts(text);
	fflush(stdout);
	free(text);
	json_decref(j);
	return (text == NULL ? EXIT_SETTINGS : EXIT_DONE);
}

const char *
cli_when(int64_t ms, char buf[CAL_TEXT])
{
	return (ms == 0 ? "-" : cal_text(ms, buf));
}

/* ---- what the broker still has for us ----------------------------------------- */

#define CATCH_UP_MS 3000
#define QUIET_MS 150

/*
 * Let in what waits at the broker, so that what is shown is what is: until
 * nothing has come for a moment.  While another process has the connection,
 * that one does it.
 */
int
cli_catch_up(const struct cli *c)
{
	int64_t began = instant_ms(CLOCK_MONOTONIC), quiet = 0;
	struct keten_connection t;
	uint64_t seq = UINT64_MAX;

	for (;;) {
		int rc = keten_run(c->k, 50);
		int64_t now = instant_ms(CLOCK_MONOTONIC);

		if (rc == 0)
			rc = keten_connected(c->k, &t);
		if (rc != 0)
			return (rc);
		if (t.connected && !t.here)
			return (0);
		if (!t.connected || t.last_seq != seq)
			quiet = now;
		seq = t.last_seq;
		if (t.connected && now - quiet >= QUIET_MS)
			return (0);
		if (now - began > CATCH_UP_MS)
			break;
	}
	if (!t.connected)
		fprintf(stderr, "Geen verbinding; dit is wat er al was. %s\n",
		    t.why);
	return (0);
}

/* ---- referrals ---------------------------------------------------------------- */

static json_t *
referral_json(const struct keten_referral *r)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i}",
	    "referral", r->id, "role", roles[r->role], "state", r->state,
	    "code", r->code, "area", r->area, "holder", r->holder,
	    "originator", r->originator, "regisseur", r->regisseur, "version",
	    (int)r->version, "epoch", (int)r->epoch);
	json_t *more = json_pack(
	    "{s:s,s:i,s:s,s:I,s:I,s:s,s:b,s:b,s:s,s:s,s:s,s:i,s:s,s:i,s:i}",
	    "urgency", urgencies[r->urgency], "offer", (int)r->offer,
	    "offer_state", r->offer_state, "offer_until_ms",
	    (json_int_t)r->offer_until_ms, "next_ms", (json_int_t)r->next_ms,
	    "next_term", r->next_term, "overdue", r->overdue, "unread",
	    r->unread, "outcome", r->outcome, "reason", r->reason, "may",
	    r->may, "openable", (int)r->openable, "basis", r->basis,
	    "units_done", (int)r->units_done, "units_total",
	    (int)r->units_total);

	if (j != NULL && more != NULL)
		(void)json_object_update(j, more);
	json_decref(more);
	return (j);
}

struct listing {
	struct cli *c;
	size_t n;
};

static bool
is_over(const struct keten_referral *r)
{
	return (strcmp(r->state, "CLOSED") == 0 ||
	    strcmp(r->state, "ENTERED_IN_ERROR") == 0);
}

static bool
list_one(void *cookie, const struct keten_referral *r)
{
	struct listing *l = cookie;
	char buf[CAL_TEXT];

	if (is_over(r) && cli_get(l->c, OPT_ALL) == NULL)
		return (true);
	l->n++;
	if (l->c->json) {
		(void)cli_put(referral_json(r));
		return (true);
	}
	printf("%.13s  %-8s %-10s %-9s %-11s %-14s %s%s\n", r->id, r->code,
	    r->area, words_urgency_nl((enum urgency)r->urgency), roles_nl[r->role], r->holder,
	    r->state_nl, r->overdue ? "  TE LAAT" : "");
	if (r->next_ms != 0)
		printf("               %s: %s\n", r->next_nl,
		    cli_when(r->next_ms, buf));
	return (true);
}

int
cli_inbox(struct cli *c)
{
	struct listing l = { .c = c };
	int rc = cli_catch_up(c);

	if (rc == 0)
		rc = keten_list(c->k, list_one, &l);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (l.n == 0 && !c->json)
		fprintf(stderr, "Er staat niets open.\n");
	return (EXIT_DONE);
}

static void
chain_one(void *cookie, const struct keten_news *n)
{
	char buf[CAL_TEXT];

	(void)cookie;
	printf("  %s  regel %-6" PRIu64 " %-14s %s\n",
	    cli_when(n->time_ms, buf), n->index,
	    n->by[0] != '\0' ? n->by : "klok",
	    n->text);
}

/* The protocol's word for how an offer stands, in Dutch. */
static const char *
offer_nl(const char *word)
{
	for (int i = 1; i < OFFER__MAX; i++)
		if (strcmp(words_offer((enum offer_state)i), word) == 0)
			return (words_offer_nl((enum offer_state)i));
	return (word);
}

static void
show_text(const struct keten_referral *r)
{
	char a[CAL_TEXT], b[CAL_TEXT], c[CAL_TEXT];

	printf("Verwijzing  %s (versie %u, ronde %u)\n", r->id, r->version,
	    r->epoch);
	printf("Wat         %s %s, %s, %s\n", r->code, r->code_nl, r->area,
	    words_urgency_nl((enum urgency)r->urgency));
	printf("Stand       %s%s\n", r->state_nl, r->overdue ? ", TE LAAT"
							      : "");
	printf("Bron        %s, ingediend %s\n", r->originator,
	    cli_when(r->submitted_ms, a));
	printf("Houder      %s\n", r->holder);
	printf("Regisseur   %s\n", r->regisseur);
	printf("U bent      %s\n", roles_nl[r->role]);
	if (r->offer != 0)
		printf("Aanbod      nummer %u, %s, tot %s\n", r->offer,
		    offer_nl(r->offer_state), cli_when(r->offer_until_ms, b));
	if (r->next_ms != 0)
		printf("Termijn     %s: %s\n", r->next_nl,
		    cli_when(r->next_ms, c));
	if (r->outcome[0] != '\0')
		printf("Uitkomst    %s\n", r->outcome);
	printf("U kunt nu   %s\n", r->may[0] != '\0' ? r->may : "niets");
}

/* Numbers of records, those one after another as a range. */
struct ranges {
	uint64_t first, last; /* 0: none yet */
	bool some;
};

static void
end_range(struct ranges *r)
{
	if (r->last == 0)
		return;
	printf("%s%" PRIu64, r->some ? ", " : "Teksten     regel ", r->first);
	if (r->last > r->first)
		printf("-%" PRIu64, r->last);
	r->some = true;
}

static void
text_line(void *cookie, uint64_t index, bool opens)
{
	struct ranges *r = cookie;

	if (!opens || index == r->last)
		return;
	if (r->last == 0 || index != r->last + 1) {
		end_range(r);
		r->first = index;
	}
	r->last = index;
}

int
cli_show(struct cli *c)
{
	struct keten_referral r;
	struct ranges texts = { 0 };
	int rc = cli_catch_up(c);

	if (rc == 0)
		rc = keten_show(c->k, c->o.arg[0], &r);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (c->json)
		return (cli_put(referral_json(&r)));
	show_text(&r);
	printf("Keten:\n");
	rc = keten_chain(c->k, r.id, chain_one, c);
	if (rc == 0)
		rc = keten_texts(c->k, r.id, text_line, &texts);
	end_range(&texts);
	if (texts.some)
		printf("\n            (keten open %.13s --part text --record "
		    "N)\n", r.id);
	return (rc == 0 ? EXIT_DONE : cli_fail(c, rc));
}

/* ---- sealed parts ---------------------------------------------------------------- */

static enum keten_part
part_of(const char *name)
{
	static const char *const names[] = { "note", "person", "text" };

	for (size_t i = 0; i < 3; i++)
		if (name != NULL && strcasecmp(name, names[i]) == 0)
			return ((enum keten_part)(i + 1));
	return (name == NULL ? KETEN_PERSON : (enum keten_part)0);
}

int
cli_open(struct cli *c)
{
	enum keten_part part = part_of(cli_get(c, OPT_PART));
	const char *seq = cli_get(c, OPT_SEQ);
	const char *record = cli_get(c, OPT_RECORD);
	struct keten_referral r;
	char *text = NULL;
	size_t len;
	long n = 0, index = 0;
	int rc;

	if (part == 0 || (seq != NULL && !opts_number(seq, &n)) ||
	    (record != NULL && !opts_number(record, &index))) {
		fprintf(stderr, "keten: --part is note, person of text; "
		    "--seq en --record zijn een getal\n");
		return (EXIT_USAGE);
	}
	rc = cli_catch_up(c);
	/* Which one: one that is not known is another answer than sealed. */
	if (rc == 0)
		rc = keten_show(c->k, c->o.arg[0], &r);
	if (rc == 0 && record != NULL)
		rc = keten_open_text(c->k, r.id, (uint64_t)index,
		    &text, &len);
	else if (rc == 0)
		rc = keten_open_part(c->k, r.id, part,
		    cli_get(c, OPT_ACTOR), (uint64_t)n, &text, &len);
	if (rc != 0)
		return (cli_fail(c, rc));
	puts(text);
	keten_wipe(text, len);
	return (EXIT_DONE);
}

struct search {
	struct cli *c;
	const char *what;
	size_t hits;
};

static bool
find_one(void *cookie, const struct keten_referral *r)
{
	struct search *s = cookie;
	char *text = NULL;
	size_t len;

	if (keten_open_part(s->c->k, r->id, KETEN_PERSON,
		cli_get(s->c, OPT_ACTOR), 0, &text, &len) != 0)
		return (true);
	if (strcasestr(text, s->what) != NULL) {
		s->hits++;
		if (s->c->json)
			(void)cli_put(referral_json(r));
		else
			printf("%s  %s  %s\n", r->id, r->code, r->state_nl);
	}
	keten_wipe(text, len);
	return (true);
}

int
cli_find(struct cli *c)
{
	struct search s = { .c = c, .what = c->o.arg[0] };
	int rc = keten_list(c->k, find_one, &s);

	if (rc != 0)
		return (cli_fail(c, rc));
	fprintf(stderr, "%zu gevonden; elke inzage staat in het eigen "
			"inzagelogboek (keten opened).\n", s.hits);
	return (EXIT_DONE);
}

static void
opened_one(void *cookie, int64_t time_ms, const char *actor,
    const char *referral)
{
	const struct cli *c = cookie;
	char buf[CAL_TEXT];

	if (c->json)
		(void)cli_put(json_pack("{s:I,s:s,s:s}", "time_ms",
		    (json_int_t)time_ms, "actor", actor, "referral",
		    referral));
	else
		printf("%s  %-16s %s\n", cli_when(time_ms, buf), actor,
		    referral);
}

int
cli_opened(struct cli *c)
{
	int rc = keten_opened(c->k, opened_one, c);

	return (rc == 0 ? EXIT_DONE : cli_fail(c, rc));
}

/* ---- what arrives ------------------------------------------------------------------ */

static void
print_news(const struct cli *c, const struct keten_news *n)
{
	char buf[CAL_TEXT];

	if (c->json) {
		(void)cli_put(json_pack("{s:I,s:I,s:s,s:s,s:s,s:s,s:I,s:i,s:s}",
		    "seq", (json_int_t)n->seq, "index", (json_int_t)n->index,
		    "step", n->step == KETEN_CONTENT ? "CONTENT"
			: n->step == KETEN_ERASED    ? "ERASED"
			: n->step == KETEN_ALARM     ? "ALARM"
						     : keten_step_name(n->step),
		    "role", roles[n->role], "referral", n->referral, "by",
		    n->by, "time_ms", (json_int_t)n->time_ms, "parts",
		    (int)n->part_mask, "text", n->text));
		return;
	}
	printf("%s  %.13s  %s\n", cli_when(n->time_ms, buf), n->referral,
	    n->text);
	fflush(stdout);
}

int
cli_watch(struct cli *c)
{
	const char *count = cli_get(c, OPT_COUNT);
	struct keten_news n;
	long left = -1;
	int rc = 0;

	if (count != NULL && !opts_number(count, &left))
		return (EXIT_USAGE);
	while (left != 0) {
		rc = keten_next(c->k, "watch", &n);
		if (rc == 0) {
			print_news(c, &n);
			rc = keten_read(c->k, "watch", n.seq);
			left -= left > 0;
		} else if (rc == KETEN_ENONE) {
			rc = keten_run(c->k, 1000);
		}
		if (rc != 0)
			return (cli_fail(c, rc));
	}
	return (EXIT_DONE);
}

int
cli_sync(struct cli *c)
{
	const char *tree = cli_get(c, OPT_RESTORED);
	struct keten_connection t;
	int rc = 0;

	if (tree != NULL)
		rc = keten_restored(c->k, tree);
	else if (cli_get(c, OPT_NEW_LANE) != NULL)
		rc = keten_renew(c->k);
	if (rc == 0)
		rc = keten_sync(c->k, 10000);
	if (rc == 0)
		rc = keten_connected(c->k, &t);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (c->json)
		return (cli_put(json_pack("{s:I}", "size",
		    (json_int_t)t.log_size)));
	fprintf(stderr, "Bijgewerkt: het logboek heeft %" PRIu64 " %s.\n",
	    t.log_size, noun_for(t.log_size, "regel", "regels"));
	return (EXIT_DONE);
}

/* ---- proofs ------------------------------------------------------------------- */

int
cli_receipt(struct cli *c)
{
	const char *text;
	long n;
	int rc;

	if (!opts_number(c->o.arg[0], &n)) {
		fprintf(stderr, "keten: geef het nummer van de opdracht\n");
		return (EXIT_USAGE);
	}
	rc = keten_receipt(c->k, (uint64_t)n, 10000, &text);
	if (rc != 0)
		return (cli_fail(c, rc));
	if (c->json)
		return (cli_put(json_pack("{s:I,s:s}", "number",
		    (json_int_t)n, "receipt", text)));
	fputs(text, stdout);
	return (EXIT_DONE);
}
