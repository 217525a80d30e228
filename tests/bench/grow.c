/*
 * grow -- make a large log, as years of work of a network would.
 *
 *	grow build/bench/log 1000000 records
 *	grow build/bench/log 100000 referrals
 *
 * Everybody of the demonstration network sends signals and requests of all
 * kinds, from and about all areas; they are looked at, taken, declined, left
 * lying, withdrawn, done and read, and some commands come too late.  Everything
 * is signed, decided and stored by the real core; what is left out is only what
 * a broker adds around it: sockets, and a wait for the disk at each turn.
 * Time goes at the pace of the work, so terms pass and are taken.
 *
 * The folder must be new.  Who trusts this log stands beside it in trust.conf,
 * as `keten-audit --trust` wants it.  The same size gives the same story, with
 * other keys, nonces and salts.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../unit/help/chronicle.h"
#include "base/bytes.h"

#define PER_TURN 1000

/* 800 referrals wait at any time; one of them moves every 20 s. */
#define LIVE 800
#define PACE_MS 20000

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct live {
	struct refid id;
	enum chronicle_cast from;
	uint64_t opening; /* record with its parts */
	bool is_wrapped;
};

static struct {
	struct chronicle *c;
	struct referral now; /* of the one that moves */
	struct live live[LIVE];
	size_t n_live;
	uint64_t referrals, refused, fired;
	uint64_t seed;
} g;

/* --- chance, the same in each run ----------------------------------------- */

/* A number below ${n} (splitmix64). */
static uint32_t
chance(uint32_t n)
{
	uint64_t z = (g.seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((uint32_t)((z ^ (z >> 31)) % n));
}

static const char *
one_of(const char *const *list, size_t n)
{
	return (list[chance((uint32_t)n)]);
}

/* --- what they say --------------------------------------------------------- */

static void
count(enum err err)
{
	g.refused += err != ERR_OK;
}

static enum chronicle_cast
cast_of(const struct org *who)
{
	size_t i = 0;

	while (i < g.c->n_who && !org_eq(&g.c->who[i].org, who))
		i++;
	if (i == g.c->n_who) {
		fprintf(stderr, "grow: nobody is called %s\n", who->id);
		exit(1);
	}
	return ((enum chronicle_cast)i);
}

static void
say(const struct live *l, const struct org *who, Keten__V1__Event event,
    const char *code)
{
	count(chronicle_say(g.c, cast_of(who), &l->id, event, code));
}

static void
submit(void)
{
	static const char *const codes[] = { "SIG-101", "SIG-102", "SIG-103",
		"SIG-201", "SIG-202", "SIG-203", "SIG-204", "SIG-205",
		"SIG-301", "SIG-401", "SIG-501", "SIG-502", "SIG-701",
		"SIG-702", "DST-101", "DST-102", "DST-103", "DST-201",
		"DST-202", "DST-303", "DST-401", "DST-402", "DST-403",
		"DST-501", "DST-601" };
	static const char *const areas[] = { "WK085500", "WK085501",
		"WK085502", "WK085503", "WK085504", "WK085505", "WK085506",
		"WK085507", "WK085508", "WK085509" };
	const Keten__V1__Urgency urgency = chance(10) == 0
	    ? KETEN__V1__URGENCY__HIGH : KETEN__V1__URGENCY__NORMAL;
	struct live *l = &g.live[g.n_live];
	enum err err;

	memset(l, 0, sizeof(*l));
	l->from = (enum chronicle_cast)chance((uint32_t)g.c->n_who);
	l->opening = g.c->n;
	err = chronicle_submit_as(g.c, l->from, one_of(codes, COUNT(codes)),
	    one_of(areas, COUNT(areas)), urgency, &l->id);
	count(err);
	if (err == ERR_OK) {
		g.n_live++;
		g.referrals++;
	}
}

/* Somebody who was asked looks, takes it, or does not; or nobody moves. */
static void
answer_offer(const struct live *l)
{
	static const char *const why[] = { "AFW-01", "AFW-02", "AFW-03",
		"AFW-04", "AFW-05", "AFW-07" };
	size_t open = referral_n_open(&g.now);
	uint32_t die = chance(100);

	for (size_t i = 0; i < g.now.n_offers; i++) {
		const struct offer *o = &g.now.offers[i];

		if (o->state != OFFER_OPEN && o->state != OFFER_SEEN)
			continue;
		if (chance((uint32_t)open--) != 0)
			continue;
		if (die < 25 && o->state == OFFER_OPEN)
			say(l, &o->to, KETEN__V1__EVENT__REVIEW, NULL);
		else if (die < 70)
			say(l, &o->to, KETEN__V1__EVENT__ACCEPT, NULL);
		else if (die < 80)
			say(l, &o->to, KETEN__V1__EVENT__DECLINE,
			    one_of(why, COUNT(why)));
		else if (die < 83)
			say(l, &g.now.b, KETEN__V1__EVENT__WITHDRAW, "RED-10");
		return;
	}
}

/* The holder goes on with it. */
static void
work(struct live *l)
{
	static const char *const how[] = { "UIT-01", "UIT-01", "UIT-01",
		"UIT-02", "UIT-04", "UIT-06", "UIT-07", "UIT-09", "UIT-10" };
	bool is_r = org_eq(&g.now.h, &g.now.r);
	uint32_t die = chance(100);

	if (!g.now.openable && !l->is_wrapped && !is_r) {
		l->is_wrapped = true;
		count(chronicle_rewrap(g.c, l->from, cast_of(&g.now.h),
		    &l->id, l->opening));
	} else if (die < 2) {
		count(chronicle_say_stale(g.c, cast_of(&g.now.h), &l->id,
		    KETEN__V1__EVENT__START));
	} else if (g.now.state == ST_ACCEPTED && die < 80) {
		say(l, &g.now.h, KETEN__V1__EVENT__START, NULL);
	} else if (die < 85) {
		say(l, &g.now.h, KETEN__V1__EVENT__COMPLETE,
		    one_of(how, COUNT(how)));
	} else if (die < 88) {
		say(l, &g.now.h, is_r ? KETEN__V1__EVENT__FAIL
			: KETEN__V1__EVENT__GIVE_UP, is_r ? "RED-01" : "RED-02");
	}
}

/* --- the days --------------------------------------------------------------- */

/* One referral moves; what has ended makes room. */
static void
move(void)
{
	uint32_t i = chance(LIVE);
	struct live *l = &g.live[i];

	if (i >= g.n_live) {
		submit();
		return;
	}
	chronicle_referral(g.c, &l->id, &g.now);
	if (g.now.state == ST_OFFERED)
		answer_offer(l);
	else if (g.now.state == ST_ESCALATED)
		say(l, &g.now.h, KETEN__V1__EVENT__CONFIRM, NULL);
	else if (words_is_live(g.now.state))
		work(l);
	else if (g.now.state != ST_CLOSED && chance(5) != 0)
		say(l, &g.now.b, KETEN__V1__EVENT__ACKNOWLEDGE, NULL);
	else
		*l = g.live[--g.n_live];
}

static void
day(uint64_t *published)
{
	struct chronicle *c = g.c;

	while (chronicle_is_due(c)) {
		chronicle_fire(c);
		g.fired++;
	}
	move();
	c->now_ms += PACE_MS / 4; /* also when nobody said anything */
	if (chance(8) == 0)
		chronicle_ack(c, (enum chronicle_cast)chance(
		    (uint32_t)c->n_who));
	if (chance(1000) == 0)
		chronicle_tick(c);
	if (c->n - *published >= PER_TURN) {
		chronicle_publish(c);
		*published = c->n;
	}
}

static void
write_trust(const char *dir)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/trust.conf", dir);
	f = fopen(path, "w");
	if (f == NULL || fprintf(f, "vkey: %s\nintroducer: %s\n", g.c->vkey,
		g.c->introducer_hex) < 0 || fclose(f) != 0) {
		fprintf(stderr, "grow: %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	uint64_t target = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t published = 0;
	const uint64_t *grown;

	if (target == 0 || strlen(argv[1]) > 60) {
		fprintf(stderr, "grow DIR N [records|referrals]\n"
		    "DIR has at most 60 characters and must be new.\n");
		return (2);
	}
	if (mkdir(argv[1], 0700) != 0) {
		fprintf(stderr, "grow: %s: %s\n", argv[1], strerror(errno));
		return (2);
	}
	g.c = chronicle_new_large(argv[1], PER_TURN);
	g.c->pace_ms = PACE_MS;
	grown = argc > 3 && strcmp(argv[3], "referrals") == 0 ? &g.referrals
							       : &g.c->n;
	while (*grown < target)
		day(&published);
	if (g.c->n > published)
		chronicle_publish(g.c);
	write_trust(argv[1]);
	printf("{\"records\": %" PRIu64 ", \"referrals\": %" PRIu64
	    ", \"refused\": %" PRIu64 ", \"by_clock\": %" PRIu64 "}\n",
	    g.c->n, g.referrals, g.refused, g.fired);
	chronicle_free(g.c);
	return (0);
}
