#ifndef MAP_FLAT_H_
#define MAP_FLAT_H_

#include <jansson.h>

#include "base/err.h"
#include "map/kind.h"
#include "map/order.h"

/*
 * flat -- files of fields: a JSON object or a list of them, a CSV table.
 *
 * An object in an object ("persoon": {...}) is read as if its members stood
 * outside; an unknown field refuses the file and names the nearest one.
 */

/**
 * flat_json(use, root, list, trouble):
 * Add the orders in ${root} to ${list}, before map_check().
 */
MUST_CHECK enum err flat_json(const struct map_use *use, const json_t *root,
    struct map_list *list, struct map_trouble *trouble);

/**
 * flat_csv(use, data, len, list, trouble):
 * The same for a table with a header line.
 */
MUST_CHECK enum err flat_csv(const struct map_use *use, const char *data,
    size_t len, struct map_list *list, struct map_trouble *trouble);

#endif /* !MAP_FLAT_H_ */
