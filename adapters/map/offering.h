#ifndef MAP_OFFERING_H_
#define MAP_OFFERING_H_

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "map/order.h"

/*
 * offering -- files with entries for the catalogue (sociale kaart).
 *
 * A table whose header has "capaciteit" in it, an object that has that member,
 * a list of those, or an object with such a list as "sociale_kaart".  Each
 * becomes an order with step PUBLISH whose text is the entry as JSON; the
 * fields are those of sdk/entry.h.
 */

/**
 * offering_is_json(root), offering_is_csv(data, len):
 * Tell whether it is such a file.
 */
bool offering_is_json(const json_t *root);
bool offering_is_csv(const char *data, size_t len);

/**
 * offering_json(root, list, trouble), offering_csv(data, len, list, trouble):
 * Add the entries to ${list}, each looked at.  ERR_MALFORMED with a sentence
 * in ${trouble}, ERR_NOMEM.
 */
MUST_CHECK enum err offering_json(const json_t *root, struct map_list *list,
    struct map_trouble *trouble);
MUST_CHECK enum err offering_csv(const char *data, size_t len,
    struct map_list *list, struct map_trouble *trouble);

/**
 * offering_read(data, len, list, trouble):
 * Read a whole file that can be nothing else, JSON or CSV.
 */
MUST_CHECK enum err offering_read(const char *data, size_t len,
    struct map_list *list, struct map_trouble *trouble);

#endif /* !MAP_OFFERING_H_ */
