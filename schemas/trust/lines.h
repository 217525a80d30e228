#ifndef LINES_H_
#define LINES_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/*
 * lines -- reading the line-based texts of the log (notes and proofs).
 */

/**
 * lines_next(rest, line):
 * Store the first line of ${rest}, without its newline, in ${line} and move
 * ${rest} behind it.  Return false if no newline is left, or if the line holds
 * a control character (so CRLF is refused).
 */
bool lines_next(struct slice *rest, struct slice *line);

/**
 * lines_decimal(line, v):
 * Read ${line}, digits without a leading zero, into ${v}; false if it is
 * anything else or does not fit.
 */
bool lines_decimal(struct slice line, uint64_t *v);

/**
 * lines_is_base64(line):
 * Tell whether ${line} is standard base64 with padding, whatever its length.
 */
bool lines_is_base64(struct slice line);

/**
 * lines_is_name(name):
 * Tell whether ${name} may be the name of a key or log: 1 to 199 printable
 * ASCII characters without space and '+'.  (Notes allow more; ours do not, so
 * that nobody has to know what Unicode calls a space.)
 */
bool lines_is_name(struct slice name);

#endif /* !LINES_H_ */
