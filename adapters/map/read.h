#ifndef MAP_READ_H_
#define MAP_READ_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "map/kind.h"
#include "map/order.h"

/*
 * read -- a file of a partner becomes a list of orders, or one sentence.
 *
 * A file is taken whole or refused whole.  JSON (an object, a list, or an
 * object with a list in it), CSV with a header line, and FHIR for the kinds
 * that speak it.  Everything is bounded: size, depth, items.
 */

#define MAP_FILE_MAX (1024 * 1024) /* a real bundle is 31 kB; times 32 */
#define MAP_DEPTH_MAX 48	   /* FHIR needs about 12 */
#define MAP_ITEMS_MAX 500

/* What the reader may ask about what is there already. */
struct map_world {
	void *cookie;
	/* Find the referral that was made of the thing called ${key}. */
	bool (*known)(void *cookie, const char *key,
	    char referral[KETEN_ID_TEXT]);
	/* keten_show() */
	bool (*show)(void *cookie, const char *referral,
	    struct keten_referral *r);
	int64_t now_ms;
	/* keten_may_contain(); NULL: nothing may. */
	unsigned (*may_contain)(void *cookie, const struct map_order *o);
};

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

#endif /* !MAP_READ_H_ */
