/*
 * The world of the random walk, for unit tests of what is decided in it.
 */
#include "../../sim/world.c"
#include "../../sim/world_see.c"
#include "../../sim/world_replay.c"
#include "../../sim/check.c"
#include "../../sim/check_told.c"
