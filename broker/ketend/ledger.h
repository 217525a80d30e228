#ifndef LEDGER_H_
#define LEDGER_H_

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "core/decide.h"
#include "ketend/turn.h"
#include "wire/content.h"

struct broker;

/*
 * ledger -- from a decision to a record of this turn.
 *
 * Everything that becomes a leaf goes through here: it gets its time and its
 * index, is appended in the turn's transaction, and leaves in the turn what
 * the stages after the commit need (struct made): the receipt, whose mailboxes
 * have one more, who needs wraps.  Nothing is sent and nothing outside the
 * turn changes, so that a turn can be undone.
 */

/* What goes into the record beside the facts. */
struct ledger_with {
	struct slice envelope;		/* empty for the broker's own */
	const struct content *content;	/* NULL: none */
	const struct org *sender;	/* NULL: the broker */
};

/**
 * ledger_in(b, in):
 * Fill ${in} for the next decision: policy, view, work arena, the time of its
 * leaf, its index, fresh random bytes.  The arena is reset.  ERR_CRYPTO if
 * there is no randomness.
 */
MUST_CHECK enum err ledger_in(struct broker *b, struct decide_in *in);

/**
 * ledger_write(b, d, with, made):
 * Append the decision ${d} and store the record in ${made} (may be NULL),
 * which is valid until the turn ends.  On failure the turn is spoilt.
 */
MUST_CHECK enum err ledger_write(struct broker *b, const struct decision *d,
    const struct ledger_with *with, struct made **made);

/**
 * ledger_tick(b, why), ledger_access(b, what, why):
 * Decide and write the record of the broker's clock; of ${what} being shown to
 * the operator.  Errors as above.
 */
MUST_CHECK enum err ledger_tick(struct broker *b, Keten__V1__TickWhy why);
MUST_CHECK enum err ledger_access(struct broker *b, const char *what,
    const char *why);

/**
 * ledger_report(b, who, what, why, report):
 * Write the record of ${report} being given to ${who}, or published.
 */
MUST_CHECK enum err ledger_report(struct broker *b, const char *who,
    const char *what, const char *why, const Keten__V1__ReportFacts *report);

#endif /* !LEDGER_H_ */
