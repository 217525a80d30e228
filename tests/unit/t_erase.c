/*
 * Erasing: who may, in which order, and what is left when it breaks off.
 */
#include "erase_bench.h"

static void
test_only_the_controller_may_ask_and_only_when_it_has_ended(void **state)
{
	struct chronicle *c = chronicle_of(state);
	struct refid id;

	assert_int_equal(chronicle_submit(c, LWDB, "SIG-101", &id), ERR_OK);
	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_WRONG_STATE);
	id = ended(c, "UIT-01");
	assert_int_equal(chronicle_ask(c, LWDB, &id, ENVELOPE_ERASE, "RED-20",
	    0), ERR_NOT_ALLOWED);
	assert_int_equal(chronicle_ask(c, THUISZORG, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_UNKNOWN_REFERRAL);
	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-09", 0), ERR_BAD_CODE);
	assert_int_equal(content_of(c, &id), ERR_OK);
	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_OK);
	carry_out(c);
	assert_int_equal(content_of(c, &id), ERR_CONTENT_GONE);
	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_CONTENT_GONE);
	same_after_rebuild(c);
}

static void
test_what_somebody_wants_to_keep_stays_until_it_lets_go(void **state)
{
	struct chronicle *c = chronicle_of(state);
	struct refid id = ended(c, "UIT-01");

	assert_int_equal(chronicle_ask(c, THUISZORG, &id, ENVELOPE_RETAIN,
	    "RED-21", 0), ERR_UNKNOWN_REFERRAL);
	assert_int_equal(chronicle_ask(c, LWDB, &id, ENVELOPE_RETAIN,
	    "RED-21", 0), ERR_OK);
	assert_int_equal(chronicle_ask(c, WELZIJN, &id, ENVELOPE_RETAIN,
	    "RED-22", c->now_ms + DAY_MS), ERR_OK);
	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_NOT_ALLOWED);
	c->now_ms += 2 * DAY_MS;
	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_NOT_ALLOWED);
	assert_int_equal(chronicle_ask(c, LWDB, &id, ENVELOPE_UNRETAIN,
	    "RED-23", 0), ERR_OK);
	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_OK);
	carry_out(c);
	same_after_rebuild(c);
}

static void
test_a_rule_lets_go_when_its_term_is_over(void **state)
{
	struct chronicle *c = chronicle_of(state);
	struct refid id = ended(c, "UIT-01");
	struct erase_due due[64];
	struct txn *t = NULL;
	size_t n = 0, found = 0;

	assert_int_equal(by_rule(c, &id, 1), ERR_NOT_FOUND);
	c->now_ms += 91 * DAY_MS;
	assert_int_equal(by_rule(c, &id, 2), ERR_NOT_FOUND);
	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(erase_content_due(t, c->policy, c->now_ms, due, 64,
	    &n), ERR_OK);
	store_done(&t);
	for (size_t i = 0; i < n; i++)
		if (refid_eq(&due[i].referral, &id) && due[i].number == 1)
			found++;
	assert_int_equal(found, 1);
	assert_int_equal(by_rule(c, &id, 1), ERR_OK);
	carry_out(c);
	assert_int_equal(content_of(c, &id), ERR_CONTENT_GONE);
	same_after_rebuild(c);
}

static void
test_some_things_go_at_once(void **state)
{
	struct chronicle *c = chronicle_of(state);
	struct refid id = ended(c, "UIT-05");

	assert_int_equal(by_rule(c, &id, ERASURE_OUTCOME), ERR_NOT_FOUND);
	assert_int_equal(chronicle_say(c, LWDB, &id,
	    KETEN__V1__EVENT__ACKNOWLEDGE, NULL), ERR_OK);
	assert_int_equal(by_rule(c, &id, ERASURE_ERROR), ERR_NOT_FOUND);
	assert_int_equal(by_rule(c, &id, ERASURE_OUTCOME), ERR_OK);

	assert_int_equal(chronicle_submit(c, LWDB, "SIG-101", &id), ERR_OK);
	assert_int_equal(chronicle_say(c, LWDB, &id,
	    KETEN__V1__EVENT__MARK_ERROR, "RED-09"), ERR_OK);
	assert_int_equal(by_rule(c, &id, ERASURE_ERROR), ERR_OK);
	carry_out(c);
	assert_int_equal(content_of(c, &id), ERR_CONTENT_GONE);
	same_after_rebuild(c);
}

static void
test_everybody_who_had_it_is_told_and_awaited(void **state)
{
	struct chronicle *c = chronicle_of(state);
	struct refid id = ended(c, "UIT-01");
	struct txn *t = NULL;
	uint64_t index;
	bool is = false;

	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_OK);
	index = newest(c);
	for (int i = 0; i < 3; i++) {
		static const enum chronicle_cast who[] = { LWDB, WELZIJN,
			GEMEENTE };

		assert_int_equal(store_read(c->st, &t), ERR_OK);
		assert_int_equal(view_awaited(t, index,
		    &c->who[who[i]].org, "main", &is), ERR_OK);
		store_done(&t);
		assert_true(is);
		assert_int_equal(chronicle_erased(c, who[i], &id, index),
		    ERR_OK);
		assert_int_equal(chronicle_erased(c, who[i], &id, index),
		    ERR_NOT_ALLOWED);
	}
	assert_int_equal(chronicle_erased(c, THUISZORG, &id, index),
	    ERR_NOT_ALLOWED);
	carry_out(c);
	same_after_rebuild(c);
}

/* Die in the middle: after the commit, after the keys, after the rows. */
static void
die_after(struct chronicle *c, uint64_t index, int step)
{
	bool done = false;

	if (step > 0 && erase_slots(c->st, index) != ERR_OK)
		_exit(1);
	if (step > 1 && erase_rows(c->st, index, 1, &done) != ERR_OK)
		_exit(1);
	(void)kill(getpid(), SIGKILL);
}

static void
test_killed_at_any_step_it_is_finished_at_the_next_start(void **state)
{
	for (int step = 0; step < 3; step++) {
		struct store_config conf = { .origin = CHRONICLE_ORIGIN,
			.map_size = UINT64_C(1) << 30 };
		struct chronicle *c = chronicle_of(state);
		struct refid id = ended(c, "UIT-01");
		struct txn *t = NULL;
		uint64_t index = 0;
		int status = 0;
		pid_t child;

		assert_int_equal(chronicle_ask(c, GEMEENTE, &id,
		    ENVELOPE_ERASE, "RED-20", 0), ERR_OK);
		store_close(c->st);
		checkpoint_free(c->cp);
		conf.path = c->dir;
		child = fork();
		if (child == 0) {
			if (store_open(&conf, &c->st) != ERR_OK)
				_exit(2);
			die_after(c, c->n - 1, step);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(store_open(&conf, &c->st), ERR_OK);
		assert_int_equal(checkpoint_new(c->st, c->log, NULL, c->guard,
		    &c->cp), ERR_OK);
		assert_int_equal(store_read(c->st, &t), ERR_OK);
		/* With its last row an erasure is done. */
		assert_int_equal(erase_next(t, &index),
		    step < 2 ? ERR_OK : ERR_NOT_FOUND);
		store_done(&t);
		carry_out(c);
		assert_int_equal(content_of(c, &id), ERR_CONTENT_GONE);
		index = 0;
		assert_int_equal(store_read(c->st, &t), ERR_OK);
		assert_int_equal(erase_next(t, &index), ERR_NOT_FOUND);
		store_done(&t);
		same_after_rebuild(c);
	}
}

static void
test_the_audit_says_that_it_was_erased_by_right(void **state)
{
	struct auditor *a = *state;
	struct chronicle *c = chronicle_of(state);

	chronicle_publish(c);
	auditor_expect(a, c->dir, "verify", 11);
	auditor_expect(a, c->dir, "replay", 10);
}

/* Put the keys of one copy of a store into another. */
static void
keys_from(const char *from, const char *to)
{
	char a[128], b[128];
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)snprintf(a, sizeof(a), "%s/vault.keys", from);
	(void)snprintf(b, sizeof(b), "%s/vault.keys", to);
	assert_int_equal(file_read(a, (size_t)1 << 24, &bytes, &len), ERR_OK);
	assert_int_equal(file_write(b, bytes, len, 0600), ERR_OK);
	free(bytes);
}

static void
test_the_audit_finds_what_should_be_erased_and_can_be_read(void **state)
{
	struct auditor *a = *state;
	struct chronicle *c = chronicle_of(state);
	struct refid id = ended(c, "UIT-01");
	char busy[64], after[64];

	assert_int_equal(chronicle_ask(c, GEMEENTE, &id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_OK);
	chronicle_publish(c);
	chronicle_copy(c->dir, busy);
	carry_out(c);
	chronicle_copy(c->dir, after);
	auditor_expect(a, after, "verify", 11);

	/* A broker that is busy with it tells no lie. */
	auditor_expect(a, busy, "verify", 11);
	assert_non_null(strstr(a->out, "op dit moment"));
	/* One that says it is done does: nothing was overwritten, or only the
	 * rows went and the key came back. */
	tamper_delete(busy, "erasing", 0);
	auditor_expect(a, busy, "verify", 23);
	assert_non_null(strstr(a->out, "nog te lezen"));
	keys_from(busy, after);
	auditor_expect(a, after, "verify", 23);
	chronicle_remove(busy);
	chronicle_remove(after);
}

/* A referral of 6,000 pieces of content, with others' records in between. */
static size_t
many(void *cookie, const struct refid *id, size_t skip,
    struct decide_range *out, size_t max)
{
	size_t n = 0;

	(void)cookie;
	(void)id;
	for (size_t i = skip; i < 6000 && n < max; i++)
		out[n++] = (struct decide_range){ 2 * i, 1 };
	return (n);
}

/* Of a leaf that had no room: its steps after the first, say. */
static uint64_t steps_from;

static size_t
the_rest(void *cookie, const struct refid *id, size_t skip,
    struct decide_range *out, size_t max)
{
	(void)cookie;
	(void)id;
	if (max == 0 || skip != DECIDE_RANGES_MAX)
		return (0);
	out[0] = (struct decide_range){ steps_from, 3 };
	return (1);
}

/* Begin to decide, with ${content} in place of what the store says. */
static void
begin_with(struct chronicle *c, struct decide_in *in, struct decide_view *v,
    size_t (*content)(void *cookie, const struct refid *id, size_t skip,
	struct decide_range *out, size_t max))
{
	chronicle_in(c, in);
	*v = *in->view;
	v->content = content;
	in->view = v;
}

static void
test_what_does_not_fit_a_leaf_is_said_in_several(void **state)
{
	struct auditor *a = *state;
	struct chronicle *c = chronicle_of(state);
	struct decide_view view;
	struct decide_in in;
	struct decision d;
	struct refid id = ended(c, "UIT-01");

	assert_true(DECIDE_RANGES_MAX <= LEAF_ERASE_MAX);
	steps_from = c->n - 3;
	c->now_ms += 91 * DAY_MS;
	begin_with(c, &in, &view, many);
	assert_int_equal(decide_erase(&in, &id, 1, 0, &d), ERR_OK);
	assert_int_equal(d.facts->erase->n_ranges, DECIDE_RANGES_MAX);
	/* There is nothing yet to go on from. */
	assert_int_equal(decide_erase_more(&in, &id, 1, 0, 1, &d),
	    ERR_NOT_FOUND);
	store_abort(&c->t);

	assert_int_equal(by_rule(c, &id, 1), ERR_OK);
	begin_with(c, &in, &view, many);
	assert_int_equal(decide_erase_more(&in, &id, 1, 0, 1, &d), ERR_OK);
	assert_int_equal(d.facts->erase->n_ranges, 6000 - DECIDE_RANGES_MAX);
	assert_int_equal(d.facts->erase->ranges[0]->first,
	    2 * DECIDE_RANGES_MAX);
	assert_int_equal(decide_erase_more(&in, &id, 1, 0, 2, &d),
	    ERR_NOT_FOUND);
	store_abort(&c->t);

	/* The auditor reads it as one erasure. */
	begin_with(c, &in, &view, the_rest);
	assert_int_equal(decide_erase_more(&in, &id, 1, 0, 1, &d), ERR_OK);
	assert_true(d.route == NULL || d.route->n_deliveries == 0);
	chronicle_write(c, &d, slice_of("", 0), NULL);
	carry_out(c);
	chronicle_publish(c);
	auditor_expect(a, c->dir, "verify", 11);
}

/* ${id} is made to look as if it had been erased by ${number}. */
static void
lie_of_rule(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)rf;
	f->erase->number = 2;
}

static void
test_the_audit_finds_an_erasure_that_might_not_be(void **state)
{
	struct auditor *a = *state;
	struct chronicle *c = chronicle_of(state);
	struct refid id = ended(c, "UIT-01");

	c->now_ms += 91 * DAY_MS;
	c->lie = lie_of_rule;
	assert_int_equal(by_rule(c, &id, 1), ERR_OK);
	c->lie = NULL;
	carry_out(c);
	chronicle_publish(c);
	auditor_expect(a, c->dir, "verify", 23);
	auditor_expect(a, c->dir, "replay", 28);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_only_the_controller_may_ask_and_only_when_it_has_ended),
		cmocka_unit_test(
		    test_what_somebody_wants_to_keep_stays_until_it_lets_go),
		cmocka_unit_test(test_a_rule_lets_go_when_its_term_is_over),
		cmocka_unit_test(test_some_things_go_at_once),
		cmocka_unit_test(
		    test_everybody_who_had_it_is_told_and_awaited),
		cmocka_unit_test(
		    test_killed_at_any_step_it_is_finished_at_the_next_start),
		cmocka_unit_test(
		    test_the_audit_says_that_it_was_erased_by_right),
		cmocka_unit_test(
		    test_the_audit_finds_what_should_be_erased_and_can_be_read),
		cmocka_unit_test(
		    test_what_does_not_fit_a_leaf_is_said_in_several),
		cmocka_unit_test(
		    test_the_audit_finds_an_erasure_that_might_not_be),
	};

	return (cmocka_run_group_tests(tests, auditor_setup,
	    auditor_teardown));
}
