/*
 * printed -- the end of every program whose result is what it printed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/printed.h"

bool
printed_all(const char *program)
{
	bool lost = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !lost)
		return (true);
	(void)fprintf(stderr, "%s: het resultaat kan niet worden geschreven: "
	    "%s\n", program, errno != 0 ? strerror(errno)
	    : "is de schijf vol?");
	return (false);
}
