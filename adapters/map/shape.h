#ifndef MAP_SHAPE_H_
#define MAP_SHAPE_H_

#include "base/err.h"
#include "map/order.h"

/*
 * shape -- what a field must look like, whatever stands in it.
 */

/**
 * shape_field(o, field, trouble):
 * Bring ${field} of ${o} into its shape: words in upper case, dates as
 * 2026-03-31, urgency and consent by their name in the protocol, and check the
 * length.  ERR_MALFORMED with a sentence that names the field; ERR_NOMEM.
 */
MUST_CHECK enum err shape_field(struct map_order *o, enum map_field field,
    struct map_trouble *trouble);

/**
 * shape_urgency(name):
 * Return 1 (LOW) to 4 (EMERGENT), 0 if ${name} is none of them.
 */
int shape_urgency(const char *name);

#endif /* !MAP_SHAPE_H_ */
