#ifndef LIMITS_H_
#define LIMITS_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"

/*
 * limits -- how fast a partner may go, and how often it may be refused.
 *
 * A bucket per partner holds up to ${burst} commands and fills with ${rate} a
 * second; a refusal costs one of the day's budget.  In memory: a restart
 * begins with full buckets.
 */
struct limits;

/**
 * limits_new(rate, burst, refusals):
 * Return new limits, or NULL.  The caller must call limits_free().
 */
struct limits *limits_new(uint32_t rate, uint32_t burst, uint32_t refusals);

/* What is sealed is kept for years, so it counts: a command once for each of
 * these many bytes that were begun. */
#define LIMITS_CONTENT ((size_t)16 * 1024)

/**
 * limits_allow(l, who, content, mono_ms):
 * Take one command with ${content} bytes of content from the bucket of ${who}
 * and return true; false, and nothing taken, if there is not so much in it or
 * the day's refusals are used up.  A full bucket has enough for any command.
 */
bool limits_allow(struct limits *l, const struct org *who, size_t content,
    int64_t mono_ms);

/*
 * Questions and greetings have a bucket of their own, which no setting makes
 * small: a program that has lost its storage asks a lot, and may.  It only
 * keeps one partner from having the broker read for nobody else.
 */
#define LIMITS_ASK_RATE 1000
#define LIMITS_ASK_BURST 8000

/**
 * limits_ask(l, who, cost, mono_ms):
 * Take ${cost} from the bucket for questions of ${who} and return true; false,
 * and nothing taken, if there is not so much in it.
 */
bool limits_ask(struct limits *l, const struct org *who, uint32_t cost,
    int64_t mono_ms);

/**
 * limits_refused(l, who, mono_ms):
 * A command of ${who} was refused.
 */
void limits_refused(struct limits *l, const struct org *who, int64_t mono_ms);

/**
 * limits_is_spent(l, who, mono_ms):
 * Tell whether ${who} has no refusals left today: nothing more of it is looked
 * at that costs something to refuse.
 */
bool limits_is_spent(struct limits *l, const struct org *who,
    int64_t mono_ms);

/**
 * limits_free(l):
 * Free ${l}.  limits_free(NULL) does nothing.
 */
void limits_free(struct limits *l);

#endif /* !LIMITS_H_ */
