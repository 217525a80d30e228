#ifndef MAP_READ_H_
#define MAP_READ_H_

#include <stddef.h>

#include "base/err.h"
#include "map/kind.h"
#include "map/order.h"
#include "map/world.h"

/*
 * read -- a file of a partner becomes a list of orders, or one sentence.
 *
 * A file is taken whole or refused whole.  JSON (an object, a list, or an
 * object with a list in it), CSV with a header line, and FHIR for the kinds
 * that speak it.  Everything is bounded: size, depth, items.
 */

/**
 * map_read(use, world, data, len, list, trouble):
 * Read the file of ${len} bytes at ${data} (a NUL behind it is not needed)
 * into ${list}, every order checked by map_check().  The caller gives ${list}
 * to map_list_fini() on success.  ERR_MALFORMED with a sentence in ${trouble},
 * ERR_NOMEM.
 */
MUST_CHECK enum err map_read(const struct map_use *use,
    const struct map_world *world, const char *data, size_t len,
    struct map_list *list, struct map_trouble *trouble);

#endif /* !MAP_READ_H_ */
