/*
 * What decide makes of parts of a referral: who may make them, whom they
 * follow, and when the whole may end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/keyring.h"
#include "help/bed.h"
#include "wire/pb.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w", corp[] = "corporatie-c",
		  care[] = "zorg-z", reg[] = "gemeente-r";

static struct refid
child_of(struct world *w, struct refid parent, const char *who,
    const char *code)
{
	return (bed_new(w, (struct bed_new){ .who = who, .code = code,
				   .parent = parent }));
}

static void
test_only_the_holder_of_the_whole_submits_a_part(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-101"), child, none = id;

	(void)state;
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
					   .code = "DST-202",
					   .parent = id }, &child),
	    ERR_WRONG_STATE);
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
					   .code = "DST-202",
					   .parent = id }, &child),
	    ERR_NOT_ALLOWED);
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = corp,
					   .code = "DST-202",
					   .parent = id }, &child),
	    ERR_UNKNOWN_REFERRAL);
	none.b[15] ^= 1;
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = wel,
					   .code = "DST-202",
					   .parent = none }, &child),
	    ERR_UNKNOWN_REFERRAL);
	child = child_of(w, id, wel, "DST-202");
	assert_true(refid_eq(&bed_ref(w, child)->parent, &id));
	world_free(w);
}

static void
test_a_whole_ends_after_its_parts(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel), child;

	(void)state;
	child = child_of(w, id, wel, "DST-206");
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_COMPLETE,
				       .id = id }), ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ corp, EV_ACCEPT, .id = child });
	bed_must(w, (struct bed_step){ corp, EV_COMPLETE, .id = child });
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_COMPLETE,
				       .id = id, .outcome = "UIT-03" }),
	    ERR_NOT_ALLOWED);
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_COMPLETE,
				       .id = id, .outcome = "UIT-03",
				       .child = id }), ERR_NOT_ALLOWED);
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_COMPLETE,
				       .id = id, .outcome = "UIT-08" }),
	    ERR_BAD_CODE);
	bed_must(w, (struct bed_step){ wel, EV_COMPLETE, .id = id,
			.outcome = "UIT-03", .child = child });
	assert_string_equal(bed_ref(w, id)->outcome, "UIT-03");
	id = bed_taken(w, "SIG-101", wel);
	bed_must(w, (struct bed_step){ wel, EV_COMPLETE, .id = id,
			.outcome = "UIT-03", .outside = "BUI-01" });
	world_free(w);
}

static void
test_a_part_is_found_among_a_hundred(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel), child;

	(void)state;
	for (int i = 0; i < 80; i++) {
		child = child_of(w, id, wel, "DST-206");
		bed_must(w, (struct bed_step){ wel, EV_WITHDRAW,
				.id = child });
	}
	child = child_of(w, id, wel, "DST-206");
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_COMPLETE,
				       .id = id }), ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_int_equal(w->facts->n_children, 1);
	assert_string_equal(bed_ref(w, child)->b.id, care);
	world_free(w);
}

static void
test_parts_follow_the_holder_of_the_whole(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel), offered, at_work, own;

	(void)state;
	offered = child_of(w, id, wel, "DST-206");
	at_work = child_of(w, id, wel, "DST-202");
	bed_must(w, (struct bed_step){ lwdb, EV_ACCEPT, .id = at_work });
	own = child_of(w, id, wel, "DST-602");
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = own });
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_int_equal(w->facts->n_children, 3);
	assert_string_equal(bed_ref(w, offered)->b.id, care);
	assert_string_equal(bed_ref(w, offered)->h.id, care);
	assert_string_equal(bed_ref(w, at_work)->b.id, care);
	assert_string_equal(bed_ref(w, at_work)->h.id, lwdb);
	/* It does not ask, warn or withdraw from itself. */
	assert_string_equal(bed_ref(w, own)->b.id, reg);
	assert_string_equal(bed_ref(w, own)->h.id, care);
	world_free(w);
}

static void
test_a_new_originator_is_no_candidate_of_its_part(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel), first, next;

	(void)state;
	/* zorg-z is asked second for DST-601, and only for DST-602. */
	first = child_of(w, id, wel, "DST-601");
	bed_must(w, (struct bed_step){ home, EV_DECLINE, .id = first });
	next = child_of(w, id, wel, "DST-602");
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_int_equal(bed_ref(w, first)->state, ST_ESCALATED);
	assert_int_equal(bed_ref(w, next)->state, ST_ESCALATED);
	assert_int_equal(bed_ref(w, next)->offers[0].state,
	    OFFER_NOT_SELECTED);
	assert_string_equal(bed_ref(w, next)->h.id, reg);
	world_free(w);
}

/* Sixteen parts of which the new holder has the only open offer, and whose
 * next rung is as long as can be: the most blinds one record can need. */
static void
test_the_most_that_one_record_can_offer_fits(void **state)
{
	static const char *const edits[][2] = { { "    rungs: [[v-oost, "
						  "v-west, v-zuid, "
						  "welzijn-w]]",
	    "    rungs: [[zorg-z], [v-oost, v-west, v-zuid, thuiszorg-t, "
	    "corporatie-c, mantelzorg-m, lwdb-noord]]" } };
	struct world *w = bed_world(edits, 1);
	struct refid id = bed_taken(w, "SIG-101", wel), last = id;

	(void)state;
	for (int i = 0; i < REFERRAL_CHILDREN_MAX; i++)
		last = child_of(w, id, wel, "DST-401");
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = wel,
					   .code = "DST-401", .parent = id },
			     &last), ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_int_equal(w->facts->n_children, REFERRAL_CHILDREN_MAX);
	assert_int_equal(w->facts->children[15]->n_offers, 8);
	print_message("# %zu bytes for it\n", w->decide_bytes);
	assert_true(w->decide_bytes < 4 * 1024 * 1024);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_only_the_holder_of_the_whole_submits_a_part),
		cmocka_unit_test(test_a_whole_ends_after_its_parts),
		cmocka_unit_test(test_a_part_is_found_among_a_hundred),
		cmocka_unit_test(test_parts_follow_the_holder_of_the_whole),
		cmocka_unit_test(
		    test_a_new_originator_is_no_candidate_of_its_part),
		cmocka_unit_test(
		    test_the_most_that_one_record_can_offer_fits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
