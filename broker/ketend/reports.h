#ifndef REPORTS_H_
#define REPORTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "ketend/counter.h"
#include "ketend/turn.h"

struct broker;

/*
 * reports -- what a regisseur oversees, for itself and for the operator.
 *
 * A month is counted once (counter.h) and published in the turn of whoever
 * asked first: its cells are in the log from then on, and every report about
 * it is made of those.  Each report that is given leaves an ACCESS record with
 * its digest.  A report is given in parts, each only to who has the duty of
 * oversight then; it is kept for that as shelf.h says.
 */
struct reports;

struct reports_ask {
	const char *what;   /* open, figures, gaps */
	const char *period; /* "": the last month */
	const char *format; /* text, json, csv */
	struct org who;	    /* only what it oversees; the empty one: all */
	const char *to;	    /* for the record: who gets it */
	bool is_metered;    /* ${who} asks itself, and no more than it may */
};

/* What became of it. */
struct reports_answer {
	enum err no;	  /* refused: why, */
	const char *rule; /*   constant */
	bool ready;
	struct counter_progress progress; /* not ready: so far */
	const char *text; /* of ${len} bytes, until the next report is made */
	size_t len;
	uint8_t sha256[32];
};

/**
 * reports_new(st):
 * Return an empty one, or NULL.  The caller must call reports_free().
 */
struct reports *reports_new(struct store *st);

/**
 * reports_make(b, ask, out):
 * Make the report ${ask} in this turn, or begin to, and write down that it was
 * given.  On failure the turn is spoilt.
 */
MUST_CHECK enum err reports_make(struct broker *b,
    const struct reports_ask *ask, struct reports_answer *out);

/**
 * reports_is(m), reports_judge(b, m), reports_answer(b, m):
 * Tell whether ${m} is the query for a report; make it, or find it, in the
 * stage of decisions; send the part that was asked for.
 */
bool reports_is(const struct message *m);
MUST_CHECK enum err reports_judge(struct broker *b, struct message *m);
void reports_answer(struct broker *b, struct message *m);

/**
 * reports_free(r):
 * Free ${r}.  reports_free(NULL) does nothing.
 */
void reports_free(struct reports *r);

#endif /* !REPORTS_H_ */
