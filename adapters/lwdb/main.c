#include "dropbox/run.h"
#include "lwdb/table.h"

/*
 * keten-adapter-lwdb: see README.md beside this file; everything but the
 * table is shared with the other kinds.
 */
int
main(int argc, char **argv)
{
	return (run_adapter(&lwdb_kind, argc, argv));
}
