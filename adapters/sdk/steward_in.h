#ifndef STEWARD_IN_H_
#define STEWARD_IN_H_

#include <stdbool.h>

#include "base/err.h"
#include "sdk/steward.h"

/*
 * steward_in -- what passes over the line, for steward.c and nobody else.
 */

/**
 * steward_drop_held(s):
 * Let go of every message that is kept, and of an answer nobody waits for.
 */
void steward_drop_held(struct steward *s);

/**
 * steward_hello(s):
 * Introduce this device.
 */
MUST_CHECK enum err steward_hello(struct steward *s);

/**
 * steward_pump(s, did):
 * Read everything that waits: deal with what concerns the connection, keep
 * the rest.
 */
MUST_CHECK enum err steward_pump(struct steward *s, bool *did);

/**
 * steward_acknowledge(s, did):
 * Send an ACK and new credit when it is time.
 */
MUST_CHECK enum err steward_acknowledge(struct steward *s, bool *did);

/**
 * steward_tell(s):
 * Write into the spool how the connection stands, for other processes.
 */
void steward_tell(struct steward *s);

#endif /* !STEWARD_IN_H_ */
