#ifndef INSTANT_H_
#define INSTANT_H_

#include <stdint.h>
#include <time.h>

/*
 * instant -- what a clock of this machine says.
 *
 * The broker decides by its own idea of the time (ketend/clockwork.h), which a
 * test can move.
 */

/**
 * instant_ms(which):
 * Return what ${which} says, CLOCK_REALTIME or CLOCK_MONOTONIC, in ms.
 */
int64_t instant_ms(clockid_t which);

#endif /* !INSTANT_H_ */
