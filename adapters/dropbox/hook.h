#ifndef HOOK_H_
#define HOOK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * hook -- tell a partner without a screen open that something waits.
 *
 * A command of the partner's own is run, without a shell, with three
 * arguments: how many files wait, the first deadline (UTC, or "" if there is
 * none), and a link; the same in KETEN_COUNT, KETEN_DEADLINE and KETEN_LINK.
 * Nothing else: a message goes through mail or a telephone, and who it is
 * about has no business there.  One run at a time, at most once per interval,
 * ended when it takes too long.
 */
#define HOOK_ARGS 16

struct hook {
	char *argv[HOOK_ARGS + 4]; /* the command, from the settings; owned */
	size_t n;		   /* 0: there is no command */
	char link[256];
	int64_t every_ms; /* between two runs */
	int64_t limit_ms; /* a run takes no longer */
	/* inside */
	bool wanted;
	bool tried;
	int64_t last_ms;
	pid_t pid; /* 0: none runs */
	uint64_t runs, failed;
};

/**
 * hook_want(h):
 * Something new waits.
 */
void hook_want(struct hook *h);

/**
 * hook_watch(h, mono_ms):
 * See whether a command that runs has ended, or end it; never waits for it.
 */
void hook_watch(struct hook *h, int64_t mono_ms);

/**
 * hook_is_due(h, mono_ms):
 * Tell whether the command should be started now.
 */
bool hook_is_due(const struct hook *h, int64_t mono_ms);

/**
 * hook_start(h, mono_ms, count, deadline_ms):
 * Start it, if it is due, to say that ${count} files wait, the first until
 * ${deadline_ms} (0: no deadline).
 */
void hook_start(struct hook *h, int64_t mono_ms, size_t count,
    int64_t deadline_ms);

/**
 * hook_is_idle(h):
 * Tell whether nothing runs and nothing is wanted.
 */
bool hook_is_idle(const struct hook *h);

/**
 * hook_stop(h):
 * End a command that still runs, and free the settings.
 */
void hook_stop(struct hook *h);

#endif /* !HOOK_H_ */
