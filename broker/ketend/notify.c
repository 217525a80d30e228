/*
 * notify -- what systemd is told.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ketend/notify.h"

/* The address of systemd; 0 if there is none. */
static socklen_t
address(struct sockaddr_un *to)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len;

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return (0);
	len = strlen(path);
	if (len >= sizeof(to->sun_path))
		return (0);
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, path, len);
	if (path[0] == '@') /* the abstract namespace begins with NUL */
		to->sun_path[0] = '\0';
	return ((socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

/**
 * notify_send(fmt, ...):
 * Send one state.
 */
void
notify_send(const char *fmt, ...)
{
	struct sockaddr_un to;
	socklen_t to_len;
	char text[512];
	va_list ap;
	int fd, n;

	if ((to_len = address(&to)) == 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		return;
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return;
	/* If systemd does not hear it, there is nobody else to tell. */
	(void)sendto(fd, text, (size_t)n, MSG_NOSIGNAL,
	    (const struct sockaddr *)&to, to_len);
	(void)close(fd);
}

/**
 * notify_watchdog_ms():
 * Return how often WATCHDOG=1 has to be sent.
 */
int64_t
notify_watchdog_ms(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	char *end;
	intmax_t us;

	if (text == NULL)
		return (0);
	us = strtoimax(text, &end, 10);
	if (*end != '\0' || us <= 0)
		return (0);
	return (us / 2000 > 0 ? us / 2000 : 1);
}
