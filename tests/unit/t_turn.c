/*
 * t_turn -- what is not done with comes first in the next turn, unharmed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ketend/turn.h"

/* As if ${text} had come in as message ${i}; long ones lie on the heap. */
static void
put(struct turn *t, size_t i, const char *text, bool is_long)
{
	struct frame *f = &t->message[i].frame;
	size_t len = is_long ? 5000 : strlen(text);

	assert_int_equal(zmq_msg_close(&f->msg[0]), 0);
	assert_int_equal(zmq_msg_init_size(&f->msg[0], len), 0);
	memset(zmq_msg_data(&f->msg[0]), 0, len);
	memcpy(zmq_msg_data(&f->msg[0]), text, strlen(text));
	f->header = slice_of(zmq_msg_data(&f->msg[0]), len);
	f->route[4] = (uint8_t)i;
	t->n = i + 1;
}

static void
test_messages_that_were_not_done_stay_in_order(void **state)
{
	struct turn *t = turn_new();
	char text[16];

	(void)state;
	assert_non_null(t);
	for (size_t i = 0; i < 20; i++) {
		(void)snprintf(text, sizeof(text), "message %zu", i);
		put(t, i, text, i % 3 == 0);
		t->message[i].is_done = i < 7;
	}
	t->message[9].is_internal = true;
	turn_reset(t);
	assert_int_equal(t->n, 13);
	for (size_t i = 0; i < t->n; i++) {
		(void)snprintf(text, sizeof(text), "message %zu", i + 7);
		assert_memory_equal(t->message[i].frame.header.p, text,
		    strlen(text));
		assert_int_equal(t->message[i].frame.route[4], i + 7);
		assert_false(t->message[i].is_done);
		assert_true(t->message[i].is_internal == (i == 2));
	}
	turn_reset(t);
	assert_int_equal(t->n, 13);
	for (size_t i = 0; i < t->n; i++)
		t->message[i].is_done = true;
	turn_reset(t);
	assert_int_equal(t->n, 0);
	turn_free(t);
}

static void
test_undoing_keeps_the_messages_and_drops_the_records(void **state)
{
	struct turn *t = turn_new();

	(void)state;
	put(t, 0, "one", false);
	t->message[0].is_done = true;
	t->message[0].made = 1;
	t->message[0].late = ERR_GAP;
	t->n_made = 1;
	t->made[0].out.index = 40;
	assert_ptr_equal(turn_find(t, 40), &t->made[0]);
	assert_null(turn_find(t, 39));
	assert_null(turn_find(t, 41));
	turn_undo(t);
	assert_int_equal(t->n, 1);
	assert_int_equal(t->n_made, 0);
	assert_int_equal(t->message[0].made, 0);
	assert_int_equal(t->message[0].late, ERR_OK);
	assert_false(t->message[0].is_done);
	assert_null(turn_find(t, 40));
	turn_free(t);
}

static void
test_a_turn_is_full_before_its_memory_is(void **state)
{
	struct turn *t = turn_new();

	(void)state;
	assert_true(turn_has_room(t));
	while (turn_has_room(t))
		assert_non_null(arena_alloc(t->out, 64 * 1024));
	assert_true(arena_left(t->out) >= TURN_RECORD_MAX - 64 * 1024);
	turn_reset(t);
	assert_true(turn_has_room(t));
	t->n_made = TURN_MADE;
	assert_false(turn_has_room(t));
	turn_free(t);
	turn_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_messages_that_were_not_done_stay_in_order),
		cmocka_unit_test(
		    test_undoing_keeps_the_messages_and_drops_the_records),
		cmocka_unit_test(test_a_turn_is_full_before_its_memory_is),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
