#ifndef REWRAP_ASK_H_
#define REWRAP_ASK_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "core/checkpoint.h"
#include "core/decide.h"
#include "trust/seal.h"

struct broker;

/*
 * rewrap_ask -- one missing wrap: what is missing, who can help, the message.
 */
struct rewrap_job {
	struct refid referral;
	struct org to;
	bool note_only;	  /* a candidate: nothing but the offer note */
	uint64_t because; /* index + 1 of the record that gives the right; 0:
			     to be found */
	uint32_t turn;	  /* how many were asked already in this round */
	struct decide_piece after; /* the parts behind this one, if has_after */
	bool has_after;
	size_t left;	  /* how many were missing when it was asked last */
	/* A story can be as long as its parties like; so much of it is looked
	 * at in one go, and the next one begins where that ended. */
	uint64_t looked;  /* records before this one, for ${because}; */
	uint64_t found;	  /*   what was found of it, as index + 1 */
	struct decide_piece has; /* nothing is missing up to here, */
	bool has_some;	  /*   if this is set, */
	char key_id[SEAL_KEY_ID]; /* for this key */
	int64_t next_ms;  /* monotonic */
};

enum rewrap_outcome {
	REWRAP_DONE,   /* nothing is missing, or nobody may have it now */
	REWRAP_EARLY,  /* the checkpoint does not cover the record yet, or
			  there is more to look at */
	REWRAP_ASKED,  /* somebody was asked */
	REWRAP_ROUND,  /* everybody was asked once */
	REWRAP_NOBODY, /* nobody who could help is connected */
};

/**
 * rewrap_ask(b, j, cp, outcome):
 * Ask the next one for what ${j} misses, with a proof against ${cp} (size 0:
 * there is none yet).  Reads through turn.txn; uses the pack arena, which the
 * caller resets.  An error means that the store cannot be read.
 */
MUST_CHECK enum err rewrap_ask(struct broker *b, struct rewrap_job *j,
    const struct checkpoint *cp, enum rewrap_outcome *outcome);

#endif /* !REWRAP_ASK_H_ */
