#ifndef REWRAP_H_
#define REWRAP_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"

struct broker;

/*
 * rewrap -- ask those who can open a sealed part to wrap it for who may now.
 *
 * After a logged ACCEPT, CONFIRM or TAKE_OVER the new holder needs wraps of
 * what is sealed; so does, of the offer note, a candidate that was asked
 * later.  The broker cannot make them: it asks the first connected of B,
 * former holders, custodian and R who has a wrap itself, and after a second
 * the next.  The ask carries the record that gives the right, with its proof
 * against a published checkpoint; whether to believe it is the SDK's business.
 *
 * In memory only: what is missing can be seen in the store, so a partner that
 * connects has its open work looked through.
 */
struct rewraps;

/**
 * rewraps_new():
 * Return an empty list, or NULL.  The caller must call rewraps_free().
 */
struct rewraps *rewraps_new(void);

/**
 * rewraps_connected(rw, who):
 * ${who} has connected: see whether it can help, or be helped, now.
 */
void rewraps_connected(struct rewraps *rw, const struct org *who);

/**
 * rewraps_turn(rw, b):
 * Take in what this turn's records want, and send the asks that are due.
 * Reads through turn.txn.  An error means that the store cannot be read.
 */
MUST_CHECK enum err rewraps_turn(struct rewraps *rw, struct broker *b);

/**
 * rewraps_next(rw):
 * Return the monotonic time at which rewraps_turn() has something to do;
 * INT64_MAX: nothing.
 */
int64_t rewraps_next(const struct rewraps *rw);

/**
 * rewraps_count(rw):
 * Return how many wait for a wrap.
 */
size_t rewraps_count(const struct rewraps *rw);

/**
 * rewraps_asked(rw):
 * Return for how many of them somebody is there who can make it: they may
 * come any moment.  A partner that has just connected and whose open work is
 * not looked through yet counts for one.
 */
size_t rewraps_asked(const struct rewraps *rw);

/**
 * rewraps_free(rw):
 * Free ${rw}.  rewraps_free(NULL) does nothing.
 */
void rewraps_free(struct rewraps *rw);

#endif /* !REWRAP_H_ */
