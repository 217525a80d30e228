/*
 * t_openlist -- the live list shows groups, and no codes.
 */
#include "help/auditor.h"
#include "help/chronicle_in.h"
#include "core/openlist.h"

static char *
list(struct chronicle *c, enum sheet_format format, const char *who)
{
	const struct openlist_ask ask = { .who = org_of(who),
		.now_ms = c->now_ms, .format = format };
	struct txn *t = NULL;
	char *text = NULL;
	size_t len;

	chronicle_must(store_read(c->st, &t), "read");
	chronicle_must(openlist_write(t, &ask, NULL, &text, &len), "list");
	store_done(&t);
	return (text);
}

static void
expect(struct chronicle *c, enum sheet_format format, const char *words)
{
	char *text = list(c, format, "");

	if (strstr(text, words) == NULL)
		fail_msg("no %s in:\n%s", words, text);
	if (strstr(text, "SIG-103") != NULL)
		fail_msg("a code in:\n%s", text);
	free(text);
}

static void
end(struct chronicle *c)
{
	chronicle_remove(c->dir);
	chronicle_free(c);
}

static void
test_a_code_that_left_the_policy_is_not_shown(void **state)
{
	struct chronicle *c = chronicle_new();
	struct refid id;
	char *text;

	(void)state;
	assert_int_equal(chronicle_submit(c, LWDB, "SIG-103", &id), ERR_OK);
	expect(c, SHEET_JSON, "\"group\":\"SIG-100\"");
	chronicle_policy(c, "  - {code: SIG-103, group: SIG-100, "
	    "label: rouw / recent verlies}\n", "");
	expect(c, SHEET_JSON, "\"group\":\"\"");
	expect(c, SHEET_CSV, "\"geen\"");
	expect(c, SHEET_TEXT, " geen ");
	/* Who oversees every group still sees it. */
	text = list(c, SHEET_JSON, "gemeente-r");
	assert_non_null(strstr(text, "\"group\":\"\""));
	free(text);
	end(c);
}

static void
test_nothing_open_is_a_list_too(void **state)
{
	struct chronicle *c = chronicle_new();
	char *text = list(c, SHEET_TEXT, "");

	(void)state;
	assert_non_null(strstr(text, "\n0 verwijzingen\n"));
	free(text);
	end(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_code_that_left_the_policy_is_not_shown),
		cmocka_unit_test(test_nothing_open_is_a_list_too),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
