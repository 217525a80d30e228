#ifndef QUARANTINE_H_
#define QUARANTINE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/view.h"

struct broker;

/*
 * quarantine -- terms that passed, and erasures by rule, that cannot be written
 * down.
 *
 * A term comes due again after each start, so one that the broker cannot write
 * would end it each time.  Such a term is set apart instead, with an alarm, and
 * everything else goes on: at once when writing it fails, and after two
 * abnormal ends when it takes the process or the store with it (inhand.h).
 * What was set apart at once is tried again now and then.
 *
 * It never moves responsibility: the referral stays as it is, and the operator
 * is told which one it is.
 *
 * An erasure that the policy's rules ask for comes due again in the same way,
 * and stands here as a term NONE; its offer is the number of the rule.
 */
#define QUARANTINE_MAX 1024

/* Each that is set apart makes the turn begin again.  After so many the others
 * wait for the next turn, so that no number of them can end the broker. */
#define QUARANTINE_TURN 16

struct quarantine {
	size_t n;
	size_t n_turn; /* set apart in this turn */
	size_t next; /* the place of the oldest, once it is full */
	struct {
		struct view_due due;
		int64_t again_ms;
	} row[QUARANTINE_MAX];
};

/**
 * quarantine_has(b, due):
 * Tell whether ${due} is set apart.  The first time that this is because the
 * process ended over it, the alarm goes off.
 */
bool quarantine_has(struct broker *b, const struct view_due *due);

/**
 * quarantine_knows(q, due):
 * Tell whether ${due} is in the list, whenever it is tried again.
 */
bool quarantine_knows(const struct quarantine *q, const struct view_due *due);

/**
 * quarantine_take(b, due):
 * ${due} is being decided: if the process ends now, that was its doing.
 */
void quarantine_take(struct broker *b, const struct view_due *due);

/**
 * quarantine_add(b, due, err):
 * ${due} could not be written: set it apart, raise the alarm.
 */
void quarantine_add(struct broker *b, const struct view_due *due,
    enum err err);

/**
 * quarantine_turn(q), quarantine_may_try(q):
 * A turn begins; may something be tried in it that could have to be set apart?
 */
void quarantine_turn(struct quarantine *q);
bool quarantine_may_try(const struct quarantine *q);

/**
 * quarantine_done(b, due):
 * ${due} was written after all: it is suspected no longer.
 */
void quarantine_done(struct broker *b, const struct view_due *due);

/**
 * quarantine_erasure(id, number):
 * Return how the erasure of ${id} by rule ${number} stands here; no referral:
 * whole records.
 */
struct view_due quarantine_erasure(const struct refid *id, uint32_t number);

/**
 * quarantine_retry(b):
 * The rules are run: erasures whose time it is are set apart no longer.  One
 * that still cannot be written is set apart anew; one that nobody asks for any
 * more is gone.
 */
void quarantine_retry(struct broker *b);

/**
 * quarantine_again(q):
 * Return when the first term set apart is tried again; INT64_MAX if there is
 * none.  Erasures are tried when the rules are run, which has a time of its own.
 */
int64_t quarantine_again(const struct quarantine *q);

#endif /* !QUARANTINE_H_ */
