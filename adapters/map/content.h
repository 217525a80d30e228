#ifndef MAP_CONTENT_H_
#define MAP_CONTENT_H_

#include "base/err.h"
#include "map/order.h"
#include "map/world.h"

/*
 * content -- what only some may get: a BSN, a photograph, clinical data.
 *
 * A reader puts them in fields of their own (group CONTENT of tbl_fields.h);
 * here stays what the covenants allow for everybody who can come to hold the
 * referral, and the rest is taken out and named.
 */

/**
 * content_settle(world, o):
 * Take out of ${o}, after map_check(), what ${world} does not allow, and name
 * it in its remark.  ERR_BUSY if that is not known yet: try again; ERR_NOMEM.
 */
MUST_CHECK enum err content_settle(const struct map_world *world,
    struct map_order *o);

/**
 * content_left_out(o, what):
 * Note in the remark of ${o}, once, that ${what} does not go along.
 * ERR_NOMEM.
 */
MUST_CHECK enum err content_left_out(struct map_order *o, const char *what);

#endif /* !MAP_CONTENT_H_ */
