#ifndef PROGRESS_H_
#define PROGRESS_H_

#include <stdbool.h>
#include <stdint.h>

/*
 * progress -- one line on a terminal that says how far it is and how long it
 * will take.  Nothing at all if stderr is no terminal.
 */
struct progress {
	const char *what; /* Dutch, constant */
	uint64_t of;
	int64_t began_mono_ms;
	int64_t shown_mono_ms;
	bool on;
};

/**
 * progress_start(p, what, of):
 * Begin to do ${of} of ${what}, which is borrowed.
 */
void progress_start(struct progress *p, const char *what, uint64_t of);

/**
 * progress_at(p, n):
 * ${n} of them are done.  Cheap: shows itself a few times a second at most.
 */
void progress_at(struct progress *p, uint64_t n);

/**
 * progress_stop(p):
 * Wipe the line.
 */
void progress_stop(struct progress *p);

#endif /* !PROGRESS_H_ */
