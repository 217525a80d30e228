#ifndef MAP_TELL_H_
#define MAP_TELL_H_

#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "map/news.h"

/*
 * tell -- one news as JSON, as a table of one row, as a page for people.
 */

/**
 * tell_json(use, m, out):
 * Make the JSON object; the caller owns it.  ERR_NOMEM.
 */
MUST_CHECK enum err tell_json(const struct map_use *use,
    const struct map_news *m, json_t **out);

/**
 * tell_csv(use, m, data, len):
 * Make a table with a header and one row: the same fields as the JSON.  The
 * caller owns ${data}.  ERR_NOMEM.
 */
MUST_CHECK enum err tell_csv(const struct map_use *use,
    const struct map_news *m, char **data, size_t *len);

/**
 * tell_text(m, data, len):
 * Make the page in plain Dutch: what happened, until when, what can be done
 * now and with which file.  The caller owns ${data}.  ERR_NOMEM.
 */
MUST_CHECK enum err tell_text(const struct map_news *m, char **data,
    size_t *len);

#endif /* !MAP_TELL_H_ */
