/*
 * progress -- one line on a terminal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "audit/progress.h"
#include "base/instant.h"

#define EVERY_MS 250

void
progress_start(struct progress *p, const char *what, uint64_t of)
{
	p->what = what;
	p->of = of;
	p->began_mono_ms = instant_ms(CLOCK_MONOTONIC);
	p->shown_mono_ms = p->began_mono_ms;
	p->on = isatty(STDERR_FILENO) == 1;
}

void
progress_at(struct progress *p, uint64_t n)
{
	int64_t now, left;

	if (!p->on || n == 0)
		return;
	now = instant_ms(CLOCK_MONOTONIC);
	if (now - p->shown_mono_ms < EVERY_MS)
		return;
	p->shown_mono_ms = now;
	if (p->of < n) { /* nobody knows how many there are */
		(void)fprintf(stderr, "\r%s: %" PRIu64 "   ", p->what, n);
		return;
	}
	left = (int64_t)((double)(now - p->began_mono_ms) /
	    (double)n * (double)(p->of - n) / 1000.0);
	(void)fprintf(stderr,
	    "\r%s: %" PRIu64 " van %" PRIu64 ", nog %" PRId64 " s   ",
	    p->what, n, p->of, left);
}

void
progress_stop(struct progress *p)
{
	if (p->on && p->shown_mono_ms != p->began_mono_ms)
		(void)fprintf(stderr, "\r\033[K");
}
