#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/say.h"
#include "dropbox/hook.h"
#include "map/news.h"

void
hook_want(struct hook *h)
{
	h->wanted = true;
}

bool
hook_is_idle(const struct hook *h)
{
	return (h->pid == 0 && (!h->wanted || h->n == 0));
}

/* Nothing else is known to the command, not even our own surroundings. */
static int
spawn(struct hook *h, char *count, char *deadline)
{
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char lang[] = "LANG=C.UTF-8";
	char e_count[64], e_deadline[64], e_link[300];
	char *env[] = {path, lang, e_count, e_deadline, e_link, NULL};
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t files;
	sigset_t none;
	int rc;

	(void)snprintf(e_count, sizeof(e_count), "KETEN_COUNT=%s", count);
	(void)snprintf(e_deadline, sizeof(e_deadline), "KETEN_DEADLINE=%s",
	    deadline);
	(void)snprintf(e_link, sizeof(e_link), "KETEN_LINK=%s", h->link);
	h->argv[h->n] = count;
	h->argv[h->n + 1] = deadline;
	h->argv[h->n + 2] = h->link;
	h->argv[h->n + 3] = NULL;

	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	/* A group of its own, so that a run can be ended as a whole. */
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
	    "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&files, STDERR_FILENO,
	    STDOUT_FILENO);
	rc = posix_spawn(&h->pid, h->argv[0], &files, &attr, h->argv, env);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	h->argv[h->n] = NULL;
	return (rc);
}

bool
hook_is_due(const struct hook *h, int64_t mono_ms)
{
	return (h->n > 0 && h->pid == 0 && h->wanted &&
	    (!h->tried || mono_ms - h->last_ms >= h->every_ms));
}

void
hook_start(struct hook *h, int64_t mono_ms, size_t count, int64_t deadline_ms)
{
	char deadline[MAP_TIME], number[24];
	int rc;

	if (!hook_is_due(h, mono_ms))
		return;
	(void)snprintf(number, sizeof(number), "%zu", count);
	map_time(deadline_ms, deadline);
	h->wanted = false;
	h->tried = true;
	h->last_ms = mono_ms;
	h->runs++;
	rc = spawn(h, number, deadline);
	if (rc != 0) {
		h->pid = 0;
		h->failed++;
		say(SAY_HOOK, NULL, "de waarschuwingsopdracht start niet: %s",
		    strerror(rc));
	}
}

void
hook_watch(struct hook *h, int64_t mono_ms)
{
	int status = 0;
	pid_t pid;

	if (h->pid == 0)
		return;
	pid = waitpid(h->pid, &status, WNOHANG);
	if (pid == h->pid || (pid < 0 && errno == ECHILD)) {
		h->pid = 0;
		if (pid > 0 && (!WIFEXITED(status) ||
		    WEXITSTATUS(status) != 0)) {
			h->failed++;
			say(SAY_HOOK, NULL, "de waarschuwingsopdracht gaf een "
			    "fout terug");
		}
	} else if (mono_ms - h->last_ms > h->limit_ms) {
		say(SAY_HOOK, NULL, "de waarschuwingsopdracht duurde te lang "
		    "en is gestopt");
		(void)kill(-h->pid, SIGKILL);
		(void)waitpid(h->pid, &status, 0);
		h->pid = 0;
		h->failed++;
	}
}

void
hook_stop(struct hook *h)
{
	int status;

	if (h->pid != 0) {
		(void)kill(-h->pid, SIGKILL);
		(void)waitpid(h->pid, &status, 0);
	}
	for (size_t i = 0; i < h->n; i++)
		free(h->argv[i]);
	memset(h, 0, sizeof(*h));
}
