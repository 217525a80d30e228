#include "dropbox/run.h"
#include "corporation/table.h"

/*
 * keten-adapter-corporation: see README.md beside this file; everything but the
 * table is shared with the other kinds.
 */
int
main(int argc, char **argv)
{
	return (run_adapter(&corporation_kind, argc, argv));
}
