#ifndef ANSWER_H_
#define ANSWER_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "dropbox/ledger.h"
#include "map/kind.h"
#include "map/order.h"
#include "sdk/keten.h"

/*
 * answer -- what became of a file, beside that file.
 *
 *   name.uitkomst.txt   in done/: what was sent, in plain Dutch
 *   name.fout.txt       in failed/: what is wrong and what to do
 *   name.uitkomst.json  (or .csv) the same for a program, one entry per item;
 *                       of FHIR, the Task that came of it
 */
struct answer_item {
	const struct map_order *o;
	struct keten_outcome out;
	bool nothing; /* there was nothing to send */
};

struct answer {
	struct keten *k; /* all borrowed */
	struct ledger *l;
	const struct map_use *use;
	const struct answer_item *items;
	size_t n;
	bool is_many;
};

/**
 * answer_write(a, place, name):
 * Write the answer to the file ${name} that goes to ${place} (PLACE_DONE or
 * PLACE_FAILED).  ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err answer_write(const struct answer *a, enum place place,
    const char *name);

/**
 * answer_refuse(f, name, why, abuse):
 * Write the answer to the file ${name} that could not be taken, with
 * the sentence ${why}.  ${abuse}: it
 * is about suspicion of abuse, so say whom to call.
 */
MUST_CHECK enum err answer_refuse(const struct folder *f, const char *name,
    const char *why, bool abuse);

#endif /* !ANSWER_H_ */
