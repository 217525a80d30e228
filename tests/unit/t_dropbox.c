#include "drop_bench.h"

/* --- out ---------------------------------------------- */

static void
test_a_good_file_is_sent_and_ends_in_done_with_its_answer(void **state)
{
	(void)state;
	b->k.decide_at_once = true;
	drop("wo-1.json", ORDER);
	step();
	assert_int_equal(b->k.n_orders, 1);
	assert_string_equal(b->k.orders[0].code, "DST-202");
	assert_true(folder_has(&b->f, PLACE_DONE, "wo-1.json"));
	says(PLACE_DONE, "wo-1.json.uitkomst.txt", "Verstuurd: indienen.");
	says(PLACE_DONE, "wo-1.json.uitkomst.json", REF);
	assert_int_equal(folder_count(&b->f, PLACE_OUT_BUSY), 0);
	assert_int_equal(folder_count(&b->f, PLACE_KETEN), 1); /* the lock */
	assert_true(dropout_is_idle(&b->out));
}

static void
test_what_was_half_written_goes_at_the_next_start(void **state)
{
	(void)state;
	end();
	assert_int_equal(folder_open(b->path, &b->f), ERR_OK);
	assert_int_equal(folder_write(&b->f, PLACE_IN_TMP,
	    "000000000001-x.txt.aB3dE6", "geheim", 6), ERR_OK);
	assert_int_equal(folder_write(&b->f, PLACE_REFERRALS, REF ".zzzzzz",
	    "geheim", 6), ERR_OK);
	assert_int_equal(folder_write(&b->f, PLACE_REFERRALS, REF, "{}", 2),
	    ERR_OK);
	assert_int_equal(folder_write(&b->f, PLACE_OUT_BUSY, "lijst.backup",
	    "x", 1), ERR_OK);
	assert_int_equal(folder_write(&b->f, PLACE_KETEN,
	    FOLDER_PLAN "lijst.backup", "{}", 2), ERR_OK);
	folder_close(&b->f);
	assert_int_equal(folder_open(b->path, &b->f), ERR_OK);
	assert_false(folder_has(&b->f, PLACE_IN_TMP,
	    "000000000001-x.txt.aB3dE6"));
	assert_false(folder_has(&b->f, PLACE_REFERRALS, REF ".zzzzzz"));
	assert_true(folder_has(&b->f, PLACE_REFERRALS, REF));
	assert_true(folder_has(&b->f, PLACE_KETEN,
	    FOLDER_PLAN "lijst.backup"));
	assert_int_equal(folder_remove(&b->f, PLACE_OUT_BUSY, "lijst.backup"),
	    ERR_OK);
	assert_int_equal(folder_remove(&b->f, PLACE_KETEN,
	    FOLDER_PLAN "lijst.backup"), ERR_OK);
	folder_close(&b->f);
	begin();
}

static void
test_a_bad_file_ends_in_failed_with_the_reason_beside_it(void **state)
{
	(void)state;
	drop("x.json", "{\"soort\":\"lekkage\",\"wijkje\":\"WK085501\"}");
	drop("leeg.csv", "");
	step();
	assert_int_equal(b->k.n_orders, 0);
	assert_true(folder_has(&b->f, PLACE_FAILED, "x.json"));
	says(PLACE_FAILED, "x.json.fout.txt", "bedoelde u 'wijk'");
	says(PLACE_FAILED, "leeg.csv.fout.txt", "leeg");
}

static void
test_what_the_broker_refuses_ends_in_failed_with_what_to_do(void **state)
{
	(void)state;
	drop("a.json", "{\"stap\":\"aannemen\",\"verwijzing\":\"" REF "\"}");
	step();
	assert_true(folder_count(&b->f, PLACE_OUT_BUSY) == 1);
	double_decide(&b->k, 0, KETEN_REFUSED);
	step();
	says(PLACE_FAILED, "a.json.fout.txt", "Iemand was u voor.");
	says(PLACE_FAILED, "a.json.fout.txt", "Bekijk de verwijzing opnieuw.");
}

static void
test_the_same_name_again_is_another_file(void **state)
{
	(void)state;
	b->k.decide_at_once = true;
	for (int i = 0; i < 3; i++) {
		char text[256];

		(void)snprintf(text, sizeof(text), "{\"opdrachtnummer\":"
		    "\"WO-%d\",\"soort\":\"lekkage\",\"wijk\":\"WK085501\"}",
		    i);
		drop("order.json", text);
		step();
	}
	assert_int_equal(b->k.n_orders, 3);
	/* Each with two answers. */
	assert_int_equal(folder_count(&b->f, PLACE_DONE), 9);
}

static void
test_one_bad_row_and_nothing_of_the_file_is_sent(void **state)
{
	(void)state;
	drop("t.csv", "soort;wijk\nlekkage;WK085501\nlekkage;Tilburg\n");
	step();
	assert_int_equal(b->k.n_orders, 0);
	says(PLACE_FAILED, "t.csv.fout.txt", "Regel 3");
}

static void
test_what_the_sdk_refuses_takes_the_rest_of_the_file_back(void **state)
{
	(void)state;
	b->k.refuse_code = "DST-203";
	drop("t.csv", "soort;wijk\nlekkage;WK085501\ntuin;WK085501\n"
	    "klus;WK085501\n");
	step();
	assert_int_equal(b->k.n_orders, 1);
	assert_int_equal(b->k.orders[0].out.status, KETEN_FAILED);
	says(PLACE_FAILED, "t.csv.fout.txt", "Regel 3: Niet gelukt: De "
	    "toelichting noemt een naam");
	says(PLACE_FAILED, "t.csv.fout.txt", "Regel 4: Niet gelukt: Niet "
	    "verstuurd");
}

static void
test_each_row_has_its_own_outcome(void **state)
{
	(void)state;
	drop("t.csv", "soort;wijk\nlekkage;WK085501\ntuin;WK085501\n");
	step();
	double_decide(&b->k, 0, KETEN_DONE);
	step();
	assert_false(dropout_is_idle(&b->out));
	double_decide(&b->k, 1, KETEN_REFUSED);
	step();
	says(PLACE_FAILED, "t.csv.fout.txt", "Regel 2: Verstuurd");
	says(PLACE_FAILED, "t.csv.fout.txt", "Regel 3: Niet gelukt");
}

static void
test_steps_of_one_referral_go_one_after_another(void **state)
{
	(void)state;
	drop("1.json", "{\"stap\":\"aannemen\",\"verwijzing\":\"" REF "\"}");
	step();
	drop("2.json", "{\"stap\":\"beginnen\",\"verwijzing\":\"" REF "\"}");
	drop("3.json", ORDER);
	step();
	assert_int_equal(b->k.n_orders, 2); /* the third is not held up */
	double_decide(&b->k, 0, KETEN_DONE);
	step();
	step();
	assert_int_equal(b->k.n_orders, 3);
	assert_int_equal(b->k.orders[2].out.step, KETEN_START);
}

static void
test_the_same_thing_twice_at_once_is_sent_once(void **state)
{
	(void)state;
	drop("1.json", ORDER);
	drop("2.json", ORDER);
	step();
	assert_int_equal(b->k.n_orders, 1);
	double_decide(&b->k, 0, KETEN_DONE);
	step();
	step();
	assert_int_equal(b->k.n_orders, 1);
	says(PLACE_FAILED, "2.json.fout.txt", "al ingediend, als verwijzing");
}

static void
test_a_stop_after_claiming_neither_loses_nor_doubles(void **state)
{
	(void)state;
	drop("1.json", ORDER);
	step();
	for (int i = 0; i < 3; i++) {
		restart();
		step();
	}
	assert_int_equal(b->k.n_orders, 1);
	double_decide(&b->k, 0, KETEN_DONE);
	restart();
	step();
	assert_true(folder_has(&b->f, PLACE_DONE, "1.json"));
	assert_int_equal(folder_count(&b->f, PLACE_DONE), 3);
	restart();
	step();
	assert_int_equal(b->k.n_orders, 1);
}

static void
test_a_stop_between_answer_and_move_answers_again_the_same(void **state)
{
	char **names;
	size_t n;

	(void)state;
	drop("1.json", ORDER);
	step();
	/* As if the answer was written and then the power went. */
	assert_int_equal(folder_write(&b->f, PLACE_DONE,
	    "1.json.uitkomst.txt", "half", 4), ERR_OK);
	double_decide(&b->k, 0, KETEN_DONE);
	restart();
	step();
	says(PLACE_DONE, "1.json.uitkomst.txt", "Verstuurd");
	assert_int_equal(folder_list(&b->f, PLACE_DONE, &names, &n), ERR_OK);
	assert_int_equal(n, 3);
	folder_names_free(names, n);
}

static void
test_a_stop_before_the_plan_is_whole_reads_the_file_again(void **state)
{
	char **names;
	char plan[300];
	size_t n;

	(void)state;
	drop("1.json", ORDER);
	step();
	assert_int_equal(folder_list(&b->f, PLACE_OUT_BUSY, &names, &n),
	    ERR_OK);
	(void)snprintf(plan, sizeof(plan), "plan-%s", names[0]);
	folder_names_free(names, n);
	assert_int_equal(folder_write(&b->f, PLACE_KETEN, plan, "{\"it", 4),
	    ERR_OK);
	restart();
	step();
	assert_int_equal(b->k.n_orders, 1);
	assert_false(dropout_is_idle(&b->out));
}

static void
test_a_link_a_folder_and_a_hidden_file_are_left_alone(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/out/new/map", b->path);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/out/new/link.json", b->path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	(void)snprintf(path, sizeof(path), "%s/out/new/pijp", b->path);
	assert_int_equal(mkfifo(path, 0600), 0);
	drop(".verborgen.json", ORDER);
	step();
	assert_int_equal(b->k.n_orders, 0);
	assert_int_equal(folder_count(&b->f, PLACE_FAILED), 0);
}

/* A partner's system can write where the adapter writes.  What it puts in the
 * place of a file is removed, and nothing behind it is touched. */
static void
test_what_came_in_the_place_of_a_file_goes_and_nothing_else(void **state)
{
	static const char *const names[] = { "link", "hard", "pijp" };
	char path[160], theirs[160];
	uint8_t *data;
	size_t len;

	(void)state;
	(void)snprintf(theirs, sizeof(theirs), "%s/van-hen", b->path);
	assert_int_equal(file_write(theirs, "van hen", 7, 0600), ERR_OK);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/done/%s", b->path,
		    names[i]);
		assert_int_equal(i == 0 ? symlink(theirs, path) : i == 1 ?
		    link(theirs, path) : mkfifo(path, 0600), 0);
		assert_int_equal(folder_remove(&b->f, PLACE_DONE, names[i]),
		    ERR_OK);
		assert_false(folder_has(&b->f, PLACE_DONE, names[i]));
	}
	assert_int_equal(file_read(theirs, 10, &data, &len), ERR_OK);
	assert_string_equal((char *)data, "van hen");
	free(data);
}

static void
test_a_file_that_is_too_big_is_refused_unread(void **state)
{
	size_t len = 2 * 1024 * 1024;
	char *big = malloc(len);

	(void)state;
	memset(big, ' ', len);
	assert_int_equal(folder_write(&b->f, PLACE_OUT_NEW, "groot.json", big,
	    len), ERR_OK);
	free(big);
	step();
	says(PLACE_FAILED, "groot.json.fout.txt", "groter dan 1024 kB");
}

static void
test_odd_names_are_made_plain(void **state)
{
	(void)state;
	b->k.decide_at_once = true;
	drop("een b\xff\ns\xc3\xa9.json", ORDER);
	step();
	assert_true(folder_has(&b->f, PLACE_DONE, "een_b__s__.json"));
}

static void
test_abuse_shows_veilig_thuis_whatever_becomes_of_the_file(void **state)
{
	(void)state;
	b->k.decide_at_once = true;
	drop("a.json", "{\"code\":\"SIG-303\",\"gebied\":\"GM0855\","
	    "\"besproken\":\"niet veilig\",\"grondslag\":\"G-VIT\"}");
	drop("b.json", "{\"code\":\"SIG-303\"}");
	step();
	says(PLACE_DONE, "a.json.uitkomst.txt", "0800-2000");
	says(PLACE_FAILED, "b.json.fout.txt", "0800-2000");
}

/* --- the hook ---------------------------------------------- */

static int64_t
mono(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

static void
hook_script(struct hook *h, const char *script)
{
	char path[128];
	FILE *to;

	(void)snprintf(path, sizeof(path), "%s/hook.sh", b->path);
	to = fopen(path, "w");
	(void)fprintf(to, "#!/bin/sh\ncd %s\n%s\n", b->path, script);
	(void)fclose(to);
	assert_int_equal(chmod(path, 0700), 0);
	memset(h, 0, sizeof(*h));
	h->argv[0] = strdup(path);
	h->n = 1;
	h->every_ms = 60000;
	h->limit_ms = 60000;
	(void)snprintf(h->link, sizeof(h->link), "https://desk.example/");
}

static void
hook_finish(struct hook *h)
{
	for (int i = 0; i < 6000 && h->pid != 0; i++) {
		struct timespec nap = {0, 10000000};

		(void)nanosleep(&nap, NULL);
		hook_watch(h, mono());
	}
	assert_int_equal(h->pid, 0);
}

static void
test_the_hook_gets_count_deadline_and_link_and_nothing_else(void **state)
{
	char path[128], text[1024] = "";
	struct hook h;
	FILE *from;

	(void)state;
	hook_script(&h, "echo \"$#:$1:$2:$3\" > args; env | sort > env");
	assert_int_equal(setenv("GEHEIM", "ja", 1), 0);
	hook_want(&h);
	hook_start(&h, mono(), 3, 1767607200000);
	hook_finish(&h);
	assert_int_equal(h.failed, 0);
	(void)snprintf(path, sizeof(path), "%s/args", b->path);
	from = fopen(path, "r");
	assert_non_null(fgets(text, sizeof(text), from));
	(void)fclose(from);
	assert_string_equal(text,
	    "3:3:2026-01-05T10:00:00Z:https://desk.example/\n");
	(void)snprintf(path, sizeof(path), "%s/env", b->path);
	from = fopen(path, "r");
	memset(text, 0, sizeof(text));
	assert_true(fread(text, 1, sizeof(text) - 1, from) > 0);
	(void)fclose(from);
	assert_non_null(strstr(text, "KETEN_COUNT=3\n"));
	assert_null(strstr(text, "GEHEIM"));
	hook_stop(&h);
}

static void
test_the_hook_runs_once_per_interval_and_not_too_long(void **state)
{
	struct hook h;

	(void)state;
	hook_script(&h, "sleep 60");
	h.limit_ms = 50;
	hook_want(&h);
	hook_start(&h, mono(), 1, 0);
	assert_true(h.pid != 0);
	hook_want(&h);
	assert_false(hook_is_due(&h, mono()));
	hook_finish(&h);
	assert_int_equal(h.failed, 1);
	assert_false(hook_is_due(&h, mono()));
	assert_true(hook_is_due(&h, mono() + 60001));
	hook_stop(&h);
}

/* --- settings ---------------------------------------------- */

static void
test_settings_name_every_mistake_with_its_line(void **state)
{
	static const char good[] = "origin: x\nadapter:\n  folder: map\n"
	    "  notify:\n    command: [/bin/true, -x]\n    every: 5 s\n"
	    "  defaults:\n    area: GM0855\n    actor: WIJK-1\n";
	static const char wrong[] = "adapter:\n  foldr: map\n  notify: true\n"
	    "  defaults:\n    kleur: rood\n";
	char path[128], text[2048] = "";
	struct options o;
	FILE *to = fmemopen(text, sizeof(text), "w");

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/a.yaml", b->path);
	FILE *f = fopen(path, "w");

	(void)fputs(good, f);
	(void)fclose(f);
	assert_int_equal(options_read(path, &welzijn_kind, &o, to), ERR_OK);
	assert_non_null(strstr(o.folder, b->path));
	assert_int_equal(o.hook.n, 2);
	assert_int_equal(o.hook.every_ms, 5000);
	assert_string_equal(o.actor, "WIJK-1");
	assert_string_equal(map_use_default_of(&o.use, MAP_AREA, NULL),
	    "GM0855");
	options_fini(&o);

	f = fopen(path, "w");
	(void)fputs(wrong, f);
	(void)fclose(f);
	assert_int_equal(options_read(path, &welzijn_kind, &o, to),
	    ERR_CONFIG);
	(void)fclose(to);
	assert_non_null(strstr(text, "a.yaml:2:"));
	assert_non_null(strstr(text, "a.yaml:3:"));
	assert_non_null(strstr(text, "a.yaml:5:"));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_a_good_file_is_sent_and_ends_in_done_with_its_answer),
	    T(test_what_was_half_written_goes_at_the_next_start),
	    T(test_a_bad_file_ends_in_failed_with_the_reason_beside_it),
	    T(test_what_the_broker_refuses_ends_in_failed_with_what_to_do),
	    T(test_the_same_name_again_is_another_file),
	    T(test_one_bad_row_and_nothing_of_the_file_is_sent),
	    T(test_what_the_sdk_refuses_takes_the_rest_of_the_file_back),
	    T(test_each_row_has_its_own_outcome),
	    T(test_steps_of_one_referral_go_one_after_another),
	    T(test_the_same_thing_twice_at_once_is_sent_once),
	    T(test_a_stop_after_claiming_neither_loses_nor_doubles),
	    T(test_a_stop_between_answer_and_move_answers_again_the_same),
	    T(test_a_stop_before_the_plan_is_whole_reads_the_file_again),
	    T(test_a_link_a_folder_and_a_hidden_file_are_left_alone),
	    T(test_what_came_in_the_place_of_a_file_goes_and_nothing_else),
	    T(test_a_file_that_is_too_big_is_refused_unread),
	    T(test_odd_names_are_made_plain),
	    T(test_abuse_shows_veilig_thuis_whatever_becomes_of_the_file),
	    T(test_the_hook_gets_count_deadline_and_link_and_nothing_else),
	    T(test_the_hook_runs_once_per_interval_and_not_too_long),
	    T(test_settings_name_every_mistake_with_its_line),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
