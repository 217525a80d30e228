/*
 * walk -- a seeded random walk of thousands of referrals through the core.
 *
 *	walk [--tap] [--seed N] [--referrals N]
 *
 * Partners do what they may, and what they may not; some are away, some have
 * two mailboxes, some are reached through a network; time goes by over nights,
 * weekends and holidays; the broker stops and starts; half-way a new policy
 * ends a partner.  After every record the invariants are checked.  At the end
 * nobody acts any more: the clock alone must bring every live referral to the
 * regisseur (I4).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/demo_policy.h"
#include "life/lifecycle.h"
#include "wire/pb.h"
#include "world.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS (24 * HOUR_MS)

/* Referrals that somebody still works on; older ones are cleared away. */
#define YOUNG 40

/* One statement with everything it can point to. */
struct speech {
	Keten__V1__Statement st;
	Keten__V1__Command cmd;
	Keten__V1__Header header;
	Keten__V1__Rewrap rewrap;
	Keten__V1__Unreadable unreadable;
	Keten__V1__RewrapPart rps[32];
	Keten__V1__RewrapPart *rp_list[32];
	Keten__V1__Part part[3];
	Keten__V1__Part *parts[3];
	char *wrapped[3][4];
	uint8_t bytes[32], lane[8];
	uint8_t hashes[32][32];
	struct refid id;
	char *names[2];
};

static const char *const codes[] = { "SIG-101", "SIG-203", "SIG-204",
	"SIG-301", "SIG-501", "SIG-702", "SIG-401", "SIG-300", "DST-101",
	"DST-202", "DST-206", "DST-401", "DST-403", "DST-502", "DST-601",
	"DST-102" };

static void
speech_begin(struct world *w, struct speech *s, const struct refid *id)
{
	memset(s, 0, sizeof(*s));
	keten__v1__statement__init(&s->st);
	keten__v1__command__init(&s->cmd);
	s->id = *id;
	s->st.version = 1;
	s->st.referral = pb_of(s->id.b, sizeof(s->id.b));
	s->st.lane = pb_of(s->lane, sizeof(s->lane));
	s->st.number = w->index + 1;
	s->st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	s->st.command = &s->cmd;
	s->cmd.parts = s->parts;
}

static void
add_part(struct speech *s, Keten__V1__PartKind kind, const struct org *a,
    const struct org *b)
{
	size_t i = s->cmd.n_parts++;
	Keten__V1__Part *p = &s->part[i];

	keten__v1__part__init(p);
	p->kind = kind;
	p->sha256 = pb_of(s->bytes, 32);
	p->plain_commit = pb_of(s->bytes, 32);
	p->nonce = pb_of(s->bytes, 16);
	p->length = 3072;
	p->wrapped_for = s->wrapped[i];
	p->wrapped_for[p->n_wrapped_for++] = pb_string(a->id);
	if (b != NULL && !org_is_none(b))
		p->wrapped_for[p->n_wrapped_for++] = pb_string(b->id);
	s->parts[i] = p;
}

/* One of the young ones that somebody is at work on, if there is one. */
static struct world_ref *
some_parent(struct world *w)
{
	for (int i = 0; i < 20 && w->n_refs > 0; i++) {
		struct world_ref *p = &w->refs[w->n_refs - 1 -
		    world_random(w, w->n_refs < YOUNG ? (uint32_t)w->n_refs
						      : YOUNG)];

		if (p->now.state >= ST_ACCEPTED &&
		    p->now.state <= ST_HANDOVER_OFFERED &&
		    p->n_kids < WORLD_KIDS)
			return (p);
	}
	return (NULL);
}

/* A new referral, sometimes one that is not in order. */
static void
submit(struct world *w)
{
	static const char *const bases[] = { "G-TOE", "G-TOE", "G-PUB",
		"G-ANO", "G-GBL" };
	struct org r = org_of("gemeente-r");
	const struct org *who = &w->orgs[world_random(w, (uint32_t)w->n_orgs)];
	const char *code = codes[world_random(w, 16)];
	bool protected = strcmp(code, "SIG-300") == 0;
	uint8_t random[10];
	char area[12];
	struct world_ref *parent;
	struct refid id;
	struct speech s;

	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)world_random(w, 256);
	id = refid_new(w->now_ms, random);
	(void)snprintf(area, sizeof(area), "WK0855%02u", world_random(w, 11));
	speech_begin(w, &s, &id);
	keten__v1__header__init(&s.header);
	s.cmd.event = KETEN__V1__EVENT__SUBMIT;
	s.cmd.header = &s.header;
	s.header.code = pb_string(code);
	s.header.area = pb_string(protected ? "GM0855" : area);
	s.header.urgency = (Keten__V1__Urgency)(1 + world_random(w, 4));
	s.header.basis = pb_string(bases[world_random(w, 5)]);
	s.header.discussed = KETEN__V1__DISCUSSED__AGREES;
	if (code[0] == 'D' && world_random(w, 3) == 0)
		s.header.end_ms = w->now_ms + (int64_t)world_random(w, 40) *
		    DAY_MS + HOUR_MS;
	parent = world_random(w, 2) == 0 ? some_parent(w) : NULL;
	if (parent != NULL) {
		s.header.parent = pb_of(parent->now.id.b, 16);
		if (world_random(w, 12) != 0)
			who = &parent->now.h;
	}
	if (world_random(w, 5) == 0) {
		s.names[0] =
		    pb_string(w->orgs[world_random(w, (uint32_t)w->n_orgs)].id);
		s.header.never = s.names;
		s.header.n_never = 1;
	}
	add_part(&s, KETEN__V1__PART_KIND__NOTE, who, &r);
	if (strcmp(s.header.basis, "G-ANO") != 0 || world_random(w, 9) == 0)
		add_part(&s, KETEN__V1__PART_KIND__PERSON, who,
		    world_random(w, 15) == 0 ? &w->orgs[1]
			: code[0] == 'S' && world_random(w, 4) != 0 ? &r
								    : NULL);
	(void)world_say(w, &s.st, who);
}

static const char *
reason_for(enum event ev)
{
	static const struct {
		enum event ev;
		const char *code;
	} rows[] = { { EV_DECLINE, "AFW-01" }, { EV_RETURN, "AFW-10" },
		{ EV_PAUSE, "RED-05" }, { EV_HAND_OVER, "RED-04" },
		{ EV_GIVE_UP, "RED-02" }, { EV_FAIL, "RED-01" },
		{ EV_TAKE_OVER, "RED-07" }, { EV_MARK_ERROR, "RED-09" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].ev == ev)
			return (rows[i].code);
	return ("");
}

/* Whoever has an open offer, if there is one. */
static struct org
candidate(struct world *w, const struct referral *r)
{
	for (int i = 0; i < 8 && r->n_offers > 0; i++) {
		const struct offer *o =
		    &r->offers[world_random(w, r->n_offers)];

		if (words_is_open(o->state))
			return (o->to);
	}
	return (r->h);
}

/* Mostly an organisation that has a part in it, or anybody at all. */
static struct org
somebody(struct world *w, const struct referral *r)
{
	if (world_random(w, 2) == 0)
		return (candidate(w, r));
	switch (world_random(w, 6)) {
	case 0:
		return (r->b);
	case 1:
	case 2:
		return (r->h);
	case 3:
		return (r->r);
	case 4:
		if (r->n_offers > 0)
			return (r->offers[world_random(w, r->n_offers)].to);
		break;
	default:
		break;
	}
	return (w->orgs[world_random(w, (uint32_t)w->n_orgs)]);
}

/* What ${who} does: mostly something it may do. */
static enum event
choose(struct world *w, const struct referral *r, const struct org *who)
{
	enum event may[48];
	struct around a;
	size_t n;

	memset(&a, 0, sizeof(a));
	a.within_return = true;
	a.within_reopen = true;
	n = lifecycle_may(r, who, &a, may, 48);
	if (n == 0 || world_random(w, 12) == 0)
		return ((enum event)(1 + world_random(w, 35)));
	/* It may seldom, so it does often. */
	for (size_t i = 0; i < n; i++)
		if (may[i] == EV_TAKE_OVER && world_random(w, 3) == 0)
			return (EV_TAKE_OVER);
	return (may[world_random(w, (uint32_t)n)]);
}

static void
act(struct world *w, struct world_ref *ref)
{
	const struct referral r = ref->now;
	struct org who = somebody(w, &r);
	enum event ev = choose(w, &r, &who);
	const struct offer *o = referral_open_offer(&r, &who);
	struct speech s;

	/* Endings are rare, or little would ever be in progress. */
	if ((ev == EV_MARK_ERROR || ev == EV_WITHDRAW || ev == EV_FAIL ||
		ev == EV_AGREE_WITHDRAWAL || ev == EV_COMPLETE) &&
	    world_random(w, 5) != 0)
		return;
	/* Nor is everybody always talking, or in a greater hurry. */
	if ((ev == EV_SUPPLEMENT || ev == EV_RAISE_URGENCY ||
		ev == EV_REQUEST_WITHDRAWAL || ev == EV_OFFER_MORE) &&
	    world_random(w, 5) != 0)
		return;
	if (ev == EV_SUBMIT)
		return;
	speech_begin(w, &s, &r.id);
	s.cmd.event = (Keten__V1__Event)ev;
	s.cmd.seen_version = r.version - (world_random(w, 20) == 0);
	s.cmd.offer = o != NULL || world_random(w, 30) == 0 ? 1 : 0;
	if (o != NULL)
		s.cmd.offer = o->number;
	if (ev == EV_ANSWER || ev == EV_WITHDRAW)
		s.cmd.offer = 0;
	for (size_t i = 0; ev == EV_ANSWER && i < r.n_offers; i++)
		if (r.offers[i].question_open && world_random(w, 2) == 0)
			s.cmd.offer = r.offers[i].number;
	s.cmd.reason = pb_string(reason_for(ev));
	s.cmd.outcome = pb_string(ev == EV_COMPLETE ? "UIT-01" : "");
	if (ev == EV_COMPLETE && ref->n_kids > 0) {
		s.cmd.outcome = pb_string("UIT-03");
		s.cmd.child = pb_of(ref->kids[0].b, 16);
	}
	s.cmd.until_ms = ev == EV_PAUSE
	    ? w->now_ms + (int64_t)world_random(w, 30) * DAY_MS + 1
	    : 0;
	s.cmd.to = pb_string(ev == EV_HAND_OVER || ev == EV_OFFER_MORE
		? w->orgs[world_random(w, (uint32_t)w->n_orgs)].id
		: "");
	s.cmd.basis = pb_string(ev == EV_HAND_OVER ? "G-TOE" : "");
	if (ev == EV_RAISE_URGENCY)
		s.cmd.urgency = (Keten__V1__Urgency)(2 + world_random(w, 3));
	if (ev == EV_ASK || ev == EV_ANSWER || ev == EV_SUPPLEMENT)
		add_part(&s, KETEN__V1__PART_KIND__TEXT, &r.b, &r.h);
	(void)world_say(w, &s.st, &who);
}

/* Whoever can, passes the key on; now and then to somebody who may not. */
static void
pass_key(struct world *w, struct world_ref *ref)
{
	struct org to = world_random(w, 10) == 0
	    ? w->orgs[world_random(w, (uint32_t)w->n_orgs)]
	    : ref->now.h;
	struct speech s;

	speech_begin(w, &s, &ref->now.id);
	keten__v1__rewrap__init(&s.rewrap);
	s.st.body_case = KETEN__V1__STATEMENT__BODY_REWRAP;
	s.st.rewrap = &s.rewrap;
	s.rewrap.to = pb_string(to.id);
	s.rewrap.key_id = pb_string(to.id);
	s.rewrap.parts = s.rp_list;
	for (size_t i = 0; i < ref->n_pieces && i < 32; i++) {
		Keten__V1__RewrapPart *p = &s.rps[i];

		keten__v1__rewrap_part__init(p);
		p->index = ref->pieces[i].index;
		p->part = ref->pieces[i].part;
		be64_put(s.hashes[i], p->index);
		s.hashes[i][31] = (uint8_t)p->part;
		p->sha256 = pb_of(s.hashes[i], 32);
		p->plain_commit = pb_of(s.hashes[i], 32);
		s.rp_list[s.rewrap.n_parts++] = p;
	}
	ref->wants_wrap = false;
	(void)world_say(w, &s.st, &ref->now.b);
}

/* The holder cannot open what there is. */
static void
complain(struct world *w, struct world_ref *ref)
{
	struct speech s;

	speech_begin(w, &s, &ref->now.id);
	keten__v1__unreadable__init(&s.unreadable);
	s.st.body_case = KETEN__V1__STATEMENT__BODY_UNREADABLE;
	s.st.unreadable = &s.unreadable;
	s.unreadable.index = ref->n_pieces == 0 ? 0 : ref->pieces[0].index;
	s.unreadable.part = world_random(w, 3);
	s.unreadable.why = KETEN__V1__UNREADABLE_WHY__WRAP_FAILED;
	(void)world_say(w, &s.st,
	    world_random(w, 4) == 0 ? &w->orgs[world_random(w, 12)]
				    : &ref->now.h);
}

/* What lies around for long is cleared away by who may, to keep the walk
 * quick: each live referral has terms that pass and pass again. */
static void
tidy(struct world *w, size_t i)
{
	const struct referral r = w->refs[i].now;
	struct speech s;

	if (!referral_is_live(&r) || world_random(w, 30) == 0)
		return;
	speech_begin(w, &s, &r.id);
	s.cmd.event = KETEN__V1__EVENT__MARK_ERROR;
	s.cmd.seen_version = r.version;
	s.cmd.reason = pb_string(reason_for(EV_MARK_ERROR));
	if (world_say(w, &s.st, org_eq(&r.h, &r.b) ? &r.b : &r.r) != ERR_OK)
		world_fail(w, "row 32 was refused");
}

/* Time goes by: mostly hours, now and then days, or without a broker. */
static void
wait(struct world *w)
{
	int64_t until = w->now_ms + (int64_t)world_random(w, 3) * HOUR_MS +
	    (int64_t)world_random(w, 60) * 60000;

	if (world_random(w, 12) == 0)
		until += (int64_t)world_random(w, 6) * DAY_MS;
	if (world_random(w, 15) == 0)
		world_gap(w, until);
	else
		world_tick(w, until);
}

static void
one_step(struct world *w, struct world_ref *ref)
{
	switch (world_random(w, 30)) {
	case 0:
		wait(w);
		break;
	case 1:
		w->away[world_random(w, (uint32_t)w->n_orgs)] ^= true;
		break;
	case 2:
		world_ack(w, world_random(w, (uint32_t)w->n_orgs));
		break;
	case 3:
		complain(w, ref);
		break;
	default:
		if (ref->wants_wrap && world_random(w, 3) == 0)
			pass_key(w, ref);
		else
			act(w, ref);
		break;
	}
}

/* One of the young ones, and mostly the same as before. */
static struct world_ref *
next_one(struct world *w, struct world_ref *last)
{
	uint32_t young = w->n_refs < YOUNG ? (uint32_t)w->n_refs : YOUNG;

	if (last != NULL && world_random(w, 8) != 0)
		return (last);
	return (&w->refs[w->n_refs - 1 - world_random(w, young)]);
}

/* A referral more, a while with it, and what is old goes. */
static struct world_ref *
one_round(struct world *w, struct world_ref *last)
{
	size_t had = w->n_refs;

	submit(w);
	if (w->n_refs > YOUNG && w->n_refs > had)
		tidy(w, w->n_refs - 1 - YOUNG);
	for (size_t i = 0; i < 24 && w->n_refs > 0; i++) {
		last = next_one(w, last);
		one_step(w, last);
	}
	return (last);
}

/* Has the clock brought it to the regisseur, as holder or as overdue? */
static bool
is_seen_to(const struct referral *r)
{
	return (!referral_is_live(r) || org_eq(&r->h, &r->r) ||
	    (r->flags & FLAG_OVERDUE) != 0);
}

static size_t
first_trap(const struct world *w, size_t from)
{
	while (from < w->n_refs && is_seen_to(&w->refs[from].now))
		from++;
	return (from);
}

/* Nobody acts: the clock alone brings everything to the regisseur (I4). */
static void
silence(struct world *w)
{
	size_t at = 0;

	for (int day = 0; day < 400; day++) {
		at = first_trap(w, 0);
		if (at == w->n_refs)
			return;
		world_tick(w, w->now_ms + DAY_MS);
	}
	world_fail(w, "I4: a live referral is a trap");
}

/* Referrals of a short walk. */
#define SHORT 40

#define V_NAMES "[v-oost, v-west, v-zuid]"

/* The demonstration, with a second mailbox, and a network on two ladders. */
static struct policy *
law(bool later)
{
	struct policy *p;
	struct demo d;

	demo_begin(&d);
	demo_write(&d, "    phone: 013-5550103\n",
	    "    phone: 013-5550103\n    mailboxes: [main, desk]\n");
	demo_edit(&d, "rungs: [[lwdb-noord], " V_NAMES "]",
	    "rungs: [[lwdb-noord], [\"network:vrijwilligers-v\"]]");
	demo_edit(&d, "    rungs: [[v-oost, v-west, v-zuid, welzijn-w]]",
	    "    rungs: [{candidates: [\"network:vrijwilligers-v\"], "
	    "mode: one-after-another}, [welzijn-w]]");
	if (later) {
		demo_edit(&d, "index: 1\n", "index: 2\n");
		demo_edit(&d, "    phone: 013-5550107\n",
		    "    phone: 013-5550107\n    ended: 2026-09-10\n");
		demo_edit(&d, "    phone: 013-5550102\n",
		    "    phone: 013-5550102\n    ended: 2026-09-12\n"
		    "    successor: zorg-z\n");
		demo_edit(&d, "    phone: 013-5550104\n",
		    "    phone: 013-5550104\n    ended: 2026-09-10\n"
		    "    successors:\n"
		    "      - {partner: zorg-z, codes: [DST], holder: true}\n"
		    "      - {partner: thuiszorg-t, codes: [SIG]}\n");
	}
	p = demo_end(&d);
	return (p);
}

static void
report(const struct world *w)
{
	printf("ok - seed %llu: %zu referrals, %llu steps taken, %llu refused, "
	       "%llu timers, %llu children followed, %llu successions, "
	       "%llu gaps\n",
	    (unsigned long long)w->seed, w->n_refs,
	    (unsigned long long)w->accepted, (unsigned long long)w->refused,
	    (unsigned long long)w->timers, (unsigned long long)w->followed,
	    (unsigned long long)w->successions,
	    (unsigned long long)w->gaps);
	printf("# a decision takes at most %zu bytes\n", w->decide_bytes);
	printf("# all that was decided: %016llx\n",
	    (unsigned long long)w->decided);
	for (int e = 1; e < EV__MAX; e++)
		if (w->events[e] != 0)
			printf("# %s %llu\n", words_event((enum event)e),
			    (unsigned long long)w->events[e]);
	for (int e = 1; e < 32; e++)
		if (w->errors[e] != 0)
			printf("# refused %s %llu\n", err_name((enum err)e),
			    (unsigned long long)w->errors[e]);
}

/* Those in which something still happens, and now and then all. */
static size_t
first_young(const struct world *w)
{
	return (w->n_refs <= YOUNG || w->n_refs % 64 == 0 ? 0
	    : w->n_refs - YOUNG);
}

static void
walk(uint64_t seed, size_t referrals)
{
	struct world *w = world_new(seed, law(false));
	struct world_ref *last = NULL;

	while (w->n_refs < referrals) {
		last = one_round(w, last);
		if (w->old == NULL && w->n_refs > referrals / 2)
			world_law(w, law(true));
		if (w->old != NULL)
			world_succeed(w, first_young(w));
	}
	silence(w);
	world_succeed(w, 0);
	report(w);
	world_free(w);
}

int
main(int argc, char **argv)
{
	uint64_t seed = 0;
	size_t referrals = 2000;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			seed = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--referrals") == 0 && i + 1 < argc)
			referrals = strtoul(argv[++i], NULL, 10);
	}
	if (referrals > WORLD_REFERRALS - 64)
		referrals = WORLD_REFERRALS - 64;
	if (seed != 0) {
		walk(seed, referrals);
		return (0);
	}
	/* Two known walks (the second found a delivery in a wrong role), and
	 * one that nobody has taken before. */
	walk(1, referrals);
	walk(1795356391, referrals);
	walk((uint64_t)time(NULL), referrals);
	/* Short ones, in which much is open when partners end. */
	for (seed = 1; seed <= 24; seed++)
		walk(seed, SHORT);
	return (0);
}
