/*
 * auditor -- run keten-audit on a chronicle and read what it says.
 */
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auditor.h"

#define OUT_MAX ((size_t)4 << 20)

/* build/tests/unit/t_x -> build/keten-audit */
static bool
find_program(char out[512])
{
	char self[400];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return (false);
	self[n] = '\0';
	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(self, '/');

		if (slash == NULL)
			return (false);
		*slash = '\0';
	}
	(void)snprintf(out, 512, "%s/keten-audit", self);
	return (access(out, X_OK) == 0);
}

struct auditor *
auditor_new(void)
{
	struct auditor *a = calloc(1, sizeof(*a));

	if (a == NULL || !find_program(a->program)) {
		free(a);
		return (NULL);
	}
	a->out = calloc(1, OUT_MAX);
	a->c = chronicle_new();
	chronicle_story(a->c, &a->last);
	return (a);
}

void
auditor_free(struct auditor *a)
{
	char dir[64];

	if (a == NULL)
		return;
	memcpy(dir, a->c->dir, sizeof(dir));
	chronicle_free(a->c);
	chronicle_remove(dir);
	free(a->out);
	free(a);
}

int
auditor_setup(void **state)
{
	*state = auditor_new();
	if (*state == NULL)
		fprintf(stderr, "keten-audit was not built beside this "
				"test\n");
	return (*state == NULL ? -1 : 0);
}

int
auditor_teardown(void **state)
{
	auditor_free(*state);
	return (0);
}

/* $KETEN_SHARED may be relative to where the test was started. */
static void
fix_shared(void)
{
	const char *shared = getenv("KETEN_SHARED");
	char full[PATH_MAX];

	if (realpath(shared == NULL ? "../shared" : shared, full) != NULL)
		(void)setenv("KETEN_SHARED", full, 1);
}

int
auditor_setup_apart(void **state)
{
	char dir[] = "/tmp/keten-apart-XXXXXX";
	int rc = auditor_setup(state);

	if (rc != 0)
		return (rc);
	fix_shared();
	return (mkdtemp(dir) == NULL || chdir(dir) != 0 ? -1 : 0);
}

int
auditor_teardown_apart(void **state)
{
	char dir[PATH_MAX], command[PATH_MAX + 16];
	int rc = auditor_teardown(state);

	if (getcwd(dir, sizeof(dir)) == NULL || chdir("/") != 0 ||
	    strncmp(dir, "/tmp/keten-apart-", 17) != 0)
		return (-1);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return (system(command) == 0 ? rc : -1);
}

int
auditor_bare(struct auditor *a, const char *command)
{
	char line[2048];
	size_t len;
	FILE *f;
	int rc;

	(void)snprintf(line, sizeof(line), "%s %s 2>&1", a->program,
	    command);
	f = popen(line, "r");
	assert_non_null(f);
	len = fread(a->out, 1, OUT_MAX - 1, f);
	a->out[len] = '\0';
	rc = pclose(f);
	if (!WIFEXITED(rc))
		fail_msg("%s: ended by a signal\n%s", command, a->out);
	return (WEXITSTATUS(rc));
}

int
auditor_run(struct auditor *a, const char *dir, const char *command)
{
	char line[1600];
	bool is_verify = strncmp(command, "verify", 6) == 0;

	(void)snprintf(line, sizeof(line), "%s --store %s%s%s%s%s", command,
	    dir, is_verify ? " --threads 2 --vkey '" : "",
	    is_verify ? a->c->vkey : "",
	    is_verify ? "' --introducer " : "",
	    is_verify ? a->c->introducer_hex : "");
	return (auditor_bare(a, line));
}

void
auditor_expect(struct auditor *a, const char *dir, const char *command,
    int code)
{
	int is = auditor_run(a, dir, command);

	if (is != code)
		fail_msg("%s: %d instead of %d\n%s", command, is, code,
		    a->out);
}
