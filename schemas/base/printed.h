#ifndef PRINTED_H_
#define PRINTED_H_

#include <stdbool.h>

/*
 * printed -- the end of every program whose result is what it printed.
 */

/**
 * printed_all(program):
 * See to it that everything on stdout has arrived.  If not, for a disk can be
 * full, say so on stderr in the name of ${program} and return false.
 */
bool printed_all(const char *program);

#endif /* !PRINTED_H_ */
