/*
 * Every state a referral can reach, visited once: a breadth-first search over
 * the real engine.  Everybody gives every command there is, in every state, and
 * every term that runs may pass at any time; after each step the invariants of
 * PROTOCOL.md are checked, and at the end that silence always leads to R.
 *
 * Cast: B originator, R regisseur, K1 and K2 candidates, N1 and N2 members of
 * a network that are asked at once.
 */
#include "search_check.h"

/* What one run of the search lets people do. */
struct plan {
	const char *name;
	enum referral_kind kind;
	bool person_part;
	bool pair;	 /* its holder submits a child */
	bool successors; /* the policy names them, at any time */
	uint64_t not_events; /* 1 << event */
	uint32_t cast;	     /* 1 << org: who act and can be named */
	struct candidates ladder;
	struct candidates child_ladder;
};

/* --- everything that can be tried ----------------------------------------*/

struct search {
	const struct plan *plan;
	struct found found;
	uint32_t at;	  /* the node being worked on */
	size_t which;	  /* its parent (0) or child (1) */
	struct around around;
	struct candidates ladder;
	struct referral r[2];
	struct change ch;
	struct change follow;
};

/* In a pair, the child follows a new holder of its parent. */
static void
child_follows(struct search *s, struct node *next)
{
	struct command c = { .event = EV_FOLLOW, .timer = true };
	const struct referral *parent = &s->ch.after;
	struct referral *child = &s->r[1];

	if (s->which != 0 || !s->ch.holder_changed || !referral_is_live(child))
		return;
	assert_int_equal(lifecycle_follow(child, &parent->h, &s->around,
	    &s->follow), ERR_OK);
	if (s->follow.n_steps == 0)
		return;
	check_change(child, &c, &s->follow);
	assert_true(org_eq(&s->follow.after.b, &parent->h) ||
	    (org_eq(&child->h, &parent->h) &&
	    org_eq(&s->follow.after.b, &orgs[R])));
	next->key[1] = pack(&s->follow.after);
}

/* Is there a difference between a full ladder and an empty one? */
static bool
is_about_ladder(const struct referral *r, enum event e)
{
	return (r->state == ST_OFFERED || e == EV_RETURN || e == EV_GIVE_UP ||
	    e == EV_REOPEN);
}

static void
try_with(struct search *s, const struct command *c)
{
	struct node next = s->found.nodes[s->at];
	const struct referral *r = &s->r[s->which];
	enum err err = lifecycle_step(r, c, &s->around, &s->ch);
	uint32_t to;

	if (err != ERR_OK) {
		assert_non_null(s->ch.rule);
		return;
	}
	s->found.steps++;
	if (s->ch.n_steps == 0)
		return;
	check_change(r, c, &s->ch);
	if (c->event == EV_COMPLETE)
		assert_int_equal(s->around.open_children, 0);
	next.key[s->which] = pack(&s->ch.after);
	child_follows(s, &next);
	to = visit(&s->found, &next);
	/* In a pair, one that is with R already cannot keep the other. */
	if (words_event_kind(c->event) == EVENT_TIMER &&
	    !is_with_r(&s->found.nodes[s->at].key[s->which]))
		edge_add(&s->found, s->at, to);
}

static const struct candidates *
ladder_of(const struct search *s)
{
	return (s->which == 0 ? &s->plan->ladder : &s->plan->child_ladder);
}

static void
try(struct search *s, const struct command *c)
{
	const struct referral *r = &s->r[s->which];

	if ((s->plan->not_events >> c->event & 1) != 0)
		return;
	s->around.ladder = ladder_of(s);
	if (c->event == EV_REOPEN) {
		s->ladder = *ladder_of(s);
		memmove(&s->ladder.c[1], &s->ladder.c[0],
		    s->ladder.n * sizeof(s->ladder.c[0]));
		s->ladder.n++;
		s->ladder.c[0] = (struct candidate){ .to = r->h, .rung = 0 };
		s->around.ladder = &s->ladder;
	}
	try_with(s, c);
	if (!is_about_ladder(r, c->event))
		return;
	s->around.ladder = NULL;
	try_with(s, c);
}

static void
try_targets(struct search *s, struct command *c)
{
	for (uint32_t i = 0; i < N_ORGS; i++) {
		if ((s->plan->cast >> i & 1) == 0)
			continue;
		c->target = orgs[i];
		try(s, c);
	}
}

/* What a candidate does to its offer; everything else names the version. */
static bool
is_of_candidate(enum event e)
{
	return (e == EV_REVIEW || e == EV_ASK || e == EV_ACCEPT ||
	    e == EV_DECLINE);
}

/* ${c}->event by ${c}->actor, as itself and as a candidate. */
static void
try_actor(struct search *s, struct command *c)
{
	const struct referral *r = &s->r[s->which];
	const struct offer *o = referral_open_offer(r, &c->actor);

	c->version = r->version;
	c->offer = 0;
	if (o != NULL && is_of_candidate(c->event))
		c->offer = o->number;
	if (c->event == EV_HAND_OVER || c->event == EV_OFFER_MORE)
		try_targets(s, c);
	else
		try(s, c);
}

/*
 * Everybody who is something gives every command.  That all others are refused,
 * and that nobody gets further by naming the wrong thing, check_may() and
 * t_lifecycle.c try.
 */
static void
try_commands(struct search *s)
{
	const struct referral *r = &s->r[s->which];

	for (uint32_t i = 0; i < N_ORGS; i++) {
		struct command c = { .actor = orgs[i],
			.urgency = URGENCY_EMERGENT };
		uint32_t roles = referral_roles(r, &orgs[i]) &
		    ~(uint32_t)ROLE_PARTY;

		for (enum event e = EV_REVIEW; e < EV__MAX && roles != 0; e++) {
			c.event = e;
			if (words_event_kind(e) == EVENT_COMMAND ||
			    e == EV_UNREADABLE)
				try_actor(s, &c);
		}
	}
}

static void
try_timers(struct search *s)
{
	const struct referral *r = &s->r[s->which];
	struct command c = { .timer = true };

	for (enum term t = TERM_OFFER; t < TERM__MAX; t++) {
		c.term = t;
		c.event = words_term_event(t);
		if (r->clocks[t].running)
			try(s, &c);
	}
	for (size_t i = 0; i < r->n_offers; i++) {
		if (!words_is_open(r->offers[i].state))
			continue;
		c = (struct command){ .timer = true, .term = TERM_MORE,
			.event = EV_OFFER_EXPIRED,
			.offer = r->offers[i].number };
		if (r->offers[i].clock.running)
			try(s, &c);
		c.event = EV_NOTE_OPENABLE;
		try(s, &c);
	}
	c = (struct command){ .timer = true, .event = EV_OPENABLE };
	try(s, &c);
}

/*
 * A candidate's successor; B's; B as a candidate's; a candidate and B that have
 * none.  With and without a word of the policy about who holds, and with and
 * without a covenant for the open offer.
 */
static void
try_successors(struct search *s)
{
	static const uint8_t who[][2] = { { K1, K2 }, { B, K2 }, { K1, B },
		{ K1, NOBODY }, { B, NOBODY } };

	if (!s->plan->successors)
		return;
	for (size_t i = 0; i < 4 * sizeof(who) / sizeof(who[0]); i++) {
		struct command c = { .timer = true, .event = EV_SUCCEED,
			.via = orgs[who[i / 4][0]],
			.target = orgs[who[i / 4][1]] };

		s->around.next_holds = (i & 1) != 0;
		s->around.next_may = (i & 2) != 0;
		try(s, &c);
	}
	s->around.next_holds = s->around.next_may = false;
}

/* In a pair, the parent's holder submits the child, once. */
static void
try_submit_child(struct search *s)
{
	struct node next = s->found.nodes[s->at];
	struct command c = { .event = EV_SUBMIT, .actor = s->r[0].h };
	struct around a = { .parent = &s->r[0],
		.ladder = &s->plan->child_ladder };
	static struct referral child;

	memset(&child, 0, sizeof(child));
	child.kind = s->plan->kind;
	child.end_ms = 1;
	child.urgency = URGENCY_NORMAL;
	child.b = c.actor;
	child.r = orgs[R];
	if (lifecycle_step(&child, &c, &a, &s->ch) != ERR_OK)
		return;
	check_change(&child, &c, &s->ch);
	next.key[1] = pack(&s->ch.after);
	(void)visit(&s->found, &next);
}

/* What lifecycle_may() says is what lifecycle_step() does. */
static void
check_may(struct search *s)
{
	const struct referral *r = &s->r[0];
	enum event may[EV__MAX];

	for (uint32_t i = 0; i < N_ORGS; i++) {
		size_t n = lifecycle_may(r, &orgs[i], &s->around, may, EV__MAX);
		const struct offer *o = referral_open_offer(r, &orgs[i]);

		for (enum event e = EV_REVIEW; e < EV__MAX; e++) {
			struct command c = { .event = e, .actor = orgs[i],
				.version = r->version,
				.urgency = URGENCY_EMERGENT };
			bool said = false, did;

			if (words_event_kind(e) != EVENT_COMMAND ||
			    e == EV_HAND_OVER || e == EV_OFFER_MORE)
				continue;
			for (size_t j = 0; j < n; j++)
				said |= may[j] == e;
			did = lifecycle_step(r, &c, &s->around, &s->ch) ==
			    ERR_OK;
			c.offer = o != NULL ? o->number : 0;
			did |= lifecycle_step(r, &c, &s->around, &s->ch) ==
			    ERR_OK;
			assert_int_equal(said, did);
		}
	}
}

static void
explore(struct search *s)
{
	bool child;

	for (s->at = 0; s->at < s->found.n && s->found.n < STATES_MAX;
	    s->at++) {
		const struct node node = s->found.nodes[s->at];
		struct key again;

		if (is_over(&node))
			continue;
		child = node.key[1].state != ST_NONE;
		unpack(&node.key[0], &s->r[0]);
		unpack(&node.key[1], &s->r[1]);
		again = pack(&s->r[0]);
		assert_memory_equal(&again, &node.key[0], sizeof(again));
		s->around = (struct around){ .within_return = true,
			.within_reopen = true, .holder_ended = true };
		s->around.open_children = child && referral_is_live(&s->r[1]);
		for (s->which = 0; s->which < (child ? 2 : 1); s->which++) {
			try_commands(s);
			try_timers(s);
			try_successors(s);
			s->around.open_children = 0;
		}
		if (!child && s->plan->pair)
			try_submit_child(s);
		if (s->at % 64 == 0)
			check_may(s);
	}
}

static void
submit(struct search *s, const struct candidates *ladder)
{
	struct command c = { .event = EV_SUBMIT, .actor = orgs[B] };
	struct around a = { .ladder = ladder };
	struct node node;

	memset(&node, 0, sizeof(node));
	memset(&s->r[0], 0, sizeof(s->r[0]));
	s->r[0].kind = s->plan->kind;
	s->r[0].end_ms = s->plan->kind == KIND_SERVICE ? 1 : 0;
	s->r[0].urgency = URGENCY_NORMAL;
	s->r[0].b = orgs[B];
	s->r[0].r = orgs[R];
	s->r[0].person_part = s->plan->person_part;
	assert_int_equal(lifecycle_step(&s->r[0], &c, &a, &s->ch), ERR_OK);
	check_change(&s->r[0], &c, &s->ch);
	node.key[0] = pack(&s->ch.after);
	(void)visit(&s->found, &node);
}

/* --- I4: silence leads to R ----------------------------------------------*/

/*
 * A state is safe if it is with R, or if a term runs and each that may pass
 * leads to a safe state.  Grow the safe ones backwards until none is added.
 */
static void
check_no_trap(const struct found *f)
{
	uint32_t *first = calloc(f->n + 1, sizeof(*first));
	uint32_t *into = calloc(f->n_edges + 1, sizeof(*into));
	uint32_t *unsafe = calloc(f->n + 1, sizeof(*unsafe));
	uint32_t *queue = calloc(f->n + 1, sizeof(*queue));
	size_t n = 0;

	assert_true(first != NULL && into != NULL && unsafe != NULL &&
	    queue != NULL);
	for (size_t i = 0; i < f->n_edges; i++) {
		first[f->edges[2 * i + 1]]++;
		unsafe[f->edges[2 * i]]++;
	}
	for (size_t i = 1; i <= f->n; i++)
		first[i] += first[i - 1];
	for (size_t i = 0; i < f->n_edges; i++)
		into[--first[f->edges[2 * i + 1]]] = f->edges[2 * i];
	for (size_t i = 0; i < f->n; i++)
		if (is_over(&f->nodes[i]) ||
		    (is_with_r(&f->nodes[i].key[0]) &&
		    is_with_r(&f->nodes[i].key[1]))) {
			queue[n++] = (uint32_t)i;
			unsafe[i] = UINT32_MAX;
		}
	for (size_t i = 0; i < n; i++)
		for (uint32_t e = first[queue[i]]; e < first[queue[i] + 1]; e++)
			if (unsafe[into[e]] != UINT32_MAX &&
			    --unsafe[into[e]] == 0)
				queue[n++] = into[e];
	assert_int_equal(n, f->n);
	free(first);
	free(into);
	free(unsafe);
	free(queue);
}

static void
run(const struct plan *plan)
{
	static struct search s;

	memset(&s, 0, sizeof(s));
	s.plan = plan;
	submit(&s, &plan->ladder);
	submit(&s, NULL);
	explore(&s);
	if (s.found.n < STATES_MAX)
		check_no_trap(&s.found);
	printf("%s: %zu states, %llu steps%s\n", plan->name, s.found.n,
	    (unsigned long long)s.found.steps,
	    s.found.n < STATES_MAX ? "" : " (not all: sanitizers are slow)");
	assert_in_range(s.found.n, 1000, UINT32_MAX);
	found_free(&s.found);
}

#define KEES { { "kees" }, { "" }, 1 }
#define KOOS { { "koos" }, { "" }, 2 }
#define NETWORK                                                                \
	{ { "netwerk-een" }, { "netwerk" }, 2 },                               \
	{ { "netwerk-twee" }, { "netwerk" }, 2 }

/* Two candidates one after another; everybody does everything. */
static void
test_a_signal_is_never_lost(void **state)
{
	static const struct plan plan = { .name = "signal, two candidates",
		.kind = KIND_SIGNAL, .person_part = true,
		.cast = 1 << B | 1 << R | 1 << K1 | 1 << K2,
		.ladder = { 2, { KEES, KOOS } } };

	(void)state;
	run(&plan);
}

/*
 * A candidate, then a network whose members are asked at once.  Urgency,
 * withdrawal and the person part touch no offers; they are in the search
 * above.
 */
static void
test_a_request_to_a_network_is_never_lost(void **state)
{
	static const struct plan plan = { .name = "request, a network",
		.kind = KIND_SERVICE,
		.not_events = 1ull << EV_RAISE_URGENCY,
		.cast = 1 << B | 1 << R | 1 << K1 | 1 << N1 | 1 << N2,
		.ladder = { 3, { KEES, NETWORK } } };

	(void)state;
	run(&plan);
}

/* Enough to bring a pair into every state that differs in who holds what. */
#define NOT_IN_A_PAIR                                                          \
	(1ull << EV_REVIEW | 1ull << EV_ASK | 1ull << EV_OFFER_MORE |          \
	    1ull << EV_PAUSE | 1ull << EV_RAISE_URGENCY |                      \
	    1ull << EV_REPORT | 1ull << EV_REQUEST_WITHDRAWAL |                \
	    1ull << EV_UNREADABLE | 1ull << EV_MARK_ERROR |                    \
	    1ull << EV_REOPEN | 1ull << EV_RETURN | 1ull << EV_DECLINE)

/* A holder who asks others to do a part of it, and what becomes of that. */
static void
test_a_child_is_never_lost_with_its_parent(void **state)
{
	static const struct plan plan = { .name = "parent and child",
		.kind = KIND_SERVICE, .pair = true,
		.not_events = NOT_IN_A_PAIR,
		.cast = 1 << B | 1 << R | 1 << K1 | 1 << K2,
		.ladder = { 1, { KEES } }, .child_ladder = { 1, { KOOS } } };

	(void)state;
	run(&plan);
}

/* Partners end, and others take their place. */
static void
test_a_successor_loses_nothing(void **state)
{
	static const struct plan plan = { .name = "successors",
		.kind = KIND_SERVICE, .successors = true,
		.not_events = NOT_IN_A_PAIR & ~(1ull << EV_RETURN),
		.cast = 1 << B | 1 << R | 1 << K1 | 1 << K2,
		.ladder = { 2, { KEES, KOOS } } };

	(void)state;
	run(&plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_signal_is_never_lost),
		cmocka_unit_test(test_a_request_to_a_network_is_never_lost),
		cmocka_unit_test(test_a_child_is_never_lost_with_its_parent),
		cmocka_unit_test(test_a_successor_loses_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
