#ifndef DROPIN_H_
#define DROPIN_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "dropbox/ledger.h"
#include "map/kind.h"
#include "sdk/keten.h"

/*
 * dropin -- from the spool to in/ (rule A of folder.h).
 */
struct dropin {
	struct keten *k;	   /* all borrowed */
	struct ledger *l;
	const struct map_use *use;
	const char *reader; /* name of our place in the spool's news */
	const char *actor;  /* who opens a person part; NULL: the device's */
	const char *partner;
	bool keeps; /* the spool knows that we keep what we read */
};

/**
 * dropin_step(in, wrote):
 * Write the oldest unread news to in/ and mark it read.  Set ${wrote} to
 * whether a file appeared.  ERR_NOT_FOUND when there is no news, ERR_IO,
 * ERR_NOMEM, ERR_STORE (the spool): nothing is lost, call it again.
 */
MUST_CHECK enum err dropin_step(struct dropin *in, bool *wrote);

#endif /* !DROPIN_H_ */
