/*
 * The referral that somebody means, by the beginning of its id.
 */
#include "core/refind.h"
#include "records.h"

/* Rows that only have a key: refind reads no more. */
static void
put(struct rig *g, const char *text, uint8_t chunk)
{
	uint8_t key[18] = { 0 };
	struct refid id;

	assert_true(refid_parse(text, &id));
	memcpy(key, id.b, 16);
	key[17] = chunk;
	assert_int_equal(store_put(g->t, TABLE_REFERRAL, slice_of(key, 18),
	    slice_of("x", 1)), ERR_OK);
}

static struct rig *
three(void)
{
	struct rig *g = rig_new(1);

	rig_begin(g);
	put(g, "01890a5d-ac96-774b-bcce-b302099a8057", 0);
	put(g, "01890a5d-ac96-774b-bcce-b302099a8057", 1);
	put(g, "01890a5d-ac97-774b-bcce-b302099a8057", 0);
	put(g, "12345678-ac97-774b-bcce-b302099a8057", 0);
	return (g);
}

static void
finds(struct rig *g, const char *text, const char *whole)
{
	char why[REFIND_WHY] = "", found[REFID_TEXT];
	struct refid id;

	assert_int_equal(refind(g->t, text, &id, why), ERR_OK);
	assert_string_equal(refid_text(&id, found), whole);
	assert_string_equal(why, "");
}

static void
refuses(struct rig *g, const char *text, enum err err, const char *word)
{
	char why[REFIND_WHY] = "";
	struct refid id;

	assert_int_equal(refind(g->t, text, &id, why), err);
	assert_non_null(strstr(why, word));
}

static void
test_a_beginning_that_one_has_is_enough(void **state)
{
	struct rig *g = three();

	(void)state;
	finds(g, "01890a5d-ac96", "01890a5d-ac96-774b-bcce-b302099a8057");
	finds(g, "01890a5dac97", "01890a5d-ac97-774b-bcce-b302099a8057");
	finds(g, "12345678", "12345678-ac97-774b-bcce-b302099a8057");
	finds(g, "01890a5d-ac96-774b-bcce-b302099a8057",
	    "01890a5d-ac96-774b-bcce-b302099a8057");
	store_abort(&g->t);
	rig_free(g);
}

static void
test_a_beginning_that_two_have_names_both(void **state)
{
	struct rig *g = three();

	(void)state;
	refuses(g, "01890a5d", ERR_CONFLICT, "01890a5d-ac96-774b");
	refuses(g, "01890a5d-ac9", ERR_CONFLICT, "01890a5d-ac97-774b");
	store_abort(&g->t);
	rig_free(g);
}

static void
test_what_is_not_there_or_no_beginning_is_refused(void **state)
{
	struct rig *g = three();

	(void)state;
	refuses(g, "01890a5e", ERR_NOT_FOUND, "is er niet");
	refuses(g, "ffffffff", ERR_NOT_FOUND, "is er niet");
	refuses(g, "01890a5d-ac96-774b-bcce-b302099a8058", ERR_NOT_FOUND,
	    "is er niet");
	refuses(g, "01890a5", ERR_MALFORMED, "minstens de eerste 8");
	refuses(g, "verwijzing", ERR_MALFORMED, "minstens de eerste 8");
	refuses(g, "", ERR_MALFORMED, "minstens de eerste 8");
	store_abort(&g->t);
	rig_free(g);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_beginning_that_one_has_is_enough),
		cmocka_unit_test(test_a_beginning_that_two_have_names_both),
		cmocka_unit_test(
		    test_what_is_not_there_or_no_beginning_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
