#ifndef RUN_H_
#define RUN_H_

#include "map/kind.h"

/*
 * run -- the main program of every partner adapter.
 *
 *   keten-adapter-<kind> -c FILE [--once | --until-idle] [--json]
 *
 * Exit codes: 0 stopped or idle; 1 --once or --until-idle ended while
 * something was still waiting; 2 wrong use, settings or keys; 3 the folder or
 * the spool cannot be read or written; 4 what the broker shows cannot be
 * right.
 */

/**
 * run_adapter(kind, argc, argv):
 * Serve the drop folder of one partner of ${kind} until SIGTERM or SIGINT.
 * Return the exit code.
 */
int run_adapter(const struct map_kind *kind, int argc, char **argv);

#endif /* !RUN_H_ */
