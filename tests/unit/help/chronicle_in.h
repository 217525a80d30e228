#ifndef CHRONICLE_IN_H_
#define CHRONICLE_IN_H_

#include "chronicle.h"
#include "wire/content.h"

/*
 * chronicle_in -- what chronicle.c (the machine) and chronicle_say.c (what
 * partners say) share.
 */

/** chronicle_must(err, what): End the process unless ${err} is ERR_OK. */
void chronicle_must(enum err err, const char *what);

/** chronicle_read(c, own): Return what to read through: the open turn, or
 * else ${own}, for store_done(). */
struct txn *chronicle_read(struct chronicle *c, struct txn **own);

/** chronicle_in(c, in): Begin a turn and fill ${in} for its decision. */
void chronicle_in(struct chronicle *c, struct decide_in *in);

/** chronicle_write(c, d, envelope, content): Append it and commit
 * when the turn is full. */
void chronicle_write(struct chronicle *c, const struct decision *d,
    struct slice envelope, const struct content *content);

#endif /* !CHRONICLE_IN_H_ */
