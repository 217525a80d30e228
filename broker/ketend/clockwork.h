#ifndef CLOCKWORK_H_
#define CLOCKWORK_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * clockwork -- where the broker's time comes from.
 *
 * In service it is the machine's clock.  For tests it can be one that stands
 * still and is moved by hand: through the control socket (--clock=control), or
 * by a file with a number of milliseconds that several processes share
 * (KETEN_TEST_CLOCK).  A moved clock does not jump to where it is sent; it
 * walks there, at most an hour at a time and stopping at each term that falls
 * due, so that every timer fires at its own minute and the log reads as if
 * somebody had waited.  Never use it in service: whoever moves the clock
 * decides who was too late.
 *
 * One thread owns it.
 */
enum clockwork_kind {
	CLOCKWORK_REAL,
	CLOCKWORK_CONTROL,
	CLOCKWORK_FILE
};

struct clockwork {
	enum clockwork_kind kind;
	const char *file; /* borrowed */
	int64_t at_ms;	  /* where a moved clock is */
	int64_t to_ms;	  /* and where it is going */
};

/**
 * clockwork_init(c, kind, file):
 * Start a clock of ${kind}; ${file} is borrowed for as long as ${c} is used,
 * and only looked at for CLOCKWORK_FILE.  A moved clock begins at the time of
 * the machine, or at what the file says.  ERR_IO if it cannot be read.
 */
MUST_CHECK enum err clockwork_init(struct clockwork *c,
    enum clockwork_kind kind, const char *file);

/**
 * clockwork_turn(c, due_ms):
 * Return the time, in ms since 1970, for the turn that begins now.  A clock
 * that is being moved goes on to the first of: where it is sent, ${due_ms}
 * (the next term; INT64_MAX: none), an hour further.
 */
int64_t clockwork_turn(struct clockwork *c, int64_t due_ms);

/**
 * clockwork_is_walking(c):
 * Tell whether a moved clock has not yet arrived: then nobody should wait.
 */
bool clockwork_is_walking(const struct clockwork *c);

/**
 * clockwork_send(c, to_ms), clockwork_jump(c, to_ms):
 * Let a moved clock walk to ${to_ms} (never back: ERR_NOT_ALLOWED); put it
 * there at once, forward or back, as a broken clock would be.
 * ERR_NOT_ALLOWED unless it is CLOCKWORK_CONTROL.
 */
MUST_CHECK enum err clockwork_send(struct clockwork *c, int64_t to_ms);
MUST_CHECK enum err clockwork_jump(struct clockwork *c, int64_t to_ms);

/**
 * clockwork_mono_ms():
 * Return a time that only rises, for waiting and for rates; unrelated to the
 * calendar and never moved.
 */
int64_t clockwork_mono_ms(void);

#endif /* !CLOCKWORK_H_ */
