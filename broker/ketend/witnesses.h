#ifndef WITNESSES_H_
#define WITNESSES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/checkpoint.h"
#include "core/store.h"
#include "keten/v1/policy.pb-c.h"
#include "trust/note.h"

/*
 * witnesses -- the thread that asks witnesses for their signatures.
 *
 * Who they are and which keys they have says the policy; each has a folder
 * (core/postbox.h).  Everything that waits, waits here: a witness that is
 * slow, away or hostile costs nobody a millisecond, and its folder can be on
 * a share that hangs.  All are asked about the same checkpoint, so that one
 * gets the signatures of enough of them; when enough have signed, or nothing
 * comes for a while, the newest is next.  The owner of the store fetches each
 * signature and writes it down under its checkpoint in its next turn.
 *
 * What a witness refuses, it refuses for a reason that a person has to look
 * at: it is said once, and the witness is asked again a minute later.
 */
#define WITNESSES_MAX 16
#define WITNESSES_LINE 400
#define WITNESSES_NAME 64

struct witnesses;

/* A signature that was checked. */
struct cosigned {
	uint64_t size;
	size_t len;
	char line[WITNESSES_LINE]; /* with its newline */
};

struct witness_state {
	char name[WITNESSES_NAME];
	uint64_t size;	 /* the largest it signed; 0: none that we know of */
	int64_t signed_ms; /* when, by its own clock; 0: never */
	int refused;	 /* the status with which it refused last; 0: no */
	uint64_t has;	 /* how many records it says it saw */
};

struct witnesses_state {
	size_t n;
	size_t quorum;	  /* so many are enough */
	uint64_t size;	  /* records that enough of them have seen */
	uint64_t newest;  /* records in the newest checkpoint */
	int64_t lag_ms;	  /* how long there has been a newer one */
	uint64_t signatures;
	uint64_t refusals;
	bool is_late;	  /* longer than it may be */
	struct witness_state each[WITNESSES_MAX];
};

/**
 * witnesses_new(st, folder, late_ms, patience_ms):
 * Return the collector for the published checkpoints of ${st}, or NULL.
 * ${folder} holds a folder for each witness; both must outlive it.  A lag of
 * more than ${late_ms} is an alarm; a request without an answer for
 * ${patience_ms} is put anew.  The caller must call witnesses_free().
 */
struct witnesses *witnesses_new(struct store *st, const char *folder,
    int64_t late_ms, int64_t patience_ms);

/**
 * witnesses_start(w):
 * Start the thread.  ERR_NOMEM.
 */
MUST_CHECK enum err witnesses_start(struct witnesses *w);

/**
 * witnesses_set(w, doc):
 * The witnesses are those of the policy ${doc} from now on.  What is known of
 * one with the same name and key stays known.
 */
void witnesses_set(struct witnesses *w, const Keten__V1__Policy *doc);

/**
 * witnesses_published(w, size):
 * The checkpoint of ${size} records stands in the store.
 */
void witnesses_published(struct witnesses *w, uint64_t size);

/**
 * witnesses_fd(w):
 * Return the descriptor that becomes readable when a signature came.
 */
int witnesses_fd(const struct witnesses *w);

/**
 * witnesses_take(w, list, n):
 * Fetch at most ${n} signatures that were not fetched before; return how
 * many.
 */
size_t witnesses_take(struct witnesses *w, struct cosigned *list, size_t n);

/**
 * witnesses_stored(w, list, n):
 * The ${n} signatures ${list} are on the disk: what enough witnesses have
 * seen can be given out.
 */
void witnesses_stored(struct witnesses *w, const struct cosigned *list,
    size_t n);

/**
 * witnesses_size(w):
 * Return the size of the newest checkpoint with the signatures of enough
 * witnesses, 0 if there is none.
 */
uint64_t witnesses_size(struct witnesses *w);

/**
 * witnesses_look(w):
 * Say so if the lag has become an alarm, or has gone.  Now and then.
 */
void witnesses_look(struct witnesses *w);

/**
 * witnesses_state(w, state):
 * Store how it is with all of them in ${state}.
 */
void witnesses_state(struct witnesses *w, struct witnesses_state *state);

/**
 * witnesses_free(w):
 * Stop the thread and free ${w}.  witnesses_free(NULL) does nothing.
 */
void witnesses_free(struct witnesses *w);

#endif /* !WITNESSES_H_ */
