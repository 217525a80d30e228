/*
 * turn -- everything that belongs to one turn of the broker.
 */
#include <stdlib.h>
#include <string.h>

#include "ketend/turn.h"

/**
 * turn_new():
 * Return a turn with all its memory, or NULL.
 */
struct turn *
turn_new(void)
{
	struct turn *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->in = arena_new(TURN_IN);
	t->ahead = arena_new(TURN_IN);
	t->work = arena_new(TURN_WORK);
	t->out = arena_new(TURN_OUT);
	t->pack = arena_new(TURN_PACK);
	t->message = calloc(TURN_MESSAGES, sizeof(*t->message));
	t->made = calloc(TURN_MADE, sizeof(*t->made));
	t->mark = calloc(TURN_MARKS, sizeof(*t->mark));
	if (t->in == NULL || t->ahead == NULL || t->work == NULL ||
	    t->out == NULL || t->pack == NULL || t->message == NULL || t->made == NULL ||
	    t->mark == NULL) {
		turn_free(t);
		return (NULL);
	}
	for (size_t i = 0; i < TURN_MESSAGES; i++)
		frame_init(&t->message[i].frame);
	return (t);
}

static void
drop_records(struct turn *t)
{
	t->n_made = 0;
	t->n_marks = 0;
	t->all_told = false;
	t->has_written = false;
	t->has_erased = false;
	t->keys_changed = false;
	t->keys_of = org_of(NULL);
	t->policy_changed = false;
	arena_reset(t->work);
	arena_reset(t->out);
	arena_reset(t->pack);
}

/* Make ${m} as new, but keep what the wire said of it. */
static void
forget(struct message *m)
{
	struct message wire = { .frame = m->frame, .session = m->session,
		.is_known = m->is_known, .is_internal = m->is_internal };

	*m = wire;
}

/* Take the message ${from} over into ${to}: bytes, sender and all. */
static void
move(struct message *to, struct message *from)
{
	struct frame *f = &to->frame, *old = &from->frame, mine;

	/* Both are initialised, so moving cannot fail. */
	(void)zmq_msg_move(&f->msg[0], &old->msg[0]);
	(void)zmq_msg_move(&f->msg[1], &old->msg[1]);
	f->fault = old->fault;
	f->rule = old->rule;
	f->has_content = old->has_content;
	memcpy(f->route, old->route, sizeof(f->route));
	memcpy(f->user, old->user, sizeof(f->user));
	f->fd = old->fd;
	mine = *f;
	*to = *from;
	to->frame = mine;
	/* Small messages lie in the structure itself. */
	f->header = slice_of(zmq_msg_data(&f->msg[0]),
	    zmq_msg_size(&f->msg[0]));
	f->content = f->has_content ? slice_of(zmq_msg_data(&f->msg[1]),
	    zmq_msg_size(&f->msg[1])) : slice_of(NULL, 0);
}

/* What was decoded ahead is decoded now; the rest has to begin again. */
static void
swap_arenas(struct turn *t)
{
	struct arena *old = t->in;

	for (size_t i = 0; i < t->n; i++) {
		struct message *m = &t->message[i];

		if (m->is_ahead) {
			m->is_ahead = false;
			m->is_decoded = true;
		} else
			forget(m);
	}
	t->in = t->ahead;
	t->ahead = old;
	arena_reset(old);
}

/**
 * turn_reset(t):
 * Forget everything but the time of the newest leaf, and what was read but not
 * yet answered.
 */
void
turn_reset(struct turn *t)
{
	size_t done = 0, left = t->n;

	drop_records(t);
	while (done < left && t->message[done].is_done)
		done++;
	for (size_t i = done; i < left; i++)
		if (done > 0)
			move(&t->message[i - done], &t->message[i]);
	t->n = left - done;
	for (size_t i = t->n; i < left; i++) {
		forget(&t->message[i]);
		t->message[i].is_internal = false;
	}
	swap_arenas(t);
}

/**
 * turn_has_left(t):
 * Tell whether there are messages that were read but not done with.
 */
bool
turn_has_left(const struct turn *t)
{
	return (t->n > 0 && !t->message[t->n - 1].is_done);
}

/**
 * turn_undo(t):
 * Forget the records and what each message became.
 */
void
turn_undo(struct turn *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct message *m = &t->message[i];

		m->made = 0;
		m->is_done = false;
		m->late = ERR_OK;
		m->report = NULL;
		if (m->is_late_repeat)
			m->is_repeat = m->is_late_repeat = false;
	}
	drop_records(t);
}

/**
 * turn_has_room(t):
 * Tell whether one more record fits.
 */
bool
turn_has_room(const struct turn *t)
{
	return (t->n_made < TURN_MADE && t->n_marks + 512 < TURN_MARKS &&
	    arena_left(t->out) >= TURN_RECORD_MAX);
}

/**
 * turn_find(t, index):
 * Return the record ${index} if this turn made it.
 */
const struct made *
turn_find(const struct turn *t, uint64_t index)
{
	uint64_t first;

	if (t->n_made == 0)
		return (NULL);
	first = t->made[0].out.index;
	if (index < first || index - first >= t->n_made)
		return (NULL);
	return (&t->made[index - first]);
}

/**
 * turn_free(t):
 * Free ${t}.
 */
void
turn_free(struct turn *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; t->message != NULL && i < TURN_MESSAGES; i++)
		frame_fini(&t->message[i].frame);
	free(t->message);
	free(t->made);
	free(t->mark);
	arena_free(t->in);
	arena_free(t->ahead);
	arena_free(t->work);
	arena_free(t->out);
	arena_free(t->pack);
	free(t);
}
