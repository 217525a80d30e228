#ifndef COUNTER_H_
#define COUNTER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "core/openlist.h"
#include "core/period.h"
#include "core/store.h"
#include "keten/v1/facts.pb-c.h"

/*
 * counter -- the thread that reads the log for reports.
 *
 * Counting a month or listing what is open reads up to all there is, which
 * takes seconds; no turn waits for that.  There is one thread, and it does one
 * job at a time.  Whoever asks gets "not yet" and how far it is, and asks
 * again; what is ready waits to be fetched, and is thrown away when somebody
 * else needs the thread and it is spent, or nobody came for it any more.
 *
 * Whoever asks for something else meanwhile stands in line, once, until its
 * turn comes or it has not asked for some seconds: who asks faster does not
 * get more.  A place in the line has a price.
 */
struct counter;

/* Who asks, and when. */
struct counter_asker {
	struct org who; /* the empty one: the operator */
	int64_t mono_ms;
	/* Asked once for each place in the line; false: it cannot pay.  NULL:
	 * it need not. */
	bool (*pays)(void *cookie);
	void *cookie;
};

struct counter_progress {
	uint64_t done;
	uint64_t of; /* 0: nobody knows */
};

/**
 * counter_new(st):
 * Return a counter over ${st}, which must outlive it, or NULL.  Its thread is
 * made when it is first needed.  The caller must call counter_free().
 */
struct counter *counter_new(struct store *st);

/**
 * counter_month(c, month, asker, report, progress):
 * Store the counted ${month} in ${report}, which lives until the next call of
 * counter_month() or counter_open().  ERR_BUSY, with ${progress}: not yet.
 * ERR_TOO_FAST: ${asker} cannot pay.  Other errors are those of
 * survey_month(); they are told once.
 */
MUST_CHECK enum err counter_month(struct counter *c, uint32_t month,
    const struct counter_asker *asker, const Keten__V1__ReportFacts **report,
    struct counter_progress *progress);

/**
 * counter_spent(c):
 * The month that counter_month() gave is published: nobody needs it any more.
 */
void counter_spent(struct counter *c);

/**
 * counter_open(c, ask, asker, text, len, progress):
 * The same for the live list; ${ask} is copied.  Whoever asks again while it is
 * made, for the same partner in the same form, asks for that one.  The caller
 * takes over ${text}, and the next such question makes a new list.
 */
MUST_CHECK enum err counter_open(struct counter *c,
    const struct openlist_ask *ask, const struct counter_asker *asker,
    char **text, size_t *len, struct counter_progress *progress);

/**
 * counter_free(c):
 * Stop the thread and free ${c}.  counter_free(NULL) does nothing.
 */
void counter_free(struct counter *c);

#endif /* !COUNTER_H_ */
