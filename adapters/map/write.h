#ifndef MAP_WRITE_H_
#define MAP_WRITE_H_

#include <stddef.h>

#include "base/err.h"
#include "map/kind.h"
#include "map/news.h"

/*
 * write -- one news as the files that a kind of partner wants.
 *
 * One news becomes one file in the form the partner wants (JSON, one CSV row
 * under its header, a FHIR Task) and, where that form has no room for it, a
 * text file in plain Dutch that says what happened and what can be done now,
 * with an example of the file that does it.
 */
struct map_file {
	const char *ending; /* ".json"; constant */
	char *data;	    /* owned */
	size_t len;
};

#define MAP_FILES 3

/**
 * map_write(use, m, files, n):
 * Make the files for ${m}, at most MAP_FILES; the caller gives them to
 * map_files_fini().  ERR_NOMEM.
 */
MUST_CHECK enum err map_write(const struct map_use *use,
    const struct map_news *m, struct map_file files[MAP_FILES], size_t *n);

/**
 * map_files_fini(files, n):
 * Wipe and free them.
 */
void map_files_fini(struct map_file files[MAP_FILES], size_t n);

#endif /* !MAP_WRITE_H_ */
