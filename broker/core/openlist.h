#ifndef OPENLIST_H_
#define OPENLIST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "core/sheet.h"
#include "core/store.h"
#include "core/survey.h"

/*
 * openlist -- what a regisseur has to keep an eye on now: referrals that are
 * open, late, not confirmed, or ended without anybody having read the outcome;
 * partners that cannot be reached; erasures that nobody confirmed.
 *
 * Of a referral: its id, age, holder and group of codes, and never more.  Who
 * has to act on it is a party to it and can ask for the rest under its own
 * name.  Made from the view, in a thread of its own as survey.h is.
 */

/* Somebody who is not connected; or never could be, without a device. */
struct openlist_away {
	struct org partner;
	int64_t since_ms;
	bool has_device;
};

struct openlist_ask {
	struct org who; /* only what it oversees; the empty one: all */
	int64_t now_ms;
	enum sheet_format format;
	const struct openlist_away *away; /* NULL: nobody knows who is */
	size_t n_away;
};

/* Outcomes that were closed unread stay in the list for so long. */
#define OPENLIST_UNREAD_DAYS 92

/**
 * openlist_write(t, ask, progress, text, len):
 * Write the list into the new ${text}, which the caller frees; ${len} bytes
 * and a NUL.  ERR_NOT_FOUND if there is no policy yet; ERR_TIMEOUT if it was
 * stopped; ERR_NOMEM; errors of view.h.  ${t} may be renewed.
 */
MUST_CHECK enum err openlist_write(struct txn *t,
    const struct openlist_ask *ask, const struct survey_progress *progress,
    char **text, size_t *len);

#endif /* !OPENLIST_H_ */
