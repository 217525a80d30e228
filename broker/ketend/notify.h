#ifndef NOTIFY_H_
#define NOTIFY_H_

#include <stdint.h>

/*
 * notify -- what systemd is told: one datagram to $NOTIFY_SOCKET.
 *
 * Without systemd nothing happens.  Failing to tell it is never an error.
 */

/**
 * notify_send(fmt, ...):
 * Send one state, "READY=1" or "STATUS=...", lines parted by newlines.
 */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * notify_watchdog_ms():
 * Return how often WATCHDOG=1 has to be sent, in ms: half of what systemd
 * asks; 0 if it does not ask.
 */
int64_t notify_watchdog_ms(void);

#endif /* !NOTIFY_H_ */
