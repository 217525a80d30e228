#ifndef SECRECY_H_
#define SECRECY_H_

#include <stdbool.h>

/*
 * secrecy -- a program that holds keys keeps them to itself.
 *
 * Every program calls it first thing in main(), before it reads a key.
 */

/**
 * secrecy_begin():
 * From now on this process, whatever happens to it, leaves no core dump, and
 * nobody of the same user may look into its memory or trace it; writing more
 * than a file may hold is an error (EFBIG) and no longer a signal, which would
 * dump core.  Programs that it starts leave no core dump and do not get that
 * signal either, and are as others for the rest.  False if the system refuses.
 */
bool secrecy_begin(void);

#endif /* !SECRECY_H_ */
