#ifndef SERVICE_H_
#define SERVICE_H_

#include "base/err.h"
#include "ketend/clockwork.h"
#include "ketend/settings.h"

struct broker;

/*
 * service -- ketend from start to stop: what is opened in which order, the
 * loop, and the way out.
 */

/**
 * service_check(set):
 * What `ketend -t` does beyond settings_read(): look at the files that ${set}
 * names and at the policy.  Every mistake is added to ${set}->conf; return how
 * many there are.
 */
size_t service_check(struct settings *set);

/**
 * service_open(set, kind, clock_file, b):
 * Open everything into the new broker ${b}, which listens then; the caller
 * gives it to service_close(), also on failure.  What went wrong is logged.
 * ${set} must outlive it.
 */
MUST_CHECK enum err service_open(struct settings *set,
    enum clockwork_kind kind, const char *clock_file, struct broker **b);

/**
 * service_run(b):
 * Serve until SIGTERM or SIGINT, then stop in good order.  Any error means
 * that the process must end now, without service_close().
 */
MUST_CHECK enum err service_run(struct broker *b);

/**
 * service_close(b):
 * Close everything and free ${b}.  service_close(NULL) does nothing.
 */
void service_close(struct broker *b);

#endif /* !SERVICE_H_ */
