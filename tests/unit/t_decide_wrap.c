/*
 * More wraps of sealed parts: who may give and have them (I5), what follows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"
#include "wire/pb.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w", corp[] = "corporatie-c",
		  care[] = "zorg-z", reg[] = "gemeente-r";

enum { NOTE = 1u << 1, PERSON = 1u << 2, TEXT = 1u << 3 };

static void
test_the_person_part_opens_for_who_took_it(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-101");

	(void)state;
	assert_int_equal(bed_rewrap(w, lwdb, wel, &id, PERSON),
	    ERR_NOT_ALLOWED);
	assert_int_equal(bed_rewrap(w, reg, wel, &id, PERSON | NOTE),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	assert_true(w->last.wants_wrap);
	assert_int_equal(bed_rewrap(w, lwdb, wel, &id, PERSON), ERR_OK);
	assert_int_equal(w->facts->kind,
	    KETEN__V1__RECORD_KIND__RECORD_REWRAP);
	assert_int_equal(w->facts->change->steps[0]->event, EV_OPENABLE);
	assert_true(bed_ref(w, id)->openable);
	assert_non_null(w->route->sender);
	assert_int_equal(bed_told(w, wel, id)->role,
	    KETEN__V1__DELIVERY_ROLE__HOLDER);
	assert_int_equal(bed_told(w, wel, id)->n_pieces, 1);
	assert_int_equal(w->route->n_deliveries, 1);
	world_free(w);
}

static void
test_the_regisseur_that_was_left_with_it_confirms_first(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "DST-601", home);

	(void)state;
	assert_int_equal(bed_rewrap(w, lwdb, home, &id, PERSON), ERR_OK);
	bed_must(w, (struct bed_step){ home, EV_GIVE_UP, .id = id });
	assert_string_equal(bed_ref(w, id)->h.id, reg);
	assert_int_equal(bed_rewrap(w, lwdb, reg, &id, PERSON),
	    ERR_NOT_ALLOWED);
	assert_int_equal(bed_rewrap(w, lwdb, reg, &id, NOTE), ERR_OK);
	bed_must(w, (struct bed_step){ care, EV_DECLINE, .id = id });
	assert_int_equal(bed_ref(w, id)->state, ST_ESCALATED);
	assert_int_equal(bed_rewrap(w, lwdb, reg, &id, PERSON),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ reg, EV_CONFIRM, .id = id });
	assert_true(w->last.wants_wrap);
	/* A former holder can open it, and helps. */
	assert_int_equal(bed_rewrap(w, home, reg, &id, PERSON), ERR_OK);
	assert_true(bed_ref(w, id)->openable);
	world_free(w);
}

static void
test_a_second_wrap_for_the_same_key_changes_nothing(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);
	uint32_t version;

	(void)state;
	assert_int_equal(bed_rewrap(w, lwdb, wel, &id, PERSON), ERR_OK);
	version = bed_ref(w, id)->version;
	assert_int_equal(bed_rewrap(w, reg, wel, &id, PERSON), ERR_OK);
	assert_int_equal(w->facts->rewrap->n_parts, 0);
	assert_null(w->facts->change);
	assert_int_equal(w->route->n_deliveries, 0);
	assert_non_null(w->route->sender);
	assert_int_equal(bed_ref(w, id)->version, version);
	/* What is new in it counts. */
	bed_must(w, (struct bed_step){ lwdb, EV_SUPPLEMENT, .id = id,
			.key_for = lwdb });
	assert_int_equal(bed_rewrap(w, lwdb, wel, &id, PERSON), ERR_OK);
	assert_int_equal(w->facts->rewrap->n_parts, 1);
	assert_int_equal(bed_told(w, wel, id)->n_pieces, 1);
	world_free(w);
}

static void
test_who_cannot_open_it_gives_no_wraps_of_it(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "DST-601", home);

	(void)state;
	/* R is a party, but has no wrap of it either. */
	assert_int_equal(bed_rewrap(w, reg, home, &id, PERSON),
	    ERR_NOT_ALLOWED);
	assert_false(bed_ref(w, id)->openable);
	assert_int_equal(bed_rewrap(w, lwdb, home, &id, PERSON), ERR_OK);
	world_free(w);
}

static void
test_a_key_belongs_to_its_partner(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);
	Keten__V1__Statement st = KETEN__V1__STATEMENT__INIT;
	Keten__V1__Rewrap rw = KETEN__V1__REWRAP__INIT;
	Keten__V1__RewrapPart part = KETEN__V1__REWRAP_PART__INIT;
	Keten__V1__RewrapPart *list[] = { &part };
	struct world_ref *r = world_find(w, &id);
	struct org from = org_of(lwdb);
	uint8_t hash[32] = { 0 };

	(void)state;
	st.body_case = KETEN__V1__STATEMENT__BODY_REWRAP;
	st.referral = pb_of(id.b, 16);
	st.rewrap = &rw;
	rw.parts = list;
	rw.n_parts = 1;
	part.index = r->pieces[1].index;
	part.part = r->pieces[1].part;
	be64_put(hash, part.index);
	hash[31] = (uint8_t)part.part;
	part.sha256 = part.plain_commit = pb_of(hash, 32);
	rw.to = pb_string(wel);
	rw.key_id = pb_string(corp);
	assert_int_equal(world_say(w, &st, &from), ERR_UNKNOWN_PARTNER);
	rw.key_id = pb_string("nobody");
	assert_int_equal(world_say(w, &st, &from), ERR_UNKNOWN_PARTNER);
	rw.key_id = pb_string(wel);
	hash[0] ^= 1;
	assert_int_equal(world_say(w, &st, &from), ERR_DIGEST);
	hash[0] ^= 1;
	part.index++;
	assert_int_equal(world_say(w, &st, &from), ERR_CONTENT_GONE);
	part.index--;
	assert_int_equal(world_say_with(w, &st, &from, ERR_DIGEST, "frame"),
	    ERR_DIGEST);
	assert_string_equal(w->facts->refused->rule, "frame");
	assert_int_equal(world_say(w, &st, &from), ERR_OK);
	world_free(w);
}

static void
test_texts_are_for_those_who_have_a_part_in_it(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-101");

	(void)state;
	bed_must(w, (struct bed_step){ lwdb, EV_SUPPLEMENT, .id = id });
	assert_int_equal(bed_rewrap(w, lwdb, wel, &id, TEXT), ERR_OK);
	assert_int_equal(bed_told(w, wel, id)->role,
	    KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	assert_int_equal(bed_rewrap(w, lwdb, reg, &id, TEXT), ERR_OK);
	assert_int_equal(bed_told(w, reg, id)->role,
	    KETEN__V1__DELIVERY_ROLE__REGISSEUR);
	assert_int_equal(bed_rewrap(w, lwdb, corp, &id, TEXT),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_DECLINE, .id = id });
	assert_int_equal(bed_rewrap(w, lwdb, wel, &id, NOTE),
	    ERR_NOT_ALLOWED);
	world_free(w);
}

static void
test_the_new_originator_of_a_part_may_open_it(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel), child;

	(void)state;
	child = bed_new(w, (struct bed_new){ .who = wel, .code = "DST-206",
				   .parent = id });
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	assert_int_equal(bed_rewrap(w, wel, care, &child, PERSON),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_int_equal(bed_rewrap(w, wel, care, &child, PERSON), ERR_OK);
	assert_int_equal(bed_told(w, care, child)->role,
	    KETEN__V1__DELIVERY_ROLE__ORIGINATOR);
	world_free(w);
}

static void
test_after_the_end_only_the_originator(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "DST-601", home);

	(void)state;
	bed_must(w, (struct bed_step){ home, EV_COMPLETE, .id = id });
	assert_int_equal(bed_rewrap(w, lwdb, home, &id, PERSON),
	    ERR_NOT_ALLOWED);
	world_free(w);
}

static void
test_what_cannot_be_opened_may_be_given_back(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);
	uint64_t index = world_find(w, &id)->pieces[1].index;

	(void)state;
	world_tick(w, bed_time("2026-09-01 16:00"));
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_RETURN,
				       .id = id }), ERR_NOT_ALLOWED);
	assert_int_equal(bed_unreadable(w, wel, &id, index + 1, 1),
	    ERR_CONTENT_GONE);
	assert_int_equal(bed_unreadable(w, wel, &id, index, 1), ERR_OK);
	assert_int_equal(w->facts->change->steps[0]->event, EV_UNREADABLE);
	assert_int_equal(w->facts->change->steps[0]->row, 36);
	assert_non_null(bed_told(w, lwdb, id));
	assert_non_null(bed_told(w, reg, id));
	assert_int_equal(w->route->n_deliveries, 2);
	assert_true(bed_ref(w, id)->unreadable);
	bed_must(w, (struct bed_step){ wel, EV_RETURN, .id = id });
	assert_int_equal(bed_ref(w, id)->offers[0].state, OFFER_DECLINED);
	world_free(w);
}

static void
test_a_candidate_that_cannot_open_the_note_says_so_to_b(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-101");
	uint64_t index = world_find(w, &id)->pieces[0].index;

	(void)state;
	assert_int_equal(bed_unreadable(w, wel, &id, index, 0), ERR_OK);
	assert_null(w->facts->change);
	assert_int_equal(w->facts->unreadable->part, 0);
	assert_non_null(bed_told(w, lwdb, id));
	assert_int_equal(w->route->n_deliveries, 1);
	assert_non_null(w->route->sender);
	/* B says it of its own: nobody needs to hear. */
	assert_int_equal(bed_unreadable(w, lwdb, &id, index, 0), ERR_OK);
	assert_int_equal(w->route->n_deliveries, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_person_part_opens_for_who_took_it),
		cmocka_unit_test(
		    test_the_regisseur_that_was_left_with_it_confirms_first),
		cmocka_unit_test(
		    test_a_second_wrap_for_the_same_key_changes_nothing),
		cmocka_unit_test(test_who_cannot_open_it_gives_no_wraps_of_it),
		cmocka_unit_test(test_a_key_belongs_to_its_partner),
		cmocka_unit_test(
		    test_texts_are_for_those_who_have_a_part_in_it),
		cmocka_unit_test(
		    test_the_new_originator_of_a_part_may_open_it),
		cmocka_unit_test(test_after_the_end_only_the_originator),
		cmocka_unit_test(
		    test_what_cannot_be_opened_may_be_given_back),
		cmocka_unit_test(
		    test_a_candidate_that_cannot_open_the_note_says_so_to_b),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
