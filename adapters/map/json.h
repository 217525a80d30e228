#ifndef MAP_JSON_H_
#define MAP_JSON_H_

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "map/order.h"

/*
 * json -- JSON that somebody wrote, read within limits.
 *
 * What is wrong becomes a sentence in which people can find the place.
 */
#define MAP_FILE_MAX (1024 * 1024) /* a real bundle is 31 kB; times 32 */
#define MAP_DEPTH_MAX 48	   /* FHIR needs about 12 */

/**
 * map_is_json(data, len):
 * Tell whether a file begins as JSON does, and not as a table.
 */
bool map_is_json(const char *data, size_t len);

/**
 * map_json(data, len, out, trouble):
 * Read JSON with the limits above, no member twice, valid UTF-8.  The caller
 * owns ${out}.
 */
MUST_CHECK enum err map_json(const char *data, size_t len, json_t **out,
    struct map_trouble *trouble);

#endif /* !MAP_JSON_H_ */
