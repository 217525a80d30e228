/*
 * secrecy -- a program that holds keys keeps them to itself.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/secrecy.h"

bool
secrecy_begin(void)
{
	const struct rlimit none = { 0, 0 };

	/* A file that may not grow (ulimit -f) is an error to tell, and no
	 * reason to end with a core. */
	(void)signal(SIGXFSZ, SIG_IGN);
	/* The limit is for a kernel that pipes cores to a program, too; not
	 * being dumpable also closes /proc/self/mem and ptrace. */
	return (setrlimit(RLIMIT_CORE, &none) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}
