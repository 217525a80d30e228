#include "drop_bench.h"

/* --- in ---------------------------------------------- */

static void
arrives(uint64_t seq, enum keten_step what, uint32_t parts)
{
	struct keten_news *n = &b->k.news[b->k.n_news++];

	memset(n, 0, sizeof(*n));
	n->seq = seq;
	n->index = 1000 + seq;
	n->step = what;
	n->role = KETEN_CANDIDATE;
	n->part_mask = parts;
	n->time_ms = NOW + (int64_t)seq;
	memcpy(n->referral, REF, sizeof(REF));
	(void)snprintf(n->text, sizeof(n->text), "Bericht %u.", (unsigned)seq);
}

static size_t
receive(void)
{
	bool wrote;
	enum err err;
	size_t n = 0;

	while ((err = dropin_step(&b->in, &wrote)) == ERR_OK)
		n += wrote;
	assert_int_equal(err, ERR_NOT_FOUND);
	return (n);
}

static void
offer(void)
{
	struct keten_referral *r = double_referral(&b->k, REF);

	(void)snprintf(r->state, sizeof(r->state), "OFFERED");
	(void)snprintf(r->fhir_status, sizeof(r->fhir_status), "requested");
	(void)snprintf(r->code, sizeof(r->code), "DST-101");
	(void)snprintf(r->may, sizeof(r->may), "ACCEPT DECLINE");
	(void)snprintf(r->originator, sizeof(r->originator), "welzijn-w");
	(void)snprintf(r->holder, sizeof(r->holder), "welzijn-w");
	r->role = KETEN_CANDIDATE;
	b->k.note = "{\"text\":\"Graag op dinsdag.\"}";
}

#define FIRST "000000001001-" REF "-submit.json"

static void
test_news_becomes_a_file_with_label_note_and_steps(void **state)
{
	(void)state;
	offer();
	arrives(1, KETEN_SUBMIT, 1 << KETEN_NOTE);
	assert_int_equal(receive(), 1);
	assert_int_equal(b->k.read, 1);
	says(PLACE_IN, FIRST, "Graag op dinsdag.");
	says(PLACE_IN, FIRST, "boodschappen");
	says(PLACE_IN, FIRST, "aannemen");
	assert_int_equal(b->k.opened_person, 0);
}

static void
test_a_crash_before_read_shows_news_once_even_if_taken_away(void **state)
{
	bool wrote;

	(void)state;
	offer();
	arrives(1, KETEN_SUBMIT, 0);
	b->k.fail_read = true;
	assert_int_equal(dropin_step(&b->in, &wrote), ERR_STORE);
	assert_true(wrote);
	assert_int_equal(folder_remove(&b->f, PLACE_IN, FIRST), ERR_OK);
	b->k.fail_read = false;
	restart();
	assert_int_equal(receive(), 0);
	assert_int_equal(b->k.read, 1);
	assert_false(folder_has(&b->f, PLACE_IN, FIRST));
}

static void
test_a_crash_between_ready_and_rename_shows_it_after_all(void **state)
{
	char *names[] = {(char *)(uintptr_t)FIRST};

	(void)state;
	offer();
	arrives(1, KETEN_SUBMIT, 0);
	assert_int_equal(folder_write(&b->f, PLACE_IN_TMP, FIRST, "{}", 2),
	    ERR_OK);
	assert_int_equal(ledger_ready(&b->l, &b->k.news[0], names, 1), ERR_OK);
	restart();
	assert_int_equal(receive(), 1);
	says(PLACE_IN, FIRST, "{}");
}

static void
test_a_crash_before_ready_writes_it_again(void **state)
{
	(void)state;
	offer();
	arrives(1, KETEN_SUBMIT, 0);
	assert_int_equal(folder_write(&b->f, PLACE_IN_TMP, FIRST, "{half", 5),
	    ERR_OK);
	restart();
	assert_int_equal(receive(), 1);
	says(PLACE_IN, FIRST, "Bericht 1.");
	assert_int_equal(folder_count(&b->f, PLACE_IN_TMP), 0);
}

static void
test_a_spool_put_back_loses_nothing_here(void **state)
{
	(void)state;
	offer();
	arrives(7, KETEN_SUBMIT, 0);
	assert_int_equal(receive(), 1);
	/* Yesterday's copy: the numbers begin again, at other leaves. */
	b->k.n_news = 0;
	b->k.read = 0;
	arrives(3, KETEN_ACCEPT, 0);
	arrives(7, KETEN_START, 0);
	b->k.news[1].index = 2222;
	restart();
	assert_int_equal(receive(), 2);
}

static void
test_the_person_part_is_opened_for_the_holder_only(void **state)
{
	struct keten_referral *r;

	(void)state;
	offer();
	r = double_referral(&b->k, REF);
	b->k.person = "{\"name\":\"Jo Pietersen\"}";
	r->openable = 1u << KETEN_PERSON;
	arrives(1, KETEN_SUBMIT, 0);
	arrives(2, KETEN_CONTENT, 1u << KETEN_PERSON);
	assert_int_equal(receive(), 2);
	assert_int_equal(b->k.opened_person, 0);
	(void)snprintf(r->holder, sizeof(r->holder), "thuiszorg-t");
	arrives(3, KETEN_CONTENT, 1u << KETEN_PERSON);
	assert_int_equal(receive(), 1);
	assert_int_equal(b->k.opened_person, 1);
	says(PLACE_IN, "000000001003-" REF "-persoonsdeel.json",
	    "Jo Pietersen");
}

static void
test_erasing_removes_what_was_written_about_it_and_nothing_else(void **state)
{
	(void)state;
	b->k.decide_at_once = true;
	b->k.note = "{\"text\":\"x\"}";
	drop("wo-1.json", ORDER);
	step();
	drop("ander.json", "{\"opdrachtnummer\":\"WO-9\",\"soort\":\"tuin\","
	    "\"wijk\":\"WK085501\"}");
	step();
	arrives(1, KETEN_ACCEPT, 0);
	assert_int_equal(receive(), 1);
	assert_int_equal(folder_count(&b->f, PLACE_DONE), 6);
	arrives(2, KETEN_ERASED, 0);
	assert_int_equal(receive(), 1);
	assert_int_equal(folder_count(&b->f, PLACE_DONE), 3);
	assert_true(folder_has(&b->f, PLACE_DONE, "ander.json"));
	assert_int_equal(folder_count(&b->f, PLACE_REFERRALS), 1);
	assert_int_equal(folder_count(&b->f, PLACE_KEYS), 1);
	assert_int_equal(folder_count(&b->f, PLACE_IN), 1);
	says(PLACE_IN, "000000001002-" REF "-gewist.json", "Bericht 2.");
}

static void
test_an_alarm_is_a_file_too(void **state)
{
	(void)state;
	arrives(4, KETEN_ALARM, 0);
	b->k.news[0].index = 0;
	b->k.news[0].referral[0] = '\0';
	assert_int_equal(receive(), 1);
	says(PLACE_IN, "alarm-0000000004.json", "Bericht 4.");
}

static void
test_home_care_gets_its_own_task_back(void **state)
{
	(void)state;
	map_use_fini(&b->use);
	map_use_init(&b->use, &thuiszorg_kind);
	assert_int_equal(map_use_default(&b->use, MAP_AREA, "WK085501"),
	    ERR_OK);
	b->k.decide_at_once = true;
	drop("t.json", "{\"resourceType\":\"Task\",\"id\":\"eigen-1\","
	    "\"status\":\"requested\",\"intent\":\"order\",\"code\":{"
	    "\"text\":\"boodschappen\"},\"for\":{\"reference\":"
	    "\"Patient/9\"}}");
	step();
	says(PLACE_DONE, "t.json.uitkomst.json", "\"eigen-1\"");
	says(PLACE_DONE, "t.json.uitkomst.json", "\"requested\"");
	arrives(1, KETEN_ACCEPT, 0);
	assert_int_equal(receive(), 1);
	says(PLACE_IN, "000000001001-" REF "-accept.json", "\"eigen-1\"");
	says(PLACE_IN, "000000001001-" REF "-accept.json", "Patient/9");
	says(PLACE_IN, "000000001001-" REF "-accept.txt", "Bericht 1.");
	/* Once more with nothing new: nothing is sent, and it says so. */
	drop("t2.json", "{\"resourceType\":\"Task\",\"id\":\"eigen-1\","
	    "\"status\":\"requested\",\"intent\":\"order\"}");
	step();
	assert_int_equal(b->k.n_orders, 1);
	says(PLACE_DONE, "t2.json.uitkomst.txt", "Niets veranderd");
	/* And withdrawn with a new status. */
	drop("t3.json", "{\"resourceType\":\"Task\",\"id\":\"eigen-1\","
	    "\"status\":\"cancelled\",\"intent\":\"order\"}");
	step();
	assert_int_equal(b->k.orders[1].out.step, KETEN_WITHDRAW);
}

static void
test_only_one_program_serves_a_folder(void **state)
{
	struct folder other;

	(void)state;
	assert_int_equal(folder_open(b->path, &other), ERR_FULL);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_news_becomes_a_file_with_label_note_and_steps),
	    T(test_a_crash_before_read_shows_news_once_even_if_taken_away),
	    T(test_a_crash_between_ready_and_rename_shows_it_after_all),
	    T(test_a_crash_before_ready_writes_it_again),
	    T(test_a_spool_put_back_loses_nothing_here),
	    T(test_the_person_part_is_opened_for_the_holder_only),
	    T(test_erasing_removes_what_was_written_about_it_and_nothing_else),
	    T(test_an_alarm_is_a_file_too),
	    T(test_home_care_gets_its_own_task_back),
	    T(test_only_one_program_serves_a_folder),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
