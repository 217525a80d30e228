#ifndef OPTIONS_H_
#define OPTIONS_H_

#include <stdio.h>

#include "base/err.h"
#include "dropbox/hook.h"
#include "map/kind.h"

/*
 * options -- what the drop folder wants from the device's settings file.
 *
 *   adapter:
 *     folder: ../folders/thuiszorg   # where in/, out/, done/ and failed/ are
 *     table: eigen-woorden.csv       # rows of our own (kind.h); optional
 *     notify:                        # optional
 *       command: [/usr/local/bin/meld, --stil]
 *       link: https://desk.example.nl/
 *       every: 1 min
 *       timeout: 10 s
 *     defaults:                      # what holds when a file does not say it
 *       area: GM0855
 *       basis: G-OVK
 *       actor: WIJKTEAM
 *
 * "notify" may also be the command alone.  Paths are seen from the folder of
 * the settings file.  What stands beside "adapter" is the SDK's.
 */
struct options {
	char folder[512];
	char actor[20]; /* "": the device's own */
	struct hook hook;
	struct map_use use;
};

/**
 * options_read(path, kind, o, to):
 * Read ${path} for ${kind} into ${o}, which the caller gives to
 * options_fini().  Every mistake is written to ${to} with file and line.
 * ERR_CONFIG if there was any; then ${o} is empty.
 */
MUST_CHECK enum err options_read(const char *path,
    const struct map_kind *kind, struct options *o, FILE *to);

/**
 * options_fini(o):
 * Free what ${o} has.
 */
void options_fini(struct options *o);

#endif /* !OPTIONS_H_ */
