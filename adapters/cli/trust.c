/*
 * trust -- the verb that tells what this device trusts and what changed.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/instant.h"
#include "base/noun.h"
#include "cli/cli.h"
#include "life/calendar.h"
#include "sdk/keywatch.h"

static void
trust_text(const struct keten_connection *t, const char *root)
{
	char buf[CAL_TEXT];

	printf("Partner     %s, apparaat %s\n", t->partner, t->device);
	printf("Logboek     %s\n", t->origin);
	printf("Verbinding  %s%s\n", t->connected ? "ja, sinds " : "nee: ",
	    t->connected ? cli_when(t->since_ms, buf) : t->why);
	printf("Beleid      document %" PRIu64 "\n", t->policy_index);
	printf("Gezien      %" PRIu64 " %s, wortel %s\n", t->log_size,
	    noun_for(t->log_size, "regel", "regels"), root);
	printf("Wachtend    %" PRIu64 " %s\n", t->waiting,
	    noun_for(t->waiting, "opdracht", "opdrachten"));
}

/* A certificate of this device or the sealing key that ends soon. */
static void
trust_key(void *cookie, const struct keten_key *k)
{
	struct keten_connection *t = cookie;
	int days = keywatch_days(k->not_after_ms, instant_ms(CLOCK_REALTIME));
	char buf[CAL_TEXT];

	if (k->ended != 0 || days < 0 || (k->device[0] != '\0' &&
		strcmp(k->device, t->device) != 0))
		return;
	printf("LET OP      het certificaat van %s %s op %s; keten key "
	       "rotate\n", k->device[0] == '\0' ? "de zegelsleutel" : k->device,
	    days == 0 ? "verliep" : "verloopt", cli_when(k->not_after_ms, buf));
}

/* What changed, and whether somebody has to decide. */
struct changes {
	struct cli *c;
	json_t *list; /* NULL: print them */
	bool decide;
};

static void
change_one(void *cookie, const struct keten_change *c)
{
	struct changes *all = cookie;

	all->decide = all->decide || c->decide;
	if (all->list != NULL)
		(void)json_array_append_new(all->list, json_pack(
		    "{s:s,s:s,s:s,s:b}", "what", c->what, "partner",
		    c->partner, "text", c->text, "decide", (int)c->decide));
	else
		printf("  %s%s\n", c->decide ? "BESLIS: " : "", c->text);
}

/* An instant, or that there is none. */
static json_t *
when(int64_t ms)
{
	return (ms == 0 ? json_null() : json_integer((json_int_t)ms));
}

static int
trust_json(struct cli *c, const struct keten_connection *t, const char *root,
    bool *decide)
{
	struct changes all = { .c = c, .list = json_array() };
	int64_t since = 0;
	int rc = keten_changes(c->k, &since, change_one, &all);

	*decide = all.decide;
	if (rc != 0) {
		json_decref(all.list);
		return (cli_fail(c, rc));
	}
	return (cli_put(json_pack(
	    "{s:s,s:s,s:s,s:b,s:I,s:I,s:s,s:I,s:s,s:o,s:o,s:o}",
	    "partner", t->partner, "device", t->device, "origin", t->origin,
	    "connected", t->connected, "policy",
	    (json_int_t)t->policy_index, "size", (json_int_t)t->log_size,
	    "root", root, "waiting", (json_int_t)t->waiting, "why", t->why,
	    "connected_since_ms", when(t->connected ? t->since_ms : 0),
	    "since_ms", when(since), "changes", all.list)));
}

static int
trust_changes(struct cli *c, struct keten_connection *t, bool *decide)
{
	struct changes all = { .c = c };
	int64_t since = 0;
	char buf[CAL_TEXT];
	int rc = keten_keys(c->k, NULL, trust_key, t);

	printf("Veranderd:\n");
	if (rc == 0)
		rc = keten_changes(c->k, &since, change_one, &all);
	*decide = all.decide;
	if (rc != 0)
		return (cli_fail(c, rc));
	printf("%s%s\n", since == 0 ? "" : "sinds ", since == 0
	    ? "Leg dit vast met keten trust --accept." : cli_when(since, buf));
	return (EXIT_DONE);
}

int
cli_trust(struct cli *c)
{
	struct keten_connection t;
	bool decide = false;
	char root[65];
	int status, rc = cli_catch_up(c);

	if (rc == 0)
		rc = keten_connected(c->k, &t);
	if (rc != 0)
		return (cli_fail(c, rc));
	hex_encode(t.log_root, sizeof(t.log_root), root);
	if (!c->json)
		trust_text(&t, root);
	status = c->json ? trust_json(c, &t, root, &decide)
			 : trust_changes(c, &t, &decide);
	if (status != EXIT_DONE || cli_get(c, OPT_ACCEPT) == NULL)
		return (status == EXIT_DONE && decide ? EXIT_TRUST : status);
	if ((rc = keten_accept(c->k)) != 0)
		return (cli_fail(c, rc));
	fprintf(stderr, "Vastgelegd: dit is gezien en goed bevonden.\n");
	return (EXIT_DONE);
}
