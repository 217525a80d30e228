/*
 * What the view says of supply: who has no room, and what is missing.
 */
#include "records_any.h"

/* An entry of ${who} for DST-101, checked now. */
static void
offers(struct rig *g, const char *who)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	Keten__V1__CatalogueFacts *c = rig_zero(g, 1, sizeof(*c));
	Keten__V1__CatalogueEntry *e = rig_zero(g, 1, sizeof(*e));

	keten__v1__catalogue_facts__init(c);
	keten__v1__catalogue_entry__init(e);
	e->service = pb_string("DST-101");
	e->status = pb_string("active");
	e->capacity = KETEN__V1__CAPACITY__HAS;
	e->checked_ms = g->now_ms;
	c->partner = pb_string(who);
	c->entry = e;
	m.f->catalogue = c;
	rig_sender(g, &m, who);
	assert_int_equal(rig_add(g, &m), ERR_OK);
}

static void
test_a_decline_shows_until_its_time_or_the_partners_own_word(void **state)
{
	struct rig *g = rig_new(17);
	struct org w = org_of("welzijn-w"), t = org_of("thuiszorg-t");
	struct view_shortage page[4];
	struct view_entry e;
	struct view_at at;
	int64_t now;
	size_t n;
	bool shows;

	(void)state;
	rig_begin(g);
	offers(g, w.id);
	assert_int_equal(rig_shortage(g, w.id, "DST-101", "WK085501",
		3600000), ERR_OK);
	assert_int_equal(rig_shortage(g, t.id, "DST-101", "WK085502",
		3600000), ERR_OK);
	now = g->now_ms;
	assert_int_equal(view_entry(g->t, "DST-101", &w, g->a, &e), ERR_OK);
	assert_int_equal(e.index, 0);
	assert_int_equal(view_entry(g->t, "DST-101", &t, g->a, &e),
	    ERR_NOT_FOUND);
	assert_int_equal(view_shortages(g->t, "DST-101", NULL, page, 4, &n),
	    ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(page[0].partner.id, t.id);
	assert_string_equal(page[0].area, "WK085502");
	at = (struct view_at){ page[0].service, page[0].partner.id,
		page[0].area };
	assert_int_equal(view_shortages(g->t, "", &at, page + 1, 3, &n),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_string_equal(page[1].reason, "AFW-01");
	assert_int_equal(view_shortage_shows(g->t, &page[1], now, &shows),
	    ERR_OK);
	assert_true(shows);
	offers(g, w.id);
	assert_int_equal(view_shortage_shows(g->t, &page[1], now, &shows),
	    ERR_OK);
	assert_false(shows);
	/* Who has no entry can only wait until it is over. */
	assert_int_equal(view_shortage_shows(g->t, &page[0],
		page[0].until_ms - 1, &shows), ERR_OK);
	assert_true(shows);
	assert_int_equal(view_shortage_shows(g->t, &page[0],
		page[0].until_ms, &shows), ERR_OK);
	assert_false(shows);
	rig_free(g);
}

static void
test_what_is_missing_is_listed_in_order(void **state)
{
	struct rig *g = rig_new(18);
	struct view_missing m[4];
	size_t n;

	(void)state;
	rig_begin(g);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rig_missing(g, "welzijn-w", "DST-205"),
		    ERR_OK);
		offers(g, "zorg-z");
	}
	assert_int_equal(view_missing(g->t, 0, m, 4, &n), ERR_OK);
	assert_int_equal(n, 3);
	assert_int_equal(m[1].index, 2);
	assert_string_equal(m[1].partner.id, "welzijn-w");
	assert_string_equal(m[1].code, "DST-205");
	assert_string_equal(m[1].area, "WK085501");
	assert_true(m[1].time_ms > 0 && m[1].time_ms >= m[0].time_ms);
	assert_int_equal(view_missing(g->t, m[1].index + 1, m, 4, &n),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(m[0].index, 4);
	rig_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_decline_shows_until_its_time_or_the_partners_own_word),
		cmocka_unit_test(test_what_is_missing_is_listed_in_order),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
