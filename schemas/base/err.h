#ifndef ERR_H_
#define ERR_H_

#include <stdbool.h>

/*
 * err -- the one enum of what can go wrong, made from tbl/errors.h.
 *
 * A function that can fail returns enum err (ERR_OK is 0) and leaves its
 * results untouched on failure.  The numbers below 100 are those of the
 * protocol; those from 100 on never leave the process.
 */
enum err {
	ERR_OK = 0,
#define WIRE(name, number, consumes, nl, todo) ERR_##name = number,
#define HERE(name, number, text) ERR_##name = number,
#include "tbl/errors.h"
#undef WIRE
#undef HERE
};

#define MUST_CHECK __attribute__((warn_unused_result))

/**
 * err_name(err):
 * Return the name of ${err} as the protocol writes it ("CONFLICT"), "OK" for
 * ERR_OK and "UNKNOWN" for a number that is not in the table.  Constant text.
 */
const char *err_name(enum err err);

/**
 * err_text(err):
 * Return one Dutch sentence about ${err}.  Constant text.
 */
const char *err_text(enum err err);

/**
 * err_todo(err):
 * Return one Dutch sentence about what to do now; "" for those inside.
 */
const char *err_todo(enum err err);

/**
 * err_is_wire(err):
 * Tell whether ${err} may travel (is in the closed table of the protocol).
 */
bool err_is_wire(enum err err);

/**
 * err_consumes_number(err):
 * Tell whether a refusal with ${err} is a leaf and uses up the number.
 */
bool err_consumes_number(enum err err);

#endif /* !ERR_H_ */
