#include "dropbox/run.h"
#include "thuiszorg/table.h"

/*
 * keten-adapter-thuiszorg: see README.md beside this file; everything but the
 * table is shared with the other kinds.
 */
int
main(int argc, char **argv)
{
	return (run_adapter(&thuiszorg_kind, argc, argv));
}
