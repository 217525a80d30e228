#include "dropbox/run.h"
#include "welzijn/table.h"

/*
 * keten-adapter-welzijn: see README.md beside this file; everything but the
 * table is shared with the other kinds.
 */
int
main(int argc, char **argv)
{
	return (run_adapter(&welzijn_kind, argc, argv));
}
